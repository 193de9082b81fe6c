//! The program is killed at a hundred random points of acts: of one switch and of a plan, of every kind of provider, by one person and by the second, at the
//! command line and at the screen. Whatever was changed outside stands in the journal before, once; what stands there is told truly; nothing is
//! changed again by whoever looks next.

use super::aboard::{board, read, rest};
use super::crash::{aged, count};
use super::killed::{Acting, entries};
use super::world::{FLAG_FILE, SWITCHES, State, TITLE, World};
use crate::cli::ship::{Ship, ended};
use crate::journal_faults::Chance;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const POINTS: usize = 100;
/// How long the beginning of an act is waited for before the test fails.
const DEADLINE: Duration = Duration::from_secs(20);
const WHY: &str = "--reason=it fails";

/// How somebody acts.
#[derive(Clone, Copy, Debug)]
enum By {
    Command(&'static [&'static str]),
    /// These keys show what can be done, which says this; a reason is typed where none stands there, and Enter sends it.
    Screen(&'static str, &'static str),
}

/// What is done.
struct Deed {
    by: By,
    /// The act's word, as `switch list` says it.
    act: &'static str,
    /// Which switches it is about.
    on: &'static [&'static str],
    /// What was done before.
    before: &'static [&'static [&'static str]],
    /// The exit code.
    code: i32,
}

const fn command(arguments: &'static [&'static str], act: &'static str, on: &'static [&'static str]) -> Deed {
    Deed { by: By::Command(arguments), act, on, before: &[], code: 0 }
}

const DEEDS: [Deed; 14] = [
    command(&["switch", "stop", "release", WHY], "stop", &["release"]),
    command(&["switch", "percent", "release", "20", WHY], "percent", &["release"]),
    command(&["switch", "exclude", "release", "acme", WHY], "exclude", &["release"]),
    Deed {
        before: &[&["switch", "stop", "release", WHY]],
        ..command(&["switch", "revert", "release", WHY], "revert", &["release"])
    },
    command(&["switch", "stop", "copier", WHY], "stop", &["copier"]),
    command(&["switch", "stop", "exports", WHY], "stop", &["exports"]),
    command(&["switch", "percent", "exports", "5", WHY], "percent", &["exports"]),
    Deed {
        before: &[&["switch", "stop", "exports", WHY]],
        ..command(&["switch", "revert", "exports", WHY], "revert", &["exports"])
    },
    command(&["switch", "stop", "checkout", WHY], "stop", &["checkout"]),
    command(&["switch", "exclude", "checkout", "acme", WHY], "exclude", &["checkout"]),
    command(&["switch", "plan", "stop", "doors", WHY], "stop", &SWITCHES),
    Deed { by: By::Screen("2jx", "stop for everybody"), ..command(&[], "stop", &["copier"]) },
    Deed { by: By::Screen("2jjjjx", "stop all 4"), ..command(&[], "stop", &SWITCHES) },
    // what was asked for is sent only once another person agrees
    Deed { code: 3, ..command(&["switch", "stop", "exports", WHY], "asked", &["exports"]) },
];

/// What somebody asked for.
const ASKED: &[&[&str]] = &[&["switch", "stop", "exports", WHY]];
/// The second person, who agrees by command and on a screen.
const AGREES: [Deed; 2] = [
    Deed { before: ASKED, ..command(&["--as", "Ben", "switch", "confirm", "exports", WHY], "stop", &["exports"]) },
    Deed { before: ASKED, by: By::Screen("2jjx", AGREE), ..command(&[], "stop", &["exports"]) },
];
const AGREE: &str = "confirm what Ana asks for";

/// How far an act had come: intents and outcomes in the journal, and changes outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reached {
    intended: usize,
    settled: usize,
    changed: usize,
}

/// One deed, from homes that are copied for each point.
struct Case<'a> {
    world: &'a World,
    deed: &'a Deed,
    home: Ship,
    state: State,
    /// From its start, or from Enter, to the first word in the journal, and from there to its end.
    lengths: (Duration, Duration),
    /// What the flag file says after it.
    after: String,
    /// The newest act on each switch before it.
    last: Vec<Value>,
    /// A screen was opened after one that was left half-way.
    is_opened: Cell<bool>,
}

fn begun(ship: &Ship) -> bool {
    let wal = ship.journal().with_extension("journal-wal");
    wal.metadata().is_ok_and(|meta| meta.len() > 0)
}

fn last(list: &Value) -> Vec<Value> {
    list["switches"].as_array().expect("switches").iter().map(|row| row["last"].clone()).collect()
}

impl<'a> Case<'a> {
    fn new(world: &'a World, deed: &'a Deed, two: bool) -> Case<'a> {
        let home = world.ship(two);
        let begins = world.state();
        world.begins_at(&begins);
        for arguments in deed.before {
            home.run(arguments).ends(if two { 3 } else { 0 });
        }
        let last = last(&home.asks(&["switch", "list"]));
        let journal = rusqlite::Connection::open(home.journal()).expect("the journal");
        journal.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("all in one file");
        drop(journal);
        assert!(!begun(&home), "nothing is under way in what is copied");
        let state = world.state();
        let mut case = Case {
            world,
            deed,
            home,
            state,
            lengths: Default::default(),
            after: String::new(),
            last,
            is_opened: Cell::new(false),
        };
        let ship = case.home.copy();
        world.begins_at(&case.state);
        let mut acting = case.start(&ship);
        let began = Instant::now();
        case.until_begun(&ship, &mut acting);
        let first = began.elapsed();
        if let Acting::Screen(screen) = &acting {
            let all = entries(&case.home, "settled") + deed.on.len();
            screen.wait_until("the outcome", || entries(&ship, "settled") == all);
        }
        let mut rest = began.elapsed().saturating_sub(first);
        match acting {
            Acting::Command(child) => {
                ended(child).ends(deed.code);
                rest = began.elapsed().saturating_sub(first);
            }
            Acting::Screen(_) => acting.kill(),
        }
        case.lengths = (first, rest);
        case.after = ship.reads(FLAG_FILE);
        world.begins_at(&begins);
        case
    }

    /// Begins it; at the screen up to the key that sends it.
    fn start(&self, ship: &Ship) -> Acting {
        match self.deed.by {
            By::Command(arguments) => Acting::Command(ship.start(arguments)),
            By::Screen(keys, shown) => {
                let agrees = shown == AGREE;
                let who: &[&str] = if agrees { &["--as", "Ben"] } else { &[] };
                let screen = board(ship, who, (120, 36));
                read(&screen, TITLE);
                for switch in SWITCHES {
                    screen.wait_text(&format!("{switch:<10}serves"));
                }
                screen.send(keys);
                screen.wait_text(shown);
                screen.send("\r");
                if agrees {
                    screen.wait_text("Ana asked for it");
                    // a key that is still held down confirms nothing
                    rest(&screen);
                } else {
                    screen.wait_text("for the record");
                    screen.send("twice over");
                    screen.wait_text("twice over");
                }
                screen.send("\r");
                Acting::Screen(screen)
            }
        }
    }

    /// Waits until the journal is written to or the program has ended; it looks all the time, because points lie microseconds apart.
    fn until_begun(&self, ship: &Ship, acting: &mut Acting) {
        let (began, before) = (Instant::now(), entries(&self.home, "intended"));
        let is_begun = |acting: &mut Acting| match acting {
            Acting::Command(child) => begun(ship) || child.try_wait().expect("a program").is_some(),
            // a screen has written before
            Acting::Screen(_) => entries(ship, "intended") > before,
        };
        while !is_begun(acting) {
            assert!(began.elapsed() < DEADLINE, "waited in vain for {:?}", self.deed.by);
            std::thread::yield_now();
        }
    }

    /// Kills one, and says how far it had come.
    fn killed(&self, chance: &mut Chance, is_late: bool, what: &str) -> Reached {
        self.world.begins_at(&self.state);
        let ship = self.home.copy();
        let mut acting = self.start(&ship);
        let (first, rest) = self.lengths;
        let mut began = Instant::now();
        let mut length = first + rest;
        if is_late {
            self.until_begun(&ship, &mut acting);
            (began, length) = (Instant::now(), rest);
        }
        // a point in time is what is wanted here, to the microsecond
        let point = Duration::from_micros(chance.below(u64::try_from(length.as_micros()).unwrap_or(0).max(1)));
        while began.elapsed() < point {
            std::thread::yield_now();
        }
        acting.kill();
        self.world.rests();
        self.holds(&ship, what)
    }

    /// What must be so wherever it was killed.
    fn holds(&self, ship: &Ship, what: &str) -> Reached {
        let journal = rusqlite::Connection::open(ship.journal()).expect("the journal");
        let sound: String = journal.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer");
        assert_eq!(sound, "ok", "{what}");
        drop(journal);
        let writes = self.world.writes(ship, &self.home);
        let flags_now = ship.reads(FLAG_FILE);
        assert!(flags_now == self.home.reads(FLAG_FILE) || flags_now == self.after, "{what}: {flags_now}");

        // the next one reads it whole, says what is known, and does nothing
        let list = ship.asks(&["switch", "list"]);
        let now = last(&list);
        let mut before = true;
        let (mut intended, mut settled) = (0, 0);
        for (place, switch) in SWITCHES.iter().enumerate() {
            let (one, changed, what) = (&now[place], writes[place], format!("{what}: {switch}: {list}"));
            assert_eq!(list["switches"][place]["trouble"], Value::Null, "{what}");
            if one["entry"] == self.last[place]["entry"] {
                assert_eq!(changed, 0, "{what}");
                continue;
            }
            assert!(self.deed.on.contains(switch) && one["act"] == self.deed.act, "{what}");
            let is_settled = one["outcome"] == "done";
            assert!(is_settled || one["outcome"] == Value::Null, "{what}");
            assert!(changed <= 1 && (!is_settled || changed == 1), "{what}: changed {changed} times");
            // a command does one after the other: what comes after one that has no outcome was not sent; a screen has a thread for each provider
            assert!(before || changed == 0 || matches!(self.deed.by, By::Screen(..)), "{what}");
            before = is_settled;
            (intended, settled) = (intended + 1, settled + usize::from(is_settled));
        }
        for (switch, serves) in self.world.serves() {
            let rows = list["switches"].as_array().expect("switches");
            let row = rows.iter().find(|row| row["switch"] == switch).expect("its row");
            assert!(row["serves"].as_str().is_some_and(|said| said.starts_with(serves)), "{what}: {switch}: {list}");
        }
        let reached = Reached { intended, settled, changed: writes.iter().sum() };
        let new = |kind: &str| entries(ship, kind) - entries(&self.home, kind);
        assert_eq!((new("intended"), new("settled")), (intended, settled), "{what}: written down once");
        assert!(
            intended == 0 || intended == self.deed.on.len(),
            "{what}: all of a plan is written down, or nothing of it"
        );
        if settled < intended {
            self.goes_on(ship, reached, what);
        }
        assert_eq!(self.world.writes(ship, &self.home), writes, "{what}: nothing is sent again");
        reached
    }

    /// Something has no outcome: whoever wants the same again is told so, and what nobody is sure of is looked for.
    fn goes_on(&self, ship: &Ship, reached: Reached, what: &str) {
        if let By::Command(arguments) = self.deed.by {
            let again = ship.run(arguments);
            assert!(again.code != 0 || again.out.contains("already"), "{what}: {again:?}");
            assert_eq!(entries(ship, "intended") - entries(&self.home, "intended"), reached.intended, "{what}");
        }
        if self.deed.on.len() > 1 && !self.is_opened.replace(true) {
            let older = aged(ship);
            let screen = board(&older, &[], (120, 36));
            read(&screen, TITLE);
            let open = reached.intended - reached.settled;
            screen.wait_until("what was seen is recorded", || count(&older, "seen") == open);
            assert_eq!(count(&older, "settled"), reached.settled, "{what}");
        }
    }
}

#[test]
fn given_acts_when_killed_at_a_hundred_random_points_then_none_is_done_twice_and_none_is_unrecorded() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_562_713_020);
    eprintln!("SEED={seed}");
    let world = World::start();
    let (asks, alone) = DEEDS.split_last().expect("deeds");
    let mut cases: Vec<Case<'_>> = alone.iter().map(|deed| Case::new(&world, deed, false)).collect();
    cases.extend([asks].into_iter().chain(&AGREES).map(|deed| Case::new(&world, deed, true)));
    let mut chance = Chance(seed);
    let mut all: BTreeMap<(usize, Reached), usize> = BTreeMap::new();
    for point in 0..POINTS {
        let place = point % cases.len();
        let case = &cases[place];
        let what = format!("SEED={seed}, point {point}, {:?}", case.deed.by);
        // most of the time is spent before anything is written: three of four points lie after that
        let reached = case.killed(&mut chance, !(point / cases.len()).is_multiple_of(4), &what);
        *all.entry((place, reached)).or_default() += 1;
    }
    for ((place, reached), count) in &all {
        eprintln!("{count:>3} × {reached:?} of {:?}", cases[*place].deed.by);
    }
    // the points really lie inside of acts
    let some = |is: fn(&Reached) -> bool| all.keys().any(|(_, reached)| is(reached));
    assert!(some(|at| at.settled < at.intended), "SEED={seed}: nothing was killed between an intent and its outcome");
    assert!(some(|at| at.settled < at.changed), "SEED={seed}: nothing was killed between a change and its outcome");
}
