//! The holds that stand, as rows under the switches, and as the words at the header's right edge: where a deployer looks.
//!
//! It must not know how a hold is lifted.

use super::ages::moment;
use super::footer::key;
use super::row::Row;
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::incident::hold::{Hold, Pass};
use crate::incident::time::Time;

/// Says at the right edge of a row that releases are frozen; nothing where they are not.
pub fn frozen(app: &App, theme: &Theme, now: Time, row: &mut Row<'_>) {
    let mut holds = app.standing.holds().standing(now);
    let Some(first) = holds.next() else { return };
    let look = theme.style(Meaning::Frozen);
    match holds.count() {
        0 => {
            let scope = if first.what.scope == "*" { "ALL".into() } else { first.what.scope.to_uppercase() };
            row.right(format!("{} FROZEN", text::cut(&scope, 24)), look, 0);
            row.right_near(format!("by {} {}", text::cut(&first.by, 16), moment(first.at, now)), look, 4, 1);
        }
        more => {
            row.right(format!("FROZEN by {} holds", more + 1), look, 0);
        }
    }
}

/// How many rows it would like to have.
pub fn wanted(app: &App, now: Time) -> usize {
    let holds = app.standing.holds();
    let standing = holds.standing(now).count();
    match (standing, holds.passing(now).count()) {
        (0, 0) => 0,
        (holds, _) => holds + 1,
    }
}

/// A row for each hold, and one for the passes; where that is too many, one for all holds.
pub fn rows(app: &App, theme: &Theme, now: Time, most: usize) -> Vec<Row<'static>> {
    let holds: Vec<&Hold> = app.standing.holds().standing(now).collect();
    let passes: Vec<&Pass> = app.standing.holds().passing(now).collect();
    let (key, review) = (key(app, Action::Freeze), holds.iter().any(|hold| hold.asks_review()));
    let mut rows: Vec<Row<'static>> = match holds.len() {
        0 => Vec::new(),
        several if several > most => vec![together(&holds, theme)],
        _ => holds.iter().map(|hold| one(hold, theme, now)).collect(),
    };
    let room = most > rows.len() && !(holds.is_empty() && passes.is_empty());
    if room {
        rows.push(passing(&passes, review, theme));
    }
    if let Some(last) = rows.last_mut().filter(|_| !key.is_empty()) {
        let does = if holds.is_empty() { "freezes" } else { "lifts" };
        last.right(key, theme.style(Meaning::Key), 3).right_near(does, theme.style(Meaning::Muted), 4, 1);
    }
    rows.truncate(most);
    rows
}

fn one(hold: &Hold, theme: &Theme, now: Time) -> Row<'static> {
    let look = |meaning| theme.style(meaning);
    let mut row = Row::new(2);
    row.left("hold", look(Meaning::Frozen), 0).near(hold.what.scope.clone(), look(Meaning::Frozen), 0, 1);
    row.near(hold.by.clone(), look(Meaning::Person), 0, 1).near(moment(hold.at, now), look(Meaning::Text), 0, 1);
    row.left(hold.what.why.replace('\n', " "), look(Meaning::Text), 0);
    if let Some(until) = hold.what.until {
        row.right(format!("until {}", moment(until, now)), look(Meaning::Text), 0);
    }
    row
}

fn together(holds: &[&Hold], theme: &Theme) -> Row<'static> {
    let all: Vec<String> = holds.iter().map(|hold| format!("{} {}", hold.what.scope, hold.by)).collect();
    let mut row = Row::new(2);
    row.left(format!("{} holds", holds.len()), theme.style(Meaning::Frozen), 0);
    row.left(all.join(", "), theme.style(Meaning::Text), 0);
    row
}

fn passing(passes: &[&Pass], review: bool, theme: &Theme) -> Row<'static> {
    let look = |meaning| theme.style(meaning);
    let mut row = Row::new(2);
    let all: Vec<String> = passes
        .iter()
        .map(|pass| format!("{} to {} ({})", text::cut(&pass.what.reference, 12), pass.what.scope, pass.by))
        .collect();
    let all = if all.is_empty() { "none".into() } else { all.join(", ") };
    row.left("passes:", look(Meaning::Muted), 0).near(all, look(Meaning::Text), 0, 1);
    if review {
        row.left("a review lifts it", look(Meaning::Muted), 2);
    }
    row
}
