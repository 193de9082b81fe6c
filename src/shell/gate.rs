//! `gate.json`: written for pipelines that cannot read the journal, and read on their machines. It must not know who freezes what.
//!
//! **Several writers.** Two screens and a timer may write for one journal, each with what it knows. Who knows less must not write over who knows
//! more, so each takes its turn ([`disk::Turn`]), looks how much of which journal the file that is there has seen, and lets a newer one stand.

use crate::exchange::gate::{self, FILE};
use crate::incident::gate::{Gate, Granted, Held};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::liaison::disk::{self, Replaced, Staged, Turn};
use crate::liaison::http::{Body, Http, Key, Login, Stakes};
use std::path::Path;
use std::time::Duration;

/// How often our turn is asked for, ten milliseconds apart.
const TRIES: u32 = 200;
/// How often the file may change under our hands.
const MOVED: usize = 5;
/// How long an address may take to answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The longest text of it that is said, in characters.
const LONGEST: usize = 400;

/// What is at stake when a gate is fetched.
const STAKES: Stakes = Stakes {
    acts: false,
    no: "Whether releases are frozen is not known from here.",
    stale: "Whether releases are frozen is not known from here.",
    again: "Ask again, and look at the address and who serves it",
};

/// Writes what stands into a directory, whole or not at all.
///
/// # Errors
/// It is not written; in three sentences.
pub fn write(dir: &Path, ours: &Gate) -> Result<(), Trouble> {
    let turn = Turn::take(dir, TRIES)?;
    turn.sweep(dir);
    let target = dir.join(FILE);
    let text = gate::write(ours);
    for _ in 0..MOVED {
        let mut old = match disk::open(&target) {
            Ok(old) => Some(old),
            Err(Trouble::Unreachable(_)) if !target.exists() => None,
            Err(trouble) => return Err(trouble),
        };
        let knows_more =
            |theirs: Gate| theirs.journal.is_some() && theirs.journal == ours.journal && theirs.head > ours.head;
        if old.as_ref().is_some_and(|old| gate::read(&old.text).is_ok_and(knows_more)) {
            return Ok(());
        }
        let staged = match &old {
            Some(old) => Staged::over(old, &text)?,
            None => Staged::fresh(&target, &text)?,
        };
        match staged.replace(old.as_mut()) {
            Replaced::Done | Replaced::Collided | Replaced::NotSynced(_) => return Ok(()),
            Replaced::Moved => {}
            Replaced::Failed(why) => return Err(unwritten(&target, &why)),
        }
    }
    Err(unwritten(&target, "somebody else writes it all the time"))
}

fn unwritten(target: &Path, why: &str) -> Trouble {
    let name = disk::shown(target);
    Trouble::Refused(format!("{name} could not be written: {why}. The one before stands there. Look at the directory."))
}

/// Reads a gate from a file or an address, its texts made harmless.
///
/// # Errors
/// It is not there, nobody answers, or it cannot be read; in three sentences.
pub fn read(from: &str, token: Option<&str>, now: Time) -> Result<Gate, Trouble> {
    let (name, text) = match is_address(from) {
        true => fetch(from, token, now)?,
        false => (disk::shown(Path::new(from)), disk::read(Path::new(from))?),
    };
    let gate = gate::read(&text).map_err(|why| {
        let why = clean::clean(&why, LONGEST);
        Trouble::Garbled(format!(
            "{name} cannot be read: {why}. Whether releases are frozen is not known from here. Look who writes it."
        ))
    })?;
    let harmless = |text: &str| clean::clean(text, LONGEST).into_owned();
    let hold = |held: Held| Held {
        called: harmless(&held.called),
        by: harmless(&held.by),
        why: harmless(&held.why),
        scope: harmless(&held.scope),
        ..held
    };
    let pass = |pass: Granted| Granted {
        called: harmless(&pass.called),
        by: harmless(&pass.by),
        why: harmless(&pass.why),
        scope: harmless(&pass.scope),
        ..pass
    };
    let holds = gate.holds.into_iter().map(hold).collect();
    let passes = gate.passes.into_iter().map(pass).collect();
    Ok(Gate { holds, passes, ..gate })
}

/// It is fetched, not opened.
pub fn is_address(from: &str) -> bool {
    from.starts_with("https://") || from.starts_with("http://")
}

fn fetch(url: &str, token: Option<&str>, now: Time) -> Result<(String, String), Trouble> {
    let login = token.map_or(Login::Nobody, |token| Login::Bearer(Key::new(token)));
    let http = Http::new("the gate", url, login, &[])?.staking(STAKES);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| {
        Trouble::Unreachable(format!("Nothing can be asked over the network: {e}. {} Free memory.", STAKES.no))
    })?;
    let reply = runtime.block_on(http.ask("", Body::Nothing, DEADLINE))?;
    let reply = http.judged(reply, |_| None, now)?;
    let who = http.who().to_owned();
    match String::from_utf8(reply.body) {
        Ok(text) => Ok((who, text)),
        Err(_) => Err(Trouble::Garbled(format!("{who} answers no text. {} Look who serves it.", STAKES.no))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::{EntryId, Session};

    fn of(head: u64, journal: u64, why: &str) -> Gate {
        let held = Held { called: "hold 1".into(), scope: "prod".into(), why: why.into(), ..Held::default() };
        Gate { journal: Some(EntryId::of(Session(journal), 1)), head, holds: vec![held], ..Gate::default() }
    }

    fn there(dir: &Path) -> Gate {
        read(&dir.join(FILE).display().to_string(), None, Time(0)).unwrap()
    }

    #[test]
    fn given_two_writers_when_one_knows_less_then_what_the_other_wrote_stands() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), &of(3, 7, "three")).unwrap();
        write(home.path(), &of(2, 7, "two")).unwrap();
        assert_eq!(there(home.path()).holds[0].why, "three");
        let later = Gate { written: Time(9), ..of(3, 7, "three") };
        write(home.path(), &later).unwrap();
        assert_eq!(
            there(home.path()).written,
            Time(9),
            "the same is written anew, because what is old is not believed"
        );
        write(home.path(), &of(1, 8, "another journal")).unwrap();
        assert_eq!(there(home.path()).holds[0].why, "another journal");
        let files: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(files.len(), 1, "nothing is left beside it");
    }

    #[test]
    fn given_a_broken_file_when_written_then_it_is_whole_again_and_when_read_then_it_is_not_believed() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(FILE);
        std::fs::write(&file, "{\"quarterdeck-gate\": 1, \u{1b}[2J").unwrap();
        let trouble = read(&file.display().to_string(), None, Time(0)).unwrap_err();
        assert!(matches!(&trouble, Trouble::Garbled(words) if !words.contains('\u{1b}')), "{trouble:?}");
        write(home.path(), &of(1, 7, "whole")).unwrap();
        assert_eq!(there(home.path()).holds[0].why, "whole");
    }

    #[test]
    fn given_no_directory_when_written_then_it_says_so_and_makes_none() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("not-mounted");
        assert!(write(&dir, &of(1, 7, "x")).is_err());
        assert!(!dir.exists());
    }
}
