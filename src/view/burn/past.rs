//! The sentence about a time that is over: what failed in it, which conditions held, how fast it burned at its end.
//!
//! It must not know how wide the row is, and nothing of the present.

use crate::app::then::Then;
use crate::app::{App, SloDesk};
use crate::incident::time::Time;
use crate::incident::timeline::rate;
use crate::incident::trouble::Trouble;
use crate::query::state::State;
use crate::view::phrase::{Part, folded};
use crate::view::theme::Meaning;
use crate::view::words::count;

/// What stands where nobody has answered yet how it was then.
pub fn unanswered(slo: &SloDesk) -> &'static str {
    match &slo.feed.trouble {
        // nothing is wrong but that others come first
        None | Some((_, Trouble::Slowed(..))) => "reading that time",
        Some((_, Trouble::Beyond(_))) => "that time is out of reach",
        Some(_) => "that time could not be read",
    }
}

/// What is said of the time that the chart shows, in so many rows; nothing before that is answered.
pub fn parts(app: &App, slo: &SloDesk, now: Time, rows: u16) -> Vec<Part> {
    let (Some(then), Some((_, burn))) = (app.then(slo, now), &slo.feed.last) else { return Vec::new() };
    let mut parts = vec![match burn.charted() {
        None => Part::new("nothing is known of that time", Meaning::Unknown),
        Some((0, _)) => Part::new("then: no events", Meaning::Unknown),
        Some((total, bad)) => {
            Part::new(format!("then: {} {} of {}", slo.called, count(bad), count(total)), Meaning::Text)
        }
    }];
    // a time of which parts are missing is no good time
    let is_doubted = matches!(then.state, State::Partial | State::Unproven | State::TrafficGone);
    if is_doubted && burn.charted().is_some_and(|(total, _)| total > 0) {
        parts.insert(0, Part::new(then.state.word().to_uppercase(), Meaning::Unknown));
    }
    // in one row what is alarming now keeps its place
    parts.extend(held(then, burn.from, rows).map(|part| part.rank(u8::from(rows < 2))));
    let [_, _, hour] = then.burn_milli;
    parts.extend(hour.map(|hour| Part::new(format!("burn {}x in 1 h at its end", rate(hour)), Meaning::Text).rank(4)));
    if !then.known.nearly() {
        parts.push(Part::new(then.known.to_string(), Meaning::Muted).rank(6));
    }
    parts
}

/// The quickest condition that held in the chart's time, and how many others did.
fn held(then: &Then, from: Time, rows: u16) -> Option<Part> {
    let mut all = then.conditions.iter().filter(|held| held.meets(from));
    let first = all.next()?;
    let more = match all.count() {
        0 => String::new(),
        others => format!(", +{others} more"),
    };
    let day = |at: Time| at.beside(then.until);
    let times = first.last().map(|last| match last.until {
        Some(until) => format!(" {} to {}", day(last.since), day(until)),
        None => format!(" from {} on", day(last.since)),
    });
    let times = times.unwrap_or_default();
    let said = first.said();
    // in one row its factor names it
    let said = if rows < 2 { said.split(" in ").next().unwrap_or_default() } else { &said };
    Some(Part::new(format!("{}{times}{more}", folded(said)), Meaning::Overdue))
}
