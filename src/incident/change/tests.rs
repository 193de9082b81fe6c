//! Changes that nobody typed, as they are taken down.

use super::super::command::Command;
use super::super::decide;
use super::super::declare::Declared;
use super::super::entry::{EntryId, Session};
use super::super::intent::{Act, Intended, Outcome, Settled};
use super::super::phase::PhaseChanged;
use super::super::severity::Severity;
use super::*;
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
use std::collections::BTreeSet;

/// A minute of the evening; the incident begins at 100.
fn minute(m: i64) -> Time {
    Time(1_562_709_600_000_000).plus(Span::minutes(m))
}

fn stamp(now: Time, count: u64) -> Stamp {
    Stamp {
        now,
        author: "Ana".into(),
        session: Session(1),
        first: EntryId::of(Session(1), count),
        at: None,
        when: None,
    }
}

fn does(incident: &mut Incident, now: Time, command: &Command) -> Result<Vec<Entry>, Refusal> {
    let stamp = stamp(now, incident.head() + 1);
    let drafts = decide(incident, &Rules::default(), command, &stamp)?;
    let entry =
        |(index, draft): (u64, Draft)| draft.entry(&stamp, incident.number(), incident.head() + 1 + index, index);
    let entries: Vec<Entry> = (0..).zip(drafts).map(entry).collect();
    for entry in &entries {
        assert!(incident.apply(entry));
    }
    Ok(entries)
}

fn declared(began: Option<i64>, ended: Option<i64>) -> Incident {
    let mut incident = Incident::new(412);
    let fact = Declared {
        title: "API refuses".into(),
        severity: Severity::Sev1,
        began: began.map(minute),
        began_about: false,
        ended: ended.map(minute),
        ended_about: false,
        detected_by: None,
        restricted: false,
    };
    does(&mut incident, minute(105), &Command::Declare(fact)).unwrap();
    incident
}

fn open() -> Incident {
    declared(Some(100), None)
}

fn reported(at: Time, subject: &str, to: Option<&str>) -> Reported {
    let change = Changed {
        what: "deploy".into(),
        subject: subject.into(),
        from: None,
        to: to.map(Into::into),
        by: None,
        source: Some("deploys".into()),
    };
    Reported { at, change, until: None, within: Span(0) }
}

fn wanted(incident: &Incident, reports: &[Reported], now: i64) -> Vec<i64> {
    let news = incident.news(reports, minute(now), &Rules::default());
    news.wanted.iter().map(|one| (one.at.0 - minute(0).0) / 60_000_000).collect()
}

#[test]
fn given_what_several_screens_see_when_it_is_written_down_then_once_at_its_time_and_by_nobody_here() {
    let mut incident = open();
    let report = Command::Report(vec![reported(minute(99), "api", Some("1823")), reported(minute(50), "web", None)]);
    let entries = does(&mut incident, minute(110), &report).unwrap();
    let at: Vec<Time> = entries.iter().map(|entry| entry.at).collect();
    assert_eq!(at, [minute(50), minute(99)], "in their order, and dated as they happened");
    assert!(entries.iter().all(|entry| entry.recorded == minute(110) && entry.author.as_ref() == "Ana"));
    let line = incident.line(&entries[1]);
    assert_eq!(
        (line.who.as_str(), line.text.as_str(), line.aside.as_str()),
        ("", "deploy api to 1823", "from deploys")
    );
    assert!(does(&mut incident, minute(111), &report).is_err());
    assert_eq!(incident.reports().of("deploys"), 2);
    assert!(incident.intents().all().is_empty());
}

#[test]
fn given_the_same_words_when_somebody_types_them_or_another_source_has_them_then_they_are_another_entry() {
    let mut incident = open();
    let one = reported(minute(99), "api", Some("1823"));
    does(&mut incident, minute(106), &Command::Change(one.change.clone())).unwrap();
    assert_eq!(incident.reports().of("deploys"), 0, "a person said so");
    does(&mut incident, minute(107), &Command::Report(vec![one.clone()])).unwrap();
    let mut other = one;
    other.change.source = Some("markers".into());
    does(&mut incident, minute(107), &Command::Report(vec![other])).unwrap();
    assert_eq!((incident.reports().of("deploys"), incident.reports().of("markers")), (1, 1));
}

#[test]
fn given_a_change_that_somebody_takes_when_it_is_told_again_then_it_is_known_with_how_exactly_and_until_when() {
    let mut incident = open();
    // hours before the incident's time, from a source that knows it about
    let about = |m: i64| Reported { within: Span::minutes(5), ..reported(minute(m), "version", Some("1823")) };
    let lasting = Reported { until: Some(minute(-200)), ..reported(minute(-300), "migration", None) };
    for one in [about(-400), lasting.clone()] {
        let entries = does(&mut incident, minute(110), &Command::TakeChange(Box::new(one.clone()))).unwrap();
        let when = entries[0].when.as_deref().unwrap();
        assert_eq!((entries[0].at, entries.len()), (one.at, 1));
        assert_eq!((when.about, when.until), (one.within > Span(0), one.until), "{one:?}");
        assert_eq!(reporter(&entries[0], &one.change), Some("deploys"));
        assert!(does(&mut incident, minute(111), &Command::TakeChange(Box::new(one))).is_err(), "two screens");
    }
    let told = [about(-397), lasting, about(-300)];
    let rules = Rules::default();
    let left: Vec<Time> = incident.unwritten(&told, &rules).map(|one| one.at).collect();
    assert_eq!(left, [minute(-300)], "a little off it is the same change");
    assert!(does(&mut incident, minute(111), &Command::TakeChange(Box::new(about(120)))).is_err(), "it is to come");
    assert!(does(&mut incident, minute(111), &Command::TakeChange(Box::new(reported(minute(1), " ", None)))).is_err());
    // and takes no room from what the incident writes down by itself
    let second = |s: i64| reported(minute(90).plus(Span::seconds(s)), "api", None);
    let all: Vec<Reported> = (0..60).map(second).collect();
    assert_eq!(incident.news(&all, minute(110), &Rules::default()).wanted.len(), MOST);
}

#[test]
fn given_a_time_when_it_is_outside_of_the_incident_s_then_it_is_no_news() {
    let at = |m: i64| reported(minute(m), "api", None);
    let all: Vec<Reported> = [39, 40, 100, 110, 111, 112].map(at).to_vec();
    assert_eq!(
        wanted(&open(), &all, 110),
        [40, 100, 110],
        "an hour before it began, and what comes waits until it has come"
    );
    assert_eq!(wanted(&declared(None, None), &all, 110), [100, 110], "declared at 105 and begun at an unknown time");
    // found late: what changed long after its end is not of its time
    let past = declared(Some(-300), Some(-200));
    let all: Vec<Reported> = [-361, -360, -200, -140, -139, 50].map(at).to_vec();
    assert_eq!(wanted(&past, &all, 110), [-360, -200, -140]);
}

#[test]
fn given_an_incident_found_late_when_it_hurts_again_then_what_changes_now_is_news() {
    let mut incident = declared(Some(-300), Some(-200));
    let again = PhaseChanged { phase: Phase::Investigating, why: "again".into() };
    let stamp = stamp(minute(106), 40);
    let draft = Draft { fact: again.into(), at: minute(106), when: None };
    assert!(incident.apply(&draft.entry(&stamp, 412, incident.head() + 1, 0)));
    assert_eq!(wanted(&incident, &[reported(minute(107), "api", None)], 110), [107]);
}

#[test]
fn given_a_closed_incident_when_something_is_reported_then_it_is_refused() {
    let mut incident = open();
    let closed = PhaseChanged { phase: Phase::Closed, why: "anyway".into() };
    let stamp = stamp(minute(106), 40);
    let draft = Draft { fact: closed.into(), at: minute(106), when: None };
    assert!(incident.apply(&draft.entry(&stamp, 412, incident.head() + 1, 0)));
    let report = Command::Report(vec![reported(minute(99), "api", None)]);
    assert!(does(&mut incident, minute(110), &report).is_err());
}

#[test]
fn given_an_act_of_ours_when_a_source_reports_it_then_it_is_no_change() {
    let mut incident = open();
    let act = Intended {
        act: Act::Stop,
        target: "exports".into(),
        from: Some("on".into()),
        to: Some("off".into()),
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    };
    let entries = does(&mut incident, minute(110), &Command::Act(act)).unwrap();
    let settled = Settled {
        intent: entries[0].id,
        outcome: Outcome::Done,
        detail: String::new(),
        value: Some("off".into()),
        ..Settled::default()
    };
    does(&mut incident, minute(111), &Command::Settle(settled)).unwrap();
    let ours = [
        reported(minute(110), "exports", Some("off")),
        reported(minute(112), "exports, disabled", Some("off")),
        reported(minute(116), "flag Exports: on -> off", None),
    ];
    assert_eq!(wanted(&incident, &ours, 130), [0_i64; 0]);
    let others = [
        reported(minute(108), "exports", Some("off")),
        reported(minute(112), "imports", Some("off")),
        reported(minute(112), "exports-v2", Some("off")),
        reported(minute(113), "exports", Some("on")),
        reported(minute(117), "exports", Some("off")),
    ];
    assert_eq!(wanted(&incident, &others, 130), [108, 112, 112, 113, 117]);
    assert!(incident.intents().all()[0].is_done(), "and no report says that it was done");
}

#[test]
fn given_a_mark_of_our_own_incident_when_it_comes_back_then_it_is_no_change() {
    let mark = |text: &str| {
        let mut one = reported(minute(105), text, None);
        one.change.what = "incident".into();
        one
    };
    let incident = open();
    for ours in ["412", "412 API refuses", "412: API refuses", "#412, SEV1"] {
        assert!(incident.news(&[mark(ours)], minute(110), &Rules::default()).wanted.is_empty(), "{ours}");
    }
    for other in ["4120 hosts", "41", "rack 412", "INC-412"] {
        assert_eq!(incident.news(&[mark(other)], minute(110), &Rules::default()).wanted.len(), 1, "{other}");
    }
    assert_eq!(wanted(&incident, &[reported(minute(105), "412 hosts", None)], 110), [105], "a deploy is none");
}

#[test]
fn given_a_flag_file_that_was_written_when_somebody_looked_since_or_we_wrote_it_then_it_is_no_news() {
    let files = [("file of exports".to_owned(), vec!["exports".to_owned()])].into();
    let rules = Rules { files, ..Rules::default() };
    let mut incident = open();
    let at = |m: i64| Reported::written("flags.json", minute(m), "file of exports");
    let news = |incident: &Incident, m: i64| incident.news(&[at(m)], minute(125), &rules).wanted.len();
    assert_eq!((news(&incident, 105), news(&incident, 30)), (1, 0), "as far back as any change");
    let seen =
        Changed { what: "flag".into(), subject: "exports".into(), source: Some(looked("exports")), ..at(0).change };
    let seen = Reported { at: minute(106), change: seen, until: None, within: FOUND };
    does(&mut incident, minute(107), &Command::Report(vec![seen])).unwrap();
    assert_eq!((news(&incident, 105), news(&incident, 108)), (0, 1), "what changed was seen, what came later was not");
    let act = Intended { act: Act::Stop, target: "exports".into(), to: Some("off".into()), ..Intended::default() };
    let asked = does(&mut incident, minute(110), &Command::Act(act)).unwrap();
    let settled = Settled { intent: asked[0].id, outcome: Outcome::Done, ..Settled::default() };
    does(&mut incident, minute(111), &Command::Settle(settled)).unwrap();
    assert_eq!([109, 110, 111, 112].map(|m| news(&incident, m)), [1, 0, 0, 1], "ours while it was under way");
}

#[test]
fn given_a_chatty_source_when_it_reports_then_what_is_nearest_to_the_beginning_is_taken_and_the_rest_counted() {
    let mut incident = open();
    let second = |s: i64| reported(minute(100).plus(Span::seconds(s)), "api", None);
    let all: Vec<Reported> = (-300..200).map(second).collect();
    let news = incident.news(&all, minute(110), &Rules::default());
    let seconds: Vec<i64> = news.wanted.iter().map(|one| (one.at.0 - minute(100).0) / 1_000_000).collect();
    assert_eq!(seconds, (-50..50).collect::<Vec<i64>>());
    assert_eq!(news.left, 400);
    does(&mut incident, minute(110), &Command::Report(all.clone())).unwrap();
    let news = incident.news(&all, minute(110), &Rules::default());
    assert_eq!((news.wanted.len(), news.left), (0, 400));
    let mut quiet = second(7);
    quiet.change.source = Some("markers".into());
    assert_eq!(
        incident.news(&[quiet], minute(110), &Rules::default()).wanted.len(),
        1,
        "another source has room of its own"
    );
}

#[test]
fn given_a_time_that_is_known_about_when_it_is_told_a_little_off_then_it_is_the_same_change() {
    let mut incident = open();
    let about = |m: i64| Reported { within: Span::minutes(5), ..reported(minute(m), "version", Some("1823")) };
    let entries = does(&mut incident, minute(110), &Command::Report(vec![about(98), about(99)])).unwrap();
    assert_eq!(entries.len(), 1);
    let when = entries[0].when.as_deref().unwrap();
    assert_eq!((when.about, when.source.as_deref()), (true, Some("deploys")));
    assert_eq!(wanted(&incident, &[about(93), about(103), about(104), about(92)], 110), [92, 104]);
}

proptest! {
    #[test]
    fn whatever_screens_see_in_whatever_order_each_change_is_written_once(
        sights in prop::collection::vec(prop::collection::vec((40_i64..130, 0_usize..4), 0..40), 1..6),
        now in 105_i64..130,
    ) {
        let names = ["api", "web", "db", "412"];
        let one = |(at, subject): &(i64, usize)| reported(minute(*at), names[*subject], None);
        let mut incident = open();
        let mut written = Vec::new();
        for sight in &sights {
            let reports: Vec<Reported> = sight.iter().map(one).collect();
            let before = written.len();
            written.extend(does(&mut incident, minute(now), &Command::Report(reports.clone())).unwrap_or_default());
            let at: Vec<Time> = written[before..].iter().map(|entry: &Entry| entry.at).collect();
            prop_assert!(at.is_sorted());
            prop_assert!(does(&mut incident, minute(now), &Command::Report(reports)).is_err(), "nothing is left of it");
        }
        let seen: BTreeSet<(Time, String)> = written
            .iter()
            .filter_map(|entry| if let Fact::Changed(change) = &entry.fact { Some((entry.at, change.subject.clone())) } else { None })
            .collect();
        prop_assert_eq!(seen.len(), written.len());
        let limit = minute(now);
        let all: BTreeSet<(Time, String)> =
            sights.iter().flatten().map(one).filter(|one| one.at <= limit).map(|one| (one.at, one.change.subject)).collect();
        prop_assert!(seen.is_subset(&all));
        if all.len() <= MOST {
            prop_assert_eq!(seen, all);
        }
        prop_assert_eq!(incident.reports().of("deploys"), written.len());
    }
}
