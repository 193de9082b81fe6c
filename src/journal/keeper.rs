//! The journal's thread: it owns the store, answers requests in their order, and tells what others have appended.
//! It must not know who asks, nor read a clock: it is given one.

use super::hint::{BLIND, Backoff, FLOOR, Watch};
use super::trouble::JournalTrouble;
use super::{After, Appended, BATCH, Journal, Read};
use crate::incident::entry::{Entry, Number};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// What is asked of the journal. Each is answered once, in order, but for the last four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Append to these streams, all or nothing; the ticket comes back with the answer.
    Append {
        /// Chosen by the one who asks.
        ticket: u64,
        /// What goes where.
        streams: Vec<After>,
    },
    /// At most `limit` entries of a stream after a place.
    ReadSince {
        /// The stream.
        number: Number,
        /// The place.
        head: u64,
        /// How many at most.
        limit: usize,
    },
    /// The last entries of a stream.
    ReadLast {
        /// The stream.
        number: Number,
        /// How many.
        count: usize,
    },
    /// The entries of a stream that are of these kinds.
    ReadKinds {
        /// The stream.
        number: Number,
        /// The kinds.
        kinds: Vec<&'static str>,
    },
    /// The entries of every stream that are of these kinds.
    ReadEach {
        /// The kinds.
        kinds: Vec<&'static str>,
    },
    /// Every stream and its last place.
    Heads,
    /// From now on, tell the entries of this stream after that place, as they come.
    Follow {
        /// The stream.
        number: Number,
        /// The last place that is known already.
        head: u64,
    },
    /// Tell of that stream no longer.
    Leave(Number),
    /// Perhaps somebody has appended: see [`super::hint::watch`].
    Wake,
    /// Close the journal and end.
    End,
}

/// What the journal answers, and what it tells unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is on disk. Here are the entries: only now may the screen show them.
    Appended {
        /// Of the request.
        ticket: u64,
        /// What was asked.
        streams: Vec<After>,
    },
    /// Nothing was appended: these entries were there first. Apply them and decide again.
    Moved {
        /// Of the request.
        ticket: u64,
        /// What was there first, stream by stream.
        newer: Vec<Entry>,
    },
    /// Nothing was acknowledged; here is what was asked, to be kept elsewhere.
    Failed {
        /// Of the request.
        ticket: u64,
        /// What was asked.
        streams: Vec<After>,
        /// Why.
        trouble: JournalTrouble,
    },
    /// The answer to [`Request::ReadSince`].
    Since {
        /// The stream.
        number: Number,
        /// The place that was named.
        head: u64,
        /// What was found.
        read: Read,
    },
    /// The answer to [`Request::ReadLast`].
    Last {
        /// The stream.
        number: Number,
        /// What was found.
        read: Read,
    },
    /// The answer to [`Request::ReadKinds`].
    Kinds {
        /// The stream.
        number: Number,
        /// What was found.
        read: Read,
    },
    /// The answer to [`Request::ReadEach`], by number.
    Each(Vec<(Number, Read)>),
    /// The answer to [`Request::Heads`]; also unasked, when a stream that is not followed has grown.
    Heads(Vec<(Number, u64)>),
    /// Others have appended to a stream that is followed. While `read.more`, the next batch follows at once.
    Changed {
        /// The stream.
        number: Number,
        /// What is new.
        read: Read,
    },
    /// Something could not be read. That the journal cannot be asked for changes is told once, until it can be again.
    Trouble {
        /// The stream that was asked for; none when it is the journal as a whole.
        number: Option<Number>,
        /// Why.
        trouble: JournalTrouble,
    },
}

/// Runs until [`Request::End`], or until nobody can ask any more, and returns the journal. `now` is a clock in µs that does not go
/// back. `watch` sends [`Request::Wake`]; without it the journal is asked every 200 ms.
pub fn keep(
    journal: Journal,
    watch: Option<Watch>,
    requests: &Receiver<Request>,
    now: impl Fn() -> i64,
    answer: impl FnMut(Answer),
) -> Journal {
    let floor = if watch.is_some() { FLOOR } else { BLIND };
    let mut backoff = Backoff::new(floor, now());
    let mut keeper = Keeper { journal, answer, followed: BTreeMap::new(), heads: None, version: None, ailing: false };
    loop {
        let wait = u64::try_from(backoff.due().saturating_sub(now())).unwrap_or(0);
        // what was asked goes before what others did
        match requests.recv_timeout(Duration::from_micros(wait)) {
            Ok(Request::End) | Err(RecvTimeoutError::Disconnected) => return keeper.journal,
            Ok(Request::Wake) => {
                if let Some(watch) = &watch {
                    watch.taken();
                }
                backoff.hinted(now());
            }
            Ok(request) => keeper.serve(request),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if backoff.due() <= now() {
            let changed = keeper.look();
            backoff.asked(now(), changed);
        }
    }
}

struct Keeper<A> {
    journal: Journal,
    answer: A,
    /// The streams to tell of, and the last place told; `None` after damage, when there is nothing more to tell.
    followed: BTreeMap<Number, Option<u64>>,
    heads: Option<Vec<(Number, u64)>>,
    version: Option<i64>,
    ailing: bool,
}

impl<A: FnMut(Answer)> Keeper<A> {
    fn serve(&mut self, request: Request) {
        let (number, read) = match request {
            Request::Append { ticket, streams } => return self.append(ticket, streams),
            Request::Follow { number, head } => {
                self.followed.insert(number, Some(head));
                if let Err(trouble) = self.tell(number) {
                    (self.answer)(Answer::Trouble { number: Some(number), trouble });
                }
                return;
            }
            Request::Leave(number) => {
                self.followed.remove(&number);
                return;
            }
            Request::Wake | Request::End => return,
            Request::ReadSince { number, head, limit } => {
                let read = self.journal.read_since(number, head, limit);
                (Some(number), read.map(|read| Answer::Since { number, head, read }))
            }
            Request::ReadLast { number, count } => {
                let read = self.journal.read_last(number, count);
                (Some(number), read.map(|read| Answer::Last { number, read }))
            }
            Request::ReadKinds { number, kinds } => {
                let read = self.journal.read_kinds(number, &kinds);
                (Some(number), read.map(|read| Answer::Kinds { number, read }))
            }
            Request::ReadEach { kinds } => (None, self.each(&kinds).map(Answer::Each)),
            Request::Heads => (None, self.journal.heads().map(Answer::Heads)),
        };
        (self.answer)(read.unwrap_or_else(|trouble| Answer::Trouble { number, trouble }));
    }

    fn each(&self, kinds: &[&str]) -> Result<Vec<(Number, Read)>, JournalTrouble> {
        let heads = self.journal.heads()?.into_iter();
        heads.map(|(number, _)| Ok((number, self.journal.read_kinds(number, kinds)?))).collect()
    }

    fn append(&mut self, ticket: u64, streams: Vec<After>) {
        match self.journal.append(&streams) {
            Ok(Appended::Done) => {
                for After { number, head, entries } in &streams {
                    self.known(*number, head.saturating_add(entries.len() as u64));
                }
                (self.answer)(Answer::Appended { ticket, streams });
            }
            Ok(Appended::Moved(newer)) => {
                for entry in &newer {
                    self.known(entry.incident, entry.seq);
                }
                (self.answer)(Answer::Moved { ticket, newer });
            }
            Err(trouble) => (self.answer)(Answer::Failed { ticket, streams, trouble }),
        }
    }

    /// The one who asks knows that stream up to there.
    fn known(&mut self, number: Number, head: u64) {
        if let Some(Some(told)) = self.followed.get_mut(&number) {
            *told = head.max(*told);
        }
        if let Some(heads) = &mut self.heads {
            match heads.binary_search_by_key(&number, |(number, _)| *number) {
                Ok(at) => {
                    if let Some((_, known)) = heads.get_mut(at) {
                        *known = head.max(*known);
                    }
                }
                Err(at) if head > 0 => heads.insert(at, (number, head)),
                Err(_) => {}
            }
        }
    }

    /// Asks whether others have appended and tells what; whether they have.
    fn look(&mut self) -> bool {
        let looked = self.changes();
        match looked {
            Ok(changed) => {
                self.ailing = false;
                changed
            }
            Err((number, trouble)) => {
                if !std::mem::replace(&mut self.ailing, true) {
                    (self.answer)(Answer::Trouble { number, trouble });
                }
                false
            }
        }
    }

    fn changes(&mut self) -> Result<bool, (Option<Number>, JournalTrouble)> {
        let whole = |trouble| (None, trouble);
        let version = self.journal.version().map_err(whole)?;
        if self.version == Some(version) {
            return Ok(false);
        }
        let heads = self.journal.heads().map_err(whole)?;
        for number in self.followed.keys().copied().collect::<Vec<_>>() {
            self.tell(number).map_err(|trouble| (Some(number), trouble))?;
        }
        // only now: what failed is tried again, although nothing has changed since
        self.version = Some(version);
        let Some(before) = self.heads.replace(heads.clone()) else {
            return Ok(false);
        };
        if heads.iter().any(|stream| !self.followed.contains_key(&stream.0) && !before.contains(stream)) {
            (self.answer)(Answer::Heads(heads));
        }
        Ok(true)
    }

    /// Tells what is new in a stream that is followed.
    fn tell(&mut self, number: Number) -> Result<(), JournalTrouble> {
        while let Some(Some(head)) = self.followed.get(&number).copied() {
            let read = self.journal.read_since(number, head, BATCH)?;
            let last = read.entries.last().map(|entry| entry.seq);
            let (more, damaged) = (read.more, read.damage.is_some());
            if damaged || last.is_some() {
                self.followed.insert(number, last.filter(|_| !damaged));
                (self.answer)(Answer::Changed { number, read });
            }
            if damaged || !more {
                break;
            }
        }
        Ok(())
    }
}
