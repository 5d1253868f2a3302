//! Passwords: hashed with Argon2id, on threads of their own, a few at a time.

use super::entropy::{Entropy, draw};
use argon2::password_hash::phc;
use argon2::{Argon2, CustomizedPasswordHasher, Params, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

/// 19 MiB, two passes, one lane: what OWASP recommends as the least, and some 30 ms of one core.
const PARAMS: Params = Params::DEFAULT;
/// How many may wait for a thread; who comes later is asked to try again.
const WAITING: usize = 256;

/// What somebody typed as a password, exactly as typed. It can neither be printed nor serialised by accident.
#[derive(Clone)]
pub struct Password(Arc<str>);

impl Password {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The kept form of a password. It has no way out of the program but into the account's row.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub(super) fn kept(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made with other parameters than today's.
    fn is_old(&self) -> bool {
        let parsed = phc::PasswordHash::new(&self.0).ok();
        let params = parsed.filter(|p| p.algorithm == argon2::ARGON2ID_IDENT).and_then(|p| Params::try_from(&p).ok());
        let cost = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost());
        params.is_none_or(|p| cost(&p) != cost(&PARAMS))
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What comparing a password with a kept hash came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but the hash was made with older parameters and should be made anew.
    RightButOld,
}

/// So many sign-ins wait already that one more would only make memory scarce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

struct Room {
    /// Stands for the hash of an account that does not exist or has no password.
    nobody: PasswordHash,
    at_once: Arc<Semaphore>,
    waiting: Semaphore,
    compared: AtomicU64,
}

/// The room where passwords are hashed. Each hash holds 19 MiB for some 30 ms, so only a few run at once, and never
/// on the threads that serve requests. Clones share it.
#[derive(Clone)]
pub struct Passwords {
    room: Arc<Room>,
}

impl Passwords {
    /// A room for so many hashes at once; as many as there are cores is right.
    #[must_use]
    pub fn new(entropy: &dyn Entropy, at_once: usize) -> Self {
        let nobody = of_no_password(entropy);
        let at_once = Arc::new(Semaphore::new(at_once.max(1)));
        let room = Room { nobody, at_once, waiting: Semaphore::new(WAITING), compared: AtomicU64::new(0) };
        Self { room: Arc::new(room) }
    }

    /// Hashes a password for keeping.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<PasswordHash, Busy> {
        let (password, salt) = (password.clone(), draw::<16>(entropy));
        self.apart(move || hash_with(&PARAMS, password.reveal().as_bytes(), &salt)).await
    }

    /// Hashes a password on the calling thread: for the command line and for demonstration data.
    #[must_use]
    pub fn hash_here(password: &Password, entropy: &dyn Entropy) -> PasswordHash {
        hash_with(&PARAMS, password.reveal().as_bytes(), &draw::<16>(entropy))
    }

    /// Compares a password with the kept hash. Without one it compares with nobody's, so that an unknown account
    /// takes as long as a known one.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &Password, kept: Option<&PasswordHash>) -> Result<Verdict, Busy> {
        let known = kept.is_some();
        let kept = kept.unwrap_or(&self.room.nobody).clone();
        let (password, room) = (password.clone(), Arc::clone(&self.room));
        self.apart(move || {
            room.compared.fetch_add(1, Ordering::Relaxed);
            match (matches(&password, &kept), known) {
                (true, true) if kept.is_old() => Verdict::RightButOld,
                (true, true) => Verdict::Right,
                _ => Verdict::Wrong,
            }
        })
        .await
    }

    /// How many comparisons were made since the start, for the metrics.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.room.compared.load(Ordering::Relaxed)
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.room.waiting.try_acquire().map_err(|_| Busy)?;
        let permit = Arc::clone(&self.room.at_once).acquire_owned().await.map_err(|_| Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a request that is given up must not make room before its memory is free.
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

pub(super) fn hash_with(params: &Params, password: &[u8], salt: &[u8]) -> PasswordHash {
    let made: Result<phc::PasswordHash, _> =
        Argon2::default().hash_password_with_params(password, salt, params.clone());
    PasswordHash(made.expect("Argon2 takes a password of a kibibyte and a salt of 16 bytes").to_string())
}

/// What looks like a hash by today's parameters and was made of no password, so that a start costs neither the time nor
/// the memory of one.
fn of_no_password(entropy: &dyn Entropy) -> PasswordHash {
    let (salt, output) = (STANDARD_NO_PAD.encode(draw::<16>(entropy)), STANDARD_NO_PAD.encode(draw::<32>(entropy)));
    let (memory, passes, lanes) = (PARAMS.m_cost(), PARAMS.t_cost(), PARAMS.p_cost());
    PasswordHash(format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}"))
}

fn matches(password: &Password, kept: &PasswordHash) -> bool {
    let Ok(parsed) = phc::PasswordHash::new(kept.as_str()) else {
        tracing::error!("a kept password hash is damaged; its account cannot sign in");
        return false;
    };
    Argon2::default().verify_password(password.reveal().as_bytes(), &parsed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures::Seeded;

    fn room() -> Passwords {
        Passwords::new(&Seeded::new(1), 2)
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_verified_exactly_as_typed() {
        let (room, entropy) = (room(), Seeded::new(2));
        let typed = Password::new("plum otter brass");
        let kept = room.hash(&typed, &entropy).await.unwrap();
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
        assert_ne!(kept, room.hash(&typed, &entropy).await.unwrap(), "another salt each time");
        assert_eq!(room.verify(&typed, Some(&kept)).await, Ok(Verdict::Right));
        for wrong in ["", "plum otter brass ", "Plum otter brass", "plum otter brass\0", "plum otter bras"] {
            assert_eq!(room.verify(&Password::new(wrong), Some(&kept)).await, Ok(Verdict::Wrong), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn s_42_a_kept_hash_is_no_password() {
        let (room, entropy) = (room(), Seeded::new(2));
        let kept = room.hash(&Password::new("plum otter brass"), &entropy).await.unwrap();
        let stolen = Password::new(kept.as_str());
        assert_eq!(room.verify(&stolen, Some(&kept)).await, Ok(Verdict::Wrong));
        assert!(!format!("{kept:?}{stolen:?}").contains("argon2"));
    }

    #[tokio::test]
    async fn s_40_nobody_is_compared_like_somebody() {
        let room = room();
        assert_eq!(room.verify(&Password::new("anything"), None).await, Ok(Verdict::Wrong));
        assert_eq!(room.compared(), 1);
        let shape = |hash: &PasswordHash| {
            let parsed = phc::PasswordHash::new(hash.as_str()).unwrap();
            let lengths = (parsed.salt.unwrap().len(), parsed.hash.unwrap().len());
            (hash.is_old(), parsed.version, lengths)
        };
        let somebody = room.hash(&Password::new("plum otter brass"), &Seeded::new(2)).await.unwrap();
        assert_eq!(shape(&room.room.nobody), shape(&somebody), "the same work is done");
        let damaged = PasswordHash::kept(String::new());
        assert_eq!(room.verify(&Password::new(""), Some(&damaged)).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_hash_of_older_parameters_asks_to_be_made_anew() {
        let older = Params::new(8 * 1024, 1, 1, None).unwrap();
        let kept = hash_with(&older, b"plum otter brass", &[7; 16]);
        assert_eq!(room().verify(&Password::new("plum otter brass"), Some(&kept)).await, Ok(Verdict::RightButOld));
        assert_eq!(room().verify(&Password::new("plum"), Some(&kept)).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn s_47_a_flood_of_sign_ins_is_turned_away_before_it_takes_memory() {
        let room = Passwords::new(&Seeded::new(1), 1);
        let _busy = Arc::clone(&room.room.at_once).acquire_owned().await.unwrap();
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..WAITING {
            let room = room.clone();
            waiting.spawn(async move { room.verify(&Password::new("x"), None).await });
        }
        while room.room.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(room.verify(&Password::new("x"), None).await, Err(Busy));
        waiting.abort_all();
    }
}
