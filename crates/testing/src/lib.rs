//! What tests of the whole product stand on: a desk over a new database of either kind, a clock
//! that tests move, chance that repeats, and the cast of the acceptance tests.

mod cast;
mod clock;

pub use cast::Cast;
pub use clock::{FakeClock, at};

use mainstay_desk::auth::{Entropy, InstallationKey, Occasion, tokens};
use mainstay_desk::{Channel, Credential, Desk, feed, install, records};
use mainstay_search::Index;
use mainstay_store::testing::{Scratch, postgres, sqlite};
use mainstay_store::{Blobs, Db};
use mainstay_words::Language;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Repeatable bytes, different at every draw.
#[derive(Default)]
pub struct FakeEntropy(AtomicU64);

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[3];
        }
    }
}

fn desk(db: Db, scratch: &Scratch, clock: &Arc<FakeClock>, entropy: &Arc<FakeEntropy>) -> Desk {
    let blobs = Blobs::open(scratch.folder()).expect("a folder for blobs");
    Desk::new(db, blobs, clock.clone(), entropy.clone())
}

/// A desk over a database of its own, with the shipped configuration and the cast.
pub struct House {
    pub desk: Desk,
    pub clock: Arc<FakeClock>,
    pub cast: Cast,
    entropy: Arc<FakeEntropy>,
    scratch: Scratch,
}

impl House {
    /// A house on each kind of database.
    pub async fn both() -> [Self; 2] {
        [Self::on(sqlite()).await, Self::on(postgres()).await]
    }

    /// A house on the embedded database.
    pub async fn sqlite() -> Self {
        Self::on(sqlite()).await
    }

    /// A house on `PostgreSQL`.
    pub async fn postgres() -> Self {
        Self::on(postgres()).await
    }

    async fn on(scratch: Scratch) -> Self {
        // Monday, in working hours, away from every change of clocks.
        let clock = Arc::new(FakeClock::new(at("2025-06-02T08:00:00Z")));
        let entropy = Arc::new(FakeEntropy::default());
        let desk = desk((*scratch).clone(), &scratch, &clock, &entropy);
        let drawing = desk.clone();
        desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
            InstallationKey::draw(drawing.entropy()).keep(session.conn, session.now)?;
            install::install(session, caller).map(|_| ())
        })
        .await
        .expect("the shipped configuration fits");
        let cast = cast::gather(&desk).await;
        Self { desk, clock, cast, entropy, scratch }
    }

    /// The same house with a search index, which follows only when told to ([`House::read_log`]).
    ///
    /// # Panics
    /// When there is no memory for it.
    #[must_use]
    pub fn indexed(self) -> Self {
        let index = Arc::new(Index::in_memory().expect("an index"));
        Self { desk: self.desk.clone().with_search(index), ..self }
    }

    /// The same house, which writes in this language to whoever has chosen none.
    #[must_use]
    pub fn writing(self, language: Language) -> Self {
        let desk = desk(self.desk.db().clone(), &self.scratch, &self.clock, &self.entropy).with_language(language);
        Self { desk, ..self }
    }

    /// Lets the index read all that has happened.
    ///
    /// # Panics
    /// When the database or the index fails.
    pub async fn read_log(&self) {
        let index = self.desk.search().expect("an index");
        while feed::catch_up(&self.desk, index, 500).await.expect("the index follows") > 0 {}
    }

    /// Another node of the same installation, over connections of its own.
    ///
    /// # Panics
    /// When the database cannot be opened.
    #[must_use]
    pub fn other_node(&self) -> Desk {
        desk(self.scratch.other_node(), &self.scratch, &self.clock, &self.entropy)
    }

    /// Ends the program and starts it again: nothing but the database and the files is left.
    ///
    /// # Panics
    /// When the database cannot be opened again.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        self.scratch.reopen();
        self.desk = desk((*self.scratch).clone(), &self.scratch, &self.clock, &self.entropy);
        self
    }

    /// The address of the database, for another process.
    #[must_use]
    pub fn url(&self) -> &str {
        self.scratch.url()
    }

    /// Which kind of database this is, for messages.
    #[must_use]
    pub fn kind(&self) -> String {
        format!("{:?}", self.scratch.dialect())
    }

    /// An API token of a person.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn token(&self, person: i64, scopes: &[&str]) -> String {
        let (desk, now) = (self.desk.clone(), self.clock.reading());
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        let made = self.desk.db().write(move |conn| -> mainstay_desk::Result<String> {
            let key = InstallationKey::load(conn)?;
            let drawn = tokens::Drawn::new(&key, desk.entropy());
            let new = tokens::NewToken { person, name: "test".into(), scopes: scopes.clone(), expires: None };
            tokens::make(conn, Occasion { actor: None, channel: Channel::Command, now }, &new, &drawn)?;
            Ok(drawn.reveal())
        });
        made.await.expect("a token")
    }

    /// Fires every timer that is due by now; returns how many fired.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn tick(&self) -> usize {
        let fire =
            |session: &mut mainstay_desk::Session<'_>, _: &mainstay_desk::Caller| records::fire_due(session, 500);
        self.desk.write(&Credential::Engine, Channel::Engine, fire).await.expect("timers fire")
    }

    /// Makes every file that is queued; returns how many jobs that were.
    ///
    /// # Panics
    /// When the database or the disk fails.
    pub async fn make_files(&self) -> usize {
        let mut made = 0;
        while mainstay_desk::schedules::make_next(&self.desk).await.expect("files are made") {
            made += 1;
        }
        made
    }

    /// Looks for what may have one cause; returns how many proposals are new.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn look_for_candidates(&self) -> usize {
        records::candidates::look(&self.desk, "house").await.expect("candidates are looked for")
    }

    /// Moves the clock to an instant, firing each timer at its own time on the way.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn advance_to(&self, instant: i64) {
        loop {
            let next = self.desk.db().read(mainstay_store::timers::next_due).await.expect("timers can be read");
            let Some(next) = next.filter(|due| *due <= instant) else { break };
            self.clock.set(next.max(self.clock.reading()));
            if self.tick().await == 0 {
                break;
            }
        }
        self.clock.set(instant);
        self.tick().await;
    }
}
