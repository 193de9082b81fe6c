//! What a flag has to be for what is wanted, from what it is. Pure: it knows nothing of requests.

use super::super::super::clean;
use super::Stop;
use super::state::{Reach, State, Strategy, constraint, field, is_list};
use crate::incident::switch::{Share, Wanted, Whom};
use serde_json::Value;

/// What the flag has to be.
///
/// # Errors
/// It cannot be made so: what stands against it, what is true now and what to do, in sentences.
pub(super) fn aim(now: &State, wanted: &Wanted, stop: Stop) -> Result<State, String> {
    match (wanted, stop) {
        (Wanted::Stop, Stop::Off) | (Wanted::Restore, Stop::On) => Ok(State { enabled: false, ..now.clone() }),
        (Wanted::Stop, Stop::On) => Ok(for_everybody(now)),
        (Wanted::Restore, Stop::Off) => on(now.clone()),
        (Wanted::Exclude(whom), Stop::Off) => without(now, whom),
        (Wanted::Exclude(whom), Stop::On) => with(now, whom),
        (Wanted::Percent(share) | Wanted::Step(share, _), _) => to_share(now, *share, stop),
        (Wanted::Put(text), _) => put(now, text),
    }
}

fn refused(what: &str, next: &str) -> String {
    format!("{what}. Nothing was changed. {next}.")
}

/// The flag's name, for words.
fn name(state: &State) -> String {
    clean::clean(&format!("{} in {}", state.flag, state.environment), 120).into_owned()
}

/// On, if that lets in those whom its strategies let in and nobody else.
fn on(mut state: State) -> Result<State, String> {
    // Unleash adds a strategy to a flag that has none enabled, for everybody by default
    if !state.enabled && state.enabled_strategies().next().is_none() {
        let what =
            format!("{} has no enabled strategy, and turning it on would add one that lets everybody in", name(&state));
        return Err(refused(&what, "Enable a strategy in Unleash first, or put back what an earlier act found"));
    }
    state.enabled = true;
    Ok(state)
}

/// On for everybody, by a strategy of its own where none there does that.
fn for_everybody(now: &State) -> State {
    let mut state = State { enabled: true, ..now.clone() };
    if state.strategies.is_empty() || state.reach() != Reach::Everybody {
        let after = next(&state);
        state.strategies.push(Strategy::open(&now.flag, None, after));
    }
    state
}

/// The place after all strategies.
fn next(state: &State) -> i64 {
    state.strategies.iter().map(|one| one.sort_order + 1).max().unwrap_or(0)
}

/// One context left out of every way in.
fn without(now: &State, whom: &Whom) -> Result<State, String> {
    if now.enabled_strategies().next().is_none() {
        let what = format!("{} has no enabled strategy that could leave anybody out", name(now));
        return Err(refused(&what, "Stop it for everybody, or add a strategy in Unleash"));
    }
    let mut state = now.clone();
    for one in state.strategies.iter_mut().filter(|one| !one.disabled) {
        if one.left_out().any(|known| known == *whom) {
            continue;
        }
        let is_same = |one: &&mut Value| {
            is_list(one, "NOT_IN", false) && one.get("contextName").and_then(Value::as_str) == Some(field(&whom.kind))
        };
        let known = one.constraints.iter_mut().find(is_same).and_then(|one| one.get_mut("values"));
        match known.and_then(Value::as_array_mut) {
            Some(values) => values.push(Value::from(whom.key.as_str())),
            None => one.constraints.push(constraint("NOT_IN", whom)),
        }
    }
    Ok(state)
}

/// One context let in, and nobody else who was not: for a flag that stops when it is on.
fn with(now: &State, whom: &Whom) -> Result<State, String> {
    let mut state = now.clone();
    if state.enabled && (state.reach() == Reach::Everybody || state.sight(Stop::On).excluded.contains(whom)) {
        return Ok(state);
    }
    if !state.enabled {
        let wide: Vec<String> =
            state.enabled_strategies().filter(|one| !one.let_in().contains(whom)).map(Strategy::called).collect();
        if let Some(first) = wide.first() {
            let what = format!("{} is off, and turning it on would stop whom {first} lets in as well", name(&state));
            return Err(refused(&what, "Disable that strategy in Unleash first, or stop it for everybody"));
        }
    }
    let is_same = |one: &&mut Strategy| one.let_in().iter().any(|known| known.kind == whom.kind);
    let known = state.strategies.iter_mut().filter(|one| !one.disabled).find(is_same);
    let values = known.and_then(|one| one.constraints.first_mut()?.get_mut("values")?.as_array_mut());
    match values {
        Some(values) if values.iter().any(|known| known == whom.key.as_str()) => {}
        Some(values) => values.push(Value::from(whom.key.as_str())),
        None => {
            let after = next(&state);
            state.strategies.push(Strategy::open(&now.flag, Some(whom), after));
        }
    }
    state.enabled = true;
    Ok(state)
}

/// A share of those whom its strategies let in; they keep what decides who is among them. Where being let in stops, whoever is stopped by name stays so at
/// every share.
fn to_share(now: &State, share: Share, stop: Stop) -> Result<State, String> {
    let Some(running) = share.whole() else {
        let what = format!("Unleash counts in whole percents, not {share}");
        return Err(refused(&what, "Say a whole one"));
    };
    let wanted = match stop {
        Stop::Off => running,
        Stop::On => 100_u32.saturating_sub(running),
    };
    let is_kept = |one: &Strategy| one.disabled || (stop == Stop::On && one.is_for_some_by_name());
    let dialled = || now.strategies.iter().filter(|one| !is_kept(one));
    let fixed: Vec<String> = dialled().filter(|one| one.dial().is_none()).map(Strategy::called).collect();
    if !fixed.is_empty() {
        let what = format!("{} lets people in by {}, which has no percentage", name(now), fixed.join(" and "));
        return Err(refused(&what, "Stop it for everybody, or change that strategy in Unleash"));
    }
    if now.enabled_strategies().next().is_none() {
        let what = format!("{} has no enabled strategy with a percentage", name(now));
        return Err(refused(&what, "Add a flexibleRollout in Unleash first"));
    }
    let mut state = now.clone();
    if dialled().next().is_none() && wanted > 0 {
        let after = next(&state);
        state.strategies.push(Strategy::open(&now.flag, None, after));
    }
    for one in state.strategies.iter_mut().filter(|one| !is_kept(one)) {
        if let Some(dial) = one.dial() {
            // as a text: a number is refused there
            one.parameters.insert(dial.to_owned(), Value::from(wanted.to_string()));
        }
    }
    on(state)
}

/// The very state that was found before, with new names for strategies that are gone.
fn put(now: &State, text: &str) -> Result<State, String> {
    let Some(mut state) = State::read(text) else {
        return Err(refused("What is to be put back cannot be read", "Change it in Unleash"));
    };
    if (&state.project, &state.flag, &state.environment) != (&now.project, &now.flag, &now.environment) {
        let what = format!("What is to be put back is {}, and this is {}", name(&state), name(now));
        return Err(refused(&what, "Choose the act on this switch"));
    }
    for one in &mut state.strategies {
        if !now.strategies.iter().any(|there| there.id == one.id && there.name == one.name) {
            one.id = None;
        }
    }
    // it would be turned off by itself, or a strategy added
    if state.enabled && state.enabled_strategies().next().is_none() && !state.same(now) {
        return on(State { enabled: false, ..state });
    }
    Ok(state)
}
