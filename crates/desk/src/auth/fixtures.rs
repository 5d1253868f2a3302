//! What the tests of this module share: chance that repeats, an installation, people.

use super::accounts;
use super::audit::Occasion;
use super::entrance::{Claim, Denied, Entrance, SignedIn, Visitor};
use super::entropy::Entropy;
use super::password::{Password, Passwords};
use super::secret::InstallationKey;
use super::sessions::{self, Limits};
use super::totp::TotpSecret;
use crate::caller::Channel;
use mainstay_store::entries::{self, EntryRow};
use mainstay_store::testing::{Scratch, both};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that depend on a seed and on how many were drawn before.
pub(crate) struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.drawn.fetch_add(1, Ordering::Relaxed);
            let block =
                Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(count.to_le_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// The password of everybody in a test.
pub(crate) const PASSWORD: &str = "plum otter brass";
/// When every test begins.
pub(crate) const NOW: i64 = 1_800_000_000_000;

/// An installation with one person, Ann, who has a password.
pub(crate) struct World {
    pub db: Scratch,
    pub entrance: Entrance,
    pub entropy: Seeded,
    pub ann: i64,
}

/// An installation on each database.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for db in both() {
        worlds.push(World::new(db).await);
    }
    worlds
}

impl World {
    async fn new(db: Scratch) -> Self {
        let entropy = Seeded::new(1);
        let drawn = InstallationKey::draw(&entropy);
        let key = db.write(move |c| drawn.keep(c, NOW)).await.unwrap();
        let entrance = Entrance::new(db.clone(), Passwords::new(&entropy, 2), key, Limits::default());
        let ann = add_person(&db, "ann@example.org").await;
        let world = Self { db, entrance, entropy, ann };
        world.set_password(ann, PASSWORD).await;
        world
    }

    pub(crate) async fn set_password(&self, person: i64, text: &str) {
        let hash = Passwords::hash_here(&Password::new(text), &self.entropy);
        self.db.write(move |c| accounts::set_password(c, by(), person, &hash)).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, claim: &Claim, now: i64) -> Result<SignedIn, Denied> {
        self.entrance.sign_in(claim, now, &self.entropy).await
    }

    /// Signs Ann in and answers the browser that then has her cookies.
    pub(crate) async fn browser(&self, now: i64) -> Visitor {
        let signed_in = self.sign_in(&claim(PASSWORD), now).await.unwrap();
        let cookie = signed_in.session.reveal().to_owned();
        Visitor { session: Some(cookie), device: Some(signed_in.device), ..visitor() }
    }

    /// Turns one-time codes on for Ann.
    pub(crate) async fn with_totp(&self) -> TotpSecret {
        let secret = TotpSecret::draw(&self.entropy);
        let (kept, ann) = (secret.clone(), self.ann);
        let code = secret.code(NOW / 30_000 - 10);
        let earlier = Occasion { now: NOW - 300_000, ..by() };
        self.db
            .write(move |c| {
                accounts::begin_totp(c, earlier, ann, &kept)?;
                accounts::confirm_totp(c, earlier, ann, &code)
            })
            .await
            .unwrap();
        secret
    }

    /// Verbs and changes of the events on a person's account, oldest first.
    pub(crate) async fn events(&self, person: i64) -> Vec<(String, String)> {
        let sql = "SELECT verb, changes FROM event WHERE subject = 'account' AND subject_id = $1 ORDER BY id";
        self.db.read(move |c| c.fetch(sql, &[person.into()])).await.unwrap()
    }

    /// The person of a session's cookie at an instant.
    pub(crate) async fn whose(&self, cookie: &str, now: i64) -> Option<i64> {
        let digest = sessions::digest(self.entrance.key(), cookie)?;
        self.db.read(move |c| sessions::find(c, &digest, now)).await.unwrap().map(|live| live.person)
    }
}

/// The command line's doing.
pub(crate) fn by() -> Occasion {
    Occasion { actor: None, channel: Channel::Command, now: NOW }
}

pub(crate) fn visitor() -> Visitor {
    Visitor {
        address: IpAddr::from([192, 0, 2, 1]),
        agent: "Browser/1.0".into(),
        device: None,
        session: None,
        channel: Channel::Desk,
    }
}

/// A claim to be Ann.
pub(crate) fn claim(password: &str) -> Claim {
    Claim { email: "ann@example.org".into(), password: Password::new(password), code: None, from: visitor() }
}

/// The code of a refusal, and the seconds to wait if any.
pub(crate) fn why<T>(denied: Result<T, Denied>) -> (String, Option<i64>) {
    let Err(denied) = denied else { return ("none".into(), None) };
    let (refusal, seconds) = denied.into_refusal().unwrap();
    (refusal.code, seconds)
}

pub(crate) async fn add_person(db: &Scratch, email: &'static str) -> i64 {
    let row = EntryRow {
        id: 0,
        register: "people".into(),
        key: email.into(),
        name: "Ann Example".into(),
        active: true,
        organisation: None,
        version: 0,
        data: "{}".into(),
        external_key: None,
        created: NOW,
        updated: NOW,
    };
    db.write(move |c| entries::insert(c, &row, None, &[])).await.unwrap()
}
