//! Budgets to draw in tests: minute 14 of the drill `missing-binary` with its SLO, on top of [`super::sample`].

use super::sample;
use crate::app::condition::Spell;
use crate::app::feed::{Aftermath, Burn, Column, Feed};
use crate::app::then::Then;
use crate::app::{App, SloDesk};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::calendar::Window;
use crate::query::paging::Figures;
use crate::query::series::{Coverage, DAY};
use crate::query::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// An SLO that was asked four seconds ago.
pub fn slo(answer: Result<Burn, Trouble>) -> SloDesk {
    slo_asked(sample::now().minus(Span::seconds(4)), answer)
}

/// An SLO that was asked at a moment.
pub fn slo_asked(when: Time, answer: Result<Burn, Trouble>) -> SloDesk {
    let mut feed = Feed::default();
    let ticket = feed.ask(when);
    feed.take(ticket, when, crate::app::feed::Pace::NEAR, answer);
    SloDesk {
        pace: crate::app::feed::Pace::NEAR,
        narrowest: crate::incident::time::Span::seconds(5),
        name: "api-availability".into(),
        target_ppm: 999_500,
        window: Window::Rolling(30 * DAY),
        slices: None,
        reads: String::new(),
        bad: "status >= 500".into(),
        filters: true,
        called: "refused".into(),
        same_as: None,
        severity: None,
        freeze_below_ppm: None,
        feed,
    }
}

/// Refused requests from 22:50 on, all of them from 22:55 to 23:02; in columns of 15 s from 22:40 to 23:04:30.
pub fn burn() -> Burn {
    let from = sample::at("22:40:00");
    let step = Span::seconds(15);
    let mut left = 800_000_i64;
    let column = |n: i64| {
        let minute = n * 15 / 60;
        let bad: u64 = match minute {
            0..=9 => 0,
            10..=14 => u64::try_from((n - 40) * 50).unwrap_or(0),
            15..=20 => 1_000,
            21 => 400,
            _ => 0,
        };
        left -= i64::try_from(bad).unwrap_or(0) * 14;
        Column { total: Some(1_000), bad, remaining_ppm: Some(left) }
    };
    let columns: Vec<Column> = (0..98).map(column).collect();
    Burn {
        state: State::Value,
        since: None,
        newest: Some(sample::at("23:04:16")),
        total: 172_800_000,
        bad: 57_272,
        sliced: None,
        remaining_ppm: columns.last().and_then(|c| c.remaining_ppm),
        burn_milli: [Some(0), Some(120_000), Some(333_000)],
        lasts: Some(Span::minutes(4 * 60)),
        lasts_rate: Span::minutes(60),
        lasts_ageing: crate::query::projection::Exhaustion::In(Span::minutes(4 * 60).0),
        renews: None,
        traffic_ppm: Some(980_000),
        week_ppm: None,
        minutes: Vec::new(),
        known: Coverage { known: 5 * DAY, window: 30 * DAY },
        conditions: vec![crate::app::feed::Held {
            urgency: crate::incident::alert::Urgency::Page,
            words: "over 14.4x in 1 h and 5 m".into(),
            verdict: crate::query::alert::Verdict::Firing,
            burn_milli: (Some(333_000), Some(Some(120_000))),
            windows: (Span::minutes(60), Some(Span::minutes(5))),
            spells: vec![spell("22:52:00", None)],
            is_open: true,
        }],
        good_since: Some(sample::at("23:02:00")),
        bad_between: Some((sample::at("22:50:00"), sample::at("23:02:00"))),
        bad_minute: Some(0),
        aftermath: Some(Aftermath {
            act: sample::at("22:58:40"),
            before: Some(4_000),
            calm_after: Some(Span::seconds(200)),
        }),
        doubts: vec!["3 bad lines".into()],
        from,
        step,
        columns,
        counting: false,
        looks_back: false,
        then: None,
        source: "lb.ndjson: events, bad is http.response.status_code >= 500".into(),
        opinion: None,
        link: None,
    }
}

/// A time in which a condition held.
pub fn spell(since: &str, until: Option<&str>) -> Spell {
    Spell {
        since: sample::at(since),
        is_cut: false,
        until: until.map(sample::at),
        peak_milli: 333_000,
        began: Figures { long_milli: Some(16_667), short_milli: Some(200_000), left_ppm: Some(790_000) },
        ended: until.map(|_| Figures { long_milli: Some(14_000), short_milli: Some(0), left_ppm: Some(337_000) }),
    }
}

/// The same looked back at from a time at which nothing is known: until 23:03, when 33.9 % was left and a condition held.
pub fn past() -> Burn {
    let mut now = burn();
    now.columns.truncate(92);
    let quiet = |held: crate::app::feed::Held| crate::app::feed::Held {
        verdict: crate::query::alert::Verdict::Unknown,
        burn_milli: (None, Some(None)),
        spells: Vec::new(),
        ..held
    };
    let then = Then {
        until: sample::at("23:03:00"),
        state: State::Value,
        total: 172_000_000,
        bad: 56_000,
        sliced: None,
        remaining_ppm: Some(339_000),
        burn_milli: [Some(0), Some(120_000), Some(321_000)],
        conditions: now.conditions.clone(),
        known: now.known,
    };
    Burn {
        state: State::NoData,
        since: Some(sample::at("23:04:00")),
        remaining_ppm: None,
        burn_milli: [None; 3],
        lasts: None,
        lasts_ageing: crate::query::projection::Exhaustion::Unknown,
        traffic_ppm: None,
        conditions: now.conditions.clone().into_iter().map(quiet).collect(),
        good_since: None,
        bad_between: None,
        bad_minute: None,
        aftermath: None,
        doubts: Vec::new(),
        looks_back: true,
        then: Some(Box::new(then)),
        ..now
    }
}

/// Minute 14 with the SLO as it was answered.
pub fn minute_14(answer: Result<Burn, Trouble>) -> App {
    let mut app = sample::minute_14();
    app.slos = vec![slo(answer)];
    app
}

/// Minute 14 with a chart that looks back until 23:03, and an answer about [that time](past) or another.
pub fn looking_back(answer: Burn) -> App {
    let mut app = minute_14(Ok(answer));
    let past = past();
    let columns = u16::try_from(past.columns.len()).unwrap();
    app.look.until = Some(sample::at("23:03:00"));
    app.look.length = Some(Span(past.step.0 * i64::from(columns)));
    app.spots.chart = Some((past.from, past.step, columns));
    app
}

/// An area, drawn.
pub fn drawn(width: u16, height: u16, draw: impl FnOnce(Rect, &mut Buffer)) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    draw(area, &mut buf);
    sample::dump(&buf)
}
