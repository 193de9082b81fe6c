//! The record, by when things happened: columns of clock, kind, name and words, the late ones marked.
//!
//! Only what is visible is read and wrapped, walking out from the row at the top. It must not know what an entry means.

use super::entry::Writer;
use super::row::{Row, narrow, nth, select, title};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::{App, Panel};
use crate::incident::entry::{Entry, EntryId};
use crate::incident::impact::{counted, thousands};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What was drawn: the first and the last entry, and how many were.
pub type Shown = (Option<(EntryId, EntryId)>, u16);

/// Draws the panel; says what is visible, so that the next key can be understood.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Shown {
    let area = area.intersection(buf.area);
    let body = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let list = List::of(app);
    let writer = Writer::new(app, theme, body);
    let sheet = Sheet { app, writer, height: body.height };
    let (window, mut room) = sheet.window(&list);
    let mut line = 0;
    let mut before: Option<Time> = None;
    let (mut first, mut last, mut drawn) = (None, None, 0);
    let mut place = window;
    while line < body.height
        && let Some(entry) = list.get(place)
    {
        let at = app.incident.happened(entry);
        if let Some(date) = new_day(before, at) {
            day(&date, theme, nth(body, line), buf);
            line += 1;
        }
        before = Some(at);
        if line >= body.height {
            break;
        }
        let top = line;
        let rows = room.take().unwrap_or(u16::MAX).min(body.height - line);
        for row in sheet.writer.rows(entry, rows) {
            row.draw(nth(body, line), buf);
            line += 1;
        }
        if app.timeline.selected == Some(entry.id) {
            let block = Rect { y: body.y + top, height: line - top, ..body };
            select(block, theme, buf);
        }
        first = first.or(Some(entry.id));
        last = Some(entry.id);
        drawn += 1;
        place += 1;
    }
    if drawn == 0 {
        let mut row = Row::new(2);
        row.left(list.nothing(), theme.style(Meaning::Muted), 0);
        row.draw(nth(body, 0), buf);
    }
    let below = list.len().saturating_sub(place);
    heading(app, theme, now, &list, (window, below), area, buf);
    (first.zip(last), drawn)
}

/// What is being shown: the log under its filter, or the last screenful of a journal that is still being read.
enum List<'a> {
    Log(&'a App),
    Glimpse(&'a [Entry]),
}

impl<'a> List<'a> {
    fn of(app: &'a App) -> List<'a> {
        match &app.glimpse {
            Some((entries, _)) => List::Glimpse(entries),
            None => List::Log(app),
        }
    }
    fn len(&self) -> usize {
        match self {
            List::Log(app) => app.log.rows(),
            List::Glimpse(entries) => entries.len(),
        }
    }
    fn get(&self, place: usize) -> Option<&'a Entry> {
        match self {
            List::Log(app) => app.log.row(place),
            List::Glimpse(entries) => entries.get(place),
        }
    }
    fn place(&self, id: EntryId) -> Option<usize> {
        match self {
            List::Log(app) => app.log.row_of(id),
            List::Glimpse(entries) => entries.iter().position(|entry| entry.id == id),
        }
    }
    fn nothing(&self) -> String {
        match self {
            List::Log(app) => match app.log.filter() {
                Some(words) => format!("nothing contains \"{words}\"   Esc shows all entries"),
                None => "nothing is written down yet".into(),
            },
            List::Glimpse(..) => "reading…".into(),
        }
    }
}

/// Which entries are visible.
struct Sheet<'a> {
    app: &'a App,
    writer: Writer<'a>,
    height: u16,
}

impl<'a> Sheet<'a> {
    /// The place of the row at the top: as it was drawn last, moved the least that keeps the selection visible; without a
    /// selection the newest entries. With it, how many rows the first may have when it does not fit whole.
    fn window(&self, list: &List<'a>) -> (usize, Option<u16>) {
        let height = usize::from(self.height);
        let newest = || self.back_from(list, list.len(), height);
        let Some(selected) = self.app.timeline.selected.and_then(|id| list.place(id)) else {
            let (place, spare) = newest();
            return match place.checked_sub(1) {
                Some(cut) if spare > 0 => (cut, Some(narrow(spare))),
                _ => (place, None),
            };
        };
        let last_drawn = self.app.timeline.top.or(self.app.spots.timeline.map(|(first, _)| first));
        let top = last_drawn.and_then(|id| list.place(id)).unwrap_or(selected);
        // never past the newest: no blank rows while there is something to fill them
        let top = if top + height <= list.len() { top } else { top.min(newest().0) };
        let (lowest, _) = self.back_from(list, selected + 1, height);
        (top.clamp(lowest.min(selected), selected), None)
    }

    /// The place from which on whole entries before `end` fill the rows, and how many rows stay free for one more entry.
    fn back_from(&self, list: &List<'a>, end: usize, rows: usize) -> (usize, usize) {
        let mut left = rows;
        let mut place = end.min(list.len());
        let mut below: Option<Time> = None;
        while let Some(next) = place.checked_sub(1).filter(|_| left > 0) {
            let Some(entry) = list.get(next) else { break };
            let at = self.app.incident.happened(entry);
            let day = usize::from(below.is_some_and(|below| new_day(Some(at), below).is_some()));
            let needs = self.writer.needs(entry) + day;
            if needs > left && place < end {
                return (place, left.saturating_sub(day));
            }
            left = left.saturating_sub(needs);
            below = Some(at);
            place = next;
        }
        (place, left)
    }
}

/// The date, when a moment lies on another day than the one before it.
fn new_day(before: Option<Time>, at: Time) -> Option<String> {
    let date = at.date();
    before.filter(|before| before.date() != date).map(|_| date)
}

/// The row between two days.
fn day(date: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut row = Row::new(1);
    row.left(format!("·· {date}"), theme.style(Meaning::Heading), 0);
    row.draw(area, buf);
}

fn heading(
    app: &App,
    theme: &Theme,
    now: Time,
    list: &List<'_>,
    (above, below): (usize, usize),
    area: Rect,
    buf: &mut Buffer,
) {
    let look = |meaning| theme.style(meaning);
    let mut row = Row::new(3);
    row.left("Timeline", look(Meaning::Heading), 0);
    let number = |n: usize| thousands(n as u64);
    let date = list.get(above).map(|entry| app.incident.happened(entry).date());
    if let Some(date) = date.filter(|date| *date != now.date()) {
        row.left(date, look(Meaning::Heading), 2);
    }
    match (list, app.log.filter()) {
        (List::Glimpse(entries), _) => {
            row.left(format!("the last {}, the rest is being read", entries.len()), look(Meaning::Info), 0);
        }
        (List::Log(_), Some(words)) => {
            let words = format!("\"{}\" in {} of {}", text::cut(words, 30), number(list.len()), number(app.log.len()));
            row.left(words, look(Meaning::Info), 0);
            row.left("Esc shows all", look(Meaning::Muted), 3);
        }
        (List::Log(_), None) => {
            row.left("by when it happened", look(Meaning::Muted), 5);
        }
    }
    if !matches!(list, List::Glimpse(..)) && list.len() > 0 {
        let mut counts = Vec::new();
        if app.log.filter().is_none() {
            counts.push(counted(list.len() as u64, "entry", "entries"));
        }
        if above > 0 {
            counts.push(format!("{} above", number(above)));
        }
        if app.timeline.selected.is_some() {
            row.left(counts.join(", "), look(Meaning::Muted), 4);
            let words =
                if below > 0 { format!("NOT FOLLOWING, {} below", number(below)) } else { "NOT FOLLOWING".into() };
            row.near(words, look(Meaning::Info), 1, 2);
        } else {
            counts.push("following".into());
            row.left(counts.join(", "), look(Meaning::Muted), 1);
        }
    }
    if app.log.late() > 0 {
        row.right("late entries: +N min", look(Meaning::Muted), 6);
    }
    title(row, app.focus == Panel::Timeline, theme, area, buf);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::record::Corrected;
    use crate::view::sample::{Journal, dump, keys, minute_14, now, overdue, theme, with};

    fn lines(app: &App, columns: u16, rows: u16) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
        draw(app, &theme("plain"), now(), buf.area, &mut buf);
        dump(&buf)
    }
    fn journal() -> Journal {
        Journal { entries: overdue().log.entries().to_vec() }
    }

    #[test]
    fn columns_and_right_edges_align_and_the_newest_is_last() {
        assert_eq!(
            lines(&minute_14(), 120, 7),
            [
                "━━ Timeline   by when it happened   19 entries, 13 above, following ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ late entries: +N min",
                "23:02:00  recovered                                                                                            from burn",
                "23:02:10  impact     Ana   40,000 requests refused, data lost",
                "23:02:20  phase      Ana   mitigated",
                "23:03:30  question   Fay   Eli: how many events lost, and whose?                                                    open",
                "23:03:40  task       Eli   keep 1823 off new hosts (Fay, by 23:05)",
                "23:03:50  to undo    Ana   lift the freeze (nobody yet)",
            ]
        );
    }

    #[test]
    fn a_guess_shows_no_seconds_and_what_came_late_says_by_how_much() {
        let mut app = minute_14();
        keys(&mut app, "4 g");
        let drawn = lines(&app, 120, 4);
        assert_eq!(
            drawn[1],
            "22:48:30  change     ci    build api from 1822 to 1823                                               from events  +6 min"
        );
        assert!(drawn[2].starts_with("22:50     began") && drawn[2].ends_with("about  +4 min"), "{drawn:?}");
        assert!(drawn[0].contains("NOT FOLLOWING, 16 below"), "{drawn:?}");
    }

    #[test]
    fn a_correction_and_a_struck_entry_are_marked() {
        let mut j = journal();
        let wrong = j.note("23:04:01", "Dev", "api-3 is bakc");
        let fix = |entry, text: Option<&str>, struck| Corrected {
            entry,
            text: text.map(Into::into),
            at: None,
            struck,
            why: String::new(),
        };
        j.add("23:04:02", "Dev", fix(wrong, Some("api-3 is back"), false));
        let gone = j.note("23:04:03", "Dev", "wrong window");
        j.add("23:04:04", "Dev", fix(gone, None, true));
        let drawn = lines(&with(j.entries), 80, 5);
        assert_eq!(drawn[1], "23:04:01 note      Dev  api-3 is back                                  corrected");
        assert_eq!(drawn[3], "23:04:03 note      Dev  wrong window                                      struck");
    }

    #[test]
    fn several_lines_are_folded_and_long_ones_wrapped_in_their_column() {
        let mut j = journal();
        j.note("23:04:01", "Dev", "stack trace:\n  at main\n  at run");
        j.note("23:04:02", "Dev", &"refused ".repeat(40));
        let drawn = lines(&with(j.entries), 80, 6);
        assert_eq!(
            drawn,
            [
                "━━ Timeline   by when it happened   18 entries, 14 above, following ━━━━━━━━━━━━",
                "23:03:40 task      Eli  keep 1823 off new hosts (Fay, by 23:05)",
                "23:03:50 to undo   Ana  lift the freeze (nobody yet)",
                "23:04:01 note      Dev  stack trace:  (3 lines)",
                "23:04:02 note      Dev  refused refused refused refused refused refused refused",
                "                        refused refused refused refused refused refused refused…",
            ]
        );
    }

    #[test]
    fn another_day_gets_a_row_of_its_own() {
        let mut j = journal();
        for (entry, seq) in j.entries.iter_mut().zip(1..) {
            if seq < 20 {
                entry.at = entry.at.minus(crate::incident::time::Span::minutes(24 * 60));
            }
        }
        let drawn = lines(&with(j.entries), 80, 24);
        assert!(drawn[0].contains("2019-07-08"), "{drawn:?}");
        assert_eq!(drawn.iter().filter(|line| line.starts_with("·· 2019-07-09")).count(), 1, "{drawn:#?}");
    }

    #[test]
    fn what_is_looked_for_is_said_and_so_is_that_nothing_was_found() {
        let mut app = minute_14();
        keys(&mut app, "/ r e l e a s e <enter>");
        assert!(lines(&app, 80, 6)[0].contains("\"release\" in 2 of 19   Esc shows all"), "{:?}", lines(&app, 80, 6));
        keys(&mut app, "<esc> / z z z <enter>");
        assert_eq!(lines(&app, 80, 6)[1], "nothing contains \"zzz\"   Esc shows all entries");
    }
}
