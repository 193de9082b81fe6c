//! Questions, open until answered.

use super::command::Refusal;
use super::entry::EntryId;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Somebody asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The question.
    pub text: String,
    /// Who should answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The rank of the goal it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<u8>,
}

/// A question got its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Which.
    pub question: EntryId,
    /// The answer.
    pub text: String,
}

/// A question as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The entry that asked it.
    pub id: EntryId,
    /// The number people say: 1 is the incident's first question.
    pub number: u32,
    /// When it was asked.
    pub asked: Time,
    /// Who asked.
    pub by: String,
    /// What, and of whom.
    pub what: Asked,
    /// The answer and its time.
    pub answer: Option<(Time, String)>,
}

/// All questions of an incident, in the order in which they were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions(Vec<Question>);

impl Questions {
    /// Every question.
    pub fn all(&self) -> &[Question] {
        &self.0
    }
    /// Those without an answer.
    pub fn open(&self) -> impl Iterator<Item = &Question> {
        self.0.iter().filter(|q| q.answer.is_none())
    }
    /// The question an entry asked.
    pub fn find(&self, id: EntryId) -> Option<&Question> {
        self.0.iter().find(|q| q.id == id)
    }
    /// The question people call by this number.
    pub fn numbered(&self, number: u32) -> Option<&Question> {
        self.0.iter().find(|q| q.number == number)
    }

    pub(super) fn asked(&mut self, id: EntryId, at: Time, by: &str, what: &Asked) {
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.0.push(Question { id, number, asked: at, by: by.into(), what: what.clone(), answer: None });
    }
    pub(super) fn answered(&mut self, at: Time, fact: &Answered) {
        if let Some(question) = self.0.iter_mut().find(|q| q.id == fact.question) {
            question.answer = Some((at, fact.text.clone()));
        }
    }

    /// Refuses an answer to what was not asked, or was answered.
    pub(super) fn check(&self, id: EntryId) -> Result<(), Refusal> {
        let question = self.find(id).ok_or_else(|| {
            Refusal::new("There is no such question in this incident.", "Choose one of its open questions.")
        })?;
        match &question.answer {
            None => Ok(()),
            Some((at, text)) => Err(Refusal::new(
                format!("Question {} was answered at {} UTC: \"{text}\".", question.number, at.date_and_minutes()),
                "Correct that answer, or write a note.",
            )),
        }
    }
}
