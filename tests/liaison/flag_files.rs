//! flagd flag files on a real disk.

use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::switch::{Reason, Sight, Wanted};
use quarterdeck::incident::time::Time;
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::flagd::{Flagd, fingerprint, list, read};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Odd on purpose: CRLF, tabs, a name with quotes and dots, a repeated key, escapes in names.
const ODD: &str = "{\r\n\t\"flags\":\r\n\t{\r\n\t\t\"a.\\\"b\\\".c\"  :  {\"state\":\"ENABLED\",\r\n\"variants\":{\"on\":true,\"off\":false},\
                   \"defaultVariant\":\"on\"},\r\n  \"r\\u0065lease\":{\"defaultVariant\":\"x\",\"defaultVariant\":\"new\",\r\n\
                   \"variants\":{\"old\":1822,\"new\":1823},\"state\":\"ENABLED\"}\r\n}}\r\n";

fn with(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flags.flagd.json");
    fs::write(&path, text).unwrap();
    (directory, path)
}

fn flag(path: &Path, flag: &str, stop: &str) -> Flagd {
    Flagd { file: path.to_owned(), flag: flag.to_owned(), stop: Some(stop.to_owned()), restore: None }
}

fn look(path: &Path, name: &str) -> Result<Sight, Trouble> {
    flag(path, name, "old").look(Time(0))
}

fn carry(flag: &Flagd, wanted: &Wanted, before: &str) -> CarryOutcome {
    let reason =
        Reason { why: "drill".into(), incident: Some(412), person: "Ana".into(), act: EntryId::of(Session(1), 1) };
    flag.carry(wanted, before, &reason, Time(0))
}

/// The definition of the flag `release` as it stands.
fn before(path: &Path) -> String {
    flag(path, "release", "old").plan(&Wanted::Stop, Time(0)).map(|plan| plan.before).unwrap_or_default()
}

fn stop_release(path: &Path) -> CarryOutcome {
    carry(&flag(path, "release", "old"), &Wanted::Stop, &before(path))
}

fn refusal(outcome: CarryOutcome) -> String {
    match outcome {
        CarryOutcome::Refused(words) | CarryOutcome::Conflict(words) => words,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_odd_file_changes_in_one_place_only() {
    let (_directory, path) = with(ODD);
    assert_eq!(look(&path, "release").unwrap().value, "1823");
    let before = fingerprint(&path);
    assert!(matches!(stop_release(&path), CarryOutcome::Done { value, .. } if value == "1822"));
    let want = ODD.replace("\"defaultVariant\":\"new\"", "\"defaultVariant\":\"old\"");
    assert_eq!(fs::read_to_string(&path).unwrap(), want);
    assert_ne!(fingerprint(&path), before);
    assert_eq!(fingerprint(&path), fingerprint(&path));
}

#[test]
fn a_name_with_quotes_and_dots_is_a_name() {
    let (_directory, path) = with(ODD);
    let name = "a.\"b\".c";
    assert_eq!(list(&read(&path).unwrap()).unwrap().first().map(|f| f.name.clone()).as_deref(), Some(name));
    let named = flag(&path, name, "off");
    let before = named.plan(&Wanted::Stop, Time(0)).unwrap().before;
    let got = carry(&named, &Wanted::Stop, &before);
    assert!(matches!(got, CarryOutcome::Done { value, .. } if value == "false"));
    assert_eq!(look(&path, name).unwrap().value, "false");
}

#[test]
fn drift_is_refused_with_both_definitions_named() {
    let (_directory, path) = with(ODD);
    let release = flag(&path, "release", "old");
    let words = refusal(carry(&release, &Wanted::Stop, ""));
    assert!(words.contains("1823") && words.contains("decide anew"), "{words}");
    let seen = before(&path);
    fs::write(&path, ODD.replace("1822", "1820")).unwrap();
    let outcome = carry(&release, &Wanted::Stop, &seen);
    assert!(matches!(outcome, CarryOutcome::Conflict(_)), "{outcome:?}");
    let words = refusal(outcome);
    assert!(words.contains("1820") && words.contains("1822"), "{words}");
    fs::write(&path, ODD.replace("\r\n", "\n\n")).unwrap();
    let got = carry(&release, &Wanted::Stop, &seen);
    assert!(matches!(got, CarryOutcome::Done { .. }), "layout does not matter: {got:?}");
}

#[test]
fn being_there_already_writes_nothing() {
    let (_directory, path) = with(ODD);
    let before = fingerprint(&path);
    let got = carry(&flag(&path, "release", "new"), &Wanted::Stop, "{}");
    assert!(matches!(&got, CarryOutcome::Already { value, .. } if value == "1823"), "{got:?}");
    assert_eq!(fingerprint(&path), before);
}

#[test]
fn what_was_stopped_is_put_back_to_the_byte() {
    let (_directory, path) = with(ODD);
    let snapshot = before(&path);
    stop_release(&path);
    let got = carry(&flag(&path, "release", "old"), &Wanted::Put(snapshot), &before(&path));
    assert!(matches!(got, CarryOutcome::Done { .. }), "{got:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), ODD);
}

#[test]
fn a_file_that_says_nothing_usable_is_named_and_left_alone() {
    for (text, part) in [
        ("", "is empty"),
        ("{\"flags\":\n{,}}", "line 2, column"),
        ("\u{feff}{\"flags\":{}}", "byte order mark"),
        ("flags: {}\n", "YAML"),
        ("{\"flags\":{\"releas\":{\"state\":\"ENABLED\",\"variants\":{\"a\":1}}}}", "Did you mean releas?"),
    ] {
        let (_directory, path) = with(text);
        let trouble = look(&path, "release").unwrap_err();
        let place = path.display().to_string();
        assert!(trouble.words().contains(part) && trouble.words().contains(&place), "{trouble:?}");
        assert_eq!(refusal(stop_release(&path)), trouble.words());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let (directory, path) = with(ODD);
    assert!(matches!(look(&directory.path().join("none.json"), "release"), Err(Trouble::Unreachable(_))));
    assert!(matches!(look(directory.path(), "release"), Err(Trouble::Refused(_))));
    fs::write(&path, b"{\"flags\":\"\xff\"}").unwrap();
    assert!(matches!(look(&path, "release"), Err(Trouble::Garbled(w)) if w.contains("byte 10")));
    fs::write(&path, vec![b' '; (8 << 20) + 1]).unwrap();
    assert!(matches!(look(&path, "release"), Err(Trouble::Refused(w)) if w.contains("8 MiB")));
    let yaml = directory.path().join("flags.YAML");
    for (text, part) in
        [("flags: {}", "has no flag release"), ("flags: [\n", "cannot be read as YAML"), ("", "is empty")]
    {
        fs::write(&yaml, text).unwrap();
        let trouble = look(&yaml, "release").unwrap_err();
        assert!(trouble.words().contains(part) && trouble.words().contains("flags.YAML"), "{trouble:?}");
        assert_eq!(refusal(stop_release(&yaml)), trouble.words());
        assert_eq!(fs::read_to_string(&yaml).unwrap(), text);
    }
}

#[cfg(unix)]
#[test]
fn a_link_says_by_its_name_that_its_target_is_yaml() {
    let directory = tempfile::tempdir().unwrap();
    let text = "flags:\n  release: # the build\n    state: ENABLED\n    variants: {old: 1822, new: 1823}\n    defaultVariant: new # not for long\n";
    let (target, link) = (directory.path().join("data"), directory.path().join("flags.yml"));
    fs::write(&target, text).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert_eq!(look(&link, "release").unwrap().value, "1823");
    let stopped = stop_release(&link);
    assert!(matches!(&stopped, CarryOutcome::Done { value, .. } if value == "1822"), "{stopped:?}");
    assert_eq!(fs::read_to_string(&target).unwrap(), text.replace("defaultVariant: new", "defaultVariant: old"));
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_target_is_replaced_with_its_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (directory, path) = with(ODD);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let elsewhere = directory.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let link = elsewhere.join("link.json");
    symlink(&path, &link).unwrap();
    assert!(matches!(stop_release(&link), CarryOutcome::Done { .. }));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(look(&path, "release").unwrap().value, "1822");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn other_names_of_the_file_are_said_to_be_unchanged() {
    let (directory, path) = with(ODD);
    fs::hard_link(&path, directory.path().join("other.json")).unwrap();
    let got = stop_release(&path);
    assert!(matches!(&got, CarryOutcome::Done { words, .. } if words.contains("2 names")), "{got:?}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_instead_of_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(matches!(look(&path, "release"), Err(Trouble::Refused(_))));
}

#[test]
fn a_file_marked_read_only_is_left_alone() {
    let (_directory, path) = with(ODD);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert!(refusal(stop_release(&path)).contains("read-only"));
    assert_eq!(fs::read_to_string(&path).unwrap(), ODD);
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may write everywhere");
        return;
    }
    let (directory, path) = with(ODD);
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let words = refusal(stop_release(&path));
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(words.contains("Nothing may be written beside"), "{words}");
    assert_eq!(fs::read_to_string(&path).unwrap(), ODD);
}

#[test]
fn hostile_words_come_out_harmless() {
    let long = "y".repeat(4_000);
    let text = format!(
        "{{\"flags\":{{\"release\\u001b]52;c;eA==\\u0007\":{{\"state\":\"ENABLED\",\"variants\":{{\"\u{202e}new\":\"{long}\",\"old\\u0000\":\"\\u001b[2J\"}},\"defaultVariant\":\"\u{202e}new\"}}}}}}"
    );
    let (_directory, path) = with(&text);
    let release = flag(&path, "release", "old");
    let served = look(&path, "release").unwrap();
    let shown = format!("{served:?} {:?}", look(&path, "rel\u{1b}[31mx").unwrap_err().words());
    assert!(!shown.contains("\\u{") && served.value.chars().count() <= 120, "{shown}");
    let got = carry(&release, &Wanted::Stop, &before(&path));
    assert!(
        matches!(&got, CarryOutcome::Done { value, words, .. } if value.is_empty() && words.contains("new → old")),
        "{got:?}"
    );
}
