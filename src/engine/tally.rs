//! Counting: blocks to cells, cells to series. What was counted in a closed block is remembered, so that asking again costs only what is new.
//! It must not know of files.

use std::collections::{BTreeMap, HashMap};

use super::bits::Bits;
use super::question::Question;
use super::select::Filter;
use super::store::{Block, Store};
use crate::query::filter::Expr;
use crate::query::series::{Bucket, Series};

/// A block whose counts are more than this many cells is counted again each time instead of being remembered.
const MOST_CELLS: usize = 16_384;
/// One bucket in one block.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
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
    closed: HashMap<(usize, usize), Vec<Cell>>,
    /// How many blocks were counted so far, for tests of remembering.
    counted: u64,
}

/// The counts of a question.
#[derive(Debug, Default)]
pub struct Tally {
    cells: BTreeMap<i64, (u64, u64)>,
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
            closed: HashMap::new(),
            counted: 0,
        }
    }

    /// Whether a question differs only in its span of time.
    #[must_use]
    pub fn fits(&self, question: &Question) -> bool {
        self.bad == question.bad && self.valid == question.valid && self.step == question.step
    }

    /// How many blocks were counted since the beginning.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// Counts what happened in `[from, to)`, from the beginning of a bucket on. A block that goes on after the end is counted each time where that cuts
    /// a bucket.
    #[must_use]
    pub fn count(&mut self, stores: &[Store], from: i64, to: i64) -> Tally {
        let mut tally = Tally::default();
        let mut fresh: Vec<Vec<(usize, Vec<Cell>)>> = self.fresh(stores, from, to);
        let cuts = to.rem_euclid(self.step) != 0;
        let is_cut = |store: &Store, number: usize| cuts && store.blocks().get(number).is_some_and(|b| b.last >= to);
        for (lane, (store, fresh)) in stores.iter().zip(&mut fresh).enumerate() {
            for (number, cells) in fresh.drain(..) {
                self.counted += 1;
                if number + 1 < store.blocks().len() && cells.len() <= MOST_CELLS && !is_cut(store, number) {
                    self.closed.insert((lane, number), cells);
                } else {
                    tally.add(&cells, from, to);
                }
            }
            for (number, _) in meant(store, from, to).filter(|(number, _)| !is_cut(store, *number)) {
                if let Some(cells) = self.closed.get(&(lane, number)) {
                    tally.add(cells, from, to);
                }
            }
        }
        tally
    }

    /// The blocks of each store that are not remembered, counted; where that is much, the stores at the same time.
    fn fresh(&self, stores: &[Store], from: i64, to: i64) -> Vec<Vec<(usize, Vec<Cell>)>> {
        let (bad, valid, step) = (&self.bad, &self.valid, self.step);
        let until = |block: &Block| (to.rem_euclid(step) != 0 && block.last >= to).then_some(to);
        let missing = |lane: usize, store: &Store| -> Vec<usize> {
            let unknown = |number, block| until(block).is_some() || !self.closed.contains_key(&(lane, number));
            meant(store, from, to).filter(|(number, block)| unknown(*number, block)).map(|(number, _)| number).collect()
        };
        let count = move |store: &Store, numbers: Vec<usize>| -> Vec<(usize, Vec<Cell>)> {
            let (bad, valid) = (Filter::prepare(bad, store), valid.as_ref().map(|valid| Filter::prepare(valid, store)));
            let one = |number: usize| {
                let block = store.blocks().get(number)?;
                Some((number, cells(block, store, &bad, valid.as_ref(), (step, until(block)))))
            };
            numbers.into_iter().filter_map(one).collect()
        };
        let wanted: Vec<(&Store, Vec<usize>)> =
            stores.iter().enumerate().map(|(lane, store)| (store, missing(lane, store))).collect();
        if wanted.iter().filter(|(_, numbers)| numbers.len() > 1).count() < 2 {
            return wanted.into_iter().map(|(store, numbers)| count(store, numbers)).collect();
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                wanted.into_iter().map(|(store, numbers)| scope.spawn(move || count(store, numbers))).collect();
            let done = threads.into_iter().map(|thread| match thread.join() {
                Ok(cells) => cells,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            done.collect()
        })
    }
}

/// The blocks of a store in which something may have happened then, with their numbers.
fn meant(store: &Store, from: i64, to: i64) -> impl Iterator<Item = (usize, &Block)> {
    store.blocks().iter().enumerate().filter(move |(_, block)| block.last >= from && block.first < to)
}

/// Counts a block in buckets of a width, all of it or until a moment.
fn cells(
    block: &Block,
    store: &Store,
    bad: &Filter<'_>,
    valid: Option<&Filter<'_>>,
    (step, until): (i64, Option<i64>),
) -> Vec<Cell> {
    let valid = valid.map_or_else(|| Bits::ones(block.rows()), |v| v.rows(block, store));
    let mut bad = bad.rows(block, store);
    bad.and(&valid);
    let mut cells: Vec<Cell> = Vec::new();
    let mut index: HashMap<i64, usize> = HashMap::new();
    let mut row = 0;
    while let Some(time) = block.times.get(row) {
        if until.is_some_and(|until| *time >= until) {
            row += 1;
            continue;
        }
        let start = time.div_euclid(step) * step;
        let end = until.unwrap_or(i64::MAX);
        // mostly the rows after it are in the same bucket
        let after = block.times.get(row..).unwrap_or(&[]);
        let is_in = |time: i64| (0..step).contains(&time.wrapping_sub(start)) && time < end;
        let run = after.iter().take_while(|time| is_in(**time)).count().max(1);
        let rows = row..row + run;
        row = rows.end;
        let count = valid.count(rows.clone());
        if count == 0 {
            continue;
        }
        let place = *index.entry(start).or_insert_with(|| {
            cells.push(Cell { start, ..Cell::default() });
            cells.len() - 1
        });
        if let Some(cell) = cells.get_mut(place) {
            cell.rows += count;
            if block.weights.is_empty() {
                cell.total += count;
                cell.bad += bad.count(rows);
            } else {
                for row in rows.filter(|row| valid.get(*row)) {
                    let weight = u64::from(block.weight(row));
                    cell.total += weight;
                    cell.bad += if bad.get(row) { weight } else { 0 };
                }
            }
        }
    }
    cells
}

impl Tally {
    fn add(&mut self, cells: &[Cell], from: i64, to: i64) {
        for cell in cells.iter().filter(|c| (from..to).contains(&c.start)) {
            let sum = self.cells.entry(cell.start).or_default();
            *sum = (sum.0.saturating_add(cell.total), sum.1.saturating_add(cell.bad));
            self.rows += cell.rows;
        }
    }

    /// How many valid events were counted, each once.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The counts at these starts; 0 where there is none.
    #[must_use]
    pub fn series(&self, step: i64, starts: &[i64]) -> Series {
        let bucket = |start: &i64| {
            let (total, bad) = self.cells.get(start).copied().unwrap_or_default();
            Bucket { start: *start, total, bad }
        };
        Series::of(step, starts.iter().map(bucket).collect())
    }
}
