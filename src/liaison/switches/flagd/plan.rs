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
