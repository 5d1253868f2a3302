//! Which address leads to which page.

use std::any::Any;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use mainstay_engine::process::Process;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::assets;
use crate::failure::{Failure, dress};
use crate::language;
use crate::pages::{
    admin, approvals, calendar, candidates, drafts, drift, entrance, exports, files, home, inbox, keys, live, me,
    meetings, new, palette, pick, portal, positions, queue, record, reports, search, sources, work,
};
use crate::routes::{self, Declared, Route, get, post, whole};
use crate::web::Web;

/// What a form may hold, in bytes: files come with it.
const MOST_BYTES: usize = 26 * 1024 * 1024;

/// Every page, with its headers and its failures dressed. Addresses that are no page are answered here too.
pub fn router(state: Web) -> Router {
    let mut pages = routes::router(of_everybody());
    for process in mainstay_processes::ALL.iter().copied() {
        let below = routes::router(of_a_process(process)).layer(Extension(process));
        pages = pages.nest(&format!("/{}", process.plural), below);
    }
    pages
        .fallback(|| async { Failure::missing() })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), dress))
        .layer(from_fn_with_state(state.clone(), language::as_asked))
        // Files go out as they are. Pages are small, so that speed matters; but the fastest level of all leaves a record
        // a third larger than this one.
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Precise(3)))
        .merge(assets::router())
        .with_state(state)
}

/// A page that fell over, for the log; what the person reads is the same as for any failure.
fn panicked(why: Box<dyn Any + Send>) -> Response {
    let words = why.downcast::<String>().map(|words| *words);
    let words = words.or_else(|why| why.downcast::<&'static str>().map(|words| (*words).to_owned()));
    Failure::Failed(format!("it panicked: {}", words.as_deref().unwrap_or("no words"))).into_response()
}

/// Every route of the pages, from the declarations that build the router; the files of the pages themselves are none.
#[must_use]
pub fn all_routes() -> Vec<Route> {
    let mut all: Vec<Route> = of_everybody().iter().flat_map(|each| each.routes("")).collect();
    for process in mainstay_processes::ALL.iter().copied() {
        let beginning = format!("/{}", process.plural);
        all.extend(of_a_process(process).iter().flat_map(|each| each.routes(&beginning)));
    }
    all
}

fn of_everybody() -> Vec<Declared> {
    let first = vec![
        get("/", home::show),
        get("/search", search::show),
        get("/files/{id}", files::download),
        get("/pick/records", pick::records),
        get("/pick/zones", pick::zones),
        get("/pick/{register}", pick::some),
        post("/drafts", drafts::keep),
        post("/drafts/files", drafts::add_files),
        post("/drafts/files/remove", drafts::remove_file),
        get("/live", live::open),
        post("/live/doing", live::does),
    ];
    [
        first,
        doors(),
        me::routes(),
        inbox::routes(),
        exports::routes(),
        keys::routes(),
        palette::routes(),
        work::routes(),
        approvals::routes(),
        meetings::routes(),
        portal::routes(),
        admin::routes(),
        reports::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// In and out.
fn doors() -> Vec<Declared> {
    vec![
        get("/sign-in", entrance::ask),
        post("/sign-in", entrance::sign_in),
        post("/sign-out", entrance::sign_out),
        whole("/set-up/{secret}", entrance::set_up),
        get("/invitation/{secret}", entrance::ask_invited),
        post("/invitation/{secret}", entrance::accept),
        get("/password/{secret}", entrance::ask_reset),
        post("/password/{secret}", entrance::reset),
    ]
}

/// The queue and the records of a process. Each process has routes of its own, so an address that is none of theirs is
/// nobody's.
fn of_a_process(process: &'static Process) -> Vec<Declared> {
    let mut all = vec![
        get("/", queue::show),
        get("/filter", queue::choose),
        get("/filter/apply", queue::apply),
        get("/export", queue::export),
        get("/export/schedule", queue::ask_schedule),
        post("/export/schedule", queue::begin_schedule),
        get("/bulk", queue::ask_bulk),
        post("/bulk", queue::take_bulk),
        get("/bulk/{id}", queue::show_bulk),
        post("/bulk/{id}/undo", queue::undo_bulk),
        get("/views", queue::ask_name),
        post("/views", queue::save),
        get("/new", new::ask),
        post("/new", new::open),
    ];
    if process.schedule.is_some() {
        all.push(get("/calendar", calendar::show));
    }
    if process.watch.is_some() {
        all.push(get("/candidates", candidates::show));
        all.push(post("/candidates/{id}/{deed}", candidates::act));
    }
    if process.takes_feeds() {
        all.push(get("/sources", sources::show));
        all.push(post("/parked/{id}/{deed}", sources::act));
    }
    if process.map.as_ref().is_some_and(|map| map.control.is_some()) {
        all.push(get("/discrepancies", drift::show));
        all.push(post("/discrepancies/{id}/{deed}", drift::act));
    }
    if process.entitles.is_some() {
        all.push(get("/positions", positions::show));
    }
    all.extend(record::routes(process));
    all
}
