//! What hangs together with some records, as it stands in this transaction: for decisions, which may not rest on what
//! this node has followed so far. Answers for people come from [`super::impact`].

use super::answer::{MOST_HOPS, Way};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::process::{Carries, Phase, Process};
use mainstay_engine::spine;
use mainstay_store::{Column, Filter, Op, Question, maps as store};
use std::collections::{BTreeSet, HashMap};

/// The records themselves and everything on their way up or down, whoever may see it; `most` of them, about. What is over
/// leads nowhere.
///
/// # Errors
/// The database's.
pub fn near(
    session: &mut Session<'_>,
    process: &'static Process,
    start: &[i64],
    way: Way,
    most: usize,
) -> Result<BTreeSet<i64>> {
    let carried: HashMap<&str, Carries> = session
        .config
        .relations(process)
        .filter_map(|relation| Some((relation.key, relation.rules?.carries)))
        .filter(|(_, carries)| *carries != Carries::Nothing)
        .collect();
    let keys: Vec<&str> = carried.keys().copied().collect();
    let mut known: BTreeSet<i64> = in_use(session, process, start)?.into_iter().collect();
    let mut edge: Vec<i64> = known.iter().copied().collect();
    for _ in 0..MOST_HOPS {
        if edge.is_empty() || known.len() >= most || keys.is_empty() {
            break;
        }
        let mut next = BTreeSet::new();
        store::links(session.conn, &keys, Some(&edge), |from, relation, to| {
            let (dependent, needed) =
                if carried.get(relation) == Some(&Carries::ToFirst) { (from, to) } else { (to, from) };
            let (here, there) = if way == Way::Impact { (needed, dependent) } else { (dependent, needed) };
            let room = known.len() + next.len() < most;
            if room && edge.binary_search(&here).is_ok() && !known.contains(&there) {
                next.insert(there);
            }
            Ok(())
        })?;
        edge = in_use(session, process, &next.into_iter().collect::<Vec<_>>())?;
        known.extend(edge.iter().copied());
    }
    Ok(known)
}

/// Those of some records that are not over, in the order of their ids.
fn in_use(session: &mut Session<'_>, process: &'static Process, ids: &[i64]) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::And(vec![
        Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect()),
        Filter::Is(Column::Record(spine::PHASE.def.key), Op::Lt, Phase::Closed.number().into()),
    ]);
    let scope = Caller::engine(Channel::Engine).scope;
    let question = Question { scope: &scope, table: Some(records::table(process)), filter: &filter };
    let mut found = Vec::new();
    question.columns(session.conn, &[], |id, _| {
        found.push(id);
        Ok(())
    })?;
    found.sort_unstable();
    Ok(found)
}
