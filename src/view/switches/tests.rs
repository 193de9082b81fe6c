//! The panel of switches, drawn.

use super::*;
use crate::incident::intent::{Act, Intended, Outcome, Seen};
use crate::incident::switch::{Level, Share};
use crate::incident::time::Span;
use crate::view::sample::{Journal, at, intended, lines, minute_14, now, overdue, settled, switch, with};

fn acted(outcome: Option<(Outcome, &str)>) -> App {
    let mut j = Journal { entries: overdue().log.entries().to_vec() };
    let stop = Intended { to: Some("off".into()), ..intended(Act::Stop, "ingest") };
    let stop = j.add("23:02:00", "Cho", stop);
    if let Some((outcome, detail)) = outcome {
        j.add("23:02:10", "Cho", settled(stop, outcome, detail));
    }
    let mut app = with(j.entries);
    app.switches = vec![switch("ingest", "off", Ok("on"), now())];
    app
}

#[test]
fn it_says_what_is_served_what_was_asked_and_what_was_seen() {
    assert_eq!(
        lines(&minute_14(), draw, 60, 6),
        [
            "── Switches   2 to undo before close   1 unknown ───────────",
            "release  serves 1822, was 1823                          live",
            "         stop asked 22:58:40 by Cho, done",
            "         seen 1822 23:01:52  8 of 8 hosts  x reverts to 1823",
            "ingest   serves on                                      live",
            "exports  UNKNOWN  The provider did not answer     never seen",
        ]
    );
}

#[test]
fn with_two_rows_what_was_acted_on_and_what_is_unknown_stay() {
    assert_eq!(
        lines(&minute_14(), draw, 80, 3),
        [
            "── Switches   2 to undo before close   1 unknown   1 more   production ─────────",
            "release  serves 1822, was 1823  stop done, Cho 22:58, seen 1822 23:01    live  x",
            "exports  UNKNOWN  The provider did not answer                         never seen",
        ]
    );
}

#[test]
fn each_outcome_has_its_word() {
    let said = |outcome| lines(&acted(outcome), draw, 80, 4)[2].trim().to_string();
    assert_eq!(said(None), "UNSURE since 23:02, stop asked by Cho: no outcome");
    let unsure = said(Some((Outcome::Unsure, "no answer in 10 s")));
    assert_eq!(unsure, "UNSURE since 23:02, stop asked by Cho: no answer in 10 s");
    assert_eq!(said(Some((Outcome::Refused, "403"))), "stop REFUSED 23:02:10: 403");
    assert_eq!(said(Some((Outcome::Done, ""))), "stop asked 23:02:00 by Cho, done 23:02:10");
    let mut ours = acted(None);
    ours.session = crate::incident::entry::Session(7);
    assert_eq!(lines(&ours, draw, 80, 4)[2].trim(), "stop asked 23:02:00 by Cho, no answer yet");
}

#[test]
fn what_nobody_vouches_for_is_never_said_to_be_served_now() {
    let mut app = minute_14();
    app.switches = vec![switch("ingest", "off", Ok("on"), at("23:03:50"))];
    assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  served on                       STALE, seen 23:03:50");
    let ticket = app.switches[0].feed.ask(now());
    let lost = crate::incident::trouble::Trouble::Unreachable("Nobody answered. Nothing was changed.".into());
    app.switches[0].feed.take(ticket, now(), crate::app::feed::Pace::NEAR, Err(lost));
    assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  UNKNOWN  Nobody answered                 on at 23:03");
}

#[test]
fn some_who_get_another_value_are_mentioned() {
    let mut app = minute_14();
    let sight = Sight { value: "on".into(), targeting: true, ..Sight::default() };
    app.switches = vec![switch("ingest", "off", Ok("on"), now())];
    let ticket = app.switches[0].feed.ask(now());
    app.switches[0].feed.take(ticket, now(), crate::app::feed::Pace::NEAR, Ok(sight));
    assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  serves on  some get other values                live");
    let excluded = vec![crate::incident::switch::Whom { kind: "customer".into(), key: "acme".into() }];
    sees(&mut app, 0, Sight { value: "on".into(), targeting: true, excluded, ..Sight::default() });
    assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  serves on, not for customer acme                live");
}

fn sees(app: &mut App, place: usize, sight: Sight) {
    let ticket = app.switches[place].feed.ask(now());
    assert!(app.switches[place].feed.take(ticket, now(), crate::app::feed::Pace::NEAR, Ok(sight)));
}

#[test]
fn what_is_stopped_says_so_by_its_own_polarity_whoever_stopped_it() {
    let mut app = minute_14();
    app.switches = vec![switch("killer", "on", Ok("true"), now()), switch("exports", "off", Ok("false"), now())];
    let (value, by) = ("true".to_owned(), Some((at("22:41:00"), "admin".to_owned())));
    sees(&mut app, 0, Sight { value, level: Level::Off, changed: by, ..Sight::default() });
    let share = Some(Share::NOBODY);
    sees(&mut app, 1, Sight { value: "false".into(), level: Level::Off, share, ..Sight::default() });
    let all = lines(&app, draw, 80, 3);
    assert_eq!(all[1], "killer   STOPPED  serves true  not in this incident by admin 22:41          live");
    assert_eq!(all[2], "exports  STOPPED  serves false  not in this incident                        live");
    sees(&mut app, 1, Sight { level: Level::Partly, share: Share::of_percent(5), ..Sight::default() });
    assert!(lines(&app, draw, 80, 3)[2].starts_with("exports  PARTLY  serves  for 5 %"));
}

#[test]
fn what_was_stopped_on_another_day_says_its_day() {
    let mut app = minute_14();
    app.switches = vec![switch("killer", "on", Ok("true"), now())];
    let (value, by) = ("true".to_owned(), Some((now().minus(Span::minutes(26 * 60)), "admin".to_owned())));
    sees(&mut app, 0, Sight { value, level: Level::Off, changed: by, ..Sight::default() });
    assert!(lines(&app, draw, 80, 2)[1].contains("not in this incident by admin 07-08 21:04"));
}

#[test]
fn what_nobody_vouches_for_was_stopped() {
    let mut app = minute_14();
    app.switches = vec![switch("ingest", "off", Ok("off"), at("23:03:50"))];
    app.switches[0].feed.last.as_mut().expect("a sight").1.level = Level::Off;
    assert!(lines(&app, draw, 60, 2)[1].starts_with("ingest  was STOPPED  served off"));
}

/// Five switches; three were stopped: one is put back by somebody, one ends by itself, one only stands.
fn several(ends: &str) -> App {
    let mut j = Journal { entries: overdue().log.entries().to_vec() };
    let names = ["calm", "ingest", "signup", "exports", "checkout"];
    for name in ["calm", "signup", "exports"] {
        let until = (name == "exports").then(|| at(ends));
        let (from, to) = (Some("on".to_owned()), Some("off".to_owned()));
        let stop = Intended { from, to, until, ..intended(Act::Stop, name) };
        let stop = j.add("23:02:00", "Cho", stop);
        j.add("23:02:01", "Cho", settled(stop, Outcome::Done, ""));
        if name == "signup" {
            let detail = "put back by sync-bot, not from here".to_owned();
            j.add(
                "23:03:00",
                "Ana",
                Seen { target: name.into(), value: "on".into(), intent: Some(stop), detail, found: None },
            );
        }
    }
    let mut app = with(j.entries);
    app.session = crate::incident::entry::Session(7);
    app.switches = names.map(|name| switch(name, "off", Ok("on"), now())).into();
    app
}

#[test]
fn the_free_rows_go_to_what_is_most_urgent() {
    let said = lines(&several("23:20:00"), draw, 60, 8).join("\n");
    assert!(said.contains("FLAPPING BACK by sync-bot: serves on again"), "{said}");
    // beside the act's own words the end is said in fewer
    assert!(said.contains("stop asked 23:02:00 by Cho, done    ends in 16 min"), "{said}");
    let rooms = [
        (80, "stop asked 23:02:00 by Cho, done", "ends 23:20, in 16 min"),
        (50, "stop done, Cho 23:02", "ends in 16 min"),
    ];
    for (cells, act, end) in rooms {
        let rows = lines(&several("23:20:00"), draw, cells, 8);
        assert!(rows.iter().any(|row| row.contains(act) && row.ends_with(end)), "{rows:#?}");
    }
    assert!(!said.contains("  x "), "two rows are free, and both are taken: {said}");
    // then the last thing that happened, and after that what can be done about the first
    for (rows, asked, hints) in [(9, 2, 0), (10, 2, 1)] {
        let said = lines(&several("23:20:00"), draw, 60, rows).join("\n");
        assert_eq!((said.matches("stop asked").count(), said.matches("x stops").count()), (asked, hints), "{said}");
    }
    let said = lines(&several("23:20:00"), draw, 60, 20).join("\n");
    assert_eq!(said.matches("x stops: serve off").count(), 3, "what is seen to run is stopped again: {said}");
    assert!(!said.contains("reverts to on"), "{said}");
}

#[test]
fn a_countdown_is_never_dropped_and_says_seconds_at_last() {
    for (ends, short) in [("23:20:00", "ends in 16 min"), ("23:04:29", "ends in 9 s"), ("23:04:00", "was to end 23:04")]
    {
        let said = lines(&several(ends), draw, 80, 3);
        assert!(said[2].contains(short) && said[1].contains("FLAPPING BACK by sync-bot"), "{said:#?}");
    }
    let mut others = several("23:20:00");
    others.session = crate::incident::entry::Session(8);
    assert!(lines(&others, draw, 80, 3)[2].contains("asks to end in 16 min"), "nobody ends it by itself");
}
