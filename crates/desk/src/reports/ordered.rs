//! Lists in the order of records, and the values that occur in them.

use std::collections::BTreeMap;

/// So many records are exchanged one by one.
const FEW: usize = 64;

/// Values that occur, each once and known by its place.
#[derive(Clone, Debug)]
pub struct Places<T> {
    all: Vec<T>,
    places: BTreeMap<T, u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T: Clone + Ord> Places<T> {
    /// The values, each at its place.
    #[must_use]
    pub fn all(&self) -> &[T] {
        &self.all
    }

    /// The place of a value, which it has from now on.
    pub fn of(&mut self, value: T) -> u32 {
        if let Some(place) = self.places.get(&value) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(value.clone());
        self.places.insert(value, place);
        place
    }
}

/// What stands beside records, in their order, and is walked with them.
pub struct Beside<'a, T, F> {
    rest: &'a [T],
    record: F,
}

impl<'a, T, F: Fn(&T) -> i64> Beside<'a, T, F> {
    /// Everything, in the order of records.
    pub fn new(all: &'a [T], record: F) -> Self {
        Self { rest: all, record }
    }

    /// What stands beside this record, which comes after those asked for before.
    pub fn of(&mut self, id: i64) -> &'a [T] {
        let before = self.rest.iter().take_while(|item| (self.record)(item) < id).count();
        let rest = &self.rest[before..];
        let own = rest.iter().take_while(|item| (self.record)(item) == id).count();
        let (own, rest) = rest.split_at(own);
        self.rest = rest;
        own
    }
}

/// Puts what is new of some records in the place of what was there of them; everything is in the order of records.
pub fn exchange<T>(all: &mut Vec<T>, ids: &[i64], news: Vec<T>, record: impl Fn(&T) -> i64) {
    if ids.len() > FEW {
        all.retain(|item| ids.binary_search(&record(item)).is_err());
        all.extend(news);
        all.sort_by_key(record);
        return;
    }
    let mut news = news.into_iter().peekable();
    for id in ids {
        let from = all.partition_point(|item| record(item) < *id);
        let many = all[from..].iter().take_while(|item| record(item) == *id).count();
        all.splice(from..from + many, std::iter::from_fn(|| news.next_if(|item| record(item) == *id)));
    }
}

#[cfg(test)]
mod tests {
    use super::exchange;

    #[test]
    fn one_by_one_or_all_at_once_the_same_is_exchanged() {
        let record = |item: &(i64, i64)| item.0;
        // Of every third record something is there, of every second something new.
        let was = |most: i64| (0..most).filter(|n| n % 3 == 0).map(|n| (n, 0)).collect::<Vec<_>>();
        let new = |most: i64| (0..most).filter(|n| n % 2 == 0).flat_map(|n| [(n, 1), (n, 2)]).collect::<Vec<_>>();
        for most in [0, 40, 400] {
            let ids: Vec<i64> = (0..most).filter(|n| n % 4 == 0).collect();
            let news: Vec<(i64, i64)> = new(most).into_iter().filter(|(n, _)| n % 4 == 0 && n % 8 != 0).collect();
            let mut expected: Vec<(i64, i64)> = was(most).into_iter().filter(|(n, _)| n % 4 != 0).collect();
            expected.extend(&news);
            expected.sort_by_key(record);
            let mut all = was(most);
            exchange(&mut all, &ids, news, record);
            assert_eq!(all, expected, "{most}");
        }
    }
}
