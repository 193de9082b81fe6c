//! The budget as it stood at the end of a chart that looks back. It must not know how it stands now.

use super::budget::{conditions, rates, said_period, window};
use super::{Page, moment};
use crate::app::App;
use crate::app::feed::{Burn, SloDesk};
use crate::incident::time::Time;
use crate::view::burn::past;
use crate::view::theme::Meaning;
use crate::view::words::count;

/// The rows, while the chart shows a time that is over.
pub(super) fn rows(app: &App, slo: &SloDesk, burn: &Burn, now: Time, page: &mut Page) {
    let Some(end) = app.chart_end(now) else { return };
    page.heading("Then");
    let Some(then) = app.then(slo, now) else {
        page.add("until", moment(app, end));
        page.add_as("left", past::unanswered(slo), Meaning::Unknown);
        return;
    };
    page.add("until", moment(app, then.until));
    if !then.state.trusted() {
        page.add_as("state", then.state.word().to_uppercase(), Meaning::Unknown);
    }
    page.add("window", then.known.to_string());
    // a period that ends there is the one that is meant
    page.add("period", said_period(slo, Time(then.until.0.saturating_sub(1))));
    window(slo, (then.total, then.bad), then.remaining_ppm, then.sliced, page);
    rates(then.burn_milli, page);
    conditions(&then.conditions, "then", then.until, page);
    match burn.charted() {
        None => page.add_as("in the chart", "nothing is known of that time", Meaning::Unknown),
        Some((total, bad)) => page.add("in the chart", format!("{} events, {} bad", count(total), count(bad))),
    }
}
