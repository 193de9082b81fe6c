//! Below the zoomed chart: every objective, and the conditions of the one that is shown. It must not know how they are computed.

use super::title::{self, Trust};
use crate::app::{App, SloDesk};
use crate::incident::alert::Urgency;
use crate::incident::time::Time;
use crate::incident::timeline::{percent, rate};
use crate::query::alert::Verdict;
use crate::view::row::{Row, nth};
use crate::view::text;
use crate::view::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The chart keeps so many rows before both tables get any.
const CHART: u16 = 18;
/// The chart keeps so many rows before the conditions alone get any.
const LEAST: u16 = 13;
/// The most objectives that are listed; the one that is shown is always among them.
const MOST: usize = 6;
/// The cells of the columns of figures.
const FIGURE: usize = 10;

/// How many rows the tables take of so many.
pub fn height(app: &App, rows: u16) -> u16 {
    let conditions = app.burn().map_or(0, |burn| burn.conditions.len());
    let objectives = app.slos.len().min(MOST);
    // an empty row, a heading, and the lines of each table
    let table = |lines: usize, least: usize| if lines >= least { 2 + lines } else { 0 };
    let both = u16::try_from(table(conditions, 1) + table(objectives, 2)).unwrap_or(0);
    let first = u16::try_from(table(conditions, 1)).unwrap_or(0);
    match rows {
        _ if rows >= CHART + both => both,
        _ if rows >= LEAST + first => first,
        _ => 0,
    }
}

/// Draws the tables.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let mut line = 1;
    if let Some(burn) = app.burn().filter(|burn| !burn.conditions.is_empty()) {
        figures(theme, ["condition", "", "long", "short", "held last"], Meaning::Muted, nth(area, line), buf);
        line += 1;
        for held in &burn.conditions {
            let meaning = match (held.verdict, held.urgency) {
                (Verdict::Firing, Urgency::Page) => Meaning::Overdue,
                (Verdict::Firing, Urgency::Ticket) => Meaning::Warn,
                (Verdict::Quiet, _) => Meaning::Text,
                (Verdict::Unknown, _) => Meaning::Unknown,
            };
            let word = match held.verdict {
                Verdict::Firing => "HOLDS",
                Verdict::Quiet => "quiet",
                Verdict::Unknown => "not known",
            };
            let burn = |milli: Option<u64>| milli.map_or_else(|| "?".into(), |milli| format!("{}x", rate(milli)));
            let (long, short) = (burn(held.burn_milli.0), held.burn_milli.1.map(burn).unwrap_or_default());
            let last = held.last.map_or("not today".into(), |(since, until, peak)| {
                let until = until.map_or("now".into(), Time::clock_minutes);
                format!("{} to {until}, at most {}x", since.clock_minutes(), rate(peak))
            });
            figures(theme, [&held.said(), word, &long, &short, &last], meaning, nth(area, line), buf);
            line += 1;
        }
        line += 1;
    }
    if app.slos.len() > 1 {
        figures(theme, ["objective", "", "left", "in 1 h", ""], Meaning::Muted, nth(area, line), buf);
        line += 1;
        let order = app.worst_first();
        let at = order.iter().position(|place| *place == app.slo).unwrap_or(0);
        let first = at.saturating_sub(MOST / 2).min(order.len().saturating_sub(MOST));
        for place in order.into_iter().skip(first).take(MOST) {
            let Some(slo) = app.slos.get(place) else { continue };
            objective(theme, now, slo, place == app.slo, nth(area, line), buf);
            line += 1;
        }
    }
}

fn objective(theme: &Theme, now: Time, slo: &SloDesk, shown: bool, area: Rect, buf: &mut Buffer) {
    let trust = title::trust(slo, now);
    let (word, meaning) = match &trust {
        Trust::Live => ("live".to_string(), Meaning::Text),
        Trust::Doubtful(words) => (words.clone(), Meaning::Unknown),
        Trust::None(word, since) => (format!("{word} {}", since.clock_minutes()), Meaning::Overdue),
        Trust::Asking(words) => (words.clone(), Meaning::Muted),
    };
    // a source that went quiet has no figures of the present
    let quiet = matches!(trust, Trust::None(..));
    let burn = slo.feed.last.as_ref().map(|(_, burn)| burn).filter(|_| !quiet);
    let left = burn.and_then(|burn| burn.remaining_ppm).map_or_else(|| "–".into(), percent);
    let hour = burn.and_then(|burn| burn.burn_milli[2]).map_or_else(|| "–".into(), |milli| format!("{}x", rate(milli)));
    let name = format!("{} {}", if shown { ">" } else { " " }, text::cut(&slo.name, 30));
    let of = title::promise(slo);
    let firing = burn.and_then(|burn| burn.standing().next()).unwrap_or_default();
    let overspent = burn.and_then(|burn| burn.remaining_ppm).is_some_and(|left| left <= 0);
    let meaning = if overspent && meaning == Meaning::Text { Meaning::Overdue } else { meaning };
    let last = if firing.is_empty() { of } else { firing };
    figures(theme, [&name, &word, &left, &hour, &last], meaning, area, buf);
}

/// One line: a name, a word, two figures at their right edges, and words.
fn figures(theme: &Theme, cells: [&str; 5], meaning: Meaning, area: Rect, buf: &mut Buffer) {
    let [name, word, first, second, last] = cells;
    let narrow = area.width < 100;
    let (names, words) = if narrow { (34, 18) } else { (40, 24) };
    let style = theme.style(meaning);
    let mut row = Row::new(2);
    row.left(text::pad_right(&text::cut(name, names), names), style, 0);
    row.left(text::pad_right(&text::cut(word, words), words), style, 0);
    row.near(text::pad_left(first, FIGURE), style, 0, 0);
    row.near(text::pad_left(second, FIGURE), style, 0, 0);
    if !narrow {
        row.left(last.to_owned(), style, 1);
    }
    row.draw(area, buf);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::feed::Burn;
    use crate::incident::trouble::Trouble;
    use crate::query::state::State;
    use crate::view::burning::{burn, drawn, minute_14, slo};
    use crate::view::sample::{keys, now, theme};

    #[test]
    fn given_the_zoomed_chart_when_there_is_room_then_conditions_and_objectives_stand_below() {
        let mut app = minute_14(Ok(burn()));
        assert_eq!(height(&app, 15), 0, "the chart comes first");
        assert_eq!(height(&app, 16), 3);
        app.slos.push(slo(Ok(burn())));
        app.slos[1].name = "servers".into();
        assert_eq!(height(&app, 21), 3, "then the conditions");
        let rows = height(&app, 50);
        assert_eq!(rows, 7);
        let lines = drawn(120, rows, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        let expected = [
            "",
            "condition                                                               long     short  held last",
            "page: over 14.4x in 1 h and 5 m           HOLDS                         333x      120x  22:52 to now, at most 333x",
            "",
            "objective                                                               left    in 1 h",
            "> api-availability                        live                        30.8 %      333x  page: over 14.4x in 1 h and 5 m",
            "  servers                                 live                        30.8 %      333x  page: over 14.4x in 1 h and 5 m",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn given_an_objective_whose_turn_has_not_come_when_named_then_what_was_last_told_counts() {
        let mut app = minute_14(Ok(burn()));
        let calm = Burn { burn_milli: [Some(0); 3], ..burn() };
        let queued = |burn: Burn| {
            let mut slo = slo(Ok(burn));
            let ticket = slo.feed.ask(now());
            let trouble = Trouble::Slowed(now(), "Its turn has not come.".into());
            slo.feed.take(ticket, now(), slo.pace, Err(trouble));
            slo
        };
        app.slos.push(queued(calm));
        app.slos.push(queued(Burn { burn_milli: [Some(2_000); 3], ..burn() }));
        let words: Vec<String> = app.alarms().into_iter().map(|(_, words)| words).collect();
        assert!(words.contains(&"queued".into()) && words.contains(&"burning".into()), "{words:?}");
    }

    #[test]
    fn given_several_objectives_when_listed_then_the_worst_stands_first_and_keys_go_through_the_list() {
        let calm = Burn { conditions: Vec::new(), burn_milli: [Some(0); 3], remaining_ppm: Some(900_000), ..burn() };
        let mut app = minute_14(Ok(calm.clone()));
        let gone = Burn { state: State::TrafficGone, since: Some(now()), ..calm.clone() };
        let named = |name: &str, burn: Burn| SloDesk { name: name.into(), ..slo(Ok(burn)) };
        app.slos.push(named("spent", Burn { remaining_ppm: Some(-1), ..calm.clone() }));
        app.slos.push(named("servers", gone));
        app.slos.push(named("low", Burn { remaining_ppm: Some(1), ..calm }));
        assert_eq!(app.worst_first(), [2, 1, 3, 0]);
        let rows = height(&app, 60);
        let lines = drawn(120, rows, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        let names: Vec<&str> = lines.iter().filter_map(|line| line.get(2..)?.split(' ').next()).skip(1).collect();
        assert_eq!(names, ["servers", "spent", "low", "api-availability"], "{lines:#?}");
        assert_eq!(app.alarms().first().map(|(name, _)| name.clone()), Some("servers".into()));
        keys(&mut app, "3 k");
        assert_eq!(app.slo, 3, "the one above it in the list");
        keys(&mut app, "k k k");
        assert_eq!(app.slo, 2);
    }
}
