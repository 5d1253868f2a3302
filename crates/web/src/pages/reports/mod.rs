//! Reports: figures of a period with their drawing, the records behind each, and the same as a file.

mod asked;
mod behind;
mod drawing;
mod file;
mod filter;
mod overview;
mod paper;
mod schedule;
mod within;
mod words;

use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;

use crate::failure::Failure;
use crate::pages::frame::Place;
use crate::pages::portal::Room;
use crate::routes::{Declared, get, post};
use crate::session::Visit;
use crate::web::Web;

/// The pages of the reports.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/reports", overview::show),
        get("/reports/{plural}/{key}", paper::show),
        get("/reports/{plural}/{key}/filter", filter::choose),
        get("/reports/{plural}/{key}/filter/apply", filter::apply),
        get("/reports/{plural}/{key}/records", behind::show),
        get("/reports/{plural}/{key}/export", file::send),
        get("/reports/{plural}/{key}/export/schedule", schedule::ask),
        post("/reports/{plural}/{key}/export/schedule", schedule::begin),
    ]
}

/// Where the reports are in the frame of staff and in the portal's.
const REPORTS: (Place, Room) = (Place::Reports, Room::Reports);

/// The process of an address.
fn process_of(plural: &str) -> Result<&'static Process, Failure> {
    let found = mainstay_processes::ALL.iter().copied().find(|process| process.plural == plural);
    found.ok_or_else(Failure::missing)
}

/// Answers a question about figures, aside from the short ones.
async fn read<T, F>(web: &Web, visit: &Visit, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
{
    Ok(web.desk().read_figures(&visit.credential(), mainstay_desk::Channel::Desk, work).await?)
}
