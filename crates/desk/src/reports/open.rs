//! Which records are open to whoever asks, and which of these are meant: asked of the present at every answer and never
//! kept.

use super::asked::Asked;
use crate::error::Result;
use mainstay_store::{Which, reports};

/// What decides whether grants open a record: its id, the place of its organisation, whether it is restricted.
pub type Door = (i64, u32, bool);

/// Which records are open to whoever asks.
pub struct Open {
    /// By the place of the organisation: whether grants open records of it, and restricted ones too.
    organisations: Vec<[bool; 2]>,
    /// Others that are visible, in order.
    more: Vec<i64>,
}

impl Open {
    /// Asks which of these records are open. `organisations` are those that their places stand for.
    ///
    /// # Errors
    /// The database's.
    pub fn to(
        asked: &mut Asked<'_, '_>,
        organisations: &[Option<i64>],
        doors: impl Iterator<Item = Door>,
    ) -> Result<Self> {
        let (scope, process) = (asked.scope().clone(), asked.process.key);
        let opened = [false, true].map(|restricted| scope.opened_by_grants(process, restricted));
        let of = |organisation: &Option<i64>| [0, 1].map(|n| opened[n].covers(organisation.as_ref()));
        let organisations: Vec<[bool; 2]> = organisations.iter().map(of).collect();
        let mut open = Self { organisations, more: Vec::new() };
        let hidden: Vec<i64> = doors.filter(|door| door.2 && !open.shows(*door)).map(|(record, ..)| record).collect();
        if !hidden.is_empty() {
            open.more = reports::visible_among(asked.session.conn, &scope, &hidden)?;
        }
        if opened[0] != Which::All {
            open.more.extend(reports::own(asked.session.conn, &scope, process)?);
            open.more.sort_unstable();
        }
        Ok(open)
    }

    /// Whether a record is.
    #[must_use]
    pub fn shows(&self, (record, organisation, restricted): Door) -> bool {
        let by_grant = self.organisations[organisation as usize][usize::from(restricted)];
        by_grant || (!self.more.is_empty() && self.more.binary_search(&record).is_ok())
    }
}

/// More combinations than this are looked at one by one.
const MOST_COMBINED: usize = 1 << 16;

/// What the condition of a question says of each combination of the values that it is about: there are few, and of many
/// records.
pub struct Wanted {
    /// Each value that the condition is about: where it stands, and how far the places before it reach.
    about: Vec<(usize, usize)>,
    /// What is known of each combination.
    known: Vec<Option<bool>>,
}

impl Wanted {
    /// By these values, each with where it stands among those of a record and how many occur.
    #[must_use]
    pub fn by(about: impl Iterator<Item = (usize, usize)>) -> Self {
        let (mut reach, mut places) = (1_usize, Vec::new());
        for (at, many) in about {
            places.push((at, reach));
            reach = reach.saturating_mul(many.max(1));
        }
        let known = if reach <= MOST_COMBINED { vec![None; reach] } else { Vec::new() };
        Self { about: places, known }
    }

    /// What `says` says of a record with these values; it depends on them alone.
    pub fn holds(&mut self, values: &[u32], says: impl FnOnce() -> bool) -> bool {
        if self.known.is_empty() {
            return says();
        }
        let place: usize = self.about.iter().map(|(at, reach)| values[*at] as usize * reach).sum();
        match self.known.get_mut(place) {
            Some(known) => *known.get_or_insert_with(says),
            None => says(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_combination_is_looked_at_once_unless_there_are_too_many() {
        let combinations = || (0..3_u32).flat_map(|a| (0..4_u32).map(move |b| [a, 9, b]));
        for (many, looks) in [(4, 12), (usize::MAX, 24)] {
            let (mut wanted, mut looked) = (Wanted::by([(0, 3), (2, many)].into_iter()), 0);
            for _ in 0..2 {
                for values in combinations() {
                    let says = || {
                        looked += 1;
                        values[0] + values[2] == 3
                    };
                    assert_eq!(wanted.holds(&values, says), values[0] + values[2] == 3, "{values:?}");
                }
            }
            assert_eq!(looked, looks, "{many}");
        }
    }
}
