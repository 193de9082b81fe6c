//! Everything about one entry of the record.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::App;
use crate::incident::Incident;
use crate::incident::change::reporter;
use crate::incident::entry::{Entry, EntryId};
use crate::incident::fact::Fact;
use crate::incident::intent::Intent;
use crate::incident::marker::Marker;
use crate::incident::task::TaskState;
use crate::incident::time::Time;
use crate::incident::tried::Tried;
use crate::view::acted::place;
use crate::view::theme::Meaning;
use crate::view::words;

/// Puts the rows together; answers with words for the title.
pub(super) fn rows(app: &App, id: EntryId, now: Time, page: &mut Page) -> String {
    let glimpsed = || app.glimpse.iter().flat_map(|(entries, _)| entries).find(|entry| entry.id == id);
    let Some(entry) = app.log.get(id).or_else(glimpsed) else {
        page.add("", "This entry is not here yet. It is in the journal, or on its way. Look again in a moment.");
        return "an entry".into();
    };
    let line = app.incident.line(entry);
    let meaning = if app.incident.correction(id).is_some_and(|c| c.struck) { Meaning::Muted } else { Meaning::Text };
    page.add_as("says", &line.text, meaning);
    page.add("beside it", &line.aside);
    happened(app, entry, page);
    page.add("recorded", moment(app, entry.recorded));
    if let Some(late) = entry.late_minutes() {
        page.add_as(
            "late",
            format!("written down {} after it happened", words::span(late * 60_000_000)),
            Meaning::Late,
        );
    }
    page.add_as("author", entry.author.as_ref(), Meaning::Person);
    page.add("ascribed to", if line.who.as_str() == entry.author.as_ref() { "" } else { line.who.as_str() });
    corrected(app, entry, page);
    became(app, entry, now, page);
    page.heading("In the journal");
    page.add("incident", format!("{}, entry {} of {}", entry.incident, entry.seq, app.incident.head()));
    page.add("kind", entry.fact.kind());
    page.add("id", entry.id.to_string());
    page.add(
        "session",
        format!("{:016x}{}", entry.session.0, if entry.session == app.session { ", this run" } else { "" }),
    );
    if let Fact::Unknown(unread) = &entry.fact {
        page.add_as("not understood", "written by a later version; kept as it is", Meaning::Unknown);
        page.add("text", unread.text.as_ref());
    }
    format!("{} {}", entry.at.clock(), line.label)
}

/// When it happened, and how that is known.
fn happened(app: &App, entry: &Entry, page: &mut Page) {
    let when = entry.when.as_deref();
    let about = if when.is_some_and(|w| w.about) { "about " } else { "" };
    page.add("happened", format!("{about}{}", moment(app, app.incident.happened(entry))));
    let Some(when) = when else { return };
    if let Some(until) = when.until {
        page.add("until", moment(app, until));
    }
    page.add("until", if when.open { "its end is not known" } else { "" });
    page.add("time from", when.source.as_deref().unwrap_or_default());
    page.add("zone", when.zone.as_deref().unwrap_or_default());
}

/// What was said about it later, beside what it said at first.
fn corrected(app: &App, entry: &Entry, page: &mut Page) {
    let Some(overlay) = app.incident.correction(entry.id) else { return };
    page.heading(if overlay.struck { "Struck" } else { "Corrected" });
    if let Some((by, at)) = &overlay.by {
        page.add("by", format!("{by}, {}", moment(app, *at)));
    }
    page.add("why", &overlay.why);
    // an incident that knows of no correction reads the entry as it was written
    let first = Incident::new(entry.incident).line(entry);
    page.add_as("said at first", if overlay.text.is_some() { first.text } else { String::new() }, Meaning::Muted);
    page.add_as("then thought", overlay.at.map(|_| moment(app, entry.at)).unwrap_or_default(), Meaning::Muted);
}

/// What became of it: an act, an update, a task, a question, a promise.
fn became(app: &App, entry: &Entry, now: Time, page: &mut Page) {
    let incident = &app.incident;
    if let Some(intent) = incident.intents().find(entry.id) {
        page.heading("The act");
        act(app, intent, page);
    }
    if let Some(update) = incident.promises().update(entry.id) {
        page.heading("The update");
        for (id, channel, seen) in &update.sends {
            let end = incident.intents().find(*id).and_then(|intent| intent.end.as_ref());
            let how = match (seen, end) {
                (Some(at), _) => format!("visible {}", moment(app, *at)),
                (None, Some(end)) => format!("{} {}: {}", end.outcome.word(), end.at.clock(), end.detail),
                (None, None) => "sent, not seen yet".into(),
            };
            page.add_as(channel, how, if seen.is_some() { Meaning::Text } else { Meaning::Unknown });
        }
        page.add("", if update.sends.is_empty() { "recorded, sent nowhere" } else { "" });
        page.add("next by", update.what.next.map(|at| moment(app, at)).unwrap_or_default());
    }
    if let Some(task) = incident.tasks().find(entry.id) {
        page.heading(&format!("Task {}", task.number));
        page.add("owner", task.what.owner.as_deref().unwrap_or("nobody yet"));
        page.add("by", task.what.due.map(|at| moment(app, at)).unwrap_or_default());
        page.add(
            "stands",
            match &task.state {
                TaskState::Open => "open".to_string(),
                TaskState::Done(at, result) => format!("done {}. {result}", at.clock()),
                TaskState::Dropped(at, why) => format!("dropped {}. {why}", at.clock()),
            },
        );
    }
    if let Some(question) = incident.questions().find(entry.id) {
        page.heading(&format!("Question {}", question.number));
        page.add("asked of", question.what.of.as_deref().unwrap_or_default());
        page.add(
            "stands",
            match &question.answer {
                Some((at, answer)) => format!("answered {}: {answer}", at.clock()),
                None => "open".to_string(),
            },
        );
    }
    if let Some(promise) = incident.promises().find(entry.id) {
        page.heading(&format!("Promise {}", promise.number));
        page.add("to", &promise.what.to);
        page.add("by", moment(app, promise.what.by));
        page.add("owner", promise.what.owner.as_deref().unwrap_or_default());
        page.add("stands", incident.promises().state(promise, now).word());
    }
    let ended = if let Fact::Settled(fact) = &entry.fact { incident.intents().find(fact.intent) } else { None };
    if let Some(intent) = ended {
        page.heading("The act it ended");
        act(app, intent, page);
    }
    if let Fact::ChartPinned(chart) = &entry.fact {
        page.heading("The chart then");
        super::budget::pinned(app, chart, app.incident.happened(entry), page);
    }
    let told = |one: &&Marker| one.id == entry.id || one.what.about == entry.id;
    for one in incident.markers().all().iter().filter(told) {
        page.heading(&format!("Marker at {}", one.what.target));
        marker(app, one, page);
    }
    if let Fact::Changed(change) = &entry.fact
        && let Some(desk) = reporter(entry, change).and_then(|name| app.changes.iter().find(|d| d.name == name))
    {
        page.heading("The source");
        super::changes::source(app, desk, now, page);
    }
    let told = app.log.told_with(entry.id).chain([entry]);
    for (place, (probe, words)) in app.soaks_of(entry.id, now).into_iter().enumerate() {
        if place == 0 {
            page.heading("Probes after it");
        }
        page.add(&probe, words);
    }
    if let Some(ran) = told.into_iter().find_map(|one| if let Fact::Ran(ran) = &one.fact { Some(ran) } else { None }) {
        page.heading("How the command ended");
        let meaning = if ran.ended().is_well() { Meaning::Good } else { Meaning::Late };
        page.add_as("ended", ran.ended().words(), meaning);
        for (place, line) in ran.tail.lines().enumerate() {
            page.add(if place == 0 { "wrote at last" } else { "" }, line);
        }
    }
    if let Fact::BurnNoted(noted) = &entry.fact {
        page.heading("The budget then");
        super::budget::noted(noted, page);
    }
}

/// A marker, with everything that is known about it.
fn marker(app: &App, marker: &Marker, page: &mut Page) {
    page.add("says there", &marker.what.words);
    page.add("stands at", moment(app, marker.what.moment));
    page.add("asked", format!("{} by {}", moment(app, marker.at), marker.by));
    ended(app, marker, page);
    if let Some((at, value, detail)) = &marker.seen {
        page.add(if value.is_empty() { "not seen" } else { "seen" }, format!("{}, {detail}", moment(app, *at)));
    }
}

/// How something that was tried outside ended.
fn ended<W>(app: &App, tried: &Tried<W>, page: &mut Page) {
    match &tried.end {
        None => page.add_as("outcome", "none yet", Meaning::Unknown),
        Some(end) => {
            let meaning = if tried.is_done() { Meaning::Good } else { Meaning::Unknown };
            page.add_as("outcome", format!("{} {}", end.outcome.word(), moment(app, end.at)), meaning);
            page.add("in words", &end.detail);
            page.add("read back", end.value.as_deref().unwrap_or_default());
        }
    }
}

/// An act, with everything that is known about it.
pub(super) fn act(app: &App, intent: &Intent, page: &mut Page) {
    page.add("asked", format!("{} by {}", moment(app, intent.at), intent.by));
    page.add_as("act", format!("{} {}", intent.what.act.word(), intent.what.target), Meaning::Danger);
    page.add("served then", intent.what.from.as_deref().unwrap_or_default());
    page.add("to be served", intent.what.to.as_deref().unwrap_or_default());
    page.add("why", &intent.what.why);
    let until = intent.until().map(|until| match intent.what.until.filter(|asked| *asked != until) {
        Some(asked) => format!("{}, asked for {}", moment(app, until), asked.beside(until)),
        None => moment(app, until),
    });
    page.add("to end", until.unwrap_or_default());
    ended(app, intent, page);
    if let Some((at, value, detail)) = &intent.seen {
        page.add("seen", format!("{value}, {}", moment(app, *at)));
        page.add("", detail);
    }
    if let Some(undone) = intent.what.reverts.and_then(|id| app.acts().find(id)) {
        let (what, at) = (undone.what.act.word(), undone.at.exactly_beside(intent.at));
        let label = if intent.what.act.is_of_an_end() { "ends" } else { "takes back" };
        page.add(label, format!("{what} {} of {at}{}", undone.what.target, place(app, undone)));
    }
}
