//! What a person has set: arguments, environment and one file become one [`Config`]. The only place that reads the environment.
//!
//! An argument wins over the environment, the environment over the file, the file over the default; the two variables that speak to
//! every program rather than to this one are weaker: `TZ` yields to the file, `NO_COLOR` to `QUARTERDECK_THEME`. It must not know what is
//! done with any value. It opens the configuration file and nothing else, and creates nothing.

pub mod amount;
pub mod asks;
pub mod backends;
pub mod blocks;
pub mod changes;
mod choose;
pub mod conditions;
pub mod env;
pub mod file;
pub mod gate;
pub mod options;
pub mod places;
pub mod plans;
pub mod probes;
pub mod program;
pub mod providers;
pub mod read;
pub mod secret;
pub mod switches;
pub mod trouble;
mod value;
pub mod windows;

use crate::incident::cadence::Rules;
use crate::incident::ways::Ways;
use backends::Backend;
use blocks::{Channel, Slo};
use changes::ChangeSource;
use chrono_tz::Tz;
use env::Environment;
use file::File;
use places::Places;
use plans::SwitchPlan;
use probes::Probe;
use providers::Provider;
use std::io::Read;
use std::path::{Path, PathBuf};
use switches::Switch;
use trouble::{ConfigTrouble, Place};

/// The arguments of the command line that say the same as configuration does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--journal`.
    pub journal: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--as`.
    pub person: Option<String>,
    /// `--theme`.
    pub theme: Option<String>,
}

/// Where a value comes from, for whoever asks "says who?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This argument of the command line.
    Flag(&'static str),
    /// This environment variable.
    Variable(&'static str),
    /// The configuration file.
    File,
    /// The machine itself.
    Machine,
    /// Nobody set it.
    Default,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// How much the log file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What is not as it should be.
    Warn,
    /// What was done.
    #[default]
    Info,
    /// How it was done.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// Every level with its word, the quietest first.
    pub const ALL: [(&str, LogLevel); 6] = [
        ("off", LogLevel::Off),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
}

/// Everything that was set, with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// Who is at the keyboard.
    pub person: Chosen<String>,
    /// The second clock of the header; none when nobody and nothing says which.
    pub zone: Option<Chosen<Tz>>,
    /// The theme's name, one of [`options::THEMES`].
    pub theme: Chosen<&'static str>,
    /// A file of keys laid over the ones that ship with the program.
    pub keymap: Option<PathBuf>,
    /// Ring the terminal's bell when something becomes due.
    pub bell: bool,
    /// The journal's file.
    pub journal: Chosen<PathBuf>,
    /// How much the log file says.
    pub log: LogLevel,
    /// The editor for long texts, with its arguments as the person wrote them.
    pub editor: String,
    /// The wall clock of a response.
    pub rules: Rules,
    /// The query backends, in the order of the file.
    pub backends: Vec<Backend>,
    /// The objectives, in the order of the file.
    pub slos: Vec<Slo>,
    /// The sources of changes, in the order of the file.
    pub changes: Vec<ChangeSource>,
    /// The providers of switches, in the order of the file.
    pub providers: Vec<Provider>,
    /// The switches, in the order of the file.
    pub switches: Vec<Switch>,
    /// What is stopped together.
    pub plans: Vec<SwitchPlan>,
    /// The probes, in the order of the file.
    pub probes: Vec<Probe>,
    /// The channels, in the order of the file.
    pub channels: Vec<Channel>,
    /// How releases are held.
    pub gate: gate::Gate,
    /// Where the runs at those who allow few are written down.
    pub runs: PathBuf,
}

impl Config {
    /// Nobody said who is at the keyboard: the login name stands in, and the screen says so.
    pub fn person_is_assumed(&self) -> bool {
        !matches!(self.person.origin, Origin::Flag(_) | Origin::File | Origin::Variable("QUARTERDECK_PERSON"))
    }

    /// What a drill may know: how the screen looks and sounds, and who sits before it. Its journal is its own; it has the default cadence
    /// and no backend, objective, switch or channel but those it brings itself.
    pub fn sealed(full: &Config, journal: PathBuf) -> Config {
        Config {
            file: full.file.clone(),
            person: full.person.clone(),
            zone: full.zone.clone(),
            theme: full.theme.clone(),
            keymap: full.keymap.clone(),
            bell: full.bell,
            journal: Chosen { value: journal, origin: Origin::Default },
            log: full.log,
            editor: full.editor.clone(),
            rules: Rules::default(),
            backends: Vec::new(),
            slos: Vec::new(),
            changes: Vec::new(),
            providers: Vec::new(),
            switches: Vec::new(),
            plans: Vec::new(),
            probes: Vec::new(),
            channels: Vec::new(),
            gate: gate::Gate::default(),
            runs: full.runs.clone(),
        }
    }
}

/// What was read, and everything that was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What is right, with defaults in place of what is wrong. For `doctor` and for drills, which must start whatever the file says.
    pub config: Config,
    /// Everything that is wrong, in the order of the places.
    pub troubles: Vec<ConfigTrouble>,
}

impl Loaded {
    /// The configuration, or everything that is wrong with it. What acts on the world uses nothing less.
    pub fn whole(self) -> Result<Config, Vec<ConfigTrouble>> {
        if self.troubles.is_empty() { Ok(self.config) } else { Err(self.troubles) }
    }
}

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads the configuration file, if there is one, and puts everything together.
pub fn load(environment: &Environment, flags: &Flags, places: &Places) -> Loaded {
    let (path, is_named) = match (&flags.config, &environment.config) {
        (Some(path), _) => (path.clone(), true),
        (None, Some(setting)) => (PathBuf::from(&setting.value), true),
        (None, None) => (places.config_file(), false),
    };
    match text_of(&path, is_named) {
        Ok(Some(text)) => together(Some((&path, &text)), environment, flags, places),
        Ok(None) => together(None, environment, flags, places),
        Err(trouble) => {
            let mut loaded = together(None, environment, flags, places);
            loaded.troubles.insert(0, trouble);
            loaded
        }
    }
}

/// The file's text; nothing when there is none and nobody named one.
fn text_of(path: &Path, is_named: bool) -> Result<Option<String>, ConfigTrouble> {
    let whole = |what: String, next: &str| ConfigTrouble::new(Place::Whole(path.to_owned()), "", what, next);
    let mut bytes = Vec::new();
    match std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => return Ok(None),
        Err(error) => {
            return Err(whole(
                format!("the configuration cannot be read: {error}"),
                "Name another file or make this one readable",
            ));
        }
        Ok(read) if read as u64 > LARGEST => {
            return Err(whole(
                "the file is larger than 1 MiB".to_owned(),
                "Name the configuration file; this one is not it",
            ));
        }
        Ok(_) => {}
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let place = Place::in_file(path, &String::from_utf8_lossy(error.as_bytes()), valid);
        ConfigTrouble::new(place, "", "the text is not UTF-8 from here on", "Save the file as UTF-8")
    })
}

/// Puts file, environment and arguments together. Pure: the file's text is an argument.
pub fn together(file: Option<(&Path, &str)>, environment: &Environment, flags: &Flags, places: &Places) -> Loaded {
    let path = file.map(|(path, _)| path.to_owned());
    let (file, mut troubles) = match file {
        Some((path, text)) => file::read(path, text, &places.home),
        None => (File::default(), Vec::new()),
    };
    let mut rules = file.rules.clone();
    let marked = file.blocks.backends.iter().filter(|backend| backend.markers().is_some());
    let audited = file.blocks.switches.iter().filter_map(|switch| Some((switch.name.clone(), switch.audited()?)));
    rules.audits = audited.collect();
    let ways = file.blocks.switches.iter().map(|switch| (switch.name.clone(), switch.ways()));
    rules.ways = ways.filter(|(_, ways)| *ways != Ways::default()).collect();
    let audits = changes::audits(&file.blocks.switches);
    let written = changes::written(&file.blocks.switches);
    rules.files = written.iter().map(|(source, switches)| (source.name.clone(), switches.clone())).collect();
    let written = written.into_iter().map(|(source, _)| source);
    let changes = file.blocks.changes.iter().cloned().chain(audits).chain(written).collect();
    rules.markers = marked.map(|backend| backend.name.clone()).collect();
    let config = Config {
        person: choose::person(&file, environment, flags, &mut troubles),
        zone: choose::zone(&file, environment, &mut troubles),
        theme: choose::theme(&file, environment, flags, &mut troubles),
        journal: choose::journal(&file, environment, flags, places, &mut troubles),
        log: choose::log(environment, &mut troubles),
        editor: environment.editor().unwrap_or_else(|| "vi".to_owned()),
        file: path,
        keymap: file.keymap,
        bell: file.bell.unwrap_or(true),
        rules,
        backends: file.blocks.backends,
        slos: file.blocks.slos,
        changes,
        providers: file.blocks.providers,
        switches: file.blocks.switches,
        plans: file.blocks.plans,
        probes: file.blocks.probes,
        channels: file.blocks.channels,
        gate: file.gate,
        runs: places.runs(),
    };
    troubles.sort();
    Loaded { config, troubles }
}

#[cfg(test)]
mod tests;
