//! What would have been under another indicator: the sentence first, then each condition. It must not know how it was counted.

use super::Page;
use crate::app::{App, condition};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::alert::Urgency;
use crate::query::paging::{Paging, Past};
use crate::view::theme::Meaning;
use crate::view::words;

/// The rows; answers with the title.
pub(super) fn rows(app: &App, now: Time, page: &mut Page) -> String {
    let would = &app.would;
    let counted = if would.only { "only these" } else { "these too" };
    page.add("had counted", format!("{counted}: {}", would.text));
    if let Some((_, trouble)) = &would.feed.trouble {
        // a picture of a place needs lines of its own, which are not broken
        let words = trouble.words();
        let name = if matches!(trouble, Trouble::Beyond(_)) { "out of reach" } else { "no answer" };
        page.add_as(name, words.split('\n').next().unwrap_or(words), Meaning::Warn);
    }
    let Some((_, compared)) = &would.feed.last else {
        let wait = would.feed.waiting(now).map_or(0, |wait| wait.as_seconds());
        if would.feed.trouble.is_none() {
            page.add_as(
                "asking",
                if wait < 10 { "…".into() } else { format!("for {} s", wait / 10 * 10) },
                Meaning::Muted,
            );
        }
        return title(app);
    };
    let (was, other) = (&compared.was, &compared.would);
    let is_sliced = app.slos.iter().any(|slo| slo.name == would.slo && slo.slices.is_some());
    let what = if is_sliced { "slices" } else { "events" };
    page.add_as("consumed", format!("{} as it was, {} had it counted", share(was), share(other)), Meaning::Heading);
    page.add(&format!("bad {what}"), format!("{} as it was, {}", count(was), count(other)));
    page.add(
        "of",
        format!(
            "{} {what} until {} {} UTC",
            words::count(was.budget.sum.total),
            would.at.date(),
            would.at.clock_minutes()
        ),
    );
    let (all, more) = (was.budget.sum.bad, other.budget.sum.bad);
    for doubt in &compared.doubts {
        page.add_as("but", doubt, Meaning::Warn);
    }
    let found = if would.only { more > 0 } else { more > all };
    if !found && compared.doubts.is_empty() && !is_sliced && was.budget.sum.total > 0 {
        let words = if would.only { "no event is like that" } else { "it adds no bad event" };
        page.add_as("but", format!("{words}: is that what the field is called? W tells values"), Meaning::Warn);
    }
    if !was.known.nearly() {
        page.add_as("but", was.known.to_string(), Meaning::Warn);
    }
    page.heading("Would have told");
    for (then, otherwise) in was.pagings.iter().zip(&other.pagings) {
        let urgency = if then.condition.urgency == Urgency::Page { "page" } else { "ticket" };
        let what = condition::of(then);
        let meaning = if otherwise.spells.len() > then.spells.len() { Meaning::Overdue } else { Meaning::Text };
        let said = |paging| spells(paging, would.at);
        page.add_as(urgency, format!("{what:<26}  {} (as it was: {})", said(otherwise), said(then)), meaning);
    }
    title(app)
}

fn title(app: &App) -> String {
    format!("What if, {}", app.would.slo)
}

/// A comparison is rounded to the nearest, unlike what is left, which is rounded down.
fn share(past: &Past) -> String {
    past.budget.consumed().map_or_else(|| "nothing known".into(), |share| format!("{:.2} %", share * 100.0))
}

fn count(past: &Past) -> String {
    words::count(past.budget.sum.bad)
}

/// When a condition held last, how often before, and when first; one that goes on was seen at the moment that was asked about, which need not be the present.
fn spells(paging: &Paging, at: Time) -> String {
    let (Some(first), Some(last)) = (paging.spells.first(), paging.spells.last()) else { return "never".into() };
    let began = |at: Time| format!("{} {}", at.date(), at.clock_minutes());
    let more = match paging.spells.len() {
        1 => String::new(),
        2 => format!(", and before at {}", began(Time(first.from))),
        n => format!(", and {} times before, first {}", n - 1, began(Time(first.from))),
    };
    let from = Time(last.from);
    let until = match last.to {
        Some(to) => format!(" to {}", Time(to).clock_minutes()),
        None => format!(", still at {}", at.clock_minutes()),
    };
    format!("{}{until}{more}", began(from))
}
