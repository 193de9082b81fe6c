//! Who answers how an objective stands: event files on the engine's thread, backends on the thread that talks to others. Both count, and the
//! counts are reduced to what the screen shows.
//!
//! It must not know the screen; it is asked, and answers once.

mod apart;
mod beside;
mod beyond;
mod files;
mod plan;
mod present;
mod reach;
mod remote;
mod rough;
mod weighing;

use crate::app::feed::{Burn, BurnAsk, Pace};
use crate::app::msg::Msg;
use crate::app::shares::SharesAsk;
use crate::app::would::WouldAsk;
use crate::config::asks::{Asks, Part};
use crate::config::backends::Backend;
use crate::config::read::Written;
use crate::config::trouble::Place;
use crate::config::{blocks, conditions};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::Unseen;
use crate::liaison::backends::honeycomb::limit::Limits;
use crate::query::alert::Rule;
use crate::query::filter::Expr;
use crate::query::series::Series;
use crate::query::shares::{self, Shares};
use crate::query::slo::{MIN_BAD, MIN_BAD_SLICES, Slo};
use apart::Apart;
pub use beside::merged;
use files::Files;
use plan::Plan;
pub use reach::{limits, reached, shared, waiting};
use remote::Remote;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
pub use weighing::Weighing;

/// How many values the screen is told.
pub const KEPT: usize = 200;

/// Who answers for one objective.
pub struct Source(Kind);

enum Kind {
    Files(Box<Files>),
    Remote(Box<Remote>),
}

/// The sources of all objectives, apart by who asks them; each with the place of its objective.
#[derive(Default)]
pub struct Sources {
    files: Vec<(usize, Files)>,
    remote: Vec<(usize, Remote)>,
}

/// Where questions go.
#[derive(Clone)]
pub struct Asker {
    files: Sender<Question>,
    remote: UnboundedSender<Question>,
    /// The objectives that backends answer for.
    far: Rc<[usize]>,
}

/// What is asked.
enum Question {
    /// How an objective stands.
    Burn(BurnAsk),
    /// How it would under another indicator.
    WhatIf(WouldAsk),
    /// How values share its events.
    Shares(SharesAsk),
}

impl Question {
    /// Which objective it is about.
    fn slo(&self) -> usize {
        match self {
            Question::Burn(ask) => ask.slo,
            Question::WhatIf(ask) => ask.slo,
            Question::Shares(ask) => ask.slo,
        }
    }
}

impl Asker {
    /// Asks; nobody who listens any more is no trouble, because then nobody looks either.
    pub fn ask(&self, ask: BurnAsk) {
        self.send(Question::Burn(ask));
    }

    /// Asks what would have been.
    pub fn what_if(&self, ask: WouldAsk) {
        self.send(Question::WhatIf(ask));
    }

    /// Asks how values share the events.
    pub fn shares(&self, ask: SharesAsk) {
        self.send(Question::Shares(ask));
    }

    fn send(&self, question: Question) {
        if self.far.contains(&question.slo()) {
            let _ = self.remote.send(question);
        } else {
            let _ = self.files.send(question);
        }
    }
}

/// How often an objective is worth asking about, and the narrowest column that its source can fill.
#[must_use]
pub fn pace(slo: &blocks::Slo, backends: &[Backend]) -> (Pace, Span) {
    match &slo.asks {
        Asks::Events { .. } => None,
        Asks::Backend { .. } => Plan::of(slo, backends).ok(),
    }
    .map_or((Pace::NEAR, Span::seconds(5)), |plan| (plan.pace(), Span(plan.step)))
}

/// What an objective promises, as arithmetic takes it.
#[must_use]
pub fn goal(slo: &blocks::Slo) -> Slo {
    let rule = |rule: &conditions::Rule| match rule {
        conditions::Rule::ExhaustionTime(within) => Rule::ExhaustionTime { within: within.0 },
        conditions::Rule::BudgetRate(spent_ppm, window) => Rule::BudgetRate { window: window.0, spent_ppm: *spent_ppm },
    };
    let least = if slo.slices.is_some() { MIN_BAD_SLICES } else { MIN_BAD };
    Slo {
        min_bad: slo.minimum.unwrap_or(least),
        slices: slo.slices,
        rules: slo.rules.iter().map(rule).collect(),
        ..Slo::new(&slo.name, slo.target_ppm, slo.window)
    }
}

impl Source {
    /// The source of a configured objective, for whoever only looks whether it can be asked.
    ///
    /// # Errors
    /// What is counted cannot be understood: what, where and what was expected.
    pub fn new(slo: &blocks::Slo, backends: &[Backend]) -> Result<Source, String> {
        Source::within(slo, backends, &Limits::default())
    }

    /// The same, sharing the limits of whom it asks.
    ///
    /// # Errors
    /// As [`Source::new`].
    pub fn within(slo: &blocks::Slo, backends: &[Backend], limits: &Limits) -> Result<Source, String> {
        Ok(Source(match &slo.asks {
            Asks::Events { .. } => Kind::Files(Box::new(Files::new(slo)?)),
            Asks::Backend { .. } => Kind::Remote(Box::new(Remote::new(slo, backends, limits)?)),
        }))
    }

    /// The same, whose waits are measured by another clock, in µs, which never goes back.
    #[must_use]
    pub fn measured_by(self, steady: fn() -> i64) -> Source {
        match self.0 {
            Kind::Remote(remote) => Source(Kind::Remote(Box::new(remote.measured_by(steady)))),
            files => Source(files),
        }
    }

    /// Reads everything there is to know, however long it takes, and answers: for whoever asks once.
    ///
    /// # Errors
    /// Nobody answered, or what they answered is of no use.
    pub fn answer(&mut self, ask: &BurnAsk) -> Result<Burn, Trouble> {
        match &mut self.0 {
            Kind::Files(files) => files.catch_up().and_then(|()| files.burn(ask)),
            Kind::Remote(remote) => alone()?.block_on(remote.burn(ask, true)),
        }
    }
}

impl Source {
    /// Why nothing that would be bad was there, after [`Source::answer`]: names that are not known where it is asked.
    ///
    /// # Errors
    /// As [`Source::answer`].
    pub fn unseen(&mut self, now: Time) -> Result<Option<Unseen>, Trouble> {
        match &mut self.0 {
            Kind::Files(files) => Ok(files.unseen(now)),
            Kind::Remote(remote) => alone()?.block_on(remote.unseen(now)),
        }
    }

    /// How values share the events, after [`Source::answer`]; at most so many values.
    ///
    /// # Errors
    /// As [`Source::answer`]; what cannot be asked of a backend is refused in words.
    pub fn shares(&mut self, asked: &shares::Asked, now: Time, most: usize) -> Result<Shares, Trouble> {
        match &mut self.0 {
            Kind::Files(files) => files.catch_up().and_then(|()| files.shares(asked, most)),
            Kind::Remote(remote) => {
                let mut apart = remote.apart()?;
                alone()?.block_on(apart.shares(asked, now, most, remote::ALONE))
            }
        }
    }

    /// Everything that was counted in the window of a moment, after [`Source::answer`] of that moment.
    ///
    /// # Errors
    /// As [`Source::answer`].
    pub fn series(&mut self, now: Time) -> Result<Series, Trouble> {
        match &mut self.0 {
            Kind::Files(files) => files.series(now),
            Kind::Remote(remote) => Ok(remote.series(now)),
        }
    }
}

/// A runtime for one question.
fn alone() -> Result<tokio::runtime::Runtime, Trouble> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|e| Trouble::Unreachable(format!("Nobody can be asked: {e}. Nothing was counted. Try again.")))
}

impl Sources {
    /// The sources of all configured objectives, in their order.
    ///
    /// # Errors
    /// As [`Source::new`].
    pub fn new(slos: &[blocks::Slo], backends: &[Backend], limits: &Limits) -> Result<Sources, String> {
        let mut sources = Sources::default();
        for (place, slo) in slos.iter().enumerate() {
            match Source::within(slo, backends, limits)?.0 {
                Kind::Files(files) => sources.files.push((place, *files)),
                Kind::Remote(remote) => sources.remote.push((place, *remote)),
            }
        }
        Ok(sources)
    }

    /// Starts who answers, each on a thread that `spawn` starts.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(
        self,
        answers: &Sender<Msg>,
        spawn: impl Fn(&str, Box<dyn FnOnce() + Send>) -> Result<(), String>,
    ) -> Result<Asker, String> {
        let far = self.remote.iter().map(|(place, _)| *place).collect();
        let (files, near) = std::sync::mpsc::channel();
        let tell = answers.clone();
        spawn("engine", Box::new(move || serve(self.files, &near, &tell)))?;
        let (remote, questions) = tokio::sync::mpsc::unbounded_channel();
        if !self.remote.is_empty() {
            let tell = answers.clone();
            spawn("liaison", Box::new(move || serve_far(self.remote, questions, &tell)))?;
        }
        Ok(Asker { files, remote, far })
    }
}

/// Answers from event files until nobody asks any more. A newer question about the same objective replaces an older one that waits.
fn serve(mut sources: Vec<(usize, Files)>, questions: &Receiver<Question>, answers: &Sender<Msg>) {
    while let Ok(first) = questions.recv() {
        let mut waiting: Vec<BurnAsk> = Vec::new();
        for question in std::iter::once(first).chain(questions.try_iter()) {
            match question {
                Question::Burn(ask) => waiting.push(ask),
                Question::WhatIf(ask) => {
                    let Some((_, source)) = sources.iter_mut().find(|(slo, _)| *slo == ask.slo) else { continue };
                    let answer = source.what_if(&ask).map(Box::new);
                    let _ = answers.send(Msg::WouldBe { ticket: ask.ticket, answer });
                }
                Question::Shares(ask) => {
                    let mut told = |slo: usize| {
                        let source = sources.iter_mut().find(|(place, _)| *place == slo).map(|(_, source)| source);
                        source.map(|source| source.shares(&ask.asked, KEPT))
                    };
                    let Some(own) = told(ask.slo) else { continue };
                    let others = ask.others.iter().filter_map(|(slo, name)| Some((name, told(*slo)?)));
                    let answer = own.map(|own| Box::new(beside::merged(own, others)));
                    let _ = answers.send(Msg::Shared { ticket: ask.ticket, answer });
                }
            }
        }
        for (slo, source) in &mut sources {
            let Some(ask) = waiting.iter().rev().find(|ask| ask.slo == *slo) else { continue };
            let answer = source.burn(ask).map(Box::new);
            if answers.send(Msg::Burned { slo: *slo, ticket: ask.ticket, answer }).is_err() {
                return;
            }
        }
    }
}

/// Answers from backends until nobody asks any more. Each is asked for itself, so that one that hangs keeps no other waiting.
fn serve_far(sources: Vec<(usize, Remote)>, mut questions: UnboundedReceiver<Question>, answers: &Sender<Msg>) {
    let Ok(runtime) = alone() else { return };
    let tasks = tokio::task::LocalSet::new();
    let sources: Vec<Far> = sources.into_iter().map(Far::of).collect();
    let newest = Rc::new(RefCell::new(std::collections::BTreeMap::new()));
    let newest_shares = Rc::new(RefCell::new(std::collections::BTreeMap::new()));
    let pieces = beside::Pieces::default();
    tasks.block_on(&runtime, async move {
        while let Some(question) = questions.recv().await {
            let Some(Far { slo, source, .. }) = sources.iter().find(|far| far.slo == question.slo()).cloned() else {
                continue;
            };
            let (tell, newest) = (answers.clone(), Rc::clone(&newest));
            match question {
                Question::Burn(ask) => {
                    newest.borrow_mut().insert(slo, ask.ticket);
                    tokio::task::spawn_local(async move {
                        let mut source = source.lock().await;
                        // one that came after it has been asked meanwhile: its answer would be dropped anyway
                        if newest.borrow().get(&slo) != Some(&ask.ticket) {
                            return;
                        }
                        let answer = source.burn(&ask, false).await.map(Box::new);
                        let _ = tell.send(Msg::Burned { slo, ticket: ask.ticket, answer });
                    });
                }
                Question::WhatIf(ask) => {
                    tokio::task::spawn_local(async move {
                        let answer = source.lock().await.what_if(&ask).await.map(Box::new);
                        let _ = tell.send(Msg::WouldBe { ticket: ask.ticket, answer });
                    });
                }
                Question::Shares(ask) => {
                    let newest = Rc::clone(&newest_shares);
                    newest.borrow_mut().insert(slo, ask.ticket);
                    let far = |slo: usize| sources.iter().find(|far| far.slo == slo).map(|far| Rc::clone(&far.apart));
                    let places = std::iter::once(slo).chain(ask.others.iter().map(|(place, _)| *place));
                    let aparts: Vec<_> = places.filter_map(far).collect();
                    let pieces = Rc::clone(&pieces);
                    tokio::task::spawn_local(async move {
                        // as above: a turn is not spent on an answer that would be dropped
                        let is_newest = || newest.borrow().get(&slo) == Some(&ask.ticket);
                        let Some(answer) = beside::asked(&ask, &aparts, &pieces, is_newest).await else { return };
                        let _ = tell.send(Msg::Shared { ticket: ask.ticket, answer: answer.map(Box::new) });
                    });
                }
            }
        }
    });
}

/// A backend's objective and who answers for it: how it stands, and how values share its events.
#[derive(Clone)]
struct Far {
    slo: usize,
    source: Rc<tokio::sync::Mutex<Remote>>,
    apart: Rc<tokio::sync::Mutex<Result<Apart, Trouble>>>,
}

impl Far {
    fn of((slo, remote): (usize, Remote)) -> Far {
        let apart = Rc::new(tokio::sync::Mutex::new(remote.apart()));
        Far { slo, source: Rc::new(tokio::sync::Mutex::new(remote)), apart }
    }
}

/// The other indicator as the configuration would hold it.
fn other(slo: &blocks::Slo, ask: &WouldAsk) -> blocks::Slo {
    let what = Written { text: ask.text.clone(), place: Place::Flag("what if"), key: String::new() };
    slo.had_counted(what, ask.only)
}

/// A filter as configured; where it cannot be read, whose it is and where it stands, and a picture of the place in further lines.
fn filter(slo: &blocks::Slo, text: &Written) -> Result<Expr, String> {
    text.text.parse::<Expr>().map_err(|error| format!("{}: [[slo]] {}: {error}", text.place, slo.name))
}

/// What is bad, as configured: what is not good is, also where it lacks what good events have. That is what all without the good ones are.
fn bad(slo: &blocks::Slo, part: &Part) -> Result<Expr, String> {
    let expr = filter(slo, part.written())?;
    Ok(if part.is_good() { Expr::Not(Box::new(expr)) } else { expr })
}

/// What is wrong with an objective, with what is true now and what to do before the picture that may follow it.
#[must_use]
pub fn finished(words: &str, rest: &str) -> String {
    let (what, picture) = words.split_once('\n').unwrap_or((words, ""));
    let stop = if what.ends_with('.') { "" } else { "." };
    format!("{what}{stop} {rest}\n{picture}").trim_end().to_owned()
}

fn refused(words: String) -> Trouble {
    Trouble::Refused(finished(&words, "Nothing was counted. Ask again."))
}
