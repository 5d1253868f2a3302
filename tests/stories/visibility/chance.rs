//! Chance that repeats: the same seed makes the same world and the same questions.

/// A stream of numbers from a seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin on the same stream a few steps apart.
        let mut chance = Self(seed.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(chance.draw())
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % end.max(1) as u64).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn per_cent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of several, or none, so many times in a hundred.
    pub fn maybe<'a, T>(&mut self, times: usize, of: &'a [T]) -> Option<&'a T> {
        self.per_cent(times).then(|| self.pick(of))
    }

    /// A word of ten letters that nobody else has and that is spelled like no other.
    pub fn word(&mut self) -> String {
        let (soft, hard) = (b"aeiou", b"bdfghklmnprstvz");
        (0..5).flat_map(|_| [char::from(*self.pick(hard)), char::from(*self.pick(soft))]).collect()
    }
}
