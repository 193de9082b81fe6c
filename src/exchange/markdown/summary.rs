//! The head of a report: title, summary, milestones and the durations between them with their definitions, and the foot.

use super::page::{Page, length, offset};
use super::{Report, escape, or_empty};
use crate::incident::fact::Fact;
use crate::incident::impact;
use crate::incident::phase::{Dated, Milestone};
use crate::incident::time::Span;
use crate::incident::timeline::percent;
use std::io;

/// What is measured, from which milestone to which; `None` is the end of impact: recovered, else mitigated. The definitions differ
/// between houses, so each stands beside its number.
const DURATIONS: [(&str, Milestone, Option<Milestone>); 8] = [
    ("Time to detect", Milestone::Began, Some(Milestone::Detected)),
    ("Time to declare", Milestone::Detected, Some(Milestone::Declared)),
    ("Time to identify", Milestone::Began, Some(Milestone::Identified)),
    ("Time to mitigate", Milestone::Began, Some(Milestone::Mitigated)),
    ("Impact lasted", Milestone::Began, None),
    ("Time to repair", Milestone::Detected, None),
    ("Time to resolve", Milestone::Began, Some(Milestone::Resolved)),
    ("Response lasted", Milestone::Declared, Some(Milestone::Resolved)),
];

impl Report<'_> {
    pub(super) fn title(&self, page: &mut Page<'_>) -> io::Result<()> {
        let incident = self.incident;
        let drill = if self.options.drill { "DRILL: " } else { "" };
        let title = match incident.is_restricted() {
            true => "restricted".to_string(),
            false => escape::inline(incident.title()),
        };
        page.heading(1, &format!("{drill}Incident {}, {}: {title}", incident.number(), incident.severity()))?;
        if self.options.drill {
            page.says("**DRILL.** This was a rehearsal; nothing of it happened to anybody.")?;
        }
        if let Some(as_of) = self.options.as_of {
            page.says(&format!("**As of {} UTC.** What was recorded later is not here.", self.at(as_of)))?;
        }
        page.says(&format!("All times are UTC; a time without a date lies on {}.", self.day))
    }

    pub(super) fn summary(&self, page: &mut Page<'_>) -> io::Result<()> {
        let incident = self.incident;
        let mut rows = Vec::new();
        let mut row = |what: &str, is: String| rows.push([what.to_string(), is]);
        row("Severity", incident.severity().to_string());
        row("Phase", format!("{} since {}", incident.phase().word(), self.at(incident.phase_since())));
        row(
            "Commander",
            match incident.commander() {
                Some((who, since)) => format!("{} since {}", escape::inline(who), self.at(since)),
                None => "nobody".into(),
            },
        );
        if let Some((stated, impact)) = incident.impact() {
            row("Impact", format!("{} (as stated {})", escape::inline(&impact::sentence(impact)), self.at(*stated)));
        } else {
            row("Impact", "not stated".into());
        }
        let budget = self.budget_in_words();
        if !budget.is_empty() {
            row("Error budget", budget);
        }
        row("Impact began", self.dated(incident.milestones().get(Milestone::Began)));
        row("Impact ended", self.dated(incident.impact_ended()));
        if let Some(opened) = incident.opened() {
            row("Declared", format!("{} by {}", self.at(opened.at), escape::inline(&opened.by)));
            let by = or_empty(opened.what.detected_by.as_deref());
            row("Detected by", if by.is_empty() { "not recorded".into() } else { by });
        }
        row(
            "Restricted",
            match incident.is_restricted() {
                true => {
                    "yes: outside the response only its number is said; this report is for those who may know".into()
                }
                false => "no".into(),
            },
        );
        if let Some(into) = incident.folded() {
            row("Folded", format!("goes on as incident {into}"));
        }
        for (kind, address) in incident.links() {
            row("Link", format!("{}: {}", kind.word(), escape::inline(address)));
        }
        page.heading(2, "Summary")?;
        page.table(["What", "As it stands (UTC)"], &rows)
    }

    fn budget_in_words(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for (slo, (_, last)) in self.incident.burns() {
            let first = self.entries.iter().find_map(|e| match &e.fact {
                Fact::BurnNoted(burn) if burn.slo == *slo => Some(burn.remaining_ppm),
                _ => None,
            });
            let before = first.filter(|ppm| *ppm != last.remaining_ppm);
            let before = before.map(|ppm| format!(", {} when first noted", percent(ppm))).unwrap_or_default();
            words.push(format!("{}: {} left{before}", escape::inline(slo), percent(last.remaining_ppm)));
        }
        words.join("; ")
    }

    fn dated(&self, dated: Option<&Dated>) -> String {
        let Some(dated) = dated else { return "not recorded".into() };
        let about = if dated.about { "about " } else { "" };
        let from = match dated.from.as_str() {
            "" => String::new(),
            from => format!(" (from: {})", escape::inline(from)),
        };
        format!("{about}{}{from}", self.at(dated.at))
    }

    pub(super) fn milestones(&self, page: &mut Page<'_>) -> io::Result<()> {
        let milestones = self.incident.milestones();
        let began = milestones.get(Milestone::Began);
        let row = |milestone: Milestone| {
            let dated = milestones.get(milestone);
            let after = match (began, dated) {
                (Some(began), Some(dated)) => offset(began.at, dated.at),
                _ => String::new(),
            };
            [milestone.word().to_string(), self.dated(dated), after]
        };
        page.heading(2, "Milestones")?;
        page.table(["Milestone", "When (UTC)", "After it began"], &Milestone::ALL.map(row))?;
        let rows = DURATIONS.map(|(name, from, to)| {
            let ended = milestones.get(Milestone::Recovered).map_or(Milestone::Mitigated, |_| Milestone::Recovered);
            let end = to.unwrap_or(ended);
            let definition = match to {
                Some(to) => format!("{} → {}", from.word(), to.word()),
                None => format!("{} → impact ended ({})", from.word(), end.word()),
            };
            [name.to_string(), self.duration(from, end), definition]
        });
        page.table(["Duration", "Length", "From → to"], &rows)?;
        page.says(
            "These are durations of one incident, not means. Impact ended is when the indicator was good again (recovered), else when \
             it was said to be mitigated; it is not the moment of *resolved*.",
        )
    }

    fn duration(&self, from: Milestone, to: Milestone) -> String {
        let milestones = self.incident.milestones();
        match (milestones.get(from), milestones.get(to)) {
            (Some(a), Some(b)) if b.at >= a.at => {
                let about = if a.about || b.about { "about " } else { "" };
                format!("{about}{}", length(Span(b.at.0.saturating_sub(a.at.0))))
            }
            (Some(_), Some(_)) => format!("not known: {} is said to be before {}", to.word(), from.word()),
            (None, None) => format!("not known: neither {} nor {} was recorded", from.word(), to.word()),
            (None, Some(_)) => format!("not known: {} was not recorded", from.word()),
            (Some(_), None) => format!("not known: {} was not recorded", to.word()),
        }
    }

    pub(super) fn footer(&self, page: &mut Page<'_>) -> io::Result<()> {
        let options = self.options;
        let unknown = match self.incident.unknown() {
            0 => String::new(),
            1 => " One of them was written by a later version; it is kept and its details are not shown.".into(),
            n => {
                format!(" {n} of them were written by a later version; they are kept and their details are not shown.")
            }
        };
        let drill = if options.drill { "DRILL. " } else { "" };
        let entries = match self.entries.len() {
            1 => "1 entry".to_string(),
            n => format!("{n} entries"),
        };
        page.says("---")?;
        page.says(&format!(
            "{drill}Written by quarterdeck at {} {} UTC from {entries} of incident {}.{unknown}",
            options.generated.date(),
            options.generated.clock(),
            self.incident.number()
        ))
    }
}
