//! From what was configured to a query specification (reference: Honeycomb's OpenAPI document, `Query`, and its reference of calculated
//! fields). Pure; it must not know how it travels.
//!
//! Events are counted apart by whether they are bad, in one run: a broken-down count, never a ratio. A missing field is false in
//! every test, as in our own filters: what Honeycomb's functions make of nothing is left to nobody's memory.

use crate::query::filter::{Expr, Literal, Op, Test};
use crate::query::window::Stretch;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The name of the calculated field that says whether an event is bad.
pub const BAD: &str = "quarterdeck_bad";
/// The name of the calculated field that says whether an event is good.
pub const GOOD: &str = "quarterdeck_good";
/// The name of the calculated field that says whether an event would have been bad besides.
pub const ALSO: &str = "quarterdeck_also";
/// The name of the calculated field that says whether an event lacks what would tell whether it is bad.
pub const LACKS: &str = "quarterdeck_lacks";
/// The name of the calculated field that says whether an event counts.
const VALID: &str = "quarterdeck_valid";
/// The longest expression that is taken, in bytes.
const LONGEST: usize = 4_095;
/// What fields of other spans of the trace begin with (reference: its Terraform provider's documentation).
const RELATIONS: [&str; 7] = ["root.", "parent.", "child.", "any.", "any2.", "any3.", "none."];

/// How good events are told from bad ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sli {
    /// A column: true is good, false is bad, nothing does not count.
    Column(String),
    /// Filters.
    Which {
        /// Bad events.
        bad: Expr,
        /// Those that count.
        valid: Option<Expr>,
    },
    /// Filters, of which one says what is good: what that does not hold for is bad.
    Good {
        /// Good events.
        good: Expr,
        /// Those that count.
        valid: Option<Expr>,
    },
}

/// When, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many seconds before the moment it is run.
    Last(i64),
    /// From one second to another.
    Between(i64, i64),
}

/// What is counted, ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    sli: Sli,
    also: Option<Expr>,
    filters: Vec<Value>,
    fields: Vec<Value>,
    /// The expression of [`LACKS`], where something can be lacking.
    lacks: Option<String>,
    /// It looks at other spans of the trace, which is limited more.
    pub relational: bool,
}

impl Spec {
    /// A specification.
    ///
    /// # Errors
    /// What cannot be asked of Honeycomb: in words.
    pub fn new(sli: Sli, also: Option<Expr>) -> Result<Spec, String> {
        let mut spec = Spec {
            sli: sli.clone(),
            also: also.clone(),
            filters: Vec::new(),
            fields: Vec::new(),
            lacks: None,
            relational: false,
        };
        match &sli {
            Sli::Column(column) => spec.filters.push(json!({"column": column, "op": "exists"})),
            Sli::Which { bad: told, valid } | Sli::Good { good: told, valid } => {
                spec.field(if matches!(sli, Sli::Good { .. }) { GOOD } else { BAD }, told)?;
                if let Some(valid) = valid {
                    spec.valid(valid)?;
                }
            }
        }
        if let Some(also) = &also {
            spec.field(ALSO, also)?;
        }
        // what is bad where nothing is known is loud enough
        if let Sli::Which { bad, .. } = &sli
            && !bad.means_nothing_known()
        {
            spec.lacks = bad.unsaid().map(|unsaid| written(&unsaid)).filter(|written| written.len() <= LONGEST);
        }
        Ok(spec)
    }

    /// The columns by which events are bad, where it is told apart in how many they are missing.
    #[must_use]
    pub fn wanted(&self) -> Option<Vec<&str>> {
        let Sli::Which { bad, .. } = &self.sli else { return None };
        self.lacks.as_ref()?;
        let mut wanted: Vec<&str> = bad.compared().into_iter().map(|test| test.field.as_str()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        Some(wanted)
    }

    /// What counts: as plain filters where it is a list of tests, since only those may look at other spans.
    fn valid(&mut self, valid: &Expr) -> Result<(), String> {
        let tests = match valid {
            Expr::Test(test) => Some(vec![test]),
            Expr::And(all) => {
                all.iter().map(|one| if let Expr::Test(test) = one { Some(test) } else { None }).collect()
            }
            Expr::Or(_) | Expr::Not(_) => None,
        };
        let Some(tests) = tests else {
            self.field(VALID, valid)?;
            self.filters.push(json!({"column": VALID, "op": "=", "value": true}));
            return Ok(());
        };
        self.relational = tests.iter().any(|test| is_relation(&test.field));
        self.filters.extend(tests.into_iter().map(filter));
        Ok(())
    }

    fn field(&mut self, name: &str, expr: &Expr) -> Result<(), String> {
        if let Some(field) = expr.fields().into_iter().find(|field| is_relation(field)) {
            return Err(format!(
                "{field} is of another span; Honeycomb looks there only in `valid`, and only in a list of tests joined by and"
            ));
        }
        let expression = written(expr);
        if expression.len() > LONGEST {
            return Err(format!("it is too long for a calculated field: {} of {LONGEST} bytes", expression.len()));
        }
        self.fields.push(json!({"name": name, "expression": expression}));
        Ok(())
    }

    /// The columns that it reads, and whether it looks at what they hold, not only at whether they are there.
    #[must_use]
    pub fn columns(&self) -> BTreeMap<&str, bool> {
        let (told, valid) = match &self.sli {
            Sli::Column(_) => (None, None),
            Sli::Which { bad: told, valid } | Sli::Good { good: told, valid } => (Some(told), valid.as_ref()),
        };
        let mut columns = BTreeMap::new();
        if let Sli::Column(column) = &self.sli {
            columns.insert(column.as_str(), true);
        }
        for filter in [told, valid, self.also.as_ref()].into_iter().flatten() {
            for test in filter.tests() {
                columns.entry(test.field.as_str()).or_default();
            }
            let is_good = matches!(self.sli, Sli::Good { .. }) && told == Some(filter);
            let read = if is_good { filter.tests() } else { filter.compared() };
            for test in read {
                columns.insert(test.field.as_str(), true);
            }
        }
        columns
    }

    /// Whether bad events are told by numbers alone: a text in their place is as good as nothing.
    #[must_use]
    pub fn wants_numbers(&self) -> bool {
        let Sli::Which { bad, .. } = &self.sli else { return false };
        bad.compared().into_iter().all(|test| matches!(test.unsaid(), Expr::Not(_)))
    }

    /// The columns that it is broken down by: whether it is bad (or good, for a column), and whether it would have been besides.
    #[must_use]
    pub fn breakdowns(&self) -> Vec<&str> {
        let base = match &self.sli {
            Sli::Column(column) => column,
            Sli::Which { .. } => BAD,
            Sli::Good { .. } => GOOD,
        };
        [Some(base), self.also.as_ref().map(|_| ALSO)].into_iter().flatten().collect()
    }

    /// What a row's first value of [`Spec::breakdowns`] says, if its events count. What is good has to be said: nothing said is not good.
    #[must_use]
    pub fn base(&self, told: Option<bool>) -> Option<bool> {
        if let Sli::Good { .. } = self.sli { Some(told.unwrap_or(false)) } else { told }
    }

    /// Whether a row's values of [`Spec::breakdowns`] say that its events are bad; a column says it the other way round.
    #[must_use]
    pub fn is_bad(&self, base: bool, also: bool) -> bool {
        match self.sli {
            Sli::Column(_) | Sli::Good { .. } => !base || also,
            Sli::Which { .. } => base || also,
        }
    }

    /// The query, with buckets of `step` seconds; of a table none, which has no [`LACKS`] either.
    #[must_use]
    pub fn query(&self, when: When, step: i64) -> Value {
        let mut query = json!({
            "calculations": [{"op": "COUNT"}],
            "granularity": step,
        });
        let (mut breakdowns, mut fields) = (self.breakdowns(), self.fields.clone());
        if let Some(lacks) = self.lacks.as_ref().filter(|_| step > 0) {
            breakdowns.push(LACKS);
            fields.push(json!({"name": LACKS, "expression": lacks}));
        }
        if let Some(query) = query.as_object_mut() {
            query.insert("breakdowns".into(), breakdowns.into());
            if !self.filters.is_empty() {
                query.insert("filters".into(), self.filters.clone().into());
                query.insert("filter_combination".into(), "AND".into());
            }
            if !fields.is_empty() {
                query.insert("calculated_fields".into(), fields.into());
            }
            match when {
                When::Last(seconds) => drop(query.insert("time_range".into(), seconds.into())),
                When::Between(from, to) => {
                    query.insert("start_time".into(), from.into());
                    query.insert("end_time".into(), to.into());
                }
            }
        }
        query
    }
}

impl Spec {
    /// A table of counts by the values of columns and by what [`Spec::breakdowns`] tells apart, without a time line, those with most events
    /// first; or of one more calculation, an operator and its column, by the values alone.
    #[must_use]
    pub fn table(&self, fields: &[String], when: When, calculation: Option<(&str, &str)>) -> Value {
        let mut query = self.query(when, 0);
        let Some(members) = query.as_object_mut() else { return query };
        members.remove("granularity");
        let mut breakdowns: Vec<&str> = fields.iter().map(String::as_str).collect();
        match calculation {
            None => breakdowns.extend(self.breakdowns()),
            Some((op, column)) => {
                members.insert("calculations".into(), json!([{"op": "COUNT"}, {"op": op, "column": column}]));
            }
        }
        members.insert("breakdowns".into(), breakdowns.into());
        members.insert("orders".into(), json!([{"op": "COUNT", "order": "descending"}]));
        members.insert("limit".into(), 1_000.into());
        query
    }
}

/// To what a start and an end are rounded (down) by Honeycomb, in seconds, for a range of so many.
#[must_use]
pub fn rounding(range: i64) -> i64 {
    const HOUR: i64 = 3_600;
    match range {
        ..=21_600 => 60,
        21_601..=172_800 => 300,
        _ => HOUR / 2,
    }
}

/// How a stretch up to the present is asked, in seconds: lengths of a few kinds, so that the same query is run again and again. It
/// reaches a little further back than is needed, since the first bucket may be cut.
#[must_use]
pub fn last(stretch: Stretch, now: i64) -> When {
    let needed = (now - stretch.from).div_euclid(1_000_000) + 120;
    let kinds = [1_200, 3_600, 10_800, 21_600];
    When::Last(kinds.into_iter().find(|kind| *kind >= needed).unwrap_or(needed))
}

/// A column of another span of the trace.
#[must_use]
pub fn is_relation(field: &str) -> bool {
    RELATIONS.iter().any(|prefix| field.starts_with(prefix))
}

/// The name that a column of another span has on its own span.
#[must_use]
pub fn own(field: &str) -> &str {
    RELATIONS.iter().find_map(|prefix| field.strip_prefix(prefix)).unwrap_or(field)
}

/// A test as a filter of theirs. The operators are the same; what is missing is not equal to `null` there, but does not exist.
fn filter(test: &Test) -> Value {
    let column = &test.field;
    match &test.op {
        Op::Exists | Op::Ne(Literal::Null) => json!({"column": column, "op": "exists"}),
        Op::DoesNotExist | Op::Eq(Literal::Null) => json!({"column": column, "op": "does-not-exist"}),
        Op::In(list) | Op::NotIn(list) => {
            let values: Vec<Value> = list.iter().map(value).collect();
            json!({"column": column, "op": test.op.word(), "value": values})
        }
        Op::StartsWith(text)
        | Op::DoesNotStartWith(text)
        | Op::EndsWith(text)
        | Op::DoesNotEndWith(text)
        | Op::Contains(text)
        | Op::DoesNotContain(text) => json!({"column": column, "op": test.op.word(), "value": text}),
        op => json!({"column": column, "op": op.word(), "value": op.literals().first().map(value)}),
    }
}

fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(bool) => (*bool).into(),
        Literal::Int(number) => (*number).into(),
        Literal::Float(number) => number.get().into(),
        Literal::Text(text) => text.as_str().into(),
    }
}

/// A filter as an expression of a calculated field: true or false for every event.
fn written(expr: &Expr) -> String {
    let list = |word: &str, all: &[Expr], empty: &str| match all {
        [] => empty.to_owned(),
        [one] => written(one),
        all => format!("{word}({})", all.iter().map(written).collect::<Vec<_>>().join(", ")),
    };
    match expr {
        Expr::And(all) => list("AND", all, "true"),
        Expr::Or(any) => list("OR", any, "false"),
        Expr::Not(one) => format!("NOT({})", written(one)),
        Expr::Test(test) => tested(test),
    }
}

fn tested(test: &Test) -> String {
    let column = format!("${}", quoted(&test.field));
    // nothing is false, whatever a function says of it
    let there = |what: String| format!("IF(EXISTS({column}), {what}, false)");
    let positive = |op: &Op| match op {
        Op::Eq(Literal::Null) | Op::DoesNotExist => format!("NOT(EXISTS({column}))"),
        Op::Exists => format!("EXISTS({column})"),
        Op::Eq(l) => there(format!("EQUALS({column}, {})", literal(l))),
        Op::Gt(l) => there(format!("GT({column}, {})", literal(l))),
        Op::Ge(l) => there(format!("GTE({column}, {})", literal(l))),
        Op::Lt(l) => there(format!("LT({column}, {})", literal(l))),
        Op::Le(l) => there(format!("LTE({column}, {})", literal(l))),
        Op::StartsWith(t) => there(format!("STARTS_WITH({column}, {})", quoted(t))),
        Op::EndsWith(t) => there(format!("ENDS_WITH({column}, {})", quoted(t))),
        Op::Contains(t) => there(format!("CONTAINS({column}, {})", quoted(t))),
        Op::In(list) if list.is_empty() => "false".to_owned(),
        Op::In(list) => there(format!("IN({column}, {})", list.iter().map(literal).collect::<Vec<_>>().join(", "))),
        // the complements are turned round below
        Op::Ne(_) | Op::NotIn(_) | Op::DoesNotStartWith(_) | Op::DoesNotEndWith(_) | Op::DoesNotContain(_) => {
            "false".to_owned()
        }
    };
    match &test.op {
        Op::Ne(l) => format!("NOT({})", positive(&Op::Eq(l.clone()))),
        Op::NotIn(list) => format!("NOT({})", positive(&Op::In(list.clone()))),
        Op::DoesNotStartWith(t) => format!("NOT({})", positive(&Op::StartsWith(t.clone()))),
        Op::DoesNotEndWith(t) => format!("NOT({})", positive(&Op::EndsWith(t.clone()))),
        Op::DoesNotContain(t) => format!("NOT({})", positive(&Op::Contains(t.clone()))),
        op => positive(op),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(bool) => bool.to_string(),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => format!("{:?}", number.get()),
        Literal::Text(text) => quoted(text),
    }
}

/// A text in double quotes, with what its grammar has escapes for.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
