//! Registers: the directory and the configuration, declared like processes are.
//!
//! People, teams, services, calendars, service levels, views: each is a register, each of its
//! rows an entry. Every change of an entry makes a new version; the old ones stay readable.

use crate::field::FieldDef;
use crate::refusal::FieldError;
use crate::value::Value;
use std::collections::BTreeMap;

/// The values of an entry by field key.
pub type Values = BTreeMap<String, Value>;

/// Who reads the entries of a register beyond those with its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Every signed-in person sees name and public fields.
    Everyone,
    /// Staff of any process.
    Staff,
    /// Only holders of `register.view` or `register.manage`.
    Permitted,
}

/// A register: what its entries hold and what makes them valid.
pub struct Register {
    /// Plural noun; its name in URLs and permissions.
    pub key: &'static str,
    pub label: &'static str,
    pub label_plural: &'static str,
    pub icon: &'static str,
    pub help: &'static str,
    pub fields: &'static [FieldDef],
    pub readable: Readable,
    /// The field that makes an entry unique beside its name: an e-mail address, a process.
    pub key_field: Option<&'static str>,
    /// What no single field can tell.
    pub check: Option<fn(&Values) -> Vec<FieldError>>,
}

impl Register {
    #[must_use]
    pub fn field(&'static self, key: &str) -> Option<&'static FieldDef> {
        self.fields.iter().find(|f| f.key == key)
    }
}

/// One entry as rules read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: i64,
    pub key: String,
    pub name: String,
    pub active: bool,
    /// Organisation that the entry belongs to; none: the house's own.
    pub organisation: Option<i64>,
    pub version: i64,
    pub values: Values,
}

impl Entry {
    #[must_use]
    pub fn value(&self, key: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.values.get(key).unwrap_or(&NULL)
    }
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key).as_text()
    }
    #[must_use]
    pub fn int(&self, key: &str) -> Option<i64> {
        self.value(key).as_int()
    }
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.value(key).as_bool().unwrap_or_default()
    }
    /// Ids in a list field.
    pub fn ids(&self, key: &str) -> impl Iterator<Item = i64> + '_ {
        self.value(key).as_list().iter().filter_map(Value::as_int)
    }
}
