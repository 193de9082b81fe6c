//! Everything about the budget on the screen: what was asked of whom, and the exact figures.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::App;
use crate::app::feed::{Burn, Held, Sliced, SloDesk};
use crate::incident::burn::BurnNoted;
use crate::incident::pinned::ChartPinned;
use crate::incident::time::{Span, Time};
use crate::incident::timeline::rate;
use crate::incident::trouble::Trouble;
use crate::query::alert::Verdict;
use crate::query::calendar::Window;
use crate::query::projection::Exhaustion;
use crate::query::series::Sum;
use crate::query::slo::{Budget, MILLION};
use crate::query::state::State;
use crate::view::burn::title::{Trust, coarse, promise, target, trust};
use crate::view::theme::Meaning;
use crate::view::words::{count, span};

/// Puts the rows together; answers with words for the title.
pub(super) fn rows(app: &App, now: Time, page: &mut Page) -> String {
    let Some(slo) = app.shown_slo() else {
        page.add("", "No SLO is configured. Nothing is known about the budget. Add an [[slo]] to the configuration.");
        super::changes::rows(app, now, page);
        return "the budget".into();
    };
    page.add("target", promise(slo));
    if let Some(slices) = slo.slices {
        let words = format!(
            "{slices} each, good with {} good events; without events they do not count",
            target(slices.target_ppm)
        );
        page.add("slices are", words);
    }
    page.add("bad is", &slo.bad);
    for dispute in app.disputes(now) {
        page.add_as("disagree", dispute.words(), Meaning::Overdue);
    }
    match &slo.feed.last {
        Some((at, burn)) => {
            let age = if now.since(*at) < Span::seconds(15) {
                "live".into()
            } else {
                format!("{} ago", coarse(now.since(*at)))
            };
            page.add("answered", format!("{}   {age}", moment(app, *at)));
            page.add("by", &burn.source);
            if let Some(opinion) = &burn.opinion {
                // of a time that is over it says nothing
                let name = if app.chart_until(now).is_some() { "it says of now" } else { "it says itself" };
                page.add(name, format!("{}, at {}", opinion.words(), Time(opinion.at).clock_minutes()));
            }
            page.add("in the browser", burn.link.as_deref().unwrap_or_default());
            super::then::rows(app, slo, burn, now, page);
            answer(app, slo, (*at, burn), now, page);
        }
        None => page.add_as("answered", "nobody has answered yet", Meaning::Unknown),
    }
    if let Some((at, trouble)) = &slo.feed.trouble {
        let is_beyond = matches!(trouble, Trouble::Beyond(_));
        page.heading(if is_beyond { "Out of reach" } else { "What went wrong" });
        page.add("at", moment(app, *at));
        page.add_as("in words", trouble.words(), Meaning::Warn);
    }
    if let Some((at, noted_last)) = app.incident.burns().get(&slo.name) {
        page.heading("Noted last, as evidence");
        page.add("at", moment(app, *at));
        noted(noted_last, page);
    }
    super::changes::rows(app, now, page);
    slo.name.clone()
}

fn answer(app: &App, slo: &SloDesk, (answered, burn): (Time, &Burn), now: Time, page: &mut Page) {
    let at = |time: Option<Time>| time.map(|time| moment(app, time)).unwrap_or_default();
    let loud = if trust(slo, now) == Trust::Live { Meaning::Text } else { Meaning::Unknown };
    // below another time every heading says that this is of now
    let is_back = app.chart_until(now).is_some();
    if is_back {
        page.heading("Now, not then");
    }
    page.add_as("data", data(burn.state.word()), if burn.state == State::Value { loud } else { Meaning::Unknown });
    page.add("since", at(burn.since));
    page.add("newest event", at(burn.newest));
    page.add("window", burn.known.to_string());
    let period = slo.window.calendar();
    page.add("period", said_period(slo, answered));
    page.heading(if is_back { "The budget now" } else { "The budget" });
    window(slo, (burn.total, burn.bad), burn.remaining_ppm, burn.sliced, page);
    let until = |length: i64| format!("{}, until {}", span(length), moment(app, answered.plus(Span(length))));
    page.add(
        "lasts",
        match burn.lasts {
            Some(_) if burn.remaining_ppm.is_some_and(|left| left <= 0) => "nothing is left".into(),
            Some(l) => format!("{} at the rate of the last {}", until(l.0), span(burn.lasts_rate.0)),
            None => String::new(),
        },
    );
    let anew =
        burn.renews.zip(period).map(|(renews, calendar)| format!("it begins anew on {}", calendar.said(renews.0)));
    let ageing = match (burn.lasts_ageing, anew) {
        (Exhaustion::Already, Some(anew)) => format!("nothing is left until {anew}"),
        (Exhaustion::Never, Some(anew)) => format!("not before {anew}"),
        (Exhaustion::In(length), Some(_)) => format!("{} while what comes adds to the budget", until(length)),
        (Exhaustion::Unknown, Some(anew)) => anew,
        (Exhaustion::Already | Exhaustion::Unknown, None) => String::new(),
        (Exhaustion::In(length), None) => format!("{} while old failures leave the window", until(length)),
        (Exhaustion::Never, None) => "not spent within its window: old failures leave it, or nothing fails now".into(),
    };
    page.add("or", ageing);
    page.heading("Now");
    rates(burn.burn_milli, page);
    page.add(
        "traffic",
        burn.traffic_ppm
            .map(|ppm| format!("{} of usual", exact(i64::try_from(ppm).unwrap_or(i64::MAX))))
            .unwrap_or_default(),
    );
    page.add(
        "time of week",
        burn.week_ppm
            .map(|ppm| format!("{} of the same minutes of weeks before", exact(i64::try_from(ppm).unwrap_or(i64::MAX))))
            .unwrap_or_default(),
    );
    page.add(
        "bad between",
        burn.bad_between.map(|(a, b)| format!("{} and {}", moment(app, a), moment(app, b))).unwrap_or_default(),
    );
    page.add("good since", at(burn.good_since));
    conditions(&burn.conditions, "now", now, page);
    for doubt in &burn.doubts {
        page.add_as("doubt", doubt, Meaning::Warn);
    }
    page.heading("The chart");
    page.add("from", moment(app, burn.from));
    page.add("a column is", format!("{}, and there are {}", span(burn.step.0), burn.columns.len()));
}

/// What the words for what is known mean; others are as they were written.
fn data(word: &str) -> String {
    let means = match word {
        "value" => return "comes in".into(),
        "no traffic" => "the source answers, and there were no events",
        "partial" => "not all of it could be read",
        "traffic gone" => "far fewer events than usual",
        "no data" => "nothing is known about now",
        other => return other.to_owned(),
    };
    format!("{word}: {means}")
}

/// The period of a calendar in which a moment lies; nothing of a window that rolls.
pub(super) fn said_period(slo: &SloDesk, at: Time) -> String {
    slo.window.calendar().map_or_else(String::new, |calendar| {
        let (first, next) = calendar.period(at.0);
        format!("{} to {}", calendar.said(first), calendar.said(next))
    })
}

/// What was counted in a window, and what is left of its budget.
pub(super) fn window(
    slo: &SloDesk,
    (total, bad): (u64, u64),
    remaining_ppm: Option<i64>,
    sliced: Option<Sliced>,
    page: &mut Page,
) {
    let what = if sliced.is_some() { "slices" } else { "events" };
    counts(what, (total, bad), Some(budget((total, bad), slo.target_ppm).events()), remaining_ppm, page);
    if let Some(sliced) = sliced {
        if sliced.skipped > 0 {
            page.add("without events", format!("{} slices, which do not count", count(sliced.skipped)));
        }
        page.add("events", format!("{}, {} bad", count(sliced.events), count(sliced.bad)));
    }
}

/// Burn rates over the last minute, five minutes and hour.
pub(super) fn rates(burn_milli: [Option<u64>; 3], page: &mut Page) {
    for (milli, of) in burn_milli.iter().zip(["1 m", "5 m", "1 h"]) {
        let words = milli.map_or_else(|| "not known".into(), |milli| format!("{}x", rate(milli)));
        page.add(&format!("burn in {of}"), words);
    }
}

/// How conditions stand, or stood `when` it is said.
pub(super) fn conditions(all: &[Held], when: &str, beside: Time, page: &mut Page) {
    page.add_as("conditions", Held::unwatched(all).unwrap_or_default(), Meaning::Warn);
    for held in all {
        let burn = |milli: Option<u64>| milli.map_or("?".into(), |milli| format!("{}x", rate(milli)));
        let short = held.burn_milli.1.map(|milli| format!(" and {}", burn(milli))).unwrap_or_default();
        let day = |at: Time| at.beside(beside);
        let last = held.last().map(|last| match last.until {
            Some(until) => format!(", held {} to {}", day(last.since), day(until)),
            None => format!(", since {}", day(last.since)),
        });
        let long = burn(held.burn_milli.0);
        let words = format!("{}   {when} {long}{short}{}", held.said(), last.unwrap_or_default());
        match held.verdict {
            Verdict::Firing => page.add_as("firing", words, Meaning::Overdue),
            Verdict::Quiet => page.add("quiet", words),
            Verdict::Unknown => page.add_as("not known", words, Meaning::Unknown),
        }
    }
}

fn budget((total, bad): (u64, u64), target_ppm: u32) -> Budget {
    Budget { sum: Sum { total, bad, known: 1 }, allowed_ppm: MILLION.saturating_sub(target_ppm) }
}

fn counts(what: &str, (total, bad): (u64, u64), may: Option<u64>, remaining_ppm: Option<i64>, page: &mut Page) {
    page.add(what, count(total));
    page.add("bad", count(bad));
    page.add("allowed bad", may.map(count).unwrap_or_default());
    page.add_as(
        "left",
        remaining_ppm.map_or_else(|| "not known".into(), exact),
        match remaining_ppm {
            Some(left) if left > 0 => Meaning::Heading,
            Some(_) => Meaning::Overdue,
            None => Meaning::Unknown,
        },
    );
}

/// A chart that was pinned.
pub(super) fn pinned(app: &App, chart: &ChartPinned, pinned: Time, page: &mut Page) {
    let window = Window::Rolling(Span::seconds(i64::try_from(chart.window_s).unwrap_or(i64::MAX)).0);
    page.add("slo", format!("{} {} of {}", chart.slo, target(chart.target_ppm), window));
    page.add("from", moment(app, chart.from));
    page.add("until", moment(app, chart.until(pinned)));
    let step = i64::try_from(chart.step_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    page.add("a column is", format!("{}, and there are {}", span(step), chart.total.len()));
    let (total, bad) = chart.sum();
    page.add("events", count(total));
    page.add("bad", count(bad));
    if let Some((first, last)) = chart.left() {
        page.add("left", format!("{} at the first column, {} at the last", exact(first), exact(last)));
    }
    page.add("data", data(&chart.state));
    page.add("bad by column", chart.bars(60));
    page.add("by", &chart.source);
    page.add("in the browser", chart.link.as_deref().unwrap_or_default());
}

/// A budget that was kept as evidence.
pub(super) fn noted(noted: &BurnNoted, page: &mut Page) {
    let window = Window::Rolling(Span::seconds(i64::try_from(noted.window_s).unwrap_or(i64::MAX)).0);
    page.add("why", &noted.why);
    page.add("slo", format!("{} {} of {}", noted.slo, target(noted.target_ppm), window));
    page.add("data", data(&noted.state));
    let budget = budget((noted.total, noted.bad), noted.target_ppm);
    // what was kept of slices are the events in them, which do not say how many of those may be bad
    let may = Some(budget.events()).filter(|_| budget.remaining_ppm() == Some(noted.remaining_ppm));
    counts("events", (noted.total, noted.bad), may, Some(noted.remaining_ppm), page);
    page.add("burn in 1 h", noted.burn_1h_milli.map(|milli| format!("{}x", rate(milli))).unwrap_or_default());
    page.add("burn in 5 m", noted.burn_5m_milli.map(|milli| format!("{}x", rate(milli))).unwrap_or_default());
    page.add("by", &noted.source);
    page.add("in the browser", noted.link.as_deref().unwrap_or_default());
}

/// Parts per million as a percentage, to the last part: `337215` is `33.7215 %`.
fn exact(ppm: i64) -> String {
    let sign = if ppm < 0 { "-" } else { "" };
    let ppm = ppm.unsigned_abs();
    let whole = count(ppm / 10_000);
    let part = format!("{:04}", ppm % 10_000);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole} %"),
        part => format!("{sign}{whole}.{part} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Subject;
    use crate::app::feed::Sliced;
    use crate::query::calendar::{Calendar, Unit};
    use crate::query::slices::Slices;
    use crate::view::burning::{burn, drawn, looking_back, minute_14, past, slo};
    use crate::view::sample::{now, theme};
    use ratatui::layout::Rect;

    #[test]
    fn given_parts_per_million_when_said_exactly_then_no_part_is_lost() {
        assert_eq!([337_215, 980_000, -1_500, 0].map(exact), ["33.7215 %", "98 %", "-0.15 %", "0 %"]);
        assert_eq!(exact(i64::MIN), "-922,337,203,685,477.5808 %");
    }

    /// The rows about a budget of a month in New York that is counted in slices of a minute.
    fn said(lasts_ageing: Exhaustion) -> String {
        let starts = Calendar::usual_start();
        let month = Calendar::new(1, Unit::Month, starts, chrono_tz::America::New_York).unwrap();
        let renews = Some(Time(month.period(now().0).1));
        let sliced = Some(Sliced { events: 172_800, bad: 1_500, skipped: 12 });
        let budget = Budget { sum: Sum { total: 12_000, bad: 3, known: 1 }, allowed_ppm: 500 };
        let remaining_ppm = budget.remaining_ppm();
        let burn = Burn { lasts_ageing, renews, sliced, total: 12_000, bad: 3, remaining_ppm, ..burn() };
        let mut app = minute_14(Ok(burn));
        app.slos[0].window = Window::Calendar(month);
        app.slos[0].slices = Some(Slices { length: 60_000_000, target_ppm: 990_000 });
        let area = Rect::new(0, 0, 120, 60);
        let rows = drawn(120, 60, |_, buf| {
            crate::view::details::draw(&app, (&Subject::Burn, Vec::new()), &theme("plain"), now(), 0, area, buf);
        });
        rows.iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn given_a_month_in_slices_when_asked_who_says_then_the_period_the_slices_and_the_end_are_told() {
        let rows = said(Exhaustion::Never);
        for words in [
            "target 99.95 % of slices of the month",
            "slices are 1 min each, good with 99 % good events; without events they do not count",
            "period 1 July 00:00 New York to 1 August 00:00 New York",
            "slices 12,000\nbad 3\nallowed bad 6\nleft 50 %",
            "without events 12 slices, which do not count\nevents 172,800, 1,500 bad",
            "or not before it begins anew on 1 August 00:00 New York",
        ] {
            assert!(rows.contains(words), "{words}:\n{rows}");
        }
        assert!(
            said(Exhaustion::Already).contains("or nothing is left until it begins anew on 1 August 00:00 New York")
        );
        assert!(said(Exhaustion::In(3_600_000_000)).contains("while what comes adds to the budget"));
    }

    #[test]
    fn given_a_look_back_when_asked_who_says_then_what_was_then_stands_first_and_now_says_so() {
        let mut app = looking_back(past());
        let said = |app: &App| {
            let mut page = Page { cells: 100, names: 15, rows: Vec::new() };
            rows(app, now(), &mut page);
            let row =
                |row: &crate::view::sheet::Row| row.words.iter().map(|(words, _)| words.as_str()).collect::<String>();
            page.rows.iter().map(row).collect::<Vec<_>>()
        };
        let all = said(&app);
        let place = |words: &str| all.iter().position(|row| row.starts_with(words)).unwrap_or(usize::MAX);
        assert!(place("Then") < place("left           33.9 %"), "{all:#?}");
        assert!(place("left           33.9 %") < place("Now, not then"), "{all:#?}");
        assert!(place("Now, not then") < place("data           no data: nothing is known about now"), "{all:#?}");
        for words in [
            "until          2019-07-09 23:03:00 UTC",
            "events         172,000,000",
            "burn in 1 h    321x",
            "firing         page: over 14.4x in 1 h and 5 m   then 333x and 120x, since 22:52",
            "in the chart   92,000 events, 35,100 bad",
            "The budget now",
        ] {
            assert!(place(words) < usize::MAX, "{words}: {all:#?}");
        }
        assert!(place("in the chart") < place("Now, not then"));
        // what nobody has answered yet is not made of now
        app.slos[0] = slo(Ok(burn()));
        let all = said(&app);
        assert!(all.iter().any(|row| row == "left           reading that time"), "{all:#?}");
        app.look.until = None;
        assert!(!said(&app).iter().any(|row| row.starts_with("Then") || row.starts_with("Now,")));
    }

    #[test]
    fn given_a_budget_that_is_spent_when_asked_who_says_then_it_does_not_last_until_now() {
        let mut page = Page { cells: 100, names: 15, rows: Vec::new() };
        let spent = Burn { remaining_ppm: Some(-1), lasts: Some(Span(0)), ..burn() };
        rows(&minute_14(Ok(spent)), now(), &mut page);
        let text = format!("{:?}", page.rows.iter().map(|row| &row.words).collect::<Vec<_>>());
        assert!(text.contains("nothing is left") && !text.contains("at the rate of"), "{text}");
    }

    #[test]
    fn given_evidence_of_slices_when_shown_then_the_events_do_not_say_how_many_may_be_bad() {
        let rows = |remaining_ppm| {
            let mut page = Page { cells: 100, names: 15, rows: Vec::new() };
            let kept = BurnNoted {
                slo: "api".into(),
                target_ppm: 999_500,
                window_s: 2_592_000,
                total: 1_000_000,
                bad: 250,
                remaining_ppm,
                burn_1h_milli: None,
                burn_5m_milli: None,
                state: "value".into(),
                source: "lb".into(),
                link: None,
                why: "declared".into(),
            };
            noted(&kept, &mut page);
            page.rows.len()
        };
        assert_eq!(rows(500_000), rows(987_654) + 1);
    }
}
