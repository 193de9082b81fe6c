//! Whether an act only gives back what its author took a moment ago: then it ends what one person began, and nobody else is asked about it. It
//! must not know what is asked for else.
//!
//! Putting back what an act found takes back everything that came after it as well, also what other people did. So it is one's own only if
//! all of that is, is young, and each left what the next one found and the last what is served now: what nobody wrote down may have been
//! somebody's decision too.

use super::intent::{Act, Intended, Intent, Intents, Outcome};
use super::time::{Span, Time};

/// For so long taking back what one did oneself needs nobody else.
pub const OWN: Span = Span::minutes(15);

/// It takes back, at once or in a step, only what this person did here a moment ago.
pub fn is_own(act: &Intended, intents: &Intents, me: &str, now: Time) -> bool {
    let is_step = act.meant() == Act::Percent && act.reverts.is_some();
    if !act.meant().takes_back() && !is_step {
        return false;
    }
    let all = taken_back(act, intents);
    // what was so already somebody else did, and may have had a hand in what is half done
    let mine = |one: &&Intent| one.by == me && now.since(one.at) <= OWN && !one.is_idle() && !one.is_half();
    let Some(first) = all.first().filter(|_| all.iter().all(mine)) else { return false };
    // between two acts of one's own somebody may have changed it where nobody here wrote it down
    let unbroken = all.windows(2).all(|pair| match pair {
        [one, next] => left(one, next.what.from.as_deref()),
        _ => true,
    });
    let untouched = all.last().is_some_and(|last| left(last, act.from.as_deref()));
    unbroken && untouched && (!is_step || took_everything(first, intents))
}

/// What happened, or may have happened, on the same switch from the act on that is taken back; none where none is named, or that is taken back
/// already. Whoever took something back in between may have taken something else away by it, so that counts as well.
fn taken_back<'a>(act: &Intended, intents: &'a Intents) -> Vec<&'a Intent> {
    let all = intents.all();
    let named = act.reverts.filter(|id| intents.undone_by(*id).is_none());
    let Some(place) = named.and_then(|id| all.iter().position(|one| one.id == id)) else { return Vec::new() };
    let counts = |one: &&Intent| {
        let refused = one.end.as_ref().is_some_and(|end| end.outcome == Outcome::Refused);
        one.what.target == act.target && one.what.serves() && !refused
    };
    all.iter().skip(place).filter(counts).collect()
}

/// What is served now is what that act left; not known before it is planned.
fn left(act: &Intent, now: Option<&str>) -> bool {
    let Some(now) = now else { return true };
    let read = act.end.as_ref().and_then(|end| end.value.as_deref());
    let said = [act.what.to.as_deref(), read];
    let plain = act.what.from.as_deref().filter(|_| act.what.whom.is_some());
    // some providers say of an exclusion only what that one gets
    let for_one = |whom: &super::switch::Whom| plain == Some(&format!("{now} for {whom}"));
    said.contains(&Some(now)) || plain == Some(now) || act.what.whom.as_ref().is_some_and(for_one)
}

/// Everybody had it before that act, as far as anybody can say: so no share is more than what it took.
fn took_everything(act: &Intent, intents: &Intents) -> bool {
    let all = intents.all().iter().take_while(|one| one.id != act.id);
    let standing = |one: &&Intent| one.what.target == act.what.target && (one.took_effect() || one.is_idle());
    let before = all.filter(standing).last();
    let is_shared = before.is_some_and(|one| one.what.share.is_some());
    let was = act.what.from.as_deref().filter(|from| act.what.to.as_deref() != Some(from));
    act.what.act == Act::Stop && !is_shared && was.is_some_and(|from| !from.contains('%'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::{EntryId, Session};
    use crate::incident::intent::Settled;
    use crate::incident::risk::Risk;
    use crate::incident::second::{Two, needed};
    use crate::incident::switch::{Share, Whom};
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use std::collections::BTreeSet;

    fn at(minute: i64) -> Time {
        Time(0).plus(Span::minutes(minute))
    }
    fn act(act: Act, from: &str, to: &str) -> Intended {
        let (from, to) = (Some(from.into()), Some(to.into()));
        Intended { act, target: "exports".into(), from, to, ..Intended::default() }
    }
    fn does(all: &mut Intents, minute: i64, who: &str, what: Intended, outcome: Outcome) -> EntryId {
        let id = EntryId::of(Session(1), all.all().len() as u64 + 1);
        all.intended(id, at(minute), who, Session(1), what);
        all.settled(at(minute), &Settled { intent: id, outcome, ..Settled::default() });
        id
    }
    fn back(reverts: EntryId, from: &str) -> Intended {
        Intended { reverts: Some(reverts), ..act(Act::Restore, from, "on") }
    }

    #[test]
    fn given_what_somebody_else_stopped_since_when_ones_own_exclusion_is_taken_back_then_it_is_not_ones_own() {
        for (outcome, own) in [(Outcome::Done, false), (Outcome::Unsure, false), (Outcome::Refused, true)] {
            let mut all = Intents::default();
            let acme = Whom { kind: "customer".into(), key: "acme".into() };
            let exclude = Intended { whom: Some(acme), ..act(Act::Exclude, "on", "on, not for customer acme") };
            let mine = does(&mut all, 0, "Ana", exclude, Outcome::Done);
            does(&mut all, 1, "Ben", act(Act::Stop, "on, not for customer acme", "off"), outcome);
            let served = if own { "on, not for customer acme" } else { "off" };
            let back = back(mine, served);
            assert_eq!(is_own(&back, &all, "Ana", at(2)), own, "{outcome:?}");
            let risk = Risk::of(&back, true, &all, "Ana", at(2));
            assert_eq!(
                (risk, needed(Two::Widening, &back, &all, "Ana", at(2))),
                match own {
                    true => (Risk::Low, false),
                    false => (Risk::Widening, true),
                }
            );
        }
    }

    #[test]
    fn given_ones_own_stop_when_it_is_taken_back_in_steps_then_each_step_is_as_much_ones_own_as_the_whole() {
        let mut all = Intents::default();
        let stop = does(&mut all, 0, "Ana", act(Act::Stop, "on", "off"), Outcome::Done);
        let step = |share| Intended {
            share: Share::of_percent(share),
            reverts: Some(stop),
            widens: true,
            ..act(Act::Percent, "off", "on to 5 %")
        };
        for two in [Two::Widening, Two::Always] {
            assert!(!needed(two, &step(5), &all, "Ana", at(1)) && needed(two, &step(5), &all, "Ben", at(1)));
        }
        assert_eq!(Risk::of(&step(5), true, &all, "Ana", at(1)), Risk::Low);
        assert_eq!(Risk::of(&step(5), true, &all, "Ana", at(16)), Risk::Widening);
        does(&mut all, 1, "Ana", step(5), Outcome::Done);
        let next = Intended { from: Some("on to 5 %".into()), ..step(25) };
        assert!(is_own(&next, &all, "Ana", at(2)));
        assert!(is_own(&back(stop, "on to 5 %"), &all, "Ana", at(2)));
        assert!(!is_own(&back(stop, "off"), &all, "Ana", at(2)), "somebody elsewhere took the step back");
    }

    /// A switch as it is served to twenty people, and who took it from each of them.
    struct World {
        share: u32,
        without: BTreeSet<u32>,
        taken: Vec<Option<(String, Time)>>,
    }

    impl World {
        fn has(&self, one: u32) -> bool {
            one * 5 < self.share && !self.without.contains(&one)
        }
        fn words(&self) -> String {
            let share = match self.share {
                0 => "off".to_owned(),
                100 => "on".to_owned(),
                share => format!("on to {share} %"),
            };
            self.without.iter().fold(share, |words, one| format!("{words}, not for user {one}"))
        }
        fn becomes(&mut self, (share, without): (u32, BTreeSet<u32>), by: Option<(&str, Time)>) {
            let had: Vec<bool> = (0..20).map(|one| self.has(one)).collect();
            (self.share, self.without) = (share, without);
            for (one, had) in (0..20).zip(had) {
                let has = self.has(one);
                if let Some(taken) = self.taken.get_mut(one as usize) {
                    *taken = match (had, has) {
                        (_, true) => None,
                        (true, false) => by.map(|(who, at)| (who.to_owned(), at)),
                        (false, false) => taken.take(),
                    };
                }
            }
        }
    }

    #[derive(Clone, Debug)]
    enum Does {
        Exclude(u32),
        Stop,
        Percent(u32),
        Step(u32),
        Restore,
        Revert,
        StopsElsewhere,
    }

    fn deed() -> impl Strategy<Value = Does> {
        prop_oneof![
            (0..3_u32).prop_map(Does::Exclude),
            Just(Does::Stop),
            (0..=4_u32).prop_map(|quarter| Does::Percent(quarter * 25)),
            (1..=3_u32).prop_map(|quarter| Does::Step(quarter * 25)),
            Just(Does::Restore),
            Just(Does::Revert),
            Just(Does::StopsElsewhere),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_ones_own_gives_back_nothing_but_what_one_took_a_moment_ago(
            first in (0..=4_u32).prop_map(|quarter| quarter * 25),
            deeds in vec((deed(), any::<bool>(), 0..8_i64, 0..8_u8), 1..14),
        ) {
            let mut world = World { share: first, without: BTreeSet::new(), taken: vec![None; 20] };
            let mut found: Vec<(EntryId, (u32, BTreeSet<u32>))> = Vec::new();
            let mut all = Intents::default();
            let mut minute = 0;
            for (does_what, ana, passes, luck) in deeds {
                minute += passes;
                let me = if ana { "Ana" } else { "Ben" };
                let now = (world.share, world.without.clone());
                let oldest = all.to_undo().next().map(|one| one.id);
                let newest = all.undoable("exports").map(|one| one.id);
                let put = |id: Option<EntryId>| id.and_then(|id| found.iter().find(|(known, _)| *known == id));
                let (mut what, after) = match does_what {
                    Does::StopsElsewhere => {
                        world.becomes((0, now.1), None);
                        continue;
                    }
                    Does::Exclude(one) => {
                        let mut without = now.1.clone();
                        without.insert(one);
                        let whom = Some(Whom { kind: "user".into(), key: one.to_string() });
                        (Intended { whom, ..act(Act::Exclude, "", "") }, (now.0, without))
                    }
                    Does::Stop => (act(Act::Stop, "", ""), (0, now.1.clone())),
                    Does::Percent(share) | Does::Step(share) => {
                        let reverts = newest.filter(|_| matches!(does_what, Does::Step(_)));
                        let widens = share > now.0;
                        let what = Intended { share: Share::of_percent(share), reverts, widens, ..act(Act::Percent, "", "") };
                        (what, (share, now.1.clone()))
                    }
                    Does::Restore | Does::Revert => {
                        let is_restore = matches!(does_what, Does::Restore);
                        let reverts = if is_restore { oldest } else { newest };
                        let Some((_, state)) = put(reverts) else { continue };
                        let kind = if is_restore { Act::Restore } else { Act::Revert };
                        (Intended { reverts, ..act(kind, "", "") }, state.clone())
                    }
                };
                let after: (u32, BTreeSet<u32>) = after;
                let then = World { share: after.0, without: after.1.clone(), taken: Vec::new() };
                (what.from, what.to) = (Some(world.words()), Some(then.words()));
                let is_low = Risk::of(&what, true, &all, me, at(minute)) == Risk::Low;
                let alone = !needed(Two::Widening, &what, &all, me, at(minute));
                let gives: Vec<u32> = (0..20).filter(|one| !world.has(*one) && then.has(*one)).collect();
                for one in &gives {
                    let mine = matches!(&world.taken[*one as usize], Some((who, when)) if who == me && at(minute).since(*when) <= OWN);
                    assert!(mine || !is_low && !alone, "{me} gives {one} back with {what:?} after {:?}", all.all());
                }
                let outcome = if luck == 0 { Outcome::Refused } else { Outcome::Done };
                let id = does(&mut all, minute, me, what, outcome);
                found.push((id, now));
                if outcome == Outcome::Done {
                    world.becomes(after, Some((me, at(minute))));
                }
            }
        }
    }
}
