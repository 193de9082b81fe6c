//! Nothing happens: then only the clock is written.

use super::aboard::{board, clock, read, rest, tick};
use super::pty::Pty;
use crate::cli::ship::Ship;

/// What opens and closes a frame.
const FRAME: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");

/// The most that a frame with another second may write, in bytes.
const MOST: usize = 60;

/// Away from the change of a minute, which more than the clock may show.
fn calm(screen: &Pty) {
    screen.wait_for("a second well within its minute", |screen| {
        clock(screen).is_some_and(|now| (1..=54).contains(&(now % 60)))
    });
}

#[test]
fn given_an_idle_screen_when_seconds_pass_then_only_the_clock_is_written() {
    let ship = Ship::new();
    ship.write(
        "flags.json",
        r#"{"flags": {"ingest": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}}}"#,
    );
    ship.configure(
        "[[switch]]\nname = \"ingest\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"ingest\"\nstop = \"off\"\n",
    );
    // nobody is owed anything soon: a countdown's last seconds are not idle
    ship.does(&["declare", "the API is down", "-s", "sev4"]);
    let screen = board(&ship, &[], (120, 36));
    read(&screen, "the API is down");
    screen.wait_text("ingest  serves true");
    rest(&screen);
    calm(&screen);
    tick(&screen);
    let before = screen.written();
    let began = screen.look(clock).expect("a clock");
    screen.wait_for("three seconds more", |screen| clock(screen).is_some_and(|now| now >= began + 3));
    let bytes = screen.bytes().split_off(before);
    let frames = frames(&bytes);
    // a busy machine may leave a second out
    assert!((2..=4).contains(&frames.len()), "{} frames: {}", frames.len(), bytes.escape_ascii());
    for frame in frames {
        assert!(frame.len() < MOST, "{} bytes: {}", frame.len(), frame.escape_ascii());
        let text = plain(frame);
        assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'), "more than the clock: {text:?}");
    }
}

/// The frames, their brackets included.
fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let find = |from: usize, what: &[u8]| {
        let rest = bytes.get(from..)?;
        rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let mut frames = Vec::new();
    let mut from = 0;
    while let Some(start) = find(from, FRAME.0)
        && let Some(end) = find(start, FRAME.1)
    {
        from = end + FRAME.1.len();
        frames.extend(bytes.get(start..from));
    }
    frames
}

/// What is written between control sequences.
fn plain(frame: &[u8]) -> String {
    let mut text = String::new();
    let mut pieces = frame.split(|byte| *byte == 0x1b);
    text.push_str(&String::from_utf8_lossy(pieces.next().unwrap_or_default()));
    for piece in pieces {
        let end = piece.iter().skip(1).position(|byte| (0x40..=0x7e).contains(byte)).map_or(piece.len(), |at| at + 2);
        text.push_str(&String::from_utf8_lossy(piece.get(end..).unwrap_or_default()));
    }
    text
}
