//! Who says what changed: each source, how old its answer is, what must be said beside it.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::{App, ChangeDesk};
use crate::incident::change::MOST;
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
