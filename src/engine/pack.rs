//! gzip and zstd, told by their first bytes and unpacked as the bytes arrive. It must not know of files or of what the text says.
//!
//! Nothing is asked for that is not there yet: data that are cut off wait for more. Memory is bounded whatever the data claim: text is given in small portions, and
//! a zstd window above 128 MiB is refused.

use std::fmt;
use std::io::Read;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How much text is made at once, in bytes.
const PORTION: usize = 64 << 10;
/// No block of zstd is larger, in bytes.
const LONGEST_BLOCK: usize = 128 << 10;
/// A gzip header longer than this (in bytes) is none.
const LONGEST_HEAD: usize = 128 << 10;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// gzip, with one member or many
    Gzip,
    /// zstd, with one frame or many
    Zstd,
}

/// What the first bytes of a file tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is not packed.
    Plain,
    /// It is.
    Packed(Kind),
    /// They are too few to tell.
    Open,
}

/// Unpacks one file.
pub struct Unpacker {
    input: Vec<u8>,
    used: usize,
    state: State,
}

enum State {
    Gzip(Gzip),
    Zstd(Box<Zstd>),
}

/// Where in a gzip file.
enum Gzip {
    Head,
    Body(Box<(Decompress, Crc)>),
    Foot(Crc),
}

struct Zstd {
    decoder: FrameDecoder,
    at: Frame,
}

/// Where in a zstd file.
#[derive(Clone, Copy)]
enum Frame {
    Head,
    Skipped(usize),
    Blocks { is_checked: bool },
    Draining { is_checked: bool },
}

/// What one turn did.
enum Turn {
    /// Something.
    Went,
    /// Nothing: it wants more input.
    Hungry,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unpacker({} bytes waiting)", self.input.len() - self.used)
    }
}

/// What a file that begins with these bytes is; four are enough.
#[must_use]
pub fn told(start: &[u8]) -> Told {
    let begins = |magic: &[u8]| start.starts_with(magic) || magic.starts_with(start);
    let is_skippable = match start {
        [first, rest @ ..] => first & 0xf0 == 0x50 && (rest.starts_with(&SKIPPABLE) || SKIPPABLE.starts_with(rest)),
        [] => true,
    };
    let kind = if begins(&GZIP) {
        Kind::Gzip
    } else if begins(&ZSTD) || is_skippable {
        Kind::Zstd
    } else {
        return Told::Plain;
    };
    let enough = if kind == Kind::Gzip { GZIP.len() } else { ZSTD.len() };
    if start.len() < enough { Told::Open } else { Told::Packed(kind) }
}

const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What follows the first byte of a frame that holds no text.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

impl Unpacker {
    /// At the beginning of a file.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let state = match kind {
            Kind::Gzip => State::Gzip(Gzip::Head),
            Kind::Zstd => State::Zstd(Box::new(Zstd { decoder: FrameDecoder::new(), at: Frame::Head })),
        };
        Self { input: Vec::new(), used: 0, state }
    }

    /// Where the next bytes of the file are to be appended.
    pub fn input(&mut self) -> &mut Vec<u8> {
        self.input.drain(..self.used);
        self.used = 0;
        &mut self.input
    }

    /// Appends text to `out`: about `most` bytes, less only when the input is used up.
    ///
    /// # Errors
    /// What is wrong with the data. What was appended before is good.
    pub fn unpack(&mut self, out: &mut Vec<u8>, most: usize) -> Result<(), String> {
        let enough = out.len().saturating_add(most);
        while out.len() < enough {
            let input = self.input.get(self.used..).unwrap_or(&[]);
            let (turn, used) = match &mut self.state {
                State::Gzip(gzip) => gzip.turn(input, out)?,
                State::Zstd(zstd) => zstd.turn(input, out)?,
            };
            self.used += used;
            if matches!(turn, Turn::Hungry) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the data end here as they should: no member is open.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_between = match &self.state {
            State::Gzip(gzip) => matches!(gzip, Gzip::Head),
            State::Zstd(zstd) => matches!(zstd.at, Frame::Head),
        };
        is_between && self.used == self.input.len()
    }

    /// Nothing more is there for now: gives out what is held back because more could refer to it. Whether there is such text; then more input cannot be taken.
    pub fn close(&mut self) -> bool {
        let State::Zstd(zstd) = &mut self.state else { return false };
        if !matches!(zstd.at, Frame::Blocks { .. }) {
            return false;
        }
        // an empty last block and a checksum that is not looked at
        let ended = zstd.decoder.decode_blocks(&[1_u8, 0, 0, 0, 0, 0, 0][..], BlockDecodingStrategy::UptoBlocks(1));
        zstd.at = Frame::Draining { is_checked: false };
        self.input.clear();
        self.used = 0;
        ended.is_ok()
    }
}

impl Gzip {
    fn turn(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(Turn, usize), String> {
        match self {
            Self::Head => {
                let padding = input.iter().position(|b| *b != 0).unwrap_or(input.len());
                let head = input.get(padding..).unwrap_or(&[]);
                let Some(length) = gzip_head(head)? else { return Ok((Turn::Hungry, padding)) };
                *self = Self::Body(Box::new((Decompress::new(false), Crc::new())));
                Ok((Turn::Went, padding + length))
            }
            Self::Body(body) => {
                let (inflate, crc) = &mut **body;
                let (before_in, before_out, start) = (inflate.total_in(), inflate.total_out(), out.len());
                out.resize(start + PORTION, 0);
                let room = out.get_mut(start..).unwrap_or_default();
                let status = inflate.decompress(input, room, FlushDecompress::None);
                let used = usize::try_from(inflate.total_in() - before_in).unwrap_or(input.len());
                let made = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
                out.truncate(start + made);
                crc.update(out.get(start..).unwrap_or(&[]));
                match status.map_err(|_| "its gzip data are broken".to_owned())? {
                    Status::StreamEnd => {
                        *self = Self::Foot(std::mem::take(crc));
                        Ok((Turn::Went, used))
                    }
                    Status::Ok | Status::BufError if used == 0 && made == 0 => Ok((Turn::Hungry, 0)),
                    Status::Ok | Status::BufError => Ok((Turn::Went, used)),
                }
            }
            Self::Foot(crc) => {
                let Some((foot, _)) = input.split_first_chunk::<8>() else { return Ok((Turn::Hungry, 0)) };
                let expected = u64::from(crc.sum()) | u64::from(crc.amount()) << 32;
                if u64::from_le_bytes(*foot) != expected {
                    return Err("its gzip data are broken: the checksum differs".to_owned());
                }
                *self = Self::Head;
                Ok((Turn::Went, 8))
            }
        }
    }
}

/// How long the header of a member is (RFC 1952); None if it is not all there.
fn gzip_head(bytes: &[u8]) -> Result<Option<usize>, String> {
    if !(bytes.starts_with(&GZIP) || GZIP.starts_with(bytes)) || bytes.len() > LONGEST_HEAD && head_end(bytes).is_none()
    {
        return Err("its gzip data are broken: no header where one should begin".to_owned());
    }
    Ok(head_end(bytes))
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut end = 10;
    if flags & 4 != 0 {
        end += 2 + usize::from(u16::from_le_bytes([*bytes.get(10)?, *bytes.get(11)?]));
    }
    // a name and a comment end with a NUL
    for flag in [8, 16] {
        if flags & flag != 0 {
            end += bytes.get(end..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        end += 2;
    }
    (bytes.len() >= end).then_some(end)
}

impl Zstd {
    fn turn(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(Turn, usize), String> {
        let broken = |what: String| format!("its zstd data are broken: {what}");
        if self.decoder.can_collect() > 0 {
            let start = out.len();
            out.resize(start + PORTION, 0);
            let made = self.decoder.read(out.get_mut(start..).unwrap_or_default());
            out.truncate(start + made.as_ref().copied().unwrap_or(0));
            return made.map(|_| (Turn::Went, 0)).map_err(|e| broken(e.to_string()));
        }
        match self.at {
            Frame::Skipped(0) => {
                self.at = Frame::Head;
                Ok((Turn::Went, 0))
            }
            Frame::Skipped(left) => {
                let used = left.min(input.len());
                self.at = Frame::Skipped(left - used);
                Ok((if used == 0 { Turn::Hungry } else { Turn::Went }, used))
            }
            Frame::Head => {
                if told(input) == Told::Plain || (input.len() >= 4 && told(input) != Told::Packed(Kind::Zstd)) {
                    return Err(broken("no frame where one should begin".to_owned()));
                }
                if let [_, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = input {
                    let length = u32::from_le_bytes([*a, *b, *c, *d]);
                    self.at = Frame::Skipped(usize::try_from(length).map_err(|e| broken(e.to_string()))?);
                    return Ok((Turn::Went, 8));
                }
                let Some(length) = frame_head(input).filter(|_| input.starts_with(&ZSTD)) else {
                    return Ok((Turn::Hungry, 0));
                };
                let head = input.get(..length).unwrap_or(input);
                self.decoder.reset(head).map_err(|e| broken(e.to_string()))?;
                self.at = Frame::Blocks { is_checked: input.get(4).is_some_and(|d| d & 4 != 0) };
                Ok((Turn::Went, length))
            }
            Frame::Blocks { is_checked } => {
                let [a, b, c, ..] = input else { return Ok((Turn::Hungry, 0)) };
                let (is_last, is_run, size) =
                    (a & 1 == 1, a >> 1 & 3 == 1, u32::from_le_bytes([*a, *b, *c, 0]) as usize >> 3);
                if size > LONGEST_BLOCK {
                    return Err(broken(format!("a block of {size} bytes")));
                }
                let length = 3 + if is_run { 1 } else { size } + if is_last && is_checked { 4 } else { 0 };
                let Some(block) = input.get(..length) else { return Ok((Turn::Hungry, 0)) };
                self.decoder
                    .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|e| broken(e.to_string()))?;
                if is_last {
                    self.at = Frame::Draining { is_checked };
                }
                Ok((Turn::Went, length))
            }
            Frame::Draining { is_checked } => {
                if is_checked && self.decoder.get_checksum_from_data() != self.decoder.get_calculated_checksum() {
                    return Err(broken("the checksum differs".to_owned()));
                }
                // the window's memory is given back
                self.decoder = FrameDecoder::new();
                self.at = Frame::Head;
                Ok((Turn::Went, 0))
            }
        }
    }
}

/// How long the header of a frame is (RFC 8878); None if it is not all there.
fn frame_head(bytes: &[u8]) -> Option<usize> {
    let descriptor = *bytes.get(4)?;
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    let size = match descriptor >> 6 {
        0 => usize::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let length = 5 + usize::from(!is_single) + dictionary + size;
    (bytes.len() >= length).then_some(length)
}
