//! Which values the SLI does not count: each value's share now against its quiet share, the worst jump first, one of them chosen. It must not know how they were
//! counted.

use super::footer;
use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet, named, wrapped};
use super::text;
use super::theme::{Meaning, Theme};
use super::words::count;
use crate::app::App;
use crate::app::action::Action;
use crate::app::shares::Shared;
use crate::incident::impact::counted;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::shares::{Share, Shares, Verdict, percent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The widths of the shares, now and before.
const SHARE: usize = 9;
/// Blanks between the figures and the verdict.
const GAP: usize = 2;
/// The cells of a short verdict, and the most of one that names another objective where there is little room.
const SHORT: usize = 11;
const MOST_BY: usize = 24;
/// The longest that a value's column becomes.
const VALUE: usize = 60;

/// Draws them over an area; answers with how many rows did not fit below.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1).min(140);
    let shared = &app.shares;
    let mut rows = head(app, now, cells);
    let mut top = 0;
    if let Some((_, shares)) = &shared.feed.last {
        let columns = Columns::of(shares, cells);
        let first = rows.len() + 1;
        rows.push(columns.names(shares));
        let chosen = shared.place();
        rows.extend(shares.rows.iter().enumerate().map(|(place, share)| columns.row(share, place == chosen)));
        if let Some((values, events)) = shares.hidden {
            let words = format!(
                "{}, {}",
                counted(values, "further value", "further values"),
                counted(events, "event", "events")
            );
            rows.push(Row::new(words, Meaning::Muted));
        }
        // the chosen one stays in view
        let room = usize::from(area.height.saturating_sub(2)).max(1);
        top = (first + chosen + 1).saturating_sub(room);
    }
    let mut keys = Vec::new();
    if !shared.rows().is_empty() {
        if let Some(name) = app.stops_one() {
            let stop = footer::key(app, Action::Switch);
            keys.extend(key(&stop, &format!("stops {name} for it"), 0));
        }
        keys.extend(key("Enter", "asks what if these were bad", 0));
        keys.extend(key("j k", "choose", 1));
    }
    keys.extend(key("Esc", "closes", 0));
    let title = vec![
        Part::new(format!("Which values does {} count?", nobody(shared)), Meaning::Heading),
        Part::new(shared.name.clone(), Meaning::Text).rank(1),
    ];
    let aside = age(app, now);
    let top = u16::try_from(top).unwrap_or(u16::MAX);
    Sheet { title, aside, columns: vec![rows], keys }.draw(theme, area, top, buf)
}

/// Who does not count: the SLI, or none where others on the same events were asked too.
fn nobody(shared: &Shared) -> &'static str {
    let asked = shared.feed.last.as_ref().is_some_and(|(_, shares)| !shares.others.is_empty());
    if asked { "no SLI" } else { "the SLI not" }
}

/// How old the answer is.
fn age(app: &App, now: Time) -> String {
    match app.shares.feed.age(now).map(Span::as_seconds) {
        None => String::new(),
        Some(seconds @ 0..10) => format!("{seconds} s old"),
        Some(seconds @ 10..60) => format!("{} s old", seconds / 10 * 10),
        Some(seconds) => format!("{} min old", seconds / 60),
    }
}

/// What was asked, what is in the way, and what must be said beside the figures.
fn head(app: &App, now: Time, cells: usize) -> Vec<Row> {
    let shared = &app.shares;
    let Some(asked) = &shared.asked else { return Vec::new() };
    let names = 10.min(cells / 3);
    let mut rows = named("by", names, &asked.fields.join(", "), cells, Meaning::Heading);
    let (is, quiet) = match &shared.feed.last {
        Some((_, shares)) => (shares.now, shares.quiet),
        None => ((asked.from, asked.to), (asked.since < asked.from).then_some((asked.since, asked.from))),
    };
    let before = quiet.map(|(from, to)| format!(", against {} before", length(Span(to - from)))).unwrap_or_default();
    rows.extend(named("of", names, &format!("{}{before}", between(is.0, is.1)), cells, Meaning::Text));
    let wait = shared.feed.waiting(now).map_or(0, Span::as_seconds);
    match (shared.queued(now), &shared.feed.trouble) {
        (Some(left), _) => {
            let words = format!(
                "queued, {} s: the backend lets a team run only so many queries a minute",
                left.as_seconds().max(0)
            );
            rows.extend(named("waits", names, &words, cells, Meaning::Warn));
        }
        (None, Some((_, trouble))) => {
            let name = if matches!(trouble, Trouble::Beyond(_)) { "out of reach" } else { "no answer" };
            rows.extend(named(name, names, trouble.words(), cells, Meaning::Warn));
        }
        (None, None) if shared.feed.asked.is_some() => {
            let words = if wait < 10 { "…".into() } else { format!("for {} s", wait / 10 * 10) };
            rows.extend(named("asking", names, &words, cells, Meaning::Muted));
        }
        (None, None) => {}
    }
    if let Some((left, others)) = shared.awaits(now) {
        let left = if left > Span(0) { format!("queued, {} s", left.as_seconds()) } else { "asked now".into() };
        let words = format!("{others}: {left}; what is counted there looks uncounted");
        rows.extend(named("waits", names, &words, cells, Meaning::Warn));
    }
    if let Some((_, shares)) = &shared.feed.last {
        for note in &shares.notes {
            rows.extend(named("but", names, note, cells, Meaning::Warn));
        }
        let called = app.slos.iter().find(|slo| slo.name == shared.name).map_or("bad", |slo| slo.called.as_str());
        rows.extend(wrapped(&sentence(shares, called), cells, 3, Meaning::Heading));
    }
    rows.push(Row::default());
    rows
}

/// What is to be seen at a glance; `called` is the word for bad events.
fn sentence(shares: &Shares, called: &str) -> String {
    let unseen: Vec<&Share> = shares.rows.iter().filter(|row| row.verdict() == Verdict::Unseen).collect();
    let grew = |one: &Share| {
        let (before, now) = (percent(one.quiet_ppm.unwrap_or(0)), percent(one.now_ppm));
        format!("{} grew from {before} to {now} of the events", text::cut(&one.value, VALUE))
    };
    match unseen.as_slice() {
        [] if shares.rows.is_empty() => "Nothing happened in this time.".into(),
        [] => weighs(shares, called)
            .or_else(|| elsewhere(shares).map(|(one, by)| format!("{}, {by}.", grew(one))))
            .or_else(|| shares.untold.map(|why| format!("What has grown cannot be told: {}.", why.words())))
            .unwrap_or_else(|| match shares.others.is_empty() {
                true => "No value that the SLI does not count has grown much.".into(),
                false => "No value that no SLI counts has grown much.".into(),
            }),
        [one] if shares.others.is_empty() => format!("{}, and the SLI does not count it.", grew(one)),
        [one] => format!("{}, and no SLI counts it.", grew(one)),
        [one, rest @ ..] => {
            let rest = counted(rest.len() as u64, "other value", "other values");
            format!("{}: neither it nor {rest} that grew is counted.", grew(one))
        }
    }
}

/// The value that grew and another objective counts.
fn elsewhere(shares: &Shares) -> Option<(&Share, String)> {
    let mut grown = shares.rows.iter().filter(|row| row.verdict() == Verdict::Elsewhere && row.grew());
    grown.next().and_then(|row| Some((row, row.counted_by()?)))
}

/// The value that most bad events have, where it has far more of them than of all.
fn weighs(shares: &Shares, called: &str) -> Option<String> {
    let row = shares.rows.iter().max_by_key(|row| row.bad).filter(|row| row.verdict() == Verdict::Partly)?;
    let bad: u64 = shares.rows.iter().map(|row| row.bad).fold(0, u64::saturating_add);
    let of_bad = row.bad.saturating_mul(100).checked_div(bad)?;
    let of_all = row.now_ppm / 10_000;
    let value = text::cut(&row.value, VALUE);
    (of_bad > 50 && of_bad > 2 * of_all)
        .then(|| format!("{value} has {of_bad} % of the {called} events, and {of_all} % of all."))
}

/// A span of time with its day.
fn between(from: i64, to: i64) -> String {
    let (from, to) = (Time(from), Time(to));
    let end = if from.date() == to.date() { String::new() } else { format!("{} ", to.date()) };
    format!("{} {} to {end}{} UTC", from.date(), from.clock_minutes(), to.clock_minutes())
}

/// A length, in its largest units.
fn length(span: Span) -> String {
    match span.as_minutes() {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", (minutes + 720) / 1_440),
    }
}

/// The widths of the columns.
struct Columns {
    value: usize,
    events: usize,
    bad: usize,
    verdict: usize,
}

impl Columns {
    fn of(shares: &Shares, cells: usize) -> Columns {
        // as wide as their longest figure, so that the value keeps the rest
        let widest = |name: &str, of: fn(&Share) -> u64| {
            let longest = shares.rows.iter().map(|row| text::width(&count(of(row)))).max().unwrap_or(0);
            GAP + longest.max(text::width(name))
        };
        let (events, bad) = (widest("events", |row| row.total), widest("bad", |row| row.bad));
        let figures = events + 2 * SHARE + bad + GAP;
        let by = shares.rows.iter().filter_map(Share::counted_by).map(|words| text::width(&words)).max().unwrap_or(0);
        let long = text::width(said(Verdict::Unseen, true));
        let verdicts = [SHORT.max(by.min(MOST_BY)), long.max(by)];
        let named = text::width(&shares.fields.join(", "));
        let wanted =
            shares.rows.iter().map(|row| text::width(&row.value)).max().unwrap_or(0).max(named).clamp(8, VALUE);
        // a short verdict before a cut value, a cut value before no verdict
        let room = cells.saturating_sub(2 + figures);
        let verdict = if room >= wanted + verdicts[1] { verdicts[1] } else { verdicts[0] };
        Columns { value: wanted.min(room.saturating_sub(verdict)), events, bad, verdict }
    }

    fn names(&self, shares: &Shares) -> Row {
        let Columns { events, bad, .. } = self;
        let words = format!(
            "  {}{:>events$}{:>SHARE$}{:>SHARE$}{:>bad$}{:GAP$}SLI",
            text::pad_right(&text::cut(&shares.fields.join(", "), self.value), self.value),
            "events",
            "share",
            "before",
            "bad",
            ""
        );
        Row::new(words, Meaning::Muted)
    }

    fn row(&self, share: &Share, chosen: bool) -> Row {
        let verdict = share.verdict();
        let meaning = match verdict {
            Verdict::Unseen => Meaning::Overdue,
            Verdict::Counted | Verdict::Partly | Verdict::Elsewhere => Meaning::Text,
            Verdict::NotCounted => Meaning::Muted,
        };
        let Columns { events, bad, .. } = self;
        let figures = format!(
            "{:>events$}{:>SHARE$}{:>SHARE$}{:>bad$}",
            count(share.total),
            percent(share.now_ppm),
            share.quiet_ppm.map_or_else(|| "–".into(), percent),
            count(share.bad)
        );
        let value = text::pad_right(&text::cut(&share.value, self.value), self.value);
        let by = share.counted_by().filter(|_| verdict == Verdict::Elsewhere);
        let verdict_words =
            by.unwrap_or_else(|| said(verdict, self.verdict >= text::width(said(Verdict::Unseen, true))).into());
        let words = vec![
            (if chosen { "> " } else { "  " }.to_owned(), Meaning::Key),
            (value, meaning),
            (figures, if verdict == Verdict::Unseen { meaning } else { Meaning::Text }),
            (format!("{}{}", " ".repeat(GAP), text::cut(&verdict_words, self.verdict)), meaning),
        ];
        Row { words, chosen, ..Row::default() }
    }
}

/// A verdict in words, which stand without colour.
fn said(verdict: Verdict, long: bool) -> &'static str {
    match (verdict, long) {
        (Verdict::Unseen, true) => "NOT COUNTED, and far more than before",
        (Verdict::Unseen, false) => "NOT COUNTED",
        (Verdict::Counted, _) => "counted",
        (Verdict::Partly, _) => "partly",
        (Verdict::Elsewhere, _) => "counted elsewhere",
        (Verdict::NotCounted, _) => "not counted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::breakdown::{Row, Table, Told};
    use crate::query::filter::Literal;
    use crate::query::shares::Asked;

    /// What is said of so many events with one value each, now and before.
    fn said(now: &[(Literal, u64)], quiet: &[(Literal, u64)]) -> String {
        let told = |rows: &[(Literal, u64)]| {
            let row = |(value, total): &(Literal, u64)| Row {
                values: vec![value.clone()],
                total: *total,
                bad: 0,
                percentile: None,
            };
            Told { table: Table::of(rows.iter().map(row).collect(), false), ..Told::default() }
        };
        let asked = Asked { fields: vec!["status".into()], since: 0, from: 5, to: 9, percentile: None, kept: None };
        sentence(&Shares::of(&asked, told(now), Some(told(quiet)), 10, |_| String::new()), "bad")
    }

    #[test]
    fn given_shares_that_mean_nothing_when_said_then_nobody_says_that_nothing_has_grown() {
        let ok = |total| (Literal::Int(200), total);
        assert_eq!(said(&[ok(90)], &[ok(900)]), "No value that the SLI does not count has grown much.");
        assert_eq!(said(&[ok(90)], &[]), "What has grown cannot be told: nothing was counted before.");
        let few = "What has grown cannot be told: fewer than 10 events, now or before.";
        assert_eq!(said(&[ok(3)], &[ok(900)]), few);
        let null = |total| (Literal::Null, total);
        let none = "What has grown cannot be told: no event has the field now.";
        assert_eq!(said(&[null(90)], &[null(900)]), none);
    }
}
