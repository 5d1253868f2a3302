//! `mainstay init`

use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::auth::links::{self, Errand};
use mainstay_desk::auth::{InstallationKey, Secret};
use mainstay_desk::{Channel, Credential, install};

/// Creates the database and prints the link of the first administrator.
///
/// # Errors
/// A database that cannot be made, or that has its administrator already.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::create(settings)?;
    prepare(&installation).await?;
    let secret = link(&installation).await?;
    let settings = &installation.settings;
    let base_url = settings.base_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    say(format_args!("The database is ready: {}", crate::settings::without_secret(&settings.database)));
    say("\nMake the first administrator with this link. It works once, for 24 hours:\n");
    say(format_args!("  {base_url}/set-up/{}\n", secret.reveal()));
    say("The server must run for that: `mainstay serve`");
    installation.close().await;
    Ok(())
}

/// Schema, shipped configuration and key; what is there already stays.
///
/// # Errors
/// The database's.
pub async fn prepare(installation: &Installation) -> Result<(), Failure> {
    let desk = &installation.desk;
    let now = desk.now();
    desk.db().migrate(now).await?;
    let drawn = InstallationKey::draw(desk.entropy());
    desk.db().write(move |conn| drawn.keep(conn, now)).await?;
    desk.write(&Credential::Engine, Channel::Command, install::install).await?;
    Ok(())
}

async fn link(installation: &Installation) -> Result<Secret, Failure> {
    let desk = &installation.desk;
    let (key, secret) = (installation.key().await?, Secret::draw(desk.entropy()));
    let (drawn, now) = (secret.clone(), desk.now());
    let issued =
        desk.db().write(move |conn| links::issue(conn, &key, &drawn, Errand::FirstAdministrator, None, now)).await;
    match issued {
        Ok(()) => Ok(secret),
        Err(mainstay_desk::Error::Refused(_)) => {
            let late = Failure::failed("this database has had its first administrator.");
            Err(late.next("An administrator invites others under People; `mainstay serve` starts the server."))
        }
        Err(error) => Err(error.into()),
    }
}
