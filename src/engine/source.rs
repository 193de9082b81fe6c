//! The bytes of one file and the text in them: where reading stands, how the file began, whether it is packed. It must not know of lines or events.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::pack::{self, Told};
use super::parcel::{self, Next, Parcel};
use super::places::{Identity, Place};

/// How much is read at once, in bytes.
pub const BLOCK: usize = 1 << 20;
/// How many of a file's first bytes are remembered to notice that it was replaced.
const HEAD: usize = 256;
/// How much of a text's beginning is remembered to know it again when it was packed, in bytes.
const OPENING: usize = 4096;

/// A file and its text.
#[derive(Debug)]
pub struct Source {
    /// Where it was last seen.
    pub path: PathBuf,
    /// What it is.
    pub id: Identity,
    /// Up to where it was read.
    pub offset: u64,
    /// Its first bytes.
    pub head: Vec<u8>,
    /// The open file.
    pub file: Option<File>,
    /// None until its first bytes told whether it is packed.
    parcel: Option<Option<Parcel>>,
    /// How its text begins.
    opening: Vec<u8>,
    /// How long its text is so far.
    text: u64,
}

impl Source {
    /// A file of which nothing was read.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            path: place.path.clone(),
            id: place.id,
            offset: 0,
            head: Vec::new(),
            file: None,
            parcel: None,
            opening: Vec::new(),
            text: 0,
        }
    }

    /// Another text will follow.
    pub fn forget(&mut self) {
        self.parcel = None;
        self.opening.clear();
        self.text = 0;
    }

    /// Whether nothing was read of it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.offset == 0 && self.parcel.is_none()
    }

    /// How its text begins if it is packed, and whether that is all of it.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn look_into(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        match self.told()? {
            Told::Plain => Ok(None),
            Told::Open => Ok(Some((Vec::new(), false))),
            Told::Packed(kind) => {
                let file = self.open()?;
                file.seek(SeekFrom::Start(0))?;
                parcel::opening(kind, file, OPENING).map(Some)
            }
        }
    }

    /// Whether another text is this one, as far as both are known.
    #[must_use]
    pub fn begins(&self, other: &[u8]) -> bool {
        !self.opening.is_empty() && other.starts_with(&self.opening)
    }

    /// Whether another text could turn out to be this one when more of it is known.
    #[must_use]
    pub fn may_begin(&self, other: &[u8]) -> bool {
        other.len() < self.opening.len() && self.opening.starts_with(other)
    }

    /// This packed file's text is known as far as the other's was read.
    pub fn go_on_from(&mut self, other: &Self) {
        if let Ok(Told::Packed(kind)) = self.told() {
            self.parcel = Some(Some(Parcel::new(kind, other.text)));
            self.opening.clone_from(&other.opening);
            self.text = other.text;
        }
    }

    /// What its first bytes tell.
    fn told(&mut self) -> io::Result<Told> {
        let mut start = Vec::with_capacity(4);
        let file = self.open()?;
        file.seek(SeekFrom::Start(0))?;
        file.take(4).read_to_end(&mut start)?;
        Ok(pack::told(&start))
    }

    /// What is known of it if it is packed.
    #[must_use]
    pub fn packed(&self) -> Option<&Parcel> {
        self.parcel.as_ref().and_then(Option::as_ref)
    }

    /// Whether all that was there is taken.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.packed().is_none_or(Parcel::is_idle)
    }

    /// Appends the text that comes next to the buffer. How much work that was, in bytes. `rests` says that the file has not grown lately.
    ///
    /// # Errors
    /// When the file cannot be opened or read, or its packed data are broken.
    pub fn more(&mut self, buffer: &mut Vec<u8>, most: usize, rests: bool) -> io::Result<usize> {
        let most = most.clamp(1, BLOCK);
        if self.parcel.is_none() {
            self.parcel = match self.told()? {
                Told::Plain => Some(None),
                Told::Packed(kind) => Some(Some(Parcel::new(kind, 0))),
                Told::Open => return Ok(0),
            };
        }
        let start = buffer.len();
        let work = match self.parcel.take() {
            Some(Some(mut parcel)) => {
                let unpacked = self.unpack(&mut parcel, buffer, most, rests);
                self.parcel = Some(Some(parcel));
                unpacked?
            }
            plain => {
                self.parcel = plain;
                self.raw(buffer, most)?
            }
        };
        if self.opening.len() < OPENING && self.text == self.opening.len() as u64 {
            self.opening.extend(buffer.iter().skip(start).take(OPENING - self.opening.len()));
        }
        self.text += (buffer.len() - start) as u64;
        Ok(work)
    }

    fn unpack(&mut self, parcel: &mut Parcel, buffer: &mut Vec<u8>, most: usize, rests: bool) -> io::Result<usize> {
        loop {
            match parcel.more(|input, most| self.raw(input, most), buffer, most, rests)? {
                Next::Text(work) => return Ok(work),
                Next::Nothing => return Ok(0),
                Next::Rewind => {
                    self.offset = 0;
                    parcel.rewind();
                }
            }
        }
    }

    /// Appends what comes next in the file.
    fn raw(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
        let offset = self.offset;
        let file = self.open()?;
        file.seek(SeekFrom::Start(offset))?;
        let read = file.take(most as u64).read_to_end(buffer)?;
        if self.head.len() < HEAD && offset == self.head.len() as u64 {
            let start = buffer.len() - read;
            self.head.extend(buffer.iter().skip(start).take(HEAD - self.head.len()));
        }
        self.offset = offset.saturating_add(read as u64);
        Ok(read)
    }

    /// Begins a packed file again, without taking again what was taken.
    pub fn rewind(&mut self) {
        self.offset = 0;
        if let Some(Some(parcel)) = &mut self.parcel {
            parcel.rewind();
        }
    }

    /// Its first bytes now, as many as are remembered.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn beginning(&mut self) -> io::Result<Vec<u8>> {
        let mut start = Vec::with_capacity(HEAD);
        let length = self.head.len() as u64;
        let file = self.open()?;
        file.seek(SeekFrom::Start(0))?;
        file.take(length).read_to_end(&mut start)?;
        Ok(start)
    }

    fn open(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = File::open(&self.path)?;
                let metadata = file.metadata()?;
                if self.id.is_known() && !self.id.same(Identity::of(&metadata)) {
                    return Err(io::Error::new(io::ErrorKind::NotFound, "another file took its name"));
                }
                file
            }
        };
        Ok(self.file.insert(file))
    }
}
