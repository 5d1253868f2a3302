//! What a list can be ordered by and what its headings can be, in words.

use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_words::t;

use super::asked::UNGROUPED;

/// The orders that people mostly want.
const COMMON: [(&str, &str); 5] = [
    ("due", "Due first"),
    ("priority", "Priority"),
    ("-opened", "Newest"),
    ("opened", "Oldest"),
    ("-updated", "Last changed"),
];

/// The orders that people mostly want of the records of a process: what stands in addresses and views, and its words.
pub fn common(process: &'static Process) -> impl Iterator<Item = (String, String)> {
    let known = move |key: &str| process.field(key.trim_start_matches('-')).is_some();
    let words = |(key, label): (&str, &str)| (key.to_owned(), t(label).to_owned());
    COMMON.into_iter().filter(move |(key, _)| known(key)).map(words)
}

/// Every order, those that people mostly want first.
#[must_use]
pub fn orders(process: &'static Process, known: &[&'static FieldDef]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = common(process).collect();
    for field in known.iter().filter(|field| is_sortable(field)) {
        for descending in [false, true] {
            let order = order(field, descending);
            if !all.iter().any(|(known, _)| *known == order.0) {
                all.push(order);
            }
        }
    }
    all
}

/// The order by a field.
#[must_use]
pub fn order(field: &FieldDef, descending: bool) -> (String, String) {
    let (sign, arrow) = if descending { ("-", "↓") } else { ("", "↑") };
    (format!("{sign}{}", field.key), format!("{} {arrow}", t(field.label)))
}

/// What can stand as headings, or that nothing does.
#[must_use]
pub fn headings(known: &[&'static FieldDef]) -> Vec<(String, String)> {
    let fields = known.iter().filter(|field| is_groupable(field));
    let none = (UNGROUPED.to_owned(), t("No headings").to_owned());
    std::iter::once(none).chain(fields.map(|field| (field.key.to_owned(), t(group_words(field)).to_owned()))).collect()
}

/// Whether lists can be ordered by a field.
#[must_use]
pub fn is_sortable(field: &FieldDef) -> bool {
    !matches!(field.kind, Kind::Tags | Kind::Table(_) | Kind::MultiChoice(_) | Kind::Refs(_) | Kind::Link(_))
}

/// Whether the values of a field can stand as headings.
#[must_use]
pub fn is_groupable(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::Choice(_) | Kind::Ref(_) | Kind::Bool)
        || [spine::DUE.def.key, spine::PRIORITY.def.key, "state"].contains(&field.key)
}

/// What an order or a heading by a field is called.
fn group_words(field: &FieldDef) -> &'static str {
    if field.key == spine::DUE.def.key { "Service level" } else { field.label }
}
