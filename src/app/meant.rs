//! What the answers of a prompt mean: a command, or in words what is missing. It must not know whether the command is allowed.

use super::deeds;
use super::prompt::{Kind, Meant, Prompt};
use crate::incident::change::Changed;
use crate::incident::command::Command;
use crate::incident::declare::Declared;
use crate::incident::ending::Later;
use crate::incident::impact::{Certainty, DataState, ImpactStated, capital};
use crate::incident::lifting::Lifting;
use crate::incident::phase::Phase;
use crate::incident::promise::{Audience, Promised, Updated};
use crate::incident::question::Asked;
use crate::incident::record::{Corrected, Decided, LinkKind, Linked, Noted};
use crate::incident::roster::Role;
use crate::incident::said::{self, Lean};
use crate::incident::severity::{Severity, SeverityChanged};
use crate::incident::standing::Wish;
use crate::incident::switch::{Share, Whom};
use crate::incident::task::TaskOpened;
use crate::incident::time::Time;
use crate::query::breakdown::Breakdown;

impl Prompt {
    /// What the answers mean.
    ///
    /// # Errors
    /// What is missing, in words, and the field it is missing from.
    pub fn meant(&self, now: Time) -> Result<Meant, (usize, String)> {
        for (place, field) in self.fields.iter().enumerate() {
            if !field.optional && field.text().trim().is_empty() {
                return Err((place, format!("{} is still empty.", capital(field.label))));
            }
        }
        let by = |field: usize| match self.text(field) {
            "" => Ok(None),
            text => said::ahead(text, now).map(Some).ok_or((field, format!("\"{text}\" is not a time to come."))),
        };
        let goal = |field: usize| match self.text(field) {
            "" => Ok(None),
            text => text.parse::<u8>().map(Some).map_err(|_| (field, format!("\"{text}\" is not a goal's rank."))),
        };
        let record = |command| Ok(Meant::Record(Box::new(command), None));
        match self.kind {
            Kind::Note => Ok(note(self.text(0), now)),
            Kind::Decide => record(Command::Decide(Decided { text: self.text(0).into(), serves: goal(1)? })),
            Kind::Question => {
                record(Command::Ask(Asked { text: self.text(0).into(), of: self.some(1), goal: goal(2)? }))
            }
            Kind::Answer(question) => record(Command::Answer { question, text: self.text(0).into() }),
            Kind::CheckIn => {
                let answered = self.text(1).split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_string);
                match left_out(self.text(0), "skip") {
                    Some(why) => record(Command::SkipCheckIn { why: why.into() }),
                    None => record(Command::CheckIn { answered: answered.collect(), note: self.text(0).into() }),
                }
            }
            Kind::Update => {
                let audience = audience(self.text(2)).ok_or((2, "It is for the public, or internal.".to_string()))?;
                let update = Updated { text: self.text(0).into(), audience, next: by(1)? };
                record(Command::Update { update, channels: Vec::new() })
            }
            Kind::Task => record(Command::OpenTask(TaskOpened {
                text: self.text(0).into(),
                owner: self.some(1),
                due: by(2)?,
                goal: goal(3)?,
                undo: false,
            })),
            Kind::FinishTask(task) => match left_out(self.text(0), "drop") {
                Some(why) => record(Command::DropTask { task, why: why.into() }),
                None => record(Command::FinishTask { task, result: self.text(0).into() }),
            },
            Kind::Promise => {
                let at = by(2)?.ok_or((2, "By when?".to_string()))?;
                record(Command::Promise(Promised {
                    what: self.text(0).into(),
                    to: self.text(1).into(),
                    by: at,
                    owner: self.some(3),
                }))
            }
            Kind::KeepPromise(promise) => record(Command::KeepPromise { promise, how: self.text(0).into() }),
            Kind::Impact => impact(self).map(|i| Meant::Record(Box::new(Command::StateImpact(i)), None)),
            Kind::Changed => {
                let (at, what) = said::leading(self.text(0), now);
                let source = None;
                let change = Changed {
                    what: what.into(),
                    subject: self.text(1).into(),
                    from: self.some(2),
                    to: self.some(3),
                    by: self.some(4),
                    source,
                };
                Ok(Meant::Record(Box::new(Command::Change(change)), at))
            }
            Kind::Link => {
                let word = self.text(0);
                let kind = LinkKind::ALL.into_iter().find(|(_, w)| *w == word).map(|(k, _)| k);
                let to = kind.ok_or((0, format!("\"{word}\" is none of bridge, chat, document, other.")))?;
                record(Command::Link(Linked { to, address: self.text(1).into() }))
            }
            Kind::Severity => {
                let word = self.text(0);
                if let Some(severity) = Severity::parse(word) {
                    return record(Command::ChangeSeverity(SeverityChanged { severity, why: self.text(1).into() }));
                }
                let phase = Phase::parse(word).ok_or((0, format!("\"{word}\" is neither a severity nor a phase.")))?;
                record(Command::ChangePhase { phase, why: self.text(1).into(), anyway: false })
            }
            Kind::Roles => {
                let word = self.text(0);
                let role = Role::parse(word).ok_or((0, format!("\"{word}\" is not a role.")))?;
                record(match self.text(1).split_once(' ') {
                    Some(("offer", to)) => Command::OfferRole { role, to: to.trim().into() },
                    _ if self.text(1) == "accept" => Command::AcceptRole { role },
                    _ if self.text(1) == "decline" => Command::DeclineRole { role },
                    _ if self.text(1) == "leave" => Command::LeaveRole { role },
                    _ => Command::TakeRole { role, person: self.text(1).into() },
                })
            }
            Kind::Correct(entry) => {
                let at = match self.text(1) {
                    "" => None,
                    text => Some(said::moment(text, now, Lean::Past).ok_or((1, format!("\"{text}\" is not a time.")))?),
                };
                let why = self.text(2).into();
                record(Command::Correct(Corrected { entry, text: self.some(0), at, struck: false, why }))
            }
            Kind::Person => Ok(Meant::Person(self.text(0).into())),
            Kind::Find => Ok(Meant::Find(self.text(0).into())),
            // with nothing to ask about, it is asked what there is
            Kind::WhatIf if self.text(0).is_empty() => fields(self, 1),
            Kind::WhatIf => Ok(Meant::WhatIf(self.text(0).into())),
            Kind::BreakDown => fields(self, 0),
            Kind::Exclude => {
                let whom = Whom::parse(self.text(0), &self.whom);
                let whom = whom.ok_or((0, "Write its key, or its kind, a colon and its key.".to_owned()))?;
                Ok(Meant::Plan(deeds::Said::Whom(whom)))
            }
            Kind::Percent => {
                let words = format!("\"{}\" is no share: write 0 to 100 with at most three decimals.", self.text(0));
                let share = Share::parse(self.text(0)).ok_or((0, words))?;
                Ok(Meant::Plan(deeds::Said::Share(share)))
            }
            Kind::Extend(act) => {
                let words = format!("\"{}\" is not a time to come.", self.text(0));
                let to = said::ahead(self.text(0), now).ok_or((0, words))?;
                Ok(Meant::Extend(Later { act, to, why: self.text(1).into() }))
            }
            Kind::Declare(_) => {
                let word = self.text(1);
                let severity =
                    Severity::parse(word).ok_or((1, format!("\"{word}\" is not a severity from 1 to 4.")))?;
                let (began, ended) = self.past(now)?;
                record(Command::Declare(Declared {
                    title: self.text(0).into(),
                    severity,
                    began: began.map(|said| said.at),
                    began_about: began.is_some_and(|said| said.about),
                    ended: ended.map(|said| said.at),
                    ended_about: ended.is_some_and(|said| said.about),
                    detected_by: self.some(2),
                    restricted: false,
                }))
            }
            Kind::Fold(into) => record(Command::Fold { into }),
            Kind::CloseAnyway => {
                record(Command::ChangePhase { phase: Phase::Closed, why: self.text(0).into(), anyway: true })
            }
            Kind::Reopen => record(Command::Reopen { why: self.text(0).into() }),
            Kind::Freeze => Ok(Meant::Stand(Wish::Place(self.hold(by(2)?)))),
            Kind::Lift(hold) => Ok(Meant::Stand(Wish::Lift(self.lifting(hold)))),
            Kind::ConfirmLift { hold, asked } => {
                Ok(Meant::Stand(Wish::Lift(Lifting { confirms: Some(asked), ..self.lifting(hold) })))
            }
            Kind::WithdrawLift(asked) => Ok(Meant::Stand(Wish::WithdrawLift(self.not_asked(asked)))),
            Kind::Pass => Ok(Meant::Stand(Wish::Grant(self.granted(by(3)?)))),
            Kind::Withdraw(pass) => Ok(Meant::Stand(Wish::Withdraw(self.withdrawn(pass)))),
        }
    }
}

/// Why something is left out: `skip: why`, or the bare word. "skipping ahead helped" leaves nothing out.
fn left_out<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix(':').map(str::trim) }
}

/// A note's first character may make it something else.
pub fn note(text: &str, now: Time) -> Meant {
    let (at, rest) = said::leading(text, now);
    let after = |c: char| rest.strip_prefix(c).map(|r| r.trim_start().to_string());
    let command = if let Some(text) = after('?') {
        Command::Ask(Asked { text, of: None, goal: None })
    } else if let Some(text) = after('!') {
        Command::Note(Noted { text, pinned: true })
    } else if let Some(text) = after('>') {
        Command::Decide(Decided { text, serves: None })
    } else {
        Command::Note(Noted { text: rest.into(), pinned: false })
    };
    Meant::Record(Box::new(command), at)
}

fn fields(prompt: &Prompt, field: usize) -> Result<Meant, (usize, String)> {
    Breakdown::fields_of(prompt.text(field)).map(Meant::BreakDown).map_err(|words| (field, words))
}

fn impact(prompt: &Prompt) -> Result<ImpactStated, (usize, String)> {
    let count = prompt.text(1);
    let guessed = count.starts_with('~') || count.starts_with("about ");
    let digits: String = count.chars().filter(char::is_ascii_digit).collect();
    let number = match count {
        "" => None,
        text => Some(digits.parse::<u64>().map_err(|_| (1, format!("\"{text}\" is not a count.")))?),
    };
    let data = match prompt.text(3) {
        "" => DataState::Unknown,
        word => DataState::parse(word).ok_or((3, format!("\"{word}\" is none of safe, at-risk, lost, unknown.")))?,
    };
    let certainty = if guessed || number.is_none() { Certainty::Estimated } else { Certainty::Known };
    Ok(ImpactStated { what: prompt.text(0).into(), who: prompt.some(2), count: number, certainty, data })
}

/// Whom an update is for: the public unless somebody says otherwise; a beginning of the word is enough.
pub fn audience(word: &str) -> Option<Audience> {
    let word = word.to_lowercase();
    if "public".starts_with(&word) {
        Some(Audience::Public)
    } else {
        ["internal", "company"].iter().any(|known| known.starts_with(&word)).then_some(Audience::Internal)
    }
}
