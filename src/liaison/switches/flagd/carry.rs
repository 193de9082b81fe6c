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
mod tests;
