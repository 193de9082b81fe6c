//! flagd's flag file as a switch: what it serves, what a change would do to it, and the change. It must not know why
//! somebody changes it. JSON and YAML, by the file's name.
//!
//! *Served* means what an application gets that sends no context. A disabled flag serves the application's own default,
//! never its `off` variant; a flag with targeting may serve some contexts something else.
//!
//! A file has no place for a reason, no approvals and no schedule, and it does not say who changed it: version control does. What
//! applications are really served is asked of whom they ask, by [`ofrep`](super::ofrep).

mod back;
mod carry;
mod document;
mod edit;
mod meaning;
mod notes;
mod plan;
mod scan;
mod schema;
mod served;
mod targeting;
mod yaml;

pub use carry::{Fingerprint, fingerprint, read};
pub use served::{CODE_DEFAULT, Listed, Served, State, list, resolve};

use crate::incident::sought::Found;
use crate::incident::switch::{Plan, Reason, Sight, Wanted};
use crate::incident::time::{SECOND, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::disk;
use crate::liaison::outcome::CarryOutcome;
use std::path::PathBuf;

/// How long ago a change of the file is still said, in minutes.
const RECENT: i64 = 60;

/// A flag of a flag file as a switch. No time limit can be set on file calls: use it off the drawing path.
#[derive(Clone, Debug)]
pub struct Flagd {
    /// The flag file.
    pub file: PathBuf,
    /// The flag, as named in the file or as it is shown.
    pub flag: String,
    /// The variant that is served after a stop; none where a stop disables the flag: then each application serves its own default.
    pub stop: Option<String>,
    /// The variant that is served while nothing is stopped; where none is named, it is told from the flag if it can be.
    pub restore: Option<String>,
}

impl Flagd {
    fn names(&self) -> plan::Names<'_> {
        plan::Names { flag: &self.flag, stop: self.stop.as_deref(), restore: self.restore.as_deref() }
    }

    /// What is served.
    ///
    /// # Errors
    /// As for [`read`] and [`resolve`], the path named.
    pub fn look(&self, _now: Time) -> Result<Sight, Trouble> {
        plan::sight(&disk::shown(&self.file), &read(&self.file)?, &self.names())
    }

    /// What an act would do. It changes nothing. The plan's `before` is the flag's definition as written.
    ///
    /// # Errors
    /// As for [`Flagd::look`]; [`Trouble::Refused`] for what cannot be done without harm.
    pub fn plan(&self, wanted: &Wanted, now: Time) -> Result<Plan, Trouble> {
        let text = disk::read(&self.file)?;
        let mut plan = carry::draft(&self.file, &text, &self.names(), wanted)?.plan;
        // how soon it is followed stays last
        if let Some(delay) = plan.notes.pop() {
            plan.notes.extend(self.recent(now));
            plan.notes.push(delay);
        }
        Ok(plan)
    }

    /// How the flag's definition is, beside what it was and what was wanted of it then, whatever its layout.
    ///
    /// # Errors
    /// As for [`Flagd::look`].
    pub fn compare(&self, wanted: &Wanted, before: &str) -> Result<Found, Trouble> {
        let text = disk::read(&self.file)?;
        carry::compare(&self.file, &text, &self.names(), wanted, before)
    }

    /// Does an act, once, if the flag's definition still is `before`, whatever its layout; being there already is done without writing. No
    /// part of a definition changes by itself. Evaluators that it refers to are no part of it: no act changes them.
    pub fn carry(&self, wanted: &Wanted, before: &str, _reason: &Reason, _now: Time) -> CarryOutcome {
        carry::carry(&self.file, &self.names(), wanted, before)
    }

    /// Finds out whether acts are possible, without one; in words.
    ///
    /// # Errors
    /// What stands against it: the file, the flag, a variant that it does not have, rules that leave no place for a stop.
    pub fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let sight = self.look(now)?;
        self.plan(&Wanted::Stop, now)?;
        let mut words = vec![sight.words];
        match self.plan(&Wanted::Restore, now) {
            Ok(_) => {}
            Err(trouble) => words.push(format!("it can be stopped, not restored: {}", trouble.words())),
        }
        let real = std::fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        let left = real.parent().map(disk::leftovers).unwrap_or_default();
        if let [first, ..] = left.as_slice() {
            words.push(format!(
                "{} left beside it by a run that was killed ({}): nobody reads that, and the next act removes it",
                left.len(),
                disk::shown(first)
            ));
        }
        if let Some(stop) = self.stop.as_ref().filter(|stop| self.restore.as_ref() == Some(stop)) {
            let words = format!(
                "{} stops and restores with the same variant {}. Nothing can be told apart by it. Correct the configuration.",
                disk::shown(&self.file),
                document::show(stop)
            );
            return Err(Trouble::Refused(words));
        }
        Ok(words)
    }

    /// The file was written a short while ago.
    fn recent(&self, now: Time) -> Option<String> {
        let written = disk::written(&self.file).ok()?;
        let minutes = now.0.div_euclid(SECOND).checked_sub(written.0.div_euclid(SECOND))?.div_euclid(60);
        let ago = if minutes == 0 { "less than a minute".to_owned() } else { format!("{minutes} min") };
        (0..RECENT).contains(&minutes).then(|| format!("The file was last written {ago} ago."))
    }
}
