//! What `doctor` says of switches, probes and the gate: whether they would do when they are needed. It must not know how any is reached.

use super::super::desk::Desk;
use super::super::probe;
use super::Findings;
use crate::config::switches::SwitchKind;
use crate::incident::switch::{ByName, Wanted};
use crate::journal::place;

/// What can be stopped, and whether it could be.
pub fn switches(desk: &Desk, findings: &mut Findings) {
    if desk.config.switches.is_empty() {
        findings.ok("switch", "none is configured; nothing can be stopped from here");
    }
    let hands = desk.hands();
    for (index, switch) in desk.config.switches.iter().enumerate() {
        let thing = format!("switch {}", switch.name);
        // who cannot say what is served says nothing else either
        let sight = match hands.look(index, false, &ByName::default()) {
            Ok(sight) => sight,
            Err(trouble) => {
                findings.missing(thing, trouble.words());
                continue;
            }
        };
        if let SwitchKind::Flagd { file, .. } = &switch.kind
            && !place::writable(place::parent(file))
        {
            findings.missing(thing, format!("{} cannot be replaced: its directory is not writable for you. It serves {}. Make the directory writable.", file.display(), sight.value));
            continue;
        }
        let (plan, checked) = (hands.plan(index, &Wanted::Stop), hands.check(index));
        match &plan {
            Ok(plan) => {
                let approval = plan.approval.as_ref().map(|approval| format!("; {approval}")).unwrap_or_default();
                let stops = format!("serves {}; a stop would serve {}{approval}", sight.value, plan.to);
                findings.ok(thing.clone(), stops);
            }
            Err(_) => findings.ok(thing.clone(), format!("serves {}", sight.value)),
        }
        let mut against = Vec::new();
        match (checked, plan.err()) {
            (Ok(checked), trouble) => {
                checked.lines.into_iter().for_each(|line| findings.ok(thing.clone(), line));
                against.extend(checked.against.into_iter().chain(trouble));
            }
            // what cannot be planned cannot be checked either: it is said once
            (Err(_), Some(trouble)) | (Err(trouble), None) => against.push(trouble),
        }
        against.iter().for_each(|trouble| findings.missing(thing.clone(), trouble.words()));
    }
}

/// Where pipelines are told what is frozen.
pub fn gate(desk: &Desk, findings: &mut Findings) {
    // a rehearsal makes its own when it is needed
    let Some(dir) = desk.config.gate.dir.as_ref().filter(|_| desk.drill.is_none()) else { return };
    match dir.is_dir() && place::writable(dir) {
        true => findings.ok("gate", format!("{} is writable", dir.display())),
        false => findings.missing(
            "gate",
            format!(
                "{} is no directory that you may write to. Pipelines would not be told what is frozen. Make it, or make it writable.",
                dir.display()
            ),
        ),
    }
}

/// What has to be true before a release, and whether it can be asked.
pub fn probes(desk: &Desk, findings: &mut Findings) {
    for (name, can_be_asked, words) in probe::findings(desk, desk.now()) {
        let thing = format!("probe {name}");
        if can_be_asked {
            findings.ok(thing, words);
        } else {
            findings.missing(thing, words);
        }
    }
}
