//! What the budget proposes and nobody has to follow: to declare, a worse severity, a freeze of releases. A proposal goes away when somebody has decided since, one
//! way or the other, or when its condition no longer holds.
//!
//! It must not know how it is drawn, and it never does anything by itself.

use super::App;
use super::condition::Spell;
use super::feed::{Held, SloDesk};
use crate::incident::phase::Phase;
use crate::incident::severity::Severity;
use crate::incident::time::Time;
use crate::incident::timeline::percent;
use crate::query::state::State;

/// What is proposed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// No incident is declared: to declare one.
    pub declare: bool,
    /// A severity, worse than what was said before the condition held.
    pub severity: Option<Severity>,
    /// A freeze of releases.
    pub freeze: bool,
    /// For a freeze: the objective, and what is left of its budget, per million.
    pub budget: Option<(String, Option<i64>)>,
    /// The objective, what is left, the condition, and since when: "api: 30.8 % left, page: over 14.4x in 1 h and 5 m since 22:52".
    pub why: String,
}

/// One objective whose budget says something.
struct Cause {
    slo: String,
    left_ppm: Option<i64>,
    since: Option<Time>,
    wakes: bool,
    severity: Option<Severity>,
    why: String,
}

impl App {
    /// What is proposed now, if anything.
    pub fn proposal(&self) -> Option<Proposal> {
        if self.reading().is_some() || self.incident.phase() >= Phase::Resolved {
            return None;
        }
        let causes: Vec<Cause> = self.slos.iter().filter_map(cause).collect();
        let declared = self.incident.opened().is_some();
        let mut considered = self.incident.considered();
        // one that stands was placed by somebody who had seen it, whichever incident was open
        let holds = self.standing.holds().all().iter().filter(|hold| hold.lifted.is_none());
        considered.freeze = considered.freeze.max(holds.map(|hold| hold.at).max());
        // what was decided before it began was decided without it
        let is_open = |decided: Option<Time>, cause: &Cause| match (decided, cause.since) {
            (None, _) => true,
            (Some(decided), Some(since)) => decided < since,
            // a budget that is spent has no beginning that is known: whoever decided once has seen it
            (Some(_), None) => false,
        };
        let worse = |cause: &Cause| {
            let severity = cause.severity.filter(|_| cause.wakes)?;
            let is_worse = !declared || severity < self.incident.severity();
            (is_worse && is_open(considered.severity, cause)).then_some(severity)
        };
        let severity = causes.iter().filter_map(worse).min();
        let freeze = declared && causes.iter().any(|cause| is_open(considered.freeze, cause));
        let declare = !declared && causes.iter().any(|cause| cause.wakes);
        let says = |cause: &&Cause| match (severity, declare) {
            (Some(severity), _) => worse(cause) == Some(severity),
            (None, true) => cause.wakes,
            (None, false) => is_open(considered.freeze, cause),
        };
        let why = causes.iter().find(says)?.why.clone();
        let budget = causes.iter().find(|cause| freeze && is_open(considered.freeze, cause));
        let budget = budget.map(|cause| (cause.slo.clone(), cause.left_ppm));
        let severity = if declare { severity } else { severity.filter(|_| declared) };
        (declare || severity.is_some() || freeze).then_some(Proposal { declare, severity, freeze, budget, why })
    }

    /// A title to start from, in a drill.
    pub fn suggested_title(&self) -> &str {
        self.drill.as_ref().map_or("", |drill| drill.title.as_str())
    }
    /// A severity to start from: the drill's, else the worst, so that nobody is told too late.
    pub fn suggested_severity(&self) -> &'static str {
        let proposed = self.proposal().and_then(|proposal| proposal.severity);
        match self.drill.as_ref().map(|drill| drill.severity).or(proposed).unwrap_or(Severity::Sev1) {
            Severity::Sev1 => "1",
            Severity::Sev2 => "2",
            Severity::Sev3 => "3",
            Severity::Sev4 => "4",
        }
    }
}

/// Whether the budget of an objective is a reason: a condition that wakes somebody holds, or too little is left.
fn cause(desk: &SloDesk) -> Option<Cause> {
    let (answered, burn) = desk.feed.last.as_ref()?;
    let page = burn.pages();
    let is_low = burn.remaining_ppm.is_some_and(|left| left <= i64::from(desk.freeze_below_ppm.unwrap_or(0)));
    let left = burn.remaining_ppm.map_or_else(|| "budget not known".into(), |left| format!("{} left", percent(left)));
    let held = page.map(|held| {
        let before = |last: &Spell| if last.is_cut { "before " } else { "" };
        let since = held.last().map(|last| format!(" since {}{}", before(last), last.since.beside(*answered)));
        let since = since.unwrap_or_default();
        format!(", {}{since}", held.told())
    });
    // whose it is comes first: the end is what a narrow row cuts
    let why = format!("{}: {left}{}", desk.name, held.unwrap_or_default());
    let is_known = burn.state != State::NoData || page.is_some();
    (is_known && (page.is_some() || is_low)).then(|| Cause {
        slo: desk.name.clone(),
        left_ppm: burn.remaining_ppm,
        since: page.and_then(Held::last).map(|last| last.since),
        wakes: page.is_some(),
        severity: desk.severity,
        why,
    })
}
