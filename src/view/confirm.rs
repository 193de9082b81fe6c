//! An act that waits for the exact name of its target. Whatever it would do is shown whole: nothing here is cut.
//!
//! It must not know how the act is carried.

use super::acted::place;
use super::phrase::Part;
use super::probes;
use super::prompt::{field_rows, key};
use super::sheet::{Row, Sheet, fitted, named, wrapped};
use super::theme::{Meaning, Theme};
use super::words;
use crate::app::App;
use crate::app::action::Action;
use crate::app::confirm::{Armed, Confirm, Slot};
use crate::app::keymap::When;
use crate::incident::exercised;
use crate::incident::risk::Risk;
use crate::incident::second::Asked;
use crate::incident::switch::Plan;
use crate::incident::time::Time;
use crate::query::weight::Weight;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells for the names of rows.
const NAMES: usize = 14;

/// What becomes of an act that needs a second person.
const ONLY_ASKS: &str = "nothing is sent until somebody else agrees, within 15 min, from a session of their own";

/// Draws a confirmation over the lower rows of an area.
pub fn draw(app: &App, confirm: &Confirm, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let names = NAMES.min(cells / 3);
    let mut rows = match confirm.armed.as_slice() {
        // of a plan it is said which switch it is, also where only one of them moves
        [one] if confirm.so_already.is_empty() => preview(app, confirm, (one, now), cells, names),
        all => several(app, all, (confirm, now), cells),
    };
    for words in confirm.meanwhile.iter().rev() {
        rows.splice(0..0, ranked(named("new plan", names, words, cells, Meaning::Overdue), 1));
    }
    let against = app.lets_in(confirm).map(|place| probes::against(app, &place, now)).unwrap_or_default();
    for (words, meaning) in against {
        rows.extend(ranked(
            named("probe", names, &words, cells, meaning),
            if meaning == Meaning::Good { 5 } else { 1 },
        ));
    }
    rows.push(Row::default().rank(8));
    match &confirm.off {
        Some(why) => rows.extend(wrapped(&format!("! {why} Nothing was sent."), cells, 4, Meaning::Overdue)),
        None => rows.extend(asked(confirm, cells, names)),
    }
    if let Some(refusal) = &confirm.refusal {
        rows.extend(wrapped(&format!("! {refusal}"), cells, 4, Meaning::Overdue));
    }
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let mut rows = fitted(rows, room);
    if rows.len() > room {
        let words = format!(
            "There is no room to show what {} {} would do. Nothing was sent. Make the window larger, or press Esc.",
            confirm.deed(),
            confirm.exact
        );
        rows = wrapped(&words, cells, room, Meaning::Danger);
    }
    let title = vec![
        Part::new(head(confirm), Meaning::Danger),
        Part::new(confirm.exact.clone(), Meaning::Danger).after(" "),
        match confirm.off {
            Some(_) => Part::new("DISARMED", Meaning::Warn),
            None => Part::new("not sent yet", Meaning::Muted).rank(1),
        },
    ];
    let aside = match confirm.off {
        Some(_) => String::new(),
        None => format!("disarms in {}", words::span_calm(confirm.left(now).0)),
    };
    let sheet = Sheet { title, aside, columns: vec![rows], keys: keys(confirm) };
    sheet.draw_low(theme, area, buf)
}

/// What is done, loudly; a context keeps its own letters.
fn head(confirm: &Confirm) -> String {
    match confirm.first().map(|one| &one.draft) {
        Some(draft) if draft.whom.is_some() || draft.share.is_some() => draft.deed(),
        Some(draft) => draft.act.word().to_uppercase(),
        None => String::new(),
    }
}

/// What would be done, from what, to what, and how it is taken back.
fn preview(app: &App, confirm: &Confirm, (one, now): (&Armed, Time), cells: usize, names: usize) -> Vec<Row> {
    let plan = &one.plan;
    let desk = app.switches.iter().find(|desk| desk.name == one.draft.target);
    let mut rows = named("serves now", names, &plan.now(), cells, Meaning::Heading);
    rows.extend(named("will serve", names, &plan.then(), cells, Meaning::Danger));
    if let Some(environment) = desk.map(|desk| desk.environment.as_str()).filter(|e| !e.is_empty()) {
        rows.extend(ranked(named("in", names, environment, cells, Meaning::Text), 3));
    }
    for (place, note) in plan.notes.iter().enumerate() {
        let name = if place == 0 { "mind" } else { "" };
        rows.extend(ranked(
            named(name, names, note, cells, Meaning::Warn),
            u8::try_from(place.min(3)).unwrap_or(3) + 1,
        ));
    }
    if let Some((words, meaning)) = app.weight().map(|weight| share(app, &weight)) {
        rows.extend(ranked(named("its share", names, &words, cells, meaning), 2));
    }
    if let Some(approval) = &plan.approval {
        rows.extend(ranked(named("approval", names, approval, cells, Meaning::Warn), 1));
    }
    if let Some(wish) = &plan.critical {
        rows.extend(ranked(named("critical", names, wish, cells, Meaning::Warn), 1));
    }
    if !plan.changes.is_empty() {
        rows.extend(ranked(named("changes", names, &plan.changes, cells, Meaning::Text), 4));
    }
    let sight = desk.and_then(|desk| desk.feed.last.as_ref());
    // whom an exclusion names stands above already
    if sight.is_some_and(|(_, sight)| sight.targeting && sight.excluded.is_empty()) {
        let words = "some get another value by a rule of their own";
        rows.extend(ranked(named("but", names, words, cells, Meaning::Warn), 2));
    }
    let (name, words) = undoing(app, one, now);
    rows.extend(ranked(named(name, names, &words, cells, Meaning::Text), 5));
    if let Some(asked) = one.draft.confirms.and_then(|id| app.incident.seconds().find(id)) {
        rows.extend(ranked(named("confirms", names, &asked_for(asked, one, now), cells, Meaning::Heading), 1));
    }
    if confirm.asks_second {
        rows.extend(ranked(named("only asks", names, ONLY_ASKS, cells, Meaning::Warn), 1));
    }
    let last = app.acts().last_on(&one.draft.target);
    let words = exercised::words(last, &last.map(|last| place(app, last)).unwrap_or_default(), now);
    let (meaning, rank) = match last {
        Some(last) if last.is_unsure() || last.end.is_none() => (Meaning::Unknown, 6),
        Some(_) => (Meaning::Muted, 6),
        None => (Meaning::Muted, 7),
    };
    rows.extend(ranked(named("last act", names, &words, cells, meaning), rank));
    rows
}

/// How much of the traffic it is that would be taken away.
fn share(app: &App, weight: &Weight) -> (String, Meaning) {
    let bad = app.shown_slo().map_or("bad", |slo| slo.called.as_str());
    let meaning = match weight {
        Weight::Known { .. } => Meaning::Text,
        Weight::Absent(_) => Meaning::Warn,
        Weight::Asking | Weight::Untold | Weight::Unknown(_) => Meaning::Muted,
    };
    (weight.words(bad), meaning)
}

/// Who asked for what is confirmed here, when and why.
fn asked_for(asked: &Asked, one: &Armed, now: Time) -> String {
    let (at, besides) = (asked.at.exactly_beside(now), one.draft.besides(now));
    format!("{} asked for it {at}{besides}{}", asked.by, because(&asked.what.why))
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {why}") }
}

/// Several acts, a line each, in the order in which they are sent.
fn several(app: &App, all: &[Armed], (confirm, now): (&Confirm, Time), cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, one) in all.iter().enumerate() {
        let Plan { notes, critical, .. } = &one.plan;
        let (from, to) = (one.plan.now(), one.plan.then());
        let words = format!("{} {} {}: serves {from}, will serve {to}", place + 1, one.draft.deed(), one.draft.target);
        rows.extend(wrapped(&words, cells, 2, Meaning::Danger));
        for note in notes.iter().take(1) {
            rows.extend(ranked(wrapped(note, cells, 4, Meaning::Warn), 4));
        }
        if let Some(wish) = critical {
            rows.extend(ranked(wrapped(wish, cells, 4, Meaning::Warn), 2));
        }
    }
    let confirms = all.first().and_then(|one| app.incident.seconds().find(one.draft.confirms?));
    if let Some((asked, one)) = confirms.zip(all.first()) {
        rows.extend(ranked(wrapped(&asked_for(asked, one, now), cells, 2, Meaning::Heading), 1));
    }
    if confirm.asks_second {
        rows.extend(ranked(wrapped(&format!("only asks: {ONLY_ASKS}"), cells, 2, Meaning::Warn), 1));
    }
    if !confirm.so_already.is_empty() {
        let words = format!("left out, so already: {}", confirm.so_already.join(", "));
        rows.extend(ranked(wrapped(&words, cells, 2, Meaning::Text), 3));
    }
    if all.len() > 1 {
        let words = "sent one after the other; one that fails leaves the others standing";
        rows.extend(ranked(wrapped(words, cells, 2, Meaning::Muted), 5));
    }
    rows
}

/// How the act is undone, or what it undoes.
fn undoing(app: &App, one: &Armed, now: Time) -> (&'static str, String) {
    let acts = app.acts();
    if let Some(intent) = one.draft.reverts.and_then(|id| acts.find(id)) {
        let (what, at) = (intent.what.called(), intent.at.exactly_beside(now));
        let words = format!("the {what} of {at} by {}{}", intent.by, place(app, intent));
        return (if one.draft.act.takes_back() { "takes back" } else { "a step from" }, words);
    }
    let key = app.keymap.keys(When::Switches, Action::Switch);
    let key = key.first().map_or_else(|| ":switch".into(), |key| key.to_string());
    ("to undo", format!("{key} on {}: it serves {} again", one.draft.target, one.plan.now()))
}

/// What must be typed, and why.
fn asked(confirm: &Confirm, cells: usize, names: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if confirm.typed_name() {
        rows.extend(named("type exactly", names, &confirm.exact, cells, Meaning::Danger));
    } else {
        let words = match (confirm.risk, confirm.only_asks()) {
            (Risk::Medium, false) => "no name is asked for: say why, then Enter sends it",
            (_, false) => "no name is asked for: Enter sends it",
            (Risk::Medium, true) => "no name is asked for: say why, then Enter asks",
            (_, true) => "no name is asked for: Enter asks",
        };
        rows.extend(named("", names, words, cells, Meaning::Warn));
    }
    for (place, (slot, field)) in confirm.fields.iter().enumerate() {
        let active = confirm.active == place;
        let rank = match slot {
            _ if active => 0,
            Slot::Name => 0,
            Slot::Why => 1,
            Slot::Glass => 2,
            Slot::Until | Slot::Expect => 9,
        };
        rows.extend(ranked(field_rows(field, active, names, cells, 1), rank));
    }
    rows
}

fn keys(confirm: &Confirm) -> Vec<Part> {
    if confirm.off.is_some() {
        return [key("Enter", "looks again", 0), key("Esc", "closes", 0)].concat();
    }
    let does = if confirm.only_asks() { "asks; nothing is sent yet" } else { "sends it, once" };
    let mut keys = key("Enter", does, 0).to_vec();
    keys.extend(key("Tab", "next field", 2));
    keys.extend(key("Esc", "leaves everything as it is", 1));
    keys
}

fn ranked(mut rows: Vec<Row>, rank: u8) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.rank = rank);
    rows
}
