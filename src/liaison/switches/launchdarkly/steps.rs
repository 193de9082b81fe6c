//! From what is wanted to the state that does it, and from one state to another: instructions of a semantic patch, all or none of which are done
//! (reference: LaunchDarkly's OpenAPI document, `patchFeatureFlag`). Pure. It must not know who asks.
//!
//! A variation that stops is served by *off*: it beats rules, targets and prerequisites, and leaves every rollout, its seed and its experiment as
//! they are, so that putting them back is exact. As the default rule it would leave rules and targets standing in its way.

use super::super::super::changes::value as named;
use super::state::{Flag, Rule, Serve, Split, State, WHOLE, short, value};
use crate::incident::switch::{Share, Wanted, Whom};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Why something cannot be had: what is so, and what to do next, a clause each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub what: String,
    pub next: String,
}

fn why(what: impl Into<String>, next: impl Into<String>) -> Why {
    Why { what: what.into(), next: next.into() }
}

/// What stops a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Off: whatever it serves then.
    Off,
    /// On: a kill switch.
    On,
    /// A variation, by its name or its value.
    Variation(String),
}

impl Stop {
    /// Reads a configured one.
    pub fn read(text: &str) -> Stop {
        match text {
            "off" => Stop::Off,
            "on" => Stop::On,
            other => Stop::Variation(other.to_owned()),
        }
    }

    /// The variation that stops, as far as there is one.
    ///
    /// # Errors
    /// There is none of that name, or several: what is so, and what to do.
    pub fn variation(&self, flag: &Flag) -> Result<Option<usize>, String> {
        let Stop::Variation(wanted) = self else {
            return Ok(match (self, &flag.state.fallthrough) {
                (Stop::On, Serve::One(one)) => Some(*one),
                (Stop::Off, _) => flag.state.off,
                _ => None,
            });
        };
        let all = || flag.variations.iter().enumerate();
        let of = |is: &dyn Fn(&super::state::Variation) -> bool| -> Vec<usize> {
            all().filter(|(_, one)| is(one)).map(|(place, _)| place).collect()
        };
        let by_name = of(&|one| one.name.as_deref() == Some(wanted));
        let found =
            if by_name.is_empty() { of(&|one| value(&one.value) == *wanted || one.id == *wanted) } else { by_name };
        match found.as_slice() {
            [one] => Ok(Some(*one)),
            [] => Err(format!("it has no variation {}, only {}", short(wanted), list(flag))),
            _ => Err(format!("several of its variations are {}", short(wanted))),
        }
    }
}

fn list(flag: &Flag) -> String {
    (0..flag.variations.len()).map(|place| flag.shown(place)).collect::<Vec<_>>().join(", ")
}

/// LaunchDarkly's name of a kind of context.
pub(super) fn kind(whom: &Whom) -> Whom {
    let kind = if whom.kind == "targetingKey" { "user" } else { whom.kind.as_str() };
    Whom { kind: kind.to_owned(), key: whom.key.clone() }
}

/// The state that does what is wanted.
///
/// # Errors
/// It cannot be had from the state of now: what is so, and what to do.
pub(super) fn toward(flag: &Flag, wanted: &Wanted, stop: &Stop, environment: &str) -> Result<State, Why> {
    let stopped = stop.variation(flag).map_err(|what| why(what, "Correct `stop` in the configuration"))?;
    let now = &flag.state;
    match wanted {
        Wanted::Put(before) => {
            let lost = |what| why(what, "Decide anew from what is there");
            let mut put = flag.remembered(before, environment).map_err(lost)?;
            // it was unset, and no instruction unsets it
            put.off = put.off.or(now.off);
            Ok(put)
        }
        Wanted::Stop => stopping(flag, stop, stopped),
        Wanted::Restore => restoring(flag, stop, stopped),
        Wanted::Exclude(whom) => excluding(flag, &kind(whom), stop, stopped),
        Wanted::Percent(share) | Wanted::Step(share, _) => splitting(flag, *share, stop, stopped),
    }
}

fn stopping(flag: &Flag, stop: &Stop, stopped: Option<usize>) -> Result<State, Why> {
    let now = &flag.state;
    match stop {
        Stop::Off => Ok(State { on: false, ..now.clone() }),
        Stop::Variation(_) => Ok(State { on: false, off: stopped, ..now.clone() }),
        // on with nobody served another value than off serves: it would look stopped, and nothing would be
        Stop::On if !now.on => {
            let on = State { on: true, ..now.clone() };
            match (on.served().into_iter().collect::<Vec<_>>().as_slice(), now.off) {
                ([one], Some(off)) if *one == off => {
                    let what = flag.shown(off);
                    Err(why(
                        format!("it serves {what} on as well as off"),
                        "Give its default rule the value that stops",
                    ))
                }
                _ => Ok(on),
            }
        }
        Stop::On => Ok(now.clone()),
    }
}

fn restoring(flag: &Flag, stop: &Stop, stopped: Option<usize>) -> Result<State, Why> {
    let now = &flag.state;
    let wanted = State { on: *stop != Stop::On, ..now.clone() };
    let only = |one: usize| wanted.served().into_iter().eq([one]);
    if *stop != Stop::On && stopped.is_some_and(only) {
        let what = stopped.map_or_else(String::new, |one| flag.shown(one));
        let next = "Put back what an earlier stop found, or set its rules there";
        return Err(why(format!("on, it serves {what} to everybody too"), next));
    }
    Ok(wanted)
}

/// The variation that stops, of a flag that can be stopped for some.
fn partly(flag: &Flag, stop: &Stop, stopped: Option<usize>) -> Result<usize, Why> {
    match (stop, stopped) {
        (Stop::On, _) => Err(why(
            "a kill switch is on for all or for none",
            format!("Name the variation that stops in `stop`: {}", list(flag)),
        )),
        (_, Some(stopped)) => Ok(stopped),
        (_, None) => Err(why(
            "what it serves when off is unset",
            format!("Set it there, or name a variation in `stop`: {}", list(flag)),
        )),
    }
}

fn excluding(flag: &Flag, whom: &Whom, stop: &Stop, stopped: Option<usize>) -> Result<State, Why> {
    let stopped = partly(flag, stop, stopped)?;
    let now = &flag.state;
    if !now.on {
        // off serves everybody the same: nobody can be told apart
        return match now.off {
            Some(off) if off == stopped => Ok(now.clone()),
            _ => Err(why(
                format!("it is off and serves {} to everybody, whatever its targets", flag.value(now)),
                "Stop it for everybody, or turn it on there",
            )),
        };
    }
    let mut wanted = now.clone();
    for ((kind, _), values) in &mut wanted.targets {
        if *kind == whom.kind {
            values.remove(&whom.key);
        }
    }
    wanted.targets.entry((whom.kind.clone(), stopped)).or_default().insert(whom.key.clone());
    Ok(wanted)
}

fn splitting(flag: &Flag, share: Share, stop: &Stop, stopped: Option<usize>) -> Result<State, Why> {
    let stopped = partly(flag, stop, stopped)?;
    let now = &flag.state;
    let others = |served: Vec<usize>| -> Vec<usize> { served.into_iter().filter(|one| *one != stopped).collect() };
    let mut running = others(now.fallthrough.served());
    if running.is_empty() {
        // what had no share has it again; else there is one other variation, or nobody knows which
        if let Serve::Split(split) = &now.fallthrough {
            running = others(split.weights.iter().map(|(one, _)| *one).collect());
        }
        if running.len() != 1 {
            running = others((0..flag.variations.len()).collect());
        }
    }
    let [running] = running.as_slice() else {
        return Err(why("its default rule has several values beside the one that stops", "Change its rollout there"));
    };
    if let Serve::Split(split) = &now.fallthrough
        && split.experiment
    {
        let next = "Stop it for everybody, which keeps the experiment, or end it there";
        return Err(why("an experiment runs on its default rule, and other shares would spoil it", next));
    }
    let weight = i64::from(share.milli());
    let parts = |one: usize| if one == *running { weight } else { WHOLE - weight };
    let fallthrough = match &now.fallthrough {
        Serve::Split(split) => {
            let mut weights: Vec<(usize, i64)> = split
                .weights
                .iter()
                .filter(|(one, _)| [*running, stopped].contains(one))
                .map(|(one, _)| (*one, parts(*one)))
                .collect();
            for one in [*running, stopped] {
                if !weights.iter().any(|(known, _)| *known == one) {
                    weights.push((one, parts(one)));
                }
            }
            Serve::Split(Split { weights, ..split.clone() })
        }
        _ if weight == WHOLE => Serve::One(*running),
        _ if weight == 0 => Serve::One(stopped),
        _ => {
            let mut both = [*running, stopped];
            both.sort_unstable();
            Serve::Split(Split { weights: both.map(|one| (one, parts(one))).to_vec(), ..Split::default() })
        }
    };
    Ok(State { on: true, fallthrough, ..now.clone() })
}

/// The instructions that lead from the flag's state to another. None is an append that could be done twice: they are sent once and never again.
///
/// # Errors
/// What cannot be changed from here.
pub(super) fn between(flag: &Flag, wanted: &State) -> Result<Vec<Value>, Why> {
    let now = &flag.state;
    let id = |place: usize| flag.id(place);
    let mut steps = Vec::new();
    if now.on && !wanted.on {
        steps.push(json!({"kind": "turnFlagOff"}));
    }
    if let Some(off) = wanted.off.filter(|_| wanted.off != now.off) {
        steps.push(json!({"kind": "updateOffVariation", "variationId": id(off)}));
    }
    // a context that is targeted elsewhere has to be taken away there first
    let keys: BTreeSet<&(String, usize)> = now.targets.keys().chain(wanted.targets.keys()).collect();
    let nobody = BTreeSet::new();
    let of = |state: &'_ State, key: &(String, usize)| state.targets.get(key).unwrap_or(&nobody).clone();
    for (word, from, to) in [("removeTargets", now, wanted), ("addTargets", wanted, now)] {
        for key in &keys {
            let values: Vec<String> = of(from, key).difference(&of(to, key)).cloned().collect();
            if !values.is_empty() {
                steps.push(json!({"kind": word, "contextKind": key.0, "values": values, "variationId": id(key.1)}));
            }
        }
    }
    if !wanted.fallthrough.is_like(&now.fallthrough) {
        let kind = "updateFallthroughVariationOrRollout";
        let unset = || why("its default rule served nothing then, which cannot be set from here", "Change it there");
        steps.push(serving(flag, kind, None, &wanted.fallthrough).ok_or_else(unset)?);
    }
    let same = |(one, other): (&Rule, &Rule)| {
        (&one.id, one.disabled, &one.clauses) == (&other.id, other.disabled, &other.clauses)
    };
    if now.rules.len() != wanted.rules.len() || !now.rules.iter().zip(&wanted.rules).all(same) {
        let what = "rules were added, taken away or changed since, by somebody else";
        return Err(why(what, "Put back what is to be put back there"));
    }
    for (rule, wanted) in now.rules.iter().zip(&wanted.rules) {
        if !rule.serve.is_like(&wanted.serve) {
            let unset = || why("a rule served nothing then, which cannot be set from here", "Change it there");
            steps.push(serving(flag, "updateRuleVariationOrRollout", Some(&rule.id), &wanted.serve).ok_or_else(unset)?);
        }
    }
    if now.needs != wanted.needs {
        return Err(why("its prerequisites are others since, by somebody else", "Put them back there"));
    }
    if !now.on && wanted.on {
        steps.push(json!({"kind": "turnFlagOn"}));
    }
    Ok(steps)
}

fn serving(flag: &Flag, kind: &str, rule: Option<&str>, serve: &Serve) -> Option<Value> {
    let mut step = Map::new();
    step.insert("kind".into(), kind.into());
    if let Some(rule) = rule {
        step.insert("ruleId".into(), rule.into());
    }
    match serve {
        Serve::Nothing => return None,
        Serve::One(one) => _ = step.insert("variationId".into(), flag.id(*one).into()),
        Serve::Split(split) => {
            let weights: Map<String, Value> =
                split.weights.iter().map(|(one, weight)| (flag.id(*one).to_owned(), (*weight).into())).collect();
            step.insert("rolloutWeights".into(), weights.into());
            // left out they fall back to the usual ones, and everybody is in another bucket
            for (name, value) in [("rolloutContextKind", &split.kind), ("rolloutBucketBy", &split.by)] {
                if let Some(value) = value {
                    step.insert(name.into(), value.as_str().into());
                }
            }
        }
    }
    Some(step.into())
}

/// What instructions do, in a few words each.
pub(super) fn said(flag: &Flag, steps: &[Value]) -> String {
    let variation = |step: &Value| {
        let place = flag.variations.iter().position(|one| step["variationId"] == *one.id);
        place.map_or_else(String::new, |place| flag.shown(place))
    };
    let values = |step: &Value| {
        let all: Vec<&str> = step["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let kind = step["contextKind"].as_str().unwrap_or("user");
        match all.as_slice() {
            [one] => format!("{} {}", short(kind), named(one).unwrap_or_default()),
            all => format!("{} of kind {}", all.len(), short(kind)),
        }
    };
    let shares = |step: &Value| {
        let weights: Option<Vec<(usize, i64)>> = step["rolloutWeights"].as_object().map(|weights| {
            let one = |(id, weight): (&String, &Value)| {
                Some((flag.variations.iter().position(|one| one.id == *id)?, weight.as_i64()?))
            };
            weights.iter().filter_map(one).collect()
        });
        weights.map_or_else(
            || variation(step),
            |weights| flag.serves(&Serve::Split(Split { weights, ..Split::default() })),
        )
    };
    let one = |step: &Value| match step["kind"].as_str().unwrap_or_default() {
        "turnFlagOff" => "turn it off".to_owned(),
        "turnFlagOn" => "turn it on".to_owned(),
        "updateOffVariation" => format!("off serves {}", variation(step)),
        "removeTargets" => format!("take the target {} from {}", values(step), variation(step)),
        "addTargets" => format!("target {} with {}", values(step), variation(step)),
        "updateFallthroughVariationOrRollout" => format!("the default rule serves {}", shares(step)),
        "updateRuleVariationOrRollout" => format!("a rule serves {}", shares(step)),
        other => short(other),
    };
    steps.iter().map(one).collect::<Vec<_>>().join("; ")
}
