//! Steps against a server that follows Unleash's rules.

use super::super::{state, wire};
use super::*;
use proptest::prelude::{Strategy as _, any, prop, prop_assert, proptest};

/// What the server does with a step, by its rules.
fn does(state: &mut State, step: &Step, made: &mut usize) {
    match step {
        Step::Off => state.enabled = false,
        Step::On => {
            assert!(state.enabled_strategies().next().is_some(), "it would add a strategy for everybody");
            state.enabled = true;
        }
        Step::Change(id, operations, _) => {
            let one = state.strategies.iter_mut().find(|one| one.id.as_ref() == Some(id)).unwrap();
            let mut there = content(one);
            for operation in operations {
                let at = operation["path"].as_str().unwrap();
                if operation["op"] == "test" {
                    assert_eq!(there.pointer(at), operation.get("value"));
                }
                *there.pointer_mut(at).unwrap() = operation["value"].clone();
            }
            there["id"] = json!(id);
            *one = wire::strategy(&there).unwrap();
        }
        Step::Add(one) => {
            *made += 1;
            let mut there = content(one);
            there["id"] = json!(format!("made-{made}"));
            state.strategies.push(wire::strategy(&there).unwrap());
        }
        Step::Order(places) => {
            for one in &mut state.strategies {
                let place = places.iter().find(|(id, _)| one.id.as_ref() == Some(id));
                one.sort_order = place.map_or(one.sort_order, |(_, place)| *place);
            }
        }
        Step::Remove(one) => state.strategies.retain(|there| there.id != one.id),
    }
    if state.strategies.iter().all(|one| one.disabled) {
        state.enabled = false;
    }
}

fn any_state() -> impl prop::strategy::Strategy<Value = State> {
    let one = (0..4_u8, 0..3_u32, any::<bool>(), 0..3_u8, 0..4_i64, any::<bool>());
    (any::<bool>(), prop::collection::vec(one, 0..4)).prop_map(|(enabled, all)| {
        let mut state = State { enabled, ..State::default() };
        for (id, percent, disabled, ways, sort_order, titled) in all {
            let id = Some(format!("id-{id}"));
            if state.strategies.iter().any(|there| there.id == id) {
                continue;
            }
            let mut one = Strategy::open("f", None, sort_order);
            one.parameters.insert("rollout".into(), json!((percent * 50).to_string()));
            let whom = |key: u8| Whom { kind: "user".into(), key: format!("u{key}") };
            one.constraints = (0..ways).map(|key| state::constraint("NOT_IN", &whom(key))).collect();
            (one.id, one.disabled, one.title) = (id, disabled, titled.then(|| "t".into()));
            state.strategies.push(one);
        }
        let lets_in = state.enabled_strategies().next().is_some();
        state.enabled &= lets_in;
        state
    })
}

proptest! {
    #[test]
    fn given_two_states_when_the_steps_are_done_then_the_one_is_the_other(from in any_state(), to in any_state()) {
        let (mut state, mut made) = (from.clone(), 0);
        let mut target = to;
        for one in &mut target.strategies {
            if !from.strategies.iter().any(|there| there.id == one.id) {
                one.id = None;
            }
        }
        let all = steps(&from, &target);
        for (step, _) in &all {
            does(&mut state, step, &mut made);
            // nobody is served what lies between
            prop_assert!(!state.enabled || (from.enabled && target.enabled) || *step == Step::On);
            // nor is it off for a moment
            prop_assert!(state.enabled || !from.enabled || !target.enabled);
        }
        prop_assert!(state.same(&target), "{all:?} made {state:?}");
        prop_assert!(steps(&from, &from).is_empty());
    }

    #[test]
    fn given_a_state_when_written_and_read_then_it_is_the_same(state in any_state()) {
        prop_assert!(State::read(&state.text()) == Some(state.clone()));
    }
}
