//! How an act on a switch stands, in words: asked, accepted, done, refused, unsure, put back or changed by somebody, and when it is to end.
//!
//! It must not know where these words are drawn.

use super::theme::Meaning;
use super::words::span_calm;
use crate::app::putback::flapping;
use crate::app::{App, SwitchDesk};
use crate::incident::intent::{Intent, Outcome};
use crate::incident::switch::Whom;
use crate::incident::time::{MINUTE, Span, Time};

/// An act of another run of the program without an outcome is shown as unsure after this long.
const ORPHANED: Span = Span::minutes(1);
/// What was done within this time was done at once.
const AT_ONCE: Span = Span::seconds(5);
/// A context, without its kind where the switch knows only one.
fn called(desk: &SwitchDesk, whom: &Whom) -> String {
    match &desk.offers.whom {
        Some(kind) if *kind == whom.kind => whom.key.clone(),
        _ => whom.to_string(),
    }
}

/// That it was done, and when where that took longer than a glance.
fn done(asked: Time, done: Time, now: Time) -> String {
    if done.since(asked) < AT_ONCE { "done".into() } else { format!("done {}", done.exactly_beside(now)) }
}

/// How the last act stands, short and whole.
pub fn act(app: &App, desk: &SwitchDesk, intent: &Intent, now: Time) -> (String, String, Meaning) {
    let verb = match (&intent.what.whom, intent.what.share) {
        (Some(whom), _) => format!("stop for {}", called(desk, whom)),
        (None, Some(share)) => format!("{share}"),
        (None, None) => intent.what.act.word().to_owned(),
    };
    let (by, at) = (&intent.by, intent.at.beside(now));
    // whoever it is about needs the room
    let asked = match intent.what.whom {
        Some(_) => format!("{verb}, {by} {}", intent.at.exactly_beside(now)),
        None => format!("{verb} asked {} by {by}", intent.at.exactly_beside(now)),
    };
    let asked = format!("{asked}{}", place(app, intent));
    let unsure = |since: Time, why: &str| {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let short = format!("UNSURE since {}", since.beside(now));
        (format!("{short}, {by}"), format!("{short}, {verb} asked by {by}{why}"), Meaning::Unknown)
    };
    if let Some((at, value, _)) = intent.seen.as_ref().filter(|_| intent.is_half()) {
        let seen = format!("HALF DONE or changed since, seen {value} {}", at.exactly_beside(now));
        return (format!("{verb} HALF DONE or changed, {by}"), format!("{asked}, {seen}"), Meaning::Warn);
    }
    let (short, whole, meaning) = match &intent.end {
        None if intent.is_orphan(app.session) && now.since(intent.at) > ORPHANED => unsure(intent.at, "no outcome"),
        None => {
            let until =
                intent.awaited_until(now).map(|until| format!(", waited for until {}", until.exactly_beside(now)));
            let whole = format!("{asked}, no answer yet{}", until.unwrap_or_default());
            (format!("{verb} asked, {by} {at}"), whole, Meaning::Due)
        }
        Some(end) => match end.outcome {
            Outcome::Unsure if intent.is_unsure() => unsure(end.at, &end.detail),
            Outcome::Unsure => (format!("{by} {at}"), asked, Meaning::Text),
            Outcome::Done if end.idle => {
                let whole = format!("{asked}, so already: nothing was sent");
                (format!("{verb} so already, {by} {at}"), whole, Meaning::Text)
            }
            // what a provider has accepted need not have reached anybody yet
            Outcome::Done if observes(app, intent) && intent.seen.is_none() => {
                let whole = format!("{asked}, accepted {}, not observed yet", end.at.exactly_beside(now));
                (format!("{verb} accepted, {by} {at}"), whole, Meaning::Due)
            }
            Outcome::Done => {
                (format!("{verb} done, {by} {at}"), format!("{asked}, {}", done(intent.at, end.at, now)), Meaning::Text)
            }
            Outcome::Refused if end.approval => {
                let whole = format!("{verb} needs an APPROVAL there: {}", end.detail);
                (format!("{verb} needs APPROVAL, {by} {at}"), whole, Meaning::Due)
            }
            Outcome::Refused => {
                let whole = format!("{verb} REFUSED {}: {}", end.at.exactly_beside(now), end.detail);
                (format!("{verb} REFUSED, {by} {at}"), whole, Meaning::Warn)
            }
        },
    };
    // what only asked, or was refused, serves nothing: what stood before it still stands
    let stands = app.stands_here(&desk.name).filter(|act| act.id == intent.id || intent.end.is_some());
    if let Some((act, (at, value))) = stands.and_then(|act| Some((act, act.came_back()?))) {
        let (word, look) = match flapping(act) {
            Some(_) => ("FLAPPING BACK", Meaning::Overdue),
            None => ("PUT BACK", Meaning::Warn),
        };
        let by = act.seen.as_ref().map(|(.., detail)| detail.as_str()).unwrap_or_default();
        // who did it comes first: where the row is cut, the value can still be seen above
        let who = by.strip_prefix("put back ").unwrap_or(by).trim_end_matches(", not from here");
        let short = format!("{word} {who}");
        return (short.clone(), format!("{short}: serves {value} again since {}, not by us", at.beside(now)), look);
    }
    if let Some((at, change)) = stands.and_then(|act| app.changed_since(act)) {
        let by = change.by.as_deref().unwrap_or("somebody");
        // not every record says what it led to
        let served = desk.feed.last.as_ref().map(|(_, sight)| sight.value.as_str());
        let to = change.to.as_deref().or(served).unwrap_or_default();
        let wanted = stands.and_then(|act| act.what.to.as_deref()).map(|to| format!(", not {to}")).unwrap_or_default();
        let short = format!("CHANGED by {by} {}", at.beside(now));
        return (short.clone(), format!("{short}: {to}{wanted}"), Meaning::Warn);
    }
    match &intent.seen {
        Some((at, value, _)) => (format!("{short}, seen {value} {}", at.beside(now)), whole, meaning),
        None => (short, whole, meaning),
    }
}

/// When what stands on a switch is to end: by itself where this run or its provider ends it, else people are asked.
pub fn ends(app: &App, desk: &SwitchDesk, now: Time) -> Option<(String, String, Meaning)> {
    let act = app.acts().next_end(&desk.name)?;
    let until = act.until()?;
    let at = until.beside(now);
    if until <= now {
        return Some((format!("was to end {at}"), format!("was to end {at}"), Meaning::Due));
    }
    let left = until.since(now).as_seconds();
    let (left, meaning) = match left {
        // minutes move the screen once a minute; the last ones are worth more
        ..90 => (format!("{left} s"), Meaning::Due),
        _ => (span_calm((left + 59) / 60 * MINUTE), Meaning::Text),
    };
    let word = if app.ends_by_itself(act) { "ends" } else { "asks to end" };
    Some((format!("{word} in {left}"), format!("{word} {at}, in {left}"), meaning))
}

/// Somebody can say what clients are served after such an act: not which side of a share they are on.
fn observes(app: &App, intent: &Intent) -> bool {
    let desk = app.switches.iter().find(|desk| desk.name == intent.what.target);
    intent.what.serves() && intent.what.share.is_none() && desk.is_some_and(|desk| desk.offers.observes)
}

/// What was seen of an act's effect, where and when.
pub fn effect(intent: &Intent, now: Time) -> (String, String) {
    let Some((at, value, detail)) = &intent.seen else { return Default::default() };
    (format!("seen {value} {}", at.exactly_beside(now)), detail.clone())
}

/// In which incident it was done, behind other words; nothing for the one on the screen.
pub fn place(app: &App, intent: &Intent) -> String {
    app.done_in(intent.id).map(|number| format!(" in incident {number}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::intent::{Act, Intended};
    use crate::view::sample::{Journal, intended, now, overdue, settled, switch, with};

    #[test]
    fn given_an_end_when_it_is_counted_down_then_in_hours_and_days_and_with_its_day() {
        let said = |minutes: i64| {
            let mut j = Journal { entries: overdue().log.entries().to_vec() };
            let until = Some(now().plus(Span::minutes(minutes)));
            let stop = j.add("23:02:00", "Cho", Intended { until, ..intended(Act::Stop, "exports") });
            j.add("23:02:01", "Cho", settled(stop, Outcome::Done, ""));
            let desk = switch("exports", "off", Ok("off"), now());
            ends(&with(j.entries), &desk, now()).map(|(short, whole, _)| [short, whole]).expect("an end")
        };
        assert_eq!(said(16), ["asks to end in 16 min", "asks to end 23:20, in 16 min"]);
        assert_eq!(said(80), ["asks to end in 1 h 20 min", "asks to end 07-10 00:24, in 1 h 20 min"]);
        assert_eq!(said(3 * 24 * 60), ["asks to end in 3 days", "asks to end 07-12 23:04, in 3 days"]);
        assert_eq!(said(-2 * 24 * 60)[1], "was to end 07-07 23:04");
    }

    #[test]
    fn given_an_act_without_an_answer_when_it_is_told_then_until_when_that_is_waited_for() {
        let mut j = Journal { entries: overdue().log.entries().to_vec() };
        j.add("23:04:00", "Cho", intended(Act::Stop, "exports"));
        let (app, desk) = (with(j.entries), switch("exports", "on", Ok("off"), now()));
        let last = app.last_act("exports").expect("the act");
        let (.., whole, _) = act(&app, &desk, last, now());
        assert_eq!(whole, "stop asked 23:04:00 by Cho, no answer yet, waited for until 23:05:00");
    }
}
