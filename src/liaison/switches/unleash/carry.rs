//! Carrying out what is wanted: read again, refused when it is not what was planned on, each request sent once, read back.

use super::super::super::http::{Body, Http, Method, Reply, Stakes};
use super::super::super::outcome::CarryOutcome;
use super::aim::aim;
use super::state::{State, Strategy};
use super::steps::{Said, Step, content, ordered, steps};
use super::{LOOKING, Unleash, address, bare, wire};
use crate::incident::switch::{Reason, Wanted};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::{Value, json};
use std::time::Duration;

/// How long the tag may take: it is only a courtesy.
const TAGGING: Duration = Duration::from_secs(3);

const ACTING: Stakes = Stakes {
    acts: true,
    no: "That was not done.",
    stale: "It may have happened or not.",
    again: "It is looked at, and not sent again",
};

/// Why a step was not done, or may not have been.
enum Stopped {
    Approval(String),
    /// Somebody else changed it in the same moment.
    Moved(String),
    No(String),
    Unsure(String),
    /// They said no in a way that they do not document: it is read back what became of it.
    Odd(String),
}

/// The refusals that they document; what else stands in front of them may refuse what they did.
const DOCUMENTED: [u16; 6] = [400, 401, 403, 404, 413, 415];

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Stopped {
        match trouble {
            Trouble::Unsure(words) => Stopped::Unsure(words),
            other => Stopped::No(other.words().to_owned()),
        }
    }
}

impl Unleash {
    /// Does what is wanted, if the flag is what `before` says; see [`super::super`].
    pub async fn carry(&self, wanted: &Wanted, before: &str, reason: &Reason, now: Time) -> CarryOutcome {
        let found = match self.read(LOOKING, now).await {
            Ok(flag) => flag.state,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        let target = match self.bound(&found, wanted, before) {
            Ok(Some(target)) => target,
            Ok(None) => return CarryOutcome::already(found.served()),
            Err(ended) => return ended,
        };
        let all = steps(&found, &target);
        for (done, (step, _)) in all.iter().enumerate() {
            if let Err(stopped) = self.send(step, now).await {
                return match stopped {
                    Stopped::Odd(answered) => self.looked(&all, done, (&found, &target), &answered, now).await,
                    stopped => ended(&all, done, stopped),
                };
            }
        }
        let words = said(&all);
        let seen = match self.read(LOOKING, now).await {
            Ok(flag) => flag.state,
            Err(trouble) => {
                let why = trouble.words().split(". ").next().unwrap_or_default().trim_end_matches('.');
                return CarryOutcome::Unsure(format!(
                    "{} said that it is done ({words}), and it could not be read back: {why}. It should serve {}. Look at it.",
                    self.admin.who(),
                    target.served()
                ));
            }
        };
        if !seen.same(&target) {
            return CarryOutcome::Unsure(format!(
                "{} said that it is done ({words}), and right after it is otherwise. It serves {}, not {}. Look who else changes it.",
                self.admin.who(),
                seen.served(),
                target.served()
            ));
        }
        let tagged = self.tag(reason, now).await.map_or(String::new(), |why| format!("; no tag was added: {why}"));
        CarryOutcome::Done { value: seen.served(), words: format!("{words}{tagged}"), reference: None }
    }

    /// What became of it where they answered what nobody can take for a no.
    async fn looked(
        &self,
        all: &[Said],
        done: usize,
        (found, target): (&State, &State),
        answered: &str,
        now: Time,
    ) -> CarryOutcome {
        let (who, Stakes { stale, again, .. }) = (self.admin.who(), ACTING);
        let seen = self.read(LOOKING, now).await.ok().map(|flag| flag.state);
        match seen {
            Some(seen) if seen.same(target) => {
                CarryOutcome::done(seen.served(), format!("{}; {who} {answered}, and it is so", said(all)))
            }
            Some(seen) if done == 0 && seen.same(found) => CarryOutcome::Refused(format!(
                "{who} {answered}. It was read back. Nothing was changed. Look there what stands against it, then decide anew."
            )),
            _ => ended(all, done, Stopped::Unsure(format!("{who} {answered}. {stale} {again}."))),
        }
    }

    /// What it has to become; none when it is that already.
    ///
    /// # Errors
    /// It cannot be made so, or it is not what `before` says.
    pub(super) fn bound(&self, found: &State, wanted: &Wanted, before: &str) -> Result<Option<State>, CarryOutcome> {
        let target = aim(found, wanted, self.stop).map_err(CarryOutcome::Refused)?;
        if target.same(found) {
            return Ok(None);
        }
        match State::read(before) {
            Some(planned) if planned == *found => Ok(Some(target)),
            Some(planned) if planned.served() != found.served() => Err(CarryOutcome::Conflict(format!(
                "It serves {} now, not {} as when this was decided. Nothing was changed. Look at it again and decide anew.",
                found.served(),
                planned.served()
            ))),
            _ => Err(CarryOutcome::Conflict("Its strategies are not those that were there when this was decided. Nothing was changed. Look at it again and decide anew.".into())),
        }
    }

    async fn send(&self, step: &Step, now: Time) -> Result<(), Stopped> {
        let (path, body) = match step {
            Step::Off => (self.place(&["off"]), bare(Method::Post)),
            Step::On => (self.place(&["on"]), bare(Method::Post)),
            Step::Change(id, operations, _) => {
                let content = Value::from(operations.clone()).to_string();
                let body = Body::Other { method: Method::Patch, kind: "application/json", content };
                (self.place(&["strategies", id]), body)
            }
            Step::Add(one) => (self.place(&["strategies"]), Body::Json(content(one))),
            Step::Order(places) => (self.place(&["strategies", "set-sort-order"]), Body::Json(ordered(places))),
            Step::Remove(one) => {
                (self.place(&["strategies", one.id.as_deref().unwrap_or_default()]), bare(Method::Delete))
            }
        };
        let http = self.admin.clone().staking(ACTING);
        let reply = http.ask(&path, body, self.deadline).await?;
        let reply = self.told_apart(reply)?;
        if (300..500).contains(&reply.status) && !DOCUMENTED.contains(&reply.status) {
            let odd = reply.answered();
            let said = wire::explained(&reply).map(|said| format!("answered {}: {said}", reply.status));
            return Err(Stopped::Odd(said.unwrap_or(odd).trim_end_matches('.').to_owned()));
        }
        let reply = http.judged(reply, wire::explained, now)?;
        self.believed(&http, step, &reply)
    }

    /// What their statuses mean that is not what it means elsewhere.
    fn told_apart(&self, reply: Reply) -> Result<Reply, Stopped> {
        let who = self.admin.who();
        if wire::needs_request(&reply) {
            return Err(Stopped::Approval(format!(
                "{who} wants a change request for {} (403). Nothing was changed. Ask for it, and have it approved there.",
                self.environment
            )));
        }
        if wire::is_conflict(&reply) {
            return Err(Stopped::Moved(format!(
                "Somebody else changed a strategy of {} in the same moment. That was not done. Look at it again and decide anew.",
                self.flag
            )));
        }
        if wire::is_maintenance(&reply) {
            return Err(Stopped::No(format!(
                "{who} is in maintenance mode and takes no changes (503). That was not done. Have it ended there, or stop it another way."
            )));
        }
        Ok(reply)
    }

    /// A yes that is one: to this request, by Unleash.
    fn believed(&self, http: &Http, step: &Step, reply: &Reply) -> Result<(), Stopped> {
        let what = match (step, serde_json::from_slice::<Value>(&reply.body)) {
            (Step::Change(id, _, wanted), Ok(answer)) => match wire::strategy(&answer) {
                Some(told) if told.id.as_deref() != Some(id) => "it is about another strategy",
                Some(told) if is_alike(&told, wanted) => return Ok(()),
                Some(_) => "the strategy is not what was asked for",
                None => "it is no strategy",
            },
            (Step::Add(wanted), Ok(answer)) => match wire::strategy(&answer) {
                Some(told) if is_alike(&told, wanted) => return Ok(()),
                Some(_) => "the strategy is not what was asked for",
                None => "it is no strategy",
            },
            (Step::Change(..) | Step::Add(_), Err(_)) => "it is not JSON",
            // those who answer in their place send a page
            _ if reply.body.is_empty() || reply.body.first() == Some(&b'{') => return Ok(()),
            _ => "it is no answer of Unleash's",
        };
        let (who, Stakes { stale, again, .. }) = (http.who(), ACTING);
        Err(Stopped::Unsure(format!("{who} answered, but {what} ({}). {stale} {again}.", reply.beginning())))
    }

    /// Leaves the incident's number on the flag, the only place for a reason there; why that failed.
    async fn tag(&self, reason: &Reason, now: Time) -> Option<String> {
        let value = format!("inc-{}", reason.incident?);
        let http = self.admin.clone().staking(ACTING);
        let path = address(&["api", "admin", "features", &self.flag, "tags"], &[]);
        let body = Body::Json(json!({"type": "simple", "value": value}));
        let answer = http.ask(&path, body, TAGGING.min(self.deadline)).await;
        let trouble = answer.and_then(|reply| http.judged(reply, wire::explained, now)).err()?;
        Some(trouble.words().split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned())
    }
}

/// It lets in the same people; whether it is the same in all is seen when the flag is read back.
fn is_alike(one: &Strategy, other: &Strategy) -> bool {
    let face = |one: &Strategy| (one.disabled, one.percent(), one.left_out().collect::<Vec<_>>(), one.let_in());
    face(one) == face(other)
}

/// What was done, in words.
pub(super) fn said(steps: &[Said]) -> String {
    let all: Vec<&str> = steps.iter().map(|(_, words)| words.as_str()).collect();
    all.join("; ")
}

/// How an act ended that stopped at a step: what is done, what is not, and what nobody knows.
fn ended(all: &[Said], done: usize, stopped: Stopped) -> CarryOutcome {
    let (before, from) = all.split_at(done.min(all.len()));
    let (this, after) = from.split_at(from.len().min(1));
    let left = if after.is_empty() { String::new() } else { format!(" Not sent: {}.", said(after)) };
    if before.is_empty() {
        return match stopped {
            Stopped::Approval(words) => CarryOutcome::NeedsApproval(words),
            // nothing at all was done
            Stopped::Moved(words) => {
                CarryOutcome::Conflict(words.replace("That was not done.", "Nothing was changed."))
            }
            Stopped::No(words) => CarryOutcome::Refused(words.replace("That was not done.", "Nothing was changed.")),
            Stopped::Unsure(words) | Stopped::Odd(words) => CarryOutcome::Unsure(format!("{words}{left}")),
        };
    }
    let (state, words) = match stopped {
        Stopped::Unsure(words) | Stopped::Odd(words) => ("Not known", words),
        Stopped::No(words) | Stopped::Moved(words) | Stopped::Approval(words) => ("Not done", words),
    };
    CarryOutcome::Unsure(format!("Half done: {}. {state}: {}.{left} {words}", said(before), said(this)))
}
