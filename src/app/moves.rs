//! Moving about: panels, rows, entries; always by id.
//!
//! It must not know how anything is drawn.

use super::alarms::Picked;
use super::priorities::Row;
use super::{App, Panel, Stirred};
use crate::incident::time::Time;

impl App {
    pub(super) fn turn_panel(&mut self, by: usize) {
        let here = Panel::ALL.iter().position(|p| *p == self.focus).unwrap_or(0);
        self.focus = Panel::ALL.get((here + by) % Panel::ALL.len()).copied().unwrap_or_default();
    }

    pub(super) fn moved(&mut self, now: Time, by: isize) {
        self.stirred = if self.focus == Panel::Timeline { Stirred::Record } else { Stirred::All };
        match self.focus {
            Panel::Burn => {
                // through the list as it stands below the zoomed chart
                let order = self.worst_first();
                let at = order.iter().position(|place| *place == self.slo).unwrap_or(0);
                let to = at.saturating_add_signed(by).min(order.len().saturating_sub(1));
                self.slo = order.get(to).copied().unwrap_or(self.slo);
                self.picked = Picked::ByHand;
            }
            Panel::Timeline => {
                let rows = self.log.rows();
                let Some(last) = rows.checked_sub(1) else { return };
                let row = self.timeline.selected.and_then(|id| self.log.row_of(id));
                let next = row.map_or(if by < 0 { last.saturating_add_signed(by + 1) } else { last }, |r| {
                    r.saturating_add_signed(by)
                });
                // going down past the last row follows what arrives
                self.timeline.selected = if next > last { None } else { self.log.row(next).map(|e| e.id) };
            }
            Panel::Switches => {
                let plans = self.plans.iter().map(|plan| &plan.name);
                let names: Vec<&String> = self.switches.iter().map(|desk| &desk.name).chain(plans).collect();
                let here = names.iter().position(|name| Some(*name) == self.switch.as_ref()).unwrap_or(0);
                let next = here.saturating_add_signed(by).min(names.len().saturating_sub(1));
                self.switch = names.get(next).map(|name| (*name).clone());
            }
            Panel::Priorities => {
                let ids: Vec<_> = self.priorities(now).iter().filter_map(Row::id).collect();
                let here = ids.iter().position(|id| Some(*id) == self.priority);
                let next = here.map_or(0, |h| h.saturating_add_signed(by)).min(ids.len().saturating_sub(1));
                self.priority = ids.get(next).copied();
            }
        }
    }
}
