//! What a change would do to a flag file, worked out and proven before anything is written. Pure: text in, text out. It
//! must not know where the file is.

use super::document::{Definition, Document, Variant, show};
use super::served::{CODE_DEFAULT, Served, UNNAMED, of};
use super::{edit, scan};
use crate::incident::trouble::Trouble;
use serde_json::Value;

/// What is wanted of a flag. A variant is named as in the file, or as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Serve this variant to everybody: it becomes the default, targeting is set aside, the flag is enabled.
    Stop {
        /// The variant.
        variant: String,
    },
    /// Make this variant the default of the enabled flag; targeting stays in force.
    Serve {
        /// The variant.
        variant: String,
    },
    /// Put this definition (the JSON text of an earlier [`Plan::snapshot`]) in the flag's place.
    Put {
        /// The definition.
        definition: String,
    },
}

/// A change, worked out and not yet made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is served now.
    pub before: Served,
    /// What will be served.
    pub after: Served,
    /// The flag's definition now, verbatim, for [`Wanted::Put`]. Not harmless: for the journal, never for the screen.
    pub snapshot: String,
    /// The whole file after the change; equal to the file before when there is nothing to change.
    pub text: String,
    /// Whether anything is to be written.
    pub is_change: bool,
    /// The change in words.
    pub changes: String,
}

/// Works out what `wanted` does to `flag` in the text of a flag file. Outside of that flag's definition every byte stays.
///
/// # Errors
/// As for [`resolve`](super::resolve); [`Trouble::Refused`] when the flag would not be valid by flagd's schema, when the variant is not there,
/// or when the definition to put back is none.
pub fn plan(file_text: &str, flag: &str, wanted: &Wanted) -> Result<Plan, Trouble> {
    plan_in(UNNAMED, file_text, flag, wanted)
}

/// [`plan`] for a file that sentences call `label`.
pub(super) fn plan_in(label: &str, file_text: &str, flag: &str, wanted: &Wanted) -> Result<Plan, Trouble> {
    let document = Document::parse(label, file_text)?;
    let found = document.find(flag)?;
    let definition = document.define(found)?;
    document.check_all()?;
    let name = show(&found.name);
    let body = file_text.get(found.body.clone()).unwrap_or_default();
    let new_body = match wanted {
        Wanted::Stop { variant } => default_to(body, &definition, pick(&definition, variant, &name)?, true),
        Wanted::Serve { variant } => default_to(body, &definition, pick(&definition, variant, &name)?, false),
        Wanted::Put { definition } => Some(acceptable(definition, &found.name, &name, document.is_array)?),
    };
    let new_body = new_body.ok_or_else(|| unproven(&name, "its definition could not be changed"))?;
    let text = edit::splice(file_text, found.body.start, found.body.end, &new_body)
        .ok_or_else(|| unproven(&name, "its place in the file was lost"))?;

    // Proof: read the result as flagd will, and compare.
    let result = Document::parse(label, &text)?;
    let new_flag = result.find(&found.name)?;
    let new_definition = result.define(new_flag)?;
    refuse_by_schema(&new_definition, &text, &name)?;
    let after = of(&new_definition);
    let proven = match wanted {
        Wanted::Stop { variant } => serves(&new_definition, variant) && !new_definition.targeting,
        Wanted::Serve { variant } => serves(&new_definition, variant),
        Wanted::Put { .. } => text.get(new_flag.body.clone()) == Some(new_body.as_str()),
    };
    if !proven {
        return Err(unproven(&name, "reading the result back does not give what is wanted"));
    }
    let is_change = text != file_text;
    let mut changes = if is_change {
        describe((&definition, file_text), (&new_definition, &text))
    } else {
        format!("nothing to change: {name} already {}", after.words)
    };
    if found.copies > 1 {
        changes.push_str(&format!("; the file has this flag {} times, the last one counts", found.copies));
    }
    Ok(Plan { before: of(&definition), after, snapshot: body.to_owned(), text, is_change, changes })
}

fn unproven(name: &str, why: &str) -> Trouble {
    Trouble::Refused(format!(
        "The change to {name} was worked out, but {why}. Nothing was changed. Change the flag in the file by hand, and report this."
    ))
}

/// The variant of that name: as written, or as shown when only one is shown so.
fn pick<'d>(definition: &'d Definition, wanted: &str, flag: &str) -> Result<&'d Variant, Trouble> {
    if let Some(variant) = definition.variants.iter().rev().find(|v| v.name == wanted) {
        return Ok(variant);
    }
    let mut alike = definition.variants.iter().filter(|v| show(&v.name) == wanted);
    if let (Some(variant), None) = (alike.next(), alike.next()) {
        return Ok(variant);
    }
    let names: Vec<_> = definition.variants.iter().take(12).map(|v| show(&v.name)).collect();
    Err(Trouble::Refused(format!(
        "{flag} has no variant {}. Nothing was changed. It has: {}.",
        show(wanted),
        names.join(", ")
    )))
}

fn serves(definition: &Definition, wanted: &str) -> bool {
    let variant = definition.default.and_then(|place| definition.variants.get(place));
    definition.enabled && variant.is_some_and(|v| v.name == wanted || show(&v.name) == wanted)
}

/// The definition with that variant as default; for everybody when targeting is set aside too. Only what differs changes.
fn default_to(body: &str, definition: &Definition, variant: &Variant, for_everybody: bool) -> Option<String> {
    let mut text = body.to_owned();
    let now = definition.default.and_then(|place| definition.variants.get(place));
    if now.is_none_or(|v| v.name != variant.name) {
        text = edit::set(&text, "defaultVariant", &variant.written)?;
    }
    if !definition.enabled {
        text = edit::set(&text, "state", "\"ENABLED\"")?;
    }
    if for_everybody && definition.targeting {
        text = edit::remove(&text, "targeting")?;
    }
    Some(text)
}

/// A definition that may stand in the place of the flag: one JSON object, with the flag's own key in an array of flags.
fn acceptable(definition: &str, raw_name: &str, name: &str, is_array: bool) -> Result<String, Trouble> {
    let refused = |why: &str| {
        Trouble::Refused(format!(
            "The definition to put back for {name} {why}. Nothing was changed. Put the flag back by hand, from version control."
        ))
    };
    let text = definition.trim();
    if text.len() > 1 << 20 {
        return Err(refused("is larger than 1 MiB"));
    }
    scan::check(text).map_err(|(line, column, what)| {
        refused(&format!("is not JSON ({} at line {line}, column {column})", show(&what)))
    })?;
    let members = scan::whole(text).and_then(|range| scan::members(text, &range));
    let members = members.ok_or_else(|| refused("is not an object"))?;
    let key = scan::last(&members, "key").and_then(|m| scan::string(text.get(m.value.clone())?));
    if is_array && key.as_deref() != Some(raw_name) {
        return Err(refused("does not carry the flag's own key, which this file needs"));
    }
    Ok(text.to_owned())
}

/// What flagd's schema asks of one flag, and what its JavaScript reader cannot do, before it is written.
fn refuse_by_schema(definition: &Definition, text: &str, name: &str) -> Result<(), Trouble> {
    let refused = |why: &str| {
        Err(Trouble::Refused(format!(
            "{name} would not be a valid flag: {why}. Nothing was changed, because flagd can refuse the whole file for that. Correct the flag in the file first."
        )))
    };
    let kind = |v: &Variant| match v.raw.bytes().next() {
        Some(b't' | b'f') => "boolean",
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'-' | b'0'..=b'9') => "number",
        _ => "none",
    };
    let Some(first) = definition.variants.first().map(kind) else { return refused("it has no variant") };
    if first == "none" || definition.variants.iter().any(|v| kind(v) != first) {
        return refused("its variants are not all boolean, all string, all number or all object");
    }
    if definition.variants.iter().any(|v| v.name.is_empty()) {
        return refused("a variant has no name");
    }
    let part = |what: &str| scan::last(&definition.members, what).and_then(|m| text.get(m.value.clone()));
    if let Some(metadata) = part("metadata") {
        let members = scan::whole(metadata).and_then(|range| scan::members(metadata, &range));
        let scalar = |m: &scan::Member| !metadata.get(m.value.clone()).unwrap_or("n").starts_with(['{', '[', 'n']);
        if !members.is_some_and(|members| members.iter().all(scalar)) {
            return refused("its metadata is not an object of strings, numbers and booleans");
        }
    }
    if let Some(targeting) = part("targeting") {
        if !targeting.starts_with('{') {
            return refused("its targeting is not an object");
        }
        let rule = serde_json::from_str::<Value>(targeting).unwrap_or(Value::Null);
        let named = ["true", "false"].iter().any(|word| definition.variants.iter().any(|v| v.name == *word));
        if answers_boolean(&rule) && !named {
            return refused(
                "its targeting answers true or false instead of a variant's name, which flagd's JavaScript reader reports as an error",
            );
        }
    }
    Ok(())
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

/// The change in words, from two definitions and the texts they stand in.
fn describe((old, old_text): (&Definition, &str), (new, new_text): (&Definition, &str)) -> String {
    let default = |d: &Definition| {
        d.default.and_then(|place| d.variants.get(place)).map_or_else(|| CODE_DEFAULT.to_owned(), |v| show(&v.name))
    };
    let rules = |d: &Definition, text: &str| {
        let member = scan::last(&d.members, "targeting").filter(|_| d.targeting)?;
        text.get(member.value.clone()).map(str::to_owned)
    };
    let mut said = Vec::new();
    if default(old) != default(new) {
        said.push(format!("defaultVariant {} → {}", default(old), default(new)));
    }
    if old.enabled != new.enabled {
        let word = |d: &Definition| if d.enabled { "ENABLED" } else { "DISABLED" };
        said.push(format!("state {} → {}", word(old), word(new)));
    }
    match (rules(old, old_text), rules(new, new_text)) {
        (Some(_), None) => said.push("targeting set aside".to_owned()),
        (None, Some(_)) => said.push("targeting put back".to_owned()),
        (Some(old), Some(new)) if old != new => said.push("targeting replaced".to_owned()),
        _ => {}
    }
    let values = |d: &Definition| d.variants.iter().map(|v| (v.name.clone(), v.raw.clone())).collect::<Vec<_>>();
    if values(old) != values(new) {
        said.push("variants replaced".to_owned());
    }
    if said.is_empty() {
        said.push("definition put back, which serves the same".to_owned());
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::served::State;
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = r#"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "other": {"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"},
    "release" : {
      "state": "ENABLED",
      "variants": { "old": 1822, "new": 1823 },
      "targeting": { "if": [ { "in": [ { "var": "host" }, [ "api-3" ] ] }, "old", null ] },
      "defaultVariant": "new"
    }
  }
}
"#;

    fn stop(variant: &str) -> Wanted {
        Wanted::Stop { variant: variant.to_owned() }
    }

    fn refused(text: &str, flag: &str, wanted: &Wanted) -> String {
        match plan(text, flag, wanted) {
            Err(Trouble::Refused(words)) => words,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn a_stop_names_the_default_and_sets_targeting_aside() {
        let got = plan(FILE, "release", &stop("old")).unwrap();
        assert_eq!((got.before.value.as_str(), got.after.value.as_str()), ("1823", "1822"));
        assert!(!got.after.targeting);
        assert_eq!(got.changes, "defaultVariant new → old, targeting set aside");
        let want = FILE
            .replace("\"defaultVariant\": \"new\"", "\"defaultVariant\": \"old\"")
            .replace("      \"targeting\": { \"if\": [ { \"in\": [ { \"var\": \"host\" }, [ \"api-3\" ] ] }, \"old\", null ] },\n", "");
        assert_eq!(got.text, want);
    }

    #[test]
    fn what_a_stop_changed_is_put_back_to_the_byte() {
        let stopped = plan(FILE, "release", &stop("old")).unwrap();
        let back = plan(&stopped.text, "release", &Wanted::Put { definition: stopped.snapshot }).unwrap();
        assert_eq!(back.text, FILE);
        assert_eq!(back.changes, "defaultVariant old → new, targeting put back");
    }

    #[test]
    fn a_disabled_flag_is_enabled_to_serve_the_stopped_value() {
        let file = r#"{"flags":{"x":{"state":"DISABLED","variants":{"on":true,"off":false}}}}"#;
        let got = plan(file, "x", &stop("off")).unwrap();
        assert_eq!(
            got.text,
            r#"{"flags":{"x":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}}}"#
        );
        assert_eq!((got.after.value.as_str(), got.after.state), ("false", State::Enabled));
        assert_eq!(got.changes, "defaultVariant the application's own default → off, state DISABLED → ENABLED");
    }

    #[test]
    fn serving_leaves_targeting_and_says_so() {
        let got = plan(FILE, "release", &Wanted::Serve { variant: "old".to_owned() }).unwrap();
        assert!(got.after.targeting && got.after.words.contains("some contexts"));
        assert_eq!(got.changes, "defaultVariant new → old");
    }

    #[test]
    fn being_there_already_is_a_plan_without_a_change() {
        let file = plan(FILE, "release", &stop("old")).unwrap().text;
        let got = plan(&file, "release", &stop("old")).unwrap();
        assert!(!got.is_change && got.text == file);
        assert_eq!(got.changes, "nothing to change: release already serves 1822 (variant old)");
    }

    #[test]
    fn both_targetings_of_a_flag_that_has_two_go() {
        let file = r#"{"flags":{"x":{"targeting":{"var":"a"},"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a","targeting":{"var":"b"}}}}"#;
        let got = plan(file, "x", &stop("a")).unwrap();
        assert_eq!(got.text, r#"{"flags":{"x":{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}}}"#);
    }

    #[test]
    fn a_repeated_flag_is_changed_where_it_counts_and_that_is_said() {
        let one = r#"{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}"#;
        let file = format!("{{\"flags\":{{\"x\":{one},\"x\":{one}}}}}");
        let got = plan(&file, "x", &stop("b")).unwrap();
        assert_eq!(got.text.matches("\"defaultVariant\":\"b\"").count(), 1);
        assert!(got.text.ends_with("\"b\"}}}") && got.changes.contains("2 times"), "{}", got.changes);
    }

    #[test]
    fn a_name_written_with_escapes_is_written_so_again() {
        let file = r#"{"flags":{"x":{"state":"ENABLED","variants":{"\u0061us":1,"b":2},"defaultVariant":"b"}}}"#;
        assert!(plan(file, "x", &stop("aus")).unwrap().text.contains(r#""defaultVariant":"\u0061us""#));
    }

    #[test]
    fn a_missing_variant_is_refused_with_those_there_are() {
        assert!(refused(FILE, "release", &stop("1821")).contains("It has: old, new."));
    }

    #[test]
    fn what_flagd_would_refuse_is_not_written() {
        for (definition, part) in [
            ("{", "is not JSON"),
            ("[]", "is not an object"),
            (r#"{"state":"ENABLED","variants":{"a":1,"b":"x"}}"#, "all number"),
            (r#"{"state":"ENABLED","variants":{"a":null}}"#, "all number"),
            (r#"{"state":"ENABLED","variants":{}}"#, "no variant"),
            (r#"{"state":"ENABLED","variants":{"":1}}"#, "no name"),
            (r#"{"state":"ENABLED","variants":{"a":1},"metadata":{"x":[]}}"#, "metadata"),
            (r#"{"state":"ENABLED","variants":{"a":1},"targeting":"a"}"#, "not an object"),
            (r#"{"state":"ENABLED","variants":{"on":true},"targeting":{"==":[1,1]}}"#, "true or false"),
            (
                r#"{"state":"ENABLED","variants":{"on":true},"targeting":{"if":[{"var":"x"},true,"on"]}}"#,
                "true or false",
            ),
        ] {
            let words = refused(FILE, "release", &Wanted::Put { definition: definition.to_owned() });
            assert!(words.contains(part) && words.contains("Nothing was changed"), "{definition}: {words}");
        }
        for definition in [r#"{"variants":{"a":1}}"#, r#"{"state":"ENABLED","variants":{"a":1},"defaultVariant":"b"}"#]
        {
            assert!(plan(FILE, "release", &Wanted::Put { definition: definition.to_owned() }).is_err());
        }
    }

    #[test]
    fn in_an_array_of_flags_a_definition_carries_its_own_key() {
        let file = r#"{"flags":[{"key":"x","state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}]}"#;
        let stopped = plan(file, "x", &stop("b")).unwrap();
        assert_eq!(plan(&stopped.text, "x", &Wanted::Put { definition: stopped.snapshot }).unwrap().text, file);
        let stranger = r#"{"key":"y","state":"ENABLED","variants":{"a":1}}"#.to_owned();
        assert!(refused(file, "x", &Wanted::Put { definition: stranger }).contains("own key"));
    }

    fn space() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["", " ", "\n  ", "\r\n\t\t", "\n"]).prop_map(str::to_owned)
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z.\\\\\"é-]{1,8}", Just("targeting".to_owned()), any::<String>().prop_map(|s| format!("n{s}"))]
    }

    /// A definition with variants `a` and `b`, its members in any order, spaced in any way.
    fn definition() -> impl Strategy<Value = String> {
        let members = (any::<bool>(), prop::option::of("[ab]"), prop::option::of(0..3_usize), name()).prop_map(
            |(enabled, default, targeting, other)| {
                let mut members = vec![
                    ("state".to_owned(), if enabled { "\"ENABLED\"" } else { "\"DISABLED\"" }.to_owned()),
                    ("variants".to_owned(), "{\"a\": \"}\", \"b\":\"\\\"{\"}".to_owned()),
                    ("metadata".to_owned(), serde_json::json!({ other: "targeting" }).to_string()),
                ];
                members.extend(default.map(|d| ("defaultVariant".to_owned(), format!("\"{d}\""))));
                let rules = ["{}", "{\"var\": [\"x\"]}", "{\"if\":[{\"var\":\"targeting\"},\"a\",null]}"];
                members.extend(targeting.map(|t| ("targeting".to_owned(), rules[t].to_owned())));
                members
            },
        );
        (members.prop_shuffle(), space(), space(), space()).prop_map(|(members, a, b, c)| {
            let body: Vec<_> = members.iter().map(|(k, v)| format!("\"{k}\"{a}:{b}{v}")).collect();
            format!("{{{c}{}{a}}}", body.join(&format!("{b},{c}")))
        })
    }

    proptest! {
        #[test]
        fn a_plan_touches_nothing_else_and_serves_what_is_wanted(
            flags in prop::collection::vec((name(), definition(), space()), 1..5),
            which in any::<prop::sample::Index>(),
            variant in "[ab]",
            for_everybody: bool,
        ) {
            let wanted_name = which.get(&flags).0.clone();
            let mut file = String::from("{ \"flags\" : {");
            let mut counts = (0, 0);
            for (at, (name, definition, space)) in flags.iter().enumerate() {
                file.push_str(if at > 0 { "," } else { "" });
                file.push_str(&format!("{space}{}: ", serde_json::to_string(name).unwrap()));
                if *name == wanted_name {
                    counts = (file.len(), file.len() + definition.len());
                }
                file.push_str(definition);
            }
            file.push_str("}, \"metadata\": {} }\n");
            let (head, tail) = (&file[..counts.0], &file[counts.1..]);

            let wanted = if for_everybody { stop(&variant) } else { Wanted::Serve { variant: variant.clone() } };
            let got = plan(&file, &wanted_name, &wanted).unwrap();
            prop_assert!(got.text.starts_with(head) && got.text.ends_with(tail), "{}", got.text);
            prop_assert_eq!(got.after.variant.as_deref(), Some(variant.as_str()));
            prop_assert_eq!(got.is_change, got.text != file);
            prop_assert!(!for_everybody || !got.after.targeting);
            prop_assert!(for_everybody || got.after.targeting == got.before.targeting);
            prop_assert!(serde_json::from_str::<Value>(&got.text).is_ok());

            let again = plan(&got.text, &wanted_name, &wanted).unwrap();
            prop_assert!(!again.is_change);
            let back = plan(&got.text, &wanted_name, &Wanted::Put { definition: got.snapshot }).unwrap();
            prop_assert_eq!(back.text, file);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}\\[\\]\":,a \\\\]{0,30}|\\PC{0,30}", flag in "\\PC{0,3}") {
            let _ = plan(&text, &flag, &stop("a"));
            let _ = plan(FILE, "release", &Wanted::Put { definition: text });
        }
    }
}
