//! "What if the indicator had counted this?": asked on the screen, answered beside the chart, recorded by nobody.
//!
//! It must not know how anything is counted.

use super::feed::Feed;
use super::msg::Effect;
use super::{App, Layer, Subject};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::filter::{Error, Expr};
use crate::query::paging::Compared;
use crate::query::shares;

/// A question about the past of an objective under another indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldAsk {
    /// Which of the configured SLOs.
    pub slo: usize,
    /// The ticket the answer carries.
    pub ticket: u64,
    /// The moment it is asked for.
    pub now: Time,
    /// The events that are bad then, as its backend understands it.
    pub text: String,
    /// They are bad instead of those that are bad now, not besides.
    pub only: bool,
}

/// The last such question, and what was answered.
#[derive(Clone, Debug, Default)]
pub struct Would {
    /// The objective.
    pub slo: String,
    /// The events that were asked about.
    pub text: String,
    /// They are bad instead of those that are bad now.
    pub only: bool,
    /// The moment it was asked for: now, or the end of a look back.
    pub at: Time,
    /// What was answered.
    pub feed: Feed<Compared>,
}

/// What somebody typed: the events, whether they are bad instead of those that are now, and how many characters stand before them.
fn meant(words: &str) -> (&str, bool, usize) {
    let trimmed = words.trim();
    let (text, only) = match trimmed.strip_prefix("only ") {
        Some(rest) => (rest.trim_start(), true),
        None => (trimmed, false),
    };
    let before = words.trim_end().chars().count() - text.chars().count();
    (text, only, before)
}

/// What is about to be asked, before Enter.
pub(super) fn echo(words: &str) -> &'static str {
    match meant(words) {
        ("", _, _) => "with nothing above: which values does the SLI not count?",
        (_, true, _) => "only these, without what is bad now",
        (_, false, _) => "these too; a leading \"only\" leaves out what is bad now",
    }
}

impl App {
    /// What helps who asks: an example that the objective on the screen understands.
    pub(super) fn what_if_hint(&self) -> String {
        match self.shown_slo() {
            Some(desk) if !desk.filters => "what is bad, in the words of its backend".into(),
            Some(desk) => match shares::code_of(&desk.bad) {
                Some(code) => format!("such as {code} = 401"),
                None => format!("a filter like its own: {}", desk.bad),
            },
            None => "such as status = 401".into(),
        }
    }

    /// Whether what was typed can be read, where filters of ours say what is bad.
    ///
    /// # Errors
    /// The character where it is wrong, counted from 1, and why.
    pub(super) fn reads_what_if(&self, words: &str) -> Result<(), (usize, String)> {
        let (text, _, before) = meant(words);
        match text.parse::<Expr>() {
            Err(error) if self.slos.get(self.slo).is_some_and(|desk| desk.filters) => {
                let error = Error { place: error.place.behind(before), ..error };
                Err((error.place.position, error.sentences()))
            }
            _ => Ok(()),
        }
    }

    /// Asks; a leading `only` leaves out what is bad now.
    pub(super) fn what_if(&mut self, now: Time, words: &str) -> Vec<Effect> {
        let Some(desk) = self.slos.get(self.slo) else {
            self.say(now, "No objective is configured. There is nothing to ask.", true);
            return Vec::new();
        };
        let (text, only, _) = meant(words);
        let text = text.to_owned();
        let at = self.chart_end(now).unwrap_or(now);
        let mut would = Would { slo: desk.name.clone(), text: text.clone(), only, at, feed: Feed::default() };
        would.feed.keep_counting(&self.would.feed);
        let ticket = would.feed.ask(now);
        self.would = would;
        self.layer = Layer::Details(Subject::WhatIf, 0);
        vec![Effect::WhatIf(WouldAsk { slo: self.slo, ticket, now: at, text, only })]
    }

    /// It was answered.
    pub(super) fn would_be(&mut self, now: Time, ticket: u64, answer: Result<Box<Compared>, Trouble>) {
        let pace = super::feed::Pace::NEAR;
        self.would.feed.take(ticket, now, pace, answer.map(|compared| *compared));
    }
}
