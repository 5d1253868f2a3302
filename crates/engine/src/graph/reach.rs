//! The two questions: who is hit when records fail, and what a record stands on.

use super::arrays::{Graph, Tie};
use super::{Law, Meaning, Need};
use crate::process::Carries;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a failure does to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hit {
    /// It works, with less in reserve: it or something that it depends on has lost a part that it can do without.
    AtRisk,
    /// It fails, too.
    Impacted,
}

/// How far a question goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Relations that are followed one after the other.
    pub depth: u32,
    /// Records that are answered, those in question apart.
    pub most: usize,
}

/// One record that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: i64,
    pub hit: Hit,
    /// Relations that lie between, when it came to what it is.
    pub hops: u32,
}

/// What was reached, by hops and then by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub found: Vec<Found>,
    /// There is more than was asked for: deeper, or beyond the limit of records.
    pub more: bool,
}

/// The present meaning of each relation of a graph, by its place.
struct Ways(Vec<Meaning>);

impl Ways {
    fn of(graph: &Graph, law: &Law<'_>) -> Self {
        Self(graph.relations().iter().map(|key| (law.meaning)(key)).collect())
    }

    fn carries(&self, tie: Tie) -> Carries {
        self.0.get(tie.relation as usize).copied().unwrap_or_default().carries
    }

    /// Hands the records that fail with this one to `take`.
    fn above(&self, graph: &Graph, place: u32, mut take: impl FnMut(Tie)) {
        graph.out(place, |tie| {
            if self.carries(tie) == Carries::ToSecond && !graph.is_gone(tie.other) {
                take(tie);
            }
        });
        graph.back(place, |tie| {
            if self.carries(tie) == Carries::ToFirst && !graph.is_gone(tie.other) {
                take(tie);
            }
        });
    }

    /// Hands the records that this one depends on to `take`.
    fn below(&self, graph: &Graph, place: u32, mut take: impl FnMut(Tie)) {
        graph.out(place, |tie| {
            if self.carries(tie) == Carries::ToFirst && !graph.is_gone(tie.other) {
                take(tie);
            }
        });
        graph.back(place, |tie| {
            if self.carries(tie) == Carries::ToSecond && !graph.is_gone(tie.other) {
                take(tie);
            }
        });
    }
}

/// Ties that one need has taken: how many there are, how many of their records fail, how many are at risk.
#[derive(Clone, Copy, Default)]
struct Group {
    members: u32,
    failed: u32,
    risky: u32,
}

impl Graph {
    /// Which records are hit when these fail together, with what each can do without. Rings are followed once: a record
    /// only ever comes to worse.
    #[must_use]
    pub fn impact(&self, ids: &[i64], law: &Law<'_>, limits: Limits) -> Reach {
        let places = ids.iter().filter_map(|id| self.place(*id)).filter(|place| !self.is_gone(*place));
        let starts: BTreeSet<u32> = places.collect();
        let ways = Ways::of(self, law);
        let mut known: HashMap<u32, (Hit, u32)> = starts.iter().map(|start| (*start, (Hit::Impacted, 0))).collect();
        let (mut last, mut more) = (starts.iter().copied().collect::<Vec<u32>>(), false);
        for hops in 1..=limits.depth.saturating_add(1) {
            let worse = self.next(&ways, law, &known, &last);
            if worse.is_empty() {
                break;
            }
            if hops > limits.depth {
                more = true;
                break;
            }
            last.clear();
            for (place, hit) in worse {
                // Those in question are known beside those that are answered.
                if known.len() >= limits.most.saturating_add(starts.len()) && !known.contains_key(&place) {
                    more = true;
                    continue;
                }
                known.insert(place, (hit, hops));
                last.push(place);
            }
        }
        known.retain(|place, _| !starts.contains(place));
        self.reach(known, more)
    }

    /// What the records that are above those which have just come to worse come to, in the order of their ids.
    fn next(&self, ways: &Ways, law: &Law<'_>, known: &HashMap<u32, (Hit, u32)>, last: &[u32]) -> Vec<(u32, Hit)> {
        let hit = |place: u32| known.get(&place).map(|(hit, _)| *hit);
        let (mut come, mut weighed) = (BTreeMap::<i64, (u32, Hit)>::new(), BTreeSet::<u32>::new());
        for place in last {
            let Some(own) = hit(*place) else { continue };
            ways.above(self, *place, |tie| {
                if self.needs_of(tie.other).is_empty() {
                    let entry = come.entry(self.id(tie.other)).or_insert((tie.other, own));
                    entry.1 = entry.1.max(own);
                } else {
                    weighed.insert(tie.other);
                }
            });
        }
        for place in weighed {
            if let Some(own) = self.weigh(ways, law, place, &hit) {
                come.insert(self.id(place), (place, own));
            }
        }
        come.into_values().filter(|(place, own)| hit(*place).is_none_or(|was| was < *own)).collect()
    }

    /// What a record that can do without something comes to.
    fn weigh(&self, ways: &Ways, law: &Law<'_>, place: u32, hit: &impl Fn(u32) -> Option<Hit>) -> Option<Hit> {
        let needs = self.needs_of(place);
        let mut groups = vec![Group::default(); needs.len()];
        let mut worst = None;
        ways.below(self, place, |tie| {
            let entry = ways.0.get(tie.relation as usize).map_or(0, |meaning| meaning.entry);
            let takes = |need: &Need| {
                let fits = |class| (law.under)(self.class_of(tie.other), class);
                need.relation == entry && need.class.is_none_or(fits)
            };
            let own = hit(tie.other);
            let Some(group) = needs.iter().position(takes) else {
                worst = worst.max(own);
                return;
            };
            groups[group].members += 1;
            groups[group].failed += u32::from(own == Some(Hit::Impacted));
            groups[group].risky += u32::from(own == Some(Hit::AtRisk));
        });
        for (group, need) in groups.iter().zip(needs) {
            let left = group.members - group.failed;
            let own = match group {
                Group { failed: 0, risky: 0, .. } => None,
                Group { failed, .. } if *failed > 0 && left < need.least => Some(Hit::Impacted),
                _ => Some(Hit::AtRisk),
            };
            worst = worst.max(own);
        }
        worst
    }

    /// What a record stands on: everything that it depends on, and what that depends on. Each is called impacted: who
    /// could do without which is for [`Graph::impact`] to say.
    #[must_use]
    pub fn foundations(&self, id: i64, law: &Law<'_>, limits: Limits) -> Reach {
        let Some(start) = self.place(id) else { return Reach::default() };
        let ways = Ways::of(self, law);
        let mut known: HashMap<u32, (Hit, u32)> = HashMap::from([(start, (Hit::Impacted, 0))]);
        let (mut last, mut more) = (vec![start], false);
        for hops in 1..=limits.depth.saturating_add(1) {
            let mut next: BTreeMap<i64, u32> = BTreeMap::new();
            for place in &last {
                ways.below(self, *place, |tie| {
                    if !known.contains_key(&tie.other) {
                        next.insert(self.id(tie.other), tie.other);
                    }
                });
            }
            if next.is_empty() {
                break;
            }
            if hops > limits.depth {
                more = true;
                break;
            }
            let room = (limits.most + 1).saturating_sub(known.len());
            more |= next.len() > room;
            last = next.into_values().take(room).collect();
            known.extend(last.iter().map(|place| (*place, (Hit::Impacted, hops))));
        }
        known.remove(&start);
        self.reach(known, more)
    }

    fn reach(&self, known: HashMap<u32, (Hit, u32)>, more: bool) -> Reach {
        let mut found: Vec<Found> =
            known.into_iter().map(|(place, (hit, hops))| Found { id: self.id(place), hit, hops }).collect();
        found.sort_unstable_by_key(|found| (found.hops, found.id));
        Reach { found, more }
    }
}
