//! What switches are asked for and seen to serve, in words.

use super::*;
use crate::incident::entry::Session;

#[test]
fn a_share_is_read_as_people_write_it_and_nothing_else_is() {
    let said = |text: &str| Share::parse(text).map(|share| (share.milli(), share.to_string()));
    assert_eq!(said("5"), Some((5_000, "5 %".into())));
    assert_eq!(said(" 2.5 %"), Some((2_500, "2.5 %".into())));
    assert_eq!(said("0.125"), Some((125, "0.125 %".into())));
    assert_eq!(said("100"), Some((100_000, "100 %".into())));
    for text in ["150", "100.001", "-1", "+5", "", "%", "5.", ".5", "1.2345", "1e1", "five", "99999999999"] {
        assert_eq!(said(text), None, "{text}");
    }
    assert_eq!((Share(2_500).whole(), Share(5_000).whole()), (None, Some(5)));
}

#[test]
fn a_context_has_a_kind_and_a_key() {
    let said = |text: &str| Whom::parse(text, "user").map(|whom| whom.to_string());
    assert_eq!(said("alice"), Some("user alice".into()));
    assert_eq!(said("customer:urn:acme"), Some("customer urn:acme".into()));
    assert_eq!(said("customer:acme"), Some("customer acme".into()));
    for text in ["", ":acme", "customer:", "a\u{1b}b", " alice"] {
        assert_eq!(said(text), None, "{text}");
    }
}

#[test]
fn what_is_stopped_has_a_word_and_a_share_of_nobody_is_no_share() {
    let sight = |level, share| Sight { value: "false".into(), level, share, ..Sight::default() };
    let off = sight(Level::Off, Some(Share::NOBODY));
    assert_eq!((off.standing(), off.served(None)), (Some("STOPPED"), "false".to_owned()));
    let kill = Sight { value: "true".into(), level: Level::Off, ..Sight::default() };
    assert_eq!((kill.standing(), kill.served(None)), (Some("STOPPED"), "true".to_owned()), "by its own polarity");
    let acme = Whom { kind: "customer".into(), key: "acme".into() };
    let some = Sight { value: "on".into(), excluded: vec![acme], ..sight(Level::Partly, Share::of_percent(5)) };
    assert_eq!(some.standing(), Some("PARTLY"));
    assert_eq!(some.served(None), "on for 5 %, not for customer acme");
    assert_eq!(some.served(Some("customer")), "on for 5 %, not for acme");
    let told = Sight { value: "true for 5 %, not for customer acme".into(), ..some.clone() };
    assert_eq!(told.served(Some("customer")), told.value, "what the value says is not said twice");
    // the share of another value than everybody else's has the words of a plan
    let whole = "true for 5 %, else false, false for customer acme".to_owned();
    let other = Sight { value: "false".into(), whole: whole.clone(), ..some.clone() };
    assert_eq!(other.served(None), whole);
    assert_eq!(other.served(Some("customer")), "true for 5 %, else false, false for acme");
    assert_eq!([Level::On, Level::Other].map(|level| sight(level, None).standing()), [None, None]);
}

#[test]
fn a_reason_names_the_incident_by_its_number() {
    let mut reason = Reason {
        why: "too many refusals".into(),
        incident: Some(412),
        person: "Ana".into(),
        act: EntryId::of(Session(1), 2),
    };
    let id = "00000000000000010000000000000002";
    assert_eq!(reason.to_string(), format!("incident 412, Ana: too many refusals (quarterdeck {id})"));
    (reason.why, reason.incident) = (String::new(), None);
    assert_eq!(reason.to_string(), format!("Ana (quarterdeck {id})"));
}
