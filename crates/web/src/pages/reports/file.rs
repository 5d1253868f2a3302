//! A report as a file.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use mainstay_desk::export::{self, Format};
use mainstay_desk::{Caller, Session, reports};
use mainstay_engine::refusal::Refusal;
use serde::Deserialize;

use super::asked::Asked;
use super::{process_of, read};
use crate::failure::Failure;
use crate::pages::queue::saved;
use crate::session::Visit;
use crate::web::Web;

/// What kind of file.
#[derive(Debug, Deserialize)]
pub struct Kind {
    format: String,
}

/// `GET /reports/{plural}/{key}/export`
pub async fn send(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Query(kind): Query<Kind>,
    visit: Visit,
) -> Result<Response, Failure> {
    let process = process_of(&plural)?;
    let format = Format::named(&kind.format).ok_or_else(|| Refusal::missing("format"))?;
    let (params, report) = (asked.params(), key.clone());
    let make = move |session: &mut Session<'_>, caller: &Caller| {
        let mut bytes = Vec::new();
        let report = reports::run(session, caller, process, &report, &params)?;
        export::report(&report, format, session.now, &mut bytes)?;
        Ok(bytes)
    };
    let bytes = read(&web, &visit, make).await?;
    Ok(saved(&format!("{}-{key}.{}", process.plural, format.key()), format.media_type(), bytes))
}
