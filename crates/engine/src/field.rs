//! Fields: what a record or an entry can hold, declared once.

use crate::value::Value;
use std::marker::PhantomData;

/// One option of a choice field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub key: &'static str,
    pub label: &'static str,
}

#[must_use]
pub const fn choice(key: &'static str, label: &'static str) -> Choice {
    Choice { key, label }
}

/// What a field holds. Decides storage, form control, filter operators and JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of at most `max` characters.
    Text {
        max: usize,
    },
    /// Several lines, shown as Markdown.
    Markdown,
    Number {
        min: i64,
        max: i64,
    },
    /// Minor units of one currency (ISO 4217 code).
    Money {
        currency: &'static str,
    },
    Bool,
    /// A civil date, stored as days since 1970-01-01.
    Date,
    /// Epoch milliseconds UTC.
    Instant,
    /// Milliseconds.
    Duration,
    Choice(&'static [Choice]),
    MultiChoice(&'static [Choice]),
    Tags,
    /// The id of one entry of a register (a person, a team, a service …).
    Ref(&'static str),
    /// The ids of several entries of a register.
    Refs(&'static str),
    /// The number of a record, of this process or of any; kept as a row of links under the field's key.
    Link(Option<&'static str>),
    /// Rows with columns of their own.
    Table(&'static [FieldDef]),
}

/// Where a field is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// A column of `record`, shared by all processes.
    Spine,
    /// A column of the process's own table.
    Own,
    /// A key of the record's JSON column: fields that an administrator added.
    Custom,
}

/// Who reads a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Everybody who may see the record.
    Everyone,
    /// Staff only; never a requester, customer or vendor.
    Internal,
}

/// Who sets a field directly, by creating or editing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// Whoever may create or edit the record, the requester included.
    Anyone,
    /// Whoever opens the record; the words stay as they were first written.
    Opener,
    Staff,
    /// Only as input of a transition that asks for it.
    Transition,
    /// Only the engine: a computed field. A bundle's `derive` or a step's `sets` gives it its value, pages and API
    /// show it, and whoever tries to set it is refused.
    Engine,
}

/// What stands for the number of a record that the reader may not see. Numbers hold a hyphen, so none is called so.
pub const HIDDEN_LINK: &str = "hidden";

/// A field as data: the form that generic code (lists, forms, API, storage) reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDef {
    pub key: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub home: Home,
    pub required: bool,
    pub in_list: bool,
    pub audience: Audience,
    pub writer: Writer,
}

/// A typed handle on a field: the only way rules read or write it.
#[derive(Debug)]
pub struct Field<T> {
    pub def: FieldDef,
    _type: PhantomData<fn() -> T>,
}

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Field<T> {}

/// A Rust type that a typed handle reads and writes.
pub trait FieldType: Sized {
    fn into_value(self) -> Value;
    fn from_value(value: &Value) -> Option<Self>;
}

impl FieldType for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
    fn from_value(value: &Value) -> Option<Self> {
        value.as_text().map(str::to_owned)
    }
}
impl FieldType for bool {
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
    fn from_value(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}
impl FieldType for i64 {
    fn into_value(self) -> Value {
        Value::Int(self)
    }
    fn from_value(value: &Value) -> Option<Self> {
        value.as_int()
    }
}

/// An instant in epoch milliseconds UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl FieldType for Instant {
    fn into_value(self) -> Value {
        Value::Int(self.0)
    }
    fn from_value(value: &Value) -> Option<Self> {
        value.as_int().map(Self)
    }
}

/// The id of an entry of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub i64);

impl FieldType for EntryId {
    fn into_value(self) -> Value {
        Value::Int(self.0)
    }
    fn from_value(value: &Value) -> Option<Self> {
        value.as_int().map(Self)
    }
}

/// Implements [`FieldType`] for an enum whose variants are the options of a choice field.
#[macro_export]
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $key:literal $label:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $label] $variant),+ }
        impl $name {
            pub const CHOICES: &'static [$crate::field::Choice] = &[$($crate::field::choice($key, $label)),+];
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            #[must_use]
            pub const fn key(self) -> &'static str { match self { $(Self::$variant => $key),+ } }
            #[must_use]
            pub const fn label(self) -> &'static str { match self { $(Self::$variant => $label),+ } }
            #[must_use]
            pub fn from_key(key: &str) -> Option<Self> { match key { $($key => Some(Self::$variant),)+ _ => None } }
        }
        impl $crate::field::FieldType for $name {
            fn into_value(self) -> $crate::value::Value { $crate::value::Value::from(self.key()) }
            fn from_value(value: &$crate::value::Value) -> Option<Self> { Self::from_key(value.as_text()?) }
        }
    };
}

impl<T> Field<T> {
    const fn of(key: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            def: FieldDef {
                key,
                label,
                help: "",
                kind,
                home: Home::Own,
                required: false,
                in_list: false,
                audience: Audience::Everyone,
                writer: Writer::Staff,
            },
            _type: PhantomData,
        }
    }
    #[must_use]
    pub const fn help(mut self, text: &'static str) -> Self {
        self.def.help = text;
        self
    }
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.def.required = true;
        self
    }
    #[must_use]
    pub const fn in_list(mut self) -> Self {
        self.def.in_list = true;
        self
    }
    #[must_use]
    pub const fn spine(mut self) -> Self {
        self.def.home = Home::Spine;
        self
    }
    #[must_use]
    pub const fn internal(mut self) -> Self {
        self.def.audience = Audience::Internal;
        self
    }
    /// Computed by the engine and read-only for everybody.
    #[must_use]
    pub const fn computed(self) -> Self {
        self.writer(Writer::Engine)
    }
    #[must_use]
    pub const fn writer(mut self, writer: Writer) -> Self {
        self.def.writer = writer;
        self
    }
}

impl Field<String> {
    #[must_use]
    pub const fn text(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Text { max: 255 })
    }
    #[must_use]
    pub const fn markdown(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Markdown)
    }
    /// The number of a record of any process.
    #[must_use]
    pub const fn link(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Link(None))
    }
    /// Narrows a link to records of one process.
    #[must_use]
    pub const fn to(mut self, process: &'static str) -> Self {
        self.def.kind = Kind::Link(Some(process));
        self
    }
}
impl Field<bool> {
    #[must_use]
    pub const fn bool(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Bool)
    }
}
impl Field<i64> {
    #[must_use]
    pub const fn number(key: &'static str, label: &'static str, min: i64, max: i64) -> Self {
        Self::of(key, label, Kind::Number { min, max })
    }
    /// Milliseconds.
    #[must_use]
    pub const fn duration(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Duration)
    }
    /// Days since 1970-01-01.
    #[must_use]
    pub const fn date(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Date)
    }
}
impl Field<Instant> {
    #[must_use]
    pub const fn instant(key: &'static str, label: &'static str) -> Self {
        Self::of(key, label, Kind::Instant)
    }
}
impl Field<EntryId> {
    /// One entry of `register`.
    #[must_use]
    pub const fn entry(key: &'static str, label: &'static str, register: &'static str) -> Self {
        Self::of(key, label, Kind::Ref(register))
    }
}
/// Fields whose values generic code alone reads: lists, tables, choices without an enum.
impl Field<Value> {
    #[must_use]
    pub const fn any(key: &'static str, label: &'static str, kind: Kind) -> Self {
        Self::of(key, label, kind)
    }
}
impl FieldType for Value {
    fn into_value(self) -> Value {
        self
    }
    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { None } else { Some(value.clone()) }
    }
}
impl<T: FieldType> Field<T> {
    /// A choice field whose options are an enum made by [`choices!`](crate::choices).
    #[must_use]
    pub const fn choice(key: &'static str, label: &'static str, choices: &'static [Choice]) -> Self {
        Self::of(key, label, Kind::Choice(choices))
    }
}
