//! Looking: what is served, what an application would be served, and what was changed by whom. It must not know what is wanted.

use super::super::super::changes::{subject, value as named};
use super::super::super::http::{Body, segment};
use super::super::flagd::CODE_DEFAULT;
use super::beside::PAGE;
use super::state::{self, Flag, short};
use super::talk::{LOOKING, Turn};
use super::wire::{self, Logged};
use super::{LaunchDarkly, OTHERS, steps};
use crate::incident::change::{Changed, Reported, Told};
use crate::incident::switch::{Level, Sight, Whom};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use serde_json::json;
use std::sync::PoisonError;

/// How many pages of the audit log are read at most: what is older is said to be more.
const PAGES: usize = 25;
/// How many flags are evaluated at once.
const FLAGS: usize = 50;

impl LaunchDarkly {
    /// What is served now.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn look(&self, now: Time) -> Result<Sight, Trouble> {
        let turn = Turn::of(LOOKING, now);
        let flag = self.read(turn).await?;
        let stopped = self.stop.variation(&flag);
        let mut sight = self.sight(&flag, stopped.as_ref().ok().copied().flatten());
        let mut words = vec![self.served(&flag)];
        if let Err(why) = stopped {
            words.push(why);
        }
        if self.limits.is_roomy(now) {
            let (observed, requests, by) =
                tokio::join!(self.evaluated(None, turn), self.requests(turn), self.changer(&flag, turn));
            sight.observed = observed.ok().flatten();
            let ours = requests.unwrap_or_default().into_iter().filter(|one| one.act.is_some() && one.pending);
            words.extend(ours.map(|one| format!("approval asked for: {}", one.review)));
            sight.changed = flag.modified.map(|at| (at, by.unwrap_or_else(|| "somebody".into())));
        } else {
            sight.changed = flag.modified.map(|at| (at, "somebody".into()));
        }
        sight.words = words.join("; ");
        Ok(sight)
    }

    pub(super) fn sight(&self, flag: &Flag, stopped: Option<usize>) -> Sight {
        let state = &flag.state;
        let place = match state.on {
            true => state.fallthrough.served(),
            false => state.off.into_iter().collect(),
        };
        let variant = match place.as_slice() {
            [one] => flag.variations.get(*one).and_then(|one| one.name.as_deref()).map(short),
            _ => None,
        };
        let level = match (&self.stop, state.on) {
            // without a variation of its own, off is what was wanted of it
            (steps::Stop::Off, false) => Level::Off,
            (steps::Stop::Off, true) if stopped.is_none() => Level::On,
            (steps::Stop::On, false) => Level::On,
            (steps::Stop::On, true) => match (stopped, state.off) {
                (Some(stopped), Some(off)) if stopped == off => Level::Other,
                (Some(_), _) if !state.is_targeted() => Level::Off,
                _ => Level::Partly,
            },
            (steps::Stop::Off | steps::Stop::Variation(_), _) => flag.level(stopped),
        };
        let value = flag.value(state);
        let is_let_through = level == Level::Partly && state.is_targeted();
        let looks_stopped = stopped.is_some_and(|stopped| flag.shown(stopped) == value);
        Sight {
            value,
            variant,
            targeting: state.is_targeted(),
            by_rule: (is_let_through && looks_stopped).then(|| OTHERS.to_owned()),
            level,
            share: stopped.and_then(|stopped| flag.share(stopped)),
            excluded: match self.stop {
                steps::Stop::On => Vec::new(),
                _ => stopped.map_or_else(Vec::new, |stopped| flag.named(stopped)),
            },
            version: flag.version.map(|version| version.to_string()),
            ..Sight::default()
        }
    }

    /// What is served, in words.
    pub(super) fn served(&self, flag: &Flag) -> String {
        let state = &flag.state;
        let archived = if flag.archived { "archived, " } else { "" };
        let value = flag.value(state);
        if !state.on {
            let unset = if state.off.is_none() { "what off serves is unset: " } else { "serves " };
            return format!("{archived}off: {unset}{value}");
        }
        let names: usize = state.targets.values().map(std::collections::BTreeSet::len).sum();
        let parts = [(state.active().count(), "by rules"), (names, "by name"), (state.needs.len(), "by prerequisites")];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
        let others = if parts.is_empty() { String::new() } else { format!(", others: {}", parts.join(", ")) };
        format!("{archived}on: serves {value}{others}")
    }

    /// Who made this version.
    async fn changer(&self, flag: &Flag, turn: Turn) -> Option<String> {
        let version = flag.version?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, by)) = known.filter(|(of, _)| *of == version) {
            return Some(by);
        }
        let by = self.log(None, None, turn).await.ok()?.into_iter().next()?.by?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, by.clone()));
        Some(by)
    }

    /// What an application would be served now: one that asks for this context, or for one that nobody knows. None when the flag is not evaluated there.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn observe(&self, whom: Option<&Whom>, now: Time) -> Result<Option<String>, Trouble> {
        self.evaluated(whom, Turn::of(LOOKING, now)).await
    }

    async fn evaluated(&self, whom: Option<&Whom>, turn: Turn) -> Result<Option<String>, Trouble> {
        let context = match whom.map(steps::kind) {
            Some(whom) => json!({"kind": whom.kind, "key": whom.key}),
            None => json!({"kind": "user", "key": "quarterdeck", "anonymous": true}),
        };
        let (project, environment) = (segment(&self.project), segment(&self.environment));
        let filter = segment(&format!("query equals {}", self.flag));
        let path = format!(
            "/api/v2/projects/{project}/environments/{environment}/flags/evaluate?limit={FLAGS}&filter={filter}"
        );
        let mut seen = 0;
        // others have its key in theirs
        for _ in 0..PAGES {
            let page = if seen == 0 { path.clone() } else { format!("{path}&offset={seen}") };
            let reply = self.ask("evaluate", &page, Body::Json(context.clone()), turn).await?;
            let reply = self.judged(reply, turn)?;
            let (items, total) = wire::items(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn))?;
            if let Some((value, reason)) = wire::evaluated(&items, &self.flag) {
                let is_error = reason.as_deref() == Some("ERROR");
                return Ok(Some(match value.is_null() || is_error {
                    true => CODE_DEFAULT.to_owned(),
                    false => short(&state::value(&value)),
                }));
            }
            seen += items.len();
            if items.is_empty() || total.and_then(|total| usize::try_from(total).ok()).is_none_or(|total| seen >= total)
            {
                break;
            }
        }
        Ok(None)
    }

    /// What its audit log says others changed in a time, its end excluded. What we did ourselves is known by the name of the act in its comment.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn changes(&self, since: Time, until: Time, now: Time) -> Result<Told, Trouble> {
        let turn = Turn::of(LOOKING, now);
        let (mut told, mut before) = (Told::default(), until.0.div_euclid(1_000).saturating_add(1));
        let after = since.0.div_euclid(1_000).saturating_sub(1);
        let mut known = std::collections::BTreeSet::new();
        for page in 0..PAGES {
            let log = self.log(Some(after), Some(before), turn).await?;
            let (count, oldest) = (log.len(), log.last().map(|one| one.date));
            let fresh: Vec<Logged> = log.into_iter().filter(|one| known.insert((one.date, one.id.clone()))).collect();
            let is_done = count < PAGE || fresh.is_empty();
            let meant = fresh.into_iter().filter(|one| (since..until).contains(&one.at) && !one.is_ours());
            told.changes.extend(meant.map(|one| self.reported(&one)));
            let Some(oldest) = oldest.filter(|_| !is_done) else { break };
            // once more with those of the same millisecond
            before = oldest.saturating_add(1);
            if page + 1 == PAGES {
                told.doubts
                    .push(format!("the audit log has more than {} entries, older ones were left out", known.len()));
            }
        }
        told.changes.sort();
        Ok(told)
    }

    fn reported(&self, one: &Logged) -> Reported {
        let comment = one.comment.as_deref().and_then(|comment| named(comment).map(|comment| format!(" ({comment})")));
        let words = format!("{} in {}: {}{}", self.flag, self.environment, one.did, comment.unwrap_or_default());
        let change = Changed {
            what: "flag".into(),
            subject: subject(&words).unwrap_or_else(|| "a flag".into()),
            from: None,
            to: None,
            by: one.by.clone(),
            source: Some(self.source.clone()),
        };
        Reported { at: one.at, change, until: None, within: Span(0) }
    }
}
