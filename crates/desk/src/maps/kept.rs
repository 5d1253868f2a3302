//! The graph of each map, kept in memory by each node and brought up to the log before every answer.

use crate::caller::Caller;
use crate::config::Config;
use crate::demo::removal;
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use crate::{Channel, records};
use mainstay_engine::graph::{Graph, Link, Need, Node};
use mainstay_engine::process::{Map, Phase, Process};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{Column, Filter, Question, events, maps as store};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::Mutex;

/// With more records touched since, it is quicker to begin anew.
const MOST_TOUCHED: i64 = 20_000;
/// With more of its records changed since its arrays were made, a graph is made anew, unless it is small.
const MOST_CHANGED: usize = 50_000;
/// Records that are read at a time.
const BATCH: usize = 2_000;

type Graphs = HashMap<&'static str, Graph>;

/// Shared by everybody who asks.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    graphs: Arc<RwLock<Graphs>>,
    /// Everything up to this event is in them. One at a time follows the log, so that what is read is never older than
    /// what is there.
    followed: Arc<Mutex<Option<i64>>>,
}

impl Kept {
    pub fn read(&self) -> RwLockReadGuard<'_, Graphs> {
        self.graphs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, news: News) {
        let mut graphs = self.graphs.write().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::All(all) => *graphs = all,
            News::Some(parts) => {
                for (process, nodes, links) in parts {
                    let graph = graphs.entry(process).or_default();
                    let links: Vec<Link> = links
                        .into_iter()
                        .map(|(from, relation, to)| Link { from, relation: graph.relation(&relation), to })
                        .collect();
                    graph.put(nodes, &links);
                }
            }
        }
    }
}

type NamedLink = (i64, String, i64);

/// What following the log brought.
enum News {
    All(Graphs),
    Some(Vec<(&'static str, Vec<Node>, Vec<NamedLink>)>),
}

/// Follows the log up to now if somebody has asked since this node began; a node that nobody asks keeps nothing.
///
/// # Errors
/// As [`follow`].
pub async fn keep_up(desk: &Desk) -> Result<()> {
    let asked = desk.maps().followed.lock().await.is_some();
    if asked { follow(desk).await } else { Ok(()) }
}

/// Follows the log up to now.
///
/// # Errors
/// The database's; what is kept then stays where it was.
pub async fn follow(desk: &Desk) -> Result<()> {
    let kept = desk.maps().clone();
    // Whoever stops waiting for the answer does not let the next one in before this one has read.
    let mut followed = Arc::clone(&kept.followed).lock_owned().await;
    // Whoever begins to read after this sees everything up to it, and perhaps more, which is then read once again.
    let settled = desk.db().settled().await?;
    if *followed == Some(settled) && desk.db().dialect() == mainstay_store::Dialect::Sqlite {
        return Ok(());
    }
    desk.read_long(&Credential::Engine, Channel::Engine, move |session, engine| {
        let begun = followed.filter(|_| still_good(&kept.read(), session.config));
        let news = match begun {
            Some(cursor) => since_then(session, engine, cursor)?,
            None => News::All(everything(session, engine)?),
        };
        kept.take(news);
        *followed = Some(settled);
        Ok(())
    })
    .await
}

fn mapped() -> impl Iterator<Item = (&'static Process, &'static Map)> {
    mainstay_processes::ALL.iter().copied().filter_map(|process| Some((process, process.map.as_ref()?)))
}

/// The keys of the relations whose links are kept.
fn relations(config: &Config, process: &Process) -> Vec<&'static str> {
    config.process(process).relations.iter().map(|relation| relation.key).collect()
}

/// Whether the graphs have the links of all relations, and are made of their arrays mostly.
fn still_good(graphs: &Graphs, config: &Config) -> bool {
    mapped().all(|(process, _)| {
        graphs.get(process.key).is_some_and(|graph| {
            let known = |key: &&str| graph.relations().iter().any(|known| known == key);
            let few = graph.changed() <= MOST_CHANGED.max(graph.len() / 8);
            few && relations(config, process).iter().all(known)
        })
    })
}

fn everything(session: &mut Session<'_>, engine: &Caller) -> Result<Graphs> {
    let mut graphs = Graphs::new();
    for (process, map) in mapped() {
        let keys = relations(session.config, process);
        let nodes = nodes(session, engine, process, map, None)?;
        let place: HashMap<&str, u16> = keys.iter().copied().zip(0..).collect();
        let mut links = Vec::new();
        store::links(session.conn, &keys, None, |from, relation, to| {
            links.extend(place.get(relation).map(|relation| Link { from, relation: *relation, to }));
            Ok(())
        })?;
        let keys = keys.into_iter().map(str::to_owned).collect();
        graphs.insert(process.key, Graph::new(nodes, keys, &links));
    }
    Ok(graphs)
}

fn since_then(session: &mut Session<'_>, engine: &Caller, cursor: i64) -> Result<News> {
    // Records that are gone have no events that would say so.
    if events::happened_beside(session.conn, cursor, removal::INSTALLATION, removal::REMOVED)? {
        return Ok(News::All(everything(session, engine)?));
    }
    let touched = events::touched(session.conn, cursor, MOST_TOUCHED)?;
    if i64::try_from(touched.len()).is_ok_and(|many| many >= MOST_TOUCHED) {
        return Ok(News::All(everything(session, engine)?));
    }
    let mut parts = Vec::new();
    for (process, map) in mapped() {
        let of_process = |(of, id): &(Option<String>, i64)| (of.as_deref() == Some(process.key)).then_some(*id);
        let ids: Vec<i64> = touched.iter().filter_map(of_process).collect();
        let keys = relations(session.config, process);
        for part in ids.chunks(BATCH) {
            let nodes = nodes(session, engine, process, map, Some(part))?;
            let mut links: Vec<NamedLink> = Vec::new();
            store::links(session.conn, &keys, Some(part), |from, relation, to| {
                links.push((from, relation.to_owned(), to));
                Ok(())
            })?;
            // A link between two of them comes from both ends.
            links.sort_unstable();
            links.dedup();
            parts.push((process.key, nodes, links));
        }
    }
    Ok(News::Some(parts))
}

/// The records of a map, or some of them.
fn nodes(
    session: &mut Session<'_>,
    engine: &Caller,
    process: &'static Process,
    map: &Map,
    ids: Option<&[i64]>,
) -> Result<Vec<Node>> {
    let filter = match ids {
        Some(ids) => Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect()),
        None => Filter::Always,
    };
    let question = Question { scope: &engine.scope, table: Some(records::table(process)), filter: &filter };
    let columns = [Column::Record(spine::PHASE.def.key), Column::Narrow(map.class.key), Column::Narrow(map.needs.key)];
    let mut nodes = Vec::new();
    question.columns(session.conn, &columns, |id, mut values| {
        let needs = values.pop().map_or(Value::Null, |value| records::value_of(&map.needs, value));
        let (phase, class) = (values[0].as_int(), values[1].as_int().unwrap_or_default());
        let gone = phase == Some(Phase::Closed.number());
        nodes.push(Node { id, class, gone, needs: needs.as_list().iter().filter_map(need).collect() });
        Ok(())
    })?;
    Ok(nodes)
}

/// A row of what a record can do without.
pub fn need(row: &Value) -> Option<Need> {
    Some(Need {
        relation: row.column("relation").as_int()?,
        class: row.column("class").as_int(),
        least: u32::try_from(row.column("needs").as_int()?).ok()?,
    })
}
