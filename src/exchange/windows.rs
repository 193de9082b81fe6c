//! OpenSLO's words for windows and slices: `timeWindow`, `timeSliceWindow`, `timeSliceTarget` (its v1 specification and schema). It must not know
//! what is counted in them.

use super::members::unknown;
use super::openslo::{text_of, up_to_all};
use crate::query::calendar::{Calendar, Unfit, Unit, Window};
use crate::query::series::{DAY, HOUR, MINUTE, SECOND};
use crate::query::slices::Slices;
use chrono_tz::Tz;
use serde_json::{Value, json};

/// The number and the letter of a length in OpenSLO's shorthand.
fn shorthand(text: &str) -> Option<(u32, char)> {
    let letter = text.chars().next_back()?;
    text.strip_suffix(letter)?.parse().ok().map(|count| (count, letter))
}

/// A length in OpenSLO's shorthand, µs; months, quarters and years as the days that a rolling window takes for them.
fn length(text: &str) -> Option<i64> {
    let (count, letter) = shorthand(text)?;
    let unit = match letter {
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        'M' => 30 * DAY,
        'Q' => 90 * DAY,
        'Y' => 365 * DAY,
        _ => return None,
    };
    i64::from(count).checked_mul(unit)
}

/// A length as it is written there.
fn letters(length: i64) -> String {
    match () {
        () if length % DAY == 0 => format!("{}d", length / DAY),
        () if length % HOUR == 0 => format!("{}h", length / HOUR),
        () => format!("{}m", length / MINUTE),
    }
}

/// Says what a window has that is not known, by its path.
pub(super) fn unknown_in(said: &Value, against: &mut Vec<String>) {
    unknown(said, "timeWindow.", &["duration", "isRolling", "calendar"], against);
    unknown(&said["calendar"], "timeWindow.calendar.", &["startTime", "timeZone"], against);
}

/// A window: rolling, or the periods of a calendar.
///
/// # Errors
/// It is neither, or cannot be kept: what and why.
pub(super) fn read(said: &Value) -> Result<Window, String> {
    let duration = text_of(said, "duration").unwrap_or_default();
    let Some(calendar) = said.get("calendar") else {
        if said.get("isRolling") != Some(&Value::Bool(true)) {
            return Err("timeWindow neither is rolling nor has a calendar".into());
        }
        let length = length(duration).filter(|length| *length > 0);
        return length.map(Window::Rolling).ok_or_else(|| "timeWindow.duration is no length like 30d".into());
    };
    let unit = |letter: char| Unit::ALL.iter().find(|(.., known)| *known == letter).map(|(unit, ..)| *unit);
    let period = shorthand(duration).and_then(|(count, letter)| unit(letter).map(|unit| (count, unit)));
    let (count, unit) = period.ok_or(
        "timeWindow.duration of a calendar is no days, weeks, months, quarters or years, as 7d, 1w, 1M, 1Q and 1Y are",
    )?;
    let starts = text_of(calendar, "startTime").and_then(Calendar::start);
    let starts = starts.ok_or("timeWindow.calendar.startTime is no time like 2026-01-01 12:00:00")?;
    let zone = text_of(calendar, "timeZone").and_then(|name| name.parse().ok());
    let zone = zone.ok_or("timeWindow.calendar.timeZone is no zone like Europe/Paris")?;
    let calendar = Calendar::new(count, unit, starts, zone).map_err(|unfit| match unfit {
        Unfit::Length => "timeWindow.duration of a calendar is longer than a year, or nothing",
        Unfit::Start => "timeWindow.calendar.startTime is not on a quarter of an hour",
    });
    Ok(Window::Calendar(calendar?))
}

/// A number of minutes that are whole seconds, up to a year of them.
fn minutes(number: f64) -> Option<i64> {
    let seconds = number * 60.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most a year's seconds")]
    let whole = seconds as i64;
    (seconds.fract() == 0.0 && (0.0..=366.0 * 86_400.0).contains(&seconds)).then(|| whole * SECOND)
}

/// The slices of an objective; what cannot be kept is said `against` it. A number alone is minutes (its README).
pub(super) fn slices(one: &Value, against: &mut Vec<String>) -> Option<Slices> {
    let target_ppm = one.get("timeSliceTarget").and_then(up_to_all);
    let slice = one.get("timeSliceWindow");
    let minutes = slice.and_then(Value::as_f64).and_then(minutes);
    let length = minutes.or_else(|| slice.and_then(Value::as_str).and_then(length)).filter(|length| *length > 0);
    if target_ppm.is_none() {
        against.push("objectives.timeSliceTarget is no share up to 1 with at most six digits".into());
    }
    if length.is_none() {
        against.push("objectives.timeSliceWindow is no length like 1m".into());
    }
    Some(Slices { length: length?, target_ppm: target_ppm? })
}

/// A window as it is written there.
pub(super) fn written(window: Window) -> Value {
    match window {
        Window::Rolling(length) => json!({"duration": letters(length), "isRolling": true}),
        Window::Calendar(calendar) => {
            // its schema wants a name with a slash
            let zone = if calendar.zone() == Tz::UTC { Tz::Etc__UTC } else { calendar.zone() };
            json!({
                "duration": calendar.shorthand(),
                "isRolling": false,
                "calendar": {"startTime": calendar.starts().format("%Y-%m-%d %H:%M:%S").to_string(), "timeZone": zone.name()},
            })
        }
    }
}

/// Puts slices into an objective.
pub(super) fn put(objective: &mut Value, slices: Slices) {
    objective["timeSliceTarget"] = (f64::from(slices.target_ppm) / 1e6).into();
    objective["timeSliceWindow"] = match slices.length {
        length if length % MINUTE == 0 => letters(length).into(),
        // it has no letter for seconds
        length => ((length / SECOND) as f64 / 60.0).into(),
    };
}
