//! What is said of a time that a backend cannot be asked about: how far back it can be, what is known of that time otherwise, and where a person sees it.
//! No run is spent on it. It must not know how anything is counted.

use super::plan::Plan;
use crate::app::feed::BurnAsk;
use crate::incident::time::{HOUR, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::limit::Limits;
use crate::liaison::backends::{Instead, Server};
use crate::query::series::DAY;
use crate::query::window::Stretch;

/// Asks what is known otherwise of a time that is out of reach, and says all of it. The connection is kept.
pub async fn beyond(plan: &Plan, limits: &Limits, server: &mut Option<Server>, stretch: Stretch, now: Time) -> Trouble {
    let connected = match server.take() {
        Some(connected) => Ok(connected),
        None => plan.connect(limits).await,
    };
    let instead = match connected {
        Ok(mut connected) => {
            let instead = connected.instead(stretch, now).await;
            *server = Some(connected);
            instead
        }
        Err(why) => Err(why),
    };
    let reached = format!("{}, to {}", plan.reached(), day(Time(plan.oldest(now))));
    Trouble::Beyond(said(&reached, stretch, instead))
}

/// Looks whether what a question is about can be asked for, before anybody is asked.
///
/// # Errors
/// It cannot.
pub async fn reached(
    plan: &Plan,
    limits: &Limits,
    server: &mut Option<Server>,
    ask: &BurnAsk,
    now: Time,
) -> Result<(), Trouble> {
    let to = ask.until().min(ask.now).0;
    // where no chart is shown it is the hour before that is looked at
    let stretch = Stretch { from: if ask.columns > 1 { ask.from.0 } else { to - HOUR }, to };
    if stretch.to > plan.oldest(now) {
        return Ok(());
    }
    Err(beyond(plan, limits, server, stretch, now).await)
}

/// The sentences: what can be asked, what is known otherwise, and what to do.
fn said(reached: &str, stretch: Stretch, instead: Result<Instead, Trouble>) -> String {
    let mut words = format!("{reached}. Nothing was counted.");
    let instead = instead.unwrap_or_else(|why| {
        let why = why.words().split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned();
        words.push_str(&format!(" What is known of that time otherwise could not be asked: {why}."));
        Instead::default()
    });
    let left = |(at, left): &(i64, f64)| format!("{left:.2} % left at {}", day(Time(*at)));
    let near: Vec<String> = instead
        .history
        .iter()
        .filter(|(at, _)| (stretch.from - 2 * DAY..stretch.to + DAY).contains(at))
        .map(left)
        .collect();
    match (near.first(), near.last().filter(|_| near.len() > 1)) {
        (Some(first), Some(last)) => words.push_str(&format!(" Its SLO history says {first}, {last}.")),
        (Some(only), None) => words.push_str(&format!(" Its SLO history says {only}.")),
        (None, _) => {}
    }
    words.push_str(" Ask event files of that time, or ");
    let time = || format!("from {} to {}", day(Time(stretch.from)), day(Time(stretch.to)));
    match (instead.link, instead.place) {
        (Some(link), _) => words.push_str(&format!("see it in the browser: {link}")),
        (None, Some(place)) => words.push_str(&format!("open in the browser {place}, {}.", time())),
        (None, None) => words.push_str(&format!("ask it in the browser, {}.", time())),
    }
    words
}

/// A moment with its day: what is out of reach lies days back.
fn day(at: Time) -> String {
    format!("{} {} UTC", at.date(), at.clock_minutes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::series::{HOUR, SECOND};

    #[test]
    fn given_a_time_out_of_reach_when_said_then_what_is_known_of_it_and_where_it_can_be_seen() {
        let from = 1_772_535_600 * SECOND;
        let stretch = Stretch { from, to: from + HOUR };
        let said = |instead| said("hny can be asked about the last 7 days, to X", stretch, instead);
        let start = "hny can be asked about the last 7 days, to X. Nothing was counted.";
        let history = vec![(from - 9 * DAY, 99.0), (from, 61.25), (from + HOUR, -3.5)];
        let link = Some("https://ui.honeycomb.io/acme".to_owned());
        assert_eq!(
            said(Ok(Instead { history: history.clone(), link, place: None })),
            format!(
                "{start} Its SLO history says 61.25 % left at 2026-03-03 11:00 UTC, -3.50 % left at 2026-03-03 12:00 UTC. Ask event files of that time, or see it in the browser: https://ui.honeycomb.io/acme"
            )
        );
        let place = Some("dataset api of team acme".to_owned());
        assert_eq!(
            said(Ok(Instead { history: Vec::new(), link: None, place })),
            format!(
                "{start} Ask event files of that time, or open in the browser dataset api of team acme, from 2026-03-03 11:00 UTC to 2026-03-03 12:00 UTC."
            )
        );
        let gone = said(Err(Trouble::Unreachable("hny does not answer. Nothing was counted. Ask again.".into())));
        assert!(gone.contains(" could not be asked: hny does not answer. Ask event files"), "{gone}");
    }
}
