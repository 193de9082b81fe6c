//! What an objective promises, in words and as data: over which time, and counted in what. It must not know who counts.

use super::paper;
use crate::app::feed::Burn;
use crate::config::amount;
use crate::config::blocks::Slo;
use crate::incident::impact::{counted, thousands};
use crate::incident::time::{Span, Time};
use crate::query::calendar::Window;
use crate::query::projection::Exhaustion;
use crate::query::state::State;
use serde_json::{Map, Value, json};

/// `99.95 % of 30 d`, `99.5 % of 1 min slices of the month in Europe/Paris`.
pub fn words(slo: &Slo) -> String {
    let slices = slo.slices.map(|slices| format!("{slices} slices of ")).unwrap_or_default();
    let zone = slo.window.calendar().map(|calendar| format!(" in {}", calendar.zone())).unwrap_or_default();
    format!("{} % of {slices}{}{zone}", amount::written(slo.target_ppm), slo.window)
}

/// What was counted: `43,200 events, 12 bad`; of slices how they are judged, how many do not count, and the events in them.
pub fn counts(slo: &Slo, burn: &Burn) -> String {
    let bad = thousands(burn.bad);
    let Some((slices, sliced)) = slo.slices.zip(burn.sliced) else {
        return format!("{}, {bad} bad", counted(burn.total, "event", "events"));
    };
    let all = counted(burn.total, "slice", "slices");
    let events = counted(sliced.events, "event", "events");
    let skipped = match sliced.skipped {
        0 => String::new(),
        n => format!("; {} without an event, not counted", thousands(n)),
    };
    let target = amount::written(slices.target_ppm);
    format!(
        "{all} of {slices}, {bad} bad with less than {target} % good{skipped}; {events}, {} bad",
        thousands(sliced.bad)
    )
}

/// How long a budget lasts at the recent rate, as a word for data and in words for people: it runs out, it does not, or that is not known.
pub fn lasts(burn: &Burn) -> (&'static str, String) {
    let rate = paper::length(burn.lasts_rate);
    let [_, five, hour] = burn.burn_milli;
    let none = |words: &str| ("not at this rate", words.to_owned());
    let unknown = |why: &str| ("unknown", format!("not known, because {why}"));
    match (burn.lasts, burn.lasts_ageing) {
        (Some(Span(0)), _) => ("spent", "nothing is left".into()),
        (Some(length), _) => ("until then", format!("{} at the rate of the last {rate}", paper::length(length))),
        (None, _) if burn.remaining_ppm.is_none() => unknown("nothing was counted in its window"),
        // what is not seen need not be nothing
        (None, _) if burn.state == State::Unproven => unknown("what tells good from bad was never seen"),
        (None, _)
            if burn.state == State::Partial && burn.good_since.is_none() && five.is_none_or(|milli| milli == 0) =>
        {
            unknown("not all that would be bad is seen")
        }
        // both figures are of the same minutes
        (None, Exhaustion::Unknown) => unknown(&format!("nothing is known about the last {rate}")),
        (None, _) if five == Some(0) => none("it does not run out: nothing fails now (0x in 5 m)"),
        (None, _) if hour.is_none_or(|milli| milli == 0) => {
            none(&format!("it does not run out at the rate of the last {rate}"))
        }
        (None, _) if burn.sliced.is_some() => none("it does not run out: the last slice was good"),
        (None, _) if five.is_none() => unknown("nothing is known about the last 5 min"),
        (None, _) => none(&format!("it does not run out at the rate of the last {rate}")),
    }
}

/// How long a budget lasts while its window moves on, in words; none where there is nothing to say beside the straight line.
pub fn ageing(slo: &Slo, burn: &Burn, as_of: Time) -> Option<String> {
    let until = |length: i64| format!("{}, until {}", paper::length(Span(length)), as_of.plus(Span(length)).iso());
    let anew = burn.renews.zip(slo.window.calendar());
    let anew = anew.map(|(renews, calendar)| format!("it begins anew on {}", calendar.said(renews.0)));
    match (burn.lasts_ageing, anew) {
        (Exhaustion::In(length), None) => Some(format!("{}, while old failures leave the window", until(length))),
        (Exhaustion::Never, None) if burn.lasts.is_some() => {
            Some("it is not spent within its window, since old failures leave it".into())
        }
        (Exhaustion::Already | Exhaustion::Never | Exhaustion::Unknown, None) => None,
        (Exhaustion::In(length), Some(_)) => Some(format!("{}, while what comes adds to the budget", until(length))),
        (Exhaustion::Never, Some(anew)) => Some(format!("not before {anew}")),
        (Exhaustion::Already, Some(anew)) => Some(format!("nothing is left until {anew}")),
        (Exhaustion::Unknown, Some(anew)) => Some(anew),
    }
}

/// The same as data: the figure's word.
pub fn ageing_word(burn: &Burn) -> &'static str {
    match burn.lasts_ageing {
        Exhaustion::Already => "spent",
        Exhaustion::In(_) => "until then",
        Exhaustion::Never if burn.renews.is_some() => "not before it begins anew",
        Exhaustion::Never => "not within its window",
        Exhaustion::Unknown => "unknown",
    }
}

/// The period of a calendar in words: `, 1 November 00:00 Paris to 1 December 00:00 Paris`.
pub fn period(slo: &Slo, at: Time) -> String {
    slo.window.calendar().map_or_else(String::new, |calendar| {
        let (first, next) = calendar.period(at.0);
        format!(", {} to {}", calendar.said(first), calendar.said(next))
    })
}

/// The promise as data, at a moment.
pub fn data(slo: &Slo, at: Time) -> Map<String, Value> {
    let mut data = Map::new();
    let mut add = |key: &str, value: Value| {
        data.insert(key.to_owned(), value);
    };
    add("target_ppm", json!(slo.target_ppm));
    add("window_s", json!(Span(slo.window.length(at.0)).as_seconds()));
    add(
        "calendar",
        match slo.window {
            Window::Rolling(_) => Value::Null,
            Window::Calendar(calendar) => {
                let (first, next) = calendar.period(at.0);
                json!({
                    "period": calendar.written(),
                    "starts": calendar.starts().format("%Y-%m-%d %H:%M").to_string(),
                    "zone": calendar.zone().name(),
                    "begins": Time(first).iso(),
                    "ends": Time(next).iso(),
                })
            }
        },
    );
    add("method", json!(if slo.slices.is_some() { "timeslices" } else { "occurrences" }));
    let slices =
        slo.slices.map(|slices| json!({"length_s": Span(slices.length).as_seconds(), "target_ppm": slices.target_ppm}));
    add("slices", json!(slices));
    data
}
