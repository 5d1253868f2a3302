//! What is measured with beside the mass: people with roles of their own, a field that an organisation added.

use crate::failure::Failure;
use crate::terminal::say;
use mainstay_desk::auth::{Occasion, Password, Passwords, Secret, accounts};
use mainstay_desk::install::{self, Planned};
use mainstay_desk::records::{self, Amend};
use mainstay_desk::{Channel, Credential, Desk, Error, Session};
use mainstay_processes::transition::configuration_item::CONFIGURATION_ITEM;
use mainstay_store::{Spine, record};
use serde_json::json;
use std::time::Duration;

/// The key of the field that an organisation added, and what some records hold in it.
pub const OWN_FIELD: (&str, &str) = ("bench_rack", "A7");

/// Makes somebody with these roles, unless they are there, who nobody knows the password of; answers who it is.
///
/// # Errors
/// The database's.
pub async fn person(desk: &Desk, email: &'static str, roles: &'static [&'static str]) -> Result<i64, Failure> {
    // Without a password nobody has a session.
    let password = Password::new(Secret::draw(desk.entropy()).reveal());
    let hash = Passwords::hash_here(&password, desk.entropy());
    let found = desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        if let Some(account) = accounts::find(session.conn, email)? {
            return Ok(Some(account.person));
        }
        let grants: Vec<_> = roles.iter().map(|role| json!({ "role": format!("@roles/{role}") })).collect();
        let values = json!({ "email": email, "grants": grants });
        let name = email.split('@').next().unwrap_or(email).to_owned();
        install::put(session, caller, &[Planned { register: "people", key: email.into(), name, values }])?;
        let Some(account) = accounts::find(session.conn, email)? else { return Ok(None) };
        let by = Occasion { actor: None, channel: Channel::Command, now: session.now };
        accounts::set_password(session.conn, by, account.person, &hash)?;
        Ok(Some(account.person))
    });
    found.await?.ok_or_else(|| Failure::failed(format!("nobody could be made with the address {email}.")))
}

/// Adds the field unless it is there, and gives it a value in these records where they can still be edited.
///
/// # Errors
/// The database's.
pub async fn field(desk: &Desk, numbers: &[String]) -> Result<(), Failure> {
    let (key, value) = OWN_FIELD;
    let made = desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        let process = mainstay_processes::ALL[0];
        if session.config.field(process, key).is_some() {
            return Ok(false);
        }
        let values = json!({ "process": process.key, "field": key, "kind": "text" });
        let field = Planned { register: "custom-fields", key: key.into(), name: "Rack".into(), values };
        install::put(session, caller, &[field])?;
        Ok(true)
    });
    if !made.await? {
        return Ok(());
    }
    for number in numbers {
        let number = number.clone();
        let set = desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
            let process = mainstay_processes::ALL[0];
            let version = records::get(session, caller, process, &number)?.record.version;
            let values = json!({ key: value }).as_object().cloned().unwrap_or_default();
            records::amend(session, caller, process, &number, &Amend { version, values, ..Amend::default() })?;
            Ok(())
        });
        match set.await {
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A configuration item in use, of a class; answers its id.
///
/// # Errors
/// The database's.
pub fn item(session: &mut Session<'_>, title: String, class: Option<i64>) -> mainstay_desk::Result<i64> {
    let process = &CONFIGURATION_ITEM;
    let number = session.conn.next_number(process.key)?;
    let spine = Spine {
        process: process.key.into(),
        number: format!("{}-{number}", process.prefix),
        title,
        state: "live".into(),
        phase: 2,
        opened: session.now,
        updated: session.now,
        resolved: Some(session.now),
        ..Spine::default()
    };
    Ok(record::insert(session.conn, records::table(process), &spine, &[("class", class.into())])?)
}

/// A number that looks like chance, the same for the same one.
pub const fn mixed(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Says how long somebody waited, as a line of a table, and whether that keeps the goal for 95 in a hundred, in ms.
pub fn told(name: &str, mut all: Vec<Duration>, most: usize, goal: f64) {
    all.sort_unstable();
    let after = |part: usize| all[(all.len() * part / 100).min(all.len() - 1)].as_secs_f64() * 1000.0;
    let (median, p95, p99) = (after(50), after(95), after(99));
    let kept = if p95 <= goal { "≤" } else { "MISSED" };
    say(format!("| {name} | {median:.2} | {p95:.2} | {p99:.2} | {most} | {kept} {goal} ms p95 |"));
}
