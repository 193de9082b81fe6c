//! A panic, on the screen's thread and on another one: the terminal is given back, then the message can be read, then what is safe.
//!
//! The program holds nothing that provokes one. This very binary is started again in a pseudo-terminal, to run one test that goes through
//! the program's own way in and way out, with a panic of its own in between.

use super::aboard::{environment, read};
use super::borrowed::{given_back, last};
use super::pty::Pty;
use crate::cli::ship::Ship;
use quarterdeck::app::keymap::Keymap;
use quarterdeck::app::whereabouts::Whereabouts;
use quarterdeck::app::{App, Person};
use quarterdeck::config::env::Environment;
use quarterdeck::config::places::Places;
use quarterdeck::config::{Flags, load};
use quarterdeck::incident::entry::Session;
use quarterdeck::journal::Journal;
use quarterdeck::shell::parting::Ended;
use quarterdeck::shell::start::{Choice, Shown, Start, farewell, run};
use quarterdeck::shell::{screen, terminal};
use std::io::Read;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::Ordering;

/// Which panic the host is started for.
const WHERE: &str = "QUARTERDECK_TEST_PANIC";
/// The socket whose other end says when.
const WHEN: &str = "QUARTERDECK_TEST_WHEN";

/// Starts this binary in a terminal, as the program in this ship, with a panic to come; the listener's client waits for it.
fn board(ship: &Ship, place: &str) -> (Pty, UnixListener) {
    let socket = ship.path("when");
    let when = UnixListener::bind(&socket).expect("a socket");
    let own = environment(ship);
    let mut all: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let socket = socket.to_string_lossy();
    all.extend([(WHERE, place), (WHEN, &socket)]);
    let me = std::env::current_exe().expect("this binary");
    let arguments = ["--exact", "terminal::panics::host", "--nocapture", "--test-threads=1"];
    (Pty::spawn(&me.to_string_lossy(), &arguments, &all, 160, 30), when)
}

/// Runs the screen and panics where the environment says; without that, this is no host and there is nothing to do.
#[test]
fn host() {
    let Ok(place) = std::env::var(WHERE) else { return };
    let wait = |socket: &Path| {
        let mut when = UnixStream::connect(socket).expect("a socket");
        when.read_to_end(&mut Vec::new()).expect("the moment");
    };
    let socket = std::path::PathBuf::from(std::env::var_os(WHEN).expect("a socket"));
    match place.as_str() {
        "beside" => {
            let beside = std::thread::Builder::new().name("beside".into());
            beside
                .spawn(move || {
                    wait(&socket);
                    panic!("a thread beside the screen fell over");
                })
                .expect("a thread");
            run(start()).expect("it does not come back");
        }
        "screen" => {
            let Start { journal, shown: Shown { number, .. }, whereabouts, .. } = start();
            let keymap = Keymap::built_in().expect("a keymap");
            let mut app = App::new(Person { name: "Ana".into(), assumed: false }, Session(1), number, keymap);
            app.whereabouts = whereabouts;
            let head = journal.heads().expect("heads").first().map_or(0, |(_, head)| *head);
            screen::RECORDED.store(head, Ordering::Relaxed);
            let place = journal.path().expect("a file").display().to_string();
            terminal::on_panic(farewell(&app, place));
            let ended = Ended::of(|| {
                let mut screen = terminal::Terminal::enter().expect("a terminal");
                let words = |buffer: &mut ratatui::buffer::Buffer| {
                    buffer.set_string(0, 0, "the API is down", ratatui::style::Style::new());
                };
                let drawn = screen.draw(|_, buffer| {
                    words(buffer);
                    None
                });
                drawn.expect("a frame");
                wait(&socket);
                screen.draw(|_, _| panic!("the screen fell over"))
            });
            assert!(ended.answer().is_none());
            ended.or_panic().expect("it does not come back");
        }
        other => panic!("no such place: {other}"),
    }
    // whoever comes here has not panicked
    std::process::exit(0);
}

/// What the program starts from in this process's environment.
fn start() -> Start {
    let environment = Environment::read();
    let places = Places::of_user().expect("a home");
    let config = load(&environment, &Flags::default(), &places).config;
    let journal = Journal::open_for_writing(&places.journal(), false).expect("a journal");
    let (exports, drafts) = (places.state.join("exports"), places.drafts());
    let shown = Shown { number: 1, known: Vec::new(), choice: Choice::Made };
    Start { config, journal, shown, exports, drafts, drill: None, whereabouts: Whereabouts::default() }
}

fn declared() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship
}

/// First the terminal is given back, then the message comes, then what is safe; and the process ends as a panic ends it.
#[track_caller]
fn fell_over(ship: &Ship, screen: &mut Pty, message: &str) {
    assert_eq!(screen.wait_exit().code(), Some(101), "{}", screen.contents());
    given_back(screen);
    let bytes = screen.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words:?} is missing in\n{}", screen.contents()));
    let back = last(&bytes, b"\x1b[?1049l").expect("the ordinary screen");
    let journal = ship.journal();
    let safe =
        format!("Entries up to 5 are safe in the journal at {}. Return with: quarterdeck -i 1", journal.display());
    assert!(back < at(message) && at(message) < at(&safe), "{text}");
    let shown = screen.contents().replace('\n', "");
    assert!(shown.contains(message) && shown.contains(&safe), "{}", screen.contents());
    assert_eq!(text.matches(message).count(), 1, "said once");
}

#[test]
fn given_a_screen_when_it_panics_while_drawing_then_the_terminal_is_given_back_before_the_message() {
    let ship = declared();
    let (mut screen, when) = board(&ship, "screen");
    read(&screen, "the API is down");
    drop(when.accept().expect("it waits"));
    fell_over(&ship, &mut screen, "the screen fell over");
}

#[test]
fn given_a_screen_when_another_thread_panics_then_the_terminal_is_given_back_and_what_was_typed_is_kept() {
    let ship = declared();
    let (mut screen, when) = board(&ship, "beside");
    read(&screen, "the API is down");
    screen.send("n");
    screen.wait_text("22:49 or -5m first says when");
    screen.send("half a sentence");
    screen.wait_text("half a sentence");
    drop(when.accept().expect("it waits"));
    fell_over(&ship, &mut screen, "a thread beside the screen fell over");
    assert!(!screen.contents().contains("cannot be used"), "{}", screen.contents());
    let drafts = std::fs::read_to_string(ship.path("state/quarterdeck/drafts/drafts.txt")).expect("drafts");
    assert!(drafts.contains("half a sentence"), "{drafts}");
    assert_eq!(ship.asks(&["show"])["entries"].as_array().map(Vec::len), Some(5));
}
