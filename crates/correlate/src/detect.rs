//! Which groups are worth a look for a common cause: those that come all at once, and those that keep coming back.

use crate::cluster::{Cluster, clusters};
use crate::{DAY_MS, Item};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer records are no reason to look for a cause that they share.
pub const LEAST: usize = 3;
/// A burst lasts so many days at most.
const BURST_DAYS: i64 = 7;
/// So many records in that time are a burst, or so many urgent ones.
const BURST: usize = 5;
const URGENT: usize = LEAST;
/// A burst is what its own past would bring less often than once in a thousand times.
const BY_CHANCE: f64 = 0.001;
/// Where nothing ever came, so many are expected in the days of a burst.
const LEAST_EXPECTED: f64 = 0.1;
/// What keeps coming back comes on so many days at least, and longer than a burst.
const RETURNS: usize = LEAST;

/// Why records are proposed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Records that read alike, more than usual in a few days.
    Burst,
    /// Records that read alike, again and again.
    Recurrence,
    /// More than usual for one service in a few days.
    Service,
    /// More than usual in one category in a few days.
    Category,
}

/// Records that may have one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub why: Why,
    /// Their ids, the oldest first.
    pub members: Vec<i64>,
}

/// The records among some of the past that may have one cause, those of a burst first, larger ones before smaller ones.
/// None of two proposals shares half of the smaller one.
#[must_use]
pub fn candidates(items: &[Item], now: i64) -> Vec<Found> {
    let mut items: Vec<Item> = items.iter().filter(|item| item.opened <= now).cloned().collect();
    items.sort_by_key(|item| (item.opened, item.id));
    let groups = clusters(&items);
    let look = Look { items: &items, now };
    let mut all: Vec<(Why, Vec<usize>)> = Vec::new();
    for group in &groups {
        if let Some(members) = look.burst(&group.members) {
            all.push((Why::Burst, members));
        } else if let Some(members) = look.recurrence(group) {
            all.push((Why::Recurrence, members));
        }
    }
    for why in [Why::Service, Why::Category] {
        let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (place, item) in items.iter().enumerate() {
            if let Some(id) = if why == Why::Service { item.service } else { item.category } {
                groups.entry(id).or_default().push(place);
            }
        }
        all.extend(groups.values().filter_map(|members| Some((why, look.burst(members)?))));
    }
    all.sort_by(|(one, a), (other, b)| one.cmp(other).then(b.len().cmp(&a.len())).then_with(|| a.cmp(b)));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for (why, members) in all {
        let known = members.iter().filter(|place| taken.contains(place)).count();
        if known * 2 < members.len() {
            taken.extend(&members);
            found.push(Found { why, members: members.into_iter().map(|place| items[place].id).collect() });
        }
    }
    found
}

/// Records at an instant, in the order of time.
struct Look<'a> {
    items: &'a [Item],
    now: i64,
}

impl Look<'_> {
    /// Those of the last days, where they are enough and more than their own past explains.
    fn burst(&self, members: &[usize]) -> Option<Vec<usize>> {
        let since = self.now - BURST_DAYS * DAY_MS;
        let (late, past): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|place| self.items[**place].opened > since);
        let urgent = late.iter().filter(|place| self.items[**place].urgent).count();
        if late.len() < BURST && urgent < URGENT {
            return None;
        }
        let enough = |count: usize, before: usize| poisson_tail(count, self.expected(before, since)) < BY_CHANCE;
        let urgent_past = past.iter().filter(|place| self.items[**place].urgent).count();
        let burst = late.len() >= BURST && enough(late.len(), past.len());
        (burst || urgent >= URGENT && enough(urgent, urgent_past)).then_some(late)
    }

    /// How many the days of a burst would bring if they were like those before.
    fn expected(&self, before: usize, since: i64) -> f64 {
        let first = self.items.first().map_or(since, |item| item.opened);
        let days = u32::try_from((since - first) / DAY_MS).unwrap_or_default().max(7);
        let rate = f64::from(u32::try_from(before).unwrap_or(u32::MAX)) / f64::from(days);
        (rate * 7.0).max(LEAST_EXPECTED)
    }

    /// Those that came on days of their own, longer than a burst lasts, about the same thing.
    fn recurrence(&self, group: &Cluster) -> Option<Vec<usize>> {
        let first = &self.items[group.leader];
        let alike = |place: &&usize| {
            let other = &self.items[**place];
            let same = |one: Option<i64>, other: Option<i64>| one.is_some() && one == other;
            same(first.service, other.service) || same(first.category, other.category) || same(first.fix, other.fix)
        };
        let members: Vec<usize> = group.members.iter().filter(alike).copied().collect();
        let days: BTreeSet<i64> = members.iter().map(|place| self.items[*place].opened.div_euclid(DAY_MS)).collect();
        let span = days.last().zip(days.first()).map_or(0, |(last, first)| last - first);
        (days.len() >= RETURNS && span > BURST_DAYS).then_some(members)
    }
}

/// Beyond it the likeliest count is so unlikely by itself that no number of the machine holds the first one.
const MOST_EXPECTED: f64 = 700.0;

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// As [`poisson_tail`] where much is expected: by logarithms, from the count on. What is usual is not looked at closely.
fn far_tail(count: usize, expected: f64) -> f64 {
    if real(count) <= expected {
        return 1.0;
    }
    let first: f64 = (1..=count).map(|k| (expected / real(k)).ln()).sum::<f64>() - expected;
    let (mut term, mut sum, mut k) = (first.exp(), 0.0, count);
    while term > 1e-300 && term > sum * 1e-12 {
        sum += term;
        k += 1;
        term *= expected / real(k);
    }
    sum.min(1.0)
}

/// How likely it is that at least `count` come where `expected` are.
#[must_use]
pub fn poisson_tail(count: usize, expected: f64) -> f64 {
    if expected > MOST_EXPECTED {
        return far_tail(count, expected);
    }
    let mut term = (-expected).exp();
    let mut below = 0.0;
    for k in 1..=count {
        below += term;
        term *= expected / f64::from(u32::try_from(k).unwrap_or(u32::MAX));
    }
    // Summed from the far side where what is left would drown in rounding.
    if below > 0.999 {
        let (mut sum, mut k) = (0.0, count);
        while term > 1e-300 && k < count + 1_000 {
            sum += term;
            k += 1;
            term *= expected / f64::from(u32::try_from(k).unwrap_or(u32::MAX));
        }
        return sum;
    }
    (1.0 - below).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 400 * DAY_MS;

    #[test]
    fn what_is_unusual_is_so_where_much_comes_in_too() {
        assert!(poisson_tail(10_000, 800.0) < 1e-6);
        assert!(poisson_tail(801, 800.0) > 0.4);
        assert!((poisson_tail(790, 700.0) - poisson_tail(790, 700.1)).abs() < 1e-4, "both ways meet");
    }

    fn item(id: i64, days_ago: i64, text: &str, service: i64) -> Item {
        Item { id, opened: NOW - days_ago * DAY_MS - id, text: text.into(), service: Some(service), ..Item::default() }
    }

    const WORDS: [&str; 6] = ["Mail is slow", "No tone on phone", "Lamp broke", "Chair squeaks", "Door jams", "Noise"];

    #[test]
    fn the_tail_is_that_of_the_tables() {
        for (count, expected, says) in [(0, 2.0, 1.0), (1, 2.0, 0.864_665), (5, 2.0, 0.052_653), (3, 0.1, 0.000_155)] {
            assert!((poisson_tail(count, expected) - says).abs() < 1e-6, "{count} of {expected}");
        }
        assert!(poisson_tail(50, 1.0) < 1e-60 && poisson_tail(50, 1.0) > 0.0);
    }

    #[test]
    fn five_of_one_service_in_a_week_are_a_burst_and_four_are_none() {
        let five: Vec<Item> = (0..5).map(|n| item(n, n, WORDS[usize::try_from(n).expect("few")], 7)).collect();
        let found = candidates(&five, NOW);
        assert_eq!(found, [Found { why: Why::Service, members: vec![4, 3, 2, 1, 0] }]);
        assert_eq!(candidates(&five[..4], NOW), []);
        let spread: Vec<Item> = five.iter().map(|i| Item { opened: NOW - (NOW - i.opened) * 3, ..i.clone() }).collect();
        assert_eq!(candidates(&spread, NOW), [], "not within a week");
    }

    #[test]
    fn three_urgent_ones_are_enough() {
        let mut three: Vec<Item> = (0..3).map(|n| item(n, 0, "Payments time out", 7)).collect();
        assert_eq!(candidates(&three, NOW), []);
        for item in &mut three {
            item.urgent = true;
        }
        assert_eq!(candidates(&three, NOW), [Found { why: Why::Burst, members: vec![2, 1, 0] }]);
    }

    #[test]
    fn a_service_that_always_has_as_many_has_no_burst() {
        let busy: Vec<Item> = (0..180)
            .map(|n| {
                item(n, n, &format!("{} {}", "x".repeat(7), "yz".repeat(usize::try_from(n % 50).expect("few") + 1)), 7)
            })
            .collect();
        assert!(candidates(&busy, NOW).iter().all(|found| found.why != Why::Service));
    }

    #[test]
    fn what_comes_back_three_times_in_half_a_year_is_found() {
        let items: Vec<Item> = [170, 90, 5]
            .iter()
            .zip(1..)
            .map(|(ago, id)| item(id, *ago, "Badge reader at the north door is dead", 7))
            .collect();
        assert_eq!(candidates(&items, NOW), [Found { why: Why::Recurrence, members: vec![1, 2, 3] }]);
        assert_eq!(candidates(&items[1..], NOW), []);
    }

    /// Causes put into daily noise: each is found, and what is proposed is mostly one of them.
    #[test]
    fn injected_causes_are_found_among_noise() {
        const THINGS: [&str; 12] = [
            "mail", "phone", "printer", "badge", "screen", "mouse", "login", "shelf", "lamp", "door", "scanner", "desk",
        ];
        const DOES: [&str; 10] =
            ["slow", "broken", "missing", "noisy", "blinks", "frozen", "stuck", "wet", "lost", "dark"];
        let mut items = Vec::new();
        for n in 0..900i64 {
            let draw = |salt: u64, below: usize| {
                usize::try_from(crate::near::hash(&format!("{n} {salt}")) % u64::try_from(below).expect("small"))
                    .expect("small")
            };
            let text = format!(
                "{} {} room {} {}",
                THINGS[draw(1, 12)],
                DOES[draw(2, 10)],
                "abcdefghijkl".get(draw(3, 10)..).unwrap_or("z"),
                THINGS[draw(4, 12)]
            );
            items.push(item(1_000 + n, n % 180, &text, i64::try_from(draw(5, 40)).expect("small")));
        }
        let causes: Vec<(&str, i64)> = vec![
            ("Gateway handshake drops after certificate rollover", 1),
            ("Invoice batch aborts with ORA-12154", 2),
            ("Roaming profile vanishes after hibernation", 3),
            ("Turnstile firmware rejects visitor passes", 4),
        ];
        let mut truth: Vec<BTreeSet<i64>> = Vec::new();
        for ((text, service), n) in causes.iter().zip(0i64..) {
            let ids: Vec<i64> = (0..6).map(|k| n * 10 + k).collect();
            // Two at once, two slowly.
            items.extend(ids.iter().map(|id| item(*id, if n < 2 { id % 10 } else { (id % 10) * 28 }, text, *service)));
            truth.push(ids.into_iter().collect());
        }
        let found = candidates(&items, NOW);
        let of_cause = |found: &&Found| {
            truth
                .iter()
                .any(|cause| found.members.iter().filter(|id| cause.contains(id)).count() * 2 > found.members.len())
        };
        let alike: Vec<&Found> = found.iter().filter(|found| matches!(found.why, Why::Burst)).collect();
        assert_eq!(alike.iter().filter(|found| of_cause(found)).count(), alike.len(), "{alike:?}");
        assert_eq!(found.iter().filter(of_cause).count(), truth.len());
    }

    proptest! {
        #[test]
        fn the_order_in_which_they_come_does_not_matter(days in prop::collection::vec((0i64..180, 0usize..6, 0i64..3), 0..60), turn in 0usize..60) {
            let mut items: Vec<Item> = days.iter().zip(1..).map(|((ago, text, service), id)| item(id, *ago, WORDS[*text], *service)).collect();
            let found = candidates(&items, NOW);
            for one in &found {
                prop_assert!(one.members.len() >= LEAST);
            }
            let places = items.len().max(1);
            items.rotate_left(turn % places);
            prop_assert_eq!(candidates(&items, NOW), found);
        }

        #[test]
        fn a_tail_falls_with_the_count_and_rises_with_what_is_expected(count in 0usize..60, expected in 0.01f64..40.0) {
            let tail = poisson_tail(count, expected);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&tail));
            prop_assert!(poisson_tail(count + 1, expected) <= tail + 1e-9);
            prop_assert!(poisson_tail(count, expected + 0.5) >= tail - 1e-9);
        }
    }
}
