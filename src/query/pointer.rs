//! A place in a text that somebody wrote, to be pointed at. It must not know what the text means.

use super::filter::hidden;
use std::fmt;

/// How much of the text is shown before the place, and from it on, in characters.
const AROUND: usize = 50;

/// A place in a text. Displayed as two lines: the text around it, and a mark below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Where, in characters, counted from 1.
    pub position: usize,
    /// The text around the place, on one line.
    excerpt: String,
    /// How many characters of the excerpt stand before the place.
    before: usize,
}

impl Pointer {
    /// The place of a byte in a text; a byte beyond the end is at its end.
    #[must_use]
    pub fn at(text: &str, byte: usize) -> Pointer {
        let (before, after) = text.split_at_checked(byte.min(text.len())).unwrap_or((text, ""));
        let characters = before.chars().count();
        let kept = characters.min(AROUND);
        let near = before.chars().skip(characters - kept).chain(after.chars().take(AROUND));
        let excerpt = near.map(|c| if hidden(c) { ' ' } else { c }).collect();
        Pointer { position: characters + 1, excerpt, before: kept }
    }

    /// The same place in a longer text, which has so many characters before this one.
    #[must_use]
    pub fn behind(self, characters: usize) -> Pointer {
        Pointer { position: self.position + characters, ..self }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}\n  {:width$}^", self.excerpt, "", width = self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_place_in_a_long_text_when_shown_then_the_mark_is_below_it() {
        let text = format!("{}\u{202e}é = x{}", "ü".repeat(70), "y".repeat(90));
        let pointer = Pointer::at(&text, text.find('x').unwrap_or(0));
        assert_eq!(pointer.position, 76);
        let shown = pointer.to_string();
        let (line, mark) = shown.split_once('\n').unwrap_or_default();
        assert_eq!(line.chars().nth(mark.chars().count() - 1), Some('x'), "{shown}");
        assert!(line.chars().count() <= 2 + 2 * AROUND && !line.contains('\u{202e}'), "{shown}");
        assert_eq!(Pointer::at("ab", 99).to_string(), "  ab\n    ^");
    }
}
