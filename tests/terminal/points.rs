//! The program is killed at a hundred random points of acts. Whatever was changed outside stands in the journal before, once; what stands there
//! is told truly; nothing is changed again by whoever looks next.

use super::killed::{Copier, entries};
use crate::cli::ship::Ship;
use crate::journal_faults::Chance;
use std::collections::BTreeMap;
use std::process::Child;
use std::time::{Duration, Instant};

const POINTS: usize = 100;

const FLAGS: &str = r#"{
  "flags": {
    "release": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "on"
    }
  }
}
"#;

const ACTS: [&[&str]; 4] = [
    &["switch", "stop", "release", "--reason", "it fails"],
    &["switch", "percent", "release", "20", "--reason", "it fails"],
    &["switch", "exclude", "release", "acme", "--reason", "it fails"],
    &["switch", "revert", "release", "--reason", "it is mended", "--confirm", "production/release"],
];
const PAUSE: &[&str] = &["switch", "stop", "copier", "--reason", "it fails"];

/// How far an act had come: its intents and outcomes in the journal, the flag file as it was or not, the requests that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reached {
    intended: usize,
    settled: usize,
    changed: usize,
}

/// One act on one thing, from homes that are copied for each point.
struct Case<'a> {
    home: Ship,
    arguments: &'a [&'a str],
    copier: Option<Copier>,
    /// From its start to the first word in the journal, and from there to its end.
    lengths: (Duration, Duration),
    /// What the flag file says after it.
    after: String,
}

fn flags(ship: &Ship) -> String {
    std::fs::read_to_string(ship.path("flags/flags.json")).unwrap_or_default()
}

fn begun(ship: &Ship) -> bool {
    let wal = ship.journal().with_extension("journal-wal");
    wal.metadata().is_ok_and(|meta| meta.len() > 0)
}

/// Waits until the journal is written to or the program has ended; it looks all the time, because points lie microseconds apart.
fn until_begun(ship: &Ship, child: &mut Child) {
    while !begun(ship) && child.try_wait().expect("a program").is_none() {
        std::thread::yield_now();
    }
}

impl<'a> Case<'a> {
    fn new(home: Ship, arguments: &'a [&'a str], copier: Option<Copier>) -> Case<'a> {
        let journal = rusqlite::Connection::open(home.journal()).expect("the journal");
        journal.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("all in one file");
        drop(journal);
        assert!(!begun(&home), "nothing is under way in what is copied");
        let ship = home.copy();
        let began = Instant::now();
        let mut child = ship.start(arguments);
        until_begun(&ship, &mut child);
        let first = began.elapsed();
        let run = crate::cli::ship::ended(child).ends(0);
        let lengths = (first, began.elapsed().saturating_sub(first));
        assert!(!run.out.is_empty());
        let after = flags(&ship);
        let case = Case { home, arguments, copier, lengths, after };
        case.forget();
        case
    }

    /// The server is as it was before.
    fn forget(&self) {
        if let Some(copier) = &self.copier {
            copier.begins_anew();
        }
    }

    fn before(&self, kind: &str) -> usize {
        entries(&self.home, kind)
    }

    /// Kills one, and says how far it had come.
    fn killed(&self, chance: &mut Chance, is_late: bool, what: &str) -> Reached {
        let ship = self.home.copy();
        let mut child = ship.start(self.arguments);
        let (first, rest) = self.lengths;
        let length = if is_late {
            until_begun(&ship, &mut child);
            rest
        } else {
            first + rest
        };
        // a point in time is what is wanted here, to the microsecond
        let micros = chance.below(u64::try_from(length.as_micros()).unwrap_or(0).max(1));
        let (began, point) = (Instant::now(), Duration::from_micros(micros));
        while began.elapsed() < point {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("its end");
        if let Some(copier) = &self.copier {
            copier.rests();
        }
        let reached = self.holds(&ship, what);
        self.forget();
        reached
    }

    /// What must be so wherever it was killed.
    fn holds(&self, ship: &Ship, what: &str) -> Reached {
        let journal = rusqlite::Connection::open(ship.journal()).expect("the journal");
        let sound: String = journal.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer");
        assert_eq!(sound, "ok", "{what}");
        drop(journal);
        let reached = self.reached(ship);
        let Reached { intended, settled, changed } = reached;
        assert!(intended <= 1 && settled <= intended && changed <= intended, "{what}: {reached:?}");
        assert!(settled == 0 || changed == 1, "{what}: it was said to be done: {reached:?}");
        let flags_now = flags(ship);
        assert!(flags_now == flags(&self.home) || flags_now == self.after, "{what}: {flags_now}");

        // the next one reads it whole, says what is known, and does nothing
        let list = ship.asks(&["switch", "list"]);
        let last = &list["switches"][0]["last"];
        assert_eq!(list["switches"][0]["trouble"], serde_json::Value::Null, "{what}");
        if intended == 1 {
            let outcome = if settled == 1 { "done".into() } else { serde_json::Value::Null };
            assert_eq!((&last["act"], &last["outcome"]), (&self.arguments[1].into(), &outcome), "{what}: {list}");
        }
        if let Some(copier) = &self.copier {
            assert_eq!(list["switches"][0]["serves"], copier.serves(), "{what}");
        }
        assert_eq!(self.reached(ship), reached, "{what}: looking changed something");
        reached
    }

    fn reached(&self, ship: &Ship) -> Reached {
        Reached {
            intended: entries(ship, "intended") - self.before("intended"),
            settled: entries(ship, "settled") - self.before("settled"),
            changed: match &self.copier {
                Some(copier) => copier.writes(),
                None => usize::from(flags(ship) != flags(&self.home)),
            },
        }
    }
}

fn files() -> Ship {
    let ship = Ship::new();
    ship.write("flags/flags.json", FLAGS);
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"off\"\nrestore = \"on\"\nexclude-by = \"customer\"\npercent = true\ncritical = false\n",
    );
    ship.does(&["declare", "it fails", "-s", "sev1"]);
    ship
}

#[test]
fn given_acts_when_killed_at_a_hundred_random_points_then_none_is_done_twice_and_none_is_unrecorded() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_562_713_020);
    eprintln!("SEED={seed}");
    let mut cases = Vec::new();
    for arguments in ACTS {
        let home = files();
        if arguments.contains(&"revert") {
            home.does(&["switch", "stop", "release", "--reason", "it fails"]);
        }
        cases.push(Case::new(home, arguments, None));
    }
    let copier = Copier::start();
    cases.push(Case::new(copier.ship(), PAUSE, Some(copier)));
    let mut chance = Chance(seed);
    let mut all: BTreeMap<Reached, usize> = BTreeMap::new();
    for point in 0..POINTS {
        let case = &cases[point % cases.len()];
        let what = format!("SEED={seed}, point {point}, {}", case.arguments[1..3].join(" "));
        // most of the time is spent before anything is written: three of four points lie after that
        let reached = case.killed(&mut chance, !point.is_multiple_of(4), &what);
        *all.entry(reached).or_default() += 1;
    }
    for (reached, count) in &all {
        eprintln!("{count:>3} × {reached:?}");
    }
    assert_eq!(all.values().sum::<usize>(), POINTS);
}
