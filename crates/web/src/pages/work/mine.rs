//! Everything of one's own in one place: what one works on, what waits for one, tasks, drafts, what one watches.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::records::{self, WaitingApproval};
use mainstay_desk::{Caller, Channel, Session, mine};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;
use std::collections::HashMap;

use super::parts::{self, Parts};
use super::{Asks, Counted, First, counted, first, part, processes};
use crate::components::{Stat, ViewHead, pane, stats, ticket_row, view_head};
use crate::failure::Failure;
use crate::pages::approvals;
use crate::pages::frame::{At, Frame, Place};
use crate::pages::search;
use crate::session::Visit;
use crate::shown::Reader;
use crate::web::Web;

/// Lines of a part before the way to all of it.
const FIRST: usize = 6;

/// What the page shows.
struct Mine {
    frame: Frame,
    tiles: Vec<Counted>,
    assigned: Vec<(&'static Process, First, String)>,
    waiting: Vec<(&'static Process, First, String)>,
    parts: Parts,
    approvals: Vec<WaitingApproval>,
    /// The names of those who are asked to approve.
    names: HashMap<i64, String>,
    me: Option<i64>,
}

fn in_hand() -> Asks {
    Asks::new("Assigned to me", "assignee = me and phase in (0, 1)", "due")
}

fn waiting() -> Asks {
    Asks::new("Waiting for me", "requester = me and phase in (1, 2)", "-updated")
}

/// `GET /my-work`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let mine = web.read(&visit, Channel::Desk, load).await?;
    let head = view_head(&ViewHead { title: "My work".into(), ..ViewHead::default() });
    let body = body(&mine, visit.now());
    Ok(mine.frame.page(&web, &visit, &At::new("My work", Place::Mine), &pane(&head, &body)))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Mine> {
    let frame = Frame::load(session, caller)?;
    let processes = processes(session, caller);
    let approvals = records::waiting(session, caller)?;
    let names = approvals::names_of(session, &approvals)?;
    let mut mine = Mine {
        frame,
        tiles: Vec::new(),
        assigned: Vec::new(),
        waiting: Vec::new(),
        parts: Parts::default(),
        approvals,
        names,
        me: caller.person_id(),
    };
    let asked = [
        in_hand(),
        Asks::new("Late", "assignee = me and phase = 0 and due < now", "due"),
        Asks::new("Due today", "assignee = me and phase = 0 and due >= now and due < today + 1d", "due"),
        Asks::new("On hold", "assignee = me and phase = 1", "due"),
        waiting(),
    ];
    for process in processes.iter().copied() {
        let tiles = counted(session, caller, process, &asked, processes.len() == 1)?;
        // Where somebody has nothing at all, a row of noughts says less than no row; the first one always stands.
        if mine.tiles.is_empty() || tiles.iter().any(|tile| tile.count > 0) {
            mine.tiles.extend(tiles);
        }
        for (asks, rows) in [(in_hand(), &mut mine.assigned), (waiting(), &mut mine.waiting)] {
            let found = first(session, caller, process, &asks, FIRST)?;
            rows.push((process, found, asks.href(process)));
        }
    }
    mine.parts = Parts {
        tasks: mine::tasks(session, caller)?,
        drafts: mine::drafts(session, caller)?,
        watched: mine::watched(session, caller)?,
    };
    Ok(mine)
}

fn body(mine: &Mine, now: i64) -> Markup {
    let tiles: Vec<Stat<'_>> = mine.tiles.iter().map(Counted::stat).chain(mine.parts.stats()).collect();
    html! {
        (stats(&tiles))
        div.work-flow {
            (records("mine", "Assigned to me", &mine.assigned, mine, now, "Nothing is yours. Take something from a queue."))
            (records("waiting", "Waiting for me", &mine.waiting, mine, now, "None of your own requests waits for you."))
            @if !mine.approvals.is_empty() {
                (part("approvals", "My approvals", Some(("/approvals", "All")), &approvals::lines(&mine.approvals, &mine.names, mine.me, FIRST)))
            }
            (part("tasks", "My tasks", Some(("/my-work/tasks", "All")), &parts::tasks(&mine.parts.tasks, FIRST, &mine.frame.zone, now)))
            (part("drafts", "Drafts", Some(("/my-work/drafts", "All")), &parts::drafts(&mine.parts.drafts, FIRST, &mine.frame.zone, now)))
            (part("watched", "Watched", Some(("/my-work/watched", "All")), &parts::watched(&mine.parts.watched, FIRST, &mine.frame.zone, now)))
        }
    }
}

fn records(
    id: &str,
    title: &str,
    all: &[(&'static Process, First, String)],
    mine: &Mine,
    now: i64,
    none: &str,
) -> Markup {
    let empty = all.iter().all(|(_, found, _)| found.rows.is_empty());
    let alone = all.len() == 1;
    html! {
        @if empty { (part(id, title, None, &html! { p.quiet.work-none { (t(none)) } })) } @else {
            @for (process, found, href) in all.iter().filter(|(_, found, _)| !found.rows.is_empty()) {
                @let title = if alone { title.to_owned() } else { format!("{}: {}", t(process.label_plural), t(title)) };
                @let reader = Reader::new(&found.names, &mine.frame.zone);
                (part(&format!("{id}-{}", process.key), &title, Some((href, "All")), &html! {
                    @for row in &found.rows { (ticket_row(&search::hit(row, &reader, now), now)) }
                }))
            }
        }
    }
}
