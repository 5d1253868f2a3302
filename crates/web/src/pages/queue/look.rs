//! How a list looks and what its records are asked by: what the address says, else the view, else what is usual.

use mainstay_desk::records::Listing;
use mainstay_desk::{Caller, Session, registers as door};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers;

use super::asked::{Asked, UNGROUPED};
use super::orders::is_groupable;

/// Rows of one page.
pub const ROWS: usize = 50;

/// How a list looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// As a table.
    pub table: bool,
    /// The field whose values stand as headings.
    pub group: Option<&'static FieldDef>,
    /// The order within a heading, or of the whole list.
    pub sort: String,
    /// The columns chosen for the table; none for the usual ones.
    pub columns: Vec<String>,
    /// Closely set or not, where that was chosen.
    pub compact: Option<bool>,
}

/// What a list comes to.
pub struct Plan {
    /// The view that it begins with.
    pub view: Option<Entry>,
    /// What its records are asked by, from the page that it says.
    pub listing: Listing,
    /// How it looks.
    pub look: Look,
}

/// The view that a list begins with, how it looks, and what its records are asked by.
///
/// # Errors
/// A view that is not the caller's to open; a condition that cannot be read; the database's.
pub fn plan(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    asked: &Asked,
) -> mainstay_desk::Result<Plan> {
    let view = asked.view.map(|id| door::get(session.conn, caller, &registers::VIEWS, id)).transpose()?;
    let view = view.filter(|view| view.text("process") == Some(process.key));
    asked.filters.iter().try_for_each(|filter| readable(filter))?;
    let text = |key: &str| view.as_ref().and_then(|view| view.text(key));
    let sort = asked.sort.as_deref().or(text("sort")).unwrap_or("-updated").to_owned();
    let of_view = || view.as_ref().map(|view| columns(view.value("columns"))).unwrap_or_default();
    let chosen = if asked.columns.is_empty() { of_view() } else { asked.columns.clone() };
    let named = asked.group.as_deref().or(text("group"));
    let group = match named {
        Some(UNGROUPED) => None,
        Some(key) => session.config.field(process, key).filter(|field| is_groupable(field)),
        // An order by what is due or matters most falls into parts by itself.
        None => [&spine::DUE.def, &spine::PRIORITY.def]
            .into_iter()
            .find(|field| field.key == sort)
            .and_then(|field| process.field(field.key)),
    };
    let look = Look {
        table: asked.table.unwrap_or_else(|| text("show") == Some("table")),
        group,
        sort,
        columns: chosen,
        compact: asked.compact.or_else(|| text("density").map(|density| density == "compact")),
    };
    let listing = Listing {
        filter: asked.condition(text("condition")),
        sort: Some(look.order()),
        fields: Some(look.columns.clone()).filter(|columns| !columns.is_empty()),
        limit: ROWS,
        after: asked.after.last().cloned(),
    };
    Ok(Plan { view, listing, look })
}

/// What the records of an address are asked by: the condition of its view and its own ones.
///
/// # Errors
/// As [`plan`].
pub fn condition(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    asked: &Asked,
) -> mainstay_desk::Result<Option<String>> {
    Ok(plan(session, caller, process, asked)?.listing.filter)
}

impl Look {
    /// What the pages are ordered by: a heading's rows stand together.
    fn order(&self) -> String {
        match self.group {
            Some(group) if self.sort.trim_start_matches('-') != group.key => group.key.to_owned(),
            _ => self.sort.clone(),
        }
    }

    /// The order as a field and whether its greatest value comes first.
    #[must_use]
    pub fn sorted(&self) -> (&str, bool) {
        (self.sort.trim_start_matches('-'), self.sort.starts_with('-'))
    }
}

fn columns(value: &Value) -> Vec<String> {
    value.as_list().iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// A condition must be one by itself, or its parts would mix with those of its neighbours.
fn readable(text: &str) -> mainstay_desk::Result<()> {
    Condition::parse(text).map(|_| ()).map_err(|fault| {
        let errors = vec![FieldError::new("filter", fault.code, fault.says.clone())];
        Refusal {
            errors,
            ..Refusal::invalid("bad_filter", format!("The filter “{text}” cannot be read. {}", fault.says))
        }
        .into()
    })
}
