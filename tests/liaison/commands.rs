//! A switch that programs flip, with real programs: a file stands for what is paused.

#![allow(clippy::expect_used, reason = "a harness fails by stopping the test, with words")]

use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::intent::{Act, Intended, Outcome};
use quarterdeck::incident::sought::Found;
use quarterdeck::incident::switch::{ByName, Level, Share, Wanted, Whom};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::process::Program;
use quarterdeck::liaison::switches::command::Commands;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn program(dir: &Path, script: &str, more: &[&str]) -> Program {
    let begins = ["sh", "-c", script, "sh"];
    Program {
        argv: begins.iter().chain(more).map(|word| (*word).to_owned()).collect(),
        directory: Some(dir.to_owned()),
        environment: vec![("PATH".into(), std::env::var_os("PATH").unwrap_or_default())],
        timeout: Duration::from_secs(20),
    }
}

/// A push that is running; each of its programs says in the file `ran` that it was run.
fn push() -> (TempDir, Commands) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path();
    std::fs::write(dir.join("state"), "running\n").expect("written");
    let sets = |state: &str| program(dir, &format!("echo {state} >> ran; echo {state} > state"), &[]);
    let push = Commands {
        name: "push".into(),
        probe: program(dir, "cat state", &[]),
        stop: sets("paused"),
        restore: sets("running"),
        exclude: Some(program(
            dir,
            "printf '%s|' \"$@\" > args; echo \"running without $2\" > state",
            &["--who", "{key}", "x{key}"],
        )),
        percent: Some(program(dir, "printf '%s|' \"$@\" > args; echo \"running at $1\" > state", &["{percent}"])),
        stopped: "paused".into(),
        running: "running".into(),
    };
    (home, push)
}

fn alone<T>(question: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(question)
}

fn text(home: &TempDir, name: &str) -> String {
    std::fs::read_to_string(home.path().join(name)).unwrap_or_default()
}

#[test]
fn given_a_push_when_stopped_and_put_back_then_the_probe_proves_each_and_each_program_ran_once() {
    let (home, push) = push();
    let sight = alone(push.look(&ByName::default())).expect("seen");
    assert_eq!((sight.value.as_str(), sight.level), ("running", Level::On));
    let plan = alone(push.plan(&Wanted::Stop)).expect("planned");
    assert_eq!((plan.from.as_str(), plan.to.as_str(), plan.idle), ("running", "paused", false));
    assert_eq!(text(&home, "ran"), "", "a plan changes nothing");
    let done = alone(push.carry(&Wanted::Stop, &plan.before));
    assert!(matches!(&done, CarryOutcome::Done { value, .. } if value == "paused"), "{done:?}");
    assert_eq!(
        alone(push.look(&ByName::default())).map(|sight| (sight.level, sight.observed)),
        Ok((Level::Off, None)),
        "no client is asked"
    );
    assert!(alone(push.plan(&Wanted::Stop)).is_ok_and(|plan| plan.idle), "it is stopped already");
    let again = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&again, CarryOutcome::Already { words, .. } if words.contains("nothing was sent")), "{again:?}");
    let settled = again.settles(EntryId::of(Session(1), 2));
    assert_eq!((settled.outcome, settled.idle, settled.value.as_deref()), (Outcome::Done, true, Some("paused")));
    let compared = |wanted: &Wanted, before: &str| alone(push.compare(wanted, before));
    let put = Wanted::Put("running".into());
    assert_eq!(compared(&Wanted::Stop, "running"), Ok(Found::AsWanted));
    assert_eq!((compared(&put, "paused"), compared(&put, "slow")), (Ok(Found::AsBefore), Ok(Found::Otherwise)));
    let back = alone(push.carry(&Wanted::Put(plan.before), "paused"));
    assert!(matches!(&back, CarryOutcome::Done { value, .. } if value == "running"), "{back:?}");
    assert_eq!(text(&home, "ran"), "paused\nrunning\n");
}

#[test]
fn given_one_who_changed_it_meanwhile_when_carried_then_nothing_is_run() {
    let (home, push) = push();
    std::fs::write(home.path().join("state"), "draining\n").expect("written");
    assert_eq!(alone(push.look(&ByName::default())).map(|sight| sight.level), Ok(Level::Other));
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&outcome, CarryOutcome::Conflict(words) if words.contains("push is draining")), "{outcome:?}");
    let put = alone(push.carry(&Wanted::Put("draining".into()), "draining"));
    assert!(matches!(&put, CarryOutcome::Refused(words) if words.contains("no program puts that back")), "{put:?}");
    assert_eq!(text(&home, "ran"), "");
}

#[test]
fn given_a_program_that_takes_too_long_when_carried_then_the_probe_decides_and_it_is_not_run_again() {
    let (home, mut push) = push();
    push.stop = program(home.path(), "echo once >> ran; sleep 600", &[]);
    push.stop.timeout = Duration::from_millis(300);
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    let CarryOutcome::Unsure(words) = &outcome else { panic!("{outcome:?}") };
    assert!(words.contains("did not end within 300 ms") && words.contains("The probe says running"), "{words}");
    assert_eq!(text(&home, "ran"), "once\n");
    // what it did before it was ended is what the probe sees
    push.stop = program(home.path(), "echo paused > state; sleep 600", &[]);
    push.stop.timeout = Duration::from_millis(300);
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "paused"), "{outcome:?}");
}

#[test]
fn given_a_program_that_says_yes_and_does_nothing_when_carried_then_it_is_not_done() {
    let (home, mut push) = push();
    push.stop = program(home.path(), "echo ok", &[]);
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&outcome, CarryOutcome::Unsure(words) if words.contains("not paused")), "{outcome:?}");
    push.stop = program(home.path(), "echo 'no such push' >&2; exit 3", &[]);
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&outcome, CarryOutcome::Unsure(words) if words.contains("no such push")), "{outcome:?}");
    push.stop.argv[0] = "/nowhere/at/all".into();
    let outcome = alone(push.carry(&Wanted::Stop, "running"));
    assert!(matches!(&outcome, CarryOutcome::Refused(words) if words.contains("Nothing was run")), "{outcome:?}");
}

#[test]
fn given_a_probe_that_fails_when_looked_at_then_the_state_is_unknown_and_nothing_is_run() {
    let (home, mut push) = push();
    for (script, why) in
        [("echo paused; exit 1", "ended with 1"), ("exit 0", "said nothing"), ("kill -KILL $$", "SIGKILL")]
    {
        push.probe = program(home.path(), script, &[]);
        let look = alone(push.look(&ByName::default()));
        assert!(matches!(&look, Err(Trouble::Unreachable(words)) if words.contains(why)), "{look:?}");
        assert!(matches!(alone(push.carry(&Wanted::Stop, "running")), CarryOutcome::Refused(_)));
    }
    assert_eq!(text(&home, "ran"), "");
}

#[test]
fn given_a_context_and_a_share_when_carried_then_each_is_one_whole_argument() {
    let (home, mut push) = push();
    let whom = Whom { kind: "customer".into(), key: "a b; rm -rf $HOME".into() };
    let outcome = alone(push.carry(&Wanted::Exclude(whom.clone()), "running"));
    assert!(matches!(&outcome, CarryOutcome::Done { .. }), "{outcome:?}");
    assert_eq!(text(&home, "args"), "--who|a b; rm -rf $HOME|x{key}|");
    let sight = alone(push.look(&ByName::default())).expect("seen");
    assert_eq!((sight.level, sight.value.as_str()), (Level::Partly, "running without a b; rm -rf $HOME"));
    let five = Wanted::Percent(Share::of_percent(5).expect("a share"));
    let outcome = alone(push.carry(&five, &sight.value));
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "running at 5"), "{outcome:?}");
    assert!(alone(push.plan(&five)).is_ok_and(|plan| plan.idle));
    // an act whose outcome was lost is known again by its number: the words around it are the program's
    let lost = |percent: u32| Intended {
        act: Act::Percent,
        share: Share::of_percent(percent),
        from: Some("running".into()),
        to: Some(format!("running at {percent}")),
        ..Intended::default()
    };
    let sight = alone(push.look(&ByName::default())).expect("seen");
    assert!(lost(5).stands(&sight) && !lost(50).stands(&sight), "{sight:?}");
    assert_eq!(sight.served(None), "running at 5");
    let said = [
        ("running at 25 since 22:50", Some(25)),
        ("running", None),
        ("running 25 %", Some(25)),
        ("running without 25", None),
        ("running at 5 without 25", Some(5)),
        ("running at 5, at 25 before", None),
    ];
    for (state, share) in said {
        std::fs::write(home.path().join("state"), state).expect("written");
        assert_eq!(
            alone(push.look(&ByName::default())).map(|sight| sight.share),
            Ok(share.and_then(Share::of_percent)),
            "{state}"
        );
    }
    // a customer whose key is a number is no share, and a share is no customer
    let numbered = Whom { kind: "customer".into(), key: "42".into() };
    for (state, is_excluded) in [("running without 42", true), ("running at 42", false)] {
        std::fs::write(home.path().join("state"), state).expect("written");
        let sight = alone(push.look(&ByName::alone(Some(&numbered)))).expect("seen");
        assert_eq!((sight.excluded.contains(&numbered), sight.share.is_some()), (is_excluded, !is_excluded), "{state}");
        let share = Wanted::Percent(Share::of_percent(42).expect("a share"));
        let idle =
            [Wanted::Exclude(numbered.clone()), share].map(|wanted| alone(push.plan(&wanted)).map(|plan| plan.idle));
        assert_eq!(idle, [Ok(is_excluded), Ok(!is_excluded)], "{state}");
    }
    // where nobody can be excluded, any one number is the share
    let exclude = push.exclude.take();
    for (state, share) in [("running, 25 of 100", None), ("running (25)", Some(25))] {
        std::fs::write(home.path().join("state"), state).expect("written");
        assert_eq!(
            alone(push.look(&ByName::default())).map(|sight| sight.share),
            Ok(share.and_then(Share::of_percent)),
            "{state}"
        );
    }
    push.exclude = exclude;
    std::fs::write(home.path().join("state"), "running at 5").expect("written");
    let fifty = Wanted::Percent(Share::of_percent(50).expect("a share"));
    assert!(alone(push.plan(&fifty)).is_ok_and(|plan| !plan.idle), "50 is not 5");
    // a program that says yes proves nothing
    push.exclude = Some(program(home.path(), "exit 0", &["{key}"]));
    let other = Wanted::Exclude(Whom { kind: "customer".into(), key: "acme".into() });
    let outcome = alone(push.carry(&other, "running at 5"));
    assert!(
        matches!(&outcome, CarryOutcome::Unsure(words) if words.contains("not running without acme")),
        "{outcome:?}"
    );
    assert_eq!(text(&home, "args"), "5|");
    let fine = Wanted::Percent(Share::of_milli(2_500).expect("a share"));
    assert!(matches!(alone(push.plan(&fine)), Err(Trouble::Refused(_))));
    (push.exclude, push.percent) = (None, None);
    assert!(matches!(alone(push.plan(&Wanted::Exclude(whom))), Err(Trouble::Refused(_))));
    assert!(matches!(alone(push.plan(&five)), Err(Trouble::Refused(_))));
}

#[test]
fn given_a_share_that_a_program_set_when_a_stop_is_taken_back_then_that_program_sets_it_again_and_nothing_else_is_put_back()
 {
    let (home, push) = push();
    std::fs::write(home.path().join("state"), "running at 20\n").expect("written");
    let stop = alone(push.plan(&Wanted::Stop)).expect("planned");
    assert!(matches!(alone(push.carry(&Wanted::Stop, &stop.before)), CarryOutcome::Done { .. }));
    let back = Wanted::Put(stop.before);
    let plan = alone(push.plan(&back)).expect("planned");
    assert_eq!((plan.from.as_str(), plan.to.as_str(), plan.idle), ("paused", "running at 20", false));
    let outcome = alone(push.carry(&back, &plan.before));
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "running at 20"), "{outcome:?}");
    assert_eq!(text(&home, "args"), "20|");
    // the program for a share puts nothing else back, and no other words than it leaves prove it
    for state in ["running at 20 without 25", "running at 20 without acme", "running since 20", "running without acme"]
    {
        assert!(matches!(alone(push.plan(&Wanted::Put(state.into()))), Err(Trouble::Refused(_))), "{state}");
    }
    let other = alone(push.carry(&Wanted::Put("running, 20 %".into()), "running at 20"));
    assert!(matches!(&other, CarryOutcome::Unsure(words) if words.contains("not running, 20 %")), "{other:?}");
}
