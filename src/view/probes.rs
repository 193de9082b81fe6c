//! The probes: what each of them was found to be, in words, when, and of what it is an angle. It must not know how they are asked.

use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet, wrapped};
use super::text;
use super::theme::{Meaning, Theme};
use super::words;
use crate::app::App;
use crate::app::probes::{Place, ProbeDesk};
use crate::app::soaks::again;
use crate::incident::impact::counted;
use crate::incident::probe::{Light, served};
use crate::incident::soak::Soak;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The width of the word for what was found.
const WORD: usize = 9;
/// The widest that names become.
const NAME: usize = 30;
/// How many rows the words of one probe take.
const MOST: usize = 4;

/// Draws them over an area, from row `top` on; answers with how many rows did not fit below.
pub fn draw(app: &App, theme: &Theme, now: Time, top: u16, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1).min(140);
    let names = app.probes.desks.iter().map(|desk| text::width(&desk.name)).max().unwrap_or(0).min(NAME) + 2;
    let soaks = app.next_soaks(now);
    let next = |desk: &ProbeDesk| soaks.iter().filter(|soak| soak.probe == desk.name).min_by_key(|soak| soak.due);
    let rows = app.probes.desks.iter().flat_map(|desk| rows(desk, next(desk), now, names, cells)).collect();
    let mut keys = key("Enter", "asks again", 0).to_vec();
    keys.extend(key("j k", "scroll", 1));
    keys.extend(key("Esc", "closes", 0));
    let told = Some(summary(app)).filter(|told| !told.is_empty()).map(|told| Part::new(told, Meaning::Text).rank(1));
    let title = [Some(Part::new("Probes", Meaning::Heading)), told].into_iter().flatten().collect();
    let aside = match app.probes.feed.asked {
        Some((_, at)) => format!("asking since {}", at.clock()),
        None => app.probes.feed.last.map_or_else(String::new, |(at, ())| format!("asked at {} UTC", at.clock())),
    };
    Sheet { title, aside, columns: vec![rows], keys }.draw(theme, area, top, buf)
}

/// `2 red, 1 unknown, 5 green`.
fn summary(app: &App) -> String {
    let of = |light: Light| app.probes.desks.iter().filter(|desk| desk.light() == Some(light)).count() as u64;
    let told = [(of(Light::Red), "red"), (of(Light::Unknown), "unknown"), (of(Light::Green), "green")];
    let told: Vec<String> =
        told.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| counted(count, word, word)).collect();
    told.join(", ")
}

/// What the probes say that speak for what is let in again, a line each, the worst first.
pub fn against(app: &App, place: &Place, now: Time) -> Vec<(String, Meaning)> {
    let line = |desk: &ProbeDesk| {
        let name = text::cut(&desk.name, NAME);
        let (word, meaning) = light(desk);
        match &desk.reading {
            None if app.probes.is_asked(&desk.name) => (format!("{name} is being asked"), Meaning::Warn),
            None if app.probes.waits(&desk.name) => {
                (format!("{name} waits to be asked, until others have answered"), Meaning::Warn)
            }
            None => (format!("{name} was not asked yet"), Meaning::Warn),
            Some(reading) => {
                let ago = words::span_calm(now.since(reading.at).0);
                (format!("{name} is {word}, {ago} ago: {}", reading.what.words), meaning)
            }
        }
    };
    app.against(place).into_iter().map(line).collect()
}

/// The word for what a probe was found to be.
fn light(desk: &ProbeDesk) -> (&'static str, Meaning) {
    match desk.light() {
        None => ("–", Meaning::Muted),
        Some(Light::Green) => ("green", Meaning::Good),
        Some(Light::Red) => ("RED", Meaning::Late),
        Some(Light::Unknown) => ("UNKNOWN", Meaning::Unknown),
    }
}

fn rows(desk: &ProbeDesk, soak: Option<&Soak>, now: Time, names: usize, cells: usize) -> Vec<Row> {
    let (word, meaning) = light(desk);
    let words = match &desk.reading {
        None if desk.of_build => format!("asked about a build, where a deploy or --ref names one: {}", desk.asks),
        None => format!("not asked yet: {}", desk.asks),
        Some(reading) => {
            let after = reading.what.served_s.map(|s| format!("after serving for {}: ", served(s))).unwrap_or_default();
            format!("{after}{}", reading.what.words)
        }
    };
    let subject = desk.subject.as_ref().map(|subject| format!(" {subject}")).unwrap_or_default();
    let says = desk.says.as_ref().map(|says| format!(", {says}")).unwrap_or_default();
    let left = WORD + names;
    let mut rows = wrapped(&words, cells.saturating_sub(left), MOST, Meaning::Text);
    for (place, row) in rows.iter_mut().enumerate() {
        let (word, name) =
            if place == 0 { (word, text::cut(&desk.name, NAME).into_owned()) } else { ("", String::new()) };
        row.words.insert(0, (text::pad_right(&name, names), Meaning::Text));
        row.words.insert(0, (text::pad_right(word, WORD), meaning));
    }
    let about = format!("of {}{subject}{says}", desk.scope);
    rows.push(
        Row::new(" ".repeat(left), Meaning::Muted).and(text::cut(&about, cells.saturating_sub(left)), Meaning::Muted),
    );
    if let Some(soak) = soak {
        let then = desk.trips.as_ref().map(|name| format!("; red stops {name}")).unwrap_or_default();
        let words = format!("{}: {} serves since {}{then}", again(soak, now), soak.what, soak.since.clock());
        let words = text::cut(&words, cells.saturating_sub(left)).into_owned();
        rows.push(Row::new(" ".repeat(left), Meaning::Muted).and(words, Meaning::Due));
    }
    rows
}
