//! A change of a flag file made: checked against what the person saw, written whole or not at all, read back. It must not
//! know who asked or when. No time limit can be set on file calls: run it off the drawing path.

use super::document::show;
use super::plan::{self, Draft, Names};
use super::yaml::{self, Yaml};
use crate::incident::sought::Found;
use crate::incident::switch::{Sight, Wanted};
use crate::incident::trouble::Trouble;
use crate::liaison::disk::{self, Old, Replaced, Staged, Turn};
use crate::liaison::outcome::CarryOutcome;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Tries, ten milliseconds apart, for another quarterdeck to finish its change.
const PATIENCE: u32 = 300;

/// What a file was when it was looked at; another one means that somebody replaced or changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    real: PathBuf,
    length: u64,
    /// Nanoseconds since 1970, by the file system's clock.
    changed: i128,
    identity: (u64, u64),
}

/// The text of a flag file, for [`list`](super::list) and [`resolve`](super::resolve()): in JSON, also where the file is YAML.
///
/// # Errors
/// As for [`disk::read`]; [`Trouble::Garbled`] for YAML that cannot be read.
pub fn read(path: &Path) -> Result<String, Trouble> {
    let text = disk::read(path)?;
    if yaml::is_yaml(path) { Ok(Yaml::parse(&disk::shown(path), &text)?.twin()) } else { Ok(text) }
}

/// As [`plan::draft`], in the form that the file has.
pub(super) fn draft(path: &Path, text: &str, names: &Names<'_>, wanted: &Wanted) -> Result<Draft, Trouble> {
    let label = disk::shown(path);
    if yaml::is_yaml(path) {
        yaml::draft(&label, text, names, wanted)
    } else {
        plan::draft(&label, text, names, wanted)
    }
}

fn sight(path: &Path, text: &str, names: &Names<'_>) -> Result<Sight, Trouble> {
    let label = disk::shown(path);
    if yaml::is_yaml(path) { yaml::sight(&label, text, names) } else { plan::sight(&label, text, names) }
}

/// The file's state of now, links followed; none when it is not there. Costs no reading.
pub fn fingerprint(path: &Path) -> Option<Fingerprint> {
    let real = std::fs::canonicalize(path).ok()?;
    let meta = std::fs::metadata(&real).ok()?;
    #[cfg(unix)]
    let (changed, identity) = {
        use std::os::unix::fs::MetadataExt;
        // The time of the last change of any kind: nobody can set it back.
        (i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec()), (meta.dev(), meta.ino()))
    };
    #[cfg(not(unix))]
    let (changed, identity) = {
        let since = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        (i128::try_from(since.as_nanos()).ok()?, (0, 0))
    };
    Some(Fingerprint { real, length: meta.len(), changed, identity })
}

/// Does an act on the flag file at `path`, once. `before` is the definition that the person saw who decided; its layout does not matter.
///
/// *Refused* means that nothing was changed by us; *unsure* that the new file is, or may be, in place, and that somebody
/// has to look. Already being in the wanted state is *done* without writing, whatever was seen.
pub(super) fn carry(path: &Path, names: &Names<'_>, wanted: &Wanted, before: &str) -> CarryOutcome {
    carry_with(path, names, (wanted, before), PATIENCE, &mut |_| {})
}

/// The moments at which somebody else may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Staged,
    Replaced,
}

fn carry_with(
    path: &Path,
    names: &Names<'_>,
    (wanted, before): (&Wanted, &str),
    patience: u32,
    meanwhile: &mut dyn FnMut(Moment),
) -> CarryOutcome {
    match prepare(path, names, wanted, before, patience) {
        Ok(Prepared::Already(value)) => CarryOutcome::already(value),
        Ok(Prepared::Moved(words)) => CarryOutcome::Conflict(words),
        Ok(Prepared::Change(change)) => change.make(names, meanwhile),
        Err(trouble) => CarryOutcome::before_acting(&trouble),
    }
}

enum Prepared {
    /// It serves this already.
    Already(String),
    /// It is not what was planned on, in words.
    Moved(String),
    Change(Box<Change>),
}

struct Change {
    _turn: Turn,
    /// The file as it is configured: what it is called says what it is written in.
    path: PathBuf,
    old: Old,
    staged: Staged,
    text: String,
    after: Sight,
    value: String,
    changes: String,
}

fn prepare(path: &Path, names: &Names<'_>, wanted: &Wanted, before: &str, patience: u32) -> Result<Prepared, Trouble> {
    // The turn is taken where the file really is, before it is read for good.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let turn = Turn::take(real.parent().unwrap_or(Path::new(".")), patience)?;
    let left = turn.sweep(real.parent().unwrap_or(Path::new(".")));
    let old = disk::open(path)?;
    let draft = draft(path, &old.text, names, wanted)?;
    let plan = draft.plan;
    if plan.idle {
        return Ok(Prepared::Already(plan.to));
    }
    if before.trim() != plan.before && !means_the_same(before, &plan.before) {
        return Ok(Prepared::Moved(format!(
            "The definition of {} is {} now, not {} as when this was decided. Nothing was changed. Look at it again and decide anew.",
            show(names.flag),
            show(&plan.before),
            show(before)
        )));
    }
    let staged = Staged::over(&old, &draft.text)?;
    let mut changes = plan.changes;
    if !staged.keeps_owner {
        changes.push_str("; the file's owner or group is another now, because this user may not give files away");
    }
    if left > 0 {
        changes.push_str(&format!("; {left} left beside it by a run that was killed, removed"));
    }
    if old.names() > 1 {
        changes.push_str(&format!("; the file has {} names (hard links), and only this one changed", old.names()));
    }
    let (text, after, value) = (draft.text, draft.sight, plan.to);
    Ok(Prepared::Change(Box::new(Change {
        _turn: turn,
        path: path.to_owned(),
        old,
        staged,
        text,
        after,
        value,
        changes,
    })))
}

/// How a definition is, beside what it was and what was wanted of it then.
pub(super) fn compare(
    path: &Path,
    text: &str,
    names: &Names<'_>,
    wanted: &Wanted,
    before: &str,
) -> Result<Found, Trouble> {
    let plan = match draft(path, text, names, wanted) {
        Ok(draft) => draft.plan,
        // on what it was this could be worked out
        Err(Trouble::Refused(_)) => return Ok(Found::Otherwise),
        Err(trouble) => return Err(trouble),
    };
    let is_wanted = match wanted {
        Wanted::Put(put) => means_the_same(put, &plan.before),
        _ => plan.idle,
    };
    Ok(Found::of(is_wanted, before.trim() == plan.before || means_the_same(before, &plan.before)))
}

fn means_the_same(one: &str, other: &str) -> bool {
    let value =
        |text: &str| serde_json::from_str::<Value>(text).or_else(|_| serde_json::from_str(&yaml::as_json(text)));
    match (value(one), value(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

impl Change {
    fn make(self, names: &Names<'_>, meanwhile: &mut dyn FnMut(Moment)) -> CarryOutcome {
        let Change { _turn, path, mut old, staged, text, after, value, changes } = self;
        meanwhile(Moment::Staged);
        let replaced = staged.replace(Some(&mut old));
        meanwhile(Moment::Replaced);
        let name = disk::shown(&old.path);
        let now = disk::read(&old.path);
        let ours = now.as_ref().is_ok_and(|now| *now == text);
        match replaced {
            Replaced::Moved => CarryOutcome::Conflict(format!(
                "{name} was changed by somebody else while the new one was being written. Their version is in force, and nothing was changed by us. Look at it again and decide anew."
            )),
            Replaced::Failed(why) if now.as_ref().is_ok_and(|now| *now == old.text) => CarryOutcome::Refused(format!(
                "{name} could not be replaced: {why}. The old file is in force. A file mounted by itself cannot be replaced; otherwise look at the disk, then decide anew."
            )),
            Replaced::Failed(why) if !ours => CarryOutcome::Unsure(format!(
                "Replacing {name} failed: {why}. It can be the old file or the new one. Look at it before doing anything else."
            )),
            Replaced::Collided => CarryOutcome::Unsure(format!(
                "{name} was replaced ({changes}), and somebody else wrote into it in the same moment. Their change is lost, if it was another one. Look at it, and ask who else edits it."
            )),
            Replaced::NotSynced(why) => CarryOutcome::Unsure(format!(
                "{name} was replaced ({changes}), but the disk did not confirm it: {why}. It is in force now and may not survive a power loss. Look at the disk."
            )),
            Replaced::Done | Replaced::Failed(_) => match now {
                Ok(_) if ours => CarryOutcome::done(value, changes),
                Ok(now) => match sight(&path, &now, names) {
                    Ok(served) if served == after => CarryOutcome::Done {
                        reference: None,
                        value,
                        words: format!("{changes}; somebody else changed the file right after, and this flag not"),
                    },
                    Ok(served) => CarryOutcome::Unsure(format!(
                        "{name} was replaced ({changes}), and right after by somebody else. The flag {} now {}. Look at it, and ask who else edits the file.",
                        show(names.flag),
                        served.words
                    )),
                    Err(trouble) => CarryOutcome::Unsure(format!(
                        "{name} was replaced ({changes}), and right after by somebody else. It cannot be read any more: {}",
                        trouble.words()
                    )),
                },
                Err(trouble) => CarryOutcome::Unsure(format!(
                    "{name} was replaced ({changes}), and could not be read back. {}",
                    trouble.words()
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
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
        let compared =
            |text: &str, wanted: &Wanted, before: &str| compare(&path, text, &NAMES, wanted, before).unwrap();
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
}
