//! Reads one section after the other from the parsed file, and collects what is wrong instead of stopping at it. It must not know what an
//! option is for: the table in `options` says what may stand where.

use super::amount;
use super::options::{Item, Kind, Section};
use super::places;
use super::secret::SecretRef;
use super::trouble::{ConfigTrouble, Place, known_instead, shown};
use super::value::{is_not, ranged, said, whole};
use crate::incident::time::Span;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A text of the file with its place, so that who understands it later can still say where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where its value stands.
    pub place: Place,
    /// Its key: `slo.bad`.
    pub key: String,
}

impl Written {
    /// What is wrong with it, and what to do; both without a full stop.
    pub fn trouble(&self, what: impl Into<String>, next: impl Into<String>) -> ConfigTrouble {
        ConfigTrouble::new(self.place.clone(), self.key.clone(), what, next)
    }
}

/// One table of the file that is read as a section.
pub struct Rows<'t> {
    section: &'static Section,
    table: &'t DeTable<'t>,
    at: usize,
}

impl Rows<'_> {
    /// Whether the section says anything under a key, right or wrong.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
}

/// A file being read, and what was wrong so far.
pub struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    home: &'a Path,
    /// What was wrong so far.
    pub troubles: Vec<ConfigTrouble>,
}

impl<'a> Reader<'a> {
    /// Begins with a file's text; paths in it start at the file's own directory.
    pub fn new(path: &'a Path, text: &'a str, home: &'a Path) -> Reader<'a> {
        Reader { path, text, home, troubles: Vec::new() }
    }

    fn place(&self, byte: usize) -> Place {
        Place::in_file(self.path, self.text, byte)
    }

    fn trouble(&mut self, byte: usize, key: String, what: impl Into<String>, next: impl Into<String>) {
        let place = self.place(byte);
        self.troubles.push(ConfigTrouble::new(place, key, what, next));
    }

    /// The whole file as the top section; nothing when it is not TOML, because then every further complaint would be a guess.
    pub fn parse(&mut self, section: &'static Section, read: impl FnOnce(&mut Self, &Rows<'_>)) {
        let (tree, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            // the parser's own display quotes the line, which may hold anything
            let words: Vec<&str> = error.message().split_whitespace().collect();
            let what = format!("this is not TOML: {}", shown(&words.join(" ")));
            self.trouble(error.span().map_or(0, |s| s.start), String::new(), what, "Correct that line");
        }
        if errors.is_empty() {
            let rows = Rows { section, table: tree.get_ref(), at: 0 };
            self.check_keys(&rows);
            read(self, &rows);
        }
        self.troubles.sort();
    }

    fn check_keys(&mut self, rows: &Rows<'_>) {
        let unknown = rows.table.keys().filter(|key| !rows.section.keys().any(|known| known == key.get_ref()));
        for key in unknown {
            let word = key.get_ref();
            let header = rows.section.header();
            let wherein = if header.is_empty() { String::new() } else { format!(" in {header}") };
            let what = format!("unknown key `{}`{wherein}", shown(word));
            let next = known_instead(word, rows.section.keys());
            self.trouble(key.span().start, rows.section.path(word), what, next);
        }
    }

    fn check_required(&mut self, rows: &Rows<'_>) {
        let missing = rows.section.items.iter().filter(|item| item.required && !rows.table.contains_key(item.key));
        for item in missing {
            let what = format!("{} lacks `{}`", rows.section.header(), item.key);
            let next = format!("Add a line such as {} = {}", item.key, item.shown);
            self.trouble(rows.at, rows.section.path(item.key), what, next);
        }
    }

    /// Says that a key is missing which is needed here, although not everywhere.
    pub fn lacks(&mut self, rows: &Rows<'_>, key: &str) {
        let Some(item) = rows.section.item(key) else { return };
        let what = format!("{} lacks `{key}`", rows.section.header());
        self.trouble(rows.at, rows.section.path(key), what, format!("Add a line such as {key} = {}", item.shown));
    }

    /// Says that what stands under a key does not belong there; both sentences without a full stop.
    pub fn misplaced(&mut self, rows: &Rows<'_>, key: &str, what: String, next: &str) {
        let at = rows.table.get(key).map_or(rows.at, |value| value.span().start);
        self.trouble(at, rows.section.path(key), what, next);
    }

    /// The section of this kind inside another, if the file has it.
    pub fn inside<'t>(&mut self, rows: &'t Rows<'_>, section: &'static Section) -> Option<Rows<'t>> {
        let value = rows.table.get(section.key())?;
        let Some(table) = value.get_ref().as_table() else {
            self.not_a_section(section, value);
            return None;
        };
        let inside = Rows { section, table, at: value.span().start };
        self.check_keys(&inside);
        Some(inside)
    }

    /// Every block of this kind at the top of the file.
    pub fn each<'t>(&mut self, rows: &'t Rows<'_>, section: &'static Section) -> Vec<Rows<'t>> {
        let Some(value) = rows.table.get(section.key()) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.not_a_section(section, value);
            return Vec::new();
        };
        let mut blocks = Vec::new();
        for value in array.iter() {
            match value.get_ref().as_table() {
                Some(table) => blocks.push(Rows { section, table, at: value.span().start }),
                None => self.not_a_section(section, value),
            }
        }
        blocks.retain(|block| self.check_block(block));
        blocks
    }

    /// Checks one block; when it is of a kind we do not know, its other keys are not ours to judge.
    fn check_block(&mut self, rows: &Rows<'_>) -> bool {
        if let Some(Item { key, kind: Kind::Word(known), .. }) = rows.section.item("kind")
            && let Some(value) = rows.table.get(*key)
            && let Some(word) = value.get_ref().as_str()
            && !known.contains(&word)
        {
            let what = format!("`{}` is not a kind of {}", shown(word), rows.section.name);
            let next = format!("Write one of the known kinds: {}", known.join(", "));
            self.trouble(value.span().start, rows.section.path(key), what, next);
            return false;
        }
        self.check_keys(rows);
        self.check_required(rows);
        true
    }

    fn not_a_section(&mut self, section: &'static Section, value: &Spanned<DeValue<'_>>) {
        let what = format!("`{}` is a section, and {} stands there", section.name, said(value.get_ref()));
        let next = format!("Write {} on a line of its own, and its options below", section.header());
        self.trouble(value.span().start, section.name.to_owned(), what, next);
    }

    fn wrong(&mut self, rows: &Rows<'_>, item: &Item, value: &Spanned<DeValue<'_>>, what: &str) {
        let name = rows.section.path(item.key);
        let what = format!("`{name}` {what}");
        self.trouble(value.span().start, name, what, format!("Write {}", item.kind.wanted()));
    }

    /// Reads a value; `read` gives nothing when it is not what the option takes.
    pub(super) fn get<T>(
        &mut self,
        rows: &Rows<'_>,
        key: &str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        let item = rows.section.item(key)?;
        let value = rows.table.get(key)?;
        match read(value.get_ref()) {
            Ok(read) => Some(read),
            Err(what) => {
                self.wrong(rows, item, value, &what);
                None
            }
        }
    }

    /// A text with its place. Control characters other than line breaks are refused: none belongs into a name, a filter or a title.
    pub fn text(&mut self, rows: &Rows<'_>, key: &str) -> Option<Written> {
        let text = self.get(rows, key, |value| {
            let text = value.as_str().ok_or_else(|| is_not(value))?;
            match text {
                _ if text.trim().is_empty() => Err("is empty".to_owned()),
                _ if text.chars().any(char::is_control) => Err("holds a control character".to_owned()),
                _ => Ok(text.to_owned()),
            }
        })?;
        let place = self.place(rows.table.get(key).map_or(rows.at, |value| value.span().start));
        Some(Written { text, place, key: rows.section.path(key) })
    }

    /// One short word, as [`Kind::Label`] wants it.
    pub fn label(&mut self, rows: &Rows<'_>, key: &str) -> Option<String> {
        self.get(rows, key, |value| {
            let text = value.as_str().ok_or_else(|| is_not(value))?;
            let fits = (1..=12).contains(&text.chars().count()) && text.chars().all(char::is_alphabetic);
            if fits { Ok(text.to_owned()) } else { Err(format!("is `{}`", shown(text))) }
        })
    }

    /// A name that no other block of its kind has.
    pub fn name(&mut self, rows: &Rows<'_>, taken: &mut BTreeMap<String, Place>) -> Option<String> {
        let written = self.text(rows, "name")?;
        if !is_name(&written.text) {
            let what = format!("`{}` is not a name", shown(&written.text));
            self.troubles.push(written.trouble(what, format!("Write {}", Kind::Name.wanted())));
            return None;
        }
        if let Some(first) = taken.get(&written.text) {
            let line = first.line().unwrap_or_default();
            let what = format!("the name `{}` stands on line {line} already", written.text);
            self.troubles.push(written.trouble(what, format!("Give one {} another name", rows.section.name)));
            return None;
        }
        taken.insert(written.text.clone(), written.place);
        Some(written.text)
    }

    /// A path, made whole.
    pub fn path(&mut self, rows: &Rows<'_>, key: &str) -> Option<PathBuf> {
        let (home, base) = (self.home, self.path.parent());
        self.get(rows, key, |value| {
            let written = value.as_str().ok_or_else(|| is_not(value))?;
            places::expand(written, home, base).map_err(|why| format!("is of no use: {why}"))
        })
    }

    /// `true` or `false`.
    pub fn switch(&mut self, rows: &Rows<'_>, key: &str) -> Option<bool> {
        self.get(rows, key, |value| value.as_bool().ok_or_else(|| is_not(value)))
    }

    /// Minutes of the hour, sorted, each once.
    pub fn minutes(&mut self, rows: &Rows<'_>, key: &str) -> Option<Vec<u8>> {
        self.get(rows, key, |value| {
            let list = value.as_array().ok_or_else(|| is_not(value))?;
            let mut minutes = Vec::new();
            for value in list.iter() {
                let number = value.get_ref().as_integer().ok_or_else(|| format!("holds {}", said(value.get_ref())))?;
                match whole(number).and_then(|n| u8::try_from(n).ok()) {
                    Some(minute) if minute < 60 => minutes.push(minute),
                    _ => return Err(format!("holds {}, which is no minute of the hour", shown(&number.to_string()))),
                }
            }
            minutes.sort_unstable();
            minutes.dedup();
            Ok(minutes)
        })
    }

    /// A number of minutes from 1 to 240; `Some(None)` when the file says `"none"`.
    pub fn within(&mut self, rows: &Rows<'_>, key: &str) -> Option<Option<u8>> {
        self.get(rows, key, |value| match (value.as_integer(), value.as_str()) {
            (_, Some("none")) => Ok(None),
            (Some(number), _) => ranged(number, 1..=240).map(Some),
            _ => Err(is_not(value)),
        })
    }

    /// A number of events, from 1 to a million.
    pub fn count(&mut self, rows: &Rows<'_>, key: &str) -> Option<u64> {
        self.get(rows, key, |value| {
            value.as_integer().ok_or_else(|| is_not(value)).and_then(|number| ranged(number, 1..=1_000_000))
        })
    }

    /// A length of time within limits; the limits are said as people write them.
    pub fn length(&mut self, rows: &Rows<'_>, key: &str, least: &str, most: &str) -> Option<Span> {
        self.get(rows, key, |value| {
            let written = value.as_str().ok_or_else(|| is_not(value))?;
            let span = amount::length(written)
                .ok_or_else(|| format!("is `{}`, which is no length of time", shown(written)))?;
            let inside =
                amount::length(least).is_none_or(|l| span >= l) && amount::length(most).is_none_or(|m| span <= m);
            if inside {
                Ok(span)
            } else {
                Err(format!("is `{}`, and it must lie between {least} and {most}", shown(written)))
            }
        })
    }

    /// A percentage as integers per million; written as a number or in quotes.
    pub fn percent(&mut self, rows: &Rows<'_>, key: &str) -> Option<u32> {
        self.share(rows, key, |text| amount::percent(text).ok_or_else(String::new))
    }

    /// A percentage, as `read` understands it; what it says against one follows what was written.
    pub fn share(&mut self, rows: &Rows<'_>, key: &str, read: impl FnOnce(&str) -> Result<u32, String>) -> Option<u32> {
        self.get(rows, key, |value| {
            let written = match value {
                DeValue::String(text) => text.to_string(),
                DeValue::Float(float) => float.to_string(),
                DeValue::Integer(integer) => integer.to_string(),
                _ => return Err(is_not(value)),
            };
            read(&written).map_err(|more| format!("is `{}`{more}", shown(&written)))
        })
    }

    /// An address of the web, without a slash at its end.
    pub fn address(&mut self, rows: &Rows<'_>, key: &str) -> Option<String> {
        self.get(rows, key, |value| {
            let text = value.as_str().ok_or_else(|| is_not(value))?.trim_end_matches('/');
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
            match host {
                _ if text.chars().any(|c| c.is_control() || c.is_whitespace()) => Err("holds a blank".to_owned()),
                None => Err(format!("is `{}`, which does not begin with https://", shown(text))),
                Some("") => Err("names no host".to_owned()),
                Some(host) if host.contains('@') => Err("holds a user or a password".to_owned()),
                Some(_) if text.contains(['?', '#']) => Err("holds a question mark or a hash".to_owned()),
                Some(_) => Ok(text.to_owned()),
            }
        })
    }

    /// Where a secret is found.
    pub fn secret(&mut self, rows: &Rows<'_>, key: &str) -> Option<SecretRef> {
        let (home, base) = (self.home, self.path.parent());
        self.get(rows, key, |value| {
            // what stands there instead may be the secret itself, so it is never repeated
            let table = value.as_table().ok_or_else(|| is_not(value))?;
            let mut entries = table.iter();
            let (Some((name, value)), None) = (entries.next(), entries.next()) else {
                return Err("must say one place".to_owned());
            };
            let text = || value.get_ref().as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            let no_text = || format!("says {} under `{}`", said(value.get_ref()), shown(name.get_ref()));
            match name.get_ref().as_ref() {
                "env" => text().map(SecretRef::Variable).ok_or_else(no_text),
                "file" => {
                    let written = text().ok_or_else(no_text)?;
                    let path = places::expand(&written, home, base);
                    path.map(SecretRef::File).map_err(|why| format!("names a file of no use: {why}"))
                }
                "command" => {
                    let words = value.get_ref().as_array().ok_or_else(no_text)?;
                    let words: Option<Vec<String>> =
                        words.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
                    match words.filter(|words| words.first().is_some_and(|first| !first.is_empty())) {
                        Some(words) => Ok(SecretRef::Command(words)),
                        None => Err("has a command that is no list of texts".to_owned()),
                    }
                }
                other => Err(format!("says `{}`, which is no place", shown(other))),
            }
        })
    }

    /// One word of a list.
    pub fn word(&mut self, rows: &Rows<'_>, key: &str) -> Option<&'static str> {
        let Some(Item { kind: Kind::Word(known), .. }) = rows.section.item(key) else { return None };
        let written = self.text(rows, key)?;
        let found = known.iter().copied().find(|word| *word == written.text);
        if found.is_none() {
            let what = format!("`{}` is not a {key}", shown(&written.text));
            self.troubles.push(written.trouble(what, known_instead(&written.text, known.iter().copied())));
        }
        found
    }
}

/// A name as [`Kind::Name`] wants it.
fn is_name(text: &str) -> bool {
    let fits = (1..=40).contains(&text.len());
    fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}
