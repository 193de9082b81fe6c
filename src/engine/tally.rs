//! Counting: blocks to cells, cells to series and groups. What was counted in a closed block is remembered, so that asking again costs only what is new.
//! It must not know of files.

use std::collections::{BTreeMap, HashMap};

use super::alias;
use super::bits::Bits;
use super::column::Values;
use super::question::{Group, MOST_GROUPS, Question, Rest};
use super::select::Filter;
use super::store::{Block, Store};
use crate::query::filter::{Expr, Finite, Literal, Value};
use crate::query::series::{Bucket, Series};

/// A block whose counts are more than this many cells is counted again each time instead of being remembered.
const MOST_CELLS: usize = 16_384;
/// The group of what cannot be told apart.
const OTHER: u32 = u32::MAX;

/// One bucket of one group in one block.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    group: u32,
    start: i64,
    rows: u64,
    total: u64,
    bad: u64,
}

/// A question without its span of time, and what is known about closed blocks.
#[derive(Debug)]
pub struct Memo {
    bad: Expr,
    valid: Option<Expr>,
    step: i64,
    group: Option<String>,
    values: Vec<Literal>,
    index: HashMap<Literal, u32>,
    closed: HashMap<(usize, usize), Vec<Cell>>,
    /// How many blocks were counted so far, for tests of remembering.
    counted: u64,
}

/// The counts of a question.
#[derive(Debug, Default)]
pub struct Tally {
    cells: BTreeMap<(u32, i64), (u64, u64)>,
    rows: u64,
}

impl Memo {
    /// Nothing is remembered yet.
    #[must_use]
    pub fn new(question: &Question) -> Self {
        Self {
            bad: question.bad.clone(),
            valid: question.valid.clone(),
            step: question.step.max(1),
            group: question.group.clone(),
            values: Vec::new(),
            index: HashMap::new(),
            closed: HashMap::new(),
            counted: 0,
        }
    }

    /// Whether a question differs only in its span of time and in how many groups it shows.
    #[must_use]
    pub fn fits(&self, question: &Question) -> bool {
        self.bad == question.bad
            && self.valid == question.valid
            && self.step == question.step
            && self.group == question.group
    }

    /// How many blocks were counted since the beginning.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// Counts what happened in `[from, to)`; both are multiples of the step.
    #[must_use]
    pub fn count(&mut self, stores: &[Store], from: i64, to: i64) -> Tally {
        let mut tally = Tally::default();
        let (bad, valid) = (self.bad.clone(), self.valid.clone());
        for (lane, store) in stores.iter().enumerate() {
            let bad = Filter::prepare(&bad, store);
            let valid = valid.as_ref().map(|v| Filter::prepare(v, store));
            for (number, block) in store.blocks().iter().enumerate() {
                if block.last < from || block.first >= to {
                    continue;
                }
                let closed = number + 1 < store.blocks().len();
                if let Some(cells) = self.closed.get(&(lane, number)).filter(|_| closed) {
                    tally.add(cells, from, to);
                    continue;
                }
                let cells = self.cells(block, store, &bad, valid.as_ref());
                tally.add(&cells, from, to);
                if closed && cells.len() <= MOST_CELLS {
                    self.closed.insert((lane, number), cells);
                }
            }
        }
        tally
    }

    fn cells(&mut self, block: &Block, store: &Store, bad: &Filter<'_>, valid: Option<&Filter<'_>>) -> Vec<Cell> {
        self.counted += 1;
        let valid = valid.map_or_else(|| Bits::ones(block.rows()), |v| v.rows(block, store));
        let bad = bad.rows(block, store);
        let groups = self.group.clone().map(|field| self.groups(&field, block, store, &valid));
        let mut cells: Vec<Cell> = Vec::new();
        let mut index: HashMap<(u32, i64), usize> = HashMap::new();
        let mut at = None;
        for row in valid.rows() {
            let Some(time) = block.times.get(row) else { continue };
            let start = time.div_euclid(self.step) * self.step;
            let group = groups.as_ref().map_or(0, |g| g.get(row).copied().unwrap_or(OTHER));
            // mostly the same bucket and group as the row before
            let place = match at {
                Some((known, place)) if known == (group, start) => place,
                _ => *index.entry((group, start)).or_insert_with(|| {
                    cells.push(Cell { group, start, ..Cell::default() });
                    cells.len() - 1
                }),
            };
            at = Some(((group, start), place));
            if let Some(cell) = cells.get_mut(place) {
                let weight = u64::from(block.weight(row));
                cell.rows += 1;
                cell.total += weight;
                if bad.get(row) {
                    cell.bad += weight;
                }
            }
        }
        cells
    }

    /// The group of each valid row of a block.
    fn groups(&mut self, field: &str, block: &Block, store: &Store, valid: &Bits) -> Vec<u32> {
        let missing = self.number(Literal::Null);
        let mut groups = vec![missing; block.rows()];
        // the name that was asked last, so that it is written over the others
        for field in alias::fields(field, store).into_iter().rev() {
            self.groups_of(field, block, store, valid, &mut groups);
        }
        groups
    }

    /// Writes down the groups that one field tells.
    fn groups_of(&mut self, field: usize, block: &Block, store: &Store, valid: &Bits, groups: &mut [u32]) {
        let (Some(words), Some(column)) = (store.words(field), block.column(field)) else { return };
        let mut known: HashMap<u32, u32> = HashMap::new();
        for part in column.parts() {
            if let Values::Word(list) = &part.values {
                for (row, word) in part.present.rows().zip(list).filter(|(row, _)| valid.get(*row)) {
                    let group = *known.entry(*word).or_insert_with(|| {
                        let text = words.texts().get(*word as usize).map_or("", |t| t);
                        self.number(Literal::Text(text.to_owned()))
                    });
                    if let Some(place) = groups.get_mut(row) {
                        *place = group;
                    }
                }
            } else {
                part.each(words, |row, value| {
                    if let Some(place) = groups.get_mut(row).filter(|_| valid.get(row)) {
                        *place = self.number(literal(value));
                    }
                });
            }
        }
    }

    fn number(&mut self, value: Literal) -> u32 {
        if let Some(number) = self.index.get(&value) {
            return *number;
        }
        if self.values.len() >= MOST_GROUPS {
            return OTHER;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(OTHER);
        self.values.push(value.clone());
        self.index.insert(value, number);
        number
    }

    /// Whether there were more groups than can be told apart.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.values.len() >= MOST_GROUPS
    }

    /// The groups of a tally, those with most bad events first, then those with most events; and the rest together.
    #[must_use]
    pub fn grouped(&self, tally: &Tally, starts: &[i64], top: usize) -> (Vec<Group>, Option<Rest>) {
        if self.group.is_none() {
            return (Vec::new(), None);
        }
        let mut sums: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for ((group, _), (total, bad)) in &tally.cells {
            let sum = sums.entry(*group).or_default();
            *sum = (sum.0.saturating_add(*total), sum.1.saturating_add(*bad));
        }
        let mut order: Vec<(u64, u64, &Literal, u32)> = sums
            .iter()
            .filter_map(|(group, (total, bad))| Some((*bad, *total, self.values.get(*group as usize)?, *group)))
            .collect();
        order.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
        let hidden: Vec<u32> = order
            .iter()
            .skip(top)
            .map(|(.., group)| *group)
            .chain(sums.contains_key(&OTHER).then_some(OTHER))
            .collect();
        let groups = order.iter().take(top).map(|(bad, total, value, group)| {
            let series = tally.series(self.step, starts, |g| g == *group);
            Group { value: (*value).clone(), total: *total, bad: *bad, series }
        });
        let groups = groups.collect();
        if hidden.is_empty() {
            return (groups, None);
        }
        let hidden: std::collections::BTreeSet<u32> = hidden.into_iter().collect();
        let sum = hidden
            .iter()
            .filter_map(|g| sums.get(g))
            .fold((0_u64, 0_u64), |s, g| (s.0.saturating_add(g.0), s.1.saturating_add(g.1)));
        let series = tally.series(self.step, starts, |g| hidden.contains(&g));
        (groups, Some(Rest { groups: hidden.len() as u64, total: sum.0, bad: sum.1, series }))
    }
}

impl Tally {
    fn add(&mut self, cells: &[Cell], from: i64, to: i64) {
        for cell in cells.iter().filter(|c| (from..to).contains(&c.start)) {
            let sum = self.cells.entry((cell.group, cell.start)).or_default();
            *sum = (sum.0.saturating_add(cell.total), sum.1.saturating_add(cell.bad));
            self.rows += cell.rows;
        }
    }

    /// How many valid events were counted, each once.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The counts of some groups at these starts; 0 where there is none.
    #[must_use]
    pub fn series(&self, step: i64, starts: &[i64], wanted: impl Fn(u32) -> bool) -> Series {
        let mut sums: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for ((_, start), (total, bad)) in self.cells.iter().filter(|((group, _), _)| wanted(*group)) {
            let sum = sums.entry(*start).or_default();
            *sum = (sum.0.saturating_add(*total), sum.1.saturating_add(*bad));
        }
        let bucket = |start: &i64| {
            let (total, bad) = sums.get(start).copied().unwrap_or_default();
            Bucket { start: *start, total, bad }
        };
        Series::of(step, starts.iter().map(bucket).collect())
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
