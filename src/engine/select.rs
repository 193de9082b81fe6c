//! Which rows of a block a filter means. Every rule of comparison is [`crate::query::filter`]'s; here is only the way to ask it column by column.

use super::bits::Bits;
use super::column::{Part, Values};
use super::store::{Block, Store};
use crate::query::filter::{Expr, Op, Value};

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
        op: &'e Op,
        /// of which field; None if no event has it
        field: Option<usize>,
        /// the answer for a missing value
        missing: bool,
        /// the answer for each repeating text
        words: Vec<bool>,
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
                let field = store.field(&test.field);
                let texts = field.and_then(|f| store.words(f)).map_or(&[][..], |w| w.texts());
                let words = texts.iter().map(|t| test.op.accepts(Value::Text(t))).collect();
                Self::Test { op: &test.op, field, missing: test.op.accepts(Value::Missing), words }
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
            Self::Test { op, field, missing, words } => {
                let parts = field.and_then(|f| block.column(f)).map_or(&[][..], |c| c.parts());
                let mut found = Bits::zeros(rows);
                if *missing {
                    let mut present = Bits::zeros(rows);
                    parts.iter().for_each(|p| present.or(&p.present));
                    found = present.not(rows);
                }
                for part in parts {
                    test(part, op, words, field.and_then(|f| store.words(f)), &mut found);
                }
                found
            }
        }
    }
}

fn test(part: &Part, op: &Op, words: &[bool], texts: Option<&super::column::Words>, found: &mut Bits) {
    if let Values::Word(list) = &part.values {
        for (row, word) in part.present.rows().zip(list) {
            if words.get(*word as usize).copied().unwrap_or(false) {
                found.set(row);
            }
        }
    } else if let Some(texts) = texts {
        part.each(texts, |row, value| {
            if op.accepts(value) {
                found.set(row);
            }
        });
    }
}
