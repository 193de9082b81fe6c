//! What form a file has, told from its first lines and never from its name, and where its records end. It must not know of files or of what records say.
//!
//! Lines that tell nothing are bad lines until one does: a file that begins in the middle of a line is read from the next one on.

use super::access;
use super::batch;
use super::csv::{Cutter, Header, Piece};
use super::intake::{How, trimmed};

/// The form of a file, and what is known about it so far.
#[derive(Clone, Debug, Default)]
pub enum Form {
    /// No line told it yet.
    #[default]
    Untold,
    /// A JSON object on each line, of which each says by itself what it is.
    Json,
    /// JSON objects in arrays.
    Batch,
    /// Lines of an access log.
    Access,
    /// Records under a header.
    Csv(Header, Cutter),
}

/// Whole records at the start of a stretch.
#[derive(Debug, Default)]
pub struct Cut {
    start: usize,
    /// Where the last one ends.
    pub whole: usize,
    pieces: Vec<Piece>,
}

impl Form {
    /// The form that a line tells. `before` is the header of the same file before it was cut or replaced: its writer may go on without one.
    #[must_use]
    pub fn told(line: &[u8], before: Option<&Header>) -> Option<Self> {
        let bare = trimmed(line);
        // of two bytes each, an object begins with one brace and a zero
        if bare.starts_with(b"{") && bare.get(1) != Some(&0) {
            return Some(Self::Json);
        }
        if batch::is_begun(bare) {
            return Some(Self::Batch);
        }
        if bare.is_empty() {
            return None;
        }
        if access::read(bare).is_ok_and(|hit| hit.time.is_some()) {
            return Some(Self::Access);
        }
        let header = Header::told(line).or_else(|| before.filter(|h| h.fits(line)).cloned())?;
        let cutter = header.cutter();
        Some(Self::Csv(header, cutter))
    }

    /// Whether a line that may go on could be a whole event as it is.
    #[must_use]
    pub fn fits(&self, line: &[u8]) -> bool {
        match self {
            Self::Csv(header, _) => header.fits(line),
            Self::Access => access::read(trimmed(line)).is_ok_and(|hit| hit.time.is_some()),
            Self::Untold | Self::Json | Self::Batch => false,
        }
    }

    /// Whether a line is what told the form and nothing else.
    #[must_use]
    pub fn is_header(&self, line: &[u8]) -> bool {
        matches!(self, Self::Csv(header, _) if header.line == super::csv::bare(line))
    }

    /// The whole records at the start of `bytes`, whose first `carried` bytes were looked at before. If nothing more will come (`is_last`), all are whole.
    pub fn cut(&mut self, bytes: &[u8], carried: usize, is_last: bool) -> Cut {
        if let Self::Csv(_, cutter) = self {
            let pieces = cutter.cut(bytes, is_last);
            return Cut { start: 0, whole: pieces.last().map_or(0, |p| p.end), pieces };
        }
        if matches!(self, Self::Batch) {
            let (pieces, whole) = batch::cut(bytes, is_last);
            return Cut { start: 0, whole, pieces };
        }
        // no break is in what was carried
        let carried = carried.min(bytes.len());
        let search = bytes.get(carried..).unwrap_or(&[]);
        let whole = search.iter().rposition(|b| *b == b'\n').map_or(0, |at| carried + at + 1);
        Cut { start: 0, whole: if is_last { bytes.len() } else { whole }, pieces: Vec::new() }
    }
}

impl Cut {
    /// Takes out its first record and says where that ends.
    pub fn take_first(&mut self, bytes: &[u8]) -> usize {
        if self.pieces.is_empty() {
            let end = bytes.iter().take(self.whole).position(|b| *b == b'\n');
            self.start = end.map_or(self.whole, |at| at + 1);
            return self.start;
        }
        self.pieces.remove(0).end
    }

    /// Whether there is none left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.start >= self.whole
    }

    /// The bytes that its records lie in.
    #[must_use]
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.start..self.whole).unwrap_or(&[])
    }

    /// How its records are read.
    #[must_use]
    pub fn how<'f>(&'f self, form: &'f Form) -> How<'f> {
        match form {
            Form::Untold => How::Untold,
            Form::Json => How::Json,
            Form::Batch => How::Batch(&self.pieces),
            Form::Access => How::Access,
            Form::Csv(header, _) => How::Csv(header, &self.pieces),
        }
    }
}
