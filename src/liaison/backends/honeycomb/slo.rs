//! What Honeycomb's own SLO says: its column, its figures, its burn alerts, its history. A second opinion, never instead of what is counted. It must not
//! know how counts are asked for.

use super::super::super::http::Body;
use super::spec::Sli;
use super::wire::{self, Objective};
use super::{Honeycomb, rows, segment};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::opinion::Opinion;
use crate::query::series::{DAY, MINUTE, SECOND};
use crate::query::window::Stretch;

/// How often its own figures are asked for, µs: it counts them anew each five minutes.
const OPINION: i64 = 5 * 60 * SECOND;
/// How far back its history can be asked for, µs: a year, and a day less so that it is not one too far.
const HISTORY: i64 = 364 * DAY;

impl Honeycomb {
    /// What Honeycomb's SLO says itself, at most five minutes old; none where none is named and none has our column, or it may not be read, or it does not answer.
    pub async fn opinion(&mut self, now: Time) -> Option<Opinion> {
        let id = self.its_slo(now).await?;
        // who does not answer is not asked more often than who does
        if self.looked.is_none_or(|at| now.0 - at >= OPINION) {
            self.looked = Some(now.0);
            if let Ok(objective) = self.objective(&id, now).await {
                self.opinion = Some(rows::opinion(&objective, &self.count, now));
            }
        }
        self.opinion.clone()
    }

    /// What it said at a moment that is over: its figures speak of now only, so that what was left is what its history says last before that moment. Where there
    /// is none it is what it says now.
    pub async fn opinion_then(&mut self, then: Time, now: Time) -> Option<Opinion> {
        let own = self.opinion(now).await?;
        let history = self.history(Stretch { from: then.0 - DAY, to: then.0 }, now).await;
        let last = history.into_iter().rfind(|(at, _)| *at <= then.0);
        Some(last.map_or(own.clone(), |(at, left)| rows::opinion_then(own, at, left)))
    }

    /// The id of the SLO there that says the same: the one that is named, else the one that has our column. None where none may be read.
    async fn its_slo(&mut self, now: Time) -> Option<String> {
        if !self.may_read_slos {
            return None;
        }
        match self.count.slo.clone() {
            Some(id) => Some(id),
            None => self.same(now).await,
        }
    }

    /// The id of the SLO there that says the same as an objective which names a column: it has that column, and the one of several with our target. Looked
    /// for once.
    async fn same(&mut self, now: Time) -> Option<String> {
        let Some(Sli::Column(alias)) = self.count.sli.clone() else { return None };
        if self.same.is_none() {
            let path = format!("/1/slos/{}", segment(&self.count.dataset));
            let reply = self.http.ask(&path, Body::Nothing, self.deadline).await;
            let reply = reply.and_then(|reply| self.judged(reply, now)).ok()?;
            let all = wire::objectives(&reply.body).ok()?;
            let ours: Vec<&(String, Objective)> =
                all.iter().filter(|(_, one)| one.alias.as_deref() == Some(&alias)).collect();
            let target = |(_, one): &&&(String, Objective)| one.target_ppm == Some(self.count.target_ppm.into());
            let same = ours.iter().find(target).or(ours.first()).map(|(id, _)| id.clone());
            self.same = Some(same);
        }
        self.same.clone().flatten()
    }

    /// What was left of the budget of its SLO, in percent, at moments of a time that is over; empty where it cannot be told.
    pub async fn history(&mut self, stretch: Stretch, now: Time) -> Vec<(i64, f64)> {
        let stretch = Stretch { from: stretch.from.max(now.0 - HISTORY), to: stretch.to.min(now.0) };
        if stretch.from >= stretch.to {
            return Vec::new();
        }
        let Some(id) = self.its_slo(now).await else { return Vec::new() };
        // to the minute: who asks about a time that is out of reach asks again and again, counting from now
        let round = |at: i64| at.div_euclid(MINUTE) * MINUTE;
        let rounded = Stretch { from: round(stretch.from), to: round(stretch.to) };
        if let Some((_, history)) = self.told.as_ref().filter(|(told, _)| *told == rounded) {
            return history.clone();
        }
        let ask = serde_json::json!({
            "ids": [id],
            "start_time": stretch.from / SECOND,
            "end_time": stretch.to / SECOND,
        });
        let reply = self.http.ask("/1/reporting/slos/historical", Body::Json(ask), self.deadline).await;
        let Ok(reply) = reply.and_then(|reply| self.judged(reply, now)) else { return Vec::new() };
        let history = wire::history(&reply.body, &id).unwrap_or_default();
        self.told = Some((rounded, history.clone()));
        history
    }

    /// The column of the SLO that is named.
    pub(super) async fn alias(&mut self, id: &str, now: Time) -> Result<String, Trouble> {
        if !self.may_read_slos {
            return Err(Trouble::Denied(format!(
                "{}: the key lacks the permission \"Manage SLOs\", without which no SLO can be read. Nothing was counted. Give it to the key, or name the column with sli.",
                self.http.who()
            )));
        }
        let objective = self.objective(id, now).await?;
        let alias = objective.alias.clone().ok_or_else(|| self.garbled("the SLO names no column"))?;
        (self.looked, self.opinion) = (Some(now.0), Some(rows::opinion(&objective, &self.count, now)));
        Ok(alias)
    }

    /// Asks for an SLO, with its figures where the plan has them.
    async fn objective(&mut self, id: &str, now: Time) -> Result<Objective, Trouble> {
        let path = format!("/1/slos/{}/{}", segment(&self.count.dataset), segment(id));
        let mut reply = self.http.ask(&format!("{path}?detailed=true"), Body::Nothing, self.deadline).await?;
        if reply.status == 403 {
            reply = self.http.ask(&path, Body::Nothing, self.deadline).await?;
        }
        let reply = self.judged(reply, now)?;
        let mut objective = wire::objective(&reply.body).map_err(|why| self.garbled(&reply.shown(&why)))?;
        // who may not read its alerts, or has none, still has its figures
        let path = format!("/1/burn_alerts/{}?slo_id={}", segment(&self.count.dataset), segment(id));
        let alerts = self.http.ask(&path, Body::Nothing, self.deadline).await;
        let alerts = alerts.and_then(|reply| self.judged(reply, now));
        objective.alerts = alerts.ok().and_then(|reply| wire::alerts(&reply.body).ok()).unwrap_or_default();
        Ok(objective)
    }
}
