//! One run of the engine of event files, as JSON on standard output: seconds, memory, and what it found. `benches/beside-duckdb.py` starts it beside
//! DuckDB on the same file; see there.

use quarterdeck::engine::breakdown::Asked;
use quarterdeck::engine::events::Events;
use quarterdeck::engine::question::Question;
use quarterdeck::query::breakdown::{Breakdown, Percentile};
use quarterdeck::query::filter::{Expr, Literal};
use quarterdeck::query::series::{MINUTE, SECOND};
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// How often a question is asked; the middle counts.
const TIMES: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let files = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(path) = files.into_iter().find(|file| file.is_file()) else {
        // `cargo bench` without a file means every target: this one has nothing to do then
        return Ok(());
    };
    let before = resident()?;
    let mut began = Instant::now();
    let mut events = Events::open(&path)?;
    let first = events.poll(64 << 20);
    let mut load = began.elapsed().as_secs_f64();
    let early = [json!(first.events), json!(refresh(&mut events)?)];
    began = Instant::now();
    while events.poll(64 << 20).more {}
    load += began.elapsed().as_secs_f64();
    let (memory, counted) = (resident()?.saturating_sub(before), events.bytes());
    let reading = events.reading();
    if reading.partial() || !reading.troubles.is_empty() {
        return Err(format!("the file was not read whole: {reading:?}").into());
    }

    let late = [json!(reading.events), json!(refresh(&mut events)?)];
    let span = |events: &mut Events| -> Result<(i64, i64), Box<dyn Error>> {
        let whole = Question { bad: bad(500)?, valid: None, from: 0, to: i64::MAX / 2, step: i64::MAX / 4 };
        let answer = events.series(&whole)?;
        Ok((answer.first.unwrap_or(0), answer.newest.unwrap_or(0) + 1))
    };
    let (from, to) = span(&mut events)?;
    let (mut minutes, mut buckets) = (Vec::new(), Vec::new());
    for time in 0..TIMES {
        let bad = another(time)?;
        let began = Instant::now();
        let answer = events.series(&Question { bad, valid: None, from, to, step: MINUTE })?;
        minutes.push(began.elapsed().as_secs_f64());
        buckets = answer.series.buckets().iter().map(|b| json!([b.start / SECOND, b.total, b.bad])).collect();
    }
    let by = Breakdown {
        fields: vec!["route".into(), "build".into()],
        from,
        to,
        percentile: Some(Percentile { field: "duration_ms".into(), per_million: 990_000 }),
    };
    let (mut groups, mut rows) = (Vec::new(), Vec::new());
    for time in 0..TIMES {
        let bad = another(time)?;
        let began = Instant::now();
        let (table, _) = events.breakdown(Asked { bad: &bad, valid: None, by: &by })?;
        groups.push(began.elapsed().as_secs_f64());
        rows = table.rows;
    }
    let text = |value: &Literal| match value {
        Literal::Text(text) => text.clone(),
        other => other.to_string(),
    };
    rows.sort_by(|a, b| a.values.cmp(&b.values));
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells: Vec<serde_json::Value> = row.values.iter().map(|value| text(value).into()).collect();
            cells.extend([row.total.into(), row.bad.into(), row.percentile.into()]);
            cells
        })
        .collect();
    writeln!(
        std::io::stdout(),
        "{}",
        json!({"load": load, "minutes": middle(minutes), "groups": middle(groups), "bytes": memory, "counted": counted, "refresh": [early, late], "found": [buckets, rows]})
    )?;
    Ok(())
}

/// What a live chart asks every ten seconds, when everything was counted once and there is nothing new: seconds.
fn refresh(events: &mut Events) -> Result<f64, Box<dyn Error>> {
    let whole = Question { bad: bad(500)?, valid: None, from: 0, to: i64::MAX / 2, step: i64::MAX / 4 };
    let now = events.series(&whole)?.newest.unwrap_or(0) + 1;
    let bad = bad(500)?;
    let mut ask = |length: i64, step: i64| {
        let question = Question { bad: bad.clone(), valid: None, from: now - length * MINUTE, to: now, step };
        events.series(&question).map(drop)
    };
    let mut seconds = Vec::new();
    for _ in 0..=TIMES {
        let began = Instant::now();
        ask(30 * 24 * 60, MINUTE)?;
        ask(6 * 60, 15 * SECOND)?;
        ask(30, 20 * SECOND)?;
        ask(123, 5 * SECOND)?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    // the first counts what the others remember
    Ok(middle(seconds.split_off(1)))
}

/// The same question in other words each time, the last as DuckDB is asked: of the numbers between there are no events, and nothing is answered from
/// what was counted before.
fn another(time: usize) -> Result<Expr, Box<dyn Error>> {
    bad(if time + 1 == TIMES { 500 } else { 490 + i64::try_from(time)? })
}

fn bad(status: i64) -> Result<Expr, Box<dyn Error>> {
    Ok(format!("http.response.status_code >= {status}").parse::<Expr>().map_err(|e| e.to_string())?)
}

fn middle(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or_default()
}

/// Bytes of this process that are in memory; Linux tells.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc/self/status")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}
