//! From what a run answered to buckets, and from an SLO's figures to an opinion. Pure; it must not know how they came.

use super::super::{Carry, whole};
use super::Count;
use super::spec::{LACKS, Spec};
use super::wire::{Objective, Rows};
use crate::incident::time::Time;
use crate::query::breakdown::Row;
use crate::query::filter::{Finite, Literal};
use crate::query::opinion::Opinion;
use crate::query::series::Bucket;
use crate::query::window::Stretch;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The buckets of a stretch. One that no row speaks of holds nothing: the run was about all of it.
///
/// # Errors
/// A row counts what is no number, or came twice: then it is counted twice, or is two halves.
pub(super) fn buckets(spec: &Spec, rows: &Rows, stretch: Stretch, step: i64) -> Result<Vec<Bucket>, String> {
    let mut seen = BTreeSet::new();
    let mut counts: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    let names = spec.breakdowns();
    for (at, row) in rows {
        let start = at.div_euclid(step) * step;
        let count = match row.get("COUNT") {
            None | Some(Value::Null) => None,
            // nothing is left out in silence
            Some(count) => match count.as_f64() {
                Some(count) if count >= 0.0 => Some(count),
                _ => return Err("a row counts what is no number of events".into()),
            },
        };
        let value = |place: usize| names.get(place).and_then(|name| row.get(*name)).and_then(truth);
        // a group that has no value in the first column does not count
        let (Some(count), Some(base)) = (count, spec.base(value(0))) else { continue };
        let all = names.iter().copied().chain([LACKS]);
        let group: Vec<Option<String>> = all.map(|name| row.get(name).map(Value::to_string)).collect();
        if !seen.insert((start, group)) {
            return Err("the answer counts one group of a minute twice".into());
        }
        let entry = counts.entry(start).or_default();
        entry.0 += count;
        if spec.is_bad(base, value(1) == Some(true)) {
            entry.1 += count;
        }
    }
    let (mut totals, mut bads) = (Carry::default(), Carry::default());
    let mut buckets = Vec::new();
    let mut start = stretch.from;
    while start < stretch.to {
        let (total, bad) = counts.get(&start).copied().unwrap_or_default();
        let (total, bad) = (totals.whole(total), bads.whole(bad));
        buckets.push(Bucket { start, total, bad: bad.min(total) });
        start += step;
    }
    Ok(buckets)
}

/// How many events of a stretch are not bad, and how many of them lack what would tell; buckets without any are left out.
pub(super) fn lacking(spec: &Spec, rows: &Rows, stretch: Stretch, step: i64) -> Vec<Bucket> {
    let mut counts: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    let names = spec.breakdowns();
    for (at, row) in rows {
        let start = at.div_euclid(step) * step;
        let count = row.get("COUNT").and_then(Value::as_f64).filter(|count| *count > 0.0);
        let told = |name: Option<&&str>| name.and_then(|name| row.get(*name)).and_then(truth);
        let (Some(count), Some(base)) = (count, spec.base(told(names.first()))) else { continue };
        if start < stretch.from || start >= stretch.to || spec.is_bad(base, told(names.get(1)) == Some(true)) {
            continue;
        }
        let entry = counts.entry(start).or_default();
        entry.0 += count;
        if told(Some(&LACKS)) == Some(true) {
            entry.1 += count;
        }
    }
    counts.into_iter().map(|(start, (good, bad))| Bucket { start, total: whole(good), bad: whole(bad) }).collect()
}

/// The groups of a table by the values of columns. What does not count is in none.
pub(super) fn groups(spec: &Spec, fields: &[String], rows: &Rows) -> Vec<Row> {
    let mut counts: BTreeMap<Vec<Literal>, (f64, f64)> = BTreeMap::new();
    let names = spec.breakdowns();
    for (_, row) in rows {
        let count = row.get("COUNT").and_then(Value::as_f64).filter(|count| *count > 0.0);
        let told = |place: usize| names.get(place).and_then(|name| row.get(*name)).and_then(truth);
        let (Some(count), Some(base)) = (count, spec.base(told(0))) else { continue };
        let entry = counts.entry(values(fields, row)).or_default();
        entry.0 += count;
        if spec.is_bad(base, told(1) == Some(true)) {
            entry.1 += count;
        }
    }
    let row = |(values, (total, bad)): (Vec<Literal>, (f64, f64))| {
        let total = whole(total);
        Row { values, total, bad: whole(bad).min(total), percentile: None }
    };
    counts.into_iter().map(row).filter(|row| row.total > 0).collect()
}

/// Puts what stands under a key of another table beside the rows of the same values.
pub(super) fn percentiles(rows: &mut [Row], fields: &[String], found: &Rows, key: &str) {
    let mut told: BTreeMap<Vec<Literal>, f64> = BTreeMap::new();
    for (_, row) in found {
        if let Some(number) = row.get(key).and_then(Value::as_f64) {
            told.insert(values(fields, row), number);
        }
    }
    rows.iter_mut().for_each(|row| row.percentile = told.get(&row.values).copied());
}

/// The values of columns in a row. A column without a value is not there, or `null`.
fn values(fields: &[String], row: &Map<String, Value>) -> Vec<Literal> {
    fields.iter().map(|field| row.get(field).map_or(Literal::Null, literal)).collect()
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::Bool(word) => Literal::Bool(*word),
        Value::String(text) => Literal::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Literal::Int(whole),
            (None, float) => float.and_then(Finite::new).map_or(Literal::Null, Literal::Float),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Literal::Null,
    }
}

/// What the SLO's figures say, and where its promise is not ours.
pub(super) fn opinion(objective: &Objective, count: &Count, now: Time) -> Opinion {
    #[expect(clippy::cast_possible_truncation, reason = "rounded; what is beyond i64 saturates")]
    let ppm = |percent: f64| (percent * 10_000.0).floor() as i64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative and rounded; what is beyond u64 saturates"
    )]
    let milli = |burn: f64| (burn.max(0.0) * 1_000.0).ceil() as u64;
    Opinion {
        remaining_ppm: objective.remaining.map(ppm),
        burn_milli: objective.burn.map(milli),
        burn_over: "4 h",
        status: objective.status.clone(),
        other_target_ppm: objective.target_ppm.filter(|ppm| *ppm != u64::from(count.target_ppm)),
        other_days: objective.days.filter(|days| *days != count.days),
        alerts: objective.alerts.clone(),
        at: now.0,
    }
}

/// An opinion about a moment that is over: what was left then, in percent. Nothing else is known of then.
pub(super) fn opinion_then(own: Opinion, at: i64, left: f64) -> Opinion {
    #[expect(clippy::cast_possible_truncation, reason = "rounded; what is beyond i64 saturates")]
    let ppm = (left * 10_000.0).floor() as i64;
    Opinion { remaining_ppm: Some(ppm), burn_milli: None, status: None, alerts: Vec::new(), at, ..own }
}

/// A value of a column that is true or false.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(bool) => Some(*bool),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{ALSO, BAD, GOOD, Sli};
    use super::*;
    use crate::query::series::MINUTE;
    use serde_json::json;

    #[test]
    fn given_rows_by_what_is_good_when_counted_then_bad_is_all_without_them() {
        let spec = Spec::new(Sli::Good { good: "status < 500".parse().unwrap(), valid: None }, None).unwrap();
        let row = |good: Value, count: i64| {
            let Value::Object(row) = json!({GOOD: good, "COUNT": count, "host": "a"}) else { panic!() };
            (MINUTE, row)
        };
        let rows = vec![row(true.into(), 90), row(false.into(), 7), row(Value::Null, 3)];
        let counted = buckets(&spec, &rows, Stretch { from: MINUTE, to: 2 * MINUTE }, MINUTE).unwrap();
        assert_eq!(counted, [Bucket { start: MINUTE, total: 100, bad: 10 }]);
        let groups = groups(&spec, &["host".to_owned()], &rows);
        assert_eq!((groups[0].total, groups[0].bad), (100, 10));
    }

    #[test]
    fn given_rows_by_group_when_counted_then_each_minute_has_a_bucket_and_what_has_no_value_does_not_count() {
        let which = Sli::Which { bad: "status >= 500".parse().unwrap(), valid: None };
        let spec = Spec::new(which, Some("status = 401".parse().unwrap())).unwrap();
        let row = |minute: i64, bad: Value, also: Value, count: Value| {
            let Value::Object(row) = json!({BAD: bad, ALSO: also, "COUNT": count}) else { panic!() };
            (minute * MINUTE, row)
        };
        let rows = vec![
            row(1, false.into(), false.into(), 90.into()),
            row(1, true.into(), false.into(), 7.into()),
            row(1, false.into(), true.into(), 3.into()),
            row(1, Value::Null, false.into(), 50.into()),
            row(3, "false".into(), Value::Null, json!(2.5)),
            row(3, true.into(), Value::Null, Value::Null),
            row(9, false.into(), false.into(), 1_000.into()),
        ];
        let stretch = Stretch { from: MINUTE, to: 5 * MINUTE };
        let counted = buckets(&spec, &rows, stretch, MINUTE).unwrap();
        let b = |minute: i64, total, bad| Bucket { start: minute * MINUTE, total, bad };
        assert_eq!(counted, [b(1, 100, 10), b(2, 0, 0), b(3, 3, 0), b(4, 0, 0)]);
        let twice: Rows = rows.iter().chain(rows.first()).cloned().collect();
        assert!(buckets(&spec, &twice, stretch, MINUTE).is_err());
    }
}
