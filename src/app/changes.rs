//! What sources report to have changed becomes lines of the record, whoever looks: each change once, at the time it happened.
//!
//! It must not know how sources are read. What they report is never taken for an act of ours.

use super::feed::{Feed, Pace};
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::change::suspect::{Beginning, LOOK_BACK};
use crate::incident::change::{Reach, Reported, Told};
use crate::incident::command::Command;
use crate::incident::entry::Number;
use crate::incident::ran::Ran;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use std::collections::BTreeMap;

/// How long after now a question reaches, for clocks that differ.
const AHEAD: Span = Span::minutes(1);
/// What is younger is not asked for again because somebody looks.
const YOUNG: Span = Span::seconds(15);

/// A configured source of changes and what was last told.
#[derive(Clone, Debug)]
pub struct ChangeDesk {
    /// Its name.
    pub name: String,
    /// What is asked, of whom: for people.
    pub asks: String,
    /// How often it is worth asking.
    pub pace: Pace,
    /// What was last told.
    pub feed: Feed<Told>,
    /// From when on what was last told reaches.
    pub from: Option<Time>,
    /// The same of what is being asked.
    asked_from: Option<Time>,
    /// How many changes the incident does not take, because it has so many of this source already.
    pub left: usize,
    /// The trouble it has was said in the footer.
    pub said: bool,
}

impl ChangeDesk {
    /// A source that was not asked yet.
    #[must_use]
    pub fn new(name: String, asks: String, pace: Pace) -> ChangeDesk {
        ChangeDesk { name, asks, pace, feed: Feed::default(), from: None, asked_from: None, left: 0, said: false }
    }
}

/// A question about what changed in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangesAsk {
    /// Which of the configured sources.
    pub source: usize,
    /// The ticket the answer carries.
    pub ticket: u64,
    /// The incident it is asked for.
    pub number: Number,
    /// The moment it is asked.
    pub now: Time,
    /// From when on.
    pub from: Time,
    /// When the incident began: what is nearest to it counts most.
    pub began: Time,
    /// Until when, not included.
    pub until: Time,
}

impl ChangesAsk {
    /// What an incident asks a source now.
    #[must_use]
    pub fn of(reach: Reach, (source, ticket): (usize, u64), number: Number, now: Time) -> ChangesAsk {
        let until = reach.until.unwrap_or(now).min(now).plus(AHEAD);
        ChangesAsk { source, ticket, number, now, from: reach.from, began: reach.began, until }
    }
}

impl App {
    /// The moment that changes are compared with: the present, where nothing is declared.
    #[must_use]
    pub fn beginning(&self, now: Time) -> Beginning {
        self.incident.beginning().unwrap_or(Beginning::nothing(now))
    }

    /// The time that the sources are asked about: what the incident takes, and further back while somebody looks; none when nobody needs it.
    fn asks_about(&self, now: Time) -> Option<Reach> {
        if self.reading().is_some() {
            return None;
        }
        let looks = matches!(self.layer, Layer::Changes(_));
        let takes = self.incident.reach().filter(|_| looks || self.incident.is_open());
        let began = self.beginning(now).at;
        let nothing = Reach { from: began, began, until: None };
        let reach = takes.or(looks.then_some(nothing))?;
        Some(Reach { from: if looks { began.minus(LOOK_BACK).min(reach.from) } else { reach.from }, ..reach })
    }

    /// Asks the sources that are due, while an incident is open or somebody looks.
    pub(super) fn ask_changes(&mut self, now: Time) -> Vec<Effect> {
        let Some(reach) = self.asks_about(now) else { return Vec::new() };
        let number = self.incident.number();
        let due = self.changes.iter_mut().enumerate().filter(|(_, desk)| desk.feed.is_due(now));
        due.map(|(source, desk)| {
            let ticket = desk.feed.ask(now);
            desk.asked_from = Some(reach.from);
            Effect::AskChanges(ChangesAsk::of(reach, (source, ticket), number, now))
        })
        .collect()
    }

    /// Somebody looks: whose answer is old or does not reach far enough is asked at once, but for those who asked for time.
    pub(super) fn ask_changes_again(&mut self, now: Time) -> Vec<Effect> {
        let Some(reach) = self.asks_about(now) else { return Vec::new() };
        for desk in &mut self.changes {
            let waits = matches!(&desk.feed.trouble, Some((_, Trouble::Slowed(until, _))) if *until > now);
            let from =
                if desk.feed.asked.is_some() || desk.feed.trouble.is_some() { desk.asked_from } else { desk.from };
            let reaches = from.is_some_and(|from| from <= reach.from);
            let tried = desk.feed.trouble.as_ref().map(|(at, _)| *at).max(desk.feed.last.as_ref().map(|(at, _)| *at));
            let is_young = desk.feed.asked.is_some() || tried.is_some_and(|at| now.since(at) < YOUNG);
            let is_enough = waits || (reaches && is_young);
            if !is_enough {
                desk.feed.refresh();
            }
        }
        self.ask_changes(now)
    }

    /// Another incident is on the screen: what was told was about another time.
    pub(super) fn forget_changes(&mut self) {
        for desk in &mut self.changes {
            let mut feed = Feed::default();
            feed.keep_counting(&desk.feed);
            (desk.feed, desk.from, desk.left) = (feed, None, 0);
        }
    }

    /// A source has answered, or could not.
    pub(super) fn told_changes(
        &mut self,
        now: Time,
        source: usize,
        ticket: u64,
        answer: Result<Told, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.changes.get_mut(source) else { return Vec::new() };
        if !desk.feed.take(ticket, now, desk.pace, answer) {
            return Vec::new();
        }
        match &desk.feed.trouble {
            None => {
                (desk.said, desk.from) = (false, desk.asked_from);
                self.report(now, source)
            }
            // once, and over nothing else that is being said
            Some((_, trouble)) if !desk.said && self.notice.is_none() => {
                desk.said = true;
                let words = format!("{}: {}", desk.name, trouble.words());
                self.say(now, words, true);
                Vec::new()
            }
            Some(_) => Vec::new(),
        }
    }

    /// Writes down what changed while no incident was open and belongs to this one, as if a source told it; and how a command ended that was
    /// taken from there, whenever it ends.
    pub(super) fn report_alone(&mut self, now: Time) -> Vec<Effect> {
        if !self.incident.is_open() || self.reading().is_some() || !self.desk.is_idle() {
            return Vec::new();
        }
        let Some(reach) = self.incident.reach() else { return Vec::new() };
        let mut by_source: BTreeMap<Option<&str>, Vec<Reported>> = BTreeMap::new();
        for one in self.standing.alone().all().filter(|one| one.at >= reach.from) {
            by_source.entry(one.change.source.as_deref()).or_default().push(one.clone());
        }
        let is_news = |reports: &Vec<Reported>| !self.incident.news(reports, now, &self.rules).wanted.is_empty();
        let news = by_source.into_values().find(is_news);
        if let Some(reports) = news {
            return self.want(now, Command::Report(reports), None);
        }
        let ended = self.standing.alone().ended().find_map(|(run, ran)| {
            let changed = self.incident.endless(run)?;
            Some((Ran { changed, ..ran.clone() }, run.at.plus(ran.ended().took()).min(now)))
        });
        match ended {
            Some((ran, at)) => self.want(now, Command::EndRun(ran), Some(at)),
            None => Vec::new(),
        }
    }

    /// Writes down what a source told and the record does not have yet.
    fn report(&mut self, now: Time, source: usize) -> Vec<Effect> {
        // one at a time: what is in flight comes back before more of the same is decided
        if !self.incident.is_open() || self.reading().is_some() || !self.desk.is_idle() {
            return Vec::new();
        }
        let Some(desk) = self.changes.get_mut(source) else { return Vec::new() };
        let Some((_, told)) = &desk.feed.last else { return Vec::new() };
        let ours = |number: Number| told.changes.iter().any(|one| one.marks(number));
        let marked: Vec<Number> = self.known.iter().map(|known| known.number()).filter(|n| ours(*n)).collect();
        let others = told.changes.iter().filter(|one| !marked.iter().any(|number| one.marks(*number)));
        let reports: Vec<_> = others.cloned().collect();
        let news = self.incident.news(&reports, now, &self.rules);
        let left = news.left + told.more;
        let is_new = desk.left == 0 && left > 0 && self.notice.is_none();
        desk.left = left;
        let chatty = is_new.then(|| {
            format!(
                "{} reports more changes than an incident takes; {left} are left out. See Enter on the chart.",
                desk.name
            )
        });
        if let Some(words) = chatty {
            self.say(now, words, false);
        }
        if news.wanted.is_empty() {
            return Vec::new();
        }
        self.want(now, Command::Report(reports), None)
    }
}
