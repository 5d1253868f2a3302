//! Who changed configuration and accounts: the log, to be searched and never to be changed.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_desk::demo::removal::INSTALLATION;
use mainstay_desk::export::{self, Format};
use mainstay_desk::inbox::SUBJECT as INBOX;
use mainstay_desk::log::{self, ACCOUNTS, Sought};
use mainstay_desk::{Caller, Channel, Error, Session};
use mainstay_engine::field::{EntryId, Field as Declared};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::{self, PEOPLE};
use mainstay_store::{EventRow, entries};
use mainstay_words::{inside, t, tn};
use maud::Markup;
use serde::Deserialize;

use super::changes::{Teller, ids};
use super::desk::{Desk, Sheet, place};
use crate::address::with_query;
use crate::components::{Choice, Control, Field, Nothing, Text, TextKind, Width, field, nothing, pages};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, entry_named};
use crate::pages::entrance::summary;
use crate::pages::queue::saved;
use crate::session::Visit;
use crate::web::Web;

const ON_A_PAGE: i64 = 50;
const WHO: Declared<EntryId> = Declared::entry("who", "Who", PEOPLE.key);

/// What may be asked for by name; any other verb of the log can stand in the address.
const VERBS: [(&str, &str); 10] = [
    ("created", "Made"),
    ("updated", "Changed"),
    ("retired", "Retired"),
    ("signed_in", "Signed in"),
    ("sign_in_failed", "Failed to sign in"),
    ("link_issued", "Link handed out"),
    ("signed_out_everywhere", "Signed out everywhere"),
    ("token_made", "Token made"),
    ("view_as_began", "Began to look as somebody"),
    ("view_as_ended", "Ended to look as somebody"),
];

/// What is looked for, and where a page begins.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<i64>,
    #[serde(default)]
    who: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    record: String,
    #[serde(default)]
    format: String,
}

impl Asked {
    fn pairs(&self) -> Vec<(&str, &str)> {
        let all = [
            ("who", &self.who),
            ("area", &self.area),
            ("what", &self.what),
            ("from", &self.from),
            ("to", &self.to),
            ("record", &self.record),
        ];
        all.into_iter().map(|(name, text)| (name, text.trim())).filter(|(_, text)| !text.is_empty()).collect()
    }

    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        with_query(path, self.pairs().into_iter().chain(more.iter().copied()))
    }

    /// The search that the words mean, the days in the viewer's zone and the last one included.
    fn sought(&self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Sought> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut errors = Vec::new();
        let mut day = |name: &str, text: &str, more: i32| {
            let text = given(text)?;
            let start =
                text.parse::<Date>().ok().and_then(|day| start(day.saturating_add(more.days()), &caller.zone()));
            if start.is_none() {
                errors.push(FieldError::new(name, "not_a_date", format!("{text} is no date; 2026-03-31 is one.")));
            }
            start
        };
        let (from, until) = (day("from", &self.from, 0), day("to", &self.to, 1));
        let who = match given(&self.who) {
            Some(text) => {
                let found = entry_named(session, caller, PEOPLE.key, &text)?;
                if found.is_none() {
                    let says = format!("Who: nothing here is called “{text}”. Type the whole name or address.");
                    errors.push(FieldError::new("who", "unknown_reference", says));
                }
                found
            }
            None => None,
        };
        Refusal::unless_empty(errors)?;
        let (area, what, record) = (given(&self.area), given(&self.what), given(&self.record));
        Ok(Sought { who, area, what, from, until, record })
    }
}

fn start(day: Date, zone: &TimeZone) -> Option<i64> {
    day.to_zoned(zone.clone()).ok().map(|at| at.timestamp().as_millisecond())
}

struct Log {
    desk: Desk,
    pickers: Pickers,
    events: Vec<EventRow>,
    names: HashMap<i64, String>,
    refused: Option<Refusal>,
}

/// `GET /admin/audit`
pub async fn show(State(web): State<Web>, Query(asked): Query<Asked>, visit: Visit) -> Result<Response, Failure> {
    let wanted = asked.clone();
    let log = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, &wanted)).await?;
    let teller = Teller { names: &log.names, zone: &log.desk.frame.zone, now: visit.now() };
    let full = i64::try_from(log.events.len()).is_ok_and(|shown| shown == ON_A_PAGE);
    let older = log.events.last().filter(|_| full);
    let older = older.map(|event| asked.address("/admin/audit", &[("before", &event.id.to_string())]));
    let newer = asked.before.map(|_| asked.address("/admin/audit", &[]));
    let narrowed = !asked.pairs().is_empty();
    let body = html! {
        p.quiet { "Changes of configuration and what happened to accounts, newest first. Nobody can alter these lines." }
        (log.filters(&asked))
        @if log.events.is_empty() && log.refused.is_none() {
            @if narrowed {
                (nothing(Nothing::Filtered, "Nothing matches", "No event fits what is looked for.", &html! { a.btn href="/admin/audit" { "Clear filters" } }, None))
            } @else {
                (nothing(Nothing::Yet, "Nothing here", "No event of this kind is older.", &html! {}, None))
            }
        }
        div { @for event in &log.events { (teller.event(event, register(event), subject(event, &log.names).as_ref())) } }
        (pages(&tn(log.events.len(), "{n} shown", "{n} shown"), newer.as_deref(), older.as_deref()))
    };
    let status = log.refused.as_ref().map_or(StatusCode::OK, status_of);
    Ok(log.desk.page(&web, &visit, &Sheet { status, ..Sheet::new("Audit", body) }))
}

fn load(session: &mut Session<'_>, caller: &Caller, asked: &Asked) -> mainstay_desk::Result<Log> {
    let before = asked.before.unwrap_or(i64::MAX);
    let found = match asked.sought(session, caller) {
        Ok(sought) => log::search(session, caller, &sought, before, ON_A_PAGE),
        Err(error) => Err(error),
    };
    let (events, refused) = match found {
        Ok(events) => (events, None),
        Err(Error::Refused(refusal)) if !refusal.errors.is_empty() => (Vec::new(), Some(refusal)),
        Err(error) => return Err(error),
    };
    let mut ids = ids(&events, register);
    ids.extend(events.iter().map(|event| event.subject_id));
    let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let pickers = Pickers::load(session, caller, &[WHO.def])?;
    Ok(Log { desk: Desk::load(session, caller, None)?, pickers, events, names, refused })
}

/// `GET /admin/audit/export`: what is looked for, as a file.
pub async fn send(State(web): State<Web>, Query(asked): Query<Asked>, visit: Visit) -> Result<Response, Failure> {
    let format = Format::named(&asked.format).ok_or_else(|| Refusal::missing("format"))?;
    let make = move |session: &mut Session<'_>, caller: &Caller| {
        let sought = asked.sought(session, caller)?;
        let mut bytes = Vec::new();
        export::events(session, caller, &sought, format, &mut bytes)?;
        Ok(bytes)
    };
    let bytes = web.desk().read_long(&visit.credential(), Channel::Desk, make).await?;
    Ok(saved(&format!("audit.{}", format.key()), format.media_type(), bytes))
}

impl Log {
    fn filters(&self, asked: &Asked) -> Markup {
        let none = Vec::new();
        let errors = self.refused.as_ref().map_or(&none, |refusal| &refusal.errors);
        let error =
            |name: &str| errors.iter().find(|error| error.field == name).map(|error| Text::from(error.detail.clone()));
        let plain = |name: &'static str, label: &'static str, control: Control<'static>| Field {
            error: error(name),
            width: Width::Half,
            ..Field::new(name, label, control)
        };
        let choose = |all: Vec<(&'static str, &'static str)>, given: &str| {
            let mut options: Vec<Choice<'static>> =
                all.into_iter().map(|(key, label)| Choice::new(key, t(label), key == given)).collect();
            if !given.is_empty() && options.iter().all(|option| !option.chosen) {
                options.push(Choice::new(given.to_owned(), given.replace('_', " "), true));
            }
            Control::Select { options, blank: Some("Anything".into()) }
        };
        let areas = registers::ALL.iter().map(|register| (register.key, register.label_plural));
        let areas = areas.chain([(ACCOUNTS, t("Accounts")), (INSTALLATION, t("Installation"))]).collect();
        let asking = Asking { pickers: &self.pickers, zone: &self.desk.frame.zone, errors };
        let mut who = asking.field(&WHO.def, std::slice::from_ref(&asked.who));
        (who.width, who.control) = (Width::Half, who.control.unless_picked("Anybody"));
        let record = Control::Text { value: asked.record.clone().into(), kind: TextKind::Plain, max_length: Some(40) };
        let day = |text: &str| Control::Date { value: text.to_owned().into() };
        html! {
            form.form.admin-form.asks method="get" action="/admin/audit" {
                (summary(self.refused.as_ref()))
                div.form-grid {
                    (field(&who))
                    (field(&plain("area", "Where", choose(areas, &asked.area))))
                    (field(&plain("what", "What", choose(VERBS.to_vec(), &asked.what))))
                    (field(&Field { help: Some("Its number, for its own history".into()), ..plain("record", "Record", record) }))
                    (field(&plain("from", "From", day(&asked.from))))
                    (field(&plain("to", "Until", day(&asked.to))))
                }
                div.form-foot {
                    button.btn.btn-primary type="submit" { "Search" }
                    a.btn href=(asked.address("/admin/audit/export", &[("format", "csv")])) data-turbo="false" download { "Export as CSV" }
                    a.btn href=(asked.address("/admin/audit/export", &[("format", "json")])) data-turbo="false" download { "Export as JSON" }
                }
            }
        }
    }
}

/// The register of the entry that an event happened to; an account is a person's.
fn register(event: &EventRow) -> Option<&'static Register> {
    match event.subject.as_str() {
        "entry" => registers::register(event.process.as_deref()?),
        _ => None,
    }
}

/// What kind of thing it happened to, where that is no entry of a register.
fn kind(subject: &str) -> &str {
    match subject {
        "account" => "Account",
        "candidate" => "Possible problem",
        "export" => "Export",
        "inbox" => "Inbox",
        "meeting" => "Meeting",
        "parked" => "Row of a source",
        other => other,
    }
}

/// What it happened to, as a link where there is a page of it.
fn subject(event: &EventRow, names: &HashMap<i64, String>) -> Option<Markup> {
    if event.subject == INSTALLATION {
        return Some(html! { "installation" });
    }
    if event.subject == "record" {
        return None;
    }
    let home = register(event).or((event.subject == "account").then_some(&PEOPLE));
    let kind = inside(register(event).map_or_else(|| kind(&event.subject), |register| register.label));
    // Other things are numbered by themselves; an entry of the same number is no name for them.
    let name = names.get(&event.subject_id).filter(|_| home.is_some() || event.subject == INBOX);
    Some(html! {
        (kind)
        @match (home, name) {
            (Some(register), Some(name)) => { " " a.link href=(place(register, event.subject_id)) dir="auto" { (t(name)) } }
            (_, Some(name)) => { " " bdi { (name) } }
            (Some(_), None) => { " " "unknown" }
            (None, None) => {}
        }
    })
}
