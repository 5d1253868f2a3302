//! The event log, read once for all streams of a node, and what other nodes say about who is where.

use std::sync::Arc;
use std::time::Duration;

use mainstay_desk::Desk;
use mainstay_desk::live::{self, News};
use mainstay_store::Word;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Live;
use super::presence::Presence;

/// Commits of this time are told together.
const GATHER: Duration = Duration::from_millis(100);
/// Other nodes may commit without this one hearing of it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// After a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads the log for the streams until there are none.
pub async fn follow(live: Arc<Live>, desk: Desk) {
    let mut commits = desk.db().on_commit();
    let mut cursor = None;
    while !live.is_over() {
        commits.mark_unchanged();
        if let Err(error) = read(&live, &desk, &mut cursor).await {
            tracing::warn!(%error, "live updates wait for the database");
            tokio::time::sleep(PAUSE).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LONGEST_WAIT) => {}
            // A database that is closed says nothing any more.
            changed = commits.changed() => {
                tokio::time::sleep(if changed.is_ok() { GATHER } else { LONGEST_WAIT }).await;
            }
        }
    }
}

/// Hears who is where at other nodes, also while nobody looks on here: who left meanwhile is not there any more.
pub async fn listen(presence: Arc<Presence>, mut words: Receiver<Word>) {
    loop {
        match words.recv().await {
            Ok(word) => presence.hear(&word),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => break,
        }
    }
}

/// Tells what the log says since the last time. The first time it only finds its place: whoever came before that
/// reads what lies before by themselves.
async fn read(live: &Live, desk: &Desk, cursor: &mut Option<i64>) -> mainstay_desk::Result<()> {
    let Some(mut after) = *cursor else {
        let newest = live::newest(desk).await?;
        *cursor = Some(newest);
        // Streams that came meanwhile may have read an older place.
        let _ = live.news.send(Arc::new(News::of_anything(newest)));
        return Ok(());
    };
    while let Some((news, more)) = live::news_after(desk, after).await? {
        after = news.up_to;
        *cursor = Some(after);
        // Nobody may be left to hear it.
        let _ = live.news.send(Arc::new(news));
        if !more {
            break;
        }
    }
    Ok(())
}
