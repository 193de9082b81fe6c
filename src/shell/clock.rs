//! The only clock, and the only source of chance. A drill's clock runs beside the real one.

use crate::incident::entry::Session;
use crate::incident::rehearsal;
use crate::incident::time::{Span, Time};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How far from now a moment may be and still be the present: longer than anybody waits for an answer.
const PRESENT: Span = Span::minutes(3);

/// The real time.
pub fn real() -> Time {
    Time(chrono::Utc::now().timestamp_micros())
}

/// Whether a moment is the present, give or take what an answer may be under way.
pub fn is_present(at: Time) -> bool {
    real().0.abs_diff(at.0) < PRESENT.0.unsigned_abs()
}

/// Microseconds that never go back, from an arbitrary beginning: for waiting only, never for recording.
pub fn steady() -> i64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX)
}

/// A name for this run of the program. The system's chance is asked; where there is none, time and process stand in for it.
pub fn session() -> Session {
    let mut bytes = [0_u8; 8];
    if getrandom::fill(&mut bytes).is_err() {
        let mixed = real().0.unsigned_abs() ^ (u64::from(std::process::id()) << 40);
        bytes = mixed.to_be_bytes();
    }
    // the journal keeps it as a signed number: the highest bit stays free
    Session(u64::from_be_bytes(bytes) >> 1)
}

/// What time it is for everybody on one journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    drill: Option<rehearsal::Clock>,
}

impl Clock {
    /// The world's clock, or a drill's.
    pub fn new(drill: Option<rehearsal::Clock>) -> Clock {
        Clock { drill }
    }
    /// Now.
    pub fn now(&self) -> Time {
        self.at(real())
    }
    /// What this clock shows at a real moment.
    pub fn at(&self, real: Time) -> Time {
        self.drill.map_or(real, |drill| drill.at(real))
    }
    /// How long to wait in the real world until this clock shows a moment; at most an hour.
    pub fn wait(&self, until: Time) -> Duration {
        let ahead = Span(until.0.saturating_sub(self.now().0).max(0));
        let speed = self.drill.map_or(1000, |drill| i64::from(drill.speed_milli.max(1)));
        let real = i128::from(ahead.0) * 1000 / i128::from(speed);
        Duration::from_micros(u64::try_from(real.min(3_600_000_000)).unwrap_or(0))
    }
}
