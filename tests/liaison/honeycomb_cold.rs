//! How many runs it takes until an objective of Honeycomb has its first figures, and until all is there: nothing was asked before.

use super::honeycomb_fake::{Fake, events};
use quarterdeck::app::feed::{Burn, BurnAsk};
use quarterdeck::app::msg::Msg;
use quarterdeck::config::backends::Backend;
use quarterdeck::config::blocks::{Blocks, Slo};
use quarterdeck::config::file;
use quarterdeck::incident::time::{MINUTE, SECOND, Span, Time};
use quarterdeck::liaison::backends::honeycomb::limit::Limits;
use quarterdeck::query::series::{DAY, HOUR};
use quarterdeck::shell::asker::{Asker, Source, Sources};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time(i64::try_from(since.as_micros()).unwrap())
}

fn fake() -> Fake {
    Fake::at(|| now().0 / SECOND)
}

fn runs(fake: &Fake) -> usize {
    fake.times("POST /1/query_results/")
}

/// An objective over a window, by a column.
fn configured(fake: &Fake, window: &str) -> Blocks {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, "right-key\n").unwrap();
    // the file is read when it is asked: it stays
    let _ = dir.keep();
    let text = format!(
        "[[backend]]\nname = 'hny'\nkind = 'honeycomb'\nurl = '{}'\ntoken = {{ file = '{}' }}\n\
         [[slo]]\nname = 'api'\nbackend = 'hny'\ndataset = 'api'\nsli = 'sli.api'\ntarget = 99.5\nwindow = '{window}'\n",
        fake.server.url(),
        key.display()
    );
    let (read, troubles) = file::read(Path::new("config.toml"), &text, Path::new("/"));
    assert!(troubles.is_empty(), "{troubles:?}");
    read.blocks
}

/// Asked by a screen whose chart begins so long ago and has columns of a length.
fn ask(ticket: u64, long: i64, step: i64) -> BurnAsk {
    let (now, step) = (now(), Span(step));
    let from = now.minus(Span(long)).floor(step);
    let columns = u16::try_from(long / step.0 + 1).unwrap();
    BurnAsk { slo: 0, ticket, now, from, step, columns, act: None, shown: true }
}

/// Screens ask and are answered.
struct Screens {
    asker: Asker,
    answers: Receiver<Msg>,
}

impl Screens {
    fn over(slos: &[Slo], backends: &[Backend]) -> Screens {
        let (tell, answers) = channel();
        let sources = Sources::new(slos, backends, &Limits::default()).unwrap();
        let started = sources.start(&tell, |_, work| {
            std::thread::spawn(work);
            Ok(())
        });
        Screens { asker: started.unwrap(), answers }
    }

    fn ask(&self, ask: BurnAsk) {
        self.asker.ask(ask);
    }

    fn next(&self) -> Burn {
        match self.answers.recv_timeout(Duration::from_secs(60)).unwrap() {
            Msg::Burned { answer, .. } => *answer.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// Total and bad events of some minutes.
fn counted(minutes: std::ops::Range<i64>) -> (u64, u64) {
    let sum = |kinds: &[usize]| {
        minutes.clone().map(|minute| kinds.iter().map(|kind| events(minute)[*kind]).sum::<i64>()).sum::<i64>()
    };
    (sum(&[0, 1, 2]).unsigned_abs(), sum(&[1]).unsigned_abs())
}

/// The figures of a window of seven days are those of its events, but for a quarter of an hour where it begins until that is asked for.
fn is_right(burn: &Burn, is_all: bool) {
    let known = burn.known.known / MINUTE;
    assert!(burn.known.known > 7 * DAY - 3 * HOUR, "{:?}", burn.known);
    let to = burn.newest.unwrap().0 / MINUTE;
    let (total, bad) = counted(to - known..to);
    let near = |is: u64, should: u64, most: u64| is.abs_diff(should) <= most;
    let edge = if is_all { 0 } else { 15 };
    assert!(near(burn.total, total, 1_000 * edge) && near(burn.bad, bad, 6 * edge), "{burn:?} {total} {bad}");
}

#[test]
fn given_a_window_of_a_week_when_a_command_asks_then_a_few_runs_answer_for_all_of_it() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let mut source = Source::new(&blocks.slos[0], &blocks.backends).unwrap();
    let burn = source.answer(&ask(1, 0, MINUTE)).unwrap();
    assert!(runs(&fake) <= 5, "{} runs", runs(&fake));
    is_right(&burn, true);
}

#[test]
fn given_a_window_of_a_week_when_a_screen_opens_then_its_first_figures_take_two_runs_and_all_of_it_a_few() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let screens = Screens::over(&blocks.slos, &blocks.backends);
    let answer = |ask: BurnAsk| {
        screens.ask(ask);
        screens.next()
    };
    let first = answer(ask(1, 2 * HOUR, MINUTE));
    assert!(first.counting && first.doubts.contains(&"still asking for the past".to_owned()), "{:?}", first.doubts);
    assert_eq!(runs(&fake), 2, "{:?}", first.known);
    is_right(&first, false);
    // each minute of the chart is there, and exact
    let minute = |at: i64| counted(at / MINUTE..at / MINUTE + 1);
    let columns = first.columns.iter().take(100).enumerate();
    for (place, column) in columns {
        let (total, bad) = minute(first.from.0 + i64::try_from(place).unwrap() * MINUTE);
        assert_eq!((column.total, column.bad), (Some(total), bad), "column {place}");
    }
    // the last day follows with the next answer, minute by minute
    let whole = answer(ask(2, 2 * HOUR, MINUTE));
    let all = runs(&fake);
    assert!(all <= 6, "{all} runs");
    assert_eq!(whole.doubts, ["hny can be asked about the last 7 days"]);
    is_right(&whole, true);
    // wide columns need no more, but where somebody looks at the conditions of their time
    let wide = answer(BurnAsk { shown: false, ..ask(3, 6 * DAY, 2 * HOUR) });
    assert_eq!(runs(&fake), all);
    let (total, bad) = counted(wide.from.0 / MINUTE + 2 * 120..wide.from.0 / MINUTE + 3 * 120);
    assert_eq!((wide.columns[2].total, wide.columns[2].bad), (Some(total), bad));
}

#[test]
fn given_narrow_columns_of_long_ago_when_they_are_looked_at_then_each_minute_is_asked_for() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let mut source = Source::new(&blocks.slos[0], &blocks.backends).unwrap();
    let burn = source.answer(&ask(1, 2 * DAY, 5 * MINUTE)).unwrap();
    for (place, column) in burn.columns.iter().enumerate().take(500) {
        let at = (burn.from.0 + i64::try_from(place).unwrap() * 5 * MINUTE) / MINUTE;
        let (total, bad) = counted(at..at + 5);
        assert_eq!((column.total, column.bad), (Some(total), bad), "column {place}");
    }
    assert!(runs(&fake) <= 7, "{} runs", runs(&fake));
}

#[test]
fn given_a_week_of_wide_columns_when_a_screen_opens_then_its_first_figures_take_two_runs_as_well() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let screens = Screens::over(&blocks.slos, &blocks.backends);
    screens.ask(ask(1, 7 * DAY, 2 * HOUR));
    let burn = screens.next();
    assert_eq!(runs(&fake), 2);
    is_right(&burn, true);
    for (place, column) in burn.columns.iter().enumerate().take(82).skip(2) {
        let at = burn.from.0 / MINUTE + i64::try_from(place).unwrap() * 120;
        let (total, bad) = counted(at..at + 120);
        assert_eq!((column.total, column.bad), (Some(total), bad), "column {place}");
    }
}

#[test]
fn given_a_probe_of_a_week_when_it_is_only_asked_how_it_stands_now_then_two_runs_answer() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let mut source = Source::new(&blocks.slos[0], &blocks.backends).unwrap();
    let glance = BurnAsk { columns: 1, shown: false, ..ask(1, 0, MINUTE) };
    let burn = source.answer(&glance).unwrap();
    assert_eq!(runs(&fake), 2);
    is_right(&burn, false);
    let minutes = source.series(glance.now).unwrap();
    let end = minutes.end().unwrap() / MINUTE;
    let lately = minutes.sum(end * MINUTE, 5 * MINUTE);
    assert_eq!((lately.total, lately.bad), counted(end - 5..end));
}

#[test]
fn given_several_windows_of_a_week_when_a_screen_asks_for_all_then_each_has_its_whole_window_within_the_first_turns() {
    let fake = fake();
    let blocks = configured(&fake, "7d");
    let named = |n: usize| Slo { name: format!("api-{n}"), ..blocks.slos[0].clone() };
    let slos: Vec<Slo> = (0..4).map(named).collect();
    let screens = Screens::over(&slos, &blocks.backends);
    for slo in 0..slos.len() {
        screens.ask(BurnAsk { slo, ..ask(1 + slo as u64, 2 * HOUR, MINUTE) });
    }
    // two runs each are eight: no turn is left for more, and none is needed
    for _ in 0..slos.len() {
        is_right(&screens.next(), false);
    }
    assert_eq!(runs(&fake), 8);
}
