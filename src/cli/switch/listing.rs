//! The flags that configured providers and flag files have, whether they are switches here or not, and how one that is not becomes one. It never says
//! what stops a flag: its polarity is nobody's to guess. It must not know how any is reached.

use super::super::desk::{Desk, Io};
use super::super::fault::Fault;
use super::super::paper;
use super::fault;
use crate::config::providers::Provider;
use crate::config::switches::{Switch, SwitchKind};
use crate::incident::listed::{Listed, Listing};
use crate::incident::trouble::Trouble;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Of so many flags that are no switches the lines are told that would make them some.
const TOLD: usize = 5;

/// The longest name of a flag that is shown whole.
const NAME: usize = 200;

/// The longest line of the configuration that is shown whole.
const LINE: usize = 300;

/// A flag's name as it can be shown, and what has to be said of it so that it is taken for no other.
fn named(key: &str) -> (String, Option<String>) {
    let name = paper::line(key, NAME);
    let is_whole = paper::line(key, key.len()) == key;
    let words = match is_whole {
        true if name == key => None,
        true => Some("its name is longer".to_owned()),
        false => Some(format!("its name holds characters that cannot be shown: {}", paper::line(&spelled(key), NAME))),
    };
    (name, words)
}

/// A name with what cannot be shown spelt as JSON spells it.
fn spelled(key: &str) -> String {
    let mut text = String::new();
    for c in key.chars() {
        let alone = c.to_string();
        if c == ' ' || paper::line(&alone, 1) == alone {
            text.push(c);
            continue;
        }
        let mut units = [0; 2];
        text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
    }
    format!("\"{text}\"")
}

/// Whoever has flags.
enum Owner {
    Provider(Provider),
    File(PathBuf),
}

impl Owner {
    fn all(desk: &Desk) -> Vec<Owner> {
        let mut all: Vec<Owner> = desk.config.providers.iter().cloned().map(Owner::Provider).collect();
        let mut files: Vec<&PathBuf> = Vec::new();
        for switch in &desk.config.switches {
            if let SwitchKind::Flagd { file, .. } = &switch.kind
                && !files.contains(&file)
            {
                files.push(file);
            }
        }
        all.extend(files.into_iter().cloned().map(Owner::File));
        all
    }

    fn name(&self) -> String {
        match self {
            Owner::Provider(provider) => {
                let Provider { name, project, environment, .. } = provider;
                format!("{name} ({}, project {project}, {environment})", provider.kind.word())
            }
            Owner::File(file) => file.display().to_string(),
        }
    }

    /// It is the flag of this switch.
    fn is_of(&self, switch: &Switch, listed: &Listed) -> bool {
        let is = |flag: &str| flag == listed.key || listed.alias.as_deref() == Some(flag);
        match (self, &switch.kind) {
            (Owner::File(mine), SwitchKind::Flagd { file, flag, .. }) => mine == file && is(flag),
            (
                Owner::Provider(mine),
                SwitchKind::Unleash { provider, flag, .. } | SwitchKind::LaunchDarkly { provider, flag, .. },
            ) => mine.name == provider.name && is(flag),
            _ => false,
        }
    }

    /// The lines of the configuration that make a switch of a flag, but for what stops it; none for a name that cannot be written there.
    fn lines(&self, flag: &Listed) -> Option<String> {
        let is_shown = paper::line(&flag.key, flag.key.len()) == flag.key;
        let key = if is_shown { &flag.key } else { flag.alias.as_ref()? };
        // TOML's texts are written like JSON's
        let quoted = |text: &str| Value::from(text).to_string();
        let mut lines = vec!["[[switch]]".to_owned(), format!("name = {}", quoted(key))];
        match self {
            Owner::Provider(provider) => {
                lines.push(format!("kind = {}", quoted(provider.kind.word())));
                lines.push(format!("provider = {}", quoted(&provider.name)));
                if provider.environment != "production" {
                    lines.push(format!("environment = {}", quoted(&provider.environment)));
                }
            }
            Owner::File(file) => {
                lines.push("kind = \"flagd\"".into());
                lines.push(format!("file = {}", quoted(&file.display().to_string())));
            }
        }
        lines.push(format!("flag = {}", quoted(key)));
        let stops: Vec<String> = flag.stops.iter().map(|one| quoted(one)).collect();
        let stops = if stops.is_empty() { "one of its variants".into() } else { stops.join(", ") };
        lines.push(format!("stop = \"?\"   # to be chosen: {stops}"));
        Some(lines.join("\n"))
    }
}

/// Says which flags there are, and answers with the same as data and with what failed.
///
/// # Errors
/// Nothing can be written.
pub(super) fn others(desk: &Desk, io: &mut Io<'_>, text: Option<&str>) -> Result<(Value, Vec<Fault>), Fault> {
    let hands = desk.hands();
    let (mut data, mut failed) = (Vec::new(), Vec::new());
    let owners = Owner::all(desk);
    if owners.is_empty() && !desk.globals.json {
        writeln!(io.out, "No [[provider]] and no flag file is configured: there is nobody to ask for flags.")?;
    }
    for owner in owners {
        let listing = match &owner {
            Owner::Provider(provider) => hands.listing(provider, text),
            Owner::File(file) => hands.listing_of(file, text),
        };
        if desk.globals.json {
            data.push(told(desk, &owner, &listing));
        } else {
            say(desk, io, &owner, &listing)?;
        }
        failed.extend(listing.err().map(|trouble| fault(&trouble)));
    }
    Ok((Value::Array(data), failed))
}

fn switch_of<'d>(desk: &'d Desk, owner: &Owner, flag: &Listed) -> Option<&'d str> {
    let switch = desk.config.switches.iter().find(|switch| owner.is_of(switch, flag));
    switch.map(|switch| switch.name.as_str())
}

fn say(desk: &Desk, io: &mut Io<'_>, owner: &Owner, listing: &Result<Listing, Trouble>) -> Result<(), Fault> {
    let name = paper::line(&owner.name(), 200);
    let listing = match listing {
        Ok(listing) => listing,
        Err(_) => return Ok(writeln!(io.out, "\n{name}: its flags cannot be listed")?),
    };
    let new = listing.flags.iter().filter(|flag| switch_of(desk, owner, flag).is_none()).count();
    writeln!(io.out, "\n{name}: {} flags, {new} of them no switch here", listing.flags.len())?;
    for flag in &listing.flags {
        let switch = switch_of(desk, owner, flag);
        let is = switch.map(|name| format!("   switch {}", paper::line(name, 40))).unwrap_or_default();
        let (name, also) = named(&flag.key);
        let also = also.map(|words| format!("   ({words})")).unwrap_or_default();
        writeln!(io.out, "{name:<24} {}{is}{also}", paper::line(&words(flag), 300))?;
        if switch.is_none() && new <= TOLD {
            let none = "No switch can be made of it: its name cannot be written into the configuration.";
            let lines = owner.lines(flag);
            let lines = lines.as_deref().map_or(none, |lines| if is_cut(flag, lines) { LONG } else { lines });
            for line in lines.lines() {
                writeln!(io.out, "    {}", paper::line(line, LINE))?;
            }
        }
    }
    if new > TOLD {
        writeln!(io.out, "The lines that make a switch of one: quarterdeck switch list --all NAME")?;
    }
    for doubt in &listing.doubts {
        writeln!(io.out, "{}", paper::line(&format!("There may be more: {doubt}."), 300))?;
    }
    Ok(())
}

/// What is said instead of lines that nobody could copy.
const LONG: &str =
    "The lines that make a switch of it are too long to show: quarterdeck switch list --all --json has them whole.";

/// What is to be copied would not be there as it is. What may stop it is only a remark.
fn is_cut(flag: &Listed, lines: &str) -> bool {
    let is_whole = |line: &str| line.starts_with("stop = ") || paper::line(line, LINE) == line;
    flag.key.chars().count() > NAME || !lines.lines().all(is_whole)
}

/// What is known of a flag beside what it serves.
fn words(flag: &Listed) -> String {
    let mut words = vec![flag.serves.trim_end_matches('.').to_owned()];
    let needs = flag.needs.join(", ");
    words.extend((!needs.is_empty()).then(|| format!("needs {needs}")));
    words.extend((flag.temporary == Some(true)).then(|| "temporary".to_owned()));
    words.extend(flag.changed.map(|at| format!("changed {} {} UTC", at.date(), at.clock_minutes())));
    words.join("; ")
}

fn told(desk: &Desk, owner: &Owner, listing: &Result<Listing, Trouble>) -> Value {
    let flag = |flag: &Listed| {
        let switch = switch_of(desk, owner, flag);
        json!({"flag": flag.key, "switch": switch, "on": flag.on, "serves": flag.serves, "rules": flag.rules,
            "targets": flag.targets, "needs": flag.needs, "temporary": flag.temporary, "archived": flag.archived,
            "changed": flag.changed.map(|at| at.iso()), "stops": flag.stops,
            "config": if switch.is_none() { owner.lines(flag) } else { None }})
    };
    let kind = match owner {
        Owner::Provider(provider) => provider.kind.word(),
        Owner::File(_) => "flagd",
    };
    let name = match owner {
        Owner::Provider(provider) => provider.name.clone(),
        Owner::File(file) => file.display().to_string(),
    };
    let flags = listing.as_ref().ok().map(|listing| listing.flags.iter().map(flag).collect::<Vec<_>>());
    json!({"provider": name, "kind": kind, "flags": flags,
        "doubts": listing.as_ref().ok().map(|listing| listing.doubts.clone()).unwrap_or_default(),
        "trouble": listing.as_ref().err().map(Trouble::words)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_that_cannot_be_shown_when_listed_then_none_looks_like_another_without_a_word() {
        assert_eq!(named("checkout"), ("checkout".into(), None));
        let said = |key: &str| named(key).1.expect("a word");
        let hidden = "its name holds characters that cannot be shown: ";
        assert_eq!(named("check\u{1b}[31mout").0, "checkout");
        assert_eq!(said("check\u{1b}[31mout"), format!("{hidden}\"check\\u001b[31mout\""));
        assert_eq!(said("check\u{200b}out"), format!("{hidden}\"check\\u200bout\""));
        assert_eq!(said("check\u{e0041}out"), format!("{hidden}\"check\\udb40\\udc41out\""));
        assert_eq!(said(&"x".repeat(300)), "its name is longer");
        assert_eq!(named("Zürich 東京").1, None);
    }

    #[test]
    fn given_a_name_that_cannot_be_shown_when_it_is_no_switch_then_no_lines_are_made_of_it() {
        let owner = Owner::File(PathBuf::from("flags.json"));
        let lines = |key: &str| owner.lines(&Listed { key: key.into(), ..Listed::default() });
        assert_eq!(lines("check\u{1b}out"), None);
        let alias = Listed { key: "check\u{1b}out".into(), alias: Some("checkut".into()), ..Listed::default() };
        assert!(owner.lines(&alias).is_some_and(|lines| lines.contains("flag = \"checkut\"")));
        assert!(lines("checkout").is_some_and(|lines| lines.contains("flag = \"checkout\"")));
    }

    #[test]
    fn given_a_name_that_is_too_long_to_show_when_it_is_no_switch_then_no_line_is_shown_that_is_cut() {
        let is_cut = |file: &str, key: &str, stops: &[String]| {
            let flag = Listed { key: key.into(), stops: stops.to_vec(), ..Listed::default() };
            is_cut(&flag, &Owner::File(PathBuf::from(file)).lines(&flag).expect("lines"))
        };
        assert!(is_cut("f", &"x".repeat(201), &[]) && !is_cut("f", &"x".repeat(200), &[]));
        assert!(is_cut(&"f".repeat(300), "x", &[]), "nor is a path");
        assert!(is_cut("f", &"\"".repeat(150), &[]), "each of them is two characters in the file");
        assert!(!is_cut("f", "x", &["v".repeat(300)]), "what may stop it is only told");
    }
}
