//! What changed in the world; may be older than the incident. Somebody says so, or a source that is configured reports it: then it is written
//! down once, however many look. It must not know how sources are read.

pub mod alone;
pub mod suspect;
pub mod whose;

pub use whose::looked;

use super::Incident;
use super::cadence::Rules;
use super::command::{LONGEST_TEXT, Refusal, happened, worded};
use super::entry::{Draft, Entry, EntryId, Number, Stamp, When};
use super::fact::Fact;
use super::phase::{Milestone, Phase};
use super::ran::RUN;
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long before an incident began what changed may still be its cause; and how long after the end of one that was over when it was declared.
pub const AROUND: Span = Span::minutes(60);
/// How many changes of one source an incident takes from before it began, the last ones, and as many since, the first ones.
pub const MOST: usize = 50;
/// How well the time of a change is known that was found by looking.
pub const FOUND: Span = Span::minutes(1);
/// How many changes before and after a moment are looked at.
const NEAR: usize = 1_000;
/// How far apart two tell of the same change where one of them does not say what it led to.
const MOMENT: Span = Span::seconds(5);
/// The same where both say it.
const TOLD: Span = Span::minutes(1);

/// Something changed: a deploy, a flag, configuration, a migration, a data push.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// What kind of change ("deploy", "flag", "config", "migration", "data").
    pub what: String,
    /// What was changed ("api").
    pub subject: String,
    /// What it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What is called a change by which a build begins to serve.
const DEPLOYS: [&str; 2] = ["deploy", "release"];

impl Changed {
    /// The build that serves since; none where it is no deploy, or does not say.
    #[must_use]
    pub fn build(&self) -> Option<&str> {
        let is_deploy = DEPLOYS.iter().any(|what| self.what.eq_ignore_ascii_case(what));
        self.to.as_deref().filter(|to| is_deploy && !to.is_empty())
    }
}

/// A change that a source reports; [`Changed::source`] is that source's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// When it happened.
    pub at: Time,
    /// What changed.
    pub change: Changed,
    /// Until when it went on, where the source says so.
    pub until: Option<Time>,
    /// How exactly the source knows the time: the same words within this length of it are the same change.
    pub within: Span,
}

/// What one source told about a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The changes, by when they happened.
    pub changes: Vec<Reported>,
    /// How many more there are, too far from what was asked about to be of use.
    pub more: usize,
    /// What must be said beside them, cleaned.
    pub doubts: Vec<String>,
}

impl Told {
    /// The same without what lies too far from a moment to be written down.
    #[must_use]
    pub fn near(mut self, moment: Time) -> Told {
        self.changes.sort();
        let all = self.changes.len();
        let mut since = self.changes.split_off(self.changes.partition_point(|one| one.at < moment));
        self.changes.drain(..self.changes.len().saturating_sub(NEAR));
        since.truncate(NEAR);
        self.changes.append(&mut since);
        self.more += all - self.changes.len();
        self
    }
}

/// The time whose changes belong to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// From when on.
    pub from: Time,
    /// When it began, or was declared if that is earlier.
    pub began: Time,
    /// Until when; none while it goes on.
    pub until: Option<Time>,
}

/// What of that which one source reports is to be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The changes, by when they happened.
    pub wanted: Vec<Reported>,
    /// How many more there are than an incident takes.
    pub left: usize,
}

/// The changes that sources reported and the record has, as they were written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reports(Vec<(EntryId, Time, Changed)>);

/// The source that reported a change; none when a person said so.
#[must_use]
pub fn reporter<'a>(entry: &'a Entry, change: &'a Changed) -> Option<&'a str> {
    let dated = entry.when.as_ref().and_then(|when| when.source.as_deref());
    change.source.as_deref().filter(|source| dated == Some(source))
}

impl Changed {
    /// What it is, in a line.
    #[must_use]
    pub fn words(&self) -> String {
        let part =
            |word: &str, value: &Option<String>| value.as_ref().map(|v| format!(" {word} {v}")).unwrap_or_default();
        format!("{} {}{}{}", self.what, self.subject, part("from", &self.from), part("to", &self.to))
    }
}

impl Reported {
    /// A flag file was written, as its disk says: what was changed in it nobody saw.
    #[must_use]
    pub fn written(file: &str, at: Time, source: &str) -> Reported {
        let change = Changed {
            what: "file".into(),
            subject: format!("{file} was written, what changed in it was not seen"),
            from: None,
            to: None,
            by: None,
            source: Some(source.to_owned()),
        };
        Reported { at, change, until: None, within: Span(0) }
    }

    /// What is known about its time besides. How a command ended, and how long it took, is written down by itself.
    fn when(&self) -> When {
        let until = self.until.filter(|_| self.change.source.as_deref() != Some(RUN));
        When { about: self.within > Span(0), until, source: self.change.source.clone(), ..When::default() }
    }

    pub(super) fn draft(self) -> Draft {
        let when = Some(Box::new(self.when()));
        Draft { at: self.at, when, fact: Fact::from(self.change) }
    }

    fn is(&self, at: Time, change: &Changed) -> bool {
        let apart = self.at.since(at).max(at.since(self.at));
        apart <= self.within && self.change == *change
    }

    /// It was found by looking, or in a provider's record, and the other of the two has told of it.
    fn repeats(&self, at: Time, change: &Changed) -> bool {
        let one = &self.change;
        let (here, there) = (one.looked_at().is_some(), change.looked_at().is_some());
        let within = match (&one.to, &change.to) {
            (Some(one), Some(other)) if one != other => return false,
            (Some(_), Some(_)) => TOLD,
            _ => MOMENT,
        };
        let apart = self.at.since(at).max(at.since(self.at));
        here != there && one.what == change.what && one.whose() == change.whose() && apart <= within
    }

    /// It is our own mark of an incident with this number, come back.
    #[must_use]
    pub fn marks(&self, number: Number) -> bool {
        let text = self.change.subject.trim_start_matches('#');
        let rest = text.strip_prefix(&number.to_string());
        self.change.what == "incident" && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    }
}

impl Reports {
    pub(super) fn changed(&mut self, entry: &Entry, change: &Changed) {
        if reporter(entry, change).is_some() {
            self.0.push((entry.id, entry.at, change.clone()));
        }
    }

    /// How many changes of a source are written down.
    #[must_use]
    pub fn of(&self, source: &str) -> usize {
        self.0.iter().filter(|(.., change)| change.source.as_deref() == Some(source)).count()
    }

    /// The last change of a switch that is written down, and when it happened: found by looking, or told by its provider's record.
    #[must_use]
    pub fn last_about(&self, switch: &str, audits: &BTreeMap<String, String>) -> Option<(Time, &Changed)> {
        let about = self.0.iter().filter(|(.., change)| change.what == "flag" && change.is_of(switch, audits));
        about.max_by_key(|(_, at, _)| *at).map(|(_, at, change)| (*at, change))
    }

    /// It is written down.
    #[must_use]
    pub fn has(&self, reported: &Reported) -> bool {
        self.0.iter().any(|(_, at, change)| reported.is(*at, change) || reported.repeats(*at, change))
    }

    /// The entry by which it is written down.
    fn entry_of(&self, reported: &Reported) -> Option<EntryId> {
        self.0.iter().find(|(_, at, change)| reported.is(*at, change)).map(|(id, ..)| *id)
    }
}

impl Incident {
    /// The time whose changes belong to it; none before it is declared.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        let opened = self.opened()?;
        let began = self.milestones().get(Milestone::Began).map_or(opened.at, |dated| dated.at.min(opened.at));
        // one that goes on takes what changes now, and so does one that hurts again
        let ended = opened.what.ended.filter(|_| self.phase() >= Phase::Mitigated);
        Some(Reach { from: began.minus(AROUND), began, until: ended.map(|ended| ended.plus(AROUND)) })
    }

    /// What a source reports is our own mark or act, come back; what was done from another incident is ours as well.
    #[must_use]
    pub fn is_ours(&self, one: &Reported, rules: &Rules) -> bool {
        let mut acts = self.intents().all().iter().chain(rules.elsewhere.all());
        one.marks(self.number()) || acts.any(|act| one.echoes(act, rules)) || self.knows_writing(one, rules)
    }

    /// It says that a flag file was written, and what was written is known: it was an act of ours, or somebody who looked since has told it.
    #[must_use]
    pub fn knows_writing(&self, one: &Reported, rules: &Rules) -> bool {
        let Some(switches) = one.change.source.as_ref().and_then(|source| rules.files.get(source)) else {
            return false;
        };
        let mut acts = self.intents().all().iter().chain(rules.elsewhere.all());
        let mut found = self.reports().0.iter().filter(|(_, at, _)| *at >= one.at);
        acts.any(|act| switches.contains(&act.what.target) && one.is_written_by(act))
            || found.any(|(.., change)| change.looked_at().is_some_and(|name| switches.iter().any(|one| one == name)))
    }

    /// The entry of a command that was taken into the incident, while its record does not say how the command ended.
    #[must_use]
    pub fn endless(&self, run: &Reported) -> Option<EntryId> {
        let id = self.reports().entry_of(run)?;
        (self.runs().began(id) && self.runs().of(id).is_none()).then_some(id)
    }

    /// What of that which one source reports belongs to the incident and is not written down yet. Neither what we did ourselves nor what lies in
    /// the future is news; of more than it takes, what lies nearest to its beginning is.
    #[must_use]
    pub fn news(&self, reports: &[Reported], now: Time, rules: &Rules) -> News {
        let Some(reach) = self.reach() else { return News::default() };
        let fits = |text: &str| text.chars().count() <= LONGEST_TEXT && !text.trim().is_empty();
        let meant = |one: &&Reported| {
            one.at >= reach.from
                && one.at <= reach.until.unwrap_or(now).min(now)
                && fits(&one.change.subject)
                && !self.reports().has(one)
                && !self.is_ours(one, rules)
        };
        let mut all: Vec<Reported> = reports.iter().filter(meant).cloned().collect();
        all.sort();
        all.dedup_by(|later, earlier| later.is(earlier.at, &earlier.change));
        let source = reports.first().and_then(|one| one.change.source.as_deref());
        let taken = |is_before: bool| {
            let of = self.reports().0.iter().filter(|(.., change)| change.source.as_deref() == source);
            // what somebody took from further away leaves its room to the others
            of.filter(|(_, at, _)| *at >= reach.from && (*at < reach.began) == is_before).count()
        };
        let found = all.len();
        let since = all.split_off(all.partition_point(|one| one.at < reach.began));
        let mut wanted = all.split_off(all.len().saturating_sub(MOST.saturating_sub(taken(true))));
        wanted.extend(since.into_iter().take(MOST.saturating_sub(taken(false))));
        News { left: found - wanted.len(), wanted }
    }
}

fn is_written() -> Refusal {
    Refusal::new("What changed is written down already.", "There is nothing to add.")
}

/// The entry of one change that a source reports and somebody says belongs to the incident; refused when it is written down, is our own mark or act come
/// back, or has not come yet.
pub(super) fn take(incident: &Incident, one: &Reported, stamp: &Stamp, rules: &Rules) -> Result<Vec<Draft>, Refusal> {
    worded(&one.change.subject, "The change")?;
    happened(one.at, stamp.now)?;
    if incident.reports().has(one) || incident.is_ours(one, rules) {
        return Err(is_written());
    }
    Ok(vec![one.clone().draft()])
}

/// The entry of a change that was found while no incident was open; refused when it is written down: every screen sees the same.
pub(super) fn notice(alone: &alone::Alone, one: &Reported, stamp: &Stamp) -> Result<Draft, Refusal> {
    worded(&one.change.subject, "The change")?;
    happened(one.at, stamp.now)?;
    if alone.has(one) { Err(is_written()) } else { Ok(one.clone().draft()) }
}

/// The entries of what a source reports; refused when all of it is written down already: several screens see the same, and one of them writes.
pub(super) fn report(
    incident: &Incident,
    reports: &[Reported],
    stamp: &Stamp,
    rules: &Rules,
) -> Result<Vec<Draft>, Refusal> {
    let news = incident.news(reports, stamp.now, rules);
    if news.wanted.is_empty() {
        return Err(is_written());
    }
    Ok(news.wanted.into_iter().map(Reported::draft).collect())
}

#[cfg(test)]
mod tests;
