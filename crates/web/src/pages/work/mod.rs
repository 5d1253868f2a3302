//! What is to be done: one's own work, and the day of whoever leads a team. Every number leads to exactly the records
//! that it counts.

mod mine;
mod parts;
mod today;

use std::collections::HashMap;

use mainstay_desk::records::{self, Listing, Row as Found};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::frame::capped;
use super::queue::MOST_COUNTED;
use crate::address;
use crate::components::Stat;
use crate::routes::{Declared, get};

/// The routes of what is to be done.
pub fn routes() -> Vec<Declared> {
    vec![get("/my-work", mine::show), get("/my-work/{part}", parts::show), get("/today", today::show)]
}

/// Something that is counted: words, the condition, and the order of its list.
struct Asks {
    words: &'static str,
    condition: String,
    sort: &'static str,
}

impl Asks {
    fn new(words: &'static str, condition: impl Into<String>, sort: &'static str) -> Self {
        Self { words, condition: condition.into(), sort }
    }

    /// The list of exactly these records.
    fn href(&self, process: &Process) -> String {
        let asked = [("filter", self.condition.as_str()), ("sort", self.sort)];
        address::with_query(&format!("/{}", process.plural), asked)
    }
}

/// A number with the list behind it.
struct Counted {
    words: String,
    count: i64,
    href: String,
}

impl Counted {
    fn stat(&self) -> Stat<'_> {
        Stat {
            name: self.words.as_str().into(),
            value: capped(self.count, MOST_COUNTED).into(),
            href: Some(self.href.as_str().into()),
            ..Stat::default()
        }
    }
}

/// The processes whose records the caller works on.
fn processes(session: &Session<'_>, caller: &Caller) -> Vec<&'static Process> {
    let used = |process: &&'static Process| {
        session.config.process(process).enabled && caller.rights.may_somewhere(process.key, "view")
    };
    mainstay_processes::ALL.iter().copied().filter(used).collect()
}

/// Counts what is asked of a process; what it has no fields for is left out.
fn counted(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    all: &[Asks],
    alone: bool,
) -> mainstay_desk::Result<Vec<Counted>> {
    for asks in all {
        // What cannot be counted says so when it is.
        let _ = records::foresee_count(session, caller, process, Some(&asks.condition), MOST_COUNTED + 1);
    }
    let mut tiles = Vec::with_capacity(all.len());
    for asks in all {
        let count = match records::count(session, caller, process, Some(&asks.condition), MOST_COUNTED + 1) {
            Ok(count) => count,
            Err(mainstay_desk::Error::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        let words =
            if alone { t(asks.words).to_owned() } else { format!("{}: {}", t(process.label_plural), t(asks.words)) };
        tiles.push(Counted { words, count, href: asks.href(process) });
    }
    Ok(tiles)
}

/// The first records under a condition, and the names that they refer to.
struct First {
    rows: Vec<Found>,
    names: HashMap<i64, String>,
}

fn first(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    asks: &Asks,
    limit: usize,
) -> mainstay_desk::Result<First> {
    let listing =
        Listing { filter: Some(asks.condition.clone()), sort: Some(asks.sort.to_owned()), limit, ..Listing::default() };
    match records::list(session, caller, process, &listing) {
        Ok(page) => Ok(First { rows: page.rows, names: page.names }),
        Err(mainstay_desk::Error::Refused(_)) => Ok(First { rows: Vec::new(), names: HashMap::new() }),
        Err(error) => Err(error),
    }
}

/// A heading with the way to all that stands under it.
fn part(id: &str, title: &str, all: Option<(&str, &str)>, body: &Markup) -> Markup {
    html! {
        section.work-part aria-labelledby=(id) {
            div.line {
                h2 id=(id) { (t(title)) }
                span.grow {}
                @if let Some((href, words)) = all { a.link href=(href) { (t(words)) span.sr { ": " (t(title)) } } }
            }
            div.card.work-rows { (body) }
        }
    }
}
