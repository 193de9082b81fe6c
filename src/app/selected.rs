//! What is selected, and what Enter does on it: shows all that is known of it, or opens what settles it. It must not know which key was pressed.

use super::feed::{Burn, SloDesk};
use super::layer::{Layer, Subject};
use super::msg::Effect;
use super::priorities::Row;
use super::prompt::{Kind, Prompt};
use super::{App, Panel, SwitchDesk};
use crate::incident::cadence::DueKind;
use crate::incident::promise::Audience;
use crate::incident::time::Time;

impl App {
    /// The SLO on the screen.
    pub fn shown_slo(&self) -> Option<&SloDesk> {
        self.slos.get(self.slo)
    }
    /// What was last told about it.
    pub fn burn(&self) -> Option<&Burn> {
        self.shown_slo().and_then(|slo| slo.feed.last.as_ref()).map(|(_, burn)| burn)
    }
    /// The selected switch, else the first.
    pub fn selected_switch(&self) -> Option<(usize, &SwitchDesk)> {
        let named = self.switches.iter().enumerate().find(|(_, s)| Some(&s.name) == self.switch.as_ref());
        named.or_else(|| self.switches.iter().enumerate().next())
    }
    /// Opens what is selected in the panel that has the keys.
    pub(super) fn details(&mut self, now: Time) -> Vec<Effect> {
        let subject = match self.focus {
            Panel::Timeline => {
                let last = self.spots.timeline.map(|(_, last)| last);
                self.timeline.selected.or(last).map(Subject::Entry)
            }
            Panel::Burn => Some(Subject::Burn),
            Panel::Switches => self.selected_switch().map(|(_, s)| Subject::Switch(s.name.clone())),
            Panel::Priorities => return self.settles(now),
        };
        self.shows(now, subject)
    }

    fn shows(&mut self, now: Time, subject: Option<Subject>) -> Vec<Effect> {
        match subject {
            Some(subject) => self.layer = Layer::Details(subject, 0),
            None => self.say(now, "Nothing is selected. Move with j and k first.", false),
        }
        Vec::new()
    }

    /// Opens what settles the selected row of the priorities.
    fn settles(&mut self, now: Time) -> Vec<Effect> {
        let rows = self.priorities(now);
        let row = rows.into_iter().find(|r| r.id().is_some() && r.id() == self.priority);
        if let Some(Row::Act(id, _)) = &row
            && self.waits_anew().any(|(act, _)| act.id == *id)
        {
            let id = *id;
            return self.plan_overtaken(now, id);
        }
        // an answer after what was let in with no incident open stands in no record that is on the screen
        if let Some(Row::Act(id, _)) = &row
            && self.standing.soaks().find(*id).is_some()
        {
            return self.look_at_probes(now);
        }
        if row.as_ref().and_then(Row::id).is_some_and(|id| self.is_asked_to_end(id, now)) {
            return self.switch(now);
        }
        if let Some(asked) = row.as_ref().and_then(|row| self.standing.lifts().find(row.id()?)) {
            return self.look_at_hold(asked.what.hold);
        }
        let is_internal = matches!(&row, Some(Row::Due(due)) if due.kind == DueKind::InternalUpdate);
        let audience = if is_internal { Audience::Internal } else { Audience::Public };
        let kind = row.and_then(|row| match row {
            Row::Task(task) => Some(Ok(Kind::FinishTask(task.id))),
            Row::Question(question) => Some(Ok(Kind::Answer(question.id))),
            Row::Due(due) => due.about.map(|id| match due.kind {
                // a promised update is kept by telling people, not by saying that they were told
                DueKind::PublicUpdate | DueKind::InternalUpdate => Ok(Kind::Update),
                _ if self.incident.tasks().find(id).is_some() => Ok(Kind::FinishTask(id)),
                _ => Ok(Kind::KeepPromise(id)),
            }),
            Row::Unsure(id, _) | Row::Act(id, _) => Some(Err(match self.standing.intents().find(id) {
                Some(alone) => Subject::Switch(alone.what.target.clone()),
                None => Subject::Entry(id),
            })),
            Row::Proposed(proposal) if proposal.freeze => Some(Ok(Kind::Freeze)),
            Row::Goal(..) | Row::Proposed(_) => None,
        });
        match kind {
            Some(Ok(kind)) => {
                self.open(now, kind);
                if kind == Kind::Update {
                    self.layer = Layer::Prompt(Prompt::update(audience, self, now));
                }
                Vec::new()
            }
            Some(Err(subject)) => self.shows(now, Some(subject)),
            None => self.shows(now, None),
        }
    }
}
