//! Words that a person typed or piped, made harmless before they are recorded. It must not know what they mean.

use crate::incident::command::LONGEST_TEXT;
use crate::liaison::clean;

/// Text of several lines: escape sequences, control and format characters are gone, line breaks stay. What is longer than an entry
/// holds stays longer, so that the rule refuses it and nothing is cut in silence.
pub fn words(text: &str) -> String {
    clean::clean_text(text, LONGEST_TEXT + 1).trim().to_string()
}

/// One line of at most `max` characters; what is cut ends in an ellipsis.
pub fn line(text: &str, max: usize) -> String {
    clean::clean(text, max).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_hostile_words_when_typed_then_they_are_harmless_and_too_long_ones_stay_too_long() {
        assert_eq!(words("a\u{1b}]52;c;aGk=\u{7}b\r\nc\u{202e}\n"), "ab\nc");
        assert_eq!(line("a\nb\u{1b}[2J", 10), "a b");
        assert!(words(&"x".repeat(LONGEST_TEXT * 2)).chars().count() > LONGEST_TEXT);
    }
}
