//! Groups of records that belong together: in the order of time, each joins the group whose first record it is most
//! like, or begins one.

use crate::near::{hash, mix, sketch};
use crate::score::{JOINS, Likeness, MERGES, near, same};
use crate::{Item, near, text};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Words of a record by which others are found, the rarest first.
const LOOKED_UP: usize = 8;
/// The newest groups of one word that are compared.
const NEWEST: usize = 16;
/// The newest groups that share a service, category or team, for records without words.
const NEWEST_ABOUT: usize = 20;

/// What a word that no other record has says against its being like another.
const OF_ONE: f64 = 0.5;

/// Records that belong together, by their places among the items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The record that the others were compared with.
    pub leader: usize,
    /// All of them, the oldest first.
    pub members: Vec<usize>,
}

/// The words of a record as a vector of length one, by word.
type Vector = Vec<(u32, f64)>;

/// What is known of all records before they are compared.
pub(crate) struct Read {
    vectors: Vec<Vector>,
    /// The rarest words of each that another record has, too.
    rare: Vec<Vec<u32>>,
    sketches: Vec<Vec<u64>>,
}

impl Read {
    fn of(items: &[Item]) -> Self {
        let words: Vec<Vec<String>> = items.iter().map(|item| text::words(&item.text)).collect();
        let mut ids: HashMap<&str, u32> = HashMap::new();
        let mut seen: Vec<u32> = Vec::new();
        let mut known: Vec<Vec<u32>> = Vec::with_capacity(items.len());
        for of_one in &words {
            let mut numbers = Vec::with_capacity(of_one.len());
            for word in of_one {
                let next = u32::try_from(seen.len()).unwrap_or(u32::MAX);
                let id = *ids.entry(word).or_insert(next);
                if id == next {
                    seen.push(0);
                }
                seen[id as usize] += 1;
                numbers.push(id);
            }
            known.push(numbers);
        }
        let all = f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let says = |id: u32| {
            let count = seen[id as usize];
            (1.0 + all / f64::from(count)).ln() * if count == 1 { OF_ONE } else { 1.0 }
        };
        let vector = |numbers: &Vec<u32>| {
            let mut vector: Vector = numbers.iter().map(|id| (*id, says(*id))).collect();
            let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
            for (_, weight) in &mut vector {
                *weight /= length;
            }
            vector.sort_by_key(|(id, _)| *id);
            vector
        };
        let rare = |numbers: &Vec<u32>| {
            let mut rare: Vec<u32> = numbers.iter().copied().filter(|id| seen[*id as usize] > 1).collect();
            rare.sort_by_key(|id| (seen[*id as usize], *id));
            rare.truncate(LOOKED_UP);
            rare
        };
        let sketched = |item: &Item| {
            let set = near::shingles(&item.text);
            if set.is_empty() { Vec::new() } else { sketch(&set).to_vec() }
        };
        Self {
            vectors: known.iter().map(vector).collect(),
            rare: known.iter().map(rare).collect(),
            sketches: items.iter().map(sketched).collect(),
        }
    }

    /// How alike two records read; nothing where one has no words.
    fn words(&self, one: usize, other: usize) -> Option<f64> {
        let (one, other) = (&self.vectors[one], &self.vectors[other]);
        if one.is_empty() || other.is_empty() {
            return None;
        }
        let (mut i, mut j, mut sum) = (0, 0, 0.0);
        while i < one.len() && j < other.len() {
            match one[i].0.cmp(&other[j].0) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    sum += one[i].1 * other[j].1;
                    i += 1;
                    j += 1;
                }
            }
        }
        Some(sum)
    }
}

/// Finds groups for a record by something that both have.
#[derive(Default)]
struct Shelves(HashMap<u64, VecDeque<usize>>);

impl Shelves {
    fn put(&mut self, key: u64, group: usize, most: usize) {
        let shelf = self.0.entry(key).or_default();
        shelf.push_back(group);
        if shelf.len() > most {
            shelf.pop_front();
        }
    }

    fn on(&self, key: u64) -> impl Iterator<Item = usize> {
        self.0.get(&key).into_iter().flatten().copied()
    }
}

/// The groups among some records, which stand in the order of time; each record is in one.
#[must_use]
pub fn clusters(items: &[Item]) -> Vec<Cluster> {
    let read = Read::of(items);
    let mut groups: Vec<Cluster> = Vec::new();
    // The group that each has become a part of.
    let mut part_of: Vec<usize> = Vec::new();
    let mut shelves = Shelves::default();
    for (place, item) in items.iter().enumerate() {
        let keys = keys(&read, item, place);
        let near_by: BTreeSet<usize> = keys.iter().flat_map(|(key, _)| shelves.on(*key)).collect();
        let mut best: Option<(f64, usize)> = None;
        let mut also = Vec::new();
        for group in near_by {
            let known = root(&part_of, group);
            let last = groups[known].members.last().map_or(item.opened, |last| items[*last].opened);
            let like = alike(&read, items, place, groups[group].leader, last);
            let total = like.total();
            if !like.reads_alike() || total < JOINS {
                continue;
            }
            if total >= MERGES {
                also.push(group);
            }
            if best.is_none_or(|(known, _)| total > known) {
                best = Some((total, group));
            }
        }
        let Some((_, group)) = best else {
            let group = groups.len();
            groups.push(Cluster { leader: place, members: vec![place] });
            part_of.push(group);
            for (key, most) in keys {
                shelves.put(key, group, most);
            }
            continue;
        };
        let home = root(&part_of, group);
        groups[home].members.push(place);
        for other in also {
            let other = root(&part_of, other);
            let home = root(&part_of, group);
            if other != home {
                let (old, new) = (home.min(other), home.max(other));
                let more = std::mem::take(&mut groups[new].members);
                groups[old].members.extend(more);
                groups[old].members.sort_unstable();
                part_of[new] = old;
            }
        }
    }
    groups.retain(|group| !group.members.is_empty());
    groups
}

fn root(part_of: &[usize], mut group: usize) -> usize {
    while part_of[group] != group {
        group = part_of[group];
    }
    group
}

/// How alike a record and the first one of a group are, whose newest one came at an instant.
fn alike(read: &Read, items: &[Item], place: usize, leader: usize, last: i64) -> Likeness {
    let (one, other) = (&items[place], &items[leader]);
    Likeness {
        words: read.words(place, leader),
        service: same(one.service, other.service),
        time: near(one.opened, last),
        category: same(one.category, other.category),
        team: same(one.team, other.team),
        fix: same(one.fix, other.fix),
    }
}

/// Under what a record is looked for, and how many groups are kept there.
fn keys(read: &Read, item: &Item, place: usize) -> Vec<(u64, usize)> {
    let mut keys: Vec<(u64, usize)> = Vec::new();
    keys.extend(read.rare[place].iter().map(|word| (mix(u64::from(*word)), NEWEST)));
    keys.extend(read.sketches[place].iter().zip(1 << 32..).map(|(bucket, band)| (bucket ^ mix(band), NEWEST)));
    if read.vectors[place].is_empty() {
        let about = [("s", item.service), ("c", item.category), ("t", item.team)];
        let about = about.into_iter().filter_map(|(kind, id)| Some(hash(&format!("{kind}{}", id?))));
        keys.extend(about.map(|key| (key, NEWEST_ABOUT)));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DAY_MS;
    use proptest::prelude::*;

    fn item(id: i64, day: i64, text: &str, service: i64) -> Item {
        Item { id, opened: day * DAY_MS, text: text.into(), service: Some(service), ..Item::default() }
    }

    fn of(items: &[Item]) -> Vec<Vec<usize>> {
        clusters(items).into_iter().map(|cluster| cluster.members).collect()
    }

    #[test]
    fn reports_of_one_matter_come_together_and_others_stay_apart() {
        let items = [
            item(1, 0, "The gateway drops connections every few minutes", 7),
            item(2, 0, "Printer on floor two is out of paper", 8),
            item(3, 1, "Gateway drops my connections again", 7),
            item(4, 2, "Connections dropped by the gateway", 7),
            item(5, 2, "Cannot open the payroll form", 9),
        ];
        assert_eq!(of(&items), [vec![0, 2, 3], vec![1], vec![4]]);
    }

    #[test]
    fn the_same_words_belong_together_after_months_too() {
        let items = [
            item(1, 0, "Badge reader at the north door does not answer", 7),
            item(2, 70, "Badge reader at the north door does not answer", 7),
            item(3, 150, "North door: badge reader does not answer", 7),
        ];
        assert_eq!(of(&items), [vec![0, 1, 2]]);
    }

    #[test]
    fn without_words_what_they_are_about_and_time_decide() {
        let bare = |id, day, category| Item {
            id,
            opened: day * DAY_MS,
            category: Some(category),
            team: Some(1),
            ..Item::default()
        };
        assert_eq!(of(&[bare(1, 0, 5), bare(2, 0, 5), bare(3, 60, 6), bare(4, 1, 5)]), [vec![0, 1, 3], vec![2]]);
    }

    proptest! {
        #[test]
        fn each_record_is_in_one_group_and_twice_is_the_same(lines in prop::collection::vec((0i64..100, "(mail|vpn|printer|slow|down|floor|error){1,4}( (mail|vpn|printer|slow|down)){0,4}", 0i64..4), 0..60)) {
            let mut days: Vec<_> = lines;
            days.sort_by_key(|line| line.0);
            let items: Vec<Item> = days.iter().zip(1..).map(|((day, text, service), id)| item(id, *day, text, *service)).collect();
            let all = clusters(&items);
            let mut places: Vec<usize> = all.iter().flat_map(|cluster| cluster.members.clone()).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..items.len()).collect::<Vec<_>>());
            prop_assert_eq!(all, clusters(&items));
        }
    }
}
