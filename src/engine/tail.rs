//! One file, read as it grows: what is new, whole lines only, the last incomplete one kept for later. It must not know what questions are asked.
//!
//! * A last line without a break counts when the file has not grown between two polls and the line is a whole event. If more arrives on the same line afterwards,
//!   the event stays counted once; anything but white space is a bad line. Where the end of a line is all that shows that its last value is whole (CSV, a number in an access log), the file
//!   has to rest for some polls more: programs that buffer what they write stop in the middle of a value. The same rest ends the wait for a closing quote.
//! * A file whose first bytes changed was replaced and is read from its beginning. One that became shorter and begins as before was cut and is read on from its
//!   new end. What was read stays. (A file that is copied away and emptied is read twice if the copy has an event file's name in the same directory:
//!   point at the file then, not at the directory.)
//! * A packed file gives its text as far as its data go. Where they are broken, that is said until the file changes. A log that is packed after it was read (the
//!   plain file is gone, or has the same name without the ending) is known by how its text begins and read on where the plain one was left.
//! * A line above 1 MiB is skipped without being held.
//! * A file that was moved away or deleted is read on while it grows, and let go when it has rested for three polls: its writer may not have noticed yet.

use std::io;

use super::batch;
use super::csv::Header;
use super::form::Form;
use super::intake::{How, LONGEST_LINE, Sink, excerpt};
use super::parcel::Parcel;
use super::places::{self, Place};
use super::source::Source;
use super::store::Count;

/// For how many polls a file that is gone is still looked at.
const FAREWELL: u32 = 3;
/// For how many polls a file must rest before a last line counts that does not show that it is whole.
const STILL: u32 = 4;

/// A file that is followed.
#[derive(Debug)]
pub struct Tail {
    /// The file and its text.
    pub source: Source,
    /// What was read of it.
    pub count: Count,
    /// Why it cannot be read at present.
    pub trouble: Option<String>,
    /// It is no longer to be found under its directory or name.
    pub gone: bool,
    /// In which poll it last grew.
    pub grown: u64,
    form: Form,
    /// The header it had before it was cut or replaced.
    before: Option<Header>,
    carry: Vec<u8>,
    /// How much of the carried line is counted already.
    counted: usize,
    skipping: bool,
    /// Where it ended at the last poll.
    end: Option<u64>,
    seen: Option<(u64, (i64, i64))>,
    /// For how many polls it has been gone without growing.
    rested: u32,
    /// For how many polls it has not grown.
    still: u32,
}

/// What one step read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes.
    pub read: usize,
    /// Nothing is left for now.
    pub at_end: bool,
}

impl Tail {
    /// A file of which nothing was read.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            source: Source::new(place),
            count: Count::default(),
            trouble: None,
            gone: false,
            grown: 0,
            form: Form::default(),
            before: None,
            carry: Vec::new(),
            counted: 0,
            skipping: false,
            end: None,
            seen: None,
            rested: 0,
            still: 0,
        }
    }

    /// Whether its last line or its packed data are cut off, so far.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.carry.len() > self.counted || self.is_cut()
    }

    /// Whether its packed data end in the middle, so far.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.source.packed().is_some_and(Parcel::is_cut)
    }

    /// The columns of the same name in its header.
    pub fn twice(&self) -> impl Iterator<Item = (&str, [usize; 2])> {
        let header = if let Form::Csv(header, _) = &self.form { Some(header) } else { None };
        header.into_iter().flat_map(Header::twice)
    }

    /// When it was last written as it was last seen, µs UTC.
    #[must_use]
    pub fn written(&self) -> i64 {
        let (seconds, nanos) = self.seen.map_or((0, 0), |(_, written)| written);
        seconds.saturating_mul(1_000_000).saturating_add(nanos / 1_000)
    }

    /// Whether nothing was left to read when it was last looked at.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.gone && self.source.file.is_none()
            || self.source.is_taken() && self.seen.is_some_and(|(length, _)| length <= self.source.offset)
    }

    /// Whether the file is held open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.source.file.is_some()
    }

    /// Lets go of the file; it is opened again when needed, unless it is gone.
    pub fn close(&mut self) {
        self.source.file = None;
    }

    /// Looks whether it was cut or replaced since the last poll. `place` is where it is now; None if it is gone.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn look(&mut self, place: Option<&Place>, sink: &mut impl Sink) -> io::Result<()> {
        let Some(place) = place else {
            self.gone = true;
            return Ok(());
        };
        self.gone = false;
        self.source.path.clone_from(&place.path);
        if !place.id.is_known() {
            self.source.file = None;
        }
        let changed = self.seen != Some((place.length, place.written)) || place.length < self.source.offset;
        if changed && !self.source.head.is_empty() {
            let start = self.source.beginning()?;
            if !self.source.head.starts_with(&start) {
                self.restart(sink);
            } else if place.length < self.source.offset {
                self.cut(place.length, start.len(), sink);
            } else if self.source.packed().is_some_and(|p| p.sound().is_err()) {
                self.source.rewind();
                self.end = None;
            }
        }
        self.seen = Some((place.length, place.written));
        self.source.packed().map_or(Ok(()), Parcel::sound)
    }

    /// Where this packed file goes on if it is one of the others, packed: those that are gone, or have its name without the ending. Whether that is known yet; until then
    /// nothing is to be read.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn recognise(&mut self, others: &[&Self]) -> io::Result<bool> {
        let path = &self.source.path;
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let plain = Some(places::plain_name(name)).filter(|n| *n != name).map(|n| path.with_file_name(n));
        let is_kin = |t: &&&Self| t.gone || plain.as_ref().is_some_and(|p| p.as_os_str() == t.source.path.as_os_str());
        let candidates: Vec<&&Self> = others.iter().filter(|t| t.source.offset > 0).filter(is_kin).collect();
        if candidates.is_empty() {
            return Ok(true);
        }
        let Some((text, is_all)) = self.source.look_into()? else { return Ok(true) };
        let known = candidates.iter().find(|t| t.source.begins(&text));
        if let Some(other) = known {
            self.form = other.form.clone();
            self.before.clone_from(&other.before);
            self.source.go_on_from(&other.source);
        }
        let may_become = candidates.iter().any(|t| t.source.may_begin(&text));
        Ok(known.is_some() || is_all || self.still > 0 || !may_become)
    }

    /// Nothing is read at this poll. Always true: there is nothing more to do.
    pub fn wait(&mut self) -> bool {
        let length = self.seen.map(|(length, _)| length);
        self.still = if self.end == length { self.still.saturating_add(1) } else { 0 };
        self.end = length;
        true
    }

    /// Reads at most one block of what is new.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn step(&mut self, sink: &mut impl Sink, buffer: &mut Vec<u8>, most: usize) -> io::Result<Step> {
        let unchanged = self.source.is_taken() && self.seen.is_some_and(|(length, _)| length == self.source.offset);
        if (self.gone && self.source.file.is_none()) || (!self.gone && unchanged && self.carry.is_empty()) {
            self.stop(sink);
            return Ok(Step { read: 0, at_end: true });
        }
        buffer.clear();
        buffer.append(&mut self.carry);
        let carried = buffer.len();
        let rests = self.end == Some(self.source.offset);
        let read = self.source.more(buffer, most, rests);
        self.carry.extend(buffer.get(..carried).unwrap_or(&[]));
        let read = read?;
        if read == 0 {
            self.stop(sink);
            return Ok(Step { read, at_end: true });
        }
        self.carry.clear();
        self.take(buffer, carried, sink);
        Ok(Step { read, at_end: false })
    }

    /// Takes the whole lines of the buffer, whose first `carried` bytes were read before, and carries the rest.
    fn take(&mut self, buffer: &[u8], carried: usize, sink: &mut impl Sink) {
        let (mut text, mut carried) = (buffer, carried);
        if self.skipping {
            match text.iter().position(|b| *b == b'\n') {
                Some(end) => {
                    self.skipping = false;
                    text = text.get(end + 1..).unwrap_or(&[]);
                }
                None => return,
            }
        }
        if matches!(self.form, Form::Untold) {
            let told = self.tell(text, sink);
            text = text.get(told..).unwrap_or(&[]);
            carried = carried.saturating_sub(told);
        }
        let mut cut = self.form.cut(text, carried, false);
        let rest = text.get(cut.whole..).unwrap_or(&[]);
        if self.counted > 0 && cut.whole > 0 {
            let end = cut.take_first(text);
            let after = text.get(self.counted..end).unwrap_or(&[]);
            if after.iter().any(|b| !b.is_ascii_whitespace() && *b != 0) {
                self.count.bad += 1;
                let what = "an event and then more on the same line".to_owned();
                self.count.first_bad.get_or_insert((self.count.lines, what, excerpt(after)));
            }
            self.counted = 0;
        }
        if !cut.is_empty() {
            self.count.add(sink.read(cut.bytes(text), cut.how(&self.form)));
        }
        if rest.len() > LONGEST_LINE {
            self.count.add(Count { lines: u64::from(self.counted == 0), long: 1, ..Count::default() });
            self.counted = 0;
            self.skipping = true;
        } else {
            self.carry.extend_from_slice(rest);
        }
    }

    /// Looks for the first whole line that tells the form. Lines before it are bad, a header is taken. How many bytes that was.
    fn tell(&mut self, text: &[u8], sink: &mut impl Sink) -> usize {
        // an array may stand on one line that is longer than any other
        if batch::is_begun(text) {
            self.form = Form::Batch;
            return 0;
        }
        let mut start = 0;
        for line in text.split_inclusive(|b| *b == b'\n').take_while(|line| line.ends_with(b"\n")) {
            if line.len() <= LONGEST_LINE
                && let Some(form) = Form::told(line, self.before.as_ref())
            {
                let before = text.get(..start).filter(|b| !b.is_empty());
                self.count.add(before.map_or_else(Count::default, |b| sink.read(b, How::Untold)));
                if form.is_header(line) {
                    self.count.lines += 1;
                    start += line.len();
                }
                self.form = form;
                return start;
            }
            start += line.len();
        }
        0
    }

    /// The end was reached: counts the last line if it rests, or if nothing can follow.
    fn stop(&mut self, sink: &mut impl Sink) {
        let rests = self.end == Some(self.source.offset);
        self.end = Some(self.source.offset);
        self.rested = if self.gone && rests { self.rested.saturating_add(1) } else { 0 };
        self.still = if rests { self.still.saturating_add(1) } else { 0 };
        if self.gone && (self.source.file.is_none() || self.rested >= FAREWELL) {
            self.finish(sink);
            self.source.file = None;
        } else if rests && self.counted == 0 && !self.carry.is_empty() {
            self.count_last(sink);
        }
    }

    /// Counts a last line that has no break yet, if it is a whole event.
    fn count_last(&mut self, sink: &mut impl Sink) {
        if matches!(self.form, Form::Untold) {
            // a header may still go on
            let told = Form::told(&self.carry, self.before.as_ref());
            self.form = told.filter(|form| !form.is_header(&self.carry)).unwrap_or_default();
        }
        if self.still >= STILL {
            self.give_up_quote(sink);
        }
        let cut = self.form.clone().cut(&self.carry, 0, true);
        let how = cut.how(&self.form);
        let fits = || self.still >= STILL && self.form.fits(&self.carry);
        if sink.is_event(&self.carry, how) || fits() {
            self.count.add(sink.read(&self.carry, how));
            self.counted = self.carry.len();
        }
    }

    /// A record that still waits for its closing quote over whole lines was never meant to: its lines are taken.
    fn give_up_quote(&mut self, sink: &mut impl Sink) {
        let Some(end) = self.carry.iter().rposition(|b| *b == b'\n') else { return };
        let rest = self.carry.split_off(end + 1);
        let cut = self.form.cut(&self.carry, 0, true);
        self.count.add(sink.read(&self.carry, cut.how(&self.form)));
        self.carry = rest;
    }

    /// Nothing more will come on the carried line: it is an event or a bad line.
    fn finish(&mut self, sink: &mut impl Sink) {
        if self.counted == 0 && !self.carry.is_empty() {
            if matches!(self.form, Form::Untold) {
                self.form = Form::told(&self.carry, self.before.as_ref()).unwrap_or_default();
            }
            let cut = self.form.cut(&self.carry, 0, true);
            self.count.add(sink.read(&self.carry, cut.how(&self.form)));
        }
        self.carry.clear();
        self.counted = 0;
    }

    /// What follows is another text: its form is told again.
    fn forget(&mut self) {
        if let Form::Csv(header, _) = std::mem::take(&mut self.form) {
            self.before = Some(header);
        }
        self.source.forget();
    }

    fn restart(&mut self, sink: &mut impl Sink) {
        self.finish(sink);
        self.forget();
        self.source.offset = 0;
        self.source.head.clear();
        self.skipping = false;
        self.end = None;
        self.count.lines = 0;
        if !self.source.id.is_known() {
            self.source.file = None;
        }
    }

    /// Its end was cut off: what is left was read already.
    fn cut(&mut self, length: u64, head: usize, sink: &mut impl Sink) {
        if length > 0 && self.source.packed().is_some() {
            // its text is not shorter for that: it is being written again
            self.source.head.truncate(head);
            self.end = None;
            return self.source.rewind();
        }
        self.finish(sink);
        if length == 0 {
            self.forget();
        }
        self.source.offset = length;
        self.source.head.truncate(head);
        self.skipping = false;
        self.end = None;
    }
}
