//! `mainstay token`

use crate::cli::Token;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::auth::tokens::{self, Drawn, NewToken};
use mainstay_desk::auth::{Occasion, accounts};
use mainstay_desk::{Channel, Desk};

const DAY_MS: i64 = 86_400_000;

/// Makes, lists or ends API tokens.
///
/// # Errors
/// An installation that is not ready; an unknown person or token; a name or scope that does not fit.
pub async fn run(settings: Settings, command: Token) -> Result<(), Failure> {
    let installation = Installation::ready(settings).await?;
    let desk = &installation.desk;
    match command {
        Token::Create { person, name, scopes, days } => {
            let expires = days.map(|days| desk.now() + i64::from(days) * DAY_MS);
            let new = NewToken { person: person_of(desk, &person).await?, name, scopes, expires };
            create(&installation, new).await?;
        }
        Token::List { person } => list(desk, &person).await?,
        Token::Revoke { person, id } => {
            let (person, by) = (person_of(desk, &person).await?, by(desk));
            desk.db().write(move |conn| tokens::revoke(conn, by, person, id)).await?;
            say(format_args!("Token {id} no longer works."));
        }
    }
    installation.close().await;
    Ok(())
}

fn by(desk: &Desk) -> Occasion {
    Occasion { actor: None, channel: Channel::Command, now: desk.now() }
}

async fn person_of(desk: &Desk, email: &str) -> Result<i64, Failure> {
    let address = email.to_owned();
    let account = desk.db().read(move |conn| accounts::find(conn, &address.to_lowercase())).await?;
    let nobody = || {
        Failure::failed(format!("there is nobody with the address {email}."))
            .next("Give the e-mail of a person in the register of people.")
    };
    Ok(account.ok_or_else(nobody)?.person)
}

async fn create(installation: &Installation, new: NewToken) -> Result<(), Failure> {
    let desk = &installation.desk;
    let drawn = Drawn::new(&installation.key().await?, desk.entropy());
    let (made, by) = (drawn.clone(), by(desk));
    let id = desk.db().write(move |conn| tokens::make(conn, by, &new, &made)).await?;
    eprintln!("Token {id} was made. It is shown this once:");
    say(drawn.reveal());
    Ok(())
}

async fn list(desk: &Desk, email: &str) -> Result<(), Failure> {
    let person = person_of(desk, email).await?;
    let all = desk.db().read(move |conn| tokens::list(conn, person)).await?;
    say(format_args!("{:>6}  {:24}  {:20}  {:20}  {:20}  scopes", "id", "name", "expires", "last used", "state"));
    for token in all {
        let state = if token.revoked.is_some() {
            "revoked"
        } else if token.expires.is_some_and(|at| at <= desk.now()) {
            "expired"
        } else {
            "in force"
        };
        let (expires, used) = (instant(token.expires), instant(token.used));
        say(format_args!(
            "{:>6}  {:24}  {expires:20}  {used:20}  {state:20}  {}",
            token.id,
            token.name,
            token.scopes.join(" ")
        ));
    }
    Ok(())
}

fn instant(at: Option<i64>) -> String {
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
