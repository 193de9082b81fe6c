//! "Which values does the SLI not count?": asked on the screen, answered over it, recorded by nobody. What was found is one key away from a what-if.
//!
//! It must not know how anything is counted.

use super::action::Action;
use super::feed::{Feed, Pace, SloDesk};
use super::key::{Code, Key};
use super::msg::Effect;
use super::prompt::Kind;
use super::switches::SwitchDesk;
use super::{App, Layer};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::shares::{self, Asked, Share, Shares};
use crate::query::slo::Slo;

/// A question about how values share the events of an objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharesAsk {
    /// Which of the configured SLOs.
    pub slo: usize,
    /// The ticket the answer carries.
    pub ticket: u64,
    /// Now, whatever time is asked about.
    pub now: Time,
    /// What is asked.
    pub asked: Asked,
    /// The other objectives that read the same events, by place and name: what they count is not uncounted.
    pub others: Vec<(usize, String)>,
}

/// The last such question, and what was answered.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// The place of the objective.
    slo: usize,
    /// Its name.
    pub name: String,
    /// What was asked; none before the first question.
    pub asked: Option<Asked>,
    /// The row that is chosen, by what it means; none is the first.
    pub chosen: Option<String>,
    /// What was answered.
    pub feed: Feed<Shares>,
}

impl Shared {
    /// The rows there are.
    pub fn rows(&self) -> &[Share] {
        self.feed.last.as_ref().map(|(_, shares)| shares.rows.as_slice()).unwrap_or_default()
    }
    /// The place of the row that is chosen.
    pub fn place(&self) -> usize {
        let chosen = self.chosen.as_ref();
        self.rows().iter().position(|row| Some(&row.means) == chosen).unwrap_or(0)
    }
    /// In how long it is asked again, while it waits for its turn.
    pub fn queued(&self, now: Time) -> Option<Span> {
        match &self.feed.trouble {
            Some((_, Trouble::Slowed(until, _))) => Some(until.since(now)),
            _ => None,
        }
    }
    /// In how long others on the same events have their turn, and their names; none where all were asked.
    pub fn awaits(&self, now: Time) -> Option<(Span, String)> {
        let awaited = &self.feed.last.as_ref()?.1.awaited;
        let first = awaited.iter().map(|(_, at)| *at).min()?;
        let names: Vec<&str> = awaited.iter().map(|(name, _)| name.as_str()).collect();
        Some((Time(first).since(now), names.join(", ")))
    }
}

impl App {
    /// The fields that are worth asking about first: those asked before of the objective on the screen, else its status code.
    pub(super) fn suggested_fields(&self) -> String {
        let shown = self.shown_slo();
        let before = self.shares.asked.as_ref().filter(|_| shown.is_some_and(|slo| slo.name == self.shares.name));
        let fields = before.map(|asked| asked.fields.join(", "));
        fields.unwrap_or_else(|| shares::suggested(shown.map_or("", |slo| &slo.bad)).to_owned())
    }

    /// Asks how the values of fields share the events of the time that the chart shows, against the rest of the window before it.
    pub(super) fn break_down(&mut self, now: Time, fields: Vec<String>) -> Vec<Effect> {
        let Some(desk) = self.shown_slo() else {
            self.say(now, "No objective is configured. There is nothing to ask. Configure an [[slo]].", true);
            return Vec::new();
        };
        let (from, step, columns) = self.chart(now);
        let right = from.plus(Span(step.0.saturating_mul(i64::from(columns))));
        let to = right.min(now);
        let since = Time(Slo::new(&desk.name, desk.target_ppm, desk.window).needs(to.0));
        let asked = Asked { fields, since: since.0, from: from.max(since).0, to: to.0, percentile: None, kept: None };
        let mut feed = Feed::default();
        feed.keep_counting(&self.shares.feed);
        self.shares = Shared { slo: self.slo, name: desk.name.clone(), asked: Some(asked), chosen: None, feed };
        self.layer = Layer::Shares;
        self.ask_shares(now).into_iter().collect()
    }

    /// Sends the question.
    fn ask_shares(&mut self, now: Time) -> Option<Effect> {
        let asked = self.shares.asked.clone()?;
        self.shares.feed.keep_counting(&self.weighed.feed);
        let ticket = self.shares.feed.ask(now);
        let others = self.on_the_same_events(self.shares.slo);
        Some(Effect::BreakDown(SharesAsk { slo: self.shares.slo, ticket, now, asked, others }))
    }

    /// The other objectives that read the events of one, by place and name.
    fn on_the_same_events(&self, slo: usize) -> Vec<(usize, String)> {
        let reads = self.slos.get(slo).map_or("", |slo| slo.reads.as_str());
        let same = |(place, other): &(usize, &SloDesk)| *place != slo && !reads.is_empty() && other.reads == reads;
        self.slos.iter().enumerate().filter(same).map(|(place, other)| (place, other.name.clone())).collect()
    }

    /// Whose turn has come asks again, as long as somebody looks at it.
    pub(super) fn ask_shares_again(&mut self, now: Time) -> Option<Effect> {
        let wait = self.shares.queued(now).or_else(|| Some(self.shares.awaits(now)?.0));
        let comes = self.shares.feed.asked.is_none() && wait.is_some_and(|wait| wait <= Span(0));
        if comes && self.layer == Layer::Shares { self.ask_shares(now) } else { None }
    }

    /// It was answered; others on the same events are asked after the objective itself.
    pub(super) fn shared(&mut self, now: Time, ticket: u64, answer: Result<Box<Shares>, Trouble>) -> Option<Effect> {
        if !self.weighed(now, ticket, &answer) {
            self.shares.feed.take(ticket, now, Pace::NEAR, answer.map(|shares| *shares));
        }
        self.ask_shares_again(now)
    }

    /// A key while the values are shown.
    pub(super) fn shares_key(&mut self, now: Time, key: Key) -> Vec<Effect> {
        self.layer = Layer::Shares;
        let (place, last) = (self.shares.place(), self.shares.rows().len().saturating_sub(1));
        let page = usize::from(self.spots.page.max(4));
        let to = match key.code {
            code if App::is_escape(code) => {
                self.close_layer(now);
                return Vec::new();
            }
            Code::Enter => {
                let means = self.shares.rows().get(place).map(|row| row.means.clone());
                if let Some(means) = means.filter(|means| !means.is_empty()) {
                    self.open_what_if(now, &means);
                }
                return Vec::new();
            }
            Code::Down | Code::Char('j') => place.saturating_add(1),
            Code::Up | Code::Char('k') => place.saturating_sub(1),
            Code::PageDown | Code::Char(' ') => place.saturating_add(page),
            Code::PageUp => place.saturating_sub(page),
            Code::Home | Code::Char('g') => 0,
            Code::End | Code::Char('G') => usize::MAX,
            // letters are global: a note is one key away whatever is being read
            _ => match self.keymap.action(self.when(), key) {
                Some(action) => {
                    if let (Action::Switch, Some(name)) = (action, self.stops_one().map(str::to_owned)) {
                        self.switch = Some(name);
                    }
                    self.layer = Layer::None;
                    return self.act(now, action);
                }
                None => place,
            },
        };
        self.shares.chosen = self.shares.rows().get(to.min(last)).map(|row| row.means.clone());
        Vec::new()
    }

    /// The switch, by name, that can be stopped for one of the values that are told apart.
    #[must_use]
    pub fn stops_one(&self) -> Option<&str> {
        let field = self.shares.asked.as_ref()?.fields.first()?;
        let fits = |desk: &&SwitchDesk| desk.offers.field.as_ref() == Some(field);
        self.switches.iter().find(fits).map(|desk| desk.name.as_str())
    }

    /// Opens the what-if with events filled in.
    fn open_what_if(&mut self, now: Time, means: &str) {
        self.open(now, Kind::WhatIf);
        if let Layer::Prompt(prompt) = &mut self.layer
            && let Some(field) = prompt.field_mut()
        {
            *field = std::mem::take(field).filled(means);
        }
    }
}
