//! The way back to a definition that an act had found: put back as it was, or a share on the way, served where the rules that a stop set aside
//! have a place for one, so that whoever got the stopped value before the stop gets it at every step too. Pure. It must not know who goes back.

use super::document::{Document, Flag, show};
use super::plan::{Change, Names, Stand, pick, unproven};
use super::{edit, meaning, scan, targeting};
use crate::incident::switch::Share;
use crate::incident::trouble::Trouble;
use serde_json::Value;

const NEXT: &str = "Give all of it back at once, or set its rules in the file";

/// The definition that is there `now` with the rules that stood `then`, this share at their place, and without whom either leaves out.
pub(super) fn step(now: &Change<'_>, then: &Change<'_>, share: Share) -> Result<Option<String>, Trouble> {
    let stop = now.stopping()?;
    let refused = |why: &str| now.refused(&format!("cannot be given back in steps: {why}"), NEXT);
    if !now.old.definition.enabled {
        return Err(refused("it is disabled now"));
    }
    let before = &then.old.meaning;
    if before.reach.code {
        return Err(refused(&format!("before the stop some were served {}", meaning::stopped(None))));
    }
    if let Some(had) = before.reached(then.old.stop.as_ref()).filter(|had| *had < share) {
        return Err(refused(&format!("before the stop it was served to {had}, and {share} is more")));
    }
    if let Err(why) = &before.place {
        return Err(refused(&format!("its targeting of before the stop {why}")));
    }
    let (was, is) = (bare(then.old, &stop.name), bare(now.old, &stop.name));
    if !now.old.meaning.is_plain() && was != is {
        return Err(refused("its rules are others now than before the stop"));
    }
    let mut rules = then.divided(share)?;
    for whom in &now.old.meaning.sight.excluded {
        let is_out = rules.as_deref().is_some_and(|rules| {
            scan::whole(rules).is_some_and(|range| targeting::unwrap(rules, range, &stop.name).holds(whom))
        });
        if !is_out {
            let wider = targeting::exclude(rules.as_deref(), whom, &stop.written);
            rules = Some(wider.ok_or_else(|| unproven(now.name, &format!("{} was lost", show(&whom.to_string()))))?);
        }
    }
    let default = pick(&now.old.definition, &then.otherwise(share)?.name, now.name)?;
    Ok(now.serve(default, rules.as_deref()))
}

/// The flag as it stood then, in the file that there is now.
pub(super) fn stand(document: &Document<'_>, flag: &Flag, kept: &str, names: &Names<'_>) -> Result<Stand, Trouble> {
    let kept = acceptable(kept, flag, document.is_array)?;
    let text = edit::splice(document.text, flag.body.start, flag.body.end, &kept)
        .ok_or_else(|| unproven(&show(&flag.name), "its place in the file was lost"))?;
    Stand::read(&Document::parse(document.label, &text)?, &Names { flag: &flag.name, ..*names })
}

/// The result of a step has the rules that stood then, and leaves out whomever they or those of now leave out.
pub(super) fn proves(new: &Stand, now: &Stand, then: &Stand) -> bool {
    let out = |stand: &Stand| stand.meaning.sight.excluded.clone();
    let stop = new.stop.as_ref().map(|stop| stop.name.as_str()).unwrap_or_default();
    let has = out(new);
    [now, then].into_iter().flat_map(out).all(|whom| has.contains(&whom)) && bare(new, stop) == bare(then, stop)
}

/// A definition that may stand in the place of the flag: one JSON object, with the flag's own key in an array of flags.
pub(super) fn acceptable(definition: &str, flag: &Flag, is_array: bool) -> Result<String, Trouble> {
    let name = show(&flag.name);
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
    if is_array && key.as_deref() != Some(flag.name.as_str()) {
        return Err(refused("does not carry the flag's own key, which this file needs"));
    }
    Ok(text.to_owned())
}

/// Its rules without whom they leave out and without a share.
fn bare(stand: &Stand, stop: &str) -> Option<Value> {
    let Some(rule) = stand.meaning.rule.as_deref() else { return Some(Value::Null) };
    let rest = targeting::unwrap(rule, scan::whole(rule)?, stop).rest;
    targeting::without_share(rule.get(rest)?, stop)
}
