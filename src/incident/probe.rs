//! Named conditions that are read before a deploy or a thaw and again after it has served: what was read, what several of them say together,
//! whether a gate opens, and whether a release is to be stopped. It must not know how anything is read.

use super::Incident;
use super::command::{Refusal, worded};
use super::entry::{Entry, EntryId};
use super::intent::{Act, Intended};
use super::serving::Ground;
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a condition was found to be. Worse is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Light {
    /// It holds.
    Green,
    /// Nobody could say: never good news.
    Unknown,
    /// It does not hold.
    Red,
}

impl Light {
    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Light::Green => "green",
            Light::Unknown => "unknown",
            Light::Red => "red",
        }
    }
}

/// Somebody read a probe. Where it is about an act, a hold or a change, that is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probed {
    /// The probe, by its configured name.
    pub probe: String,
    /// What it is an angle of ("artifact").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The place, or the pattern of places, that it speaks for.
    pub scope: String,
    /// What it was found to be.
    pub outcome: Light,
    /// What was seen, or why nobody could say.
    pub words: String,
    /// For how long it had served then, in seconds; none where nobody waited for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_s: Option<u64>,
    /// The entry that it was read after: a change, an act, a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EntryId>,
}

impl Probed {
    /// `api answers: green, 200` or `artifact, complete: red after serving for 5 min, 3 files are missing`.
    #[must_use]
    pub fn text(&self) -> String {
        let subject = self.subject.as_ref().map(|subject| format!("{subject}, ")).unwrap_or_default();
        let served = self.served_s.map(|s| format!(" after serving for {}", served(s))).unwrap_or_default();
        let words = if self.words.is_empty() { String::new() } else { format!(", {}", self.words) };
        format!("{subject}{}: {}{served}{words}", self.probe, self.outcome.word())
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        worded(&self.probe, "The probe")?;
        worded(&self.text(), "What was read")
    }
}

/// `40 s`, `5 min`.
#[must_use]
pub fn served(seconds: u64) -> String {
    if seconds < 120 || !seconds.is_multiple_of(60) { format!("{seconds} s") } else { format!("{} min", seconds / 60) }
}

/// A probe that was read just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When it was answered.
    pub at: Time,
    /// What was read.
    pub what: Probed,
}

/// What all of them say together: the worst of them. None says nothing, which is green: no condition was configured.
#[must_use]
pub fn together<'a>(readings: impl IntoIterator<Item = &'a Reading>) -> Light {
    readings.into_iter().map(|reading| reading.what.outcome).max().unwrap_or(Light::Green)
}

/// What is said of each subject, in order of its first angle: green only when every angle is. A probe without a subject is its own.
#[must_use]
pub fn subjects(readings: &[Reading]) -> Vec<(&str, Light)> {
    let mut order: Vec<&str> = Vec::new();
    let mut worst: BTreeMap<&str, Light> = BTreeMap::new();
    for Reading { what, .. } in readings {
        let subject = what.subject.as_deref().unwrap_or(&what.probe);
        let light = worst.entry(subject).or_insert_with(|| {
            order.push(subject);
            Light::Green
        });
        *light = (*light).max(what.outcome);
    }
    order.into_iter().filter_map(|subject| worst.get(subject).map(|light| (subject, *light))).collect()
}

/// What holds say of a place, as far as a gate asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing holds it, or a pass lets this build through.
    Open,
    /// It is held.
    Frozen,
    /// Nobody could say.
    Unknown,
}

/// What a gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may be released.
    Open,
    /// It may not: it is held, or a condition does not hold.
    Refused,
    /// Nobody can say whether it may.
    Unknown,
}

impl Gate {
    /// The exit code of a command that asks.
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Gate::Open => 0,
            Gate::Refused => 3,
            Gate::Unknown => 4,
        }
    }
}

/// Whether a gate opens, from holds and probes of its place. A no is a no, whatever else nobody could say; a pass opens holds and no probe.
#[must_use]
pub fn gate(held: Held, readings: &[Reading]) -> Gate {
    match (held, together(readings)) {
        (Held::Frozen, _) | (_, Light::Red) => Gate::Refused,
        (Held::Unknown, _) | (_, Light::Unknown) => Gate::Unknown,
        (Held::Open, Light::Green) => Gate::Open,
    }
}

/// Whether a release is to be stopped by itself because of what was read, and by which act.
///
/// It is, when the probe names a switch, was red (unknown is no reason) after serving for its whole soak, and was read after a change, an
/// act or a lift of its stream that is known; once for each of those, and not when somebody has acted on that switch since then, or asked
/// to: what people did since then knows more than we do. A stop is not answered by the same stop. The act is an intent like any other:
/// whoever decides it ([`Command::Trip`]) writes it down, carries it once and looks.
///
/// [`Command::Trip`]: super::command::Command::Trip
#[must_use]
pub fn trips(ground: &Ground<'_>, read: &Probed, target: &str, soak: Span) -> Option<Intended> {
    let Probed { probe, outcome, served_s, after, words, .. } = read;
    let served_s = served_s.filter(|served| i64::try_from(*served).is_ok_and(|s| s >= soak.as_seconds()))?;
    let after = (*after)?;
    let act = ground.intents.find(after);
    let since = ground.soaks.began(after).or_else(|| act.map(|act| act.at))?;
    let acted = ground.intents.all().iter().any(|act| act.what.target == target && act.at > since);
    let asked = ground.seconds.all().iter().any(|asked| asked.what.concerns(target) && asked.at > since);
    let is_itself = act.is_some_and(|act| act.what.target == target && act.what.act == Act::Stop);
    if *outcome != Light::Red || acted || asked || is_itself {
        return None;
    }
    let why = format!("{probe} is red after serving for {}: {words}", served(served_s));
    Some(Intended { act: Act::Stop, target: target.to_owned(), why, ..Intended::default() })
}

/// The newest answer of each probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    read: BTreeMap<String, (Time, Light)>,
}

impl Probes {
    pub(super) fn probed(&mut self, at: Time, fact: &Probed) {
        let known = self.read.entry(fact.probe.clone()).or_insert((at, fact.outcome));
        if known.0 <= at {
            *known = (at, fact.outcome);
        }
    }

    /// The newest recorded answer of a probe.
    #[must_use]
    pub fn newest(&self, probe: &str) -> Option<(Time, Light)> {
        self.read.get(probe).copied()
    }
}

impl Incident {
    pub(super) fn probed(&mut self, entry: &Entry, fact: &Probed) {
        self.probes.probed(entry.at, fact);
        self.soaks.probed(entry, fact);
    }

    /// What probes were found to be.
    #[must_use]
    pub fn probes(&self) -> &Probes {
        &self.probes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::change::Changed;
    use crate::incident::entry::Session;
    use crate::incident::fact::Fact;
    use proptest::prelude::*;

    fn reading(probe: &str, subject: Option<&str>, outcome: Light) -> Reading {
        let what = Probed {
            probe: probe.into(),
            subject: subject.map(str::to_owned),
            scope: "prod".into(),
            outcome,
            words: "3 files are missing".into(),
            served_s: None,
            after: None,
        };
        Reading { at: Time(0), what }
    }

    #[test]
    fn given_several_angles_when_told_then_a_subject_is_green_only_when_all_are() {
        let all = [
            reading("present", Some("artifact"), Light::Green),
            reading("alone", None, Light::Green),
            reading("signed", Some("artifact"), Light::Unknown),
        ];
        assert_eq!(subjects(&all), [("artifact", Light::Unknown), ("alone", Light::Green)]);
        assert_eq!(together(&all), Light::Unknown);
        assert_eq!(together(&[]), Light::Green);
    }

    #[test]
    fn given_holds_and_probes_when_a_gate_is_asked_then_a_no_is_a_no_and_unknown_is_never_open() {
        use Held::{Frozen, Open, Unknown};
        let one = |light| [reading("x", None, light)];
        for (held, light, exit) in [
            (Open, Light::Green, 0),
            (Open, Light::Red, 3),
            (Open, Light::Unknown, 4),
            (Frozen, Light::Green, 3),
            (Frozen, Light::Unknown, 3),
            (Unknown, Light::Green, 4),
            (Unknown, Light::Red, 3),
            (Unknown, Light::Unknown, 4),
        ] {
            assert_eq!(gate(held, &one(light)).exit(), exit, "{held:?} {light:?}");
        }
        assert_eq!(gate(Open, &[]), Gate::Open);
    }

    #[test]
    fn given_what_was_read_when_told_then_the_words_say_what_of_what_and_how_long() {
        let mut one = reading("complete", Some("artifact"), Light::Red).what;
        one.served_s = Some(300);
        assert_eq!(one.text(), "artifact, complete: red after serving for 5 min, 3 files are missing");
        one = Probed { subject: None, words: String::new(), served_s: Some(90), outcome: Light::Green, ..one };
        assert_eq!(one.text(), "complete: green after serving for 90 s");
    }

    fn entry(seq: u64, at: i64, fact: Fact) -> Entry {
        Entry {
            incident: 412,
            seq,
            id: EntryId::of(Session(1), seq),
            at: Time(at),
            recorded: Time(at),
            when: None,
            author: "Ana".into(),
            session: Session(1),
            fact,
        }
    }

    fn deployed() -> Incident {
        let mut incident = Incident::new(412);
        let deploy =
            Changed { what: "deploy".into(), subject: "api".into(), from: None, to: None, by: None, source: None };
        assert!(incident.apply(&entry(1, 100, deploy.into())));
        incident
    }

    fn trip(incident: &Incident, one: &Reading, soak: Span) -> Option<Intended> {
        trips(&incident.ground(), &one.what, "push", soak)
    }

    fn after_soak(outcome: Light) -> Reading {
        let mut one = reading("crashes", None, outcome);
        one.what.served_s = Some(300);
        one.what.after = Some(EntryId::of(Session(1), 1));
        one
    }

    #[test]
    fn given_a_red_probe_after_its_soak_when_judged_then_the_switch_is_stopped_once() {
        let soak = Span::minutes(5);
        let mut incident = deployed();
        let act = trip(&incident, &after_soak(Light::Red), soak).expect("it trips");
        assert_eq!((act.act, act.target.as_str()), (Act::Stop, "push"));
        assert_eq!(act.why, "crashes is red after serving for 5 min: 3 files are missing");
        assert!(incident.apply(&entry(2, 200, act.into())));
        assert_eq!(trip(&incident, &after_soak(Light::Red), soak), None, "it was asked for already");
    }

    #[test]
    fn given_anything_less_when_judged_then_nothing_is_stopped() {
        let (incident, soak) = (deployed(), Span::minutes(5));
        assert_eq!(trip(&incident, &after_soak(Light::Unknown), soak), None, "nobody could say");
        assert_eq!(trip(&incident, &after_soak(Light::Green), soak), None);
        let with = |change: &dyn Fn(&mut Reading)| {
            let mut one = after_soak(Light::Red);
            change(&mut one);
            trip(&incident, &one, soak)
        };
        assert_eq!(with(&|one| one.what.served_s = Some(299)), None, "too early");
        assert_eq!(with(&|one| one.what.served_s = None), None);
        assert_eq!(with(&|one| one.what.after = None), None, "after nothing");
        assert_eq!(with(&|one| one.what.after = Some(EntryId::of(Session(9), 9))), None, "after what nobody knows");
        let mut one = after_soak(Light::Red);
        one.what.served_s = Some(u64::MAX);
        assert_eq!(trip(&incident, &one, soak), None);
    }

    proptest! {
        #[test]
        fn a_gate_opens_only_when_everything_is_known_to_be_good(
            lights in prop::collection::vec(0_usize..3, 0..6), held in 0_usize..3,
        ) {
            let light = |n: usize| [Light::Green, Light::Unknown, Light::Red][n];
            let held = [Held::Open, Held::Frozen, Held::Unknown][held];
            let all: Vec<Reading> = lights.iter().map(|n| reading("x", None, light(*n))).collect();
            let is_good = held == Held::Open && all.iter().all(|one| one.what.outcome == Light::Green);
            prop_assert_eq!(gate(held, &all) == Gate::Open, is_good);
            let is_bad = held == Held::Frozen || all.iter().any(|one| one.what.outcome == Light::Red);
            prop_assert_eq!(gate(held, &all) == Gate::Refused, is_bad);
        }
    }
}
