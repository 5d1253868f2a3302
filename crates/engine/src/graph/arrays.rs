//! The arrays: records by their ids, and the ties of each in both directions.

use super::{Link, Need, Node};
use std::collections::HashMap;

/// A tie as one end has it: the place of the relation's key and that of the other record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tie {
    pub relation: u16,
    pub other: u32,
}

/// The ties of all records in one direction, those of the record at place `n` from `starts[n]` to before `starts[n + 1]`.
#[derive(Debug, Default)]
struct Side {
    starts: Vec<u32>,
    others: Vec<u32>,
    relations: Vec<u16>,
    /// Of records whose ties have changed since, or that have come since.
    changed: HashMap<u32, Vec<Tie>>,
}

/// The map in memory. About 80 bytes for each record with five relations.
#[derive(Debug, Default)]
pub struct Graph {
    /// By place; the first `ordered` in the order of ids.
    ids: Vec<i64>,
    ordered: usize,
    /// Places of the records that have come since.
    later: HashMap<i64, u32>,
    /// Place of the class among `classes`, by place of the record.
    class: Vec<u16>,
    classes: Vec<i64>,
    gone: Vec<bool>,
    /// Few records have any.
    needs: HashMap<u32, Box<[Need]>>,
    relations: Vec<String>,
    out: Side,
    back: Side,
}

impl Side {
    /// `links` as (record, tie), in any order.
    fn of(records: usize, links: &[(u32, Tie)]) -> Self {
        let mut starts = vec![0_u32; records + 1];
        for (record, _) in links {
            starts[*record as usize + 1] += 1;
        }
        for place in 0..records {
            starts[place + 1] += starts[place];
        }
        let (mut others, mut relations) = (vec![0; links.len()], vec![0; links.len()]);
        let mut next = starts.clone();
        for (record, tie) in links {
            let at = &mut next[*record as usize];
            others[*at as usize] = tie.other;
            relations[*at as usize] = tie.relation;
            *at += 1;
        }
        Self { starts, others, relations, changed: HashMap::new() }
    }

    fn each(&self, record: u32, mut take: impl FnMut(Tie)) {
        if let Some(ties) = self.changed.get(&record) {
            ties.iter().copied().for_each(take);
            return;
        }
        let place = record as usize;
        if place + 1 < self.starts.len() {
            let span = self.starts[place] as usize..self.starts[place + 1] as usize;
            for at in span {
                take(Tie { relation: self.relations[at], other: self.others[at] });
            }
        }
    }

    fn of_record(&self, record: u32) -> Vec<Tie> {
        let mut ties = Vec::new();
        self.each(record, |tie| ties.push(tie));
        ties
    }

    fn of_record_mut(&mut self, record: u32) -> &mut Vec<Tie> {
        let ties = if self.changed.contains_key(&record) { Vec::new() } else { self.of_record(record) };
        self.changed.entry(record).or_insert(ties)
    }
}

impl Graph {
    /// The map of these records and links; links to other records are left out.
    #[must_use]
    pub fn new(mut nodes: Vec<Node>, relations: Vec<String>, links: &[Link]) -> Self {
        nodes.sort_unstable_by_key(|node| node.id);
        nodes.dedup_by_key(|node| node.id);
        let mut graph = Self { relations, ordered: nodes.len(), ..Self::default() };
        graph.ids = nodes.iter().map(|node| node.id).collect();
        for (place, node) in (0_u32..).zip(nodes) {
            let class = graph.class_place(node.class);
            graph.class.push(class);
            graph.gone.push(node.gone);
            graph.keep_needs(place, node.needs);
        }
        let mut ties: Vec<(u32, Tie)> = Vec::with_capacity(links.len());
        let placed = |link: &Link| Some((graph.place(link.from)?, graph.place(link.to)?, link.relation));
        ties.extend(links.iter().filter_map(placed).map(|(from, to, relation)| (from, Tie { relation, other: to })));
        graph.out = Side::of(graph.ids.len(), &ties);
        for (record, tie) in &mut ties {
            std::mem::swap(record, &mut tie.other);
        }
        graph.back = Side::of(graph.ids.len(), &ties);
        graph
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many records have changed since its arrays were made: with many of them it is better made anew.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.out.changed.len().max(self.back.changed.len())
    }

    /// The keys of relations, in the order by which links name them.
    #[must_use]
    pub fn relations(&self) -> &[String] {
        &self.relations
    }

    /// The place of a relation's key, which becomes known.
    pub fn relation(&mut self, key: &str) -> u16 {
        let known = self.relations.iter().position(|known| known == key);
        let place = known.unwrap_or_else(|| {
            self.relations.push(key.to_owned());
            self.relations.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// Puts what is known now of some records in the place of what was known: each with all links that it has at either
    /// end. A record without a node is not of this map, or no more.
    pub fn put(&mut self, nodes: Vec<Node>, links: &[Link]) {
        let mut touched = Vec::with_capacity(nodes.len());
        for node in nodes {
            let place = self.place(node.id).unwrap_or_else(|| self.add(node.id));
            self.class[place as usize] = self.class_place(node.class);
            self.gone[place as usize] = node.gone;
            self.keep_needs(place, node.needs);
            touched.push(place);
        }
        touched.sort_unstable();
        touched.dedup();
        let mut now: HashMap<u32, (Vec<Tie>, Vec<Tie>)> =
            touched.iter().map(|place| (*place, (Vec::new(), Vec::new()))).collect();
        for link in links {
            let (Some(from), Some(to)) = (self.place(link.from), self.place(link.to)) else { continue };
            if let Some((out, _)) = now.get_mut(&from) {
                out.push(Tie { relation: link.relation, other: to });
            }
            if let Some((_, back)) = now.get_mut(&to) {
                back.push(Tie { relation: link.relation, other: from });
            }
        }
        for place in touched {
            let Some((out, back)) = now.remove(&place) else { continue };
            exchange(place, out, &mut self.out, &mut self.back);
            exchange(place, back, &mut self.back, &mut self.out);
        }
    }

    fn add(&mut self, id: i64) -> u32 {
        let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id);
        self.later.insert(id, place);
        self.class.push(0);
        self.gone.push(false);
        place
    }

    fn keep_needs(&mut self, place: u32, needs: Vec<Need>) {
        if needs.is_empty() {
            self.needs.remove(&place);
        } else {
            self.needs.insert(place, needs.into_boxed_slice());
        }
    }

    fn class_place(&mut self, class: i64) -> u16 {
        let known = self.classes.iter().position(|known| *known == class);
        let place = known.unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    pub(super) fn place(&self, id: i64) -> Option<u32> {
        let found = self.ids[..self.ordered].binary_search(&id).ok().and_then(|place| u32::try_from(place).ok());
        found.or_else(|| self.later.get(&id).copied())
    }

    pub(super) fn id(&self, place: u32) -> i64 {
        self.ids[place as usize]
    }

    /// The class of a record; None: the map does not hold it.
    #[must_use]
    pub fn class(&self, id: i64) -> Option<i64> {
        self.place(id).map(|place| self.class_of(place))
    }

    pub(super) fn class_of(&self, place: u32) -> i64 {
        self.classes.get(self.class[place as usize] as usize).copied().unwrap_or_default()
    }

    pub(super) fn is_gone(&self, place: u32) -> bool {
        self.gone[place as usize]
    }

    pub(super) fn needs_of(&self, place: u32) -> &[Need] {
        self.needs.get(&place).map_or(&[], |needs| needs)
    }

    /// The ties that leave a record.
    pub(super) fn out(&self, place: u32, take: impl FnMut(Tie)) {
        self.out.each(place, take);
    }

    /// The ties that arrive at a record.
    pub(super) fn back(&self, place: u32, take: impl FnMut(Tie)) {
        self.back.each(place, take);
    }

    /// The links among some records, in order.
    #[must_use]
    pub fn links_among(&self, ids: &[i64]) -> Vec<Link> {
        let places: Vec<u32> = ids.iter().filter_map(|id| self.place(*id)).collect();
        let inside: std::collections::HashSet<u32> = places.iter().copied().collect();
        let mut links = Vec::new();
        for place in places {
            self.out(place, |tie| {
                if inside.contains(&tie.other) {
                    links.push(Link { from: self.id(place), relation: tie.relation, to: self.id(tie.other) });
                }
            });
        }
        links.sort_unstable();
        links.dedup();
        links
    }
}

/// Gives a record its ties on one side, and the records at their other ends theirs on the other side.
fn exchange(place: u32, mut now: Vec<Tie>, here: &mut Side, there: &mut Side) {
    let mut was = here.of_record(place);
    now.sort_unstable();
    was.sort_unstable();
    if now == was {
        return;
    }
    for tie in was.iter().filter(|tie| now.binary_search(tie).is_err()) {
        let mirrored = Tie { relation: tie.relation, other: place };
        there.of_record_mut(tie.other).retain(|known| *known != mirrored);
    }
    for tie in now.iter().filter(|tie| was.binary_search(tie).is_err()) {
        there.of_record_mut(tie.other).push(Tie { relation: tie.relation, other: place });
    }
    here.changed.insert(place, now);
}
