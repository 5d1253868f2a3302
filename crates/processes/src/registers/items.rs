//! What configuration items are and how they hang together: their classes and the relations between them.

use super::rules::{RESERVED, is_key};
use mainstay_engine::choices;
use mainstay_engine::field::{Field, Kind};
use mainstay_engine::process::Carries as Meant;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// Which end of a relation is hit when the other fails.
    Carries {
        ToFirst = "first" "The one that has it depends on the other", ToSecond = "second" "The other depends on the one that has it",
        Nothing = "none" "Neither",
    }
}

impl Carries {
    #[must_use]
    pub const fn meant(self) -> Meant {
        match self {
            Self::ToFirst => Meant::ToFirst,
            Self::ToSecond => Meant::ToSecond,
            Self::Nothing => Meant::Nothing,
        }
    }
}

choices! {
    /// What stands before an item in drawings; each is an icon of that name.
    Sign {
        Globe = "globe" "Globe", Window = "app-window" "Window", Layers = "layers" "Layers", Boxes = "boxes" "Boxes",
        Database = "database" "Cylinder", Chip = "cpu" "Chip", Server = "server" "Rack", Drive = "hard-drive" "Drive",
        Network = "network" "Nodes", Shield = "shield" "Shield", Wireless = "wifi" "Waves", Power = "zap" "Flash",
        Laptop = "laptop" "Laptop", Phone = "smartphone" "Mobile telephone", Package = "package" "Package",
        Building = "building-2" "Building",
    }
}

pub const SIGN: Field<Sign> = Field::choice("sign", "Icon", Sign::CHOICES)
    .help("Stands before its items in the map, and before those of the classes under it that have none of their own");

/// Items of the class stand for services.
pub const OF_SERVICES: Field<bool> = Field::bool("service", "Stands for a service")
    .in_list()
    .help("Each item of it names its service, which says how critical it is and whom it serves");

/// What of its items changes only with a change. (SAC-04)
pub const UNDER_CONTROL: Field<Value> =
    Field::any("controlled", "Changes only by a change", Kind::Table(&[Field::text("field", "Field").required().def]))
        .help("Field keys, for the classes under it as well: while an item is in use, they change only while a change that affects it is carried out, or by a source whose word is a standard update");
/// Whether its items go into use and out of it only with a change.
pub const USED_BY_CHANGE: Field<bool> = Field::bool("used_by_change", "Goes into and out of use only by a change")
    .help("For the classes under it as well; that an item is missing or found again is said without one");

pub static ITEM_CLASSES: Register = Register {
    key: "item-classes",
    label: "Class of items",
    label_plural: "Classes of items",
    icon: "layers",
    help: "Kinds of configuration items, one under another. Fields of a class are custom fields with a condition on the class.",
    fields: &[
        Field::entry("parent", "Under", "item-classes").in_list().def,
        Field::markdown("scope", "Scope").help("What belongs here and what does not, how far it is taken apart").def,
        SIGN.def,
        OF_SERVICES.def,
        UNDER_CONTROL.def,
        USED_BY_CHANGE.def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: None,
};

pub const RELATION_KEY: Field<String> =
    Field::text("relation", "Key").required().in_list().help("Small letters, digits and _; it never changes");

pub static RELATION_TYPES: Register = Register {
    key: "relation-types",
    label: "Relation between items",
    label_plural: "Relations between items",
    icon: "share",
    help: "What one configuration item can be to another, between which classes, how often, and who is hit when one of them fails. The name is read from the item that has the relation.",
    fields: &[
        RELATION_KEY.def,
        Field::text("inverse", "Read from the other end").required().in_list().help("Such as: Runs").def,
        Field::<Carries>::choice("carries", "When one of them fails", Carries::CHOICES).required().in_list().def,
        Field::any(
            "pairs",
            "Between",
            Kind::Table(&[
                Field::entry("from", "Items of the class", "item-classes").required().def,
                Field::entry("to", "And of the class", "item-classes").required().def,
            ]),
        )
        .help("Each class with those under it. Empty: any items")
        .def,
        Field::number("most_out", "At most of one item", 1, 1_000_000)
            .help("How many an item may have; empty: any number")
            .def,
        Field::number("most_in", "At most to one item", 1, 1_000_000)
            .help("How many may lead to an item; empty: any number")
            .def,
    ],
    readable: Readable::Everyone,
    key_field: Some("relation"),
    check: Some(check_relation),
};

fn check_relation(values: &Values) -> Vec<FieldError> {
    let key = values.get(RELATION_KEY.def.key).and_then(Value::as_text).unwrap_or_default();
    let declared = || crate::ALL.iter().flat_map(|process| process.relations).any(|relation| relation.key == key);
    let of_records = || crate::ALL.iter().any(|process| process.map.is_some() && process.field(key).is_some());
    if !is_key(key) {
        let says = "Key has at most 60 small letters, digits and _, and begins with a letter.";
        return vec![FieldError::new(RELATION_KEY.def.key, "not_a_key", says)];
    }
    if RESERVED.contains(&key) || declared() || of_records() {
        return vec![FieldError::new(RELATION_KEY.def.key, "taken", format!("{key} means something else already."))];
    }
    Vec::new()
}
