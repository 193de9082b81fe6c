//! Over which time a promise is kept and what its budget is counted in, as configured. It must not know how anything is counted.

use super::amount;
use super::options::Kind;
use super::read::{Reader, Rows, Written};
use super::trouble::{ConfigTrouble, known_instead, shown};
use crate::app::fault::nearest;
use crate::incident::time::{HOUR, Span};
use crate::query::calendar::{Calendar, QUARTER_HOUR, Unfit, Unit, Window};
use crate::query::slices::{self, Slices};
use chrono_tz::Tz;

/// The window that nobody wrote, µs.
const USUAL: i64 = 30 * 24 * HOUR;
/// The shortest and the longest rolling window.
const ROLLING: (Span, Span) = (Span(HOUR), Span(400 * 24 * HOUR));

/// The window of an `[[slo]]`; None where something is wrong with it, which the reader keeps.
pub fn window(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<Window> {
    let troubles = reader.troubles.len();
    let [written, starts, zone] = ["window", "starts", "zone"].map(|key| reader.text(rows, key));
    let period = written.as_ref().and_then(|written| Unit::read(&written.text));
    let Some((period, written)) = period.zip(written.as_ref()) else {
        let rolls = kept(reader, written.map_or(Ok(Window::Rolling(USUAL)), |written| rolling(&written)))?;
        for stray in [starts, zone].into_iter().flatten() {
            let what = format!("`{}` belongs to a calendar, and the window is none", stray.key);
            reader.troubles.push(stray.trouble(what, "Write window = \"month\" or another period, or leave it out"));
        }
        return (reader.troubles.len() == troubles).then_some(rolls);
    };
    let read = |starts: Written| match Calendar::start(&starts.text) {
        Some(start) => Ok((start, Some(starts))),
        None => Err(unfit_for(&starts, "is no day", Kind::Start)),
    };
    let starts = kept(reader, starts.map_or(Ok((Calendar::usual_start(), None)), read));
    let zone = kept(reader, zone.map_or(Ok(Tz::UTC), |zone| self::zone(&zone)));
    if reader.troubles.len() > troubles {
        return None;
    }
    let ((starts, said), (count, unit)) = (starts?, period);
    let calendar = Calendar::new(count, unit, starts, zone?).map_err(|unfit| match (unfit, said) {
        (Unfit::Start, Some(said)) => unfit_for(&said, "does not begin on a quarter of an hour", Kind::Start),
        (Unfit::Length | Unfit::Start, _) => unfit_for(written, "is longer than a year, or nothing", Kind::Window),
    });
    kept(reader, calendar.map(Window::Calendar))
}

/// What is counted instead of events; `None` where something is wrong with it, which the reader keeps.
pub fn slices(reader: &mut Reader<'_>, rows: &Rows<'_>, window: Option<Window>) -> Option<Option<Slices>> {
    let troubles = reader.troubles.len();
    let method = reader.word(rows, "method");
    let length = reader.length(rows, "slice", "10s", "1d");
    let target_ppm = reader.share(rows, "slice-target", amount::promise_of_slice);
    if reader.troubles.len() > troubles {
        return None;
    }
    if method != Some("timeslices") {
        for key in ["slice", "slice-target"].into_iter().filter(|key| rows.has(key)) {
            let what = format!("`slo.{key}` belongs to slices, and the budget is counted in events");
            reader.misplaced(rows, key, what, "Write method = \"timeslices\", or leave it out");
        }
        return (reader.troubles.len() == troubles).then_some(None);
    }
    for key in ["slice", "slice-target"].into_iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    let (Span(length), target_ppm) = (length?, target_ppm?);
    let many = window.map_or(0, |window| window.longest() / length);
    let is_calendar = window.is_some_and(|window| window.calendar().is_some());
    let against = match () {
        () if is_calendar && QUARTER_HOUR % length != 0 => Some((
            "does not end where a period of the calendar does".to_owned(),
            "Write a part of a quarter of an hour, such as \"15m\", \"5m\" or \"1m\"",
        )),
        () if many > slices::MOST => Some((
            format!("makes {many} slices of a window, and {} are the most", slices::MOST),
            "Write a longer slice, such as \"5m\", or a shorter window",
        )),
        () => None,
    };
    if let Some((what, next)) = against {
        reader.misplaced(rows, "slice", format!("`slo.slice` {what}"), next);
        return None;
    }
    Some(Some(Slices { length, target_ppm }))
}

/// A zone by its IANA name.
///
/// # Errors
/// There is none of that name.
pub fn zone(written: &Written) -> Result<Tz, ConfigTrouble> {
    written.text.parse().map_err(|_| {
        let what = format!("`{}` is no zone", shown(&written.text));
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let next = match nearest(&written.text, names) {
            Some(near) => format!("Write `{near}` if that was meant"),
            None => "Write an IANA name, such as Europe/Paris or UTC".to_owned(),
        };
        written.trouble(what, next)
    })
}

fn rolling(written: &Written) -> Result<Window, ConfigTrouble> {
    let (least, most) = ROLLING;
    match amount::length(&written.text) {
        Some(length) if (least..=most).contains(&length) => Ok(Window::Rolling(length.0)),
        Some(_) => Err(unfit_for(written, "must lie between 1h and 400d", Kind::Window)),
        None => {
            let words = Unit::ALL.map(|(_, word, _)| word);
            let what = format!("`{}` is `{}`, which is no length and no period", written.key, shown(&written.text));
            let next = match nearest(&written.text, words) {
                Some(_) => known_instead(&written.text, words),
                None => format!("Write {}", Kind::Window.wanted()),
            };
            Err(written.trouble(what, next))
        }
    }
}

fn unfit_for(written: &Written, what: &str, kind: Kind) -> ConfigTrouble {
    let what = format!("`{}` is `{}`, which {what}", written.key, shown(&written.text));
    written.trouble(what, format!("Write {}", kind.wanted()))
}

fn kept<T>(reader: &mut Reader<'_>, read: Result<T, ConfigTrouble>) -> Option<T> {
    read.map_err(|trouble| reader.troubles.push(trouble)).ok()
}
