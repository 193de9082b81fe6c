//! From a configured switch to whoever can flip it: finds the secret where it is kept, makes the client once, and asks with a deadline. It must
//! not know the screen.
//!
//! Everything here waits for its answer: it runs on a thread of its provider, or in a command.

pub mod listing;

use super::{clock, login};
use crate::config::program;
use crate::config::providers::ProviderKind;
use crate::config::switches::{self, REMOTE, Switch, SwitchKind};
use crate::incident::change::Told;
use crate::incident::intent::Act;
use crate::incident::sought::Sought;
use crate::incident::switch::{ByName, Plan, Reason, Sight, Wanted, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::http::{self, Http, Key, Method};
use crate::liaison::outcome::{CarryOutcome, Checked};
use crate::liaison::process::Program;
use crate::liaison::switches::command::Commands;
use crate::liaison::switches::flagd::Flagd;
use crate::liaison::switches::launchdarkly::LaunchDarkly;
use crate::liaison::switches::launchdarkly::check::Offered;
use crate::liaison::switches::launchdarkly::limit::Limits;
use crate::liaison::switches::ofrep::Ofrep;
use crate::liaison::switches::unleash::{self, Unleash};
use crate::liaison::switches::web::{self, Web};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Whoever flips it.
#[derive(Clone)]
enum Reach {
    Flagd(Flagd),
    Unleash(Box<Unleash>),
    LaunchDarkly(Box<LaunchDarkly>),
    Web(Box<Web>),
    Commands(Box<Commands>),
}

/// An act with all that is needed to carry it.
pub struct Deed<'a> {
    /// What kind of act.
    pub act: Act,
    /// What is wanted.
    pub wanted: Wanted,
    /// The state that the person saw.
    pub before: &'a str,
    /// When it is to be put back by the provider itself.
    pub until: Option<Time>,
    /// What the provider calls the end that is to be moved.
    pub there: Option<&'a str>,
    /// Why, for the provider's record.
    pub reason: Reason,
}

/// The configured switches, and the clients that were made for them.
#[derive(Default)]
pub struct Levers {
    reaches: RefCell<BTreeMap<String, Reach>>,
    limits: RefCell<BTreeMap<String, Limits>>,
    runtime: OnceCell<Runtime>,
}

/// Ends what is done on somebody else's machine before others take it for lost, however slow each of its answers is.
async fn in_time(switch: &Switch, carried: impl Future<Output = CarryOutcome>) -> CarryOutcome {
    let most = Duration::from_micros(REMOTE.0.unsigned_abs());
    http::within(most, carried).await.unwrap_or_else(|| {
        CarryOutcome::Unsure(format!(
            "{} was not through within {} s. It may be done, or half of it. Look before you ask for it again.",
            switch.name,
            most.as_secs()
        ))
    })
}

impl Levers {
    /// What a switch serves, also to whom is asked about by name; with `arrival` also what that one, or any client, is served.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn look(&self, switch: &Switch, arrival: bool, by_name: &ByName) -> Result<Sight, Trouble> {
        self.ask(switch, async |reach, now| {
            let mut sight = match &reach {
                Reach::Flagd(flagd) => flagd.look(now)?,
                Reach::Unleash(unleash) => unleash.look(now).await?,
                Reach::LaunchDarkly(launchdarkly) => launchdarkly.look(now).await?,
                Reach::Web(web) => web.look(by_name, now).await?,
                Reach::Commands(commands) => commands.look(by_name).await?,
            };
            if arrival {
                // what nobody can observe is not observed; that is no reason not to say what the provider says
                sight.observed = self.observe(switch, &reach, by_name.one.as_ref(), now).await.unwrap_or(None);
            }
            Ok(sight)
        })
    }

    /// What a switch serves, and how its whole state compares with what an act had found and wanted.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn seek(&self, switch: &Switch, arrival: bool, by_name: &ByName, sought: &Sought) -> Result<Sight, Trouble> {
        let sight = self.look(switch, arrival, by_name)?;
        let Sought { act, wanted, before } = sought;
        let found = self.ask(switch, async |reach, now| match &reach {
            Reach::Flagd(flagd) => flagd.compare(wanted, before),
            Reach::Unleash(unleash) => unleash.compare(wanted, before, now).await,
            Reach::LaunchDarkly(launchdarkly) => launchdarkly.compare(wanted, before, now).await,
            Reach::Web(web) => web.compare(wanted, before, now).await,
            Reach::Commands(commands) => commands.compare(wanted, before).await,
        })?;
        Ok(Sight { found: Some((*act, found)), ..sight })
    }

    /// What that one, or any client, is served, as far as somebody can ask as clients do; answered in this time.
    ///
    /// # Errors
    /// Nobody can say, or nobody did in time.
    pub fn observed(&self, switch: &Switch, whom: Option<&Whom>, within: Duration) -> Result<Option<String>, Trouble> {
        let late = || {
            let name = &switch.name;
            let words = format!(
                "What clients of {name} are served was not answered in time. Nothing was changed by asking. Ask again."
            );
            Err(Trouble::Unreachable(words))
        };
        self.ask(switch, async |reach, now| {
            http::within(within, self.observe(switch, &reach, whom, now)).await.unwrap_or_else(late)
        })
    }

    /// What an act would do. It changes nothing.
    ///
    /// # Errors
    /// It cannot be done, or nobody can say.
    pub fn plan(&self, switch: &Switch, wanted: &Wanted) -> Result<Plan, Trouble> {
        self.ask(switch, async |reach, now| match &reach {
            Reach::Flagd(flagd) => flagd.plan(wanted, now),
            Reach::Unleash(unleash) => unleash.plan(wanted, now).await,
            Reach::LaunchDarkly(launchdarkly) => launchdarkly.plan(wanted, now).await,
            Reach::Web(web) => web.plan(wanted, now).await,
            Reach::Commands(commands) => commands.plan(wanted).await,
        })
    }

    /// Carries an act, once.
    pub fn carry(&self, switch: &Switch, deed: &Deed<'_>) -> CarryOutcome {
        let Deed { act, wanted, before, until, there, reason } = deed;
        let carried = self.ask(switch, async |reach, now| {
            Ok(match (act, &reach) {
                (Act::Request, Reach::Unleash(unleash)) => unleash.request(wanted, before, reason, now).await,
                (Act::Request, Reach::LaunchDarkly(ld)) => ld.request(wanted, before, reason, now).await,
                (Act::Schedule, Reach::LaunchDarkly(ld)) => match (wanted, until) {
                    (Wanted::Put(put), Some(until)) => ld.schedule(put, *until, reason, now).await,
                    _ => refuses(switch, "What is to be put back, or when, is not known"),
                },
                (Act::Extend, Reach::LaunchDarkly(ld)) => match (there, until) {
                    (Some(there), Some(until)) => ld.extend(there, *until, reason, now).await,
                    _ => refuses(switch, "What ends there, or when it is to, is not known"),
                },
                (Act::Request, _) => refuses(switch, "It has no approvers who could be asked"),
                (Act::Schedule, _) => refuses(switch, "It puts nothing back by itself"),
                (Act::Extend, _) => refuses(switch, "It ends nothing by itself"),
                (_, Reach::Flagd(flagd)) => flagd.carry(wanted, before, reason, now),
                (_, Reach::Unleash(unleash)) => in_time(switch, unleash.carry(wanted, before, reason, now)).await,
                (_, Reach::LaunchDarkly(ld)) => in_time(switch, ld.carry(wanted, before, reason, now)).await,
                (_, Reach::Web(web)) => in_time(switch, web.carry(wanted, before, reason, now)).await,
                (_, Reach::Commands(commands)) => commands.carry(wanted, before).await,
            })
        });
        carried.unwrap_or_else(|trouble| CarryOutcome::before_acting(&trouble))
    }

    /// Whether login, permissions and approvals will do, found out without changing anything.
    ///
    /// # Errors
    /// Nothing can be found out.
    pub fn check(&self, switch: &Switch) -> Result<Checked, Trouble> {
        let told = |lines| Checked { lines, against: Vec::new() };
        self.ask(switch, async |reach, now| {
            let mut checked = match &reach {
                Reach::Flagd(flagd) => told(flagd.check(now)?),
                Reach::Unleash(unleash) => told(unleash.check(now).await?),
                Reach::LaunchDarkly(launchdarkly) => launchdarkly.check(offered(switch), now).await?,
                Reach::Web(web) => told(web.check(now).await?),
                Reach::Commands(commands) => told(vec![commands.look(&ByName::default()).await?.words]),
            };
            if let Some(ofrep) = self.ofrep(switch).await? {
                match ofrep.check(now).await {
                    Ok(lines) => checked.lines.extend(lines),
                    Err(trouble) => checked.against.push(trouble),
                }
            }
            Ok(checked)
        })
    }

    /// What a provider's own record says was changed in a time; nothing where it keeps none.
    ///
    /// # Errors
    /// Nobody can say.
    pub async fn changes(&self, switch: &Switch, since: Time, until: Time) -> Result<Told, Trouble> {
        let now = clock::real();
        match &self.made(switch).await? {
            Reach::Unleash(unleash) => unleash.changes(since, until, now).await,
            Reach::LaunchDarkly(launchdarkly) => launchdarkly.changes(since, until, now).await,
            Reach::Flagd(_) | Reach::Web(_) | Reach::Commands(_) => Ok(Told::default()),
        }
    }

    async fn observe(
        &self,
        switch: &Switch,
        reach: &Reach,
        whom: Option<&Whom>,
        now: Time,
    ) -> Result<Option<String>, Trouble> {
        if let Some(ofrep) = self.ofrep(switch).await? {
            return ofrep.observe(whom, now).await;
        }
        match reach {
            Reach::Unleash(unleash) => unleash.observe(whom, now).await,
            Reach::LaunchDarkly(launchdarkly) => launchdarkly.observe(whom, now).await,
            Reach::Flagd(_) | Reach::Web(_) | Reach::Commands(_) => Ok(None),
        }
    }

    async fn ofrep(&self, switch: &Switch) -> Result<Option<Ofrep>, Trouble> {
        let (Some(ofrep), SwitchKind::Flagd { flag, .. }) = (&switch.ofrep, &switch.kind) else {
            return Ok(None);
        };
        let login = login::headed(ofrep.header.as_deref(), ofrep.token.as_ref()).await?;
        Ok(Some(Ofrep::new(Http::new(&switch.name, &ofrep.url, login, &[])?, flag)))
    }

    /// Asks whoever flips it, made once. After a login that was refused it is made anew: a secret may have been replaced.
    fn ask<T>(
        &self,
        switch: &Switch,
        question: impl AsyncFnOnce(Reach, Time) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let runtime = self.runtime()?;
        let answer = runtime.block_on(async { question(self.made(switch).await?, clock::real()).await });
        if matches!(answer, Err(Trouble::Denied(_))) {
            self.reaches.borrow_mut().remove(&switch.name);
        }
        answer
    }

    /// Whoever flips it, made once.
    async fn made(&self, switch: &Switch) -> Result<Reach, Trouble> {
        let known = self.reaches.borrow().get(&switch.name).cloned();
        if let Some(reach) = known {
            return Ok(reach);
        }
        let reach = self.reach(switch).await?;
        self.reaches.borrow_mut().insert(switch.name.clone(), reach.clone());
        Ok(reach)
    }

    fn runtime(&self) -> Result<&Runtime, Trouble> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let made = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let made = made.map_err(|e| {
            Trouble::Unreachable(format!("Nobody can be asked: {e}. Nothing was sent. See quarterdeck doctor."))
        })?;
        Ok(self.runtime.get_or_init(|| made))
    }

    async fn reach(&self, switch: &Switch) -> Result<Reach, Trouble> {
        Ok(match &switch.kind {
            SwitchKind::Flagd { file, flag, stop, restore } => Reach::Flagd(Flagd {
                file: file.clone(),
                flag: flag.clone(),
                stop: stop.clone(),
                restore: restore.clone(),
            }),
            SwitchKind::Unleash { provider, flag, kills } => {
                let token = login::found(&provider.token).await?;
                let admin = Http::new(&provider.name, &provider.url, bare(token), &[])?;
                let client = match &provider.kind {
                    ProviderKind::Unleash { client: Some(client) } => {
                        Some(Http::new(&provider.name, &provider.url, bare(login::found(client).await?), &[])?)
                    }
                    _ => None,
                };
                let stop = if *kills { unleash::Stop::On } else { unleash::Stop::Off };
                Reach::Unleash(Box::new(Unleash::new(
                    admin,
                    client,
                    &provider.project,
                    &provider.environment,
                    flag,
                    stop,
                )))
            }
            SwitchKind::LaunchDarkly { provider, flag, stop } => {
                let token = login::found(&provider.token).await?;
                let http = Http::new(&provider.name, &provider.url, bare(token), &[])?;
                let limits = self.limits.borrow_mut().entry(provider.name.clone()).or_default().clone();
                let made = LaunchDarkly::new(http, &provider.project, &provider.environment, flag, stop);
                Reach::LaunchDarkly(Box::new(made.sharing(limits).reporting(&provider.name)))
            }
            SwitchKind::Command(programs) => Reach::Commands(Box::new(commands(&switch.name, programs))),
            SwitchKind::Http(web) => {
                let login = login::headed(web.header.as_deref(), web.token.as_ref()).await?;
                let http = Http::new(&switch.name, &web.url, login, &[])?;
                Reach::Web(Box::new(Web::new(http, setting(web, switch.exclude_by.as_deref()))?))
            }
        })
    }
}

/// What is offered of a switch of LaunchDarkly, which its token has to be allowed.
fn offered(switch: &Switch) -> Offered {
    Offered {
        one: switch.exclude_by.is_some(),
        share: switch.percent,
        end: switch.schedules(),
        request: switch.requests(),
    }
}

/// The token alone: neither wants a word before it.
fn bare(token: Key) -> http::Login {
    http::Login::Header("authorization".into(), token)
}

fn refuses(switch: &Switch, why: &str) -> CarryOutcome {
    let words = format!("{why}: {}. Nothing was sent. Do it there by hand, and record what changed.", switch.name);
    CarryOutcome::Refused(words)
}

fn commands(name: &str, programs: &switches::Programs) -> Commands {
    let program = |argv: &Vec<String>| Program {
        argv: argv.clone(),
        directory: None,
        environment: program::environment(&programs.env),
        timeout: Duration::from_micros(u64::try_from(programs.timeout.0).unwrap_or(0)),
    };
    Commands {
        name: name.to_owned(),
        probe: program(&programs.probe),
        stop: program(&programs.stop),
        restore: program(&programs.restore),
        exclude: programs.exclude.as_ref().map(program),
        percent: programs.percent.as_ref().map(program),
        stopped: programs.stopped.clone(),
        running: programs.running.clone(),
    }
}

/// `kind` is the kind of contexts that it can tell apart.
fn setting(web: &switches::Web, kind: Option<&str>) -> web::Setting {
    let request = |request: &switches::Request| web::Request {
        method: match request.method.as_str() {
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => Method::Post,
        },
        path: request.path.clone(),
        body: request.body.clone(),
    };
    let spot = |path: &str, pointer: &Option<String>| web::Spot { path: path.to_owned(), pointer: pointer.clone() };
    let part = |part: &switches::Part| web::Part {
        request: request(&part.request),
        spot: spot(&part.probe, &part.pointer),
        proof: part.proof.clone(),
    };
    let exclude = web.exclude.as_ref().map(part);
    web::Setting {
        stop: request(&web.stop),
        restore: web.restore.as_ref().map(request),
        exclude: exclude.zip(kind).map(|(part, kind)| web::Exclusion {
            kind: kind.to_owned(),
            part,
            undo: web.include.as_ref().map(request),
        }),
        percent: web.percent.as_ref().map(part),
        probe: spot(&web.probe, &web.pointer),
        stopped: web.stopped.clone(),
        running: web.running.clone(),
    }
}
