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
use std::collections::BTreeSet;

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
    let carrying = |meant: Carries| -> Vec<&'static str> {
        let relations = session.config.relations(process);
        relations.filter(|relation| relation.rules.is_some_and(|r| r.carries == meant)).map(|r| r.key).collect()
    };
    let (first, second) = (carrying(Carries::ToFirst), carrying(Carries::ToSecond));
    // From where to where a link is followed: by the first ones the record that has them depends on the other.
    let (up, down) = (("to_record", "from_record"), ("from_record", "to_record"));
    let ways = if way == Way::Impact { [(up, &first), (down, &second)] } else { [(down, &first), (up, &second)] };
    let mut known: BTreeSet<i64> = in_use(session, process, start)?.into_iter().collect();
    let mut edge: Vec<i64> = known.iter().copied().collect();
    for _ in 0..MOST_HOPS {
        if edge.is_empty() || known.len() >= most {
            break;
        }
        let mut next = BTreeSet::new();
        for (ends, relations) in ways.iter().filter(|(_, relations)| !relations.is_empty()) {
            // Of an item on which everything stands no more is read than is asked for.
            for there in store::beside(session.conn, &edge, *ends, relations, most)? {
                if known.len() + next.len() < most && !known.contains(&there) {
                    next.insert(there);
                }
            }
        }
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
