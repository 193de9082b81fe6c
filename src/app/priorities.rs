//! The commander's list: what is overdue, what is due, then the goals by rank with their work and questions.
//!
//! It must not know how it is drawn.

use super::App;
use super::action::Action;
use super::keymap::When;
use super::proposals::Proposal;
use crate::incident::cadence::{Due, DueKind};
use crate::incident::entry::EntryId;
use crate::incident::lifting::AskedLift;
use crate::incident::promise::Audience;
use crate::incident::question::Question;
use crate::incident::second::Asked;
use crate::incident::task::Task;
use crate::incident::time::Time;
use crate::incident::waiting::{self, Wanted};

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// Something owed by a time.
    Due(Due),
    /// A goal, and what stands beside it.
    Goal(u8, &'a str, String),
    /// Work under a goal.
    Task(&'a Task),
    /// A question under a goal.
    Question(&'a Question),
    /// An act that nobody is sure about.
    Unsure(EntryId, String),
    /// An act that was done and wants somebody's eye, or one that waits for a second person.
    Act(EntryId, String),
    /// What the budget proposes.
    Proposed(Proposal),
}

impl Row<'_> {
    /// What Enter acts on.
    pub fn id(&self) -> Option<EntryId> {
        match self {
            Row::Due(due) => due.about,
            Row::Goal(..) | Row::Proposed(_) => None,
            Row::Task(task) => Some(task.id),
            Row::Question(question) => Some(question.id),
            Row::Unsure(id, _) | Row::Act(id, _) => Some(*id),
        }
    }
}

impl App {
    /// The list as it stands now.
    pub fn priorities(&self, now: Time) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for intent in self.missed(now) {
            let since = intent.end.as_ref().map_or(intent.at, |e| e.at);
            let words = format!(
                "UNSURE since {}: {} {}, asked by {}",
                since.beside(now),
                intent.what.act.word(),
                intent.what.target,
                intent.by
            );
            rows.push(Row::Unsure(intent.id, words));
        }
        rows.extend(self.waits_anew().map(|(act, words)| Row::Act(act.id, words)));
        rows.extend(self.afters(now).into_iter().map(|(id, _, words)| Row::Act(id, words)));
        rows.extend(self.soaked_badly().into_iter().map(|(id, words)| Row::Act(id, words)));
        let due = self.incident.due(&self.rules, now);
        // work with a time box stands under its goal unless the box has ended
        rows.extend(due.into_iter().filter(|d| d.kind != DueKind::Task || d.is_overdue(now)).map(Row::Due));
        rows.extend(self.asked_for(now));
        rows.extend(self.lifts_asked_for(now));
        rows.extend(self.proposal().map(Row::Proposed));
        // what was done with no incident open is owed whichever is
        let owed = self.standing.tasks().open().map(Row::Task);
        if self.incident.opened().is_none() {
            rows.extend(owed);
            return rows;
        }
        let overdue = |task: &Task| task.what.due.is_some_and(|at| now >= at);
        let goals = self.incident.goals();
        for (rank, text) in goals {
            rows.push(Row::Goal(*rank, text, self.beside_goal(*rank, now)));
            let tasks = self.incident.tasks().open().filter(|t| t.what.goal == Some(*rank) && !overdue(t));
            rows.extend(tasks.map(Row::Task));
            let questions = self.incident.questions().open().filter(|q| q.what.goal == Some(*rank));
            rows.extend(questions.map(Row::Question));
        }
        let homeless = |goal: Option<u8>| goal.is_none_or(|g| !goals.contains_key(&g));
        rows.extend(self.incident.tasks().open().filter(|t| homeless(t.what.goal) && !overdue(t)).map(Row::Task));
        rows.extend(self.incident.questions().open().filter(|q| homeless(q.what.goal)).map(Row::Question));
        rows.extend(owed);
        rows
    }

    /// What waits for a second person: below what is due, because nothing burns down while it waits. What it waits for stands before what may be cut.
    fn asked_for(&self, now: Time) -> Vec<Row<'_>> {
        let key = self.keymap.keys(When::Switches, Action::Switch);
        let key = key.first().map_or_else(|| ":switch".into(), ToString::to_string);
        let row = |asked: &Asked| {
            let what = asked.what.draft();
            self.waiting(asked, (&key, now), &format!("{} {}{}", what.wish(), asked.what.called(), what.besides(now)))
        };
        self.incident.seconds().open(now).map(row).collect()
    }

    /// The same of lifts of holds, whichever incident is open.
    fn lifts_asked_for(&self, now: Time) -> Vec<Row<'_>> {
        let key = self.keymap.keys(When::Any, Action::Freeze);
        let key = key.first().map_or_else(|| ":freeze".into(), ToString::to_string);
        let row = |asked: &AskedLift| {
            let hold = self.standing.holds().find(asked.what.hold);
            let held = hold.map(|hold| format!(", held by {}", hold.by)).unwrap_or_default();
            self.waiting(asked, (&key, now), &format!("to lift {}{held}", asked.what.scope))
        };
        self.standing.lifts().open(now).map(row).collect()
    }

    fn waiting<W: Wanted>(&self, asked: &waiting::Asked<W>, (key, now): (&str, Time), what: &str) -> Row<'static> {
        let left = (asked.what.expires().since(now).as_seconds() + 59) / 60;
        let waits = match asked.by == *self.person.name {
            true => "waits for a second person".to_owned(),
            false => format!("needs a second person, {key}"),
        };
        Row::Act(asked.id, format!("{left} min: {waits}: {} asks {what}", asked.by))
    }

    /// Whom the update is for that is owed most urgently: the company only while nothing asks to be drafted for the public, because
    /// words meant for the public that stay inside break a promise.
    pub fn owed_to(&self, now: Time) -> Audience {
        let due = self.incident.due(&self.rules, now);
        let asks = |kind| due.iter().any(|due| due.kind == kind && now >= due.rings);
        match asks(DueKind::InternalUpdate) && !asks(DueKind::PublicUpdate) {
            true => Audience::Internal,
            false => Audience::Public,
        }
    }

    /// What is known about a goal: data under the first, the last public words under the second, the exit criterion under the third.
    fn beside_goal(&self, rank: u8, now: Time) -> String {
        match rank {
            1 => match self.incident.impact() {
                Some((at, impact)) => format!("data {}, said {}", impact.data.word(), at.beside(now)),
                None => "nobody has said".into(),
            },
            2 => {
                match (self.incident.promises().last_told(Audience::Public), self.incident.promises().updates().last())
                {
                    (Some((update, told)), _) if update.sends.is_empty() => {
                        format!("written {}, sent nowhere", told.beside(now))
                    }
                    (Some((update, told)), _) => {
                        format!("told {}, visible {}", update.at.beside(now), told.beside(now))
                    }
                    (None, Some(update)) => format!("written {}, NOT VISIBLE", update.at.beside(now)),
                    (None, None) => "nothing told yet".into(),
                }
            }
            3 => self.exit_criterion(now),
            _ => String::new(),
        }
    }
}
