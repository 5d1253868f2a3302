//! A record in memory: a state and the values of its fields.

use crate::field::{Field, FieldDef, FieldType};
use crate::process::{Process, State};
use crate::value::{Plain, Value};
use foldhash::fast::FixedState;
use serde::ser::SerializeMap;
use std::collections::{BTreeMap, HashMap};

/// One change of one field, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub old: Value,
    pub new: Value,
}

/// Its stored form in the event log.
impl serde::Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(3))?;
        members.serialize_entry("field", &self.field)?;
        members.serialize_entry("old", &Plain(&self.old))?;
        members.serialize_entry("new", &Plain(&self.new))?;
        members.end()
    }
}

/// A record of a process. Rules read and write it through typed handles only.
#[derive(Clone)]
pub struct Record {
    pub id: i64,
    pub process: &'static Process,
    pub state: &'static State,
    /// Counts writes; a write that names an older version is refused.
    pub version: i64,
    values: HashMap<&'static str, Value, FixedState>,
    aside: BTreeMap<String, Value>,
}

static NULL: Value = Value::Null;

impl Record {
    /// An empty record in the process's first state.
    #[must_use]
    pub fn new(process: &'static Process) -> Self {
        Self {
            id: 0,
            process,
            state: process.initial(),
            version: 0,
            values: HashMap::default(),
            aside: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn get<T: FieldType>(&self, field: &Field<T>) -> Option<T> {
        T::from_value(self.value(field.def.key))
    }
    pub fn set<T: FieldType>(&mut self, field: &Field<T>, value: T) {
        self.put(&field.def, value.into_value());
    }
    pub fn clear<T>(&mut self, field: &Field<T>) {
        self.values.remove(field.def.key);
    }
    #[must_use]
    pub fn has<T>(&self, field: &Field<T>) -> bool {
        !self.value(field.def.key).is_blank()
    }

    /// The value under a key, for generic code; null when empty. `state` and `phase` answer too.
    #[must_use]
    pub fn value(&self, key: &str) -> &Value {
        self.values.get(key).unwrap_or(&NULL)
    }
    /// As [`value`](Self::value), with `state` and `phase` taken from the state itself.
    #[must_use]
    pub fn read(&self, key: &str) -> Value {
        match key {
            "state" => Value::from(self.state.key),
            "phase" => Value::Int(self.state.phase.number()),
            _ => self.value(key).clone(),
        }
    }
    /// Sets a field as generic code does; null empties it.
    pub fn put(&mut self, field: &FieldDef, value: Value) {
        if value.is_null() {
            self.values.remove(field.key);
        } else {
            self.values.insert(field.key, value);
        }
    }

    /// Keeps a value under a key that no field has at present, such as that of a retired field: it is stored again
    /// with the record and never shown.
    pub fn keep_aside(&mut self, key: &str, value: Value) {
        self.aside.insert(key.to_owned(), value);
    }
    /// What is kept under keys that no field has at present.
    pub fn aside(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.aside.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// What differs from `before`, the state first, then the fields in their declared order.
    #[must_use]
    pub fn changes_since(&self, before: &Self, fields: &[&'static FieldDef]) -> Vec<Change> {
        let mut changes = Vec::new();
        if before.state.key != self.state.key || before.id == 0 && before.version == 0 && self.version > 0 {
            changes.push(Change {
                field: "state".into(),
                old: Value::from(before.state.key),
                new: Value::from(self.state.key),
            });
        }
        for field in fields {
            let (old, new) = (before.value(field.key), self.value(field.key));
            if old != new {
                changes.push(Change { field: field.key.into(), old: old.clone(), new: new.clone() });
            }
        }
        changes
    }
}
