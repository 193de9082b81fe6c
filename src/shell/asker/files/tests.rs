//! An objective over real files: what followed an act, the edges of a fire, and a world that is written late.

use super::*;
use crate::app::feed::Aftermath;
use crate::config::asks::Part;
use crate::config::read::Written;
use crate::config::trouble::Place;
use crate::incident::time::Span;
use crate::query::calendar::Window;
use crate::query::state::State;
use std::fmt::Write as _;

const START: Time = Time(1_562_712_000_000_000);

fn minute(m: i64) -> Time {
    START.plus(Span(m * MINUTE))
}

/// Two hours of ten requests a second, one in a thousand failing, and a fire from minute 60 until 20 s after minute 75; asked at a minute in columns
/// of a length.
fn burn(at: i64, step: i64, act: Option<i64>) -> Burn {
    written_until(at, at, step, act, None)
}

/// The same, of which that much was written, and who wrote it may say so there.
fn written_until(until: i64, at: i64, step: i64, act: Option<i64>, told: Option<PathBuf>) -> Burn {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lb.ndjson");
    let mut lines = String::new();
    let (fire, out) = (minute(60), minute(75).plus(Span::seconds(20)));
    for n in 0..until * 600 {
        let time = START.plus(Span(n * SECOND / 10));
        let fails = if (fire..out).contains(&time) { n % 2 == 0 } else { n % 1_000 == 7 };
        let status = if fails { 500 } else { 200 };
        writeln!(lines, "{{\"time\":\"{}\",\"status\":{status}}}", time.iso()).unwrap();
    }
    std::fs::write(&path, lines).unwrap();
    let bad = Written { text: "status >= 500".into(), place: Place::Flag("--bad"), key: "bad".into() };
    let asks = Asks::Events { path, which: Which { part: Part::Bad(bad), valid: None }, told };
    let slo = blocks::Slo::new("api", asks, 999_000, Window::Rolling(24 * 60 * MINUTE));
    let mut source = Files::new(&slo).unwrap();
    source.catch_up().unwrap();
    let step = Span::seconds(step);
    let from = minute(at).floor(step).minus(Span(step.0 * 60));
    let ask =
        BurnAsk { slo: 0, ticket: 1, now: minute(at), from, step, columns: 61, act: act.map(minute), shown: true };
    source.burn(&ask).unwrap()
}

/// An hour of an event a second, of these in turn, by a filter of good events.
fn kept(good: &str, events: &[&str]) -> (Burn, Option<Unseen>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lb.ndjson");
    let line =
        |n: usize, event: &str| format!("{{\"time\":\"{}\"{event}}}\n", START.plus(Span::seconds(n as i64)).iso());
    let lines: String = events.iter().cycle().take(3_600).enumerate().map(|(n, event)| line(n, event)).collect();
    std::fs::write(&path, lines).unwrap();
    let good = Written { text: good.into(), place: Place::Flag("--good"), key: "good".into() };
    let asks = Asks::Events { path, which: Which { part: Part::Good(good), valid: None }, told: None };
    let mut source = Files::new(&blocks::Slo::new("api", asks, 999_000, Window::Rolling(24 * 60 * MINUTE))).unwrap();
    source.catch_up().unwrap();
    let (from, step) = (minute(0), Span(MINUTE));
    let ask = BurnAsk { slo: 0, ticket: 1, now: minute(60), from, step, columns: 61, act: None, shown: true };
    (source.burn(&ask).unwrap(), source.unseen(minute(60)))
}

#[test]
fn given_what_is_good_when_counted_then_all_without_it_is_bad_also_where_a_field_is_missing() {
    let events = [",\"status\":200,\"ok\":true", ",\"status\":500,\"ok\":true", ",\"status\":\"200\"", ""];
    for (good, bad, is_sure) in [
        ("status < 500", 2_700, true),
        ("not status >= 500", 900, false),
        ("status != 500", 900, false),
        ("ok = true", 1_800, true),
        ("ok exists and status < 500", 2_700, true),
        ("status < 500 or status does-not-exist", 1_800, true),
    ] {
        let (burn, unseen) = kept(good, &events);
        assert_eq!((burn.total, burn.bad, unseen.is_none()), (3_600, bad, is_sure), "{good}");
    }
}

#[test]
fn given_what_is_good_by_a_field_that_no_event_has_when_counted_then_it_is_told_as_a_mistake() {
    for good in ["stattus < 500", "status < 500 and region = \"eu\"", "region exists", "status = \"200\""] {
        let (burn, unseen) = kept(good, &[",\"status\":200"]);
        assert!(unseen.is_some_and(|unseen| unseen.is_mistake), "{good}");
        assert_eq!((burn.bad, burn.state, burn.good_since), (3_600, State::Partial, None), "{good}");
        let told = burn.doubts.iter().any(|doubt| doubt.contains("no event has a field") || doubt.contains("holds"));
        assert!(told, "{good}: {:?}", burn.doubts);
    }
    // that none has failed is no mistake
    let (burn, unseen) = kept("error does-not-exist", &[",\"status\":200"]);
    assert_eq!((burn.bad, burn.state, unseen), (0, State::Value, None));
}

#[test]
fn given_a_text_in_one_of_two_events_when_a_number_is_asked_for_then_nothing_is_called_good_by_the_other() {
    let (burn, unseen) = kept("status != 500", &[",\"status\":200", ",\"status\":\"500\""]);
    assert_eq!((burn.bad, burn.state, burn.good_since), (0, State::Partial, None));
    let first = burn.doubts.first().unwrap();
    assert!(first.starts_with("60 of the last 120 events hold a text in status, where"), "{first}");
    assert!(burn.conditions.iter().all(|held| held.verdict == crate::query::alert::Verdict::Unknown));
    assert!(unseen.is_some_and(|unseen| unseen.is_mistake && unseen.correct.is_some()));
    let (burn, unseen) = kept(
        "status != 500",
        [",\"status\":200"; 99].iter().copied().chain([",\"status\":\"-\""]).collect::<Vec<_>>().as_slice(),
    );
    assert_eq!((burn.state, unseen), (State::Value, None), "rare noise");
    assert!(burn.good_since.is_some());
}

#[test]
fn given_sample_rates_that_cannot_be_when_counted_then_each_event_counts_once_and_that_is_said() {
    let events = ["0", "-4", "1e30", "2"].map(|rate| format!(",\"status\":200,\"samplerate\":{rate}"));
    let (burn, _) = kept("status < 500", &events.each_ref().map(String::as_str));
    assert_eq!((burn.total, burn.bad), (3 * 900 + 2 * 900, 0));
    let said = "2,700 events have a sample rate that cannot be: counted as 1";
    assert!(burn.doubts.iter().any(|doubt| doubt == said), "{:?}", burn.doubts);
    // one that is right, or left out, is no doubt
    let (burn, _) = kept("status < 500", &[",\"status\":200,\"samplerate\":2", ",\"status\":200"]);
    assert!(!burn.doubts.iter().any(|doubt| doubt.contains("sample rate")), "{:?}", burn.doubts);
}

#[test]
fn given_an_act_when_asked_at_any_zoom_and_later_then_what_followed_it_is_the_same() {
    let expected = Aftermath { act: minute(73), before: Some(300), calm_after: Some(Span(2 * MINUTE + 20 * SECOND)) };
    for (at, step) in [(80, 15), (80, 120), (95, 60), (115, 300)] {
        assert_eq!(burn(at, step, Some(73)).aftermath, Some(expected), "minute {at}, {step} s a column");
    }
    let burning = burn(74, 15, Some(73)).aftermath.unwrap();
    assert_eq!((burning.before, burning.calm_after), (Some(300), None));
    assert_eq!(burn(74, 15, None).aftermath, None);
}

#[test]
fn given_a_world_that_is_written_until_two_minutes_ago_when_asked_then_nothing_is_gone_as_long_as_it_says_so_and_moves()
{
    let dir = tempfile::tempdir().unwrap();
    let told = dir.path().join(world::PROGRESS);
    let asked = || written_until(90, 92, 15, None, Some(told.clone())).state;
    assert_eq!(asked(), State::TrafficGone, "nobody said that it is late");
    std::fs::write(&told, format!(r#"{{"until": {}, "lengths": {{}}, "flips": []}}"#, minute(90).0)).unwrap();
    assert_eq!(asked(), State::Value);
    let file = std::fs::File::options().write(true).open(&told).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(asked(), State::TrafficGone, "nobody drives it any more");
}

#[test]
fn given_failures_of_every_day_around_a_fire_when_asked_then_its_edges_and_the_present_are_told() {
    let burn = burn(95, 60, None);
    assert_eq!(burn.bad_between, Some((minute(60), minute(75).plus(Span::seconds(30)))));
    assert_eq!(burn.good_since, Some(minute(75).plus(Span::seconds(30))));
    assert_eq!(burn.bad_minute, Some(0));
}
