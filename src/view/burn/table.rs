//! Below the zoomed chart: every objective, and the conditions of the one that is shown. It must not know how they are computed.

use super::super::phrase;
use super::title::{self, Trust};
use crate::app::feed::Held;
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

/// The cells of words behind them.
const BEHIND: usize = 32;
/// Below so many cells there is no room for them.
const NARROW: u16 = 100;
/// From so many cells on there is room for two of those.
const WIDE: u16 = 160;

/// How many rows the tables take of so many.
pub fn height(app: &App, rows: u16) -> u16 {
    // where there is none that takes a line
    let conditions = app.burn().map_or(0, |burn| burn.conditions.len().max(1));
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

/// Draws the tables. Of a time that is over they tell what was then; what is of now has that word.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let mut line = 1;
    let back = app.chart_end(now);
    let then = app.shown_slo().and_then(|slo| app.then(slo, now));
    let shown = app.burn().map(|burn| then.map_or(burn.conditions.as_slice(), |then| &then.conditions));
    if let Some(conditions) = shown {
        let title = match (back, then) {
            (Some(at), Some(_)) => format!("condition at {}", at.beside(now)),
            (Some(_), None) => "condition now".into(),
            (None, _) => "condition".into(),
        };
        let behind = [("held last".into(), Meaning::Muted)];
        figures(theme, [&title, "", "long", "short"], [Meaning::Muted; 2], &behind, nth(area, line), buf);
        line += 1;
        if let Some(words) = Held::unwatched(conditions).filter(|_| conditions.is_empty()) {
            let area = nth(area, line);
            if !area.is_empty() {
                phrase::put(buf, area.x, area.y, area.width, words, theme.style(Meaning::Warn));
            }
            line += 1;
        }
        for held in conditions {
            condition(theme, held, then.map(|then| then.until), now, nth(area, line), buf);
            line += 1;
        }
        line += 1;
    }
    if app.slos.len() > 1 {
        let heading = match back {
            Some(_) => ["objective", "now", "left then", "1 h then"],
            None => ["objective", "", "left", "in 1 h"],
        };
        let behind = [("promised".into(), Meaning::Muted), ("holds".into(), Meaning::Muted)];
        figures(theme, heading, [Meaning::Muted; 2], &behind, nth(area, line), buf);
        line += 1;
        let order = app.worst_first();
        let at = order.iter().position(|place| *place == app.slo).unwrap_or(0);
        let first = at.saturating_sub(MOST / 2).min(order.len().saturating_sub(MOST));
        for place in order.into_iter().skip(first).take(MOST) {
            let Some(slo) = app.slos.get(place) else { continue };
            let standing = if back.is_some() { then_standing(app, slo, now) } else { standing(slo, now) };
            let name = format!("{} {}", if place == app.slo { ">" } else { " " }, text::cut(&slo.name, 30));
            let cells = [name.as_str(), &standing.word, &standing.left, &standing.hour];
            // what was promised is no news, whatever holds
            let behind = [(title::promise(slo), Meaning::Muted), (standing.holds, standing.meaning)];
            figures(theme, cells, [standing.meaning, standing.word_meaning], &behind, nth(area, line), buf);
            line += 1;
        }
    }
}

/// How a condition stands, or stood then.
fn condition(theme: &Theme, held: &Held, then: Option<Time>, now: Time, area: Rect, buf: &mut Buffer) {
    let meaning = match (held.verdict, held.urgency) {
        (Verdict::Firing, Urgency::Page) => Meaning::Overdue,
        (Verdict::Firing, Urgency::Ticket) => Meaning::Warn,
        (Verdict::Quiet, _) => Meaning::Text,
        (Verdict::Unknown, Urgency::Page) if held.is_open => Meaning::Overdue,
        (Verdict::Unknown, _) => Meaning::Unknown,
    };
    let word = match (held.verdict, then) {
        (Verdict::Firing, None) => "HOLDS",
        (Verdict::Firing, Some(_)) => "HELD",
        (Verdict::Quiet, _) => "quiet",
        (Verdict::Unknown, None) => "not known",
        (Verdict::Unknown, Some(_)) => "was not known",
    };
    let burn = |milli: Option<u64>| milli.map_or_else(|| "?".into(), |milli| format!("{}x", rate(milli)));
    let (long, short) = (burn(held.burn_milli.0), held.burn_milli.1.map(burn).unwrap_or_default());
    let never = match (held.stands(), then) {
        // it began this very moment
        (true, _) => "",
        (false, Some(_)) => "not that day",
        (false, None) => "not today",
    };
    let day = |at: Time| at.beside(then.unwrap_or(now));
    let last = held.last().map_or(never.into(), |last| {
        let until = match (last.until, then) {
            (Some(until), _) => format!("to {}", day(until)),
            (None, Some(_)) => "to the end".into(),
            (None, None) => "to now".into(),
        };
        let before = if last.is_cut { "before " } else { "" };
        let times = format!("{before}{} {until}", day(last.since));
        let whole = format!("{times}, at most {}x", rate(last.peak_milli));
        // days need the room of the highest burn
        if text::fits(&whole, BEHIND) || area.width >= WIDE { whole } else { times }
    });
    // where that has no room, since when it holds stands beside the word
    let since = held.last().filter(|_| area.width < NARROW && held.verdict == Verdict::Firing);
    let word = since.map_or(word.into(), |last| format!("{word} {}", day(last.since)));
    figures(theme, [&held.said(), &word, &long, &short], [meaning; 2], &[(last, meaning)], area, buf);
}

/// One line about an objective.
struct Standing {
    word: String,
    left: String,
    hour: String,
    holds: String,
    meaning: Meaning,
    /// Of the word alone: beside another time it tells of now.
    word_meaning: Meaning,
}

fn share(ppm: Option<i64>) -> String {
    ppm.map_or_else(|| "–".into(), percent)
}

fn times(milli: Option<u64>) -> String {
    milli.map_or_else(|| "–".into(), |milli| format!("{}x", rate(milli)))
}

/// What stands of some conditions: what wakes somebody first.
fn firing(conditions: &[Held]) -> Option<(&Held, Meaning)> {
    let held = Held::standing(conditions).next()?;
    Some((held, if held.urgency == Urgency::Page { Meaning::Overdue } else { Meaning::Warn }))
}

/// How an objective stands now.
fn standing(slo: &SloDesk, now: Time) -> Standing {
    let trust = title::trust(slo, now);
    let (word, meaning) = word(&trust);
    // a source that went quiet has no figures of the present
    let burn =
        slo.feed.last.as_ref().map(|(_, burn)| burn).filter(|_| !matches!(trust, Trust::None(..) | Trust::Beyond));
    let left = burn.and_then(|burn| burn.remaining_ppm);
    let holds = burn.and_then(|burn| firing(&burn.conditions));
    let word = match holds {
        Some((held, _)) if trust == Trust::Live => format!("{} holds", held.urgency.word()),
        Some((held, _)) => format!("{}, {word}", held.urgency.word()),
        None => word,
    };
    let spent = left.filter(|left| *left <= 0).map(|_| Meaning::Overdue);
    let meaning =
        if meaning == Meaning::Text { holds.map(|(_, meaning)| meaning).or(spent).unwrap_or(meaning) } else { meaning };
    let hour = times(burn.and_then(|burn| burn.burn_milli[2]));
    let holds = holds.map(|(held, _)| held.words.clone()).unwrap_or_default();
    Standing { word, left: share(left), hour, holds, meaning, word_meaning: meaning }
}

/// How an objective stood at the end of the chart, and in a word how it stands now.
fn then_standing(app: &App, slo: &SloDesk, now: Time) -> Standing {
    let today = standing(slo, now);
    // dead servers are as loud as ever; what only is not known of now drowns nothing
    let (word, word_meaning) = match title::trust(slo, now) {
        Trust::Live => (format!("{} left", today.left), today.meaning),
        Trust::None(word, _) if word != title::GONE => (today.word, Meaning::Unknown),
        _ => (today.word, today.meaning),
    };
    let Some(then) = app.then(slo, now) else {
        let (left, hour) = (share(None), times(None));
        return Standing { word, left, hour, holds: String::new(), meaning: Meaning::Muted, word_meaning };
    };
    let spent = then.remaining_ppm.filter(|left| *left <= 0).map(|_| Meaning::Overdue);
    let held = firing(&then.conditions);
    let calm = if then.remaining_ppm.is_some() && then.state.trusted() { Meaning::Text } else { Meaning::Unknown };
    let meaning = spent.or(held.map(|(_, meaning)| meaning)).unwrap_or(calm);
    let holds = held.map(|(held, _)| held.words.clone()).unwrap_or_default();
    Standing { word, left: share(then.remaining_ppm), hour: times(then.burn_milli[2]), holds, meaning, word_meaning }
}

/// Whether its source can be believed.
fn word(trust: &Trust) -> (String, Meaning) {
    match trust {
        Trust::Live => ("live".to_string(), Meaning::Text),
        Trust::Doubtful(words) => (words.clone(), Meaning::Unknown),
        Trust::None(word, since) => (format!("{word} {}", since.clock_minutes()), Meaning::Overdue),
        Trust::Asking(words) => (words.clone(), Meaning::Muted),
        Trust::Beyond => (title::BEYOND.to_string(), Meaning::Unknown),
    }
}

/// One line: a name, a word, two figures at their right edges, and behind them words below one another, as many as there is room for.
fn figures(
    theme: &Theme,
    cells: [&str; 4],
    [meaning, word_meaning]: [Meaning; 2],
    behind: &[(String, Meaning)],
    area: Rect,
    buf: &mut Buffer,
) {
    let [name, word, first, second] = cells;
    let narrow = area.width < NARROW;
    let (names, words) = if narrow { (34, 18) } else { (40, 24) };
    let style = theme.style(meaning);
    let mut row = Row::new(2);
    row.left(text::pad_right(&text::cut(name, names), names), style, 0);
    row.left(text::pad_right(&text::cut(word, words), words), theme.style(word_meaning), 0);
    row.near(text::pad_left(first, FIGURE), style, 0, 0);
    row.near(text::pad_left(second, FIGURE), style, 0, 0);
    let most = if narrow { 0 } else { 1 + usize::from(area.width >= WIDE) };
    for (place, (words, meaning)) in behind.iter().take(most).enumerate() {
        let words = if place + 1 < most { text::pad_right(words, BEHIND) } else { words.clone() };
        row.left(words, theme.style(*meaning), 1);
    }
    row.draw(area, buf);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::condition::Spell;
    use crate::app::feed::Burn;
    use crate::incident::trouble::Trouble;
    use crate::query::state::State;
    use crate::view::burning::{burn, drawn, looking_back, minute_14, past, slo, spell};
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
            "objective                                                               left    in 1 h  promised",
            "> api-availability                        page holds                  30.8 %      333x  99.95 % of 30 d",
            "  servers                                 page holds                  30.8 %      333x  99.95 % of 30 d",
        ];
        assert_eq!(lines, expected);
        // where there is room the condition stands behind what was promised, and that is no alarm
        let area = Rect::new(0, 0, 200, rows);
        let mut buf = Buffer::empty(area);
        draw(&app, &theme("dark"), now(), area, &mut buf);
        let wide = crate::view::sample::dump(&buf);
        assert!(wide[4].ends_with("promised                          holds"), "{wide:#?}");
        assert!(wide[6].ends_with("99.95 % of 30 d                   over 14.4x in 1 h and 5 m"), "{wide:#?}");
        let promised =
            wide[6].split("99.95").next().map(|before| before.chars().count()).and_then(|x| u16::try_from(x).ok());
        let look = |x: u16| buf.cell((x, 6)).map(ratatui::buffer::Cell::style);
        let drawn_in = |meaning| Some(ratatui::buffer::Cell::default().set_style(theme("dark").style(meaning)).style());
        assert_eq!(look(promised.unwrap()), drawn_in(Meaning::Muted));
        assert_eq!(look(2), drawn_in(Meaning::Overdue));
    }

    #[test]
    fn given_a_condition_that_holds_for_days_when_listed_then_since_when_has_its_day() {
        let mut app = minute_14(Ok(burn()));
        let mut old = burn();
        let yesterday = crate::incident::time::Time::parse_iso("2019-07-07T08:00:00Z").unwrap();
        old.conditions[0].spells = vec![Spell { since: yesterday, ..spell("22:52:00", None) }];
        let mut cut = old.conditions[0].clone();
        cut.spells[0].is_cut = true;
        old.conditions.push(cut);
        app.slos[0] = slo(Ok(old));
        let wide = drawn(120, 6, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        assert!(wide[2].ends_with("07-07 08:00 to now, at most 333x"), "{wide:#?}");
        assert!(wide[3].ends_with("  before 07-07 08:00 to now"), "{wide:#?}");
        let narrow = drawn(80, 6, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        assert!(narrow[2].contains("HOLDS 07-07 08:00 "), "{narrow:#?}");
    }

    #[test]
    fn given_a_look_back_when_zoomed_then_the_tables_tell_what_was_then_and_now_has_its_word() {
        let mut app = looking_back(past());
        app.slos.push(slo(Ok(Burn { state: State::Value, remaining_ppm: Some(123_000), ..past() })));
        app.slos[1].name = "servers".into();
        let rows = height(&app, 50);
        let lines = drawn(120, rows, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        let expected = [
            "",
            "condition at 23:03                                                      long     short  held last",
            "page: over 14.4x in 1 h and 5 m           HELD                          333x      120x  22:52 to the end, at most 333x",
            "",
            "objective                                 now                      left then  1 h then  promised",
            "  servers                                 12.3 % left                 33.9 %      321x  99.95 % of 30 d",
            "> api-availability                        NO DATA 23:04               33.9 %      321x  99.95 % of 30 d",
        ];
        assert_eq!(lines, expected);
        // each time in its own look: a page held then, and of now nothing is known, or nothing is wrong
        let area = Rect::new(0, 0, 120, rows);
        let mut buf = Buffer::empty(area);
        app.slos[1] =
            slo(Ok(Burn { state: State::Value, remaining_ppm: Some(123_000), conditions: Vec::new(), ..past() }));
        draw(&app, &theme("dark"), now(), area, &mut buf);
        let look = |x: u16, y: u16| buf.cell((x, y)).map(ratatui::buffer::Cell::style);
        let drawn_in = |meaning| Some(ratatui::buffer::Cell::default().set_style(theme("dark").style(meaning)).style());
        assert_eq!((look(2, 5), look(42, 5)), (drawn_in(Meaning::Overdue), drawn_in(Meaning::Unknown)));
        assert_eq!((look(2, 6), look(42, 6)), (drawn_in(Meaning::Overdue), drawn_in(Meaning::Text)));
        // before that time is counted only now is known, and says so
        app.slos[0] = slo(Ok(burn()));
        let lines = drawn(120, rows, |area, buf| draw(&app, &theme("plain"), now(), area, buf));
        assert!(lines[1].starts_with("condition now ") && lines[2].contains("HOLDS"), "{lines:#?}");
        assert_eq!(
            lines[5],
            "> api-availability                        30.8 % left                      –         –  99.95 % of 30 d"
        );
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
        let words: Vec<String> = app.alarms().into_iter().map(|alarm| alarm.words).collect();
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
        let names: Vec<&str> = lines.iter().filter_map(|line| line.get(2..)?.split(' ').next()).skip(3).collect();
        assert_eq!(names, ["servers", "spent", "low", "api-availability"], "{lines:#?}");
        assert_eq!(app.alarms().first().map(|alarm| alarm.name.clone()), Some("servers".into()));
        keys(&mut app, "3 k");
        assert_eq!(app.slo, 3, "the one above it in the list");
        keys(&mut app, "k k k");
        assert_eq!(app.slo, 2);
    }
}
