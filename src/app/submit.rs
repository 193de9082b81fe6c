//! What becomes of a filled prompt.

use super::confirm::HELD;
use super::key::Key;
use super::msg::Effect;
use super::prompt::{Kind, Meant, Prompt};
use super::{App, Layer, Person};
use crate::incident::command::Command;
use crate::incident::phase::Phase;
use crate::incident::promise::Audience;
use crate::incident::standing::Wish;
use crate::incident::time::Time;

impl App {
    /// Opens a prompt.
    pub(super) fn open(&mut self, now: Time, kind: Kind) {
        self.hush = None;
        self.notice = None;
        self.layer = Layer::Prompt(Prompt::new(kind, self, now));
    }

    /// Closes whatever lies over the panels; letters mean nothing until the keyboard was quiet.
    pub(super) fn close_layer(&mut self, now: Time) {
        if !matches!(self.layer, Layer::None) {
            self.layer = Layer::None;
            self.hush = Some((now, String::new()));
        }
    }

    /// Enter in a prompt: goes to the next empty field that must be filled, else means what was typed.
    pub(super) fn submit(&mut self, now: Time, mut prompt: Prompt) -> Vec<Effect> {
        let meant = match prompt.meant(now) {
            Ok(meant) => meant,
            Err((field, words)) => {
                prompt.refusal = (prompt.active == field).then_some(words);
                prompt.active = field;
                self.layer = Layer::Prompt(prompt);
                return Vec::new();
            }
        };
        let meant = match self.stood(meant) {
            Ok(meant) => meant,
            Err(words) => {
                prompt.refusal = Some(words.into());
                self.layer = Layer::Prompt(prompt);
                return Vec::new();
            }
        };
        let (mut command, at) = match meant {
            Meant::Find(words) => {
                let incident = std::mem::take(&mut self.incident);
                self.log.look_for(&incident, &words);
                self.incident = incident;
                self.timeline = super::Cursor::default();
                self.close_layer(now);
                return Vec::new();
            }
            Meant::Person(name) => {
                self.say(now, format!("{name} is at the keyboard."), false);
                self.person = Person { name: name.into(), assumed: false };
                self.close_layer(now);
                return Vec::new();
            }
            Meant::Plan(said) => {
                self.close_layer(now);
                return self.plan_said(now, said);
            }
            Meant::Extend(later) => match self.extend(now, later) {
                Ok(effects) => {
                    self.close_layer(now);
                    return effects;
                }
                Err(words) => {
                    prompt.refusal = Some(words);
                    self.layer = Layer::Prompt(prompt);
                    return Vec::new();
                }
            },
            Meant::WhatIf(words) => {
                if let Err((character, why)) = self.reads_what_if(&words) {
                    prompt.refusal = Some(why);
                    if let Some(field) = prompt.field_mut() {
                        field.point(character);
                    }
                    self.layer = Layer::Prompt(prompt);
                    return Vec::new();
                }
                self.close_layer(now);
                return self.what_if(now, &words);
            }
            Meant::BreakDown(fields) => {
                self.close_layer(now);
                return self.break_down(now, fields);
            }
            Meant::Stand(wish) => {
                match self.wished(now, wish) {
                    Ok(wish) => {
                        self.close_layer(now);
                        if let Wish::Place(hold) = &wish {
                            self.says_what_passes(now, &hold.scope);
                        }
                        self.says_what_waits(now, &wish);
                        return self.want_standing(now, wish);
                    }
                    Err(words) => prompt.refusal = Some(words),
                }
                self.layer = Layer::Prompt(prompt);
                return Vec::new();
            }
            Meant::Record(command, at) => (*command, at),
        };
        match &mut command {
            // the channels there are speak to the public
            Command::Update { update, channels } if update.audience == Audience::Public => {
                channels.clone_from(&self.channels);
            }
            Command::Correct(fix) if fix.text.as_deref() == Some(self.text_of(fix.entry).as_str()) => fix.text = None,
            _ => {}
        }
        if let Some(words) = self.refuses_fold(&prompt).or_else(|| self.refuses_declaration(&mut prompt)) {
            prompt.refusal = Some(words);
            self.layer = Layer::Prompt(prompt);
            return Vec::new();
        }
        let mut effects = Vec::new();
        if matches!(command, Command::Declare(_)) {
            self.layer = Layer::Prompt(prompt.clone());
            match self.make_room(now) {
                Some(made) => effects = made,
                None => return Vec::new(),
            }
        }
        // a refusal comes before the prompt closes, so that nothing typed is lost
        if self.desk.is_idle() && self.reading().is_none() {
            let stamp = self.stamp(now, at);
            if let Err(refusal) = crate::incident::decide(&self.incident, &self.rules, &command, &stamp) {
                if let Command::ChangePhase { phase: Phase::Closed, anyway: false, why } = &command {
                    self.open(now, Kind::CloseAnyway);
                    if let Layer::Prompt(prompt) = &mut self.layer {
                        prompt.refusal = Some(refusal.why);
                        // put in as if typed here: it was typed, and Esc must keep it
                        prompt.field_mut().into_iter().for_each(|field| field.insert(why));
                    }
                    return Vec::new();
                }
                prompt.refusal = Some(refusal.words());
                self.layer = Layer::Prompt(prompt);
                return effects;
            }
        }
        self.close_layer(now);
        effects.extend(self.want(now, command, at));
        effects
    }

    /// What is owed for something done with no incident open is brought where it is owed; or why it is not, in words.
    fn stood(&self, meant: Meant) -> Result<Meant, &'static str> {
        let Meant::Record(command, at) = meant else { return Ok(meant) };
        let is_owed = |task| self.standing.tasks().find(task).is_some();
        match *command {
            Command::FinishTask { task, result } if is_owed(task) => Ok(Meant::Stand(Wish::Review { task, result })),
            Command::DropTask { task, .. } if is_owed(task) => {
                Err("A review that is owed cannot be dropped: say what came of it.")
            }
            command => Ok(Meant::Record(Box::new(command), at)),
        }
    }

    /// A prompt is left: what was typed is kept and said.
    pub(super) fn abandon(&mut self, now: Time, typed: String) -> Vec<Effect> {
        self.close_layer(now);
        if typed.trim().is_empty() {
            return Vec::new();
        }
        self.say(now, "Not recorded; the words are kept in the drafts.", false);
        vec![Effect::Keep(typed)]
    }

    /// A letter pressed while the keyboard is not quiet yet: it means nothing, and the footer says so.
    pub(super) fn hushed(&mut self, now: Time, letter: char) -> bool {
        let quiet = self.hush();
        match &mut self.hush {
            Some((since, ignored)) if now.since(*since) < quiet => {
                *since = now;
                if ignored.chars().count() < 40 {
                    ignored.push(letter);
                }
                true
            }
            _ => {
                self.hush = None;
                false
            }
        }
    }

    /// A key that led to a question about an act and is still held down repeats itself: none of that is an answer, nor what comes with it, until
    /// the keyboard was quiet.
    pub(super) fn is_held_down(&mut self, now: Time, key: Key) -> bool {
        let asks = match &self.layer {
            Layer::Confirm(_) => true,
            Layer::Prompt(prompt) => matches!(prompt.kind, Kind::Exclude | Kind::Percent | Kind::Extend(_)),
            _ => false,
        };
        if key.typed().is_none() {
            return false;
        }
        if !asks {
            self.led = Some(Led { key, at: now, repeats: false });
            return false;
        }
        let (held, quiet) = (self.lasting(HELD), self.hush());
        let is_held = |led: &Led| {
            let since = now.since(led.at);
            (led.key == key && since < held) || (led.repeats && since < quiet)
        };
        self.led = self.led.take().filter(is_held).map(|led| Led { at: now, repeats: true, ..led });
        if self.led.is_none() {
            return false;
        }
        let words = "A key was still held down: none of it was written. Let go, wait a moment, then type.";
        match &mut self.layer {
            Layer::Confirm(confirm) => confirm.refusal = Some(words.into()),
            Layer::Prompt(prompt) => prompt.refusal = Some(words.into()),
            _ => {}
        }
        true
    }
}

/// The last key that was typed before a question about an act.
#[derive(Clone, Debug)]
pub(super) struct Led {
    key: Key,
    at: Time,
    /// It has repeated itself since the question was asked.
    repeats: bool,
}
