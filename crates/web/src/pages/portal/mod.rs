//! The portal: where people report, follow and answer, in words without account-speak.

mod frame;
mod home;
mod lines;
mod notices;
mod report;
mod request;
mod requests;
mod search;
mod step;
mod story;

pub use frame::{At, Guest, Room};

use axum::Router;
use axum::routing::{get, post};
use mainstay_engine::process::Process;

use crate::failure::Failure;
use crate::web::Web;

/// The pages of the portal.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/portal", get(home::show))
        .route("/portal/search", get(search::show))
        .route("/portal/report/{plural}", get(report::ask).post(report::take))
        .route("/portal/requests", get(requests::show))
        .route("/portal/requests/{number}", get(request::show))
        .route("/portal/requests/{number}/reply", post(request::reply))
        .route("/portal/requests/{number}/steps/{verb}", get(step::ask).post(step::take))
        .route("/portal/notices", get(notices::show).post(notices::read))
}

/// The process whose records bear such a number.
fn process_of(number: &str) -> Result<&'static Process, Failure> {
    let prefix = number.split('-').next().unwrap_or_default();
    let found = mainstay_processes::ALL.iter().copied().find(|process| process.prefix.eq_ignore_ascii_case(prefix));
    found.ok_or_else(Failure::missing)
}

/// Where a requester reads a record.
fn place_of(number: &str) -> String {
    format!("/portal/requests/{number}")
}
