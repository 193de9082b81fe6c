//! Who is affected by a change of a flag, and what stands around it: one short sentence each, the gravest first. Pure. It must not know
//! where the file is.

use super::document::{Document, show};
use super::meaning::{Meaning, evaluators, named, rule, stopped, value_of};
use super::plan::Stand;
use super::schema;
use crate::incident::switch::{Level, Share, Sight, Wanted, Whom};
use serde_json::Value;

/// How soon a change reaches applications.
pub(super) const DELAY: &str = "flagd follows at once, its JavaScript reader within 5 s, its Python reader within 1 s.";

/// What is to be known about a change of the flag `name` of a file, from the flag before and after.
pub(super) fn of(document: &Document<'_>, name: &str, old: &Stand, new: &Stand, wanted: &Wanted) -> Vec<String> {
    let mut notes = affected(old, new, wanted);
    if !old.definition.enabled {
        notes.push("The flag is disabled now: applications use their own default, whatever that is.".to_owned());
    }
    if !new.definition.enabled {
        notes.push(
            "The flag will be disabled: each application serves the default in its own code, which may be on."
                .to_owned(),
        );
    }
    let (had, has) = (rules(&old.meaning), rules(&new.meaning));
    if had && new.meaning.rule.is_none() {
        notes.push("Its rules are set aside; only a revert puts them back.".to_owned());
    } else if has && new.definition.enabled && !matches!(wanted, Wanted::Exclude(_)) {
        notes.push(match &new.meaning.sight.by_rule {
            Some(others) => format!("Its other rules stay: some contexts, perhaps all, get {others}."),
            None => "Its other rules stay, and serve nothing else.".to_owned(),
        });
    }
    let stop = stopped(old.stop.as_ref());
    if let Some(others) = old.meaning.sight.by_rule.as_ref().filter(|_| old.meaning.sight.value == stop)
        && *wanted == Wanted::Restore
    {
        let on = &new.meaning.sight.value;
        notes.insert(
            0,
            format!("No stop is to be seen: rules serve {others} to some, and all others would get {on} as well."),
        );
    }
    if matches!(wanted, Wanted::Step(..)) && has {
        notes.push("Its rules and exclusions of before the stop hold at this step too.".to_owned());
    } else if matches!(wanted, Wanted::Percent(_) | Wanted::Restore) && old.meaning.rule.is_none() && !had {
        let is_stopped = old.meaning.sight.level == Level::Off || !old.definition.enabled;
        notes.extend(
            (is_stopped && old.stop.is_some())
                .then(|| "Rules that a stop set aside do not come back by this; a revert has them.".to_owned()),
        );
    }
    notes.extend(shared(document, name, old));
    notes.extend(unfit(document, name));
    notes.push(DELAY.to_owned());
    notes
}

/// It is not as flagd's schema has it, and was not before.
pub(super) fn unfit_again(why: &str) -> String {
    format!(
        "By flagd's schema it is not valid, and was not before: {why}. A strict reader may refuse the whole file, and this change with it."
    )
}

/// The change in words, from the flag before and after with the texts they stand in.
pub(super) fn describe((old, old_text): (&Stand, &str), (new, new_text): (&Stand, &str), is_put: bool) -> String {
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

/// It has rules that are neither an exclusion nor a share.
fn rules(meaning: &Meaning) -> bool {
    meaning.rule.is_some() && !meaning.is_plain()
}

/// Old and new value of each group of contexts.
fn affected(old: &Stand, new: &Stand, wanted: &Wanted) -> Vec<String> {
    let stop = stopped(old.stop.as_ref());
    let (before, after) = (old.meaning.values(&old.definition), new.meaning.values(&new.definition));
    let mut notes = Vec::new();
    match wanted {
        Wanted::Exclude(whom) => {
            let name = show(&whom.to_string());
            notes.push(format!("{name}: {before} → {stop}, all others as before."));
            let variable = show(super::targeting::variable(&whom.kind));
            notes.push(format!("It holds where applications send {variable} with the question."));
        }
        Wanted::Percent(share) | Wanted::Step(share, _) if ![Share::NOBODY, Share::EVERYBODY].contains(share) => {
            let split = new.meaning.split();
            let on = split.map_or_else(|| after.clone(), |split| value_of(&new.definition, &split.on));
            let was = match (old.meaning.sight.share, old.meaning.sight.level) {
                (Some(was), _) => format!("was {was}"),
                (None, Level::On) => "was 100 %".to_owned(),
                (None, Level::Off) => "was nobody".to_owned(),
                (None, _) => format!("before {before}"),
            };
            notes.push(format!("{share} get {on}, {was}; all others {stop}."));
            if split.is_some_and(|split| !split.bucket) {
                notes.push(format!("Who sends no targetingKey gets {stop}."));
            }
        }
        _ => {
            let (had, has) = (&old.meaning.sight, &new.meaning.sight);
            let differ = |these: &[Whom], those: &[Whom]| {
                let fresh: Vec<Whom> = these.iter().filter(|one| !those.contains(one)).cloned().collect();
                named(&fresh)
            };
            let gone = differ(&had.excluded, &has.excluded).filter(|_| has.level != Level::Off);
            let come = differ(&has.excluded, &had.excluded);
            let one = gone.as_ref().map(|names| format!("{names}: {stop} → {after}"));
            let other = come.as_ref().map(|names| format!("{names}: {before} → {stop}"));
            let some: Vec<String> = one.into_iter().chain(other).collect();
            let is_same = before == after && had.share == has.share;
            match (is_same, some.is_empty()) {
                // whoever takes an exclusion back wants to know for whom, and that the others notice nothing
                (true, false) if new.meaning.is_plain() && has.share.is_none() => {
                    notes.push(format!("{}; everybody else stays {after}.", some.join("; ")));
                }
                (true, false) => notes.push(format!("{}; all others as before.", some.join("; "))),
                (true, true) => notes.push(format!("all without a rule of their own stay {after}.")),
                (false, _) => notes.push(format!("everybody: {before} → {after}.")),
            }
            if let Some(share) = has.share.filter(|_| has.share != had.share) {
                notes.push(format!("{share} get what is served while nothing is stopped."));
            }
            if !is_same {
                notes.extend(gone.map(|names| format!("{names}: {stop} → {after}.")));
                notes.extend(come.map(|names| format!("{names}: excluded, {stop}.")));
            }
        }
    }
    notes
}

/// Other flags that refer to the same evaluators: they stay as they are.
fn shared(document: &Document<'_>, name: &str, old: &Stand) -> Option<String> {
    let read =
        |rule: &str| serde_json::from_str::<Value>(rule).map(|rule| schema::references(&rule)).unwrap_or_default();
    let ours = old.meaning.rule.as_deref().map(read)?;
    let others = document.flags.iter().filter(|flag| flag.name != name).filter(|flag| {
        let theirs = document.define(flag).ok();
        let theirs = theirs.and_then(|d| rule(&d, document.text).map(read)).unwrap_or_default();
        theirs.iter().any(|one| ours.contains(one))
    });
    let others: Vec<_> = others.map(|flag| show(&flag.name)).collect();
    let shown = others.get(..others.len().min(3))?.join(", ");
    let more = if others.len() > 3 { format!(" and {} more", others.len() - 3) } else { String::new() };
    (!others.is_empty()).then(|| format!("Shares an evaluator with {shown}{more}, which stay as they are."))
}

/// What makes a strict reader refuse the whole file, in this flag's neighbours or the evaluators.
fn unfit(document: &Document<'_>, name: &str) -> Option<String> {
    let all = evaluators(document);
    let evaluator = all
        .iter()
        .find_map(|(key, rule)| schema::targeting(rule).err().map(|_| format!("the evaluator {}", show(key))));
    let flag = || {
        document.flags.iter().filter(|flag| flag.name != name).find_map(|flag| {
            let definition = document.define(flag).ok()?;
            schema::check(&definition, document.text, &all).err().map(|_| format!("the flag {}", show(&flag.name)))
        })
    };
    let what = evaluator.or_else(flag)?;
    Some(format!(
        "By flagd's schema {what} is not valid: a strict reader may refuse the whole file, and this change with it."
    ))
}
