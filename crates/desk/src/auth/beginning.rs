//! The first administrator: made by the one link that a new installation prints, and by nothing else.

use super::accounts;
use super::audit::Occasion;
use super::entrance::{Denied, Entrance};
use super::links::{self, Errand};
use super::password::Password;
use super::policy;
use crate::caller::Caller;
use crate::desk::{Credential, Desk, Session};
use crate::registers::{EntryDraft, create};
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers;
use mainstay_store::entries;
use serde_json::{Map, Value as Json, json};

/// Key of the shipped role that may do everything.
const ROLE: &str = "admin";

impl Entrance {
    /// Makes the person who invites everybody else, with a password, and closes the set-up for good. All of it happens
    /// or nothing.
    ///
    /// # Errors
    /// `link_not_valid`; a name, an address or a password that is refused, each on its field; the database's.
    pub async fn first_administrator(
        &self,
        desk: &Desk,
        link: &str,
        name: &str,
        email: &str,
        password: &Password,
        by: Occasion,
    ) -> Result<i64, Denied> {
        let (key, presented) = (self.key.clone(), link.to_owned());
        let peek = move |conn: &mut mainstay_store::Conn| {
            links::peek(conn, &key, &presented, Errand::FirstAdministrator, by.now)
        };
        self.db.read(peek).await?;
        let refused = |error| {
            Denied::Refused(Refusal::unless_empty(vec![error]).err().unwrap_or_else(|| Refusal::missing("page")))
        };
        policy::check(password, &[name, email]).map_err(refused)?;
        let hash = self.passwords.hash(password, desk.entropy()).await?;
        let (key, presented) = (self.key.clone(), link.to_owned());
        let (name, email) = (name.to_owned(), email.to_owned());
        let work = move |session: &mut Session<'_>, caller: &Caller| {
            links::redeem(session.conn, &key, &presented, Errand::FirstAdministrator, by.now)?;
            let role = entries::by_key(session.conn, registers::ROLES.key, ROLE)?.map(|row| row.id);
            let role = role.ok_or_else(|| Refusal::missing("role for administrators"))?;
            let values: Map<String, Json> =
                [("email".to_owned(), json!(email)), ("grants".to_owned(), json!([{ "role": role }]))]
                    .into_iter()
                    .collect();
            let draft = EntryDraft { name: Some(name.clone()), values, ..EntryDraft::default() };
            let person = create(session, caller, &registers::PEOPLE, &draft)?.id;
            accounts::set_password(session.conn, by, person, &hash)?;
            Ok(person)
        };
        Ok(desk.write(&Credential::Engine, by.channel, work).await?)
    }
}
