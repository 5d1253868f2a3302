//! Records found by number or by words.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::records as desk;
use mainstay_desk::shortcuts::Keys;
use mainstay_desk::{Caller, Channel, Error, Session};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_search::Index;
use mainstay_words::inside;

use super::{Does, Line, group};
use crate::address;
use crate::failure::Failure;
use crate::pages::queue::number;
use crate::pages::search;
use crate::part::part;
use crate::session::Visit;
use crate::web::Web;

/// Records of one answer.
const MOST: usize = 6;

/// `GET /palette/records?q=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let typed = address::value(&pairs, "q").unwrap_or_default().trim().to_owned();
    let index = web.desk().search().cloned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let found = records(session, caller, index, &typed, MOST)?;
        Ok(found.iter().map(line).collect::<Vec<_>>())
    };
    let lines = web.read(&visit, Channel::Desk, work).await?;
    Ok(part(&group("records", "Records", false, &Keys::default(), &lines)))
}

/// Records by their number or by words, as far as the caller may see them.
///
/// # Errors
/// The index's; the database's.
pub fn records(
    session: &mut Session<'_>,
    caller: &Caller,
    index: Option<Arc<Index>>,
    typed: &str,
    most: usize,
) -> mainstay_desk::Result<Vec<Record>> {
    if let Some(record) = by_number(session, caller, typed)? {
        return Ok(vec![record]);
    }
    let found = search::few(session, caller, index, typed, most)?;
    Ok(found.into_iter().map(|row| row.record).collect())
}

/// The record with this very number, from the database, which knows it before the index does.
fn by_number(session: &mut Session<'_>, caller: &Caller, typed: &str) -> mainstay_desk::Result<Option<Record>> {
    let typed = typed.to_uppercase();
    let digits = typed.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).trim_start_matches('-');
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(None);
    }
    for process in mainstay_processes::ALL.iter().copied().filter(|process| typed.starts_with(process.prefix)) {
        let number = format!("{}-{digits}", process.prefix);
        match desk::find(session, caller, process, &number) {
            Ok((record, _)) => return Ok(Some(record)),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn line(record: &Record) -> Line {
    let (number, title) = (number(record), record.value(spine::TITLE.def.key).as_text().unwrap_or_default());
    let label = format!("{number} {title} ({})", inside(record.state.label));
    Line::new(record.process.icon, label, Does::Visit(format!("/{}/{number}", record.process.plural)))
}
