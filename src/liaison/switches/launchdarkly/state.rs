//! What a flag's environment holds there, as a value that can be compared, put back and said. Pure. It must not know what it looks like on the wire.
//!
//! Facts: LaunchDarkly's OpenAPI document of 2026. Off serves the off variation, which may be unset: then the application's own default. While a flag
//! is on, a failed prerequisite serves the off variation, then targets by name come before rules, and rules before the default rule.

use super::super::super::clean;
use super::super::flagd::CODE_DEFAULT;
use crate::incident::switch::{Level, Share, Whom};
use crate::incident::time::Time;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The longest value or name that is shown, in characters.
const SHOWN: usize = 60;
/// How many contexts by name are told apart.
const NAMED: usize = 100;
/// All of it, in thousandths of a percent.
pub(super) const WHOLE: i64 = 100_000;

/// One of the values a flag can serve.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variation {
    /// What patches call it.
    pub id: String,
    /// What it serves.
    pub value: Value,
    /// What people call it.
    pub name: Option<String>,
}

/// What a rule serves; variations are places in the flag's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Serve {
    /// It names nothing.
    Nothing,
    /// One variation.
    One(usize),
    /// Shares of several.
    Split(Split),
}

/// Shares of several variations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    /// Variation and weight in thousandths of a percent, in the order of their buckets.
    pub weights: Vec<(usize, i64)>,
    /// The attribute that decides; none for the key.
    pub by: Option<String>,
    /// The kind of context; none for `user`.
    pub kind: Option<String>,
    /// What was mixed into the buckets.
    pub seed: Option<i64>,
    /// An experiment runs on it.
    pub experiment: bool,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub id: String,
    pub serve: Serve,
    pub disabled: bool,
    /// Whom it matches, as it stands there.
    pub clauses: Value,
    pub words: Option<String>,
}

/// Contexts by name: their kind and what they get, and who they are.
pub(super) type Targets = BTreeMap<(String, usize), BTreeSet<String>>;

/// One environment of a flag.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub on: bool,
    pub off: Option<usize>,
    pub fallthrough: Serve,
    pub targets: Targets,
    pub rules: Vec<Rule>,
    /// Flags that must serve a variation first.
    pub needs: Vec<(String, i64)>,
}

/// A flag with one of its environments.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flag {
    pub key: String,
    pub variations: Vec<Variation>,
    pub state: State,
    pub archived: bool,
    pub deprecated: bool,
    pub tags: Vec<String>,
    /// The environment's version, which grows with every change.
    pub version: Option<i64>,
    pub modified: Option<Time>,
    /// What this login may not do with it, in their names of actions; none is not told.
    pub denied: Option<Vec<String>>,
}

/// A foreign text, harmless and short.
pub(super) fn short(text: &str) -> String {
    clean::clean(text.trim(), SHOWN).trim().to_owned()
}

impl Serve {
    /// Every variation that somebody gets.
    pub fn served(&self) -> Vec<usize> {
        match self {
            Serve::Nothing => Vec::new(),
            Serve::One(one) => vec![*one],
            Serve::Split(split) => {
                split.weights.iter().filter(|(_, weight)| *weight > 0).map(|(one, _)| *one).collect()
            }
        }
    }

    /// The same people get the same; a seed cannot be set, and no weight is as good as none at all.
    pub fn is_like(&self, other: &Serve) -> bool {
        match (self, other) {
            (Serve::Split(one), Serve::Split(other)) => {
                one.parts() == other.parts() && one.by == other.by && one.kind == other.kind
            }
            (one, other) => one == other,
        }
    }

    fn json(&self, flag: &Flag) -> Value {
        match self {
            Serve::Nothing => Value::Null,
            Serve::One(one) => json!({"variation": flag.id(*one)}),
            Serve::Split(split) => {
                let weights: Vec<Value> =
                    split.weights.iter().map(|(one, weight)| json!([flag.id(*one), weight])).collect();
                json!({
                    "weights": weights, "bucketBy": split.by, "contextKind": split.kind,
                    "seed": split.seed, "experiment": split.experiment,
                })
            }
        }
    }
}

impl Split {
    /// Who has a share, in the order of their buckets.
    fn parts(&self) -> Vec<(usize, i64)> {
        self.weights.iter().filter(|(_, weight)| *weight > 0).copied().collect()
    }
    /// The share of a variation, in thousandths of a percent.
    pub fn weight(&self, of: usize) -> i64 {
        self.weights.iter().filter(|(one, _)| *one == of).map(|(_, weight)| *weight).sum()
    }
}

impl State {
    /// Rules that hold.
    pub fn active(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| !rule.disabled)
    }
    /// Some get another value than the default rule's.
    pub fn is_targeted(&self) -> bool {
        self.on && (self.active().next().is_some() || self.targets.values().any(|values| !values.is_empty()))
    }
    /// Every variation that somebody may get.
    pub fn served(&self) -> BTreeSet<usize> {
        if !self.on {
            return self.off.into_iter().collect();
        }
        let targets = self.targets.iter().filter(|(_, values)| !values.is_empty()).map(|((_, one), _)| *one);
        let rules = self.active().flat_map(|rule| rule.serve.served());
        self.fallthrough.served().into_iter().chain(rules).chain(targets).collect()
    }
    /// Which variation a context is targeted with, if it is.
    pub fn target(&self, whom: &Whom) -> Option<usize> {
        let mut all = self.targets.iter();
        all.find(|((kind, _), values)| *kind == whom.kind && values.contains(&whom.key)).map(|((_, one), _)| *one)
    }
    /// Nothing distinguishes them but what nobody can set: seeds, and what off serves where it was unset before.
    pub fn is_like(&self, other: &State) -> bool {
        let rules = self.rules.len() == other.rules.len()
            && self.rules.iter().zip(&other.rules).all(|(one, other)| {
                (&one.id, one.disabled, &one.clauses) == (&other.id, other.disabled, &other.clauses)
                    && one.serve.is_like(&other.serve)
            });
        let off = self.off.is_none() || self.off == other.off;
        self.on == other.on
            && off
            && rules
            && self.fallthrough.is_like(&other.fallthrough)
            && self.named() == other.named()
            && self.needs == other.needs
    }
    /// Targets without the empty lists.
    pub fn named(&self) -> BTreeMap<&(String, usize), &BTreeSet<String>> {
        self.targets.iter().filter(|(_, values)| !values.is_empty()).collect()
    }
}

impl State {
    /// It differs from this by its default rule alone, which serves the stopped value to nobody now: whatever share gets that, nobody gets
    /// anything again.
    pub fn is_narrowed_to(&self, other: &State, stopped: usize) -> bool {
        let rest = State { fallthrough: self.fallthrough.clone(), ..other.clone() };
        let serves = self.fallthrough.served();
        self.on && rest == *self && !serves.is_empty() && !serves.contains(&stopped)
    }
}

impl Flag {
    /// What patches call a variation.
    pub fn id(&self, place: usize) -> &str {
        self.variations.get(place).map_or("", |one| one.id.as_str())
    }

    /// A variation's value as people read it: short ones plainly, long ones by their name.
    pub fn shown(&self, place: usize) -> String {
        let Some(one) = self.variations.get(place) else { return CODE_DEFAULT.to_owned() };
        let plain = value(&one.value);
        match &one.name {
            Some(name) if plain.chars().count() > SHOWN / 2 => short(name),
            _ => short(&plain),
        }
    }

    /// What a rule serves, as people read it.
    pub fn serves(&self, serve: &Serve) -> String {
        match serve {
            Serve::Nothing => CODE_DEFAULT.to_owned(),
            Serve::One(one) => self.shown(*one),
            Serve::Split(split) => {
                let one = |(one, weight): &(usize, i64)| format!("{} {}", percent(*weight), self.shown(*one));
                let parts = split.parts();
                parts.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// What everybody without a rule of their own gets in a state.
    pub fn value(&self, state: &State) -> String {
        match (state.on, state.off) {
            (true, _) => self.serves(&state.fallthrough),
            (false, Some(off)) => self.shown(off),
            (false, None) => CODE_DEFAULT.to_owned(),
        }
    }

    /// Whom a stopped variation reaches.
    pub fn level(&self, stopped: Option<usize>) -> Level {
        let state = &self.state;
        let Some(stopped) = stopped else { return Level::Other };
        let served = state.served();
        match (served.contains(&stopped), served.len()) {
            (true, 1) if state.fallthrough != Serve::Nothing || !state.on => Level::Off,
            (true, _) => Level::Partly,
            (false, 0) => Level::Other,
            (false, _) => Level::On,
        }
    }

    /// The share that does not get the stopped variation by the default rule, where it splits so; all where only some by name get it.
    pub fn share(&self, stopped: usize) -> Option<Share> {
        let state = &self.state;
        let is_ruled = || state.active().any(|rule| rule.serve.served().contains(&stopped));
        let is_named = || state.named().keys().any(|(_, one)| *one == stopped);
        match &state.fallthrough {
            _ if !state.on => None,
            Serve::Split(split) if split.weights.iter().any(|(one, _)| *one == stopped) => {
                let rest = WHOLE.checked_sub(split.weight(stopped))?;
                Share::of_milli(u32::try_from(rest).ok()?)
            }
            Serve::Nothing => None,
            Serve::One(one) if *one == stopped => None,
            Serve::One(_) | Serve::Split(_) => (is_named() && !is_ruled()).then_some(Share::EVERYBODY),
        }
    }

    /// Contexts that get a variation by name, the first of them.
    pub fn named(&self, of: usize) -> Vec<Whom> {
        let all = self.state.targets.iter().filter(|((_, one), _)| self.state.on && *one == of);
        let whom = |kind: &str, key: &String| Whom { kind: short(kind), key: short(key) };
        all.flat_map(|((kind, _), values)| values.iter().map(move |key| whom(kind, key))).take(NAMED).collect()
    }

    /// The whole state as stable JSON, variations by what patches call them. What changes by itself or says nothing about what is served is left
    /// out: versions, times, salt, tracking, descriptions.
    pub fn snapshot(&self, environment: &str) -> String {
        let state = &self.state;
        let variations: Vec<Value> =
            self.variations.iter().map(|one| json!({"id": one.id, "value": one.value})).collect();
        let target = |(key, values): (&(String, usize), &BTreeSet<String>)| json!({"kind": key.0, "variation": self.id(key.1), "values": values});
        let rule = |rule: &Rule| json!({"id": rule.id, "serve": rule.serve.json(self), "disabled": rule.disabled, "clauses": rule.clauses});
        json!({
            "flag": self.key, "environment": environment, "on": state.on,
            "offVariation": state.off.map(|off| self.id(off)),
            "fallthrough": state.fallthrough.json(self),
            "targets": state.named().into_iter().map(target).collect::<Vec<_>>(),
            "rules": state.rules.iter().map(rule).collect::<Vec<_>>(),
            "prerequisites": state.needs.iter().map(|(key, one)| json!([key, one])).collect::<Vec<_>>(),
            "variations": variations,
        })
        .to_string()
    }

    /// Reads a snapshot of this flag back.
    ///
    /// # Errors
    /// Why it cannot be put back here: one clause.
    pub fn remembered(&self, snapshot: &str, environment: &str) -> Result<State, String> {
        let unread = || "what was kept of it cannot be read".to_owned();
        let all: Value = serde_json::from_str(snapshot).map_err(|_| unread())?;
        if all["flag"] != *self.key || all["environment"] != *environment {
            return Err("what was kept is of another flag or environment".into());
        }
        let place = |id: &Value| {
            let place = self.variations.iter().position(|one| *id == *one.id);
            place.ok_or_else(|| "a variation that it served is gone".to_owned())
        };
        for kept in all["variations"].as_array().ok_or_else(unread)? {
            let now = self.variations.get(place(&kept["id"])?);
            if now.is_none_or(|now| now.value != kept["value"]) {
                return Err(format!(
                    "a variation was {} then and has another value now",
                    short(&value(&kept["value"]))
                ));
            }
        }
        let serve = |kept: &Value| -> Result<Serve, String> {
            if kept.is_null() {
                return Ok(Serve::Nothing);
            }
            let Some(weights) = kept["weights"].as_array() else { return Ok(Serve::One(place(&kept["variation"])?)) };
            let one = |pair: &Value| Ok((place(&pair[0])?, pair[1].as_i64().ok_or_else(unread)?));
            let text = |name: &str| kept[name].as_str().map(str::to_owned);
            Ok(Serve::Split(Split {
                weights: weights.iter().map(one).collect::<Result<_, String>>()?,
                by: text("bucketBy"),
                kind: text("contextKind"),
                seed: kept["seed"].as_i64(),
                experiment: kept["experiment"] == true,
            }))
        };
        let mut targets = Targets::new();
        for kept in all["targets"].as_array().ok_or_else(unread)? {
            let values = kept["values"].as_array().ok_or_else(unread)?;
            let kind = kept["kind"].as_str().ok_or_else(unread)?.to_owned();
            let keys = values.iter().filter_map(|key| key.as_str().map(str::to_owned));
            targets.entry((kind, place(&kept["variation"])?)).or_default().extend(keys);
        }
        let rule = |kept: &Value| -> Result<Rule, String> {
            Ok(Rule {
                id: kept["id"].as_str().ok_or_else(unread)?.to_owned(),
                serve: serve(&kept["serve"])?,
                disabled: kept["disabled"] == true,
                clauses: kept["clauses"].clone(),
                words: None,
            })
        };
        let need = |kept: &Value| Some((kept[0].as_str()?.to_owned(), kept[1].as_i64()?));
        let off = &all["offVariation"];
        Ok(State {
            on: all["on"].as_bool().ok_or_else(unread)?,
            off: if off.is_null() { None } else { Some(place(off)?) },
            fallthrough: serve(&all["fallthrough"])?,
            targets,
            rules: all["rules"].as_array().ok_or_else(unread)?.iter().map(rule).collect::<Result<_, String>>()?,
            needs: all["prerequisites"].as_array().ok_or_else(unread)?.iter().filter_map(need).collect(),
        })
    }
}

/// A value plainly: a text without quotes, everything else as JSON.
pub(super) fn value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Thousandths of a percent in words.
pub(super) fn percent(milli: i64) -> String {
    let share = u32::try_from(milli).ok().and_then(Share::of_milli);
    share.map_or_else(|| format!("{milli}/100000"), |share| share.to_string())
}
