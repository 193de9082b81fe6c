//! Which events are meant: the filter expression of the command line and of the configuration, and what it means.
//!
//! The operators and their names are Honeycomb's (the sixteen of its API's `FilterOp`). The rules of comparison are fixed here, once:
//!
//! * A text is never equal to a number or a bool: `"401" = 401` is false. Numbers compare by value: `1 = 1.0` is true.
//! * `<` and its kin order numbers with numbers and texts with texts (by their bytes), and match nothing else.
//! * JSON `null` is the same as a field that is not there; `f = null` is another way to write `f does-not-exist`.
//! * A positive operator never matches a missing field. A negative one (`!=`, `does-not-…`, `not-in`) matches exactly the events its
//!   positive does not match, so also those that lack the field. Honeycomb does not document this for its queries. The complement was chosen because
//!   `x != 1` and `not x = 1` must not count different events, and because an event that lacks a field must not fall out of both sides of an SLI unseen.
//!
//! It must not know how events are kept.

mod confused;
mod finite;
mod lacking;
pub mod parse;
mod spelled;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

pub use confused::{Confused, Kind};
pub use finite::Finite;
pub use parse::Error;
use serde::{Deserialize, Serialize};

/// A filter expression. Written and stored as text; [`fmt::Display`] writes what [`parse`](mod@parse) reads back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Expr {
    /// Every one of these holds; an empty list holds for every event. The parser makes lists of two or more.
    And(Vec<Expr>),
    /// At least one of these holds; an empty list holds for none. The parser makes lists of two or more.
    Or(Vec<Expr>),
    /// This does not hold.
    Not(Box<Expr>),
    /// One field is looked at.
    Test(Test),
}

/// One field and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The field's name, dots included.
    pub field: String,
    /// What is asked of its value.
    pub op: Op,
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// `=`
    Eq(Literal),
    /// `!=`, the complement of `=`
    Ne(Literal),
    /// `>`
    Gt(Literal),
    /// `>=`
    Ge(Literal),
    /// `<`
    Lt(Literal),
    /// `<=`
    Le(Literal),
    /// `starts-with`, for texts only
    StartsWith(String),
    /// `does-not-start-with`, the complement of `starts-with`
    DoesNotStartWith(String),
    /// `ends-with`, for texts only
    EndsWith(String),
    /// `does-not-end-with`, the complement of `ends-with`
    DoesNotEndWith(String),
    /// `contains`, for texts only
    Contains(String),
    /// `does-not-contain`, the complement of `contains`
    DoesNotContain(String),
    /// `exists`: the event has the field and it is not null
    Exists,
    /// `does-not-exist`
    DoesNotExist,
    /// `in (…)`: equal to one of these
    In(Vec<Literal>),
    /// `not-in (…)`, the complement of `in`
    NotIn(Vec<Literal>),
}

/// A value as it is written in a filter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// `null`: the field is missing
    Null,
    /// `true` or `false`
    Bool(bool),
    /// a whole number
    Int(i64),
    /// any other number
    Float(Finite),
    /// a text in quotes
    Text(String),
}

/// A value as an event holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// not there, or null
    Missing,
    /// true or false
    Bool(bool),
    /// a whole number
    Int(i64),
    /// any other number, finite
    Float(f64),
    /// a text
    Text(&'a str),
}

impl Expr {
    /// Whether an event is meant, given a way to look up its fields by name.
    pub fn matches<'v>(&self, look: &dyn Fn(&str) -> Value<'v>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|e| e.matches(look)),
            Self::Or(any) => any.iter().any(|e| e.matches(look)),
            Self::Not(e) => !e.matches(look),
            Self::Test(test) => test.op.accepts(look(&test.field)),
        }
    }

    /// The names of the fields it reads, sorted.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        self.tests().into_iter().map(|t| t.field.as_str()).collect()
    }

    /// Every test in it, from left to right.
    #[must_use]
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().flat_map(Self::tests).collect(),
            Self::Not(e) => e.tests(),
            Self::Test(test) => vec![test],
        }
    }
}

impl Op {
    /// Whether a value is accepted; the rules are at the head of this file.
    #[must_use]
    pub fn accepts(&self, value: Value<'_>) -> bool {
        match self {
            Self::Eq(l) => equal(value, l),
            Self::Ne(l) => !equal(value, l),
            Self::Gt(l) => order(value, l).is_some_and(Ordering::is_gt),
            Self::Ge(l) => order(value, l).is_some_and(Ordering::is_ge),
            Self::Lt(l) => order(value, l).is_some_and(Ordering::is_lt),
            Self::Le(l) => order(value, l).is_some_and(Ordering::is_le),
            Self::StartsWith(t) => text(value).is_some_and(|v| v.starts_with(t)),
            Self::DoesNotStartWith(t) => !text(value).is_some_and(|v| v.starts_with(t)),
            Self::EndsWith(t) => text(value).is_some_and(|v| v.ends_with(t)),
            Self::DoesNotEndWith(t) => !text(value).is_some_and(|v| v.ends_with(t)),
            Self::Contains(t) => text(value).is_some_and(|v| v.contains(t)),
            Self::DoesNotContain(t) => !text(value).is_some_and(|v| v.contains(t)),
            Self::Exists => value != Value::Missing,
            Self::DoesNotExist => value == Value::Missing,
            Self::In(list) => list.iter().any(|l| equal(value, l)),
            Self::NotIn(list) => !list.iter().any(|l| equal(value, l)),
        }
    }

    /// The whole numbers it accepts: those inside a range, or those outside. None where that does not tell it.
    #[must_use]
    pub fn wholes(&self) -> Option<(std::ops::RangeInclusive<i64>, bool)> {
        let none = (i64::MIN..=i64::MAX, false);
        match self {
            Self::Eq(Literal::Int(n)) => Some((*n..=*n, true)),
            Self::Ne(Literal::Int(n)) => Some((*n..=*n, false)),
            Self::Gt(Literal::Int(n)) => Some(n.checked_add(1).map_or(none, |least| (least..=i64::MAX, true))),
            Self::Ge(Literal::Int(n)) => Some((*n..=i64::MAX, true)),
            Self::Lt(Literal::Int(n)) => Some(n.checked_sub(1).map_or(none, |most| (i64::MIN..=most, true))),
            Self::Le(Literal::Int(n)) => Some((i64::MIN..=*n, true)),
            _ => None,
        }
    }

    /// The literals it compares with; the texts of `contains` and its kin are not literals.
    #[must_use]
    pub fn literals(&self) -> &[Literal] {
        match self {
            Self::Eq(l) | Self::Ne(l) | Self::Gt(l) | Self::Ge(l) | Self::Lt(l) | Self::Le(l) => {
                std::slice::from_ref(l)
            }
            Self::In(list) | Self::NotIn(list) => list,
            _ => &[],
        }
    }

    /// How the operator is written.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Eq(_) => "=",
            Self::Ne(_) => "!=",
            Self::Gt(_) => ">",
            Self::Ge(_) => ">=",
            Self::Lt(_) => "<",
            Self::Le(_) => "<=",
            Self::StartsWith(_) => "starts-with",
            Self::DoesNotStartWith(_) => "does-not-start-with",
            Self::EndsWith(_) => "ends-with",
            Self::DoesNotEndWith(_) => "does-not-end-with",
            Self::Contains(_) => "contains",
            Self::DoesNotContain(_) => "does-not-contain",
            Self::Exists => "exists",
            Self::DoesNotExist => "does-not-exist",
            Self::In(_) => "in",
            Self::NotIn(_) => "not-in",
        }
    }
}

fn text(value: Value<'_>) -> Option<&str> {
    if let Value::Text(t) = value { Some(t) } else { None }
}

fn equal(value: Value<'_>, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Missing, Literal::Null) => true,
        (Value::Bool(v), Literal::Bool(l)) => v == *l,
        _ => order(value, literal).is_some_and(Ordering::is_eq),
    }
}

/// How a value stands to a literal; None where the two have no order.
fn order(value: Value<'_>, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::Int(v), Literal::Int(l)) => Some(v.cmp(l)),
        (Value::Int(v), Literal::Float(l)) => Some(whole_with_float(v, l.get())),
        (Value::Float(v), Literal::Int(l)) => Some(whole_with_float(*l, v).reverse()),
        (Value::Float(v), Literal::Float(l)) => v.partial_cmp(&l.get()),
        (Value::Text(v), Literal::Text(l)) => Some(v.cmp(l.as_str())),
        _ => None,
    }
}

/// Compares exactly; converting either number to the other's type would call 9007199254740993 and 9007199254740992.0 equal.
fn whole_with_float(whole: i64, float: f64) -> Ordering {
    // the first float above every i64, and the smallest i64, which is a float exactly
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    if float >= ABOVE {
        Ordering::Less
    } else if float < -ABOVE {
        Ordering::Greater
    } else {
        let part = float.trunc();
        // `part` is a whole number within the range of i64, so the conversion is exact
        whole.cmp(&(part as i64)).then_with(|| part.partial_cmp(&float).unwrap_or(Ordering::Equal))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(list) => joined(f, list, " and "),
            Self::Or(list) => joined(f, list, " or "),
            Self::Not(e) => match **e {
                Self::Test(_) | Self::Not(_) => write!(f, "not {e}"),
                _ => write!(f, "not ({e})"),
            },
            Self::Test(test) => write!(f, "{test}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, list: &[Expr], word: &str) -> fmt::Result {
    for (i, e) in list.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        match e {
            Expr::And(_) | Expr::Or(_) => write!(f, "({e})")?,
            _ => write!(f, "{e}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if parse::is_bare_field(&self.field) {
            f.write_str(&self.field)?;
        } else {
            quoted(f, &self.field, '`')?;
        }
        write!(f, " {}", self.op.word())?;
        match &self.op {
            Op::Eq(l) | Op::Ne(l) | Op::Gt(l) | Op::Ge(l) | Op::Lt(l) | Op::Le(l) => write!(f, " {l}"),
            Op::StartsWith(t)
            | Op::DoesNotStartWith(t)
            | Op::EndsWith(t)
            | Op::DoesNotEndWith(t)
            | Op::Contains(t)
            | Op::DoesNotContain(t) => {
                f.write_str(" ")?;
                quoted(f, t, '"')
            }
            Op::Exists | Op::DoesNotExist => Ok(()),
            Op::In(list) | Op::NotIn(list) => {
                f.write_str(" (")?;
                for (i, l) in list.iter().enumerate() {
                    write!(f, "{}{l}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Float(n) => write!(f, "{:?}", n.get()),
            Self::Text(t) => quoted(f, t, '"'),
        }
    }
}

/// Writes a text between two marks; whatever would act on a terminal or change the reading order is written as an escape.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str, mark: char) -> fmt::Result {
    write!(f, "{mark}")?;
    for c in text.chars() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            c if c == mark => write!(f, "\\{c}")?,
            c if hidden(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    write!(f, "{mark}")
}

/// Control characters, zero-width ones and those that turn the direction of reading.
pub(crate) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl From<Expr> for String {
    fn from(expr: Expr) -> Self {
        expr.to_string()
    }
}

impl TryFrom<String> for Expr {
    type Error = parse::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse::parse(&text)
    }
}

impl std::str::FromStr for Expr {
    type Err = parse::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::parse(text)
    }
}

#[cfg(test)]
mod tests;
