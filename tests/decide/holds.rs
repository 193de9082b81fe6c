//! Holds of releases and passes through them: who may place, lift and let pass, and what the incident tells of it.

use super::{Room, t, words};
use quarterdeck::incident::command::{Command, Refusal};
use quarterdeck::incident::entry::{Entry, EntryId, STANDING, Session, Stamp};
use quarterdeck::incident::gate::Verdict;
use quarterdeck::incident::hold::{Cause, HoldPlaced, PassGranted, PassWithdrawn};
use quarterdeck::incident::lifting::{LiftWithdrawn, Lifting};
use quarterdeck::incident::second::Two;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::standing::{Standing, Wish};

/// The standing stream, and those who write into it.
#[derive(Default)]
struct Board {
    standing: Standing,
}

impl Board {
    fn by(&mut self, now: &str, author: &str, wish: &Wish) -> Result<EntryId, Refusal> {
        self.from(2, now, author, wish)
    }
    fn from(&mut self, session: u64, now: &str, author: &str, wish: &Wish) -> Result<EntryId, Refusal> {
        let session = Session(session);
        let first = EntryId::of(session, self.standing.head() + 1);
        let stamp = Stamp { now: t(now), author: author.into(), session, first, at: None, when: None };
        let drafts = self.standing.decide(wish, &stamp)?;
        for (draft, index) in drafts.into_iter().zip(0..) {
            let entry: Entry = draft.entry(&stamp, STANDING, self.standing.head() + 1, index);
            assert!(self.standing.apply(&entry), "what is decided is taken: {entry:?}");
            assert!(!self.standing.apply(&entry), "and only once");
        }
        Ok(first)
    }
    fn does(&mut self, now: &str, author: &str, wish: &Wish) -> EntryId {
        self.by(now, author, wish).map_err(|refusal| refusal.words()).expect("taken")
    }
    fn refuses(&mut self, now: &str, author: &str, wish: &Wish) -> (String, String) {
        let head = self.standing.head();
        let refusal = self.by(now, author, wish).expect_err("refused");
        assert_eq!(self.standing.head(), head, "nothing was recorded");
        (refusal.why, refusal.instead)
    }
    fn frozen(&self, now: &str, place: &str, build: Option<&str>) -> bool {
        matches!(self.standing.gate(t(now)).judge(place, build, t(now)), Verdict::Frozen(_))
    }
}

#[test]
fn given_a_clock_that_jumps_when_a_hold_has_an_end_then_what_is_frozen_follows_the_clock_and_lifted_stays_lifted() {
    let mut board = Board::default();
    board.does("22:58:00", "Ana", &Wish::Place(HoldPlaced { until: Some(t("23:30:00")), ..hold("prod") }));
    let lifted = board.does("22:58:00", "Ana", &Wish::Place(hold("staging")));
    board.does("23:00:00", "Ana", &Wish::Lift(lift(lifted)));
    for (now, is_frozen) in
        [("23:29:59", true), ("2019-07-10T23:00:00", false), ("23:00:00", true), ("2019-07-08T23:00:00", true)]
    {
        assert_eq!(board.frozen(now, "prod", None), is_frozen, "{now}");
        assert!(!board.frozen(now, "staging", None), "{now}");
        let end = board.standing.holds().next_end(t(now));
        assert_eq!(end, is_frozen.then(|| t("23:30:00")), "{now}");
    }
    // what is written for pipelines after the clock was set back says the same
    let gate = board.standing.gate(t("2019-07-08T23:00:00"));
    assert!(gate.check(quarterdeck::incident::time::Span::minutes(10), t("22:59:00")).is_err(), "too old by any clock");
}

fn hold(scope: &str) -> HoldPlaced {
    HoldPlaced {
        scope: scope.into(),
        why: "1823 is not understood".into(),
        until: None,
        name: None,
        cause: None,
        slo: None,
        left_ppm: None,
        incident: Some(412),
    }
}

fn budget() -> HoldPlaced {
    HoldPlaced { cause: Some(Cause::Budget), slo: Some("api".into()), left_ppm: Some(-30_000), ..hold("prod") }
}

fn lift(hold: EntryId) -> Lifting {
    Lifting {
        hold,
        why: String::new(),
        review: None,
        glass: None,
        typed: None,
        red: None,
        incident: Some(412),
        two: Two::Never,
        confirms: None,
    }
}

#[test]
fn given_two_holds_when_one_is_lifted_or_ends_then_it_is_frozen_until_the_last_is_gone() {
    let mut board = Board::default();
    let first = board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    let until = Some(t("23:30:00"));
    board.does("22:59:00", "Ben", &Wish::Place(HoldPlaced { until, ..hold("prod/api") }));
    assert!(board.frozen("23:00:00", "prod/api", None) && board.frozen("23:00:00", "prod/web", None));
    board.does("23:10:00", "Ana", &Wish::Lift(lift(first)));
    assert!(board.frozen("23:29:59", "prod/api", None) && !board.frozen("23:29:59", "prod/web", None));
    assert!(!board.frozen("23:30:00", "prod/api", None), "it ends by itself, and nobody writes that down");
    assert_eq!(board.standing.holds().next_end(t("23:00:00")), until);
    assert_eq!(board.standing.holds().next_end(t("23:30:00")), None);
}

#[test]
fn given_a_hold_of_somebody_else_when_lifted_then_it_takes_a_reason_and_the_exact_scope() {
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    let refused = board.refuses("23:00:00", "Ben", &Wish::Lift(lift(id)));
    assert_eq!(
        refused,
        words(
            "Ana holds prod, not Ben: 1823 is not understood.",
            "Ask Ana, or give a reason and confirm it with the exact scope, prod."
        )
    );
    let because = Lifting { why: "we know".into(), ..lift(id) };
    assert!(board.refuses("23:00:00", "Ben", &Wish::Lift(because.clone())).1.contains("exact scope, prod"));
    for typed in ["yes", "PROD", "prod ", "prod/api"] {
        let typed = Some(typed.to_owned());
        board.refuses("23:00:00", "Ben", &Wish::Lift(Lifting { typed, ..because.clone() }));
    }
    assert!(board.frozen("23:00:00", "prod", None));
    let sure = Wish::Lift(Lifting { typed: Some("prod".into()), ..because });
    let (session, first) = (Session(2), EntryId::of(Session(2), 9));
    let early = Stamp { now: t("23:00:00"), author: "Ben".into(), session, first, at: Some(t("22:57:00")), when: None };
    let early = board.standing.decide(&sure, &early).expect_err("before it was placed");
    assert_eq!(early.why, "Hold 1 was placed at 2019-07-09 22:58 UTC, after 2019-07-09 22:57 UTC.");
    board.does("23:00:00", "Ben", &sure);
    assert!(!board.frozen("23:00:00", "prod", None));
    let again = board.refuses("23:01:00", "Ana", &Wish::Lift(lift(id)));
    assert_eq!(again, words("Hold 1 was lifted at 2019-07-09 23:00 UTC by Ben.", "There is nothing to lift."));
}

/// What Ben asks for and what whoever agrees types, where lifting somebody else's hold needs two people.
fn two(hold: EntryId) -> Lifting {
    Lifting { why: "it is mended".into(), typed: Some("prod".into()), two: Two::Widening, ..lift(hold) }
}

fn agrees(asked: EntryId, hold: EntryId) -> Wish {
    Wish::Lift(Lifting { confirms: Some(asked), typed: Some("prod".into()), ..lift(hold) })
}

#[test]
fn given_a_hold_of_somebody_else_when_lifting_it_needs_two_people_then_one_asks_and_another_from_elsewhere_agrees() {
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    board.refuses("23:00:00", "Ben", &Wish::Lift(Lifting { why: String::new(), ..two(id) }));
    board.refuses("23:00:00", "Ben", &Wish::Lift(Lifting { typed: None, ..two(id) }));
    let asked = board.does("23:00:00", "Ben", &Wish::Lift(two(id)));
    assert!(board.frozen("23:00:30", "prod", None), "nothing is lifted yet");
    assert_eq!(board.standing.lifts().open(t("23:14:59")).count(), 1);
    assert_eq!(board.standing.lifts().open(t("23:15:00")).count(), 0);

    for name in ["Ben", "ben", " BEN "] {
        let same = board.from(3, "23:01:00", name, &agrees(asked, id)).expect_err("the same person");
        assert_eq!(same.why, "Ben asked for it, from this session or another: that is one person.");
    }
    board.from(2, "23:01:00", "Eli", &agrees(asked, id)).expect_err("the same session");
    board.from(3, "23:15:00", "Eli", &agrees(asked, id)).expect_err("too late");
    let bare = Lifting { confirms: Some(asked), red: Some("smoke is red: 9 crashes".into()), ..lift(id) };
    let bare = board.from(3, "23:01:00", "Eli", &Wish::Lift(bare)).expect_err("nothing was typed");
    assert_eq!(
        (bare.why.as_str(), bare.instead.as_str()),
        ("Ben asks to lift what Ana holds: prod. Smoke is red: 9 crashes.", "Confirm it with the exact scope, prod.")
    );
    let other = board.does("23:01:00", "Ana", &Wish::Place(hold("prod")));
    board.from(3, "23:01:00", "Eli", &agrees(asked, other)).expect_err("another hold");
    board.does("23:01:00", "Ana", &Wish::Lift(lift(other)));

    board.from(3, "23:01:00", "Eli", &agrees(asked, id)).expect("another person, from elsewhere");
    assert!(!board.frozen("23:01:00", "prod", None));
    let lifted = board.standing.holds().find(id).and_then(|hold| Some((hold.lifted.clone()?, hold.asked_by.clone())));
    let (lifted, by) = lifted.expect("lifted");
    assert_eq!((lifted.by.as_str(), lifted.why.as_str(), by.as_deref()), ("Eli", "it is mended", Some("Ben")));
    let told: Vec<String> =
        board.standing.holds().news(412).map(|(_, told)| format!("{} {}", told.what.word(), told.words)).collect();
    assert!(
        told.contains(&"asked lift prod, held by Ana, once somebody else agrees: it is mended".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"lifted prod, held by Ana: it is mended, asked for by Ben".to_owned()), "{told:?}");
    board.from(4, "23:02:00", "Cho", &agrees(asked, id)).expect_err("once");
}

#[test]
fn given_a_lift_that_was_asked_for_when_the_hold_is_gone_or_it_is_taken_back_then_nobody_can_agree_to_it() {
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    let asked = board.does("23:00:00", "Ben", &Wish::Lift(two(id)));
    // one's own is lifted alone, and against a red probe too
    let red = Lifting { red: Some("smoke is red: 9 crashes".into()), ..two(id) };
    board.does("23:01:00", "Ana", &Wish::Lift(red));
    assert_eq!(board.standing.lifts().open(t("23:01:00")).count(), 0);
    let gone = board.from(3, "23:02:00", "Eli", &agrees(asked, id)).expect_err("it is lifted");
    assert_eq!(gone.why, "Hold 1 was lifted at 2019-07-09 23:01 UTC by Ana.");

    let until = Some(t("23:10:00"));
    let id = board.does("23:02:00", "Ana", &Wish::Place(HoldPlaced { until, ..hold("prod") }));
    let asked = board.does("23:03:00", "Ben", &Wish::Lift(two(id)));
    assert_eq!(board.standing.lifts().open(t("23:10:00")).count(), 0, "it ends with the hold");
    let over = board.from(3, "23:10:00", "Eli", &agrees(asked, id)).expect_err("it ended");
    assert!(over.why.contains("ended by itself"), "{over:?}");

    let back = |asked| {
        Wish::WithdrawLift(LiftWithdrawn { asked, scope: String::new(), why: "not yet".into(), incident: Some(412) })
    };
    board.refuses("23:04:00", "Eli", &back(asked));
    board.does("23:04:00", "Ben", &back(asked));
    board.refuses("23:04:00", "Ben", &back(asked));
    let back = board.from(3, "23:05:00", "Eli", &agrees(asked, id)).expect_err("taken back");
    assert_eq!(back.why, "Ben took it back.");
}

#[test]
fn given_a_budgets_hold_when_lifting_it_needs_two_people_then_its_review_is_asked_for_first_and_breaks_no_other_glass()
{
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ana", &Wish::Place(HoldPlaced { incident: None, ..budget() }));
    board.refuses("23:00:00", "Ben", &Wish::Lift(two(id)));
    let glass = Lifting { glass: Some("the fix cannot wait".into()), incident: None, ..two(id) };
    let asked = board.does("23:00:00", "Ben", &Wish::Lift(glass));
    assert!(board.frozen("23:00:30", "prod", None), "the glass is that of the review, not of the second person");
    assert_eq!(board.standing.holds().owing().count(), 0);
    let agreed = Lifting { confirms: Some(asked), typed: Some("prod".into()), incident: None, ..lift(id) };
    board.from(3, "23:01:00", "Eli", &Wish::Lift(agreed)).expect("agreed");
    assert_eq!(board.standing.holds().owing().count(), 1);
    let owed: Vec<_> = board.standing.tasks().open().map(|task| task.what.owner.clone()).collect();
    assert_eq!(owed, [Some("Ben".to_owned())], "whoever asked without the review owes it");
}

#[test]
fn given_a_hold_for_a_spent_budget_when_lifted_then_its_review_is_there_or_owed() {
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ana", &Wish::Place(budget()));
    let refused = board.refuses("23:00:00", "Ana", &Wish::Lift(Lifting { why: "I want to".into(), ..lift(id) }));
    assert_eq!(refused.0, "Hold 1 stands because of -3.0 % left of api's budget.");
    board.does("23:00:00", "Ana", &Wish::Lift(Lifting { glass: Some("the fix cannot wait".into()), ..lift(id) }));
    assert_eq!(board.standing.holds().owing().count(), 1);
    let review = Lifting { review: Some("https://wiki/412".into()), ..lift(id) };
    board.does("23:40:00", "Ben", &Wish::Lift(review.clone()));
    assert_eq!(board.standing.holds().owing().count(), 0);
    board.refuses("23:41:00", "Ben", &Wish::Lift(review));
    let with_review = board.does("23:42:00", "Ana", &Wish::Place(budget()));
    board.does("23:43:00", "Ana", &Wish::Lift(Lifting { review: Some("a line".into()), ..lift(with_review) }));
    assert_eq!(board.standing.holds().owing().count(), 0);
}

#[test]
fn given_a_pass_when_it_is_granted_withdrawn_or_over_then_only_its_build_goes_through_only_so_long() {
    let mut board = Board::default();
    board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    let pass = PassGranted {
        scope: "prod".into(),
        reference: "v1822.1".into(),
        why: "the fix".into(),
        until: Some(t("23:30:00")),
        incident: None,
    };
    let id = board.does("22:59:00", "Ana", &Wish::Grant(pass.clone()));
    assert!(
        !board.frozen("23:00:00", "prod/api", Some("v1822.1")) && board.frozen("23:00:00", "prod/api", Some("v1823"))
    );
    assert!(board.frozen("23:30:00", "prod/api", Some("v1822.1")));
    let withdrawn = PassWithdrawn { pass: id, reference: String::new(), why: String::new(), incident: None };
    board.does("23:10:00", "Ben", &Wish::Withdraw(withdrawn.clone()));
    assert!(board.frozen("23:11:00", "prod/api", Some("v1822.1")));
    board.refuses("23:12:00", "Ben", &Wish::Withdraw(withdrawn));
    for reference in ["", "two words", "a\u{7}b"] {
        let odd = PassGranted { reference: reference.into(), ..pass.clone() };
        board.refuses("23:12:00", "Ana", &Wish::Grant(odd));
    }
    board.refuses("23:31:00", "Ana", &Wish::Grant(pass));
}

#[test]
fn given_a_pass_without_an_end_when_granted_then_it_goes_through_what_holds_then_and_nothing_later() {
    let mut board = Board::default();
    let pass = PassGranted {
        scope: "prod".into(),
        reference: "v1822.1".into(),
        why: "the fix".into(),
        until: None,
        incident: None,
    };
    assert_eq!(
        board.refuses("22:57:00", "Ana", &Wish::Grant(pass.clone())),
        words(
            "Nothing holds prod, so there is nothing to pass now.",
            "Give an end, and it passes what is frozen until then; or grant it once something holds it."
        )
    );
    board.does("22:57:30", "Ana", &Wish::Place(hold("staging")));
    board.refuses("22:57:40", "Ana", &Wish::Grant(pass.clone()));
    let first = board.does("22:58:00", "Ana", &Wish::Place(hold("prod")));
    let granted = board.does("22:59:00", "Ana", &Wish::Grant(pass));
    let through = board.standing.holds().find_pass(granted).and_then(|pass| pass.through.clone());
    assert_eq!(through, Some(vec![(first, 2)]), "what stands elsewhere has nothing to do with it");
    assert!(!board.frozen("23:00:00", "prod", Some("v1822.1")));
    board.does("23:01:00", "Ben", &Wish::Place(HoldPlaced { name: Some("week".into()), ..hold("prod") }));
    assert!(board.frozen("23:02:00", "prod", Some("v1822.1")), "nobody thought of it when it was frozen");
    assert_eq!(board.standing.holds().passing(t("23:02:00")).count(), 1);
    board.does("23:03:00", "Ana", &Wish::Lift(lift(first)));
    assert_eq!(board.standing.holds().passing(t("23:04:00")).count(), 0, "it goes with what it was for");
    assert!(board.frozen("23:04:00", "prod", Some("v1822.1")));
}

#[test]
fn given_what_is_no_hold_when_placed_then_it_is_refused() {
    let mut board = Board::default();
    for odd in [
        HoldPlaced { scope: String::new(), ..hold("prod") },
        HoldPlaced { why: "  ".into(), ..hold("prod") },
        HoldPlaced { until: Some(t("22:00:00")), ..hold("prod") },
        HoldPlaced { name: Some("12".into()), ..hold("prod") },
        HoldPlaced { name: Some(" ".into()), ..hold("prod") },
    ] {
        board.refuses("22:58:00", "Ana", &Wish::Place(odd));
    }
    let named = HoldPlaced { name: Some("first".into()), ..hold("prod") };
    board.does("22:58:00", "Ana", &Wish::Place(named.clone()));
    assert!(board.refuses("22:59:00", "Ben", &Wish::Place(named)).0.contains("first stands already"));
}

#[test]
fn given_an_incident_that_was_open_when_something_is_done_then_it_tells_of_it_once_and_owes_the_review() {
    let mut room = Room::declared(Severity::Sev1);
    let mut board = Board::default();
    let id = board.does("22:58:00", "Ben", &Wish::Place(budget()));
    board.does("22:59:00", "Ben", &Wish::Lift(Lifting { glass: Some("the fix".into()), ..lift(id) }));
    board.does("22:59:30", "Ben", &Wish::Place(HoldPlaced { incident: None, ..hold("staging") }));
    let untold = board.standing.untold(&room.incident);
    assert_eq!(
        untold.iter().map(|(at, told)| (at.clock(), told.what.word())).collect::<Vec<_>>(),
        [("22:58:00".into(), "frozen"), ("22:59:00".into(), "lifted")]
    );
    for (at, told) in &untold {
        room.ana_of("23:00:00", &at.clock(), Command::TellHold(told.clone()));
    }
    assert!(board.standing.untold(&room.incident).is_empty());
    let again = room.refuses("23:01:00", "Ben", Command::TellHold(untold[0].1.clone()));
    assert_eq!(again, words("That is in the record already.", "There is nothing to add."));
    assert_eq!(room.incident.considered().freeze, Some(t("22:59:00")), "whoever froze has seen the budget");
    let tasks: Vec<&str> = room.incident.tasks().open().map(|task| task.what.text.as_str()).collect();
    assert_eq!(tasks, ["review why hold 1 was lifted without one"]);
    let line = room.incident.line(&room.entries[room.entries.len() - 2]);
    assert_eq!((line.label, line.who.as_str()), ("frozen", "Ben"), "the one who did it, whoever wrote it down");
}
