//! The portal: where people report, follow and answer, in words without account-speak.

mod frame;
mod home;
mod lines;
mod notices;
mod planned;
mod rating;
mod report;
mod request;
mod requests;
mod search;
mod sent;
mod status;
mod step;
mod story;
mod tasks;

pub use frame::{At, Guest, Room, report_place, sheet};
pub use report::keep_for;
pub use requests::MY_REQUESTS;

use mainstay_engine::process::Process;

use crate::failure::Failure;
use crate::routes::{Declared, get, post};

/// The pages of the portal.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/portal", home::show),
        get("/portal/search", search::show),
        get("/portal/report/{plural}", report::ask),
        post("/portal/report/{plural}", report::take),
        post("/portal/report/{plural}/keep", report::keep_typed),
        get("/portal/requests", requests::show),
        get("/portal/requests/{number}", request::show),
        get("/portal/requests/{number}/sent", sent::show),
        post("/portal/requests/{number}/reply", request::reply),
        post("/portal/requests/{number}/tasks/{id}", tasks::change),
        get("/portal/requests/{number}/steps/{verb}", step::ask),
        post("/portal/requests/{number}/steps/{verb}", step::take),
        get("/portal/troubles", status::show),
        post("/portal/troubles/{id}", status::hits_me),
        get("/portal/planned", planned::show),
        get("/portal/notices", notices::show),
        post("/portal/notices", notices::read),
    ]
}

/// The process whose records bear such a number.
pub fn process_of(number: &str) -> Result<&'static Process, Failure> {
    mainstay_processes::of_number(number).ok_or_else(Failure::missing)
}

/// Where a requester reads a record.
pub fn place_of(number: &str) -> String {
    format!("/portal/requests/{number}")
}
