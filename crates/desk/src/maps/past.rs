//! A map as it was at an instant. Nothing of the past is kept in memory: what a question walks is read step by step, as it
//! stands, and what came later is taken back by the log, so that it costs what is reached and not how much there is.
//! What relations and classes mean is what they mean today.

use super::answer::{MOST_HOPS, MOST_WALKED, Way, reached, ways_from};
use super::kept::need;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::reports::Reader;
use mainstay_engine::graph::{Graph, Link, Node};
use mainstay_engine::process::{Carries, Map, Phase, Process};
use mainstay_engine::refusal::Refusal;
use mainstay_store::{Spine, record as store};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What has been read of the map as it was.
struct Part<'a> {
    process: &'static Process,
    map: &'static Map,
    /// The relations that a failure follows.
    carried: &'a HashMap<&'static str, Carries>,
    /// Everything before this instant has happened.
    before: i64,
    nodes: BTreeMap<i64, Node>,
    links: BTreeSet<records::LinkThen>,
    /// Records whose links are read.
    read: BTreeSet<i64>,
}

/// The part of a map that some ways from some records lead through, as it was at an instant.
///
/// # Errors
/// The database's.
pub(super) fn part(
    session: &mut Session<'_>,
    process: &'static Process,
    map: &'static Map,
    (starts, depth): (&[(Way, Vec<i64>)], u32),
    at: i64,
) -> Result<Graph> {
    let carried: HashMap<&'static str, Carries> = session
        .config
        .relations(process)
        .filter_map(|relation| Some((relation.key, relation.rules?.carries)))
        .filter(|(_, carries)| *carries != Carries::Nothing)
        .collect();
    let (nodes, links, read) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    let mut part = Part { process, map, carried: &carried, before: at + 1, nodes, links, read };
    part.read_nodes(session, starts.iter().flat_map(|(_, from)| from.iter().copied()).collect())?;
    for (way, from) in starts {
        part.follow(session, from, *way, depth)?;
    }
    part.complete(session)?;
    Ok(part.graph())
}

impl Part<'_> {
    /// Reads those of some records that are not read yet.
    fn read_nodes(&mut self, session: &mut Session<'_>, ids: BTreeSet<i64>) -> Result<()> {
        let wanted: Vec<i64> = ids.into_iter().filter(|id| !self.nodes.contains_key(id)).collect();
        let engine = Caller::engine(Channel::Engine);
        let keys = [self.map.class.key, self.map.needs.key];
        let fields = keys.iter().filter_map(|key| self.process.field(key)).collect();
        let Self { map, nodes, before, process, .. } = self;
        Reader::new(&engine, process, fields).each(session, &wanted, *before, |then| {
            let class = then.value(map.class.key).as_int().unwrap_or_default();
            let needs = then.value(map.needs.key).as_list().iter().filter_map(need).collect();
            let gone = then.state.phase == Phase::Closed;
            nodes.insert(then.id, Node { id: then.id, class, gone, needs });
        })
    }

    fn read_links(&mut self, session: &mut Session<'_>, ids: &[i64]) -> Result<()> {
        let wanted: Vec<i64> = ids.iter().copied().filter(|id| self.read.insert(*id)).collect();
        let keys: Vec<&str> = self.carried.keys().copied().collect();
        let found = records::links_before(session, self.process, &wanted, Some(&keys), self.before)?;
        self.links.extend(found);
        Ok(())
    }

    /// What depends on what, by a link.
    fn dependent_and_needed(&self, (from, relation, to): &records::LinkThen) -> (i64, i64) {
        if self.carried.get(relation.as_str()) == Some(&Carries::ToFirst) { (*from, *to) } else { (*to, *from) }
    }

    fn follow(&mut self, session: &mut Session<'_>, from: &[i64], way: Way, depth: u32) -> Result<()> {
        let mut known: BTreeSet<i64> = from.iter().copied().collect();
        let mut edge: Vec<i64> = known.iter().copied().collect();
        for _ in 0..depth {
            if edge.is_empty() || known.len() >= MOST_WALKED {
                break;
            }
            self.read_links(session, &edge)?;
            let next: BTreeSet<i64> = self
                .links
                .iter()
                .map(|link| self.dependent_and_needed(link))
                .map(|(dependent, needed)| if way == Way::Impact { (needed, dependent) } else { (dependent, needed) })
                .filter(|(here, there)| edge.binary_search(here).is_ok() && !known.contains(there))
                .map(|(_, there)| there)
                .collect();
            self.read_nodes(session, next.clone())?;
            edge = next.into_iter().filter(|id| self.nodes.get(id).is_some_and(|node| !node.gone)).collect();
            known.extend(edge.iter().copied());
        }
        Ok(())
    }

    /// What can do without something is weighed by all that it depends on.
    fn complete(&mut self, session: &mut Session<'_>) -> Result<()> {
        let weighed: Vec<i64> = self.nodes.values().filter(|node| !node.needs.is_empty()).map(|node| node.id).collect();
        self.read_links(session, &weighed)?;
        let below = self.links.iter().map(|link| self.dependent_and_needed(link));
        let below = below.filter(|(dependent, _)| weighed.binary_search(dependent).is_ok());
        let below: BTreeSet<i64> = below.map(|(_, needed)| needed).collect();
        self.read_nodes(session, below)
    }

    fn graph(self) -> Graph {
        let keys: Vec<&str> = self.carried.keys().copied().collect();
        let place: HashMap<&str, u16> = keys.iter().copied().zip(0..).collect();
        let link = |(from, relation, to): &records::LinkThen| {
            Some(Link { from: *from, relation: *place.get(relation.as_str())?, to: *to })
        };
        let links: Vec<Link> = self.links.iter().filter_map(link).collect();
        Graph::new(self.nodes.into_values().collect(), keys.into_iter().map(str::to_owned).collect(), &links)
    }
}

/// A record and everything that it stood on at an instant, whoever may see it: at most so many.
///
/// # Errors
/// A process that has no map; the database's.
pub(crate) fn beneath(
    session: &mut Session<'_>,
    process: &'static Process,
    record: i64,
    (at, most): (i64, usize),
) -> Result<BTreeSet<i64>> {
    let Some(map) = &process.map else { return Err(Refusal::missing("map").into()) };
    let starts = [(Way::Foundations, vec![record])];
    let graph = part(session, process, map, (&starts, MOST_HOPS), at)?;
    let reach = ways_from(session.config, process, &graph, &[record], (Way::Foundations, MOST_HOPS));
    Ok(reached(&[record], &reach).into_keys().take(most).collect())
}

/// The visible records of other processes that were live at an instant and linked with some records of one, the newest
/// first.
///
/// # Errors
/// The database's.
pub(super) fn touching(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    (ids, limit): (&[i64], usize),
    at: i64,
) -> Result<Vec<Spine>> {
    let before = at + 1;
    let these: BTreeSet<i64> = ids.iter().copied().collect();
    let links = records::links_before(session, process, ids, None, before)?;
    let ends = links.iter().flat_map(|(from, _, to)| [*from, *to]);
    let others: BTreeSet<i64> = ends.filter(|id| !these.contains(id)).collect();
    let mut found: BTreeMap<i64, Spine> = BTreeMap::new();
    for some in others.into_iter().collect::<Vec<_>>().chunks(1_000) {
        let spines = store::find_all(session.conn, &caller.scope, some)?.into_iter();
        let there = spines.filter(|spine| spine.process != process.key && spine.opened < before);
        found.extend(there.map(|spine| (spine.id, spine)));
    }
    let mut live: BTreeMap<i64, Spine> = BTreeMap::new();
    for other in mainstay_processes::ALL.iter().copied() {
        let ids: Vec<i64> = found.values().filter(|spine| spine.process == other.key).map(|spine| spine.id).collect();
        Reader::new(caller, other, Vec::new()).each(session, &ids, before, |then| {
            let Some(mut spine) = found.remove(&then.id).filter(|_| then.state.phase.is_live()) else { return };
            then.state.key.clone_into(&mut spine.state);
            spine.phase = then.state.phase.number();
            live.insert(spine.id, spine);
        })?;
    }
    Ok(live.into_values().rev().take(limit).collect())
}
