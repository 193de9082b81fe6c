//! What the terminal writes with (colours and modifiers), and the fewest bytes that change it.
//!
//! It must not know: what is written, where, or what a colour means.

use ratatui::buffer::Cell;
use ratatui::style::Modifier;

use super::sequence::put_number;
use crate::view::theme;

/// Modifiers with the codes that switch them on and off (ECMA-48 SGR). Bold and dim share their off.
const MODIFIERS: [(Modifier, u8, u8); 5] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
];

/// Modifiers that show on a blank.
const SHOWN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED);

/// What the terminal writes with: codes of foreground and background, and modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    foreground: u8,
    background: u8,
    modifiers: Modifier,
}

impl Pen {
    /// The terminal's own colours and no modifier.
    pub const DEFAULT: Pen = Pen { foreground: 39, background: 49, modifiers: Modifier::empty() };

    /// The pen for a cell. A colour that is not one of the sixteen is the default, an unknown modifier is left out.
    pub fn of(cell: &Cell) -> Pen {
        let known = MODIFIERS.iter().fold(Modifier::empty(), |all, (modifier, _, _)| all.union(*modifier));
        Pen {
            foreground: theme::foreground_code(cell.fg),
            background: theme::foreground_code(cell.bg) + 10,
            modifiers: cell.modifier.intersection(known),
        }
    }

    /// Whether a blank looks the same with either pen.
    pub fn same_on_blanks(self, other: Pen) -> bool {
        let either = self.modifiers.union(other.modifiers);
        self.background == other.background && !either.intersects(SHOWN_ON_BLANKS)
    }

    /// Writes what takes the terminal from one pen to this one; from nothing, if it is unknown. Of the two ways, all anew or
    /// only what changes, the shorter is kept.
    pub fn put(self, from: Option<Pen>, out: &mut Vec<u8>) {
        let start = out.len();
        self.put_whole(out);
        let Some(from) = from else { return };
        let middle = out.len();
        self.put_step(from, out);
        if out.len() - middle < middle - start {
            out.drain(start..middle);
        } else {
            out.truncate(middle);
        }
    }

    /// Reset, then what differs from the default.
    fn put_whole(self, out: &mut Vec<u8>) {
        if self == Pen::DEFAULT {
            return out.extend_from_slice(b"\x1b[m");
        }
        out.extend_from_slice(b"\x1b[0");
        for (modifier, on, _) in MODIFIERS {
            put_code_if(out, self.modifiers.contains(modifier), on);
        }
        put_code_if(out, self.foreground != Pen::DEFAULT.foreground, self.foreground);
        put_code_if(out, self.background != Pen::DEFAULT.background, self.background);
        out.push(b'm');
    }

    /// Only what changes.
    fn put_step(self, from: Pen, out: &mut Vec<u8>) {
        let mut on = from.modifiers;
        out.extend_from_slice(b"\x1b[");
        let start = out.len();
        for (modifier, _, off) in MODIFIERS {
            if on.contains(modifier) && !self.modifiers.contains(modifier) {
                put_code_if(out, true, off);
                MODIFIERS.iter().filter(|(_, _, shared)| *shared == off).for_each(|(other, _, _)| on.remove(*other));
            }
        }
        for (modifier, code, _) in MODIFIERS {
            put_code_if(out, self.modifiers.contains(modifier) && !on.contains(modifier), code);
        }
        put_code_if(out, from.foreground != self.foreground, self.foreground);
        put_code_if(out, from.background != self.background, self.background);
        // The first code needs no semicolon before it.
        if out.get(start) == Some(&b';') {
            out.remove(start);
        }
        out.push(b'm');
    }
}

fn put_code_if(out: &mut Vec<u8>, wanted: bool, code: u8) {
    if wanted {
        out.push(b';');
        put_number(out, u32::from(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: u8 = 31;
    const BOLD: Modifier = Modifier::BOLD;
    const DIM: Modifier = Modifier::DIM;

    fn pen(foreground: u8, modifiers: Modifier) -> Pen {
        Pen { foreground, modifiers, ..Pen::DEFAULT }
    }

    fn change(from: Pen, to: Pen) -> String {
        let mut out = Vec::new();
        to.put(Some(from), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn given_two_pens_when_changed_then_the_fewest_codes_are_written() {
        let none = Modifier::empty();
        assert_eq!(change(Pen::DEFAULT, pen(RED, none)), "\x1b[31m");
        assert_eq!(change(pen(RED, none), Pen::DEFAULT), "\x1b[m");
        assert_eq!(change(pen(RED, BOLD), pen(RED, none)), "\x1b[22m");
        assert_eq!(change(pen(39, BOLD.union(DIM)), pen(39, BOLD)), "\x1b[0;1m");
        assert_eq!(change(pen(RED, BOLD.union(DIM)), pen(RED, DIM)), "\x1b[22;2m");
        assert_eq!(change(pen(RED, BOLD), Pen { background: 40, ..pen(96, BOLD) }), "\x1b[96;40m");
    }

    #[test]
    fn given_a_modifier_that_is_not_ours_when_a_cell_is_written_then_it_is_left_out() {
        let mut cell = Cell::new("x");
        cell.modifier = Modifier::RAPID_BLINK.union(BOLD);
        assert_eq!(Pen::of(&cell), pen(39, BOLD));
    }
}
