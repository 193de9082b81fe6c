//! Where a mistake in a text is, and which known word was probably meant. It must not know what the words are for.

/// A mistake and the byte it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The byte of the text, from 0.
    pub place: usize,
    /// What is wrong there, without a full stop.
    pub what: String,
}

/// The line of a byte, from 1; a byte behind the text is on its last line.
pub fn line(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1
}

/// The known word nearest to this one, when it is near enough to be a slip.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "unknown KIND `word`; did you mean `this`", or else the words there are.
pub fn unknown<'a>(kind: &str, word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let word = word.escape_debug();
    match nearest(&word.to_string(), known.clone()) {
        Some(meant) => format!("unknown {kind} `{word}`; did you mean `{meant}`"),
        None => format!("unknown {kind} `{word}`; known are {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// What the TOML reader says, in our words where it names an unknown key.
pub fn of_toml(error: &toml::de::Error) -> Wrong {
    let place = error.span().map_or(0, |span| span.start);
    let message = error.message();
    // serde's fixed sentence: unknown field `a`, expected one of `b`, `c`
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let what = match words.split_first() {
        Some((word, known)) if message.starts_with("unknown field") => unknown("key", word, known.iter().copied()),
        _ => message.trim_end().trim_end_matches('.').replace('\n', ", "),
    };
    Wrong { place, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        assert_eq!(nearest("flagg", ["file", "flag", "flags"]), Some("flag"));
        assert_eq!(nearest("delcared", ["declared", "deployed"]), Some("declared"));
        assert_eq!(nearest("zzz", ["flag", "flags"]), None);
    }

    #[test]
    fn the_line_is_counted_from_one_and_never_beyond_the_text() {
        let text = "a\nb\nc";
        assert_eq!([line(text, 0), line(text, 1), line(text, 2), line(text, 99)], [1, 1, 2, 3]);
    }
}
