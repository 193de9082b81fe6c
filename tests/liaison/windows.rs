//! The same events in a file and in a backend have the same figures, whatever window a budget has and whatever it is counted in.

use super::loopback::{Asked, Loopback, json};
use quarterdeck::app::feed::{Burn, BurnAsk, Sliced};
use quarterdeck::config::file;
use quarterdeck::incident::time::{HOUR, MINUTE, SECOND, Span, Time};
use quarterdeck::query::alert::Verdict;
use quarterdeck::query::projection::Exhaustion;
use quarterdeck::query::series::DAY;
use quarterdeck::query::state::State;
use quarterdeck::shell::asker::Source;
use std::fmt::Write as _;
use std::path::Path;

/// 26 October 2026, 00:00 in Paris: the night before, the clocks went back.
const BORDER: i64 = 1_792_969_200_000_000;
/// An event every so often.
const EVERY: i64 = 10 * SECOND;

/// Everything fails from ten minutes before the border until ten minutes after it.
fn fails(at: i64) -> bool {
    (BORDER - 10 * MINUTE..BORDER + 10 * MINUTE).contains(&at)
}

/// An event file of two days before the border and 90 minutes after it.
fn events() -> String {
    let mut text = String::new();
    for at in (0..).map(|n| BORDER - 2 * DAY + n * EVERY).take_while(|at| *at < BORDER + 90 * MINUTE) {
        let status = if fails(at) { 500 } else { 200 };
        writeln!(text, "{{\"time\":\"{}\",\"status\":{status}}}", Time(at).iso()).unwrap();
    }
    text
}

/// How many of these events there are in each step of a question, as increases until its end.
fn increases(asked: &Asked) -> String {
    let number = |name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default() * SECOND;
    let (start, end, step) = (number("start"), number("end"), number("step").max(EVERY));
    let failed = asked.field("query").is_some_and(|query| query.contains("failed"));
    let mut values = Vec::new();
    for until in (0..).map(|n| start + n * step).take_while(|until| *until <= end) {
        if until <= BORDER - 2 * DAY {
            continue;
        }
        let counted = (0..step / EVERY).map(|n| until - step + n * EVERY).filter(|at| !failed || fails(*at)).count();
        values.push(format!("[{},\"{counted}\"]", until / SECOND));
    }
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
        values.join(",")
    )
}

/// How an objective with these lines stands so long after the border, of a file and of a backend.
fn both(lines: &str, after: i64) -> [Burn; 2] {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lb.ndjson");
    std::fs::write(&path, events()).unwrap();
    let server = Loopback::start(|asked| json(&increases(asked)));
    let text = format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\ninterval = '15s'\nurl = '{}'\n\
         [[slo]]\nname = 'near'\nevents = '{}'\nbad = 'status >= 500'\n{lines}\
         [[slo]]\nname = 'far'\nbackend = 'metrics'\ntotal = 'sum(increase(all[{{{{.window}}}}]))'\n\
         bad = 'sum(increase(failed[{{{{.window}}}}]))'\n{lines}",
        server.url(),
        path.display()
    );
    let (read, troubles) = file::read(Path::new("config.toml"), &text, dir.path());
    assert!(troubles.is_empty(), "{troubles:?}");
    let [near, far] = read.blocks.slos.as_slice() else { panic!("two objectives") };
    let now = Time(BORDER + after);
    let step = Span(MINUTE);
    let columns = u16::try_from(after / MINUTE + 61).unwrap();
    let ask = BurnAsk { slo: 0, ticket: 1, now, from: Time(BORDER - HOUR), step, columns, act: None, shown: true };
    [near, far].map(|slo| Source::new(slo, &read.blocks.backends).unwrap().answer(&ask).unwrap())
}

#[test]
fn given_a_day_of_a_calendar_when_asked_of_a_file_and_of_a_backend_then_both_count_from_its_beginning() {
    for burn in both("target = 90\nwindow = 'day'\nzone = 'Europe/Paris'\n", 90 * MINUTE) {
        // six a minute for 90 minutes, sixty of which failed where 54 may
        assert_eq!((burn.total, burn.bad, burn.remaining_ppm), (540, 60, Some(-111_112)), "{}", burn.source);
        assert_eq!((burn.known.known, burn.known.window), (90 * MINUTE, 90 * MINUTE));
        assert_eq!((burn.lasts_ageing, burn.renews), (Exhaustion::Already, Some(Time(BORDER + DAY))));
        let left = |column: usize| burn.columns[column].remaining_ppm;
        // the day before had 25 hours: 60 of 9,000 failed until it ended, and then six of six
        assert_eq!((left(49), left(58), left(59)), (Some(1_000_000), Some(939_959), Some(933_333)));
        assert_eq!((left(60), left(149)), (Some(-9_000_000), Some(-111_112)));
    }
}

#[test]
fn given_a_rolling_day_when_asked_of_both_then_it_goes_back_by_24_hours() {
    for burn in both("target = 90\nwindow = '1d'\n", 90 * MINUTE) {
        assert_eq!((burn.total, burn.bad, burn.remaining_ppm), (8_640, 120, Some(861_111)), "{}", burn.source);
        assert_eq!((burn.known.complete(), burn.renews), (true, None));
    }
}

#[test]
fn given_a_window_of_months_when_asked_of_both_then_conditions_are_judged_by_the_minute_all_the_same() {
    // the fourteenth minute of it, 14 of 60; the condition of an hour holds from where more than so many of it failed
    for (window, from) in [("365d", 1), ("year", 1), ("quarter", -7), ("90d", -7)] {
        let lines = format!("target = 99.9\nwindow = '{window}'\nzone = 'Europe/Paris'\n");
        let lines = if window.ends_with('d') { lines.replace("zone = 'Europe/Paris'\n", "") } else { lines };
        for burn in both(&lines, 4 * MINUTE) {
            let page = &burn.conditions[0];
            assert_eq!(
                (page.verdict, page.burn_milli),
                (Verdict::Firing, (Some(233_334), Some(Some(1_000_000)))),
                "{window}, {}",
                burn.source
            );
            let since = page.spells.last().map(|spell| (spell.since.0 - BORDER) / MINUTE);
            assert_eq!((page.is_open, since), (true, Some(from)), "{window}, {}", burn.source);
            assert_eq!(
                (burn.bad, burn.burn_milli),
                (84, [1_000_000, 1_000_000, 233_334].map(Some)),
                "{window}, {}",
                burn.source
            );
        }
    }
}

#[test]
fn given_a_chart_of_more_than_a_year_when_asked_then_no_question_is_wider_than_a_backend_answers() {
    let server = Loopback::start(|asked| json(&increases(asked)));
    let text = format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\nurl = '{}'\n\
         [[slo]]\nname = 'far'\nbackend = 'metrics'\ntotal = 'all'\nbad = 'failed'\ntarget = 99.9\nwindow = '400d'\n",
        server.url()
    );
    let (read, troubles) = file::read(Path::new("config.toml"), &text, Path::new("/"));
    assert!(troubles.is_empty(), "{troubles:?}");
    let now = Time(BORDER + 90 * MINUTE);
    let step = Span(4 * DAY);
    let from = now.minus(Span(400 * DAY)).floor(step);
    let ask = BurnAsk { slo: 0, ticket: 1, now, from, step, columns: 102, act: None, shown: false };
    let burn = Source::new(&read.blocks.slos[0], &read.blocks.backends).unwrap().answer(&ask).unwrap();
    assert_eq!((burn.total, burn.bad), (6 * (2 * 1_440 + 90), 120));
    let number = |asked: &Asked, name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok());
    let asked = server.asked();
    let points =
        asked.iter().filter_map(|one| Some((number(one, "end")? - number(one, "start")?) / number(one, "step")? + 1));
    assert!(points.clone().all(|points| points <= 11_000), "{:?}", points.collect::<Vec<_>>());
    // two windows of hours, and the minutes of a day and where the window begins; each is asked for twice
    let hours = asked.iter().filter(|one| number(one, "step") == Some(3_600)).count();
    assert!(hours == 4 && asked.len() <= 12, "{hours} of {}", asked.len());
}

#[test]
fn given_slices_when_asked_of_both_then_they_are_the_same_slices() {
    let lines =
        "target = 90\nwindow = 'day'\nzone = 'Europe/Paris'\nmethod = 'timeslices'\nslice = '5m'\nslice-target = 95\n";
    // in the middle of a slice
    for burn in both(lines, 88 * MINUTE) {
        // two of seventeen where one in ten may
        assert_eq!((burn.total, burn.bad, burn.remaining_ppm), (17, 2, Some(-176_471)), "{}", burn.source);
        assert_eq!(burn.sliced, Some(Sliced { events: 510, bad: 60, skipped: 0 }));
        assert_eq!((burn.columns[59].remaining_ppm, burn.columns[60].remaining_ppm), (Some(933_333), None));
        assert_eq!((burn.columns[60].total, burn.columns[64].remaining_ppm), (Some(6), Some(-9_000_000)));
    }
}

#[test]
fn given_a_window_of_a_week_when_the_night_is_like_every_night_then_an_hour_later_its_traffic_is_not_gone() {
    let number = |asked: &Asked, name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok());
    let server = Loopback::start(move |asked| {
        let [start, end, step] = ["start", "end", "step"].map(|name| number(asked, name).unwrap_or_default());
        let at_night = |at: i64| !(8..20).contains(&(at / 3_600 % 24));
        let count =
            |at: i64| if asked.body.contains("failed") { 1 } else { 1_000 - 800 * i64::from(at_night(at - 60)) };
        let moments = (0..).map(|n| start + n * step.max(1)).take_while(|at| *at <= end);
        let values: Vec<String> = moments.map(|at| format!("[{at},\"{}\"]", count(at))).collect();
        json(&format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
            values.join(",")
        ))
    });
    let text = format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\ninterval = '15s'\nurl = '{}'\n\
         [[slo]]\nname = 'far'\nbackend = 'metrics'\ntotal = 'sum(increase(all[{{{{.window}}}}]))'\n\
         bad = 'sum(increase(failed[{{{{.window}}}}]))'\ntarget = 90\nwindow = '7d'\n",
        server.url(),
    );
    let (read, troubles) = file::read(Path::new("config.toml"), &text, Path::new("/"));
    assert!(troubles.is_empty(), "{troubles:?}");
    let mut source = Source::new(&read.blocks.slos[0], &read.blocks.backends).unwrap();
    let mut at = |minute: i64| {
        let now = Time(BORDER.div_euclid(DAY) * DAY + 20 * HOUR + minute * MINUTE);
        let from = now.minus(Span(HOUR));
        let step = Span(MINUTE);
        let ask = BurnAsk { slo: 0, ticket: 1, now, from, step, columns: 60, act: None, shown: true };
        source.answer(&ask).unwrap()
    };
    assert_eq!(at(30).state, State::TrafficGone, "nobody knows yet that it is the night");
    let later = at(70);
    assert_eq!((later.state, later.week_ppm, later.doubts), (State::Value, Some(1_000_000), vec![]));
    // what last week is compared with is not counted
    assert_eq!((later.known.complete(), later.known.window), (true, 7 * DAY));
    assert_eq!(later.bad, 7 * 24 * 60);
}
