//! Everything about the budget on the screen: what was asked of whom, and the exact figures.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::App;
use crate::app::feed::Burn;
use crate::incident::burn::BurnNoted;
use crate::incident::time::{Span, Time};
use crate::incident::timeline::rate;
use crate::query::alert::Verdict;
use crate::query::projection::Exhaustion;
use crate::query::slo::MILLION;
use crate::query::state::State;
use crate::view::burn::title::{Trust, coarse, target, trust, window};
use crate::view::theme::Meaning;
use crate::view::words::{number, span};

/// Puts the rows together; answers with words for the title.
pub(super) fn rows(app: &App, now: Time, page: &mut Page) -> String {
    let Some(slo) = app.shown_slo() else {
        page.add("", "No SLO is configured. Nothing is known about the budget. Add an [[slo]] to the configuration.");
        super::changes::rows(app, now, page);
        return "the budget".into();
    };
    page.add("target", format!("{} of {}", target(slo.target_ppm), window(slo.window)));
    page.add("bad is", &slo.bad);
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
                page.add("it says itself", format!("{}, at {}", opinion.words(), Time(opinion.at).clock_minutes()));
            }
            page.add("in the browser", burn.link.as_deref().unwrap_or_default());
            answer(app, slo.target_ppm, (*at, burn), trust(slo, now), page);
        }
        None => page.add_as("answered", "nobody has answered yet", Meaning::Unknown),
    }
    if let Some((at, trouble)) = &slo.feed.trouble {
        page.heading("What went wrong");
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

fn answer(app: &App, target_ppm: u32, (answered, burn): (Time, &Burn), trust: Trust, page: &mut Page) {
    let at = |time: Option<Time>| time.map(|time| moment(app, time)).unwrap_or_default();
    let loud = if trust == Trust::Live { Meaning::Text } else { Meaning::Unknown };
    page.add_as("known", burn.state.word(), if burn.state == State::Value { loud } else { Meaning::Unknown });
    page.add("since", at(burn.since));
    page.add("newest event", at(burn.newest));
    page.add("window", burn.known.to_string());
    page.heading("The budget");
    counts(burn.total, burn.bad, target_ppm, burn.remaining_ppm, page);
    let until = |length: i64| format!("{}, until {}", span(length), moment(app, answered.plus(Span(length))));
    page.add(
        "lasts",
        burn.lasts
            .map(|l| format!("{} at the rate of the last {}", until(l.0), span(burn.lasts_rate.0)))
            .unwrap_or_default(),
    );
    let ageing = match burn.lasts_ageing {
        Exhaustion::Already | Exhaustion::Unknown => String::new(),
        Exhaustion::In(length) => format!("{} while old failures leave the window", until(length)),
        Exhaustion::Never => "not spent within its window: old failures leave it, or nothing fails now".into(),
    };
    page.add("or", ageing);
    page.heading("Now");
    for (milli, of) in burn.burn_milli.iter().zip(["1 m", "5 m", "1 h"]) {
        let words = milli.map_or_else(|| "not known".into(), |milli| format!("{}x", rate(milli)));
        page.add(&format!("burn in {of}"), words);
    }
    page.add(
        "traffic",
        burn.traffic_ppm
            .map(|ppm| format!("{} of usual", exact(i64::try_from(ppm).unwrap_or(i64::MAX))))
            .unwrap_or_default(),
    );
    page.add(
        "bad between",
        burn.bad_between.map(|(a, b)| format!("{} and {}", moment(app, a), moment(app, b))).unwrap_or_default(),
    );
    page.add("good since", at(burn.good_since));
    for held in &burn.conditions {
        let [long, short] = held.burn_milli.map(|milli| milli.map_or("?".into(), |milli| format!("{}x", rate(milli))));
        let last = held.last.map(|(since, until, _)| match until {
            Some(until) => format!(", held {} to {}", since.clock_minutes(), until.clock_minutes()),
            None => format!(", since {}", since.clock_minutes()),
        });
        let words = format!("{}   now {long} and {short}{}", held.said(), last.unwrap_or_default());
        match held.verdict {
            Verdict::Firing => page.add_as("firing", words, Meaning::Overdue),
            Verdict::Quiet => page.add("quiet", words),
            Verdict::Unknown => page.add_as("not known", words, Meaning::Unknown),
        }
    }
    for doubt in &burn.doubts {
        page.add_as("doubt", doubt, Meaning::Warn);
    }
    page.heading("The chart");
    page.add("from", moment(app, burn.from));
    page.add("a column is", format!("{}, and there are {}", span(burn.step.0), burn.columns.len()));
}

fn counts(total: u64, bad: u64, target_ppm: u32, remaining_ppm: Option<i64>, page: &mut Page) {
    let count = |n: u64| number(i64::try_from(n).unwrap_or(i64::MAX));
    page.add("events", count(total));
    page.add("bad", count(bad));
    let allowed = u128::from(total) * u128::from(MILLION.saturating_sub(target_ppm)) / u128::from(MILLION);
    page.add("may be bad", count(u64::try_from(allowed).unwrap_or(u64::MAX)));
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

/// A budget that was kept as evidence.
pub(super) fn noted(noted: &BurnNoted, page: &mut Page) {
    let length = Span::seconds(i64::try_from(noted.window_s).unwrap_or(i64::MAX));
    page.add("why", &noted.why);
    page.add("slo", format!("{} {} of {}", noted.slo, target(noted.target_ppm), window(length)));
    page.add("known", &noted.state);
    counts(noted.total, noted.bad, noted.target_ppm, Some(noted.remaining_ppm), page);
    page.add("burn in 1 h", noted.burn_1h_milli.map(|milli| format!("{}x", rate(milli))).unwrap_or_default());
    page.add("burn in 5 m", noted.burn_5m_milli.map(|milli| format!("{}x", rate(milli))).unwrap_or_default());
    page.add("by", &noted.source);
    page.add("in the browser", noted.link.as_deref().unwrap_or_default());
}

/// Parts per million as a percentage, to the last part: `337215` is `33.7215 %`.
fn exact(ppm: i64) -> String {
    let sign = if ppm < 0 { "-" } else { "" };
    let ppm = ppm.unsigned_abs();
    let whole = number(i64::try_from(ppm / 10_000).unwrap_or(i64::MAX));
    let part = format!("{:04}", ppm % 10_000);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole} %"),
        part => format!("{sign}{whole}.{part} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_parts_per_million_when_said_exactly_then_no_part_is_lost() {
        assert_eq!([337_215, 980_000, -1_500, 0].map(exact), ["33.7215 %", "98 %", "-0.15 %", "0 %"]);
        assert_eq!(exact(i64::MIN), "-922,337,203,685,477.5808 %");
    }
}
