//! Secrets that are drawn, shown once and kept only as keyed digests.
//!
//! A digest is lower-case hexadecimal, so no collation of any database can mistake one for another, and it is keyed
//! for its purpose, so a session's secret is worth nothing as an API token or a link.

use super::entropy::{Entropy, draw};
use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use mainstay_store::Conn;
use sha2::Sha256;
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// Characters of a secret: 256 bits in base64url.
const LENGTH: usize = 43;
const SETTING: &str = "installation_key";

/// A drawn secret of 256 bits. It can neither be printed nor serialised by accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A new secret.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(draw::<32>(entropy)))
    }

    /// Somebody's claim to a secret; none when it does not even have the shape of one. Nothing is trimmed or folded.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        let shaped = text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shaped.then(|| Self(text.to_owned()))
    }

    /// The text, for the one answer that hands it to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a digest is for; digests of different purposes never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Session,
    /// The name by which a person ends one of their sessions in a list.
    SessionName,
    Token,
    Link,
    Csrf,
    Device,
    /// The name of an account in the table of throttles.
    Account,
}

impl Purpose {
    const fn key(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::SessionName => "session-name",
            Self::Token => "token",
            Self::Link => "link",
            Self::Csrf => "csrf",
            Self::Device => "device",
            Self::Account => "account",
        }
    }
}

/// The key of this installation, made when its database was: two installations share nothing. It is as long as a block
/// of SHA-256, which is the key that HMAC takes as it is.
#[derive(Clone)]
pub struct InstallationKey([u8; 64]);

impl InstallationKey {
    /// A new key, in force once it is kept.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Keeps the key unless the database has one already, and answers the one in force.
    ///
    /// # Errors
    /// The database's.
    pub fn keep(&self, conn: &mut Conn, now: i64) -> Result<Self> {
        let value = serde_json::Value::from(URL_SAFE_NO_PAD.encode(self.0));
        conn.run(
            "INSERT INTO setting (key, value, updated) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING",
            &[SETTING.into(), (&value).into(), now.into()],
        )?;
        Self::load(conn)
    }

    /// The key of the database.
    ///
    /// # Errors
    /// It has none or a damaged one; the database's.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let value: Option<String> = conn.maybe("SELECT value FROM setting WHERE key = $1", &[SETTING.into()])?;
        let text: Option<String> = value.and_then(|v| serde_json::from_str(&v).ok());
        let bytes = text.and_then(|t| URL_SAFE_NO_PAD.decode(t).ok()).and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            let why = "the database has no installation key; prepare it with init".to_owned();
            Error::Store(mainstay_store::Error::Damaged(why))
        })
    }

    /// The keyed digest of a text for a purpose: 64 characters of lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self, purpose: Purpose, text: &str) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.0.into());
        mac.update(purpose.key().as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// The digest under which a drawn secret is kept.
    #[must_use]
    pub fn digest_of(&self, purpose: Purpose, secret: &Secret) -> String {
        self.digest(purpose, secret.reveal())
    }
}

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstallationKey(…)")
    }
}

/// Whether two texts are equal, in a time that says nothing about where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures::Seeded;
    use mainstay_store::testing::both;

    #[test]
    fn s_39_only_the_exact_shape_is_taken_for_a_secret() {
        let text = Secret::draw(&Seeded::new(1)).reveal().to_owned();
        assert_eq!(Secret::presented(&text).expect("a drawn secret has the shape").reveal(), text);
        let longer = [" ", "\0", "\n", "=", "A"].map(|tail| format!("{text}{tail}"));
        let wrong = [String::new(), " ".into(), "\0".into(), text[1..].into(), format!(" {}", &text[1..])];
        for claim in longer.iter().chain(&wrong).chain(&["é".repeat(21) + "x"]) {
            assert!(Secret::presented(claim).is_none(), "{claim:?}");
        }
    }

    #[test]
    fn s_39_a_digest_tells_letter_case_purpose_and_installation_apart() {
        let (key, other) = (InstallationKey([1; 64]), InstallationKey([2; 64]));
        let digest = key.digest(Purpose::Session, "aBc");
        assert_eq!(digest.len(), 64);
        assert_eq!(digest, digest.to_lowercase());
        assert_ne!(digest, key.digest(Purpose::Session, "abc"));
        assert_ne!(digest, key.digest(Purpose::Token, "aBc"));
        assert_ne!(digest, other.digest(Purpose::Session, "aBc"));
    }

    #[test]
    fn s_42_a_secret_does_not_show_in_debug_output() {
        let secret = Secret::draw(&Seeded::new(1));
        assert!(!format!("{secret:?} {:?}", InstallationKey([7; 64])).contains(secret.reveal()));
        assert_eq!(format!("{:?}", InstallationKey([7; 64])), "InstallationKey(…)");
    }

    #[tokio::test]
    async fn s_13_each_installation_makes_its_own_key_and_keeps_it() {
        let mut keys = Vec::new();
        for (seed, db) in both().into_iter().enumerate() {
            assert!(db.read(InstallationKey::load).await.is_err(), "none before init");
            let drawn = InstallationKey::draw(&Seeded::new(seed as u64));
            let late = InstallationKey::draw(&Seeded::new(99));
            let first = db.write(move |c| drawn.keep(c, 1)).await.unwrap();
            let second = db.write(move |c| late.keep(c, 2)).await.unwrap();
            assert_eq!(first.0, second.0, "a second init changes nothing");
            keys.push(first.0);
        }
        assert_ne!(keys[0], keys[1]);
    }
}
