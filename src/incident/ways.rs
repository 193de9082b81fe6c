//! What is configured of a switch that decides about acts on it: who has to agree, and how long one may take. It must not know how it is reached.

use super::intent::Intended;
use super::second::Two;
use super::time::Span;
use std::collections::BTreeMap;

/// How long an act may wait for its turn, behind whatever else is asked of the same provider.
const TURN: Span = Span::seconds(30);

/// What is configured of a switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Which acts on it need a second person.
    pub two: Two,
    /// How long one act on it takes at most, from where it is begun; none where that is a matter of a moment.
    pub lasts: Option<Span>,
}

/// Of each switch, by its configured name; what is not there has nothing of it.
pub type AllWays = BTreeMap<String, Ways>;

/// Acts that are written down together and done one after the other, each with how long its outcome is waited for: while one of them is done, the
/// others are still to come.
pub(super) fn awaited(acts: &[Intended], ways: &AllWays) -> Vec<Intended> {
    let lasts = acts.iter().filter_map(|act| ways.get(&act.target)?.lasts).max();
    let within =
        lasts.map(|lasts| Span(lasts.0.saturating_add(TURN.0))).filter(|within| *within > super::tried::ANSWERS);
    let within_s = within.map(|within| within.as_seconds().unsigned_abs());
    acts.iter().map(|act| Intended { within_s, ..act.clone() }).collect()
}
