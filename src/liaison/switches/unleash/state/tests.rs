//! Unleash's states, and what puts them back.

use super::*;

fn whom(key: &str) -> Whom {
    Whom { kind: "user".into(), key: key.into() }
}

fn at(percent: &str) -> Strategy {
    let mut one = Strategy::open("f", None, 0);
    one.parameters.insert("rollout".into(), percent.into());
    one
}

fn without(mut one: Strategy, keys: &[&str]) -> Strategy {
    one.constraints.extend(keys.iter().map(|key| constraint("NOT_IN", &whom(key))));
    one
}

fn with_rule(mut one: Strategy) -> Strategy {
    one.constraints.push(json!({"contextName": "region", "operator": "STR_ENDS_WITH", "values": ["eu"]}));
    one
}

fn on(strategies: Vec<Strategy>) -> State {
    State { enabled: true, strategies, ..State::default() }
}

#[test]
fn given_strategies_when_or_ed_then_what_is_served_is_said_in_a_few_words() {
    let other = |mut one: Strategy| {
        one.parameters.insert("groupId".into(), "another".into());
        one
    };
    let mut disabled = at("100");
    disabled.disabled = true;
    let only = |key: &str| Strategy::open("f", Some(&whom(key)), 0);
    for (strategies, words) in [
        (vec![at("100")], "true"),
        (vec![at("5"), at("100")], "true"),
        // a foreign tool stored this, and the server takes it for all
        (vec![at("150")], "true"),
        (vec![], "true"),
        (vec![disabled.clone()], "false"),
        (vec![at("0")], "false"),
        (vec![at("0"), disabled], "false"),
        (vec![at("5")], "true for 5 %"),
        (vec![at("5"), at("20")], "true for 20 %"),
        (vec![at("5"), other(at("20"))], "true for 20 % and more by 2 strategies"),
        (vec![without(at("100"), &["a"])], "true, not for user a"),
        // whoever is left out of one way comes in by another
        (vec![without(at("100"), &["a"]), at("100")], "true"),
        (vec![without(at("100"), &["a"]), at("5")], "true with exceptions"),
        (vec![without(at("100"), &["a", "b"]), without(at("5"), &["a"])], "true with exceptions, not for user a"),
        (vec![without(at("5"), &["a", "b", "c", "d"])], "true for 5 %, not for 4 by name"),
        (vec![with_rule(at("100"))], "true by rule (1 strategy)"),
        (vec![with_rule(at("10"))], "true by rule (1 strategy, at most 10 % each)"),
        (vec![with_rule(at("100")), at("5")], "true for 5 % and more by 2 strategies"),
        (vec![only("a"), only("b")], "true for user a and user b"),
    ] {
        assert_eq!(on(strategies.clone()).served(), words);
        assert_eq!(State { enabled: false, strategies, ..State::default() }.served(), "false");
    }
}

#[test]
fn given_either_polarity_when_looked_at_then_the_level_is_whom_the_stopped_value_reaches() {
    let sight = |state: &State, stop| {
        let sight = state.sight(stop);
        (sight.level, sight.share.and_then(Share::whole), sight.excluded.len())
    };
    let both = |state: &State| [sight(state, Stop::Off), sight(state, Stop::On)];
    let off = State { enabled: false, strategies: vec![at("100")], ..State::default() };
    assert_eq!(both(&off), [(Level::Off, Some(0), 0), (Level::On, Some(100), 0)]);
    assert_eq!(both(&on(vec![at("100")])), [(Level::On, Some(100), 0), (Level::Off, Some(0), 0)]);
    let some = on(vec![without(at("5"), &["a"])]);
    assert_eq!(both(&some), [(Level::Partly, Some(5), 1), (Level::Partly, Some(95), 0)]);
    let one = on(vec![Strategy::open("f", Some(&whom("a")), 0)]);
    assert_eq!(sight(&one, Stop::On), (Level::Partly, None, 1));
}

#[test]
fn given_a_state_when_members_come_in_another_order_then_text_and_version_are_the_same() {
    let text = on(vec![without(at("5"), &["a"])]).text();
    let turned = text.replacen(r#""groupId":"f","rollout":"5""#, r#""rollout":"5","groupId":"f""#, 1);
    assert_ne!(text, turned);
    let read = State::read(&turned).unwrap();
    assert_eq!((read.text(), read.version()), (text.clone(), State::read(&text).unwrap().version()));
    assert_ne!(on(vec![at("6")]).version(), on(vec![at("5")]).version());
}
