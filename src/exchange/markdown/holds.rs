//! Releases in a report: what was frozen while the incident was open, and what stands still. It must not know how anything is lifted.

use super::page::Page;
use super::{Report, escape};
use crate::incident::hold::{Hold, Pass};
use std::io;

impl Report<'_> {
    pub(super) fn releases(&self, page: &mut Page<'_>) -> io::Result<()> {
        let Some(holds) = self.options.holds else { return Ok(()) };
        let own = Some(self.incident.number());
        let held: Vec<&Hold> =
            holds.all().iter().filter(|hold| hold.what.incident == own || hold.stands(self.now)).collect();
        let passes: Vec<&Pass> = holds.passes().iter().filter(|pass| pass.what.incident == own).collect();
        if held.is_empty() && passes.is_empty() {
            return Ok(());
        }
        page.heading(2, "Releases")?;
        let rows: Vec<[String; 5]> = held.into_iter().map(|hold| self.hold(hold)).collect();
        if rows.is_empty() {
            page.says("Nothing was frozen.")?;
        } else {
            page.table(["Hold", "Of", "Placed (UTC)", "Why", "How it stands"], &rows)?;
        }
        if passes.is_empty() {
            return Ok(());
        }
        let row = |pass: &Pass| {
            let until = pass.what.until.map(|until| format!("until {}", self.at(until)));
            let through = pass.through.as_ref().map(|all| {
                let all: Vec<String> = all.iter().map(|(_, number)| number.to_string()).collect();
                format!("through hold {} only", all.join(", "))
            });
            let withdrawn = pass.withdrawn.as_ref().map(|ended| format!("withdrawn {}", self.at(ended.at)));
            [
                escape::inline(&pass.what.reference),
                escape::inline(&pass.what.scope),
                format!("{} by {}", self.at(pass.at), escape::inline(&pass.by)),
                escape::inline(&pass.what.why),
                withdrawn.or(until).or(through).unwrap_or_default(),
            ]
        };
        let rows: Vec<[String; 5]> = passes.into_iter().map(row).collect();
        page.table(["Build that may pass", "To", "Granted (UTC)", "Why", "How it stands"], &rows)
    }

    fn hold(&self, hold: &Hold) -> [String; 5] {
        let until = hold.what.until.map(|until| self.at(until));
        let stands = match (&hold.lifted, until) {
            (Some(lifted), _) => {
                let why =
                    if lifted.why.is_empty() { String::new() } else { format!(": {}", escape::inline(&lifted.why)) };
                let review = hold.review.iter().map(|review| format!("; review: {}", escape::inline(review)));
                let owed = if hold.owes_review() { "; **the review is owed**" } else { "" };
                let by = escape::inline(&lifted.by);
                let asked = hold.asked_by.iter().map(|by| format!("; asked for by {}", escape::inline(by)));
                let (review, asked) = (review.collect::<String>(), asked.collect::<String>());
                format!("lifted {} by {by}{why}{review}{asked}{owed}", self.at(lifted.at))
            }
            (None, Some(until)) if !hold.stands(self.now) => format!("ended {until} by itself"),
            (None, Some(until)) => format!("**still stands**, until {until}"),
            (None, None) => "**still stands**".into(),
        };
        [
            escape::inline(&hold.called()),
            escape::inline(&hold.what.scope),
            format!("{} by {}", self.at(hold.at), escape::inline(&hold.by)),
            escape::inline(&hold.what.why),
            stands,
        ]
    }
}
