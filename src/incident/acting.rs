//! Whether an act on the outside may be done now, by all that the journal knows of its switch. It must not know how an act is carried.

use super::Incident;
use super::cadence::Rules;
use super::command::Refusal;
use super::entry::Stamp;
use super::intent::{Intended, Intents};
use super::second::needed;
use std::borrow::Cow;

impl Incident {
    /// Whether an act may be done now, by whoever wants it.
    ///
    /// # Errors
    /// Another act on its target is under way, there is nothing to do, or a second person is needed.
    pub fn may_act(&self, rules: &Rules, act: &Intended, stamp: &Stamp) -> Result<(), Refusal> {
        let acts = self.acts(&rules.elsewhere);
        acts.check_act(act, stamp.now)?;
        let two = rules.seconds.get(&act.target).copied().unwrap_or_default();
        self.seconds.check(two, act, &acts, stamp)
    }
    /// What was done with switches here and in other streams, as if it stood in one.
    pub fn acts(&self, elsewhere: &Intents) -> Cow<'_, Intents> {
        match elsewhere.is_empty() {
            true => Cow::Borrowed(&self.intents),
            false => Cow::Owned(Intents::together([&self.intents, elsewhere])),
        }
    }
    /// An act does not wait for the second person that is asked for here: a review is owed for it.
    pub(super) fn goes_alone(&self, rules: &Rules, act: &Intended, stamp: &Stamp) -> bool {
        let two = rules.seconds.get(&act.target).copied().unwrap_or_default();
        let glass = act.glass && act.confirms.is_none();
        glass && needed(two, act, &self.acts(&rules.elsewhere), &stamp.author, stamp.now)
    }
}
