//! What stands against letting something in again: the probes of its place, read before it is decided and printed. It must not know what is let in.

use super::desk::{Desk, Io};
use super::fault::Fault;
use super::probe;
use crate::config::probes::Probe;
use crate::incident::probe::{Light, Reading};
use crate::incident::scope;
use crate::shell::probes::{After, Prober};

/// Reads the probes that speak for what a hold holds; answers with the red ones in words.
///
/// # Errors
/// What they say cannot be printed.
pub fn a_lift(desk: &Desk, io: &mut Io<'_>, held: &str) -> Result<Option<String>, Fault> {
    read(desk, io, |probe| scope::meets(&probe.scope, held))
}

/// Reads the probes that speak for the environments of switches; answers with the red ones in words.
///
/// # Errors
/// What they say cannot be printed.
pub fn a_restore(desk: &Desk, io: &mut Io<'_>, targets: &[&str]) -> Result<Option<String>, Fault> {
    let releases = &desk.config.gate.scope;
    let switches: Vec<(&str, &str)> =
        desk.config.switches.iter().map(|s| (s.name.as_str(), s.environment.as_str())).collect();
    let speaks = |probe: &Probe, target: &str| {
        let known = switches.iter().find(|(name, _)| *name == target);
        let environment = known.map_or("", |(_, environment)| environment);
        probe.trips.as_deref() == Some(target) || scope::speaks_for(&probe.scope, environment, target, releases)
    };
    read(desk, io, |probe| targets.iter().any(|target| speaks(probe, target)))
}

fn read(desk: &Desk, io: &mut Io<'_>, meant: impl Fn(&Probe) -> bool) -> Result<Option<String>, Fault> {
    let prober = Prober::of(&desk.config);
    let meant: Vec<&Probe> = prober.probes.iter().filter(|probe| meant(probe)).collect();
    let readings = prober.ask(&meant, desk.now(), After::default());
    // what was done is the answer; this comes before it
    for reading in &readings {
        writeln!(io.err, "{}", probe::line(reading))?;
    }
    let red = |Reading { what, .. }: &Reading| {
        let words = what.words.trim_end_matches('.');
        (what.outcome == Light::Red).then(|| format!("{} is red: {words}", what.probe))
    };
    let red: Vec<String> = readings.iter().filter_map(red).collect();
    Ok((!red.is_empty()).then(|| super::paper::line(&red.join("; "), 1_000)))
}
