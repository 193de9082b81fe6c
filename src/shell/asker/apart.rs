//! The events of an objective told apart by a backend, now and while all was quiet. It has a connection of its own, so that the chart is asked about
//! meanwhile; what was answered before somebody had to wait for a turn is not asked again.

use super::super::clock;
use super::beyond;
use super::plan::Plan;
use crate::config::backends::Backend;
use crate::config::blocks;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::limit::{Limits, Urgency};
use crate::liaison::backends::{Server, Turn};
use crate::query::breakdown::{Breakdown, Told};
use crate::query::shares::{Asked, Shares};
use crate::query::window::Stretch;
use std::time::Duration;

/// Who tells the events of an objective apart.
pub struct Apart {
    plan: Plan,
    limits: Limits,
    server: Option<Server>,
    begun: Option<Begun>,
}

/// A question that is not answered whole yet.
struct Begun {
    /// As it was asked.
    asked: Asked,
    /// As it can be answered: what is on its way or out of reach is left out.
    within: Asked,
    /// How far back could be asked when it was begun, µs UTC.
    oldest: i64,
    /// What was answered.
    told: Vec<(Breakdown, Told)>,
}

impl Apart {
    /// For a configured objective. Who asks the same backend shares its limits.
    ///
    /// # Errors
    /// A query cannot be asked, or the backend is not configured.
    pub fn new(slo: &blocks::Slo, backends: &[Backend], limits: &Limits) -> Result<Apart, String> {
        Ok(Apart { plan: Plan::of(slo, backends)?, limits: limits.clone(), server: None, begun: None })
    }

    /// The shares of each value, at most so many values. It waits for a turn as long as there is patience.
    ///
    /// # Errors
    /// Nobody answered, or they refused, or it cannot be asked here, or it is not our turn yet.
    pub async fn shares(
        &mut self,
        asked: &Asked,
        now: Time,
        most: usize,
        patience: Duration,
    ) -> Result<Shares, Trouble> {
        if asked.to <= self.plan.oldest(now) {
            let stretch = Stretch { from: asked.from, to: asked.to };
            return Err(beyond::beyond(&self.plan, &self.limits, &mut self.server, stretch, now).await);
        }
        let mut server = match self.server.take() {
            Some(server) => server,
            None => self.plan.connect(&self.limits).await?,
        };
        let told = self.told(&mut server, asked, now, patience).await;
        let shares =
            told.map(|(now, quiet)| Shares::of(asked, now, quiet, most, |values| server.means(&asked.fields, values)));
        // whoever waits for a turn goes on where it was; a seat that nobody needs is given back
        match &shares {
            Err(Trouble::Slowed(..)) => self.server = Some(server),
            _ => self.begun = None,
        }
        shares
    }

    async fn told(
        &mut self,
        server: &mut Server,
        asked: &Asked,
        now: Time,
        patience: Duration,
    ) -> Result<(Told, Option<Told>), Trouble> {
        let begun = match self.begun.take().filter(|begun| begun.asked == *asked) {
            Some(begun) => begun,
            None => self.begin(asked, now),
        };
        let begun = self.begun.insert(begun);
        let mut answers = Vec::new();
        for by in [Some(begun.within.now()), begun.within.quiet()].into_iter().flatten() {
            if let Some((_, told)) = begun.told.iter().find(|(known, _)| *known == by) {
                answers.push(told.clone());
                continue;
            }
            let stretch = Stretch { from: by.from, to: by.to };
            let turn = Turn {
                stretch,
                step: by.to - by.from,
                now,
                is_live: clock::is_present(now),
                urgency: Urgency::Shown,
                patience,
            };
            let told = server.apart(&by, turn).await?;
            begun.told.push((by, told.clone()));
            answers.push(told);
        }
        let mut answers = answers.into_iter();
        let (mut first, quiet) = (answers.next().unwrap_or_default(), answers.next());
        if begun.oldest > asked.since {
            first.notes.push(format!("{}: what was before that is in no share", self.plan.reached()));
        }
        Ok((first, quiet))
    }

    /// What of a question can be answered.
    fn begin(&self, asked: &Asked, now: Time) -> Begun {
        // what is still on its way is not the present yet
        let to = asked.to.min(now.0 - self.plan.settles);
        let oldest = self.plan.oldest(now);
        let within = Asked { since: asked.since.max(oldest), from: asked.from.max(oldest), to, ..asked.clone() };
        Begun { asked: asked.clone(), within, oldest, told: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::asks::{Asks, Query, Sli};
    use crate::config::backends::{BackendKind, Login};
    use crate::config::read::Written;
    use crate::config::trouble::Place;
    use crate::incident::time::Span;
    use crate::query::calendar::Window;
    use crate::query::series::{DAY, HOUR, MINUTE, SECOND};

    const NOW: Time = Time(1_772_535_380 * SECOND);

    /// Somebody who asks Honeycomb, which reaches seven days back.
    fn apart() -> Apart {
        let word = |text: &str| Written { text: text.into(), place: Place::Flag("--test"), key: String::new() };
        let backend = Backend {
            name: "hny".into(),
            kind: BackendKind::Honeycomb { markers: None },
            url: "http://127.0.0.1:9".into(),
            login: Login::Nobody,
            interval: Span(MINUTE),
        };
        let query = Query::Honeycomb { dataset: "api".into(), sli: Sli::Alias(word("sli.api")), slo: None, also: None };
        let asks = Asks::Backend { backend: word("hny"), query };
        let slo = blocks::Slo::new("api", asks, 999_500, Window::Rolling(30 * DAY));
        Apart::new(&slo, &[backend], &Limits::default()).unwrap()
    }

    fn asked(from: i64, to: i64) -> Asked {
        let at = |back: i64| NOW.0 - back;
        Asked {
            fields: vec!["code".into()],
            since: at(30 * DAY),
            from: at(from),
            to: at(to),
            percentile: None,
            kept: None,
        }
    }

    #[test]
    fn given_a_window_of_thirty_days_when_seven_can_be_asked_then_the_quiet_share_is_of_those() {
        let apart = apart();
        let begun = apart.begin(&asked(2 * HOUR, 0), NOW);
        // what is on its way is left out, and the hour that rounding may take
        assert_eq!((NOW.0 - begun.within.to, NOW.0 - begun.within.from), (15 * SECOND, 2 * HOUR));
        assert_eq!(NOW.0 - begun.within.since, 7 * DAY - HOUR - MINUTE);
        assert_eq!(
            begun.within.quiet().map(|quiet| (quiet.from, quiet.to)),
            Some((begun.within.since, begun.within.from))
        );
        // a look back that began before is cut, and has nothing to be compared with
        let cut = apart.begin(&asked(8 * DAY, 6 * DAY), NOW);
        assert_eq!((cut.within.from, cut.within.quiet()), (cut.oldest, None));
    }

    #[test]
    fn given_a_time_out_of_reach_when_asked_then_that_is_said_whether_or_not_anybody_answers() {
        let mut apart = apart();
        let runtime = super::super::alone().unwrap();
        let gone = runtime.block_on(apart.shares(&asked(9 * DAY, 8 * DAY), NOW, 10, Duration::ZERO)).unwrap_err();
        assert!(
            matches!(&gone, Trouble::Beyond(words) if words.starts_with("hny can be asked about the last 7 days, to ")),
            "{gone:?}"
        );
    }

    #[test]
    fn given_a_backend_that_cannot_be_reached_when_asked_then_it_says_so_and_nothing_is_kept() {
        let mut apart = apart();
        let runtime = super::super::alone().unwrap();
        let answer = runtime.block_on(apart.shares(&asked(2 * HOUR, 0), NOW, 10, Duration::ZERO));
        assert!(matches!(answer, Err(Trouble::Unreachable(_))), "{answer:?}");
        assert!(apart.begun.is_none() && apart.server.is_none());
    }
}
