//! What a form can pick from: the entries of the registers that its fields refer to.

use std::collections::HashMap;

use mainstay_desk::{Caller, Error, Session, registers as door};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::register::Entry;
use mainstay_processes::registers;

use crate::components::{Choice, Control, Picked, PickerKind, TextKind};

/// A register with more entries than this is typed into instead of chosen from.
const MOST_CHOICES: usize = 100;

/// What can be picked, register by register.
#[derive(Clone, Debug, Default)]
pub struct Pickers {
    options: HashMap<&'static str, Options>,
    /// Names of what is picked already, which need not be among the options.
    names: HashMap<i64, String>,
}

#[derive(Clone, Debug, Default)]
struct Options {
    entries: Vec<(i64, String, String)>,
    complete: bool,
}

impl Pickers {
    /// Reads what the fields can refer to, as far as the caller may read it.
    ///
    /// # Errors
    /// The database's.
    pub fn load<'a>(
        session: &mut Session<'_>,
        caller: &Caller,
        fields: impl IntoIterator<Item = &'a FieldDef>,
    ) -> mainstay_desk::Result<Self> {
        let mut pickers = Self::default();
        let mut keys: Vec<&'static str> = Vec::new();
        for field in fields {
            match field.kind {
                Kind::Ref(register) | Kind::Refs(register) => keys.push(register),
                Kind::Table(columns) => keys.extend(columns.iter().filter_map(FieldDef::register)),
                _ => {}
            }
        }
        for key in keys {
            pickers.add(session, caller, key)?;
        }
        Ok(pickers)
    }

    /// Offers these entries of a register, whatever the caller may read of it.
    pub fn offer(&mut self, register: &'static str, entries: Vec<Entry>) {
        let entries = entries.into_iter().map(|entry| (entry.id, entry.key, entry.name)).collect();
        self.options.insert(register, Options { entries, complete: true });
    }

    /// Tells the names of what a record refers to already.
    #[must_use]
    pub fn knowing(self, names: &HashMap<i64, String>) -> Self {
        Self { names: names.clone(), ..self }
    }

    fn add(&mut self, session: &mut Session<'_>, caller: &Caller, key: &'static str) -> mainstay_desk::Result<()> {
        let Some(register) = registers::register(key).filter(|_| !self.options.contains_key(key)) else {
            return Ok(());
        };
        let found = match door::offered(session, caller, register, MOST_CHOICES + 1) {
            Err(Error::Refused(_)) => Vec::new(),
            other => other?,
        };
        let complete = found.len() <= MOST_CHOICES;
        let mut entries: Vec<(i64, String, String)> =
            found.into_iter().map(|one| (one.id, one.key, named(session, register.key, one.id, one.name))).collect();
        entries.sort_by_key(|(_, _, name)| name.to_lowercase());
        self.options.insert(key, Options { entries, complete });
        Ok(())
    }

    /// The control for one entry of a register, holding what was given.
    pub(super) fn control(&self, register: &str, given: &str) -> Control<'static> {
        let options = self.options.get(register).cloned().unwrap_or_default();
        let known =
            options.entries.iter().find(|(id, key, _)| id.to_string() == given || (!options.complete && key == given));
        let picked = |id: &i64, key: &str, name: &str| {
            // A list sends ids; who types writes what people know.
            let value = if options.complete { id.to_string() } else { key.to_owned() };
            Picked { value: value.into(), label: name.to_owned().into() }
        };
        let name = || given.parse().ok().and_then(|id: i64| self.names.get(&id).cloned());
        let unknown = (!given.is_empty()).then(|| {
            let label = name().unwrap_or_else(|| format!("#{given}"));
            Picked { value: given.to_owned().into(), label: label.into() }
        });
        let mut all: Vec<Picked<'static>> =
            options.entries.iter().map(|(id, key, name)| picked(id, key, name)).collect();
        let chosen = known.map(|(id, key, name)| picked(id, key, name)).or(unknown);
        if let Some(stranger) =
            chosen.iter().find(|one| options.complete && all.iter().all(|each| each.value != one.value))
        {
            all.push(stranger.clone());
        }
        let source = (!options.complete).then(|| format!("/pick/{register}").into());
        Control::Picker { kind: picker_kind(register), picked: chosen, options: all, source }
    }

    /// Whether there is anything to pick from a register.
    #[must_use]
    pub fn offers(&self, register: &str) -> bool {
        self.options.get(register).is_some_and(|options| !options.entries.is_empty())
    }

    /// A choice of one entry for a filter, with some answers before the entries and those given chosen.
    #[must_use]
    pub fn choose_given(
        &self,
        register: &str,
        before: &[(&str, &str)],
        given: &[String],
        blank: &'static str,
    ) -> Control<'static> {
        let Some(entries) = self.listed(register) else {
            let value = given.first().cloned().unwrap_or_default();
            return Control::Text { value: value.into(), kind: TextKind::Plain, max_length: Some(200) };
        };
        let before = before.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
        let choice = |(value, label): (String, String)| {
            let chosen = given.contains(&value);
            Choice::new(value, label, chosen)
        };
        Control::Select { options: before.chain(entries).map(choice).collect(), blank: Some(blank.into()) }
    }

    /// The ids and names of the entries of a register; none where they are too many for a list.
    #[must_use]
    pub fn listed(&self, register: &str) -> Option<Vec<(String, String)>> {
        let options = self.options.get(register)?;
        let named = |(id, _, name): &(i64, String, String)| (id.to_string(), name.clone());
        options.complete.then(|| options.entries.iter().map(named).collect())
    }

    /// The boxes for several entries of a register.
    pub(super) fn checks(&self, register: &str, given: &[String]) -> Vec<Choice<'static>> {
        let options = self.options.get(register).map(|options| options.entries.as_slice()).unwrap_or_default();
        let choice = |(id, _, name): &(i64, String, String)| {
            Choice::new(id.to_string(), name.clone(), given.iter().any(|each| *each == id.to_string()))
        };
        options.iter().map(choice).collect()
    }
}

/// The name of an entry among its like: a category with those above it.
fn named(session: &Session<'_>, register: &str, id: i64, name: String) -> String {
    if register == registers::CATEGORIES.key { session.config.category_path(id) } else { name }
}

fn picker_kind(register: &str) -> PickerKind {
    match register {
        "people" => PickerKind::Person,
        "teams" => PickerKind::Team,
        "organisations" => PickerKind::Organisation,
        "services" => PickerKind::Service,
        "categories" => PickerKind::Category,
        _ => PickerKind::Record,
    }
}

/// A time zone, found by a part of its name.
#[must_use]
pub fn zone_picker(value: String) -> Control<'static> {
    Control::Picker {
        kind: PickerKind::Zone,
        picked: Some(Picked { label: "".into(), value: value.into() }),
        options: Vec::new(),
        source: Some("/pick/zones".into()),
    }
}
