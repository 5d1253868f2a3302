//! Who may see what, worked out naively from the rules as they are documented and from nothing of the product:
//!
//! - A person sees what they asked for, and what they are named on as reporter or watcher.
//! - A role says what it reaches: nothing more (own), all of one organisation without internal content (customer),
//!   what a vendor has a part in without internal content (vendor), or records with internal content (staff).
//!   It reaches only with the right to view, only for the organisation and the process it was granted for.
//! - Restricted records are open to a role only if it reaches restricted ones, or the person or one of their teams
//!   is in charge.
//! - Whoever may not read internal content can neither read it, nor find by it, nor ask about it.

use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Reach {
    Own,
    Customer,
    Vendor,
    Staff,
    Restricted,
}

/// A role as far as it says what is seen.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one right of its own")]
pub struct Role {
    pub key: &'static str,
    pub reach: Reach,
    /// Holds the right to view incidents.
    pub views: bool,
    /// Holds the right to read the directory of people.
    pub directory: bool,
    /// Holds the right to read the log.
    pub log: bool,
    /// Holds the rights to export incidents and to read reports.
    pub figures: bool,
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub role: Role,
    pub organisation: Option<i64>,
    /// Granted for one process only, and whether that is the one whose records there are.
    pub only_for: Option<bool>,
}

impl Grant {
    fn opens_records(&self) -> bool {
        self.role.views && self.only_for != Some(false)
    }
    fn home(&self, person: &Person) -> Option<i64> {
        self.organisation.or(person.organisation)
    }
}

#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub name: [String; 2],
    pub organisation: Option<i64>,
    pub teams: Vec<i64>,
    pub grants: Vec<Grant>,
}

#[derive(Clone, Debug)]
pub struct Said {
    pub internal: bool,
    pub words: String,
}

#[derive(Clone, Debug)]
pub struct File {
    pub id: i64,
    pub internal: bool,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Task {
    pub title: String,
    pub team: Option<i64>,
    pub assignee: Option<i64>,
}

/// What happened to a record, as its history tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    pub comments: usize,
    pub notes: usize,
    pub files: usize,
    pub internal_files: usize,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub number: String,
    pub title: [String; 2],
    pub symptoms: String,
    pub diagnosis: String,
    pub colour: Option<String>,
    pub cost: Option<String>,
    pub state: String,
    pub priority: Option<i64>,
    pub requester: i64,
    pub organisation: Option<i64>,
    pub team: Option<i64>,
    pub assignee: Option<i64>,
    pub restricted: bool,
    pub watchers: BTreeSet<i64>,
    pub reporters: BTreeSet<i64>,
    /// Organisations of vendors that have, or had, a part in it.
    pub vendors: BTreeSet<i64>,
    pub said: Vec<Said>,
    pub files: Vec<File>,
    pub tasks: Vec<Task>,
    /// Relation and the other's number, both ways.
    pub links: Vec<(String, String)>,
    pub told: Told,
    /// Why it was escalated.
    pub why: String,
}

impl Record {
    /// Words of the record that nobody but its readers may come across.
    pub fn secrets(&self, internal: bool) -> Vec<&str> {
        let said = self.said.iter().filter(|s| s.internal == internal).map(|s| s.words.as_str());
        let files = self.files.iter().filter(|f| f.internal == internal).map(|f| f.name.as_str());
        let fields: Vec<&str> = if internal {
            [Some(&self.diagnosis), Some(&self.why), self.cost.as_ref()]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect()
        } else {
            vec![&self.title[1], &self.symptoms]
        };
        fields.into_iter().chain(said).chain(files).collect()
    }
}

impl Person {
    /// The grants that open this record.
    fn opening(&self, record: &Record) -> impl Iterator<Item = &Grant> {
        let in_charge = record.assignee == Some(self.id) || record.team.is_some_and(|team| self.teams.contains(&team));
        let (restricted, organisation) = (record.restricted, record.organisation);
        self.grants.iter().filter(move |grant| {
            let open = !restricted || in_charge || grant.role.reach == Reach::Restricted;
            let of_this = |home: Option<i64>| home.is_some() && home == organisation;
            let reaches = match grant.role.reach {
                Reach::Own | Reach::Vendor => false,
                Reach::Customer => of_this(grant.home(self)),
                Reach::Staff | Reach::Restricted => grant.organisation.is_none() || of_this(grant.organisation),
            };
            grant.opens_records() && open && reaches
        })
    }

    fn is_named_on(&self, record: &Record) -> bool {
        let vendor = |grant: &Grant| grant.role.reach == Reach::Vendor && grant.opens_records();
        let mut parts = self.grants.iter().filter(|g| vendor(g)).filter_map(|g| g.home(self));
        record.requester == self.id
            || record.watchers.contains(&self.id)
            || record.reporters.contains(&self.id)
            || parts.any(|organisation| record.vendors.contains(&organisation))
    }

    pub fn sees(&self, record: &Record) -> bool {
        self.is_named_on(record) || self.opening(record).next().is_some()
    }

    pub fn reads_internal(&self, record: &Record) -> bool {
        self.opening(record).any(|grant| grant.role.reach >= Reach::Staff)
    }

    /// Whether the person is anybody's staff: only they may ask about internal fields at all.
    pub fn is_staff(&self) -> bool {
        self.grants.iter().any(|grant| grant.role.reach >= Reach::Staff)
    }

    pub fn exports(&self) -> bool {
        self.grants.iter().any(|g| g.role.figures && g.only_for != Some(false))
    }

    pub fn reads_reports(&self) -> bool {
        self.grants.iter().any(|g| g.role.figures && g.only_for.is_none())
    }

    /// Whether the log of events is open, and whether that of the directory and the configuration is too.
    pub fn reads_log(&self) -> (bool, bool) {
        let open = || self.grants.iter().filter(|g| g.role.log && g.only_for.is_none());
        (open().next().is_some(), open().any(|g| g.organisation.is_none()))
    }

    /// Whose names the directory shows: those of everybody, of some organisations, or of nobody.
    pub fn directory(&self) -> Directory {
        let for_all = |g: &&Grant| g.organisation.is_none();
        let by_right = self.grants.iter().filter(for_all).any(|g| g.role.directory && g.only_for.is_none());
        let as_staff = self.grants.iter().filter(for_all).any(|g| g.role.reach >= Reach::Staff);
        let beyond_own = || self.grants.iter().filter(|g| g.role.reach >= Reach::Customer);
        let mut of: BTreeSet<i64> = beyond_own().filter_map(|g| g.home(self)).collect();
        of.extend(self.organisation.filter(|_| self.is_staff()));
        match (by_right || as_staff, of.is_empty()) {
            (true, _) => Directory::Whole,
            (false, false) => Directory::Of(of),
            (false, true) => Directory::Closed,
        }
    }
}

pub enum Directory {
    Whole,
    Of(BTreeSet<i64>),
    Closed,
}
