//! The program is killed at every step of an act, at the command line and at the screen. What was sent is sent once and stands in the journal
//! before; whoever opens next says what is not known, looks, and sends nothing.

use super::aboard::{board, read};
use super::crash::{aged, count};
use super::pty::Pty;
use crate::cli::ship::{Ship, ended};
use crate::liaison::loopback::{Asked, Loopback, Manner, json, status};
use quarterdeck::incident::entry::STANDING;
use quarterdeck::incident::time::Span;
use quarterdeck::journal::Journal;
use rustix::process::Signal;
use std::fs::File;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long something is waited for before the test fails.
const DEADLINE: Duration = Duration::from_secs(20);

/// Which question is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// One for the state, after so many that are answered.
    Look(usize),
    /// The request itself, when it has arrived and is done.
    Write,
}

/// A server that copies orders until it is paused, and answers when it is told to.
pub struct Copier {
    server: Loopback,
    desk: Arc<(Mutex<Desk>, Condvar)>,
}

#[derive(Default)]
struct Desk {
    paused: bool,
    writes: usize,
    looks: usize,
    held: Option<Held>,
    is_held: bool,
    answers_half: bool,
    is_down: bool,
}

impl Copier {
    pub fn start() -> Copier {
        let desk: Arc<(Mutex<Desk>, Condvar)> = Arc::default();
        let own = Arc::clone(&desk);
        Copier { server: Loopback::start(move |asked| answer(&own, asked)), desk }
    }
    /// A ship whose switch it is, with an incident.
    pub fn ship(&self) -> Ship {
        let ship = self.calm();
        ship.does(&["declare", "orders are copied twice", "-s", "sev1"]);
        ship
    }
    /// The same with no incident.
    fn calm(&self) -> Ship {
        let ship = Ship::new();
        let url = self.server.url();
        ship.configure(&format!(
            "[[switch]]\nname = \"copier\"\nkind = \"http\"\nurl = \"{url}\"\nstop-request = \"PUT /pause\"\nrestore-request = \"PUT /resume\"\nprobe-path = \"/status\"\npointer = \"/state\"\nstopped = \"PAUSED\"\nrunning = \"RUNNING\"\ncritical = false\n"
        ));
        ship
    }
    /// Where it is.
    pub fn url(&self) -> String {
        self.server.url()
    }
    /// It copies again, and nothing was asked of it.
    pub fn begins_anew(&self) {
        *self.desk() = Desk::default();
    }
    /// Waits until nobody is connected whose request could still be read.
    pub fn rests(&self) {
        self.server.wait_served();
    }
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.0.lock().expect("the desk")
    }
    /// How many requests that change something arrived.
    pub fn writes(&self) -> usize {
        self.desk().writes
    }
    /// What it does.
    pub fn serves(&self) -> &'static str {
        if self.desk().paused { "PAUSED" } else { "RUNNING" }
    }
    fn holds(&self, held: Held) {
        let mut desk = self.desk();
        (desk.held, desk.is_held) = (Some(held), false);
    }
    /// Answers again, also what it held back.
    fn lets_go(&self) {
        self.desk().held = None;
        self.desk.1.notify_all();
    }
    /// Waits until it holds something back.
    fn wait_held(&self) {
        self.wait("a question that is held back", |desk| desk.is_held);
    }
    fn wait(&self, wanted: &str, is: impl Fn(&Desk) -> bool) {
        let (until, mut desk) = (Instant::now() + DEADLINE, self.desk());
        while !is(&desk) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {wanted}");
            desk = self.desk.1.wait_timeout(desk, left).expect("the desk").0;
        }
    }
}

fn answer((desk, told): &(Mutex<Desk>, Condvar), asked: &Asked) -> Manner {
    let mut desk = desk.lock().expect("the desk");
    let is_write = !asked.line.starts_with("GET ");
    if is_write {
        desk.paused = asked.line == "PUT /pause";
        desk.writes += 1;
    }
    match &mut desk.held {
        Some(Held::Look(before @ 1..)) if !is_write => *before -= 1,
        Some(held) if is_write == (*held == Held::Write) => {
            desk.is_held = true;
            told.notify_all();
            while desk.held.is_some() {
                desk = told.wait(desk).expect("the desk");
            }
        }
        _ => {}
    }
    desk.looks += usize::from(!is_write);
    told.notify_all();
    match (is_write, desk.answers_half) {
        _ if desk.is_down => Manner::Rude,
        (true, true) => Manner::Half(b"HTTP/1.1 202 Accepted\r\ncontent-le".to_vec()),
        (true, false) => status(202, ""),
        (false, _) => json(if desk.paused { r#"{"state":"PAUSED"}"# } else { r#"{"state":"RUNNING"}"# }),
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Command,
    Screen,
}

/// Somebody who is acting, to be killed.
pub enum Acting {
    Command(Child),
    Screen(Pty),
}

impl Acting {
    pub fn kill(self) {
        match self {
            Acting::Command(mut child) => {
                child.kill().expect("killed");
                child.wait().expect("its end");
            }
            Acting::Screen(mut screen) => {
                screen.signal(Signal::KILL);
                screen.wait_exit();
            }
        }
    }
}

/// A screen with the stop of a switch in it, why it is stopped and all.
fn armed(ship: &Ship, switch: &str, title: &str) -> Pty {
    let screen = board(ship, &[], (120, 36));
    read(&screen, title);
    screen.wait_text(&format!("{switch}  serves"));
    screen.send("2x");
    screen.wait_text("stop for everybody");
    screen.send("\r");
    screen.wait_text("for the record");
    screen.send("twice over");
    screen.wait_text("twice over");
    screen
}

/// Asks for the stop of a switch; `before` is done right before it is sent off, where that can be told.
fn asks(ship: &Ship, by: By, switch: &str, title: &str, before: impl FnOnce()) -> Acting {
    match by {
        By::Command => {
            before();
            Acting::Command(ship.start(&["switch", "stop", switch, "--reason", "twice over"]))
        }
        By::Screen => {
            let screen = armed(ship, switch, title);
            before();
            screen.send("\r");
            Acting::Screen(screen)
        }
    }
}

fn wait_until(wanted: &str, is: impl Fn() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !is() {
        assert!(Instant::now() < until, "waited in vain for {wanted}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// How many entries of a kind the journal holds, whoever writes into it.
pub fn entries(ship: &Ship, kind: &str) -> usize {
    let Ok(journal) = rusqlite::Connection::open(ship.journal()) else { return 0 };
    let found = journal.query_row("SELECT count(*) FROM entries WHERE kind = ?1", [kind], |row| row.get::<_, i64>(0));
    usize::try_from(found.unwrap_or(0)).expect("a count")
}

/// Nobody but the test writes into the journal until this is dropped.
fn locked(ship: &Ship) -> rusqlite::Connection {
    let journal = rusqlite::Connection::open(ship.journal()).expect("the journal");
    journal.busy_timeout(DEADLINE).expect("patience");
    journal.execute_batch("BEGIN IMMEDIATE").expect("our turn");
    journal
}

/// The act was killed without an outcome: it is said so, at once and later, looked for once, and nothing is sent.
fn unsure(ship: &Ship, by: By, (switch, title): (&str, &str), serves: &str, what: &str) -> Ship {
    assert_eq!((entries(ship, "intended"), entries(ship, "settled")), (1, 0), "{what}");
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("no answer yet"), "{what}: {list}");
    assert_eq!(ship.asks(&["switch", "list"])["switches"][0]["serves"], serves, "{what}");
    let again = ship.run(&["switch", "stop", switch, "--reason", "twice over"]);
    assert!(again.err.contains("outcome is not known yet") && !again.out.contains("already"), "{what}: {again:?}");

    let back = ship.run(&["switch", "revert", switch]);
    let words = ["from another run", "outcome is not known yet", "Wait for it, until"];
    assert!(back.code == 3 && words.iter().all(|words| back.err.contains(words)), "{what}: {back:?}");

    let older = aged(ship);
    let list = older.does(&["switch", "list"]).out;
    assert!(list.contains("UNSURE"), "{what}: {list}");
    if by == By::Screen {
        let screen = board(&older, &[], (120, 36));
        read(&screen, title);
        screen.wait_until("what was seen is recorded", || count(&older, "seen") == 1);
    } else {
        let refused = older.run(&["switch", "stop", switch, "--if-serves", "nothing of the kind"]).ends(3);
        assert!(refused.err.contains(&format!("UNSURE: stop {switch}")), "{what}: {}", refused.err);
    }
    assert_eq!(count(&older, "seen"), 1, "{what}: once");
    let list = older.does(&["switch", "list"]).out;
    assert!(list.contains(&format!("seen {serves}")), "{what}: {list}");
    assert_eq!((entries(&older, "intended"), entries(&older, "settled")), (1, 0), "{what}");
    older
}

const COPIES: &str = "orders are copied twice";

#[test]
fn given_a_server_when_the_program_is_killed_at_each_step_then_nothing_is_sent_twice_and_all_is_recorded() {
    for by in [By::Command, By::Screen] {
        // what is held back, how much of it is let through, and how many requests arrive
        for (step, held, writes) in [
            ("before the request", Held::Look(usize::from(by == By::Command)), 0),
            ("before the answer", Held::Write, 1),
            ("in the middle of the answer", Held::Write, 1),
            ("before the outcome is written down", Held::Write, 1),
        ] {
            let what = format!("{by:?} {step}");
            let copier = Copier::start();
            let ship = copier.ship();
            let acting = asks(&ship, by, "copier", COPIES, || copier.holds(held));
            wait_until("the intent", || entries(&ship, "intended") == 1);
            copier.wait_held();
            let mut journal = None;
            match step {
                "in the middle of the answer" => copier.desk().answers_half = true,
                "before the outcome is written down" => journal = Some(locked(&ship)),
                _ => {}
            }
            if step != "before the request" && step != "before the answer" {
                let looks = copier.desk().looks;
                copier.lets_go();
                if journal.is_some() {
                    copier.wait("the proof", |desk| desk.looks > looks);
                }
            }
            acting.kill();
            copier.lets_go();
            copier.desk().answers_half = false;
            drop(journal);
            assert_eq!(copier.writes(), writes, "{what}");
            let serves = if writes == 0 { "RUNNING" } else { "PAUSED" };
            let older = unsure(&ship, by, ("copier", COPIES), serves, &what);
            assert_eq!((copier.writes(), copier.serves()), (writes, serves), "{what}: nothing was sent again");
            // and people go on from what was seen
            if writes == 0 {
                older.does(&["switch", "stop", "copier", "--reason", "twice over"]);
            } else {
                older.does(&["switch", "revert", "copier", "--confirm", "production/copier", "--reason", "fixed"]);
            }
            assert_eq!(copier.writes(), writes + 1, "{what}: somebody decided it");
        }
    }
}

#[test]
fn given_a_server_when_the_program_is_killed_before_the_intent_or_after_the_outcome_then_nothing_is_open() {
    for by in [By::Command, By::Screen] {
        let copier = Copier::start();
        let ship = copier.ship();
        let acting = match by {
            By::Command => {
                copier.holds(Held::Look(0));
                let acting = asks(&ship, by, "copier", COPIES, || {});
                copier.wait_held();
                acting
            }
            By::Screen => Acting::Screen(armed(&ship, "copier", COPIES)),
        };
        acting.kill();
        copier.lets_go();
        assert_eq!((copier.writes(), entries(&ship, "intended")), (0, 0), "{by:?}");
        let acting = asks(&ship, by, "copier", COPIES, || {});
        wait_until("the outcome", || entries(&ship, "settled") == 1);
        acting.kill();
        let list = ship.asks(&["switch", "list"]);
        let switch = &list["switches"][0];
        assert_eq!((&switch["serves"], &switch["last"]["outcome"]), (&"PAUSED".into(), &"done".into()), "{by:?}");
        assert_eq!((copier.writes(), entries(&ship, "intended")), (1, 1), "{by:?}");
    }
}

const FLAGS: &str =
    r#"{"flags":{"release":{"state":"ENABLED","variants":{"1822":"1822","1823":"1823"},"defaultVariant":"1823"}}}"#;

#[test]
fn given_a_flag_file_when_the_program_is_killed_at_each_step_then_it_is_written_once_and_all_is_recorded() {
    for by in [By::Command, By::Screen] {
        for is_replaced in [false, true] {
            let what = format!("{by:?}, replaced: {is_replaced}");
            let ship = Ship::new();
            let flags = ship.write("flags/flags.json", FLAGS);
            ship.configure(
                "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\ncritical = false\n",
            );
            ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
            let turn = File::open(ship.path("flags")).expect("the directory");
            turn.lock().expect("our turn");
            let acting = asks(&ship, by, "release", "1823 is broken", || {});
            wait_until("the intent", || entries(&ship, "intended") == 1);
            let mut journal = None;
            if is_replaced {
                journal = Some(locked(&ship));
                turn.unlock().expect("their turn");
                wait_until("the new file", || std::fs::read_to_string(&flags).is_ok_and(|now| now != FLAGS));
            }
            acting.kill();
            drop((journal, turn));
            let after = std::fs::read_to_string(&flags).expect("the flag file");
            let serves = if is_replaced { "1822" } else { "1823" };
            let older = unsure(&ship, by, ("release", "1823 is broken"), serves, &what);
            let there = std::fs::read_to_string(older.path("flags/flags.json")).expect("the flag file");
            assert_eq!(there, after, "{what}: nothing was written again");
        }
    }
}

#[test]
fn given_a_terminal_that_goes_away_before_an_act_is_sent_then_nothing_is() {
    let ship = Ship::new();
    let flags = ship.write("flags/flags.json", FLAGS);
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\nexclude-by = \"customer\"\ncritical = false\n",
    );
    ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
    let mut screen = board(&ship, &[], (120, 36));
    read(&screen, "1823 is broken");
    screen.wait_text("release  serves");
    screen.send("2x");
    screen.wait_text("stop for one customer");
    screen.hang_up();
    screen.wait_exit();
    assert_eq!(std::fs::read_to_string(&flags).expect("the flag file"), FLAGS);
    assert_eq!(entries(&ship, "intended"), 0, "while it is chosen what to do");

    let copier = Copier::start();
    let ship = copier.ship();
    let mut screen = armed(&ship, "copier", COPIES);
    screen.hang_up();
    screen.wait_exit();
    assert_eq!((copier.writes(), entries(&ship, "intended")), (0, 0), "armed");
}

#[test]
fn given_a_terminal_that_goes_away_while_an_act_is_under_way_then_it_is_sent_once_and_recorded() {
    // the last one never answers: it is left, and its outcome is nobody's
    for (held, answers) in [(Held::Look(0), true), (Held::Write, true), (Held::Write, false)] {
        let what = format!("{held:?}, answers: {answers}");
        let copier = Copier::start();
        let ship = copier.ship();
        let mut screen = armed(&ship, "copier", COPIES);
        copier.holds(held);
        screen.send("\r");
        wait_until("the intent", || entries(&ship, "intended") == 1);
        copier.wait_held();
        screen.hang_up();
        if answers {
            copier.lets_go();
        }
        screen.wait_exit();
        copier.lets_go();
        assert_eq!(copier.writes(), 1, "{what}");
        let settled = usize::from(answers);
        assert_eq!((entries(&ship, "intended"), entries(&ship, "settled")), (1, settled), "{what}");
        if !answers {
            unsure(&ship, By::Screen, ("copier", COPIES), "PAUSED", &what);
            assert_eq!(copier.writes(), 1, "{what}: nothing was sent again");
        }
    }
}

#[test]
fn given_a_world_that_changes_between_the_preview_and_the_sending_then_the_act_is_void_and_recorded() {
    let renamed = FLAGS.replace("\"release\"", "\"launch\"");
    let flipped = FLAGS.replace("\"defaultVariant\":\"1823\"", "\"defaultVariant\":\"1821\"");
    let flipped = flipped.replace("\"1822\":\"1822\"", "\"1821\":\"1821\",\"1822\":\"1822\"");
    for (what, theirs) in
        [("deleted", r#"{"flags":{}}"#), ("renamed", &renamed), ("flipped", &flipped), ("half written", &FLAGS[..40])]
    {
        let ship = Ship::new();
        let flags = ship.write("flags/flags.json", FLAGS);
        ship.configure(
            "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\ncritical = false\n",
        );
        ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
        let turn = File::open(ship.path("flags")).expect("the directory");
        turn.lock().expect("our turn");
        let child = ship.start(&["switch", "stop", "release", "--reason", "it is broken"]);
        wait_until("the intent", || entries(&ship, "intended") == 1);
        std::fs::write(&flags, theirs).expect("their file");
        drop(turn);
        let run = ended(child).ends(3);
        assert_eq!(std::fs::read_to_string(&flags).expect("the flag file"), theirs, "{what}: {}", run.err);
        let last = &ship.asks(&["show"])["switches"][0];
        assert_eq!(last["outcome"], "refused", "{what}: {last}");
    }

    let copier = Copier::start();
    let ship = copier.ship();
    copier.holds(Held::Look(1));
    let child = ship.start(&["switch", "stop", "copier", "--reason", "twice over"]);
    copier.wait_held();
    copier.desk().is_down = true;
    copier.lets_go();
    let run = ended(child);
    assert!(run.code == 3 && copier.writes() == 0, "{run:?}");
    assert_eq!(ship.asks(&["show"])["switches"][0]["outcome"], "refused", "down before it was sent");
}

#[test]
fn given_a_stop_with_no_incident_that_was_killed_when_a_screen_is_opened_then_it_says_unsure_looks_once_and_sends_nothing()
 {
    for (held, writes, sees) in [(Held::Look(1), 0, "RUNNING"), (Held::Write, 1, "PAUSED")] {
        let what = format!("{held:?}");
        let copier = Copier::start();
        let ship = copier.calm();
        // so that the journal is there when it is looked into
        ship.does(&["freeze", "add", "--scope", "staging", "--why", "nobody is in"]);
        copier.holds(held);
        let mut child = ship.start(&["switch", "stop", "copier", "--reason", "twice over"]);
        wait_until("the intent", || entries(&ship, "intended") == 1);
        copier.wait_held();
        child.kill().expect("killed");
        child.wait().expect("its end");
        copier.lets_go();
        assert_eq!((entries(&ship, "settled"), copier.writes()), (0, writes), "{what}");
        older(&ship);

        copier.holds(Held::Look(0));
        let screen = board(&ship, &[], (120, 36));
        copier.wait_held();
        screen.wait_text("UNSURE since");
        assert_eq!(entries(&ship, "seen"), 0, "{what}");
        copier.lets_go();
        screen.wait_until("what was seen is recorded", || entries(&ship, "seen") == 1);
        // what was seen stands beside it, and nobody has to care for it any more
        screen.wait_text(&format!("seen {sees}"));
        screen.wait_text("nothing is owed");
        let other = board(&ship, &[], (120, 36));
        other.wait_text(&format!("serves {sees}"));
        assert_eq!((entries(&ship, "seen"), copier.writes()), (1, writes), "{what}: once, and nothing is sent");
        let list = ship.does(&["switch", "list"]).out;
        assert!(list.contains(&format!("seen {sees}")), "{what}: {list}");
    }
}

/// Makes what stands in the standing stream five minutes older, as if that much time had passed.
fn older(ship: &Ship) {
    let journal = Journal::open_for_reading(&ship.journal()).expect("the journal");
    let mut all = journal.read_since(STANDING, 0, 100).expect("entries").entries;
    drop(journal);
    for entry in &mut all {
        for time in [&mut entry.at, &mut entry.recorded] {
            *time = time.minus(Span::minutes(5));
        }
    }
    let directory = ship.journal().parent().expect("in the home").to_owned();
    std::fs::remove_dir_all(&directory).expect("the journal's directory");
    std::fs::create_dir_all(&directory).expect("a directory");
    let mut journal = Journal::open_for_writing(&ship.journal(), true).expect("a journal");
    journal.append_after(STANDING, 0, all).expect("appended");
}

/// What a killed run left beside a file.
fn left(ship: &Ship) -> Vec<String> {
    let names = std::fs::read_dir(ship.path("flags")).expect("the directory").flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(".quarterdeck-")).collect()
}

#[test]
fn given_a_flag_file_when_the_program_is_killed_between_staging_and_renaming_then_what_it_left_goes_with_the_next_act()
{
    // so large that writing it takes a moment
    let note = "x".repeat(2 << 20);
    let flags = FLAGS.replace("{\"flags\"", &format!("{{\"metadata\":{{\"note\":\"{note}\"}},\"flags\""));
    let killed = || {
        let ship = Ship::new();
        let file = ship.write("flags/flags.json", &flags);
        ship.configure(
            "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\n",
        );
        ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
        let mut child =
            ship.start(&["switch", "stop", "release", "--reason", "it is broken", "--confirm", "production/release"]);
        while left(&ship).is_empty() && child.try_wait().expect("a program").is_none() {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("its end");
        let is_staged = !left(&ship).is_empty();
        assert!(
            !is_staged || std::fs::read_to_string(&file).expect("the flag file") == flags,
            "staged is not in force"
        );
        is_staged.then_some(ship)
    };
    let Some(ship) = (0..50).find_map(|_| killed()) else { panic!("it was never seen between the two") };
    let doctor = ship.run(&["doctor"]).out;
    assert!(doctor.contains("1 left beside it by a run that was killed"), "{doctor}");
    assert_eq!(left(&ship).len(), 1, "whoever only looks removes nothing");
    // somebody else who is between the two, and what is not ours, is left alone
    ship.write("flags/.quarterdeck-notes.md", "mine");
    ship.write("flags/.quarterdeck-a b.tmp", "mine");
    let older = aged(&ship);
    let theirs = File::create(older.path("flags/.quarterdeck-abc123.tmp")).expect("a file");
    theirs.lock().expect("theirs");
    let stopped =
        older.asks(&["switch", "stop", "release", "--reason", "it is broken", "--confirm", "production/release"]);
    let detail = stopped["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("1 left beside it by a run that was killed, removed"), "{stopped}");
    let mut names = left(&older);
    names.sort();
    assert_eq!(names, [".quarterdeck-a b.tmp", ".quarterdeck-abc123.tmp", ".quarterdeck-notes.md"]);
    drop(theirs);
    older.does(&["switch", "revert", "release", "--reason", "mended", "--confirm", "production/release"]);
    assert_eq!(left(&older).len(), 2, "once they are gone it goes");
    assert_eq!(std::fs::read_to_string(older.path("flags/flags.json")).expect("the flag file"), flags);
}

#[test]
fn given_a_digit_that_is_held_down_when_it_chose_what_to_do_then_its_repeats_are_no_reason_and_nothing_is_sent() {
    let ship = Ship::new();
    let flags = ship.write("flags/flags.json", FLAGS);
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\nexclude-by = \"customer\"\n",
    );
    ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
    let screen = board(&ship, &[], (120, 36));
    read(&screen, "1823 is broken");
    screen.wait_text("release  serves");
    screen.send("2x");
    screen.wait_text("stop for everybody: serve 1822");
    // as a keyboard does, until it is said that nobody listens
    let until = Instant::now() + DEADLINE;
    while !screen.contents().contains("A key was still held down") {
        assert!(Instant::now() < until, "{}", screen.contents());
        screen.send("2");
        std::thread::park_timeout(Duration::from_millis(30));
    }
    screen.wait_text("for the record");
    // what is pasted is no reason either
    screen.send("\x1b[200~rm -rf\r\x1b[201~");
    screen.wait_text("typed by hand, not pasted");
    screen.wait_text("for the record");
    assert_eq!(entries(&ship, "intended"), 0);
    assert_eq!(std::fs::read_to_string(&flags).expect("the flag file"), FLAGS);
}
