//! The rows of the plans: what each stops, how much of that is seen to be stopped, and what the key does. It must not know how anything is stopped.

use super::super::footer::key;
use super::super::row::Row;
use super::super::theme::{Meaning, Theme};
use crate::app::action::Action;
use crate::app::{App, PlanDesk};
use crate::incident::time::Time;

/// The plans that have a row, of so many rows beside so many switches: a plan gives way to what it is made of, unless it is the one that a key acts on.
pub(super) fn shown(app: &App, rows: usize, switches: usize) -> Vec<&PlanDesk> {
    let is_chosen = |plan: &PlanDesk| app.switch.as_ref() == Some(&plan.name);
    let chosen = usize::from(rows > 0 && app.plans.iter().any(is_chosen));
    let mut others = rows.saturating_sub(switches + chosen);
    let keep = |plan: &&PlanDesk| match is_chosen(plan) {
        true => chosen > 0,
        false if others > 0 => {
            others -= 1;
            true
        }
        false => false,
    };
    app.plans.iter().filter(keep).collect()
}

/// A plan: what it stops, how much of that is stopped, and what the key does.
pub(super) fn row<'a>(app: &'a App, plan: &'a PlanDesk, theme: &Theme, now: Time) -> Row<'a> {
    let stands = app.together(plan, now);
    let all = plan.switches.len();
    let (words, look) = match stands.stopped {
        0 => (format!("stops {}", plan.switches.join(", ")), Meaning::Text),
        n if n == all => (format!("all {all} stopped"), Meaning::Warn),
        n => (format!("{n} of {all} stopped"), Meaning::Warn),
    };
    let does = match (stands.runs.len(), stands.back.len()) {
        (0, 0) => "",
        (0, back) if back == all => "puts all back",
        (0, _) => "puts back",
        (runs, _) if runs == all => "stops all",
        (_, 0) => "stops the rest",
        _ => "stops the rest, or puts back",
    };
    let mut row = Row::new(2);
    row.left(format!("plan {}", plan.name), theme.style(Meaning::Heading), 0).left(words, theme.style(look), 0);
    let key = key(app, Action::Switch);
    if !key.is_empty() && !does.is_empty() && app.switch.as_ref() == Some(&plan.name) {
        row.right(key, theme.style(Meaning::Key), 3).right_near(does, theme.style(Meaning::Muted), 4, 1);
    }
    row
}
