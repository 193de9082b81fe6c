//! Lengths of time and percentages as people write them, read exactly: no float is ever made. It must not know where they stand.

use crate::incident::time::{HOUR, MINUTE, SECOND, Span};

/// Reads `90s`, `5m`, `6h` or `30d`; `None` when it is not a whole number with one of these units, or does not fit.
pub fn length(text: &str) -> Option<Span> {
    let text = text.trim();
    let unit = match text.chars().next_back()? {
        's' => SECOND,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => 24 * HOUR,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(unit).map(Span)
}

/// Reads `99.95` or `99.95 %` as integers per million: 999,500. `None` when it is no decimal number between 0 and 100 (both left out) or has
/// more than four decimals.
pub fn percent(text: &str) -> Option<u32> {
    share(text).filter(|ppm| *ppm < 1_000_000)
}

/// The same with 100 among them.
pub fn share(text: &str) -> Option<u32> {
    let text = text.trim();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 4 || whole.len() > 3 {
        return None;
    }
    // 1 percent is 10,000 per million, so four decimals are exact
    let ppm = format!("{whole}{decimals:0<4}").parse::<u32>().ok()?;
    (1..=1_000_000).contains(&ppm).then_some(ppm)
}

/// The least share of good events that is a promise, per million: who promises less than half has meant something else, such as 0.9995 for 99.95.
const LEAST_PROMISE: u32 = 500_000;
/// The same of the events of a slice.
const LEAST_OF_SLICE: u32 = 10_000;

/// Reads what was promised, `99.95`, as integers per million.
///
/// # Errors
/// It is no percentage, or too little to be meant: a text that follows what was written, empty where nothing more can be said.
pub fn promise(text: &str) -> Result<u32, String> {
    percent(text).filter(|ppm| *ppm >= LEAST_PROMISE).ok_or_else(|| meant(text))
}

/// The same of the events of a slice, where all of them may be promised.
///
/// # Errors
/// As [`promise`].
pub fn promise_of_slice(text: &str) -> Result<u32, String> {
    share(text).filter(|ppm| *ppm >= LEAST_OF_SLICE).ok_or_else(|| meant(text))
}

/// What somebody meant who wrote a share of one, as other tools take it.
fn meant(text: &str) -> String {
    let decimals =
        text.trim().strip_prefix("0.").filter(|rest| rest.len() <= 6 && rest.bytes().all(|b| b.is_ascii_digit()));
    let ppm = decimals.and_then(|rest| format!("{rest:0<6}").parse::<u32>().ok()).filter(|ppm| *ppm >= LEAST_PROMISE);
    ppm.map_or_else(String::new, |ppm| format!(", a share of one; in percent that is {}", written(ppm)))
}

/// Integers per million as [`percent`] reads them: 999,500 is `99.95`.
pub fn written(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_share_when_written_then_it_is_read_as_the_same() {
        for ppm in [1, 10, 500_000, 990_000, 999_000, 999_500, 999_970, 999_999] {
            assert_eq!(percent(&written(ppm)), Some(ppm), "{}", written(ppm));
        }
        assert_eq!((written(999_500).as_str(), written(900_000).as_str()), ("99.95", "90"));
    }

    #[test]
    fn given_a_length_when_read_then_it_is_exact_or_refused() {
        assert_eq!(length("5m"), Some(Span::minutes(5)));
        assert_eq!(length("90s"), Some(Span::seconds(90)));
        assert_eq!(length("30d"), Some(Span(30 * 24 * HOUR)));
        for bad in ["", "m", "5", "5 m", "-5m", "+5m", "1.5h", "5w", "9223372036854775807d", "５m", "5é"] {
            assert_eq!(length(bad), None, "{bad}");
        }
    }

    #[test]
    fn given_a_promise_that_nobody_makes_when_read_then_it_is_refused_with_what_was_meant() {
        assert_eq!(
            (promise("99.95"), promise("50"), promise_of_slice("100")),
            (Ok(999_500), Ok(500_000), Ok(1_000_000))
        );
        for (text, percent) in [("0.9995", "99.95"), ("0.99", "99"), ("0.999999", "99.9999"), (" 0.5 ", "50")] {
            let meant = format!(", a share of one; in percent that is {percent}");
            assert_eq!((promise(text), promise_of_slice(text)), (Err(meant.clone()), Err(meant)), "{text}");
        }
        for text in ["49.9999", "0.4", "0.0001", "100", "0.9999999", "0", "1", "99,95", "0.99 %"] {
            assert_eq!(promise(text), Err(String::new()), "{text}");
        }
    }

    #[test]
    fn given_a_percentage_when_read_then_it_is_exact_or_refused() {
        assert_eq!(percent("99.95"), Some(999_500));
        assert_eq!(percent("99.95 %"), Some(999_500));
        assert_eq!(percent("99.9999"), Some(999_999));
        assert_eq!(percent("99"), Some(990_000));
        assert_eq!(percent("0.0001"), Some(1));
        assert_eq!((share("100 %"), share("99.5"), share("100.0001")), (Some(1_000_000), Some(995_000), None));
        for bad in ["", "0", "100", "100.0", "99.99999", "-1", "1e1", "nan", "99.", ".5", "99,95", "4294967296"] {
            assert_eq!(percent(bad), None, "{bad}");
        }
    }
}
