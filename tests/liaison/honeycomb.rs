//! Honeycomb's client against a Honeycomb in memory. What it makes of ugly answers stands in `tests/wire`.

use super::honeycomb_fake::{Fake, events};
use super::loopback::{Loopback, json};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::honeycomb::limit::{Limits, Urgency};
use quarterdeck::liaison::backends::honeycomb::spec::Sli;
use quarterdeck::liaison::backends::honeycomb::{Count, Honeycomb, MOST, REACH};
use quarterdeck::liaison::backends::{Counted, Server, Turn};
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::series::{Bucket, HOUR, MINUTE, SECOND};
use quarterdeck::query::window::{Asked as Known, Stretch};
use std::time::Duration;

/// 2026-03-03, twenty seconds after a minute that is no round one.
const NOW: Time = Time(1_772_535_200 * SECOND + 180 * SECOND);

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A clock that stands: nobody's turn comes by waiting.
fn still() -> i64 {
    0
}

fn column() -> Count {
    Count {
        dataset: "api".into(),
        sli: Some(Sli::Column("sli.api".into())),
        slo: None,
        also: None,
        target_ppm: 999_500,
        days: 30,
    }
}

fn client(url: &str, key: &str, count: Count, limits: &Limits) -> Honeycomb {
    let http = Http::new("hny", url, Login::Header("x-honeycomb-team", Key::new(key)), &[]).unwrap();
    Honeycomb::new(http, count, limits.clone(), still).within(Duration::from_millis(2_000))
}

fn turn(stretch: Stretch) -> Turn {
    Turn { stretch, step: MINUTE, now: NOW, urgency: Urgency::Shown, patience: Duration::ZERO }
}

fn end() -> i64 {
    NOW.0.div_euclid(MINUTE) * MINUTE
}

fn last(minutes: i64) -> Turn {
    turn(Stretch { from: end() - minutes * MINUTE, to: end() })
}

fn ask(fake: &Fake, count: Count, turn: Turn) -> Result<Counted, Trouble> {
    within(client(&fake.server.url(), "right-key", count, &Limits::default()).count(turn))
}

/// What the fake's events are in a stretch: total, and bad by kinds.
fn expected(stretch: Stretch, kinds: &[usize], all: bool) -> Vec<Bucket> {
    (stretch.from / MINUTE..stretch.to / MINUTE)
        .map(|minute| {
            let counts = events(minute);
            let total = counts.iter().take(if all { 4 } else { 3 }).sum::<i64>();
            let bad = kinds.iter().map(|kind| counts[*kind]).sum::<i64>();
            Bucket { start: minute * MINUTE, total: total.unsigned_abs(), bad: bad.unsigned_abs() }
        })
        .collect()
}

#[test]
fn given_a_column_when_counted_then_each_minute_is_exact_and_what_has_no_value_does_not_count() {
    let fake = Fake::start(NOW.0 / SECOND);
    for minutes in [1, 10, 16, 58, 340, 359, 500, 960] {
        let turn = last(minutes);
        let counted = ask(&fake, column(), turn).unwrap();
        assert_eq!(counted.buckets, expected(turn.stretch, &[1], false), "{minutes} minutes");
        assert!(counted.link.is_some_and(|link| link.starts_with("https://ui.honeycomb.io/acme/")));
    }
    assert_eq!(fake.times("GET /1/auth"), 8);
}

#[test]
fn given_the_whole_reach_when_asked_in_pieces_then_every_minute_of_it_is_exact() {
    let fake = Fake::start(NOW.0 / SECOND);
    let limits = Limits::default();
    let from = end() - (REACH - MINUTE);
    let (mut all, mut pieces) = (Vec::new(), 0);
    for stretch in Known::default().next(NOW.0, NOW.0 - from, MINUTE, MOST) {
        // a limiter each, since its clock stands here
        let one = Limits::default();
        all.extend(
            within(client(&fake.server.url(), "right-key", column(), &one).count(turn(stretch))).unwrap().buckets,
        );
        pieces += 1;
    }
    drop(limits);
    all.sort_by_key(|bucket| bucket.start);
    let whole = Stretch { from: from.div_euclid(MINUTE) * MINUTE, to: end() };
    assert_eq!(all, expected(whole, &[1], false));
    assert!(pieces <= 12, "{pieces}");
}

#[test]
fn given_a_clock_that_is_an_hour_off_when_counted_then_each_minute_that_is_known_is_exact_and_no_other_is_told() {
    for (off, known) in [(HOUR, 10), (-HOUR, 0), (-4 * MINUTE, 6), (MINUTE / 2, 10), (90 * 24 * HOUR, 10)] {
        let fake = Fake::start((NOW.0 + off) / SECOND);
        let http = Http::new("hny", &fake.server.url(), Login::Header("x-honeycomb-team", Key::new("right-key")), &[]);
        let honeycomb = Honeycomb::new(http.unwrap(), column(), Limits::default(), still);
        let counted = within(Server::Honeycomb(Box::new(honeycomb)).count(last(10))).unwrap();
        assert_eq!(counted.buckets, expected(last(10).stretch, &[1], false)[..known], "{off}");
        let is_said = counted.doubts.iter().any(|doubt| doubt.contains("its clock is"));
        assert_eq!((is_said, counted.partial), (off.abs() > MINUTE, off.abs() > MINUTE), "{off}: {:?}", counted.doubts);
    }
}

#[test]
fn given_filters_and_a_what_if_when_counted_then_both_are_told_apart_in_one_run() {
    let fake = Fake::start(NOW.0 / SECOND);
    let which = Sli::Which { bad: "status >= 500".parse().unwrap(), valid: None };
    let count = Count { sli: Some(which), also: Some("status = 401".parse().unwrap()), ..column() };
    let counted = ask(&fake, count, last(30)).unwrap();
    assert_eq!(counted.buckets, expected(last(30).stretch, &[1, 2], true));
    assert_eq!((fake.times("POST /1/queries/api"), fake.times("POST /1/query_results/api")), (1, 1));
    let asked = fake.server.asked();
    let created = asked.iter().find(|asked| asked.line.starts_with("POST /1/queries")).unwrap();
    assert!(created.body.contains("quarterdeck_also") && created.body.contains("EQUALS"), "{}", created.body);
}

#[test]
fn given_the_same_question_each_minute_when_asked_then_the_query_is_created_once_and_run_again() {
    let fake = Fake::start(NOW.0 / SECOND);
    let mut client = client(&fake.server.url(), "right-key", column(), &Limits::default());
    for _ in 0..5 {
        within(client.count(last(11))).unwrap();
    }
    assert_eq!((fake.times("GET /1/auth"), fake.times("POST /1/queries/")), (1, 1));
    assert_eq!(fake.times("POST /1/query_results/"), 5);
}

#[test]
fn given_six_objectives_of_one_team_when_they_ask_for_all_at_once_then_nine_runs_are_begun_and_the_others_are_queued() {
    let fake = Fake::start(NOW.0 / SECOND);
    let limits = Limits::default();
    let mut clients: Vec<Honeycomb> =
        (0..6).map(|_| client(&fake.server.url(), "right-key", column(), &limits)).collect();
    let mut queued = 0;
    for _ in 0..3 {
        for client in &mut clients {
            match within(client.count(last(11))) {
                Ok(_) => {}
                Err(Trouble::Slowed(until, words)) => {
                    queued += 1;
                    assert_eq!(until, NOW.plus(Span::seconds(61)));
                    assert!(words.starts_with("queued until ") && words.contains("ten queries a minute"), "{words}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((fake.times("POST /1/query_results/"), queued), (9, 9));
}

#[test]
fn given_an_slo_when_it_is_named_then_its_column_is_taken_and_its_own_figures_are_an_opinion() {
    let fake = Fake::start(NOW.0 / SECOND);
    let count = Count { sli: None, slo: Some("slo1".into()), ..column() };
    let mut client = client(&fake.server.url(), "right-key", count, &Limits::default());
    let counted = within(client.count(last(10))).unwrap();
    assert_eq!(counted.buckets, expected(last(10).stretch, &[1], false));
    let opinion = within(client.opinion(NOW)).unwrap();
    assert_eq!(opinion.words(), "7.73 % left, burn 5.39x over 4 h, triggered, its target is 99.9000 %");
    within(client.opinion(NOW.plus(Span(4 * MINUTE)))).unwrap();
    assert_eq!(fake.times("GET /1/slos/"), 1, "it counts them anew each five minutes");
    within(client.opinion(NOW.plus(Span(5 * MINUTE)))).unwrap();
    assert_eq!(fake.times("GET /1/slos/"), 2);
    let history = within(client.history(Stretch { from: NOW.0 - 400 * HOUR, to: NOW.0 - 300 * HOUR }, NOW));
    assert_eq!(history.iter().map(|(_, left)| *left).collect::<Vec<_>>(), [61.25, -3.5]);
}

#[test]
fn given_a_plan_without_figures_when_an_slo_is_named_then_its_column_is_taken_all_the_same() {
    let fake = Fake::start(NOW.0 / SECOND);
    fake.memory.lock().unwrap().plain = true;
    let count = Count { sli: None, slo: Some("slo1".into()), ..column() };
    let mut client = client(&fake.server.url(), "right-key", count, &Limits::default());
    assert!(within(client.count(last(10))).is_ok());
    assert_eq!(within(client.opinion(NOW)).unwrap().remaining_ppm, None);
}

#[test]
fn given_a_key_when_it_is_wrong_or_may_not_then_said_before_anything_is_asked() {
    let fake = Fake::start(NOW.0 / SECOND);
    let words = |key: &str, count: Count| {
        within(client(&fake.server.url(), key, count, &Limits::default()).count(last(10))).unwrap_err()
    };
    let wrong = words("wrong-key", column());
    assert!(
        matches!(&wrong, Trouble::Denied(words) if words.contains("unknown API key") && words.contains("api.eu1.honeycomb.io")),
        "{wrong:?}"
    );
    fake.memory.lock().unwrap().lacks = vec!["queries", "columns"];
    let lacks = words("right-key", column());
    assert!(
        matches!(&lacks, Trouble::Denied(words) if words.contains("\"Manage Queries and Columns\" and \"Run Queries\"")),
        "{lacks:?}"
    );
    fake.memory.lock().unwrap().lacks = vec!["slos"];
    let slos = words("right-key", Count { sli: None, slo: Some("slo1".into()), ..column() });
    assert!(matches!(&slos, Trouble::Denied(words) if words.contains("Manage SLOs")), "{slos:?}");
    assert_eq!(fake.times("POST"), 0);
    fake.memory.lock().unwrap().lacks = vec![];
    let dataset = words("right-key", Count { dataset: "other".into(), ..column() });
    assert!(
        matches!(&dataset, Trouble::Refused(words) if words.contains("Dataset not found") && words.contains("slug")),
        "{dataset:?}"
    );
}

#[test]
fn given_a_run_that_fails_when_looked_at_then_it_is_no_answer_although_its_status_is_fine() {
    let fake = Fake::start(NOW.0 / SECOND);
    fake.memory.lock().unwrap().failing = Some("we had trouble fetching your results! try again?".into());
    let failed = ask(&fake, column(), last(10)).unwrap_err();
    assert!(
        matches!(&failed, Trouble::Unreachable(words) if words.contains("we had trouble fetching your results")),
        "{failed:?}"
    );
}

#[test]
fn given_that_they_ask_for_time_when_one_is_told_then_all_of_the_team_wait() {
    let fake = Fake::start(NOW.0 / SECOND);
    fake.memory.lock().unwrap().allowed = Some(0);
    let limits = Limits::default();
    let mut one = client(&fake.server.url(), "right-key", column(), &limits);
    assert!(
        matches!(within(one.count(last(10))), Err(Trouble::Slowed(until, _)) if until == NOW.plus(Span::seconds(30)))
    );
    let mut other = client(&fake.server.url(), "right-key", column(), &limits);
    let queued = within(other.count(last(10))).unwrap_err();
    assert!(matches!(&queued, Trouble::Slowed(_, words) if words.starts_with("queued")), "{queued:?}");
    assert_eq!(fake.times("POST /1/query_results/"), 1);
}

#[test]
fn given_a_classic_key_when_all_datasets_are_asked_then_it_says_that_there_are_none_together() {
    let classic = json(r#"{"type":"configuration","team":{"slug":"a"},"environment":{"name":"","slug":""}}"#);
    let server = Loopback::start(move |_| classic.clone());
    let all = Count { dataset: "__all__".into(), ..column() };
    let together = within(client(&server.url(), "k", all, &Limits::default()).count(last(10))).unwrap_err();
    assert!(matches!(&together, Trouble::Denied(words) if words.contains("classic")), "{together:?}");
}
