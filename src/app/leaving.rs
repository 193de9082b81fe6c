//! Leaving: Ctrl-C says what is left behind, a second one leaves; where others look at the same screen, it asks once more.
//!
//! It must not know how a terminal is shared, nor what is done after the screen has gone.

use super::msg::Effect;
use super::{App, Layer, Notice};
use crate::incident::cadence::DueKind;
use crate::incident::impact::counted;
use crate::incident::time::{Span, Time};

/// Within this time a second Ctrl-C leaves; as long as it is said that it does.
const TWICE: Span = Span::seconds(5);
/// A write that takes no longer is not worth a word.
const PATIENCE: Span = Span(250_000);

/// What is known about other terminals that show this screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// It is shared with nobody.
    Nobody,
    /// Somebody is being asked.
    Asked,
    /// So many more.
    Some(usize),
    /// Nobody could say.
    Unknown,
}

/// The first Ctrl-C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaving {
    /// When, by the real clock: a drill's may run faster than hands.
    at: Time,
    others: Others,
    /// The second one came before it was known who else is here.
    again: bool,
}

impl App {
    /// Ctrl-C.
    pub(super) fn quit(&mut self, now: Time) -> Vec<Effect> {
        // the question stands until another key answers it
        if matches!(self.layer, Layer::Leave(..)) {
            return Vec::new();
        }
        let real = self.real(now);
        let others = if self.whereabouts.shared { Others::Asked } else { Others::Nobody };
        match &mut self.leaving {
            Some(first) if real.since(first.at) < TWICE => {
                first.again = true;
                self.asked_twice()
            }
            _ => {
                self.leaving = Some(Leaving { at: real, others, again: false });
                self.say_what_stays(now);
                if others == Others::Asked { vec![Effect::WhoElse] } else { Vec::new() }
            }
        }
    }

    /// It is known how many other terminals show this screen, or that nobody can say.
    pub(super) fn others(&mut self, now: Time, count: Option<usize>) -> Vec<Effect> {
        let Some(first) = self.leaving.as_mut().filter(|first| first.others == Others::Asked) else {
            return Vec::new();
        };
        first.others = count.map_or(Others::Unknown, Others::Some);
        if first.again {
            return self.asked_twice();
        }
        self.say_what_stays(now);
        Vec::new()
    }

    /// The second Ctrl-C: leaves, waits to know who else is here, or asks because somebody is.
    fn asked_twice(&mut self) -> Vec<Effect> {
        match self.leaving.map(|first| first.others) {
            Some(Others::Asked) => Vec::new(),
            Some(Others::Some(count)) if count > 0 => {
                (self.leaving, self.notice) = (None, None);
                let below = match std::mem::take(&mut self.layer) {
                    // an armed act must not wait where nobody sees it
                    Layer::Confirm(_) => Layer::None,
                    layer => layer,
                };
                self.layer = Layer::Leave(Box::new(below), count);
                Vec::new()
            }
            _ => self.leave(),
        }
    }

    /// The answer to the question: only `y` leaves.
    pub(super) fn answered_leave(&mut self, now: Time, below: Layer, leaves: bool) -> Vec<Effect> {
        self.layer = below;
        if leaves {
            return self.leave();
        }
        if self.layer == Layer::None {
            self.hush = Some((now, String::new()));
        }
        Vec::new()
    }

    /// Leaves; what was typed and is not in the journal yet is kept.
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        let mut effects = self.unrecorded();
        effects.push(Effect::Quit);
        effects
    }

    /// Keeps the words that are not in the journal: those on their way into it, and those being typed.
    pub fn unrecorded(&mut self) -> Vec<Effect> {
        let mut effects = self.desk.keep();
        let typed = match &self.layer {
            Layer::Prompt(prompt) => prompt.typed(),
            Layer::Leave(below, _) => match below.as_ref() {
                Layer::Prompt(prompt) => prompt.typed(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        if !typed.is_empty() {
            effects.push(Effect::Keep(typed));
        }
        self.kept_words |= !effects.is_empty();
        effects
    }

    fn say_what_stays(&mut self, now: Time) {
        let words = self.what_stays(now);
        let until = now.plus(self.lasting(TWICE));
        self.notice = Some(Notice { words, bad: false, until });
    }

    /// What the first Ctrl-C says.
    fn what_stays(&self, now: Time) -> String {
        let others = self.leaving.map_or(Others::Nobody, |first| first.others);
        let again = match others {
            Others::Some(count) if count > 0 => {
                let terminals = counted(count as u64, "other terminal shows", "other terminals show");
                format!("{terminals} this screen: Ctrl-C again asks")
            }
            _ => "Ctrl-C again leaves".to_string(),
        };
        let mut words = vec![format!("{again}; {}.", self.standing_words(now))];
        if others == Others::Unknown {
            words.push("Whether others see this screen is not known.".into());
        }
        words.extend(self.on_the_way(now));
        words.extend(self.next_due(now));
        // the path that a finished drill is opened by would fill the footer; it is said on the ordinary screen
        if self.story_left(now) != Some(None) {
            words.push(format!("{}: {}", self.returning(now), self.again(now)));
        }
        words.join(" ")
    }

    /// What becomes of it when this screen closes.
    fn standing_words(&self, now: Time) -> String {
        let incident = &self.incident;
        match self.story_left(now) {
            _ if self.reading().is_some() => "the record is still being read".into(),
            Some(None) => "the drill is over and kept".into(),
            Some(Some(left)) => format!("the drill is kept; its story ends in {}", length(left)),
            None if incident.opened().is_none() => "no incident is declared".into(),
            None if !incident.is_open() => format!("incident {} is closed", incident.number()),
            None => "the incident goes on".into(),
        }
    }

    /// What leaving waits for, what it keeps and what it drops.
    fn on_the_way(&self, now: Time) -> Vec<String> {
        let mut words = Vec::new();
        let slow = self.desk.waiting().is_some_and(|(_, since)| now.since(since) > PATIENCE);
        if let Some(what) = self.unfinished().filter(|_| slow || self.acts_outside()) {
            words.push(format!("Under way: {what}; leaving waits for it, 5 s at most."));
        }
        match &self.layer {
            Layer::Prompt(prompt) if !prompt.typed().is_empty() => {
                words.push("What you are typing is kept in the drafts.".into());
            }
            Layer::Confirm(confirm) => words.push(format!("{} {} is not sent.", confirm.deed(), confirm.exact)),
            _ => {}
        }
        words
    }

    /// The most urgent thing that is owed. Of a restricted incident only its kind, because it is also said outside the program.
    fn next_due(&self, now: Time) -> Option<String> {
        let due = self.incident.due(&self.rules, now).into_iter().next()?;
        let what = match due.kind {
            DueKind::Promise if self.incident.is_restricted() => "a promise",
            DueKind::Task if self.incident.is_restricted() => "a task",
            _ => due.what.as_str(),
        };
        let clock = due.at.clock_minutes();
        Some(match due.is_overdue(now) {
            true => format!("Overdue {}: {clock} {what}.", length(now.since(due.at))),
            false => format!("Next due: {clock} {what}, in {}.", length(due.at.since(now))),
        })
    }

    /// How long a drill can be gone on with, in real time; nothing when it is finished, and none when this is no drill.
    fn story_left(&self, now: Time) -> Option<Option<Span>> {
        let place = self.whereabouts.drill.as_ref()?;
        let is_closed = self.incident.opened().is_some() && !self.incident.is_open();
        let left = self.real(place.ends).since(self.real(now));
        Some((!is_closed && now < place.ends).then_some(left))
    }

    fn returning(&self, now: Time) -> &'static str {
        match self.story_left(now) {
            Some(Some(_)) => "Go on with",
            Some(None) => "Look at it with",
            None => "Return with",
        }
    }

    /// The command that opens this again.
    pub fn again(&self, now: Time) -> String {
        let kept = &self.whereabouts;
        match (&kept.drill, self.story_left(now)) {
            (Some(place), Some(None)) => place.exactly.clone(),
            (None, _) if self.incident.opened().is_some() || self.reading().is_some() => {
                format!("{} -i {}", kept.again, self.incident.number())
            }
            _ => kept.again.clone(),
        }
    }

    /// What is said on the ordinary screen after leaving: what it was and how it stands, what is next, how to return, and where
    /// that is what was written.
    pub fn parting(&self, now: Time) -> Vec<String> {
        let incident = &self.incident;
        let drill = self.drill.as_ref().map(|drill| format!("DRILL {}. ", drill.scenario)).unwrap_or_default();
        let state = if self.reading().is_some() {
            format!("Incident {} was not read to its end here. Nothing was recorded.", incident.number())
        } else if incident.opened().is_none() {
            "No incident is declared.".into()
        } else {
            let phase = incident.phase().word().to_uppercase();
            let name = format!("Incident {}, {} {phase}", incident.number(), incident.severity());
            if incident.is_restricted() { format!("{name}.") } else { format!("{name}: {}.", incident.title()) }
        };
        let story = match self.story_left(now) {
            Some(Some(left)) => Some(format!("It is kept; its story ends in {}.", length(left))),
            Some(None) => Some("It is over, and kept.".into()),
            None => None,
        };
        let first: Vec<String> = [Some(drill + &state), self.next_due(now), story].into_iter().flatten().collect();
        let delete = self.whereabouts.drill.as_ref().and_then(|place| place.name.as_ref());
        let delete =
            delete.map(|name| format!("   Delete it with: quarterdeck drill --delete {name}")).unwrap_or_default();
        let mut lines = vec![first.join(" "), format!("{}: {}{delete}", self.returning(now), self.again(now))];
        lines.extend(self.exported.clone());
        if self.kept_words && !self.whereabouts.drafts.is_empty() {
            lines.push(format!("Words that were not recorded when you left: {}", self.whereabouts.drafts));
        }
        lines
    }

    /// The real moment at which this clock shows `at`.
    fn real(&self, at: Time) -> Time {
        self.drill.as_ref().map_or(at, |drill| drill.real(at))
    }
}

/// How long, as people say it.
fn length(span: Span) -> String {
    match (span.as_minutes(), span.as_seconds()) {
        (_, seconds @ ..120) => format!("{seconds} s"),
        (minutes @ ..120, _) => format!("{minutes} min"),
        (minutes @ ..2880, _) => format!("{} h", minutes / 60),
        (minutes, _) => format!("{} days", minutes / 1440),
    }
}
