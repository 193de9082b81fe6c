//! Which time the chart shows: by itself from before the beginning until now; wider, narrower or further back when somebody wants that.
//!
//! It must not know what is drawn in it.

use super::App;
use super::feed::Burn;
use crate::incident::phase::Milestone;
use crate::incident::time::{SECOND, Span, Time};
use crate::incident::trouble::Trouble;

/// The lengths of time somebody may choose, in minutes, before the objective's whole window.
const LENGTHS: [i64; 10] = [15, 30, 60, 120, 240, 480, 1_440, 4_320, 10_080, 43_200];
/// The lengths a column may have, in seconds.
const STEPS: [i64; 17] =
    [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800];

/// What somebody chose to see; nothing chosen follows the incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// How long a time.
    pub length: Option<Span>,
    /// Until when; none follows the incident.
    pub until: Option<Time>,
    /// Until now, whatever the incident's own time is.
    pub live: bool,
}

impl App {
    /// The chart's time: where it begins, how long a column is, how many there are. Steps are whole, so that the picture
    /// moves by whole columns and an answer fits the next drawing.
    pub fn chart(&self, now: Time) -> (Time, Span, u16) {
        self.chart_of(now, self.spots.chart.map_or(80, |(_, _, columns)| columns))
    }

    /// The chart's time in so many columns.
    pub fn chart_of(&self, now: Time, columns: u16) -> (Time, Span, u16) {
        let columns = columns.max(8);
        let wanted = self.wanted(now);
        let narrowest = self.slos.iter().map(|slo| slo.narrowest).max().unwrap_or(Span(SECOND));
        let fits = |step: &Span| *step >= narrowest && step.0.saturating_mul(i64::from(columns)) >= wanted;
        let step = STEPS.into_iter().map(Span::seconds).find(fits);
        let step = step.unwrap_or(Span::seconds(2_592_000));
        // the column that is filling belongs to the present; a look back ends where it was asked to, or a part of a column later
        let right = match self.chart_until(now) {
            Some(until) => until.minus(Span(1)).floor(step).plus(step),
            None => now.floor(step).plus(step),
        };
        (right.minus(Span(step.0.saturating_mul(i64::from(columns)))), step, columns)
    }

    /// An answer is about the very time that the chart shows, in its columns.
    pub fn is_charted(&self, burn: &Burn, now: Time) -> bool {
        let (from, step, columns) = self.chart(now);
        (burn.from, burn.step, burn.columns.len()) == (from, step, usize::from(columns))
    }

    /// Until when the chart shows; none is until now.
    pub fn chart_until(&self, now: Time) -> Option<Time> {
        self.look.until.or(self.own_time(now).filter(|_| !self.look.live).map(|(_, until)| until))
    }

    /// Where the last column of a look back ends, which is what is said of it; none when the chart shows the present.
    pub fn chart_end(&self, now: Time) -> Option<Time> {
        self.chart_until(now)?;
        let (from, step, columns) = self.chart(now);
        Some(from.plus(Span(step.0.saturating_mul(i64::from(columns)))).min(now))
    }

    /// The time of an incident that was over when it was declared: how long, with what was before and after it, and until when. None for one
    /// that goes on until now, or nearly.
    fn own_time(&self, now: Time) -> Option<(i64, Time)> {
        let declared = &self.incident.opened()?.what;
        let (began, ended) = (declared.began?, declared.ended?);
        let length = ended.since(began).max(Span::minutes(10)).0;
        let until = ended.plus(Span(length / 3));
        (now.since(until) > Span::minutes(60)).then_some((length * 5 / 3, until))
    }

    /// The chart shows the time of an incident that was over when it was declared, and nobody has chosen another.
    pub(super) fn looks_at_its_own_time(&self, now: Time) -> bool {
        self.own_time(now).is_some() && self.look.until.is_none() && !self.look.live
    }

    /// How long a time is shown.
    fn wanted(&self, now: Time) -> i64 {
        let own = self.own_time(now).filter(|_| !self.look.live && self.look.until.is_none());
        self.look.length.map_or_else(|| own.map_or_else(|| self.followed(now), |(length, _)| length), |length| length.0)
    }

    /// How long a time is shown by itself: from a little before it began until now.
    fn followed(&self, now: Time) -> i64 {
        let began = self.incident.milestones().get(Milestone::Began).map(|d| d.at);
        let began = began.or(self.incident.opened().map(|o| o.at));
        began.map_or(Span::minutes(15), |b| now.since(b).max(Span::minutes(10))).0 + Span::minutes(5).0
    }

    /// Shows a longer time, or a shorter one.
    pub(super) fn stretch(&mut self, now: Time, wider: bool) {
        let most = self.shown_slo().map_or(Span::minutes(43_200), |slo| Span(slo.window.length(now.0)));
        let shown = self.wanted(now);
        let mut lengths = LENGTHS.into_iter().map(Span::minutes).filter(|length| *length <= most);
        let next = if wider { lengths.find(|l| l.0 > shown).or(Some(most)) } else { lengths.rfind(|l| l.0 < shown) };
        if next.is_some() {
            self.look.length = next;
        }
        self.ask_again();
    }

    /// Goes back by half of what is shown, or forward until now.
    pub(super) fn pan(&mut self, now: Time, back: bool) {
        let (from, step, columns) = self.chart(now);
        let half = Span(step.0 * i64::from(columns) / 2);
        let right = from.plus(Span(half.0 * 2));
        let until = if back { right.minus(half) } else { right.plus(half) };
        // the length stays what it is while the end moves
        self.look.length = self.look.length.or(Some(Span(half.0 * 2)));
        self.look.until = Some(until).filter(|until| *until < now);
        self.look.live = self.look.until.is_none();
        self.ask_again();
    }

    /// Back to the present, by itself.
    pub(super) fn follow_chart(&mut self) {
        self.look = Look { live: true, ..Look::default() };
        self.ask_again();
    }

    /// What is asked for has changed: no answer to the old question fits any more.
    fn ask_again(&mut self) {
        for slo in &mut self.slos {
            slo.feed.refresh();
            // what was out of reach was the time before
            if matches!(slo.feed.trouble, Some((_, Trouble::Beyond(_)))) {
                slo.feed.trouble = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::feed::{Feed, Pace, SloDesk};
    use crate::app::keymap::Keymap;

    fn app(narrowest: i64) -> App {
        let mut app = App::new(
            crate::app::Person { name: "Ana".into(), assumed: false },
            crate::incident::entry::Session(1),
            1,
            Keymap::built_in().unwrap(),
        );
        app.slos.push(SloDesk {
            name: "api".into(),
            target_ppm: 999_500,
            window: crate::query::calendar::Window::Rolling(Span::minutes(43_200).0),
            slices: None,
            reads: String::new(),
            bad: String::new(),
            filters: true,
            called: "bad".into(),
            same_as: None,
            severity: None,
            freeze_below_ppm: None,
            pace: Pace::NEAR,
            narrowest: Span::seconds(narrowest),
            feed: Feed::default(),
        });
        app
    }

    const NOW: Time = Time(1_562_716_800_000_000);

    fn shown(app: &App) -> (i64, i64, i64) {
        let (from, step, columns) = app.chart_of(NOW, 80);
        let length = step.0 * i64::from(columns);
        (length / 60_000_000, step.as_seconds(), NOW.since(from.plus(Span(length))).as_minutes())
    }

    #[test]
    fn given_plus_and_minus_when_pressed_then_the_time_goes_up_to_the_whole_window_and_back() {
        let mut app = app(5);
        assert_eq!(shown(&app), (20, 15, 0));
        let mut lengths = Vec::new();
        for _ in 0..11 {
            app.stretch(NOW, true);
            lengths.push(app.look.length.map(Span::as_minutes).unwrap_or(0));
        }
        assert_eq!(lengths, [30, 60, 120, 240, 480, 1_440, 4_320, 10_080, 43_200, 43_200, 43_200]);
        for _ in 0..20 {
            app.stretch(NOW, false);
        }
        assert_eq!(app.look.length, Some(Span::minutes(15)));
        app.follow_chart();
        assert_eq!(shown(&app), (20, 15, 0));
    }

    #[test]
    fn given_a_source_of_whole_minutes_when_shown_then_no_column_is_narrower() {
        assert_eq!(shown(&app(60)), (80, 60, 0));
    }

    #[test]
    fn given_a_look_back_when_panned_then_by_halves_and_never_beyond_now() {
        let mut app = app(60);
        app.pan(NOW, true);
        let (length, _, behind) = shown(&app);
        // the newest column of the present reaches beyond now
        assert_eq!((length, behind), (80, 39));
        app.pan(NOW, true);
        assert_eq!(shown(&app).2, 79);
        app.pan(NOW, false);
        assert_eq!(shown(&app).2, 39);
        app.pan(NOW, false);
        assert_eq!((shown(&app).2, app.look.until), (0, None));
    }

    #[test]
    fn given_a_time_that_is_out_of_reach_when_another_is_looked_at_then_nothing_is_said_of_it_any_more() {
        let mut app = app(60);
        let ticket = app.slos[0].feed.ask(NOW);
        app.slos[0].feed.take(ticket, NOW, Pace::NEAR, Err(Trouble::Beyond("It is too old.".into())));
        app.follow_chart();
        assert_eq!(app.slos[0].feed.trouble, None);
        let ticket = app.slos[0].feed.ask(NOW);
        app.slos[0].feed.take(ticket, NOW, Pace::NEAR, Err(Trouble::Unreachable("Nobody answered.".into())));
        app.follow_chart();
        assert!(app.slos[0].feed.trouble.is_some());
    }
}
