//! Frames as bytes: what ratatui's buffer means becomes what the terminal shows.
//!
//! What a frame changes is gathered and written in one `write`, bracketed by mode 2026; a frame that changes nothing writes
//! nothing. Colours are the sixteen named ones as SGR 30–37 and 90–97, never as `38;5;n`, which a terminal without 256 colours
//! may read as blink; every other colour is the default. Modifiers are bold, dim, italic, underline and reverse; others are left
//! out. It must not know: which terminal it writes to, how large that is, or what the screen shows.
//!
//! The difference between two frames is found here and not by ratatui's `Terminal`, which leaves the second half of a wide
//! character alone when something narrow replaces its first: terminals blank that half in the style of the newcomer (seen).
//!
//! Style and cursor visibility are remembered from frame to frame. The cursor's place is not: a broadcast message or a dying
//! `ssh` may have moved it, so each frame begins with an absolute move and a disturbance stays where it fell.

use std::io::{self, Write};
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};

use super::pen::Pen;
use super::sequence::{self, BELL, CURSOR_HIDDEN, CURSOR_SHOWN, FRAME, FRAME_END, csi_length, put_csi};

/// Writes frames into a terminal, or into anything in tests.
pub struct Encoder<W> {
    out: W,
    /// The bytes being gathered; empty until something changes.
    frame: Vec<u8>,
    /// What the terminal shows, while that is known.
    seen: Option<Buffer>,
    /// Cells to paint the next frame in.
    spare: Buffer,
    /// Clear before the next frame.
    clears: bool,
    /// Where the last byte left the cursor, while that is sure.
    at: Option<Position>,
    /// Nothing: unknown, set it whole.
    pen: Option<Pen>,
    /// Whether the terminal shows its cursor; nothing: unknown.
    shown: Option<bool>,
    /// Where it rests while it is shown.
    rests: Option<Position>,
    title: Vec<u8>,
}

impl<W: Write> Encoder<W> {
    /// An encoder for a terminal of which nothing is known.
    pub fn new(out: W) -> Encoder<W> {
        Encoder {
            out,
            frame: Vec::new(),
            seen: None,
            spare: Buffer::default(),
            clears: true,
            at: None,
            pen: None,
            shown: None,
            rests: None,
            title: Vec::new(),
        }
    }

    /// Forgets what the terminal is thought to show, and clears it before the next frame: after it was lent, or when a person
    /// asks for a fresh screen.
    pub fn forget(&mut self) {
        self.frame.clear();
        self.seen = None;
        self.clears = true;
        self.pen = None;
        self.shown = None;
        self.rests = None;
        self.title.clear();
    }

    /// Sets the title with the next frame, cleaned and cut, if it is another than before.
    pub fn title(&mut self, text: &str) {
        let bytes = sequence::title(text);
        if bytes != self.title {
            self.begin();
            self.frame.extend_from_slice(&bytes);
            self.title = bytes;
        }
    }

    /// Rings with the next frame.
    pub fn bell(&mut self) {
        self.begin();
        self.frame.extend_from_slice(BELL);
    }

    /// Paints a frame of a size into blank cells and writes what differs from the one before. `paint` says where the cursor is to
    /// be shown, if anywhere. After another size everything is written anew, without clearing. An error of the writer is given
    /// back; then nothing is known about the terminal.
    pub fn draw(&mut self, size: Size, paint: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        let mut meant = std::mem::take(&mut self.spare);
        meant.resize(Rect::from((Position::ORIGIN, size)));
        meant.reset();
        let cursor = paint(&mut meant);
        if self.clears {
            self.begin();
            self.use_pen(Pen::DEFAULT, false);
            self.frame.extend_from_slice(b"\x1b[2J");
            self.clears = false;
            self.seen = Some(Buffer::empty(meant.area));
        }
        let seen = self.seen.take().filter(|seen| seen.area == meant.area);
        self.put_difference(seen.as_ref(), &meant, 0..meant.area.height);
        self.put_cursor(cursor);
        self.spare = seen.unwrap_or_default();
        self.seen = Some(meant);
        self.write()
    }

    /// Paints some whole rows anew and writes what differs there. `paint` gets cells with anything in them and says which rows it
    /// painted; nothing says that it cannot. Answers whether that is now what the terminal shows; if not, nothing was written, and
    /// a whole frame is needed: what stands there is not known, has another size, or shows a cursor.
    pub fn redraw_rows(
        &mut self,
        size: Size,
        paint: impl FnOnce(&mut Buffer) -> Option<Vec<Range<u16>>>,
    ) -> io::Result<bool> {
        let area = Rect::from((Position::ORIGIN, size));
        let stands = self.seen.as_ref().is_some_and(|seen| seen.area == area);
        if !stands || self.clears || self.shown != Some(false) {
            return Ok(false);
        }
        let mut meant = std::mem::take(&mut self.spare);
        meant.resize(area);
        let rows = paint(&mut meant);
        if let Some(rows) = &rows
            && let Some(mut seen) = self.seen.take()
        {
            for rows in rows {
                self.put_difference(Some(&seen), &meant, rows.clone());
                for y in rows.clone() {
                    let (from, to) =
                        (usize::from(y) * usize::from(size.width), usize::from(y + 1) * usize::from(size.width));
                    if let (Some(old), Some(new)) = (seen.content.get_mut(from..to), meant.content.get_mut(from..to)) {
                        old.swap_with_slice(new);
                    }
                }
            }
            self.seen = Some(seen);
        }
        self.spare = meant;
        self.write()?;
        Ok(rows.is_some())
    }

    /// Writes every cell of some rows that the terminal does not show as it is meant.
    fn put_difference(&mut self, seen: Option<&Buffer>, meant: &Buffer, rows: Range<u16>) {
        let columns = meant.area.width;
        for y in rows {
            // Columns before this one may show something else than was written there.
            let mut unsure_to = if seen.is_some() { 0 } else { columns };
            let mut x = 0;
            while let Some(cell) = meant.cell((x, y)).filter(|_| x < columns) {
                let width = width(cell).min(columns - x);
                let before = seen.and_then(|seen| seen.cell((x, y)));
                if x < unsure_to || before != Some(cell) {
                    for covered in x..x + width {
                        let hidden = seen.and_then(|seen| seen.cell((covered, y)));
                        unsure_to = unsure_to.max(covered.saturating_add(hidden.map_or(1, reach)));
                    }
                    unsure_to = unsure_to.max(x.saturating_add(reach(cell)));
                    self.put_cell(Position { x, y }, cell, width);
                }
                x += width;
            }
        }
    }

    /// Writes one cell. `width` is the room it has, which is less than it takes only at the right edge.
    fn put_cell(&mut self, position: Position, cell: &Cell, width: u16) {
        self.begin();
        let symbol = Some(cell.symbol()).filter(|symbol| is_drawn(symbol) && symbol.cell_width() == width);
        self.move_to(position);
        self.use_pen(Pen::of(cell), symbol.is_none_or(|symbol| symbol == " "));
        let sure = symbol.is_none_or(has_sure_width);
        if symbol.is_none() || !sure {
            self.frame.extend(std::iter::repeat_n(b' ', usize::from(width)));
            self.at = Some(Position { x: position.x.saturating_add(width), y: position.y });
        }
        let Some(symbol) = symbol else { return };
        // Terminals disagree about how wide joined and newer characters are: blanks lie under them, and the next cell says its place
        // itself.
        self.move_to(position);
        self.frame.extend_from_slice(symbol.as_bytes());
        self.at = sure.then_some(Position { x: position.x.saturating_add(width), y: position.y });
    }

    /// Opens the frame before its first byte.
    fn begin(&mut self) {
        if self.frame.is_empty() {
            self.at = None;
            self.frame.extend_from_slice(FRAME);
        }
    }

    /// Changes the pen, unless what is written next looks the same with the one that is in use.
    fn use_pen(&mut self, to: Pen, blank: bool) {
        let same = self.pen.is_some_and(|pen| pen == to || (blank && pen.same_on_blanks(to)));
        if !same {
            to.put(self.pen, &mut self.frame);
            self.pen = Some(to);
        }
    }

    /// Moves the cursor in as few bytes as are sure. Beyond the last column a terminal's cursor is still in it, so only moves
    /// that begin at a known column are used from there: absolute ones and carriage return.
    fn move_to(&mut self, to: Position) {
        let (row, column) = (u32::from(to.y) + 1, u32::from(to.x) + 1);
        let Some(at) = self.at.replace(to) else {
            return put_csi(&mut self.frame, &[row, column], b'H');
        };
        if at == to {
            return;
        }
        let right = if at.y == to.y { to.x.checked_sub(at.x) } else { None };
        let down = to.y.checked_sub(at.y).filter(|down| (1..=3).contains(down));
        match (right, down) {
            (Some(right), _) if csi_length(&[u32::from(right)]) <= csi_length(&[column]) => {
                put_csi(&mut self.frame, &[u32::from(right)], b'C');
            }
            _ if at.y == to.y && to.x == 0 => self.frame.push(b'\r'),
            _ if at.y == to.y => put_csi(&mut self.frame, &[column], b'G'),
            (None, Some(down)) if self.down_is_shorter(down, to) => {
                self.frame.push(b'\r');
                self.frame.extend(std::iter::repeat_n(b'\n', usize::from(down)));
                if to.x > 0 {
                    put_csi(&mut self.frame, &[u32::from(to.x)], b'C');
                }
            }
            _ => put_csi(&mut self.frame, &[row, column], b'H'),
        }
    }

    /// Whether carriage return, line feeds and a step right are shorter than row and column.
    fn down_is_shorter(&self, down: u16, to: Position) -> bool {
        let step = if to.x > 0 { csi_length(&[u32::from(to.x)]) } else { 0 };
        1 + usize::from(down) + step < csi_length(&[u32::from(to.y) + 1, u32::from(to.x) + 1])
    }

    /// Puts the cursor where it is wanted, if it is not there.
    fn put_cursor(&mut self, wanted: Option<Position>) {
        if self.shown != Some(wanted.is_some()) {
            self.begin();
            self.frame.extend_from_slice(if wanted.is_some() { CURSOR_SHOWN } else { CURSOR_HIDDEN });
            self.shown = Some(wanted.is_some());
        }
        if let Some(place) = wanted.filter(|_| !self.frame.is_empty() || self.rests != wanted) {
            self.begin();
            self.move_to(place);
        }
        self.rests = wanted;
    }

    /// Writes what was gathered, if anything was.
    fn write(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.extend_from_slice(FRAME_END);
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        if written.is_err() {
            self.forget();
        }
        written
    }
}

/// Whether a symbol may reach the terminal: it takes room, and nothing in it controls anything. Text is cleaned long before; this
/// is the last place where an escape sequence could be stopped. Joiners belong to emoji and to several scripts and are let through.
fn is_drawn(symbol: &str) -> bool {
    match symbol.as_bytes() {
        [] => false,
        [byte] => byte.is_ascii_graphic() || *byte == b' ',
        _ => {
            symbol.chars().all(|c| sequence::is_shown(c) || c == '\u{200c}' || c == '\u{200d}')
                && symbol.cell_width() > 0
        }
    }
}

/// How many columns a cell takes: at least its own.
fn width(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() < 2 { 1 } else { symbol.cell_width().max(1) }
}

/// How many columns a cell takes in a terminal that does not join what we join.
fn reach(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() < 2 || has_sure_width(symbol) {
        return width(cell);
    }
    let mut room = [0; 4];
    let apart = symbol.chars().filter(|c| !c.is_control()).map(|c| c.encode_utf8(&mut room).cell_width());
    apart.fold(0, u16::saturating_add).max(width(cell))
}

/// One character from the plane whose widths have been settled for long.
fn has_sure_width(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    chars.next().is_some_and(|c| u32::from(c) < 0x1_0000) && chars.next().is_none()
}

#[cfg(test)]
mod tests;
