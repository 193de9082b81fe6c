//! How values share the events now and before, as a table and as data. It must not know how anything is counted or compared.

use super::desk::Io;
use super::fault::Fault;
use super::paper;
use crate::incident::impact::{counted, thousands};
use crate::incident::time::Time;
use crate::query::shares::{Share, Shares, Verdict, percent};
use serde_json::{Value, json};

/// How many values are shown.
pub const SHOWN: usize = 20;

/// As a table.
///
/// # Errors
/// Nothing can be written.
pub fn print(io: &mut Io<'_>, shares: &Shares) -> Result<(), Fault> {
    let out = &mut io.out;
    let fields = paper::line(&shares.fields.join(", "), 60);
    let value = |share: &Share| paper::line(&share.value, 60);
    let width = shares.rows.iter().map(|share| value(share).chars().count()).max().unwrap_or(0).clamp(28, 60);
    let tail = shares.percentile.as_ref().map(|of| format!("  {:>12}", paper::line(&of.words(), 40)));
    let tail = tail.unwrap_or_default();
    writeln!(out, "  {fields:<width$} {:>12} {:>10} {:>10} {:>10}{tail}", "events", "share", "before", "bad")?;
    for share in &shares.rows {
        let before = share.quiet_ppm.map_or_else(|| "–".into(), percent);
        let (total, now, bad) = (thousands(share.total), percent(share.now_ppm), thousands(share.bad));
        let tail = match (&shares.percentile, share.percentile) {
            (None, _) => String::new(),
            (Some(_), None) => format!("  {:>12}", "–"),
            (Some(_), Some(number)) => format!("  {number:>12}"),
        };
        let by = share.counted_by().map(|by| paper::line(&by, 80));
        let by = by.filter(|_| share.verdict() == Verdict::Elsewhere);
        let (value, word) = (value(share), by.unwrap_or_else(|| word(share.verdict()).into()));
        writeln!(out, "  {value:<width$} {total:>12} {now:>10} {before:>10} {bad:>10}{tail}  {word}")?;
    }
    if let Some((groups, events)) = shares.hidden {
        let others = counted(groups, "other", "others");
        writeln!(out, "  {others:<width$} {:>12}", thousands(events))?;
    }
    for note in &shares.notes {
        writeln!(out, "  doubt     {}", paper::line(note, 240))?;
    }
    let between = |(from, to): (i64, i64)| format!("from {} to {}", Time(from).iso(), Time(to).iso());
    let before = shares.quiet.map(|quiet| format!("; before: {}", between(quiet))).unwrap_or_default();
    writeln!(out, "  {}{before}", between(shares.now))?;
    Ok(())
}

/// As data.
pub fn data(shares: &Shares) -> Value {
    let row = |share: &Share| {
        json!({
            "value": share.value,
            "means": share.means,
            "total": share.total,
            "bad": share.bad,
            "percentile": share.percentile,
            "share_ppm": share.now_ppm,
            "quiet_total": share.quiet_total,
            "quiet_ppm": share.quiet_ppm,
            "counted": matches!(share.verdict(), Verdict::Counted | Verdict::Partly),
            "counted_by": share.elsewhere.iter().map(|(name, all)| json!({"slo": name, "all": all})).collect::<Vec<_>>(),
            "stands_out": share.verdict() == Verdict::Unseen,
        })
    };
    json!({
        "field": shares.fields.join(", "),
        "percentile": shares.percentile.as_ref().map(|of| json!({"field": of.field, "per_million": of.per_million})),
        "since": Time(shares.now.0).iso(),
        "until": Time(shares.now.1).iso(),
        "quiet": shares.quiet.map(|(from, to)| json!({"since": Time(from).iso(), "until": Time(to).iso()})),
        "values": shares.rows.iter().map(row).collect::<Vec<_>>(),
        "others": shares.hidden.map(|(groups, events)| json!({"groups": groups, "total": events})),
        "doubts": shares.notes,
        "asked_beside": shares.others,
    })
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Counted => "counted as bad",
        Verdict::Partly => "partly counted as bad",
        Verdict::Unseen => "NOT COUNTED, and far more than before",
        Verdict::Elsewhere => "counted elsewhere",
        Verdict::NotCounted => "",
    }
}
