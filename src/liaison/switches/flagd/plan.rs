//! What an act would do to a flag file, worked out and proven before anything is written. Pure: text in, text out. It must not know where
//! the file is.

use super::document::{Definition, Document, Variant, show};
use super::meaning::{Meaning, evaluators, named, rule};
use super::notes;
use super::targeting::{self, Place};
use super::{edit, scan, schema};
use crate::incident::switch::{Level, Plan, Share, Sight, Wanted, Whom};
use crate::incident::trouble::Trouble;

/// The flag that a switch is, by its names in the file or as they are shown.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The flag.
    pub flag: &'a str,
    /// The variant that is served after a stop.
    pub stop: &'a str,
    /// The variant that is served while nothing is stopped, where that is configured.
    pub restore: Option<&'a str>,
}

/// An act, worked out and not yet done.
pub struct Draft {
    /// What it would do. Its `before` is the flag's definition as written: for the journal, never for the screen.
    pub plan: Plan,
    /// What a look would say afterwards.
    pub sight: Sight,
    /// The whole file afterwards; equal to the file before when there is nothing to change.
    pub text: String,
}

/// A flag as it stands in a file.
pub(super) struct Stand {
    pub definition: Definition,
    pub stop: Variant,
    pub meaning: Meaning,
}

impl Stand {
    /// Reads the flag; a stopped variant that it does not have is only compared with.
    pub fn read(document: &Document<'_>, names: &Names<'_>) -> Result<Stand, Trouble> {
        let found = document.find(names.flag)?;
        let definition = document.define(found)?;
        let body = document.text.get(found.body.clone()).unwrap_or_default();
        let stop = pick(&definition, names.stop, "").cloned().unwrap_or_else(|_| {
            let written = serde_json::to_string(names.stop).unwrap_or_default();
            Variant { name: names.stop.to_owned(), raw: written.clone(), written }
        });
        let meaning = Meaning::of(document, &definition, body, &stop);
        Ok(Stand { definition, stop, meaning })
    }

    fn default(&self) -> Option<&Variant> {
        self.definition.default.and_then(|place| self.definition.variants.get(place))
    }

    /// What is served, in a few words.
    pub fn served(&self) -> String {
        self.meaning.served(&self.definition, &self.stop)
    }
}

/// What a switch is seen to serve by the text of a flag file.
///
/// # Errors
/// As for [`resolve`](super::resolve).
pub(super) fn sight(label: &str, text: &str, names: &Names<'_>) -> Result<Sight, Trouble> {
    let document = Document::parse(label, text)?;
    let stand = Stand::read(&document, names)?;
    document.check_all()?;
    Ok(stand.meaning.sight)
}

/// Works out what `wanted` does to a flag in the text of a flag file that sentences call `label`. Outside of that flag's definition every
/// byte stays.
///
/// # Errors
/// As for [`resolve`](super::resolve); [`Trouble::Refused`] when the flag would not be valid by flagd's schema, when a variant is not there,
/// when the rules of the flag leave no place for what is wanted, or when the definition to put back is none.
pub(super) fn draft(label: &str, file_text: &str, names: &Names<'_>, wanted: &Wanted) -> Result<Draft, Trouble> {
    let document = Document::parse(label, file_text)?;
    let found = document.find(names.flag)?;
    let old = Stand::read(&document, names)?;
    document.check_all()?;
    let name = show(&found.name);
    let body = file_text.get(found.body.clone()).unwrap_or_default();
    let change = Change { name: &name, body, names, old: &old };
    let new_body = match wanted {
        Wanted::Stop => change.serve(pick(&old.definition, names.stop, &name)?, None),
        Wanted::Exclude(whom) => change.exclude(whom)?,
        Wanted::Percent(share) => change.divide(*share)?,
        Wanted::Restore => change.restore()?,
        Wanted::Put(definition) => Some(acceptable(definition, &found.name, &name, document.is_array)?),
    };
    let new_body = new_body.ok_or_else(|| unproven(&name, "its definition could not be changed"))?;
    let text = edit::splice(file_text, found.body.start, found.body.end, &new_body)
        .ok_or_else(|| unproven(&name, "its place in the file was lost"))?;

    // Proof: read the result as flagd will, and compare.
    let result = Document::parse(label, &text)?;
    let new_flag = result.find(&found.name)?;
    let new = Stand::read(&result, &Names { flag: &found.name, ..*names })?;
    schema::check(&new.definition, &text, &evaluators(&result)).map_err(|why| {
        Trouble::Refused(format!(
            "{name} would not be a valid flag: {why}. Nothing was changed, because flagd can refuse the whole file for that. Correct the flag in the file first."
        ))
    })?;
    let is_change = text != file_text;
    let proven = match wanted {
        Wanted::Put(_) => text.get(new_flag.body.clone()) == Some(new_body.as_str()),
        wanted => !is_change || change.proves(&new, wanted),
    };
    if !proven {
        return Err(unproven(&name, "reading the result back does not give what is wanted"));
    }
    let mut changes = if is_change {
        describe((&old, file_text), (&new, &text), matches!(wanted, Wanted::Put(_)))
    } else {
        format!("nothing to change: {name} already {}", new.meaning.sight.words)
    };
    if found.copies > 1 {
        changes.push_str(&format!("; the file has this flag {} times, the last one counts", found.copies));
    }
    let notes = if is_change { notes::of(&document, &found.name, &old, &new, wanted) } else { Vec::new() };
    let plan = Plan {
        from: old.served(),
        to: new.served(),
        before: body.to_owned(),
        changes,
        idle: !is_change,
        notes,
        approval: None,
    };
    Ok(Draft { plan, sight: new.meaning.sight, text })
}

fn unproven(name: &str, why: &str) -> Trouble {
    Trouble::Refused(format!(
        "The change to {name} was worked out, but {why}. Nothing was changed. Change the flag in the file by hand, and report this."
    ))
}

/// The variant of that name: as written, or as shown when only one is shown so.
pub(super) fn pick<'d>(definition: &'d Definition, wanted: &str, flag: &str) -> Result<&'d Variant, Trouble> {
    if let Some(variant) = definition.variants.iter().rev().find(|v| v.name == wanted) {
        return Ok(variant);
    }
    let mut alike = definition.variants.iter().filter(|v| show(&v.name) == wanted);
    if let (Some(variant), None) = (alike.next(), alike.next()) {
        return Ok(variant);
    }
    let names = variants(definition);
    Err(Trouble::Refused(format!("{flag} has no variant {}. Nothing was changed. It has: {names}.", show(wanted))))
}

fn variants(definition: &Definition) -> String {
    let names: Vec<_> = definition.variants.iter().take(12).map(|v| show(&v.name)).collect();
    names.join(", ")
}

/// A flag that is to be changed.
struct Change<'a> {
    name: &'a str,
    body: &'a str,
    names: &'a Names<'a>,
    old: &'a Stand,
}

impl Change<'_> {
    fn refused(&self, why: &str, next: &str) -> Trouble {
        Trouble::Refused(format!("{} {why}. Nothing was changed. {next}.", self.name))
    }

    /// The definition with that variant as default, and these rules. Only what differs changes.
    fn serve(&self, variant: &Variant, rules: Option<&str>) -> Option<String> {
        let mut text = self.body.to_owned();
        if self.old.default().is_none_or(|v| v.name != variant.name) {
            text = edit::set(&text, "defaultVariant", &variant.written)?;
        }
        if !self.old.definition.enabled {
            text = edit::set(&text, "state", "\"ENABLED\"")?;
        }
        match (rules, self.old.definition.targeting) {
            (Some(rules), _) if self.old.meaning.rule.as_deref() == Some(rules) => Some(text),
            (Some(rules), _) => edit::set(&text, "targeting", rules),
            (None, true) => edit::remove(&text, "targeting"),
            (None, false) => Some(text),
        }
    }

    fn exclude(&self, whom: &Whom) -> Result<Option<String>, Trouble> {
        let stop = pick(&self.old.definition, self.names.stop, self.name)?;
        if !self.old.definition.enabled {
            let why = "is disabled: applications use their own default, and nobody can be told apart";
            return Err(self.refused(why, "Stop it for everybody, or enable it in the file first"));
        }
        let is_excluded = self.old.meaning.wrapped.as_ref().is_some_and(|wrapped| wrapped.holds(whom));
        if is_excluded || self.old.meaning.sight.level == Level::Off {
            return Ok(Some(self.body.to_owned()));
        }
        let rule = targeting::exclude(self.old.meaning.rule.as_deref(), whom, &stop.written);
        Ok(rule.and_then(|rule| edit::set(self.body, "targeting", &rule)))
    }

    fn divide(&self, share: Share) -> Result<Option<String>, Trouble> {
        let stop = pick(&self.old.definition, self.names.stop, self.name)?;
        let on = self.on()?;
        let meaning = &self.old.meaning;
        let place = meaning.place.as_ref().map_err(|why| {
            let next = "Stop it for everybody, stop it for one, or change its rules in the file";
            self.refused(&format!("cannot be given a share: its targeting {why}"), next)
        })?;
        let rule = meaning.rule.as_deref();
        let rules = match place {
            Place::Split(_, split) if split.on != on.name => {
                let why = format!(
                    "cannot be given a share: its targeting divides between {} and {}, not {}",
                    show(&split.on),
                    show(&stop.name),
                    show(&on.name)
                );
                return Err(self.refused(&why, "Correct `restore` in the configuration, or its rules in the file"));
            }
            Place::Split(_, split) if split.exact && split.share == Some(share) => rule.map(str::to_owned),
            Place::Empty(_) | Place::Behind(_) if [Share::NOBODY, Share::EVERYBODY].contains(&share) => {
                rule.map(str::to_owned)
            }
            place => Some(
                targeting::divide(rule, place, share, (&on.written, &stop.written))
                    .ok_or_else(|| unproven(self.name, "its targeting could not be changed"))?,
            ),
        };
        // whoever cannot be told apart gets the default
        let default = if share == Share::EVERYBODY { on } else { stop };
        Ok(self.serve(default, rules.as_deref()))
    }

    fn restore(&self) -> Result<Option<String>, Trouble> {
        let on = self.on()?;
        let wrapped = self.old.meaning.wrapped.as_ref();
        let rest = wrapped.zip(self.old.meaning.rule.as_deref()).and_then(|(w, rule)| rule.get(w.rest.clone()));
        let place = rest.and_then(|rest| targeting::place(rest, scan::whole(rest)?, &self.old.stop.name).ok());
        let rules = match (rest, place) {
            (Some(rest), Some(Place::Split(range, split))) if split.on == on.name => {
                edit::splice(rest, range.start, range.end, "null")
            }
            (rest, _) => rest.map(str::to_owned),
        };
        let says =
            |rules: &String| rules != "null" && !rules.trim_matches(['{', '}', ' ', '\r', '\n', '\t']).is_empty();
        Ok(self.serve(on, rules.filter(says).as_deref()))
    }

    /// The variant that is served while nothing is stopped: as configured, or the only one that it can be.
    fn on(&self) -> Result<&Variant, Trouble> {
        let definition = &self.old.definition;
        if let Some(restore) = self.names.restore {
            return pick(definition, restore, self.name);
        }
        if let Some(split) = self.old.meaning.split() {
            return pick(definition, &split.on, self.name);
        }
        let stop = &self.old.stop.name;
        let mut others = definition.variants.iter().filter(|v| v.name != *stop);
        let only = others.next().filter(|_| others.next().is_none());
        self.old.default().filter(|v| v.name != *stop).or(only).ok_or_else(|| {
            let why = format!("has more than one variant that could be served again: {}", variants(definition));
            self.refused(&why, "Name it as `restore` in the configuration")
        })
    }

    /// The result read back is what is wanted.
    fn proves(&self, new: &Stand, wanted: &Wanted) -> bool {
        let (old, definition) = (self.old, &new.definition);
        let serves = |name: &str| definition.enabled && new.default().is_some_and(|v| v.name == name);
        let on = self.on().map(|v| v.name.clone()).unwrap_or_default();
        match wanted {
            Wanted::Stop => serves(&old.stop.name) && !definition.targeting,
            Wanted::Exclude(whom) => {
                let same = definition.enabled == old.definition.enabled
                    && new.default().map(|v| &v.name) == old.default().map(|v| &v.name)
                    && new.meaning.reach == old.meaning.reach;
                let before = &old.meaning.sight.excluded;
                let kept = before.iter().all(|one| new.meaning.sight.excluded.contains(one));
                let holds = new.meaning.wrapped.as_ref().is_some_and(|wrapped| wrapped.holds(whom));
                same && kept && holds && new.meaning.sight.excluded.len() == before.len() + 1
            }
            Wanted::Percent(share) => {
                let divided = match &new.meaning.place {
                    Ok(Place::Split(_, split)) => split.on == on && split.share == Some(*share),
                    _ => [Share::NOBODY, Share::EVERYBODY].contains(share),
                };
                divided && serves(if *share == Share::EVERYBODY { &on } else { &old.stop.name })
            }
            Wanted::Restore => serves(&on) && new.meaning.sight.excluded.is_empty(),
            Wanted::Put(_) => true,
        }
    }
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

/// The change in words, from the flag before and after with the texts they stand in.
fn describe((old, old_text): (&Stand, &str), (new, new_text): (&Stand, &str), is_put: bool) -> String {
    let default = |s: &Stand| s.default().map_or_else(|| super::CODE_DEFAULT.to_owned(), |v| show(&v.name));
    let mut said = Vec::new();
    if default(old) != default(new) {
        said.push(format!("defaultVariant {} → {}", default(old), default(new)));
    }
    if old.definition.enabled != new.definition.enabled {
        let word = |s: &Stand| if s.definition.enabled { "ENABLED" } else { "DISABLED" };
        said.push(format!("state {} → {}", word(old), word(new)));
    }
    match (rule(&old.definition, old_text), rule(&new.definition, new_text)) {
        (Some(_), None) if is_put && old.meaning.is_plain() => said.extend(told(old, new)),
        (Some(_), None) => said.push("targeting set aside".to_owned()),
        (None, Some(_)) if is_put => said.push("targeting put back".to_owned()),
        (before, Some(after)) if before != Some(after) => {
            let told = told(old, new);
            if told.is_empty() {
                said.push("targeting replaced".to_owned());
            }
            said.extend(told);
        }
        _ => {}
    }
    let values = |s: &Stand| s.definition.variants.iter().map(|v| (v.name.clone(), v.raw.clone())).collect::<Vec<_>>();
    if values(old) != values(new) {
        said.push("variants replaced".to_owned());
    }
    if said.is_empty() {
        said.push("definition put back, which serves the same".to_owned());
    }
    said.join(", ")
}

/// Which exclusions and which share differ.
fn told(old: &Stand, new: &Stand) -> Vec<String> {
    let (old, new) = (&old.meaning.sight, &new.meaning.sight);
    let fresh = |these: &Sight, those: &Sight| {
        let fresh: Vec<_> = these.excluded.iter().filter(|one| !those.excluded.contains(one)).cloned().collect();
        named(&fresh)
    };
    let mut said = Vec::new();
    said.extend(fresh(new, old).map(|names| format!("{names} excluded")));
    said.extend(fresh(old, new).map(|names| format!("{names} no longer excluded")));
    if old.share != new.share {
        let word = |share: Option<Share>| share.map_or_else(|| "none".to_owned(), |share| share.to_string());
        said.push(format!("share {} → {}", word(old.share), word(new.share)));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

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

    /// What is wanted of a flag that stops with this variant.
    fn plan(text: &str, flag: &str, (stop, wanted): (&str, Wanted)) -> Result<Draft, Trouble> {
        draft("The file", text, &Names { flag, stop, restore: None }, &wanted)
    }

    fn stop(variant: &str) -> (&str, Wanted) {
        (variant, Wanted::Stop)
    }

    fn put(definition: &str) -> (&str, Wanted) {
        ("old", Wanted::Put(definition.to_owned()))
    }

    fn refused(text: &str, flag: &str, wanted: (&str, Wanted)) -> String {
        match plan(text, flag, wanted) {
            Err(Trouble::Refused(words)) => words,
            Err(other) => panic!("not refused: {other:?}"),
            Ok(draft) => panic!("not refused: {:?}", draft.plan),
        }
    }

    #[test]
    fn a_stop_names_the_default_and_sets_targeting_aside() {
        let got = plan(FILE, "release", stop("old")).unwrap();
        assert_eq!((got.plan.from.as_str(), got.plan.to.as_str()), ("1823, 1822 for host api-3", "1822"));
        assert!(!got.sight.targeting);
        assert_eq!(got.plan.changes, "defaultVariant new → old, targeting set aside");
        let want = FILE
            .replace("\"defaultVariant\": \"new\"", "\"defaultVariant\": \"old\"")
            .replace("      \"targeting\": { \"if\": [ { \"in\": [ { \"var\": \"host\" }, [ \"api-3\" ] ] }, \"old\", null ] },\n", "");
        assert_eq!(got.text, want);
    }

    #[test]
    fn what_a_stop_changed_is_put_back_to_the_byte() {
        let stopped = plan(FILE, "release", stop("old")).unwrap();
        let back = plan(&stopped.text, "release", put(&stopped.plan.before)).unwrap();
        assert_eq!(back.text, FILE);
        assert_eq!(back.plan.changes, "defaultVariant old → new, targeting put back");
    }

    #[test]
    fn a_disabled_flag_is_enabled_to_serve_the_stopped_value() {
        let file = r#"{"flags":{"x":{"state":"DISABLED","variants":{"on":true,"off":false}}}}"#;
        let got = plan(file, "x", stop("off")).unwrap();
        assert_eq!(
            got.text,
            r#"{"flags":{"x":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}}}"#
        );
        assert_eq!((got.sight.value.as_str(), got.sight.level), ("false", Level::Off));
        assert_eq!(got.plan.changes, "defaultVariant the application's own default → off, state DISABLED → ENABLED");
    }

    #[test]
    fn restoring_leaves_rules_of_others_and_says_so() {
        let got = plan(FILE, "release", ("new", Wanted::Restore)).unwrap();
        assert!(got.sight.targeting && got.sight.words.contains("some contexts"));
        assert_eq!(got.plan.changes, "defaultVariant new → old");
        assert!(got.plan.notes.iter().any(|note| note.contains("other rules stay")), "{:?}", got.plan.notes);
    }

    #[test]
    fn being_there_already_is_a_plan_without_a_change() {
        let file = plan(FILE, "release", stop("old")).unwrap().text;
        let got = plan(&file, "release", stop("old")).unwrap();
        assert!(got.plan.idle && got.text == file);
        assert_eq!(got.plan.changes, "nothing to change: release already serves 1822 (variant old)");
    }

    #[test]
    fn both_targetings_of_a_flag_that_has_two_go() {
        let file = r#"{"flags":{"x":{"targeting":{"var":"a"},"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a","targeting":{"var":"b"}}}}"#;
        let got = plan(file, "x", stop("a")).unwrap();
        assert_eq!(got.text, r#"{"flags":{"x":{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}}}"#);
    }

    #[test]
    fn a_repeated_flag_is_changed_where_it_counts_and_that_is_said() {
        let one = r#"{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}"#;
        let file = format!("{{\"flags\":{{\"x\":{one},\"x\":{one}}}}}");
        let got = plan(&file, "x", stop("b")).unwrap();
        assert_eq!(got.text.matches("\"defaultVariant\":\"b\"").count(), 1);
        assert!(got.text.ends_with("\"b\"}}}") && got.plan.changes.contains("2 times"), "{}", got.plan.changes);
    }

    #[test]
    fn a_name_written_with_escapes_is_written_so_again() {
        let file = r#"{"flags":{"x":{"state":"ENABLED","variants":{"\u0061us":1,"b":2},"defaultVariant":"b"}}}"#;
        assert!(plan(file, "x", stop("aus")).unwrap().text.contains(r#""defaultVariant":"\u0061us""#));
    }

    #[test]
    fn a_missing_variant_is_refused_with_those_there_are() {
        assert!(refused(FILE, "release", stop("1821")).contains("It has: old, new."));
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
            let words = refused(FILE, "release", put(definition));
            assert!(words.contains(part) && words.contains("Nothing was changed"), "{definition}: {words}");
        }
        for definition in [r#"{"variants":{"a":1}}"#, r#"{"state":"ENABLED","variants":{"a":1},"defaultVariant":"b"}"#]
        {
            assert!(plan(FILE, "release", put(definition)).is_err());
        }
    }

    #[test]
    fn in_an_array_of_flags_a_definition_carries_its_own_key() {
        let file = r#"{"flags":[{"key":"x","state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}]}"#;
        let stopped = plan(file, "x", stop("b")).unwrap();
        assert_eq!(plan(&stopped.text, "x", put(&stopped.plan.before)).unwrap().text, file);
        let stranger = r#"{"key":"y","state":"ENABLED","variants":{"a":1}}"#.to_owned();
        assert!(refused(file, "x", put(&stranger)).contains("own key"));
    }

    fn exclude(whom: &str) -> Wanted {
        Wanted::Exclude(Whom::parse(whom, "user").unwrap())
    }

    fn share(text: &str) -> Wanted {
        Wanted::Percent(Share::parse(text).unwrap())
    }

    fn one(definition: &str) -> String {
        format!("{{\"flags\":{{\"x\":{definition}}}}}")
    }

    #[test]
    fn a_plan_says_who_is_affected_and_what_stands_around_it() {
        let notes = |file: &str, stop: &str, wanted: Wanted| plan(file, "x", (stop, wanted)).unwrap().plan.notes;
        let flag = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#;
        let delay = super::super::notes::DELAY;
        assert_eq!(notes(&one(flag), "off", Wanted::Stop), ["everybody: true → false.", delay]);
        assert_eq!(
            notes(&one(flag), "off", exclude("customer:acme")),
            [
                "customer acme: true → false, all others as before.",
                "It holds where applications send customer with the question.",
                delay
            ]
        );
        // who takes it back is told for whom
        let without = plan(&one(flag), "x", ("off", exclude("customer:acme"))).unwrap().text;
        let two = plan(&without, "x", ("off", exclude("customer:bolt"))).unwrap().text;
        assert_eq!(
            notes(&without, "off", Wanted::Put(flag.into()))[0],
            "customer acme: false → true; everybody else stays true."
        );
        let changes = plan(&without, "x", ("off", Wanted::Put(flag.into()))).unwrap().plan.changes;
        assert_eq!(changes, "customer acme no longer excluded");
        let back = notes(&two, "off", Wanted::Put(flag.into()));
        assert_eq!(back[0], "customer acme, customer bolt: false → true; everybody else stays true.");
        let lowered = plan(&one(flag), "x", ("off", share("50"))).unwrap();
        assert_eq!(
            (lowered.plan.from.as_str(), lowered.plan.to.as_str(), lowered.plan.changes.as_str()),
            ("true", "true for 50 %, else false", "defaultVariant on → off, share none → 50 %")
        );
        assert_eq!(lowered.plan.notes[0], "50 % get true, was 100 %; all others false.");
        assert_eq!(notes(&lowered.text, "off", share("5"))[0], "5 % get true, was 50 %; all others false.");
        assert_eq!(notes(&lowered.text, "off", Wanted::Restore)[0], "everybody: false or true → true.");
        assert_eq!(lowered.sight.words, "serves false (variant off); 50 % get true");
        // a kill switch stops when it is on
        let kill = flag.replace("\"defaultVariant\":\"on\"", "\"defaultVariant\":\"off\"");
        assert_eq!(notes(&one(&kill), "on", Wanted::Stop)[0], "everybody: false → true.");
        assert_eq!(notes(&one(&kill), "on", exclude("alice"))[0], "user alice: false → true, all others as before.");
        // disabled, with neighbours that share an evaluator or break the schema
        let canary = r#"{"if":[{"$ref":"canary"},"on",null]}"#;
        let ruled = |state: &str, rules: &str| {
            let variants = r#""variants":{"on":true,"off":false}"#;
            format!(r#"{{"state":"{state}",{variants},"defaultVariant":"on","targeting":{rules}}}"#)
        };
        let flags = [ruled("DISABLED", canary), ruled("ENABLED", canary), ruled("ENABLED", r#"{"iff":[1]}"#)];
        let [x, y, z] = &flags;
        let evaluators = r#""$evaluators":{"canary":{"in":["a",["a"]]}}"#;
        let file = format!(r#"{{{evaluators},"flags":{{"x":{x},"y":{y},"z":{z}}}}}"#);
        let got = notes(&file, "off", Wanted::Stop);
        assert_eq!(got[0], "everybody: the application's own default → false.");
        for part in ["is disabled now", "rules are set aside", "evaluator with y,", "flag z is not valid"] {
            assert!(got.iter().any(|note| note.contains(part)), "{part}: {got:#?}");
        }
    }

    #[test]
    fn what_cannot_be_done_without_harm_is_refused_by_name() {
        let three = |default: &str, more: &str| {
            one(&format!(
                r#"{{"state":"ENABLED","variants":{{"a":1,"b":2,"off":0}},"defaultVariant":{default}{more}}}"#
            ))
        };
        let restored = |file: &str| refused(file, "x", ("off", Wanted::Restore));
        assert!(restored(&three("\"off\"", "")).contains("more than one variant"));
        assert!(plan(&three("\"a\"", ""), "x", ("off", Wanted::Restore)).unwrap().plan.idle);
        let disabled = three("\"a\"", "").replace("ENABLED", "DISABLED");
        assert!(refused(&disabled, "x", ("off", exclude("alice"))).contains("is disabled"));
        let rules = r#","targeting":{"if":[{"var":"beta"},"b",null]}"#;
        assert!(refused(&three("\"a\"", rules), "x", ("off", share("5"))).contains("whatever the share is"));
        let other = r#","targeting":{"fractional":[["b",50],["off",50]]}"#;
        let names = Names { flag: "x", stop: "off", restore: Some("a") };
        let file = three("\"off\"", other);
        let Err(Trouble::Refused(words)) = draft("The file", &file, &names, &share("5")) else { panic!() };
        assert!(words.contains("between b and off, not a"), "{words}");
        let gone = r#","targeting":{"if":[{"$ref":"gone"},"b",null]}"#;
        assert!(refused(&three("\"a\"", gone), "x", ("off", exclude("alice"))).contains("evaluator gone"));
        assert!(refused(&three("\"a\"", ""), "x", ("off", exclude("$flagd.x:1"))).contains("var"));
    }

    #[test]
    fn how_far_a_stop_reaches_is_told_from_all_that_can_be_served() {
        let level = |default: &str, rules: &str| {
            let rules = if rules.is_empty() { String::new() } else { format!(",\"targeting\":{rules}") };
            let file = one(&format!(
                r#"{{"state":"ENABLED","variants":{{"on":true,"off":false,"new":true}},"defaultVariant":{default}{rules}}}"#
            ));
            sight("f", &file, &Names { flag: "x", stop: "off", restore: None }).unwrap().level
        };
        assert_eq!(
            (level("\"on\"", ""), level("\"off\"", ""), level("null", "")),
            (Level::On, Level::Off, Level::Other)
        );
        let if_beta = |then: &str| format!(r#"{{"if":[{{"var":"beta"}},{then},null]}}"#);
        assert_eq!(level("\"on\"", &if_beta("\"new\"")), Level::On, "rules alone stop nobody");
        assert_eq!(level("\"on\"", &if_beta("\"off\"")), Level::Partly);
        assert_eq!(level("\"off\"", &if_beta("\"off\"")), Level::Off);
        assert_eq!(level("\"off\"", &if_beta("\"on\"")), Level::Partly);
        assert_eq!(level("\"on\"", r#"{"var":"variant"}"#), Level::Partly, "nobody knows");
        assert_eq!(level("\"on\"", r#"{"fractional":[["on",1],["off",0]]}"#), Level::On);
        assert_eq!(level("\"on\"", r#"{"fractional":[["on",0],["off",1]]}"#), Level::Partly, "some send no key");
        let alice = r#"{"if":[{"in":[{"var":"targetingKey"},["alice"]]},"off",null]}"#;
        assert_eq!(
            (level("\"on\"", alice), level("\"off\"", alice), level("null", alice)),
            (Level::Partly, Level::Off, Level::Partly)
        );
    }

    #[test]
    fn another_version_is_another_meaning_and_not_another_layout() {
        let version = |file: &str| {
            sight("f", file, &Names { flag: "release", stop: "old", restore: None }).unwrap().version.unwrap()
        };
        let now = version(FILE);
        assert_eq!(now, version(&FILE.replace('\n', "\r\n  ").replace("\"off\":false", "\"off\":true")));
        assert_ne!(now, version(&FILE.replace("api-3", "api-4")));
        let shared = |host: &str| {
            let evaluators = format!("\"$evaluators\":{{\"c\":{{\"in\":[\"{host}\",[1]]}}}},");
            FILE.replacen("\"flags\"", &format!("{evaluators}\"flags\""), 1)
                .replace("{ \"in\": [ { \"var\": \"host\" }, [ \"api-3\" ] ] }", "{\"$ref\":\"c\"}")
        };
        assert_ne!(version(&shared("a")), version(&shared("b")), "what it refers to counts");
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
            which_act in 0..5_u8,
            milli in 0..=100_000_u32,
            key in "[a-z0-9\\\\\"é]{1,5}",
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

            let other = if variant == "a" { "b" } else { "a" };
            let wanted = || match which_act {
                0 => (variant.as_str(), Wanted::Stop),
                1 => (other, Wanted::Restore),
                2 => (variant.as_str(), Wanted::Exclude(Whom { kind: "user".into(), key: key.clone() })),
                3 => (variant.as_str(), Wanted::Exclude(Whom { kind: "a.b".into(), key: key.clone() })),
                _ => (variant.as_str(), Wanted::Percent(Share::of_milli(milli).unwrap())),
            };
            let got = match plan(&file, &wanted_name, wanted()) {
                // a disabled flag has nobody to exclude, and rules can leave no place
                Err(Trouble::Refused(words)) if which_act > 1 => {
                    prop_assert!(words.contains("is disabled") || words.contains("its targeting"), "{}", words);
                    return Ok(());
                }
                got => got.unwrap(),
            };
            prop_assert!(got.text.starts_with(head) && got.text.ends_with(tail), "{}", got.text);
            if which_act <= 1 {
                prop_assert_eq!(got.sight.variant.as_deref(), Some(variant.as_str()));
            }
            prop_assert_eq!(got.plan.idle, got.text == file);
            prop_assert!(which_act > 0 || !got.sight.targeting);
            if let (_, Wanted::Percent(share)) = wanted() {
                prop_assert!(got.sight.share.is_none_or(|now| now == share));
            }
            prop_assert!(serde_json::from_str::<Value>(&got.text).is_ok());

            let again = plan(&got.text, &wanted_name, wanted()).unwrap();
            prop_assert!(again.plan.idle);
            let back = plan(&got.text, &wanted_name, put(&got.plan.before)).unwrap();
            prop_assert_eq!(back.text, file);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}\\[\\]\":,a \\\\]{0,30}|\\PC{0,30}", flag in "\\PC{0,3}") {
            let _ = plan(&text, &flag, stop("a"));
            let _ = plan(FILE, "release", put(&text));
        }
    }
}
