//! Who is hit when records fail, and what one stands on, as far as the caller sees it.
//!
//! The graph is the truth of the house: a way leads through records that the caller may not see, or a failure would
//! look harmless to whoever sees little. Those records themselves are neither named nor counted.

use super::{Kept, past};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use crate::readable::Reader;
use crate::records;
use crate::reports::Reader as PastReader;
use mainstay_engine::graph::{Graph, Hit, Law, Limits, Link, Meaning, Reach};
use mainstay_engine::process::{Map, Process};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_processes::registers::SERVICES;
use mainstay_store::{Column, Filter, Question, Spine, entries, maps as store};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most records of one answer, and relations one after the other.
pub const MOST: usize = 2_000;
pub const MOST_HOPS: u32 = 20;
/// So many are walked for one answer, whoever may see them.
pub(super) const MOST_WALKED: usize = 20_000;
/// Most open records that touch them.
pub(super) const MOST_TOUCHING: usize = 100;
/// Records that fail together in one question.
pub const MOST_FAILING: usize = 20;

/// Which way a question goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Who is hit when it fails.
    Impact,
    /// What it stands on.
    Foundations,
}

/// A question to a map.
#[derive(Clone, Debug)]
pub struct Asked {
    pub way: Way,
    pub depth: u32,
    pub most: usize,
    /// As it was at this instant, in epoch milliseconds UTC; none: as it is.
    pub at: Option<i64>,
    /// Numbers of the records that fail together; none: the one in question alone.
    pub fails: Option<Vec<String>>,
}

/// What lies around a record: who is hit when it fails, and what it stands on.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Who is hit by what fails. None: not asked for.
    pub up: Option<Impact>,
    pub down: Option<Impact>,
    /// What depends on the record in question, where it is not that alone which fails.
    pub over: Option<Impact>,
    /// The record in question, and those that fail.
    pub home: i64,
    pub failing: Vec<i64>,
    /// How all these items hang together: from, relation, to.
    pub links: Vec<(i64, &'static str, i64)>,
}

/// A record that was reached.
#[derive(Clone, Debug)]
pub struct Reached {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub state: String,
    pub class: Option<i64>,
    pub organisation: Option<i64>,
    pub service: Option<i64>,
    /// Where it does its work, by the key of the choice.
    pub environment: Option<String>,
    pub hit: Hit,
    /// Relations between it and the one in question, or those that fail, which have none.
    pub hops: u32,
}

/// A service that a reached record stands for.
#[derive(Clone, Debug)]
pub struct Service {
    pub id: i64,
    pub name: String,
    pub criticality: Option<String>,
    /// Whom it serves, where the caller may know; nobody in particular: everybody.
    pub serves: Option<Vec<i64>>,
    /// The record that stands for it.
    pub number: String,
    pub hit: Hit,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// The record in question first, or those that fail, then by hops.
    pub items: Vec<Reached>,
    /// The worst hit first, then the most critical.
    pub services: Vec<Service>,
    /// Organisations that the services serve, and those whose records are hit, with the worst that hits each.
    pub organisations: Vec<(i64, Hit)>,
    /// Open records of other processes that touch any of them, the newest first.
    pub touching: Vec<Spine>,
    /// How the items hang together.
    pub links: Vec<(i64, &'static str, i64)>,
    /// Names of classes and organisations.
    pub names: HashMap<i64, String>,
    /// There is more than was asked for.
    pub more: bool,
}

/// Asks the map around a record.
///
/// # Errors
/// Not the caller's to see; a process that has no map; an instant before it was opened, or to come; the database's.
pub fn impact(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    asked: &Asked,
) -> Result<Impact> {
    let ground = ground(session, caller, process, number, (&[asked.way], asked))?;
    let from = if asked.way == Way::Impact { ground.failing.clone() } else { vec![ground.home] };
    let mut answer = answer(session, caller, process, &ground, (&from, asked))?;
    let seen: Vec<i64> = answer.items.iter().map(|item| item.id).collect();
    answer.links = ground.held.ask(process, |graph| links_among(session.config, process, graph, &seen))?;
    Ok(answer)
}

/// Asks the map around a record one way or both ways; the way of `asked` counts for nothing. What fails is asked whenever
/// `asked` says what does.
///
/// # Errors
/// As [`impact`].
pub fn around(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    (ways, asked): (&[Way], &Asked),
) -> Result<Around> {
    let ground = ground(session, caller, process, number, (ways, asked))?;
    let (home, failing) = (ground.home, ground.failing.clone());
    let mut one = |wanted: bool, way: Way, from: &[i64]| {
        let asked = Asked { way, ..asked.clone() };
        wanted.then(|| answer(session, caller, process, &ground, (from, &asked))).transpose()
    };
    let (upwards, downwards) = (ways.contains(&Way::Impact), ways.contains(&Way::Foundations));
    let up = one(upwards || asked.fails.is_some(), Way::Impact, &failing)?;
    let over = one(upwards && failing != [home], Way::Impact, &[home])?;
    let down = one(downwards, Way::Foundations, &[home])?;
    let items = up.iter().chain(&over).chain(&down).flat_map(|answer| &answer.items);
    let seen: Vec<i64> = items.map(|item| item.id).collect::<BTreeSet<_>>().into_iter().collect();
    let links = ground.held.ask(process, |graph| links_among(session.config, process, graph, &seen))?;
    Ok(Around { up, down, over, home, failing, links })
}

/// What a question is about, and what it is answered from.
struct Ground {
    home: i64,
    /// Records that fail, in the order in which they were named.
    failing: Vec<i64>,
    map: &'static Map,
    held: Held,
}

/// What a question is answered from: what this node keeps of the present, or the part of the past that it walks.
enum Held {
    Present(Kept),
    Past(Box<Graph>),
}

impl Held {
    fn ask<T>(&self, process: &'static Process, question: impl FnOnce(&Graph) -> T) -> Result<T> {
        match self {
            Self::Present(kept) => {
                let graphs = kept.read();
                let graph = graphs.get(process.key).ok_or_else(|| Refusal::missing("map"))?;
                Ok(question(graph))
            }
            Self::Past(graph) => Ok(question(graph)),
        }
    }
}

fn ground(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    (ways, asked): (&[Way], &Asked),
) -> Result<Ground> {
    let (record, _) = records::find(session, caller, process, number)?;
    let (Some(map), Some(kept)) = (&process.map, session.maps.clone()) else {
        return Err(Refusal::missing("map").into());
    };
    let home = record.id;
    let mut about = vec![record];
    let mut failing = Vec::new();
    if asked.fails.as_ref().is_some_and(|all| all.len() > MOST_FAILING) {
        let says = format!("At most {MOST_FAILING} items fail together.");
        return Err(Refusal::invalid("too_many", says).into());
    }
    for number in asked.fails.iter().flatten() {
        let (record, _) = records::find(session, caller, process, number)?;
        if !failing.contains(&record.id) {
            failing.push(record.id);
            about.push(record);
        }
    }
    if asked.fails.is_none() {
        failing.push(home);
    }
    let Some(at) = asked.at else { return Ok(Ground { home, failing, map, held: Held::Present(kept) }) };
    for record in &about {
        records::was_there(session, record, at)?;
    }
    let depth = asked.depth.min(MOST_HOPS) + 1;
    let mut starts: Vec<(Way, Vec<i64>)> = ways.iter().map(|way| (*way, vec![home])).collect();
    starts.push((Way::Impact, failing.clone()));
    let part = past::part(session, process, map, (&starts, depth), at)?;
    Ok(Ground { home, failing, map, held: Held::Past(Box::new(part)) })
}

fn answer(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    ground: &Ground,
    (from, asked): (&[i64], &Asked),
) -> Result<Impact> {
    let (config, map) = (session.config, ground.map);
    let (depth, most) = (asked.depth.min(MOST_HOPS), asked.most.min(MOST));
    // Walked beyond what is asked for, so that what is cut is decided by what the caller sees.
    let reach = ground.held.ask(process, |graph| ways_from(config, process, graph, from, (asked.way, depth + 1)))?;
    let reached = reached(from, &reach);
    let mut items = visible(session, caller, process, map, &reached, most + from.len() + 1)?;
    items.sort_by_key(|item| (item.hops, item.id != ground.home, item.id));
    if let Some(at) = asked.at {
        as_they_were(session, caller, process, map, &mut items, at)?;
    }
    let (mut items, deeper): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.hops <= depth);
    let more = !deeper.is_empty() || items.len() > most + from.len() || reach.found.len() >= MOST_WALKED;
    items.truncate(most + from.len());
    let mut answer = Impact { items, more, ..Impact::default() };
    let seen: Vec<i64> = answer.items.iter().map(|item| item.id).collect();
    answer.services = services(session, caller, &answer.items)?;
    answer.organisations = organisations(&answer);
    answer.touching = if let Some(at) = asked.at {
        past::touching(session, caller, process, (&seen, MOST_TOUCHING), at)?
    } else {
        let most = i64::try_from(MOST_TOUCHING).unwrap_or(i64::MAX);
        store::touching(session.conn, &caller.scope, process.key, &seen, most)?
    };
    let classes = answer.items.iter().filter_map(|item| item.class);
    let owners =
        answer.organisations.iter().map(|(id, _)| *id).chain(answer.items.iter().filter_map(|i| i.organisation));
    let served = answer.services.iter().flat_map(|service| service.serves.iter().flatten().copied());
    let ids: Vec<i64> = classes.chain(owners).chain(served).collect();
    answer.names = ids.into_iter().filter_map(|id| Some((id, config.names.get(&id)?.clone()))).collect();
    Ok(answer)
}

/// Items with what they were called, and were, at an instant.
fn as_they_were(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    map: &'static Map,
    items: &mut [Reached],
    at: i64,
) -> Result<()> {
    let spine = [spine::TITLE.def.key, spine::ORGANISATION.def.key, spine::SERVICE.def.key];
    let keys = [spine[0], spine[1], spine[2], map.class.key, map.environment.key];
    let fields = keys.iter().filter_map(|key| process.field(key)).collect();
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let place: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    PastReader::new(caller, process, fields).each(session, &ids, at + 1, |then| {
        let Some(item) = place.get(&then.id).and_then(|place| items.get_mut(*place)) else { return };
        then.state.key.clone_into(&mut item.state);
        then.value(keys[0]).as_text().unwrap_or_default().clone_into(&mut item.title);
        item.organisation = then.value(keys[1]).as_int();
        item.service = then.value(keys[2]).as_int();
        item.class = then.value(map.class.key).as_int();
        item.environment = then.value(map.environment.key).as_text().map(str::to_owned);
    })
}

/// Walks the kept graph of a process from some records, through whatever lies on the way.
pub(super) fn walk(
    session: &Session<'_>,
    process: &'static Process,
    from: &[i64],
    way: Way,
    depth: u32,
) -> Result<Reach> {
    let Some(kept) = &session.maps else { return Err(Refusal::missing("map").into()) };
    let graphs = kept.read();
    let Some(graph) = graphs.get(process.key) else { return Err(Refusal::missing("map").into()) };
    Ok(ways_from(session.config, process, graph, from, (way, depth)))
}

pub(super) fn ways_from(
    config: &Config,
    process: &'static Process,
    graph: &Graph,
    from: &[i64],
    (way, depth): (Way, u32),
) -> Reach {
    let meaning = |key: &str| {
        let rules = config.relation(process, key).and_then(|relation| relation.rules);
        rules.map_or_else(Meaning::default, |rules| Meaning { carries: rules.carries, entry: rules.entry })
    };
    let under = |class, above| config.under(class, above);
    let law = Law { meaning: &meaning, under: &under };
    let limits = Limits { depth, most: MOST_WALKED };
    match way {
        Way::Impact => graph.impact(from, &law, limits),
        Way::Foundations => from.first().map(|from| graph.foundations(*from, &law, limits)).unwrap_or_default(),
    }
}

/// How each record of a reach is hit and how far it is away, those in question among them.
pub(super) fn reached(from: &[i64], reach: &Reach) -> BTreeMap<i64, (Hit, u32)> {
    let mut all: BTreeMap<i64, (Hit, u32)> =
        reach.found.iter().map(|found| (found.id, (found.hit, found.hops))).collect();
    all.extend(from.iter().map(|id| (*id, (Hit::Impacted, 0))));
    all
}

/// Those of a reach that are of a class of services; the database is asked about no other.
pub(super) fn that_stand_for_services(
    session: &Session<'_>,
    process: &'static Process,
    mut reached: BTreeMap<i64, (Hit, u32)>,
) -> BTreeMap<i64, (Hit, u32)> {
    let Some(kept) = &session.maps else { return BTreeMap::new() };
    let graphs = kept.read();
    let class = |id: i64| session.config.classes.get(&graphs.get(process.key)?.class(id)?);
    reached.retain(|id, _| class(*id).is_some_and(|class| class.service));
    reached
}

/// How records that the caller sees hang together.
fn links_among(
    config: &Config,
    process: &'static Process,
    graph: &Graph,
    ids: &[i64],
) -> Vec<(i64, &'static str, i64)> {
    let key = |link: Link| config.relation(process, graph.relations().get(link.relation as usize)?);
    let links = graph.links_among(ids).into_iter();
    let mut links: Vec<_> = links.filter_map(|link| Some((link.from, key(link)?.key, link.to))).collect();
    links.sort_unstable();
    links.dedup();
    links
}

/// The records of a reach that the caller sees, the nearest first: all, or at least so many as are enough. Nobody asks
/// the database for twenty thousand to show a tenth of them.
pub(super) fn visible(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    map: &'static Map,
    reached: &BTreeMap<i64, (Hit, u32)>,
    enough: usize,
) -> Result<Vec<Reached>> {
    let mut ids: Vec<i64> = reached.keys().copied().collect();
    ids.sort_by_key(|id| reached[id].1);
    let spine =
        [&spine::NUMBER.def, &spine::TITLE.def, &spine::STATE.def, &spine::ORGANISATION.def, &spine::SERVICE.def];
    let narrow = [Column::Narrow(map.class.key), Column::Narrow(map.environment.key)];
    let columns: Vec<Column> = spine.iter().map(|field| Column::Record(field.key)).chain(narrow).collect();
    let mut items = Vec::new();
    for some in ids.chunks(enough.clamp(100, MOST)) {
        if items.len() >= enough {
            break;
        }
        let these = Filter::In(Column::Record("id"), some.iter().map(|id| (*id).into()).collect());
        let question = Question { scope: &caller.scope, table: Some(records::table(process)), filter: &these };
        question.columns(session.conn, &columns, |id, values| {
            let text = |at: usize| values[at].as_text().unwrap_or_default().to_owned();
            let (hit, hops) = reached.get(&id).copied().unwrap_or((Hit::AtRisk, 0));
            items.push(Reached {
                id,
                number: text(0),
                title: text(1),
                state: text(2),
                organisation: values[3].as_int(),
                service: values[4].as_int(),
                class: values[5].as_int(),
                environment: values[6].as_text().map(str::to_owned),
                hit,
                hops,
            });
            Ok(())
        })?;
    }
    items.sort_by_key(|item| (item.hops, item.id));
    Ok(items)
}

/// The services that items stand for, as far as the caller reads them.
pub(super) fn services(session: &mut Session<'_>, caller: &Caller, items: &[Reached]) -> Result<Vec<Service>> {
    let Ok(reader) = Reader::of(caller, &SERVICES) else { return Ok(Vec::new()) };
    let stands = |item: &&Reached| {
        item.class.and_then(|class| session.config.classes.get(&class)).is_some_and(|class| class.service)
    };
    let standing: Vec<(i64, &Reached)> =
        items.iter().filter(stands).filter_map(|item| Some((item.service?, item))).collect();
    let ids: Vec<i64> = standing.iter().map(|(service, _)| *service).collect();
    let rows = entries::several(session.conn, SERVICES.key, &ids)?;
    let open: HashMap<i64, Entry> = rows
        .into_iter()
        .map(crate::config::entry_of)
        .filter(|entry| reader.opens(entry))
        .map(|entry| (entry.id, reader.shown(entry)))
        .collect();
    let mut services: Vec<Service> = standing
        .into_iter()
        .filter_map(|(id, item)| {
            let entry = open.get(&id)?;
            Some(Service {
                id,
                name: entry.name.clone(),
                criticality: entry.text("criticality").map(str::to_owned),
                serves: entry.values.contains_key("organisations").then(|| entry.ids("organisations").collect()),
                number: item.number.clone(),
                hit: item.hit,
            })
        })
        .collect();
    let rank = |service: &Service| {
        let known = mainstay_processes::registers::Criticality::CHOICES.iter();
        known.take_while(|choice| Some(choice.key) != service.criticality.as_deref()).count()
    };
    services.sort_by(|one, other| {
        other.hit.cmp(&one.hit).then(rank(one).cmp(&rank(other))).then_with(|| one.name.cmp(&other.name))
    });
    Ok(services)
}

fn organisations(answer: &Impact) -> Vec<(i64, Hit)> {
    let mut worst: BTreeMap<i64, Hit> = BTreeMap::new();
    let of_items = answer.items.iter().filter_map(|item| Some((item.organisation?, item.hit)));
    let served =
        answer.services.iter().flat_map(|service| service.serves.iter().flatten().map(|id| (*id, service.hit)));
    for (id, hit) in of_items.chain(served) {
        let known = worst.entry(id).or_insert(hit);
        *known = (*known).max(hit);
    }
    let mut all: Vec<(i64, Hit)> = worst.into_iter().collect();
    all.sort_by_key(|(id, hit)| (std::cmp::Reverse(*hit), *id));
    all
}
