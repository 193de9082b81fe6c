//! The configuration file as a value: what it says, before environment and arguments have their say.

use super::blocks::{self, Blocks};
use super::read::{Reader, Rows, Written};
use super::trouble::ConfigTrouble;
use super::{gate, options};
use crate::incident::cadence::{Rhythm, Rules};
use std::path::{Path, PathBuf};

/// What the file says; what it does not say is `None` or the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Who is at the keyboard.
    pub person: Option<Written>,
    /// The second clock of the header, not yet understood.
    pub zone: Option<Written>,
    /// The theme.
    pub theme: Option<&'static str>,
    /// The file of keys.
    pub keymap: Option<PathBuf>,
    /// Ring the bell.
    pub bell: Option<bool>,
    /// The journal's file.
    pub journal: Option<PathBuf>,
    /// The wall clock of a response.
    pub rules: Rules,
    /// How releases are held.
    pub gate: gate::Gate,
    /// What may stand several times.
    pub blocks: Blocks,
}

/// Reads a file's text. Whatever is right is in the value even when something else is wrong; relative paths start at the file's directory.
pub fn read(path: &Path, text: &str, home: &Path) -> (File, Vec<ConfigTrouble>) {
    let mut reader = Reader::new(path, text, home);
    let mut file = File::default();
    reader.parse(&options::TOP, |reader, top| {
        let blocks = blocks::read(reader, top);
        file = File {
            person: reader.text(top, "person"),
            zone: reader.text(top, "zone"),
            theme: reader.word(top, "theme"),
            keymap: reader.path(top, "keymap"),
            bell: reader.switch(top, "bell"),
            journal: reader.path(top, "journal"),
            rules: rules(reader, top),
            gate: gate::read(reader, top),
            blocks,
        };
    });
    (file, reader.troubles)
}

fn rules(reader: &mut Reader<'_>, top: &Rows<'_>) -> Rules {
    let mut rules = Rules::default();
    let Some(cadence) = reader.inside(top, &options::CADENCE) else { return rules };
    set(&mut rules.draft_ahead, reader.length(&cadence, "draft-ahead", "0m", "60m"));
    set(&mut rules.good_for, reader.length(&cadence, "good-for", "1m", "24h"));
    for (rhythm, section) in rules.rhythms.iter_mut().zip(&options::RHYTHMS) {
        if let Some(rows) = reader.inside(&cadence, section) {
            set_rhythm(rhythm, reader, &rows);
        }
    }
    rules
}

/// A key that is not written keeps its default: a section changes only what it names.
fn set_rhythm(rhythm: &mut Rhythm, reader: &mut Reader<'_>, rows: &Rows<'_>) {
    set(&mut rhythm.check_in, reader.minutes(rows, "check-in"));
    set(&mut rhythm.first_public, reader.within(rows, "first-public"));
    set(&mut rhythm.public, reader.minutes(rows, "public"));
    set(&mut rhythm.public_early, reader.minutes(rows, "public-early"));
    set(&mut rhythm.internal, reader.minutes(rows, "internal"));
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
