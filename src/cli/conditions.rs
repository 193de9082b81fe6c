//! What the probes of a place say to the gate that a pipeline calls, once its holds are known. It must not know how holds are read, nor how
//! probes are asked.

use super::args::freeze::OnUnknown;
use super::fault::{Fault, Kind};
use super::paper;
use crate::incident::probe::{Gate, Held, Light, Reading, gate};
use crate::incident::time::Span;
use crate::incident::trouble::open_ended;
use serde_json::{Value, json};

/// What a gate answers: a line, the same as data, and why it does not open.
pub struct Answer {
    /// For people.
    pub line: String,
    /// For programs.
    pub data: Value,
    /// With the exit code.
    pub fault: Option<Fault>,
}

/// The answer to a place when its probes were read too. A red one refuses, whatever nobody knows of holds; an unknown one opens nothing.
#[must_use]
pub fn with(holds: Answer, readings: &[Reading], scope: &str, wait: Option<Span>, unknown: OnUnknown) -> Answer {
    let Answer { line, mut data, fault } = holds;
    let held = match &fault {
        None => Held::Open,
        Some(fault) if fault.kind == Kind::Unsure => Held::Unknown,
        Some(_) => Held::Frozen,
    };
    data["probes"] = readings.iter().map(row).collect();
    let all = |light: Light| {
        let of = readings.iter().filter(move |reading| reading.what.outcome == light);
        of.map(|Reading { what, .. }| format!("{}: {}", what.probe, open_ended(&what.words)))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let (red, dark) = (all(Light::Red), all(Light::Unknown));
    let next = format!("See quarterdeck probe run --scope {scope}.");
    let no = |kind, happened: String| Fault { kind, happened, stands: String::new(), next: next.clone() };
    let (state, why, fault) = match gate(held, readings) {
        Gate::Refused if !red.is_empty() => {
            let (kind, waited) = match wait {
                Some(wait) => (Kind::Vain, format!(" after {}", paper::length(wait))),
                None => (Kind::Refused, String::new()),
            };
            ("red", red.clone(), no(kind, format!("RED{waited}: {scope}. {red}.")))
        }
        Gate::Unknown if held == Held::Open && unknown == OnUnknown::Open => {
            data["why"] = dark.clone().into();
            return Answer { line: format!("UNKNOWN, and taken as open: {dark}. {line}"), data, fault };
        }
        Gate::Unknown if held == Held::Open => ("unknown", dark.clone(), no(Kind::Unsure, format!("UNKNOWN: {dark}."))),
        _ => return Answer { line, data, fault },
    };
    data["state"] = state.into();
    data["exit"] = (fault.kind as u8).into();
    data["why"] = why.into();
    Answer { line: String::new(), data, fault: Some(fault) }
}

fn row(reading: &Reading) -> Value {
    let what = &reading.what;
    json!({"probe": what.probe, "subject": what.subject, "outcome": what.outcome.word(), "words": what.words,
        "at": paper::iso(reading.at)})
}
