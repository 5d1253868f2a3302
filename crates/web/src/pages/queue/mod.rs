//! The queue of a process: records under a saved view and conditions, as rows or as a table.

mod asked;
mod bar;
mod bulk;
mod export;
mod filter;
mod groups;
mod list;
mod look;
mod orders;
mod rows;
mod save;
mod schedule;
mod table;
mod words;

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use mainstay_desk::Channel;
use mainstay_engine::process::Process;
use mainstay_markup::html;

pub use asked::Asked;
pub use bulk::{ask as ask_bulk, show as show_bulk, take as take_bulk, undo as undo_bulk};
pub use export::{export, saved};
pub use filter::{apply, choose};
pub use list::{List, MOST_COUNTED, Way, number};
pub use look::condition;
pub use orders::{headings, orders};
pub use save::{ask_name, save};
pub use schedule::{ask as ask_schedule, begin as begin_schedule};
pub use words::in_words;

use super::frame::{At, Frame, Place};
use crate::components::{Nothing, nothing, pane, work_list};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// `GET /{plural}`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let asked = Asked::read(process, &query.unwrap_or_default());
    let load = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        Ok((Frame::load(session, caller)?, List::load(session, caller, process, asked)?))
    };
    let (frame, list) = web.read(&visit, Channel::Desk, load).await?;
    let content = if list.look.table {
        pane(&list.head(&frame, visit.token(), false), &list.table(&frame, visit.now()))
    } else {
        let beside = nothing(Nothing::Yet, "Nothing open", "Choose a record to read it here.", &html! {}, None);
        work_list(&list.rows_pane(&frame, visit.token(), visit.now()), &beside)
    };
    Ok(frame.page(&web, &visit, &At::new(&list.title, list.place()).showing(&list), &content))
}

impl List {
    /// Where the list stands in the sidebar.
    #[must_use]
    pub fn place(&self) -> Place {
        self.asked.view.map_or(Place::Process(self.process.key), Place::View)
    }
}
