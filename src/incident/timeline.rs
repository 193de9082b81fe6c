//! What a person reads about an entry: a label, words, and what stands at the right edge. It must not know how wide a line is.

use super::Incident;
use super::alert::Urgency;
use super::change::reporter;
use super::entry::{Entry, EntryId};
use super::fact::Fact;
use super::hold;
use super::intent::{Act, Outcome};
use super::marker::Marker;
use super::phase::Phase;
use super::probe::Light;
use super::ran;
use super::second::Asked;
use super::severity::Severity;
use super::time::Time;
use super::told::What;
use super::tried::{End, Tried};

/// How much an entry matters at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It turns the response: declared, a phase, a decision, an act, words for the public.
    Turning,
    /// It belongs to the record.
    Plain,
    /// Bookkeeping.
    Quiet,
    /// Something went wrong or is not known.
    Alarming,
}

/// An entry in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of thing ("note", "decided", "acted").
    pub label: &'static str,
    /// Who it is ascribed to; empty when nobody in particular.
    pub who: String,
    /// The words; may have several lines.
    pub text: String,
    /// What stands at the right edge: where it comes from, how long it took.
    pub aside: String,
    /// How much it matters.
    pub weight: Weight,
}

impl Incident {
    /// An entry in words, with what was said about it later.
    pub fn line(&self, entry: &Entry) -> Line {
        let mut line = self.original(entry);
        if let Some(overlay) = self.correction(entry.id) {
            if let Some(text) = &overlay.text {
                line.text = match &entry.fact {
                    Fact::Declared(f) => self.declaration(entry, f.severity, text),
                    _ => text.clone(),
                };
            }
            line.aside = match (overlay.struck, stands(&entry.fact) && !line.aside.is_empty()) {
                (true, _) => "struck".into(),
                (false, true) => format!("{}, corrected", line.aside),
                (false, false) => "corrected".into(),
            };
            if overlay.struck {
                line.weight = Weight::Quiet;
            }
        }
        line
    }

    /// An entry in words as it was recorded, whatever was said about it later.
    pub fn original(&self, entry: &Entry) -> Line {
        let author = entry.author.to_string();
        let line = |label: &'static str, text: String, weight: Weight| Line {
            label,
            who: author.clone(),
            text,
            aside: String::new(),
            weight,
        };
        let or_nobody = |name: &Option<String>| name.clone().unwrap_or_else(|| "nobody yet".into());
        match &entry.fact {
            Fact::Declared(f) => {
                let aside = f.detected_by.as_ref().map(|by| format!("noticed by {by}")).unwrap_or_default();
                let text = self.declaration(entry, f.severity, &f.title);
                Line { aside, ..line("declared", text, Weight::Turning) }
            }
            Fact::Joined(f) => Line { who: f.person.clone(), ..line("joined", "is here".into(), Weight::Quiet) },
            Fact::Folded(f) => line("folded", format!("goes on as incident {}", f.into), Weight::Turning),
            Fact::Noted(f) => {
                let aside = if f.pinned { "pinned".into() } else { String::new() };
                Line { aside, ..line("note", f.text.clone(), Weight::Plain) }
            }
            Fact::Decided(f) => {
                let serves = f.serves.map(|rank| format!("serves {rank}")).unwrap_or_default();
                Line { aside: serves, ..line("decided", f.text.clone(), Weight::Turning) }
            }
            Fact::Asked(f) => {
                let open = self.questions().find(entry.id).is_none_or(|q| q.answer.is_none());
                let aside = if open { "open" } else { "answered" };
                let of = f.of.as_ref().map(|of| format!("{of}: ")).unwrap_or_default();
                Line { aside: aside.into(), ..line("question", format!("{of}{}", f.text), Weight::Plain) }
            }
            Fact::Answered(f) => {
                let question = self.questions().find(f.question).map(|q| format!("question {}: ", q.number));
                line("answer", format!("{}{}", question.unwrap_or_default(), f.text), Weight::Plain)
            }
            Fact::Impact(f) => line("impact", super::impact::sentence(f), Weight::Turning),
            Fact::Changed(f) => {
                // whoever wrote down what a source reports did not do it
                let unsaid = || if reporter(entry, f).is_some() { String::new() } else { author.clone() };
                let who = f.by.clone().unwrap_or_else(unsaid);
                let ended = self.runs().of(entry.id);
                let aside = match (ended, f.source.as_deref()) {
                    (Some(ended), _) => ended.words(),
                    (None, Some(ran::RUN)) => "no end yet".into(),
                    (None, source) => source.map(|s| format!("from {s}")).unwrap_or_default(),
                };
                let failed = ended.is_some_and(|ended| !ended.is_well());
                let weight = if failed { Weight::Alarming } else { Weight::Turning };
                Line { who, aside, ..line("change", f.words(), weight) }
            }
            Fact::Ran(f) => {
                let what = "a command that is not in this record";
                let failed = !f.ended().is_well();
                let weight = if failed { Weight::Alarming } else { Weight::Quiet };
                Line { aside: f.ended().words(), ..line("ran", what.into(), weight) }
            }
            Fact::Probed(f) => {
                let weight = match f.outcome {
                    Light::Green => Weight::Plain,
                    Light::Unknown | Light::Red => Weight::Alarming,
                };
                let late = self.soaks().find(entry.id).map(|answer| answer.late.as_minutes()).filter(|late| *late > 0);
                let late = late.map(|late| format!(", {late} min late")).unwrap_or_default();
                Line { aside: format!("of {}{late}", f.scope), ..line("probe", f.text(), weight) }
            }
            Fact::ProbeAsked(f) => line("probe", format!("asks {} after its soak", f.probe), Weight::Quiet),
            Fact::Linked(f) => line("link", format!("{} {}", f.to.word(), f.address), Weight::Quiet),
            Fact::SeverityChanged(f) => line("severity", with_why(f.severity.shown(), &f.why), Weight::Turning),
            Fact::PhaseChanged(f) => {
                let label = if f.phase == Phase::Investigating { "reopened" } else { "phase" };
                line(label, with_why(f.phase.word(), &f.why), Weight::Turning)
            }
            Fact::Milestone(f) => {
                let aside = if f.from.is_empty() { String::new() } else { format!("from {}", f.from) };
                Line { who: String::new(), aside, ..line(f.milestone.word(), f.what.clone(), Weight::Turning) }
            }
            Fact::RoleTaken(f) => {
                Line { who: f.person.clone(), ..line("role", format!("is {}", f.role.word()), Weight::Plain) }
            }
            Fact::RoleOffered(f) => line("role", format!("offers {} to {}", f.role.word(), f.to), Weight::Plain),
            Fact::RoleDeclined(f) => {
                Line { who: f.by.clone(), ..line("role", format!("declines {}", f.role.word()), Weight::Plain) }
            }
            Fact::RoleLeft(f) => line("role", format!("nobody is {} now", f.role.word()), Weight::Plain),
            Fact::GoalRanked(f) if f.text.is_empty() => line("goal", format!("{} is free", f.rank), Weight::Quiet),
            Fact::GoalRanked(f) => line("goal", format!("{} {}", f.rank, with_why(&f.text, &f.why)), Weight::Quiet),
            Fact::TaskOpened(f) => {
                let due = f.due.map(|d| format!(", by {}", d.beside(entry.at))).unwrap_or_default();
                let label = if f.undo { "to undo" } else { "task" };
                line(label, format!("{} ({}{due})", f.text, or_nobody(&f.owner)), Weight::Plain)
            }
            Fact::TaskDone(f) => line("done", with_why(&self.task_words(f.task), &f.result), Weight::Plain),
            Fact::TaskDropped(f) => line("dropped", with_why(&self.task_words(f.task), &f.why), Weight::Plain),
            Fact::TaskReopened(f) => line("task", format!("open again: {}", self.task_words(f.task)), Weight::Plain),
            Fact::CheckedIn(f) => {
                let answered = if f.answered.is_empty() { String::new() } else { f.answered.join(", ") };
                let text = [answered, f.note.clone()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>();
                let text = if text.is_empty() { "asked the team".into() } else { text.join(": ") };
                let aside = f.slot.map(|s| format!("for {}", s.beside(entry.at))).unwrap_or_default();
                Line { aside, ..line("check-in", text, Weight::Plain) }
            }
            Fact::CheckInSkipped(f) => {
                line("check-in", with_why(&format!("{} left out", f.slot.beside(entry.at)), &f.why), Weight::Plain)
            }
            Fact::Updated(f) => {
                let label = if f.audience == super::promise::Audience::Public { "public" } else { "internal" };
                let next = f.next.map(|n| format!(" Next update by {} UTC.", n.beside(entry.at))).unwrap_or_default();
                let update = self.promises().update(entry.id);
                let aside = match update.map(|u| (u.told(), u.sends.is_empty())) {
                    Some((Some(_), true)) | None => "sent nowhere".into(),
                    Some((Some(told), false)) => format!("visible {}", told.clock()),
                    Some((None, _)) => "not visible".into(),
                };
                Line { aside, ..line(label, format!("\"{}\"{next}", f.text), Weight::Turning) }
            }
            Fact::Promised(f) => {
                let owner = f.owner.as_ref().map(|o| format!(" ({o})")).unwrap_or_default();
                let text = format!("{} to {} by {}{owner}", f.what, f.to, f.by.beside(entry.at));
                line("promise", text, Weight::Plain)
            }
            Fact::PromiseKept(f) => {
                line("kept", with_why(&self.promise_words(f.promise, entry.at), &f.how), Weight::Plain)
            }
            Fact::PromiseWithdrawn(f) => line(
                "promise",
                with_why(&format!("called off: {}", self.promise_words(f.promise, entry.at)), &f.why),
                Weight::Plain,
            ),
            Fact::Intended(f) => {
                let aside = self.intents().find(entry.id).map_or_else(String::new, how_it_stands);
                let unsure = self.intents().find(entry.id).is_some_and(|i| i.is_unsure());
                let weight = if unsure { Weight::Alarming } else { Weight::Turning };
                if f.act == Act::Publish {
                    let weight = if unsure { Weight::Alarming } else { Weight::Quiet };
                    return Line { aside, ..line("send", format!("update to {}", f.target), weight) };
                }
                let values = match (&f.from, &f.to) {
                    _ if f.whom.is_some() || f.share.is_some() => String::new(),
                    (Some(from), Some(to)) => format!(": {from} -> {to}"),
                    (None, Some(to)) => format!(": serve {to}"),
                    _ => String::new(),
                };
                let confirmed = f.confirms.and_then(|id| self.seconds().find(id));
                let confirmed = confirmed.map(|asked| format!(", asked for by {}", asked.by)).unwrap_or_default();
                let alone = if f.glass { " ALONE, without the second person" } else { "" };
                let besides = f.besides(entry.at);
                let words = format!("{} {}{values}{alone}{confirmed}{besides}", f.deed(), f.target);
                Line { aside, ..line("acted", with_why(&words, &f.why), weight) }
            }
            Fact::ActAsked(f) => {
                let aside = self.seconds().find(entry.id).map(Asked::words).unwrap_or_default();
                Line { aside, ..line("asked", with_why(&f.words(entry.at), &f.why), Weight::Turning) }
            }
            Fact::ActWithdrawn(f) => line("asked", with_why(&self.seconds().ended_words(f), &f.why), Weight::Quiet),
            Fact::EndMoved(f) => line("end", self.end_words(f, entry.at), Weight::Turning),
            Fact::MarkerIntended(f) => {
                let marker = self.markers().find(entry.id);
                let aside = marker.map_or_else(String::new, how_it_stands);
                let (text, weight) = match marker.and_then(Marker::failed) {
                    Some(failed) => (failed, Weight::Plain),
                    None => (format!("at {}: {}", f.target, f.words), Weight::Quiet),
                };
                Line { aside, ..line("marker", text, weight) }
            }
            Fact::Settled(f) => {
                let intent = self.intents().find(f.intent);
                let marker = self.markers().find(f.intent);
                let what = match (intent, marker) {
                    (Some(i), _) => format!("{} {}", i.what.deed(), i.what.target),
                    (None, Some(m)) => format!("marker at {}", m.what.target),
                    (None, None) => "an act".into(),
                };
                let asked = intent.map(|i| i.at).or(marker.map(|m| m.at));
                let took = asked.map(|asked| took(asked, entry.at)).unwrap_or_default();
                let weight = match f.outcome {
                    Outcome::Done => Weight::Quiet,
                    Outcome::Refused | Outcome::Unsure if marker.is_some() => Weight::Plain,
                    Outcome::Refused | Outcome::Unsure => Weight::Alarming,
                };
                // what went well needs no words here; the details have them
                let detail = if f.outcome == Outcome::Done && !f.idle { "" } else { &f.detail };
                let text = with_why(&format!("{what} {}", f.outcome.word()), detail);
                Line { aside: took, ..line("outcome", text, weight) }
            }
            Fact::Seen(f) if f.intent.is_some_and(|id| self.markers().find(id).is_some()) => {
                let there = if f.value.is_empty() { "no marker" } else { "marker" };
                let text = with_why(&format!("{there} at {}", f.target), &f.detail);
                Line { who: String::new(), ..line("seen", text, Weight::Plain) }
            }
            Fact::Seen(f) => {
                let took = f.intent.and_then(|id| self.intents().find(id)).map(|i| took(i.at, entry.at));
                let text = with_why(&format!("{} serves {}", f.target, f.value), &f.detail);
                let weight = if f.is_half() { Weight::Alarming } else { Weight::Turning };
                Line { who: String::new(), aside: took.unwrap_or_default(), ..line("seen", text, weight) }
            }
            Fact::BurnNoted(f) => {
                let left = format!("{} {} left of the budget", f.slo, percent(f.remaining_ppm));
                let rate = f.burn_1h_milli.map(|m| format!(", burning {}x in 1 h", rate(m))).unwrap_or_default();
                let state = if f.state == "value" { String::new() } else { format!(", {}", f.state) };
                Line { aside: f.why.clone(), ..line("burn", format!("{left}{rate}{state}"), Weight::Plain) }
            }
            Fact::ChartPinned(f) => Line { aside: "pinned".into(), ..line("burn", f.words(entry.at), Weight::Plain) },
            Fact::Alerted(f) => {
                let weight = match (f.ended, f.urgency) {
                    (true, _) => Weight::Plain,
                    (false, Urgency::Page) => Weight::Alarming,
                    (false, Urgency::Ticket) => Weight::Turning,
                };
                Line { who: String::new(), ..line("alert", f.said(), weight) }
            }
            Fact::Marked(f) => {
                line("mark", if f.text.is_empty() { "this moment".into() } else { f.text.clone() }, Weight::Plain)
            }
            Fact::Corrected(f) => {
                let what = match (f.struck, &f.text, f.at) {
                    (true, ..) => "struck an entry".to_string(),
                    (_, Some(text), _) => format!("now reads \"{text}\""),
                    (_, None, Some(at)) => format!("happened at {}", at.clock()),
                    (_, None, None) => "corrected an entry".into(),
                };
                line("correct", with_why(&what, &f.why), Weight::Quiet)
            }
            Fact::HoldTold(f) => {
                let weight = if f.owes.is_some() { Weight::Alarming } else { Weight::Turning };
                Line { who: f.by.clone(), ..line(f.what.word(), f.words.clone(), weight) }
            }
            Fact::HoldPlaced(f) => {
                let until = hold::until_words(f.until, entry.at);
                let text = format!("{}: {}{until}", f.scope, f.why);
                Line { aside: f.name.clone().unwrap_or_default(), ..line(What::Frozen.word(), text, Weight::Turning) }
            }
            Fact::HoldLifted(f) => line(What::Lifted.word(), hold::lifted_words(f), Weight::Turning),
            Fact::LiftAsked(f) => line(What::LiftAsked.word(), f.words(None), Weight::Turning),
            Fact::LiftWithdrawn(f) => line(What::LiftWithdrawn.word(), f.words(), Weight::Quiet),
            Fact::HoldReviewed(f) => line(What::Reviewed.word(), hold::reviewed_words(f), Weight::Turning),
            Fact::PassGranted(f) => {
                let until = hold::until_words(f.until, entry.at);
                let text = format!("{} may go to {}: {}{until}", f.reference, f.scope, f.why);
                line(What::Passed.word(), text, Weight::Turning)
            }
            Fact::PassBound(f) => line(What::Passed.word(), hold::bound_words(f), Weight::Turning),
            Fact::PassWithdrawn(f) => line(What::Withdrawn.word(), hold::withdrawn_words(f), Weight::Turning),
            Fact::Rehearsed(f) => line("drill", f.scenario.clone(), Weight::Quiet),
            Fact::ClockMoved(f) => {
                line("clock", with_why(&format!("moved to {}", f.to.clock()), &f.why), Weight::Quiet)
            }
            Fact::Unknown(f) => line("unknown", format!("{} (written by a later version)", f.kind), Weight::Quiet),
        }
    }

    /// A declaration in words; who commands is said with it when both were said in one breath.
    fn declaration(&self, entry: &Entry, severity: Severity, title: &str) -> String {
        let commands =
            if self.says_who_commands(entry.id) { format!("; {} commands", entry.author) } else { String::new() };
        format!("{severity}: {title}{commands}")
    }
    fn task_words(&self, id: EntryId) -> String {
        self.tasks().find(id).map_or_else(|| "a task".into(), |t| t.what.text.clone())
    }
    fn promise_words(&self, id: EntryId, beside: Time) -> String {
        self.promises().find(id).map_or_else(
            || "a promise".into(),
            |p| format!("{} to {} by {}", p.what.what, p.what.to, p.what.by.beside(beside)),
        )
    }
}

/// What stands at its right edge says how it stands now, by later entries.
pub fn stands(fact: &Fact) -> bool {
    match fact {
        Fact::Changed(f) => f.source.as_deref() == Some(ran::RUN),
        Fact::Asked(_) | Fact::Updated(_) | Fact::Intended(_) | Fact::MarkerIntended(_) => true,
        _ => false,
    }
}

/// An act's outcome, or that there is none.
fn how_it_stands<W>(intent: &Tried<W>) -> String {
    let word = |value: &str| if value.is_empty() { "not seen" } else { "seen" };
    let seen = intent.seen.as_ref().map(|(at, value, _)| format!("{} {}", word(value), at.clock()));
    match (&intent.end, seen) {
        (_, Some(seen)) if intent.is_half() => format!("{}, {seen}", super::sought::HALF),
        (None, None) => "asked, no answer yet".into(),
        (None, Some(seen)) => format!("no answer, {seen}"),
        (Some(End { outcome: Outcome::Unsure, at, .. }), None) => format!("UNSURE since {}", at.clock()),
        (Some(End { outcome: Outcome::Unsure, at, .. }), Some(seen)) => format!("unsure {}, {seen}", at.clock()),
        (Some(end), _) => format!("{} {}", if end.idle { "so already" } else { end.outcome.word() }, end.at.clock()),
    }
}

fn with_why(what: &str, why: &str) -> String {
    match (what.is_empty(), why.is_empty()) {
        (_, true) => what.to_string(),
        (true, false) => why.to_string(),
        _ => format!("{what}: {why}"),
    }
}

fn took(from: Time, to: Time) -> String {
    let seconds = to.since(from).as_seconds();
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s} s after asking"),
        (m, 0) => format!("{m} min after asking"),
        (m, s) => format!("{m} min {s} s after asking"),
    }
}

/// Parts per million as a percentage with one digit: `800000` is `80.0 %`. Rounds towards zero, so that nothing is claimed.
pub fn percent(ppm: i64) -> String {
    let tenths = (ppm / 1000).unsigned_abs();
    let sign = if ppm < 0 { "-" } else { "" };
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

/// A burn rate in thousandths as people say it, to the nearest: `14400` is `14.4`, `3360` is `3.4`, `333000` is `333`.
pub fn rate(milli: u64) -> String {
    let tenths = milli.saturating_add(50) / 100;
    match milli.is_multiple_of(1000) {
        false if tenths < 1000 => format!("{}.{}", tenths / 10, tenths % 10),
        _ => format!("{}", milli.saturating_add(500) / 1000),
    }
}

#[cfg(test)]
mod tests;
