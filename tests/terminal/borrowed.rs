//! The terminal is borrowed: however the program ends, the shell finds it as it was, and the message can be read.

use super::aboard::{PROGRAM, board, read, start};
use super::pty::Pty;
use crate::cli::ship::Ship;
use rustix::process::Signal;
use rustix::termios::{InputModes, LocalModes, OutputModes, Termios};

fn declared() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship
}

fn opened(ship: &Ship) -> Pty {
    let screen = board(ship, &[], (100, 30));
    read(&screen, "the API is down");
    let modes = screen.attributes().local_modes;
    assert!(!modes.intersects(LocalModes::ICANON | LocalModes::ECHO), "raw while it runs");
    assert!(screen.look(|screen| screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    screen
}

/// Where a sequence was written last.
pub fn last(bytes: &[u8], sequence: &[u8]) -> Option<usize> {
    bytes.windows(sequence.len()).rposition(|window| window == sequence)
}

/// The terminal is as a shell wants it.
#[track_caller]
pub fn given_back(screen: &Pty) {
    let (alternate, hidden, paste) =
        screen.look(|screen| (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste()));
    assert!(!alternate && !hidden && !paste, "alternate {alternate}, cursor hidden {hidden}, paste {paste}");
    let bytes = screen.bytes();
    assert!(last(&bytes, b"\x1b[?1004l") >= last(&bytes, b"\x1b[?1004h"), "focus is not told any more");
    assert!(last(&bytes, b"\x1b[?2026l") >= last(&bytes, b"\x1b[?2026h"), "no frame is open");
    cooked(&screen.attributes());
}

#[track_caller]
fn cooked(attributes: &Termios) {
    assert!(
        attributes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG),
        "{attributes:?}"
    );
    assert!(attributes.input_modes.contains(InputModes::ICRNL), "{attributes:?}");
    assert!(attributes.output_modes.contains(OutputModes::OPOST), "{attributes:?}");
}

#[test]
fn given_a_screen_when_left_with_ctrl_c_twice_then_the_terminal_is_given_back() {
    let ship = declared();
    let mut screen = opened(&ship);
    screen.send("\x03");
    screen.wait_text("Ctrl-C again leaves");
    screen.send("\x03");
    assert_eq!(screen.wait_exit().code(), Some(0));
    given_back(&screen);
    let said = screen.contents();
    let lines: Vec<&str> = said.lines().collect();
    let [state, again] = lines.as_slice() else { panic!("two lines and nothing of the screen: {said}") };
    assert!(state.starts_with("Incident 1, SEV1 INVESTIGATING: the API is down. Next due: "), "{said}");
    assert_eq!(*again, "Return with: quarterdeck -i 1");
    assert!(!said.contains("Waiting"), "nothing had to be waited for: {said}");
}

#[test]
fn given_a_screen_when_told_to_end_by_a_signal_then_the_terminal_is_given_back_and_what_was_typed_is_kept() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let ship = declared();
        let mut screen = opened(&ship);
        screen.send("n");
        screen.wait_text("22:49 or -5m first says when");
        screen.send("half a sentence");
        screen.wait_text("half a sentence");
        screen.signal(signal);
        assert_eq!(screen.wait_exit().code(), Some(0));
        given_back(&screen);
        let drafts = std::fs::read_dir(ship.path("state/quarterdeck/drafts")).expect("drafts").flatten();
        let kept: String = drafts.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        assert!(kept.contains("half a sentence"), "{kept:?}");
    }
}

#[test]
fn given_a_screen_when_its_terminal_is_gone_then_the_process_is_too() {
    let ship = declared();
    let mut screen = opened(&ship);
    screen.hang_up();
    screen.wait_exit();
    assert_eq!(ship.asks(&["show"])["entries"][0]["kind"], "declared", "the record is whole");
}

#[test]
fn given_a_damaged_journal_when_started_then_the_terminal_is_untouched_and_the_reason_can_be_read() {
    let ship = declared();
    std::fs::write(
        ship.journal(),
        b"not a database, and longer than the header of one: 0123456789 0123456789 0123456789 0123456789",
    )
    .expect("damaged");
    let mut screen = board(&ship, &[], (100, 30));
    let status = screen.wait_exit();
    assert_eq!(status.code(), Some(1), "{}", screen.contents());
    given_back(&screen);
    assert!(screen.contents().contains("It was left exactly as it is."), "{}", screen.contents());
    assert_eq!(last(&screen.bytes(), b"\x1b[?1049h"), None, "it was never borrowed");
}

#[test]
fn given_an_unreadable_keymap_when_started_then_the_terminal_is_untouched_and_the_reason_can_be_read() {
    let ship = declared();
    ship.configure("keymap = \"nowhere.toml\"\n");
    let mut screen = board(&ship, &[], (100, 30));
    assert_eq!(screen.wait_exit().code(), Some(1));
    given_back(&screen);
    assert!(screen.contents().contains("nowhere.toml"), "{}", screen.contents());
}

/// The shell's prompt waits on the shell's own screen, with a cursor.
fn shell_again(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen() && !screen.hide_cursor() && screen.contents().trim_end().ends_with("ready>")
}

#[test]
fn given_a_shell_when_suspended_and_continued_then_the_screen_is_right_at_the_size_it_then_has() {
    for (shell, arguments) in [("sh", &["-i"][..]), ("bash", &["--norc", "--noprofile", "-i"])] {
        let ship = declared();
        if std::process::Command::new(shell).args(["-c", ":"]).status().is_err() {
            println!("skipped: no {shell}");
            continue;
        }
        let more = [("PS1", "ready> "), ("TERM", "xterm-256color"), ("PROMPT_COMMAND", "")];
        let mut terminal = start(&ship, shell, arguments, &more, (100, 30));
        terminal.wait_text("ready>");
        terminal.send(format!("{PROGRAM}\r"));
        terminal.wait_for("the screen", |screen| {
            screen.alternate_screen() && screen.contents().contains("the API is down")
        });
        terminal.send("\x1a");
        terminal.wait_for("the shell's own screen", shell_again);
        // the shell may edit lines by itself; what matters is that it is not raw any more for what it starts
        terminal.send("stty -a | grep -c ' icanon'; echo typed $((40 + 2))\r");
        terminal.wait_text("typed 42");
        terminal.resize(80, 24);
        ship.does(&["note", "written meanwhile"]);
        terminal.send("fg\r");
        terminal.wait_for("the screen at its new size, with what happened meanwhile", |screen| {
            let rows: Vec<String> = screen.rows(0, 80).collect();
            let says = |text: &str| rows.iter().any(|row| row.contains(text));
            screen.alternate_screen() && says("the API is down") && says("written meanwhile") && rows.len() == 24
        });
        terminal.send("\x03");
        terminal.wait_text("Ctrl-C again leaves");
        terminal.send("\x03");
        terminal.wait_for("the shell's own screen again", shell_again);
        terminal.send("exit\r");
        terminal.wait_exit();
    }
}
