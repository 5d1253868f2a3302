//! Live updates: one stream for a browser, told of what changed in what its tabs look at.
//!
//! A node reads the event log once for all its streams ([`news`]). A stream then asks with the rights of its session
//! what that means for what it shows, and says so in short messages ([`stream`]); the page fetches the rest as it
//! would by itself. Who has a record open is kept in memory and told to the other nodes ([`presence`]).

mod news;
mod presence;
mod stream;
mod topics;

pub use presence::{Doing, Stay};
pub use stream::open;
pub use topics::Topics;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mainstay_desk::Desk;
use mainstay_desk::live::News;
use tokio::sync::{Notify, broadcast};

use presence::Presence;

/// Streams of one session; a browser needs one, or one for each visible window.
const MOST_OF_SESSION: usize = 8;
/// Streams of one node.
const MOST: usize = 5_000;
/// News that a slow stream may have before it, until it is told to look at everything again.
const BACKLOG: usize = 256;

/// The live updates of a node.
pub struct Live {
    news: broadcast::Sender<Arc<News>>,
    /// Who has what open.
    pub presence: Arc<Presence>,
    streams: Mutex<Streams>,
}

#[derive(Default)]
struct Streams {
    /// By digest of the session, the oldest first.
    open: HashMap<String, Vec<(u64, Arc<Notify>)>>,
    count: usize,
    next: u64,
    /// Somebody reads the log for all.
    followed: bool,
    /// Other nodes are listened to, from the first stream on.
    listening: bool,
}

impl Live {
    /// Nobody looks on yet.
    #[must_use]
    pub fn new(desk: &Desk) -> Arc<Self> {
        let presence = Arc::new(Presence::new(desk.db().clone()));
        Arc::new(Self { news: broadcast::Sender::new(BACKLOG), presence, streams: Mutex::default() })
    }

    /// A place for one more stream of a session; none when the node has too many. The oldest of a session with too
    /// many is ended.
    fn admit(self: &Arc<Self>, desk: &Desk, session: &str) -> Option<Place> {
        let mut streams = self.lock();
        if streams.count >= MOST {
            return None;
        }
        streams.next += 1;
        streams.count += 1;
        let (number, ended) = (streams.next, Arc::new(Notify::new()));
        let own = streams.open.entry(session.to_owned()).or_default();
        own.push((number, Arc::clone(&ended)));
        if own.len() > MOST_OF_SESSION {
            // A permit is kept for a stream that is busy just now.
            own[0].1.notify_one();
        }
        let news = self.news.subscribe();
        if !std::mem::replace(&mut streams.followed, true) {
            tokio::spawn(news::follow(Arc::clone(self), desk.clone()));
        }
        if !std::mem::replace(&mut streams.listening, true) {
            tokio::spawn(news::listen(Arc::clone(&self.presence), desk.db().words()));
        }
        Some(Place { live: Arc::clone(self), session: session.to_owned(), number, ended, news })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the following when nobody looks on any more; false when somebody does.
    fn is_over(&self) -> bool {
        let mut streams = self.lock();
        let over = streams.count == 0;
        if over {
            streams.followed = false;
        }
        over
    }
}

/// The place of one stream; it is given up when this goes.
struct Place {
    live: Arc<Live>,
    session: String,
    number: u64,
    /// Rings when newer streams of the session took the place.
    ended: Arc<Notify>,
    news: broadcast::Receiver<Arc<News>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = self.live.lock();
        streams.count -= 1;
        if let Some(own) = streams.open.get_mut(&self.session) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                streams.open.remove(&self.session);
            }
        }
    }
}
