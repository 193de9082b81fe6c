//! How much of the traffic it is that is to be excluded: asked when such an act is shown, told beside its preview. It is only words: nothing waits
//! for it, and nothing that is armed is void because it comes.
//!
//! It must not know how anything is counted.

use super::feed::{Feed, Pace};
use super::msg::Effect;
use super::shares::SharesAsk;
use super::switches::SwitchDesk;
use super::{App, Layer};
use crate::incident::intent::Act;
use crate::incident::switch::Whom;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::shares::{Asked, Shares};
use crate::query::weight::{self, Weight};

/// The question about the one that is to be excluded, and what was answered.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    /// The place of the objective whose events are counted, and what is asked.
    asked: Option<(usize, Asked)>,
    /// The key of whom it is about.
    key: String,
    /// What was answered.
    pub(super) feed: Feed<Shares>,
}

impl App {
    /// What is known of the share of the traffic that the act which is shown would take away; none for other acts.
    #[must_use]
    pub fn weight(&self) -> Option<Weight> {
        let (whom, desk) = self.excluded()?;
        // the time that is asked about stands in the question that was sent
        let field = match self.question(whom, desk, Time(0)) {
            Ok(asked) => asked.fields.into_iter().next().unwrap_or_default(),
            Err(weight) => return Some(weight),
        };
        let weighed = &self.weighed;
        Some(match (weighed.feed.last.as_ref(), &weighed.feed.trouble) {
            (Some((at, shares)), _) => Weight::of(shares, &field, &weighed.key, *at),
            (None, Some((_, Trouble::Slowed(..))) | None) => Weight::Asking,
            (None, Some((_, trouble))) => Weight::Unknown(trouble.words().into()),
        })
    }

    /// Whom the act which is shown excludes, and from what; none for other acts.
    fn excluded(&self) -> Option<(&Whom, &SwitchDesk)> {
        let Layer::Confirm(confirm) = &self.layer else { return None };
        let [one] = confirm.armed.as_slice() else { return None };
        let whom = one.draft.whom.as_ref().filter(|_| one.draft.act == Act::Exclude)?;
        let desk = self.switches.iter().find(|desk| desk.name == one.draft.target)?;
        Some((whom, desk))
    }

    fn question(&self, whom: &Whom, desk: &SwitchDesk, now: Time) -> Result<Asked, Weight> {
        let by = (desk.offers.whom.as_deref(), desk.offers.field.as_deref());
        weight::question(whom, by, !self.slos.is_empty(), now)
    }

    /// Asks for the share, when an exclusion is shown.
    pub(super) fn weigh(&mut self, now: Time) -> Option<Effect> {
        let (whom, desk) = self.excluded()?;
        let (key, asked) = (whom.key.clone(), self.question(whom, desk, now).ok());
        let mut feed = Feed::default();
        feed.keep_counting(&self.weighed.feed);
        self.weighed = Weighed { asked: asked.map(|asked| (self.slo, asked)), key, feed };
        self.ask_weight(now)
    }

    fn ask_weight(&mut self, now: Time) -> Option<Effect> {
        let (slo, asked) = self.weighed.asked.clone()?;
        // both kinds of questions about values are answered alike: a ticket belongs to one of them
        self.weighed.feed.keep_counting(&self.shares.feed);
        let ticket = self.weighed.feed.ask(now);
        Some(Effect::BreakDown(SharesAsk { slo, ticket, now, asked, others: Vec::new() }))
    }

    /// Whose turn has come asks again, as long as the act is shown.
    pub(super) fn weigh_again(&mut self, now: Time) -> Option<Effect> {
        let feed = &self.weighed.feed;
        let comes = matches!(&feed.trouble, Some((_, Trouble::Slowed(until, _))) if *until <= now);
        if feed.asked.is_none() && comes && self.excluded().is_some() { self.ask_weight(now) } else { None }
    }

    /// A question about values was answered; whether it was this one.
    pub(super) fn weighed(&mut self, now: Time, ticket: u64, answer: &Result<Box<Shares>, Trouble>) -> bool {
        let is_ours = self.weighed.feed.asked.is_some_and(|(waited, _)| waited == ticket);
        is_ours && self.weighed.feed.take(ticket, now, Pace::NEAR, answer.clone().map(|shares| *shares))
    }
}
