//! The text of a packed file that is followed: given piece by piece, begun again where that is needed, and never given twice.
//! It must not know what the text says, nor where its bytes come from.

use std::io::{self, Read};

use super::pack::{Kind, Unpacker};

/// How much of the file is read at once, in bytes.
const SIP: usize = 64 << 10;
/// Above so much text (in bytes), a growing file is read to what its end holds back only when it rests, because it has to be begun again then.
const CHEAP: u64 = 64 << 20;

/// A packed file.
#[derive(Debug)]
pub struct Parcel {
    kind: Kind,
    unpacker: Unpacker,
    /// How much text was given or counted elsewhere, in bytes.
    given: u64,
    /// How much of it comes again before there is something new.
    again: u64,
    /// It was read as if it ended; more input means to begin again.
    closed: bool,
    /// What is wrong with it.
    broken: Option<String>,
    idle: bool,
}

/// What comes next.
pub enum Next {
    /// So much work was done, in bytes of text; some of it may have been appended.
    Text(usize),
    /// Nothing for now.
    Nothing,
    /// Read the file from its start.
    Rewind,
}

impl Parcel {
    /// At the beginning of a file, the first `given` bytes of whose text are known already.
    #[must_use]
    pub fn new(kind: Kind, given: u64) -> Self {
        let unpacker = Unpacker::new(kind);
        Self { kind, unpacker, given, again: given, closed: false, broken: None, idle: false }
    }

    /// Begins again, without giving again what was given.
    pub fn rewind(&mut self) {
        *self = Self::new(self.kind, self.given);
    }

    /// Whether nothing is left to give while the file stays as it is.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.idle
    }

    /// Whether its data end in the middle.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.closed || self.idle && !self.unpacker.is_whole()
    }

    /// What is wrong with its data, as an error that names no file.
    ///
    /// # Errors
    /// If something is.
    pub fn sound(&self) -> io::Result<()> {
        let broken = |what: &String| Err(io::Error::new(io::ErrorKind::InvalidData, what.clone()));
        self.broken.as_ref().map_or(Ok(()), broken)
    }

    /// Appends what comes next to `out`, about `most` bytes. `source` appends the next bytes of the file, at most as many as asked for; `rests` says whether the file has
    /// not grown lately.
    ///
    /// # Errors
    /// When the file cannot be read or its data are broken.
    pub fn more(
        &mut self,
        mut source: impl FnMut(&mut Vec<u8>, usize) -> io::Result<usize>,
        out: &mut Vec<u8>,
        most: usize,
        rests: bool,
    ) -> io::Result<Next> {
        self.idle = false;
        loop {
            self.sound()?;
            let start = out.len();
            self.broken = self.unpacker.unpack(out, most).err();
            let made = out.len() - start;
            if made > 0 {
                let known = usize::try_from(self.again).unwrap_or(usize::MAX).min(made);
                out.drain(start..start + known);
                self.again -= known as u64;
                self.given += (made - known) as u64;
                return Ok(Next::Text(made));
            }
            self.sound()?;
            let read = source(self.unpacker.input(), SIP)?;
            if read > 0 && self.closed {
                return Ok(Next::Rewind);
            }
            if read == 0 {
                if !self.closed && (self.given < CHEAP || rests) && self.unpacker.close() {
                    self.closed = true;
                    continue;
                }
                self.idle = self.closed || self.kind == Kind::Gzip || rests || self.unpacker.is_whole();
                return Ok(Next::Nothing);
            }
        }
    }
}

/// The first `most` bytes of a text, and whether that is all of it.
///
/// # Errors
/// When the file cannot be read. Where its data are broken the text ends.
pub fn opening(kind: Kind, source: impl Read, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut source = source.take(1 << 20);
    let mut parcel = Parcel::new(kind, 0);
    let mut text = Vec::new();
    while text.len() < most {
        let read = |input: &mut Vec<u8>, most: usize| (&mut source).take(most as u64).read_to_end(input);
        match parcel.more(read, &mut text, most, true) {
            Ok(Next::Text(_)) => {}
            Ok(Next::Nothing | Next::Rewind) => break,
            Err(e) if e.kind() == io::ErrorKind::InvalidData => return Ok((text, true)),
            Err(e) => return Err(e),
        }
    }
    let is_all = text.len() < most && !parcel.is_cut();
    text.truncate(most);
    Ok((text, is_all))
}
