//! What there is to pick while somebody types: names of a register that begin or hold what was typed.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers;
use serde_json::{Value, json};

use crate::address;
use crate::failure::Failure;
use crate::pages::palette;
use crate::session::Visit;
use crate::web::Web;

/// Suggestions of one answer.
const MOST: i64 = 20;
const MOST_RECORDS: usize = 10;
/// Records among which those of one process are looked for.
const MOST_AMONG: usize = 50;

/// `GET /pick/{register}?q=…`: at most twenty entries that the person may read, each with the text that the form takes
/// and the name that people read.
pub async fn some(
    State(web): State<Web>,
    Path(register): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = registers::register(&register).ok_or_else(Failure::missing)?;
    let pairs = address::pairs(&query.unwrap_or_default());
    let typed = address::value(&pairs, "q").map(str::trim).filter(|typed| !typed.is_empty()).map(str::to_owned);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let listing = EntryListing { name_contains: typed, limit: MOST, ..EntryListing::default() };
        let found = door::list(session.conn, caller, register, &listing)?;
        Ok(found.into_iter().map(|entry| json!({ "value": entry.key, "label": entry.name })).collect::<Vec<Value>>())
    };
    Ok(answer(web.read(&visit, Channel::Desk, work).await?))
}

/// `GET /pick/records?q=…&of=things`: records that the person may read, by number or by words, of one process or of all.
pub async fn records(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let typed = address::value(&pairs, "q").unwrap_or_default().trim().to_owned();
    let of = address::value(&pairs, "of").map(str::to_owned);
    let index = web.desk().search().cloned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let most = if of.is_some() { MOST_AMONG } else { MOST_RECORDS };
        let mut found = palette::records(session, caller, index, &typed, most)?;
        found.retain(|record| of.as_ref().is_none_or(|of| record.process.plural == of));
        found.truncate(MOST_RECORDS);
        let text = |record: &Record, key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
        let shown = |record: &Record| {
            let (number, title) = (text(record, spine::NUMBER.def.key), text(record, spine::TITLE.def.key));
            json!({ "value": number, "label": format!("{number} {title}") })
        };
        Ok(found.iter().map(shown).collect::<Vec<Value>>())
    };
    Ok(answer(web.read(&visit, Channel::Desk, work).await?))
}

/// `GET /pick/zones?q=…`: time zones whose name holds what was typed, blanks or not.
pub async fn zones(RawQuery(query): RawQuery, _: Visit) -> Response {
    let pairs = address::pairs(&query.unwrap_or_default());
    let typed = address::value(&pairs, "q").unwrap_or_default().trim().replace(' ', "_").to_lowercase();
    // What has a place in its name is what people look for; the rest are other names of these.
    let named =
        jiff::tz::db().available().map(|name| name.to_string()).filter(|name| name.contains('/') || name == "UTC");
    let mut found: Vec<String> = named.filter(|name| name.to_lowercase().contains(&typed)).collect();
    found.sort_by_key(|name| (name.starts_with("Etc/"), name.clone()));
    found.truncate(usize::try_from(MOST).unwrap_or_default());
    answer(found.into_iter().map(|name| json!({ "value": name, "label": name })).collect())
}

fn answer(found: Vec<Value>) -> Response {
    let mut response = Json(found).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
