//! Who may see which records. Every query of records takes a scope; only the desk makes one.

use crate::Seen;
use crate::record::Spine;
use crate::sql::Sql;

/// Which processes or organisations a grant reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which<T> {
    /// All of them, also records that name none.
    All,
    /// These only.
    Only(Vec<T>),
}

impl<T: PartialEq> Which<T> {
    /// Whether an item is among them.
    #[must_use]
    pub fn covers(&self, item: Option<&T>) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => item.is_some_and(|item| set.contains(item)),
        }
    }
}

/// A right to see records beyond one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffGrant {
    /// The processes it is for.
    pub processes: Which<String>,
    /// The organisations whose records it is for.
    pub organisations: Which<i64>,
    /// Whether internal comments, attachments and fields are seen as well.
    pub internal: bool,
    /// Whether restricted records are seen without being their assignee or in their team.
    pub restricted: bool,
}

/// What a scope is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeParts {
    /// The person who asks: they see what they asked for themselves and what they are a party of.
    pub person: Option<i64>,
    /// The teams the person is in.
    pub teams: Vec<i64>,
    /// What the person sees beyond that.
    pub staff: Vec<StaffGrant>,
    /// Vendor organisations the person works for: they see records these are a party of.
    pub vendor_organisations: Vec<i64>,
    /// The same for records of some processes only.
    pub vendor_of_some: Vec<(i64, Vec<String>)>,
    /// Everything, restricted records and internal content included.
    pub everything: bool,
}

/// The records somebody may see. It cannot be read or changed, only handed to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    parts: ScopeParts,
    system: bool,
    internal_only: bool,
}

impl Scope {
    /// The scope of a person. Reserved for the desk.
    #[must_use]
    pub fn new(parts: ScopeParts) -> Self {
        Self { parts, system: false, internal_only: false }
    }

    /// Everything, for background work that acts for nobody. Reserved for the desk.
    #[must_use]
    pub fn system() -> Self {
        let parts = ScopeParts { everything: true, ..ScopeParts::default() };
        Self { parts, system: true, internal_only: false }
    }

    /// The same, less the records whose internal content is closed: for questions about internal fields, so that
    /// nothing can be inferred of other records.
    #[must_use]
    pub fn internal_only(&self) -> Self {
        Self { internal_only: true, ..self.clone() }
    }

    /// The proof for what hangs on a record that a query has shown under this scope.
    #[must_use]
    pub fn see(&self, record: &Spine) -> Seen {
        Seen::new(record.id, self.parts.sees_internal(record))
    }

    /// The proof for a record whose row is at hand, when that row alone shows that it is visible under this scope:
    /// through a grant, or as the person's own. Whether it is as a party of it, only a query can tell.
    #[must_use]
    pub fn see_by_itself(&self, record: &Spine) -> Option<Seen> {
        let parts = &self.parts;
        let own = parts.person.is_some() && record.requester == parts.person;
        let visible = parts.everything || own || parts.staff.iter().any(|grant| parts.covered_by(grant, record));
        (visible && !self.internal_only).then(|| self.see(record))
    }

    pub(crate) fn is_system(&self) -> bool {
        self.system
    }

    /// The organisations of which grants alone open every record of a process: whoever is its assignee or team, and
    /// restricted ones only when those are asked for. Of others some may be visible too.
    #[must_use]
    pub fn opened_by_grants(&self, process: &str, restricted: bool) -> Which<i64> {
        if self.parts.everything {
            return Which::All;
        }
        let mut some = Vec::new();
        for grant in self.grants().filter(|grant| grant.restricted || !restricted) {
            match &grant.organisations {
                _ if !grant.processes.covers(Some(&process.to_owned())) => {}
                Which::All => return Which::All,
                Which::Only(these) => some.extend_from_slice(these),
            }
        }
        Which::Only(some)
    }

    /// The grants that count for what is asked.
    fn grants(&self) -> impl Iterator<Item = &StaffGrant> + Clone {
        self.parts.staff.iter().filter(|grant| grant.internal || !self.internal_only)
    }

    /// Writes the condition under which `record` is visible whatever the grants.
    pub(crate) fn own(&self, sql: &mut Sql) {
        if self.internal_only {
            sql.push("FALSE");
        } else {
            self.parts.as_party(sql);
        }
    }

    /// Writes the condition under which `record` is visible.
    pub(crate) fn visible(&self, sql: &mut Sql) {
        let (parts, grants) = (&self.parts, self.grants());
        if parts.everything || grants.clone().any(StaffGrant::is_boundless) {
            sql.push("TRUE");
            return;
        }
        sql.joined(" OR ", "FALSE", grants.map(Some).chain([None]), |sql, grant| match grant {
            Some(grant) => parts.granted(grant, sql),
            None => self.own(sql),
        });
    }
}

impl StaffGrant {
    fn is_boundless(&self) -> bool {
        self.restricted && self.processes == Which::All && self.organisations == Which::All
    }
}

impl ScopeParts {
    fn sees_internal(&self, record: &Spine) -> bool {
        self.everything || self.staff.iter().any(|grant| grant.internal && self.covered_by(grant, record))
    }

    fn covered_by(&self, grant: &StaffGrant, record: &Spine) -> bool {
        let trusted = grant.restricted
            || !record.restricted
            || (self.person.is_some() && record.assignee == self.person)
            || record.team.is_some_and(|team| self.teams.contains(&team));
        trusted
            && grant.processes.covers(Some(&record.process))
            && grant.organisations.covers(record.organisation.as_ref())
    }

    fn granted(&self, grant: &StaffGrant, sql: &mut Sql) {
        sql.push("(TRUE");
        if let Which::Only(processes) = &grant.processes {
            sql.push(" AND record.process IN ");
            sql.joined(", ", "NULL", processes, |sql, process| {
                sql.bind(process);
            });
        }
        if let Which::Only(organisations) = &grant.organisations {
            sql.push(" AND ").is_one_of("record.organisation", organisations);
        }
        if !grant.restricted {
            sql.push(" AND (NOT record.restricted OR COALESCE(record.assignee = ").bind(self.person);
            sql.push(", FALSE) OR COALESCE(").is_one_of("record.team", &self.teams).push(", FALSE))");
        }
        sql.push(")");
    }

    /// Few rows for most people, so they are found by index first and filtered afterwards.
    fn as_party(&self, sql: &mut Sql) {
        let mut parties = self.vendor_organisations.clone();
        parties.extend(self.person);
        sql.push("(record.id IN (SELECT party.record FROM party WHERE ").is_one_of("party.entry", &parties);
        sql.push(" UNION SELECT mine.id FROM record AS mine WHERE mine.requester = ").bind(self.person).push(")");
        for (organisation, processes) in &self.vendor_of_some {
            sql.push(" OR record.process IN ");
            sql.joined(", ", "NULL", processes, |sql, process| {
                sql.bind(process);
            });
            sql.push(" AND record.id IN (SELECT party.record FROM party WHERE party.entry = ");
            sql.bind(*organisation).push(")");
        }
        sql.push(")");
    }
}
