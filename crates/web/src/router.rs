//! Which address leads to which page.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use mainstay_engine::process::Process;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::assets;
use crate::failure::{Failure, dress};
use crate::pages::{admin, entrance, files, home, me, new, pick, portal, queue, record, reports, search};
use crate::web::Web;

/// What a form may hold, in bytes: files come with it.
const MOST_BYTES: usize = 26 * 1024 * 1024;

/// Every page, with its headers and its failures dressed. Addresses that are no page are answered here too.
pub fn router(state: Web) -> Router {
    let mut pages = Router::new()
        .route("/", get(home::show))
        .route("/search", get(search::show))
        .route("/files/{id}", get(files::download))
        .route("/pick/{register}", get(pick::some))
        .merge(doors())
        .merge(me::routes())
        .merge(portal::routes())
        .merge(admin::routes())
        .merge(reports::routes());
    for process in mainstay_processes::ALL.iter().copied() {
        pages = pages.nest(&format!("/{}", process.plural), of_process(process));
    }
    pages
        .fallback(|| async { Failure::missing() })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(state.clone(), dress))
        // Files go out as they are; pages are small, so speed matters more than the last byte.
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest))
        .merge(assets::router())
        .with_state(state)
}

/// In and out.
fn doors() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(entrance::ask).post(entrance::sign_in))
        .route("/sign-out", post(entrance::sign_out))
        .route("/set-up/{secret}", get(entrance::ask_first).post(entrance::make_first))
        .route("/invitation/{secret}", get(entrance::ask_invited).post(entrance::accept))
        .route("/password/{secret}", get(entrance::ask_reset).post(entrance::reset))
}

/// The queue and the records of a process. Each process has routes of its own, so an address that is none of theirs is
/// nobody's.
fn of_process(process: &'static Process) -> Router<Web> {
    Router::new()
        .route("/", get(queue::show))
        .route("/filter", get(queue::choose))
        .route("/filter/apply", get(queue::apply))
        .route("/views", post(queue::save))
        .route("/new", get(new::ask).post(new::open))
        .merge(record::routes())
        .layer(Extension(process))
}
