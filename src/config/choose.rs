//! Which of several sources decides: argument, environment, file or default. Pure. It must not know what a value does.

use super::env::{Environment, Setting};
use super::file::File;
use super::options;
use super::places::{self, Places};
use super::trouble::{ConfigTrouble, Place, known_instead, shown};
use super::{Chosen, Flags, LogLevel, Origin, windows};
use chrono_tz::Tz;
use std::path::PathBuf;

/// Who is at the keyboard: `--as`, `QUARTERDECK_PERSON`, the file, else the login name, else nobody in particular.
pub(super) fn person(
    file: &File,
    environment: &Environment,
    flags: &Flags,
    troubles: &mut Vec<ConfigTrouble>,
) -> Chosen<String> {
    let flag = flags.person.clone().map(|name| (name, Origin::Flag("--as"), Place::Flag("--as")));
    let variable =
        environment.person.as_ref().map(|set| (set.text(), Origin::Variable(set.name), Place::Variable(set.name)));
    let written = file.person.as_ref().map(|written| (written.text.clone(), Origin::File, written.place.clone()));
    if let Some((name, origin, place)) = flag.or(variable).or(written) {
        if let Some(value) = as_person(&name) {
            return Chosen { value, origin };
        }
        let what = format!("`{}` is no person's name", shown(&name));
        troubles.push(ConfigTrouble::new(place, "person", what, "Write a name of 1 to 40 characters on one line"));
    }
    let login = environment.login();
    match login.and_then(|set| as_person(&set.text()).map(|value| (value, set.name))) {
        Some((value, name)) => Chosen { value, origin: Origin::Variable(name) },
        None => Chosen { value: "somebody".to_owned(), origin: Origin::Default },
    }
}

/// A name as people say it: one line of 1 to 40 characters, without control or format characters or what could not be read.
fn as_person(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = (1..=40).contains(&name.chars().count());
    // a character that is printable as it is says the same in an error as here
    (fits && shown(name) == name && !name.contains('\u{fffd}')).then(|| name.to_owned())
}

/// The second clock: the file, else `TZ`, else the machine's own zone.
pub(super) fn zone(file: &File, environment: &Environment, troubles: &mut Vec<ConfigTrouble>) -> Option<Chosen<Tz>> {
    if let Some(written) = &file.zone {
        match windows::zone(written) {
            Ok(value) => return Some(Chosen { value, origin: Origin::File }),
            Err(trouble) => troubles.push(trouble),
        }
    }
    // TZ speaks to every program and takes forms that are no names: what is not understood there is no mistake
    let variable = environment.tz.as_ref().and_then(|set| {
        let value = set.text().trim_start_matches(':').parse().ok()?;
        Some(Chosen { value, origin: Origin::Variable(set.name) })
    });
    let machine = || Some(Chosen { value: environment.machine_zone.as_ref()?.parse().ok()?, origin: Origin::Machine });
    variable.or_else(machine)
}

/// The theme: `--theme`, `QUARTERDECK_THEME`, `NO_COLOR`, the file, else the first of the table.
pub(super) fn theme(
    file: &File,
    environment: &Environment,
    flags: &Flags,
    troubles: &mut Vec<ConfigTrouble>,
) -> Chosen<&'static str> {
    let flag = flags.theme.clone().map(|word| (word, Origin::Flag("--theme"), Place::Flag("--theme")));
    let variable =
        environment.theme.as_ref().map(|set| (set.text(), Origin::Variable(set.name), Place::Variable(set.name)));
    if let Some((word, origin, place)) = flag.or(variable) {
        if let Some(value) = options::THEMES.iter().copied().find(|known| *known == word) {
            return Chosen { value, origin };
        }
        let what = format!("`{}` is not a theme", shown(&word));
        troubles.push(ConfigTrouble::new(place, "theme", what, known_instead(&word, options::THEMES.iter().copied())));
    }
    if let Some(set) = &environment.no_color {
        return Chosen { value: "plain", origin: Origin::Variable(set.name) };
    }
    match file.theme {
        Some(value) => Chosen { value, origin: Origin::File },
        None => Chosen { value: "dark", origin: Origin::Default },
    }
}

/// The journal's file: `--journal`, `QUARTERDECK_JOURNAL`, the file, else the usual place.
pub(super) fn journal(
    file: &File,
    environment: &Environment,
    flags: &Flags,
    places: &Places,
    troubles: &mut Vec<ConfigTrouble>,
) -> Chosen<PathBuf> {
    let flag = flags.journal.clone().map(|path| (path, Origin::Flag("--journal"), Place::Flag("--journal")));
    let of_setting = |set: &Setting| (PathBuf::from(&set.value), Origin::Variable(set.name), Place::Variable(set.name));
    let variable = environment.journal.as_ref().map(of_setting);
    if let Some((path, origin, place)) = flag.or(variable) {
        // what is not UTF-8 is a path all the same, and no address
        let whole = path.to_str().map_or_else(|| Ok(path.clone()), |text| places::expand(text, &places.home, None));
        match whole {
            Ok(value) => return Chosen { value, origin },
            Err(why) => {
                let what = format!("the journal's place is of no use: {why}");
                troubles.push(ConfigTrouble::new(place, "journal", what, "Write the path of a file"));
            }
        }
    }
    match &file.journal {
        Some(path) => Chosen { value: path.clone(), origin: Origin::File },
        None => Chosen { value: places.journal(), origin: Origin::Default },
    }
}

/// How much the log file says: `QUARTERDECK_LOG`.
pub(super) fn log(environment: &Environment, troubles: &mut Vec<ConfigTrouble>) -> LogLevel {
    let Some(set) = &environment.log else { return LogLevel::default() };
    let word = set.text();
    match LogLevel::ALL.iter().find(|(known, _)| *known == word) {
        Some((_, level)) => *level,
        None => {
            let what = format!("`{}` is no level of the log", shown(&word));
            let next = known_instead(&word, LogLevel::ALL.iter().map(|(known, _)| *known));
            troubles.push(ConfigTrouble::new(Place::Variable(set.name), "log", what, next));
            LogLevel::default()
        }
    }
}
