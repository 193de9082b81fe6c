//! What a switch with an HTTP interface says of itself, and what of that is looked at. It changes nothing. It must not know what is sent.

use super::super::super::http::{self, Body, Reply, Stakes};
use super::setting::{Exclusion, Part, Setting, Spot, shown};
use super::template::{self, Filling};
use super::{PartState, State, Web};
use crate::incident::sought::Found;
use crate::incident::switch::{ByName, Level, Share, Sight, Wanted, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use std::cell::RefCell;

const LOOKING: Stakes =
    Stakes { acts: false, no: "Its state is not known.", stale: "Its state is not known.", again: "It is asked again" };

/// How many contexts one look asks about that our record says are stopped.
const ASKED: usize = 5;

/// What is known of the share that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing but what the probe says.
    Nothing,
    /// This one.
    Share(Share),
    /// It may be any: it is set at a place of its own, which does not tell it.
    Unknown,
}

impl Web {
    /// What its probe says; the share, as far as anybody can say; and who of those that are asked about is excluded, where it can tell them apart. Each
    /// has to be asked about: so a handful is, and all others of a record are named as not seen.
    ///
    /// # Errors
    /// Nobody answered, or what they answered has no such place.
    pub async fn look(&self, by_name: &ByName, now: Time) -> Result<Sight, Trouble> {
        let value = self.read(&self.setting.probe, &Filling::default(), now).await?;
        let told = self.told(&value, now).await?;
        let mut sight = self.seen(value, told);
        let Some(exclude) = &self.setting.exclude else { return Ok(sight) };
        let is_ours = |whom: &&Whom| whom.kind == exclude.kind;
        // an act that is looked for is not guessed at
        if let Some(one) = by_name.one.as_ref().filter(is_ours)
            && self.is_excluded(exclude, one, now).await?
        {
            sight.excluded.push(one.clone());
        }
        let others: Vec<&Whom> = by_name.others().filter(is_ours).collect();
        let answers = RefCell::new(Vec::new());
        http::within(self.deadline, async {
            for whom in others.iter().take(ASKED) {
                let Ok(is_excluded) = self.is_excluded(exclude, whom, now).await else { break };
                answers.borrow_mut().push(is_excluded);
            }
        })
        .await;
        let answers = answers.into_inner();
        sight.unseen = others.iter().skip(answers.len()).map(|whom| (*whom).clone()).collect();
        let stopped = others.into_iter().zip(answers).filter(|(_, is_excluded)| *is_excluded);
        sight.excluded.extend(stopped.map(|(whom, _)| whom.clone()));
        Ok(told_apart(sight))
    }

    async fn is_excluded(&self, exclude: &Exclusion, whom: &Whom, now: Time) -> Result<bool, Trouble> {
        let filling = Filling { whom: Some(whom), ..Filling::default() };
        let seen = self.read(&exclude.part.spot, &filling, now).await?;
        Ok(self.excludes(exclude, whom, &seen))
    }

    /// What stands at the spot of one context says that it is excluded.
    fn excludes(&self, exclude: &Exclusion, whom: &Whom, seen: &str) -> bool {
        let filling = Filling { whom: Some(whom), ..Filling::default() };
        template::words(&exclude.part.proof, &filling).is_some_and(|proof| shown(&proof) == seen)
    }

    /// What is said of what was read: where it is of one context, in the words of the configuration.
    pub(super) fn said(&self, whom: Option<&Whom>, seen: &str) -> String {
        match whom.zip(self.setting.exclude.as_ref()) {
            Some((whom, exclude)) if self.excludes(exclude, whom, seen) => "excluded".to_owned(),
            Some(_) => "not excluded".to_owned(),
            None => seen.to_owned(),
        }
    }

    /// What is known of the share while the probe says this. Where each share has a place of its own, only all of it can be asked for.
    async fn told(&self, probe: &str, now: Time) -> Result<Told, Trouble> {
        let Some(percent) = &self.setting.percent else { return Ok(Told::Nothing) };
        if percent.is_told() {
            if percent.spot == self.setting.probe {
                return Ok(self.told_by(percent, probe));
            }
            return Ok(self.told_by(percent, &self.read(&percent.spot, &Filling::default(), now).await?));
        }
        if probe != shown(&self.setting.running) {
            return Ok(Told::Nothing);
        }
        let all = Filling { share: Some(Share::EVERYBODY), ..Filling::default() };
        let proof = template::words(&percent.proof, &all).map(|proof| shown(&proof));
        let seen = self.read(&percent.spot, &all, now).await.ok();
        Ok(if seen.is_some() && seen == proof { Told::Share(Share::EVERYBODY) } else { Told::Unknown })
    }

    /// What the place of the share tells of it.
    fn told_by(&self, percent: &Part, seen: &str) -> Told {
        match percent.share(seen) {
            Some(share) => Told::Share(share),
            None if percent.spot == self.setting.probe => Told::Nothing,
            None => Told::Unknown,
        }
    }

    /// What a state that an act was planned on says of the share; asked for once more where its place does not tell it.
    ///
    /// # Errors
    /// As for [`Web::look`].
    pub(super) async fn reach(&self, state: &State, now: Time) -> Result<Option<Share>, Trouble> {
        let told = match (&state.part, self.setting.percent.as_ref().filter(|percent| percent.is_told())) {
            (Some(part), _) if part.whom.is_some() => return Ok(None),
            (Some(part), Some(percent)) => self.told_by(percent, &part.seen),
            (Some(_), None) => self.told(&state.probe, now).await?,
            // a share that nobody tells keeps nobody from a stop
            (None, _) => match self.told(&state.probe, now).await {
                Ok(told) => told,
                Err(_) => return Ok(None),
            },
        };
        Ok(self.seen(state.probe.clone(), told).reach())
    }

    /// What the probe says, beside what is known of the share.
    fn seen(&self, value: String, told: Told) -> Sight {
        let (stopped, running) = (shown(&self.setting.stopped), shown(&self.setting.running));
        // that all are served says what its probe says, that nobody is says more
        let (level, words) = match told {
            _ if value == stopped => (Level::Off, "stopped, says its probe".to_owned()),
            Told::Share(Share::NOBODY) => (Level::Off, "nobody is served, says its probe".to_owned()),
            Told::Share(share) if share != Share::EVERYBODY => {
                (Level::Partly, format!("{share} are served, says its probe"))
            }
            Told::Unknown if value == running => {
                (Level::Partly, "running, says its probe; how many are served is not known".to_owned())
            }
            _ if value == running => (Level::On, "running, says its probe".to_owned()),
            _ => (Level::Other, format!("its probe says neither {stopped} nor {running}")),
        };
        let share = if let Told::Share(share) = told { Some(share) } else { None };
        let untold = level == Level::Partly && share.is_none();
        Sight { version: Some(value.clone()), value, words, level, share, untold, ..Sight::default() }
    }

    /// Finds out what can be found out without acting; in words.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let sight = self.look(&ByName::default(), now).await?;
        if sight.level == Level::Other {
            let (who, no) = (self.http.who(), "No act on it could be proven.");
            return Err(Trouble::Refused(format!(
                "{who}: {} but {}. {no} Correct `stopped` and `running`, or look there.",
                sight.words, sight.value
            )));
        }
        let Setting { exclude, percent, .. } = &self.setting;
        let parts = match (exclude, percent) {
            (None, None) => "it can be stopped for all only".to_owned(),
            (Some(exclude), None) => format!("it can be stopped for one {}", shown(&exclude.kind)),
            (None, Some(_)) => "it can be served to a share".to_owned(),
            (Some(exclude), Some(_)) => {
                format!("it can be stopped for one {}, or served to a share", shown(&exclude.kind))
            }
        };
        let unknown = "whether its requests are permitted shows when one is sent".to_owned();
        Ok(vec![format!("{} says {}: {}", self.http.who(), sight.value, sight.words), parts, unknown])
    }

    /// What its probes say, beside what they said then and what was wanted.
    ///
    /// # Errors
    /// As for [`Web::look`].
    pub async fn compare(&self, wanted: &Wanted, before: &str, now: Time) -> Result<Found, Trouble> {
        // what was kept and cannot be read is nothing that anybody could wait for
        let Ok(put) = self.put(wanted) else { return Ok(Found::Otherwise) };
        let state = self.state(wanted, put.as_ref(), now).await?;
        let step = self.step(wanted, put.as_ref(), "");
        let is_wanted = step.is_ok_and(|step| state.told() == step.proof);
        Ok(Found::of(is_wanted, State::read(before).as_ref() == Some(&state)))
    }

    /// What is there now, as far as what is wanted concerns it.
    pub(super) async fn state(&self, wanted: &Wanted, put: Option<&State>, now: Time) -> Result<State, Trouble> {
        let probe = self.read(&self.setting.probe, &Filling::default(), now).await?;
        let whom = match wanted {
            Wanted::Exclude(whom) => Some(whom),
            _ => put.and_then(|put| put.part.as_ref()?.whom.as_ref()),
        };
        let is_part = whom.is_some() || wanted.share().is_some() || put.is_some_and(|put| put.part.is_some());
        let spot = match whom {
            Some(_) => self.setting.exclude.as_ref().map(|exclude| &exclude.part.spot),
            None => self.setting.percent.as_ref().map(|percent| &percent.spot),
        };
        let part = match spot.filter(|_| is_part) {
            Some(spot) => {
                let seen = self.read(spot, &Filling { whom, share: wanted.share(), reason: "" }, now).await?;
                Some(PartState { whom: whom.cloned(), seen })
            }
            None => None,
        };
        Ok(State { probe, part })
    }

    /// What stands at a spot, harmless.
    pub(super) async fn read(&self, spot: &Spot, filling: &Filling<'_>, now: Time) -> Result<String, Trouble> {
        let path = template::path(&spot.path, filling).ok_or_else(|| self.unfit())?;
        let http = self.http.clone().staking(LOOKING);
        let reply = http.ask(&path, Body::Nothing, self.deadline).await?;
        let reply = http.judged(reply, |_| None, now)?;
        found(&reply, spot.pointer.as_deref()).map_err(|why| {
            let (who, no) = (http.who(), LOOKING.no);
            Trouble::Garbled(format!("{who}: {}. {no} See whether its probe is configured rightly.", reply.shown(&why)))
        })
    }
}

/// Who gets the stopped value, and for whom nobody can say, in words and in what it means for everybody.
fn told_apart(mut sight: Sight) -> Sight {
    let keys: Vec<String> = sight.excluded.iter().map(|whom| shown(&whom.key)).collect();
    if !keys.is_empty() {
        sight.words.push_str(&format!("; not for {}", keys.join(", ")));
        if sight.level == Level::On {
            sight.level = Level::Partly;
        }
    }
    match (keys.is_empty(), sight.unseen.len()) {
        (_, 0) => {}
        (true, unseen) => sight.words.push_str(&format!("; {unseen} stopped by us, not looked at")),
        (false, unseen) => sight.words.push_str(&format!(" and {unseen} more not asked")),
    }
    sight
}

/// What stands at the pointer of a JSON answer, or the whole answer.
fn found(reply: &Reply, pointer: Option<&str>) -> Result<String, String> {
    use serde_json::Value;
    let Some(pointer) = pointer else {
        let text = String::from_utf8_lossy(&reply.body);
        return Ok(shown(text.trim()));
    };
    let answer: Value = serde_json::from_slice(&reply.body).map_err(|_| "it is no JSON".to_owned())?;
    match answer.pointer(pointer) {
        Some(Value::String(text)) => Ok(shown(text.trim())),
        Some(one @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => Ok(one.to_string()),
        Some(_) => Err(format!("at {} stands no single value", shown(pointer))),
        None => Err(format!("it has no {}", shown(pointer))),
    }
}
