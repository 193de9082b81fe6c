//! What an act does to people, judged by what its plan found: takes away, or gives back. The ladder and the second person follow from it, on the
//! screen and at the command line. It must not know how anything is planned.

use super::command::Refusal;
use super::intent::{Act, Intended, Intent};
use super::switch::{BY_RULE, Plan, Share};

impl Intended {
    /// To serve a share. Until it is planned nobody can say that it takes nothing back.
    pub fn to_share(target: &str, share: Share) -> Intended {
        let share = Some(share);
        Intended { act: Act::Percent, target: target.to_owned(), share, widens: true, ..Intended::default() }
    }
    /// The same, bound to what its plan found, and judged by that: a share narrows only where it is known to reach no more than is reached now, or
    /// no more by any way in, and is a step on the way back only where it is known to reach more. Whoever cannot say may give people back what was taken from them.
    pub fn on(self, plan: &Plan) -> Intended {
        let [from, to, before] = [&plan.from, &plan.to, &plan.before].map(|words| Some(words.clone()));
        let is_more = |share| plan.reach.map(|reach| share > reach).or(plan.narrows.then_some(false));
        let found = self.share.filter(|_| self.meant() == Act::Percent).map(is_more);
        let widens = found.map_or(self.widens, |is_more| is_more != Some(false));
        let reverts = self.reverts.filter(|_| found.is_none_or(|is_more| is_more == Some(true)));
        Intended { from, to, before, reach: plan.reach, widens, reverts, ..self }
    }
    /// The same, asked of its provider's own approvers.
    pub fn requested(&self) -> Intended {
        Intended {
            act: Act::Request,
            target: self.target.clone(),
            whom: self.whom.clone(),
            share: self.share,
            reverts: self.reverts,
            widens: self.widens || self.act.takes_back(),
            ..Intended::default()
        }
    }
    /// What is done if all goes well: of a request what the approvers are asked for, which is told by what else it says.
    pub fn meant(&self) -> Act {
        match (&self.whom, self.share) {
            _ if self.act != Act::Request => self.act,
            (Some(_), _) => Act::Exclude,
            (None, Some(_)) => Act::Percent,
            (None, None) if self.reverts.is_some() => Act::Revert,
            (None, None) if self.widens => Act::Restore,
            (None, None) => Act::Stop,
        }
    }
    /// It takes something away from people and gives nobody anything: it may never wait for anybody.
    pub fn narrows(&self) -> bool {
        match self.meant() {
            Act::Stop | Act::Exclude => true,
            Act::Percent => !self.widens,
            _ => false,
        }
    }
    /// It lets somebody in again.
    pub fn lets_in(&self) -> bool {
        self.widens || self.meant().takes_back()
    }
    /// A step on the way back from an act serves no more than what that had found, and nobody who was served only what stops: where rules alone
    /// served anything else, no share is a step.
    ///
    /// # Errors
    /// It would.
    pub fn check_step(&self, from: &Intent) -> Result<(), Refusal> {
        let is_step = self.meant() == Act::Percent && self.reverts == Some(from.id);
        let Some(share) = self.share.filter(|_| is_step) else { return Ok(()) };
        let (target, what, at) = (&self.target, from.what.called(), from.at.clock());
        let before = format!("before the {what} of {at} UTC");
        if let Some(had) = from.what.reach.filter(|had| *had < share) {
            return Err(Refusal::new(
                format!("{target} was served to {had} {before}: {share} is no step back."),
                format!("Name at most {had}, or put that back first: then another share can be served."),
            ));
        }
        if let Some(had) = from.what.from.as_ref().filter(|_| from.what.found_only_rules()) {
            return Err(Refusal::new(
                format!("{target} served {had} {before}: no share of that can be served."),
                format!("Give all of it back at once: quarterdeck switch restore {target}."),
            ));
        }
        Ok(())
    }
    /// What it stopped was served by rules alone: all others got the stopped value before.
    pub fn found_only_rules(&self) -> bool {
        let words = self.from.as_deref().zip(self.to.as_deref());
        let rest = words.and_then(|(from, to)| from.strip_prefix(to));
        self.act == Act::Stop && rest.is_some_and(|rest| rest.starts_with(", ") && rest.ends_with(BY_RULE))
    }
    /// It can be taken back in steps, by shares: an exclusion takes no share away.
    pub fn is_stepped_back(&self) -> bool {
        self.act != Act::Exclude
    }
}
