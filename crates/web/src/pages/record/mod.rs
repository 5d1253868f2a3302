//! A record on its page: what was said and done, its tasks and links, and every way to change it.

mod activity;
mod comment;
mod edit;
mod form;
mod head;
mod history;
mod rail;
mod related;
mod sheet;
mod step;
mod tasks;
mod telling;

use axum::Router;
use axum::routing::{get, post};
use mainstay_engine::process::Process;

pub use comment::store;
pub use edit::sections;
pub use form::{Page, Wrong, listed};

use crate::pages::queue::Asked;
use crate::web::Web;

/// The routes under a record of any process.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/{number}", get(activity::show))
        .route("/{number}/comments", post(comment::send))
        .route("/{number}/tasks", get(tasks::show).post(tasks::add))
        .route("/{number}/tasks/{id}", post(tasks::change))
        .route("/{number}/related", get(related::show))
        .route("/{number}/links", post(related::link))
        .route("/{number}/unlink", post(related::unlink))
        .route("/{number}/watch", post(related::watch))
        .route("/{number}/unwatch", post(related::unwatch))
        .route("/{number}/history", get(history::show))
        .route("/{number}/details", get(history::details))
        .route("/{number}/edit", get(edit::ask).post(edit::change))
        .route("/{number}/undo", post(edit::undo))
        .route("/{number}/{verb}", get(step::ask).post(step::take))
}

/// The address of something under a record, with the list that the query names kept beside it.
#[must_use]
pub fn back(process: &'static Process, number: &str, rest: &str, query: Option<&str>) -> String {
    let path = format!("/{}/{number}{rest}", process.plural);
    match query {
        Some(query) if !query.is_empty() => Asked::read(query).at(&path),
        _ => path,
    }
}

/// The page of a history that begins after an event.
fn address_of_page(place: &str, after: i64) -> String {
    let join = if place.contains('?') { '&' } else { '?' };
    format!("{place}{join}since={after}")
}
