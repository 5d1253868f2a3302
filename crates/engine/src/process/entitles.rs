//! What an organisation is entitled to use, and how much of it is used.

use super::Process;
use crate::field::FieldDef;
use crate::value::Value;

/// How use is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counts {
    /// Each item that uses it.
    Items,
    /// Each person who is named.
    People,
    /// Both: an item or a person.
    Either,
    /// What the items say of themselves, such as their cores; at least one each.
    Size,
    /// As many at once as were found at most.
    Peak,
}

/// What a process says of its records as entitlements. (SAC-16)
#[derive(Clone, Copy, Debug)]
pub struct Entitles {
    /// What may be used, and by which metric: together they are one position.
    pub product: FieldDef,
    pub metric: FieldDef,
    /// How use is counted by each option of the metric.
    pub counts: &'static [(&'static str, Counts)],
    /// How much.
    pub quantity: FieldDef,
    /// The first and the last day on which it holds; none: always.
    pub from: FieldDef,
    pub until: FieldDef,
    /// The state in which it holds.
    pub holds_in: &'static str,
    /// The relation to what it is an upgrade of, which it stands for from then on.
    pub upgrades: &'static str,
    /// What is paid for it, in whole units of money.
    pub price: FieldDef,
    /// The people who use it, and how many did so at once.
    pub people: FieldDef,
    pub peak: FieldDef,
    /// The relation of an item to what it uses, and the fields of the item that say how large it is and where it works.
    pub used_by: &'static str,
    pub size: FieldDef,
    pub place: FieldDef,
    /// Where items work that are not counted.
    pub not_counted: FieldDef,
    /// Whether items that are over count (a policy); 0: they do not.
    pub counts_over: &'static str,
}

impl Process {
    pub(super) const fn check_entitles(&self) {
        let Some(entitles) = &self.entitles else { return };
        self.check_fields(&[entitles.product, entitles.metric, entitles.quantity, entitles.from, entitles.until]);
        self.check_fields(&[entitles.people, entitles.peak, entitles.not_counted, entitles.price]);
        assert!(self.has_relation(entitles.upgrades), "an upgrade follows an undeclared relation");
        assert!(self.has_policy(entitles.counts_over), "use is counted by an undeclared policy");
    }
}

/// One entitlement as a position reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entitlement {
    pub id: i64,
    pub quantity: i64,
    /// It holds on the day in question.
    pub holds: bool,
    /// What it is an upgrade of.
    pub upgrades: Option<i64>,
    /// Of how many people and uses at once it tells, whether it holds or not.
    pub people: Vec<i64>,
    pub peak: i64,
}

/// One item that uses something of a product, once, whatever it is linked with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub item: i64,
    /// It is retired or disposed of.
    pub over: bool,
    /// It works where use is not counted by any of the entitlements that it is linked with.
    pub apart: bool,
    pub size: i64,
}

/// How much of a product may be used and is used, by one metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub entitled: i64,
    pub used: i64,
    /// Of the items, those that are not counted: retired ones, and those that are excluded.
    pub not_counted: i64,
}

impl Position {
    /// What is left; below zero: what is missing.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.entitled.saturating_sub(self.used)
    }
}

/// Reckons a position: entitlement less consumption. An upgrade stands for as much as it upgrades, so that both do not
/// count; what has ended entitles to nothing, and what uses it goes on to use it. (SAM practice; vector L1)
#[must_use]
pub fn position(entitlements: &[Entitlement], used: &[Used], counts: Counts, counts_over: bool) -> Position {
    let holding = || entitlements.iter().filter(|each| each.holds);
    let upgraded =
        |id: i64| -> i64 { holding().filter(|each| each.upgrades == Some(id)).map(|each| each.quantity).sum() };
    let entitled = holding().map(|each| (each.quantity - upgraded(each.id)).max(0)).sum();
    let (counted, apart): (Vec<&Used>, Vec<&Used>) =
        used.iter().partition(|each| !each.apart && (counts_over || !each.over));
    let items = || i64::try_from(counted.len()).unwrap_or(i64::MAX);
    let people = || {
        let mut all: Vec<i64> = entitlements.iter().flat_map(|each| each.people.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        i64::try_from(all.len()).unwrap_or(i64::MAX)
    };
    let used = match counts {
        Counts::Items => items(),
        Counts::People => people(),
        Counts::Either => items().saturating_add(people()),
        Counts::Size => counted.iter().map(|each| each.size.max(1)).sum(),
        Counts::Peak => entitlements.iter().map(|each| each.peak).sum(),
    };
    let of_items = matches!(counts, Counts::Items | Counts::Either | Counts::Size);
    let not_counted = if of_items { i64::try_from(apart.len()).unwrap_or(i64::MAX) } else { 0 };
    Position { entitled, used, not_counted }
}

/// A product as it is known again: letters of either size and spaces around do not matter.
#[must_use]
pub fn product_key(value: &Value) -> String {
    value.as_text().unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(id: i64, quantity: i64) -> Entitlement {
        Entitlement { id, quantity, holds: true, ..Entitlement::default() }
    }

    fn installs(all: i64, retired: i64) -> Vec<Used> {
        (0..all).map(|item| Used { item, over: item < retired, size: 2, ..Used::default() }).collect()
    }

    #[test]
    fn vector_l1_retired_items_count_where_the_policy_says_so() {
        let (fifty, used) = ([bought(1, 30), bought(2, 20)], installs(53, 4));
        let out = position(&fifty, &used, Counts::Items, false);
        assert_eq!((out.used, out.left(), out.not_counted), (49, 1, 4));
        let within = position(&fifty, &used, Counts::Items, true);
        assert_eq!((within.used, within.left(), within.not_counted), (53, -3, 0));
    }

    #[test]
    fn an_upgrade_stands_for_what_it_upgrades_and_what_has_ended_for_nothing() {
        let upgrade = Entitlement { upgrades: Some(1), ..bought(2, 40) };
        assert_eq!(position(&[bought(1, 50), upgrade.clone()], &[], Counts::Items, false).entitled, 50);
        let more = Entitlement { quantity: 60, ..upgrade };
        assert_eq!(position(&[bought(1, 50), more], &[], Counts::Items, false).entitled, 60);
        let ended = Entitlement { holds: false, ..bought(3, 10) };
        assert_eq!(position(&[ended], &installs(2, 0), Counts::Items, false).left(), -2);
    }

    #[test]
    fn each_metric_counts_what_it_says() {
        let named = Entitlement { people: vec![7, 8], peak: 5, ..bought(1, 10) };
        let again = Entitlement { people: vec![8, 9], peak: 1, ..bought(2, 10) };
        let (both, used) = ([named, again], installs(3, 0));
        let by = |counts| position(&both, &used, counts, false).used;
        assert_eq!(
            [Counts::Items, Counts::People, Counts::Either, Counts::Size, Counts::Peak].map(by),
            [3, 3, 6, 6, 6]
        );
        let apart = [Used { item: 1, apart: true, ..Used::default() }];
        assert_eq!(position(&both, &apart, Counts::Items, true), Position { entitled: 20, used: 0, not_counted: 1 });
    }
}
