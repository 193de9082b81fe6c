//! In which lines the members of YAML documents stand, so that what is refused is found again. It must not know what any of them means.

use granit_parser::{Event, Parser};

/// A document, or one of a list of them.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Where it begins, from 1.
    line: usize,
    /// The path of each member, places in lists included, and its line.
    members: Vec<(Vec<String>, usize)>,
    /// The path of each thing in a list, and its line: it may have no members.
    items: Vec<(Vec<String>, usize)>,
}

/// What is open while a text is read.
enum Open {
    /// A list, and how many of it were read.
    List(usize),
    /// A map, and the name whose value comes next.
    Map(Option<String>),
}

/// The documents of a text in their order, as far as it can be read.
pub(super) fn of(text: &str) -> Vec<Places> {
    let mut documents: Vec<Places> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    // a list of documents is none itself
    let mut is_list = false;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line();
        let begins =
            matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::SequenceStart(..) | Event::MappingStart(..));
        if begins && let (Some(Open::Map(name @ None)), Event::Scalar(text, ..)) = (open.last_mut(), &event) {
            *name = Some(text.to_string());
            let path = path(&open, is_list);
            documents.last_mut().into_iter().for_each(|document| document.members.push((path.clone(), line)));
            continue;
        }
        if begins && (open.is_empty() && !matches!(event, Event::SequenceStart(..)) || is_list && open.len() == 1) {
            documents.push(Places { line, ..Places::default() });
        } else if begins && matches!(open.last(), Some(Open::List(_))) {
            let path = path(&open, is_list);
            documents.last_mut().into_iter().for_each(|document| document.items.push((path.clone(), line)));
        }
        match event {
            Event::SequenceStart(..) => {
                is_list |= open.is_empty();
                open.push(Open::List(0));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
            }
            Event::Scalar(..) | Event::Alias(_) => {}
            _ => continue,
        }
        is_list &= !open.is_empty();
        match open.last_mut() {
            Some(Open::List(read)) => *read += 1,
            Some(Open::Map(name)) => *name = None,
            None => {}
        }
    }
    documents
}

/// The names and places of what is open.
fn path(open: &[Open], is_list: bool) -> Vec<String> {
    let one = |open: &Open| match open {
        Open::List(read) => read.to_string(),
        Open::Map(name) => name.clone().unwrap_or_default(),
    };
    open.iter().skip(usize::from(is_list)).map(one).collect()
}

impl Places {
    /// A sentence about a member that it names first, by its path or the end of that, with the line of it; where it names none, with that of what it is about.
    pub(super) fn with_line(&self, within: &[String], sentence: &str) -> String {
        let name = sentence.split([' ', ':']).next().unwrap_or_default();
        let names: Vec<&str> = name.split('.').filter(|name| !name.is_empty()).collect();
        let found = (1..=names.len()).rev().find_map(|length| self.find(within, names.get(..length)?));
        format!("{sentence} (line {})", found.unwrap_or_else(|| self.line_of(within)))
    }

    /// The line of what stands at a path.
    pub(super) fn line_of(&self, within: &[String]) -> usize {
        let item = self.items.iter().find(|(path, _)| path == within);
        let found = item.or_else(|| self.members.iter().find(|(path, _)| path.starts_with(within)));
        found.map_or(self.line, |(_, line)| *line)
    }

    /// The first member whose path holds these names in their order, the last of them at its end.
    fn find(&self, within: &[String], names: &[&str]) -> Option<usize> {
        let fits = |(path, _): &&(Vec<String>, usize)| {
            let inside = path.strip_prefix(within).unwrap_or_default();
            let mut rest = names.iter().peekable();
            for one in inside {
                rest.next_if(|name| **name == one);
            }
            rest.peek().is_none() && inside.last().map(String::as_str) == names.last().copied()
        };
        self.members.iter().find(fits).map(|(_, line)| *line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_documents_and_lists_of_them_when_read_then_the_line_of_each_member_is_known() {
        let text = "# of two\na: 1\nb:\n  c: [x, {d: 2}]\n---\n- e:\n    f: g\n    h: |\n      a: b\n- i: 1\n";
        let places = of(text);
        let said =
            |n: usize, sentence: &str| places.get(n).map(|place| place.with_line(&[], sentence)).unwrap_or_default();
        assert_eq!(places.len(), 3, "{places:?}");
        assert_eq!(said(0, "b.d is odd"), "b.d is odd (line 4)");
        assert_eq!(said(0, "b.x.y: is odd"), "b.x.y: is odd (line 3)");
        assert_eq!(said(0, "2 of them"), "2 of them (line 2)");
        assert_eq!(said(1, "h is odd"), "h is odd (line 8)");
        assert_eq!(said(1, "a is odd"), "a is odd (line 6)");
        assert_eq!(said(2, "i"), "i (line 10)");
        let within = ["b".to_owned(), "c".to_owned()];
        assert_eq!(places.first().map(|place| place.with_line(&within, "d is odd")), Some("d is odd (line 4)".into()));
        let item = |n: usize, names: [&str; 3]| places.get(n).map(|place| place.line_of(&names.map(str::to_owned)));
        assert_eq!(
            (item(0, ["b", "c", "0"]), item(0, ["b", "c", "1"]), item(0, ["b", "c", "2"])),
            (Some(4), Some(4), Some(2))
        );
        let lists = of("a: 1\nslos:\n  # none\n  - 17\n  - {b: c}\n  -\n    - d\n");
        let line = |number: &str| lists.first().map(|place| place.line_of(&["slos".to_owned(), number.to_owned()]));
        assert_eq!(["0", "1", "2"].map(line), [Some(4), Some(5), Some(7)]);
        assert_eq!(of("a: [1").len(), 1);
        assert!(of("").is_empty());
    }
}
