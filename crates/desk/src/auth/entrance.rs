//! Everything by which a person gets in with a password. Whatever is wrong, the answer is the same.

use super::accounts::{self, Account};
use super::audit::{Occasion, note};
use super::entropy::Entropy;
use super::password::{Busy, Password, PasswordHash, Passwords, Verdict};
use super::secret::{InstallationKey, Purpose, Secret};
use super::sessions::{self, Limits, NewSession};
use super::throttle::{Admission, Tries};
use super::{device, policy};
use crate::caller::Channel;
use crate::door::Terms;
use crate::error::Error;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_store::{Conn, Db};
use std::net::IpAddr;
use std::time::Duration;

/// Longest e-mail address there can be, in bytes.
const LONGEST_EMAIL: usize = 254;
/// When to come again if too many sign-ins wait, in seconds.
const BUSY_S: i64 = 2;

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// `sign_in_failed` for everything that can be wrong with a claim; other refusals are about what is asked for.
    #[error(transparent)]
    Refused(Refusal),
    /// Too many tries; `seconds` is for the `Retry-After` header.
    #[error("too many tries")]
    Throttled { seconds: i64 },
    /// The database's.
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::Refused(refusal),
            other => Self::Failed(other),
        }
    }
}

impl From<mainstay_store::Error> for Denied {
    fn from(error: mainstay_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Busy> for Denied {
    fn from(_: Busy) -> Self {
        Self::Throttled { seconds: BUSY_S }
    }
}

impl Denied {
    /// The one answer to a claim that does not hold.
    fn claim() -> Self {
        let detail = "The e-mail address, the password or the code is wrong.";
        Self::Refused(Refusal::new(Why::Unknown, "sign_in_failed", detail))
    }

    /// As the edges answer it: the refusal and the seconds for `Retry-After`.
    ///
    /// # Errors
    /// The failure, when it is no refusal.
    pub fn into_refusal(self) -> Result<(Refusal, Option<i64>), Error> {
        match self {
            Self::Refused(refusal) => Ok((refusal, None)),
            Self::Throttled { seconds } => {
                let detail = format!("Too many tries. Try again in {seconds} seconds.");
                Ok((Refusal::new(Why::Throttled, "too_many_tries", detail), Some(seconds)))
            }
            Self::Failed(error) => Err(error),
        }
    }
}

/// A claim to be somebody.
#[derive(Clone, Debug)]
pub struct Claim {
    pub email: String,
    pub password: Password,
    /// The code of an authenticator, when the person uses one.
    pub code: Option<String>,
    pub from: Visitor,
}

/// The browser that somebody uses.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The peer's address, or the one that a trusted proxy names.
    pub address: IpAddr,
    /// The `User-Agent` header.
    pub agent: String,
    /// The value of the cookie of a known device.
    pub device: Option<String>,
    /// The value of the session cookie that came along; that session ends, its secret is never taken over.
    pub session: Option<String>,
    pub channel: Channel,
}

/// A person who got in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: i64,
    /// For the session cookie.
    pub session: Secret,
    /// How long the session cookie is to be kept, in milliseconds.
    pub lasts_ms: i64,
    /// For the device cookie, to be kept [`device::KNOWN_FOR_MS`].
    pub device: String,
}

/// A claim whose password was compared.
pub(super) struct Compared {
    account: Option<Account>,
    pub(super) verdict: Verdict,
    tries: Tries,
}

impl Compared {
    /// The person and the hash that the password matched.
    pub(super) fn proven(&self) -> Option<(i64, &PasswordHash)> {
        let account = self.account.as_ref().filter(|_| self.verdict != Verdict::Wrong)?;
        Some((account.person, account.password.as_ref()?))
    }

    pub(super) fn tries(&self) -> &Tries {
        &self.tries
    }
}

/// The way in: the database, the room where passwords are compared, the key of the installation.
#[derive(Clone)]
pub struct Entrance {
    pub(super) db: Db,
    pub(super) passwords: Passwords,
    pub(super) key: InstallationKey,
    pub(super) limits: Limits,
}

impl Entrance {
    #[must_use]
    pub fn new(db: Db, passwords: Passwords, key: InstallationKey, limits: Limits) -> Self {
        Self { db, passwords, key, limits }
    }

    #[must_use]
    pub fn key(&self) -> &InstallationKey {
        &self.key
    }
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Lets a person in with a new session, or says no in the same words and after the same work whatever was wrong.
    ///
    /// # Errors
    /// `sign_in_failed`; too many tries; the database's.
    pub async fn sign_in(&self, claim: &Claim, now: i64, entropy: &dyn Entropy) -> Result<SignedIn, Denied> {
        let compared = self.compare(claim, now).await?;
        let fresh = match compared.verdict {
            Verdict::RightButOld => Some(self.passwords.hash(&claim.password, entropy).await?),
            _ => None,
        };
        let (session, digest) = sessions::draw(&self.key, entropy);
        let person = compared.proven().map(|(person, _)| person);
        let opening = Opening { claim: claim.clone(), compared, fresh, digest, limits: self.limits, now };
        let replaced = claim.from.session.as_deref().and_then(|cookie| sessions::digest(&self.key, cookie));
        let opened = self.db.write(move |conn| opening.write(conn, replaced.as_deref())).await?;
        let Some(person) = person.filter(|_| opened) else { return Err(Denied::claim()) };
        let device = match self.known_device(person, &claim.from, now) {
            Some(known) => known,
            None => device::issue(&self.key, entropy, person, now),
        };
        Ok(SignedIn { person, session, lasts_ms: self.limits.absolute_ms, device })
    }

    /// The device cookie that came along, if it is this person's and will be for a while.
    fn known_device(&self, person: i64, from: &Visitor, now: i64) -> Option<String> {
        let soon = now + device::KNOWN_FOR_MS / 2;
        let cookie = from.device.clone()?;
        let stays = device::known(&self.key, person, &cookie, now).is_some()
            && device::known(&self.key, person, &cookie, soon).is_some();
        stays.then_some(cookie)
    }

    /// Counts the try and compares the password, with nobody's when there is no such account.
    pub(super) async fn compare(&self, claim: &Claim, now: i64) -> Result<Compared, Denied> {
        let (account, tries) = self.admit(claim, now).await?;
        // What no account can have is compared like everything else, but not at its own length.
        let sized = claim.password.reveal().len() <= policy::LONGEST_BYTES;
        let kept = account.as_ref().filter(|_| sized).and_then(|account| account.password.as_ref());
        let typed = if sized { claim.password.clone() } else { Password::new("") };
        let verdict = self.passwords.verify(&typed, kept).await?;
        Ok(Compared { account, verdict, tries })
    }

    async fn admit(&self, claim: &Claim, now: i64) -> Result<(Option<Account>, Tries), Denied> {
        let email = claim.email.trim().to_lowercase();
        let (key, from) = (self.key.clone(), claim.from.clone());
        let counted = self.db.write(move |conn| count_try(conn, &key, &email, &from, now)).await;
        let (account, tries, admission) = counted.map_err(Denied::from)?;
        match admission {
            Admission::Refused { wait_ms } => Err(Denied::Throttled { seconds: (wait_ms + 999) / 1000 }),
            Admission::Granted { slow_ms, .. } => {
                if let Some(slow_ms) = u64::try_from(slow_ms).ok().filter(|ms| *ms > 0) {
                    tokio::time::sleep(Duration::from_millis(slow_ms)).await;
                }
                Ok((account, tries))
            }
        }
    }
}

fn count_try(
    conn: &mut Conn,
    key: &InstallationKey,
    email: &str,
    from: &Visitor,
    now: i64,
) -> Result<(Option<Account>, Tries, Admission), Error> {
    let plausible = email.len() <= LONGEST_EMAIL && !email.chars().any(char::is_control);
    let account = if plausible { accounts::find(conn, email)? } else { None };
    let device = account.as_ref().zip(from.device.as_deref());
    let device = device.and_then(|(account, cookie)| device::known(key, account.person, cookie, now));
    let tries = Tries::new(&key.digest(Purpose::Account, email), from.address, device.as_deref());
    let admission = tries.admit(conn, now)?;
    if matches!(admission, Admission::Granted { last: true, .. }) {
        let by = Occasion { actor: None, channel: from.channel, now };
        let person = account.as_ref().map_or(0, |account| account.person);
        note(conn, by, person, "sign_in_held", &[("address", from.address.to_string().into())])?;
    }
    Ok((account, tries, admission))
}

/// The last step of a sign-in, in one transaction.
struct Opening {
    claim: Claim,
    compared: Compared,
    /// The same password hashed with today's parameters, when the kept hash is older.
    fresh: Option<PasswordHash>,
    digest: String,
    limits: Limits,
    now: i64,
}

impl Opening {
    /// Opens the session if everything holds; false, and an event that says why, if something does not.
    fn write(&self, conn: &mut Conn, replaced: Option<&str>) -> Result<bool, Error> {
        let person = self.compared.account.as_ref().map_or(0, |account| account.person);
        let address = self.claim.from.address.to_string();
        let by = Occasion { actor: None, channel: self.claim.from.channel, now: self.now };
        let account = match self.holds(conn)? {
            Ok(account) => account,
            Err(why) => {
                note(conn, by, person, "sign_in_failed", &[("address", address.into()), ("why", why.into())])?;
                return Ok(false);
            }
        };
        if let Some(replaced) = replaced {
            sessions::end(conn, replaced)?;
        }
        let mfa = account.asks_code();
        let session = NewSession { person, mfa, address: address.clone(), agent: self.claim.from.agent.clone() };
        sessions::begin(conn, &self.digest, &session, self.limits, self.now)?;
        if let (Some(old), Some(new)) = (&account.password, &self.fresh) {
            accounts::rehash(conn, person, old, new)?;
        }
        self.compared.tries.succeeded(conn)?;
        let by = Occasion { actor: Some(person), ..by };
        note(conn, by, person, "signed_in", &[("address", address.into()), ("second_factor", mfa.into())])?;
        Ok(true)
    }

    /// The account as it is now, or what is wrong with the claim.
    fn holds(&self, conn: &mut Conn) -> Result<Result<Account, &'static str>, Error> {
        if self.compared.account.is_none() {
            return Ok(Err("account"));
        }
        let Some((person, verified)) = self.compared.proven() else { return Ok(Err("password")) };
        if !accounts::hold(conn, person, verified)? {
            return Ok(Err("disabled"));
        }
        let account = accounts::of(conn, person)?;
        if !account.enabled {
            return Ok(Err("disabled"));
        }
        if !Terms::read(conn, person)?.let_in(self.claim.from.address) {
            return Ok(Err("address"));
        }
        if !accounts::use_code(conn, &account, self.claim.code.as_deref(), self.now)? {
            return Ok(Err("code"));
        }
        Ok(Ok(account))
    }
}
