//! How large the parts of a drawing are, on a desk and on a phone.

/// Sizes in pixels, and how many boxes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Width and height of a box.
    pub size: (i32, i32),
    /// Room for the words of the lanes.
    pub left: i32,
    /// Around everything.
    pub edge: i32,
    /// Between two boxes side by side, two rows of one lane, two lanes.
    pub beside: i32,
    pub between_rows: i32,
    pub between_lanes: i32,
    /// Boxes side by side.
    pub of_row: usize,
    /// Boxes of one lane; the rest is a number.
    pub of_lane: usize,
    /// How far a line that leads no way up swings out.
    pub swing: i32,
}

impl Measure {
    /// A desk, and paper.
    pub const WIDE: Self = Self {
        size: (168, 52),
        left: 84,
        edge: 18,
        beside: 20,
        between_rows: 26,
        between_lanes: 62,
        of_row: 4,
        of_lane: 24,
        swing: 44,
    };
    /// A phone: as wide as its window, without icons and the words of lanes.
    pub const NARROW: Self = Self {
        size: (110, 50),
        left: 6,
        edge: 14,
        beside: 10,
        between_rows: 18,
        between_lanes: 39,
        of_row: 3,
        of_lane: 9,
        swing: 14,
    };
}

impl Default for Measure {
    fn default() -> Self {
        Self::WIDE
    }
}
