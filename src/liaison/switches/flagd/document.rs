//! What a flagd flag file says: its flags in order, and one flag's definition with the place of each part. It must not
//! know of files or of what somebody wants to change.
//!
//! Rules as in flagd's schema (flagd.dev/schema/v0/flags.json) and in `@openfeature/flagd-core` 4.0.1, which refuses the
//! *whole* file for one flag whose state is neither word or whose default names no variant.

use super::scan::{self, Member};
use crate::incident::trouble::Trouble;
use crate::liaison::clean::clean;
use std::ops::Range;

/// The longest name or value that is shown, in characters.
const SHOWN: usize = 120;

/// A flag file, read.
pub struct Document<'t> {
    /// The file's text.
    pub text: &'t str,
    /// What the file is called in sentences.
    pub label: &'t str,
    /// The flags in file order; of a repeated name the last one counts, in the place of the first.
    pub flags: Vec<Flag>,
    /// Whether `flags` is an array whose items carry their `key`; only the flagd daemon reads that.
    pub is_array: bool,
}

/// One flag's place in the file.
pub struct Flag {
    /// Its name as written, escapes resolved; not harmless.
    pub name: String,
    /// Its definition.
    pub body: Range<usize>,
    /// How often the file has it.
    pub copies: usize,
}

/// A flag's definition.
pub struct Definition {
    /// Whether its state is ENABLED (otherwise DISABLED).
    pub enabled: bool,
    /// The variant named as default.
    pub default: Option<usize>,
    /// Whether there is a rule that may serve other variants.
    pub targeting: bool,
    /// The variants in order.
    pub variants: Vec<Variant>,
    /// All members.
    pub members: Vec<Member>,
}

/// One variant of a flag.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name, escapes resolved; not harmless.
    pub name: String,
    /// Its name as written in the file, quotes included.
    pub written: String,
    /// Its value as written.
    pub raw: String,
}

impl Variant {
    /// The value plainly, harmless: `1822`, `true`, a string without its quotes.
    pub fn shown(&self) -> String {
        match scan::string(&self.raw) {
            Some(text) => show(&text),
            None => show(&self.raw.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// A foreign name or value, harmless and short.
pub fn show(text: &str) -> String {
    clean(text, SHOWN).into_owned()
}

impl<'t> Document<'t> {
    /// Reads a flag file that sentences call `label`.
    ///
    /// # Errors
    /// [`Trouble::Garbled`] for what is empty, not JSON or not a flag file; [`Trouble::Refused`] for what is rather YAML.
    pub fn parse(label: &'t str, text: &'t str) -> Result<Document<'t>, Trouble> {
        refuse_what_is_no_json(label, text)?;
        let not_flags = || {
            Trouble::Garbled(format!(
                "{label} is JSON, but not a flag file: it has no \"flags\". No flag in it is in force, and nothing was changed. Check that the configuration names the right file."
            ))
        };
        let top = scan::whole(text).and_then(|range| scan::members(text, &range)).ok_or_else(not_flags)?;
        let flags = scan::last(&top, "flags").map(|m| m.value.clone()).ok_or_else(not_flags)?;
        let mut document = Document { text, label, flags: Vec::new(), is_array: false };
        if let Some(members) = scan::members(text, &flags) {
            document.take(members.into_iter().map(|m| (m.name, m.value)));
        } else {
            let items = scan::items(text, &flags).ok_or_else(not_flags)?;
            document.is_array = true;
            let keyed = items.into_iter().filter_map(|body| {
                let members = scan::members(text, &body)?;
                let key = scan::last(&members, "key").and_then(|m| scan::string(text.get(m.value.clone())?))?;
                Some((key, body))
            });
            document.take(keyed);
        }
        Ok(document)
    }

    fn take(&mut self, found: impl Iterator<Item = (String, Range<usize>)>) {
        let mut places = std::collections::BTreeMap::new();
        for (name, body) in found {
            let place = *places.entry(name.clone()).or_insert(self.flags.len());
            match self.flags.get_mut(place) {
                Some(flag) => {
                    flag.body = body;
                    flag.copies += 1;
                }
                None => self.flags.push(Flag { name, body, copies: 1 }),
            }
        }
    }

    /// The flag of that name: as written, or as it is shown when only one is shown so.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`] when there is none; the nearest name is offered.
    pub fn find(&self, name: &str) -> Result<&Flag, Trouble> {
        if let Some(flag) = self.flags.iter().find(|f| f.name == name) {
            return Ok(flag);
        }
        let mut alike = self.flags.iter().filter(|f| show(&f.name) == name);
        if let (Some(flag), None) = (alike.next(), alike.next()) {
            return Ok(flag);
        }
        let hint = match self.nearest(name) {
            Some(near) => format!("Did you mean {near}? Correct the name in the configuration, or add the flag."),
            None => "Correct the name in the configuration, or add the flag.".to_owned(),
        };
        Err(Trouble::Unreachable(format!(
            "{} has no flag {}. Applications use their own defaults for it, and nothing was changed. {hint}",
            self.label,
            show(name)
        )))
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let wanted = show(name);
        self.flags
            .iter()
            .take(2_000)
            .map(|f| show(&f.name))
            .map(|name| (strsim::damerau_levenshtein(&wanted, &name), name))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, name)| *distance <= 2.max(name.chars().count() / 3))
            .map(|(_, name)| name)
    }

    /// A flag's definition.
    ///
    /// # Errors
    /// [`Trouble::Garbled`] when it has no variants, its state is neither word, or its default names no variant.
    pub fn define(&self, flag: &Flag) -> Result<Definition, Trouble> {
        let broken = |what: String| {
            Trouble::Garbled(format!(
                "In {} the flag {} {what}. flagd refuses the whole file for that, so that applications keep what they were served before; nothing was changed. Correct that flag in the file first.",
                self.label,
                show(&flag.name)
            ))
        };
        let members = scan::members(self.text, &flag.body).ok_or_else(|| broken("is not an object".to_owned()))?;
        let raw = |name: &str| scan::last(&members, name).and_then(|m| self.text.get(m.value.clone()));
        let enabled = match raw("state") {
            Some("\"ENABLED\"") => true,
            Some("\"DISABLED\"") => false,
            None => return Err(broken("has no state".to_owned())),
            Some(other) => match scan::string(other).as_deref() {
                Some("ENABLED") => true,
                Some("DISABLED") => false,
                _ => return Err(broken(format!("has the state {}, neither ENABLED nor DISABLED", show(other)))),
            },
        };
        let variants = self.variants(&members).ok_or_else(|| broken("has no variants".to_owned()))?;
        let default = match raw("defaultVariant") {
            None | Some("null" | "\"\"") => None,
            Some(written) => {
                let name = scan::string(written).ok_or_else(|| broken(format!("has the default {}", show(written))))?;
                let place = variants.iter().rposition(|v| v.name == name);
                Some(place.ok_or_else(|| broken(format!("has the default {}, which is no variant", show(&name))))?)
            }
        };
        // Rules without any operator say nothing; flagd serves the default then.
        let targeting = scan::last(&members, "targeting")
            .is_some_and(|m| scan::members(self.text, &m.value).is_none_or(|rules| !rules.is_empty()))
            && raw("targeting") != Some("null");
        Ok(Definition { enabled, default, targeting, variants, members })
    }

    fn variants(&self, members: &[Member]) -> Option<Vec<Variant>> {
        let place = scan::last(members, "variants")?;
        let found = scan::members(self.text, &place.value)?;
        found
            .into_iter()
            .map(|m| {
                let written = self.text.get(m.key)?.to_owned();
                Some(Variant { name: m.name, written, raw: self.text.get(m.value)?.to_owned() })
            })
            .collect()
    }

    /// The first fault of any flag, because one is enough for flagd to refuse the file.
    ///
    /// # Errors
    /// As for [`Document::define`].
    pub fn check_all(&self) -> Result<(), Trouble> {
        self.flags.iter().try_for_each(|flag| self.define(flag).map(|_| ()))
    }
}

fn refuse_what_is_no_json(label: &str, text: &str) -> Result<(), Trouble> {
    if text.trim().is_empty() {
        return Err(Trouble::Garbled(format!(
            "{label} is empty. flagd takes that for no flags at all, so that applications use their own defaults; nothing was changed. Put the file back from version control."
        )));
    }
    if text.starts_with('\u{feff}') {
        return Err(Trouble::Garbled(format!(
            "{label} begins with a byte order mark, which JSON forbids. flagd refuses such a file, so that applications keep what they were served before; nothing was changed. Save it as UTF-8 without that mark."
        )));
    }
    let Err((line, column, what)) = scan::check(text) else { return Ok(()) };
    if !text.trim_start().starts_with(['{', '[']) {
        return Err(Trouble::Refused(format!(
            "{label} does not look like JSON; if it is YAML, flagd reads it as that only where its name ends in .yaml or .yml. Nothing was changed. Give it that name, or keep the flags as JSON."
        )));
    }
    Err(Trouble::Garbled(format!(
        "{label} is not JSON: {} at line {line}, column {column}. flagd refuses such a file, so that applications keep what they were served before; nothing was changed. Correct it there first.",
        show(&what)
    )))
}
