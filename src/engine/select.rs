//! Which rows of a block a filter means. Every rule of comparison is [`crate::query::filter`]'s; here is only the way to ask it column by column.

use super::alias;
use super::bits::Bits;
use super::column::{Part, Values};
use super::store::{Block, Store};
use crate::query::filter::{Expr, Op, Value};
use std::borrow::Cow;

/// A filter, prepared for one store: fields are numbers, and each repeating text was asked once.
#[derive(Debug)]
pub enum Filter<'e> {
    /// every one holds
    And(Vec<Filter<'e>>),
    /// one of them holds
    Or(Vec<Filter<'e>>),
    /// it does not hold
    Not(Box<Filter<'e>>),
    /// a test of a field
    Test {
        /// what is asked
        op: Cow<'e, Op>,
        /// of which fields, each with the answer for each of its repeating texts; a later one counts where those before it are missing
        fields: Vec<(usize, Vec<bool>)>,
        /// the answer for a missing value
        missing: bool,
    },
}

impl<'e> Filter<'e> {
    /// Prepares a filter for a store as it is now.
    #[must_use]
    pub fn prepare(expr: &'e Expr, store: &Store) -> Self {
        match expr {
            Expr::And(list) => Self::And(list.iter().map(|e| Self::prepare(e, store)).collect()),
            Expr::Or(list) => Self::Or(list.iter().map(|e| Self::prepare(e, store)).collect()),
            Expr::Not(e) => Self::Not(Box::new(Self::prepare(e, store))),
            Expr::Test(test) => {
                let op = test.meant();
                let answers = |field: usize| {
                    let texts = store.words(field).map_or(&[][..], |w| w.texts());
                    (field, texts.iter().map(|t| op.accepts(Value::Text(t))).collect())
                };
                let fields = alias::fields(&test.field, store).into_iter().map(answers).collect();
                let missing = op.accepts(Value::Missing);
                Self::Test { op, fields, missing }
            }
        }
    }

    /// The rows of a block that are meant.
    #[must_use]
    pub fn rows(&self, block: &Block, store: &Store) -> Bits {
        let rows = block.rows();
        match self {
            Self::And(list) => {
                let mut left = Bits::ones(rows);
                for filter in list {
                    if left.is_empty() {
                        break;
                    }
                    left.and(&filter.rows(block, store));
                }
                left
            }
            Self::Or(list) => {
                let mut found = Bits::zeros(rows);
                list.iter().for_each(|filter| found.or(&filter.rows(block, store)));
                found
            }
            Self::Not(filter) => filter.rows(block, store).not(rows),
            Self::Test { op, fields, missing } => {
                let mut found = Bits::zeros(rows);
                let mut present = Bits::zeros(rows);
                for (place, (field, words)) in fields.iter().enumerate() {
                    let parts = block.column(*field).map_or(&[][..], |c| c.parts());
                    let mut here = Bits::zeros(rows);
                    for part in parts {
                        test(part, op, words, store.words(*field), &mut here);
                    }
                    if place > 0 {
                        here.and(&present.not(rows));
                    }
                    found.or(&here);
                    if *missing || place + 1 < fields.len() {
                        parts.iter().for_each(|p| present.or(&p.present));
                    }
                }
                if *missing {
                    found.or(&present.not(rows));
                }
                found
            }
        }
    }
}

fn test(part: &Part, op: &Op, words: &[bool], texts: Option<&super::column::Words>, found: &mut Bits) {
    if let Values::Word(list) = &part.values {
        found.accept(&part.present, list, |word| words.get(word as usize).copied().unwrap_or(false));
    } else if let (Values::Int(list), Some((accepted, inside))) = (&part.values, op.wholes()) {
        found.accept(&part.present, list, |value| accepted.contains(&value) == inside);
    } else if let Some(texts) = texts {
        part.each(texts, |row, value| {
            if op.accepts(value) {
                found.set(row);
            }
        });
    }
}
