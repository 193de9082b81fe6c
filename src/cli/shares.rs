//! Which values of a field no objective counts: each value's share of the events now against its share when all was quiet. It must not know how
//! anything is counted.

use super::desk::Io;
use super::fault::Fault;
use super::paper;
use crate::incident::impact::thousands;
use crate::incident::time::Time;
use crate::query::series::{Apart, Series, Sum};
use serde_json::{Value, json};

/// A value that the objective does not count and whose share grew by this factor is named loudly.
const GREW: u64 = 2;
/// Fewer events than this prove nothing.
const FEW: u64 = 10;

/// What stands for a field that is not there.
const MISSING: &str = "null";
/// Half of the events.
const MOST_PPM: u64 = 500_000;

/// How a field's values share the events before a moment and since.
pub struct Shares {
    field: String,
    since: Time,
    until: Time,
    rows: Vec<Share>,
}

/// One value.
struct Share {
    value: String,
    now: Sum,
    quiet: Sum,
    now_ppm: u64,
    quiet_ppm: Option<u64>,
    /// The field was there before too: where most events lacked it then, more of a value than before means nothing.
    is_comparable: bool,
}

impl Shares {
    /// From what was counted apart: what there was from `since` until `until`, and before.
    pub fn of(field: &str, apart: &Apart, since: Time, until: Time) -> Shares {
        let parts = |series: &Series| {
            let sum = |from: i64, to: i64| series.sum(to, to.saturating_sub(from));
            let first = series.buckets().first().map_or(since.0, |bucket| bucket.start);
            (sum(since.0, until.0), sum(first, since.0))
        };
        let (now, quiet) = parts(&apart.whole);
        let ppm = |part: u64, whole: u64| {
            (whole > 0).then(|| u64::try_from(u128::from(part) * 1_000_000 / u128::from(whole)).unwrap_or(u64::MAX))
        };
        let one = |value: String, series: &Series| {
            let (mine, before) = parts(series);
            Share {
                value,
                now: mine,
                quiet: before,
                now_ppm: ppm(mine.total, now.total).unwrap_or(0),
                quiet_ppm: ppm(before.total, quiet.total),
                is_comparable: true,
            }
        };
        let mut rows: Vec<Share> =
            apart.values.iter().map(|(value, series)| one(paper::line(value, 40), series)).collect();
        let lacked =
            |share: &Share| share.value == MISSING && share.quiet_ppm > Some(MOST_PPM) && share.now_ppm < MOST_PPM;
        if rows.iter().any(lacked) {
            rows.iter_mut().for_each(|share| share.is_comparable = false);
        }
        // what is bad first, the worst before the others
        rows.sort_by_key(|share| std::cmp::Reverse((share.now.bad, share.now.total)));
        Shares { field: paper::line(field, 60), since, until, rows }
    }

    /// As a table.
    ///
    /// # Errors
    /// Nothing can be written.
    pub fn print(&self, io: &mut Io<'_>) -> Result<(), Fault> {
        let out = &mut io.out;
        let percent = |ppm: u64| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
        writeln!(out, "  {:<28} {:>12} {:>10} {:>10} {:>10}", self.field, "events", "share", "before", "bad")?;
        for share in &self.rows {
            let before = share.quiet_ppm.map_or_else(|| "–".into(), percent);
            let (total, now) = (thousands(share.now.total), percent(share.now_ppm));
            let bad = thousands(share.now.bad);
            writeln!(out, "  {:<28} {total:>12} {now:>10} {before:>10} {bad:>10}  {}", share.value, share.word())?;
        }
        writeln!(out, "  from {} to {}", self.since.iso(), self.until.iso())?;
        Ok(())
    }

    /// As data.
    pub fn data(&self) -> Value {
        let row = |share: &Share| {
            json!({
                "value": share.value,
                "total": share.now.total,
                "bad": share.now.bad,
                "share_ppm": share.now_ppm,
                "quiet_total": share.quiet.total,
                "quiet_ppm": share.quiet_ppm,
                "counted": share.is_counted(),
                "stands_out": share.stands_out(),
            })
        };
        json!({"field": self.field, "since": self.since.iso(), "until": self.until.iso(), "values": self.rows.iter().map(row).collect::<Vec<_>>()})
    }
}

impl Share {
    /// Some of its events are bad in the objective's eyes.
    fn is_counted(&self) -> bool {
        self.now.bad > 0 || self.quiet.bad > 0
    }

    /// It is not counted, and there is far more of it than when all was quiet.
    fn stands_out(&self) -> bool {
        let before = self.quiet_ppm.unwrap_or(0);
        self.is_comparable && !self.is_counted() && self.now.total >= FEW && self.now_ppm > before.saturating_mul(GREW)
    }

    fn word(&self) -> &'static str {
        match (self.is_counted(), self.stands_out()) {
            (true, _) => "counted as bad",
            (false, true) => "NOT COUNTED, and far more than before",
            (false, false) => "",
        }
    }
}
