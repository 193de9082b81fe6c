//! A JSON array of events, as Honeycomb takes them in batches: where each object in it begins and ends, over one line or several. Several arrays may follow one
//! another. It must not know what objects say.

use super::csv::Piece;
use super::intake::{LONGEST_LINE, trimmed};

/// Whether a text begins an array of objects, as far as it goes.
#[must_use]
pub fn is_begun(text: &[u8]) -> bool {
    let inside = trimmed(text).strip_prefix(b"[").map(trimmed);
    inside.is_some_and(|inside| inside.is_empty() || inside.starts_with(b"{"))
}

/// The whole objects at the start of `bytes`, and up to where everything was looked at. If nothing more will come (`is_last`), the rest is a broken one.
#[must_use]
pub fn cut(bytes: &[u8], is_last: bool) -> (Vec<Piece>, usize) {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let between = rest.iter().position(|byte| !is_between(*byte)).unwrap_or(rest.len());
        at += between;
        let rest = rest.get(between..).unwrap_or(&[]);
        let line = rest.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let whole = if rest.starts_with(b"{") { object(rest) } else { None };
        let is_over = is_last || rest.len() > LONGEST_LINE;
        let (length, broken) = match (whole, line) {
            _ if rest.is_empty() => break,
            (Some(length), _) => (length, false),
            (None, Some(line)) if is_over || !rest.starts_with(b"{") => (line, true),
            (None, None) if is_over => (rest.len(), true),
            (None, _) => break,
        };
        pieces.push(Piece { start: at, end: at + length, broken });
        at += length;
    }
    (pieces, at)
}

/// What may stand between objects: also a byte order mark, and the zeros of a log that was cut while its writer kept its place.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',' | 0 | 0xef | 0xbb | 0xbf)
}

/// How long the object is that begins here; None where its end is not there.
fn object(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn cuts(text: &str, is_last: bool) -> (Vec<(&str, bool)>, usize) {
        let (pieces, whole) = cut(text.as_bytes(), is_last);
        (pieces.iter().map(|piece| (&text[piece.start..piece.end], piece.broken)).collect(), whole)
    }

    #[test]
    fn given_an_array_when_cut_then_each_object_is_one_wherever_lines_end() {
        assert!(is_begun(b"[{\"a\":1}") && is_begun(b"\xef\xbb\xbf[\n") && is_begun(b"[ \n {"));
        assert!(!is_begun(b"[2026-11-26] x") && !is_begun(b"{\"a\":[{}]}") && !is_begun(b""));
        let both = vec![("{\"a\":\"}]\\\"\"}", false), ("{\n\"b\":{}}", false)];
        assert_eq!(cuts("[{\"a\":\"}]\\\"\"},\n{\n\"b\":{}}]\n", false), (both, 26));
        assert_eq!(cuts("[{\"a\":1},{\"b\"", false), (vec![("{\"a\":1}", false)], 9));
        assert_eq!(cuts("[{\"a\":1},{\"b\"", true), (vec![("{\"a\":1}", false), ("{\"b\"", true)], 13));
        assert_eq!(cuts("[oops\n{}]", false), (vec![("oops\n", true), ("{}", false)], 9));
    }

    proptest! {
        #[test]
        fn objects_are_the_same_however_they_arrive(
            list in prop::collection::vec("\\{\"[a-z{}\\[\\], ]{0,6}\":[0-9]\\}", 0..9),
            at in any::<prop::sample::Index>(),
        ) {
            let text = format!("[{}]\n", list.join(",\n"));
            let bytes = text.as_bytes();
            let of = |bytes: &[u8], pieces: &[Piece]| pieces.iter().map(|p| String::from_utf8(bytes[p.start..p.end].to_vec()).unwrap()).collect::<Vec<_>>();
            let (early, whole) = cut(&bytes[..at.index(bytes.len() + 1)], false);
            let (late, _) = cut(&bytes[whole..], true);
            let seen = [of(bytes, &early), of(&bytes[whole..], &late)].concat();
            prop_assert_eq!(seen, list);
        }
    }
}
