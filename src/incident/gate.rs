//! May this be released there now? Asked of the holds and passes that stand, wherever they were read from. It must not know who asks, nor how
//! the answer is said.

use super::entry::EntryId;
use super::scope;
use super::time::{Span, Time};

/// The holds and passes of a journal, as they are handed to whoever cannot read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// When they were written down for others.
    pub written: Time,
    /// The journal that they are from: its first standing entry. None where nothing ever stood there.
    pub journal: Option<EntryId>,
    /// How much of that journal's standing stream they are the fold of.
    pub head: u64,
    /// It is a rehearsal's: nothing real is held by it.
    pub drill: bool,
    /// The holds.
    pub holds: Vec<Held>,
    /// The passes.
    pub passes: Vec<Granted>,
}

/// A hold as others are told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// What it is called.
    pub called: String,
    /// Its number in its journal, which is never another one's; 0 where it was not handed over.
    pub number: u32,
    /// Of what.
    pub scope: String,
    /// Who placed it.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub why: String,
    /// It ends then by itself.
    pub until: Option<Time>,
    /// Lifting it asks for a review.
    pub review: bool,
}

/// A pass as others are told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// What it is called.
    pub called: String,
    /// Where to.
    pub scope: String,
    /// Which build.
    pub reference: String,
    /// Who granted it.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub why: String,
    /// It ends then by itself.
    pub until: Option<Time>,
    /// The numbers of the holds that it goes through; none where it goes through every one.
    pub through: Option<Vec<u32>>,
}

/// What a gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing holds that place.
    Open,
    /// It is held, and this build may pass.
    Passed(Granted, Vec<Held>),
    /// It is held.
    Frozen(Vec<Held>),
}

/// A clock may be ahead of ours by so much and still be believed.
const AHEAD: Span = Span::minutes(1);

/// A prefix of a commit needs so many digits.
pub const SHORTEST: usize = 7;

impl Gate {
    /// Whether what was written down can be believed at that moment: not older than that, and not from a time to come.
    ///
    /// # Errors
    /// Why not, in words without a full stop.
    pub fn check(&self, oldest: Span, now: Time) -> Result<(), String> {
        let age = now.since(self.written);
        let written = self.written.iso();
        // a length never goes back: what is to come is asked the other way round
        if self.written.since(now) > AHEAD {
            let ahead = self.written.since(now).as_seconds();
            return Err(format!("it says {written}, {ahead} s from now by this clock: one of the two clocks is wrong"));
        }
        if age > oldest {
            let (minutes, most) = (age.as_minutes(), oldest.as_seconds());
            return Err(format!("it was written at {written}, {minutes} min ago, and {most} s are the limit"));
        }
        Ok(())
    }

    /// May that build (a commit, a tag; none where nobody says which) go to that place at that moment?
    pub fn judge(&self, place: &str, reference: Option<&str>, now: Time) -> Verdict {
        let holds = |until: Option<Time>| until.is_none_or(|until| now < until);
        let held = self.holds.iter().filter(|held| holds(held.until) && scope::meets(&held.scope, place));
        let held: Vec<Held> = held.cloned().collect();
        if held.is_empty() {
            return Verdict::Open;
        }
        let lets = |pass: &&Granted| {
            let is_it = reference.is_some_and(|asked| names(&pass.reference, asked));
            holds(pass.until) && is_it && scope::covers(&pass.scope, place)
        };
        // every hold has to be passed, and a pass for some goes through no other
        let passes: Vec<&Granted> = self.passes.iter().filter(lets).collect();
        let goes = |pass: &&&Granted, hold: &Held| {
            pass.through.as_ref().is_none_or(|all| hold.number > 0 && all.contains(&hold.number))
        };
        let first: Option<Vec<&&Granted>> =
            held.iter().map(|hold| passes.iter().find(|pass| goes(pass, hold))).collect();
        match first.and_then(|all| all.first().map(|pass| Granted::clone(pass))) {
            Some(pass) => Verdict::Passed(pass, held),
            None => Verdict::Frozen(held),
        }
    }
}

/// A pass for one reference is meant for a build that is asked about. A beginning of a commit is enough where the whole commit is asked about; everything
/// else must be the same: a build numbered 18230001 is not 1823000.
pub fn names(pass: &str, asked: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_commit = |text: &str| matches!(text.len(), 40 | 64) && is_hex(text);
    if is_commit(asked) && is_hex(pass) && pass.len() >= SHORTEST {
        return asked.get(..pass.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(pass));
    }
    pass == asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHA: &str = "1f2e3d4c5b6a79881726354453627181f0e0d0c0";

    fn held(scope: &str, until: Option<i64>) -> Held {
        Held { scope: scope.into(), until: until.map(Time), ..Held::default() }
    }

    fn pass(scope: &str, reference: &str, until: Option<i64>) -> Granted {
        Granted { scope: scope.into(), reference: reference.into(), until: until.map(Time), ..Granted::default() }
    }

    #[test]
    fn given_a_commit_when_a_pass_names_its_beginning_then_it_is_meant_and_nothing_else_is() {
        assert!(names(SHA, SHA) && names(&SHA[..7], SHA) && names(&SHA[..12].to_uppercase(), SHA));
        assert!(!names(&SHA[..6], SHA), "six digits are too few");
        assert!(!names(SHA, &SHA[..12]), "a beginning of a commit may be another commit's too");
        assert!(names("v1.8.22", "v1.8.22") && !names("v1.8.2", "v1.8.22"));
        assert!(!names("1823000", "18230001"), "a number of a build is no commit");
        assert!(names("1823000", "1823000"));
        assert!(!names("", SHA) && !names("", "v1"));
    }

    #[test]
    fn given_a_time_when_it_is_old_or_to_come_then_it_is_not_believed() {
        let at = |seconds: i64| Time(1_562_712_600_000_000).plus(Span::seconds(seconds));
        let gate = Gate { written: at(0), ..Gate::default() };
        let check = |now| gate.check(Span::minutes(10), at(now));
        assert_eq!((check(0), check(600), check(-60)), (Ok(()), Ok(()), Ok(())));
        assert!(check(601).is_err_and(|why| why.contains("10 min ago, and 600 s are the limit")));
        assert!(check(-61).is_err_and(|why| why.contains("61 s from now by this clock")));
    }

    #[test]
    fn given_holds_when_judged_then_any_one_that_stands_is_enough_and_a_pass_goes_through_all() {
        let gate = Gate {
            holds: vec![held("prod", None), held("prod/api", Some(10)), held("staging", None)],
            passes: vec![pass("prod/api", SHA, Some(20)), pass("*", "v9", None)],
            ..Gate::default()
        };
        let frozen = |place, reference, now| match gate.judge(place, reference, Time(now)) {
            Verdict::Frozen(held) => held.len(),
            Verdict::Open | Verdict::Passed(..) => 0,
        };
        assert_eq!((frozen("prod/api", None, 9), frozen("prod/api", None, 10)), (2, 1), "it ends at its moment");
        assert_eq!(frozen("dev", None, 9), 0);
        assert_eq!(gate.judge("dev", None, Time(9)), Verdict::Open);
        assert!(matches!(gate.judge("prod/api", Some(SHA), Time(9)), Verdict::Passed(_, held) if held.len() == 2));
        assert_eq!(frozen("prod/web", Some(SHA), 9), 1, "a pass for the api is none for the web");
        assert_eq!(frozen("prod/api", Some(SHA), 20), 1, "a pass that has ended");
        assert!(matches!(gate.judge("staging", Some("v9"), Time(9)), Verdict::Passed(..)));
    }

    #[test]
    fn given_a_pass_for_some_holds_when_another_is_added_then_it_does_not_open_it() {
        let numbered = |number| Held { number, ..held("prod", None) };
        let bound = Granted { through: Some(vec![1]), ..pass("prod", "v9", None) };
        let mut gate = Gate { holds: vec![numbered(1)], passes: vec![bound], ..Gate::default() };
        let verdict = |gate: &Gate| gate.judge("prod", Some("v9"), Time(9));
        assert!(matches!(verdict(&gate), Verdict::Passed(..)));
        gate.holds.push(numbered(2));
        assert!(matches!(verdict(&gate), Verdict::Frozen(held) if held.len() == 2));
        gate.passes.push(Granted { through: Some(vec![2]), ..pass("prod", "v9", None) });
        assert!(matches!(verdict(&gate), Verdict::Passed(..)), "each hold has its pass");
        gate.holds = vec![numbered(0)];
        assert!(matches!(verdict(&gate), Verdict::Frozen(_)), "a hold without a number is none that is meant");
    }

    proptest! {
        #[test]
        fn more_holds_never_open_and_fewer_passes_never_either(
            holds in proptest::collection::vec(("[ab*](/[ab*])?", proptest::option::of(0i64..20)), 0..4),
            passes in proptest::collection::vec(("[ab*](/[ab*])?", "[v]1|v2"), 0..3),
            more in "[ab*](/[ab*])?", place in "[ab](/[ab])?", asked in "v[12]", now in 0i64..20,
        ) {
            let gate = Gate {
                holds: holds.iter().map(|(scope, until)| held(scope, *until)).collect(),
                passes: passes.iter().map(|(scope, named)| pass(scope, named, None)).collect(),
                ..Gate::default()
            };
            let is_frozen = |gate: &Gate| matches!(gate.judge(&place, Some(&asked), Time(now)), Verdict::Frozen(_));
            let mut stricter = gate.clone();
            stricter.holds.push(held(&more, None));
            prop_assert!(!is_frozen(&gate) || is_frozen(&stricter));
            let mut stricter = gate.clone();
            stricter.passes.pop();
            prop_assert!(!is_frozen(&gate) || is_frozen(&stricter));
            prop_assert!(gate.judge(&place, Some(&asked), Time(now)) != Verdict::Open || gate.judge(&place, None, Time(now)) == Verdict::Open);
        }
    }
}
