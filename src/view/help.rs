//! Keys and what they do, and how the screen is read. The keys are printed from the keymap, so that they are a person's own.
//!
//! It must not know what an action does.

use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet, named, wrapped};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::app::key::print_run;
use crate::app::keymap::Line;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From this width on there are two columns.
const WIDE: u16 = 110;
/// Cells for keys.
const KEYS: usize = 12;

/// Groups of actions, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Write,
    Command,
    Look,
    Program,
}

/// The groups' headings.
const GROUPS: [(Group, &str); 4] = [
    (Group::Write, "Write down"),
    (Group::Command, "Command"),
    (Group::Look, "Move and look"),
    (Group::Program, "The program"),
];

/// How the screen is read: headings, and under each words with what they mean.
const READING: [(&str, &[(&str, &str)]); 4] = [
    (
        "The screen, from above",
        &[
            ("header", "what it is: severity, phase, harm, who commands; FROZEN at the right edge"),
            ("priorities", "what is owed: overdue first, then by time, then each goal with its work and questions"),
            ("switches", "what can be switched off: the value that is served, who changed it, how it is put back"),
            (
                "burn",
                "is it working: budget left, bad events, changes and acts on one time axis; what is owed right of the bar",
            ),
            ("timeline", "the record, by when things happened; +N min was written down later"),
        ],
    ),
    (
        "What is known of an indicator",
        &[
            ("live", "answered within the last 15 s"),
            ("stale", "the last answer is older; its age stands beside it"),
            ("NO ANSWER", "nobody has answered for a minute: what is shown is from before"),
            ("OUT OF REACH", "the chart's time is too old for the source: nobody was asked, not about now either"),
            ("NO DATA", "the source has been silent: nothing is known about now, and no alert ends"),
            ("NO TRAFFIC", "the source answers and there were no events"),
            ("TRAFFIC GONE", "under half of the usual events: dead servers send no errors"),
            ("PARTIAL", "some sources could not be read: figures are incomplete"),
        ],
    ),
    (
        "How an act on the outside stands",
        &[
            ("asked", "written down, not yet tried or not yet answered"),
            ("done", "done, and read back"),
            ("seen", "looked for afterwards and found"),
            ("refused", "certainly not done"),
            ("UNSURE", "it may have happened: it is looked for, never sent again"),
        ],
    ),
    (
        "In the chart",
        &[
            ("the line", "budget left at the end of each column; a gap is not known"),
            ("▁▂▃▄▅▆▇█", "bad events, by the square root of their number"),
            ("░ and ·", "not known, and no events at all"),
            ("┃", "now"),
        ],
    ),
];

/// Draws the page over an area, from row `top` on; answers with how many rows did not fit below.
pub fn draw(app: &App, theme: &Theme, now: Time, top: u16, area: Rect, buf: &mut Buffer) -> u16 {
    let columns = if area.width >= WIDE { 2 } else { 1 };
    let cells = Sheet::cells(area, columns);
    let (keys, reading) = (keys(app, cells), [reading(cells), places(app, now, cells)].concat());
    let columns = if columns == 2 { vec![keys, reading] } else { vec![[keys, reading].concat()] };
    let mut foot = key("Esc", "closes", 0).to_vec();
    foot.extend(key("j k", "scroll", 1));
    foot.extend(key(":", "finds an action by a few letters", 2));
    let title = vec![
        Part::new("Help", Meaning::Heading),
        Part::new("keys, and how the screen is read", Meaning::Muted).rank(1),
    ];
    Sheet { title, aside: String::new(), columns, keys: foot }.draw(theme, area, top, buf)
}

fn keys(app: &App, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (group, heading) in GROUPS {
        rows.push(Row::new(heading, Meaning::Heading));
        let lines = app.keymap.lines(app.when()).filter(|line| group_of(line.action) == group);
        for line in lines {
            rows.extend(action(&line, cells));
        }
        rows.push(Row::default());
    }
    rows
}

fn action(line: &Line<'_>, cells: usize) -> Vec<Row> {
    let bound = if line.keys.is_empty() { format!(":{}", line.action) } else { print_run(&line.keys) };
    let said = if line.about.long.is_empty() { &line.about.desc } else { &line.about.long };
    let said = if line.about.danger { format!("{said}. Asks before it acts") } else { said.clone() };
    let names = KEYS.min(cells / 3);
    let mut rows = wrapped(&said, cells.saturating_sub(names + 2), 6, Meaning::Text);
    let mut bound = format!("  {}", text::pad_right(&bound, names));
    for row in &mut rows {
        row.words.insert(0, (std::mem::replace(&mut bound, " ".repeat(names + 2)), Meaning::Key));
    }
    rows
}

fn reading(cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (heading, lines) in READING {
        rows.push(Row::new(heading, Meaning::Heading));
        for (word, means) in lines {
            rows.extend(named(&format!("  {word}"), (KEYS + 4).min(cells / 2), means, cells, Meaning::Text));
        }
        rows.push(Row::default());
    }
    rows
}

/// Where things are kept; a path that is too long loses its beginning.
fn places(app: &App, now: Time, cells: usize) -> Vec<Row> {
    let kept = &app.whereabouts;
    let names = (KEYS + 4).min(cells / 2);
    let path = |name: &str, path: &str| {
        let path = text::cut_left(path, cells.saturating_sub(names)).into_owned();
        Row::new(text::pad_right(&format!("  {name}"), names), Meaning::Muted).and(path, Meaning::Text)
    };
    let mut rows = vec![Row::new("Where things are kept", Meaning::Heading)];
    let (config, none) = if kept.unwritten { ("", "none; it would be") } else { ("configuration", "") };
    let paths = [
        ("journal", kept.journal.as_str()),
        ("drafts", &kept.drafts),
        ("exports", &kept.exports),
        ("configuration", none),
        (config, &kept.config),
    ];
    rows.extend(paths.into_iter().filter(|(_, place)| !place.is_empty()).map(|(name, place)| path(name, place)));
    rows.extend(named("  return with", names, &app.again(now), cells, Meaning::Text));
    rows
}

/// Where an action stands on the page. Every action has a place, because the compiler asks for it.
fn group_of(action: Action) -> Group {
    use Action as A;
    match action {
        A::Note | A::Decide | A::CheckIn | A::Update | A::Task | A::Promise | A::Question | A::Impact | A::Changed => {
            Group::Write
        }
        A::Link | A::Correct | A::Mark | A::Pin => Group::Write,
        A::Severity
        | A::Roles
        | A::Switch
        | A::Freeze
        | A::Pass
        | A::Resolve
        | A::Close
        | A::Reopen
        | A::Incidents
        | A::Declare
        | A::Fold
        | A::Export => Group::Command,
        A::Person => Group::Command,
        A::MoveDown | A::MoveUp | A::Top | A::Bottom | A::PageDown | A::PageUp | A::Find | A::Details | A::Zoom => {
            Group::Look
        }
        A::Panel1 | A::Panel2 | A::Panel3 | A::Panel4 | A::NextPanel | A::PrevPanel => Group::Look,
        A::WhatIf
        | A::BreakDown
        | A::Probes
        | A::Changes
        | A::Wider
        | A::Narrower
        | A::ChartBack
        | A::ChartForward
        | A::ChartLive => Group::Look,
        A::Palette | A::Help | A::SkipClock | A::Redraw | A::Suspend | A::Quit => Group::Program,
    }
}
