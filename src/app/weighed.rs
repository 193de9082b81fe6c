//! How much of the traffic it is that is to be excluded: asked when such an act is shown, told beside its preview. It is only words: nothing waits
//! for it, and nothing that is armed is void because it comes.
//!
//! It must not know how anything is counted.

use super::feed::{Feed, Pace};
use super::msg::Effect;
use super::shares::{SharesAsk, key_of};
use super::{App, Layer};
use crate::incident::intent::Act;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::shares::{Asked, Shares};

/// How far back is counted: what is now, not what was.
pub const LATELY: Span = Span::minutes(10);

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

/// What is known of that share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It is being asked.
    Asking,
    /// It is this.
    Known {
        /// Of all events, per million.
        all_ppm: u64,
        /// Of the bad ones, per million; none where there were none.
        bad_ppm: Option<u64>,
        /// When it was answered.
        at: Time,
        /// There are more values than can be told apart: of what is in none of them nobody knows.
        is_cut: bool,
    },
    /// There was no event of it.
    Absent(Time),
    /// There are more values than can be told apart, and it is not among these.
    Untold,
    /// Nobody can say, and why.
    Unknown(String),
}

impl App {
    /// What is known of the share of the traffic that the act which is shown would take away; none for other acts.
    #[must_use]
    pub fn weight(&self) -> Option<Weight> {
        let (field, _) = self.excluded_field()?;
        let Some(field) = field else {
            return Some(Weight::Unknown("no `field` of the events is configured for this switch".into()));
        };
        let weighed = &self.weighed;
        if self.slos.is_empty() {
            return Some(Weight::Unknown("no [[slo]] is configured".into()));
        }
        let Some((at, shares)) = weighed.feed.last.as_ref() else {
            return Some(match &weighed.feed.trouble {
                Some((_, Trouble::Slowed(..))) | None => Weight::Asking,
                Some((_, trouble)) => Weight::Unknown(trouble.words().into()),
            });
        };
        let row = shares.rows.iter().find(|row| key_of(row).is_some_and(|key| key == weighed.key));
        let Some(row) = row.filter(|_| shares.fields == [field]) else {
            return Some(if shares.is_cut { Weight::Untold } else { Weight::Absent(*at) });
        };
        let bad_ppm = (u128::from(row.bad) * 1_000_000).checked_div(u128::from(shares.bad));
        let bad_ppm = bad_ppm.map(|ppm| u64::try_from(ppm).unwrap_or(u64::MAX));
        Some(Weight::Known { all_ppm: row.now_ppm, bad_ppm, at: *at, is_cut: shares.is_cut })
    }

    /// The field that names whom the act which is shown excludes, where one is configured, and its key; none for other acts.
    fn excluded_field(&self) -> Option<(Option<String>, String)> {
        let Layer::Confirm(confirm) = &self.layer else { return None };
        let [one] = confirm.armed.as_slice() else { return None };
        let whom = one.draft.whom.as_ref().filter(|_| one.draft.act == Act::Exclude)?;
        let desk = self.switches.iter().find(|desk| desk.name == one.draft.target)?;
        // a context of another kind stands in another field
        let field = desk.offers.field.clone().filter(|_| desk.offers.whom.as_ref() == Some(&whom.kind));
        Some((field, whom.key.clone()))
    }

    /// Asks for the share, when an exclusion is shown.
    pub(super) fn weigh(&mut self, now: Time) -> Option<Effect> {
        let (field, key) = self.excluded_field()?;
        let mut feed = Feed::default();
        feed.keep_counting(&self.weighed.feed);
        let from = now.minus(LATELY).0;
        let kept = Some(key.clone());
        let asked = |field| Asked { fields: vec![field], since: from, from, to: now.0, percentile: None, kept };
        let asked = field.filter(|_| !self.slos.is_empty()).map(|field| (self.slo, asked(field)));
        self.weighed = Weighed { asked, key, feed };
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
        if feed.asked.is_none() && comes && self.excluded_field().is_some() { self.ask_weight(now) } else { None }
    }

    /// A question about values was answered; whether it was this one.
    pub(super) fn weighed(&mut self, now: Time, ticket: u64, answer: &Result<Box<Shares>, Trouble>) -> bool {
        let is_ours = self.weighed.feed.asked.is_some_and(|(waited, _)| waited == ticket);
        is_ours && self.weighed.feed.take(ticket, now, Pace::NEAR, answer.clone().map(|shares| *shares))
    }
}
