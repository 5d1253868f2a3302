//! The search index: it follows the event log, about a second behind.

use crate::pace::{Patience, stopped_within};
use mainstay_desk::{Desk, Error, Result, feed};
use mainstay_search::Index;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Events read in one go; each time costs a commit of the index, and segments to merge later.
const BATCH: i64 = 10_000;
/// Beyond so many events it is quicker to read every record once.
const FAR_BEHIND: i64 = 50_000;
/// Changes gather so long, because each batch costs a commit of its own.
const GATHER: Duration = Duration::from_secs(1);
/// Other nodes may commit without this one hearing of it.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Keeps the index up with the log until told to stop.
pub async fn run(desk: Desk, index: Arc<Index>, mut stop: watch::Receiver<bool>) {
    let mut commits = desk.db().on_commit();
    let mut patience = Patience::default();
    while !*stop.borrow() {
        commits.mark_unchanged();
        let wait = match follow(&desk, &index, &stop).await {
            Ok(()) => {
                patience.restore();
                GATHER
            }
            Err(error) => {
                tracing::warn!(%error, "the search index has to wait");
                patience.lose()
            }
        };
        if stopped_within(&mut stop, wait).await {
            break;
        }
        tokio::select! {
            stopped = stopped_within(&mut stop, LONGEST_WAIT) => if stopped { break },
            _ = commits.changed() => {}
        }
    }
    if let Err(error) = blocking(move || Ok(index.close()?)).await {
        tracing::warn!(%error, "the search index was not closed in order");
    }
}

async fn follow(desk: &Desk, index: &Arc<Index>, stop: &watch::Receiver<bool>) -> Result<()> {
    if feed::lag(desk, index).await? > FAR_BEHIND {
        rebuild(desk, index).await?;
    }
    let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
    while feed::catch_up(desk, index, BATCH).await? >= full && !*stop.borrow() {}
    Ok(())
}

/// Builds the index anew while searches go on with the old one.
async fn rebuild(desk: &Desk, index: &Arc<Index>) -> Result<()> {
    let (desk, index, began) = (desk.clone(), Arc::clone(index), Instant::now());
    tracing::info!("the search index is far behind and is built anew");
    blocking(move || {
        let (documents, cursor) = feed::documents(&desk, |_| {})?;
        Ok(index.rebuild(documents, cursor)?)
    })
    .await?;
    tracing::info!(seconds = began.elapsed().as_secs(), "the search index is built");
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|why| Error::Search(why.to_string()))?
}
