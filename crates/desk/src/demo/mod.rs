//! Believable data to look around in: made from a seed, relative to the present, through the
//! same commands as everything else, so that history, clocks and notices are true.

mod agreements;
mod assets;
mod baselines;
mod cast;
mod chance;
mod changes;
mod directory;
mod estate;
mod evaluations;
mod hours;
mod mass;
mod play;
mod plot;
mod problems;
pub mod removal;
mod scenes;
mod stories;
mod tales;
mod welcome;

pub use cast::{PASSWORD, SignIn, sign_ins};
pub use mass::Mass;
pub use play::Played;

use crate::auth::{Occasion, Password, PasswordHash, Passwords, accounts, links};
use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use mainstay_engine::refusal::Refusal;
use mainstay_store::{Watch, demo as store, entries};

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

/// Which of these records were made up to look around in.
///
/// # Errors
/// The database's.
pub fn among(session: &mut Session<'_>, records: impl IntoIterator<Item = i64>) -> Result<Vec<i64>> {
    // Where there is no demo data nothing is asked.
    if session.config.demo.is_empty() {
        return Ok(Vec::new());
    }
    let records: Vec<i64> = records.into_iter().collect();
    Ok(store::among(session.conn, store::Subject::Record, &records)?)
}

/// Fills an installed, empty database: directory and agreements first, then what happened since. Everybody can sign in
/// with [`PASSWORD`], and nobody else can make themselves the first administrator.
///
/// # Errors
/// The database's; a register that refuses an entry.
pub async fn fill(desk: &Desk, watch: &Watch) -> Result<Played> {
    let begun = enter(desk).await?;
    let hash = Passwords::hash_here(&Password::new(PASSWORD), desk.entropy());
    desk.write(&Credential::Engine, Channel::Command, move |session, _| open_accounts(session, &hash, begun)).await?;
    tell(desk, watch).await
}

/// Fills an installation that is in use, for the administrator who asks for it: nobody of the demo can sign in, since
/// everybody knows their password, and some of the work is the administrator's own.
///
/// # Errors
/// No right; `demo_there`; the database's; a register that refuses an entry.
pub async fn fill_for(desk: &Desk, credential: &Credential, channel: Channel, watch: &Watch) -> Result<Played> {
    let host = desk.write(credential, channel, |session, caller| {
        removal::may(caller)?;
        if !session.config.demo.is_empty() {
            return Err(Refusal::conflict("demo_there", "The demo data is there already.").into());
        }
        if let Some(name) = directory::in_the_way(session)? {
            let says = format!("You have a {name} of your own, and the demo has one too. Put it in before your own.");
            return Err(Refusal::conflict("name_taken", says).into());
        }
        crate::beginning::note_filled(session, caller)?;
        Ok(caller.person_id())
    });
    let host = host.await?;
    enter(desk).await?;
    let played = tell(desk, watch).await?;
    if let Some(host) = host {
        desk.write(&Credential::Engine, channel, move |session, _| welcome::welcome(session, host)).await?;
    }
    Ok(played)
}

/// Enters everybody and everything that the stories need; answers when that was.
async fn enter(desk: &Desk) -> Result<i64> {
    let begun = desk.now() - stories::DAYS * 86_400_000 - BEFORE;
    desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        directory::enter(&mut Session::new(session.conn, session.config, begun), caller)
    })
    .await?;
    // Whom and what it names is in force only now.
    desk.write(&Credential::Engine, Channel::Command, move |session, _| {
        estate::enter(&mut Session::new(session.conn, session.config, begun))
    })
    .await?;
    Ok(begun)
}

/// Plays the stories. A failure leaves none half told. The watch is told how many of their beats are played.
async fn tell(desk: &Desk, watch: &Watch) -> Result<Played> {
    let now = desk.now();
    let log = desk.blobs().put(plot::LOG.1.as_bytes().to_vec()).await?;
    let beats = stories::all(SEED, now);
    let watch = watch.clone();
    desk.write(&Credential::Engine, Channel::Command, move |session, _| {
        let mut present = Session::new(session.conn, session.config, now);
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
