//! A value of the file in words, and as a number within a range. It must not know which option it belongs to.

use super::trouble::shown;
use std::ops::RangeInclusive;
use toml::de::{DeInteger, DeValue};

/// A number within a range; else what is wrong with it.
pub(super) fn ranged<T: TryFrom<i64> + PartialOrd>(
    number: &DeInteger<'_>,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let found = whole(number).and_then(|n| T::try_from(n).ok()).filter(|n| range.contains(n));
    found.ok_or_else(|| format!("is {}, which is out of range", shown(&number.to_string())))
}

/// A number that fits.
pub(super) fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// What stands there, with its article.
pub(super) fn said(value: &DeValue<'_>) -> String {
    match value.type_str() {
        kind @ ("integer" | "array") => format!("an {kind}"),
        kind => format!("a {kind}"),
    }
}

/// What is wrong with it when it is of another type than wanted.
pub(super) fn is_not(value: &DeValue<'_>) -> String {
    format!("is {}", said(value))
}
