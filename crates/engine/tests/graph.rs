//! The graph in memory against the definition, followed record by record over everything.

use mainstay_engine::graph::{Found, Graph, Hit, Law, Limits, Link, Meaning, Need, Node};
use mainstay_engine::process::Carries;
use proptest::prelude::*;
use std::collections::BTreeMap;

const RELATIONS: [&str; 4] = ["depends_on", "feeds", "beside", "runs_on"];
/// Class 2 lies under 1, class 3 under 2.
const CLASSES: std::ops::Range<i64> = 1..5;

fn meaning(key: &str) -> Meaning {
    let (carries, entry) = match key {
        "depends_on" => (Carries::ToFirst, 100),
        "feeds" => (Carries::ToSecond, 101),
        "runs_on" => (Carries::ToFirst, 102),
        _ => (Carries::Nothing, 103),
    };
    Meaning { carries, entry }
}

fn under(class: i64, above: i64) -> bool {
    class == above || matches!((class, above), (2, 1) | (3, 1 | 2))
}

const LAW: Law<'static> = Law { meaning: &meaning, under: &under };

#[derive(Clone, Debug)]
struct World {
    nodes: BTreeMap<i64, Node>,
    links: Vec<Link>,
}

impl World {
    fn graph(&self) -> Graph {
        let keys = RELATIONS.iter().map(|key| (*key).to_owned()).collect();
        Graph::new(self.nodes.values().cloned().collect(), keys, &self.links)
    }

    fn is_there(&self, id: i64) -> bool {
        self.nodes.get(&id).is_some_and(|node| !node.gone)
    }

    /// What a record depends on, with the entry of the relation.
    fn below(&self, id: i64) -> Vec<(i64, i64)> {
        let each = self.links.iter().filter_map(|link| {
            let Meaning { carries, entry } = meaning(RELATIONS[link.relation as usize]);
            match carries {
                Carries::ToFirst if link.from == id => Some((link.to, entry)),
                Carries::ToSecond if link.to == id => Some((link.from, entry)),
                _ => None,
            }
        });
        each.filter(|(other, _)| self.is_there(*other)).collect()
    }

    /// What a record comes to, given what all others are.
    fn comes_to(&self, id: i64, now: &BTreeMap<i64, (Hit, u32)>) -> Option<Hit> {
        let needs = &self.nodes[&id].needs;
        let hit = |other: &i64| now.get(other).map(|(hit, _)| *hit);
        let mut groups: Vec<Vec<Option<Hit>>> = vec![Vec::new(); needs.len()];
        let mut worst = None;
        for (other, entry) in self.below(id) {
            let class = self.nodes[&other].class;
            let group =
                needs.iter().position(|n| n.relation == entry && n.class.is_none_or(|above| under(class, above)));
            match group {
                Some(group) => groups[group].push(hit(&other)),
                None => worst = worst.max(hit(&other)),
            }
        }
        for (group, need) in groups.iter().zip(needs) {
            let works = group.iter().filter(|hit| **hit != Some(Hit::Impacted)).count();
            let lost = works < group.len();
            if lost && works < need.least as usize {
                worst = Some(Hit::Impacted);
            } else if group.iter().any(Option::is_some) {
                worst = worst.max(Some(Hit::AtRisk));
            }
        }
        worst
    }

    /// Round by round: what each record comes to by what all were a round before.
    fn impact(&self, starts: &[i64], depth: u32) -> Vec<Found> {
        let there = starts.iter().filter(|start| self.is_there(**start));
        let mut now: BTreeMap<i64, (Hit, u32)> = there.map(|start| (*start, (Hit::Impacted, 0))).collect();
        for hops in 1..=depth {
            let mut next = now.clone();
            for id in self.nodes.keys().copied().filter(|id| self.is_there(*id)) {
                if let Some(hit) = self.comes_to(id, &now)
                    && now.get(&id).is_none_or(|(was, _)| *was < hit)
                {
                    next.insert(id, (hit, hops));
                }
            }
            now = next;
        }
        now.retain(|id, _| !starts.contains(id));
        let mut found: Vec<Found> = now.into_iter().map(|(id, (hit, hops))| Found { id, hit, hops }).collect();
        found.sort_by_key(|found| (found.hops, found.id));
        found
    }

    fn foundations(&self, start: i64, depth: u32) -> Vec<(i64, u32)> {
        let mut known = BTreeMap::from([(start, 0)]);
        for hops in 1..=depth {
            let ids: Vec<i64> = known.keys().copied().collect();
            for other in ids.into_iter().flat_map(|id| self.below(id)).map(|(other, _)| other) {
                known.entry(other).or_insert(hops);
            }
        }
        known.remove(&start);
        let mut found: Vec<(i64, u32)> = known.into_iter().collect();
        found.sort_by_key(|(id, hops)| (*hops, *id));
        found
    }
}

prop_compose! {
    fn node(id: i64)(
        class in CLASSES,
        gone in prop::bool::weighted(0.1),
        needs in prop::collection::vec((100_i64..103, prop::option::of(CLASSES), 1_u32..4), 0..3),
    ) -> Node {
        let need = |(relation, class, least)| Need { relation, class, least };
        Node { id, class, gone, needs: needs.into_iter().map(need).collect() }
    }
}

fn link(most: i64) -> impl Strategy<Value = Link> {
    let ends = (1..=most, 0_u16..4, 1..=most);
    ends.prop_filter_map("a record is not linked to itself", |(from, relation, to)| {
        (from != to).then_some(Link { from, relation, to })
    })
}

fn world(most: i64) -> impl Strategy<Value = World> {
    let nodes = (1..=most).map(node).collect::<Vec<_>>();
    (nodes, prop::collection::btree_set(link(most), 0..40)).prop_map(|(nodes, links)| World {
        nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
        links: links.into_iter().collect(),
    })
}

fn agree(world: &World, graph: &Graph) {
    for start in world.nodes.keys().copied() {
        for depth in 0..6 {
            let limits = Limits { depth, most: 1_000 };
            let reach = graph.impact(&[start], &LAW, limits);
            assert_eq!(reach.found, world.impact(&[start], depth), "{start} at {depth}");
            assert_eq!(reach.more, world.impact(&[start], depth + 1) != reach.found, "{start} beyond {depth}");
            let below = graph.foundations(start, &LAW, limits);
            let found: Vec<(i64, u32)> = below.found.iter().map(|found| (found.id, found.hops)).collect();
            assert_eq!(found, world.foundations(start, depth), "below {start} at {depth}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Impact with redundancy and foundations are those of the definition, whatever rings there are.
    #[test]
    fn sac_06_impact_is_that_of_the_definition(world in world(12)) {
        agree(&world, &world.graph());
    }

    /// Several that fail together: what can do without one of them may not do without both.
    #[test]
    fn sac_06_what_fails_together_is_that_of_the_definition(
        world in world(12), starts in prop::collection::vec(1_i64..14, 0..4), depth in 0_u32..6,
    ) {
        let graph = world.graph();
        let reach = graph.impact(&starts, &LAW, Limits { depth, most: 1_000 });
        prop_assert_eq!(&reach.found, &world.impact(&starts, depth));
        for start in &starts {
            let alone = world.impact(&[*start], depth);
            let worst = |id: i64| reach.found.iter().find(|found| found.id == id).map(|found| found.hit);
            prop_assert!(alone.iter().all(|found| starts.contains(&found.id) || worst(found.id) >= Some(found.hit)));
        }
    }

    /// Records that change one after the other leave the graph that one would make anew.
    #[test]
    fn what_changes_leaves_the_graph_that_one_would_make_anew(
        before in world(10), after in world(13), order in prop::collection::vec(1_i64..14, 1..10),
    ) {
        let (mut world, mut graph) = (before.clone(), before.graph());
        for id in order {
            let has = |link: &&Link| link.from == id || link.to == id;
            let known = |world: &World, link: &Link| {
                let there = |end| end == id || world.nodes.contains_key(&end);
                there(link.from) && there(link.to)
            };
            world.links.retain(|link| !has(&link));
            world.nodes.insert(id, after.nodes[&id].clone());
            let new: Vec<Link> = after.links.iter().filter(has).filter(|link| known(&world, link)).copied().collect();
            world.links.extend(&new);
            graph.put(vec![world.nodes[&id].clone()], &new);
        }
        agree(&world, &graph);
        let ids: Vec<i64> = world.nodes.keys().copied().collect();
        prop_assert_eq!(graph.links_among(&ids), world.graph().links_among(&ids));
    }

    /// No more records than were asked for, and it says so.
    #[test]
    fn the_limit_of_records_holds(world in world(12), most in 0_usize..6) {
        let graph = world.graph();
        for start in world.nodes.keys().copied() {
            let whole = graph.impact(&[start], &LAW, Limits { depth: 60, most: 1_000 });
            let part = graph.impact(&[start], &LAW, Limits { depth: 60, most });
            prop_assert!(part.found.len() <= most);
            prop_assert_eq!(part.more, whole.found.len() > most);
            let below = graph.foundations(start, &LAW, Limits { depth: 60, most });
            prop_assert!(below.found.len() <= most);
        }
    }
}
