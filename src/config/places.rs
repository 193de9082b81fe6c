//! Where things are stored on this machine. It must not know what is in them, and creates nothing.

use super::trouble::{ConfigTrouble, Place};
use directories::{BaseDirs, ProjectDirs};
use std::path::{Path, PathBuf};

/// The user's directories. Nothing but the journal is ever written into the journal's own directory: its watcher would wake for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The user's own directory: what `~` means.
    pub home: PathBuf,
    /// Where the configuration file is.
    pub config: PathBuf,
    /// What must be kept: the journal, drills.
    pub data: PathBuf,
    /// What may be lost without harm to the record, or is on its way into it: log, drafts, unsent facts.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
}

impl Places {
    /// The directories of whoever runs this process. An error when the machine does not know the user's home.
    pub fn of_user() -> Result<Places, ConfigTrouble> {
        let base = BaseDirs::new();
        let project = ProjectDirs::from("", "", "quarterdeck");
        let (Some(base), Some(project)) = (base, project) else {
            return Err(ConfigTrouble::new(
                Place::Machine,
                "",
                "the home directory of the user is not known, so there is no place for the journal",
                "Set HOME to a directory and start again",
            ));
        };
        let data = project.data_dir().to_owned();
        Ok(Places {
            home: base.home_dir().to_owned(),
            config: project.config_dir().to_owned(),
            state: project.state_dir().map_or_else(|| data.join("state"), Path::to_owned),
            cache: project.cache_dir().to_owned(),
            data,
        })
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The journal, alone in its directory.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal").join("quarterdeck.journal")
    }

    /// The directory with one directory per drill.
    pub fn drills(&self) -> PathBuf {
        self.data.join("drills")
    }

    /// The log file.
    pub fn log(&self) -> PathBuf {
        self.state.join("log").join("quarterdeck.log")
    }

    /// The directory of texts that were begun and not sent.
    pub fn drafts(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// The directory in which the runs at those who allow few are written down, so that all programs of one person share them.
    pub fn runs(&self) -> PathBuf {
        self.state.join("runs")
    }

    /// The directory of facts that the journal could not take yet.
    pub fn unsent(&self) -> PathBuf {
        self.state.join("unsent")
    }
}

/// A path as people write it: `~` and `~/…` are the user's directory, a relative one starts at `base`. What is wrong with it
/// otherwise, in words.
pub fn expand(written: &str, home: &Path, base: Option<&Path>) -> Result<PathBuf, &'static str> {
    if written.trim().is_empty() {
        return Err("the path is empty");
    }
    if written.chars().any(char::is_control) {
        return Err("the path holds a control character");
    }
    if written.contains("://") {
        return Err("an address stands where a path of this machine is needed");
    }
    if let Some(rest) = written.strip_prefix('~') {
        return match rest.strip_prefix('/') {
            Some(inside) => Ok(home.join(inside.trim_start_matches('/'))),
            None if rest.is_empty() => Ok(home.to_owned()),
            None => Err("only `~` and `~/` are understood, not another user's directory"),
        };
    }
    Ok(base.map_or_else(|| PathBuf::from(written), |base| base.join(written)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_written_path_when_expanded_then_home_and_base_are_meant() {
        let home = Path::new("/home/ana");
        let base = Some(Path::new("/etc/quarterdeck"));
        assert_eq!(expand("~/lb", home, base), Ok("/home/ana/lb".into()));
        assert_eq!(expand("~//etc", home, base), Ok("/home/ana/etc".into()));
        assert_eq!(expand("~", home, base), Ok("/home/ana".into()));
        assert_eq!(expand("events/lb", home, base), Ok("/etc/quarterdeck/events/lb".into()));
        assert_eq!(expand("/var/log/lb", home, base), Ok("/var/log/lb".into()));
        assert_eq!(expand("lb", home, None), Ok("lb".into()));
    }

    #[test]
    fn given_what_is_no_path_when_expanded_then_words_say_why() {
        for bad in ["", " ", "a\0b", "~ben/x", "postgres://db/quarterdeck"] {
            assert!(expand(bad, Path::new("/home/ana"), None).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn given_places_when_listed_then_the_journal_is_alone_in_its_directory() {
        let at = |name: &str| PathBuf::from("/q").join(name);
        let places = Places { home: at("h"), config: at("c"), data: at("d"), state: at("s"), cache: at("k") };
        let journal = places.journal();
        let room = journal.parent().unwrap();
        for other in
            [places.drills(), places.log(), places.drafts(), places.runs(), places.unsent(), places.config_file()]
        {
            assert!(!other.starts_with(room), "{}", other.display());
        }
    }
}
