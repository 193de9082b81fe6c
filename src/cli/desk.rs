//! What every command works with: configuration, the journal's place, its clock, who is at the keyboard. In a drill's journal all of
//! it is the drill's own. It must not know any command.

use super::args::Globals;
use super::fault::{Fault, Kind};
use super::seal::{self, Sealed};
use crate::config::env::Environment;
use crate::config::places::Places;
use crate::config::trouble::ConfigTrouble;
use crate::config::{self, Config, Flags};
use crate::incident::entry::{EntryId, Session, Stamp, When};
use crate::incident::said::{self, Said};
use crate::incident::standing::Standing;
use crate::incident::time::Time;
use crate::journal::Journal;
use crate::journal::trouble::Kind as Trouble;
use crate::shell::clock::{self, Clock};
use crate::shell::hands::Hands;
use crate::shell::levers::Levers;
use crate::shell::start;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Where answers go and words come from.
pub struct Io<'a> {
    /// Answers.
    pub out: &'a mut dyn Write,
    /// Everything else that is said.
    pub err: &'a mut dyn Write,
    /// Words.
    pub input: &'a mut dyn Read,
    /// A person types the words.
    pub typed: bool,
    /// A person reads the answers.
    pub read: bool,
    /// A person reads what else is said.
    pub watched: bool,
    /// Nobody reads the answers any more, and what was asked is done.
    pub deaf: bool,
}

/// What a command works with.
pub struct Desk {
    /// What every command takes.
    pub globals: Globals,
    /// What is configured; in a drill's journal, the drill's own.
    pub config: Config,
    /// What is wrong with the configuration; empty unless it was asked for leniently.
    pub troubles: Vec<ConfigTrouble>,
    /// The user's directories.
    pub places: Places,
    /// Where words go that were not recorded.
    pub drafts: PathBuf,
    /// Where the screen's exports go.
    pub exports: PathBuf,
    /// The drill that the journal belongs to.
    pub drill: Option<Sealed>,
    /// The world's clock, or the drill's.
    pub clock: Clock,
    /// The name of the terminal, as it says it.
    pub term: Option<String>,
    /// It runs in tmux.
    pub tmux: bool,
    session: Session,
    count: u64,
    journal: Result<Option<Journal>, Fault>,
}

/// What was configured, before it is known whose journal it is about.
pub struct Setting {
    globals: Globals,
    environment: Environment,
    places: Places,
    loaded: config::Loaded,
}

impl Setting {
    /// Reads environment and configuration.
    ///
    /// # Errors
    /// The user has no home.
    pub fn read(globals: Globals) -> Result<Setting, Fault> {
        let environment = Environment::read();
        let places = Places::of_user().map_err(|trouble| Fault::of(Kind::Tool, trouble.to_string()))?;
        let flags = Flags {
            journal: globals.journal.clone(),
            config: globals.config.clone(),
            person: globals.person.clone(),
            theme: globals.theme.clone(),
        };
        let loaded = config::load(&environment, &flags, &places);
        Ok(Setting { globals, environment, places, loaded })
    }

    /// The user's directories.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// What is configured, with defaults in place of what is wrong.
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The answer is for a program.
    pub fn as_data(&self) -> bool {
        self.globals.json
    }

    /// The same about another journal.
    pub fn about(mut self, journal: PathBuf) -> Setting {
        self.loaded.config.journal.value = journal;
        self
    }

    /// Looks at the journal, which is not created, and puts everything in its place. A drill starts whatever the configuration says,
    /// and so does a `lenient` command; every other needs all of it right.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration; the drill's scenario is not known.
    pub fn desk(self, lenient: bool) -> Result<Desk, Fault> {
        let Setting { globals, environment, places, loaded } = self;
        let path = loaded.config.journal.value.clone();
        let journal = match Journal::open_for_reading(&path) {
            Ok(journal) => Ok(Some(journal)),
            Err(trouble) if trouble.kind == Trouble::Missing => Ok(None),
            Err(trouble) => Err(Fault::from(trouble)),
        };
        let standing = match &journal {
            Ok(Some(journal)) => start::standing(journal).map_err(|words| Fault::of(Kind::Tool, words)),
            _ => Ok(Standing::default()),
        };
        let (journal, standing) = match standing {
            Ok(standing) => (journal, standing),
            Err(fault) => (Err(fault), Standing::default()),
        };
        let drill = standing.drill().map(|fact| Sealed::find(&path, fact)).transpose()?;
        let (config, troubles) = match &drill {
            Some(drill) => (seal::config(&loaded.config, path, drill), Vec::new()),
            None if lenient => (loaded.config, loaded.troubles),
            None => (loaded.whole().map_err(|troubles| faulty(&troubles))?, Vec::new()),
        };
        let (drafts, exports) = match &drill {
            Some(drill) => (drill.dir.join("drafts"), drill.dir.join("exports")),
            None => (places.drafts(), PathBuf::from(".")),
        };
        Ok(Desk {
            clock: Clock::new(standing.clock()),
            session: clock::session(),
            count: 1,
            term: environment.term.as_ref().filter(|_| environment.has_screen()).map(|term| term.text()),
            tmux: environment.tmux.is_some(),
            globals,
            config,
            troubles,
            places,
            drafts,
            exports,
            drill,
            journal,
        })
    }
}

impl Desk {
    /// Now, by the journal's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Takes a drill's clock as its journal has it by now: a screen may have moved it on. One that cannot be read stays as it was.
    pub fn follow(&mut self) {
        if self.drill.is_none() {
            return;
        }
        let standing = self.journal.as_ref().ok().and_then(Option::as_ref).map(start::standing);
        if let Some(Ok(standing)) = standing {
            self.clock = Clock::new(standing.clock());
        }
    }

    /// The journal's file.
    pub fn path(&self) -> &Path {
        &self.config.journal.value
    }

    /// The journal for reading; none when there is none yet.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn reading(&self) -> Result<Option<&Journal>, Fault> {
        self.journal.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// Opens the journal for writing; with `create`, makes it.
    ///
    /// # Errors
    /// It cannot be opened, or is not there.
    pub fn writing(&self, create: bool) -> Result<Journal, Fault> {
        Ok(Journal::open_for_writing(self.path(), create)?)
    }

    /// What can be done outside: the configured switches and channels.
    pub fn hands(&self) -> Hands {
        Hands {
            switches: self.config.switches.clone(),
            channels: self.config.channels.clone(),
            exports: self.exports.clone(),
            drafts: self.drafts.clone(),
            gate: self.config.gate.dir.clone(),
            drill: self.drill.is_some(),
            levers: Levers::default(),
        }
    }

    /// This run of the program.
    pub fn session(&self) -> Session {
        self.session
    }

    /// Who, when and in which run of the program; each id is used once.
    pub fn stamp(&self, said: Option<&Said>) -> Stamp {
        Stamp {
            now: self.now(),
            author: self.config.person.value.as_str().into(),
            session: self.session,
            first: EntryId::of(self.session, self.count),
            at: said.map(|said| said.at),
            when: said.filter(|said| said.about).map(|_| When::about()),
        }
    }

    /// So many ids were used.
    pub fn used(&mut self, ids: usize) {
        self.count = self.count.saturating_add(ids as u64);
    }

    /// A moment that has happened; `~` or `about` before it says that it is a guess.
    ///
    /// # Errors
    /// It is not a moment.
    pub fn said(&self, text: Option<&str>) -> Result<Option<Said>, Fault> {
        let Some(text) = text else { return Ok(None) };
        said::about(text, self.now()).map(Some).ok_or_else(|| no_moment(text))
    }

    /// The end of what began at a known moment.
    ///
    /// # Errors
    /// As [`Desk::said`].
    pub fn ended(&self, text: Option<&str>, began: Option<Time>) -> Result<Option<Said>, Fault> {
        let Some(text) = text else { return Ok(None) };
        said::ended(text, began, self.now()).map(Some).ok_or_else(|| no_moment(text))
    }
}

/// It is not a moment.
pub fn no_moment(text: &str) -> Fault {
    Fault::usage(
        format!("\"{}\" is not a time.", config::trouble::shown(text)),
        "Write 22:49, -5m or 2019-07-09T22:49Z; all times are UTC.",
    )
}

/// It is a moment that is over, or none.
pub fn no_moment_to_come(text: &str) -> Fault {
    Fault::usage(
        format!("\"{}\" is not a time to come.", config::trouble::shown(text)),
        "Write 23:30, 30m or 2019-07-09T23:30Z; all times are UTC.",
    )
}

/// Everything that is wrong with the configuration.
fn faulty(troubles: &[ConfigTrouble]) -> Fault {
    let lines: Vec<String> = troubles.iter().map(ToString::to_string).collect();
    Fault::of(Kind::Usage, lines.join("\n"))
}
