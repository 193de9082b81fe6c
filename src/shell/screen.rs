//! The screen's thread: it owns the state, waits for one inbox, updates, and draws once for all that had come.
//!
//! It must not know how anything outside is reached: effects go to the threads beside it.

use super::asker::Asker;
use super::changes::Changes;
use super::clock::{self, Clock};
use super::hands::{Export, Order, Team};
use super::input::{Input, Reader};
use super::markers;
use super::parting::Patience;
use super::probes::{self, Prober};
use super::terminal::{self, Terminal};
use crate::app::feed::Pace;
use crate::app::msg::{Effect, Msg};
use crate::app::probes::{ProbesAsk, Which};
use crate::app::{App, Stirred, next_due, update};
use crate::incident::entry::Number;
use crate::incident::headline;
use crate::incident::time::{Span, Time};
use crate::journal::After;
use crate::journal::keeper::Request;
use crate::view;
use crate::view::theme::Theme;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::mpsc::UnboundedSender;

/// The last sequence that came back from the journal: what a crash note can say without asking anybody.
pub static RECORDED: AtomicU64 = AtomicU64::new(0);

/// The incident on the screen, for the same note.
pub static NUMBER: AtomicU32 = AtomicU32::new(0);

/// How many entries the first picture of a stream shows.
pub const GLIMPSE: usize = 200;

/// The threads beside the screen's.
pub struct Crew {
    /// The journal's.
    pub journal: Sender<Request>,
    /// The engine's.
    pub asker: Asker,
    /// Who asks what changed.
    pub changes: Changes,
    /// Whoever asks probes.
    pub prober: Prober,
    /// The one that acts outside.
    pub hands: Team,
    /// The one that sets markers.
    pub markers: UnboundedSender<markers::Order>,
    /// In a drill: whoever wants to know that its clock was moved.
    pub clocks: Option<Sender<Clock>>,
}

/// Runs until the person leaves or the terminal goes away.
///
/// # Errors
/// The terminal cannot be borrowed or written to.
pub fn run(
    app: &mut App,
    theme: &Theme,
    mut clock: Clock,
    crew: &Crew,
    inbox: &Receiver<Msg>,
    door: &Sender<Msg>,
) -> io::Result<()> {
    let mut terminal = Terminal::enter()?;
    let mut reader = Some(Reader::start(door.clone(), arrived)?);
    let mut deck = Deck::new(crew, door);
    let mut messages: Vec<Msg> = inbox.try_iter().collect();
    messages.push(Msg::Tick);
    // what feeds answer is drawn with the next second, but for the first answers: an idle screen draws once a second
    let mut draws = Some(Stirred::All);
    let mut leaves = false;
    loop {
        let mut now = clock.now();
        for message in messages.drain(..) {
            // keys that were typed after the last one are nobody's; what threads have answered still counts
            if leaves && !concludes(&message) {
                continue;
            }
            let is_patient = is_patient(app, now, &message);
            let effects = update(app, now, message);
            if !is_patient {
                let all = if effects.is_empty() { app.stirred } else { Stirred::All };
                draws = draws.max(Some(all));
            }
            for effect in effects {
                match effect {
                    Effect::Quit => leaves = true,
                    Effect::Redraw => terminal.redraw(),
                    Effect::Bell => terminal.bell(),
                    Effect::Suspend => {
                        // two readers would share the keys of whatever the shell runs meanwhile
                        drop(reader.take());
                        terminal.suspend()?;
                        reader = Some(Reader::start(door.clone(), arrived)?);
                        deck.send(app, Effect::Read { number: app.incident.number(), after: app.incident.head() }, now);
                    }
                    Effect::ClockMoved => {
                        clock = Clock::new(app.standing.clock());
                        if let (Some(drill), Some(moved)) = (&mut app.drill, app.standing.clock()) {
                            drill.clock = moved;
                        }
                        if let Some(clocks) = &crew.clocks {
                            let _ = clocks.send(clock);
                        }
                        now = clock.now();
                        app.slos.iter_mut().for_each(|slo| slo.feed.refresh());
                    }
                    other => deck.send(app, other, now),
                }
            }
        }
        RECORDED.store(app.incident.head(), Ordering::Relaxed);
        NUMBER.store(app.incident.number(), Ordering::Relaxed);
        if leaves {
            return Ok(());
        }
        match draws.take() {
            Some(Stirred::Record) if draw_record(app, theme, now, &mut terminal)? => {}
            Some(_) => draw(app, theme, now, &mut terminal, &deck.title)?,
            None => {}
        }
        let due = next_due(app, now);
        match inbox.recv_timeout(clock.wait(due)) {
            Ok(first) => {
                messages.push(first);
                messages.extend(inbox.try_iter());
                if clock.now() >= due {
                    messages.push(Msg::Tick);
                }
            }
            Err(RecvTimeoutError::Timeout) => messages.push(Msg::Tick),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Goes on without a screen until acts that are under way have their outcome and what waits is written.
pub fn finish(app: &mut App, crew: &Crew, inbox: &Receiver<Msg>, door: &Sender<Msg>, patience: &mut Patience) {
    let mut deck = Deck::new(crew, door);
    while let Some(what) = app.unfinished() {
        let Ok(message) = patience.wait(inbox, &what) else { return };
        if !concludes(&message) {
            continue;
        }
        let now = Clock::new(app.standing.clock()).now();
        for effect in update(app, now, message) {
            use Effect::{Append, Carry, Keep, Mark, Read, WriteGate};
            if matches!(effect, Append { .. } | Read { .. } | Carry(_) | Mark(_) | Keep(_) | WriteGate(_)) {
                deck.send(app, effect, now);
            }
        }
    }
}

/// Keeps the words that are not in the journal: the screen ended without being asked to.
pub fn keep(app: &mut App, crew: &Crew, door: &Sender<Msg>) {
    let now = Clock::new(app.standing.clock()).now();
    let mut deck = Deck::new(crew, door);
    for effect in app.unrecorded() {
        deck.send(app, effect, now);
    }
}

/// A message that brings something to its end, and begins nothing that a person did not ask for.
fn concludes(message: &Msg) -> bool {
    use Msg::{Appended, Carried, Entries, JournalTrouble, Wrote};
    matches!(message, Entries { .. } | Appended(_) | Carried { .. } | JournalTrouble(_) | Wrote(_))
}

/// Draws once, and remembers where things stand.
fn draw(app: &mut App, theme: &Theme, now: Time, terminal: &mut Terminal, title: &str) -> io::Result<()> {
    let mut spots = None;
    let shown = &*app;
    terminal.title(title);
    terminal.draw(|area, cells| {
        spots = Some(view::draw(shown, theme, now, area, cells));
        None
    })?;
    if let Some(spots) = spots {
        app.timeline.top = spots.timeline.map(|(top, _)| top);
        app.spots = spots;
    }
    Ok(())
}

/// Draws again what moving in the timeline changes, if that is possible.
fn draw_record(app: &mut App, theme: &Theme, now: Time, terminal: &mut Terminal) -> io::Result<bool> {
    let mut spots = None;
    let shown = &*app;
    let drawn = terminal.redraw_rows(|area, cells| {
        let (stands, places) = view::draw_record(shown, theme, now, area, cells)?;
        spots = Some(stands);
        Some(places.map(|place| place.top()..place.bottom()).to_vec())
    })?;
    if let Some(spots) = spots {
        app.timeline.top = spots.timeline.map(|(top, _)| top);
        app.spots = spots;
    }
    Ok(drawn)
}

/// A message that may wait for the next second to be drawn: an answer that follows a fresh one. The first, and the first after a jump
/// of the clock or a sleep, is waited for.
fn is_patient(app: &App, now: Time, message: &Msg) -> bool {
    let long = |pace: Pace| Span(2 * pace.rhythm.0 + 1);
    match message {
        Msg::Burned { slo, .. } => app.slos.get(*slo).is_some_and(|desk| desk.feed.is_fresh(now, long(desk.pace))),
        Msg::Looked { switch, .. } => {
            app.switches.get(*switch).is_some_and(|desk| desk.feed.is_fresh(now, long(Pace::NEAR)))
        }
        // what it brings into the record is drawn when it comes from the journal
        Msg::World { .. } | Msg::ToldChanges { .. } => true,
        _ => false,
    }
}

/// What came from the terminal, as a message.
fn arrived(input: Input) -> Msg {
    match input {
        Input::Key { key, .. } => Msg::Key(key),
        Input::Paste(text) => Msg::Paste(text),
        Input::FocusGained => Msg::Focus(true),
        Input::FocusLost => Msg::Focus(false),
        Input::Resize => Msg::Resized,
        Input::Closed => Msg::Leave,
    }
}

/// Where effects go, and which appends are under way.
struct Deck<'a> {
    crew: &'a Crew,
    door: &'a Sender<Msg>,
    ticket: u64,
    flights: BTreeMap<u64, Number>,
    title: String,
}

impl<'a> Deck<'a> {
    fn new(crew: &'a Crew, door: &'a Sender<Msg>) -> Deck<'a> {
        Deck { crew, door, ticket: 0, flights: BTreeMap::new(), title: String::new() }
    }

    fn send(&mut self, app: &App, effect: Effect, now: Time) {
        // a thread that is gone has said why already; its orders go nowhere
        match effect {
            Effect::Append { number, after, entries } => {
                self.ticket += 1;
                self.flights.insert(self.ticket, number);
                let streams = vec![After { number, head: after, entries }];
                let _ = self.crew.journal.send(Request::Append { ticket: self.ticket, streams });
            }
            Effect::Read { number, after } => {
                let _ = self.crew.journal.send(Request::Follow { number, head: after });
            }
            Effect::Open(number) => {
                let _ = self.crew.journal.send(Request::ReadLast { number, count: GLIMPSE });
            }
            Effect::Leave(number) => {
                let _ = self.crew.journal.send(Request::Leave(number));
            }
            Effect::List => {
                let _ = self
                    .crew
                    .journal
                    .send(Request::ReadEach { kinds: [&headline::KINDS[..], &headline::ACTS[..]].concat() });
            }
            Effect::Ask(ask) => self.crew.asker.ask(ask),
            Effect::WhatIf(ask) => self.crew.asker.what_if(ask),
            Effect::AskChanges(ask) => self.crew.changes.ask(ask),
            Effect::BreakDown(ask) => self.crew.asker.shares(ask),
            Effect::Probe(ask) => probe(self.crew.prober.clone(), ask, self.door.clone()),
            Effect::Look { switch, ticket, arrival, by_name, sought } => {
                self.crew.hands.send(Order::Look { switch, ticket, arrival, by_name, sought });
            }
            Effect::Plan { switch, draft, put } => {
                self.crew.hands.send(Order::Plan { switch, draft, put });
            }
            Effect::Carry(errand) => {
                self.crew.hands.send(Order::Carry(errand, clock::real().0));
            }
            Effect::Mark(marker) => {
                let _ = self.crew.markers.send(markers::Order::Set(marker));
            }
            Effect::Seek(marker) => {
                let _ = self.crew.markers.send(markers::Order::Seek(marker));
            }
            Effect::Keep(words) => {
                self.crew.hands.send(Order::Keep(words, now));
            }
            Effect::Export => {
                self.crew.hands.send(Order::Export(Box::new(Export {
                    incident: app.incident.clone(),
                    entries: app.log.entries().to_vec(),
                    rules: app.rules.clone(),
                    holds: app.standing.holds().clone(),
                    now,
                    drill: app.drill.is_some(),
                })));
            }
            Effect::WriteGate(gate) => {
                self.crew.hands.send(Order::Gate(gate));
            }
            Effect::Title(title) => self.title = title,
            Effect::WhoElse => who_else(self.door.clone()),
            Effect::Bell | Effect::Redraw | Effect::Suspend | Effect::Quit | Effect::ClockMoved => {}
        }
    }
}

/// Asks probes, in a thread of its own: it takes as long as the slowest of them may.
fn probe(prober: Prober, ask: ProbesAsk, door: Sender<Msg>) {
    let (tell, unasked) = (door.clone(), ask.clone());
    let work = move || {
        let (names, after, build) = match &ask.which {
            Which::All => (None, probes::After::default(), None),
            Which::These(names) => (Some(names.clone()), probes::After::default(), None),
            Which::Soaked { probe, after, served, build, .. } => {
                let after = probes::After { entry: Some(*after), served: Some(*served) };
                (Some(vec![probe.clone()]), after, build.as_deref())
            }
        };
        let prober = prober.about(build);
        let meant = prober.probes.iter().filter(|probe| names.as_ref().is_none_or(|names| names.contains(&probe.name)));
        let readings = prober.ask(&meant.collect::<Vec<_>>(), ask.now, after);
        tell.send(Msg::Probed { ask, readings }).is_ok()
    };
    if std::thread::Builder::new().name("probes".into()).spawn(work).is_err() {
        let _ = door.send(Msg::Probed { ask: unasked, readings: Vec::new() });
    }
}

/// Asks who else is here, in a thread of its own, because another program is asked.
fn who_else(door: Sender<Msg>) {
    let tell = door.clone();
    let asking = std::thread::Builder::new().name("tmux".into());
    if asking.spawn(move || tell.send(Msg::Others(terminal::others())).is_ok()).is_err() {
        let _ = door.send(Msg::Others(None));
    }
}

/// The signal of a file that has reached the process's size limit: the same number on Linux, macOS and the BSDs.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

/// SIGTERM, SIGHUP and SIGINT end the program in an orderly way, and do not disturb its end: a third Ctrl-C may come when the terminal has
/// its own again; a file at its size limit does not end it.
///
/// # Errors
/// The runtime or the signal handlers cannot be made.
#[cfg(unix)]
pub fn signals(door: Sender<Msg>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()].map(signal);
            let [Ok(mut term), Ok(mut hang_up), Ok(mut interrupt)] = kinds else { return };
            // a file that may grow no further must fail with an error, which the journal can tell, not end the process
            let _ = signal(SignalKind::from_raw(SIGXFSZ));
            tokio::select! {
                _ = term.recv() => {}
                _ = hang_up.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = door.send(Msg::Leave);
        });
    })?;
    Ok(())
}
