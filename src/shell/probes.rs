//! Asks probes, all at the same time, each on a thread of its own and with a deadline of its own: one that hangs keeps no other waiting, and
//! is unknown. It must not know what the answers are for.

use super::asker::{self, Source};
use super::beside::Beside;
use super::{clock, login};
use crate::app::feed::{Burn, BurnAsk, Held};
use crate::app::probes::ProbeDesk;
use crate::config::backends::Backend;
use crate::config::blocks::Slo;
use crate::config::probes::{Probe, ProbeAsks, Wants};
use crate::config::{Config, program};
use crate::incident::entry::EntryId;
use crate::incident::impact::{capital, counted};
use crate::incident::probe::{Light, Probed, Reading};
use crate::incident::scope;
use crate::incident::time::{MINUTE, Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::http::{Http, path};
use crate::liaison::probes::{self, Answer, Wanted};
use crate::liaison::process::Program;
use crate::query::alert::Verdict;
use crate::query::filter::Literal;
use crate::query::series::{DAY, Sum};
use crate::query::shares::{Asked, Share, Shares};
use crate::query::slo::MIN_BAD;
use crate::query::state::State;
use std::path::PathBuf;
use std::time::Duration;

/// How many values are told by name.
const NAMED: usize = 5;
/// How many values are told apart.
const MOST: usize = 200;
/// Where more than one event in so many lacks the field, its values are not known.
const LACKS: u64 = 10;
/// How far back it is looked whether most of what was counted fails, µs.
const LATELY: i64 = 5 * MINUTE;
/// What a probe's own deadline may be late by: a program that is ended needs a moment.
const LATE: Duration = Duration::from_secs(6);

/// What the probes are read after.
#[derive(Clone, Copy, Debug, Default)]
pub struct After {
    /// The entry: a change, an act, a hold.
    pub entry: Option<EntryId>,
    /// For how long what it did has served.
    pub served: Option<Span>,
}

/// Who can be asked: the configured objectives and backends, for probes that query.
#[derive(Clone, Debug)]
pub struct Prober {
    /// The probes, in the order of the file.
    pub probes: Vec<Probe>,
    slos: Vec<Slo>,
    backends: Vec<Backend>,
    runs: PathBuf,
    /// The build that is asked about.
    build: Option<String>,
}

impl Prober {
    /// The configured probes, and what they need.
    #[must_use]
    pub fn of(config: &Config) -> Prober {
        Prober {
            probes: config.probes.clone(),
            slos: config.slos.clone(),
            backends: config.backends.clone(),
            runs: config.runs.clone(),
            build: None,
        }
    }

    /// The same, about one build: what stands for it in what is asked is replaced by it.
    #[must_use]
    pub fn about(self, build: Option<&str>) -> Prober {
        Prober { build: build.map(str::to_owned), ..self }
    }

    /// Asks every probe that speaks for a place; all of them without one. It takes as long as the slowest may.
    #[must_use]
    pub fn run(&self, place: Option<&str>, now: Time, after: After) -> Vec<Reading> {
        let meant = self.probes.iter().filter(|probe| place.is_none_or(|place| scope::meets(&probe.scope, place)));
        self.ask(&meant.collect::<Vec<_>>(), now, after)
    }

    /// Asks these probes.
    #[must_use]
    pub fn ask(&self, meant: &[&Probe], now: Time, after: After) -> Vec<Reading> {
        let began = clock::steady();
        let under_way: Vec<(Beside<Result<Answer, Trouble>>, Duration)> = meant
            .iter()
            .map(|probe| {
                let (probe, own) = ((*probe).clone(), self.clone());
                let deadline = duration(probe.timeout);
                (Beside::begin("probe", move || own.answer(&probe, now, after.served)), deadline)
            })
            .collect();
        let answers = under_way.into_iter().zip(meant).map(|((answer, deadline), probe)| {
            let passed = Duration::from_micros(clock::steady().abs_diff(began));
            let answer = answer.answer((deadline + LATE).saturating_sub(passed));
            reading(probe, answer, now.plus(Span(clock::steady().saturating_sub(began))), after)
        });
        answers.collect()
    }

    /// One answer, however long it takes.
    fn answer(&self, probe: &Probe, now: Time, served: Option<Span>) -> Result<Answer, Trouble> {
        let deadline = duration(probe.timeout);
        match &self.asked(probe)? {
            ProbeAsks::Command { argv, directory, env } => alone(async {
                let environment = program::environment(env);
                let program =
                    Program { argv: argv.clone(), directory: directory.clone(), environment, timeout: deadline };
                probes::command(&program).await
            }),
            ProbeAsks::Http { url, status, value, contains, header, token } => alone(async {
                let login = login::headed(header.as_deref(), token.as_ref()).await?;
                let client = Http::new(&probe.name, url, login, &[])?.staking(probes::STAKES);
                let wanted = Wanted { status: *status, value: value.clone(), contains: contains.clone() };
                probes::http(&client, &wanted, deadline).await
            }),
            ProbeAsks::Query { slo: Some(slo), wants } => self.query(slo, &over(wants, served), now),
            ProbeAsks::Query { slo: None, wants } => {
                let all = self.slos.iter().map(|slo| self.query(&slo.name, &over(wants, served), now));
                together(self.slos.iter().map(|slo| slo.name.as_str()).zip(all))
            }
        }
    }

    /// What is asked, about the build that is meant.
    fn asked(&self, probe: &Probe) -> Result<ProbeAsks, Trouble> {
        let asks = probe.asks.clone();
        match &self.build {
            _ if !asks.is_about_a_build() => Ok(asks),
            None => Err(Trouble::Refused(
                "It asks about one build, and none is named. The probe is unknown. Name it with --ref.".into(),
            )),
            // dots would lead out of the address, and what begins with a dash is an option to a command
            Some(build) if matches!(build.as_str(), "." | "..") || build.starts_with('-') => {
                Err(Trouble::Refused(format!("{build} is no build. The probe is unknown. Name one with --ref.")))
            }
            Some(build) => Ok(asks.about(build, &path::segment(build))),
        }
    }

    fn query(&self, name: &str, wants: &Wants, now: Time) -> Result<Answer, Trouble> {
        let unknown = |words: String| Trouble::Refused(asker::finished(&words, "The probe is unknown. Correct it."));
        let slo = self.slos.iter().find(|slo| slo.name == name);
        let slo = slo.ok_or_else(|| unknown(format!("There is no [[slo]] {name}")))?;
        let source = Source::within(slo, &self.backends, &asker::shared(&self.runs)).map_err(unknown)?;
        // a count over days is one of whole minutes
        let is_long = matches!(wants, Wants::Bad { within, .. } if within.0 > DAY);
        let mut source = if is_long { source.finely() } else { source };
        let step = Span(MINUTE);
        // no chart is shown: one that looked back would ask for another window
        let from = now.floor(step);
        let asked = BurnAsk { slo: 0, ticket: 0, now, from, step, columns: 1, act: None, shown: false };
        let burn = source.answer(&asked)?;
        match wants {
            Wants::Quiet => {
                let lately = source.series(now)?.sum(now.0, LATELY);
                quiet(name, &burn, lately, slo.minimum.unwrap_or(MIN_BAD))
            }
            Wants::Bad { most, within } => {
                let sum = source.series(now)?.sum(now.0, within.0);
                let words = format!("{} in the last {}", counted(sum.bad, "bad event", "bad events"), length(*within));
                known(name, &burn, sum.bad <= *most, sum.known > 0, &format!("{words}; {most} at most"))
            }
            Wants::Distinct { field, most, within } => {
                let from = now.minus(*within).0;
                // how many lack the field counts, however many values there are
                let kept = Some(Literal::Null.to_string());
                let asked = Asked { fields: vec![field.clone()], since: from, from, to: now.0, percentile: None, kept };
                let shares = source.shares(&asked, now, MOST)?;
                let told = Distinct::of(field, *most, *within, &shares);
                let answer = known(name, &burn, told.count <= *most, told.count + told.lacking > 0, &told.words())?;
                // what nobody can tell opens nothing
                match told.untold().filter(|_| answer.yes) {
                    Some(words) => Err(unknown(words)),
                    None => Ok(answer),
                }
            }
        }
    }
}

/// What the values of a field were found to be.
struct Distinct<'a> {
    field: &'a str,
    most: u64,
    within: Span,
    /// The values, the first few by name. No value at all is none of them.
    count: u64,
    named: Vec<&'a str>,
    /// The events that lack the field, and all.
    lacking: u64,
    all: u64,
    /// There may be more values.
    is_cut: bool,
}

impl<'a> Distinct<'a> {
    fn of(field: &'a str, most: u64, within: Span, shares: &'a Shares) -> Distinct<'a> {
        let now = || shares.rows.iter().filter(|row| row.total > 0);
        let sum = |total: u64, row: &Share| total.saturating_add(row.total);
        let lacking = now().filter(|row| row.key().is_none()).fold(0, sum);
        let values: Vec<&str> = now().filter(|row| row.key().is_some()).map(|row| row.value.as_str()).collect();
        let (groups, events) = shares.hidden.unwrap_or_default();
        let count = (values.len() as u64).saturating_add(groups);
        let named = values.into_iter().take(NAMED).collect();
        let all = now().fold(events, sum);
        Distinct { field, most, within, count, named, lacking, all, is_cut: shares.is_cut }
    }

    fn words(&self) -> String {
        let Distinct { field, most, count, named, lacking, all, .. } = self;
        let more = if *count > named.len() as u64 { ", …" } else { "" };
        let lacks = match lacking {
            0 => String::new(),
            _ => format!("; {lacking} of {} without it", counted(*all, "event", "events")),
        };
        let values = counted(*count, "value", "values");
        let within = length(self.within);
        format!("{values} of {field} in the last {within} ({}{more}); {most} at most{lacks}", named.join(", "))
    }

    /// Why so few values say nothing; none where they do.
    fn untold(&self) -> Option<String> {
        let Distinct { field, lacking, all, .. } = self;
        if self.count == 0 {
            return Some(format!("No event of the last {} has {field}: is that its name?", length(self.within)));
        }
        if lacking.saturating_mul(LACKS) > *all {
            return Some(format!("{lacking} of {} have no {field}", counted(*all, "event", "events")));
        }
        self.is_cut.then(|| format!("{field} has more values than can be told apart"))
    }
}

/// Every objective is quiet: one that is not says no, one of which nothing is known leaves it unknown.
fn together<'a>(answers: impl Iterator<Item = (&'a str, Result<Answer, Trouble>)>) -> Result<Answer, Trouble> {
    let (mut quiet, mut loud, mut unknown) = (0, Vec::new(), None);
    for (name, answer) in answers {
        match answer {
            Ok(Answer { yes: true, .. }) => quiet += 1,
            Ok(Answer { yes: false, words }) => loud.push(format!("{name}: {words}")),
            Err(trouble) => unknown = unknown.or(Some(trouble)),
        }
    }
    match (loud.is_empty(), unknown) {
        (false, _) => Ok(Answer { yes: false, words: loud.join("; ") }),
        (true, Some(trouble)) => Err(trouble),
        (true, None) => {
            let words = format!("no condition holds on the budget of {}", counted(quiet, "objective", "objectives"));
            Ok(Answer { yes: true, words })
        }
    }
}

/// What is wanted after a soak: that it was so all the time that was waited for, not only at its end.
fn over(wants: &Wants, served: Option<Span>) -> Wants {
    let mut wants = wants.clone();
    if let (Wants::Bad { within, .. } | Wants::Distinct { within, .. }, Some(served)) = (&mut wants, served) {
        *within = (*within).max(served);
    }
    wants
}

/// No condition on the budget holds, and that is known; nor fails most of what was counted lately, which a condition may take hours to see.
fn quiet(name: &str, burn: &Burn, lately: Sum, least: u64) -> Result<Answer, Trouble> {
    let firing: Vec<String> = burn.standing().collect();
    if !firing.is_empty() {
        return Ok(Answer { yes: false, words: firing.join("; ") });
    }
    if lately.bad >= least.max(1) && lately.bad > lately.total / 2 {
        let words = format!("{} of {} events failed in the last 5 min", lately.bad, lately.total);
        return Ok(Answer { yes: false, words });
    }
    if let Some(words) = Held::unwatched(&burn.conditions) {
        let words = capital(words);
        return Err(Trouble::Refused(format!("{words}. The probe is unknown. Give its [[slo]] one, or want `bad`.")));
    }
    let is_known = burn.conditions.first().is_some_and(|held| held.verdict != Verdict::Unknown);
    known(name, burn, true, is_known, "no condition on its budget holds")
}

/// A no is a no; a yes counts only where what was counted can be trusted.
fn known(name: &str, burn: &Burn, yes: bool, is_known: bool, words: &str) -> Result<Answer, Trouble> {
    match burn.state {
        _ if !yes => Ok(Answer { yes, words: words.to_owned() }),
        State::TrafficGone => Ok(Answer { yes: false, words: "traffic gone".into() }),
        State::Value if is_known => Ok(Answer { yes, words: words.to_owned() }),
        state => {
            let what = if state == State::Value { "nothing is known about that time" } else { state.word() };
            let why = burn.doubts.first().map(|doubt| format!(", {doubt}")).unwrap_or_default();
            let what = format!("The source of {name} has no good answer: {what}{why}");
            Err(Trouble::Garbled(format!("{what}. The probe is unknown. Look at it.")))
        }
    }
}

fn reading(probe: &Probe, answer: Option<Result<Answer, Trouble>>, at: Time, after: After) -> Reading {
    let (outcome, words) = match answer {
        Some(Ok(Answer { yes: true, words })) => (Light::Green, words),
        Some(Ok(Answer { yes: false, words })) => (Light::Red, words),
        Some(Err(trouble)) => (Light::Unknown, trouble.words().to_owned()),
        None => (Light::Unknown, format!("nobody answered within {}", length(probe.timeout))),
    };
    let what = Probed {
        probe: probe.name.clone(),
        subject: probe.subject.clone(),
        scope: probe.scope.clone(),
        outcome,
        words,
        served_s: after.served.and_then(|served| u64::try_from(served.as_seconds()).ok()),
        after: after.entry,
    };
    Reading { at, what }
}

fn alone<T>(question: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = built
        .map_err(|e| Trouble::Unreachable(format!("Nobody can be asked: {e}. The probe is unknown. Try again.")))?;
    let answer = runtime.block_on(question);
    // a secret's command that hangs must not keep the answer
    runtime.shutdown_background();
    answer
}

fn duration(span: Span) -> Duration {
    Duration::from_micros(span.0.max(0).unsigned_abs())
}

fn length(span: Span) -> String {
    match span.as_seconds() {
        seconds if seconds < 120 || seconds % 60 != 0 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// A probe as the screen knows it.
#[must_use]
pub fn desk(probe: &Probe) -> ProbeDesk {
    let Probe { name, scope, subject, says, .. } = probe.clone();
    let (soak, timeout) = (probe.soak, probe.timeout);
    ProbeDesk {
        name,
        scope,
        subject,
        says,
        asks: asks(probe),
        soak,
        trips: probe.trips.clone(),
        of_build: probe.asks.is_about_a_build(),
        timeout,
        reading: None,
    }
}

/// Who asks a probe, in words: for lists and for `doctor`.
#[must_use]
pub fn asks(probe: &Probe) -> String {
    match &probe.asks {
        ProbeAsks::Http { url, .. } => url.clone(),
        ProbeAsks::Command { argv, .. } => format!("command {}", argv.first().map_or("", String::as_str)),
        ProbeAsks::Query { slo: None, .. } => "every objective is quiet".into(),
        ProbeAsks::Query { slo: Some(slo), wants: Wants::Quiet } => format!("{slo} is quiet"),
        ProbeAsks::Query { slo: Some(slo), wants: Wants::Bad { most, within } } => {
            format!("{slo}: at most {most} bad in {}", length(*within))
        }
        ProbeAsks::Query { slo: Some(slo), wants: Wants::Distinct { field, most, within } } => {
            format!("{slo}: at most {most} of {field} in {}", length(*within))
        }
    }
}
