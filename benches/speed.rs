//! What speed is claimed, measured: folding an incident, drawing one frame of it, reading it from disk, and counting events.
//!
//! Run with `cargo bench`. Figures of shared machines are noisy: compare two of one sitting.

use divan::Bencher;
use quarterdeck::app::feed::{Burn, BurnAsk, Column, Feed};
use quarterdeck::app::keymap::Keymap;
use quarterdeck::app::log::Log;
use quarterdeck::app::msg::{Effect, Msg};
use quarterdeck::app::{App, Person, SloDesk, SwitchDesk, update};
use quarterdeck::engine::events::Events;
use quarterdeck::engine::question::Question;
use quarterdeck::incident::Incident;
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::entry::{Entry, EntryId, Session};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::{Act, Intended, Outcome, Settled};
use quarterdeck::incident::record::Noted;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::switch::Sight;
use quarterdeck::incident::time::{MINUTE, SECOND, Span, Time};
use quarterdeck::journal::{BATCH, Journal};
use quarterdeck::query::series::{Coverage, DAY};
use quarterdeck::query::state::State;
use quarterdeck::view;
use quarterdeck::view::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::fmt::Write as _;
use std::path::PathBuf;

const START: Time = Time(1_562_712_480_000_000);
/// The moment that is drawn: shortly after the last entry.
const NOW: Time = Time(START.0 + 30_000 * SECOND);
const ENTRIES: u64 = 100_000;

fn main() {
    divan::main();
}

fn entry(seq: u64, fact: Fact) -> Entry {
    let session = Session(7);
    let at = START.plus(Span(i64::try_from(seq).unwrap_or(0) * 300_000));
    Entry {
        incident: 1,
        seq,
        id: EntryId::of(session, seq),
        at,
        recorded: at,
        when: None,
        author: "Ana".into(),
        session,
        fact,
    }
}

fn declared() -> Declared {
    Declared {
        title: "API refuses all traffic".into(),
        severity: Severity::Sev1,
        began: None,
        began_about: false,
        ended: None,
        ended_about: false,
        detected_by: None,
        restricted: false,
    }
}

/// An incident of a hundred thousand entries, nearly all of them notes of a dozen words.
fn entries() -> Vec<Entry> {
    let note = |seq: u64| Noted {
        text: format!(
            "host api-{} refuses, upstream times out after {} ms, shard {} is behind",
            seq % 40,
            seq % 977,
            seq % 16
        ),
        pinned: false,
    };
    let first = std::iter::once(entry(1, declared().into()));
    first.chain((2..=ENTRIES).map(|seq| entry(seq, note(seq).into()))).collect()
}

#[divan::bench(sample_count = 10)]
fn fold_100_000_entries(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(entries).bench_local_values(|entries| {
        let (mut incident, mut log) = (Incident::new(1), Log::default());
        for entry in entries {
            if incident.apply(&entry) {
                log.push(&incident, entry);
            }
        }
        (incident, log)
    });
}

fn app() -> Option<App> {
    let person = Person { name: "Ana".into(), assumed: false };
    let mut app = App::new(person, Session(8), 1, Keymap::built_in().ok()?);
    update(&mut app, START, Msg::Entries { number: 1, entries: entries(), more: false });
    app.slos.push(SloDesk {
        pace: quarterdeck::app::feed::Pace::NEAR,
        narrowest: quarterdeck::incident::time::Span::seconds(5),
        name: "api-availability".into(),
        target_ppm: 999_500,
        window: quarterdeck::query::calendar::Window::Rolling(30 * 24 * 60 * MINUTE),
        slices: None,
        reads: String::new(),
        bad: "http.response.status_code >= 500".into(),
        filters: true,
        called: "refused".into(),
        same_as: None,
        severity: None,
        freeze_below_ppm: None,
        feed: Feed::default(),
    });
    app.switches.extend(["release", "ingest", "signup", "exports"].map(|name| SwitchDesk {
        name: name.into(),
        environment: "production".into(),
        stop: "off".into(),
        offers: quarterdeck::app::switches::Offers::default(),
        pace: quarterdeck::app::feed::Pace::NEAR,
        compared: None,
        critical: true,
        feed: Feed::default(),
    }));
    // every panel has been answered once
    for effect in update(&mut app, NOW, Msg::Tick) {
        match effect {
            Effect::Ask(ask) => {
                let answer = Ok(Box::new(burn(&ask)));
                update(&mut app, NOW, Msg::Burned { slo: ask.slo, ticket: ask.ticket, answer });
            }
            Effect::Look { switch, ticket, .. } => {
                let sight = Sight { value: "true".into(), ..Sight::default() };
                update(&mut app, NOW, Msg::Looked { switch, ticket, answer: Ok(Box::new(sight)) });
            }
            _ => {}
        }
    }
    Some(app)
}

/// A burn with a column for each that was asked for, an outage in the second half.
fn burn(ask: &BurnAsk) -> Burn {
    let column = |n: u16| {
        let bad = if n > ask.columns / 2 { 900 } else { 0 };
        let left = 800_000 - i64::from(n.saturating_sub(ask.columns / 2)) * 10_000;
        Column { total: Some(1_000), bad, remaining_ppm: Some(left) }
    };
    Burn {
        looks_back: false,
        then: None,
        state: State::Value,
        since: None,
        newest: Some(ask.now),
        total: 172_800_000,
        bad: 17_280,
        remaining_ppm: Some(337_000),
        burn_milli: [Some(333_000); 3],
        lasts_rate: quarterdeck::incident::time::Span::minutes(60),
        lasts: Some(Span(4 * 60 * MINUTE)),
        lasts_ageing: quarterdeck::query::projection::Exhaustion::Never,
        renews: None,
        sliced: None,
        traffic_ppm: Some(980_000),
        week_ppm: None,
        minutes: Vec::new(),
        known: Coverage { known: 30 * DAY, window: 30 * DAY },
        conditions: vec![quarterdeck::app::feed::Held {
            urgency: quarterdeck::incident::alert::Urgency::Page,
            words: "over 14.4x in 1 h and 5 m".into(),
            verdict: quarterdeck::query::alert::Verdict::Firing,
            burn_milli: (Some(333_000), Some(Some(120_000))),
            windows: (Span::minutes(60), Some(Span::minutes(5))),
            spells: Vec::new(),
            is_open: true,
        }],
        good_since: None,
        bad_between: Some((ask.from, ask.now)),
        bad_minute: Some(3_600),
        aftermath: None,
        doubts: Vec::new(),
        counting: false,
        from: ask.from,
        step: ask.step,
        columns: (0..ask.columns).map(column).collect(),
        source: "lb: http.response.status_code >= 500".into(),
        opinion: None,
        link: None,
    }
}

#[divan::bench(args = [(80, 24), (120, 36), (160, 48), (200, 60)])]
fn draw_one_frame(bencher: Bencher<'_, '_>, (width, height): (u16, u16)) {
    let (Some(app), Some(Ok(theme))) = (app(), Theme::built_in("dark")) else { return };
    let area = Rect::new(0, 0, width, height);
    let mut cells = Buffer::empty(area);
    bencher.bench_local(|| {
        cells.reset();
        view::draw(&app, &theme, NOW, area, &mut cells)
    });
}

/// How many other incidents there were, and how often each stopped something and took it back.
const OTHERS: u64 = 20;
const STOPS: u64 = 25;

/// A screen with twelve switches and other incidents that are closed, each of fifty acts on them.
fn after_others() -> Option<App> {
    let mut app = app()?;
    let first = app.switches.first()?.clone();
    app.switches.extend((5..=12).map(|n| SwitchDesk { name: format!("switch-{n}"), ..first.clone() }));
    let names: Vec<String> = app.switches.iter().map(|desk| desk.name.clone()).collect();
    let other = |number: u64| {
        let mut incident = Incident::new(u32::try_from(number).unwrap_or(0));
        let mut seq = 0;
        let mut says = |fact: Fact| {
            seq += 1;
            let entry =
                Entry { incident: incident.number(), id: EntryId::of(Session(number), seq), ..entry(seq, fact) };
            incident.apply(&entry);
            entry.id
        };
        says(declared().into());
        for n in 0..STOPS {
            let target = names.iter().cycle().nth(usize::try_from(n).unwrap_or(0)).cloned().unwrap_or_default();
            let served = |on: bool| Some(if on { "true" } else { "false" }.to_owned());
            let before = Some("{\"state\":\"ENABLED\",\"defaultVariant\":\"on\"}".to_owned());
            let stop = Intended {
                target,
                from: served(true),
                to: served(false),
                before,
                why: "it fails".into(),
                ..Intended::default()
            };
            let done = |intent: EntryId| Settled {
                intent,
                outcome: Outcome::Done,
                detail: "read back".into(),
                ..Settled::default()
            };
            let stopped = says(stop.clone().into());
            says(done(stopped).into());
            let back = Intended {
                act: Act::Revert,
                from: stop.to.clone(),
                to: stop.from.clone(),
                reverts: Some(stopped),
                ..stop
            };
            let restored = says(back.into());
            says(done(restored).into());
        }
        incident
    };
    update(&mut app, NOW, Msg::Incidents((2..2 + OTHERS).map(other).collect()));
    Some(app)
}

#[divan::bench]
fn draw_one_frame_with_1_000_acts_of_other_incidents(bencher: Bencher<'_, '_>) {
    let (Some(app), Some(Ok(theme))) = (after_others(), Theme::built_in("dark")) else { return };
    let area = Rect::new(0, 0, 120, 36);
    let mut cells = Buffer::empty(area);
    bencher.bench_local(|| {
        cells.reset();
        view::draw(&app, &theme, NOW, area, &mut cells)
    });
}

/// What the frame before would cost once more for each time that somebody asks, were it not done when the journal changes.
#[divan::bench]
fn put_1_000_acts_of_other_incidents_together(bencher: Bencher<'_, '_>) {
    let Some(app) = after_others() else { return };
    bencher.bench_local(|| app.incident.acts(&app.rules.elsewhere).all().len());
}

#[divan::bench(sample_count = 10)]
fn read_100_000_entries_from_disk(bencher: Bencher<'_, '_>) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let path = dir.path().join("bench.journal");
    let Ok(mut journal) = Journal::open_for_writing(&path, true) else { return };
    if journal.import(&entries()).is_err() {
        return;
    }
    bencher.bench_local(|| {
        let mut head = 0;
        while let Ok(read) = journal.read_since(1, head, BATCH) {
            head += read.entries.len() as u64;
            if !read.more {
                break;
            }
        }
        head
    });
}

/// Half a million events of a balancer, 13 fields each.
fn events(dir: &std::path::Path) -> std::io::Result<PathBuf> {
    let mut text = String::new();
    for n in 0..500_000_u64 {
        let status = if n % 97 == 0 { 503 } else { 200 };
        let at = START.plus(Span(i64::try_from(n).unwrap_or(0) * 2_000)).iso();
        let _ = writeln!(
            text,
            r#"{{"time":"{at}","service":"api","host":"api-{}","build":"1822","route":"/1/events","customer":"c{}","http.request.method":"POST","http.response.status_code":{status},"duration_ms":{}.{},"trace.trace_id":"{:032x}","trace.span_id":"{:016x}"}}"#,
            n % 8,
            n % 24,
            n % 90,
            n % 10,
            u128::from(n) * 7_919,
            n * 104_729,
        );
    }
    let path = dir.join("lb.ndjson");
    std::fs::write(&path, text)?;
    Ok(path)
}

#[divan::bench(sample_count = 5)]
fn load_500_000_events(bencher: Bencher<'_, '_>) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let Ok(path) = events(dir.path()) else { return };
    bencher.bench_local(|| {
        let mut events = Events::open(&path).ok()?;
        while events.poll(64 << 20).more {}
        Some(events.reading().events)
    });
}

#[divan::bench(sample_count = 20)]
fn count_500_000_events_by_minute(bencher: Bencher<'_, '_>) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let Ok(path) = events(dir.path()) else { return };
    let Ok(mut events) = Events::open(&path) else { return };
    while events.poll(64 << 20).more {}
    let Ok(bad) = "http.response.status_code >= 500".parse() else { return };
    let mut question = Question { bad, valid: None, from: START.0, to: START.0 + 20 * MINUTE, step: MINUTE };
    bencher.bench_local(|| {
        // another span each time: nothing is answered from what was counted before
        question.from -= MINUTE;
        events.series(&question).map(|answer| answer.rows).ok()
    });
}
