//! Who is affected by a change of a flag, and what stands around it: one short sentence each, the gravest first. Pure. It must not know
//! where the file is.

use super::document::{Document, show};
use super::meaning::{Meaning, evaluators, named, rule, value_of};
use super::plan::Stand;
use super::schema;
use crate::incident::switch::{Level, Share, Wanted, Whom};
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
        notes.push("The flag will be disabled: applications will use their own default.".to_owned());
    }
    let (had, has) = (rules(&old.meaning), rules(&new.meaning));
    if had && new.meaning.rule.is_none() {
        notes.push("Its rules are set aside; only a revert puts them back.".to_owned());
    } else if has && !matches!(wanted, Wanted::Exclude(_)) {
        notes.push("Its other rules stay: some contexts, perhaps all, may get other values.".to_owned());
    }
    if matches!(wanted, Wanted::Percent(_) | Wanted::Restore) && old.meaning.rule.is_none() && !had {
        let stopped = old.meaning.sight.level == Level::Off || !old.definition.enabled;
        notes.extend(
            stopped.then(|| "Rules that a stop set aside do not come back by this; a revert has them.".to_owned()),
        );
    }
    notes.extend(shared(document, name, old));
    notes.extend(unfit(document, name));
    notes.push(DELAY.to_owned());
    notes
}

/// It has rules that are neither an exclusion nor a share.
fn rules(meaning: &Meaning) -> bool {
    meaning.rule.is_some() && !meaning.is_plain()
}

/// Old and new value of each group of contexts.
fn affected(old: &Stand, new: &Stand, wanted: &Wanted) -> Vec<String> {
    let stop = old.stop.shown();
    let (before, after) = (old.meaning.values(&old.definition), new.meaning.values(&new.definition));
    let mut notes = Vec::new();
    match wanted {
        Wanted::Exclude(whom) => {
            let name = show(&whom.to_string());
            notes.push(format!("{name}: {before} → {stop}, all others as before."));
            let variable = show(super::targeting::variable(&whom.kind));
            notes.push(format!("It holds where applications send {variable} with the question."));
        }
        Wanted::Percent(share) if ![Share::NOBODY, Share::EVERYBODY].contains(share) => {
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
