//! Foreign files read within bounds, and replaced whole or not at all. It must not know what is in them.
//!
//! **Two writers.** [`Turn`] is an advisory lock on the *directory* (`flock`): two quarterdecks take turns, a crash
//! releases it, and nothing is left beside the file, where a reload might pick it up. Where a file system has no such
//! locks we go on without. A foreign editor does not know of it: [`Staged::replace`] therefore compares the file with what was
//! read immediately before the rename, and once more afterwards through the handle kept open on the old file. What stays
//! open is a foreign *rename* in the microseconds between comparison and rename; exchanging the two names instead
//! (`RENAME_EXCHANGE`) would close that, but it reads as a move to a watcher, and flagd's stops at a move.
//!
//! **Killed in between.** What is staged lies beside its target under a name of ours, and whoever stages it holds a lock on it until it is in
//! force: one that nobody holds is left from a run that was killed, and the next turn there removes it ([`Turn::sweep`]).
//!
//! **Containers.** A single file mounted into a container keeps showing the old file after any replacement. Mount its
//! directory.

use super::clean::clean;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// How names of what is staged begin and end; between them stand letters and digits.
const STAGED: (&str, &str) = (".quarterdeck-", ".tmp");

/// The largest foreign file that is read, in bytes.
pub const LARGEST: u64 = 8 << 20;

/// A path as it may be shown: harmless and at most 200 characters.
pub fn shown(path: &Path) -> String {
    clean(&path.to_string_lossy(), 200).into_owned()
}

/// The text of a foreign file.
///
/// # Errors
/// Missing is [`Trouble::Unreachable`]; not permitted is [`Trouble::Denied`]; larger than [`LARGEST`] or no regular file
/// is [`Trouble::Refused`]; not UTF-8 is [`Trouble::Garbled`].
pub fn read(path: &Path) -> Result<String, Trouble> {
    open(path).map(|old| old.text)
}

/// When a foreign file was last written, links followed.
///
/// # Errors
/// As for [`read`]; a time that its disk does not keep is [`Trouble::Garbled`].
pub fn written(path: &Path) -> Result<Time, Trouble> {
    let name = shown(path);
    let modified = fs::metadata(path).and_then(|meta| meta.modified()).map_err(|e| reading(&name, &e))?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok();
    let at = since.and_then(|since| i64::try_from(since.as_micros()).ok());
    at.map(Time).ok_or_else(|| {
        Trouble::Garbled(format!(
            "When {name} was last written is not known: its time lies before 1970. Nothing was changed. Look at it."
        ))
    })
}

/// A file as it was read, still open.
pub struct Old {
    /// What was in it.
    pub text: String,
    /// Where it really is, links followed.
    pub path: PathBuf,
    file: File,
    meta: Metadata,
}

/// Opens and reads a foreign file; errors as for [`read`].
pub fn open(path: &Path) -> Result<Old, Trouble> {
    let name = shown(path);
    let real = fs::canonicalize(path).map_err(|e| reading(&name, &e))?;
    // Asked before opening, because opening a pipe would wait for its writer.
    let meta = fs::metadata(&real).map_err(|e| reading(&name, &e))?;
    if !meta.is_file() {
        return Err(Trouble::Refused(format!(
            "{name} is not a file. Nothing was read or changed. Name the file itself in the configuration."
        )));
    }
    let mut file = File::open(&real).map_err(|e| reading(&name, &e))?;
    let meta = file.metadata().map_err(|e| reading(&name, &e))?;
    let bytes = slurp(&mut file).map_err(|e| reading(&name, &e))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Trouble::Refused(format!(
            "{name} is larger than {} MiB. It was not read, and nothing was changed. Check that the configuration names the right file.",
            LARGEST >> 20
        )));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Old { text, path: real, file, meta }),
        Err(e) => Err(Trouble::Garbled(format!(
            "{name} is not UTF-8 text: byte {} cannot be read. Nothing was changed. Save the file as UTF-8, or name the right one.",
            e.utf8_error().valid_up_to()
        ))),
    }
}

fn slurp(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn reading(name: &str, error: &io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::NotFound => Trouble::Unreachable(format!(
            "{name} is not there. What is in force is not known from here, and nothing was changed. Check the path and that its volume is mounted."
        )),
        ErrorKind::PermissionDenied => Trouble::Denied(format!(
            "{name} may not be read by this user. What is in force is not known from here, and nothing was changed. Ask its owner for read permission."
        )),
        _ => Trouble::Unreachable(format!(
            "{name} could not be read: {}. What is in force is not known from here, and nothing was changed. Look at the disk, then ask again.",
            said(error)
        )),
    }
}

/// What the system said about a failure, harmless.
pub fn said(error: &io::Error) -> String {
    clean(&error.to_string(), 120).into_owned()
}

/// Our turn to write in a directory; ends when dropped, and with the process.
pub struct Turn {
    directory: Option<File>,
}

impl Turn {
    /// Waits for our turn: so many tries, ten milliseconds apart.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when somebody else's turn does not end.
    pub fn take(directory: &Path, tries: u32) -> Result<Turn, Trouble> {
        // A directory that cannot be opened (Windows) or locked (some network file systems) leaves the comparison alone.
        let Ok(handle) = File::open(directory) else { return Ok(Turn { directory: None }) };
        for attempt in 0..tries.max(1) {
            match handle.try_lock() {
                Ok(()) => return Ok(Turn { directory: Some(handle) }),
                Err(TryLockError::Error(_)) => return Ok(Turn { directory: None }),
                Err(TryLockError::WouldBlock) if attempt + 1 < tries => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        Err(Trouble::Refused(format!(
            "Another program is writing in {} and does not finish. Nothing was changed. Look who holds its lock (lsof), then decide anew.",
            shown(directory)
        )))
    }
}

impl Turn {
    /// Removes what runs that were killed left beside their targets, and says how many there were. Where there are no locks nobody can say
    /// whether a run is gone, and all stays.
    pub fn sweep(&self, directory: &Path) -> usize {
        if self.directory.is_none() {
            return 0;
        }
        leftovers(directory).into_iter().filter(|path| fs::remove_file(path).is_ok()).count()
    }
}

/// What was staged in a directory by runs that were killed before it was in force: files with a name of ours that nobody holds.
pub fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let is_ours = |name: &str| {
        let between = name.strip_prefix(STAGED.0).and_then(|rest| rest.strip_suffix(STAGED.1));
        between.is_some_and(|between| !between.is_empty() && between.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let is_left = |path: &PathBuf| {
        // asked before opening, because opening a pipe would wait for its writer
        let is_file = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
        is_file && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
    };
    let named = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_ours));
    let mut all: Vec<PathBuf> = named.map(|entry| entry.path()).filter(is_left).collect();
    all.sort();
    all
}

/// How a replacement ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Replaced {
    /// It is in place and on disk.
    Done,
    /// It is in place, and somebody else wrote into the old file in the same moment: that is lost.
    Collided,
    /// It is in place, but whether it survives a power loss is not known, for this reason.
    NotSynced(String),
    /// It is not in place: the file changed since it was read.
    Moved,
    /// The rename failed with this; whether it happened has to be looked at.
    Failed(String),
}

/// A new text beside its target, on disk, not yet in force.
pub struct Staged {
    temporary: NamedTempFile,
    target: PathBuf,
    /// Whether the new file has the old one's owner and group; only root can give files away.
    pub keeps_owner: bool,
}

impl Staged {
    /// Writes `text` beside `old`, with its mode and owner.
    ///
    /// # Errors
    /// [`Trouble::Denied`] when we may not; [`Trouble::Refused`] when it cannot be written, or when those who read the old
    /// file could not read the new one. Nothing was changed then.
    pub fn over(old: &Old, text: &str) -> Result<Staged, Trouble> {
        if old.meta.permissions().readonly() {
            return Err(Trouble::Denied(format!(
                "{} is marked read-only. Nothing was changed. Whoever manages it has to change it, or make it writable.",
                shown(&old.path)
            )));
        }
        let mut staged = Staged::write(&old.path, text)?;
        staged.keeps_owner = like(&old.meta, staged.temporary.as_file()).map_err(|why| {
            Trouble::Refused(format!(
                "A new {} could not be given the old one's owner and mode: {why}. Nothing was changed, because its readers could have been locked out. Run as its owner, or as a member of its group.",
                shown(&old.path)
            ))
        })?;
        staged.temporary.as_file().sync_all().map_err(|e| writing(&old.path, &e))?;
        Ok(staged)
    }

    /// Writes `text` where no file is yet, with the mode that new files get.
    ///
    /// # Errors
    /// As for [`Staged::over`].
    pub fn fresh(target: &Path, text: &str) -> Result<Staged, Trouble> {
        let staged = Staged::write(target, text)?;
        staged.temporary.as_file().sync_all().map_err(|e| writing(target, &e))?;
        Ok(staged)
    }

    fn write(target: &Path, text: &str) -> Result<Staged, Trouble> {
        let directory = target.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(STAGED.0).suffix(STAGED.1);
        #[cfg(unix)]
        let permissions = {
            use std::os::unix::fs::PermissionsExt;
            fs::Permissions::from_mode(0o666)
        };
        #[cfg(unix)]
        builder.permissions(permissions);
        let mut temporary = builder.tempfile_in(directory).map_err(|e| writing(target, &e))?;
        // where there are no locks nobody sweeps
        let _ = temporary.as_file().try_lock();
        temporary.write_all(text.as_bytes()).map_err(|e| writing(target, &e))?;
        Ok(Staged { temporary, target: target.to_owned(), keeps_owner: true })
    }

    /// Puts the new text in force, if the target still is what `old` says (or still is not there, for `None`).
    pub fn replace(self, old: Option<&mut Old>) -> Replaced {
        let still = match &old {
            Some(old) => File::open(&self.target)
                .and_then(|mut now| slurp(&mut now))
                .is_ok_and(|bytes| bytes == old.text.as_bytes()),
            None => fs::symlink_metadata(&self.target).is_err_and(|e| e.kind() == ErrorKind::NotFound),
        };
        if !still {
            return Replaced::Moved;
        }
        let placed = match &old {
            Some(_) => self.temporary.persist(&self.target),
            None => self.temporary.persist_noclobber(&self.target),
        };
        match placed {
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Replaced::Moved,
            Err(e) => return Replaced::Failed(said(&e.error)),
            Ok(_) => {}
        }
        let synced = sync_directory(self.target.parent().unwrap_or(Path::new(".")));
        if let Some(old) = old
            && !old.untouched()
        {
            return Replaced::Collided;
        }
        match synced {
            Ok(()) => Replaced::Done,
            Err(e) => Replaced::NotSynced(said(&e)),
        }
    }
}

impl Old {
    /// Whether the file that was read still holds what was read, wherever its name went.
    fn untouched(&mut self) -> bool {
        let now = self.file.seek(SeekFrom::Start(0)).and_then(|_| slurp(&mut self.file));
        now.is_ok_and(|bytes| bytes == self.text.as_bytes())
    }

    /// How many names (hard links) the file has; the others keep the old content.
    pub fn names(&self) -> u64 {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            self.meta.nlink()
        }
        #[cfg(not(unix))]
        1
    }
}

fn writing(target: &Path, error: &io::Error) -> Trouble {
    let name = shown(target);
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Trouble::Denied(format!(
            "Nothing may be written beside {name} by this user: {}. Nothing was changed. Ask for write permission on its directory, or have its owner make the change.",
            said(error)
        )),
        _ => Trouble::Refused(format!(
            "A new {name} could not be written: {}. Nothing was changed. Look at the disk (full, or not mounted?), then decide anew.",
            said(error)
        )),
    }
}

/// Gives `new` the mode and owner of the old file, and says whether that held; the reason when readers would be locked out.
#[cfg(unix)]
fn like(old: &Metadata, new: &File) -> Result<bool, String> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let now = new.metadata().map_err(|e| said(&e))?;
    if (now.uid(), now.gid()) != (old.uid(), old.gid()) && fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
        // Only root gives files away; a member may still give one to the group. Whether that held is read back below.
        let _ = fchown(new, None, Some(old.gid()));
    }
    let now = new.metadata().map_err(|e| said(&e))?;
    let everybody_reads = old.mode() & 0o004 != 0;
    let owner_lost = now.uid() != old.uid() && old.uid() != 0;
    let group_lost = now.gid() != old.gid() && old.mode() & 0o040 != 0;
    if !everybody_reads && (owner_lost || group_lost) {
        let whose = if owner_lost { "owner" } else { "group" };
        return Err(format!("its {whose} would be another, and others may not read it"));
    }
    new.set_permissions(fs::Permissions::from_mode(old.mode() & 0o7777)).map_err(|e| said(&e))?;
    Ok((now.uid(), now.gid()) == (old.uid(), old.gid()))
}

#[cfg(not(unix))]
fn like(old: &Metadata, new: &File) -> Result<bool, String> {
    new.set_permissions(old.permissions()).map_err(|e| said(&e))?;
    Ok(true)
}

/// Makes names in a directory survive a power loss; file systems that cannot are taken as they are.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(directory).and_then(|d| d.sync_all()) {
        Err(e) if matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}
