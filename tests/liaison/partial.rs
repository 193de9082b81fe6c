//! What a backend said of its answers holds for as long as what it counted is used: a partial answer about the past is no whole one a moment later.

use super::loopback::{Asked, Loopback, Manner, json};
use quarterdeck::app::feed::{Burn, BurnAsk};
use quarterdeck::config::file;
use quarterdeck::incident::time::{HOUR, MINUTE, SECOND, Span, Time};
use quarterdeck::query::series::DAY;
use quarterdeck::query::state::State;
use quarterdeck::shell::asker::Source;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// 26 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_694_400_000_000;
const STORE: &str = "receive series from Addr: sidecar-2:10901: rpc error: code = Unavailable";

/// What a question asks about, µs: from when, until when, in which steps.
fn asked_about(asked: &Asked) -> (i64, i64, i64) {
    let number = |name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default() * SECOND;
    (number("start"), number("end"), number("step").max(SECOND))
}

/// So many events at each moment of a question, and warnings beside them.
fn counts(asked: &Asked, value: impl Fn(i64) -> u64, warnings: &[&str]) -> Manner {
    let (start, end, step) = asked_about(asked);
    let moments = (0..).map(|n| start + n * step).take_while(|at| *at <= end);
    let values: Vec<String> = moments.map(|at| format!("[{},\"{}\"]", at / SECOND, value(at))).collect();
    json(&format!(
        r#"{{"status":"success","warnings":{warnings:?},"data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
        values.join(",")
    ))
}

/// An objective of a server.
fn source(server: &Loopback, part: &str) -> Source {
    let text = format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\ninterval = '15s'\nurl = '{}'\n\
         [[slo]]\nname = 'far'\nbackend = 'metrics'\ntotal = 'sum(increase(all[{{{{.window}}}}]))'\n\
         {part} = 'sum(increase(part[{{{{.window}}}}]))'\ntarget = 99\nwindow = '30d'\n",
        server.url(),
    );
    let (read, troubles) = file::read(Path::new("config.toml"), &text, Path::new("/"));
    assert!(troubles.is_empty(), "{troubles:?}");
    Source::new(&read.blocks.slos[0], &read.blocks.backends).unwrap()
}

fn at(source: &mut Source, now: i64, step: i64) -> Burn {
    let from = Time((now - 60 * step).div_euclid(step) * step);
    let ask =
        BurnAsk { slo: 0, ticket: 1, now: Time(now), from, step: Span(step), columns: 60, act: None, shown: true };
    source.answer(&ask).unwrap()
}

fn says(burn: &Burn, words: &str) -> bool {
    burn.doubts.iter().any(|doubt| doubt.contains(words))
}

#[test]
fn given_a_store_lost_for_old_pieces_alone_when_time_passes_and_the_chart_is_zoomed_then_it_stays_partial() {
    let server = Loopback::start(|asked| {
        let (_, end, _) = asked_about(asked);
        let is_old = end < NOW - 2 * HOUR;
        counts(asked, |_| if asked.body.contains("part") { 1 } else { 500 }, if is_old { &[STORE] } else { &[] })
    });
    let mut source = source(&server, "bad");
    for (minutes, step) in [(0, MINUTE), (1, MINUTE), (1, HOUR), (5, 5 * MINUTE), (30, MINUTE)] {
        let burn = at(&mut source, NOW + minutes * MINUTE, step);
        assert_eq!(burn.state, State::Partial, "after {minutes} min, by {step}: {:?}", burn.doubts);
        assert!(says(&burn, STORE), "after {minutes} min, by {step}: {:?}", burn.doubts);
        // the last hours are whole: what is good now may be called so
        assert!(burn.good_since.is_some());
    }
}

/// How long was waited, µs: only the test below moves it.
static WAITED: AtomicI64 = AtomicI64::new(0);

#[test]
fn given_a_store_that_was_lost_when_it_is_back_then_what_was_partial_is_asked_again_after_its_wait_and_found_whole() {
    let is_lost = Arc::new(AtomicBool::new(true));
    let lost = Arc::clone(&is_lost);
    let is_old = |asked: &Asked| asked.line.ends_with("query_range") && asked_about(asked).1 < NOW - 2 * HOUR;
    let server = Loopback::start(move |asked| {
        let warnings: &[&str] = if is_old(asked) && lost.load(Ordering::SeqCst) { &[STORE] } else { &[] };
        counts(asked, |_| if asked.body.contains("part") { 1 } else { 500 }, warnings)
    });
    let mut source = source(&server, "bad").measured_by(|| WAITED.load(Ordering::SeqCst));
    let mut after = |seconds: i64| {
        WAITED.fetch_add(seconds * SECOND, Ordering::SeqCst);
        let before = server.asked().iter().filter(|asked| is_old(asked)).count();
        let burn = at(&mut source, NOW, MINUTE);
        let again = server.asked().iter().filter(|asked| is_old(asked)).count() - before;
        (burn.state, says(&burn, STORE), again > 0)
    };
    assert_eq!(after(0), (State::Partial, true, true), "it is asked for the first time");
    assert_eq!(after(59), (State::Partial, true, false), "its wait is not over");
    assert_eq!(after(1), (State::Partial, true, true), "it is asked again, in vain");
    is_lost.store(false, Ordering::SeqCst);
    assert_eq!(after(119), (State::Partial, true, false), "the second wait is twice as long");
    assert_eq!(after(1), (State::Value, false, true), "it is whole now");
    assert_eq!(after(3_600), (State::Value, false, false), "nothing of it is asked any more");
}

#[test]
fn given_a_store_that_comes_back_when_the_newest_is_asked_again_whole_then_only_what_was_not_is_partial() {
    let server = Loopback::start(|asked| {
        let (start, end, _) = asked_about(asked);
        // what was asked at first, of the last minutes
        let is_lost = end <= NOW && start > NOW - 11 * MINUTE;
        counts(asked, |_| if asked.body.contains("part") { 1 } else { 500 }, if is_lost { &[STORE] } else { &[] })
    });
    let mut source = source(&server, "bad");
    assert_eq!(at(&mut source, NOW - MINUTE, MINUTE).state, State::Value);
    let burn = at(&mut source, NOW, MINUTE);
    assert_eq!((burn.state, burn.good_since), (State::Partial, None), "nobody knows what fails now");
    let burn = at(&mut source, NOW + MINUTE, MINUTE);
    assert!(burn.state == State::Partial && says(&burn, STORE), "a minute of it is left: {:?}", burn.doubts);
}

#[test]
fn given_more_good_events_than_events_when_counted_then_both_numbers_and_the_minute_are_said_and_nothing_is_good() {
    let server = Loopback::start(|asked| {
        let is_part = asked.body.contains("part");
        counts(asked, |at| if is_part && at == NOW - 20 * MINUTE { 550 } else { 500 }, &[])
    });
    let mut source = source(&server, "good");
    for minutes in [0, 1, 30] {
        let burn = at(&mut source, NOW + minutes * MINUTE, MINUTE);
        assert_eq!((burn.state, burn.good_since), (State::Partial, None), "{:?}", burn.doubts);
        assert!(says(&burn, "inconsistent: 550 good of 500 events at 11:39"), "{:?}", burn.doubts);
    }
    let later = at(&mut source, NOW + 2 * DAY, MINUTE);
    assert!(later.state == State::Partial && later.good_since.is_some());
    assert!(says(&later, "550 good of 500 events at 2026-11-26 11:39"), "{:?}", later.doubts);
    let gone = at(&mut source, NOW + 31 * DAY, MINUTE);
    assert_eq!((gone.state, gone.doubts.len()), (State::Value, 0), "{:?}", gone.doubts);
}
