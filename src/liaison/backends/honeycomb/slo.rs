//! What Honeycomb's own SLO says: its column, its figures, its burn alerts, its history. A second opinion, never instead of what is counted. It must not
//! know how counts are asked for.

use super::super::super::http::Body;
use super::spec::Sli;
use super::wire::{self, Objective};
use super::{Honeycomb, rows, segment};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::opinion::Opinion;
use crate::query::series::SECOND;
use crate::query::window::Stretch;

/// How often its own figures are asked for, µs: it counts them anew each five minutes.
const OPINION: i64 = 5 * 60 * SECOND;

impl Honeycomb {
    /// What Honeycomb's SLO says itself, at most five minutes old; none where none is named and none has our column, or it may not be read, or it does not answer.
    pub async fn opinion(&mut self, now: Time) -> Option<Opinion> {
        if !self.may_read_slos {
            return None;
        }
        let id = match self.count.slo.clone() {
            Some(id) => id,
            None => self.same(now).await?,
        };
        // who does not answer is not asked more often than who does
        if self.looked.is_none_or(|at| now.0 - at >= OPINION) {
            self.looked = Some(now.0);
            if let Ok(objective) = self.objective(&id, now).await {
                self.opinion = Some(rows::opinion(&objective, &self.count, now));
            }
        }
        self.opinion.clone()
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

    /// What was left of the budget of the SLO that is named, in percent, at moments of a time that queries do not reach; empty where it
    /// cannot be told.
    pub async fn history(&mut self, stretch: Stretch, now: Time) -> Vec<(i64, f64)> {
        let Some(id) = self.count.slo.clone().filter(|_| self.may_read_slos) else { return Vec::new() };
        let ask = serde_json::json!({
            "ids": [id],
            "start_time": stretch.from / SECOND,
            "end_time": stretch.to.min(now.0) / SECOND,
        });
        let reply = self.http.ask("/1/reporting/slos/historical", Body::Json(ask), self.deadline).await;
        let Ok(reply) = reply.and_then(|reply| self.judged(reply, now)) else { return Vec::new() };
        wire::history(&reply.body, &id).unwrap_or_default()
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
