//! What stands against letting something in again: the probes of its place, read before it is decided, printed, and written down where it is
//! done. It must not know what is let in.

use super::desk::{Desk, Io};
use super::fault::Fault;
use super::stream::Stream;
use super::{probe, record};
use crate::config::probes::Probe;
use crate::incident::command::Command;
use crate::incident::entry::STANDING;
use crate::incident::probe::{Light, Reading};
use crate::incident::said::Said;
use crate::incident::scope;
use crate::incident::standing::Wish;
use crate::incident::trouble::open_ended;
use crate::journal::Journal;
use crate::shell::probes::{After, Prober};

/// What was read of the place where something is let in again.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// What each probe was found to be.
    pub readings: Vec<Reading>,
    /// The red ones in words; none where nothing is known to be wrong.
    pub red: Option<String>,
}

impl Against {
    /// Writes down what was known when it was let in: into the stream where that is done. What cannot be written keeps nobody from letting it in,
    /// and is said.
    ///
    /// # Errors
    /// That it was not written cannot be printed.
    pub fn write_down(
        &self,
        desk: &mut Desk,
        io: &mut Io<'_>,
        journal: &mut Journal,
        stream: &mut Stream,
    ) -> Result<(), Fault> {
        for Reading { at, what } in &self.readings {
            let said = Some(&Said { at: *at, about: false });
            let written = match stream.incident.number() {
                STANDING => {
                    let wish = Wish::Probe(what.clone());
                    record::append_by(desk, journal, stream, said, |stream, stamp| stream.standing.decide(&wish, stamp))
                }
                _ => record::append(desk, journal, stream, &Command::Probe(what.clone()), said),
            };
            if let Err(fault) = written {
                writeln!(io.err, "{}", Fault { stands: "What the probes said is not in the record.".into(), ..fault })?;
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Reads the probes that speak for what a hold holds.
///
/// # Errors
/// What they say cannot be printed.
pub fn a_lift(desk: &Desk, io: &mut Io<'_>, held: &str) -> Result<Against, Fault> {
    read(desk, io, |probe| scope::meets(&probe.scope, held))
}

/// Reads the probes that speak for the environments of switches.
///
/// # Errors
/// What they say cannot be printed.
pub fn a_restore(desk: &Desk, io: &mut Io<'_>, targets: &[&str]) -> Result<Against, Fault> {
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

fn read(desk: &Desk, io: &mut Io<'_>, meant: impl Fn(&Probe) -> bool) -> Result<Against, Fault> {
    let prober = Prober::of(&desk.config);
    // whatever is let in is no build
    let meant = prober.probes.iter().filter(|probe| !probe.asks.is_about_a_build() && meant(probe));
    let meant: Vec<&Probe> = meant.collect();
    let readings = prober.ask(&meant, desk.now(), After::default());
    // what was done is the answer; this comes before it
    for reading in &readings {
        writeln!(io.err, "{}", probe::line(reading))?;
    }
    let red = |Reading { what, .. }: &Reading| {
        let words = open_ended(&what.words);
        (what.outcome == Light::Red).then(|| format!("{} is red: {words}", what.probe))
    };
    let red: Vec<String> = readings.iter().filter_map(red).collect();
    let red = (!red.is_empty()).then(|| super::paper::line(&red.join("; "), 1_000));
    Ok(Against { readings, red })
}
