//! The desk: one door to everything. It alone opens transactions, and inside each it first
//! learns who asks and what configuration is in force.

use crate::admission::admit;
use crate::caller::{Caller, Channel};
use crate::config::Config;
use crate::door::{self, Browser, Errand, Facts};
use crate::error::Result;
use crate::maps;
use crate::recall::Recall;
use crate::reports::{self, Followed, Kept};
use crate::rights::Rights;
use crate::view_as;
use jiff::tz::TimeZone;
use mainstay_engine::condition::Context;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_store::{Blobs, Conn, Db};
use mainstay_words::Language;
use std::sync::{Arc, RwLock};

/// Tells the present instant in epoch milliseconds UTC.
pub trait Clock: Send + Sync {
    fn now(&self) -> i64;
}

/// Who a request claims to be; proven anew inside every transaction.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Digest of the secret of a session that has just begun.
    Session(String),
    /// A session in a browser: held to the house's rules for the door.
    Browser(Browser),
    /// Digest of an API token.
    Token(String),
    /// A person already proven by other means: the command line, tests.
    Person(i64),
    /// The engine itself.
    Engine,
}

/// One transaction's surroundings: the connection, the configuration, the instant.
pub struct Session<'a> {
    pub conn: &'a mut Conn,
    pub config: &'a Config,
    /// Epoch milliseconds UTC; the same throughout the transaction.
    pub now: i64,
    pub(crate) recall: Recall,
    /// What this node keeps for figures, where the question is about some.
    pub(crate) kept: Option<Followed>,
    /// How records hang together, where the question is about that.
    pub(crate) maps: Option<maps::Kept>,
    /// What is written is a standard update: it needs no change that permits it.
    pub(crate) standard: bool,
}

impl<'a> Session<'a> {
    /// The surroundings of a transaction that may write.
    pub fn new(conn: &'a mut Conn, config: &'a Config, now: i64) -> Self {
        Self { conn, config, now, recall: Recall::default(), kept: None, maps: None, standard: false }
    }

    /// The surroundings of a transaction that only reads: what it was told once stays true until it ends.
    pub(crate) fn reading(conn: &'a mut Conn, config: &'a Config, now: i64) -> Self {
        Self { conn, config, now, recall: Recall::reading(), kept: None, maps: None, standard: false }
    }
}

impl Session<'_> {
    /// What relative operands of conditions mean for the engine: nobody's "me", days in UTC.
    #[must_use]
    pub fn context(&self) -> Context {
        Context { now: self.now, zone: TimeZone::UTC, me: None, my_teams: Vec::new(), my_organisation: None }
    }

    /// Does a part so that its refusal undoes that part alone and the rest goes on.
    ///
    /// # Errors
    /// Whatever the part answers.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Session<'_>) -> Result<T>) -> Result<T> {
        let (config, now) = (self.config, self.now);
        self.conn.attempt(|conn| part(&mut Session::new(conn, config, now)))
    }

    /// What they mean for a caller.
    #[must_use]
    pub fn context_of(&self, caller: &Caller) -> Context {
        let person = caller.person.as_ref();
        Context {
            now: self.now,
            zone: caller.zone(),
            me: caller.person_id(),
            my_teams: person.map(|p| p.teams.clone()).unwrap_or_default(),
            my_organisation: person.and_then(|p| p.organisation),
        }
    }
}

struct Inner {
    db: Db,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn crate::auth::Entropy>,
    config: RwLock<Arc<Config>>,
    kept: Kept,
    maps: maps::Kept,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
    search: Option<Arc<mainstay_search::Index>>,
    language: Language,
}

impl Desk {
    #[must_use]
    pub fn new(db: Db, blobs: Blobs, clock: Arc<dyn Clock>, entropy: Arc<dyn crate::auth::Entropy>) -> Self {
        let config = RwLock::new(Arc::new(Config { generation: -1, ..Config::default() }));
        let inner = Inner { db, blobs, clock, entropy, config, kept: Kept::default(), maps: maps::Kept::default() };
        Self { inner: Arc::new(inner), search: None, language: Language::ENGLISH }
    }

    /// The same desk with a search index.
    #[must_use]
    pub fn with_search(self, index: Arc<mainstay_search::Index>) -> Self {
        Self { search: Some(index), ..self }
    }

    /// The same desk, before anything was asked of it, which writes in this language to whoever has chosen none.
    #[must_use]
    pub fn with_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The search index, where there is one.
    #[must_use]
    pub fn search(&self) -> Option<&Arc<mainstay_search::Index>> {
        self.search.as_ref()
    }

    #[must_use]
    pub fn db(&self) -> &Db {
        &self.inner.db
    }
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }
    #[must_use]
    pub fn entropy(&self) -> &dyn crate::auth::Entropy {
        self.inner.entropy.as_ref()
    }
    /// What happened lately, as far as this node has followed the log.
    pub(crate) fn kept(&self) -> &Kept {
        &self.inner.kept
    }
    /// How records hang together, as far as this node has followed the log.
    pub(crate) fn maps(&self) -> &maps::Kept {
        &self.inner.maps
    }
    #[must_use]
    pub fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// Answers a short question as the credential's person, on one consistent snapshot.
    ///
    /// # Errors
    /// `not_signed_in`; whatever the question refuses; the database's.
    pub async fn read<T, F>(&self, credential: &Credential, channel: Channel, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let (desk, credential) = (self.clone(), credential.clone());
        self.inner.db.read(move |conn| desk.admit(conn, &credential, channel, true, work)).await
    }

    /// As [`read`](Self::read), for exports and whatever walks many rows.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_long<T, F>(&self, credential: &Credential, channel: Channel, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let (desk, credential) = (self.clone(), credential.clone());
        self.inner.db.read_long(move |conn| desk.admit(conn, &credential, channel, true, work)).await
    }

    /// As [`read_long`](Self::read_long), for figures: they are counted from what this node keeps, once it has followed
    /// the log.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_figures<T, F>(&self, credential: &Credential, channel: Channel, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let followed = reports::follow(self).await?;
        self.read_long(credential, channel, move |session, caller| {
            session.kept = Some(followed);
            work(session, caller)
        })
        .await
    }

    /// As [`read`](Self::read), for questions to a map: from what this node keeps of it, once it has followed the log.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_map<T, F>(&self, credential: &Credential, channel: Channel, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        maps::follow(self).await?;
        let kept = self.inner.maps.clone();
        self.read_long(credential, channel, move |session, caller| {
            session.maps = Some(kept);
            work(session, caller)
        })
        .await
    }

    /// As [`read`](Self::read), for code that is not async.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_blocking<T, F>(&self, credential: &Credential, channel: Channel, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let (desk, credential) = (self.clone(), credential.clone());
        self.inner.db.read_blocking(move |conn| desk.admit(conn, &credential, channel, true, work))
    }

    /// Carries out a command in one transaction as the credential's person. `work` may run again
    /// when the database asks for it, so it does nothing but through the session.
    ///
    /// # Errors
    /// `not_signed_in`; whatever the command refuses (nothing is written then); the database's.
    pub async fn write<T, F>(&self, credential: &Credential, channel: Channel, mut work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let (desk, credential) = (self.clone(), credential.clone());
        self.inner.db.write(move |conn| desk.admit(conn, &credential, channel, false, &mut work)).await
    }

    /// As [`write`](Self::write), for code that is not async.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_blocking<T, F>(&self, credential: &Credential, channel: Channel, mut work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, &Caller) -> Result<T> + Send + 'static,
    {
        let (desk, credential) = (self.clone(), credential.clone());
        self.inner.db.write_blocking(move |conn| desk.admit(conn, &credential, channel, false, &mut work))
    }

    fn admit<T>(
        &self,
        conn: &mut Conn,
        credential: &Credential,
        channel: Channel,
        reads_only: bool,
        work: impl FnOnce(&mut Session<'_>, &Caller) -> Result<T>,
    ) -> Result<T> {
        let now = self.now();
        let admission = admit(conn, credential, now)?;
        let config = self.config(conn, admission.generation, reads_only)?;
        let caller = match (admission.person, admission.session) {
            (Some(person), Some(facts)) => {
                caller_of(conn, &config, &person, &facts, credential, Occasion { channel, reads_only, now })?
            }
            (Some(person), None) => Caller::of(&person, &config, channel, admission.scopes),
            (None, _) => Caller::engine(channel),
        };
        let mut session =
            if reads_only { Session::reading(conn, &config, now) } else { Session::new(conn, &config, now) };
        work(&mut session, &caller)
    }

    /// The configuration of the generation that is in force in this transaction.
    fn config(&self, conn: &mut Conn, generation: i64, reads_only: bool) -> Result<Arc<Config>> {
        let held = Arc::clone(&self.inner.config.read().unwrap_or_else(std::sync::PoisonError::into_inner));
        if held.generation == generation {
            return Ok(held);
        }
        let fresh = Arc::new(Config { language: self.language, ..Config::load(conn)? });
        // Only what is committed may be kept for others, and that is what a reader sees.
        if reads_only && fresh.generation > held.generation {
            *self.inner.config.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::clone(&fresh);
        }
        Ok(fresh)
    }
}

/// How a transaction came about.
#[derive(Clone, Copy)]
struct Occasion {
    channel: Channel,
    reads_only: bool,
    now: i64,
}

/// The caller behind a session: its person, held to the rules of the door, or whoever the person looks as.
fn caller_of(
    conn: &mut Conn,
    config: &Config,
    person: &Entry,
    facts: &Facts,
    credential: &Credential,
    occasion: Occasion,
) -> Result<Caller> {
    let own = || Caller::of(person, config, occasion.channel, None);
    let Credential::Browser(browser) = credential else { return Ok(own()) };
    let address = Some(browser.address);
    if door::hold(config, person, facts, browser, occasion.now)? {
        // Whoever has yet to set codes up sees to their own proofs and to nothing else.
        let nothing = Rights { grants: Vec::new(), scopes: None };
        return Ok(Caller { address, ..Caller::with_rights(person, nothing, occasion.channel) });
    }
    let Some(viewed) = facts.viewed.filter(|_| browser.errand != Errand::Returning) else {
        return Ok(Caller { address, ..own() });
    };
    if !occasion.reads_only || occasion.channel == Channel::Api {
        let says = "You look as somebody else: nothing can be changed until you stop.";
        return Err(Refusal::forbidden(view_as::READS_ONLY, says).into());
    }
    view_as::seen_as(conn, config, person, viewed, occasion.channel)
}
