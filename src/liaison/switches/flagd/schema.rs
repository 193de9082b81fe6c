//! What flagd's published schema asks of a flag (flagd.dev/schema/v0, `flags.json` and `targeting.json`), and what its JavaScript reader
//! cannot do: proven of a flag before it is written. It must not know what was changed.

use super::document::{Definition, Variant};
use super::scan;
use serde_json::{Map, Value};

/// The largest sum of weights that flagd's hash is multiplied with.
const HEAVIEST: u64 = 2_147_483_647;

/// What is wrong with a flag, as the end of a sentence; `text` is the file that its definition was read from.
///
/// # Errors
/// The first fault.
pub fn check(definition: &Definition, text: &str, evaluators: &Map<String, Value>) -> Result<(), String> {
    let kind = |v: &Variant| match v.raw.bytes().next() {
        Some(b't' | b'f') => "boolean",
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'-' | b'0'..=b'9') => "number",
        _ => "none",
    };
    let Some(first) = definition.variants.first().map(kind) else { return Err("it has no variant".into()) };
    if first == "none" || definition.variants.iter().any(|v| kind(v) != first) {
        return Err("its variants are not all boolean, all string, all number or all object".into());
    }
    if definition.variants.iter().any(|v| v.name.is_empty()) {
        return Err("a variant has no name".into());
    }
    let part = |what: &str| scan::last(&definition.members, what).and_then(|m| text.get(m.value.clone()));
    if let Some(metadata) = part("metadata") {
        let members = scan::whole(metadata).and_then(|range| scan::members(metadata, &range));
        let scalar = |m: &scan::Member| !metadata.get(m.value.clone()).unwrap_or("n").starts_with(['{', '[', 'n']);
        if !members.is_some_and(|members| members.iter().all(scalar)) {
            return Err("its metadata is not an object of strings, numbers and booleans".into());
        }
    }
    let Some(written) = part("targeting") else { return Ok(()) };
    if !written.starts_with('{') {
        return Err("its targeting is not an object".into());
    }
    let Ok(rule) = serde_json::from_str::<Value>(written) else {
        return Err("its targeting is nested too deep".into());
    };
    targeting(&rule).map_err(|why| format!("its targeting {why}"))?;
    if let Some(missing) = dangling(&rule, evaluators) {
        let missing = super::document::show(&missing);
        return Err(format!("its targeting refers to the evaluator {missing}, which the file does not have"));
    }
    let named = ["true", "false"].iter().any(|word| definition.variants.iter().any(|v| v.name == *word));
    if answers_boolean(&rule) && !named {
        return Err("its targeting answers true or false instead of a variant's name, which flagd's JavaScript reader reports as an error".into());
    }
    Ok(())
}

/// What `targeting.json` says of a whole targeting, or of an evaluator. One that is a reference alone is fine too: readers put evaluators
/// in their places before they look.
///
/// # Errors
/// The first fault, as the end of a sentence about it.
pub fn targeting(rule: &Value) -> Result<(), String> {
    match rule.as_object() {
        None => Err("is not an object".into()),
        Some(members) if members.is_empty() => Ok(()),
        Some(_) => argument("$ref", rule),
    }
}

/// Every operator with what its arguments must be. An object may hold several of one group, as the schema has them.
type Check = fn(&str, &Value) -> Result<(), String>;
const GROUPS: &[(&[&str], Check)] = &[
    (&["var"], variable),
    (&["missing"], |name, v| all(name, v, 0, usize::MAX, |name, one| is(one.is_string(), name))),
    (&["missing_some"], missing_some),
    (
        &["if", "==", "===", "!=", "!==", ">", ">=", "%", "/", "map", "filter", "all", "none", "some", "in"],
        |name, v| if name == "if" { all(name, v, 1, usize::MAX, argument) } else { all(name, v, 2, 2, argument) },
    ),
    (&["substr", "<", "<="], |name, v| all(name, v, 2, 3, argument)),
    (&["*"], |name, v| all(name, v, 2, usize::MAX, argument)),
    (&["!", "!!"], |name, v| if v.is_array() { Ok(()) } else { argument(name, v) }),
    (&["or", "and", "+", "-", "max", "min", "merge", "cat"], |name, v| all(name, v, 1, usize::MAX, argument)),
    (&["reduce"], |name, v| all(name, v, 3, 3, argument)),
    (&["starts_with", "ends_with"], |name, v| all(name, v, 2, 2, text)),
    (&["sem_ver"], sem_ver),
    (&["fractional"], fractional),
];

fn any_rule(members: &Map<String, Value>) -> Result<(), String> {
    let name = members.keys().next().map(String::as_str).unwrap_or_default();
    let group = GROUPS.iter().find(|(names, _)| names.contains(&name));
    let Some((names, check)) = group else {
        return Err(format!("has the operator {}, which flagd does not know", super::document::show(name)));
    };
    members.iter().try_for_each(|(name, value)| {
        is(names.contains(&name.as_str()), "an object with several operators")?;
        check(name, value)
    })
}

fn is(fine: bool, what: &str) -> Result<(), String> {
    if fine { Ok(()) } else { Err(format!("has arguments that do not fit: {what}")) }
}

fn all(name: &str, value: &Value, least: usize, most: usize, check: Check) -> Result<(), String> {
    let items = value.as_array().map(Vec::as_slice);
    let Some(items) = items.filter(|items| (least..=most).contains(&items.len())) else { return is(false, name) };
    items.iter().try_for_each(|item| check(name, item))
}

/// A primitive, a rule or a reference. The schema takes every list here without looking into it.
fn argument(name: &str, value: &Value) -> Result<(), String> {
    match value.as_object() {
        None => Ok(()),
        Some(members) if members.contains_key("$ref") => {
            is(members.len() == 1 && members.values().all(Value::is_string), "$ref")
        }
        Some(members) if members.is_empty() => is(false, name),
        Some(members) => any_rule(members),
    }
}

fn rule(name: &str, value: &Value) -> Result<(), String> {
    match value.as_object() {
        Some(members) if members.is_empty() => Ok(()),
        Some(members) => any_rule(members),
        None => is(false, name),
    }
}

fn text(name: &str, value: &Value) -> Result<(), String> {
    if value.is_string() { Ok(()) } else { rule(name, value) }
}

fn variable(name: &str, value: &Value) -> Result<(), String> {
    let known = |path: &str| !path.starts_with("$flagd.") || matches!(path, "$flagd.timestamp" | "$flagd.flagKey");
    is(value.as_str().is_none_or(known), name)
}

fn missing_some(name: &str, value: &Value) -> Result<(), String> {
    let parts = value.as_array().map(Vec::as_slice);
    let Some([least, names]) = parts else { return is(false, name) };
    is(least.is_number() && names.as_array().is_some_and(|names| names.iter().all(Value::is_string)), name)
}

fn sem_ver(name: &str, value: &Value) -> Result<(), String> {
    let Some([one, operator, other]) = value.as_array().map(Vec::as_slice) else { return is(false, name) };
    let operators = ["=", "!=", ">", "<", ">=", "<=", "~", "^"];
    is(operator.as_str().is_some_and(|o| operators.contains(&o)), name)?;
    [one, other].into_iter().try_for_each(|side| match side {
        Value::String(version) => is(is_version(version), name),
        Value::Object(members) => {
            is(members.keys().all(|key| key == "var"), name)?;
            members.values().try_for_each(|v| variable(name, v))
        }
        _ => is(false, name),
    })
}

/// A version as semver.org has it.
fn is_version(version: &str) -> bool {
    let (core, build) = version.split_once('+').map_or((version, None), |(core, build)| (core, Some(build)));
    let (core, before) = core.split_once('-').map_or((core, None), |(core, before)| (core, Some(before)));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let number = |t: &str| digits(t) && (t == "0" || !t.starts_with('0'));
    let word = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    core.split('.').count() == 3
        && core.split('.').all(number)
        && before.is_none_or(|ids| ids.split('.').all(|id| word(id) && (!digits(id) || number(id))))
        && build.is_none_or(|ids| ids.split('.').all(word))
}

fn fractional(name: &str, value: &Value) -> Result<(), String> {
    let Some((first, others)) = value.as_array().and_then(|items| items.split_first()) else { return is(false, name) };
    let arms = if first.is_array() { std::slice::from_ref(first) } else { &[] };
    if arms.is_empty() {
        rule(name, first)?;
    }
    let mut sum = 0_u64;
    for arm in arms.iter().chain(others) {
        let parts = arm.as_array().map(Vec::as_slice).unwrap_or_default();
        let (Some(variant), true) = (parts.first(), parts.len() <= 2) else { return is(false, name) };
        argument(name, variant)?;
        match parts.get(1) {
            None => sum = sum.saturating_add(1),
            Some(Value::Number(weight)) => match whole(weight) {
                Some(weight) => sum = sum.saturating_add(weight),
                None => return is(false, "a weight of fractional is no whole number"),
            },
            Some(formula) => rule(name, formula)?,
        }
    }
    is(sum <= HEAVIEST, "the weights of fractional are too large")
}

/// A whole number, which JavaScript may write with a point.
fn whole(weight: &serde_json::Number) -> Option<u64> {
    // what is larger is too heavy anyway
    let float = || weight.as_f64().filter(|w| w.fract() == 0.0 && (0.0..=1e12).contains(w)).map(|w| w as u64);
    weight.as_u64().or_else(float)
}

/// The first evaluator that a rule refers to and that is not there.
fn dangling(rule: &Value, evaluators: &Map<String, Value>) -> Option<String> {
    references(rule).into_iter().find(|name| !evaluators.contains_key(name))
}

/// The evaluators that a rule refers to.
pub fn references(rule: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![rule];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => match members.get("$ref") {
                Some(Value::String(name)) if !found.contains(name) => found.push(name.clone()),
                _ => open.extend(members.values()),
            },
            _ => {}
        }
    }
    found
}

/// Whether a JsonLogic rule can answer a bare boolean.
fn answers_boolean(rule: &Value) -> bool {
    let Some((operator, arguments)) = rule.as_object().and_then(|o| o.iter().next()) else { return rule.is_boolean() };
    let arguments = arguments.as_array().map(Vec::as_slice).unwrap_or_default();
    match operator.as_str() {
        // Conditions stand at the even places, but for the last one, which is the *else*.
        "if" => {
            arguments.iter().enumerate().any(|(i, a)| (i % 2 == 1 || i + 1 == arguments.len()) && answers_boolean(a))
        }
        "and" | "or" => arguments.iter().any(answers_boolean),
        "==" | "===" | "!=" | "!==" | "!" | "!!" | ">" | ">=" | "<" | "<=" | "in" | "all" | "none" | "some"
        | "starts_with" | "ends_with" | "sem_ver" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rule: &str) -> Result<(), String> {
        targeting(&serde_json::from_str(rule).unwrap())
    }

    const RULES: &str = include_str!("rules.txt");

    #[test]
    fn rules_are_taken_as_the_schema_takes_them() {
        let fits = |rule: &str| of(rule).is_ok();
        for line in RULES.lines().filter(|line| !line.starts_with('#')) {
            let (fit, rule) = line.split_at(2);
            assert_eq!(fits(rule), fit == "+ ", "{rule}: {:?}", of(rule));
        }
        assert!(of(r#"{"fractional":[["on",2147483647],["off",1]]}"#).unwrap_err().contains("too large"));
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let rule =
            serde_json::from_str(r#"{"if":[{"$ref":"a"},"on",{"if":[{"and":[{"$ref":"b"},[{"$ref":"a"}]]},"on"]}]}"#);
        let mut found = references(&rule.unwrap());
        found.sort();
        assert_eq!(found, ["a", "b"]);
    }
}
