//! ClickHouse's words: answers as `JSONCompact`, errors as text. An error can follow the beginning of an answer that said 200; newer servers write it
//! into the JSON as `exception`. Numbers of 64 bits are quoted by older servers and bare in newer ones; what is no number is `null`.

use crate::liaison::clean;
use serde::Deserialize;
use serde_json::Value;

/// What is shown of an error.
const SHOWN: usize = 240;

/// Rows, each a list of values.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// The rows.
    pub(super) data: Vec<Vec<Value>>,
    #[serde(default)]
    exception: Option<String>,
}

impl Answer {
    /// Reads an answer; its error if it holds one; nothing if it is neither.
    pub(super) fn read(body: &[u8]) -> Result<Answer, Option<Fault>> {
        match serde_json::from_slice::<Answer>(body) {
            Ok(Answer { exception: Some(words), .. }) => Err(Some(Fault::read(words.as_bytes()).unwrap_or_default())),
            Ok(answer) => Ok(answer),
            Err(_) => Err(Fault::read(body)),
        }
    }
}

/// What it says about an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// The number of its kind (ClickHouse, `ErrorCodes.cpp`).
    pub(super) code: u32,
    /// Its words, cleaned, without what the server adds for its makers.
    pub(super) words: String,
}

impl Fault {
    /// Finds the last error in a text.
    pub(super) fn read(body: &[u8]) -> Option<Fault> {
        let text = String::from_utf8_lossy(body);
        let said = text.rfind("Code: ").and_then(|at| text.get(at + 6..))?;
        let digits = said.find(|c: char| !c.is_ascii_digit()).unwrap_or(said.len());
        let (code, rest) = said.split_at(digits);
        let code = code.parse().ok()?;
        let words = rest.split_once("DB::Exception: ").map_or(rest, |(_, words)| words);
        let words = [", e.what()", " (version ", ", Stack trace"]
            .iter()
            .fold(words, |words, end| words.split(end).next().unwrap_or_default());
        Some(Fault { code, words: format!("code {code}, {}", clean::clean(words.trim().trim_end_matches('.'), SHOWN)) })
    }
}

/// A number, quoted or bare; none for `null`.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<f64>().ok().filter(|number| number.is_finite()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_numbers_quoted_or_bare_when_read_then_they_are_the_same_and_null_is_none() {
        for (text, expected) in [
            ("\"42\"", Some(42.0)),
            ("42", Some(42.0)),
            ("1.5", Some(1.5)),
            ("null", None),
            ("\"nan\"", None),
            ("[]", None),
        ] {
            assert_eq!(number(Some(&serde_json::from_str(text).unwrap())), expected, "{text}");
        }
        assert_eq!(number(None), None);
    }

    #[test]
    fn given_errors_of_old_and_new_servers_when_read_then_their_words_remain() {
        let old =
            b"Code: 60, e.displayText() = DB::Exception: Table default.nix doesn't exist., e.what() = DB::Exception\n";
        let new = b"Code: 60. DB::Exception: Table default.nix does not exist. (UNKNOWN_TABLE) (version 26.9.1.1 (official build))\n";
        assert_eq!(Fault::read(old).unwrap().words, "code 60, Table default.nix doesn't exist");
        assert_eq!(Fault::read(new).unwrap().words, "code 60, Table default.nix does not exist. (UNKNOWN_TABLE)");
        assert_eq!(Fault::read(b"<html>no"), None);
        assert_eq!(Fault::read(b"Code: x"), None);
    }

    #[test]
    fn given_an_error_after_rows_when_read_then_it_is_an_error() {
        let cut = b"{\"data\":[[\"1\",\"2\",\"3\"]Code: 395, e.displayText() = DB::Exception: thrown, e.what() = DB::Exception";
        assert_eq!(Answer::read(cut).unwrap_err().unwrap().code, 395);
        let inside = b"{\"data\":[[1,2,3]],\"exception\":\"Code: 395. DB::Exception: thrown (version 25.1)\"}";
        assert_eq!(Answer::read(inside).unwrap_err().unwrap().words, "code 395, thrown");
        assert!(Answer::read(b"{\"data\":[[1,").unwrap_err().is_none());
        assert_eq!(Answer::read(b"{\"data\":[[1,\"2\",null]],\"rows\":1}").unwrap().data.len(), 1);
    }
}
