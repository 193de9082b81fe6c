//! Which event files there are under a path. It must not know what they hold.
//!
//! A file is meant by name; in a directory, files ending in one of [`ENDINGS`], also with a rotation number behind (`api.log.1`), not hidden ones, not in
//! directories below. One of [`PACKED`] may follow (`api.log.1.gz`); whether a file is packed is told by its bytes.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// How names of event files end.
pub const ENDINGS: [&str; 6] = ["ndjson", "jsonl", "json", "log", "csv", "tsv"];
/// What may stand behind such an ending.
pub const PACKED: [&str; 2] = ["gz", "zst"];
/// How many files of a directory are read.
pub const MOST_FILES: usize = 10_000;

/// What a file is, whatever its name: it keeps this when it is renamed. None where the system has no such thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(Option<(u64, u64)>);

/// A file as it was seen.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub id: Identity,
    /// Its length in bytes.
    pub length: u64,
    /// The file system's mark of the last write, only ever compared for equality; always the same where there is none.
    pub written: (i64, i64),
}

/// The files under a path, sorted by name, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files.
    pub places: Vec<Place>,
    /// Entries that could not be looked at, and why.
    pub failed: Vec<(PathBuf, io::Error)>,
    /// Whether there are more than [`MOST_FILES`].
    pub too_many: bool,
}

impl Identity {
    /// What an open file or a path's metadata belongs to.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self(Some((metadata.dev(), metadata.ino())))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Self(None)
        }
    }

    /// Whether both are known and the same.
    #[must_use]
    pub fn same(self, other: Self) -> bool {
        self.0.is_some() && self == other
    }

    /// Whether the system tells files apart by more than their names.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.0.is_some()
    }
}

impl Place {
    fn of(path: PathBuf, metadata: &Metadata) -> Self {
        Self { path, id: Identity::of(metadata), length: metadata.len(), written: written(metadata) }
    }
}

fn written(metadata: &Metadata) -> (i64, i64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.mtime(), metadata.mtime_nsec())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (0, 0)
    }
}

/// Looks at a path.
///
/// # Errors
/// When the path itself cannot be looked at, or is neither a file nor a directory.
pub fn list(root: &Path) -> io::Result<Listing> {
    let metadata = fs::metadata(root)?;
    if metadata.is_file() {
        return Ok(Listing { places: vec![Place::of(root.to_owned(), &metadata)], ..Listing::default() });
    }
    if !metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is neither a file nor a directory"));
    }
    let mut names: Vec<_> = fs::read_dir(root)?
        .filter_map(Result::ok)
        .map(|e| e.file_name())
        .filter(|name| name.to_str().is_some_and(is_meant))
        .collect();
    names.sort();
    let mut listing = Listing { too_many: names.len() > MOST_FILES, ..Listing::default() };
    let mut met = BTreeSet::new();
    for name in names.into_iter().take(MOST_FILES) {
        let path = root.join(name);
        match fs::metadata(&path) {
            // one file under two names (a link to the current log) is read once
            Ok(metadata) if metadata.is_file() => {
                let place = Place::of(path, &metadata);
                if !place.id.is_known() || met.insert(place.id) {
                    listing.places.push(place);
                }
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => listing.failed.push((path, e)),
        }
    }
    Ok(listing)
}

/// A name without what says that its file is packed.
#[must_use]
pub fn plain_name(name: &str) -> &str {
    let packed =
        |(stem, last): (&'_ str, &str)| PACKED.iter().any(|e| last.eq_ignore_ascii_case(e)).then_some(stem.len());
    name.rsplit_once('.').and_then(packed).and_then(|length| name.get(..length)).unwrap_or(name)
}

fn is_meant(name: &str) -> bool {
    let name = plain_name(name);
    let (stem, last) = name.rsplit_once('.').unwrap_or(("", name));
    let ending = if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        stem.rsplit_once('.').map_or("", |(_, e)| e)
    } else {
        last
    };
    !name.starts_with('.') && name.contains('.') && ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_when_asked_then_event_files_and_their_rotations_are_meant() {
        for yes in ["a.ndjson", "a.JSONL", "api.log", "api.log.1", "a.b.json.22", "a.csv", "a.log.gz", "api.log.1.ZST"]
        {
            assert!(is_meant(yes), "{yes}");
        }
        for no in
            ["log", ".a.log", "a.gz", "log.gz", "a.log.gz.gz", ".a.log.gz", "a.txt", "a.1", "", ".", "log.1", "a.log."]
        {
            assert!(!is_meant(no), "{no}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn given_a_link_to_a_file_when_listed_then_it_is_one_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b.log"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path().join("b.log"), dir.path().join("current.log")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("nowhere"), dir.path().join("lost.log")).unwrap();
        fs::create_dir(dir.path().join("c.log")).unwrap();
        let listing = list(dir.path()).unwrap();
        assert_eq!(listing.places.len(), 1);
        assert!(listing.failed.is_empty());
    }
}
