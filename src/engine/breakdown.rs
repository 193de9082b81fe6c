//! Telling events apart by the values of fields: each store on a thread of its own, then the groups of both together. It must not know of files.
//!
//! A value gets a small number where it is first seen in its store, a repeating text by its place among the field's words, so that a row costs
//! a few lookups in tables; groups of several fields are numbered pair by pair.

mod numbers;
mod top;

use std::collections::HashMap;

use super::alias;
use super::bits::Bits;
use super::column::Values;
use super::question::MOST_GROUPS;
use super::select::Filter;
use super::store::{Block, Store};
use crate::query::breakdown::{Breakdown, Percentile, Row, Table};
use crate::query::filter::{Expr, Literal};
use numbers::{Numbers, Pairs};
use top::{LetGo, Top};

/// No number: a value that was not seen yet, or the group of what is not told apart any more.
const NONE: u32 = u32::MAX;
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

/// What was counted of one group.
#[derive(Default)]
struct Group {
    total: u64,
    bad: u64,
    top: Top,
}

/// What one store has.
struct Lane {
    groups: Vec<(Vec<Literal>, Group)>,
    is_cut: bool,
}

/// The groups of all stores.
#[must_use]
pub fn table(stores: &[Store], asked: Asked<'_>) -> Table {
    let spare = asked.by.percentile.as_ref().and_then(Top::spare);
    // numbers that fell, as those of a fire that ends: everything is kept then
    found(stores, asked, spare).or_else(|LetGo| found(stores, asked, None)).unwrap_or_default()
}

/// The same, letting numbers go that are certainly below a percentile so high.
fn found(stores: &[Store], asked: Asked<'_>, spare: Option<u32>) -> Result<Table, LetGo> {
    let lanes: Vec<Lane> = std::thread::scope(|scope| {
        let others: Vec<_> =
            stores.iter().skip(1).map(|store| scope.spawn(move || lane(store, asked, spare))).collect();
        let first = stores.first().map(|store| lane(store, asked, spare));
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
    Ok(Table::of(rows(groups, asked.by.percentile.as_ref())?, is_cut))
}

/// Groups as rows. Percentiles need most of the time, so two threads find them, each of about half of the numbers.
fn rows(mut groups: Vec<(Vec<Literal>, Vec<Group>)>, percentile: Option<&Percentile>) -> Result<Vec<Row>, LetGo> {
    let size = |(_, parts): &(Vec<Literal>, Vec<Group>)| parts.iter().map(|part| part.top.kept()).sum::<usize>();
    let half = groups.iter().map(size).sum::<usize>() / 2;
    let ends = groups.iter().scan(0, |seen, group| {
        *seen += size(group);
        Some(*seen)
    });
    let first = ends.take_while(|end| *end <= half).count();
    let later = groups.split_off(first);
    let make = |groups: Vec<(Vec<Literal>, Vec<Group>)>| -> Result<Vec<Row>, LetGo> {
        groups.into_iter().map(|(values, parts)| row(values, parts, percentile)).collect()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| make(later));
        let rows = make(groups);
        let more = match other.join() {
            Ok(more) => more?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        let mut rows = rows?;
        rows.extend(more);
        Ok(rows)
    })
}

fn row(values: Vec<Literal>, parts: Vec<Group>, percentile: Option<&Percentile>) -> Result<Row, LetGo> {
    let sum = |of: fn(&Group) -> u64| parts.iter().map(of).fold(0, u64::saturating_add);
    let (total, bad) = (sum(|part| part.total), sum(|part| part.bad));
    let parts = parts.into_iter().map(|part| part.top).collect();
    let percentile = percentile.map_or(Ok(None), |percentile| Top::ranked(percentile, parts))?;
    Ok(Row { values, total, bad, percentile })
}

fn lane(store: &Store, asked: Asked<'_>, spare: Option<u32>) -> Lane {
    let (bad, valid) = (Filter::prepare(asked.bad, store), asked.valid.map(|valid| Filter::prepare(valid, store)));
    let by = asked.by;
    let mut numbers: Vec<Numbers> = by.fields.iter().map(|_| Numbers::default()).collect();
    // the values of the first field are groups already
    let mut pairs: Vec<Pairs> = by.fields.iter().skip(1).map(|_| Pairs::default()).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut is_cut = false;
    let measured = by.percentile.as_ref().map(|percentile| alias::fields(&percentile.field, store));
    for block in store.blocks().iter().filter(|block| block.last >= by.from && block.first < by.to) {
        let mut wanted = valid.as_ref().map_or_else(|| Bits::ones(block.rows()), |valid| valid.rows(block, store));
        if block.first < by.from || block.last >= by.to {
            wanted.and(&within(block, by));
        }
        let mut values = by.fields.iter().zip(&mut numbers).map(|(field, numbers)| numbers.of(field, block, store));
        let mut of_row = values.next().unwrap_or_default();
        for (values, pairs) in values.zip(&mut pairs) {
            wanted.each(|row| {
                if let (Some(group), Some(value)) = (of_row.get_mut(row), values.get(row)) {
                    *group = pairs.number(*group, *value);
                }
            });
        }
        let known = pairs.last().map(|pairs| pairs.known.len());
        groups.resize_with(known.unwrap_or(numbers.first().map_or(0, |of| of.values.len())), Group::default);
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
                    group.top.take(number, block.weight(row), spare);
                }
            });
        }
    }
    let values = |group: usize| {
        let mut group = u32::try_from(group).unwrap_or(NONE);
        let mut values: Vec<Literal> = Vec::with_capacity(numbers.len());
        let mut push = |numbers: Option<&Numbers>, value: u32| {
            let value = numbers.and_then(|numbers| numbers.values.get(value as usize));
            values.push(value.cloned().unwrap_or(Literal::Null));
        };
        for (numbers, pairs) in numbers.iter().skip(1).zip(&pairs).rev() {
            let (before, value) = pairs.known.get(group as usize).copied().unwrap_or((NONE, NONE));
            push(Some(numbers), value);
            group = before;
        }
        push(numbers.first(), group);
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
        let is_whole = wanted == Bits::ones(block.rows());
        let Some(column) = block.column(*field) else { continue };
        let mut seen = Bits::zeros(block.rows());
        for part in column.parts() {
            match &part.values {
                Values::Float(list) => part.present.each_with(list, |row, v| {
                    if is_whole || wanted.get(row) {
                        tell(row, v);
                    }
                }),
                Values::Int(list) => part.present.each_with(list, |row, v| {
                    if is_whole || wanted.get(row) {
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
