//! What is alarming about the objectives and does not stand on the chart: others that burn or say nothing, and sources of one promise that do not say the same.
//! It must not know how it is drawn.

use super::App;
use super::feed::{Burn, SloDesk};
use crate::incident::impact::thousands;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::calendar::Window;
use crate::query::disagreement::{self, Disagreement};
use crate::query::slo::Slo;
use crate::query::state::State;

/// An answer that is older than this is not compared with another one.
const FRESH: Span = Span::seconds(120);

/// Two objectives that count the same promise and do not say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The one.
    pub ours: String,
    /// The other.
    pub theirs: String,
    /// What they say.
    pub says: Disagreement,
}

impl Dispute {
    /// What two answers about the same promise do not agree on; none where they do.
    pub fn between(ours: (&str, &Burn), theirs: (&str, &Burn), target_ppm: u32, window: Window) -> Option<Dispute> {
        let slo = Slo::new("", target_ppm, window);
        let says = disagreement::between(&slo, &ours.1.minutes, &theirs.1.minutes)?;
        Some(Dispute { ours: ours.0.to_owned(), theirs: theirs.0.to_owned(), says })
    }

    /// "servers and lb DISAGREE: 2,400/min and 4,000/min, 0 and 1,600 bad".
    pub fn words(&self) -> String {
        let [ours, theirs] = self.says.a_minute();
        let totals = format!("{}/min and {}/min", thousands(ours.0), thousands(theirs.0));
        let bad = if ours.1 == theirs.1 {
            String::new()
        } else {
            format!(", {} and {} bad", thousands(ours.1), thousands(theirs.1))
        };
        format!("{} and {} DISAGREE: {totals}{bad}", self.ours, self.theirs)
    }
}

impl App {
    /// What is alarming about the objectives that are not on the screen: a name and the words.
    pub fn alarms(&self) -> Vec<(String, String)> {
        let hidden = self.slos.iter().enumerate().filter(|(place, _)| *place != self.slo);
        hidden.filter_map(|(_, desk)| alarm(desk).map(|words| (desk.name.clone(), words))).collect()
    }

    /// The sources of one promise that do not say the same now.
    pub fn disputes(&self, now: Time) -> Vec<Dispute> {
        let fresh = |desk: &&SloDesk| desk.feed.age(now).is_some_and(|age| age < FRESH);
        let dispute = |desk: &SloDesk| {
            let name = desk.same_as.as_ref()?;
            let other = self.slos.iter().find(|other| other.name == *name).filter(fresh)?;
            let (ours, theirs) = (&desk.feed.last.as_ref()?.1, &other.feed.last.as_ref()?.1);
            Dispute::between((&desk.name, ours), (&other.name, theirs), desk.target_ppm, desk.window)
        };
        self.slos.iter().filter(fresh).filter_map(dispute).collect()
    }
}

fn alarm(desk: &SloDesk) -> Option<String> {
    match (&desk.feed.last, &desk.feed.trouble) {
        (None, Some((_, Trouble::Slowed(..)))) => Some("queued".into()),
        (_, Some((at, _))) => Some(format!("UNKNOWN since {}", at.clock_minutes())),
        (Some((_, burn)), None) => {
            let since = burn.since.map(|at| format!(" since {}", at.clock_minutes())).unwrap_or_default();
            let word = burn.state.word().to_uppercase();
            let burning = burn.burn_milli.first().copied().flatten().is_some_and(|milli| milli > 1000);
            match burn.state {
                State::Value | State::NoTraffic => burning.then(|| "burning".to_string()),
                State::Partial | State::TrafficGone | State::NoData => Some(format!("{word}{since}")),
            }
        }
        (None, None) => None,
    }
}
