//! Entries as they come back from the journal: folded into what is known, and our own fresh intents are carried. It must not know who wanted them.

use super::msg::Effect;
use super::{App, Layer};
use crate::incident::entry::{Entry, EntryId, Number, STANDING};
use crate::incident::fact::Fact;
use crate::incident::phase::Milestone;
use crate::incident::time::Time;

impl App {
    /// Entries came from the journal: folds them, and carries our own fresh intents.
    pub(super) fn entries(&mut self, now: Time, number: Number, entries: Vec<Entry>, more: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if number == STANDING {
            let before = self.standing.holds().clone();
            for entry in &entries {
                if self.standing.apply(entry) {
                    effects.extend(self.does(now, entry));
                }
                if let (Fact::ClockMoved(_), true) = (&entry.fact, self.drill.is_some()) {
                    effects.push(Effect::ClockMoved);
                    self.slos.iter_mut().for_each(|slo| slo.feed.moved_on());
                    self.changes.iter_mut().for_each(|source| source.feed.moved_on());
                }
            }
            effects = self.in_order(effects);
            self.gather();
            if *self.standing.holds() != before {
                effects.extend(self.holds_changed(now));
            }
            return effects;
        }
        if number != self.incident.number() {
            return self.other_entries(now, number, entries, more);
        }
        let mut gap = false;
        let mut moved = false;
        for entry in entries {
            if !self.incident.apply(&entry) {
                gap |= entry.seq > self.incident.head();
                continue;
            }
            moved |= matches!(entry.fact, Fact::Intended(_) | Fact::Settled(_) | Fact::Seen(_) | Fact::EndMoved(_));
            self.ends_later(now, &entry);
            let is_intent = matches!(entry.fact, Fact::Intended(_) | Fact::MarkerIntended(_) | Fact::ProbeAsked(_));
            let fresh = is_intent && entry.session == self.session && self.is_fresh(entry.id);
            match &entry.fact {
                Fact::ProbeAsked(asked) if fresh => {
                    effects.push(self.asks_after_soak(now, number, entry.at, asked));
                }
                Fact::MarkerIntended(_) if fresh => effects.extend(self.marks(entry.id)),
                Fact::Intended(what) if fresh => {
                    let what = (**what).clone();
                    effects.push(self.carries(&entry, what));
                }
                Fact::ActWithdrawn(ended) if ended.changed.is_some() => self.say_void(now, ended.asked),
                _ => {}
            }
            self.log.push(&self.incident, entry);
        }
        effects = self.in_order(effects);
        if moved {
            self.join_acts();
        }
        // what was selected may be told by another row now
        self.timeline.selected = self.timeline.selected.map(|id| self.log.teller(id));
        if gap {
            effects.push(Effect::Read { number, after: self.incident.head() });
        }
        self.trouble = None;
        if !more && !gap {
            // what was asked before it was known when it began shows another time
            if self.glimpse.take().is_some() {
                self.slos.iter_mut().for_each(|slo| slo.feed.refresh());
                effects.extend(self.ask(now));
            }
            effects.extend(self.join(now));
            effects.extend(self.tell_holds(now));
            if std::mem::take(&mut self.picks) && !self.incident.is_open() && self.layer == Layer::None {
                self.pick();
            }
        }
        effects.extend(self.retitle(now));
        effects
    }

    /// Whoever asked for something at this screen is told that somebody found it void: they wait for a word, not for the record.
    fn say_void(&mut self, now: Time, asked: EntryId) {
        let asked = self.incident.seconds().find(asked).filter(|asked| asked.session == self.session);
        if let Some(asked) = asked.filter(|asked| now < asked.what.expires) {
            let void = asked.is_void();
            let words = format!("{} Nothing was sent. {}", void.why, void.instead);
            self.say(now, words, true);
        }
    }

    /// The window's title: severity and age, or the number of a restricted incident.
    pub(super) fn retitle(&mut self, now: Time) -> Option<Effect> {
        let drill = if self.drill.is_some() { "DRILL " } else { "" };
        let title = match self.incident.opened() {
            None => format!("{drill}quarterdeck"),
            Some(opened) => {
                let since = self.incident.milestones().get(Milestone::Began).map_or(opened.at, |d| d.at);
                let age = now.since(since).as_minutes();
                let title = self.incident.public_title();
                format!("{drill}{} {} {age} min {title}", self.incident.severity(), self.incident.phase().word())
            }
        };
        (title != self.title).then(|| {
            self.title.clone_from(&title);
            Effect::Title(title)
        })
    }
}
