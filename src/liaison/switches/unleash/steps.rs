//! The requests that make one state of a flag another, in the order in which a failure between two of them does the least. Pure.
//!
//! Off comes first and on comes last, so that nobody is served what lies between. Between the two, what is added comes before what is removed
//! or disabled: Unleash turns a flag off whose last enabled strategy goes.

use super::state::{State, Strategy, listed};
use crate::incident::switch::Whom;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Off,
    On,
    /// Changes parts of a strategy, if it is what it was.
    Change(String, Vec<Value>, Strategy),
    Add(Strategy),
    /// Sets the places of strategies by their ids: a change of one does not.
    Order(Vec<(String, i64)>),
    Remove(Strategy),
}

/// A step and what it does, in a few words.
pub(super) type Said = (Step, String);

/// What leads from one state to another.
pub(super) fn steps(from: &State, to: &State) -> Vec<Said> {
    let place = &to.environment;
    let mut all = Vec::new();
    if from.enabled && !to.enabled {
        all.push((Step::Off, format!("off in {place}")));
    }
    let known =
        |id: &Option<String>, among: &State| among.strategies.iter().find(|one| id.is_some() && one.id == *id).cloned();
    let (mut disabling, mut moved) = (Vec::new(), Vec::new());
    for one in &to.strategies {
        let Some(old) = known(&one.id, from) else { continue };
        if let Some(id) = one.id.clone().filter(|_| old.sort_order != one.sort_order) {
            moved.push((id, one.sort_order));
        }
        if (Strategy { sort_order: one.sort_order, ..old.clone() }) != *one {
            let change = (change(&old, one), worded(&old, one));
            if one.disabled { disabling.push(change) } else { all.push(change) }
        }
    }
    for one in to.strategies.iter().filter(|one| known(&one.id, from).is_none()) {
        all.push((Step::Add(one.clone()), format!("{} added{}", one.called(), shape(one))));
    }
    all.extend(disabling);
    if !moved.is_empty() {
        all.push((Step::Order(moved), "order of strategies".into()));
    }
    for one in from.strategies.iter().filter(|one| known(&one.id, to).is_none()) {
        all.push((Step::Remove(one.clone()), format!("{} removed", one.called())));
    }
    if !from.enabled && to.enabled {
        all.push((Step::On, format!("on in {place}")));
    }
    all
}

/// The members that a patch may change, by their names there.
fn members(one: &Strategy) -> [(&'static str, Value); 6] {
    [
        ("disabled", Value::from(one.disabled)),
        ("parameters", Value::Object(one.parameters.clone())),
        ("constraints", Value::Array(one.constraints.clone())),
        ("segments", Value::Array(one.segments.clone())),
        ("variants", Value::Array(one.variants.clone())),
        // null leaves the title that is there
        ("title", Value::from(one.title.clone().unwrap_or_default())),
    ]
}

/// A patch that is refused when the strategy is not what it was (RFC 6902, `test`).
fn change(old: &Strategy, new: &Strategy) -> Step {
    // what decides whom it lets in is compared whole, whatever of it is changed
    let mut operations: Vec<Value> = members(old)
        .into_iter()
        .take(4)
        .map(|(name, value)| json!({"op": "test", "path": format!("/{name}"), "value": value}))
        .collect();
    for ((name, old), (_, new)) in members(old).into_iter().zip(members(new)) {
        if old != new {
            operations.push(json!({"op": "replace", "path": format!("/{name}"), "value": new}));
        }
    }
    Step::Change(new.id.clone().unwrap_or_default(), operations, new.clone())
}

/// A strategy as it is sent to be made.
pub(super) fn content(one: &Strategy) -> Value {
    let all: Map<String, Value> = members(one).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut content = Value::Object(all);
    if let Some(content) = content.as_object_mut() {
        content.insert("name".into(), Value::from(one.name.as_str()));
        content.insert("sortOrder".into(), Value::from(one.sort_order));
    }
    content
}

/// Places of strategies as they are sent.
pub(super) fn ordered(places: &[(String, i64)]) -> Value {
    places.iter().map(|(id, place)| json!({"id": id, "sortOrder": place})).collect()
}

fn shape(one: &Strategy) -> String {
    match (one.let_in(), one.percent()) {
        (only, _) if !only.is_empty() => format!(" for {}", listed(&only)),
        (_, Some(percent)) => format!(" at {percent} %"),
        _ => String::new(),
    }
}

/// What a change does to a strategy.
fn worded(old: &Strategy, new: &Strategy) -> String {
    let mut said = Vec::new();
    if old.disabled != new.disabled {
        said.push(if new.disabled { "disabled".into() } else { "enabled".to_owned() });
    }
    if let (Some(old), Some(new)) = (old.percent(), new.percent())
        && old != new
    {
        said.push(format!("{old} → {new} %"));
    }
    let [before, after]: [BTreeSet<Whom>; 2] = [old, new].map(|one| one.left_out().collect());
    let [before_in, after_in]: [BTreeSet<Whom>; 2] = [old, new].map(|one| one.let_in().into_iter().collect());
    let apart = |one: &BTreeSet<Whom>, other: &BTreeSet<Whom>| one.difference(other).cloned().collect::<Vec<Whom>>();
    for (word, whom) in [
        ("without", apart(&after, &before)),
        ("again with", apart(&before, &after)),
        ("for", apart(&after_in, &before_in)),
        ("no longer for", apart(&before_in, &after_in)),
    ] {
        if !whom.is_empty() {
            said.push(format!("{word} {}", listed(&whom)));
        }
    }
    if said.is_empty() {
        said.push("changed".into());
    }
    format!("{} {}", new.called(), said.join(", "))
}

#[cfg(test)]
mod tests;
