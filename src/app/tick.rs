//! What happens because time passes: questions to the outside, the bell, things that go stale. Due is a comparison, not a timer.

use super::feed::Pace;
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::switch::ByName;
use crate::incident::time::{MINUTE, SECOND, Span, Time};

/// How long it is said which letters were ignored.
const SAID: Span = Span::seconds(8);
/// How often a switch is looked at while an act on it is to arrive.
const HASTY: Span = Span::seconds(2);
/// How often the bell may ring.
const BELL: Span = Span::minutes(1);

/// The next moment at which the screen may change by itself: the clock's next second, or the end of the hush. A drill's clock that runs
/// faster shows as much of it as a second of real time passes.
pub fn next_due(app: &App, now: Time) -> Time {
    let step = app.lasting(Span(SECOND)).max(Span(SECOND));
    let second = now.floor(step).plus(step);
    // a hold or a pass that ends is an event that nobody writes down
    let second = app.standing.holds().next_end(now).map_or(second, |end| second.min(end));
    match &app.hush {
        // what was ignored stays said after the hush has ended: only its end wakes anybody
        Some((since, _)) if now.since(*since) < app.hush() => second.min(since.plus(app.hush())),
        _ => second,
    }
}

impl App {
    /// Time has passed.
    pub(super) fn tick(&mut self, now: Time) -> Vec<Effect> {
        let before = self.ticked.replace(now).unwrap_or(now);
        if self.notice.as_ref().is_some_and(|n| now >= n.until) {
            self.notice = None;
        }
        // what was ignored stays said for a while
        let ends = |(since, ignored): &(Time, String)| {
            now.since(*since) >= if ignored.is_empty() { self.hush() } else { self.lasting(SAID) }
        };
        if self.hush.as_ref().is_some_and(ends) {
            self.hush = None;
        }
        if let Layer::Confirm(confirm) = &mut self.layer
            && let Some(why) = confirm.stale(now)
        {
            confirm.disarm(why.into());
        }
        let mut effects = self.ask(now);
        effects.extend(self.follow_others());
        effects.extend(self.report_alone(now));
        effects.extend(self.end_acts(now, before));
        self.give_up(now);
        effects.extend(self.trip(now));
        effects.extend(self.end_soaks(now));
        effects.extend(self.settle_markers(now));
        effects.extend(self.seek(now));
        effects.extend(self.ask_shares_again(now));
        effects.extend(self.weigh_again(now));
        effects.extend(self.ring(now));
        effects.extend(self.keep_gate_fresh(now));
        effects.extend(self.retitle(now));
        effects
    }

    /// Asks whatever is due to be asked.
    pub(super) fn ask(&mut self, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        let chart = self.chart(now);
        let act = self.acted().first().map(|act| act.at);
        let on_screen = self.slo;
        let (from, step, columns) = chart;
        let drawn = self.spots.chart.is_some();
        let is_read = self.reading().is_some();
        for (slo, desk) in self.slos.iter_mut().enumerate() {
            // what was asked for other columns than those that are drawn leaves a part of the chart empty; asked once, and after the answer
            let fits = self.asked.get(&slo).is_none_or(|asked| *asked == (step, columns));
            if drawn && slo == on_screen && !fits && desk.feed.asked.is_none() && desk.feed.trouble.is_none() {
                desk.feed.refresh();
            }
            // which time is shown stands in a record that is still being read, and a question to somebody else is not asked twice
            let waits = is_read && desk.pace != Pace::NEAR;
            if desk.feed.is_due(now) && !waits {
                let ticket = desk.feed.ask(now);
                self.asked.insert(slo, (step, columns));
                effects.push(Effect::Ask(super::feed::BurnAsk {
                    slo,
                    ticket,
                    now,
                    from,
                    step,
                    columns,
                    act,
                    shown: slo == on_screen,
                }));
            }
        }
        for switch in 0..self.switches.len() {
            let Some(name) = self.switches.get(switch).map(|desk| desk.name.as_str()) else { continue };
            let arriving = self.arriving(name, now);
            let by_name = ByName { one: self.watched(name, now).cloned(), stopped: self.acts().stopped_for(name) };
            let sought = self.sought_on(name).map(Box::new);
            let Some(desk) = self.switches.get_mut(switch) else { continue };
            // whoever waits for an act to arrive looks more often
            let is_hasty = arriving == Some(true) && desk.feed.asked.is_none();
            let minute = |at: Time| at.0.div_euclid(MINUTE);
            let is_new = desk.feed.last.as_ref().is_none_or(|(at, _)| minute(*at) != minute(now));
            let arrival = is_hasty || (arriving.is_some() && is_new);
            if desk.feed.is_due(now) || (is_hasty && desk.feed.age(now).is_none_or(|age| age >= HASTY)) {
                let ticket = desk.feed.ask(now);
                effects.push(Effect::Look { switch, ticket, arrival, by_name, sought });
            }
        }
        effects.extend(self.ask_changes(now));
        effects
    }

    /// The bell is the difference between two due sets, at most one a minute; the screen says what rang anyway.
    fn ring(&mut self, now: Time) -> Option<Effect> {
        if self.reading().is_some() {
            return None;
        }
        let due = self.incident.due(&self.rules, now);
        let ringing: std::collections::BTreeSet<String> =
            due.iter().filter(|d| now >= d.rings).map(|d| format!("{:?}", d.name())).collect();
        let news = ringing.difference(&self.rung).next().is_some();
        if !news {
            self.rung = ringing;
            return None;
        }
        // a clock that was set back silences no bell
        if self.rang.is_some_and(|last| last <= now && now.since(last) < BELL) {
            return None;
        }
        self.rung = ringing;
        self.rang = Some(now);
        self.bell.then_some(Effect::Bell)
    }
}
