//! The fields' names: nested keys joined by dots, each with a small number. It must not know what the fields hold.

use std::collections::HashMap;

/// How many fields are kept. Further ones are not, and that is said; data that use ids as keys would otherwise fill the memory with names.
pub const MOST_FIELDS: usize = 4096;
/// How many places in nested objects are remembered.
const MOST_NODES: usize = 4 * MOST_FIELDS;
/// How deep objects are flattened; what lies deeper is not kept, and that is said.
pub const DEPTH: usize = 8;

/// Longer keys (in bytes) are not kept, and that is said.
const LONGEST_KEY: usize = 256;

/// A place in nested objects: the root, or a key under another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

/// The root object of a line.
pub const ROOT: Place = Place(0);

/// Every name seen so far.
#[derive(Debug)]
pub struct Names {
    nodes: Vec<Node>,
    fields: Vec<String>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Node {
    /// The joined name; empty for the root.
    name: String,
    field: Option<usize>,
    children: Vec<(Box<str>, usize)>,
    index: HashMap<Box<str>, usize>,
    /// Which child comes next, if this line looks like the one before.
    guess: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], fields: Vec::new(), by_name: HashMap::new() }
    }
}

impl Names {
    /// The place of a key under another; None when there are too many or the key is too long.
    pub fn under(&mut self, parent: Place, key: &str) -> Option<Place> {
        let room = self.nodes.len() < MOST_NODES;
        let next = self.nodes.len();
        let node = self.nodes.get_mut(parent.0)?;
        if let Some((known, child)) = node.children.get(node.guess)
            && **known == *key
        {
            node.guess += 1;
            return Some(Place(*child));
        }
        if let Some(position) = node.index.get(key) {
            node.guess = position + 1;
            return node.children.get(*position).map(|(_, child)| Place(*child));
        }
        if !room || key.len() > LONGEST_KEY {
            return None;
        }
        let name = if node.name.is_empty() { key.to_owned() } else { format!("{}.{key}", node.name) };
        node.index.insert(key.into(), node.children.len());
        node.children.push((key.into(), next));
        node.guess = node.children.len();
        self.nodes.push(Node { name, ..Node::default() });
        Some(Place(next))
    }

    /// A new line begins: guesses start from the first key again.
    pub fn start(&mut self, place: Place) {
        if let Some(node) = self.nodes.get_mut(place.0) {
            node.guess = 0;
        }
    }

    /// The field of a place that holds a value; None when there are too many fields.
    pub fn field(&mut self, place: Place) -> Option<usize> {
        let node = self.nodes.get_mut(place.0)?;
        if node.field.is_none() {
            node.field = match self.by_name.get(&node.name) {
                Some(field) => Some(*field),
                None if self.fields.len() < MOST_FIELDS => {
                    self.by_name.insert(node.name.clone(), self.fields.len());
                    self.fields.push(node.name.clone());
                    Some(self.fields.len() - 1)
                }
                None => None,
            };
        }
        node.field
    }

    /// The same keys under another object: `status` becomes `data.status`. For lines that turn out not to be wrapped.
    pub fn moved_under(&mut self, parent: &str, field: usize) -> Option<usize> {
        let name = format!("{parent}.{}", self.fields.get(field)?);
        let place = self.under(ROOT, &name)?;
        self.field(place)
    }

    /// The field of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Every name in the order of first sight.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_same_name_nested_and_dotted_when_seen_then_it_is_one_field() {
        let mut names = Names::default();
        let http = names.under(ROOT, "http").unwrap();
        let nested = names.under(http, "status").unwrap();
        let dotted = names.under(ROOT, "http.status").unwrap();
        assert_eq!(names.field(nested), Some(0));
        assert_eq!(names.field(dotted), Some(0));
        assert_eq!(names.find("http.status"), Some(0));
        assert_eq!(names.all(), ["http.status"]);
    }

    #[test]
    fn given_keys_in_any_order_when_seen_again_then_their_places_are_the_same() {
        let mut names = Names::default();
        let first: Vec<_> = ["a", "b", "c"].iter().map(|k| names.under(ROOT, k).unwrap()).collect();
        names.start(ROOT);
        let again: Vec<_> = ["c", "a", "b"].iter().map(|k| names.under(ROOT, k).unwrap()).collect();
        assert_eq!(again, [first[2], first[0], first[1]]);
    }

    #[test]
    fn given_ids_as_keys_when_there_are_too_many_then_further_ones_are_not_kept() {
        let mut names = Names::default();
        for i in 0..3 * MOST_NODES {
            if let Some(place) = names.under(ROOT, &i.to_string()) {
                names.field(place);
            }
        }
        assert_eq!((names.len(), names.nodes.len()), (MOST_FIELDS, MOST_NODES));
    }
}
