//! A drill's own configuration: its switches, objectives and channels, all inside its directory. It must not know what is done there.

use super::fault::{Fault, Kind};
use crate::config::Config;
use crate::config::asks::{Asks, Part, Which};
use crate::config::blocks::{Channel, ChannelKind, Slo};
use crate::config::plans::SwitchPlan;
use crate::config::probes::{Probe, ProbeAsks, Wants};
use crate::config::read::Written;
use crate::config::switches::{Switch, SwitchKind};
use crate::config::trouble::Place;
use crate::drill;
use crate::drill::scenario::{self as story, Scenario};
use crate::incident::rehearsal::Rehearsed;
use crate::incident::second::Two;
use crate::incident::time::{HOUR, SECOND, Span};
use crate::query::calendar::Window;
use crate::shell::world::{FLAGS, PROGRESS};
use std::path::{Path, PathBuf};

/// The objective of the servers' own file.
const SERVERS: &str = "servers";
/// How long a probe's answer may take.
const TIMEOUT: Span = Span(10 * SECOND);

/// A drill and where it is.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The story.
    pub scenario: Scenario,
    /// The directory with `journal`, `world`, `page`, `exports` and `drafts`.
    pub dir: PathBuf,
}

impl Sealed {
    /// The drill that a journal belongs to: its directory lies two above the file.
    ///
    /// # Errors
    /// This program does not know the scenario.
    pub fn find(journal: &Path, fact: &Rehearsed) -> Result<Sealed, Fault> {
        let journal = std::path::absolute(journal).unwrap_or_else(|_| journal.to_owned());
        let dir = journal.parent().and_then(Path::parent).unwrap_or(Path::new(".")).to_owned();
        Ok(Sealed { scenario: scenario(&fact.scenario)?, dir })
    }

    /// Where its event files and flags are.
    pub fn world(&self) -> PathBuf {
        self.dir.join("world")
    }
}

/// A scenario by its name.
///
/// # Errors
/// There is none of this name.
pub fn scenario(name: &str) -> Result<Scenario, Fault> {
    let found = drill::scenario(name).ok_or_else(|| {
        let known: Vec<&str> = drill::SCENARIOS.iter().map(|(name, _)| *name).collect();
        Fault {
            kind: Kind::Usage,
            happened: format!("There is no scenario \"{}\".", crate::config::trouble::shown(name)),
            stands: "No drill was started.".into(),
            next: format!("There are: {}.", known.join(", ")),
        }
    })?;
    found.map_err(|mistake| Fault::of(Kind::Tool, mistake.to_string()))
}

/// The drill's own configuration over its own files; of the user's only how the screen looks and who sits before it.
pub fn config(full: &Config, journal: PathBuf, drill: &Sealed) -> Config {
    let Sealed { scenario, dir } = drill;
    let mut config = Config::sealed(full, journal);
    let slo = |name: &str, file: &str| {
        let bad = Written { text: scenario.slo.bad.clone(), place: Place::Machine, key: "slo.bad".into() };
        let which = Which { part: Part::Bad(bad), valid: None };
        let asks = Asks::Events { path: drill.world().join(file), which, told: Some(drill.world().join(PROGRESS)) };
        let window = Window::Rolling(i64::from(scenario.slo.window_days) * 24 * HOUR);
        Slo::new(name, asks, scenario.slo.target_ppm, window)
    };
    // the servers' own file shows no error when they are gone: it goes quiet, and that has to be seen too
    config.slos = vec![
        Slo { called: scenario.slo.called.clone(), ..slo(&scenario.slo.name, &scenario.slo.events) },
        Slo { same_as: Some(scenario.slo.name.clone()), ..slo(SERVERS, &scenario.files.servers) },
    ];
    let switch = |switch: &story::Switch| Switch {
        name: switch.flag.clone(),
        kind: SwitchKind::Flagd {
            file: drill.world().join(FLAGS),
            flag: switch.flag.clone(),
            stop: Some(switch.stop.clone()),
            restore: None,
        },
        environment: "production".into(),
        critical: scenario.rules.flags().contains(&switch.flag.as_str()),
        note: Some(switch.what.clone()),
        exclude_by: switch.exclude_by.clone(),
        field: switch.field.clone(),
        percent: false,
        two: Two::Never,
        ofrep: None,
    };
    config.switches = scenario.switches.iter().map(switch).collect();
    config.plans = scenario.plans.iter().map(plan).collect();
    config.probes = scenario.probes.iter().map(|one| probe(one, scenario, &config.gate.scope)).collect();
    config.channels = vec![Channel {
        name: "page".into(),
        kind: ChannelKind::Page { dir: dir.join("page"), title: format!("Drill: {}", scenario.title) },
    }];
    // a rehearsed pipeline asks the rehearsal's own gate
    config.gate.dir = Some(dir.join("gate"));
    config
}

fn plan(plan: &story::Plan) -> SwitchPlan {
    SwitchPlan { name: plan.name.clone(), switches: plan.switches.clone(), note: Some(plan.what.clone()) }
}

/// A probe of the drill: it only reads the drill's own event files.
fn probe(probe: &story::Probe, scenario: &Scenario, scope: &str) -> Probe {
    let wants = match &probe.wants {
        story::Wants::Bad { most, within } => Wants::Bad { most: *most, within: *within },
        story::Wants::Distinct { field, most, within } => {
            Wants::Distinct { field: field.clone(), most: *most, within: *within }
        }
    };
    let slo = if probe.events == scenario.slo.events { scenario.slo.name.as_str() } else { SERVERS };
    Probe {
        name: probe.name.clone(),
        scope: scope.to_owned(),
        subject: probe.subject.clone(),
        says: Some(probe.says.clone()),
        asks: ProbeAsks::Query { slo: Some(slo.to_owned()), wants },
        timeout: TIMEOUT,
        soak: probe.soak,
        trips: probe.trips.clone(),
    }
}
