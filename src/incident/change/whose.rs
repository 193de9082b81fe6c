//! Whose change it was: which switch it is of, and whether it is an act of ours, come back. It must not know how a switch is looked at.

use super::super::cadence::Rules;
use super::super::intent::{Act, Intent, Outcome};
use super::super::time::Span;
use super::super::tried::ANSWERS;
use super::{Changed, Reported};
use std::collections::BTreeMap;

/// How far a clock outside may be off ours when it reports what we did.
const SKEW: Span = Span::minutes(1);
/// How long after its end an act of ours may be reported by somebody else.
const ECHO: Span = Span::minutes(5);
/// How coarsely a disk may keep the time at which a file was written.
const GRAIN: Span = Span::seconds(2);
/// What stands before a switch's name where the source is that somebody looked at it.
const LOOKED: &str = "switch ";

/// How the source is called that is a switch which was looked at.
#[must_use]
pub fn looked(switch: &str) -> String {
    format!("{LOOKED}{switch}")
}

impl Changed {
    /// The switch that was looked at, where that is how it was found.
    pub(super) fn looked_at(&self) -> Option<&str> {
        self.source.as_deref()?.strip_prefix(LOOKED)
    }

    /// What was changed, without what was done with it.
    pub(super) fn whose(&self) -> &str {
        let end = [", ", ": "].iter().filter_map(|mark| self.subject.find(mark)).min();
        self.subject.get(..end.unwrap_or(self.subject.len())).unwrap_or(&self.subject)
    }

    /// It is a change of this switch: found by looking at it, told by its provider's record in the words of that record ([`Rules::audits`]), or
    /// said of its name.
    #[must_use]
    pub fn is_of(&self, switch: &str, audits: &BTreeMap<String, String>) -> bool {
        match self.looked_at() {
            Some(looked_at) => looked_at == switch,
            None => self.names(switch, audits),
        }
    }

    /// It speaks of what this switch turns, whichever switch was looked at.
    fn names(&self, switch: &str, audits: &BTreeMap<String, String>) -> bool {
        let whose = self.whose();
        whose == switch || (self.what == "flag" && audits.get(switch).is_some_and(|called| called == whose))
    }

    /// Its words speak of a switch in passing: they name none that is known, and do not say what it led to. Only whole words count.
    fn mentions(&self, switch: &str, audits: &BTreeMap<String, String>) -> bool {
        let known = audits.values().any(|called| called == self.whose());
        let words = |text: &str| {
            let words = text.split_whitespace().map(|word| word.trim_matches(MARKS).to_lowercase());
            format!(" {} ", words.collect::<Vec<_>>().join(" "))
        };
        !known && self.to.is_none() && words(&self.subject).contains(&words(switch))
    }

    /// It led to this value, as far as it says so.
    fn led_to(&self, value: &str) -> bool {
        let is = |word: &str| word.trim_matches(MARKS).to_lowercase() == value.to_lowercase();
        self.to.as_ref().map_or_else(|| self.subject.split_whitespace().any(is), |to| to == value)
    }
}

/// What stands around a word and is no part of it.
const MARKS: [char; 5] = ['"', '\'', ',', '.', ':'];

impl Reported {
    /// A file was written while an act of ours was under way that wrote it, as far as anybody knows.
    pub(super) fn is_written_by(&self, act: &Intent) -> bool {
        let wrote =
            act.what.serves() && act.end.as_ref().is_none_or(|end| end.outcome != Outcome::Refused && !end.idle);
        let end = act.end.as_ref().map_or(act.at.plus(ANSWERS), |end| end.at);
        wrote && self.at >= act.at.minus(GRAIN) && self.at <= end.plus(GRAIN)
    }

    /// It says that an act of ours was done.
    pub(super) fn echoes(&self, act: &Intent, rules: &Rules) -> bool {
        let end = act.end.as_ref().map(|end| end.at).max(act.seen.as_ref().map(|(at, ..)| *at));
        let inside = self.at >= act.at.minus(SKEW) && self.at <= end.unwrap_or(act.at).plus(ECHO);
        let not_ours = act.end.as_ref().is_some_and(|end| end.outcome == Outcome::Refused || end.idle);
        let Some(to) = act.what.to.as_deref().filter(|_| inside && !not_ours && act.what.act != Act::Publish) else {
            return false;
        };
        let (one, target) = (&self.change, &act.what.target);
        one.led_to(to) && (one.names(target, &rules.audits) || one.mentions(target, &rules.audits))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{EntryId, Session};
    use super::super::super::intent::{Intended, Intents, Settled};
    use super::super::super::time::Time;
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn change(subject: &str, to: Option<&str>, source: &str) -> Changed {
        Changed {
            what: "flag".into(),
            subject: subject.into(),
            from: None,
            to: to.map(Into::into),
            by: None,
            source: Some(source.into()),
        }
    }

    fn rules(audits: &[(&str, &str)]) -> Rules {
        let audits = audits.iter().map(|(name, called)| ((*name).to_string(), (*called).to_string()));
        Rules { audits: audits.collect(), ..Rules::default() }
    }

    /// We turned a switch off a minute ago.
    fn stopped(target: &str) -> Intents {
        let mut acts = Intents::default();
        let id = EntryId::of(Session(1), 1);
        let (from, to) = (Some("on".into()), Some("off".into()));
        let act = Intended { act: Act::Stop, target: target.into(), from, to, ..Intended::default() };
        acts.intended(id, Time(0), "Ana", Session(1), act);
        let value = Some("off".into());
        acts.settled(Time(0), &Settled { intent: id, outcome: Outcome::Done, value, ..Settled::default() });
        acts
    }

    fn is_ours(change: Changed, target: &str, rules: &Rules) -> bool {
        let one = Reported { at: Time(60_000_000), change, until: None, within: Span(0) };
        one.echoes(&stopped(target).all()[0], rules)
    }

    #[test]
    fn given_a_flag_that_is_called_otherwise_than_its_switch_when_its_record_tells_our_stop_then_it_is_ours() {
        let rules = rules(&[("signups", "new-registration in production"), ("web", "web in staging")]);
        let told = |subject: &str| is_ours(change(subject, Some("off"), "unleash"), "signups", &rules);
        assert!(told("new-registration in production"));
        assert!(told("new-registration in production, disabled") && told("signups"));
        assert!(!told("new-registration in staging") && !told("old-new-registration in production"));
        let words = |subject: &str| is_ours(change(subject, None, "launchdarkly"), "web", &rules);
        assert!(words("web in staging: turned off"));
        assert!(!is_ours(change("web in staging: turned off", None, "ld"), "staging", &rules), "it names another");
    }

    #[test]
    fn given_a_switch_whose_name_is_a_part_of_another_s_when_somebody_turns_that_one_then_it_is_theirs() {
        let none = rules(&[]);
        for (subject, to) in [("api-v2", Some("off")), ("apis", Some("off")), ("flag api-v2: on -> off", None)] {
            assert!(!is_ours(change(subject, to, "flags"), "api", &none), "{subject}");
        }
        assert!(is_ours(change("api", Some("off"), "flags"), "api", &none));
        assert!(is_ours(change("flag Api: on -> off", None, "markers"), "api", &none), "who names none may say so");
        let both = rules(&[("api", "api in production"), ("api-v2", "api-v2 in production")]);
        assert!(!is_ours(change("api-v2 in production", Some("off"), "unleash"), "api", &both));
        let elsewhere = change("api-v2 in production", Some("off"), &looked("api-v2"));
        assert!(!is_ours(elsewhere, "api", &both));
    }

    #[test]
    fn given_a_change_when_asked_whose_then_looking_names_one_switch_and_a_record_its_flag() {
        let audits = rules(&[("signups", "flag in production"), ("trial", "flag in staging")]).audits;
        let seen = change("flag in production", Some("off"), &looked("signups"));
        assert!(seen.is_of("signups", &audits) && !seen.is_of("trial", &audits) && !seen.is_of("flag", &audits));
        let told = change("flag in staging, disabled", Some("off"), "unleash");
        assert!(told.is_of("trial", &audits) && !told.is_of("signups", &audits));
        let deploy = Changed { what: "deploy".into(), ..told };
        assert!(!deploy.is_of("trial", &audits), "a record of flags tells of flags");
        assert!(change("trial", None, "flags").is_of("trial", &audits), "by its name");
        assert!(seen.is_of("signups", &BTreeMap::new()), "found by looking, whatever is configured");
    }

    proptest! {
        #[test]
        fn whatever_switches_are_called_a_change_of_one_is_never_taken_for_an_act_on_another(
            one in "[a-c]{1,3}(-[a-c])?", other in "[a-c]{1,3}(-[a-c])?", audited: bool,
        ) {
            let record = |name: &str| format!("{name} in production");
            let called = [(one.as_str(), record(&one)), (other.as_str(), record(&other))];
            let audits: Vec<(&str, &str)> = called.iter().map(|(name, called)| (*name, called.as_str())).collect();
            let rules = if audited { rules(&audits) } else { rules(&[]) };
            let subject = if audited { record(&one) } else { one.clone() };
            let told = change(&subject, Some("off"), "unleash");
            prop_assert_eq!(told.is_of(&other, &rules.audits), one == other);
            prop_assert_eq!(is_ours(told, &other, &rules), one == other);
            let seen = change(&subject, Some("off"), &looked(&one));
            prop_assert_eq!(seen.is_of(&other, &rules.audits), one == other);
            prop_assert!(seen.is_of(&one, &BTreeMap::new()));
        }
    }
}
