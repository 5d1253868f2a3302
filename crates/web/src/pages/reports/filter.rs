//! Choosing the conditions of a report, as those of a list are chosen.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, reports};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;

use super::REPORTS;
use super::asked::Asked;
use super::process_of;
use crate::address;
use crate::conditions::{Chooser, Ways, conclude, typed};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::form::Form;
use crate::pages::around::{Around, Sheet};
use crate::session::Visit;
use crate::web::Web;

/// What the page shows.
struct Choosing {
    around: Around,
    title: &'static str,
    chooser: Chooser,
}

/// `GET /reports/{plural}/{key}/filter`
pub async fn choose(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let (process, form) = (process_of(&plural)?, sent(query)?);
    page(&web, &visit, process, &key, form, None).await
}

/// `GET /reports/{plural}/{key}/filter/apply`: turns sentences into a condition and leads to the report.
pub async fn apply(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let (process, form) = (process_of(&plural)?, sent(query)?);
    let (given, report) = (form.clone(), key.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        reports::may_run(session, caller, process, &report)?;
        conclude(session, caller, process, &given)
    };
    match web.read(&visit, Channel::Desk, work).await? {
        Ok(made) => {
            let all: Vec<String> = kept(&form).into_iter().chain(made).collect();
            Ok(go_on(&asked(&form).where_all(&all).place(process, &key), None))
        }
        Err(wrong) => page(&web, &visit, process, &key, form, Some(wrong)).await,
    }
}

fn sent(query: Option<String>) -> Result<Form, Failure> {
    Form::of(address::pairs(&query.unwrap_or_default()))
}

/// The question without its conditions, as the form carries it.
fn asked(form: &Form) -> Asked {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Asked {
        from: text("from"),
        until: text("until"),
        by: text("by"),
        team: text("team"),
        of: text("of"),
        filter: String::new(),
    }
}

/// The conditions in force; on the way through the page those that no line says.
fn kept(form: &Form) -> Vec<String> {
    if form.has("lines") {
        return form.all("filter");
    }
    Asked { filter: form.get("filter").unwrap_or_default().to_owned(), ..Asked::default() }.conditions()
}

async fn page(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    key: &str,
    form: Form,
    wrong: Option<FieldError>,
) -> Result<Response, Failure> {
    let (asked, filters, words) = (asked(&form), kept(&form), typed(&form).to_owned());
    let report = key.to_owned();
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let kind = reports::may_run(session, caller, process, &report)?;
        let open = reports::asks_about(session, caller, process);
        let chooser = Chooser::load(session, caller, process, &form, &filters)?.about(&open);
        Ok((Choosing { around: Around::load(session, caller)?, title: kind.title, chooser }, filters))
    };
    let (found, filters) = web.read(visit, Channel::Desk, load).await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let errors: Vec<FieldError> = wrong.into_iter().collect();
    let words = if errors.is_empty() { "" } else { words.as_str() };
    let back = asked.where_all(&filters).place(process, key);
    let carried = html! { @for (name, value) in asked.pairs() { input type="hidden" name=(name) value=(value); } };
    let page = format!("/reports/{}/{key}/filter", process.plural);
    let ways = Ways { page: &page, back: &back, carried: &carried };
    let body = found.chooser.form(&ways, words, &errors);
    let above = vec![("Reports", "/reports".to_owned()), (found.title, back.clone())];
    let sheet = Sheet { title: "Filter the report", status, above, actions: None, body, whole: false };
    Ok(sheet.page(web, visit, &found.around, REPORTS))
}
