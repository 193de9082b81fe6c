//! What can have happened: the table of facts, past tense, flat and for ever. It must not know how a fact changes anything.
//!
//! A kind's fields are frozen by the release that ships it: a new field is a new kind. A kind or a field we do not know is kept
//! verbatim as [`Fact::Unknown`].

use super::{
    alert, burn, change, checkin, declare, ending, goal, impact, intent, phase, pinned, probe, question, ran, record,
    rehearsal, roster, second, severity, soak,
};
use super::{hold, lifting, marker, promise, task, told};

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident $kind:literal = $of:path;)*) => {
        /// One fact. Its kind stands outside its text, so that a list of incidents need not read every text.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $name(Box<$of>),)*
            /// A kind, or fields of a kind, that this program does not know: kept as it was read.
            Unknown(Box<Unread>),
        }

        $(impl From<$of> for Fact {
            fn from(fact: $of) -> Fact {
                Fact::$name(Box::new(fact))
            }
        })*

        impl Fact {
            /// Every kind this program knows, in the order of the table.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The kind, as it stands in the journal.
            pub fn kind(&self) -> &str {
                match self {
                    $(Fact::$name(_) => $kind,)*
                    Fact::Unknown(unread) => &unread.kind,
                }
            }

            /// The text of the fact, one flat JSON object; what was read verbatim is given back verbatim.
            pub fn encode(&self) -> String {
                match self {
                    // serializing our own flat structs into memory cannot fail; an empty object would be kept as unknown
                    $(Fact::$name(fact) => serde_json::to_string(fact).unwrap_or_else(|_| String::from("{}")),)*
                    Fact::Unknown(unread) => unread.text.to_string(),
                }
            }

            /// Reads a fact; whatever cannot be read is kept verbatim.
            pub fn decode(kind: &str, text: &str) -> Fact {
                let read = match kind {
                    $($kind => serde_json::from_str::<$of>(text).ok().map(Fact::from),)*
                    _ => None,
                };
                read.unwrap_or_else(|| Fact::Unknown(Box::new(Unread { kind: kind.into(), text: text.into() })))
            }
        }
    };
}

facts! {
    /// Somebody said that this is an incident.
    Declared "declared" = declare::Declared;
    /// Somebody came into the room.
    Joined "joined" = record::Joined;
    /// This incident turned out to be another one.
    Folded "folded" = record::Folded;
    /// Somebody wrote something down.
    Noted "noted" = record::Noted;
    /// The commander decided.
    Decided "decided" = record::Decided;
    /// Somebody asked.
    Asked "asked" = question::Asked;
    /// A question got its answer.
    Answered "answered" = question::Answered;
    /// Who is hurt, and how.
    Impact "impact" = impact::ImpactStated;
    /// Something changed in the world.
    Changed "changed" = change::Changed;
    /// A command ended that made a change.
    Ran "ran" = ran::Ran;
    /// A named condition was read.
    Probed "probed" = probe::Probed;
    /// A run of the program asks a probe after its soak.
    ProbeAsked "probe-asked" = soak::ProbeAsked;
    /// Where people meet, talk or write.
    Linked "linked" = record::Linked;
    /// How bad it is was said anew.
    SeverityChanged "severity" = severity::SeverityChanged;
    /// Where the response stands was said anew.
    PhaseChanged "phase" = phase::PhaseChanged;
    /// A milestone has its time.
    Milestone "milestone" = phase::MilestoneReached;
    /// Somebody holds a role.
    RoleTaken "role-taken" = roster::RoleTaken;
    /// A role was offered to somebody.
    RoleOffered "role-offered" = roster::RoleOffered;
    /// An offered role was not taken.
    RoleDeclined "role-declined" = roster::RoleDeclined;
    /// Somebody gave a role up.
    RoleLeft "role-left" = roster::RoleLeft;
    /// What the response protects, in order.
    GoalRanked "goal" = goal::GoalRanked;
    /// Work has an owner and a time box.
    TaskOpened "task-opened" = task::TaskOpened;
    /// Work is done.
    TaskDone "task-done" = task::TaskDone;
    /// Work is not done and will not be.
    TaskDropped "task-dropped" = task::TaskDropped;
    /// Work thought to be finished is not.
    TaskReopened "task-reopened" = task::TaskReopened;
    /// The commander asked the team for status.
    CheckedIn "checked-in" = checkin::CheckedIn;
    /// A check-in was left out on purpose.
    CheckInSkipped "check-in-skipped" = checkin::CheckInSkipped;
    /// Text for the public, or for the company, was settled.
    Updated "updated" = promise::Updated;
    /// Somebody was promised something by a time.
    Promised "promised" = promise::Promised;
    /// A promise was kept.
    PromiseKept "promise-kept" = promise::PromiseKept;
    /// A promise was called off, with the reason.
    PromiseWithdrawn "promise-withdrawn" = promise::PromiseWithdrawn;
    /// Somebody asked for an act that needs a second person.
    ActAsked "act-asked" = second::ActAsked;
    /// Whoever asked for such an act does not want it any more.
    ActWithdrawn "act-withdrawn" = second::ActWithdrawn;
    /// An act on the outside, written down before it is tried.
    Intended "intended" = intent::Intended;
    /// An act on the outside is to end later than was asked for.
    EndMoved "end-moved" = ending::EndMoved;
    /// A marker on others' graphs, written down before it is set.
    MarkerIntended "marker-intended" = marker::MarkerIntended;
    /// How an act on the outside or a marker ended.
    Settled "settled" = intent::Settled;
    /// What the outside was seen to be.
    Seen "seen" = intent::Seen;
    /// How fast the error budget burned, kept as evidence.
    BurnNoted "burn" = burn::BurnNoted;
    /// Somebody pinned what the chart showed.
    ChartPinned "chart-pinned" = pinned::ChartPinned;
    /// A condition on the error budget began or ceased to hold.
    Alerted "alerted" = alert::Alerted;
    /// Somebody marked a moment or an entry.
    Marked "marked" = record::Marked;
    /// An earlier entry is wrong in one point; the original stays.
    Corrected "corrected" = record::Corrected;
    /// This journal is a drill, with its own clock.
    Rehearsed "rehearsed" = rehearsal::Rehearsed;
    /// The drill's clock was moved on.
    ClockMoved "clock-moved" = rehearsal::ClockMoved;
    /// Releases are held.
    HoldPlaced "hold-placed" = hold::HoldPlaced;
    /// A hold was lifted before its end.
    HoldLifted "hold-lifted" = hold::HoldLifted;
    /// Somebody asked to lift a hold, which needs a second person.
    LiftAsked "lift-asked" = lifting::LiftAsked;
    /// Whoever asked to lift a hold does not want it any more.
    LiftWithdrawn "lift-withdrawn" = lifting::LiftWithdrawn;
    /// The review that lifting a hold owed is there.
    HoldReviewed "hold-reviewed" = hold::HoldReviewed;
    /// One build may pass every hold.
    PassGranted "pass-granted" = hold::PassGranted;
    /// One build may pass the holds that stood then.
    PassBound "pass-bound" = hold::PassBound;
    /// A pass no longer lets anything through.
    PassWithdrawn "pass-withdrawn" = hold::PassWithdrawn;
    /// What was done about releases, told in the stream of the incident that was open.
    HoldTold "hold-told" = told::HoldTold;
}

/// What was read and not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The kind it claims to be.
    pub kind: Box<str>,
    /// Its text, untouched.
    pub text: Box<str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_we_do_not_know_is_kept_verbatim() {
        let text = r#"{"depth":3,  "why":"later release"}"#;
        let fact = Fact::decode("dived", text);
        assert_eq!(fact.kind(), "dived");
        assert_eq!(fact.encode(), text);
    }

    #[test]
    fn a_field_we_do_not_know_is_kept_verbatim() {
        let text = r#"{"text":"x","colour":"red"}"#;
        let fact = Fact::decode("noted", text);
        assert!(matches!(fact, Fact::Unknown(_)), "{fact:?}");
        assert_eq!((fact.kind(), fact.encode().as_str()), ("noted", text));
    }

    #[test]
    fn kinds_are_unique() {
        let mut kinds = Fact::KINDS.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), Fact::KINDS.len());
    }

    #[test]
    fn an_entry_in_memory_stays_small() {
        assert_eq!(size_of::<Fact>(), 16);
        assert!(size_of::<crate::incident::entry::Entry>() <= 104);
    }
}
