//! Believable data to look around in: made from a seed, relative to the present, through the
//! same commands as everything else, so that history, clocks and notices are true.

mod agreements;
mod cast;
mod chance;
mod directory;
mod hours;
mod mass;
mod play;
mod plot;
mod scenes;
mod stories;
mod tales;

pub use cast::{PASSWORD, SignIn, sign_ins};
pub use mass::Mass;
pub use play::Played;

use crate::auth::{Occasion, Password, PasswordHash, Passwords, accounts, links};
use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use mainstay_store::{Watch, entries};

const SEED: u64 = 20_250_606;
/// The house was set up so long before the first story, in milliseconds.
const BEFORE: i64 = 3 * 86_400_000;

/// Whether the demo's directory is in the database.
///
/// # Errors
/// The database's.
pub async fn is_there(desk: &Desk) -> Result<bool> {
    let found =
        |session: &mut Session<'_>, _: &Caller| Ok(entries::by_key(session.conn, "organisations", "acme")?.is_some());
    desk.read(&Credential::Engine, Channel::Command, found).await
}

/// Fills an installed, empty database: directory and agreements first, then what happened since.
/// A failure leaves no story half told. The watch is told how many beats of the stories are played.
///
/// # Errors
/// The database's; a register that refuses an entry.
pub async fn fill(desk: &Desk, watch: &Watch) -> Result<Played> {
    let now = desk.now();
    let begun = now - stories::DAYS * 86_400_000 - BEFORE;
    desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        directory::enter(&mut Session { conn: session.conn, config: session.config, now: begun }, caller)
    })
    .await?;
    let hash = Passwords::hash_here(&Password::new(PASSWORD), desk.entropy());
    desk.write(&Credential::Engine, Channel::Command, move |session, _| open_accounts(session, &hash, begun)).await?;
    let log = desk.blobs().put(plot::LOG.1.as_bytes().to_vec()).await?;
    let beats = stories::all(SEED, now);
    let watch = watch.clone();
    desk.write(&Credential::Engine, Channel::Command, move |session, _| {
        let mut present = Session { conn: session.conn, config: session.config, now };
        play::Play::new(&log, &watch).run(&mut present, &beats)
    })
    .await
}

/// Everybody can sign in, and nobody else can make themselves the first administrator.
fn open_accounts(session: &mut Session<'_>, hash: &PasswordHash, now: i64) -> Result<()> {
    let by = Occasion { actor: None, channel: Channel::Command, now };
    for part in cast::PEOPLE {
        if let Some(row) = entries::by_key(session.conn, "people", &part.email())? {
            accounts::set_password(session.conn, by, row.id, hash)?;
        }
    }
    links::close_set_up(session.conn, now)
}

#[cfg(test)]
mod tests;
