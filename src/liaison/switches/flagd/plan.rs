//! What an act would do to a flag file, worked out and proven before anything is written. Pure: text in, text out. It must not know where
//! the file is.

use super::document::{Definition, Document, Variant, show};
use super::meaning::{Meaning, evaluators};
use super::notes;
use super::targeting::{self, Place};
use super::{back, edit, scan, schema};
use crate::incident::switch::{Plan, Share, Sight, Wanted, Whom};
use crate::incident::trouble::Trouble;

/// The flag that a switch is, by its names in the file or as they are shown.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The flag.
    pub flag: &'a str,
    /// The variant that is served after a stop; none where a stop disables the flag.
    pub stop: Option<&'a str>,
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
    /// The variant that stops, where one does.
    pub stop: Option<Variant>,
    pub meaning: Meaning,
}

impl Stand {
    /// Reads the flag; a stopped variant that it does not have is only compared with.
    pub fn read(document: &Document<'_>, names: &Names<'_>) -> Result<Stand, Trouble> {
        let found = document.find(names.flag)?;
        let definition = document.define(found)?;
        let body = document.text.get(found.body.clone()).unwrap_or_default();
        let stop = names.stop.map(|name| {
            pick(&definition, name, "").cloned().unwrap_or_else(|_| {
                let written = serde_json::to_string(name).unwrap_or_default();
                Variant { name: name.to_owned(), raw: written.clone(), written }
            })
        });
        let meaning = Meaning::of(document, &definition, body, stop.as_ref());
        Ok(Stand { definition, stop, meaning })
    }

    /// The variant that is served by default, as written.
    pub fn default(&self) -> Option<&Variant> {
        self.definition.default.and_then(|place| self.definition.variants.get(place))
    }

    /// What is served, in a few words.
    pub fn served(&self) -> String {
        self.meaning.served(&self.definition, self.stop.as_ref())
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
    // whoever is served as much already has no step to take
    let has = old.meaning.reached(old.stop.as_ref());
    let as_much = |share: &Share| has.map_or(old.definition.enabled, |has| has >= *share);
    let as_share = wanted.share().filter(as_much).map(Wanted::Percent);
    let wanted = as_share.as_ref().unwrap_or(wanted);
    let mut then = None;
    let new_body = match wanted {
        Wanted::Stop => match names.stop {
            Some(stop) => change.serve(pick(&old.definition, stop, &name)?, None),
            None => change.state(false),
        },
        Wanted::Exclude(whom) => change.exclude(whom)?,
        Wanted::Percent(share) => change.divide(*share)?,
        Wanted::Step(share, kept) => {
            then = Some(back::stand(&document, found, kept, names)?);
            let then = then.as_ref().unwrap_or(&old);
            back::step(&change, &Change { old: then, ..change }, *share)?
        }
        Wanted::Restore => change.restore()?,
        Wanted::Put(definition) => Some(back::acceptable(definition, found, document.is_array)?),
    };
    let new_body = new_body.ok_or_else(|| unproven(&name, "its definition could not be changed"))?;
    let text = edit::splice(file_text, found.body.start, found.body.end, &new_body)
        .ok_or_else(|| unproven(&name, "its place in the file was lost"))?;

    // Proof: read the result as flagd will, and compare.
    let result = Document::parse(label, &text)?;
    let new_flag = result.find(&found.name)?;
    let new = Stand::read(&result, &Names { flag: &found.name, ..*names })?;
    let unfit = schema::check(&new.definition, &text, &evaluators(&result)).err();
    // whoever stopped it must be able to take that back, and what an act leaves as it is keeps nobody from it
    let is_kept = new.meaning.rule == old.meaning.rule
        && unfit == schema::check(&old.definition, file_text, &evaluators(&document)).err();
    if let Some(why) = unfit.as_ref().filter(|_| !is_kept && !matches!(wanted, Wanted::Put(_))) {
        return Err(Trouble::Refused(format!(
            "{name} would not be a valid flag: {why}. Nothing was changed, because flagd can refuse the whole file for that. Correct the flag in the file first."
        )));
    }
    let is_change = text != file_text;
    let proven = match wanted {
        Wanted::Put(_) => text.get(new_flag.body.clone()) == Some(new_body.as_str()),
        wanted => !is_change || change.proves(&new, wanted) && then.is_none_or(|then| back::proves(&new, &old, &then)),
    };
    if !proven {
        return Err(unproven(&name, "reading the result back does not give what is wanted"));
    }
    let mut changes = if is_change {
        notes::describe((&old, file_text), (&new, &text), matches!(wanted, Wanted::Put(_)))
    } else {
        format!("nothing to change: {name} already {}", new.meaning.sight.words)
    };
    if found.copies > 1 {
        changes.push_str(&format!("; the file has this flag {} times, the last one counts", found.copies));
    }
    let mut notes = if is_change { notes::of(&document, &found.name, &old, &new, wanted) } else { Vec::new() };
    let unfit = unfit.filter(|_| is_change).map(|why| notes::unfit_again(&why));
    notes.splice(0..0, unfit);
    let plan = Plan {
        one: None,
        from: old.served(),
        to: new.served(),
        before: body.to_owned(),
        reach: has,
        narrows: false,
        changes,
        idle: !is_change,
        notes,
        approval: None,
        changed: None,
        critical: None,
    };
    Ok(Draft { plan, sight: new.meaning.sight, text })
}

pub(super) fn unproven(name: &str, why: &str) -> Trouble {
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

/// The states of a flag, as written.
const ENABLED: &str = "\"ENABLED\"";
const DISABLED: &str = "\"DISABLED\"";

/// A flag that is to be changed.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub name: &'a str,
    pub body: &'a str,
    pub names: &'a Names<'a>,
    pub old: &'a Stand,
}

impl Change<'_> {
    pub fn refused(&self, why: &str, next: &str) -> Trouble {
        Trouble::Refused(format!("{} {why}. Nothing was changed. {next}.", self.name))
    }

    /// The definition with that variant as default, and these rules. Only what differs changes.
    pub fn serve(&self, variant: &Variant, rules: Option<&str>) -> Option<String> {
        let mut text = self.body.to_owned();
        if self.old.default().is_none_or(|v| v.name != variant.name) {
            text = edit::set(&text, "defaultVariant", &variant.written)?;
        }
        if !self.old.definition.enabled {
            text = edit::set(&text, "state", ENABLED)?;
        }
        match (rules, self.old.definition.targeting) {
            (Some(rules), _) if self.old.meaning.rule.as_deref() == Some(rules) => Some(text),
            (Some(rules), _) => edit::set(&text, "targeting", rules),
            (None, true) => edit::remove(&text, "targeting"),
            (None, false) => Some(text),
        }
    }

    /// The definition with that state, and everything else as it is.
    fn state(&self, enabled: bool) -> Option<String> {
        match self.old.definition.enabled == enabled {
            true => Some(self.body.to_owned()),
            false => edit::set(self.body, "state", if enabled { ENABLED } else { DISABLED }),
        }
    }

    /// The variant that stops for a part of the contexts.
    pub fn stopping(&self) -> Result<&Variant, Trouble> {
        let Some(stop) = self.names.stop else {
            let why = "is stopped by disabling it, and that is for everybody";
            return Err(self.refused(why, "Stop it for everybody, or configure a variant in `stop`"));
        };
        pick(&self.old.definition, stop, self.name)
    }

    fn exclude(&self, whom: &Whom) -> Result<Option<String>, Trouble> {
        let stop = self.stopping()?;
        if !self.old.definition.enabled {
            let why = "is disabled: applications use their own default, and nobody can be told apart";
            return Err(self.refused(why, "Stop it for everybody, or enable it in the file first"));
        }
        let is_excluded = self.old.meaning.wrapped.as_ref().is_some_and(|wrapped| wrapped.holds(whom));
        if is_excluded {
            return Ok(Some(self.body.to_owned()));
        }
        let rule = targeting::exclude(self.old.meaning.rule.as_deref(), whom, &stop.written);
        Ok(rule.and_then(|rule| edit::set(self.body, "targeting", &rule)))
    }

    fn divide(&self, share: Share) -> Result<Option<String>, Trouble> {
        let rules = self.divided(share)?;
        Ok(self.serve(self.otherwise(share)?, rules.as_deref()))
    }

    /// The variant for whoever cannot be told apart while a share is served.
    pub fn otherwise(&self, share: Share) -> Result<&Variant, Trouble> {
        if share == Share::EVERYBODY { self.on() } else { self.stopping() }
    }

    /// Its rules with this share at their place.
    pub fn divided(&self, share: Share) -> Result<Option<String>, Trouble> {
        let stop = self.stopping()?;
        let on = self.on()?;
        let meaning = &self.old.meaning;
        let place = meaning.place.as_ref().map_err(|why| {
            let next = "Stop it for everybody, stop it for one, or change its rules in the file";
            self.refused(&format!("cannot be given a share: its targeting {why}"), next)
        })?;
        let rule = meaning.rule.as_deref();
        Ok(match place {
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
        })
    }

    fn restore(&self) -> Result<Option<String>, Trouble> {
        let Some(stop) = &self.old.stop else { return Ok(self.state(true)) };
        let on = self.on()?;
        let wrapped = self.old.meaning.wrapped.as_ref();
        let rest = wrapped.zip(self.old.meaning.rule.as_deref()).and_then(|(w, rule)| rule.get(w.rest.clone()));
        let place = rest.and_then(|rest| targeting::place(rest, scan::whole(rest)?, &stop.name).ok());
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
    pub fn on(&self) -> Result<&Variant, Trouble> {
        let definition = &self.old.definition;
        if let Some(restore) = self.names.restore {
            return pick(definition, restore, self.name);
        }
        if let Some(split) = self.old.meaning.split() {
            return pick(definition, &split.on, self.name);
        }
        let is_other = |v: &&Variant| self.old.stop.as_ref().is_none_or(|stop| v.name != stop.name);
        let mut others = definition.variants.iter().filter(is_other);
        let only = others.next().filter(|_| others.next().is_none());
        self.old.default().filter(is_other).or(only).ok_or_else(|| {
            let why = format!("has more than one variant that could be served again: {}", variants(definition));
            self.refused(&why, "Name it as `restore` in the configuration")
        })
    }

    /// The result read back is what is wanted.
    fn proves(&self, new: &Stand, wanted: &Wanted) -> bool {
        let (old, definition) = (self.old, &new.definition);
        let is_default = |name: &str| definition.enabled && new.default().is_some_and(|v| v.name == name);
        let stops = old.stop.as_ref().is_some_and(|stop| is_default(&stop.name));
        let on = self.on().map(|v| v.name.clone()).unwrap_or_default();
        let kept =
            || new.meaning.rule == old.meaning.rule && new.default().map(|v| &v.name) == old.default().map(|v| &v.name);
        match wanted {
            Wanted::Stop if old.stop.is_none() => !definition.enabled && kept(),
            Wanted::Restore if old.stop.is_none() => definition.enabled && kept(),
            Wanted::Stop => stops && !definition.targeting,
            Wanted::Exclude(whom) => {
                let same = definition.enabled == old.definition.enabled
                    && new.default().map(|v| &v.name) == old.default().map(|v| &v.name)
                    && new.meaning.reach == old.meaning.reach;
                let before = &old.meaning.sight.excluded;
                let kept = before.iter().all(|one| new.meaning.sight.excluded.contains(one));
                let holds = new.meaning.wrapped.as_ref().is_some_and(|wrapped| wrapped.holds(whom));
                same && kept && holds && new.meaning.sight.excluded.len() == before.len() + 1
            }
            Wanted::Percent(share) | Wanted::Step(share, _) => {
                // whom it serves, and whom not, is proven beside what was found then
                let is_step = matches!(wanted, Wanted::Step(..));
                let divided = match &new.meaning.place {
                    Ok(Place::Split(_, split)) => (is_step || split.on == on) && split.share == Some(*share),
                    _ => [Share::NOBODY, Share::EVERYBODY].contains(share),
                };
                divided
                    && match *share == Share::EVERYBODY {
                        true if is_step => definition.enabled && !stops,
                        true => is_default(&on),
                        false => stops,
                    }
            }
            Wanted::Restore => is_default(&on) && new.meaning.sight.excluded.is_empty(),
            Wanted::Put(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
