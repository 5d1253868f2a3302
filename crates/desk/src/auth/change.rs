//! Changing by what a person proves who they are. Each change gives the browser a new secret and ends what the old
//! proof had opened elsewhere.

use super::accounts;
use super::audit::{Occasion, note};
use super::entrance::{Claim, Denied, Entrance, Visitor};
use super::entropy::Entropy;
use super::links::{self, Errand};
use super::password::Password;
use super::policy;
use super::secret::Secret;
use super::sessions::{self, Live, NewSession};
use super::totp::TotpSecret;
use crate::door::Terms;
use crate::error::Error;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use mainstay_store::Conn;

impl Entrance {
    /// The session that a browser's cookie stands for.
    ///
    /// # Errors
    /// `not_signed_in`; the database's.
    pub async fn session(&self, from: &Visitor, now: i64) -> Result<Live, Denied> {
        let out = || Denied::Refused(Refusal::new(Why::Unknown, "not_signed_in", "Sign in first."));
        let digest = from.session.as_deref().and_then(|cookie| sessions::digest(&self.key, cookie)).ok_or_else(out)?;
        self.db.read(move |conn| sessions::find(conn, &digest, now)).await?.ok_or_else(out)
    }

    /// Asks a person who is signed in for the password once more, as before anything that cannot be taken back.
    ///
    /// # Errors
    /// `not_signed_in`; a wrong password, on the field `current_password`; too many tries; the database's.
    pub async fn ask_again(&self, from: &Visitor, current: &Password, now: i64) -> Result<Live, Denied> {
        let live = self.session(from, now).await?;
        let person = live.person;
        let account = self.db.read(move |conn| accounts::of(conn, person)).await?;
        let claim = Claim { email: account.email, password: current.clone(), code: None, from: from.clone() };
        let compared = self.compare(&claim, now).await?;
        let tries = compared.tries().clone();
        if compared.proven().is_none_or(|(proven, _)| proven != person) {
            return Err(on_field(FieldError::new("current_password", "wrong", "The present password is wrong.")));
        }
        self.db.write(move |conn| tries.succeeded(conn)).await?;
        Ok(live)
    }

    /// Sets a new password for a person who knows the present one. All their sessions end; the answer is the secret
    /// of a new one for this browser.
    ///
    /// # Errors
    /// Those of [`Entrance::ask_again`]; a password that the policy refuses, on the field `password`.
    pub async fn change_password(
        &self,
        from: &Visitor,
        current: &Password,
        new: &Password,
        now: i64,
        entropy: &dyn Entropy,
    ) -> Result<Secret, Denied> {
        let live = self.ask_again(from, current, now).await?;
        self.check_policy(live.person, new).await?;
        let hash = self.passwords.hash(new, entropy).await?;
        let (secret, digest) = sessions::draw(&self.key, entropy);
        let by = Occasion { actor: Some(live.person), channel: from.channel, now };
        let session = NewSession { person: live.person, mfa: live.mfa, address: live.address, agent: live.agent };
        let (limits, person) = (self.limits, live.person);
        let write = move |conn: &mut Conn| {
            accounts::set_password(conn, by, person, &hash)?;
            sessions::begin(conn, &digest, &session, limits, now)
        };
        self.db.write(write).await?;
        Ok(secret)
    }

    /// Sets a password by the link of an invitation or a reset, and uses the link up. One-time codes stay as they
    /// are. The answer is the person, who then signs in.
    ///
    /// # Errors
    /// `link_not_valid`; a password that the policy refuses, on the field `password`; the database's.
    pub async fn password_by_link(
        &self,
        link: &str,
        errand: Errand,
        new: &Password,
        by: Occasion,
        entropy: &dyn Entropy,
    ) -> Result<i64, Denied> {
        let (key, presented) = (self.key.clone(), link.to_owned());
        let person = self.db.read(move |conn| links::peek(conn, &key, &presented, errand, by.now)).await?;
        let nobody = || Denied::Refused(Refusal::missing("person"));
        self.check_policy(person.ok_or_else(nobody)?, new).await?;
        let hash = self.passwords.hash(new, entropy).await?;
        let (key, presented) = (self.key.clone(), link.to_owned());
        let write = move |conn: &mut Conn| -> Result<Option<i64>, Error> {
            let person = links::redeem(conn, &key, &presented, errand, by.now)?;
            if let Some(person) = person {
                accounts::set_password(conn, by, person, &hash)?;
            }
            Ok(person)
        };
        self.db.write(write).await?.ok_or_else(nobody)
    }

    /// Keeps a new secret for one-time codes and answers it, to be shown once; nothing changes until a code of it
    /// comes back.
    ///
    /// # Errors
    /// Those of [`Entrance::ask_again`]; `totp_on`.
    pub async fn begin_totp(
        &self,
        from: &Visitor,
        current: &Password,
        now: i64,
        entropy: &dyn Entropy,
    ) -> Result<TotpSecret, Denied> {
        let live = self.ask_again(from, current, now).await?;
        let by = Occasion { actor: Some(live.person), channel: from.channel, now };
        let secret = TotpSecret::draw(entropy);
        let kept = secret.clone();
        self.db.write(move |conn| accounts::begin_totp(conn, by, live.person, &kept)).await?;
        Ok(secret)
    }

    /// Turns one-time codes on. Other sessions end; the answer is this session's new secret.
    ///
    /// # Errors
    /// `not_signed_in`, `totp_code`, `totp_off`; the database's.
    pub async fn confirm_totp(
        &self,
        from: &Visitor,
        code: &str,
        now: i64,
        entropy: &dyn Entropy,
    ) -> Result<Secret, Denied> {
        let live = self.session(from, now).await?;
        let by = Occasion { actor: Some(live.person), channel: from.channel, now };
        let (secret, digest) = sessions::draw(&self.key, entropy);
        let code = code.to_owned();
        let write = move |conn: &mut Conn| {
            accounts::confirm_totp(conn, by, live.person, &code)?;
            sessions::end_others(conn, live.person, &live.digest)?;
            sessions::rotate(conn, &live.digest, &digest, true)
        };
        self.db.write(write).await?;
        Ok(secret)
    }

    /// Turns one-time codes off. All sessions end; the answer is the secret of a new one for this browser.
    ///
    /// # Errors
    /// Those of [`Entrance::ask_again`].
    pub async fn remove_totp(
        &self,
        from: &Visitor,
        current: &Password,
        now: i64,
        entropy: &dyn Entropy,
    ) -> Result<Secret, Denied> {
        let live = self.ask_again(from, current, now).await?;
        let by = Occasion { actor: Some(live.person), channel: from.channel, now };
        let (secret, digest) = sessions::draw(&self.key, entropy);
        let session = NewSession { person: live.person, mfa: false, address: live.address, agent: live.agent };
        let (limits, person) = (self.limits, live.person);
        let write = move |conn: &mut Conn| {
            accounts::remove_totp(conn, by, person)?;
            sessions::begin(conn, &digest, &session, limits, now)
        };
        self.db.write(write).await?;
        Ok(secret)
    }

    /// Signs a person out of every browser, this one too, and answers how many sessions that were.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_out_everywhere(&self, person: i64, by: Occasion) -> Result<u64, Denied> {
        let write = move |conn: &mut Conn| -> Result<u64, Error> {
            let ended = sessions::end_all(conn, person)?;
            note(conn, by, person, "signed_out_everywhere", &[])?;
            Ok(ended)
        };
        Ok(self.db.write(write).await?)
    }

    async fn check_policy(&self, person: i64, new: &Password) -> Result<(), Denied> {
        let read = move |conn: &mut Conn| Ok::<_, Error>((accounts::of(conn, person)?, Terms::read(conn, person)?));
        let (account, terms) = self.db.read(read).await?;
        policy::check_at_least(new, &[&account.name, &account.email], terms.shortest).map_err(on_field)
    }
}

fn on_field(error: FieldError) -> Denied {
    let detail = error.detail.clone();
    Denied::Refused(Refusal { errors: vec![error], ..Refusal::invalid("invalid_fields", detail) })
}
