//! What kind of place a path is: directories made for us, file systems that several machines share. It must not open a journal.

use super::trouble::{Doing, JournalTrouble};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes the directories that are missing on the way to a directory, mode 0700, and syncs each into its parent.
///
/// # Errors
/// What the operating system says; directories made so far stay.
pub fn make_directories(directory: &Path) -> Result<(), JournalTrouble> {
    let trouble = |path: &Path, error: &io::Error| JournalTrouble::from_io(path, Doing::Opening, error);
    let missing: Vec<&Path> =
        directory.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
    for path in missing.into_iter().rev() {
        match make_directory(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(trouble(path, &error)),
            _ => sync(parent(path)).map_err(|error| trouble(path, &error))?,
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Brings a directory's names to the disk.
///
/// # Errors
/// What the operating system says.
#[cfg(unix)]
pub fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

/// Brings a directory's names to the disk: Windows does so by itself.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// The directory that holds a path.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A path with something added to its file name (`-wal`).
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// Which file it is, as long as it is the same one: device and number on its file system.
#[cfg(unix)]
pub fn identity(meta: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

/// Which file it is: not known here, so every file is the same.
#[cfg(not(unix))]
pub fn identity(_meta: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether we may write to a file, or make files in a directory.
#[cfg(unix)]
pub fn writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Whether we may write to a file, or make files in a directory.
#[cfg(not(unix))]
pub fn writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.permissions().readonly())
}

/// The name of the network file system that a directory lies on; `None` on a disk of this machine, or where we cannot tell.
#[cfg(target_os = "linux")]
pub fn network(directory: &Path) -> Option<String> {
    let kind = rustix::fs::statfs(directory).ok()?.f_type;
    // the kinds are 32 bits wide, whatever this machine's type for them
    let kind = kind as u32;
    if kind != FUSE {
        return by_kind(kind).map(String::from);
    }
    let device = rustix::fs::stat(directory).ok()?.st_dev;
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    by_mount(&fs::read_to_string("/proc/self/mountinfo").ok()?, major, minor)
}

/// The name of the network file system that a directory lies on; `None` on a disk of this machine, or where we cannot tell.
#[cfg(target_os = "macos")]
pub fn network(directory: &Path) -> Option<String> {
    /// `MNT_LOCAL` of sys/mount.h.
    const LOCAL: u32 = 0x1000;
    let place = rustix::fs::statfs(directory).ok()?;
    if place.f_flags & LOCAL != 0 {
        return None;
    }
    let name = place.f_fstypename.iter().take_while(|c| **c != 0);
    Some(name.map(|c| char::from(c.cast_unsigned())).collect())
}

/// The name of the network file system that a directory lies on: cannot be told here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn network(_directory: &Path) -> Option<String> {
    None
}

/// `FUSE_SUPER_MAGIC` of linux/magic.h: a program answers, which may be local or not.
const FUSE: u32 = 0x6573_5546;

/// The file systems whose pages or locks other machines share, by `f_type` as in statfs(2) and linux/magic.h.
const NETWORKS: [(u32, &str); 16] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0000_564c, "NCP"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x786f_4256, "VirtualBox shared folder"),
    (0xbacb_acbc, "VMware shared folder"),
];

/// The types of FUSE mounts that lie on a disk of this machine; every other one is taken for a network.
const LOCAL_FUSE: [&str; 10] = [
    "fuseblk",
    "fuse.bindfs",
    "fuse.encfs",
    "fuse.ext2",
    "fuse.fuse-overlayfs",
    "fuse.gocryptfs",
    "fuse.lxcfs",
    "fuse.mergerfs",
    "fuse.cryfs",
    "fuse.securefs",
];

fn by_kind(kind: u32) -> Option<&'static str> {
    NETWORKS.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name)
}

/// The type of a mount that a program answers, found by its device in the text of /proc/self/mountinfo (proc_pid_mountinfo(5));
/// `None` when it is a local one or is not listed.
fn by_mount(mounts: &str, major: u32, minor: u32) -> Option<String> {
    let device = format!("{major}:{minor}");
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some(device.as_str()))?;
    let kind = line.split_once(" - ")?.1.split(' ').next()?;
    (!LOCAL_FUSE.contains(&kind)).then(|| kind.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_kind() {
        assert_eq!(by_kind(0x6969), Some("NFS"));
        assert_eq!(by_kind(0xff53_4d42), Some("CIFS"));
        assert_eq!(by_kind(0xef53), None, "ext4");
        assert_eq!(by_kind(FUSE), None, "answered by its mount");
    }

    #[test]
    fn a_program_s_file_system_is_known_by_its_mount() {
        let mounts = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
            51 22 0:48 / /mnt/far rw,nosuid shared:3 - fuse.sshfs ana@far:/ rw,user_id=0\n\
            52 22 0:49 / /mnt/stick rw - fuseblk /dev/sdb1 rw\n";
        assert_eq!(by_mount(mounts, 0, 48).as_deref(), Some("fuse.sshfs"));
        assert_eq!(by_mount(mounts, 0, 49), None);
        assert_eq!(by_mount(mounts, 0, 4), None);
        assert_eq!(by_mount("garbage\n- \n", 0, 48), None);
    }

    #[cfg(unix)]
    #[test]
    fn directories_are_made_for_us_alone() {
        use std::os::unix::fs::MetadataExt;
        let home = tempfile::tempdir().expect("a directory");
        let deep = home.path().join("a/b");
        make_directories(&deep).expect("made");
        make_directories(&deep).expect("made already");
        for path in [home.path().join("a"), deep] {
            assert_eq!(fs::metadata(path).expect("there").mode() & 0o777, 0o700);
        }
    }
}
