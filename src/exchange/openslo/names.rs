//! Names of objectives: one of each, and in letters that the schema allows. It must not know what else an objective is.

use super::Found;

/// Refuses what has the name of an objective before it: the configuration has one of each name.
pub(super) fn kept_apart(found: &mut [Found]) {
    let mut taken: Vec<(String, Option<usize>)> = Vec::new();
    for one in found {
        let Ok(objective) = &one.what else { continue };
        let Some((name, before)) = taken.iter().find(|(name, _)| *name == objective.name) else {
            taken.push((objective.name.clone(), one.line));
            continue;
        };
        let other = before.map_or_else(|| "before it".into(), |line| format!("that begins in line {line}"));
        let own = one.line.map_or_else(String::new, |line| format!(" (line {line})"));
        let why = format!("{name} is the name of the objective {other} too; give one of them another name{own}");
        one.what = Err(vec![why]);
    }
}

/// A name as its schema wants it: small letters, digits, dots and dashes.
pub(super) fn plain(name: &str) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let text: String = name.chars().map(fit).collect();
    let text = text.trim_matches(['-', '.']);
    if text.is_empty() { "unnamed".into() } else { text.to_owned() }
}
