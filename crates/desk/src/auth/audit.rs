//! What the event log says about accounts: who signed in from where, whose password changed. Never a secret.

use crate::caller::Channel;
use crate::error::Result;
use mainstay_store::{Conn, NewEvent, events};
use serde_json::{Value as Json, json};

/// Who does something to an account, and when.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// The person who does it; none before sign-in and for the command line.
    pub actor: Option<i64>,
    pub channel: Channel,
    /// Epoch milliseconds UTC.
    pub now: i64,
}

/// Appends an event on an account; `person` is 0 when nobody has the account that was tried.
pub(super) fn note(conn: &mut Conn, by: Occasion, person: i64, verb: &str, facts: &[(&str, Json)]) -> Result<()> {
    let changes: Json = facts.iter().map(|(field, new)| json!({ "field": field, "old": null, "new": new })).collect();
    events::append(
        conn,
        &NewEvent {
            at: by.now,
            actor: by.actor,
            channel: by.channel.key().to_owned(),
            subject: "account".into(),
            subject_id: person,
            process: None,
            verb: verb.to_owned(),
            public: false,
            changes: changes.to_string(),
            reason: None,
        },
    )?;
    Ok(())
}
