//! What somebody else changed between a plan and its sending, in words: whoever is asked once more has to know why. It must not know who planned it,
//! nor how it is carried.

use super::intent::{Intended, Intents};
use super::switch::Plan;

/// What stands behind the words: which plan it is.
pub const NEW_PLAN: &str = "this is the plan on what it serves now";

/// What an act was decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Was {
    /// What was served.
    pub from: String,
    /// The whole state.
    pub before: String,
}

impl Was {
    /// What an act that was written down was decided on.
    #[must_use]
    pub fn of(act: &Intended) -> Was {
        Was { from: act.from.clone().unwrap_or_default(), before: act.before.clone().unwrap_or_default() }
    }
    /// What a plan was made on.
    #[must_use]
    pub fn planned(plan: &Plan) -> Was {
        Was { from: plan.from.clone(), before: plan.before.clone() }
    }
    /// The same is there as then.
    #[must_use]
    pub fn is_so_still(&self, plan: &Plan) -> bool {
        self.before == plan.before && self.from == plan.from
    }

    /// What is otherwise in a newer plan: `changed meanwhile by bob: serves 1821 now, not 1823`.
    #[must_use]
    pub fn words(&self, plan: &Plan, by: Option<&str>) -> String {
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        let serves = &plan.from;
        match () {
            () if self.is_so_still(plan) => {
                format!("somebody else changed it in the same moment: serves {serves} still, as when it was planned")
            }
            () if self.from == *serves => {
                format!("changed meanwhile{by}: serves {serves} still, but its rules, targets or values are others")
            }
            () => format!("changed meanwhile{by}: serves {serves} now, not {}", self.from),
        }
    }
}

/// Who changed it last: as its provider says, else whoever here made it serve what it serves now.
#[must_use]
pub fn whose<'a>(plan: &'a Plan, target: &str, acts: &'a Intents) -> Option<&'a str> {
    let told = plan.changed.as_ref().map(|(_, by)| by.as_str()).filter(|by| !by.is_empty());
    let here =
        || acts.effect_on(target).filter(|act| act.what.to.as_ref() == Some(&plan.from)).map(|act| act.by.as_str());
    told.or_else(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::{EntryId, Session};
    use crate::incident::intent::{Outcome, Settled};
    use crate::incident::time::Time;

    fn plan(from: &str, before: &str) -> Plan {
        Plan { from: from.into(), before: before.into(), ..Plan::default() }
    }

    #[test]
    fn given_a_newer_plan_when_compared_with_what_was_decided_on_then_what_is_otherwise_is_said() {
        let was = Was::planned(&plan("1823", "a"));
        let said = |from: &str, before: &str, by| was.words(&plan(from, before), by);
        assert_eq!(said("1821", "b", Some("bob")), "changed meanwhile by bob: serves 1821 now, not 1823");
        assert_eq!(
            said("1823", "b", None),
            "changed meanwhile: serves 1823 still, but its rules, targets or values are others"
        );
        assert!(said("1823", "a", None).starts_with("somebody else changed it in the same moment: serves 1823 still"));
    }

    #[test]
    fn given_what_the_provider_says_when_asked_whose_change_it_was_then_that_counts_else_an_act_of_ours() {
        let (mut acts, id) = (Intents::default(), EntryId::of(Session(1), 1));
        let act = Intended { target: "release".into(), to: Some("1821".into()), ..Intended::default() };
        acts.intended(id, Time(0), "ben", Session(1), act);
        let done = Settled { intent: id, outcome: Outcome::Done, value: Some("1821".into()), ..Settled::default() };
        acts.settled(Time(1), &done);
        assert_eq!(whose(&plan("1821", ""), "release", &acts), Some("ben"));
        assert_eq!(whose(&plan("1820", ""), "release", &acts), None, "that was not he");
        let told = Plan { changed: Some((Time(2), "cy".into())), ..plan("1821", "") };
        assert_eq!(whose(&told, "release", &acts), Some("cy"));
    }
}
