//! Telling events apart by the values of fields: each store on a thread of its own, then the groups of both together. It must not know of files.
//!
//! A value gets a small number where it is first seen in its store, a repeating text by its place among the field's words, so that a row costs
//! a few lookups in tables; groups of several fields are numbered pair by pair.

use std::collections::HashMap;

use super::alias;
use super::bits::Bits;
use super::column::Values;
use super::question::MOST_GROUPS;
use super::select::Filter;
use super::store::{Block, Store};
use crate::query::breakdown::{Breakdown, Percentile, Row, Table};
use crate::query::filter::{Expr, Finite, Literal, Value};

/// No number: a value that was not seen yet, or the group of what is not told apart any more.
const NONE: u32 = u32::MAX;
/// Whole numbers seen last, by their lowest bits.
const RECENT: usize = 256;
/// Cells of tables that number pairs, before a map does.
const MOST_CELLS: usize = 1 << 22;

/// Which events count, which of them are bad, and how they are told apart.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'q> {
    /// Which of the valid events failed.
    pub bad: &'q Expr,
    /// Which events are valid; all of them without it.
    pub valid: Option<&'q Expr>,
    /// How.
    pub by: &'q Breakdown,
}

/// Numbers for the values of one field.
struct Numbers {
    values: Vec<Literal>,
    index: HashMap<Literal, u32>,
    /// For each field of that meaning the number of each of its words.
    words: HashMap<usize, Vec<u32>>,
    recent: Vec<(i64, u32)>,
}

/// Numbers for pairs of a group and a value: a table as long as that is small, then a map.
#[derive(Default)]
struct Pairs {
    known: Vec<(u32, u32)>,
    /// As many cells for each group as a row is wide.
    table: Vec<u32>,
    width: usize,
    map: HashMap<(u32, u32), u32>,
}

/// What was counted of one group.
#[derive(Default)]
struct Group {
    total: u64,
    bad: u64,
    numbers: Vec<f64>,
    /// How many events each number stands for; empty while each stands for one.
    weights: Vec<u32>,
}

/// What one store has.
struct Lane {
    groups: Vec<(Vec<Literal>, Group)>,
    is_cut: bool,
}

/// The groups of all stores.
#[must_use]
pub fn table(stores: &[Store], asked: Asked<'_>) -> Table {
    let lanes: Vec<Lane> = std::thread::scope(|scope| {
        let others: Vec<_> = stores.iter().skip(1).map(|store| scope.spawn(move || lane(store, asked))).collect();
        let first = stores.first().map(|store| lane(store, asked));
        let others = others.into_iter().map(|other| match other.join() {
            Ok(lane) => lane,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        first.into_iter().chain(others).collect()
    });
    let mut is_cut = lanes.iter().any(|lane| lane.is_cut);
    let mut places: HashMap<Vec<Literal>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Literal>, Vec<Group>)> = Vec::new();
    for (values, group) in lanes.into_iter().flat_map(|lane| lane.groups) {
        let known = places.get(&values).copied();
        if let Some((_, parts)) = known.and_then(|place| groups.get_mut(place)) {
            parts.push(group);
        } else if groups.len() >= MOST_GROUPS {
            is_cut = true;
        } else {
            places.insert(values.clone(), groups.len());
            groups.push((values, vec![group]));
        }
    }
    Table::of(rows(groups, asked.by.percentile.as_ref()), is_cut)
}

/// Groups as rows. Percentiles need most of the time, so two threads find them, each of about half of the numbers.
fn rows(mut groups: Vec<(Vec<Literal>, Vec<Group>)>, percentile: Option<&Percentile>) -> Vec<Row> {
    let size = |(_, parts): &(Vec<Literal>, Vec<Group>)| parts.iter().map(|part| part.numbers.len()).sum::<usize>();
    let half = groups.iter().map(size).sum::<usize>() / 2;
    let ends = groups.iter().scan(0, |seen, group| {
        *seen += size(group);
        Some(*seen)
    });
    let first = ends.take_while(|end| *end <= half).count();
    let later = groups.split_off(first);
    let make = |groups: Vec<(Vec<Literal>, Vec<Group>)>| -> Vec<Row> {
        groups.into_iter().map(|(values, parts)| row(values, parts, percentile)).collect()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| make(later));
        let mut rows = make(groups);
        match other.join() {
            Ok(more) => rows.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        rows
    })
}

fn row(values: Vec<Literal>, parts: Vec<Group>, percentile: Option<&Percentile>) -> Row {
    let sum = |of: fn(&Group) -> u64| parts.iter().map(of).fold(0, u64::saturating_add);
    let (total, bad) = (sum(|part| part.total), sum(|part| part.bad));
    Row { values, total, bad, percentile: percentile.and_then(|percentile| ranked(percentile, parts)) }
}

fn ranked(percentile: &Percentile, parts: Vec<Group>) -> Option<f64> {
    if parts.iter().all(|part| part.weights.is_empty()) {
        let mut numbers: Vec<f64> = parts.into_iter().map(|part| part.numbers).reduce(|mut all, more| {
            all.extend(more);
            all
        })?;
        let rank = usize::try_from(percentile.rank(numbers.len() as u64)?).ok()?;
        return Some(*numbers.select_nth_unstable_by(rank, f64::total_cmp).1);
    }
    let weighed = |part: &Group| -> Vec<(f64, u64)> {
        let weight = |place: usize| u64::from(part.weights.get(place).copied().unwrap_or(1));
        part.numbers.iter().enumerate().map(|(place, number)| (*number, weight(place))).collect()
    };
    let mut numbers: Vec<(f64, u64)> = parts.iter().flat_map(weighed).collect();
    numbers.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let rank = percentile.rank(numbers.iter().map(|(_, weight)| weight).sum())?;
    let mut before = 0;
    numbers
        .into_iter()
        .find(|(_, weight)| {
            before += weight;
            before > rank
        })
        .map(|(number, _)| number)
}

fn lane(store: &Store, asked: Asked<'_>) -> Lane {
    let (bad, valid) = (Filter::prepare(asked.bad, store), asked.valid.map(|valid| Filter::prepare(valid, store)));
    let by = asked.by;
    let mut numbers: Vec<Numbers> = by.fields.iter().map(|_| Numbers::default()).collect();
    let mut pairs: Vec<Pairs> = by.fields.iter().map(|_| Pairs::default()).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut is_cut = false;
    let measured = by.percentile.as_ref().map(|percentile| alias::fields(&percentile.field, store));
    for block in store.blocks().iter().filter(|block| block.last >= by.from && block.first < by.to) {
        let mut wanted = valid.as_ref().map_or_else(|| Bits::ones(block.rows()), |valid| valid.rows(block, store));
        if block.first < by.from || block.last >= by.to {
            wanted.and(&within(block, by));
        }
        let mut of_row = vec![0; block.rows()];
        for ((field, numbers), pairs) in by.fields.iter().zip(&mut numbers).zip(&mut pairs) {
            let values = numbers.of(field, block, store);
            wanted.each(|row| {
                if let (Some(group), Some(value)) = (of_row.get_mut(row), values.get(row)) {
                    *group = pairs.number(*group, *value);
                }
            });
        }
        groups.resize_with(pairs.last().map_or(1, |pairs| pairs.known.len()), Group::default);
        let at = |row: usize| of_row.get(row).copied().unwrap_or(NONE) as usize;
        wanted.each(|row| match groups.get_mut(at(row)) {
            Some(group) => group.total = group.total.saturating_add(u64::from(block.weight(row))),
            None => is_cut = true,
        });
        let mut failed = bad.rows(block, store);
        failed.and(&wanted);
        failed.each(|row| {
            if let Some(group) = groups.get_mut(at(row)) {
                group.bad = group.bad.saturating_add(u64::from(block.weight(row)));
            }
        });
        if let Some(fields) = &measured {
            measure(block, fields, wanted, |row, number| {
                if let Some(group) = groups.get_mut(at(row)) {
                    group.take(number, block.weight(row));
                }
            });
        }
    }
    let values = |group: usize| {
        let mut group = u32::try_from(group).unwrap_or(NONE);
        let mut values: Vec<Literal> = Vec::with_capacity(numbers.len());
        for (numbers, pairs) in numbers.iter().zip(&pairs).rev() {
            let (before, value) = pairs.known.get(group as usize).copied().unwrap_or((NONE, NONE));
            values.push(numbers.values.get(value as usize).cloned().unwrap_or(Literal::Null));
            group = before;
        }
        values.reverse();
        values
    };
    let counted = groups.into_iter().enumerate().filter(|(_, group)| group.total > 0);
    Lane { groups: counted.map(|(place, group)| (values(place), group)).collect(), is_cut }
}

/// The rows of a block that happened within the span.
fn within(block: &Block, by: &Breakdown) -> Bits {
    let mut rows = Bits::zeros(block.rows());
    for (row, time) in block.times.iter().enumerate() {
        if (by.from..by.to).contains(time) {
            rows.set(row);
        }
    }
    rows
}

/// Tells the number of each wanted row that has one, under the first of the names that it has.
fn measure(block: &Block, fields: &[usize], mut wanted: Bits, mut tell: impl FnMut(usize, f64)) {
    for field in fields {
        let Some(column) = block.column(*field) else { continue };
        let mut seen = Bits::zeros(block.rows());
        for part in column.parts() {
            match &part.values {
                Values::Float(list) => part.present.each_with(list, |row, v| {
                    if wanted.get(row) {
                        tell(row, v);
                    }
                }),
                Values::Int(list) => part.present.each_with(list, |row, v| {
                    if wanted.get(row) {
                        tell(row, v as f64);
                    }
                }),
                _ => {}
            }
            seen.or(&part.present);
        }
        wanted.and(&seen.not(block.rows()));
    }
}

impl Group {
    fn take(&mut self, number: f64, weight: u32) {
        if weight != 1 || !self.weights.is_empty() {
            self.weights.resize(self.numbers.len(), 1);
            self.weights.push(weight);
        }
        self.numbers.push(number);
    }
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
    fn of(&mut self, field: &str, block: &Block, store: &Store) -> Vec<u32> {
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
    fn number(&mut self, group: u32, value: u32) -> u32 {
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
