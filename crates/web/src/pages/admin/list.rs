//! The entries of a register.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use mainstay_desk::access;
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_processes::registers::PEOPLE;
use mainstay_store::entries;
use mainstay_words::{t, tn};
use maud::Markup;
use serde::Deserialize;

use super::desk::{Desk, Sheet, out_of_use, place};
use super::keyed::Keyed;
use super::register_of;
use crate::address::with_query;
use crate::components::{Column, Nothing, Row, button_link, data_table, demo_badge, icon_small, nothing, pages, time};
use crate::failure::Failure;
use crate::session::Visit;
use crate::shown::Reader;
use crate::web::Web;

const ON_A_PAGE: i64 = 50;

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    retired: Option<String>,
    /// Name and id of the last entry of the page before.
    after: Option<String>,
    after_id: Option<i64>,
}

struct Listed {
    desk: Desk,
    entries: Vec<Entry>,
    names: HashMap<i64, String>,
    keyed: Keyed,
    /// When people last signed in, for those who manage them.
    sign_ins: Option<HashMap<i64, i64>>,
    more: bool,
}

/// The list.
pub async fn show(
    State(web): State<Web>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let wanted = asked.clone();
    let listed =
        web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, register, &wanted)).await?;
    let new = format!("/admin/{}/new", register.key);
    let body = html! {
        p.quiet { (register.help) }
        (search(register, &asked))
        @if listed.entries.is_empty() { (none(register, &asked)) } @else { (table(register, &listed, visit.now())) }
        (more(register, &asked, &listed))
    };
    let sheet = Sheet {
        actions: listed.desk.manages.then(|| button_link(&new, "New", Some("plus"), true)),
        ..Sheet::new(register.label_plural, body)
    };
    Ok(listed.desk.page(&web, &visit, &sheet))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    asked: &Asked,
) -> mainstay_desk::Result<Listed> {
    let listing = EntryListing {
        name_contains: Some(asked.q.trim().to_owned()).filter(|q| !q.is_empty()),
        with_retired: asked.retired.is_some(),
        after: asked.after.clone().zip(asked.after_id),
        limit: ON_A_PAGE + 1,
    };
    let mut found = door::list(session.conn, caller, register, &listing)?;
    let most = usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let ids = found.iter().flat_map(|entry| references(register, entry));
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let desk = Desk::load(session, caller, Some(register))?;
    let people: Vec<i64> = found.iter().map(|entry| entry.id).collect();
    let sign_ins = if register.key == PEOPLE.key && desk.manages_people {
        Some(access::last_sign_ins(session, caller, &people)?)
    } else {
        None
    };
    Ok(Listed { desk, entries: found, names, keyed: Keyed::of(session), sign_ins, more })
}

fn references<'a>(register: &'static Register, entry: &'a Entry) -> impl Iterator<Item = i64> + 'a {
    shown(register).filter(|field| field.register().is_some()).flat_map(|field| {
        let value = entry.value(field.key);
        value.as_int().into_iter().chain(value.as_list().iter().filter_map(Value::as_int))
    })
}

fn shown(register: &'static Register) -> impl Iterator<Item = &'static FieldDef> {
    register.fields.iter().filter(|field| field.in_list)
}

fn search(register: &Register, asked: &Asked) -> Markup {
    html! {
        form.admin-search role="search" action={ "/admin/" (register.key) } {
            label.sr for="q" { "Name contains" }
            input.control #q type="search" name="q" value=(asked.q) dir="auto" placeholder="Name contains";
            label.option for="retired" {
                input.check #retired type="checkbox" name="retired" value="1" checked[asked.retired.is_some()];
                span { "With retired" }
            }
            button.btn type="submit" { (icon_small("search")) "Search" }
        }
    }
}

fn table(register: &'static Register, listed: &Listed, now: i64) -> Markup {
    let mut columns = vec![Column { label: "Name".into(), ..Column::default() }];
    columns.extend(shown(register).map(|field| Column { label: field.label.into(), ..Column::default() }));
    columns.extend(listed.sign_ins.as_ref().map(|_| Column { label: "Last sign-in".into(), ..Column::default() }));
    let reader = Reader::new(&listed.names, &listed.desk.frame.zone);
    let signed_in = |sign_ins: &HashMap<i64, i64>, entry: &Entry| {
        let at = sign_ins.get(&entry.id).map(|at| time(*at, &listed.desk.frame.zone, now));
        at.unwrap_or_else(|| html! { span.quiet { "Never" } })
    };
    let rows: Vec<Row> = listed
        .entries
        .iter()
        .map(|entry| {
            let name = html! {
                span.line {
                    a.link href=(place(register, entry.id)) dir="auto" { (shipped(register, &entry.name)) }
                    @if listed.desk.demo.contains(&entry.id) { (demo_badge()) }
                    @if !entry.active { (out_of_use(entry)) }
                }
            };
            let values = shown(register).map(|field| {
                let words = listed.keyed.label(entry, field.key);
                let words = words.or_else(|| reader.words(field, entry.value(field.key)));
                html! { @if let Some(words) = words { bdi { (words) } } }
            });
            let last = listed.sign_ins.as_ref().map(|sign_ins| signed_in(sign_ins, entry));
            let cells = std::iter::once(name).chain(values).chain(last).collect();
            Row { id: format!("entry-{}", entry.id).into(), cells, ..Row::default() }
        })
        .collect();
    data_table(register.label_plural, &columns, &rows)
}

/// The name of an entry; what was shipped and nobody renamed is in the catalogue, people are called what they are called.
fn shipped<'a>(register: &Register, name: &'a str) -> &'a str {
    if register.key == PEOPLE.key { name } else { t(name) }
}

fn none(register: &Register, asked: &Asked) -> Markup {
    let place = format!("/admin/{}", register.key);
    if asked.q.trim().is_empty() {
        return nothing(Nothing::Yet, "Nothing yet", register.help, &html! {}, None);
    }
    let clear = button_link(&place, "Show all", None, false);
    nothing(Nothing::Filtered, "No name contains that", "Retired entries show only when asked for.", &clear, None)
}

fn more(register: &Register, asked: &Asked, listed: &Listed) -> Markup {
    let Some(last) = listed.entries.last().filter(|_| listed.more) else { return Markup::default() };
    let id = last.id.to_string();
    let mut pairs = vec![("q", asked.q.as_str()), ("after", last.name.as_str()), ("after_id", id.as_str())];
    pairs.extend(asked.retired.as_deref().map(|retired| ("retired", retired)));
    let next = with_query(&format!("/admin/{}", register.key), pairs);
    pages(&tn(listed.entries.len(), "{n} shown", "{n} shown"), None, Some(&next))
}
