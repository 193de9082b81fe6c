//! A flag file in YAML, read as flagd does and changed so that comments and layout stay: its twin in JSON is what everything is worked out on, and
//! what differs afterwards in one flag is written back in its place. It must not know what a flag's parts mean.
//!
//! flagd takes a file for YAML by its name, reads it with `gopkg.in/yaml.v3` and makes JSON of it (core/pkg/utils/convert_to_json.go, yaml.go).
//! What readers of YAML understand in different ways is refused with its line instead of guessed: anchors, tags, numbers that are not JSON's, dates.

mod tree;

use super::document::{Document, show};
use super::plan::{self, Draft, Names};
use crate::incident::switch::{Sight, Wanted};
use crate::incident::trouble::Trouble;
use serde_json::Value;
use std::ops::Range;
use std::path::Path;
use tree::{Member, Node, What};

/// A file in YAML, read.
pub struct Yaml<'t> {
    label: &'t str,
    text: &'t str,
    root: Node,
}

/// flagd takes it for YAML.
pub fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// As [`plan::draft`], for a file in YAML: the text is YAML, and so is the definition that is kept.
///
/// # Errors
/// As there; [`Trouble::Garbled`] for what is no YAML, [`Trouble::Refused`] for what cannot be changed with its layout kept.
pub fn draft(label: &str, text: &str, names: &Names<'_>, wanted: &Wanted) -> Result<Draft, Trouble> {
    let yaml = Yaml::parse(label, text)?;
    let twin = yaml.twin();
    let put = if let Wanted::Put(definition) = wanted { Some(definition.as_str()) } else { None };
    let wanted = match wanted {
        Wanted::Put(definition) => Wanted::Put(as_json(definition)),
        Wanted::Step(share, definition) => Wanted::Step(*share, as_json(definition)),
        wanted => wanted.clone(),
    };
    let mut draft = plan::draft(label, &twin, names, &wanted)?;
    let flag = Document::parse(label, &twin)?.find(names.flag)?.name.clone();
    draft.plan.before = yaml.kept(&flag).unwrap_or_default();
    draft.text = if draft.plan.idle { text.to_owned() } else { yaml.with(&flag, &draft.text, put)? };
    Ok(draft)
}

/// As [`plan::sight`], for a file in YAML.
///
/// # Errors
/// As there; [`Trouble::Garbled`] for what is no YAML.
pub fn sight(label: &str, text: &str, names: &Names<'_>) -> Result<Sight, Trouble> {
    plan::sight(label, &Yaml::parse(label, text)?.twin(), names)
}

/// A definition that was kept, in JSON; what is no YAML stays as it is.
pub fn as_json(definition: &str) -> String {
    tree::read(definition).map_or_else(|_| definition.to_owned(), |root| root.json())
}

impl<'t> Yaml<'t> {
    /// Reads a file that sentences call `label`.
    ///
    /// # Errors
    /// [`Trouble::Garbled`] for what is no YAML that flagd understands as we do: what, and in which line.
    pub fn parse(label: &'t str, text: &'t str) -> Result<Yaml<'t>, Trouble> {
        if text.trim().is_empty() {
            // the words for a file without anything are the same
            Document::parse(label, text)?;
        }
        let root = tree::read(text).map_err(|odd| {
            Trouble::Garbled(format!(
                "{label} cannot be read as YAML: {} in line {}. Nothing was changed. {}",
                show(&odd.what),
                odd.line,
                odd.next
            ))
        })?;
        Ok(Yaml { label, text, root })
    }

    /// The same in JSON.
    pub fn twin(&self) -> String {
        self.root.json()
    }

    fn flag(&self, name: &str) -> Option<&Node> {
        let flags = &self.root.member("flags")?.value;
        match &flags.what {
            What::Map(_) => flags.member(name).map(|member| &member.value),
            What::List(items) => items.iter().find(|item| {
                item.member("key")
                    .is_some_and(|key| serde_json::from_str::<String>(&key.value.json()).is_ok_and(|key| key == name))
            }),
            What::Scalar(..) => None,
        }
    }

    /// A flag's definition as written, to be kept: it can be read alone, because its first line is indented as it stands in the file.
    fn kept(&self, flag: &str) -> Option<String> {
        let node = self.flag(flag)?;
        let written = self.text.get(self.lines_of(node))?;
        Some(format!("{}{written}", " ".repeat(if node.block { node.column } else { 0 })))
    }

    /// A node with what else stands in its last line, where it is a block.
    fn lines_of(&self, node: &Node) -> Range<usize> {
        let end = if node.block { self.line_end(node.range.end) } else { node.range.end };
        node.range.start..end
    }

    /// Where the line of a place ends, its break not included.
    fn line_end(&self, place: usize) -> usize {
        // a text block ends with its line
        if place > 0 && self.text.as_bytes().get(place - 1) == Some(&b'\n') {
            return self.text.get(..place).map_or(place, |before| before.trim_end_matches(['\r', '\n']).len());
        }
        let rest = self.text.get(place..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        place + line.trim_end_matches('\r').len()
    }

    /// The whole text with one flag as the twin has it now. A definition that is put back as it was kept stands as it stood.
    fn with(&self, flag: &str, twin: &str, put: Option<&str>) -> Result<String, Trouble> {
        let unkept = || {
            Trouble::Refused(format!(
                "{} cannot be changed for {}: its comments and layout would not stay. Nothing was changed. Write the parts of that flag one below the other, or change it in the file by hand.",
                self.label,
                show(flag)
            ))
        };
        let wanted: Value = serde_json::from_str(twin).map_err(|_| unkept())?;
        let is_wanted = |text: &String| {
            tree::read(text)
                .is_ok_and(|root| serde_json::from_str::<Value>(&root.json()).is_ok_and(|now| now == wanted))
        };
        let node = self.flag(flag).ok_or_else(unkept)?;
        let as_it_stood = put.and_then(|kept| self.put_back(node, kept)).filter(is_wanted);
        let document = Document::parse(self.label, twin)?;
        let body = document.find(flag).ok().and_then(|flag| twin.get(flag.body.clone()));
        let body: Value = body.and_then(|body| serde_json::from_str(body).ok()).ok_or_else(unkept)?;
        // whatever was written, it says what is wanted, or nothing is changed
        as_it_stood.or_else(|| self.rewritten(node, &body).filter(is_wanted)).ok_or_else(unkept)
    }

    fn put_back(&self, node: &Node, kept: &str) -> Option<String> {
        let indented = kept.len() - kept.trim_start_matches(' ').len();
        let fits = if node.block { indented == node.column } else { indented == 0 };
        let range = self.lines_of(node);
        fits.then(|| super::edit::splice(self.text, range.start, range.end, kept.trim_start_matches(' '))).flatten()
    }

    /// The text with the members of one map as they are in a value: what is the same stays as it is written.
    fn rewritten(&self, node: &Node, value: &Value) -> Option<String> {
        let What::Map(members) = &node.what else { return None };
        let value = value.as_object()?;
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for (place, member) in members.iter().enumerate() {
            match value.get(&member.name) {
                None => edits.push((self.whole(node, place)?, String::new())),
                Some(new) if serde_json::from_str::<Value>(&member.value.json()).is_ok_and(|old| old == *new) => {}
                Some(new) => edits.push(self.replaced(member, new)?),
            }
        }
        let new: Vec<String> = value
            .iter()
            .filter(|(name, _)| !members.iter().any(|member| member.name == **name))
            .map(|(name, value)| {
                format!(
                    "{}: {}",
                    tree::plain(name).unwrap_or_else(|| Value::from(name.as_str()).to_string()),
                    tree::flow(value)
                )
            })
            .collect();
        let last = members.last()?;
        if !new.is_empty() && node.block {
            let indent = " ".repeat(node.column);
            let line_break = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
            let end = self.line_end(last.value.range.end.max(last.key.end));
            let lines: String = new.iter().map(|line| format!("{line_break}{indent}{line}")).collect();
            edits.push((end..end, lines));
        } else if !new.is_empty() {
            let end = last.value.range.end;
            edits.push((end..end, new.iter().map(|one| format!(", {one}")).collect()));
        }
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = self.text.to_owned();
        for (range, with) in edits {
            text = super::edit::splice(&text, range.start, range.end, &with)?;
        }
        Some(text)
    }

    /// What is to stand in place of a member's value.
    fn replaced(&self, member: &Member, new: &Value) -> Option<(Range<usize>, String)> {
        let old = &member.value;
        let written = self.text.get(old.range.clone())?;
        // where a value begins in the next line, or none is written, all behind the colon goes
        if old.block || written.is_empty() {
            let colon = member.key.end + self.text.get(member.key.end..)?.find(':')?;
            return Some((colon + 1..old.range.end.max(colon + 1), format!(" {}", tree::flow(new))));
        }
        let text = new.as_str();
        let alike = match written.chars().next() {
            Some('\'') => text.filter(|text| !text.contains(['\'', '\n'])).map(|text| format!("'{text}'")),
            Some('"' | '{' | '[') => None,
            _ => text.and_then(tree::plain),
        };
        Some((old.range.clone(), alike.unwrap_or_else(|| tree::flow(new))))
    }

    /// A member with all that belongs to it: its lines, or its place between commas. None where something else stands in its lines.
    fn whole(&self, node: &Node, place: usize) -> Option<Range<usize>> {
        let What::Map(members) = &node.what else { return None };
        let member = members.get(place)?;
        let end = member.value.range.end.max(member.key.end);
        if !node.block {
            return Some(match (members.get(place + 1), place.checked_sub(1).and_then(|before| members.get(before))) {
                (Some(next), _) => member.key.start..next.key.start,
                (None, Some(before)) => before.value.range.end..end,
                (None, None) => member.key.start..end,
            });
        }
        let start = self.text.get(..member.key.start)?.rfind('\n').map_or(0, |at| at + 1);
        let alone = self.text.get(start..member.key.start)?.bytes().all(|byte| byte == b' ');
        let after = self.line_end(end);
        let rest = self.text.get(after..)?;
        let line_break = rest.len() - rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n').unwrap_or(rest).len();
        alone.then_some(start..after + line_break)
    }
}

#[cfg(test)]
mod tests;
