//! What of a record helps others.

use crate::field::FieldDef;
use crate::record::Record;

/// What of a record helps those who have one like it.
#[derive(Clone, Copy, Debug)]
pub struct Helps {
    /// The first of these that is filled is told.
    pub fields: &'static [FieldDef],
    /// Which records have something to tell.
    pub when: fn(&Record) -> bool,
}

impl Helps {
    /// Nothing of such records helps others.
    pub const NOTHING: Self = Self { fields: &[], when: |_| false };
    /// What these fields say, once the work has ended.
    #[must_use]
    pub const fn once_done(fields: &'static [FieldDef]) -> Self {
        Self { fields, when: |record| !record.state.phase.is_live() }
    }
}
