//! Who says what changed: each source, how old its answer is, what must be said beside it.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::{App, ChangeDesk};
use crate::incident::change::{MOST, Reported};
use crate::incident::impact::counted;
use crate::incident::time::{Span, Time};
use crate::view::burn::title::coarse;
use crate::view::theme::Meaning;

/// Every source, under a heading; nothing where none is configured.
pub(super) fn rows(app: &App, now: Time, page: &mut Page) {
    for (place, desk) in app.changes.iter().enumerate() {
        if place == 0 {
            page.heading("Who says what changed");
        }
        source(app, desk, now, page);
    }
}

/// A change that the record does not have, and why; answers with words for the title.
pub(super) fn reported(app: &App, one: &Reported, record: &str, now: Time, page: &mut Page) -> String {
    let about = if one.within > Span(0) { "about " } else { "" };
    page.add("says", one.change.words());
    page.add("happened", format!("{about}{}", moment(app, one.at)));
    page.add("until", one.until.map(|at| moment(app, at)).unwrap_or_default());
    page.add_as("by", one.change.by.as_deref().unwrap_or_default(), Meaning::Person);
    page.add_as("record", record, Meaning::Warn);
    let tells = |desk: &&ChangeDesk| desk.feed.last.as_ref().is_some_and(|(_, told)| told.changes.contains(one));
    if let Some(desk) = app.changes.iter().find(tells) {
        page.heading("The source");
        source(app, desk, now, page);
    }
    format!("{} change", one.at.clock())
}

/// One source.
pub(super) fn source(app: &App, desk: &ChangeDesk, now: Time, page: &mut Page) {
    page.add(&desk.name, &desk.asks);
    match &desk.feed.last {
        Some((at, told)) => {
            let age = if now.since(*at) < Span::seconds(15) {
                "live".into()
            } else {
                format!("{} ago", coarse(now.since(*at)))
            };
            page.add("answered", format!("{}   {age}", moment(app, *at)));
            let kept = counted(app.incident.reports().of(&desk.name) as u64, "change", "changes");
            let left = match desk.left {
                0 => String::new(),
                left => format!(
                    ", {left} more left out: an incident takes the last {MOST} from before it began and the first {MOST} since"
                ),
            };
            page.add("in the record", format!("{kept}{left}"));
            for doubt in &told.doubts {
                page.add_as("doubt", doubt, Meaning::Warn);
            }
        }
        None if desk.feed.trouble.is_none() => {
            page.add_as("answered", "nobody has answered yet", Meaning::Unknown);
        }
        None => {}
    }
    if let Some((at, trouble)) = &desk.feed.trouble {
        page.add_as("failed", format!("{}   {}", moment(app, *at), trouble.words()), Meaning::Warn);
    }
}
