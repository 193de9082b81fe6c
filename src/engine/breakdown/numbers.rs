//! Small numbers for the values of a field, and for pairs of a group and a value. It must not know what is counted.

use std::collections::HashMap;

use super::NONE;
use crate::engine::alias;
use crate::engine::column::Values;
use crate::engine::question::MOST_GROUPS;
use crate::engine::store::{Block, Store};
use crate::query::filter::{Finite, Literal, Value};

/// Whole numbers seen last, by their lowest bits.
const RECENT: usize = 256;
/// Cells of tables that number pairs, before a map does.
const MOST_CELLS: usize = 1 << 22;

/// Numbers for the values of one field.
pub(super) struct Numbers {
    pub(super) values: Vec<Literal>,
    index: HashMap<Literal, u32>,
    /// For each field of that meaning the number of each of its words.
    words: HashMap<usize, Vec<u32>>,
    recent: Vec<(i64, u32)>,
}

/// Numbers for pairs of a group and a value: a table as long as that is small, then a map.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) known: Vec<(u32, u32)>,
    /// As many cells for each group as a row is wide.
    table: Vec<u32>,
    width: usize,
    map: HashMap<(u32, u32), u32>,
}

impl Default for Numbers {
    fn default() -> Numbers {
        let missing = Literal::Null;
        Numbers {
            index: HashMap::from([(missing.clone(), 0)]),
            values: vec![missing],
            words: HashMap::new(),
            recent: vec![(0, NONE); RECENT],
        }
    }
}

impl Numbers {
    /// The number of each row's value.
    pub(super) fn of(&mut self, field: &str, block: &Block, store: &Store) -> Vec<u32> {
        // number 0 is a missing value
        let mut rows = vec![0; block.rows()];
        // the name that was asked last, so that it is written over the others
        for field in alias::fields(field, store).into_iter().rev() {
            self.write(field, block, store, &mut rows);
        }
        rows
    }

    fn write(&mut self, field: usize, block: &Block, store: &Store, rows: &mut [u32]) {
        let (Some(words), Some(column)) = (store.words(field), block.column(field)) else { return };
        for part in column.parts() {
            match &part.values {
                Values::Word(list) => {
                    let mut known = self.words.remove(&field).unwrap_or_default();
                    known.resize(words.texts().len(), NONE);
                    part.present.each_with(list, |row, word| {
                        let (Some(place), Some(known)) = (rows.get_mut(row), known.get_mut(word as usize)) else {
                            return;
                        };
                        if *known == NONE {
                            let text = words.texts().get(word as usize).map_or("", |text| text);
                            *known = self.number(Literal::Text(text.to_owned()));
                        }
                        *place = *known;
                    });
                    self.words.insert(field, known);
                }
                Values::Int(list) => part.present.each_with(list, |row, value| {
                    let number = self.whole(value);
                    if let Some(place) = rows.get_mut(row) {
                        *place = number;
                    }
                }),
                _ => part.each(words, |row, value| {
                    let number = self.number(literal(value));
                    if let Some(place) = rows.get_mut(row) {
                        *place = number;
                    }
                }),
            }
        }
    }

    fn whole(&mut self, value: i64) -> u32 {
        let slot = value.rem_euclid(RECENT as i64) as usize;
        match self.recent.get(slot) {
            Some((known, number)) if *known == value && *number != NONE => *number,
            _ => {
                let number = self.number(Literal::Int(value));
                if let Some(recent) = self.recent.get_mut(slot) {
                    *recent = (value, number);
                }
                number
            }
        }
    }

    fn number(&mut self, value: Literal) -> u32 {
        if let Some(number) = self.index.get(&value) {
            return *number;
        }
        if self.values.len() >= MOST_GROUPS {
            return NONE;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(NONE);
        self.values.push(value.clone());
        self.index.insert(value, number);
        number
    }
}

impl Pairs {
    pub(super) fn number(&mut self, group: u32, value: u32) -> u32 {
        if (value as usize) < self.width
            && let Some(known) = self.table.get(group as usize * self.width + value as usize)
            && *known != NONE
        {
            return *known;
        }
        self.find(group, value)
    }

    fn find(&mut self, group: u32, value: u32) -> u32 {
        if group == NONE || value == NONE {
            return NONE;
        }
        if let Some(known) = self.map.get(&(group, value)) {
            return *known;
        }
        if self.known.len() >= MOST_GROUPS {
            return NONE;
        }
        let number = u32::try_from(self.known.len()).unwrap_or(NONE);
        self.known.push((group, value));
        self.map.insert((group, value), number);
        self.lay_out(group as usize, value as usize);
        number
    }

    /// Makes the table large enough, unless it gets too large, and writes everything that is known into it.
    fn lay_out(&mut self, group: usize, value: usize) {
        let width = if value < self.width { self.width } else { (value + 1).next_power_of_two() };
        let groups = self.table.len().checked_div(self.width).unwrap_or(0).max((group + 1).next_power_of_two());
        if width.saturating_mul(groups) > MOST_CELLS {
            return;
        }
        let is_new = (width, width * groups) != (self.width, self.table.len());
        if is_new {
            self.width = width;
            self.table = vec![NONE; width * groups];
        }
        for (number, (group, value)) in
            self.known.iter().enumerate().skip(if is_new { 0 } else { self.known.len() - 1 })
        {
            if let Some(cell) = self.table.get_mut(*group as usize * width + *value as usize) {
                *cell = u32::try_from(number).unwrap_or(NONE);
            }
        }
    }
}

/// A value as the name of a group. A float without a fraction is the same group as the whole number.
fn literal(value: Value<'_>) -> Literal {
    match value {
        Value::Missing => Literal::Null,
        Value::Bool(v) => Literal::Bool(v),
        Value::Int(v) => Literal::Int(v),
        Value::Text(v) => Literal::Text(v.to_owned()),
        // within this range every whole float is exactly a whole number
        Value::Float(v) if v.fract() == 0.0 && v.abs() < 9e15 => Literal::Int(v as i64),
        Value::Float(v) => Finite::new(v).map_or(Literal::Null, Literal::Float),
    }
}
