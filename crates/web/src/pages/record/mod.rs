//! A record on its page: what was said and done, its tasks and links, and every way to change it.

mod activity;
mod ahead;
pub mod approvals;
mod captured;
mod comment;
pub mod conflicts;
mod edit;
mod exclude;
mod form;
mod head;
mod here;
mod history;
mod lapses;
mod map;
mod past;
mod pictures;
mod position;
mod rail;
mod ready;
mod related;
mod retention;
pub mod risk;
mod sheet;
mod similar;
mod sources;
mod split;
mod step;
mod tabs;
mod task;
mod tasks;
pub mod telling;
mod work_time;

use mainstay_engine::process::Process;

pub use comment::store;
pub use edit::sections;
pub use form::{Page, Wrong, listed};
pub use head::{at_once, begetting};
pub use lapses::beneath as lapses_beneath;
pub use map::hit_pill;
pub use rail::editable;
pub use related::{LINK_FIELD, process_of};
pub use similar::{link_to, tie};

use crate::pages::queue::Asked;
use crate::routes::{Declared, get, post};

/// The routes under a record of a process.
pub fn routes(process: &'static Process) -> Vec<Declared> {
    let mut all = vec![
        get("/{number}", activity::show),
        post("/{number}/comments", comment::send),
        post("/{number}/comments/{id}/withdraw", comment::withdraw),
        get("/{number}/comments/{id}/split", split::ask),
        post("/{number}/comments/{id}/split", split::take),
        get("/{number}/templates/{id}", ready::take),
        get("/{number}/macros/{id}", ready::ask),
        post("/{number}/macros/{id}", ready::apply),
        get("/{number}/tasks", tasks::show),
        post("/{number}/tasks", tasks::add),
        get("/{number}/tasks/{id}", task::ask),
        post("/{number}/tasks/{id}", tasks::change),
        post("/{number}/tasks/{id}/edit", task::change),
        post("/{number}/time", work_time::add),
        get("/{number}/time/{id}", work_time::ask),
        post("/{number}/time/{id}", work_time::change),
        post("/{number}/time/{id}/remove", work_time::remove),
        get("/{number}/related", related::show),
        post("/{number}/links", related::link),
        post("/{number}/unlink", related::unlink),
        post("/{number}/watch", related::watch),
        post("/{number}/unwatch", related::unwatch),
        get("/{number}/suggestions", similar::suggestions),
        get("/{number}/suggestions/{other}", similar::take),
        get("/{number}/legal-hold", retention::ask),
        post("/{number}/legal-hold", retention::take),
        get("/{number}/history", history::show),
        get("/{number}/as-of", past::show),
        get("/{number}/details", history::details),
        get("/{number}/edit", edit::ask),
        post("/{number}/edit", edit::change),
        post("/{number}/events/{id}/undo", edit::undo),
        get("/{number}/{verb}", step::ask),
        post("/{number}/{verb}", step::take),
    ];
    if process.has_clocks() {
        all.push(get("/{number}/clocks/{id}/exclude", exclude::ask));
        all.push(post("/{number}/clocks/{id}/exclude", exclude::take));
    }
    if process.schedule.is_some() {
        all.push(post("/{number}/conflicts/{id}", conflicts::accept));
        all.push(get("/{number}/move", conflicts::ask_move));
        all.push(post("/{number}/move", conflicts::take_move));
    }
    all.extend(tabs::routes(process));
    all
}

/// The address of something under a record, with the list that the query names kept beside it.
#[must_use]
pub fn back(process: &'static Process, number: &str, rest: &str, query: Option<&str>) -> String {
    let path = format!("/{}/{number}{rest}", process.plural);
    match query {
        Some(query) if !query.is_empty() => Asked::read(process, query).at(&path),
        _ => path,
    }
}

/// The page of a history that begins after an event.
fn address_of_page(place: &str, after: i64) -> String {
    let join = if place.contains('?') { '&' } else { '?' };
    format!("{place}{join}since={after}")
}
