//! What a switch with an HTTP interface says of itself, and what of that is looked at. It changes nothing. It must not know what is sent.

use super::super::super::http::{Body, Reply, Stakes};
use super::setting::{Setting, Spot, shown};
use super::template::{self, Filling};
use super::{PartState, State, Web};
use crate::incident::switch::{Level, Share, Sight, Wanted, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;

const LOOKING: Stakes =
    Stakes { acts: false, no: "Its state is not known.", stale: "Its state is not known.", again: "It is asked again" };

impl Web {
    /// What its probe says; the share, where its spot is the same for every share; and whether `whom` is excluded, where one is named that
    /// it can tell apart.
    ///
    /// # Errors
    /// Nobody answered, or what they answered has no such place.
    pub async fn look(&self, whom: Option<&Whom>, now: Time) -> Result<Sight, Trouble> {
        let Setting { stopped, running, probe, .. } = &self.setting;
        let value = self.read(probe, &Filling::default(), now).await?;
        let share = match self.setting.percent.as_ref().filter(|percent| percent.is_plain()) {
            Some(percent) if percent.spot == *probe => Share::parse(&value),
            Some(percent) => Share::parse(&self.read(&percent.spot, &Filling::default(), now).await?),
            None => None,
        };
        let excluded = match whom.zip(self.setting.exclude.as_ref()) {
            Some((whom, exclude)) if exclude.kind == whom.kind => {
                let filling = Filling { whom: Some(whom), ..Filling::default() };
                let seen = self.read(&exclude.part.spot, &filling, now).await?;
                let proof = template::words(&exclude.part.proof, &filling).map(|proof| shown(&proof));
                (proof == Some(seen)).then(|| whom.clone())
            }
            _ => None,
        };
        // that all are served says what its probe says, that nobody is says more
        let (level, words) = match share.filter(|share| *share != Share::EVERYBODY) {
            _ if value == shown(stopped) => (Level::Off, "stopped, says its probe".to_owned()),
            Some(Share::NOBODY) => (Level::Off, "nobody is served, says its probe".to_owned()),
            Some(share) => (Level::Partly, format!("{share} are served, says its probe")),
            None if value == shown(running) => (Level::On, "running, says its probe".to_owned()),
            None => (Level::Other, format!("its probe says neither {} nor {}", shown(stopped), shown(running))),
        };
        let version = Some(value.clone());
        let excluded = excluded.into_iter().collect();
        Ok(Sight { version, value, words, level, share, excluded, ..Sight::default() })
    }

    /// Finds out what can be found out without acting; in words.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let sight = self.look(None, now).await?;
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

    /// What is there now, as far as what is wanted concerns it.
    pub(super) async fn state(&self, wanted: &Wanted, put: Option<&State>, now: Time) -> Result<State, Trouble> {
        let probe = self.read(&self.setting.probe, &Filling::default(), now).await?;
        let whom = match wanted {
            Wanted::Exclude(whom) => Some(whom),
            _ => put.and_then(|put| put.part.as_ref()?.whom.as_ref()),
        };
        let is_part =
            whom.is_some() || matches!(wanted, Wanted::Percent(_)) || put.is_some_and(|put| put.part.is_some());
        let spot = match whom {
            Some(_) => self.setting.exclude.as_ref().map(|exclude| &exclude.part.spot),
            None => self.setting.percent.as_ref().map(|percent| &percent.spot),
        };
        let part = match spot.filter(|_| is_part) {
            Some(spot) => {
                let share = if let Wanted::Percent(share) = wanted { Some(*share) } else { None };
                let seen = self.read(spot, &Filling { whom, share, reason: "" }, now).await?;
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
