//! Opens the screen on an incident. It must not know what is on it.

use super::args::Globals;
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::{paper, stream};
use crate::app::whereabouts::{Place, Whereabouts};
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::journal::Journal;
use crate::shell::hands::DRAFTS;
use crate::shell::start::{self, Choice, Shown, Start};
use std::path::{Path, PathBuf};

/// How the screen was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Without a command.
    Bare,
    /// By `drill`, which finds the same drill again.
    Drill,
}

/// Opens the screen; the journal is made when there is none.
///
/// # Errors
/// There is no terminal; the journal cannot be opened; the screen cannot be started.
pub fn open(desk: &Desk, io: &mut Io<'_>, way: Way) -> Result<(), Fault> {
    if !(io.typed && io.read) || desk.term.is_none() {
        return Err(Fault {
            kind: Kind::Usage,
            happened: "There is no terminal to show the screen in.".into(),
            stands: "Nothing was started.".into(),
            next: "Run it in a terminal with TERM set, or use the commands: quarterdeck --help.".into(),
        });
    }
    let journal = desk.writing(true)?;
    let shown = shown(desk, way, &journal)?;
    let start = Start {
        config: desk.config.clone(),
        journal,
        shown,
        exports: desk.exports.clone(),
        drafts: desk.drafts.clone(),
        drill: desk.drill.as_ref().map(|drill| (drill.scenario.clone(), drill.world())),
        whereabouts: whereabouts(desk, way),
    };
    for line in start::run(start).map_err(|words| Fault::of(Kind::Tool, words))? {
        // the terminal may have gone, and with it whoever would read this
        let _ = writeln!(io.out, "{}", paper::line(&line, 1_000));
    }
    let _ = io.out.flush();
    Ok(())
}

/// Where things are kept, and what opens this again.
fn whereabouts(desk: &Desk, way: Way) -> Whereabouts {
    let journal = absolute(desk.path());
    let exactly = format!("quarterdeck --journal {}", quoted(&journal));
    let config = desk.config.file.clone().unwrap_or_else(|| desk.places.config_file());
    let drill = desk.drill.as_ref().map(|drill| {
        let name = drill.dir.file_name().map(|name| name.to_string_lossy().into_owned());
        let is_listed = drill.dir.parent() == Some(desk.places.drills().as_path());
        Place { name: name.filter(|_| is_listed), ends: drill.scenario.ends, exactly: exactly.clone() }
    });
    let again = match &desk.drill {
        Some(drill) if way == Way::Drill => format!("quarterdeck drill {}", drill.scenario.name),
        Some(_) => exactly,
        None => named_again(&desk.globals),
    };
    Whereabouts {
        again,
        journal: journal.display().to_string(),
        drafts: absolute(&desk.drafts.join(DRAFTS)).display().to_string(),
        exports: absolute(&desk.exports).display().to_string(),
        unwritten: desk.config.file.is_none(),
        config: absolute(&config).display().to_string(),
        // a drill asks nobody outside its directory; and it is kept, whoever leaves it
        shared: desk.tmux && desk.drill.is_none(),
        drill,
    }
}

/// The program with those of its arguments again that say which journal, which configuration and who.
pub(super) fn named_again(globals: &Globals) -> String {
    let mut words = vec!["quarterdeck".to_string()];
    for (option, path) in [("--journal", &globals.journal), ("--config", &globals.config)] {
        words.extend(path.as_ref().map(|path| format!("{option} {}", quoted(&absolute(path)))));
    }
    words.extend(globals.person.as_ref().map(|person| format!("--as {}", paper::for_shell(person))));
    words.join(" ")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn quoted(path: &Path) -> String {
    paper::for_shell(&path.display().to_string())
}

/// The incident named, else the only one there is, else the open one. An empty journal gives the first number, which is not declared yet.
/// Whoever did not say which one chooses where several are open or none is.
fn shown(desk: &Desk, way: Way, journal: &Journal) -> Result<Shown, Fault> {
    let numbers: Vec<Number> =
        journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != STANDING).collect();
    let named = desk.globals.incident.filter(|number| *number != STANDING);
    // nothing needs to be read to know which one is shown when there is no choice
    if numbers.iter().all(|number| named.is_none_or(|named| named == *number)) && numbers.len() < 2 {
        let number = named.or(numbers.first().copied()).unwrap_or(1);
        let choice = if way == Way::Bare && named.is_none() { Choice::Open } else { Choice::Made };
        return Ok(Shown { number, known: Vec::new(), choice });
    }
    let known = stream::known(journal)?;
    let open: Vec<Number> = known.iter().filter(|incident| incident.is_open()).map(Incident::number).collect();
    let newest = numbers.last().copied().unwrap_or(1);
    let (number, choice) = match (named, open.as_slice(), way) {
        (Some(number), ..) => (number, Choice::Made),
        (None, [only], _) => (*only, Choice::Made),
        (None, [.., last], Way::Drill) => (*last, Choice::Made),
        (None, [], Way::Drill) => (newest, Choice::Made),
        // over the last one that was closed, or over none of several
        (None, [], Way::Bare) => (newest, Choice::Asked),
        (None, _, Way::Bare) => (newest.saturating_add(1), Choice::Asked),
    };
    Ok(Shown { number, known, choice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_arguments_it_was_started_with_when_it_is_opened_again_then_they_are_said_as_a_shell_reads_them() {
        let globals = |journal: &str, person: &str| Globals {
            journal: Some(journal.into()),
            person: Some(person.into()),
            ..Globals::default()
        };
        assert_eq!(named_again(&Globals::default()), "quarterdeck");
        assert_eq!(named_again(&globals("/data/j", "Ben")), "quarterdeck --journal /data/j --as Ben");
        let odd = named_again(&globals("/my data/j", "O'Hara"));
        assert_eq!(odd, r"quarterdeck --journal '/my data/j' --as 'O'\''Hara'");
    }
}
