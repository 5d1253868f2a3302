//! What the command palette offers: what can be done with the record at hand, records, and places to go to. Each comes
//! from the function that the pages ask, so that nothing is offered that would be refused.

mod choices;
mod found;
mod here;
mod places;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::shortcuts::Keys;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;
use serde_json::{Map, Value as Json};

pub use found::records;
pub use here::setting;

use super::frame::Frame;
use super::keys::caps;
use crate::address;
use crate::components::icon;
use crate::failure::Failure;
use crate::part::part;
use crate::routes::{Declared, get};
use crate::session::Visit;
use crate::web::Web;

/// The parts of the palette.
pub fn routes() -> Vec<Declared> {
    vec![get("/palette", show), get("/palette/records", found::show), get("/palette/choices", choices::show)]
}

/// What choosing a line does.
enum Does {
    /// Goes to an address.
    Visit(String),
    /// Posts a form to an address.
    Post(String, Vec<(String, String)>),
    /// Presses what a shortcut presses.
    Press(&'static str),
    /// Asks for one of several values; the address that knows them, and the question.
    Ask(String, String),
}

/// A line of the palette.
struct Line {
    icon: String,
    label: String,
    does: Does,
    /// The shortcut that does the same.
    key: Option<&'static str>,
    /// The step that it takes.
    verb: Option<&'static str>,
    /// Other words by which it is found.
    also: String,
    /// It is shown to those who look for it alone.
    more: bool,
}

impl Line {
    fn new(icon: impl Into<String>, label: impl Into<String>, does: Does) -> Self {
        Self {
            icon: icon.into(),
            label: t(&label.into()).to_owned(),
            does,
            key: None,
            verb: None,
            also: String::new(),
            more: false,
        }
    }
    fn keyed(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }
    fn more(self) -> Self {
        Self { more: true, ..self }
    }
}

/// Lines under a heading. `id` keeps the ids of its lines apart from those of others.
fn group(id: &str, title: &str, here: bool, keys: &Keys, lines: &[Line]) -> Markup {
    html! {
        @if !lines.is_empty() {
            div role="group" aria-label=(t(title)) data-here[here] {
                div.palette-title aria-hidden="true" { (t(title)) }
                @for (at, each) in lines.iter().enumerate() { (line(&format!("palette-{id}-{at}"), keys, each)) }
            }
        }
    }
}

fn line(id: &str, keys: &Keys, line: &Line) -> Markup {
    let (mut visit, mut post, mut fields, mut press, mut nested, mut asks) = (None, None, None, None, None, None);
    match &line.does {
        Does::Visit(place) => visit = Some(place),
        Does::Post(action, values) => {
            let values: Map<String, Json> =
                values.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            (post, fields) = (Some(action), Some(Json::Object(values).to_string()));
        }
        Does::Press(deed) => press = Some(*deed),
        Does::Ask(place, question) => (nested, asks) = (Some(place), Some(question)),
    }
    let shown = line.key.and_then(|key| keys.shown(key));
    html! {
        div.palette-item id=(id) role="option" data-words={ (line.label) " " (line.also) } data-visit=[visit] data-post=[post]
            data-fields=[fields] data-press=[press] data-nested=[nested] data-asks=[asks] data-verb=[line.verb] data-more[line.more] {
            (icon(&line.icon))
            span.grow.clip dir="auto" data-label { (line.label) }
            @if let Some(keys) = &shown { (caps(keys)) }
        }
    }
}

/// Where the palette was opened: a record of a process, with the list that its address keeps.
struct At {
    process: &'static Process,
    number: String,
    query: Option<String>,
}

impl At {
    /// Reads the address of a page; none when it is not that of a record.
    fn read(place: &str) -> Option<Self> {
        let (path, query) = place.split_once('?').map_or((place, None), |(path, query)| (path, Some(query)));
        let mut parts = path.trim_start_matches('/').split('/');
        let plural = parts.next()?;
        let process = mainstay_processes::ALL.iter().copied().find(|process| process.plural == plural)?;
        let number = parts.next().filter(|number| number.starts_with(process.prefix))?;
        Some(Self { process, number: number.to_owned(), query: query.map(str::to_owned) })
    }

    /// The address of something under the record.
    fn path(&self, rest: &str) -> String {
        super::record::back(self.process, &self.number, rest, self.query.as_deref())
    }
}

/// `GET /palette?at=/things/NO-1`: everything that can be done from a page.
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let at = address::value(&pairs, "at").and_then(At::read);
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let here = match &at {
            Some(at) => here::load(session, caller, at)?,
            None => None,
        };
        Ok((places::groups(caller, &frame), frame, here))
    };
    let (places, frame, here) = web.read(&visit, Channel::Desk, load).await?;
    Ok(part(&html! {
        @if let Some(here) = &here { (group("here", &here.title, true, &frame.keys, &here.lines)) }
        @for (id, title, lines) in &places { (group(id, title, false, &frame.keys, lines)) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_record_says_which_and_keeps_its_list() {
        let process = mainstay_processes::ALL[0];
        let number = format!("{}-7", process.prefix);
        let at = At::read(&format!("/{}/{number}/history?view=3", process.plural)).expect("a record");
        assert_eq!((at.number.as_str(), at.query.as_deref()), (number.as_str(), Some("view=3")));
        assert_eq!(at.path("/edit"), format!("/{}/{number}/edit?view=3", process.plural));
        assert!(At::read(&format!("/{}/new", process.plural)).is_none());
        assert!(At::read("/reports").is_none() && At::read("").is_none());
    }
}
