//! What a flag of Unleash is in one environment, as a value: what is put back, what is compared, and whom it lets in. Strategies are OR-ed; the
//! constraints of one are AND-ed. It must not know how it was read.
//!
//! Left out is what changes by itself or is not an act's: when it was last asked for and how often, other environments, the flag's description,
//! links, tags and age.

use super::super::super::clean;
use super::Stop;
use crate::incident::switch::{Level, Share, Sight, Whom};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use xxhash_rust::xxh3::xxh3_128;

/// A flag in one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub project: String,
    pub flag: String,
    pub environment: String,
    /// The flag is on there.
    pub enabled: bool,
    /// In the order in which they are shown there.
    pub strategies: Vec<Strategy>,
}

/// One way to be let in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Strategy {
    /// Opaque; none for one that is to be made.
    pub id: Option<String>,
    pub name: String,
    pub title: Option<String>,
    pub disabled: bool,
    pub parameters: Map<String, Value>,
    pub constraints: Vec<Value>,
    pub variants: Vec<Value>,
    pub segments: Vec<Value>,
    pub sort_order: i64,
}

/// Whom a flag answers `true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Nobody,
    Everybody,
    Some,
}

/// Members in the order of their names, at every depth.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(String, Value)> = map.into_iter().map(|(name, one)| (name, sorted(one))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

impl State {
    /// As it goes into the journal: equal states are equal texts.
    pub fn text(&self) -> String {
        serde_json::to_value(self).map_or_else(|_| String::new(), |value| sorted(value).to_string())
    }

    /// What [`State::text`] wrote.
    pub fn read(text: &str) -> Option<State> {
        serde_json::from_str(text).ok()
    }

    /// A name of this very state.
    pub fn version(&self) -> String {
        format!("{:032x}", xxh3_128(self.text().as_bytes()))
    }

    /// The same, but for the names of strategies that were made anew.
    pub fn same(&self, other: &State) -> bool {
        let bare = |state: &State, known: &State| {
            let mut state = state.clone();
            for one in &mut state.strategies {
                if !known.strategies.iter().any(|theirs| theirs.id == one.id) {
                    one.id = None;
                }
            }
            // which of several comes first is told by their order only where it differs
            state.strategies.sort_by_cached_key(|one| {
                let content = serde_json::to_value(one).map(sorted).unwrap_or_default().to_string();
                (one.sort_order, one.id.clone(), content)
            });
            state
        };
        bare(self, other) == bare(other, self)
    }

    /// Those that let anybody in.
    pub fn enabled_strategies(&self) -> impl Iterator<Item = &Strategy> {
        self.strategies.iter().filter(|one| !one.disabled)
    }

    /// Those that may answer `true` now.
    fn live(&self) -> impl Iterator<Item = &Strategy> {
        self.enabled_strategies().filter(|one| one.percent() != Some(0))
    }

    /// Whom it answers `true`.
    pub fn reach(&self) -> Reach {
        match () {
            () if !self.enabled => Reach::Nobody,
            // clients take a flag without strategies as on
            () if self.strategies.is_empty() => Reach::Everybody,
            () if self.live().next().is_none() => Reach::Nobody,
            () if self.live().any(Strategy::is_for_everybody) => Reach::Everybody,
            () => Reach::Some,
        }
    }

    /// The share that is let in without a rule; none where there is no such way or nobody can add them up.
    fn share(&self) -> Option<u32> {
        self.share_of(|_| true)
    }

    /// The same of some of its ways.
    fn share_of(&self, counts: impl Fn(&Strategy) -> bool) -> Option<u32> {
        match self.reach() {
            Reach::Nobody => Some(0),
            Reach::Everybody => Some(100),
            Reach::Some if self.is_open() => Some(100),
            Reach::Some => {
                let live: Vec<&Strategy> = self.live().filter(|one| counts(one)).collect();
                let Some(first) = live.first() else {
                    return self.enabled_strategies().any(|one| counts(one) && one.percent() == Some(0)).then_some(0);
                };
                let all = self.left_out().len();
                // several ways draw the same lot only where they draw it alike, of the same people
                let fits = |one: &&Strategy| {
                    one.lot() == first.lot() && !one.has_rules() && one.left_out().collect::<BTreeSet<_>>().len() == all
                };
                live.iter().all(fits).then(|| live.iter().filter_map(|one| one.percent()).max())?
            }
        }
    }

    /// One way is open to all who are not left out of every way.
    fn is_open(&self) -> bool {
        let out = self.left_out();
        let is_open = |one: &Strategy| {
            one.percent() == Some(100) && !one.has_rules() && one.left_out().all(|whom| out.contains(&whom))
        };
        self.live().any(is_open)
    }

    /// It differs from this by the percentages of its ways alone, and none of them serves anybody who is not served now. Who is among so many
    /// percent is among more of them too.
    pub fn is_narrowed_to(&self, other: &State, stop: Stop) -> bool {
        let narrows = |one: &Strategy, after: &Strategy| {
            let is_less = match (one.percent(), after.percent(), stop) {
                (Some(now), Some(then), Stop::Off) => then <= now,
                // a part of a percent is not counted, so that the same number may be less
                (Some(now), Some(then), Stop::On) => then > now,
                _ => false,
            };
            let dialled = one.dial().and_then(|dial| Some((dial, after.parameters.get(dial)?.clone())));
            let mut same = one.clone();
            if let Some((dial, percent)) = dialled {
                same.parameters.insert(dial.to_owned(), percent);
            }
            one == after || (is_less && same == *after)
        };
        let pairs = self.strategies.iter().zip(&other.strategies);
        self.enabled == other.enabled
            && self.strategies.len() == other.strategies.len()
            && pairs.into_iter().all(|(one, after)| narrows(one, after))
    }

    /// Whom every way leaves out by name.
    fn left_out(&self) -> Vec<Whom> {
        let mut each = self.live().map(|one| one.left_out().collect::<BTreeSet<Whom>>());
        let Some(first) = each.next().filter(|_| self.enabled) else { return Vec::new() };
        each.fold(first, |all, one| all.intersection(&one).cloned().collect()).into_iter().collect()
    }

    /// Whom one way lets in by name, and nobody else.
    fn let_in(&self) -> Vec<Whom> {
        let named: BTreeSet<Whom> = self.live().filter(|_| self.enabled).flat_map(Strategy::let_in).collect();
        named.into_iter().collect()
    }

    /// What it answers, in a few words that differ where whom it reaches differs.
    pub fn served(&self) -> String {
        match self.reach() {
            Reach::Nobody => return "false".into(),
            Reach::Everybody => return "true".into(),
            Reach::Some => {}
        }
        let (live, named) = (self.live().collect::<Vec<_>>(), self.let_in());
        let share = match self.share() {
            Some(100) => "true".into(),
            Some(share) => format!("true for {share} %"),
            None if live.iter().all(|one| !one.let_in().is_empty()) => format!("true for {}", listed(&named)),
            None => match live.iter().filter(|one| !one.has_rules()).filter_map(|one| one.percent()).max() {
                Some(100) => "true with exceptions".into(),
                Some(most) => format!("true for {most} % and more by {} strategies", live.len()),
                None => {
                    let widest = live.iter().filter_map(|one| one.percent()).max().filter(|most| *most < 100);
                    let most = widest.map_or(String::new(), |most| format!(", at most {most} % each"));
                    format!("true by rule ({} {}{most})", live.len(), plural(live.len(), "strategy", "strategies"))
                }
            },
        };
        match self.left_out() {
            none if none.is_empty() => share,
            some => format!("{share}, not for {}", listed(&some)),
        }
    }

    /// What that means for somebody who looks at the switch.
    pub fn sight(&self, stop: Stop) -> Sight {
        let level = match (self.reach(), stop) {
            (Reach::Nobody, Stop::Off) | (Reach::Everybody, Stop::On) => Level::Off,
            (Reach::Nobody, Stop::On) | (Reach::Everybody, Stop::Off) => Level::On,
            (Reach::Some, _) => Level::Partly,
        };
        let (share, excluded) = match stop {
            Stop::Off => (self.share(), self.left_out()),
            // whoever is stopped by name is told by name
            Stop::On => (self.share_of(|one| !one.is_for_some_by_name()).map(|let_in| 100 - let_in), self.let_in()),
        };
        Sight {
            value: self.served(),
            targeting: self.enabled && self.live().any(Strategy::has_rules),
            level,
            share: share.and_then(Share::of_percent),
            excluded,
            version: Some(self.version()),
            ..Sight::default()
        }
    }
}

impl Strategy {
    /// One that lets everybody in; `only` some by name.
    pub fn open(flag: &str, only: Option<&Whom>, after: i64) -> Strategy {
        let parameters = json!({"groupId": flag, "rollout": "100", "stickiness": "default"});
        Strategy {
            name: "flexibleRollout".into(),
            parameters: parameters.as_object().cloned().unwrap_or_default(),
            constraints: only.map(|whom| constraint("IN", whom)).into_iter().collect(),
            sort_order: after,
            ..Strategy::default()
        }
    }

    /// The parameter that holds its percentage, in whole percents as text.
    pub fn dial(&self) -> Option<&'static str> {
        match self.name.as_str() {
            "flexibleRollout" => Some("rollout"),
            "gradualRolloutUserId" | "gradualRolloutSessionId" | "gradualRolloutRandom" => Some("percentage"),
            _ => None,
        }
    }

    /// How many of those whom its rules let in, in whole percents; what is written above 100 lets all in. None where it does not say.
    pub fn percent(&self) -> Option<u32> {
        if self.name == "default" {
            return Some(100);
        }
        let written = self.parameters.get(self.dial()?)?;
        let text = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
        Some(text.trim().parse::<f64>().ok().filter(|n| n.is_finite())?.clamp(0.0, 100.0) as u32)
    }

    /// What decides who is among them: the same for two ways that let the same in.
    fn lot(&self) -> [Option<&Value>; 2] {
        ["groupId", "stickiness"].map(|name| self.parameters.get(name))
    }

    /// It asks for more than not being left out by name.
    pub fn has_rules(&self) -> bool {
        self.percent().is_none()
            || !self.segments.is_empty()
            || self.constraints.iter().any(|one| left_out_by(one).is_none())
    }

    fn is_for_everybody(&self) -> bool {
        self.percent() == Some(100) && self.constraints.is_empty() && self.segments.is_empty()
    }

    /// Whom it leaves out by name.
    pub fn left_out(&self) -> impl Iterator<Item = Whom> {
        self.constraints.iter().filter_map(left_out_by).flatten()
    }

    /// Whom it lets in by name, where that is all it does.
    pub fn let_in(&self) -> Vec<Whom> {
        match self.constraints.as_slice() {
            [one] if self.percent() == Some(100) && self.segments.is_empty() && is_list(one, "IN", false) => named(one),
            _ => Vec::new(),
        }
    }

    /// It lets some in by name and nobody else.
    pub fn is_for_some_by_name(&self) -> bool {
        !self.let_in().is_empty()
    }

    /// What it is called, for words.
    pub fn called(&self) -> String {
        let name = clean::clean(&self.name, 40);
        match self.title.as_deref().map(|title| clean::clean(title, 40)) {
            Some(title) if !title.is_empty() => format!("{name} \"{title}\""),
            _ => name.into_owned(),
        }
    }
}

/// A condition on one context field with one value.
pub(super) fn constraint(operator: &str, whom: &Whom) -> Value {
    json!({
        "contextName": field(&whom.kind), "operator": operator, "values": [whom.key], "inverted": false, "caseInsensitive": false,
    })
}

/// A condition is a list of values, with this operator.
pub(super) fn is_list(constraint: &Value, operator: &str, inverted: bool) -> bool {
    let is_inverted = constraint.get("inverted").and_then(Value::as_bool).unwrap_or(false);
    constraint.get("operator").and_then(Value::as_str) == Some(operator) && is_inverted == inverted
}

/// The contexts that a condition leaves out by name; none when it does something else.
fn left_out_by(constraint: &Value) -> Option<Vec<Whom>> {
    (is_list(constraint, "NOT_IN", false) || is_list(constraint, "IN", true)).then(|| named(constraint))
}

fn named(constraint: &Value) -> Vec<Whom> {
    let kind = constraint.get("contextName").and_then(Value::as_str).map(kind).unwrap_or_default();
    let values = constraint.get("values").and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(|key| Whom { kind: kind.to_owned(), key: key.to_owned() }).collect()
}

/// The context field that tells contexts of a kind apart.
pub(super) fn field(kind: &str) -> &str {
    match kind {
        "user" => "userId",
        "session" => "sessionId",
        "address" => "remoteAddress",
        other => other,
    }
}

/// The kind of contexts that a field tells apart.
fn kind(field: &str) -> &str {
    match field {
        "userId" => "user",
        "sessionId" => "session",
        "remoteAddress" => "address",
        other => other,
    }
}

pub(super) fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// Some by name, or how many they are.
pub(super) fn listed(all: &[Whom]) -> String {
    match all {
        [] => "nobody".into(),
        few if few.len() <= 3 => {
            let names: Vec<String> = few.iter().map(|whom| clean::clean(&whom.to_string(), 60).into_owned()).collect();
            names.join(" and ")
        }
        many => format!("{} by name", many.len()),
    }
}

#[cfg(test)]
mod tests;
