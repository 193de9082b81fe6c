//! The other process of a test: this very binary, started again to run one test that does as it is told. It must not check anything.

use crate::laws::noted;
use quarterdeck::incident::entry::Entry;
use quarterdeck::incident::record::Noted;
use quarterdeck::journal::{Appended, Journal};
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const TASK: &str = "QUARTERDECK_TEST_TASK";
const PLACE: &str = "QUARTERDECK_TEST_PLACE";
const SESSION: &str = "QUARTERDECK_TEST_SESSION";

/// Another process at work.
pub struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// Starts one on a task.
    pub fn start(task: &str, place: &Path, session: u64) -> Worker {
        Worker::spawn(Command::new(std::env::current_exe().expect("this binary")), task, place, session)
    }

    /// Starts one with a prepared command, whose program is this binary or a copy of it.
    pub fn spawn(mut command: Command, task: &str, place: &Path, session: u64) -> Worker {
        command.args(["--exact", "journal_faults::worker::work", "--nocapture", "--test-threads=1"]);
        command.env(TASK, task).env(PLACE, place).env(SESSION, session.to_string());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Worker { child, lines }
    }

    /// What it says next with this word; `None` when it ended.
    pub fn says(&mut self, word: &str) -> Option<String> {
        let told = |line: String| line.strip_prefix("worker ")?.strip_prefix(word).map(|rest| rest.trim().to_string());
        self.lines.by_ref().map_while(Result::ok).find_map(told)
    }

    /// The places it still says were acknowledged, until it ends.
    pub fn acknowledged(&mut self) -> Vec<u64> {
        let mut places = Vec::new();
        while let Some(place) = self.says("ack") {
            places.push(place.parse().expect("a place"));
        }
        places
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
    }

    /// Lets it go on, once.
    pub fn nudge(&mut self) {
        self.child.stdin.as_mut().expect("piped").write_all(b"\n").expect("nudged");
    }

    /// Waits until it is gone.
    pub fn gone(mut self) -> std::process::ExitStatus {
        drop(self.child.stdin.take());
        self.lines.by_ref().map_while(Result::ok).for_each(drop);
        self.child.wait().expect("gone")
    }
}

/// What a session writes at a place: the text's length varies, so that commits do.
pub fn written(seq: u64, session: u64) -> Entry {
    let text = "burning ".repeat((seq.wrapping_mul(7919) % 900) as usize);
    Entry { fact: Noted { text, pinned: false }.into(), ..noted(412, seq, session) }
}

fn say(words: &str) {
    // on a line of its own, whatever the test runner has begun to print
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\nworker {words}\n").as_bytes()).and_then(|()| out.flush()).expect("somebody listens");
}

/// Does the task that the environment names; without one, this is no worker and there is nothing to do.
#[test]
fn work() {
    let Ok(task) = std::env::var(TASK) else { return };
    let place = PathBuf::from(std::env::var_os(PLACE).expect("a place"));
    let session: u64 = std::env::var(SESSION).expect("a session").parse().expect("a number");
    match task.as_str() {
        "append" => append(&place, session),
        "make" => make(&place),
        "contend" => contend(&place, session),
        #[cfg(unix)]
        "limited" => limited(&place, session, true),
        #[cfg(unix)]
        "limited-to-death" => limited(&place, session, false),
        "once" => once(&place, session),
        "open" => open(&place),
        other => panic!("no such task: {other}"),
    }
}

/// Appends until it is killed.
fn append(place: &Path, session: u64) {
    let mut journal = Journal::open_for_writing(place, true).expect("opens");
    let mut head = journal.heads().expect("readable").first().map_or(0, |(_, head)| *head);
    loop {
        head += 1;
        assert_eq!(journal.append_after(412, head - 1, vec![written(head, session)]), Ok(Appended::Done));
        say(&format!("ack {head}"));
    }
}

/// Makes journal after journal until it is killed.
fn make(place: &Path) {
    for n in 1.. {
        Journal::open_for_writing(&place.join(n.to_string()), true).expect("made");
        say(&format!("ack {n}"));
    }
}

/// Appends fifty, beside another one that does the same.
fn contend(place: &Path, session: u64) {
    let mut journal = Journal::open_for_writing(place, true).expect("opens");
    let mut head = 0;
    for _ in 0..50 {
        loop {
            match journal.append_after(412, head, vec![noted(412, head + 1, session)]).expect("appended") {
                Appended::Done => break,
                Appended::Moved(newer) => head += newer.len() as u64,
            }
        }
        head += 1;
        say(&format!("ack {head}"));
    }
}

/// Appends until the limit on file size stops it, then once more, and reads.
#[cfg(unix)]
fn limited(place: &Path, session: u64, handled: bool) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    // with a handler for SIGXFSZ the write fails; without one the signal ends the process
    let _handler =
        handled.then(|| tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(25)).expect("a handler"));
    let mut journal = Journal::open_for_writing(place, true).expect("opens");
    let bytes = Some(300_000);
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: bytes }).expect("limited");
    let mut head = 0;
    let trouble = loop {
        match journal.append_after(412, head, vec![written(head + 1, session)]) {
            Ok(_) => head += 1,
            Err(trouble) => break trouble,
        }
        say(&format!("ack {head}"));
    };
    let again = journal.append_after(412, head, vec![written(head + 1, session)]).expect_err("still full");
    let readable = journal.read_since(412, 0, usize::MAX).expect("readable").entries.len();
    say(&format!("ended {:?} {:?} {readable} {trouble}", trouble.kind, again.kind));
}

/// Appends one entry for each line it is given.
fn once(place: &Path, session: u64) {
    let mut journal = Journal::open_for_writing(place, false).expect("opens");
    let mut head = 0;
    say("ready");
    for _ in std::io::stdin().lines() {
        while let Appended::Moved(newer) =
            journal.append_after(412, head, vec![noted(412, head + 1, session)]).expect("appended")
        {
            head += newer.len() as u64;
        }
        head += 1;
        say(&format!("ack {head}"));
    }
}

/// Opens in both ways and says how that went.
fn open(place: &Path) {
    let told = |journal: Result<Journal, quarterdeck::journal::trouble::JournalTrouble>| match journal {
        Ok(journal) => format!("Ok {}", journal.read_since(412, 0, usize::MAX).expect("readable").entries.len()),
        Err(trouble) => format!("{:?} {trouble}", trouble.kind),
    };
    say(&format!("reading {}", told(Journal::open_for_reading(place))));
    say(&format!("writing {}", told(Journal::open_for_writing(place, true))));
}
