//! The holds that stand, as rows under the switches, and as the words at the header's right edge: where a deployer looks.
//!
//! It must not know how a hold is lifted.

use super::footer::key;
use super::row::Row;
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::incident::hold::{Hold, Pass};
use crate::incident::lifting::AskedLift;
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
            row.right_near(format!("by {} {}", text::cut(&first.by, 16), first.at.beside(now)), look, 4, 1);
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
        _ => holds.iter().map(|hold| one(app, hold, theme, now)).collect(),
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

/// That somebody asks to lift a hold, and until when somebody else may agree.
pub fn asks(app: &App, asked: &AskedLift, now: Time) -> String {
    let who = match asked.by == *app.person.name {
        true => "you ask".into(),
        false => format!("{} asks", text::cut(&asked.by, 16)),
    };
    format!("{who} to lift it, until {}", asked.what.expires.beside(now))
}

fn one(app: &App, hold: &Hold, theme: &Theme, now: Time) -> Row<'static> {
    let look = |meaning| theme.style(meaning);
    let mut row = Row::new(2);
    row.left("hold", look(Meaning::Frozen), 0).near(hold.what.scope.clone(), look(Meaning::Frozen), 0, 1);
    row.near(hold.by.clone(), look(Meaning::Person), 0, 1).near(hold.at.beside(now), look(Meaning::Text), 0, 1);
    let asked = app.lift_asked(hold.id, now);
    row.left(asked.map(|asked| asks(app, asked, now)).unwrap_or_default(), look(Meaning::Due), 0);
    row.left(hold.what.why.replace('\n', " "), look(Meaning::Text), u8::from(asked.is_some()));
    if let Some(until) = hold.what.until {
        row.right(format!("until {}", until.beside(now)), look(Meaning::Text), 0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::{Entry, STANDING};
    use crate::incident::fact::Fact;
    use crate::incident::hold::{Cause, HoldPlaced, PassGranted};
    use crate::view::sample::{Journal, at, empty, lines, minute_14};
    use crate::view::{header, switches};

    fn hold(scope: &str, why: &str) -> HoldPlaced {
        HoldPlaced {
            scope: scope.into(),
            why: why.into(),
            until: None,
            name: None,
            cause: None,
            slo: None,
            left_ppm: None,
            incident: None,
        }
    }

    fn with(mut app: App, facts: Vec<(&str, Fact)>) -> App {
        let mut journal = Journal::new();
        for (who, fact) in facts {
            journal.add("22:58:02", who, fact);
        }
        for entry in journal.entries {
            assert!(app.standing.apply(&Entry { incident: STANDING, ..entry }));
        }
        app
    }

    fn frozen() -> App {
        with(minute_14(), vec![("Ana", hold("prod", "until 1823 is understood").into())])
    }

    #[test]
    fn given_a_hold_when_drawn_then_a_deployer_sees_it_at_the_right_edge() {
        let row =
            |app: &App, columns, rows| lines(app, header::draw, columns, rows).remove(usize::from(rows.min(2)) - 1);
        assert!(row(&frozen(), 120, 3).ends_with("PROD FROZEN by Ana 22:58"), "{}", row(&frozen(), 120, 3));
        assert_eq!(
            row(&frozen(), 80, 2),
            "about 22:50-23:02, 12 min  40,000 requests refused, data lost        PROD FROZEN"
        );
        assert!(row(&frozen(), 80, 1).contains("FROZEN"));
        let two = with(minute_14(), vec![("Ana", hold("prod", "x").into()), ("Ben", hold("*", "y").into())]);
        assert!(row(&two, 120, 3).ends_with("FROZEN by 2 holds"));
        let all = with(empty(), vec![("Ana", hold("*", "x").into())]);
        assert!(row(&all, 100, 2).ends_with("ALL FROZEN by Ana 22:58"), "with no incident too");
    }

    #[test]
    fn given_a_hold_and_a_pass_when_drawn_then_they_stand_under_the_switches_and_keep_a_row() {
        let budget = HoldPlaced { cause: Some(Cause::Budget), until: Some(at("23:30:00")), ..hold("prod", "budget") };
        let pass = PassGranted {
            scope: "prod".into(),
            reference: "1f2e3d4c5b6a79881726354453627181f0e0d0c0".into(),
            why: "the fix".into(),
            until: None,
            incident: None,
        };
        let drawn = lines(&frozen(), switches::draw, 60, 8);
        assert_eq!(drawn[0], "── Switches and holds   2 to undo before close   1 unknown ─");
        assert_eq!(drawn[6], "hold prod Ana 22:58  until 1823 is understood");
        assert_eq!(drawn[7], "passes: none                                         f lifts");
        let app = with(minute_14(), vec![("Ana", budget.into()), ("Ana", pass.into())]);
        let drawn = lines(&app, switches::draw, 60, 8);
        assert!(drawn[6].starts_with("hold prod Ana 22:58  budget") && drawn[6].ends_with("until 23:30"), "{drawn:?}");
        assert!(drawn[7].starts_with("passes: 1f2e3d4c5b6… to prod (Ana)  a review lifts it"), "{drawn:?}");
        // where there are few rows the hold stays before quiet switches
        let drawn = lines(&frozen(), switches::draw, 80, 3);
        assert!(drawn[2].starts_with("hold prod Ana 22:58  until 1823 is understood"), "{drawn:?}");
        let many: Vec<(&str, Fact)> = ["a", "b", "c"].map(|scope| ("Ben", hold(scope, "x").into())).to_vec();
        let drawn = lines(&with(minute_14(), many), switches::draw, 80, 3);
        assert!(drawn[2].starts_with("3 holds  a Ben, b Ben, c Ben"), "{drawn:?}");
    }

    #[test]
    fn given_no_switch_when_something_is_frozen_then_the_panel_is_there() {
        let app = with(empty(), vec![("Ana", hold("prod", "x").into())]);
        assert!(switches::is_needed(&app, at("23:00:00")) && !switches::is_needed(&empty(), at("23:00:00")));
        assert!(lines(&app, switches::draw, 60, 3)[0].starts_with("── Holds"));
    }
}
