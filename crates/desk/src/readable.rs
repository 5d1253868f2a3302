//! Which entries of the registers a caller reads, what of them, and which a caller may refer to.

use crate::caller::Caller;
use crate::config::entry_of;
use crate::error::Result;
use crate::rights::Rights;
use mainstay_engine::field::Audience;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Readable, Register};
use mainstay_processes::registers::{self, FOR_COLLEAGUES, ORGANISATIONS, PEOPLE, Reach, SERVICES, VIEWS};
use mainstay_store::Conn;
use mainstay_store::entries::{self, EntryRow};

/// A caller with the right to read a register, in whole or in part.
pub struct Reader<'c> {
    caller: &'c Caller,
    register: &'static Register,
    /// Works for the house without a bound to one organisation, or has the right to all of the register.
    wide: bool,
    /// The organisations whose side the caller is on.
    homes: Vec<i64>,
}

impl<'c> Reader<'c> {
    /// The reader of a register.
    ///
    /// # Errors
    /// No right to read it at all, or a token that does not reach it.
    pub fn of(caller: &'c Caller, register: &'static Register) -> Result<Self> {
        let rights = &caller.rights;
        let by_right = rights.may(register.key, "view", None) || rights.may(register.key, "manage", None);
        let of_house = rights.grants.iter().any(|g| g.organisation.is_none() && g.role.reach >= Reach::Staff);
        let wide = by_right || (of_house && register.readable != Readable::Permitted);
        let reader = Self { caller, register, wide, homes: homes(caller, register) };
        // Whoever is anybody's staff keeps views of their own.
        let own_views = register.key == VIEWS.key && rights.is_any_staff();
        let known = reader.is_directory() && !reader.homes.is_empty();
        let open = wide || own_views || known || register.readable == Readable::Everyone;
        if open && (caller.is_engine() || rights.in_scope(register.key, "view")) {
            return Ok(reader);
        }
        let says = format!("You may not read {}.", register.label_plural.to_lowercase());
        Err(Refusal::forbidden("no_right", says).into())
    }

    fn is_directory(&self) -> bool {
        self.register.key == PEOPLE.key || self.register.key == ORGANISATIONS.key
    }

    /// The organisations that a question about people can be narrowed to; none when it cannot.
    pub fn homes(&self) -> Option<Vec<i64>> {
        (!self.wide && self.register.key == PEOPLE.key).then(|| self.homes.clone())
    }

    /// Whether an entry is open to the caller: views to whom they are for, services to whom they serve, people and
    /// organisations to their own side.
    pub fn opens(&self, entry: &Entry) -> bool {
        let of_home = |id: Option<i64>| id.is_some_and(|id| self.homes.contains(&id));
        match self.register.key {
            key if key == VIEWS.key => view_is_open(self.caller, entry),
            _ if self.wide => true,
            key if key == PEOPLE.key => of_home(entry.organisation),
            key if key == ORGANISATIONS.key => of_home(Some(entry.id)),
            key if key == SERVICES.key => {
                let mut served = entry.ids("organisations").peekable();
                served.peek().is_none() || served.any(|id| self.homes.contains(&id))
            }
            _ => true,
        }
    }

    /// The entry without what is not for the caller's eyes: internal fields, and names out of a directory that the
    /// caller does not read.
    pub fn shown(&self, entry: Entry) -> Entry {
        let mut entry = shown(self.caller, self.register, entry);
        if !self.wide && !self.is_directory() && self.register.key != VIEWS.key {
            let named = |register: Option<&str>| register.is_some_and(|r| r == PEOPLE.key || r == ORGANISATIONS.key);
            for field in self.register.fields.iter().filter(|f| named(f.register())) {
                entry.values.remove(field.key);
            }
        }
        entry
    }
}

/// Those that the caller's roles reach, and the caller's own: for the directory only where a role says more than the
/// person's own matters.
fn homes(caller: &Caller, register: &Register) -> Vec<i64> {
    let own = caller.person.as_ref().and_then(|p| p.organisation);
    let grants = || caller.rights.grants.iter().filter(|g| g.role.reach >= Reach::Customer);
    let mut homes: Vec<i64> = grants().filter_map(|g| g.organisation.or(own)).collect();
    // Whoever works for some customer only still knows the colleagues at home.
    let of_house = grants().any(|g| g.role.reach >= Reach::Staff);
    if of_house || register.key == SERVICES.key {
        homes.extend(own);
    }
    homes
}

/// An entry without the internal fields, unless the caller may read or change all of the register.
pub fn shown(caller: &Caller, register: &Register, mut entry: Entry) -> Entry {
    let inside = caller.rights.may(register.key, "manage", None) || caller.rights.may(register.key, "view", None);
    if !inside {
        for field in register.fields.iter().filter(|f| f.audience == Audience::Internal) {
            entry.values.remove(field.key);
        }
    }
    entry
}

/// Whether a saved view is this caller's to open: own, of a team, or everybody's.
#[must_use]
pub fn view_is_open(caller: &Caller, view: &Entry) -> bool {
    let Some(person) = &caller.person else { return true };
    let own = view.int("owner") == Some(person.id);
    match view.text("shared") {
        Some("everyone") => true,
        Some("team") => own || view.ids("teams").any(|team| person.teams.contains(&team)),
        _ => own,
    }
}

/// Whether people of the caller's organisation report for each other.
///
/// # Errors
/// The database's.
pub fn for_colleagues(conn: &mut Conn, caller: &Caller) -> Result<bool> {
    let Some(home) = caller.person.as_ref().and_then(|person| person.organisation) else { return Ok(false) };
    let organisation = entries::by_id(conn, home)?.map(entry_of);
    Ok(organisation.is_some_and(|entry| entry.active && entry.flag(FOR_COLLEAGUES.def.key)))
}

/// The colleague with exactly this mail address or whole name, where people report for each other: who may not read the
/// directory learns no more of it than they know. None when several have the name.
///
/// # Errors
/// The database's.
pub fn colleague(conn: &mut Conn, caller: &Caller, typed: &str) -> Result<Option<i64>> {
    if !for_colleagues(conn, caller)? {
        return Ok(None);
    }
    let typed = typed.trim();
    let ids = match entries::by_key(conn, PEOPLE.key, &typed.to_lowercase())? {
        Some(row) => vec![row.id],
        None => entries::by_name(conn, PEOPLE.key, typed)?,
    };
    let home = caller.person.as_ref().and_then(|person| person.organisation);
    let mut found = entries::several(conn, PEOPLE.key, &ids)?;
    found.retain(|row| row.active && row.organisation == home);
    Ok(if let [only] = found.as_slice() { Some(only.id) } else { None })
}

/// The entry with this id, if the caller may name it in what they write: people, organisations and services that they
/// cannot read they cannot refer to, or they would learn their names. How far a token reaches does not matter for that.
///
/// # Errors
/// The database's.
pub fn referable(conn: &mut Conn, caller: &Caller, register: &str, id: i64) -> Result<Option<EntryRow>> {
    let Some(row) = entries::by_id(conn, id)?.filter(|row| row.register == register) else { return Ok(None) };
    let Some(person) = &caller.person else { return Ok(Some(row)) };
    if id == person.id || Some(id) == person.organisation {
        return Ok(Some(row));
    }
    let guarded = [PEOPLE.key, ORGANISATIONS.key, SERVICES.key].contains(&register);
    if !guarded {
        return Ok(Some(row));
    }
    if register == PEOPLE.key && row.active && row.organisation == person.organisation && for_colleagues(conn, caller)?
    {
        return Ok(Some(row));
    }
    let whole = Caller { rights: Rights { scopes: None, ..caller.rights.clone() }, ..caller.clone() };
    let Some(register) = registers::register(register) else { return Ok(None) };
    let open = Reader::of(&whole, register).is_ok_and(|reader| reader.opens(&entry_of(row.clone())));
    Ok(open.then_some(row))
}
