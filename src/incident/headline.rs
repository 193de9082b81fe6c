//! What a list says about an incident: its number, title, severity, phase, age and commander. It must not know who reads it.

use super::Incident;
use super::entry::{Entry, Number};

/// The small kinds that say it, so that the record as a whole need not be read.
pub const KINDS: [&str; 8] =
    ["declared", "folded", "severity", "phase", "role-taken", "role-offered", "corrected", "milestone"];

/// The kinds that say besides what was done with switches: what is stopped, and whose it was, is known over all incidents.
pub const ACTS: [&str; 4] = ["intended", "settled", "seen", "end-moved"];

/// As much of an incident as its entries of some kinds say, in their order. What a list needs depends on the order of entries and not on
/// their places.
pub fn of(number: Number, entries: impl IntoIterator<Item = Entry>) -> Incident {
    let mut incident = Incident::new(number);
    for (place, entry) in (1..).zip(entries) {
        incident.apply(&Entry { seq: place, ..entry });
    }
    incident
}
