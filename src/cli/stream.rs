//! An incident read from the journal: whole, or as much of it as a list needs. It must not know what is shown.

use super::fault::{Fault, Kind};
use crate::incident::Incident;
use crate::incident::entry::{Entry, Number, STANDING};
use crate::incident::headline;
use crate::incident::intent::Intents;
use crate::incident::standing::Standing;
use crate::journal::{BATCH, Damage, Journal};

/// An incident, its entries, and where reading stopped if it did.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// The fold.
    pub incident: Incident,
    /// The fold of the standing stream, where it is that one.
    pub standing: Standing,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The first place that cannot be trusted.
    pub damage: Option<Damage>,
}

/// The kinds that say what was done outside.
const ACTS: [&str; 10] = [
    "declared",
    "folded",
    "phase",
    "act-asked",
    "act-withdrawn",
    "intended",
    "settled",
    "seen",
    "end-moved",
    "changed",
];

impl Stream {
    /// Reads a whole stream.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn read(journal: &Journal, number: Number) -> Result<Stream, Fault> {
        let mut stream = Stream { incident: Incident::new(number), ..Stream::default() };
        stream.go_on(journal)?;
        Ok(stream)
    }

    /// Reads what came since.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn go_on(&mut self, journal: &Journal) -> Result<(), Fault> {
        loop {
            let read = journal.read_since(self.incident.number(), self.incident.head(), BATCH)?;
            let is_last = !read.more || read.entries.is_empty() || read.damage.is_some();
            self.take(read.entries);
            if is_last {
                self.damage = read.damage;
                return Ok(());
            }
        }
    }

    /// Folds entries that follow.
    pub fn take(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.standing.apply(&entry);
            if self.incident.apply(&entry) {
                self.entries.push(entry);
            }
        }
    }

    /// Nothing is recorded after a place that cannot be trusted.
    ///
    /// # Errors
    /// There is such a place.
    pub fn sound(&self) -> Result<(), Fault> {
        match &self.damage {
            None => Ok(()),
            Some(damage) => Err(damaged(damage)),
        }
    }
}

/// A place that cannot be trusted, in three sentences.
pub fn damaged(damage: &Damage) -> Fault {
    Fault {
        kind: Kind::Tool,
        happened: format!("The journal is damaged: {damage}."),
        stands: "What comes before it holds, and nothing was changed.".into(),
        next: "Run quarterdeck doctor; go on in another journal with --journal.".into(),
    }
}

fn some(journal: &Journal, number: Number, kinds: &[&str]) -> Result<Incident, Fault> {
    Ok(headline::of(number, journal.read_kinds(number, kinds)?.entries))
}

/// Every incident's title, severity, phase, commander and number, by number; nothing else of it is known.
///
/// # Errors
/// The journal cannot be read.
pub fn headlines(journal: &Journal) -> Result<Vec<Incident>, Fault> {
    let numbers = journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != STANDING);
    let all = numbers.map(|number| some(journal, number, &headline::KINDS)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|incident| incident.opened().is_some()).collect())
}

/// The same with what was done with switches, for a screen.
///
/// # Errors
/// The journal cannot be read.
pub fn known(journal: &Journal) -> Result<Vec<Incident>, Fault> {
    let numbers = journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != STANDING);
    let kinds = [&headline::KINDS[..], &headline::ACTS[..]].concat();
    let all = numbers.map(|number| some(journal, number, &kinds)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|incident| incident.opened().is_some()).collect())
}

/// What every stream but one says was done with switches.
///
/// # Errors
/// The journal cannot be read.
pub fn elsewhere(journal: &Journal, but: Number) -> Result<Intents, Fault> {
    let numbers = journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != but);
    let all = numbers.map(|number| some(journal, number, &headline::ACTS)).collect::<Result<Vec<_>, _>>()?;
    Ok(Intents::together(all.iter().map(Incident::intents)))
}

/// Every incident with its acts on the outside, by number; nothing else of it is known.
///
/// # Errors
/// The journal cannot be read.
pub fn acts(journal: &Journal) -> Result<Vec<Incident>, Fault> {
    let numbers = journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != STANDING);
    numbers.map(|number| some(journal, number, &ACTS)).collect()
}
