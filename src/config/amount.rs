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
