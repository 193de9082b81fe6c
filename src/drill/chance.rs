//! Chance that can be asked at any point: every draw is a function of the seed and of what is drawn, never of what was drawn before.
//! It must not know what is drawn with it.

/// The increment of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A short stream of draws that belongs to one key.
#[derive(Clone, Debug)]
pub struct Chance(u64);

/// What draws are for: the same moment drawn for two purposes gives unrelated draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// One request: keyed by its second and its place in that second.
    Request = 1,
    /// How many requests a minute has: keyed by the minute.
    Minute = 2,
    /// How they spread over its seconds: keyed by the second.
    Second = 3,
    /// When a host leaves the rotation.
    Out = 4,
    /// When a host is back.
    Back = 5,
    /// When a host holds what it was sent beside its build: keyed by which that is.
    Part = 6,
    /// How long a host lasts with what it cannot bear: keyed by which that is.
    Fault = 7,
}

impl Chance {
    /// The stream that belongs to this seed, purpose, moment and place.
    pub fn of(seed: u64, what: For, moment: i64, place: u64) -> Chance {
        let mut key = mix(seed ^ (what as u64).wrapping_mul(GOLDEN));
        key = mix(key ^ moment.cast_unsigned());
        Chance(mix(key ^ place))
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// The next number below `n`; 0 when `n` is 0. The bias is below `n` in 2³².
    pub fn below(&mut self, n: u32) -> u32 {
        let high = self.draw() >> 32;
        // a product of two 32-bit numbers, shifted down by 32 bits, fits
        ((high * u64::from(n)) >> 32) as u32
    }

    /// Whether something happens that happens so many times in a million.
    pub fn happens(&mut self, ppm: u32) -> bool {
        self.below(1_000_000) < ppm
    }
}

/// SplitMix64's finalizer: every bit of the input changes about half of the output's.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // the first outputs of the reference implementation for the state 1234567
        let mut chance = Chance(1_234_567);
        let drawn = [chance.draw(), chance.draw(), chance.draw()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_stay_below_and_reach_every_value() {
        let mut seen = [0u32; 7];
        for place in 0..7_000 {
            seen[Chance::of(1, For::Request, 5, place).below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|n| (850..1150).contains(n)), "{seen:?}");
        assert_eq!(Chance::of(1, For::Minute, 0, 0).below(0), 0);
    }

    #[test]
    fn another_purpose_moment_place_or_seed_is_another_draw() {
        let first = |seed, what, moment, place| Chance::of(seed, what, moment, place).draw();
        let here = first(1, For::Request, 5, 6);
        assert_eq!(here, first(1, For::Request, 5, 6));
        for other in [first(2, For::Request, 5, 6), first(1, For::Second, 5, 6), first(1, For::Request, 6, 5)] {
            assert_ne!(here, other);
        }
    }
}
