//! Honeycomb's client against a Honeycomb in memory. What it makes of ugly answers stands in `tests/wire`.

use super::honeycomb_fake::{Fake, duration, events, value};
use super::loopback::{Loopback, json};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::honeycomb::limit::{Limits, Urgency};
use quarterdeck::liaison::backends::honeycomb::spec::Sli;
use quarterdeck::liaison::backends::honeycomb::{Count, Honeycomb, MOST, REACH};
use quarterdeck::liaison::backends::{Counted, Server, Turn};
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::breakdown::{Breakdown, Percentile, Told};
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
    let http = Http::new("hny", url, Login::Header("x-honeycomb-team".into(), Key::new(key)), &[]).unwrap();
    Honeycomb::new(http, count, limits.clone(), still).within(Duration::from_millis(2_000))
}

fn turn(stretch: Stretch) -> Turn {
    Turn { stretch, step: MINUTE, now: NOW, is_live: true, urgency: Urgency::Shown, patience: Duration::ZERO }
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
    for (off, known) in [(HOUR, 10), (-HOUR, 0), (-4 * MINUTE, 6), (MINUTE / 2, 10), (5 * 24 * HOUR, 10)] {
        let fake = Fake::start((NOW.0 + off) / SECOND);
        let http =
            Http::new("hny", &fake.server.url(), Login::Header("x-honeycomb-team".into(), Key::new("right-key")), &[]);
        let honeycomb = Honeycomb::new(http.unwrap(), column(), Limits::default(), still);
        let counted = within(Server::Honeycomb(Box::new(honeycomb)).count(last(10))).unwrap();
        assert_eq!(counted.buckets, expected(last(10).stretch, &[1], false)[..known], "{off}");
        let is_said = counted.passing.iter().any(|doubt| doubt.contains("its clock is"));
        assert_eq!((is_said, counted.adrift), (off.abs() > MINUTE, off.abs() > MINUTE), "{off}: {:?}", counted.passing);
    }
}

#[test]
fn given_a_moment_that_is_over_when_counted_then_it_is_asked_by_its_own_times_and_not_from_now() {
    let fake = Fake::start(NOW.0 / SECOND + 2 * 86_400);
    for minutes in [10, 300, 900] {
        // whoever takes that moment for now, and whoever knows better
        for now in [NOW, NOW.plus(Span(48 * HOUR))] {
            let past = Turn { now, is_live: false, ..last(minutes) };
            let counted = ask(&fake, column(), past).unwrap();
            assert_eq!(counted.buckets, expected(past.stretch, &[1], false), "{minutes}");
        }
    }
    let is_relative = |asked: &super::loopback::Asked| asked.body.contains("time_range");
    assert!(!fake.server.asked().iter().any(is_relative));
}

#[test]
fn given_a_question_that_waits_for_its_turn_when_it_is_run_later_then_its_first_minute_is_whole() {
    let patience = Duration::from_secs(180);
    let fake = Fake::start((NOW.0 / SECOND) + 180);
    for minutes in [10, 17, 18, 57, 58, 300, 350] {
        let counted = ask(&fake, column(), Turn { patience, ..last(minutes) }).unwrap();
        assert_eq!(counted.buckets, expected(last(minutes).stretch, &[1], false), "{minutes}");
    }
}

#[test]
fn given_a_time_out_of_reach_when_it_is_asked_what_is_known_instead_then_its_history_and_its_place_and_no_run() {
    let fake = Fake::start(NOW.0 / SECOND);
    let then = Stretch { from: NOW.0 - 400 * HOUR, to: NOW.0 - 399 * HOUR };
    let named = Count { sli: None, slo: Some("slo1".into()), ..column() };
    let found = Count { target_ppm: 999_000, ..column() };
    for count in [named, found] {
        let mut client = client(&fake.server.url(), "right-key", count, &Limits::default());
        for _ in 0..3 {
            let instead = within(client.instead(then, NOW)).unwrap();
            let day = then.from - 24 * HOUR;
            assert_eq!(instead.history, [(day, 61.25), (day + HOUR, -3.5)]);
            let place = "dataset api in environment production of team acme";
            assert_eq!((instead.link, instead.place.as_deref()), (None, Some(place)));
        }
    }
    let histories = || fake.times("POST /1/reporting/slos/historical");
    assert_eq!((fake.times("POST /1/queries"), fake.times("POST /1/query_results"), histories()), (0, 0, 2));
    let filters = Sli::Which { bad: "code >= 500".parse().unwrap(), valid: None };
    let mut other =
        client(&fake.server.url(), "right-key", Count { sli: Some(filters), ..column() }, &Limits::default());
    assert_eq!((within(other.instead(then, NOW)).unwrap().history, histories()), (Vec::new(), 2));
    let mut denied = client(&fake.server.url(), "wrong-key", column(), &Limits::default());
    assert!(matches!(within(denied.instead(then, NOW)), Err(Trouble::Denied(_))));
}

#[test]
fn given_a_moment_that_is_over_when_its_opinion_is_asked_then_it_is_of_its_history_or_says_when_it_was_asked() {
    let fake = Fake::start(NOW.0 / SECOND);
    let count = Count { sli: None, slo: Some("slo1".into()), ..column() };
    let mut client = client(&fake.server.url(), "right-key", count, &Limits::default());
    within(client.count(last(10))).unwrap();
    let opinion = within(client.opinion_then(NOW.minus(Span(48 * HOUR)), NOW)).unwrap();
    assert_eq!(opinion.words(), "-3.50 % left, its target is 99.9000 %");
    assert_eq!(opinion.at, NOW.0 - 71 * HOUR);
    // nobody keeps it for so long
    let old = within(client.opinion_then(NOW.minus(Span(400 * 24 * HOUR)), NOW)).unwrap();
    assert!(old.words().starts_with("7.73 % left, burn 5.39x") && old.at == NOW.0, "{old:?}");
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
fn given_what_is_good_when_counted_then_bad_is_all_without_it() {
    let fake = Fake::start(NOW.0 / SECOND);
    let good = || Count { sli: Some(Sli::Good { good: "code < 500".parse().unwrap(), valid: None }), ..column() };
    assert_eq!(ask(&fake, good(), last(30)).unwrap().buckets, expected(last(30).stretch, &[1], true));
    let also = Count { also: Some("code = 401".parse().unwrap()), ..good() };
    assert_eq!(ask(&fake, also, last(30)).unwrap().buckets, expected(last(30).stretch, &[1, 2], true));
    let by = by(&["host"], 90, None);
    assert_eq!(found(&apart(&fake, good(), &by).unwrap()), counted(&by, 4, &[1, 3]));
}

fn apart(fake: &Fake, count: Count, by: &Breakdown) -> Result<Told, Trouble> {
    let stretch = Stretch { from: by.from, to: by.to };
    within(client(&fake.server.url(), "right-key", count, &Limits::default()).apart(by, turn(stretch)))
}

fn by(fields: &[&str], minutes: i64, number: Option<&str>) -> Breakdown {
    Breakdown {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        from: end() - minutes * MINUTE,
        to: end(),
        percentile: number.map(|field| Percentile { field: field.into(), per_million: 990_000 }),
    }
}

/// What the fake's events are by columns, counted one by one: the values in words, all, those of the kinds that are bad, and the 99th of a hundred durations.
fn counted(by: &Breakdown, kinds: usize, bad: &[usize]) -> Vec<(String, u64, u64, Option<f64>)> {
    let mut groups: std::collections::BTreeMap<String, (u64, u64, Vec<i64>)> = std::collections::BTreeMap::new();
    for minute in by.from / MINUTE..by.to / MINUTE {
        for (kind, count) in events(minute).into_iter().enumerate().take(kinds).filter(|(_, count)| *count > 0) {
            let values: Vec<String> = by.fields.iter().map(|field| value(field, minute, kind).to_string()).collect();
            let group = groups.entry(values.join(", ")).or_default();
            group.0 += count.unsigned_abs();
            group.1 += if bad.contains(&kind) { count.unsigned_abs() } else { 0 };
            group.2.extend((0..count).map(|_| duration(minute, kind)));
        }
    }
    let row = |(values, (total, bad, mut durations)): (String, (u64, u64, Vec<i64>))| {
        durations.sort_unstable();
        let slow = durations[(durations.len() * 99).div_ceil(100) - 1] as f64;
        (values, total, bad, by.percentile.as_ref().map(|_| slow))
    };
    groups.into_iter().map(row).collect()
}

fn found(told: &Told) -> Vec<(String, u64, u64, Option<f64>)> {
    let words = |row: &quarterdeck::query::breakdown::Row| {
        let values: Vec<String> = row.values.iter().map(ToString::to_string).collect();
        (values.join(", "), row.total, row.bad, row.percentile)
    };
    let mut rows: Vec<_> = told.table.rows.iter().map(words).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

#[test]
fn given_columns_when_asked_apart_then_each_value_is_what_counting_gives_and_what_is_missing_is_a_value() {
    let fake = Fake::start(NOW.0 / SECOND);
    let which = || Count { sli: Some(Sli::Which { bad: "code >= 500".parse().unwrap(), valid: None }), ..column() };
    for fields in [&["code"] as &[&str], &["host"], &["ok", "code"], &["build", "host"], &["nowhere"]] {
        let by = by(fields, 90, None);
        let told = apart(&fake, which(), &by).unwrap();
        assert_eq!(found(&told), counted(&by, 4, &[1]), "{fields:?}");
        assert_eq!((told.from, told.to, told.notes.len(), told.table.is_cut), (by.from, by.to, 0, false));
        // a column that says what is good has no value where an event does not count
        assert_eq!(found(&apart(&fake, column(), &by).unwrap()), counted(&by, 3, &[1]), "{fields:?}");
    }
    let also = Count { also: Some("code = 401".parse().unwrap()), ..which() };
    let codes = by(&["code"], 90, None);
    assert_eq!(found(&apart(&fake, also, &codes).unwrap()), counted(&codes, 4, &[1, 2]));
    let asked = fake.server.asked();
    let run = asked.iter().find(|asked| asked.line.starts_with("POST /1/query_results/")).unwrap();
    assert!(run.body.contains("\"disable_series\":true") && run.body.contains("\"limit\":10000"), "{}", run.body);
    assert_eq!(fake.times("POST /1/query_results/"), 11, "a run each");
}

#[test]
fn given_a_percentile_when_asked_apart_then_a_run_of_its_own_tells_it_by_value_and_not_by_good_and_bad() {
    let fake = Fake::start(NOW.0 / SECOND);
    for fields in [&["host"] as &[&str], &["build", "code"]] {
        let by = by(fields, 45, Some("duration_ms"));
        let told = apart(&fake, column(), &by).unwrap();
        assert_eq!(found(&told), counted(&by, 3, &[1]), "{fields:?}");
        assert!(told.notes[0].contains("p99 of duration_ms is as near as Honeycomb says it"), "{:?}", told.notes);
    }
    assert_eq!(fake.times("POST /1/query_results/"), 4);
    let odd = Breakdown {
        percentile: Some(Percentile { field: "x".into(), per_million: 123_000 }),
        ..by(&["host"], 9, None)
    };
    let words = apart(&fake, column(), &odd).unwrap_err();
    assert!(words.words().contains("cannot be asked here: it has no p12.3 of x"), "{words:?}");
}

#[test]
fn given_long_times_when_asked_apart_then_they_begin_and_end_as_honeycomb_rounds_them() {
    let fake = Fake::start(NOW.0 / SECOND);
    for (minutes, rounding) in [(300, 1), (1_000, 5), (6_000, 30)] {
        let by = by(&["code"], minutes, None);
        let told = apart(&fake, column(), &by).unwrap();
        let round = |at: i64| at.div_euclid(rounding * MINUTE) * rounding * MINUTE;
        assert_eq!((told.from, told.to), (round(by.from), round(by.to)), "{minutes}");
        assert_eq!(found(&told), counted(&Breakdown { from: told.from, to: told.to, ..by }, 3, &[1]), "{minutes}");
    }
    let short = Breakdown { from: end() + SECOND, to: end() + 9 * SECOND, ..by(&["code"], 1, None) };
    assert!(apart(&fake, column(), &short).unwrap_err().words().contains("whole minutes"));
}

#[test]
fn given_more_values_than_rows_are_given_when_asked_apart_then_that_is_said() {
    let fake = Fake::start(NOW.0 / SECOND);
    let told = apart(&fake, column(), &by(&["id"], 4_000, None)).unwrap();
    assert!(told.table.is_cut && told.table.rows.len() == 10_000, "{}", told.table.rows.len());
    assert!(told.notes[0].contains("more than the 10000 rows"), "{:?}", told.notes);
}

#[test]
fn given_no_turn_when_asked_apart_then_it_is_queued_and_no_run_is_begun() {
    let fake = Fake::start(NOW.0 / SECOND);
    let limits = Limits::default();
    let mut client = client(&fake.server.url(), "right-key", column(), &limits);
    let mut ask = || {
        let by = by(&["code"], 30, None);
        within(client.apart(&by, turn(Stretch { from: by.from, to: by.to })))
    };
    for _ in 0..9 {
        ask().unwrap();
    }
    assert!(
        matches!(ask(), Err(Trouble::Slowed(until, words)) if until == NOW.plus(Span::seconds(61)) && words.contains("queued"))
    );
    assert_eq!(fake.times("POST /1/query_results/"), 9);
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
    let words = "7.73 % left, burn 5.39x over 4 h, triggered, its target is 99.9000 %, exhaustion time under 4 h TRIGGERED, 1 burn alert quiet";
    assert_eq!(opinion.words(), words);
    within(client.opinion(NOW.plus(Span(4 * MINUTE)))).unwrap();
    assert_eq!(fake.times("GET /1/slos/"), 1, "it counts them anew each five minutes");
    within(client.opinion(NOW.plus(Span(5 * MINUTE)))).unwrap();
    assert_eq!(fake.times("GET /1/slos/"), 2);
    let history = within(client.history(Stretch { from: NOW.0 - 400 * HOUR, to: NOW.0 - 300 * HOUR }, NOW));
    assert_eq!(history.iter().map(|(_, left)| *left).collect::<Vec<_>>(), [61.25, -3.5]);
}

#[test]
fn given_an_objective_that_names_a_column_when_an_slo_there_has_it_then_that_one_is_its_second_opinion() {
    let fake = Fake::start(NOW.0 / SECOND);
    let mut same =
        client(&fake.server.url(), "right-key", Count { target_ppm: 999_000, ..column() }, &Limits::default());
    within(same.count(last(10))).unwrap();
    for minute in 0..3 {
        let opinion = within(same.opinion(NOW.plus(Span(minute * MINUTE)))).unwrap();
        assert!(opinion.words().starts_with("7.73 % left, burn 5.39x over 4 h, triggered, exhaustion"), "{opinion:?}");
    }
    let lists = || fake.times("GET /1/slos/api") - fake.times("GET /1/slos/api/");
    assert_eq!((lists(), fake.times("GET /1/slos/api/slo1")), (1, 1));
    // of several with that column the first where none has our target; it is gone by now, and is not asked for again and again
    let gone = Count { target_ppm: 999_990, ..column() };
    let mut lost = client(&fake.server.url(), "right-key", gone, &Limits::default());
    within(lost.count(last(10))).unwrap();
    assert_eq!((within(lost.opinion(NOW)), within(lost.opinion(NOW.plus(Span(MINUTE))))), (None, None));
    assert_eq!(fake.times("GET /1/slos/api/slo9"), 1);
    let own = Count { sli: Some(Sli::Column("sli.own".into())), ..column() };
    let mut other = client(&fake.server.url(), "right-key", own, &Limits::default());
    within(other.count(last(10))).unwrap();
    assert_eq!((within(other.opinion(NOW)), within(other.opinion(NOW))), (None, None));
    assert_eq!(lists(), 3, "it is looked for once each");
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
fn given_columns_that_nobody_has_or_writes_when_counted_by_then_it_is_said_once_and_no_run_is_spent() {
    let fake = Fake::start(NOW.0 / SECOND);
    {
        let mut memory = fake.memory.lock().unwrap();
        memory.unknown = vec!["statsu", "eror"];
        let ago = |hours: i64| NOW.0 / SECOND - hours * 3_600;
        memory.written = vec![("old", ago(30 * 24)), ("late", ago(2 * 24 + 20)), ("young", ago(1))];
    }
    let of = |sli: Sli| {
        let mut client =
            client(&fake.server.url(), "right-key", Count { sli: Some(sli), ..column() }, &Limits::default());
        within(client.count(last(10))).unwrap();
        within(client.fields(NOW, NOW))
    };
    let which = |bad: &str, valid: Option<&str>| Sli::Which {
        bad: bad.parse().unwrap(),
        valid: valid.map(|valid| valid.parse().unwrap()),
    };
    let lacks = "dataset api has no column statsu";
    let aged = "column old was written last on 2026-02-01, 30 d before: has it another name now?";
    let recent = "column late was written last on 2026-02-28, 3 d before: has it another name now?";
    for (sli, words, is_mistake, is_unproven) in [
        (which("status >= 500", Some("kind = 1")), vec![], false, false),
        (which("statsu >= 500", None), vec![lacks], true, true),
        (which("status >= 500 and not statsu = 503", None), vec![lacks], true, true),
        (which("status >= 500", Some("statsu = 1")), vec![lacks], true, true),
        (which("status >= 500", Some("root.statsu != 1")), vec![lacks], true, true),
        (Sli::Good { good: "statsu < 500".parse().unwrap(), valid: None }, vec![lacks], true, true),
        // it may come with the first failure
        (which("eror exists", None), vec!["dataset api has no column eror"], false, true),
        (which("old >= 500 or statsu = 1", None), vec![lacks, aged], true, true),
        (which("old >= 500", None), vec![aged], false, true),
        (which("late >= 500", None), vec![recent], false, true),
        (which("old exists or young = 1", None), vec![], false, false),
        (Sli::Column("sli.api".into()), vec![], false, false),
        (Sli::Column("sli.shared".into()), vec![], false, false),
        (Sli::Column("sli.typo".into()), vec!["dataset api has no column sli.typo"], true, true),
    ] {
        let fields = of(sli.clone());
        assert_eq!(fields.words, words, "{sli:?}");
        assert_eq!((fields.blind.is_some(), fields.is_unproven), (is_mistake, is_unproven), "{sli:?}");
    }
    // when the column was still written nothing was wrong
    let mut then = client(
        &fake.server.url(),
        "right-key",
        Count { sli: Some(which("old >= 500", None)), ..column() },
        &Limits::default(),
    );
    within(then.count(last(10))).unwrap();
    let asked = || (fake.times("GET /1/columns/api?key_name=old"), fake.times("POST /1/query_results/"));
    let before = asked();
    for days in [30, 29, 31, 0] {
        let fields = within(then.fields(NOW.minus(Span(days * 24 * HOUR)), NOW));
        assert_eq!(fields.is_unproven, days < 29, "{days}: {fields:?}");
    }
    assert_eq!(asked(), (before.0 + 1, before.1), "the answer holds for a while");
    within(then.fields(NOW, NOW.plus(Span(15 * MINUTE))));
    assert_eq!(asked(), (before.0 + 2, before.1));
}

#[test]
fn given_a_column_that_nearly_all_events_had_when_the_latest_lack_it_then_it_is_said_and_no_run_is_spent_on_it() {
    let bad = |bad: &str| Some(Sli::Which { bad: bad.parse().unwrap(), valid: None });
    for (sli, since, words, is_mistake) in [
        (
            bad("status >= 500"),
            15,
            "status as a number is in none of the last N events; it was in nearly all before",
            true,
        ),
        (
            bad("status >= 500"),
            4,
            "status as a number is in none of the last N events; it was in nearly all before",
            true,
        ),
        (
            bad("status >= 500 or code = 1"),
            15,
            "code, status as a number is in none of the last N events; it was in nearly all before",
            true,
        ),
        (bad("status >= 500 or error exists"), 15, "", false),
        (bad("status >= 500"), 90, "", false),
        (Some(Sli::Good { good: "status < 500".parse().unwrap(), valid: None }), 15, "", false),
        (Some(Sli::Column("sli.api".into())), 15, "", false),
    ] {
        let fake = Fake::start(NOW.0 / SECOND);
        fake.memory.lock().unwrap().lacking = Some(NOW.0 / SECOND - since * 60);
        let mut client =
            client(&fake.server.url(), "right-key", Count { sli: sli.clone(), ..column() }, &Limits::default());
        within(client.count(last(60))).unwrap();
        let runs = fake.times("POST /1/query_results/");
        let fields = within(client.fields(NOW, NOW));
        let number =
            |word: &str| if word.parse::<u64>().is_ok_and(|n| n > 500) { "N".to_owned() } else { word.to_owned() };
        let said: Vec<String> = fields.words.join("; ").split(' ').map(number).collect();
        assert_eq!((said.join(" ").as_str(), fields.blind.is_some()), (words, is_mistake), "{sli:?}");
        assert_eq!(fake.times("POST /1/query_results/"), runs);
    }
}

#[test]
fn given_a_key_that_may_not_list_columns_when_counted_then_that_they_are_not_checked_is_all_that_is_said() {
    let fake = Fake::start(NOW.0 / SECOND);
    fake.memory.lock().unwrap().lacks = vec!["listing"];
    let bad = Sli::Which { bad: "status >= 500 or code = 1".parse().unwrap(), valid: None };
    let mut client = client(&fake.server.url(), "right-key", Count { sli: Some(bad), ..column() }, &Limits::default());
    within(client.count(last(10))).unwrap();
    let fields = within(client.fields(NOW, NOW));
    let words = "whether dataset api has code, status is not checked: the key may not list columns";
    assert_eq!((fields.words, fields.blind.is_some(), fields.is_unproven), (vec![words.to_owned()], false, false));
    assert_eq!(fake.times("GET /1/columns/"), 1, "it is not asked again for each");
}

#[test]
fn given_a_classic_key_when_all_datasets_are_asked_then_it_says_that_there_are_none_together() {
    let classic = json(r#"{"type":"configuration","team":{"slug":"a"},"environment":{"name":"","slug":""}}"#);
    let server = Loopback::start(move |_| classic.clone());
    let all = Count { dataset: "__all__".into(), ..column() };
    let together = within(client(&server.url(), "k", all, &Limits::default()).count(last(10))).unwrap_err();
    assert!(matches!(&together, Trouble::Denied(words) if words.contains("classic")), "{together:?}");
}
