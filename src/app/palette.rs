//! Every action, found fuzzily by its words. It must not know what an action does.

use super::action::Action;
use super::field::Field;
use super::keymap::Keymap;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The list of actions with what was typed to narrow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// What was typed.
    pub field: Field,
    /// The actions that fit, the best first.
    pub hits: Vec<Action>,
    /// The chosen one.
    pub chosen: usize,
}

impl Palette {
    /// All actions.
    pub fn new(keymap: &Keymap) -> Palette {
        let mut palette =
            Palette { field: Field::new(":", "what do you want to do?").optional(), hits: Vec::new(), chosen: 0 };
        palette.narrow(keymap);
        palette
    }

    /// Finds again after the words changed. Equal scores keep the order of the table.
    pub fn narrow(&mut self, keymap: &Keymap) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, Action)> = Vec::new();
        for action in Action::ALL.iter().filter(|a| **a != Action::Palette) {
            let about = keymap.about(*action);
            let words = about.map_or_else(String::new, |a| format!("{} {} {}", action.name(), a.desc, a.long));
            if let Some(score) = pattern.score(Utf32Str::new(&words, &mut buffer), &mut matcher) {
                let named = pattern.score(Utf32Str::new(action.name(), &mut buffer), &mut matcher).unwrap_or(0);
                scored.push((score + 4 * named, *action));
            }
        }
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.hits = scored.into_iter().map(|(_, action)| action).collect();
        self.chosen = 0;
    }

    /// Goes to the next hit, or to the one before.
    pub fn turn(&mut self, back: bool) {
        let n = self.hits.len().max(1);
        self.chosen = (self.chosen + if back { n - 1 } else { 1 }) % n;
    }
    /// The chosen action.
    pub fn action(&self) -> Option<Action> {
        self.hits.get(self.chosen).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_the_action_meant() {
        let keymap = Keymap::built_in().expect("the built-in keymap");
        for (typed, action) in [("chk", Action::CheckIn), ("expo", Action::Export), ("resolve", Action::Resolve)] {
            let mut palette = Palette::new(&keymap);
            palette.field.insert(typed);
            palette.narrow(&keymap);
            assert_eq!(palette.action(), Some(action), "{typed}: {:?}", palette.hits);
        }
    }
}
