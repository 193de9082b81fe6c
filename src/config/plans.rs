//! Switches that are stopped together, as configured. It must not know how any is flipped.

use super::read::{Reader, Rows};
use super::switches::Switch;
use super::trouble::{known_instead, shown};
use super::value::is_not;

/// Switches that are stopped together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchPlan {
    /// What it is called; typed to confirm it.
    pub name: String,
    /// The switches, in the order in which they are stopped.
    pub switches: Vec<String>,
    /// What happens to whom.
    pub note: Option<String>,
}

/// One `[[plan]]`.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>, switches: &[Switch]) -> Option<SwitchPlan> {
    let names = names(reader, rows, "switches");
    let note = reader.text(rows, "note").map(|written| written.text);
    let names = names?;
    for unknown in names.iter().filter(|name| !switches.iter().any(|switch| switch.name == **name)) {
        let what = format!("`plan.switches` names `{}`, and there is no such [[switch]]", shown(unknown));
        let known = switches.iter().map(|switch| switch.name.as_str());
        reader.misplaced(rows, "switches", what, &known_instead(unknown, known));
    }
    Some(SwitchPlan { name: name?, switches: names, note })
}

/// A list of names, each once, at least one.
fn names(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str) -> Option<Vec<String>> {
    reader.get(rows, key, |value| {
        let list = value.as_array().ok_or_else(|| is_not(value))?;
        let mut names: Vec<String> = Vec::new();
        for value in list.iter().map(toml::Spanned::get_ref) {
            let name = value.as_str().ok_or_else(|| format!("holds what {}", is_not(value)))?;
            if name.is_empty() || names.iter().any(|known| known == name) {
                return Err(format!("holds `{}` twice, or a name without letters", shown(name)));
            }
            names.push(name.to_owned());
        }
        if names.is_empty() { Err("is empty".to_owned()) } else { Ok(names) }
    })
}
