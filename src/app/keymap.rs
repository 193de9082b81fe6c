//! Which key means which action where: the rows of `assets/keymap.toml` and of a person's own keymap over it.
//!
//! Footer, help page, palette and README are printed from here. It must not know: what an action does, whether it may be
//! done now, where the person's file lies, or how a key arrives.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::action::Action;
use super::fault::{Fault, Source};
use super::key::Key;

/// The rows that every person starts from.
pub const BUILT_IN: &str = include_str!("../../assets/keymap.toml");

/// The word that frees a key instead of naming an action.
const NOTHING: &str = "nothing";

/// The fields of a row, in the order in which the file explains them.
const FIELDS: [&str; 7] = ["on", "run", "desc", "long", "when", "danger", "footer"];

/// Where a key means something: everywhere, or only while one panel has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Everywhere, unless the focused panel has a row of its own for the key.
    Any,
    /// The timeline has the focus.
    Timeline,
    /// Switches and holds have the focus.
    Switches,
    /// The priorities have the focus.
    Priorities,
    /// The burn has the focus.
    Burn,
    /// The list of incidents is open.
    Incidents,
    /// The list of holds is open.
    Holds,
    /// The list of changes is open.
    Changes,
}

impl When {
    /// Every place, in the order of the keymap's explanation.
    pub const ALL: [When; 8] = [
        When::Any,
        When::Timeline,
        When::Switches,
        When::Priorities,
        When::Burn,
        When::Incidents,
        When::Holds,
        When::Changes,
    ];

    /// The word in `keymap.toml`.
    pub fn name(self) -> &'static str {
        match self {
            When::Any => "any",
            When::Timeline => "timeline",
            When::Switches => "switches",
            When::Priorities => "priorities",
            When::Burn => "burn",
            When::Incidents => "incidents",
            When::Holds => "holds",
            When::Changes => "changes",
        }
    }
}

/// What is said about an action, wherever it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// One or two words, for the footer and the palette.
    pub desc: String,
    /// A sentence for the help page; empty when the words say it all.
    pub long: String,
    /// It reaches the world outside: it asks before it acts, and no paste and no burst of keys may fire it.
    pub danger: bool,
    /// Its place in the footer.
    pub footer: Option<i64>,
}

/// One line of the footer, the help page or the README's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The action.
    pub action: Action,
    /// Its keys where the line was asked for, in the order of the rows; none for an action of the palette only.
    pub keys: Vec<Key>,
    /// What is said about it.
    pub about: &'a About,
}

/// The keys of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    /// In the order of the rows, which is the order of the help page; one per place and key.
    bindings: Vec<Binding>,
    about: BTreeMap<Action, About>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Binding {
    when: When,
    key: Key,
    action: Action,
}

impl Keymap {
    /// The keymap that ships with the program. A test reads it, so that it cannot fail on a person's machine.
    pub fn built_in() -> Result<Keymap, Fault> {
        Keymap::default().overlaid("keymap.toml", BUILT_IN)
    }

    /// This keymap with the rows of another file over it. Fails on the first row that cannot be used, and names it.
    pub fn overlaid(mut self, file: &str, text: &str) -> Result<Keymap, Fault> {
        let source = Source { file, text, now: "The keymap was not loaded" };
        let mut seen: Vec<(When, Key)> = Vec::new();
        for row in rows(&source, text)? {
            for (at, key) in &row.on {
                if seen.contains(&(row.when, *key)) {
                    let what = format!("`{key}` stands twice for {}", row.when.name());
                    return Err(source.fault(at.clone(), what, "Remove one of the two rows"));
                }
                seen.push((row.when, *key));
            }
            self.take(row);
        }
        Ok(self)
    }

    /// What a key means while a panel has the focus: that panel's row, else the row for everywhere.
    pub fn action(&self, focus: When, key: Key) -> Option<Action> {
        self.bound(focus, key).or_else(|| self.bound(When::Any, key))
    }

    /// The keys that mean an action while a panel has the focus.
    pub fn keys(&self, focus: When, action: Action) -> Vec<Key> {
        let here = self.bindings.iter().filter(|b| b.action == action && (b.when == focus || b.when == When::Any));
        here.map(|b| b.key).filter(|key| self.action(focus, *key) == Some(action)).collect()
    }

    /// What is said about an action. Every action of the built-in keymap has words.
    pub fn about(&self, action: Action) -> Option<&About> {
        self.about.get(&action)
    }

    /// The footer while a panel has the focus: what has a place there and a key, in that order.
    pub fn footer(&self, focus: When) -> Vec<Line<'_>> {
        let mut lines: Vec<Line<'_>> = self.lines(focus).filter(|line| !line.keys.is_empty()).collect();
        lines.retain(|line| line.about.footer.is_some());
        lines.sort_by_key(|line| line.about.footer);
        lines
    }

    /// Every action with its keys and words, in the table's order: the help page, the palette, the README.
    pub fn lines(&self, focus: When) -> impl Iterator<Item = Line<'_>> {
        let all = Action::ALL.iter();
        all.filter_map(move |action| {
            Some(Line { action: *action, keys: self.keys(focus, *action), about: self.about(*action)? })
        })
    }

    fn bound(&self, when: When, key: Key) -> Option<Action> {
        self.bindings.iter().find(|b| b.when == when && b.key == key).map(|b| b.action)
    }

    fn take(&mut self, row: Row) {
        self.bindings.retain(|b| !row.on.iter().any(|(_, key)| b.when == row.when && b.key == *key));
        let Some(action) = row.run else { return };
        let about = self.about.entry(action).or_default();
        about.desc = row.desc.unwrap_or_else(|| std::mem::take(&mut about.desc));
        about.long = row.long.unwrap_or_else(|| std::mem::take(&mut about.long));
        about.danger |= row.danger;
        about.footer = row.footer.or(about.footer);
        self.bindings.extend(row.on.into_iter().map(|(_, key)| Binding { when: row.when, key, action }));
    }
}

/// One `[[key]]` of a file, read but not yet taken in.
struct Row {
    on: Vec<(std::ops::Range<usize>, Key)>,
    /// Nothing: the keys are freed.
    run: Option<Action>,
    desc: Option<String>,
    long: Option<String>,
    when: When,
    danger: bool,
    footer: Option<i64>,
}

fn rows(source: &Source<'_>, text: &str) -> Result<Vec<Row>, Fault> {
    let table = DeTable::parse(text).map_err(|error| source.broken(&error))?;
    let mut found = Vec::new();
    for (name, value) in table.get_ref() {
        if name.get_ref() != "key" {
            return Err(source.unknown(name.span(), "a part of a keymap", name.get_ref(), ["key"]));
        }
        let rows = value.get_ref().as_array().ok_or_else(|| wrong(source, value, "rows", "[[key]]"))?;
        for row in rows.iter() {
            let fields = row.get_ref().as_table().ok_or_else(|| wrong(source, row, "a row", "[[key]]"))?;
            found.push(read_row(source, row.span(), fields)?);
        }
    }
    Ok(found)
}

fn read_row(source: &Source<'_>, at: std::ops::Range<usize>, fields: &DeTable<'_>) -> Result<Row, Fault> {
    let mut row =
        Row { on: Vec::new(), run: None, desc: None, long: None, when: When::Any, danger: false, footer: None };
    let mut runs = false;
    for (name, value) in fields {
        match name.get_ref().as_ref() {
            "on" => row.on = keys(source, value)?,
            "run" => {
                row.run = action(source, value)?;
                runs = true;
            }
            "desc" => row.desc = Some(words(source, value)?),
            "long" => row.long = Some(words(source, value)?),
            "when" => row.when = when(source, value)?,
            "danger" => {
                row.danger =
                    value.get_ref().as_bool().ok_or_else(|| wrong(source, value, "yes or no", "true or false"))?;
            }
            "footer" => row.footer = Some(whole(source, value)?),
            other => return Err(source.unknown(name.span(), "a field of a key", other, FIELDS)),
        }
    }
    if !runs {
        return Err(source.fault(at, "this row runs nothing", "Add run = \"…\" with the name of an action"));
    }
    Ok(row)
}

/// One key or several.
fn keys(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<Vec<(std::ops::Range<usize>, Key)>, Fault> {
    if let Some(several) = value.get_ref().as_array() {
        return several.iter().map(|one| key(source, one)).collect();
    }
    Ok(vec![key(source, value)?])
}

fn key(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<(std::ops::Range<usize>, Key), Fault> {
    let text = string(source, value, "a key", "on = \"n\"")?;
    let key = text.parse().map_err(|slip: super::key::NotAKey| {
        let next = slip.nearest.as_ref().map_or("Write a key as n, <enter> or <c-x>".to_owned(), |near| {
            format!("Write `{near}` if that was meant")
        });
        source.fault(value.span(), format!("`{}` is not a key", slip.text.escape_debug()), next)
    })?;
    Ok((value.span(), key))
}

fn action(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<Option<Action>, Fault> {
    let name = string(source, value, "an action", "run = \"note\"")?;
    if name == NOTHING {
        return Ok(None);
    }
    let known = Action::ALL.iter().map(|action| action.name()).chain([NOTHING]);
    Action::named(name).map(Some).ok_or_else(|| source.unknown(value.span(), "an action", name, known))
}

fn when(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<When, Fault> {
    let name = string(source, value, "a panel", "when = \"timeline\"")?;
    let found = When::ALL.into_iter().find(|when| when.name() == name);
    found.ok_or_else(|| source.unknown(value.span(), "a panel", name, When::ALL.map(When::name)))
}

fn words(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<String, Fault> {
    string(source, value, "text", "\"…\"").map(str::to_owned)
}

fn whole(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<i64, Fault> {
    let number = value.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
    number.ok_or_else(|| wrong(source, value, "a whole number", "footer = 3"))
}

fn string<'v>(
    source: &Source<'_>,
    value: &'v Spanned<DeValue<'_>>,
    kind: &str,
    example: &str,
) -> Result<&'v str, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(DeString::as_ref(text)),
        _ => Err(wrong(source, value, kind, example)),
    }
}

fn wrong(source: &Source<'_>, value: &Spanned<DeValue<'_>>, kind: &str, example: &str) -> Fault {
    source.fault(value.span(), format!("here should be {kind}"), format!("Write {example}"))
}

#[cfg(test)]
mod tests;
