//! The files under a path, followed as they grow: which are there, which is read next, when one is let go. It must not know what records say.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::intake::Sink;
use super::places::{self, ENDINGS, Identity, Listing, MOST_FILES, PACKED};
use super::question::{FileReading, Reading};
use super::source::BLOCK;
use super::tail::Tail;
use super::when;

/// How many files are held open, so that the end of a file that is moved away or deleted is still read.
const MOST_OPEN: usize = 64;

/// What one poll did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Events taken.
    pub events: u64,
    /// There is more to read at once.
    pub more: bool,
}

/// Files that are followed. What they hold goes to a [`Sink`], always the same one.
#[derive(Debug)]
pub struct Follow {
    root: PathBuf,
    tails: Vec<Tail>,
    pub(super) buffer: Vec<u8>,
    polls: u64,
    /// Which file is read first at the next poll, so that none waits behind a busy one.
    next: usize,
    behind: bool,
    troubles: Vec<String>,
}

impl Follow {
    /// The files under a path. Nothing is read yet.
    ///
    /// # Errors
    /// When the path cannot be looked at.
    pub fn open(root: &Path) -> io::Result<Self> {
        places::list(root)?;
        Ok(Self {
            root: root.to_owned(),
            tails: Vec::new(),
            buffer: Vec::new(),
            polls: 0,
            next: 0,
            behind: true,
            troubles: Vec::new(),
        })
    }

    /// Reads what is new, about `budget` bytes of it at most (at least one block of a file that has news), until the sink is full, and says whether there is more.
    pub fn poll<S: Sink>(&mut self, sink: &mut S, budget: u64, mut is_full: impl FnMut(&S) -> bool) -> Progress {
        self.polls += 1;
        self.troubles.clear();
        let before = self.events();
        match places::list(&self.root) {
            Ok(listing) => self.meet(&listing, sink),
            Err(e) => {
                let kept = format!(
                    "What was read from it stays: {before} events. Check the path; it is looked at again at every poll."
                );
                self.troubles.push(format!("{} cannot be looked at: {e}. {kept}", shown(&self.root)));
            }
        }
        let mut progress = Progress::default();
        let count = self.tails.len();
        let first = self.next;
        for turn in 0..count {
            let at = (first + turn) % count;
            let done = self.drain(at, budget, &mut progress, sink, &mut is_full);
            if !done && !progress.more {
                progress.more = true;
                self.next = (at + 1) % count;
            }
        }
        self.let_go();
        self.behind = progress.more;
        progress.events = self.events() - before;
        progress
    }

    /// How many events were taken.
    fn events(&self) -> u64 {
        self.tails.iter().map(|tail| tail.count.events).sum()
    }

    /// Finds each known file among those that are there, and takes new ones.
    fn meet(&mut self, listing: &Listing, sink: &mut impl Sink) {
        if listing.too_many {
            self.troubles.push(format!(
                "{} holds more than {MOST_FILES} event files. Only the first by name are read. Move old ones away.",
                shown(&self.root)
            ));
        }
        for (path, e) in &listing.failed {
            self.troubles.push(unreadable(path, e));
        }
        let by_id: BTreeMap<Identity, usize> = self
            .tails
            .iter()
            .enumerate()
            .filter(|(_, t)| t.source.id.is_known())
            .map(|(at, t)| (t.source.id, at))
            .collect();
        let by_path: BTreeMap<PathBuf, usize> = self
            .tails
            .iter()
            .enumerate()
            .filter(|(_, t)| !t.source.id.is_known())
            .map(|(at, t)| (t.source.path.clone(), at))
            .collect();
        let mut found = vec![None; self.tails.len()];
        for place in &listing.places {
            let known = by_id.get(&place.id).or_else(|| by_path.get(&place.path));
            match known.and_then(|at| found.get_mut(*at)) {
                Some(slot) => *slot = Some(place),
                None => {
                    self.tails.push(Tail::new(place));
                    found.push(Some(place));
                }
            }
        }
        for (tail, place) in self.tails.iter_mut().zip(found) {
            tail.trouble = tail.look(place, sink).err().map(|e| unreadable(&tail.source.path, &e));
        }
    }

    /// Reads one file until its end, the budget's or a limit. Whether the end was reached.
    fn drain<S: Sink>(
        &mut self,
        at: usize,
        budget: u64,
        progress: &mut Progress,
        sink: &mut S,
        is_full: &mut impl FnMut(&S) -> bool,
    ) -> bool {
        let Some((before, [tail, after @ ..])) = self.tails.split_at_mut_checked(at) else { return true };
        if tail.source.is_new() {
            let others: Vec<&Tail> = before.iter().chain(after.iter()).collect();
            match tail.recognise(&others) {
                Ok(true) => {}
                Ok(false) => return tail.wait(),
                Err(e) => tail.trouble = Some(unreadable(&tail.source.path, &e)),
            }
        }
        loop {
            if tail.trouble.is_some() {
                return true;
            }
            if is_full(sink) || (progress.bytes > 0 && progress.bytes >= budget) {
                return tail.is_drained();
            }
            let most = usize::try_from(budget.saturating_sub(progress.bytes)).unwrap_or(BLOCK);
            match tail.step(sink, &mut self.buffer, most) {
                Ok(step) => {
                    progress.bytes += step.read as u64;
                    if step.read > 0 {
                        tail.grown = self.polls;
                    }
                    if step.at_end {
                        return true;
                    }
                }
                Err(e) => tail.trouble = Some(unreadable(&tail.source.path, &e)),
            }
        }
    }

    /// Closes the files that grew longest ago, above the number that may stay open.
    fn let_go(&mut self) {
        let mut open: Vec<&mut Tail> = self.tails.iter_mut().filter(|t| t.is_open()).collect();
        open.sort_by_key(|t| std::cmp::Reverse(t.grown));
        open.into_iter().skip(MOST_OPEN).for_each(Tail::close);
    }

    /// The columns of the same name in headers.
    pub fn twice(&self) -> impl Iterator<Item = (&str, [usize; 2])> {
        self.tails.iter().flat_map(Tail::twice)
    }

    /// How reading went so far.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let mut reading = Reading { behind: self.behind, troubles: self.troubles.clone(), ..Reading::default() };
        for tail in &self.tails {
            let count = &tail.count;
            reading.events += count.events;
            reading.bad_lines += count.bad;
            reading.untimed += count.untimed;
            reading.long_lines += count.long;
            reading.odd_rates += count.odd_rates;
            reading.dropped += count.dropped;
            reading.troubles.extend(tail.trouble.clone());
            if reading.first_bad.is_none() {
                reading.first_bad = match (&count.first_bad, &count.first_untimed) {
                    (Some((line, what, text)), _) => {
                        Some(format!("{} line {line}: {what}: {text}", shown(&tail.source.path)))
                    }
                    (None, Some((line, text))) => Some(format!(
                        "{} line {line}: no readable time under {}; {}: {text}",
                        shown(&tail.source.path),
                        when::NAMES.join(", "),
                        when::WANTED
                    )),
                    (None, None) => None,
                };
            }
            reading.files.push(FileReading {
                path: tail.source.path.clone(),
                events: count.events,
                unread: count.bad + count.untimed + count.long,
                newest: count.newest,
                gone: tail.gone,
                unfinished: tail.unfinished(),
                cut: tail.is_cut(),
                written: tail.written(),
            });
        }
        if reading.files.is_empty() && reading.troubles.is_empty() && self.polls > 0 {
            let place = shown(&self.root);
            reading.troubles.push(format!(
                "{place} holds no event file. No event is known. Event files end in .{}; .{} may follow.",
                ENDINGS.join(", ."),
                PACKED.join(" or .")
            ));
        }
        reading
    }
}

fn unreadable(path: &Path, e: &io::Error) -> String {
    let file = shown(path);
    if e.kind() == io::ErrorKind::InvalidData {
        return format!(
            "{file} cannot be unpacked: {e}. Events read from it before stay, those behind are missing. Write it again; it is looked at again when it changes."
        );
    }
    format!(
        "{file} cannot be read: {e}. Events read from it before stay, new ones are missing. Check its permissions; it is tried again at every poll."
    )
}

/// A path for people, without what would act on a terminal.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if crate::query::filter::hidden(c) { '·' } else { c }).collect()
}
