//! Clients that write and keep a journal of every acknowledged write.

use crate::wire::{Post, Wire};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Clients that write at the same time.
const CLIENTS: usize = 64;
/// Between two attempts on a server that is not there.
const PAUSE: Duration = Duration::from_millis(20);

/// An incident as one client had it acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub title: String,
    pub number: String,
    pub comments: Vec<String>,
    pub escalated: i64,
    pub cancelled: bool,
}

/// What clients know of the server.
#[derive(Clone)]
pub struct Place {
    pub address: watch::Receiver<SocketAddr>,
    /// True once every client is to finish the write under way and end.
    pub ending: watch::Receiver<bool>,
    pub token: Arc<str>,
}

/// Every client's journal.
#[derive(Default)]
pub struct Journal {
    pub entries: Vec<Entry>,
    /// Writes that had to be sent again because the answer never came.
    pub repeated: usize,
}

/// Lets all clients write until they are to end.
pub async fn write(place: &Place) -> Journal {
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(Client { number, place: place.clone(), wire: None, repeated: 0 }.work());
    }
    let mut all = Journal::default();
    for journal in clients.join_all().await {
        all.entries.extend(journal.entries);
        all.repeated += journal.repeated;
    }
    all
}

struct Client {
    number: usize,
    place: Place,
    wire: Option<Wire>,
    repeated: usize,
}

impl Client {
    async fn work(mut self) -> Journal {
        let mut entries = Vec::new();
        while !*self.place.ending.borrow() {
            let entry = self.story(entries.len()).await;
            entries.push(entry);
        }
        Journal { entries, repeated: self.repeated }
    }

    /// Opens an incident and goes on with it until its end, or until the client is to end.
    async fn story(&mut self, round: usize) -> Entry {
        let title = format!("Client {} story {round}", self.number);
        let body = json!({ "title": title, "symptoms": "Written while the machine fails." });
        let made = self.acknowledged(&title, "incidents", body).await;
        let number = made["number"].as_str().expect("a number").to_owned();
        let mut entry = Entry { title, number, ..Entry::default() };
        for step in 0..5 {
            if *self.place.ending.borrow() {
                break;
            }
            self.step(&mut entry, step).await;
        }
        entry
    }

    async fn step(&mut self, entry: &mut Entry, step: usize) {
        let (name, at) = (format!("{} step {step}", entry.title), format!("incidents/{}", entry.number));
        match step {
            0 | 2 => {
                self.acknowledged(&name, &format!("{at}/comments"), json!({ "body": name })).await;
                entry.comments.push(name);
            }
            1 | 3 => {
                self.acknowledged(&name, &format!("{at}/escalate"), json!({ "reason": name })).await;
                entry.escalated += 1;
            }
            _ => {
                let body = json!({ "cancel_reason": "raised_in_error", "reason": name });
                self.acknowledged(&name, &format!("{at}/cancel"), body).await;
                entry.cancelled = true;
            }
        }
    }

    /// Sends a command until it is acknowledged, always with the same key.
    async fn acknowledged(&mut self, name: &str, path: &str, body: Json) -> Json {
        let post = Post { path: path.to_owned(), body, key: name.replace(' ', "-") };
        loop {
            if let Some(done) = self.attempt(&post).await {
                return done;
            }
            self.wire = None;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn attempt(&mut self, post: &Post) -> Option<Json> {
        if self.wire.is_none() {
            let address = *self.place.address.borrow();
            self.wire = Some(Wire::connect(address, &self.place.token).await?);
        }
        let Some(answer) = self.wire.as_mut()?.post(post).await else {
            self.repeated += 1;
            return None;
        };
        assert!(answer.status.is_success(), "{post:?} was answered {answer:?}");
        Some(answer.body)
    }
}
