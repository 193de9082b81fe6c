//! What must be said beside an answer: what its filter did not see. It must not count anything.

use super::alias;
use super::line::RATES;
use super::question::Note;
use super::store::{Kinds, Store};
use super::when;
use crate::query::filter::{Expr, Kind, Literal, Op, Test};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many values of a field are named.
const MOST_VALUES: usize = 4;

/// The notes to filters and to fields that are asked for beside them, sorted.
#[must_use]
pub fn of(bad: &Expr, valid: Option<&Expr>, fields: &[&str], stores: &[Store]) -> Vec<Note> {
    if stores.iter().all(|store| store.rows() == 0) {
        return Vec::new();
    }
    let tests = [Some(bad), valid].into_iter().flatten().flat_map(Expr::tests);
    let mut notes: Vec<Note> = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    for test in tests {
        notes.extend(note(test, stores));
        asked.push(&test.field);
    }
    asked.extend(fields);
    notes.extend(asked.into_iter().filter_map(|field| together(field, stores)));
    let absent = fields.iter().filter(|field| kinds_of(field, stores) == Kinds::default());
    notes.extend(absent.map(|field| Note::Absent { field: (*field).to_owned() }));
    notes.sort();
    notes.dedup();
    notes
}

/// Why a filter of bad events can see nothing, or calls all bad, by what was read: it compares with a field that no event has, or that never holds what it
/// looks at. Whether a field is there at all may well be asked of one that is not; that every good event has it may not. And a filter of what counts must
/// not want what no event has.
#[must_use]
pub fn blind(bad: &Expr, valid: Option<&Expr>, stores: &[Store]) -> Vec<Note> {
    if stores.iter().all(|store| store.rows() == 0) {
        return Vec::new();
    }
    let is_blind =
        |note: &Note| matches!(note, Note::Absent { .. } | Note::Taken { .. } | Note::Types { none: true, .. });
    let tests = bad.compared().into_iter().chain(valid.map(Expr::wanting).unwrap_or_default());
    let mut notes: Vec<Note> = tests.filter_map(|test| note(test, stores)).filter(is_blind).collect();
    notes.sort();
    notes.dedup();
    notes
}

fn note(test: &Test, stores: &[Store]) -> Option<Note> {
    let field = test.field.clone();
    let kinds = kinds_of(&field, stores);
    if kinds == Kinds::default() {
        let taken = when::NAMES.contains(&field.as_str()) || RATES.contains(&field.as_str());
        return Some(if taken { Note::Taken { field } } else { Note::Absent { field } });
    }
    let by_text = matches!(
        test.op,
        Op::Contains(_)
            | Op::DoesNotContain(_)
            | Op::StartsWith(_)
            | Op::DoesNotStartWith(_)
            | Op::EndsWith(_)
            | Op::DoesNotEndWith(_)
    );
    let asks = |want: fn(&Literal) -> bool| test.op.literals().iter().any(want);
    let all = [
        ("numbers", kinds.numbers, asks(|l| matches!(l, Literal::Int(_) | Literal::Float(_)))),
        ("texts", kinds.texts, by_text || asks(|l| matches!(l, Literal::Text(_)))),
        ("bools", kinds.bools, asks(|l| matches!(l, Literal::Bool(_)))),
    ];
    let asked: Vec<&str> = all.iter().filter(|(.., asked)| *asked).map(|(kind, ..)| *kind).collect();
    let none = all.iter().all(|(_, count, asked)| *count == 0 || !asked);
    let unseen = all.iter().any(|(_, count, asked)| *count > 0 && !asked);
    // one literal's type is easily said; a list of several types was written by somebody who knew
    let [only] = asked[..] else { return None };
    let holds: Vec<String> =
        all.iter().filter(|(_, count, _)| *count > 0).map(|(kind, count, _)| counted(*count, kind)).collect();
    unseen.then(|| Note::Types {
        field,
        holds: holds.join(" and "),
        test: Expr::Test(test.clone()).to_string(),
        only,
        none,
    })
}

/// Which fields of other names are taken for this one.
fn together(field: &str, stores: &[Store]) -> Option<Note> {
    let held = |name: &&str| kinds_under(name, stores) != Kinds::default();
    let others: Vec<String> = alias::others(field).filter(held).map(str::to_owned).collect();
    (!others.is_empty()).then(|| Note::Together { field: field.to_owned(), others })
}

/// The different texts that a field holds under any of its names, as far as they repeat.
#[must_use]
pub fn texts(field: &str, stores: &[Store]) -> Vec<Arc<str>> {
    let words = stores.iter().flat_map(|store| {
        let own = alias::fields(field, store).into_iter().filter_map(|field| store.words(field));
        own.flat_map(|words| words.texts().iter().cloned())
    });
    words.collect()
}

/// What the fields that a filter compares with texts hold: "kind holds: server, client", the first few of each.
#[must_use]
pub fn held(filter: &Expr, stores: &[Store]) -> Vec<String> {
    let is_text = |test: &&&Test| test.op.literals().iter().any(|literal| matches!(literal, Literal::Text(_)));
    let tests = filter.tests();
    let fields: BTreeSet<&str> = tests.iter().filter(is_text).map(|test| test.field.as_str()).collect();
    let holds = |field: &str| {
        let words = texts(field, stores);
        let mut values: Vec<&str> = words.iter().map(|text| &**text).collect();
        values.sort_unstable();
        values.dedup();
        let more = if values.len() > MOST_VALUES { ", …" } else { "" };
        values.truncate(MOST_VALUES);
        (!values.is_empty()).then(|| format!("{field} holds: {}{more}", values.join(", ")))
    };
    fields.into_iter().filter_map(holds).collect()
}

/// Whether any event holds such a value in a field.
#[must_use]
pub fn holds(field: &str, kind: Kind, stores: &[Store]) -> bool {
    let kinds = kinds_of(field, stores);
    let count = match kind {
        Kind::Number => kinds.numbers,
        Kind::Text => kinds.texts,
        Kind::Bool => kinds.bools,
    };
    count > 0
}

/// How often a field held each type under any of its names, in all stores.
fn kinds_of(name: &str, stores: &[Store]) -> Kinds {
    let all = std::iter::once(name).chain(alias::others(name)).map(|name| kinds_under(name, stores));
    all.fold(Kinds::default(), plus)
}

fn kinds_under(name: &str, stores: &[Store]) -> Kinds {
    stores.iter().filter_map(|s| Some(s.kinds(s.field(name)?))).fold(Kinds::default(), plus)
}

fn plus(sum: Kinds, kinds: Kinds) -> Kinds {
    Kinds { numbers: sum.numbers + kinds.numbers, texts: sum.texts + kinds.texts, bools: sum.bools + kinds.bools }
}
/// "1 text" or "3 texts".
fn counted(count: u64, kind: &str) -> String {
    format!("{count} {}", if count == 1 { kind.trim_end_matches('s') } else { kind })
}
