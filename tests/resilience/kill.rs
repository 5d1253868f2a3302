//! Killed without warning, again and again, under the load of many clients.

use crate::books;
use crate::clients::{self, Place};
use crate::program::{self, Server};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

const KILLS: u64 = 20;
/// A server lives at most this long, in milliseconds after it was ready.
const LONGEST_LIFE: u64 = 900;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_under_load_lose_nothing_and_double_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    Server::demo(&data).stop();
    let token = program::token(&data).into();
    let first = Server::start(&data);
    let (address, ending) = (watch::Sender::new(first.address), watch::Sender::new(false));
    let place = Place { address: address.subscribe(), ending: ending.subscribe(), token };
    let writing = tokio::spawn(async move { clients::write(&place).await });
    let last = survive(first, &data, &address).await;
    ending.send_replace(true);
    let journal = writing.await.expect("every client was served");
    last.stop();
    println!("{} incidents, {} writes sent again after a kill", journal.entries.len(), journal.repeated);
    assert!(journal.repeated as u64 >= KILLS, "the kills met no write under way");
    books::audit(&data, &journal.entries, "Client %");
}

/// Kills and starts again, each time at another moment of the server's life.
async fn survive(mut server: Server, data: &Path, address: &watch::Sender<std::net::SocketAddr>) -> Server {
    for kill in 0..KILLS {
        // Some die before they have served anybody, most in the middle of a burst.
        let life = if kill % 5 == 4 { 0 } else { RandomState::new().build_hasher().finish() % LONGEST_LIFE };
        tokio::time::sleep(Duration::from_millis(life)).await;
        server.kill();
        let folder = data.to_owned();
        server = tokio::task::spawn_blocking(move || Server::start(&folder)).await.expect("it starts again");
        address.send_replace(server.address);
    }
    server
}
