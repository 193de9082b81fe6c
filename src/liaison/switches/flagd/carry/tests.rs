//! Changes of real flag files.

use super::*;
use std::fs;

const FILE: &str =
    r#"{"flags":{"release":{"state":"ENABLED","variants":{"old":1822,"new":1823},"defaultVariant":"new"}}}"#;

fn file() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flags.json");
    fs::write(&path, FILE).unwrap();
    (directory, path)
}

const NAMES: Names<'_> = Names { flag: "release", stop: Some("old"), restore: None };

fn before() -> String {
    plan::draft("f", FILE, &NAMES, &Wanted::Stop).unwrap().plan.before
}

fn stop_while(path: &Path, meanwhile: &mut dyn FnMut(Moment)) -> CarryOutcome {
    carry_with(path, &NAMES, (&Wanted::Stop, &before()), 1, meanwhile)
}

fn served(path: &Path) -> String {
    plan::sight("f", &read(path).unwrap(), &NAMES).unwrap().value
}

fn at(moment: Moment, mut act: impl FnMut()) -> impl FnMut(Moment) {
    move |now| {
        if now == moment {
            act();
        }
    }
}

fn only_the_file_is_left(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().count() == 1
}

#[test]
fn a_change_that_nobody_disturbs_is_done() {
    let (directory, path) = file();
    let got = stop_while(&path, &mut |_| {});
    assert_eq!(got, CarryOutcome::done("1822", "defaultVariant new → old"));
    assert_eq!(served(&path), "1822");
    assert!(only_the_file_is_left(directory.path()));
}

#[test]
fn given_a_definition_when_it_is_compared_then_its_layout_does_not_matter_and_another_one_is_neither() {
    let (_directory, path) = file();
    let before = before();
    let compared = |text: &str, wanted: &Wanted, before: &str| compare(&path, text, &NAMES, wanted, before).unwrap();
    let stopped = plan::draft("f", FILE, &NAMES, &Wanted::Stop).unwrap().text;
    let stopped_body = plan::draft("f", &stopped, &NAMES, &Wanted::Stop).unwrap().plan.before;
    let put = Wanted::Put(before.clone());
    let spread = FILE.replace(":", " :\n");
    for text in [FILE, spread.as_str()] {
        assert_eq!(compared(text, &Wanted::Stop, &before), Found::AsBefore);
        assert_eq!(compared(text, &put, &stopped_body), Found::AsWanted);
    }
    assert_eq!(compared(&stopped, &Wanted::Stop, &before), Found::AsWanted);
    assert_eq!(compared(&stopped, &put, &stopped_body), Found::AsBefore);
    let other = FILE.replace("1822", "1821");
    assert_eq!(compared(&other, &Wanted::Stop, &before), Found::Otherwise);
    assert_eq!(compared(&other, &put, &stopped_body), Found::Otherwise);
    assert!(compare(&path, "{", &NAMES, &Wanted::Stop, &before).is_err(), "nobody can say");
}

#[test]
fn a_file_replaced_before_the_rename_is_left_alone() {
    let (directory, path) = file();
    let theirs = FILE.replace("1822", "1821");
    let mut replace = at(Moment::Staged, || {
        fs::write(path.with_extension("new"), &theirs).unwrap();
        fs::rename(path.with_extension("new"), &path).unwrap();
    });
    let got = stop_while(&path, &mut replace);
    assert!(matches!(&got, CarryOutcome::Conflict(w) if w.contains("somebody else")), "{got:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), theirs);
    assert!(only_the_file_is_left(directory.path()));
}

#[test]
fn a_file_removed_before_the_rename_is_not_brought_back() {
    let (_directory, path) = file();
    let got = stop_while(&path, &mut at(Moment::Staged, || fs::remove_file(&path).unwrap()));
    assert!(matches!(got, CarryOutcome::Conflict(_)), "{got:?}");
    assert!(!path.exists());
}

#[test]
fn a_file_changed_right_after_is_unsure() {
    let (_directory, path) = file();
    for theirs in [FILE, "", "{"] {
        fs::write(&path, FILE).unwrap();
        let got = stop_while(&path, &mut at(Moment::Replaced, || fs::write(&path, theirs).unwrap()));
        assert!(matches!(&got, CarryOutcome::Unsure(w) if w.contains("somebody else")), "{got:?}");
    }
    let got = stop_while(&path, &mut |_| {});
    assert!(matches!(got, CarryOutcome::Refused(_)), "a broken file is refused: {got:?}");
}

#[test]
fn another_flag_changed_right_after_does_not_make_it_unsure() {
    let (_directory, path) = file();
    let other = r#""other":{"state":"ENABLED","variants":{"a":1}}"#;
    let add = || {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("\"release\"", &format!("{other},\"release\""), 1)).unwrap();
    };
    let got = stop_while(&path, &mut at(Moment::Replaced, add));
    assert!(matches!(&got, CarryOutcome::Done { words, .. } if words.contains("somebody else")), "{got:?}");
}

#[test]
fn a_file_gone_right_after_is_unsure() {
    let (_directory, path) = file();
    let got = stop_while(&path, &mut at(Moment::Replaced, || fs::remove_file(&path).unwrap()));
    assert!(matches!(&got, CarryOutcome::Unsure(w) if w.contains("is not there")), "{got:?}");
}

#[test]
fn writing_into_the_old_file_in_the_same_moment_is_noticed() {
    let (_directory, path) = file();
    let mut old = disk::open(&path).unwrap();
    let staged = Staged::over(&old, "{}").unwrap();
    // Their handle was opened before our rename and is written to after our comparison would have passed.
    let second = path.with_extension("second");
    fs::hard_link(&path, &second).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, FILE).unwrap();
    fs::write(&second, "theirs").unwrap();
    assert_eq!(staged.replace(Some(&mut old)), Replaced::Collided);
}

#[test]
fn a_turn_that_does_not_end_is_refused() {
    let (directory, path) = file();
    let _theirs = Turn::take(directory.path(), 1).unwrap();
    let got = stop_while(&path, &mut |_| {});
    assert!(matches!(&got, CarryOutcome::Refused(w) if w.contains("Another program")), "{got:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
}

#[test]
fn two_at_once_both_tell_the_truth() {
    let (_directory, path) = file();
    let carry = |wanted: &Wanted| carry(&path, &NAMES, wanted, &before());
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(|| carry(&Wanted::Stop));
        let two = scope.spawn(|| carry(&Wanted::Restore));
        (one.join().unwrap(), two.join().unwrap())
    });
    // Whoever was first, 1822 is served in the end; the one who wanted 1823 saw it there or was refused.
    assert!(matches!(&one, CarryOutcome::Done { value, .. } if value == "1822"), "{one:?}");
    assert!(!matches!(&two, CarryOutcome::Unsure(_)), "{two:?}");
    assert_eq!(served(&path), "1822");
}
