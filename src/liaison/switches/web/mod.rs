//! Anything with an HTTP interface as a switch: each act is a configured request, sent once, and done only when a configured probe proves it.
//! A paused connector, a paused deployment, a drained region. It must not know what stands behind the address.
//!
//! Such servers answer before they have done it (202), so the probe is asked again for a while. What a probe cannot prove is *unsure*.

mod look;
mod setting;
mod template;

pub use setting::{Exclusion, Part, Request, Setting, Spot};

use super::super::http::{self, Body, Http, Stakes};
use super::super::outcome::CarryOutcome;
use crate::incident::switch::{Plan, Reason, Share, Wanted, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde::{Deserialize, Serialize};
use setting::{faults, shown};
use std::time::Duration;
use template::Filling;

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the probe is asked for a proof.
const PROOF: Duration = Duration::from_secs(15);
/// How long is waited before the probe is asked again.
const PACE: Duration = Duration::from_millis(500);

const ACTING: Stakes = Stakes {
    acts: true,
    no: "Nothing was changed.",
    stale: "It may have happened or not.",
    again: "It is looked for by its probe, and not sent again",
};
/// A server with a switch.
#[derive(Clone, Debug)]
pub struct Web {
    http: Http,
    setting: Setting,
    deadline: Duration,
    proof: Duration,
    pace: Duration,
}

/// The whole state, as it is kept for a revert and compared before an act: what the probe says, and for a part what its own spot says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    probe: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<PartState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartState {
    /// The context that an act would exclude; for a share none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whom: Option<Whom>,
    seen: String,
}

impl State {
    /// What was kept of it.
    fn read(text: &str) -> Option<State> {
        serde_json::from_str(text).ok()
    }
    /// What an act is about: the part, where it is about one.
    fn told(&self) -> &str {
        self.part.as_ref().map_or(&self.probe, |part| &part.seen)
    }
}

/// An act, ready to be sent.
struct Step<'a> {
    request: &'a Request,
    spot: &'a Spot,
    proof: String,
    filling: Filling<'a>,
}

impl Web {
    /// A switch on the server that `http` reaches.
    ///
    /// # Errors
    /// What is wrong with the configuration: a body that is no JSON, a place that its act cannot fill or that is missing, a pointer without
    /// its slash, two states that are one.
    pub fn new(http: Http, setting: Setting) -> Result<Web, Trouble> {
        faults(&setting).map_err(|why| {
            let who = http.who();
            Trouble::Refused(format!(
                "The switch at {who} cannot be used: {why}. Nothing was sent. Correct it in the configuration."
            ))
        })?;
        Ok(Web { http, setting, deadline: DEADLINE, proof: PROOF, pace: PACE })
    }

    /// The same with other limits: for one answer, for the proof, and between two questions for it.
    #[must_use]
    pub fn within(self, deadline: Duration, proof: Duration, pace: Duration) -> Web {
        Web { deadline, proof, pace, ..self }
    }

    /// What an act would do. It changes nothing.
    ///
    /// # Errors
    /// As for [`Web::look`]; [`Trouble::Refused`] for an act without a request.
    pub async fn plan(&self, wanted: &Wanted, now: Time) -> Result<Plan, Trouble> {
        let put = self.put(wanted)?;
        let step = self.step(wanted, put.as_ref(), "")?;
        let state = self.state(wanted, put.as_ref(), now).await?;
        let from = state.told().to_owned();
        let idle = from == step.proof;
        let changes = match idle {
            true => format!("nothing to change: it says {from} already"),
            false => {
                format!("{} at {}, until it says {}", step.request.words(&step.filling), self.http.who(), step.proof)
            }
        };
        let mut notes = Vec::new();
        if step.filling.whom.is_some() {
            notes.push("All others stay as that server has it.".to_owned());
        } else {
            notes.push(format!("everybody: {from} → {}.", step.proof));
        }
        let is_for_good = self.setting.exclude.as_ref().is_some_and(|exclude| exclude.undo.is_none());
        if matches!(wanted, Wanted::Exclude(_)) && is_for_good {
            notes.push("No request is configured that takes it back: that is by hand.".to_owned());
        }
        if wanted == &Wanted::Stop && self.setting.restore.is_none() {
            notes.push("No request is configured that restores it: that is by hand.".to_owned());
        }
        let is_share = self.is_told_by_probe() && self.sharing(&state.probe, "").is_some();
        if !is_share && ![shown(&self.setting.stopped), shown(&self.setting.running)].contains(&state.probe) {
            notes.push("Its state now is neither of the two, so that no revert can put it back.".to_owned());
        }
        notes.push("What runs there already may go on; only the probe's word is known.".to_owned());
        let before = serde_json::to_string(&state).unwrap_or_default();
        let reach = self.reach(&state, now).await?;
        let notes = if idle { Vec::new() } else { notes };
        let one = step.filling.whom;
        let (from, to) = (self.said(one, &from), self.said(one, &step.proof));
        Ok(Plan { from, to, one: one.cloned(), before, reach, changes, idle, notes, ..Plan::default() })
    }

    /// Does an act, once: looks, refuses when the state is not the one that was planned on, sends, and asks the probe until it proves it.
    pub async fn carry(&self, wanted: &Wanted, before: &str, reason: &Reason, now: Time) -> CarryOutcome {
        match self.prepared(wanted, before, &reason.to_string(), now).await {
            Ok(outcome) => outcome,
            Err(trouble) => CarryOutcome::before_acting(&trouble),
        }
    }

    /// Applications ask nothing of it that could be asked in their place.
    ///
    /// # Errors
    /// None.
    pub async fn observe(&self, _whom: Option<&Whom>, _now: Time) -> Result<Option<String>, Trouble> {
        Ok(None)
    }

    /// The outcome, or what stood against it before anything was sent.
    async fn prepared(&self, wanted: &Wanted, before: &str, reason: &str, now: Time) -> Result<CarryOutcome, Trouble> {
        let put = self.put(wanted)?;
        let step = self.step(wanted, put.as_ref(), reason)?;
        let state = self.state(wanted, put.as_ref(), now).await?;
        let from = state.told();
        if from == step.proof {
            return Ok(CarryOutcome::already(self.said(step.filling.whom, from)));
        }
        if State::read(before).as_ref() != Some(&state) {
            let (who, before) = (self.http.who(), shown(before));
            return Ok(CarryOutcome::Conflict(format!(
                "{who} says {from} now, and this was decided on {before}. Nothing was sent. Look at it again and decide anew."
            )));
        }
        let (path, body) = step.request.filled(&step.filling).ok_or_else(|| self.unfit())?;
        let http = self.http.clone().staking(ACTING);
        let body = Body::Other { method: step.request.method, kind: "application/json", content: body };
        let reply = match http.ask(&path, body, self.deadline).await {
            Ok(reply) => reply,
            // nothing was sent
            Err(trouble) if !matches!(trouble, Trouble::Unsure(_)) => return Ok(CarryOutcome::before_acting(&trouble)),
            Err(trouble) => return Ok(self.probed(&step, from, (None, trouble), now).await),
        };
        let (status, answered) = (reply.status, reply.answered());
        Ok(match http.judged(reply, |_| None, now) {
            Ok(_) => self.prove(&step, status, now).await,
            Err(trouble) => self.probed(&step, from, (Some((status, answered)), trouble), now).await,
        })
    }

    /// What became of an act that got no yes: an answer says what they think of the request, only the probe says what is so. It is asked once.
    async fn probed(
        &self,
        step: &Step<'_>,
        from: &str,
        (answer, trouble): (Option<(u16, String)>, Trouble),
        now: Time,
    ) -> CarryOutcome {
        let who = self.http.who();
        let (status, answered) = match answer {
            Some((status, answered)) => (Some(status), answered),
            None => (None, "did not answer".to_owned()),
        };
        let seen = self.read(step.spot, &step.filling, now).await;
        if seen.as_ref().is_ok_and(|seen| *seen == step.proof) {
            let words =
                format!("{}: {who} {answered}, and its probe says {}", step.request.words(&step.filling), step.proof);
            return CarryOutcome::done(self.said(step.filling.whom, &step.proof), words);
        }
        // whoever failed, or waits for somebody behind it, may do it still; so may whoever says where to see what became of it
        let is_over = status.is_some_and(|status| (400..500).contains(&status) && status != 408);
        match (seen, status, trouble) {
            (Ok(seen), Some(301 | 307 | 308), _) if seen == from => CarryOutcome::Refused(format!(
                "{who} {answered}: a key stays with its host. Its probe says {seen} still. {} Configure the final address.",
                ACTING.no
            )),
            (Ok(seen), _, trouble) if is_over && seen == from => {
                CarryOutcome::Refused(format!("{} Its probe says {seen} still.", trouble.words()))
            }
            (seen, _, trouble) => {
                let seen = match seen {
                    Ok(seen) => format!("Its probe says {seen} now"),
                    Err(_) => "Its probe does not answer".to_owned(),
                };
                let words = match trouble {
                    Trouble::Unsure(words) => words,
                    _ => format!("{who} {answered}. {} {}.", ACTING.stale, ACTING.again),
                };
                CarryOutcome::Unsure(format!("{words} {seen}."))
            }
        }
    }

    /// Asks the probe until it proves the act, or for too long.
    async fn prove(&self, step: &Step<'_>, status: u16, now: Time) -> CarryOutcome {
        let last = std::cell::RefCell::new(None);
        let proven = http::within(self.proof, async {
            loop {
                let seen = self.read(step.spot, &step.filling, now).await;
                if seen.as_ref().is_ok_and(|seen| *seen == step.proof) {
                    return;
                }
                last.replace(Some(seen));
                http::pause(self.pace).await;
            }
        });
        if proven.await.is_some() {
            let words = format!("{} ({status}), and its probe says {}", step.request.words(&step.filling), step.proof);
            return CarryOutcome::done(self.said(step.filling.whom, &step.proof), words);
        }
        let (who, proof, within) = (self.http.who(), &step.proof, self.proof.as_secs());
        let last = match last.take() {
            None => "its probe does not answer".to_owned(),
            Some(Ok(seen)) => format!("its probe still says {seen}, not {proof}, after {within} s"),
            Some(Err(trouble)) => format!("its probe gives no proof: {}", trouble.words().trim_end_matches('.')),
        };
        CarryOutcome::Unsure(format!(
            "{who} accepted the request ({status}), but {last}. It may still follow. Look at it again before anything else; it is not sent again."
        ))
    }

    /// The request for what is wanted, and what proves it.
    fn step<'a>(&'a self, wanted: &'a Wanted, put: Option<&'a State>, reason: &'a str) -> Result<Step<'a>, Trouble> {
        let setting = &self.setting;
        let whole = |request: Option<&'a Request>, proof: &str, missing: &str| {
            let filling = Filling { reason, ..Filling::default() };
            let request = request.ok_or_else(|| self.missing(missing))?;
            Ok(Step { request, spot: &setting.probe, proof: shown(proof), filling })
        };
        match wanted {
            Wanted::Stop => whole(Some(&setting.stop), &setting.stopped, ""),
            Wanted::Restore => whole(setting.restore.as_ref(), &setting.running, "restores it"),
            Wanted::Exclude(whom) => {
                let exclude = self.excluding(whom)?;
                self.part(&exclude.part, Filling { whom: Some(whom), share: None, reason })
            }
            Wanted::Percent(share) | Wanted::Step(share, _) => {
                let percent = setting.percent.as_ref().ok_or_else(|| self.missing("sets a share"))?;
                self.part(percent, Filling { whom: None, share: Some(*share), reason })
            }
            Wanted::Put(_) => match put {
                None => Err(self.missing("puts that back")),
                Some(State { part: Some(PartState { whom: Some(whom), seen }), .. }) => {
                    let exclude = self.excluding(whom)?;
                    let undo = exclude.undo.as_ref().ok_or_else(|| self.missing("takes an exclusion back"))?;
                    let filling = Filling { whom: Some(whom), share: None, reason };
                    Ok(Step { request: undo, spot: &exclude.part.spot, proof: seen.clone(), filling })
                }
                Some(State { probe, part }) => {
                    let seen = part.as_ref().map_or(probe, |part| &part.seen);
                    let is_whole = part.is_none() || self.is_told_by_probe();
                    let sharing = self.sharing(seen, reason).filter(|_| part.is_some() || self.is_told_by_probe());
                    let can_restore = setting.restore.is_some() || sharing.is_none();
                    match sharing {
                        Some(step) if part.is_some() => Ok(step),
                        _ if is_whole && *seen == shown(&setting.stopped) => whole(Some(&setting.stop), seen, ""),
                        _ if is_whole && *seen == shown(&setting.running) && can_restore => {
                            whole(setting.restore.as_ref(), seen, "restores it")
                        }
                        Some(step) => Ok(step),
                        None if part.is_some() => Err(self.missing(&format!("sets the share to {seen}"))),
                        None => Err(self.missing(&format!("puts {seen} back"))),
                    }
                }
            },
        }
    }

    /// What stands where the probe looks tells the share as well.
    fn is_told_by_probe(&self) -> bool {
        self.setting.percent.as_ref().is_some_and(|percent| percent.spot == self.setting.probe)
    }

    /// What serves the very share that stood at its place; none where that is no share, or another way to write one.
    fn sharing<'a>(&'a self, seen: &str, reason: &'a str) -> Option<Step<'a>> {
        let percent = self.setting.percent.as_ref()?;
        let share = percent.share(seen).or_else(|| Share::parse(seen))?;
        let step = self.part(percent, Filling { whom: None, share: Some(share), reason }).ok()?;
        (step.proof == seen).then_some(step)
    }

    fn part<'a>(&self, part: &'a Part, filling: Filling<'a>) -> Result<Step<'a>, Trouble> {
        let proof = template::words(&part.proof, &filling).map(|proof| shown(&proof));
        let proof = proof.filter(|_| part.request.filled(&filling).is_some()).ok_or_else(|| self.unfit())?;
        Ok(Step { request: &part.request, spot: &part.spot, proof, filling })
    }

    fn excluding(&self, whom: &Whom) -> Result<&Exclusion, Trouble> {
        let exclude = self.setting.exclude.as_ref().ok_or_else(|| self.missing("excludes anybody"))?;
        if exclude.kind == whom.kind {
            return Ok(exclude);
        }
        let (who, kind, asked) = (self.http.who(), shown(&exclude.kind), shown(&whom.kind));
        Err(Trouble::Refused(format!(
            "{who} can exclude one {kind}, not one {asked}. Nothing was sent. Name the {kind}, as {kind}:NAME."
        )))
    }

    /// The state to put back.
    fn put(&self, wanted: &Wanted) -> Result<Option<State>, Trouble> {
        let Wanted::Put(text) = wanted else { return Ok(None) };
        let unread = |_| {
            let who = self.http.who();
            Trouble::Refused(format!(
                "What {who} was before cannot be read: {}. Nothing was sent. Put it back by hand, and record it.",
                shown(text)
            ))
        };
        serde_json::from_str(text).map(Some).map_err(unread)
    }

    fn missing(&self, what: &str) -> Trouble {
        let who = self.http.who();
        Trouble::Refused(format!(
            "For {who} no request is configured that {}. Nothing was sent. Do it by hand and record it, or configure one.",
            shown(what)
        ))
    }

    fn unfit(&self) -> Trouble {
        let who = self.http.who();
        Trouble::Refused(format!(
            "What is wanted of {who} does not fit into its configured request. Nothing was sent. Do it by hand."
        ))
    }
}
