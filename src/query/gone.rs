//! Whether what a filter looks at is in nearly no event any more, though it was in nearly all of them: it has another name or another form now, and a
//! filter by the old one sees nothing. Pure; it must not know who counts.

use super::filter::Expr;
use super::series::{Bucket, DAY, HOUR, MINUTE, Series};
use std::fmt;

/// How far back events are looked at, µs, in this order: the first stretch with [`ENOUGH`] of them is judged. Each is twice as long as the last, so that what
/// is judged is never much older than it must be.
pub const LATELY: [i64; 11] =
    [2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE, HOUR / 2, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY];
/// How many events, each counted once, say anything about now.
pub const ENOUGH: u64 = 20;
/// How many good events say what is usual.
const USUAL: u64 = 100;
/// Of how many events that lack it one is worth a word: fewer than one in ten lacked it before.
pub const TENTH: u64 = 10;

/// How many of the latest events lack what a filter looks at. Both counts are weighted alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// The latest events.
    pub events: u64,
    /// Those that lack it.
    pub lacking: u64,
    /// Since when most lack it, as far as that was looked at, µs.
    pub since: i64,
}

impl Gone {
    /// Whether so many of the latest events lack it that it must be asked what is usual.
    #[must_use]
    pub fn is_odd(self) -> bool {
        self.is_one_in(TENTH)
    }

    /// Whether one of so many lacks it, or more.
    #[must_use]
    pub fn is_one_in(self, many: u64) -> bool {
        self.events > 0 && self.lacking > 0 && self.lacking.saturating_mul(many) >= self.events
    }

    /// Whether a filter of bad events does not see most of them: how many are bad says nothing. Where it calls bad what lacks it, that is loud enough
    /// while some are good.
    #[must_use]
    pub fn blinds(self, bad: &Expr) -> bool {
        if bad.means_nothing_known() { self.is_all() } else { self.is_most() }
    }

    /// Whether most of them lack it.
    #[must_use]
    pub fn is_most(self) -> bool {
        self.events > 0 && self.lacking.saturating_mul(2) >= self.events
    }

    /// Whether so many lack it that nothing may be called good by a filter of bad events: what fails among them is not seen.
    #[must_use]
    pub fn dims(self, bad: &Expr) -> bool {
        !bad.means_nothing_known() && self.is_odd()
    }

    /// Whether every one of them lacks it.
    #[must_use]
    pub fn is_all(self) -> bool {
        self.events > 0 && self.lacking == self.events
    }

    /// The same since the first of the buckets right before it in which one of so many lacked it, too.
    #[must_use]
    pub fn reaching(self, before: &Series, many: u64) -> Gone {
        let busy = before.buckets().iter().rev().filter(|bucket| bucket.total > 0);
        let first = busy.take_while(|bucket| bucket.bad.saturating_mul(many) >= bucket.total).last();
        Gone { since: first.map_or(self.since, |bucket| bucket.start), ..self }
    }

    /// The same where that is news, and since when: at any moment since the first bucket fewer than one in ten of the good events until then had lacked it,
    /// which `before` counts as bad, and now at least one in ten more do. Only good events say what is usual, so that what only failures have is never gone
    /// while nothing fails; and all of them since the beginning, so that it is still news when the window is full of events that lack it.
    #[must_use]
    pub fn news(self, before: &Series) -> Option<Gone> {
        let (mut good, mut lacking) = (0_u64, 0_u64);
        let is_news = |bucket: &Bucket| {
            good = good.saturating_add(bucket.total);
            lacking = lacking.saturating_add(bucket.bad);
            let more = |usual: u64| {
                let share = |part: u64, all: u64| u128::from(part) * 1_000_000 / u128::from(all.max(1));
                share(self.lacking, self.events) >= share(usual, good) + 1_000_000 / u128::from(TENTH)
            };
            good >= USUAL && lacking.saturating_mul(TENTH) <= good && more(lacking)
        };
        let is_news = self.is_odd() && before.buckets().iter().any(is_news);
        let busy = before.buckets().iter().rev().filter(|bucket| bucket.total > 0);
        let since = busy.take_while(|bucket| bucket.bad.saturating_mul(2) >= bucket.total).last();
        is_news.then(|| Gone { since: since.map_or(self.since, |bucket| bucket.start), ..self })
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, lacking, .. } = self;
        if self.is_all() {
            return write!(f, "in none of the last {events} events; it was in nearly all before");
        }
        write!(f, "missing in {lacking} of the last {events} events; it was in nearly all before")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(hours: &[(u64, u64)]) -> Series {
        let bucket = |(hour, (total, bad)): (i64, &(u64, u64))| Bucket { start: hour * HOUR, total: *total, bad: *bad };
        Series::of(HOUR, (0..).zip(hours).map(bucket).collect())
    }

    #[test]
    fn given_what_nearly_all_had_when_the_latest_events_lack_it_then_that_is_news_for_ever() {
        let none = Gone { events: 1_200, lacking: 1_200, since: 9 * HOUR };
        let since = |hours: &[(u64, u64)]| none.news(&before(hours)).map(|gone| gone.since / HOUR);
        assert_eq!(since(&[(1_000, 0)]), Some(9));
        assert_eq!(since(&[(1_000, 90), (9_000, 9_000), (9_000, 9_000)]), Some(1), "the window is full of it");
        assert_eq!(since(&[(1_000, 0), (500, 400), (0, 0), (500, 250)]), Some(1), "most of them lack it since then");
        assert_eq!(since(&[(1_000, 0), (500, 400), (500, 100)]), Some(9));
        assert_eq!(since(&[(99, 0)]), None, "too little is known");
        assert_eq!(since(&[]), None);
        assert_eq!(since(&[(1_000, 1_000), (1_000, 1_000)]), None, "only failures have it");
        assert_eq!(none.to_string(), "in none of the last 1200 events; it was in nearly all before");
    }

    #[test]
    fn given_a_part_that_lacks_it_when_it_is_a_tenth_more_than_usual_then_it_is_said() {
        let part = |lacking| Gone { events: 1_000, lacking, since: 0 };
        let is_news = |lacking, usual| part(lacking).news(&before(&[(1_000, usual)])).is_some();
        assert_eq!([(99, 0), (100, 0)].map(|(lacking, usual)| is_news(lacking, usual)), [false, true]);
        assert_eq!([150, 200].map(|lacking| is_news(lacking, 80)), [false, true], "the first is about as many as ever");
        let blinds = |bad: &str, lacking| part(lacking).blinds(&bad.parse().unwrap());
        assert_eq!([499, 500].map(|lacking| blinds("status >= 500", lacking)), [false, true]);
        assert_eq!([999, 1_000].map(|lacking| blinds("not status < 500", lacking)), [false, true], "it is bad already");
        assert_eq!(part(100).to_string(), "missing in 100 of the last 1000 events; it was in nearly all before");
    }
}
