//! Who has a record open, and what they do there: kept in memory, told to the other nodes, gone by itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mainstay_store::{Db, Word};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::time::Instant;

/// Somebody whose stream ended is still there for so long: tabs that change pages begin a new one.
const GRACE: Duration = Duration::from_secs(3);
/// Whoever stops typing has stopped replying after this time.
const TYPING: Duration = Duration::from_secs(6);
/// What another node said holds for so long unless it says it again.
const HEARSAY: Duration = Duration::from_secs(40);
/// Records that changed hands and that a slow stream may have before it.
const BACKLOG: usize = 256;

/// What somebody does on a record, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    /// Has it open and is away.
    Idle,
    /// Looks at it.
    Viewing,
    /// Writes.
    Editing,
}

impl Doing {
    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "idle" => Some(Self::Idle),
            "viewing" => Some(Self::Viewing),
            "editing" => Some(Self::Editing),
            _ => None,
        }
    }
}

/// What one node says of one person on one record.
#[derive(Debug, Serialize, Deserialize)]
struct Gossip {
    record: i64,
    person: i64,
    /// None when they are gone.
    doing: Option<Doing>,
}

/// What nodes say to each other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Said {
    Does(Gossip),
    /// Asks who is on a record: a node knows nothing of what was said before somebody looked on there.
    Who {
        who: i64,
    },
}

/// One person on one record at this node.
#[derive(Debug, Default)]
struct Local {
    /// Streams that have it open: number and whether the tab is visible.
    stays: BTreeMap<u64, bool>,
    typing: Option<Instant>,
    away: bool,
    /// When the last stream ended.
    left: Option<Instant>,
    /// What was said last.
    said: Option<Doing>,
}

impl Local {
    fn doing(&self, now: Instant) -> Option<Doing> {
        if self.stays.is_empty() && self.left.is_none_or(|left| now.duration_since(left) >= GRACE) {
            return None;
        }
        if self.typing.is_some_and(|since| now.duration_since(since) < TYPING) {
            return Some(Doing::Editing);
        }
        let seen = self.stays.is_empty() || self.stays.values().any(|visible| *visible);
        Some(if seen && !self.away { Doing::Viewing } else { Doing::Idle })
    }
}

/// By node and person: what they do, and since when that holds.
type Hearsay = HashMap<(i32, i64), (Doing, Instant)>;

#[derive(Default)]
struct Known {
    /// By record and person.
    here: HashMap<(i64, i64), Local>,
    /// By record.
    elsewhere: HashMap<i64, Hearsay>,
    next: u64,
}

/// Who has what open.
pub struct Presence {
    db: Db,
    known: Mutex<Known>,
    changed: broadcast::Sender<i64>,
}

impl Presence {
    pub(super) fn new(db: Db) -> Self {
        Self { db, known: Mutex::default(), changed: broadcast::Sender::new(BACKLOG) }
    }

    /// The records on which something changed from now on.
    pub(super) fn changes(&self) -> broadcast::Receiver<i64> {
        self.changed.subscribe()
    }

    /// Somebody has a record open until the answer is dropped.
    #[must_use]
    pub fn enter(self: &Arc<Self>, record: i64, person: i64, visible: bool) -> Stay {
        let (number, first) = {
            let mut known = self.lock();
            let first = !known.here.keys().any(|(of, _)| *of == record);
            known.next += 1;
            let number = known.next;
            let local = known.here.entry((record, person)).or_default();
            local.stays.insert(number, visible);
            local.left = None;
            (number, first)
        };
        self.settle(record, person, false);
        if first {
            self.say(&Said::Who { who: record });
        }
        Stay { presence: Arc::clone(self), record, person, number }
    }

    /// What somebody who has it open does there; who does not is not there.
    pub fn does(self: &Arc<Self>, record: i64, person: i64, doing: Doing) {
        {
            let mut known = self.lock();
            let Some(local) = known.here.get_mut(&(record, person)) else { return };
            local.typing = (doing == Doing::Editing).then(Instant::now);
            local.away = doing == Doing::Idle;
        }
        self.settle(record, person, false);
        if doing == Doing::Editing {
            self.settle_after(TYPING, record, person);
        }
    }

    /// The people on a record and what they do, by their ids.
    #[must_use]
    pub fn on(&self, record: i64) -> Vec<(i64, Doing)> {
        let (known, now) = (self.lock(), Instant::now());
        let mut people: BTreeMap<i64, Doing> = BTreeMap::new();
        let mut add = |person: i64, doing: Doing| {
            let best = people.entry(person).or_insert(doing);
            *best = (*best).max(doing);
        };
        let here = known.here.iter().filter(|((of, _), _)| *of == record);
        here.filter_map(|((_, person), local)| Some((*person, local.doing(now)?))).for_each(|(p, d)| add(p, d));
        let elsewhere = known.elsewhere.get(&record).into_iter().flatten();
        let fresh = elsewhere.filter(|(_, (_, since))| now.duration_since(*since) < HEARSAY);
        fresh.for_each(|((_, person), (doing, _))| add(*person, *doing));
        people.into_iter().collect()
    }

    /// Takes in what another node says.
    pub(super) fn hear(&self, word: &Word) {
        let gossip = match serde_json::from_str(&word.text) {
            Ok(Said::Does(gossip)) => gossip,
            Ok(Said::Who { who }) => return self.answer(who),
            // A node of another version.
            Err(_) => return,
        };
        let now = Instant::now();
        let news = {
            let mut known = self.lock();
            let people = known.elsewhere.entry(gossip.record).or_default();
            people.retain(|_, (_, since)| now.duration_since(*since) < HEARSAY);
            let before = match gossip.doing {
                Some(doing) => people.insert((word.node, gossip.person), (doing, now)),
                None => people.remove(&(word.node, gossip.person)),
            };
            if people.is_empty() {
                known.elsewhere.remove(&gossip.record);
            }
            before.map(|(doing, _)| doing) != gossip.doing
        };
        if news {
            self.tell(gossip.record);
        }
    }

    /// Says what somebody does now where that is news, or `anyway`; forgets who is gone.
    fn settle(&self, record: i64, person: i64, anyway: bool) {
        let doing = {
            let (mut known, now) = (self.lock(), Instant::now());
            let Some(local) = known.here.get_mut(&(record, person)) else { return };
            let doing = local.doing(now);
            if doing == local.said && !anyway {
                return;
            }
            local.said = doing;
            if doing.is_none() {
                known.here.remove(&(record, person));
            }
            doing
        };
        self.say(&Said::Does(Gossip { record, person, doing }));
        self.tell(record);
    }

    /// Says again who is on a record here.
    fn answer(&self, record: i64) {
        let people: Vec<i64> =
            self.lock().here.keys().filter(|(of, _)| *of == record).map(|(_, person)| *person).collect();
        for person in people {
            self.settle(record, person, true);
        }
    }

    fn say(&self, said: &Said) {
        // Numbers and a word always make JSON.
        self.db.say(serde_json::to_string(said).unwrap_or_default());
    }

    fn settle_after(self: &Arc<Self>, time: Duration, record: i64, person: i64) {
        // Where no runtime is left, nobody is left to be told.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let presence = Arc::clone(self);
        runtime.spawn(async move {
            tokio::time::sleep(time).await;
            presence.settle(record, person, false);
        });
    }

    fn tell(&self, record: i64) {
        // Nobody may be listening.
        let _ = self.changed.send(record);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's stay on a record through one stream.
pub struct Stay {
    presence: Arc<Presence>,
    record: i64,
    person: i64,
    number: u64,
}

impl Stay {
    /// The record.
    #[must_use]
    pub fn record(&self) -> i64 {
        self.record
    }

    /// Says it again to the other nodes, before they forget it.
    pub(super) fn renew(&self) {
        self.presence.settle(self.record, self.person, true);
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        {
            let mut known = self.presence.lock();
            if let Some(local) = known.here.get_mut(&(self.record, self.person)) {
                local.stays.remove(&self.number);
                if local.stays.is_empty() {
                    local.left = Some(Instant::now());
                }
            }
        }
        self.presence.settle_after(GRACE, self.record, self.person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence() -> Arc<Presence> {
        Arc::new(Presence::new((*mainstay_store::testing::sqlite_empty()).clone()))
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_types_is_replying_until_a_while_after_the_last_key() {
        let presence = presence();
        let stay = presence.enter(7, 1, true);
        assert_eq!(presence.on(7), [(1, Doing::Viewing)]);
        presence.does(7, 1, Doing::Editing);
        presence.does(7, 2, Doing::Editing);
        assert_eq!(presence.on(7), [(1, Doing::Editing)], "who has it not open is not there");
        tokio::time::advance(TYPING).await;
        assert_eq!(presence.on(7), [(1, Doing::Viewing)]);
        presence.does(7, 1, Doing::Idle);
        assert_eq!(presence.on(7), [(1, Doing::Idle)]);
        drop(stay);
        tokio::time::advance(GRACE).await;
        assert_eq!(presence.on(7), []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tab_that_changes_pages_does_not_flicker() {
        let presence = presence();
        drop(presence.enter(7, 1, true));
        let _again = presence.enter(7, 1, true);
        let mut changes = presence.changes();
        tokio::time::sleep(GRACE * 2).await;
        assert_eq!(presence.on(7), [(1, Doing::Viewing)]);
        assert!(changes.try_recv().is_err(), "nobody was told of anything");
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_node_says_holds_until_it_is_silent() {
        let presence = presence();
        let word = |text: &str| Word { node: 9, text: text.into() };
        presence.hear(&word(r#"{"record":7,"person":3,"doing":"editing"}"#));
        presence.hear(&word("no gossip"));
        assert_eq!(presence.on(7), [(3, Doing::Editing)]);
        tokio::time::advance(HEARSAY).await;
        assert_eq!(presence.on(7), []);
        presence.hear(&word(r#"{"record":7,"person":3,"doing":"viewing"}"#));
        presence.hear(&word(r#"{"record":7,"person":3,"doing":null}"#));
        assert_eq!(presence.on(7), []);
    }

    #[tokio::test]
    async fn a_node_that_begins_to_look_on_asks_the_others_who_is_there() {
        let database = mainstay_store::testing::postgres_empty();
        let other = database.other_node();
        let node = |db: &Db| {
            let presence = Arc::new(Presence::new(db.clone()));
            tokio::spawn(super::super::news::listen(Arc::clone(&presence), db.words()));
            presence
        };
        let early = node(&database);
        let _first = early.enter(7, 1, true);
        // What was said until now nobody there heard.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let late = node(&other);
        let _second = late.enter(7, 2, true);
        let both = [(1, Doing::Viewing), (2, Doing::Viewing)];
        for presence in [early, late] {
            let seen = async {
                while presence.on(7) != both {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(10), seen).await.expect("each node knows both");
        }
    }
}
