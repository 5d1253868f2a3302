//! The search index follows what happens, also what happened while nobody ran.

use mainstay_desk::feed::{self, Search};
use mainstay_desk::{Channel, Credential, Desk, records};
use mainstay_processes::process;
use mainstay_search::Index;
use mainstay_testing::House;
use mainstay_work::Work;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn report(desk: &Desk, person: i64, title: &str) {
    let Json::Object(values) = json!({ "title": title }) else { unreachable!("an object") };
    let opening = records::Opening { values, ..records::Opening::default() };
    let incident = process("incident").expect("the process");
    let credential = Credential::Person(person);
    let done = desk.write(&credential, Channel::Desk, move |session, caller| {
        records::open(session, caller, incident, &opening).map(|_| ())
    });
    done.await.expect("it opens");
}

async fn found(desk: &Desk, person: i64, word: &'static str) -> usize {
    let index = Arc::clone(desk.search().expect("an index"));
    let search = Search { text: word.into(), limit: 10, ..Search::default() };
    let credential = Credential::Person(person);
    let rows = desk.read(&credential, Channel::Desk, move |session, caller| {
        Ok(feed::search(session, caller, &index, &search)?.rows.len())
    });
    rows.await.expect("a search")
}

async fn until_found(desk: &Desk, person: i64, word: &'static str) {
    let began = Instant::now();
    while found(desk, person, word).await == 0 {
        assert!(began.elapsed() < Duration::from_mins(1), "{word} is not found");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn indexed(desk: &Desk, folder: &Path) -> Desk {
    desk.clone().with_search(Arc::new(Index::open(folder).expect("the index opens")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_index_catches_up_with_what_happened_while_nobody_ran() {
    for house in House::both().await {
        let agent = house.cast.agent;
        let folder = std::env::temp_dir().join(format!("mainstay-index-{}-{}", std::process::id(), house.kind()));
        let first = indexed(&house.desk, &folder);
        report(&first, agent, "The barometer is stuck").await;
        let work = Work::start(&first);
        until_found(&first, agent, "barometer").await;
        report(&first, agent, "The hygrometer is stuck").await;
        until_found(&first, agent, "hygrometer").await;
        work.stop().await;
        let reached = first.search().expect("an index").cursor().expect("a cursor");
        drop(first);

        let house = house.restarted();
        report(&house.desk, agent, "The anemometer is stuck").await;
        let second = indexed(&house.desk, &folder);
        assert_eq!(second.search().expect("an index").cursor().expect("a cursor"), reached, "it goes on from there");
        let behind = feed::lag(&second, second.search().expect("an index")).await.expect("a lag");
        assert!(behind > 0, "the doctor would say so");
        assert_eq!((found(&second, agent, "barometer").await, found(&second, agent, "anemometer").await), (1, 0));
        let work = Work::start(&second);
        until_found(&second, agent, "anemometer").await;
        let behind = feed::lag(&second, second.search().expect("an index")).await.expect("a lag");
        assert_eq!(behind, 0);
        assert_eq!(found(&second, agent, "barometer").await, 1, "once, not twice");
        work.stop().await;
        drop(second);
        std::fs::remove_dir_all(&folder).expect("the folder goes");
    }
}
