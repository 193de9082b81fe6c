//! What can be switched off: what each switch serves, what was asked of it and what came of that.
//!
//! Asked, done, refused, unsure and seen are said in words; a value that nobody can vouch for now is never shown as served.
//! It must not know how a switch is reached.

mod plans;

use super::acted::{act, effect, ends};
use super::footer::key;
use super::held;
use super::row::{Row, narrow, nth, select, title};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::action::Action;
use crate::app::{App, Panel, SwitchDesk};
use crate::incident::second::Asked;
use crate::incident::switch::Sight;
use crate::incident::time::Time;
use crate::incident::trouble::first_sentence;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Names get so many cells at most.
const NAME: usize = 16;
/// Below this width a switch has one line.
const NARROW: u16 = 44;

/// How many rows it would like to have, its title included.
pub fn wanted(app: &App, now: Time, cells: u16) -> u16 {
    let rows = app.switches.iter().map(|desk| Told::of(app, desk, now).lines(cells));
    narrow(rows.sum::<usize>() + app.plans.len() + held::wanted(app, now)).saturating_add(1)
}

/// There is something to be shown.
pub fn is_needed(app: &App, now: Time) -> bool {
    !app.switches.is_empty() || held::wanted(app, now) > 0
}

/// Draws the panel.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let body = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let told: Vec<Told<'_>> = app.switches.iter().map(|desk| Told::of(app, desk, now)).collect();
    // what is held keeps a row, whatever there is to be switched
    let all = usize::from(body.height);
    let most = all.saturating_sub(told.len()).max(1).min(all);
    let held = held::rows(app, theme, now, most.min(held::wanted(app, now)));
    let plans = plans::shown(app, all - held.len(), told.len());
    let rows = all - held.len() - plans.len();
    let mut places: Vec<usize> = (0..told.len()).collect();
    places.sort_by_key(|place| told.get(*place).map(|t| t.urgency));
    places.truncate(rows);
    let lines = shared_out(&told, &places, area.width, rows - places.len());
    places.sort_unstable();
    let cells = told.iter().map(|t| text::width(&t.desk.name)).max().unwrap_or(0).min(NAME);
    let mut line = 0;
    for (told, lines) in places.iter().filter_map(|place| told.get(*place).zip(lines.get(*place))) {
        let top = line;
        for row in told.rows(theme, cells, *lines, area.width) {
            row.draw(nth(body, line), buf);
            line += 1;
        }
        if app.focus == Panel::Switches && told.selected {
            let block = Rect { y: body.y + top, height: line - top, ..body };
            select(block.intersection(body), theme, buf);
        }
    }
    for plan in &plans {
        plans::row(app, plan, theme, now).draw(nth(body, line), buf);
        if app.focus == Panel::Switches && app.switch.as_ref() == Some(&plan.name) {
            select(nth(body, line).intersection(body), theme, buf);
        }
        line += 1;
    }
    for row in held {
        row.draw(nth(body, line), buf);
        line += 1;
    }
    let hidden = told.len() - places.len() + app.plans.len() - plans.len();
    heading(app, theme, now, (&told, hidden), area, buf);
}

/// How many lines each gets: one for each place, and those that are free to what is most urgent first, what happened before what can be done.
fn shared_out(told: &[Told<'_>], places: &[usize], cells: u16, mut free: usize) -> Vec<usize> {
    let mut lines = vec![1; told.len()];
    for round in [2, 3] {
        for place in places {
            let wants = told.get(*place).is_some_and(|one| one.lines(cells) >= round);
            if let Some(line) = lines.get_mut(*place).filter(|_| wants && free > 0) {
                (*line, free) = (round, free - 1);
            }
        }
    }
    lines
}

fn heading(app: &App, theme: &Theme, now: Time, (told, hidden): (&[Told<'_>], usize), area: Rect, buf: &mut Buffer) {
    let mut row = Row::new(3);
    let name = match (app.switches.is_empty(), held::wanted(app, now)) {
        (true, _) => "Holds",
        (false, 0) => "Switches",
        (false, _) => "Switches and holds",
    };
    row.left(name, theme.style(Meaning::Heading), 0);
    let undo = app.left_to_undo().count() + app.incident.tasks().undo().count();
    if undo > 0 {
        row.left(format!("{undo} to undo before close"), theme.style(Meaning::Warn), 1);
    }
    let unknown = told.iter().filter(|t| !t.vouched).count();
    if unknown > 0 {
        row.left(format!("{unknown} unknown"), theme.style(Meaning::Unknown), 1);
    }
    if hidden > 0 {
        row.left(format!("{hidden} more"), theme.style(Meaning::Text), 0);
    }
    let environment = app.switches.first().map(|s| s.environment.as_str()).unwrap_or_default();
    if app.switches.iter().all(|s| s.environment == environment) {
        row.left(environment, theme.style(Meaning::Muted), 3);
    }
    title(row, app.focus == Panel::Switches, theme, area, buf);
}

/// What is known about a switch, in words.
struct Told<'a> {
    desk: &'a SwitchDesk,
    selected: bool,
    /// The value shown is what was just read.
    vouched: bool,
    /// The lowest stay when not all fit.
    urgency: u8,
    /// That it is stopped, wholly or partly, and its look; nothing while it runs.
    standing: (String, Meaning),
    /// Who did that, where it was not done in this incident.
    elsewhere: String,
    /// What is served, and its look.
    served: (String, Meaning),
    /// Why that is not known.
    trouble: String,
    /// When it was seen, and its look.
    seen: (String, Meaning),
    /// The last act, how it stands, and its look; short and whole.
    act: Option<(String, String, Meaning)>,
    /// What waits for a second person and may not stand for what is wrong with that act; short and whole, and its look.
    waits: Option<(String, String, Meaning)>,
    /// When the act that stands is to end, short and whole, and its look.
    ends: Option<(String, String, Meaning)>,
    /// What was seen of its effect.
    effect: (String, String),
    /// What the key does here.
    hint: (String, String),
}

impl<'a> Told<'a> {
    fn of(app: &'a App, desk: &'a SwitchDesk, now: Time) -> Told<'a> {
        let acts = app.acts();
        let stop = acts.undoable(&desk.name);
        // what another incident did and left stopped is not over because this one began
        let last = app.last_act(&desk.name).or(stop);
        let was = stop.and_then(|i| i.what.from.clone());
        let for_some = stop.is_some_and(|i| i.what.whom.is_some() || i.what.share.is_some());
        let (served, seen, vouched) = served(desk, was.as_deref().filter(|_| !for_some), now);
        let trouble = desk.feed.trouble.as_ref().map(|(_, trouble)| first_sentence(trouble.words()));
        let trouble = trouble.unwrap_or_default().to_string();
        let act = last.map(|intent| act(app, desk, intent, now));
        // what was asked for since and not done is not what the last act left
        let waits = app.incident.seconds().open(now).filter(|asked| asked.what.concerns(&desk.name)).last();
        let waits = waits.map(|asked| waiting(asked, now));
        let is_wrong = act.as_ref().is_some_and(|(.., look)| matches!(look, Meaning::Overdue | Meaning::Unknown));
        let (act, waits) = if is_wrong { (act, waits) } else { (waits.or(act), None) };
        let effect = last.map(|intent| effect(intent, now)).unwrap_or_default();
        let ends = ends(app, desk, now);
        let standing = standing(desk, vouched);
        let elsewhere = elsewhere(desk, now).filter(|_| last.is_none() && vouched).unwrap_or_default();
        let is_plan = app.plans.iter().any(|plan| Some(&plan.name) == app.switch.as_ref());
        let selected = !is_plan && app.selected_switch().is_some_and(|(_, s)| s.name == desk.name);
        let urgency = match act.as_ref().map(|(.., meaning)| *meaning) {
            _ if selected && app.focus == Panel::Switches => 0,
            Some(Meaning::Overdue) => 0,
            Some(Meaning::Unknown) => 1,
            _ if ends.is_some() => 2,
            Some(_) => 3,
            None if !standing.0.is_empty() => 3,
            None if !vouched => 4,
            None => 5,
        };
        let offers = desk.offers.whom.is_some() || desk.offers.percent;
        // what is seen to be served again is not what the key gives back
        let back = app.way_back(desk, now);
        let hint = match (back, was.filter(|_| back.is_some())) {
            (Some(stop), Some(was))
                if desk.offers.percent && stop.what.whom.is_none() && !stop.what.found_only_rules() =>
            {
                format!("reverts to {was}, or less")
            }
            (None, _) if offers => "stops for one, some or all".to_owned(),
            (Some(_), Some(was)) => format!("reverts to {was}"),
            (Some(_), None) => "reverts it".into(),
            (None, _) => format!("stops: serve {}", desk.stop),
        };
        let shown = selected && app.incident.opened().is_some();
        let is_news = stop.is_some() || acts.came_back_on(&desk.name).is_some();
        let key = if shown || is_news { key(app, Action::Switch) } else { String::new() };
        let hint = (key, hint);
        Told {
            desk,
            selected,
            vouched,
            urgency,
            standing,
            elsewhere,
            served,
            trouble,
            seen,
            act,
            waits,
            ends,
            effect,
            hint,
        }
    }

    /// How many lines it would like to have: with its act, and with what can be done.
    fn lines(&self, cells: u16) -> usize {
        match () {
            () if cells < NARROW => 1,
            () if self.act.is_some() => 3,
            () if !self.elsewhere.is_empty() => 2,
            () => 1,
        }
    }

    /// The act, what waits, and the end in one row: in their whole words, or in fewer where these do not fit.
    fn acted(&self, theme: &Theme, name: usize, cells: u16) -> Row<'_> {
        let row = |act_whole: bool, others_whole: bool| {
            let mut row = Row::new(2);
            row.left(" ".repeat(name), theme.style(Meaning::Text), 0);
            let said = |(short, whole, look): &'_ (String, String, Meaning), is_whole: bool| {
                (if is_whole { whole.clone() } else { short.clone() }, theme.style(*look))
            };
            for (words, look) in self.act.iter().map(|act| said(act, act_whole)) {
                row.left(words, look, 0);
            }
            for (words, look) in self.waits.iter().map(|waits| said(waits, others_whole)) {
                row.left(words, look, 0);
            }
            for (words, look) in self.ends.iter().map(|ends| said(ends, others_whole)) {
                row.right(words, look, 0);
            }
            row
        };
        let fits = |row: &Row<'_>| row.width() <= usize::from(cells);
        let whole = row(true, true);
        // alone an act is cut at the end of its words, where its reason stands
        if fits(&whole) || (self.waits.is_none() && self.ends.is_none()) {
            return whole;
        }
        Some(row(true, false)).filter(fits).unwrap_or_else(|| row(false, false))
    }

    fn rows(&self, theme: &Theme, name: usize, lines: usize, cells: u16) -> Vec<Row<'_>> {
        let look = |meaning| theme.style(meaning);
        let mut first = Row::new(2);
        first.left(text::pad_right(&self.desk.name, name), look(Meaning::Heading), 0);
        first.left(self.standing.0.as_str(), look(self.standing.1), 0);
        first.left(self.served.0.as_str(), look(self.served.1), 0);
        first.left(self.trouble.as_str(), look(Meaning::Text), 0);
        // whom an exclusion names, and how many a share reaches, is said with what is served
        let others = |sight: &Sight| sight.targeting && sight.excluded.is_empty() && sight.share.is_none();
        if self.vouched && self.desk.feed.last.as_ref().is_some_and(|(_, sight)| others(sight)) {
            first.left("some get other values", look(Meaning::Warn), 1);
        }
        let (key, hint) = &self.hint;
        if lines == 1 {
            first.left(self.elsewhere.as_str(), look(Meaning::Muted), 3);
            if let Some((short, _, meaning)) = &self.act {
                let rank = if *meaning == Meaning::Text { 3 } else { 0 };
                first.left(short.as_str(), look(*meaning), rank);
            }
            if let Some((short, _, meaning)) = &self.waits {
                first.left(short.as_str(), look(*meaning), 1);
            }
            if let Some((short, _, meaning)) = &self.ends {
                first.right(short.as_str(), look(*meaning), 0);
            }
            first.right(self.seen.0.as_str(), look(self.seen.1), 2);
            if !key.is_empty() && self.act.is_some() {
                first.right(key.as_str(), look(Meaning::Key), 4);
            }
            return vec![first];
        }
        first.right(self.seen.0.as_str(), look(self.seen.1), 1);
        let mut rows = vec![first];
        let indent = " ".repeat(name);
        if self.act.is_none() {
            let mut row = Row::new(2);
            row.left(indent.clone(), look(Meaning::Text), 0).left(self.elsewhere.as_str(), look(Meaning::Muted), 0);
            rows.push(row);
        }
        if self.act.is_some() {
            rows.push(self.acted(theme, name, cells));
        }
        if lines == 3 {
            let mut row = Row::new(2);
            row.left(indent, look(Meaning::Text), 0).left(self.effect.0.as_str(), look(Meaning::Text), 0);
            row.left(self.effect.1.as_str(), look(Meaning::Muted), 1);
            if !key.is_empty() {
                row.right(key.as_str(), look(Meaning::Key), 0).right_near(hint.as_str(), look(Meaning::Muted), 0, 1);
            }
            rows.push(row);
        }
        rows
    }
}

/// What is served, when it was seen, and whether anybody can vouch for it now.
fn served(desk: &SwitchDesk, was: Option<&str>, now: Time) -> ((String, Meaning), (String, Meaning), bool) {
    let is_news = |was: &&str| desk.feed.last.as_ref().is_none_or(|(_, sight)| sight.value != **was);
    let was = was.filter(is_news).map(|was| format!(", was {was}")).unwrap_or_default();
    match (&desk.feed.trouble, &desk.feed.last) {
        (Some(_), last) => {
            let before = match last {
                Some((at, sight)) => format!("{} at {}", sight.value, at.beside(now)),
                None => "never seen".into(),
            };
            (("UNKNOWN".into(), Meaning::Unknown), (before, Meaning::Muted), false)
        }
        (None, None) => (("UNKNOWN  looking…".into(), Meaning::Unknown), (String::new(), Meaning::Muted), false),
        (None, Some((at, sight))) => {
            let fresh = desk.vouched(now).is_some();
            let value = sight.served(desk.offers.whom.as_deref());
            let value = match &sight.variant {
                Some(variant) if *variant != sight.value && value == sight.value => format!("{value} ({variant})"),
                _ => value,
            };
            if fresh {
                ((format!("serves {value}{was}"), Meaning::Text), ("live".into(), Meaning::Muted), true)
            } else {
                let seen = format!("STALE, seen {}", at.exactly_beside(now));
                ((format!("served {value}{was}"), Meaning::Stale), (seen, Meaning::Stale), false)
            }
        }
    }
}

/// That it is stopped; of what nobody vouches for now, that it was.
fn standing(desk: &SwitchDesk, vouched: bool) -> (String, Meaning) {
    let word = desk.feed.last.as_ref().and_then(|(_, sight)| sight.standing());
    match word {
        Some(word) if vouched => (word.into(), Meaning::Warn),
        Some(word) => (format!("was {word}"), Meaning::Stale),
        None => (String::new(), Meaning::Text),
    }
}

/// What waits for a second person: nothing was sent.
fn waiting(asked: &Asked, now: Time) -> (String, String, Meaning) {
    let (draft, by, at) = (asked.what.draft(), &asked.by, asked.at.exactly_beside(now));
    let with = asked.what.plan.as_ref().map(|plan| format!(", with plan/{plan}")).unwrap_or_default();
    let words = format!("{} asked {at} by {by}, waits for a second person{}{with}", draft.deed(), draft.besides(now));
    (format!("{} WAITS, {by}", draft.deed()), words, Meaning::Due)
}

/// Who stopped what nobody stopped in this incident, as far as its provider says so.
fn elsewhere(desk: &SwitchDesk, now: Time) -> Option<String> {
    let (_, sight) = desk.feed.last.as_ref().filter(|(_, sight)| sight.standing().is_some())?;
    let by = sight.changed.as_ref().map(|(at, by)| format!(" by {by} {}", at.beside(now)));
    Some(format!("not in this incident{}", by.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
