//! What is asked of the person at the keyboard, field by field, and what the answer means.
//!
//! It must not know what becomes of the answer: it gives a [`Meant`], or says in words what is missing.

use super::field::Field;
use super::{App, deeds, extending, freezing, telling, would};
use crate::incident::command::Command;
use crate::incident::ending::Later;
use crate::incident::entry::{EntryId, Number};
use crate::incident::promise::Audience;
use crate::incident::said::{self, Lean, Said};
use crate::incident::standing::Wish;
use crate::incident::time::Time;

/// What is being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A note, or by its first character a question, a pin or a decision.
    Note,
    /// A decision.
    Decide,
    /// A question.
    Question,
    /// The answer to one.
    Answer(EntryId),
    /// The check-in that is due.
    CheckIn,
    /// Text for the public.
    Update,
    /// Work for somebody.
    Task,
    /// That work is done.
    FinishTask(EntryId),
    /// A promise.
    Promise,
    /// That it was kept.
    KeepPromise(EntryId),
    /// Who is hurt.
    Impact,
    /// What changed in the world.
    Changed,
    /// Where people meet.
    Link,
    /// Severity or phase.
    Severity,
    /// A role.
    Roles,
    /// A correction.
    Correct(EntryId),
    /// Who is at the keyboard.
    Person,
    /// What to look for in the timeline.
    Find,
    /// Which other events would have been bad.
    WhatIf,
    /// Which fields' values are told apart.
    BreakDown,
    /// Whom the selected switch is to be stopped for.
    Exclude,
    /// Which share it is to serve.
    Percent,
    /// Until when what was done is to last, and why.
    Extend(EntryId),
    /// A new incident, beside the one that was on the screen then.
    Declare(Option<Number>),
    /// That an incident goes on as that one.
    Fold(Number),
    /// Why to close although something remains.
    CloseAnyway,
    /// Why it is opened again.
    Reopen,
    /// What is frozen, and why.
    Freeze,
    /// Why a hold is lifted, and what else that takes.
    Lift(EntryId),
    /// That a lift of somebody else is agreed to.
    ConfirmLift {
        /// The hold.
        hold: EntryId,
        /// The entry that asked.
        asked: EntryId,
    },
    /// Why a lift is not asked for any more.
    WithdrawLift(EntryId),
    /// Which build may pass.
    Pass,
    /// Why it may pass no longer.
    Withdraw(EntryId),
}

/// A prompt: one line or several, one of them active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// The fields, in the order of asking.
    pub fields: Vec<Field>,
    /// The one with the cursor.
    pub active: usize,
    /// What stood against the last try.
    pub refusal: Option<String>,
    /// The kind of context that is meant where none is named.
    pub(super) whom: String,
    /// For a freeze that a budget proposes: the objective, and what is left of it, per million.
    pub budget: Option<(String, Option<i64>)>,
}

/// What a filled prompt means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// Record this, at this time if one was said.
    Record(Box<Command>, Option<Time>),
    /// Write this into the standing stream.
    Stand(Wish),
    /// Look for this.
    Find(String),
    /// This person is at the keyboard now.
    Person(String),
    /// Plan this on the selected switch.
    Plan(deeds::Said),
    /// Have an act end later.
    Extend(Later),
    /// Ask what would have been.
    WhatIf(String),
    /// Ask how the values of these fields share the events.
    BreakDown(Vec<String>),
}

/// Every prompt: its title and its fields.
impl Prompt {
    /// The prompt for a kind, with what is known already filled in.
    pub fn new(kind: Kind, app: &App, now: Time) -> Prompt {
        let (title, fields) = match kind {
            Kind::Note => (
                "Note",
                vec![Field::new("note", "22:49 or -5m first says when; ? asks, ! pins, > decides").with_lines()],
            ),
            Kind::Decide => ("Decide", vec![Field::new("decided", "what was decided").with_lines(), goal_field()]),
            Kind::Question => (
                "Question",
                vec![
                    Field::new("asks", "what has to be known"),
                    Field::new("of", "who should answer").optional(),
                    goal_field(),
                ],
            ),
            Kind::Answer(_) => ("Answer", vec![Field::new("answer", "").with_lines()]),
            Kind::CheckIn => (
                "Check-in",
                vec![
                    Field::new("status", "one line: what the team said; \"skip: why\" leaves it out").optional(),
                    Field::new("answered", "who answered, by comma").optional(),
                ],
            ),
            Kind::Update => ("Update", telling::fields(app, app.owed_to(now), now)),
            Kind::Task => (
                "Task",
                vec![
                    Field::new("task", "what is to be done"),
                    Field::new("owner", "who"),
                    Field::new("within", "10m, or by 23:10").optional().suggested("10m"),
                    goal_field().suggested("3"),
                ],
            ),
            Kind::FinishTask(id) if app.standing.tasks().find(id).is_some() => {
                ("Review", vec![Field::new("result", "what came of it: an address or a line; it cannot be dropped")])
            }
            Kind::FinishTask(_) => {
                ("Done", vec![Field::new("result", "what came of it; \"drop: why\" drops it").optional()])
            }
            Kind::Promise => (
                "Promise",
                vec![
                    Field::new("what", "what is promised"),
                    Field::new("to", "to whom"),
                    Field::new("by", "23:30 or in 30m, UTC"),
                    Field::new("owner", "who keeps it").optional(),
                ],
            ),
            Kind::KeepPromise(_) => ("Promise kept", vec![Field::new("how", "how it was kept").optional()]),
            Kind::Impact => (
                "Impact",
                vec![
                    Field::new("what", "what they notice: requests refused"),
                    Field::new("count", "40000, or ~40000 when estimated").optional(),
                    Field::new("who", "customers of the API").optional(),
                    Field::new("data", "safe, at-risk, lost or unknown").optional(),
                ],
            ),
            Kind::Changed => (
                "Changed",
                vec![
                    Field::new("what", "deploy, flag, config, migration or data; a leading 22:48 says when"),
                    Field::new("of", "api"),
                    Field::new("from", "1822").optional(),
                    Field::new("to", "1823").optional(),
                    Field::new("by", "who").optional(),
                ],
            ),
            Kind::Link => (
                "Link",
                vec![Field::new("to", "bridge, chat, document or other"), Field::new("address", "meet/inc-412")],
            ),
            Kind::Severity => (
                "Severity or phase",
                vec![
                    Field::new("now", "1 to 4, or investigating, identified, mitigated, resolved, closed"),
                    Field::new("why", "").optional(),
                ],
            ),
            Kind::Roles => (
                "Roles",
                vec![
                    Field::new("role", "commander, deputy, ops, comms, scribe, liaison"),
                    Field::new("person", "who holds it; \"offer Ben\" asks first; \"accept\", \"decline\", \"leave\""),
                ],
            ),
            Kind::Correct(id) => (
                "Correct",
                vec![
                    Field::new("text", "the right words").optional().with_lines().filled(&app.text_of(id)),
                    Field::new("happened", "22:49, when the time was wrong").optional(),
                    Field::new("why", "").optional(),
                ],
            ),
            Kind::Person => ("Who is at the keyboard?", vec![Field::new("name", "")]),
            Kind::Find => (
                "Find",
                vec![
                    Field::new("find", "words; nothing shows everything")
                        .optional()
                        .suggested(app.log.filter().unwrap_or("")),
                ],
            ),
            Kind::WhatIf => (
                "What if other events had counted as bad?",
                vec![Field::new("bad too", app.what_if_hint()).optional(), fields_field("else by", app).optional()],
            ),
            Kind::BreakDown => ("Which values does the SLI not count?", vec![fields_field("by", app)]),
            Kind::Exclude => {
                ("Stop for one", vec![Field::new("whom", "its key, or kind:key where it is of another kind")])
            }
            Kind::Percent => (
                "Serve a share",
                vec![Field::new("share", "5, or 2.5: per cent of all; the others get the stopped value")],
            ),
            Kind::Extend(act) => ("Keep it longer", extending::fields(app, act, now)),
            Kind::Declare(_) => (
                "Declare an incident",
                vec![
                    Field::new("title", "what is wrong, in a line").suggested(app.suggested_title()),
                    Field::new("severity", "1 to 4").suggested(app.suggested_severity()),
                    Field::new("noticed by", "page, customer, eye").optional(),
                    Field::new("began", "22:50, -5m, ~22:50 (a guess), 2026-03-02 22:50").optional(),
                    Field::new("ended", "when it was over, if it is").optional(),
                ],
            ),
            Kind::Fold(_) => ("Fold", vec![Field::new("type", "the number of the incident that ends here")]),
            Kind::CloseAnyway => ("Close although something remains", vec![Field::new("why", "why it may remain")]),
            Kind::Reopen => ("Reopen", vec![Field::new("why", "").optional()]),
            Kind::Freeze => ("Freeze releases", freezing::freeze(app)),
            Kind::Lift(id) => ("Lift a hold", freezing::lift(app, id)),
            Kind::ConfirmLift { .. } => ("Confirm a lift", freezing::confirm()),
            Kind::WithdrawLift(_) => ("Take back", vec![Field::new("why", "").optional()]),
            Kind::Pass => ("Let one build pass every hold", freezing::pass(app)),
            Kind::Withdraw(_) => ("Withdraw a pass", vec![Field::new("why", "").optional()]),
        };
        let title = match (kind, app.selected_switch()) {
            (Kind::Exclude | Kind::Percent | Kind::Extend(_), Some((_, desk))) => format!("{title}: {}", desk.name),
            _ => freezing::title(app, kind).unwrap_or_else(|| title.to_owned()),
        };
        let whom = app.selected_switch().and_then(|(_, desk)| desk.offers.whom.clone()).unwrap_or_default();
        let budget = app.proposal().filter(|_| kind == Kind::Freeze).and_then(|proposal| proposal.budget);
        let active = freezing::first(kind, &fields);
        Prompt { kind, title, fields, active, refusal: None, whom, budget }
    }

    /// The prompt for the text that this audience is to read.
    pub fn update(audience: Audience, app: &App, now: Time) -> Prompt {
        Prompt { fields: telling::fields(app, audience, now), ..Prompt::new(Kind::Update, app, now) }
    }

    /// The field with the cursor.
    pub fn field(&self) -> Option<&Field> {
        self.fields.get(self.active)
    }
    /// The field with the cursor, to be typed into.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.active)
    }
    /// Goes to another field; the last is followed by the first.
    pub fn turn(&mut self, back: bool) {
        let n = self.fields.len().max(1);
        self.active = (self.active + if back { n - 1 } else { 1 }) % n;
    }
    /// What stands in the field with that label, if it is asked for.
    pub(super) fn labelled(&self, label: &str) -> Option<String> {
        let field = self.fields.iter().position(|field| field.label == label)?;
        self.some(field)
    }
    /// All that was typed, so that nothing is lost; nothing when only what was filled in stands there, or no words to be recorded.
    pub fn typed(&self) -> String {
        if matches!(
            self.kind,
            Kind::Find
                | Kind::WhatIf
                | Kind::BreakDown
                | Kind::Person
                | Kind::Fold(_)
                | Kind::Exclude
                | Kind::Percent
                | Kind::ConfirmLift { .. }
        ) || !self.fields.iter().any(Field::is_touched)
        {
            return String::new();
        }
        let texts = self.fields.iter().map(Field::text).filter(|t| !t.trim().is_empty());
        texts.collect::<Vec<_>>().join(" / ")
    }
    pub(super) fn text(&self, field: usize) -> &str {
        self.fields.get(field).map_or("", |f| f.text().trim())
    }
    pub(super) fn some(&self, field: usize) -> Option<String> {
        Some(self.text(field).to_string()).filter(|t| !t.is_empty())
    }

    /// When what is declared began and ended, as far as that was said; or which field is no time, and words.
    pub(super) fn past(&self, now: Time) -> Result<(Option<Said>, Option<Said>), (usize, String)> {
        let no_time = |field: usize| (field, format!("\"{}\" is not a time.", self.text(field)));
        let began = match self.text(3) {
            "" => None,
            text => Some(said::about(text, now).ok_or_else(|| no_time(3))?),
        };
        let ended = match self.text(4) {
            "" => None,
            text => Some(said::ended(text, began.map(|began| began.at), now).ok_or_else(|| no_time(4))?),
        };
        Ok((began, ended))
    }

    /// How the typed times are read, before Enter: "happened 22:49:00, 11 min ago".
    pub fn echo(&self, now: Time) -> String {
        let read = |text: &str, lean| said::moment(text, now, lean);
        let ahead = |field: usize| match (self.text(field), said::ahead(self.text(field), now)) {
            ("", _) => String::new(),
            (_, Some(at)) => format!("by {} UTC, in {} min", at.clock_minutes(), at.since(now).as_minutes()),
            (text, None) => format!("\"{text}\" is not a time"),
        };
        match self.kind {
            Kind::Note => {
                let (at, rest) = said::leading(self.text(0), now);
                let when = at.map(|at| format!("happened {} UTC, {} min ago", at.clock(), now.since(at).as_minutes()));
                let what = match rest.chars().next() {
                    Some('?') => "opens a question",
                    Some('!') => "pinned",
                    Some('>') => "a decision",
                    _ => "",
                };
                [when.unwrap_or_default(), what.to_string()]
                    .into_iter()
                    .filter(|s| !s.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            Kind::Declare(_) => self.past(now).map_or_else(
                |(_, words)| words,
                |(began, ended)| {
                    let moment = |word: &str, said: Option<Said>| {
                        said.map(|said| format!("{word} {}{}", if said.about { "about " } else { "" }, said.at.iso()))
                    };
                    let both = [moment("began", began), moment("ended", ended)];
                    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
                },
            ),
            Kind::WhatIf => would::echo(self.text(0)).into(),
            Kind::Update => ahead(1),
            Kind::Extend(_) => ahead(0),
            Kind::Task | Kind::Promise | Kind::Freeze => ahead(2),
            Kind::Pass => ahead(3),
            Kind::Correct(_) if !self.text(1).is_empty() => read(self.text(1), Lean::Past)
                .map_or_else(|| "that is not a time".into(), |at| format!("happened {} UTC", at.iso())),
            _ => String::new(),
        }
    }
}

/// The fields whose values are told apart.
fn fields_field(label: &'static str, app: &App) -> Field {
    Field::new(label, "fields with commas between them: http.response.status_code, host.name, build")
        .suggested(&app.suggested_fields())
}

fn goal_field() -> Field {
    Field::new("goal", "the rank of the goal it serves").optional()
}
