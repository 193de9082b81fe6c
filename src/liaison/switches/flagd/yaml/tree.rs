//! YAML as a tree whose parts know where they stand, and the JSON that flagd makes of it. It must not know what any part is for.

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};
use serde_json::{Number, Value};
use std::collections::BTreeSet;
use std::ops::Range;

/// Deeper than this nothing is read: the rules of flags are a few levels deep.
const DEEPEST: usize = 64;
/// What to do about something that readers of YAML understand in different ways.
const QUOTE: &str = "Put it in quotes, if it is a text, or write it as JSON does.";
const CORRECT: &str = "Correct it there first.";
const PLAINLY: &str = "Write out what it stands for.";

/// A value.
#[derive(Debug)]
pub struct Node {
    /// Where it stands; of a block from its first to its last value.
    pub range: Range<usize>,
    /// In which column it begins, from 0.
    pub column: usize,
    /// Its parts stand one below the other, without brackets.
    pub block: bool,
    /// What it is.
    pub what: What,
}

/// What a value is.
#[derive(Debug)]
pub enum What {
    /// A scalar, in JSON.
    Scalar(String),
    /// Values in order.
    List(Vec<Node>),
    /// Named values in order.
    Map(Vec<Member>),
}

/// A named value.
#[derive(Debug)]
pub struct Member {
    /// The name, as flagd has it.
    pub name: String,
    /// The name as written.
    pub key: Range<usize>,
    /// The value.
    pub value: Node,
}

/// What cannot be read, or is read by others in another way.
#[derive(Debug, PartialEq, Eq)]
pub struct Odd {
    /// In which line, from 1.
    pub line: usize,
    /// What.
    pub what: String,
    /// What to do next, as a sentence.
    pub next: &'static str,
}

impl Node {
    /// Its member of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        let What::Map(members) = &self.what else { return None };
        members.iter().find(|member| member.name == name)
    }

    /// It in JSON.
    pub fn json(&self) -> String {
        match &self.what {
            What::Scalar(json) => json.clone(),
            What::List(items) => format!("[{}]", items.iter().map(Node::json).collect::<Vec<_>>().join(", ")),
            What::Map(members) => {
                let member =
                    |member: &Member| format!("{}: {}", Value::from(member.name.as_str()), member.value.json());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A value in one line, as JSON and YAML both read it.
pub fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), flow(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A text without quotes, where every reader takes it for that text.
pub fn plain(text: &str) -> Option<String> {
    const TAKEN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    (is_word && !TAKEN.contains(&text.to_ascii_lowercase().as_str())).then(|| text.to_owned())
}

/// The one document that a text is.
///
/// # Errors
/// It is no YAML, or others would understand a part of it in another way.
pub fn read(text: &str) -> Result<Node, Odd> {
    let mut reader = Reader { parser: Parser::new_from_str(text), line: 1 };
    let mut root = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::DocumentStart(..) if root.is_some() => return Err(reader.odd("a second document", CORRECT)),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                root = Some(reader.node(event, &span, 0)?);
            }
            _ => {}
        }
    }
    root.ok_or_else(|| reader.odd("nothing but comments", CORRECT))
}

struct Reader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Odd> {
        match self.parser.next() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(Some((event, span)))
            }
            Some(Err(error)) => Err(Odd { line: error.marker().line(), what: error.info(), next: CORRECT }),
        }
    }

    fn odd(&self, what: impl Into<String>, next: &'static str) -> Odd {
        Odd { line: self.line, what: what.into(), next }
    }

    /// The next event that is a part of a value.
    fn part(&mut self) -> Result<(Event<'t>, Span), Odd> {
        loop {
            match self.next()? {
                Some((
                    event @ (Event::Scalar(..)
                    | Event::SequenceStart(..)
                    | Event::SequenceEnd
                    | Event::MappingStart(..)
                    | Event::MappingEnd
                    | Event::Alias(_)),
                    span,
                )) => return Ok((event, span)),
                Some(_) => {}
                None => return Err(self.odd("its end in the middle of a value", CORRECT)),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Node, Odd> {
        let range = span.byte_range().ok_or_else(|| self.odd("a place that cannot be told", CORRECT))?;
        let column = span.start.col();
        if depth > DEEPEST {
            return Err(self.odd("values nested too deep", CORRECT));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(anchor, tag.is_some())?;
                let json =
                    if style == ScalarStyle::Plain { self.resolved(&text)? } else { Value::from(&*text).to_string() };
                Ok(Node { range, column, block: false, what: What::Scalar(json) })
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse(anchor, tag.is_some())?;
                let block = style == StructureStyle::Block;
                let mut items = Vec::new();
                loop {
                    match self.part()? {
                        (Event::SequenceEnd, end) => {
                            let last = items.last().map_or(range.end, |item: &Node| item.range.end);
                            let end = if block { last } else { end.byte_range().map_or(last, |range| range.end) };
                            return Ok(Node { range: range.start..end, column, block, what: What::List(items) });
                        }
                        (event, span) => items.push(self.node(event, &span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse(anchor, tag.is_some())?;
                let block = style == StructureStyle::Block;
                let (mut members, mut names): (Vec<Member>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
                loop {
                    match self.part()? {
                        (Event::MappingEnd, end) => {
                            let last = members.last().map_or(range.end, |last| last.value.range.end.max(last.key.end));
                            let end = if block { last } else { end.byte_range().map_or(last, |range| range.end) };
                            return Ok(Node { range: range.start..end, column, block, what: What::Map(members) });
                        }
                        (event, span) => {
                            let key = span.byte_range().unwrap_or_default();
                            let name = self.name(event)?;
                            if !names.insert(name.clone()) {
                                return Err(self.odd(format!("the name {name} for the second time"), CORRECT));
                            }
                            let (event, span) = self.part()?;
                            members.push(Member { name, key, value: self.node(event, &span, depth + 1)? });
                        }
                    }
                }
            }
            Event::Alias(_) => Err(self.odd("a reference to an anchor", PLAINLY)),
            _ => Err(self.odd("no value", CORRECT)),
        }
    }

    fn refuse(&self, anchor: usize, tagged: bool) -> Result<(), Odd> {
        match (anchor, tagged) {
            (0, false) => Ok(()),
            (0, true) => Err(self.odd("a tag", PLAINLY)),
            _ => Err(self.odd("an anchor", PLAINLY)),
        }
    }

    /// A name as flagd has it: what is no text becomes one.
    fn name(&self, event: Event<'t>) -> Result<String, Odd> {
        let Event::Scalar(text, style, anchor, tag) = event else {
            return Err(self.odd("a name that is no text", QUOTE));
        };
        self.refuse(anchor, tag.is_some())?;
        if style != ScalarStyle::Plain {
            return Ok(text.into_owned());
        }
        if text == "<<" {
            return Err(self.odd("a merge of other members", PLAINLY));
        }
        match serde_json::from_str::<Value>(&self.resolved(&text)?) {
            Ok(Value::String(name)) => Ok(name),
            Ok(Value::Bool(name)) => Ok(name.to_string()),
            Ok(Value::Number(number)) if number.is_i64() => Ok(number.to_string()),
            _ => Err(self.odd(format!("the name {text}"), QUOTE)),
        }
    }

    /// A scalar without quotes in JSON, as yaml.v3 takes it where it is not told what to expect: "on" and "no" are texts.
    fn resolved(&self, text: &str) -> Result<String, Odd> {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Ok("null".into()),
            "true" | "True" | "TRUE" => return Ok("true".into()),
            "false" | "False" | "FALSE" => return Ok("false".into()),
            _ => {}
        }
        if serde_json::from_str::<Number>(text).is_ok() {
            return Ok(text.to_owned());
        }
        if is_odd(text) {
            return Err(self.odd(format!("{text}, which not every reader takes for the same"), QUOTE));
        }
        Ok(Value::from(text).to_string())
    }
}

/// A number that is not JSON's, or a date.
fn is_odd(text: &str) -> bool {
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let digits = bare.replace('_', "");
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && digits.parse::<f64>().is_ok();
    let is_of_base = ["0x", "0o", "0b"].iter().any(|base| {
        digits.strip_prefix(base).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_hexdigit()))
    });
    let year = bare.split('-').next().unwrap_or_default();
    let is_date = year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && bare.as_bytes().get(5).is_some_and(u8::is_ascii_digit);
    is_number
        || is_of_base
        || is_date && bare.as_bytes().get(4) == Some(&b'-')
        || matches!(bare.as_str(), ".inf" | ".nan")
}
