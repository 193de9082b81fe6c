//! What the last act did, in a sentence, and what else has to be known: rates, the way out, alert conditions, doubts.
//!
//! Beside another time only the first of these is said, and the worst condition, each with the word "now".
//! It must not know how wide the row is. It never says that something is over when nobody can know.

use super::title::{Trust, trust};
use crate::app::feed::Burn;
use crate::app::{App, SloDesk};
use crate::incident::intent::{Act, Intent, Outcome};
use crate::incident::phase::Phase;
use crate::incident::time::{HOUR, MINUTE, Span, Time};
use crate::incident::timeline::rate;
use crate::query::projection::Exhaustion;
use crate::query::state::State;
use crate::view::phrase::{EXPLAINS, Part, folded};
use crate::view::text;
use crate::view::theme::Meaning;
use crate::view::words::{count, span};

/// The fewest cells of words that say something without their explanation.
const HEAD: usize = 20;

/// The sentence.
pub fn parts(app: &App, slo: &SloDesk, now: Time) -> Vec<Part> {
    let trust = trust(slo, now);
    let mut parts = Vec::new();
    if let Some((_, trouble)) = &slo.feed.trouble {
        parts.push(Part::new(folded(trouble.words()), Meaning::Warn));
    }
    if let Some(again) = slo.feed.retries() {
        parts.push(Part::new(format!("next try {}", again.clock()), Meaning::Muted).rank(1));
    }
    let Some((_, burn)) = &slo.feed.last else {
        if parts.is_empty() {
            let wait = slo.feed.waiting(now).filter(|wait| *wait >= Span::seconds(10));
            let words =
                if wait.is_some() { "asked, and nobody has answered yet" } else { "asking what is left of the budget" };
            parts.push(Part::new(words, Meaning::Muted));
        }
        return parts;
    };
    let believed = !matches!(trust, Trust::None(..) | Trust::Beyond);
    let effect = effect(app, slo, burn, believed);
    if app.chart_until(now).is_some() {
        let now = effect.into_iter().chain(worst(burn).filter(|_| believed));
        parts.extend(now.map(|part| Part { text: format!("now: {}", part.text), ..part }.rank(2)));
        parts.extend(doubts(burn));
        return parts;
    }
    // where nothing may be called good, why comes before the figures
    let doubted = is_doubted(burn);
    parts.extend(doubts(burn).filter(|_| doubted).map(|part| part.rank(0)));
    parts.extend(effect.map(|part| part.rank(if parts.is_empty() { 0 } else { 1 })));
    parts.extend(worst(burn));
    if burn.counting {
        parts.push(Part::new("still being counted", Meaning::Warn).rank(1));
    }
    let [minute, five, hour] = burn.burn_milli;
    let rates = [(hour, "1 h"), (five.filter(|_| minute.is_none()), "5 m"), (minute, "1 m")];
    let rates: Vec<String> = rates.iter().filter_map(|(r, of)| r.map(|r| format!("{}x in {of}", rate(r)))).collect();
    if !rates.is_empty() && believed {
        parts.push(Part::new(format!("burn {}", rates.join(", ")), Meaning::Text).rank(2));
    }
    if let Some(lasts) = burn.lasts.filter(|_| believed && burn.remaining_ppm.is_some_and(|left| left > 0)) {
        // within a day a clock says it better than a length
        let until = now.plus(lasts);
        let clock = if lasts.0 < 24 * HOUR { format!(", to {}", until.clock_minutes()) } else { String::new() };
        let words = match (burn.lasts_ageing, burn.renews.zip(slo.window.calendar())) {
            (Exhaustion::Never, Some((renews, calendar))) => {
                format!("lasts until it begins anew {}", calendar.said(renews.0))
            }
            _ => format!("lasts {}{clock}", round(lasts)),
        };
        parts.push(Part::new(words, Meaning::Text).rank(5));
    }
    if app.incident.opened().is_some() && app.incident.phase() < Phase::Resolved {
        let exit = if believed { app.exit_criterion(now) } else { "exit: not known".into() };
        parts.push(Part::new(exit, if believed { Meaning::Text } else { Meaning::Unknown }).rank(3));
    }
    if !burn.known.nearly() {
        parts.push(Part::new(burn.known.to_string(), Meaning::Muted).rank(6));
    }
    if !doubted {
        parts.extend(burn.doubts.iter().flat_map(|words| apart(words)));
    }
    parts
}

/// A doubt, whose words behind a colon go first: what is doubtful outlasts how long the budget may last.
fn apart(words: &str) -> impl Iterator<Item = Part> {
    let words = folded(words);
    let (head, tail) = match words.rsplit_once(EXPLAINS) {
        Some((head, tail)) if text::width(head) >= HEAD => (head.to_owned(), Some(tail.to_owned())),
        _ => (words, None),
    };
    let head = Part::new(head, Meaning::Warn).rank(4);
    std::iter::once(head).chain(tail.map(|tail| Part::new(tail, Meaning::Warn).after(EXPLAINS).rank(7)))
}

/// Nothing may be called good.
fn is_doubted(burn: &Burn) -> bool {
    matches!(burn.state, State::Partial | State::Unproven) && burn.good_since.is_none()
}

/// What was counted wrongly or not at all: of the source, whatever time is looked at.
fn doubts(burn: &Burn) -> Option<Part> {
    let words = folded(&burn.doubts.join(", "));
    (!burn.doubts.is_empty()).then(|| Part::new(words, Meaning::Warn).rank(7))
}

/// The worst alert condition that holds, and how many others do; the details name them all.
fn worst(burn: &Burn) -> Option<Part> {
    let mut firing = burn.standing();
    let worst = firing.next()?;
    let others = firing.count();
    let more = if others == 0 { String::new() } else { format!(", +{others} more") };
    Some(Part::new(format!("{}{more}", folded(&worst)), Meaning::Overdue).rank(1))
}

/// What the last act did to the bad events; without an act, how they stand.
fn effect(app: &App, slo: &SloDesk, burn: &Burn, believed: bool) -> Option<Part> {
    let bad = slo.called.as_str();
    let rate_now = burn.bad_minute.filter(|_| believed);
    let acts = app.acted();
    let (Some(first), Some(last)) = (acts.first(), acts.last()) else {
        return match (rate_now, burn.bad_between) {
            (None, _) if believed => None,
            (None, _) => Some(Part::new(format!("{bad}: not known"), Meaning::Unknown)),
            // where nothing may be called good, a figure is only what was counted
            (Some(rate), None) if is_doubted(burn) => {
                Some(Part::new(format!("{bad} {}/min as counted", count(rate)), Meaning::Unknown))
            }
            (Some(rate), None) => {
                Some(Part::new(format!("{bad} {}/min{}", count(rate), allowance(burn, rate)), Meaning::Text))
            }
            (Some(0), Some((first, last))) => {
                let words = format!("{bad} from {} to {}, 0/min now", first.clock_minutes(), last.clock_minutes());
                Some(Part::new(words, Meaning::Text))
            }
            (Some(rate), Some((first, last))) if burn.good_since.is_some() => {
                let (first, last) = (first.clock_minutes(), last.clock_minutes());
                Some(Part::new(format!("{bad} from {first} to {last}, {}/min now", count(rate)), Meaning::Text))
            }
            (Some(rate), Some((first, _))) => {
                let words = format!("{bad} {}/min since {}", count(rate), first.clock_minutes());
                Some(Part::new(words, Meaning::Overdue))
            }
        };
    };
    // an answer from before the act says nothing about it
    let after = burn.aftermath.filter(|after| after.act == first.at);
    // what was over before the next act came was the doing of those that stood then; what came later may be that of any
    let over = after.and_then(|after| Some(after.act.plus(after.calm_after?))).filter(|_| burn.good_since.is_some());
    let stood = acts.iter().filter(|act| over.is_none_or(|over| act.at <= over)).copied().collect::<Vec<_>>();
    let (lead, meaning) = match stood.as_slice() {
        [] => lead(last),
        [only] => lead(only),
        [.., last] if last.end.is_none() || last.is_unsure() => lead(last),
        several => {
            let all = several.iter().map(|act| what(act)).collect::<Vec<_>>();
            (format!("since {}", all.join(", then ")), Meaning::Text)
        }
    };
    let Some(after) = after else {
        return Some(Part::new(format!("{lead}: not counted yet"), meaning));
    };
    let was = after.before.map_or_else(|| "not known".into(), |rate| format!("{}/min", count(rate)));
    let calm = after.calm_after.filter(|_| burn.good_since.is_some());
    // the last minute still holds what was before it: as a figure of what followed it would say that a stop made it worse
    let answered = slo.feed.last.as_ref().map(|(at, _)| *at);
    let is_soon = stood.last().zip(answered).is_some_and(|(act, answered)| answered.since(act.at) < Span::minutes(1));
    let (is, meaning) = match (rate_now, calm) {
        (None, _) => ("not known".into(), Meaning::Unknown),
        (Some(1..), None) if is_soon => ("too soon to say".into(), meaning),
        (Some(0), Some(length)) => (format!("0 {}", after_that(length)), meaning),
        (Some(rate), Some(length)) => (format!("{}/min {}", count(rate), after_that(length)), meaning),
        (Some(rate), None) => (format!("{}/min now", count(rate)), meaning),
    };
    Some(Part::new(format!("{lead}: {bad} {was} -> {is}"), meaning))
}

/// Whether failures that are no episode are within the budget: some of a few requests may burn all of it.
fn allowance(burn: &Burn, rate: u64) -> &'static str {
    const WHOLE: u64 = 1_000;
    let is_fast = burn.burn_milli.iter().flatten().any(|milli| *milli > WHOLE);
    let is_spent = burn.remaining_ppm.is_some_and(|left| left <= 0);
    match (is_fast || burn.standing().next().is_some(), is_spent) {
        (true, _) if rate > 0 => ", more than the budget allows",
        (false, false) => ", within the budget",
        _ => "",
    }
}

/// What an act asked for, in a few words.
fn what(act: &Intent) -> String {
    let target = text::cut(&act.what.target, 20);
    match (&act.what.whom, act.what.to.as_deref()) {
        // for one context everybody else's value says nothing
        (Some(whom), _) if act.what.act == Act::Exclude => format!("{target} for {}", text::cut(&whom.key, 24)),
        // a truth value says nothing without its switch
        (_, Some(value @ ("true" | "false"))) => format!("{target} {value}"),
        (_, value) => text::cut(value.unwrap_or(&act.what.target), 20).into_owned(),
    }
}

/// How an act stands.
fn lead(act: &Intent) -> (String, Meaning) {
    let what = what(act);
    let is_for_one = act.what.act == Act::Exclude;
    match &act.end {
        _ if act.is_unsure() && is_for_one => (format!("UNSURE whether {what} is stopped"), Meaning::Unknown),
        _ if act.is_unsure() => (format!("UNSURE whether {what} is served"), Meaning::Unknown),
        _ if act.is_half() => (format!("{what} HALF DONE or changed since"), Meaning::Warn),
        Some(end) if end.outcome == Outcome::Refused => (format!("{what} was REFUSED"), Meaning::Overdue),
        Some(_) if is_for_one => (format!("since the stop of {what}"), Meaning::Text),
        Some(_) => (format!("since {what} was asked"), Meaning::Text),
        None => (format!("{what} asked {}, no answer yet", act.at.clock_minutes()), Meaning::Warn),
    }
}

/// How long it took.
fn after_that(length: Span) -> String {
    if length < Span::seconds(1) { "at once".into() } else { format!("after {}", span(length.0)) }
}

/// A length for how long a budget lasts: minutes below two hours, hours below two days, then days.
fn round(length: Span) -> String {
    match length.0 {
        us if us < 2 * HOUR => format!("{} min", us / MINUTE),
        us if us < 48 * HOUR => format!("{} h", us / HOUR),
        us => span(us),
    }
}
