//! Which values of a field does an objective not count? Each value's share of the events now, against its share while all was quiet. Pure; it must
//! not know who counts, nor how it is shown.

use super::breakdown::{Breakdown, Percentile, Row, Told};
use super::filter::{Expr, Literal, Op, Test};
use std::collections::BTreeMap;

/// A value that is not counted stands out when its share grew by more than this factor.
const GREW: u64 = 2;
/// Fewer events than this prove nothing.
const FEW: u64 = 10;
/// Half of the events, per million.
const HALF_PPM: u64 = 500_000;
/// A status code in OpenTelemetry's words, now and before, and what others call it.
const CODES: [&str; 6] =
    ["http.response.status_code", "http.status_code", "http_response_status_code", "status_code", "status", "code"];

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The fields whose values are told apart, the first decides first.
    pub fields: Vec<String>,
    /// From when on all was quiet, µs UTC.
    pub since: i64,
    /// From when on it is *now*, µs UTC.
    pub from: i64,
    /// Until when, µs UTC.
    pub to: i64,
    /// The percentile of a number beside each value.
    pub percentile: Option<Percentile>,
    /// The value of the only field whose row is kept whatever there is besides: a text without quotes, else as in a filter.
    pub kept: Option<String>,
}

/// How the values share the events now and before.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// The fields.
    pub fields: Vec<String>,
    /// The percentile that was asked for.
    pub percentile: Option<Percentile>,
    /// The span that was counted as *now*, µs UTC.
    pub now: (i64, i64),
    /// The span that was counted as quiet, µs UTC; none when nothing was left to compare with.
    pub quiet: Option<(i64, i64)>,
    /// The values: those that stand out first, the worst jump at the top, then those with most bad events, then those with most events.
    pub rows: Vec<Share>,
    /// How many further values there were, and their events.
    pub hidden: Option<(u64, u64)>,
    /// The bad events of all values now, those of the hidden ones among them.
    pub bad: u64,
    /// There were more values than are told apart: what is in no row may be one of those.
    pub is_cut: bool,
    /// What must be said beside them.
    pub notes: Vec<String>,
    /// Why nobody can tell what grew.
    pub untold: Option<Untold>,
    /// The other objectives that read the same events and were asked too.
    pub others: Vec<String>,
    /// Those of them whose turn has not come, and when it does, µs UTC: what they count looks uncounted until then.
    pub awaited: Vec<(String, i64)>,
}

/// One value, or one of each field.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The value, in the words of a filter; several with commas between them.
    pub value: String,
    /// The events that have it, as whoever counts them understands it: what a what-if is asked with.
    pub means: String,
    /// Its events now.
    pub total: u64,
    /// Those that are bad in the objective's eyes.
    pub bad: u64,
    /// The percentile that was asked for; none when no event of it has the number.
    pub percentile: Option<f64>,
    /// Its events while all was quiet.
    pub quiet_total: u64,
    /// Those that were bad.
    pub quiet_bad: u64,
    /// Its share of all events now, per million.
    pub now_ppm: u64,
    /// Its share of all events while all was quiet, per million; none when there were none.
    pub quiet_ppm: Option<u64>,
    /// The other objectives that read the same events and count it, each with whether they count all of it.
    pub elsewhere: Vec<(String, bool)>,
    /// The field was there before too: where most events lacked it then, more of a value than before means nothing.
    is_comparable: bool,
    /// It was asked for by its value.
    is_kept: bool,
}

/// Why the shares do not tell what grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// No event has the field now.
    NoField,
    /// Most events lacked the field before.
    NewField,
    /// Nothing was counted before.
    NoBefore,
    /// Too few events, now or before.
    Few,
}

/// What is to be thought of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its events are bad in the objective's eyes.
    Counted,
    /// Some of its events are.
    Partly,
    /// None is, and another objective that reads the same events counts it.
    Elsewhere,
    /// None is, and there is far more of it than while all was quiet.
    Unseen,
    /// None is.
    NotCounted,
}

impl Asked {
    /// What is asked about now.
    #[must_use]
    pub fn now(&self) -> Breakdown {
        let Asked { fields, from, to, percentile, .. } = self.clone();
        Breakdown { fields, from, to, percentile }
    }

    /// What is asked about the time before; none when there is no such time.
    #[must_use]
    pub fn quiet(&self) -> Option<Breakdown> {
        let quiet = Breakdown { fields: self.fields.clone(), from: self.since, to: self.from, percentile: None };
        (quiet.from < quiet.to).then_some(quiet)
    }
}

impl Shares {
    /// From what was counted now and before; at most so many values are kept. `means` says which events have the values of the fields.
    pub fn of(
        asked: &Asked,
        now: Told,
        quiet: Option<Told>,
        most: usize,
        means: impl Fn(&[Literal]) -> String,
    ) -> Shares {
        let mut notes = now.notes;
        notes.extend(quiet.as_ref().map(|quiet| quiet.notes.clone()).unwrap_or_default());
        let before = quiet.as_ref().map(|quiet| quiet.table.rows.as_slice()).unwrap_or_default();
        let mut then: BTreeMap<&[Literal], &Row> = before.iter().map(|row| (row.values.as_slice(), row)).collect();
        let ((all, bad), is_cut) = (now.table.sum(), now.table.is_cut);
        let all_quiet = quiet.as_ref().map_or(0, |quiet| quiet.table.sum().0);
        if all_quiet == 0 {
            notes.push("nothing was counted before this time: there is nothing to compare with".into());
        }
        // a field that most events lacked before has new values only because somebody began to tell them apart
        let began = |place: &usize| {
            let lacks = |row: &&Row| row.values.get(*place) == Some(&Literal::Null);
            let missing = |rows: &[Row]| rows.iter().filter(lacks).map(|row| row.total).fold(0, u64::saturating_add);
            let before = ppm(missing(before), all_quiet) > Some(HALF_PPM);
            before && ppm(missing(&now.table.rows), all).is_some_and(|share| share < HALF_PPM)
        };
        let began: Vec<&str> = (0..asked.fields.len())
            .filter(began)
            .map(|place| asked.fields.get(place).map_or("", String::as_str))
            .collect();
        if !began.is_empty() {
            let fields = began.join(" and ");
            notes.push(format!("most events had no {fields} before: more of a value than then means nothing"));
        }
        let lacks_all = |row: &Row| row.values.contains(&Literal::Null);
        let untold = match () {
            () if all > 0 && now.table.rows.iter().all(lacks_all) => Some(Untold::NoField),
            () if all_quiet == 0 => Some(Untold::NoBefore),
            () if !began.is_empty() => Some(Untold::NewField),
            () if all < FEW || all_quiet < FEW => Some(Untold::Few),
            () => None,
        };
        let share = |row: &Row, total: u64, bad: u64, percentile: Option<f64>, (quiet_total, quiet_bad): (u64, u64)| {
            let words: Vec<String> = row.values.iter().map(ToString::to_string).collect();
            Share {
                value: words.join(", "),
                means: means(&row.values),
                total,
                bad,
                percentile,
                quiet_total,
                quiet_bad,
                now_ppm: ppm(total, all).unwrap_or(0),
                quiet_ppm: ppm(quiet_total, all_quiet),
                elsewhere: Vec::new(),
                is_comparable: began.is_empty(),
                is_kept: matches!(row.values.as_slice(), [one] if asked.kept.as_ref().is_some_and(|kept| is(one, kept))),
            }
        };
        let mut rows: Vec<Share> = Vec::new();
        for row in &now.table.rows {
            let before = then.remove(row.values.as_slice()).map_or((0, 0), |row| (row.total, row.bad));
            rows.push(share(row, row.total, row.bad, row.percentile, before));
        }
        // one that is gone is told too: a host that says nothing any more
        let gone = before.iter().filter(|row| then.contains_key(row.values.as_slice()));
        rows.extend(gone.map(|row| share(row, 0, 0, None, (row.total, row.bad))));
        worst_first(&mut rows);
        let mut told = Vec::new();
        notes.retain(|note| {
            !told.contains(note) && {
                told.push(note.clone());
                true
            }
        });
        let all = Shares {
            fields: asked.fields.clone(),
            percentile: asked.percentile.clone(),
            now: (now.from, now.to),
            quiet: quiet.map(|quiet| (quiet.from, quiet.to)),
            rows,
            hidden: None,
            bad,
            is_cut,
            notes,
            untold,
            others: Vec::new(),
            awaited: Vec::new(),
        };
        all.first(most)
    }

    /// The first so many rows, and the one that was asked for; of the others only how many there are, and of how many events.
    #[must_use]
    pub fn first(mut self, most: usize) -> Shares {
        let rest = self.rows.split_off(most.min(self.rows.len()));
        let (kept, rest): (Vec<Share>, Vec<Share>) = rest.into_iter().partition(|row| row.is_kept);
        self.rows.extend(kept);
        let (groups, events) = self.hidden.unwrap_or_default();
        let groups = groups.saturating_add(rest.len() as u64);
        let events = rest.iter().map(|row| row.total).fold(events, u64::saturating_add);
        self.hidden = (groups > 0).then_some((groups, events));
        self
    }

    /// Takes what the same question says of another objective that reads the same events: a value is not counted only where nobody counts it.
    pub fn beside(&mut self, name: &str, other: &Shares) {
        let counts: BTreeMap<&str, &Share> = other.rows.iter().map(|row| (row.value.as_str(), row)).collect();
        for row in &mut self.rows {
            if let Some(theirs) = counts.get(row.value.as_str()).filter(|theirs| theirs.bad > 0 || theirs.quiet_bad > 0)
            {
                let all = theirs.bad >= row.total && theirs.quiet_bad >= row.quiet_total;
                row.elsewhere.push((name.to_owned(), all));
            }
        }
        self.others.push(name.to_owned());
        worst_first(&mut self.rows);
    }
}

/// Those that stand out first, the worst jump at the top; the others keep their order.
fn worst_first(rows: &mut [Share]) {
    rows.sort_by_key(|row| if row.verdict() == Verdict::Unseen { (false, row.jump()) } else { (true, 0) });
}

impl Untold {
    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::NoField => "no event has the field now".into(),
            Self::NewField => "the field is new".into(),
            Self::NoBefore => "nothing was counted before".into(),
            Self::Few => format!("fewer than {FEW} events, now or before"),
        }
    }
}

impl Share {
    /// What is to be thought of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.bad > 0 || self.quiet_bad > 0 {
            let is_whole = self.bad >= self.total && self.quiet_bad >= self.quiet_total;
            return if is_whole { Verdict::Counted } else { Verdict::Partly };
        }
        if !self.elsewhere.is_empty() {
            return Verdict::Elsewhere;
        }
        if self.grew() { Verdict::Unseen } else { Verdict::NotCounted }
    }

    /// The value as a context's key; none for events without the field.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        // a text stands in quotes, as in a filter
        let key = serde_json::from_str::<String>(&self.value).unwrap_or_else(|_| self.value.clone());
        (self.value != "null").then_some(key)
    }

    /// There is far more of it than while all was quiet.
    #[must_use]
    pub fn grew(&self) -> bool {
        let grew = self.quiet_ppm.is_some_and(|before| self.now_ppm > before.saturating_mul(GREW));
        self.is_comparable && self.total >= FEW && grew
    }

    /// Who else counts it: "counted by logins", "partly counted by logins"; none where nobody does.
    #[must_use]
    pub fn counted_by(&self) -> Option<String> {
        let names: Vec<&str> = self.elsewhere.iter().map(|(name, _)| name.as_str()).collect();
        let partly = if self.elsewhere.iter().any(|(_, all)| *all) { "" } else { "partly " };
        (!names.is_empty()).then(|| format!("{partly}counted by {}", names.join(", ")))
    }

    /// How much its share grew, the most first.
    fn jump(&self) -> i64 {
        let ppm = |share: u64| i64::try_from(share).unwrap_or(i64::MAX);
        ppm(self.quiet_ppm.unwrap_or(0)) - ppm(self.now_ppm)
    }
}

/// A value is the one that somebody names: a text as it is, anything else as in a filter.
fn is(value: &Literal, named: &str) -> bool {
    match value {
        Literal::Text(text) => text == named,
        other => other.to_string() == named,
    }
}

/// A part of a whole, per million, rounded down; none of nothing.
fn ppm(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| u64::try_from(u128::from(part) * 1_000_000 / u128::from(whole)).unwrap_or(u64::MAX))
}

/// A share in percent: two places, four where those would say nothing.
#[must_use]
pub fn percent(ppm: u64) -> String {
    match ppm {
        1..100 => format!("{}.{:04} %", ppm / 10_000, ppm % 10_000),
        _ => format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100),
    }
}

/// The filter of the events whose fields have these values.
#[must_use]
pub fn filter(fields: &[String], values: &[Literal]) -> String {
    let test = |(field, value): (&String, &Literal)| {
        let op = if *value == Literal::Null { Op::DoesNotExist } else { Op::Eq(value.clone()) };
        Expr::Test(Test { field: field.clone(), op })
    };
    let mut tests: Vec<Expr> = fields.iter().zip(values).map(test).collect();
    match tests.pop() {
        Some(only) if tests.is_empty() => only,
        last => Expr::And(tests.into_iter().chain(last).collect()),
    }
    .to_string()
}

/// The field of a status code that a condition speaks of, else the one of OpenTelemetry: what is worth asking first.
#[must_use]
pub fn suggested(condition: &str) -> &'static str {
    code_of(condition).unwrap_or(CODES[0])
}

/// The field of a status code that a condition speaks of.
#[must_use]
pub fn code_of(condition: &str) -> Option<&'static str> {
    let words: Vec<&str> = condition.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).collect();
    CODES.into_iter().find(|code| words.contains(code))
}

#[cfg(test)]
mod tests;
