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
pub async fn run(desk: Desk, index: Arc<Index>, stop: watch::Receiver<bool>) {
    run_within(desk, index, stop, FAR_BEHIND).await;
}

/// [`run`], building anew beyond so many events.
async fn run_within(desk: Desk, index: Arc<Index>, mut stop: watch::Receiver<bool>, far_behind: i64) {
    let mut commits = desk.db().on_commit();
    let mut patience = Patience::default();
    while !*stop.borrow() {
        commits.mark_unchanged();
        let wait = match follow(&desk, &index, &stop, far_behind).await {
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

async fn follow(desk: &Desk, index: &Arc<Index>, stop: &watch::Receiver<bool>, far_behind: i64) -> Result<()> {
    if feed::lag(desk, index).await? > far_behind {
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

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_desk::{Channel, Credential, records};
    use mainstay_search::{Change, Document, ScopeTerms};
    use mainstay_testing::House;
    use serde_json::{Value as Json, json};

    async fn report(house: &House, title: &str) {
        let Json::Object(values) = json!({ "title": title }) else { unreachable!("an object") };
        let opening = records::Opening { values, ..records::Opening::default() };
        let process = mainstay_processes::ALL[0];
        let agent = Credential::Person(house.cast.agent);
        let done = house.desk.write(&agent, Channel::Desk, move |session, caller| {
            records::open(session, caller, process, &opening).map(|_| ())
        });
        done.await.expect("it opens");
    }

    fn has(index: &Index, word: &str) -> bool {
        let everything = ScopeTerms { everything: true, ..ScopeTerms::default() };
        !index.complete(word, &everything, 10).expect("a search").is_empty()
    }

    /// A document of a record that there is not: following the log never meets it, building anew leaves it out.
    fn haunt(index: &Index) {
        let ghost =
            Document { id: 1_000_000, number: "INC-1000000".into(), title: "Phantom".into(), ..Document::default() };
        index.apply(&[Change::Put(Box::new(ghost))], 0).expect("it is put in");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_index_is_built_anew_beyond_the_limit_and_follows_the_log_up_to_it() {
        for house in House::both().await {
            report(&house, "The barometer is stuck").await;
            let (_stop, stopped) = watch::channel(false);
            let index = Arc::new(Index::in_memory().expect("an index"));
            haunt(&index);
            let behind = feed::lag(&house.desk, &index).await.expect("a lag");
            assert!(behind > 1);
            follow(&house.desk, &index, &stopped, behind).await.expect("it follows");
            assert!(has(&index, "barometer") && has(&index, "phantom"), "as far as the limit it follows");

            let index = Arc::new(Index::in_memory().expect("an index"));
            haunt(&index);
            follow(&house.desk, &index, &stopped, behind - 1).await.expect("it is built");
            assert!(has(&index, "barometer") && !has(&index, "phantom"), "beyond it is built anew");
            assert_eq!(feed::lag(&house.desk, &index).await.expect("a lag"), 0);
            report(&house, "The hygrometer is stuck").await;
            follow(&house.desk, &index, &stopped, behind - 1).await.expect("it follows");
            assert!(has(&index, "hygrometer") && has(&index, "barometer"), "and follows from there");
        }
    }
}
