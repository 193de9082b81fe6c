//! What changed and what was done, as marks under the curve: a tick in the column of its time and a word beside it.
//!
//! It must not know how the budget stands.

use super::axis::Axis;
use crate::app::App;
use crate::incident::alert::Urgency;
use crate::incident::entry::Entry;
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Outcome};
use crate::incident::phase::Milestone;
use crate::incident::promise::Audience;
use crate::incident::time::Time;
use crate::incident::told::What;
use crate::view::text;
use crate::view::theme::Meaning;
use std::collections::BTreeSet;

/// The tick at a mark's time.
pub const TICK: &str = "│";
/// The tick of a page whose word has no room.
const PAGED: &str = "!";
/// How many of the newest changes, and of the newest acts and updates, are looked at.
const MOST: usize = 200;
/// A label shorter than this says nothing.
const LEAST: usize = 4;

/// Something at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// In a word or two.
    pub label: String,
    /// In fewer words, where those have no room.
    pub short: String,
    /// How it looks.
    pub meaning: Meaning,
    /// Which mark gives way where two need the same cells: the one with the higher number.
    pub rank: u8,
}

/// Acts on the outside never give way, then phases; then the declaration, what changed and words for the public.
const ACT: u8 = 0;
const PHASE: u8 = 1;
const EVENT: u8 = 2;
/// The words of conditions give way to what people did and what changed, their ticks to no words; in one column the most urgent stands.
const PAGE: u8 = 3;
const PAGE_OVER: u8 = 4;
/// Holds, where they share their row, and what was decided about them.
const HELD: u8 = 5;
const TICKET: u8 = 6;
const TICKET_OVER: u8 = 7;

impl Mark {
    fn new(at: Time, label: impl Into<String>, meaning: Meaning, rank: u8) -> Mark {
        let label = label.into();
        Mark { at, short: label.clone(), label, meaning, rank }
    }
    /// The same mark, with fewer words for where there is no room.
    fn or(mut self, short: &str) -> Mark {
        short.clone_into(&mut self.short);
        self
    }
}

/// What changed in the world, in the axis' time; in fewer words where it shares its row with what was done.
pub fn changed(app: &App, axis: &Axis, short: bool) -> Vec<Mark> {
    let mark = |entry: &Entry| {
        let Fact::Changed(change) = &entry.fact else { return None };
        let at = app.incident.happened(entry);
        axis.column(at)?;
        if app.incident.correction(entry.id).is_some_and(|c| c.struck) {
            return None;
        }
        let what = change.to.as_deref().unwrap_or(&change.subject);
        let label = if short { what.to_string() } else { format!("{} {what}", change.what) };
        Some(Mark::new(at, label, Meaning::ChartMark, EVENT).or(what))
    };
    let changes = app.log.changes().take(MOST).filter_map(mark);
    changes.chain(turns(app, axis)).chain(held(app, axis, short)).collect()
}

/// When releases were frozen and let go; where nothing was held, when a freeze was decided.
fn held(app: &App, axis: &Axis, short: bool) -> Vec<Mark> {
    let told = app.incident.holds_told().all().rev().take(MOST);
    let (look, rank) = (Meaning::Frozen, if short { HELD } else { EVENT });
    let mut marks: Vec<Mark> = told
        .filter(|(_, what)| !matches!(what, What::Reviewed | What::Withdrawn | What::LiftAsked | What::LiftWithdrawn))
        .map(|(at, what)| Mark::new(at, what.word(), look, rank))
        .collect();
    let decided = app.incident.considered().frozen.filter(|_| !short && marks.is_empty());
    marks.extend(decided.map(|at| Mark::new(at, "freeze decided", Meaning::ChartMark, EVENT).or("decided")));
    marks.retain(|mark| axis.column(mark.at).is_some());
    marks
}

/// When the conditions began and ceased to hold: one mark a column, of what is most urgent in it.
fn turns(app: &App, axis: &Axis) -> Vec<Mark> {
    let Some(burn) = app.burn() else { return Vec::new() };
    // of a time that is over what was found looking at it, with what is known of today
    let then = burn.then.iter().flat_map(|then| &then.conditions);
    let mut marks = Vec::new();
    for held in burn.conditions.iter().chain(then) {
        let (word, over, look, ranks) = match held.urgency {
            Urgency::Page => ("page", "page over", Meaning::Overdue, (PAGE, PAGE_OVER)),
            Urgency::Ticket => ("ticket", "ticket over", Meaning::Warn, (TICKET, TICKET_OVER)),
        };
        for spell in &held.spells {
            // when one began that held all the time is not known
            marks.extend((!spell.is_cut).then(|| Mark::new(spell.since, word, look, ranks.0)));
            marks.extend(spell.until.map(|at| Mark::new(at, over, Meaning::Muted, ranks.1).or("over")));
        }
    }
    let column = |mark: &Mark| axis.column(mark.at);
    marks.retain(|mark| column(mark).is_some());
    marks.sort_by_key(|mark| (column(mark), mark.rank, mark.at));
    marks.dedup_by_key(|mark| column(mark));
    marks
}

/// What was done about it, in the axis' time, in fewer words where the row is shared: declared, phases, words for the public, acts and how they ended.
pub fn acted(app: &App, axis: &Axis, short: bool) -> Vec<Mark> {
    let incident = &app.incident;
    let said = |what: &str, word: &str, alone: &str| if short { alone.to_string() } else { format!("{what} {word}") };
    let mut marks = Vec::new();
    marks.extend(incident.opened().map(|o| Mark::new(o.at, "declared", Meaning::ChartMark, EVENT)));
    for (milestone, dated) in incident.milestones().all() {
        let ours = matches!(milestone, Milestone::Identified | Milestone::Mitigated | Milestone::Resolved);
        marks.extend(ours.then(|| Mark::new(dated.at, milestone.word(), Meaning::ChartMark, PHASE)));
    }
    let updates = incident.promises().updates().iter().rev().take(MOST);
    let told = updates.filter(|u| u.what.audience == Audience::Public).filter_map(|u| u.told());
    marks.extend(told.map(|at| Mark::new(at, "public", Meaning::ChartMark, EVENT)));
    for intent in incident.intents().all().iter().rev().take(MOST).filter(|i| i.what.act != Act::Publish) {
        // for one context everybody else's value says nothing
        let one = intent.what.whom.as_ref().filter(|_| intent.what.act == Act::Exclude);
        let what = match one {
            Some(whom) => &format!("{} for {}", intent.what.target, whom.key),
            None => intent.what.to.as_deref().unwrap_or(&intent.what.target),
        };
        marks.push(Mark::new(intent.at, said(what, "asked", what), Meaning::Heading, ACT));
        if let Some((at, value, _)) = &intent.seen {
            marks.push(Mark::new(*at, said(value, "seen", "seen"), Meaning::Heading, ACT));
        }
        let ending = intent.end.as_ref().and_then(|end| match end.outcome {
            // what was seen later says more, and so does the asking in the same column
            Outcome::Done if intent.seen.is_some() || axis.column(end.at) == axis.column(intent.at) => None,
            Outcome::Done => Some(Mark::new(end.at, said(what, "done", "done"), Meaning::Heading, ACT)),
            Outcome::Refused => Some(Mark::new(end.at, said(what, "REFUSED", "REFUSED"), Meaning::Overdue, ACT)),
            Outcome::Unsure => Some(Mark::new(end.at, said(what, "UNSURE", "UNSURE"), Meaning::Unknown, ACT)),
        });
        marks.extend(ending);
    }
    marks.retain(|mark| axis.column(mark.at).is_some());
    marks
}

/// A mark with its place: words and tick, and the first cell of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The first cell, from the first column on.
    pub cell: usize,
    /// Tick and words.
    pub text: String,
    /// How it looks.
    pub meaning: Meaning,
}

/// Places marks in a row of so many cells so that none lies on another. The least rank comes first, of equal ones the latest. The words stand
/// after the tick where they fit, else before it, else fewer words do, else they are cut; where even the tick has no cell of its own the mark goes.
pub fn placed(axis: &Axis, cells: usize, mut marks: Vec<Mark>) -> Vec<Placed> {
    marks.sort_by_key(|mark| (mark.rank, std::cmp::Reverse(mark.at)));
    let columns = marks.iter().filter_map(|mark| axis.column(mark.at).map(|column| (usize::from(column), mark)));
    place(cells, &columns.collect::<Vec<_>>())
}

fn place(cells: usize, marks: &[(usize, &Mark)]) -> Vec<Placed> {
    // the ticks of acts and of conditions are never written over
    let is_kept = |mark: &Mark| mark.rank == ACT || mark.rank >= PAGE;
    let mut ticks: BTreeSet<usize> = marks.iter().filter(|(_, mark)| is_kept(mark)).map(|(cell, _)| *cell).collect();
    let mut taken = BTreeSet::new();
    let mut placed: Vec<Placed> = Vec::new();
    for (cell, mark) in marks.iter().copied() {
        if is_kept(mark) {
            ticks.remove(&cell);
        }
        let free =
            |taken: &BTreeSet<usize>, cell: usize| cell < cells && !taken.contains(&cell) && !ticks.contains(&cell);
        if !free(&taken, cell) {
            continue;
        }
        let width = text::width(&mark.label);
        let after = (cell + 1..cells).take_while(|c| free(&taken, *c)).count();
        let before = (0..cell).rev().take_while(|c| free(&taken, *c)).count();
        // one blank stays between words and whatever stands beside them
        let after = if cell + 1 + after < cells { after.saturating_sub(1) } else { after };
        let before = if before < cell { before.saturating_sub(1) } else { before };
        let (first, words) = if width <= after {
            (cell, format!("{TICK}{}", mark.label))
        } else if width <= before {
            (cell - width, format!("{}{TICK}", mark.label))
        } else if (after + 1..=before).contains(&text::width(&mark.short)) {
            (cell - text::width(&mark.short), format!("{}{TICK}", mark.short))
        } else if before >= (2 * LEAST).max(after) {
            let words = text::cut(&mark.short, before);
            (cell - text::width(&words), format!("{words}{TICK}"))
        } else if after >= LEAST {
            (cell, format!("{TICK}{}", text::cut(&mark.short, after)))
        } else {
            (cell, if mark.rank == PAGE { PAGED } else { TICK }.to_string())
        };
        taken.extend(first..first + text::width(&words));
        placed.push(Placed { cell: first, text: words, meaning: mark.meaning });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: usize, marks: &[(usize, &str)]) -> String {
        // the first is an act, the others give way
        let mark = |(place, (cell, label)): (usize, &(usize, &str))| {
            (*cell, Mark::new(Time(0), *label, Meaning::Text, if place > 0 { EVENT } else { ACT }))
        };
        let marks: Vec<(usize, Mark)> = marks.iter().enumerate().map(mark).collect();
        let mut row = vec![' '; cells];
        for mark in place(cells, &marks.iter().map(|(c, m)| (*c, m)).collect::<Vec<_>>()) {
            for (place, c) in (mark.cell..).zip(mark.text.chars()) {
                assert_eq!(row[place], ' ', "marks lie on one another");
                row[place] = c;
            }
        }
        String::from_iter(row)
    }

    #[test]
    fn given_marks_when_placed_then_the_first_keeps_its_words() {
        assert_eq!(row(30, &[(18, "1822 asked"), (2, "declared")]), "  │declared       │1822 asked ");
        assert_eq!(row(30, &[(18, "1822 asked"), (12, "declared")]), "    declared│     │1822 asked ");
        assert_eq!(row(30, &[(18, "1822 asked"), (5, "told the public")]), "     │told the p… │1822 asked ");
        assert_eq!(row(30, &[(18, "1822 asked"), (2, "one"), (7, "declared now")]), "  │one │declared… │1822 asked ");
        assert_eq!(row(30, &[(18, "1822 asked"), (17, "declared")]), "         declared││1822 asked ");
        assert_eq!(row(30, &[(18, "1822 asked"), (20, "declared")]), "                  │1822 asked ");
    }

    #[test]
    fn given_a_condition_behind_a_change_when_placed_then_both_are_seen() {
        let change = Mark::new(Time(0), "deploy build 1823, 8 hosts", Meaning::Text, EVENT).or("build 1823, 8 hosts");
        let page = Mark::new(Time(0), "page", Meaning::Text, PAGE);
        let row = |change_at: usize, page_at: usize| {
            let mut row = [' '; 40];
            for mark in place(40, &[(change_at, &change), (page_at, &page)]) {
                for (place, c) in (mark.cell..).zip(mark.text.chars()) {
                    row[place] = c;
                }
            }
            String::from_iter(row).trim_end().to_owned()
        };
        assert_eq!(row(2, 34), "  │deploy build 1823, 8 hosts     │page");
        assert_eq!(row(10, 24), "          │build 1823,… │page");
        assert_eq!(row(16, 20), "build 1823, 8 h…│   │page");
        assert_eq!(row(20, 34), " build 1823, 8 hosts│             │page");
    }

    #[test]
    fn given_turns_of_conditions_when_placed_then_each_has_its_tick_and_a_page_is_never_hidden() {
        let page = Mark::new(Time(0), "page", Meaning::Text, PAGE);
        let over = Mark::new(Time(0), "page over", Meaning::Text, PAGE_OVER).or("over");
        let ticket = Mark::new(Time(0), "ticket", Meaning::Text, TICKET);
        let change = Mark::new(Time(0), "deploy build 1823", Meaning::Text, EVENT).or("build 1823");
        let row = |marks: &[(usize, &Mark)]| {
            let mut row = [' '; 40];
            for mark in place(40, marks) {
                for (place, c) in (mark.cell..).zip(mark.text.chars()) {
                    row[place] = c;
                }
            }
            String::from_iter(row).trim_end().to_owned()
        };
        assert_eq!(row(&[(4, &page), (8, &page), (16, &over), (30, &ticket)]), "page│   │page   │page over    │ticket");
        // in one column the page stands, in neighbouring ones both do
        assert_eq!(row(&[(4, &page), (4, &ticket), (5, &ticket)]), "page││ticket");
        // words of what changed hide no turn, and where the row is full a page is told from other ticks
        assert_eq!(row(&[(2, &change), (6, &page), (9, &ticket), (12, &page)]), "  │   !  │  │page");
    }

    #[test]
    fn given_an_objective_with_several_conditions_when_marked_then_every_turn_on_the_axis_is_in_either_chart() {
        use crate::view::burning::{burn, minute_14, spell};
        use crate::view::sample::now;
        let mut answer = burn();
        let mut second = answer.conditions[0].clone();
        second.spells = vec![spell("22:48:00", Some("22:50:00")), spell("22:53:00", Some("23:01:00"))];
        let mut ticket = answer.conditions[0].clone();
        ticket.urgency = Urgency::Ticket;
        // in the column of the first page, and in one of its own
        ticket.spells = vec![spell("22:52:00", Some("22:56:30"))];
        answer.conditions.extend([second, ticket]);
        let app = minute_14(Ok(answer));
        let axis = Axis::new(&app, now(), ratatui::layout::Rect::new(0, 0, 120, 12), &[]).unwrap();
        let expected = [
            ("22:48", "page"),
            ("22:50", "page over"),
            ("22:52", "page"),
            ("22:53", "page"),
            ("22:56", "ticket over"),
            ("23:01", "page over"),
        ];
        for short in [false, true] {
            let mut marks = changed(&app, &axis, short);
            marks.retain(|mark| mark.rank >= PAGE && mark.rank != HELD);
            let found: Vec<(String, &str)> =
                marks.iter().map(|mark| (mark.at.clock_minutes(), mark.label.as_str())).collect();
            assert_eq!(found.iter().map(|(at, label)| (at.as_str(), *label)).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn given_a_mark_at_the_edge_when_placed_then_its_words_stand_before_it() {
        assert_eq!(row(16, &[(14, "1822 seen")]), "     1822 seen│ ");
        assert_eq!(row(6, &[(4, "1822 seen")]), "    │ ");
        assert_eq!(row(3, &[(4, "1822 seen")]), "   ");
    }
}
