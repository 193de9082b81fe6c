//! When a budget will be empty, if what happens now goes on. Two forms, and whoever shows one says which.
//!
//! * *Straight line*: (budget − failed) / failures per time now. Simple, what most tools show, wrong when an old incident is about to leave the window.
//! * *Rolling*: the recent rate goes on, old buckets fall out of the window, the first moment with nothing left counts. With a low burn the budget may grow.
//!   In a period of a calendar nothing falls out: what comes adds to the budget until the period ends and everything begins anew.
//!
//! It must not know of clocks or pictures. Times and lengths are µs.

use super::series::Series;
use super::slo::Slo;

/// How many steps the rolling form looks ahead at most; a window of more buckets is walked in larger steps.
const STEPS: i64 = 50_000;

/// When the budget is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhaustion {
    /// Nothing is left now.
    Already,
    /// In so many µs.
    In(i64),
    /// Not at this rate: nothing fails now, or (rolling) not within one window from now, or not before the period ends.
    Never,
    /// Nothing is known about the recent past, or there is no budget to speak of.
    Unknown,
}

/// The straight-line form from the failures of the last `recent` µs before `now`.
#[must_use]
pub fn straight(slo: &Slo, series: &Series, now: i64, recent: i64) -> Exhaustion {
    let budget = slo.budget(series, now);
    let rate = series.sum(now, recent);
    let length = i64::try_from(rate.known).unwrap_or(i64::MAX).saturating_mul(series.step());
    match budget.remaining_ppm() {
        None => Exhaustion::Unknown,
        Some(_) if spent(budget.sum.bad.into(), budget.micro_events()) => Exhaustion::Already,
        Some(_) if rate.known == 0 => Exhaustion::Unknown,
        Some(_) if rate.bad == 0 => Exhaustion::Never,
        Some(_) => {
            let left = budget.micro_events() - u128::from(budget.sum.bad) * 1_000_000;
            let whole =
                left.checked_mul(u128::from(length.unsigned_abs())).map(|l| l / (u128::from(rate.bad) * 1_000_000));
            whole.and_then(|w| i64::try_from(w).ok()).map_or(Exhaustion::Never, Exhaustion::In)
        }
    }
}

/// The rolling form: the mean of the last `recent` µs before `now` goes on for one window, old buckets fall out; or it goes on to the end of the
/// period in which `now` lies, and none does. The answer is a multiple of the bucket's width
/// (of a larger step, if the window has more than 50,000 buckets).
#[must_use]
pub fn rolling(slo: &Slo, series: &Series, now: i64, recent: i64) -> Exhaustion {
    let budget = slo.budget(series, now);
    let rate = series.sum(now, recent);
    if budget.remaining_ppm().is_none() {
        return Exhaustion::Unknown;
    }
    if spent(budget.sum.bad.into(), budget.micro_events()) {
        return Exhaustion::Already;
    }
    if rate.known == 0 {
        return Exhaustion::Unknown;
    }
    if rate.bad == 0 {
        return Exhaustion::Never;
    }
    let far = slo.renews(now).map_or(slo.window, |renews| renews.saturating_sub(now));
    let every = (far / series.step() / STEPS).saturating_add(1);
    let step = series.step().saturating_mul(every);
    let begins = slo.begins(now);
    let leaving = if slo.calendar.is_some() { &[] } else { series.between(begins, now) };
    let mut leaving = leaving.iter().peekable();
    let (mut old_total, mut old_bad) = (u128::from(budget.sum.total), u128::from(budget.sum.bad));
    let mut ahead = 0;
    while ahead < far {
        ahead = ahead.saturating_add(step).min(far);
        while let Some(gone) = leaving.next_if(|b| b.start < begins.saturating_add(ahead)) {
            old_total -= u128::from(gone.total);
            old_bad -= u128::from(gone.bad);
        }
        // what comes is kept in parts of the known recent buckets, so that nothing is rounded away
        let buckets = u128::from(ahead.unsigned_abs()) / u128::from(series.step().unsigned_abs());
        let known = u128::from(rate.known);
        let bad = old_bad * known + buckets * u128::from(rate.bad);
        let total = old_total * known + buckets * u128::from(rate.total);
        if spent(bad, total.saturating_mul(slo.allowed_ppm().into())) {
            return Exhaustion::In(ahead);
        }
    }
    Exhaustion::Never
}

/// Whether failures have used up a budget given in millionths of an event.
fn spent(bad: u128, micro_events: u128) -> bool {
    bad.saturating_mul(1_000_000) >= micro_events
}

#[cfg(test)]
mod tests {
    use super::super::calendar::{Calendar, Unit, Window};
    use super::super::series::{Bucket, DAY, HOUR, Series};
    use super::*;

    fn slo() -> Slo {
        Slo::new("api", 990_000, Window::Rolling(10 * DAY))
    }

    fn hours(bad: impl Fn(i64) -> u64) -> Series {
        Series::of(HOUR, (0..240).map(|h| Bucket { start: h * HOUR, total: 1000, bad: bad(h) }).collect())
    }

    #[test]
    fn given_a_steady_burn_when_projected_then_the_straight_line_is_remaining_times_window_over_burn() {
        // budget 2400; ten failures an hour in the last five hours, fifty in all; 2350 left at ten an hour
        let series = hours(|h| if h >= 235 { 10 } else { 0 });
        assert_eq!(straight(&slo(), &series, 10 * DAY, 5 * HOUR), Exhaustion::In(235 * HOUR));
        // rolling: nothing falls out within that time but good hours, whose places are taken by others, so the same
        assert_eq!(rolling(&slo(), &series, 10 * DAY, 5 * HOUR), Exhaustion::In(235 * HOUR));
    }

    #[test]
    fn given_an_old_incident_about_to_leave_when_projected_then_rolling_sees_the_budget_grow() {
        // 2000 failed in the first ten hours of the window; five an hour now
        let series = hours(|h| {
            if h < 10 {
                200
            } else if h >= 230 {
                5
            } else {
                0
            }
        });
        assert_eq!(straight(&slo(), &series, 10 * DAY, 5 * HOUR), Exhaustion::In(70 * HOUR));
        assert_eq!(rolling(&slo(), &series, 10 * DAY, 5 * HOUR), Exhaustion::Never);
    }

    #[test]
    fn given_a_calendar_when_projected_then_what_comes_adds_to_the_budget_and_nothing_goes_beyond_its_end() {
        let day = Calendar::new(1, Unit::Day, Calendar::usual_start(), chrono_tz::UTC).unwrap();
        let slo = Slo::new("api", 990_000, Window::Calendar(day));
        // noon of the tenth day: 12,000 events, 120 of which may fail; the day before was spent many times over
        let noon = 9 * DAY + 12 * HOUR;
        let failing = |each: u64| {
            hours(move |h| {
                if h < 216 {
                    900
                } else if h >= 223 {
                    each
                } else {
                    0
                }
            })
        };
        let both = |each| [straight, rolling].map(|form| form(&slo, &failing(each), noon, 5 * HOUR));
        // ten an hour for five hours: 70 are left for seven hours, and each hour adds ten more
        assert_eq!(both(10), [Exhaustion::In(7 * HOUR), Exhaustion::Never]);
        // twenty: 20 are left, and of two hours 40 fail of 40
        assert_eq!(both(20), [Exhaustion::In(HOUR), Exhaustion::In(2 * HOUR)]);
        assert_eq!(both(24), [Exhaustion::Already, Exhaustion::Already]);
        // the same goes on, and a rolling day would be spent
        let rolls = Slo { calendar: None, window: DAY, ..slo.clone() };
        assert_eq!(rolling(&rolls, &failing(10), noon, 5 * HOUR), Exhaustion::Already);
    }

    #[test]
    fn given_nothing_failing_breached_or_unknown_when_projected_then_said_so() {
        let good = hours(|_| 0);
        let breached = hours(|h| if h < 3 { 1000 } else { 0 });
        for form in [straight, rolling] {
            assert_eq!(form(&slo(), &good, 10 * DAY, HOUR), Exhaustion::Never);
            assert_eq!(form(&slo(), &breached, 10 * DAY, HOUR), Exhaustion::Already);
            assert_eq!(form(&slo(), &Series::new(HOUR), 10 * DAY, HOUR), Exhaustion::Unknown);
            assert_eq!(form(&slo(), &good, 11 * DAY, HOUR), Exhaustion::Unknown);
        }
    }
}
