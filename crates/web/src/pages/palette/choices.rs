//! The values that one field of the record at hand can take.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::records;
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::shortcuts::Keys;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers;
use mainstay_words::t;

use super::here::setting;
use super::{At, Does, Line, group};
use crate::address;
use crate::failure::Failure;
use crate::pages::record::editable;
use crate::part::part;
use crate::session::Visit;
use crate::web::Web;

/// Values of one answer.
const MOST: i64 = 20;

/// `GET /palette/choices?at=/things/NO-1&field=team&q=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let text = |name: &str| address::value(&pairs, name).unwrap_or_default().trim().to_owned();
    let at = At::read(&text("at")).ok_or_else(Failure::missing)?;
    let (key, typed) = (text("field"), text("q"));
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let view = records::get(session, caller, at.process, &at.number)?;
        let field = editable(&view).find(|field| view.can.update && field.key == key);
        let field = field.ok_or_else(|| Refusal::missing("field"))?;
        let values = values(session, caller, field, &typed)?;
        let held = view.record.value(field.key);
        let empty =
            (!field.required && !held.is_blank() && typed.is_empty()).then(|| (String::new(), "Nothing".to_owned()));
        let line = |(value, label): (String, String)| {
            Line::new("check", label, Does::Post(at.path("/edit"), setting(&view, field, &value)))
        };
        Ok((field.label, values.into_iter().chain(empty).map(line).collect::<Vec<_>>()))
    };
    let (label, lines) = web.read(&visit, Channel::Desk, work).await?;
    Ok(part(&group("choices", label, true, &Keys::default(), &lines)))
}

/// What the field's form takes, with the words for it.
fn values(
    session: &mut Session<'_>,
    caller: &Caller,
    field: &FieldDef,
    typed: &str,
) -> mainstay_desk::Result<Vec<(String, String)>> {
    let fits = |(_, label): &(String, String)| label.to_lowercase().contains(&typed.to_lowercase());
    Ok(match field.kind {
        Kind::Choice(options) => {
            options.iter().map(|option| (option.key.to_owned(), t(option.label).to_owned())).filter(fits).collect()
        }
        Kind::Bool => [("true", "Yes"), ("", "No")]
            .map(|(key, label)| (key.to_owned(), label.to_owned()))
            .into_iter()
            .filter(fits)
            .collect(),
        Kind::Ref(key) => {
            let register = registers::register(key).ok_or_else(|| Refusal::missing("register"))?;
            let typed = (!typed.is_empty()).then(|| typed.to_owned());
            let listing = EntryListing { name_contains: typed, limit: MOST, ..EntryListing::default() };
            let found = door::list(session.conn, caller, register, &listing)?;
            let named = |entry: mainstay_engine::register::Entry| {
                let path = (register.key == registers::CATEGORIES.key).then(|| session.config.category_path(entry.id));
                (entry.id.to_string(), path.unwrap_or(entry.name))
            };
            found.into_iter().map(named).collect()
        }
        _ => Vec::new(),
    })
}
