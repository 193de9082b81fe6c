//! What the keys do here, and what became of the last one.
//!
//! It must not know what an action does: keys and words are rows of the keymap.

use super::row::{Row, clipped, narrow, nth};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::action::Action;
use crate::app::keymap::When;
use crate::app::{App, Layer};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A notice is shown in so many rows at most: three sentences fit 80 columns.
const MOST: usize = 3;

/// What is left out first when the row is too narrow; what is not named here goes last, and help never goes.
const EXPENDABLE: [Action; 10] = [
    Action::Changes,
    Action::Roles,
    Action::Task,
    Action::Freeze,
    Action::Find,
    Action::Severity,
    Action::Decide,
    Action::Palette,
    Action::Switch,
    Action::Update,
];

/// How many rows it needs.
pub fn height(app: &App, area: Rect) -> u16 {
    let most = if area.height >= 16 { MOST } else { 1 };
    let words = spoken(app);
    let rows = words.iter().map(|(words, _)| text::rows(words, room(app, area.width), 0).take(most).count());
    narrow(rows.sum::<usize>().clamp(1, most + 1))
}

/// Draws it into the area's last rows.
pub fn draw(app: &App, theme: &Theme, _now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let Some(last) = area.height.checked_sub(1) else { return };
    let spoken = spoken(app);
    if spoken.is_empty() {
        keys(app, theme, area.width).draw(nth(area, last), buf);
        return;
    }
    let mut rows: Vec<(String, Meaning)> = Vec::new();
    for (words, meaning) in &spoken {
        let most = usize::from(area.height).saturating_sub(rows.len()).min(MOST);
        let lines = clipped(words, room(app, area.width), most);
        rows.extend(lines.into_iter().map(|line| (line.into_owned(), *meaning)));
    }
    let first = usize::from(area.height).saturating_sub(rows.len());
    for (place, (line, meaning)) in rows.into_iter().enumerate() {
        let place = narrow(first + place);
        let mut row = Row::new(2);
        row.left(line, theme.style(meaning), 0);
        if place == last {
            person(app, theme, &mut row);
        }
        row.draw(nth(area, place), buf);
    }
}

/// What has to be said before the keys: what went wrong or right, and letters that meant nothing.
fn spoken(app: &App) -> Vec<(String, Meaning)> {
    let mut spoken = Vec::new();
    if let Some(notice) = &app.notice {
        spoken.push((notice.words.clone(), if notice.bad { Meaning::Warn } else { Meaning::Info }));
    }
    if let Some((_, ignored)) = app.hush.as_ref().filter(|(_, ignored)| !ignored.is_empty()) {
        spoken.push((format!("ignored: {ignored} (typed right after the prompt closed)"), Meaning::Warn));
    }
    spoken
}

/// Cells left of the person's name.
fn room(app: &App, cells: u16) -> usize {
    usize::from(cells).saturating_sub(text::width(&name(app)) + 2)
}

fn name(app: &App) -> String {
    let name = text::cut(&app.person.name, 16);
    if app.person.assumed { format!("{name} (assumed)") } else { name.into_owned() }
}

fn person(app: &App, theme: &Theme, row: &mut Row<'_>) {
    row.right(name(app), theme.style(Meaning::Person), 0);
}

/// The keys of the focused panel, as many as fit.
fn keys<'a>(app: &'a App, theme: &Theme, cells: u16) -> Row<'a> {
    let room = room(app, cells);
    let mut shown: Vec<(Action, String, &str)> = Vec::new();
    if app.incident.opened().is_none() && app.reading().is_none() {
        let does = if app.incidents().is_empty() { "declare" } else { "incidents" };
        shown.push((Action::Incidents, key(app, Action::Incidents), does));
        shown.push((Action::Palette, key(app, Action::Palette), "all"));
        shown.push((Action::Help, key(app, Action::Help), "help"));
        if app.drill.is_some() {
            shown.insert(1, (Action::SkipClock, key(app, Action::SkipClock), "skip ahead"));
        }
        shown.retain(|(_, key, _)| !key.is_empty());
    } else {
        for line in app.keymap.footer(app.when()) {
            let key = line.keys.first().map(ToString::to_string).unwrap_or_default();
            shown.push((line.action, key, &line.about.desc));
        }
    }
    // what a letter means while something lies on top is said there
    if app.layer != Layer::None {
        shown.clear();
    }
    let wide = |shown: &[(Action, String, &str)], gap: usize| {
        let words = shown.iter().map(|(_, key, desc)| text::width(key) + 1 + text::width(desc));
        words.sum::<usize>() + gap * shown.len().saturating_sub(1)
    };
    let mut leave = EXPENDABLE.into_iter();
    while wide(&shown, 1) > room {
        match leave.next() {
            Some(action) => shown.retain(|(a, ..)| *a != action),
            None => break,
        }
    }
    while wide(&shown, 1) > room && shown.len() > 1 {
        shown.remove(0);
    }
    let gap = if wide(&shown, 2) <= room { 2 } else { 1 };
    let mut row = Row::new(gap);
    for (_, key, desc) in shown {
        row.left(key, theme.style(Meaning::Key), 0).near(desc, theme.style(Meaning::Muted), 0, 1);
    }
    person(app, theme, &mut row);
    row
}

/// The key that means an action here; empty when it has none.
pub fn key(app: &App, action: Action) -> String {
    bound(app, app.when(), action)
}

/// The key that means an action in a place; empty when it has none.
pub fn bound(app: &App, when: When, action: Action) -> String {
    app.keymap.keys(when, action).first().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Notice;
    use crate::view::sample::{keys, lines, minute_14, now};

    #[test]
    fn it_keeps_what_is_missed_most_and_help() {
        let app = minute_14();
        assert_eq!(
            lines(&app, draw, 120, 1),
            [
                "n note d decide c check-in u update t task s status r roles x switch f freeze v changes / find : all ? help          Ana"
            ]
        );
        assert_eq!(
            lines(&app, draw, 80, 1),
            ["n note d decide c check-in u update s status x switch / find : all ? help    Ana"]
        );
        assert_eq!(lines(&app, draw, 40, 1), ["n note c check-in u update ? help    Ana"]);
        assert_eq!(lines(&app, draw, 12, 1), ["? help   Ana"]);
    }

    #[test]
    fn three_sentences_are_readable_at_80_columns() {
        let mut app = minute_14();
        let words = "Ana asked to stop release at 22:58:40 UTC from another run of quarterdeck, and its outcome is not known yet. \
                     Nothing was recorded. Wait for it, until 22:59:40 UTC at most: from then on it is looked for.";
        app.notice = Some(Notice { words: words.into(), bad: true, until: now() });
        let rows = height(&app, Rect::new(0, 0, 80, 24));
        let drawn = lines(&app, draw, 80, rows);
        assert_eq!(drawn.join(" ").trim_end_matches("Ana").split_whitespace().collect::<Vec<_>>().join(" "), words);
        assert!(drawn.last().is_some_and(|line| line.ends_with("Ana")));
    }

    #[test]
    fn letters_that_meant_nothing_are_named() {
        let mut app = minute_14();
        app.hush = Some((now(), "xq".into()));
        assert!(lines(&app, draw, 80, 1)[0].starts_with("ignored: xq (typed right after the prompt closed)"));
    }

    #[test]
    fn while_something_is_typed_no_letter_is_offered() {
        let mut app = minute_14();
        keys(&mut app, "n");
        assert_eq!(lines(&app, draw, 40, 1), ["                                     Ana"]);
    }
}
