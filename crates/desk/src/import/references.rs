//! From the names in a file to ids of entries; what may be made is made on the way.

use super::batch::Told;
use super::given::{By, Given, NewEntry, Reference};
use super::past::Past;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::merging;
use crate::readable::referable;
use crate::registers::{self, EntryDraft};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Register;
use mainstay_store::entries;
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

type Place = (&'static str, By);

/// Where and by what text each entry was found.
pub(super) type Trail = Vec<(Place, String, i64)>;

/// Register of each entry that was made, and the text it was asked for by.
pub(super) type MadeEntries = Vec<(&'static str, String)>;

/// Entries that an import has found or made so far.
#[derive(Clone, Debug, Default)]
pub struct Known {
    ids: HashMap<Place, HashMap<String, i64>>,
}

impl Known {
    fn get(&self, place: Place, text: &str) -> Option<i64> {
        self.ids.get(&place)?.get(text).copied()
    }

    /// Takes over what a committed batch found.
    pub(super) fn learn(&mut self, found: Trail) {
        for (place, text, id) in found {
            self.ids.entry(place).or_default().insert(text, id);
        }
    }
}

/// Looks up and makes entries inside one transaction.
pub(super) struct Resolver<'k> {
    known: &'k Known,
    found: Known,
    trail: Trail,
    made: MadeEntries,
    /// External keys, under their origin, of which no record was there when the batch began.
    free: HashSet<(String, String)>,
    /// Of the item in hand: the record that a source told of.
    told: Option<Told>,
}

/// How far a resolver had come, to go back to when an item is refused.
pub(super) struct Mark {
    found: usize,
    made: usize,
}

impl<'k> Resolver<'k> {
    pub fn new(known: &'k Known) -> Self {
        Self { known, found: Known::default(), trail: Vec::new(), made: Vec::new(), free: HashSet::new(), told: None }
    }

    /// Asks for the keys of all records of a batch at once.
    ///
    /// # Errors
    /// The database's.
    pub fn look_for<'a>(&mut self, session: &mut Session<'_>, pasts: impl Iterator<Item = &'a Past>) -> Result<()> {
        let mut keys: HashMap<&str, Vec<&str>> = HashMap::new();
        for past in pasts {
            keys.entry(&past.origin).or_default().push(&past.external_key);
        }
        for (origin, keys) in keys {
            let taken: HashSet<String> =
                mainstay_store::record::taken(session.conn, origin, &keys)?.into_iter().collect();
            let free = keys.into_iter().filter(|key| !taken.contains(*key));
            self.free.extend(free.map(|key| (origin.to_owned(), key.to_owned())));
        }
        Ok(())
    }

    /// Whether nobody has this key yet.
    pub fn is_free(&self, past: &Past) -> bool {
        self.free.contains(&(past.origin.clone(), past.external_key.clone()))
    }

    /// Whether nobody has this key yet. True once only: whoever asks takes it.
    pub fn take_free(&mut self, past: &Past) -> bool {
        self.free.remove(&(past.origin.clone(), past.external_key.clone()))
    }

    /// Says which record the item in hand is.
    pub fn tell(&mut self, told: Told) {
        self.told = Some(told);
    }

    /// What was told of the item in hand.
    pub fn heard(&mut self) -> Option<Told> {
        self.told.take()
    }

    pub fn mark(&self) -> Mark {
        Mark { found: self.trail.len(), made: self.made.len() }
    }

    /// Forgets what was found since: an item that is refused takes the entries made for it along.
    pub fn back_to(&mut self, mark: &Mark) {
        for (place, text, _) in self.trail.drain(mark.found..) {
            if let Some(ids) = self.found.ids.get_mut(&place) {
                ids.remove(&text);
            }
        }
        self.made.truncate(mark.made);
    }

    /// What was found and what was made.
    pub fn end(self) -> (Trail, MadeEntries) {
        (self.trail, self.made)
    }

    pub fn made_any(&self) -> bool {
        !self.made.is_empty()
    }

    /// Remembers an entry that the import made or met as an item of its own.
    pub fn note(&mut self, register: &'static str, by: By, text: &str, id: i64) {
        let place = (register, by);
        self.found.ids.entry(place).or_default().insert(text.to_owned(), id);
        self.trail.push((place, text.to_owned(), id));
    }

    /// The id of an entry.
    ///
    /// # Errors
    /// `unknown_reference`, `ambiguous_reference`; what making it refuses; the database's.
    pub fn id(
        &mut self,
        session: &mut Session<'_>,
        caller: &Caller,
        field: &str,
        reference: &Reference,
    ) -> Result<i64> {
        let place = (reference.register.key, reference.by);
        let text = match reference.by {
            By::Key => reference.text.to_lowercase(),
            By::ExternalKey | By::Name => reference.text.clone(),
        };
        if let Some(id) = self.found.get(place, &text).or_else(|| self.known.get(place, &text)) {
            return Ok(id);
        }
        let found = look_up(session, caller, (reference.register, reference.by), &text, field)?;
        let id = match (found, &reference.make) {
            (Some(id), _) => id,
            (None, Some(new)) => {
                let id = self.make(session, caller, reference.register, new)?;
                self.made.push((reference.register.key, text.clone()));
                id
            }
            (None, None) => return Err(unknown(field, reference).into()),
        };
        self.note(place.0, place.1, &text, id);
        Ok(id)
    }

    fn make(
        &mut self,
        session: &mut Session<'_>,
        caller: &Caller,
        register: &'static Register,
        new: &NewEntry,
    ) -> Result<i64> {
        let mut values = Map::new();
        for (key, given) in &new.values {
            values.insert((*key).to_owned(), self.plain(session, caller, key, given)?);
        }
        let draft = EntryDraft {
            name: Some(new.name.clone()),
            values,
            external_key: new.external_key.clone(),
            ..EntryDraft::default()
        };
        Ok(registers::create(session, caller, register, &draft)?.id)
    }

    /// A value in the form the API takes, with ids for entries.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn plain(&mut self, session: &mut Session<'_>, caller: &Caller, field: &str, given: &Given) -> Result<Json> {
        match given {
            Given::Plain(json) => Ok(json.clone()),
            Given::Entry(reference) => Ok(self.id(session, caller, field, reference)?.into()),
            Given::Entries(all) => all.iter().map(|r| self.id(session, caller, field, r).map(Json::from)).collect(),
        }
    }
}

/// The entry that a text names, of those that the caller may name: whoever only tries learns no more than they read.
fn look_up(
    session: &mut Session<'_>,
    caller: &Caller,
    (register, by): (&Register, By),
    text: &str,
    field: &str,
) -> Result<Option<i64>> {
    let ids = match by {
        By::ExternalKey => {
            let row = entries::by_external_key(session.conn, register.key, text)?;
            row.map(|row| merging::stands_for(&row)).into_iter().collect()
        }
        By::Key => {
            let row = entries::by_key(session.conn, register.key, text)?;
            row.map(|row| merging::stands_for(&row)).into_iter().collect()
        }
        By::Name => entries::by_name(session.conn, register.key, text)?,
    };
    let mut open = Vec::with_capacity(ids.len());
    for id in ids {
        open.extend(referable(session.conn, caller, register.key, id)?.map(|row| row.id));
    }
    match open[..] {
        [] => Ok(None),
        [id] => Ok(Some(id)),
        _ => {
            let says = format!("{} called {text} exist more than once.", register.label_plural);
            Err(refusal(field, "ambiguous_reference", says).into())
        }
    }
}

fn unknown(field: &str, reference: &Reference) -> Refusal {
    let label = reference.register.label.to_lowercase();
    refusal(field, "unknown_reference", format!("There is no {label} {}.", reference.text))
}

fn refusal(field: &str, code: &str, says: String) -> Refusal {
    let error = FieldError::new(field, code, says.clone());
    Refusal { errors: vec![error], ..Refusal::invalid("invalid_fields", says) }
}
