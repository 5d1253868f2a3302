//! What happened lately, kept in memory by each node, so that figures of a period that goes on until now are counted
//! without reading its records.
//!
//! What is kept are facts about records, not answers: each answer asks who may see what, and counts. It follows the
//! event log before every answer, so an answer knows all that was committed before it was asked for. Nothing is kept of
//! a record but what figures rest on; what is kept can be thrown away at any time.

mod count;
mod facts;

pub(super) use count::{From, tally};
pub(super) use facts::GROUPS;

use super::course::Passage;
use super::sheet::Sheets;
use crate::caller::{Caller, Channel};
use crate::demo::removal;
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use facts::Facts;
use mainstay_store::events;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::Mutex;

/// So long before now it begins: thirty days of every calendar, and as long again as a node may take to begin anew.
const KEPT_MS: i64 = 33 * 86_400_000;
/// When it has grown to twice as much it begins anew.
const MOST_MS: i64 = 2 * KEPT_MS;
/// With more records touched since, it is quicker to begin anew.
const MOST_TOUCHED: i64 = 20_000;

/// What happened lately to the records of each process, as far as this node has followed the log.
#[derive(Default)]
pub(crate) struct Recent {
    /// From here on nothing is missing; epoch milliseconds UTC.
    since: i64,
    of: HashMap<&'static str, Facts>,
}

/// Shared by everybody who asks.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    recent: Arc<RwLock<Recent>>,
    /// Everything up to this event is in it. One at a time follows the log, so that what is read is never older than
    /// what is there.
    followed: Arc<Mutex<Option<i64>>>,
    /// What reports of other periods say.
    sheets: Arc<Sheets>,
}

/// What is kept, for an answer that began after the log had been followed.
#[derive(Clone)]
pub(crate) struct Followed {
    kept: Kept,
    /// Whoever answers sees this event and all before it.
    settled: i64,
}

impl Followed {
    /// What reports of other periods say, and the event up to which the answer has to know the log.
    pub(super) fn sheets(&self) -> (&Sheets, i64) {
        (&self.kept.sheets, self.settled)
    }
}

impl Kept {
    fn read(&self) -> RwLockReadGuard<'_, Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, news: News) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::All(all) => *recent = all,
            News::Some(parts) => {
                for (process, touched, facts) in parts {
                    recent.of.entry(process).or_default().replace(&touched, facts);
                }
            }
        }
    }
}

/// What following the log brought.
enum News {
    All(Recent),
    Some(Vec<(&'static str, Vec<i64>, Facts)>),
}

/// Follows the log up to now if somebody has asked for figures since this node began; a node that nobody asks keeps
/// nothing.
///
/// # Errors
/// As [`follow`].
pub async fn keep_up(desk: &Desk) -> Result<()> {
    let asked = desk.kept().followed.lock().await.is_some();
    if !asked {
        return Ok(());
    }
    let Followed { kept, settled } = follow(desk).await?;
    let keep = move |session: &mut Session<'_>, _: &Caller| kept.sheets.keep_up(session, settled);
    desk.read_long(&Credential::Engine, Channel::Engine, keep).await
}

/// Follows the log up to now.
///
/// # Errors
/// The database's; what is kept then stays where it was.
pub(crate) async fn follow(desk: &Desk) -> Result<Followed> {
    let kept = desk.kept().clone();
    // Whoever stops waiting for the answer does not let the next one in before this one has read.
    let mut followed = Arc::clone(&kept.followed).lock_owned().await;
    // Whoever begins to read after this sees everything up to it, and perhaps more, which is then read once again.
    let settled = desk.db().settled().await?;
    desk.read_long(&Credential::Engine, Channel::Engine, move |session, engine| {
        let since = kept.read().since;
        let begun = followed.filter(|_| (since..since + MOST_MS).contains(&session.now));
        kept.take(match begun {
            Some(cursor) => since_then(session, engine, cursor, since)?,
            None => everything(session, engine)?,
        });
        *followed = Some(settled);
        Ok(Followed { kept, settled })
    })
    .await
}

fn everything(session: &mut Session<'_>, engine: &Caller) -> Result<News> {
    let since = session.now - KEPT_MS;
    let mut of = HashMap::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let ids = facts::concerned(session, engine, process, since)?;
        of.insert(process.key, Facts::read(session, engine, process, since, &ids)?);
    }
    Ok(News::All(Recent { since, of }))
}

fn since_then(session: &mut Session<'_>, engine: &Caller, cursor: i64, since: i64) -> Result<News> {
    // Records that are gone have no events that would say so.
    if events::happened_beside(session.conn, cursor, removal::INSTALLATION, removal::REMOVED)? {
        return everything(session, engine);
    }
    let touched = events::touched(session.conn, cursor, MOST_TOUCHED)?;
    if i64::try_from(touched.len()).is_ok_and(|many| many >= MOST_TOUCHED) {
        return everything(session, engine);
    }
    let mut by_process: BTreeMap<&'static str, Vec<i64>> = BTreeMap::new();
    for (process, id) in touched {
        let process = process.and_then(|key| mainstay_processes::process(&key));
        if let Some(process) = process {
            by_process.entry(process.key).or_default().push(id);
        }
    }
    let mut parts = Vec::with_capacity(by_process.len());
    for (key, mut ids) in by_process {
        ids.sort_unstable();
        let Some(process) = mainstay_processes::process(key) else { continue };
        let facts = Facts::read(session, engine, process, since, &ids)?;
        parts.push((key, ids, facts));
    }
    Ok(News::Some(parts))
}

/// A step in the course of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passed {
    record: i64,
    at: i64,
    /// It took back what happened then, so it counts only where that lies before the period.
    takes_back: Option<i64>,
    what: Passage,
}
