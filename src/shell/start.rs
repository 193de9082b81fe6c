//! From configuration to a running screen: opens the journal, starts the threads, borrows the terminal.
//!
//! It must not know what is on the screen.

use super::asker::{self, Sources};
use super::changes;
use super::clock::{self, Clock};
use super::hands::{Hands, Team};
use super::levers::Levers;
use super::markers::Markers;
use super::parting::{Ended, Patience};
use super::probes::{self, Prober};
use super::screen::{self, Crew};
use super::told::told;
use super::world::{self, Driver};
use crate::app::drill::{Rehearsal, Step};
use crate::app::feed::Pace;
use crate::app::keymap::{Keymap, When};
use crate::app::msg::Msg;
use crate::app::switches::Offers;
use crate::app::whereabouts::Whereabouts;
use crate::app::{App, Person, PlanDesk, SloDesk, SwitchDesk, action::Action, update};
use crate::config::Config;
use crate::drill::guide::{Piece, pieces};
use crate::drill::scenario::Scenario;
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::incident::standing::Standing;
use crate::journal::keeper::Request;
use crate::journal::{Journal, hint, keeper};
use crate::view::theme::Theme;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Everything a screen starts from.
pub struct Start {
    /// What is configured.
    pub config: Config,
    /// The journal, open for writing.
    pub journal: Journal,
    /// What is shown first.
    pub shown: Shown,
    /// Where exports go.
    pub exports: PathBuf,
    /// Where words go that were not recorded.
    pub drafts: PathBuf,
    /// The drill, and where its world is.
    pub drill: Option<(Scenario, PathBuf)>,
    /// Where things are kept, and what opens this again.
    pub whereabouts: Whereabouts,
}

/// What a screen shows first.
pub struct Shown {
    /// The incident; its stream may be empty.
    pub number: Number,
    /// The others, as far as a list shows them.
    pub known: Vec<Incident>,
    /// Nobody has said which one is meant: the list, when more than one may be, or none is open.
    pub choice: Choice,
}

/// Whether the list of incidents lies over the first picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is known which one is meant.
    Made,
    /// Once it is read it will be: an incident that is over is not meant.
    Open,
    /// The person chooses.
    Asked,
}

/// Runs the screen until the person leaves; answers with what is to be said on the ordinary screen then.
///
/// # Errors
/// In sentences: what cannot be started, what is true now, what to do.
pub fn run(start: Start) -> Result<Vec<String>, String> {
    let Start { config, journal, shown, exports, drafts, drill, whereabouts } = start;
    let number = shown.number;
    let theme = match Theme::built_in(config.theme.value) {
        Some(theme) => theme.map_err(|e| e.to_string())?,
        None => return Err(format!("There is no theme called {}.", config.theme.value)),
    };
    let keymap = keymap(&config)?;
    let standing = standing(&journal)?;
    let clock = Clock::new(standing.clock());
    let person = Person { name: config.person.value.as_str().into(), assumed: config.person_is_assumed() };
    let mut app = App::new(person, clock::session(), number, keymap);
    app.rules = config.rules.clone();
    // a second clock that shows the same as the first says nothing
    let same = ["UTC", "GMT", "UCT", "Zulu", "Universal", "Greenwich"];
    let says_something = |zone: &chrono_tz::Tz| !same.contains(&zone.name().rsplit('/').next().unwrap_or_default());
    app.zone = config.zone.as_ref().map(|z| z.value).filter(says_something);
    app.bell = config.bell;
    app.whereabouts = whereabouts;
    app.known = shown.known;
    app.gate.scope.clone_from(&config.gate.scope);
    app.gate.two = config.gate.two;
    app.gate.writes = config.gate.dir.is_some();
    app.channels = config.channels.iter().map(|c| c.name.clone()).collect();
    app.slos = config.slos.iter().map(|slo| desk(slo, &config.backends)).collect();
    app.plans = config.plans.iter().map(plan).collect();
    app.changes = config.changes.iter().map(changes::desk).collect();
    app.switches = config.switches.iter().map(switch).collect();
    app.probes.desks = config.probes.iter().map(probes::desk).collect();
    if let (Some((scenario, _)), Some(clock)) = (&drill, standing.clock()) {
        app.rehearse(rehearsal(scenario, clock, &app.keymap));
    }
    app.standing = standing;
    app.gather();
    match shown.choice {
        Choice::Made => {}
        Choice::Open => app.picks = true,
        Choice::Asked => app.pick(),
    }
    let standing_head = app.standing.head();

    let (door, inbox) = channel::<Msg>();
    let last = journal.read_last(number, screen::GLIMPSE).map_err(|e| e.to_string())?;
    let total = last.entries.last().map_or(0, |e| e.seq);
    if total > 0 {
        app.glimpse = Some((last.entries, total));
    }
    let (requests, asked) = channel::<Request>();
    let place = journal.path().map(|p| p.display().to_string()).unwrap_or_default();
    let watch = journal.path().and_then(|path| {
        let wake = requests.clone();
        hint::watch(path, move || drop(wake.send(Request::Wake))).ok()
    });
    let tell = door.clone();
    let written = spawn("journal", move || {
        keeper::keep(journal, watch, &asked, clock::steady, move |answer| {
            for message in told(answer) {
                let _ = tell.send(message);
            }
        });
    })?;
    for (number, head) in [(STANDING, standing_head), (number, 0)] {
        let _ = requests.send(Request::Follow { number, head });
    }

    let sources = Sources::new(&config.slos, &config.backends, &asker::shared(&config.runs))
        .map_err(|words| asker::finished(&words, "Nothing was started. Correct it in the configuration."))?;
    let asker = sources.start(&door, |name, work| spawn(name, work).map(drop))?;
    let changes = changes::start(&config.changes, &config.backends, &door, |name, work| spawn(name, work).map(drop))?;

    let prober = Prober::of(&config);
    let (switches, channels, gate) = (config.switches, config.channels, config.gate.dir);
    let levers = Levers::default();
    let hands = Hands { switches, channels, exports, drafts, gate, drill: drill.is_some(), levers };
    let (hands, kept) = Team::start(hands, &door, spawn)?;

    let (markers, marked) = tokio::sync::mpsc::unbounded_channel();
    let graphs = Markers::of(&config.backends);
    // a drill has no backends: it can set none
    if !graphs.is_empty() {
        let tell = door.clone();
        spawn("markers", move || graphs.serve(marked, &tell))?;
    }

    let mut clocks = None;
    if let Some((scenario, dir)) = drill {
        clocks = drive(&mut app, scenario, dir, clock, door.clone())?;
    }
    #[cfg(unix)]
    screen::signals(door.clone()).map_err(|e| format!("Signals cannot be received: {e}."))?;

    super::terminal::on_panic(farewell(&app, place.clone()));
    let crew = Crew { journal: requests.clone(), asker, changes, prober, hands, markers, clocks };
    let ended = Ended::of(|| screen::run(&mut app, &theme, clock, &crew, &inbox, &door));
    // whoever was at the keyboard has the terminal back; what was begun is not lost with the process
    let mut patience = Patience::begin();
    if !matches!(ended.answer(), Some(Ok(()))) {
        screen::keep(&mut app, &crew, &door);
    }
    // what panicked may have left half a change behind: nothing more is decided on it
    if ended.answer().is_some() {
        screen::finish(&mut app, &crew, &inbox, &door, &mut patience);
    }
    let _ = requests.send(Request::End);
    drop(crew);
    let _ = patience.wait(&written, "the journal");
    for thread in &kept {
        let _ = patience.wait(thread, "what is being done outside");
    }
    ended.or_panic().map_err(|e| format!("The terminal cannot be used: {e}. The journal is untouched at {place}."))?;
    let now = Clock::new(app.standing.clock()).now();
    for message in inbox.try_iter().filter(|message| matches!(message, Msg::Wrote(_))) {
        update(&mut app, now, message);
    }
    Ok(app.parting(now))
}

/// What is said after the message of a panic; the screen is not asked, because it may be what panicked.
pub fn farewell(app: &App, place: String) -> impl Fn() -> String + Send + Sync + 'static {
    let kept = &app.whereabouts;
    screen::NUMBER.store(app.incident.number(), Ordering::Relaxed);
    let (again, is_drill) = (kept.again.clone(), kept.drill.is_some());
    move || {
        let number = screen::NUMBER.load(Ordering::Relaxed);
        let again = if is_drill { again.clone() } else { format!("{again} -i {number}") };
        let safe = match screen::RECORDED.load(Ordering::Relaxed) {
            0 => "What was recorded is".to_string(),
            recorded => format!("Entries up to {recorded} are"),
        };
        format!("{safe} safe in the journal at {place}. Return with: {again}")
    }
}

/// How often a switch on somebody else's machine is looked at.
const FLAGS: crate::incident::time::Span = crate::incident::time::Span::seconds(15);

/// Starts a thread; what is answered hangs up when it has ended.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<Receiver<()>, String> {
    let (alive, ended) = channel();
    let thread = thread::Builder::new().name(name.into());
    let started = thread.spawn(move || {
        let _alive: Sender<()> = alive;
        work();
    });
    started.map(|_| ended).map_err(|e| format!("The {name} thread cannot be started: {e}."))
}

/// The built-in keymap with the person's own over it.
fn keymap(config: &Config) -> Result<Keymap, String> {
    let keymap = Keymap::built_in().map_err(|e| e.to_string())?;
    let Some(path) = &config.keymap else { return Ok(keymap) };
    let text = std::fs::read_to_string(path).map_err(|e| {
        format!("The keymap {} cannot be read: {e}. Nothing was started. Check the path.", path.display())
    })?;
    keymap.overlaid(&path.display().to_string(), &text).map_err(|e| e.to_string())
}

/// The standing stream, whole: it is short, and holds the clock.
///
/// # Errors
/// The journal cannot be read: three sentences.
pub fn standing(journal: &Journal) -> Result<Standing, String> {
    let mut standing = Standing::default();
    loop {
        let read = journal.read_since(STANDING, standing.head(), crate::journal::BATCH).map_err(|e| e.to_string())?;
        for entry in &read.entries {
            standing.apply(entry);
        }
        if !read.more || read.damage.is_some() || read.entries.is_empty() {
            return Ok(standing);
        }
    }
}

fn desk(slo: &crate::config::blocks::Slo, backends: &[crate::config::backends::Backend]) -> SloDesk {
    let (pace, narrowest) = asker::pace(slo, backends);
    SloDesk {
        pace,
        narrowest,
        name: slo.name.clone(),
        target_ppm: slo.target_ppm,
        window: slo.window,
        slices: slo.slices,
        reads: slo.asks.reads(),
        bad: slo.condition(),
        filters: slo.asks.takes_filters(),
        called: slo.called.clone().unwrap_or_else(|| "bad".into()),
        same_as: slo.same_as.clone(),
        severity: slo.severity,
        freeze_below_ppm: slo.freeze_below_ppm,
        feed: crate::app::feed::Feed::default(),
    }
}

fn plan(plan: &crate::config::plans::SwitchPlan) -> PlanDesk {
    PlanDesk { name: plan.name.clone(), switches: plan.switches.clone(), note: plan.note.clone() }
}

fn switch(switch: &crate::config::switches::Switch) -> SwitchDesk {
    SwitchDesk {
        name: switch.name.clone(),
        environment: switch.environment.clone(),
        stop: switch.stop().to_owned(),
        critical: switch.critical,
        offers: Offers {
            whom: switch.exclude_by.clone(),
            field: switch.field.clone(),
            percent: switch.percent,
            restores: switch.restores(),
            requests: switch.requests(),
            schedules: switch.schedules(),
            audited: switch.provider().is_some(),
            observes: switch.observes(),
            two: switch.two,
        },
        pace: if switch.is_near() { Pace::NEAR } else { Pace::far(FLAGS) },
        feed: crate::app::feed::Feed::default(),
        compared: None,
    }
}

/// Drives the drill's world in a thread of its own; while another process does so, this one watches.
fn drive(
    app: &mut App,
    scenario: Scenario,
    dir: PathBuf,
    clock: Clock,
    door: Sender<Msg>,
) -> Result<Option<Sender<Clock>>, String> {
    let seed = app.standing.drill().map_or(scenario.seed, |d| d.seed);
    let (clocks, moved) = channel();
    match Driver::open(scenario.clone(), seed, &dir) {
        Ok(Some(driver)) => {
            spawn("world", move || world::drive(driver, clock, &moved, &door))?;
            Ok(Some(clocks))
        }
        Ok(None) => {
            app.say(
                clock.now(),
                "Another screen runs this drill; this one shows the same, and records the same.",
                false,
            );
            spawn("world", move || world::take_over((scenario, seed, &dir), clock, &moved, &door))?;
            Ok(Some(clocks))
        }
        Err(words) => {
            app.say(clock.now(), words, true);
            Ok(None)
        }
    }
}

/// The drill as the screen knows it; the guide names the keys that this keymap has.
pub fn rehearsal(scenario: &Scenario, clock: crate::incident::rehearsal::Clock, keymap: &Keymap) -> Rehearsal {
    let step = |step: &crate::drill::guide::Step| {
        let say = pieces(&step.say).into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Act(act) => key_of(keymap, act),
        });
        Step { until: step.until.clone(), say: say.collect() }
    };
    Rehearsal {
        scenario: scenario.name.clone(),
        title: scenario.declare.title.clone(),
        severity: scenario.declare.severity,
        next: None,
        guide: scenario.guide.steps.iter().map(step).collect(),
        done: scenario.guide.done.clone(),
        hidden: false,
        exported: false,
        clock,
    }
}

/// The key of an act that a guide names, as people read it.
fn key_of(keymap: &Keymap, act: &str) -> String {
    let action = match act {
        "jump" => Action::SkipClock,
        "declare" => Action::Incidents,
        "phase" => Action::Severity,
        other => match Action::named(other) {
            Some(action) => action,
            None => return act.to_string(),
        },
    };
    keymap.keys(When::Any, action).first().map_or_else(|| act.to_string(), ToString::to_string)
}
