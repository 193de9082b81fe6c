//! Work with an owner, a time box and the goal it serves; the undo list is made of it too.

use super::command::Refusal;
use super::entry::EntryId;
use super::intent::{Act, Intended};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Work was given to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskOpened {
    /// What is to be done.
    pub text: String,
    /// Who does it; nobody yet when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When its time box ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// The rank of the goal it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<u8>,
    /// It undoes something and remains before close.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
}

/// Work that somebody owes for what they did: theirs, without a time box.
pub(super) fn owed(text: &str, by: &str) -> TaskOpened {
    TaskOpened { text: text.into(), owner: Some(by.into()), due: None, goal: None, undo: false }
}

/// The review that is owed for acts that did not wait for a second person: one for what was decided together.
pub(super) fn owed_alone(acts: &[&Intended], by: &str) -> Option<TaskOpened> {
    let act = acts.first()?;
    let to = if act.act == Act::Percent { "" } else { "to " };
    let targets: Vec<&str> = acts.iter().map(|act| act.target.as_str()).collect();
    let targets = targets.join(", ");
    Some(owed(&format!("review why {to}{} {targets} could not wait for a second person", act.deed()), by))
}

/// Work is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDone {
    /// Which.
    pub task: EntryId,
    /// What came of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub result: String,
}

/// Work will not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDropped {
    /// Which.
    pub task: EntryId,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Work thought to be finished is open again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskReopened {
    /// Which.
    pub task: EntryId,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Somebody has to do it.
    Open,
    /// Done then, with this result.
    Done(Time, String),
    /// Dropped then, for this reason.
    Dropped(Time, String),
}

/// A task as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The entry that opened it.
    pub id: EntryId,
    /// The number people say: 1 is the incident's first task.
    pub number: u32,
    /// When it was given.
    pub opened: Time,
    /// What, who, until when, for which goal.
    pub what: TaskOpened,
    /// How it stands.
    pub state: TaskState,
}

impl Task {
    /// Somebody still has to do it.
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }
}

/// All tasks of an incident, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks(Vec<Task>);

impl Tasks {
    /// Every task.
    pub fn all(&self) -> &[Task] {
        &self.0
    }
    /// Those still to be done.
    pub fn open(&self) -> impl Iterator<Item = &Task> {
        self.0.iter().filter(|t| t.is_open())
    }
    /// What is still to be undone before close.
    pub fn undo(&self) -> impl Iterator<Item = &Task> {
        self.open().filter(|t| t.what.undo)
    }
    /// The task an entry opened.
    pub fn find(&self, id: EntryId) -> Option<&Task> {
        self.0.iter().find(|t| t.id == id)
    }
    /// The task people call by this number.
    pub fn numbered(&self, number: u32) -> Option<&Task> {
        self.0.iter().find(|t| t.number == number)
    }

    pub(super) fn opened(&mut self, id: EntryId, at: Time, what: &TaskOpened) {
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.0.push(Task { id, number, opened: at, what: what.clone(), state: TaskState::Open });
    }
    pub(super) fn settled(&mut self, id: EntryId, state: TaskState) {
        if let Some(task) = self.0.iter_mut().find(|t| t.id == id) {
            task.state = state;
        }
    }

    /// Refuses what a task cannot be told in its state.
    pub(super) fn check(&self, id: EntryId, should_be_open: bool) -> Result<(), Refusal> {
        let task = self
            .find(id)
            .ok_or_else(|| Refusal::new("There is no such task in this incident.", "Choose one of its tasks."))?;
        match (&task.state, should_be_open) {
            (TaskState::Open, true) | (TaskState::Done(..) | TaskState::Dropped(..), false) => Ok(()),
            (TaskState::Open, false) => Err(Refusal::new(
                format!("Task {} \"{}\" is open.", task.number, task.what.text),
                "Finish or drop it first.",
            )),
            (TaskState::Done(at, _), true) => Err(Refusal::new(
                format!("Task {} \"{}\" was done at {} UTC.", task.number, task.what.text, at.date_and_minutes()),
                "Open it again if it is not finished.",
            )),
            (TaskState::Dropped(at, _), true) => Err(Refusal::new(
                format!("Task {} \"{}\" was dropped at {} UTC.", task.number, task.what.text, at.date_and_minutes()),
                "Open it again if it has to be done.",
            )),
        }
    }
}
