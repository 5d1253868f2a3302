//! Callers: who asks, by which channel, with which rights and what they may see.

use crate::config::{Config, entry_of};
use crate::error::Result;
use crate::rights::{Grant, Rights};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::Reach;
use mainstay_search::{ScopeTerms, StaffTerms};
use mainstay_store::{Conn, Scope, ScopeParts, StaffGrant, Which as Covers, entries};
use std::net::IpAddr;
use std::sync::Arc;

/// The way by which a request came; kept with every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Desk,
    Portal,
    Api,
    Import,
    Engine,
    Command,
}

impl Channel {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Portal => "portal",
            Self::Api => "api",
            Self::Import => "import",
            Self::Engine => "engine",
            Self::Command => "command",
        }
    }
}

/// The person behind a request.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub organisation: Option<i64>,
    pub teams: Vec<i64>,
    /// IANA name; UTC when the person has not chosen.
    pub zone: String,
    /// BCP 47 tag; none when the person has not chosen.
    pub language: Option<String>,
    pub version: i64,
}

/// Who asks. Made once per request from the database; nothing of it is kept between requests.
#[derive(Clone, Debug)]
pub struct Caller {
    pub person: Option<Person>,
    pub rights: Rights,
    pub scope: Scope,
    pub channel: Channel,
    /// The administrator who only looks as this caller.
    pub viewer: Option<i64>,
    /// Where the request comes from, when it came from a browser.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// The engine itself: timers, cascades, imports, maintenance.
    #[must_use]
    pub fn engine(channel: Channel) -> Self {
        let everything = crate::rights::Role {
            name: "engine".into(),
            reach: Reach::Restricted,
            permissions: Arc::from(["*".to_owned()]),
        };
        let rights =
            Rights { grants: vec![Grant { role: everything, organisation: None, process: None }], scopes: None };
        Self { person: None, rights, scope: everything_seen(), channel, viewer: None, address: None }
    }

    /// A person with the rights that entry and configuration give; none when there is no such
    /// active person.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        conn: &mut Conn,
        config: &Config,
        person: i64,
        channel: Channel,
        scopes: Option<Vec<String>>,
    ) -> Result<Option<Self>> {
        let Some(entry) = entries::by_id(conn, person)?.map(entry_of).filter(|e| e.active) else { return Ok(None) };
        Ok(Some(Self::of(&entry, config, channel, scopes)))
    }

    /// The caller that an entry of the register of people describes.
    #[must_use]
    pub fn of(entry: &Entry, config: &Config, channel: Channel, scopes: Option<Vec<String>>) -> Self {
        let grants = entry.value("grants").as_list().iter().filter_map(|row| grant_of(row, config)).collect();
        Self::with_rights(entry, Rights { grants, scopes }, channel)
    }

    /// The caller that an entry of the register of people describes, with other rights than its own.
    #[must_use]
    pub fn with_rights(entry: &Entry, rights: Rights, channel: Channel) -> Self {
        let person = Person {
            id: entry.id,
            name: entry.name.clone(),
            email: entry.text("email").unwrap_or_default().to_owned(),
            organisation: entry.int("organisation"),
            teams: entry.ids("teams").collect(),
            zone: entry.text("zone").unwrap_or("UTC").to_owned(),
            language: entry.text("language").map(str::to_owned),
            version: entry.version,
        };
        let scope = scope_of(&person, &rights);
        Self { person: Some(person), rights, scope, channel, viewer: None, address: None }
    }

    #[must_use]
    pub fn person_id(&self) -> Option<i64> {
        self.person.as_ref().map(|p| p.id)
    }

    /// Whether the caller is the engine rather than a person.
    #[must_use]
    pub fn is_engine(&self) -> bool {
        self.person.is_none()
    }

    /// Whether what the caller came with reaches an action of an area at all; which of it, is for scopes and rights to
    /// say.
    ///
    /// # Errors
    /// `no_right`.
    pub fn reaches(&self, area: &str, action: &str) -> Result<()> {
        if self.is_engine() || self.rights.in_scope(area, action) {
            return Ok(());
        }
        Err(Refusal::forbidden("no_right", "This token does not reach here.").into())
    }

    /// What the caller may find: the same rights as the scope, in the terms of the index.
    #[must_use]
    pub fn search_terms(&self) -> ScopeTerms {
        let Some(person) = &self.person else { return ScopeTerms { everything: true, ..ScopeTerms::default() } };
        let parts = parts_of(person, &self.rights);
        let only = |which: Covers<i64>| if let Covers::Only(ids) = which { Some(ids) } else { None };
        let staff = parts.staff.into_iter().map(|grant| StaffTerms {
            processes: if let Covers::Only(keys) = grant.processes { Some(keys) } else { None },
            organisations: only(grant.organisations),
            internal: grant.internal,
            restricted: grant.restricted,
        });
        ScopeTerms {
            everything: parts.everything,
            staff: staff.collect(),
            teams: parts.teams,
            person: parts.person,
            parties: parts.vendor_organisations,
            parties_of_some: parts.vendor_of_some,
        }
    }

    /// The caller's time zone; UTC when none is known.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        let name = self.person.as_ref().map_or("UTC", |p| p.zone.as_str());
        jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// A role held, as a row of a person says it; none where the role is gone.
pub(crate) fn grant_of(row: &Value, config: &Config) -> Option<Grant> {
    let role = config.roles.get(&row.column("role").as_int()?)?.clone();
    Some(Grant {
        role,
        organisation: row.column("organisation").as_int(),
        process: row.column("process").as_text().map(str::to_owned),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the room where scopes are made")]
fn everything_seen() -> Scope {
    Scope::system()
}

/// The one place where rights become visibility.
#[expect(clippy::disallowed_methods, reason = "this is the room where scopes are made")]
fn scope_of(person: &Person, rights: &Rights) -> Scope {
    Scope::new(parts_of(person, rights))
}

fn parts_of(person: &Person, rights: &Rights) -> ScopeParts {
    let mut parts = ScopeParts {
        person: Some(person.id),
        teams: person.teams.clone(),
        staff: Vec::new(),
        vendor_organisations: Vec::new(),
        vendor_of_some: Vec::new(),
        everything: false,
    };
    for grant in &rights.grants {
        let views: Vec<String> = mainstay_processes::ALL
            .iter()
            .filter(|p| rights_of(grant).may_somewhere(p.key, "view"))
            .map(|p| p.key.to_owned())
            .collect();
        if views.is_empty() {
            continue;
        }
        let processes = if views.len() == mainstay_processes::ALL.len() { Covers::All } else { Covers::Only(views) };
        let organisations = grant.organisation.map_or(Covers::All, |id| Covers::Only(vec![id]));
        match grant.role.reach {
            Reach::Own => {}
            Reach::Vendor => {
                let Some(organisation) = grant.organisation.or(person.organisation) else { continue };
                match processes {
                    Covers::All => parts.vendor_organisations.push(organisation),
                    Covers::Only(these) => parts.vendor_of_some.push((organisation, these)),
                }
            }
            Reach::Customer => {
                let Some(organisation) = grant.organisation.or(person.organisation) else { continue };
                let organisations = Covers::Only(vec![organisation]);
                parts.staff.push(StaffGrant { processes, organisations, internal: false, restricted: false });
            }
            Reach::Staff => {
                parts.staff.push(StaffGrant { processes, organisations, internal: true, restricted: false });
            }
            Reach::Restricted => {
                parts.staff.push(StaffGrant { processes, organisations, internal: true, restricted: true });
            }
        }
    }
    parts
}

fn rights_of(grant: &Grant) -> Rights {
    Rights { grants: vec![grant.clone()], scopes: None }
}
