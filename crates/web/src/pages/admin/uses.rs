//! What an entry is used for.

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_desk::uses::{self, MOST_RECORDS, Records, Referrer};
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::register::{Entry, Register};
use mainstay_markup::html;
use mainstay_words::{inside, t};
use maud::Markup;

use super::desk::{Desk, Sheet, USES, place};
use super::register_of;
use crate::address::with_query;
use crate::components::{Nothing, nothing};
use crate::failure::Failure;
use crate::pages::frame::capped;
use crate::session::Visit;
use crate::web::Web;

struct Used {
    desk: Desk,
    entry: Entry,
    referrers: Vec<Referrer>,
    records: Vec<Records>,
}

/// `GET /admin/{register}/{id}/uses`
pub async fn show(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let used = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, register, id)).await?;
    let body = html! {
        @if used.records.is_empty() && used.referrers.is_empty() {
            (nothing(Nothing::Yet, "Nothing refers to it", "It can be retired without consequence.", &html! {}, None))
        }
        @if !used.records.is_empty() { (records(&used.records)) }
        @if !used.referrers.is_empty() { (referrers(&used.referrers)) }
    };
    Ok(used.desk.page(&web, &visit, &Sheet::of(&used.desk, register, &used.entry, USES, body)))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
) -> mainstay_desk::Result<Used> {
    Ok(Used {
        desk: Desk::load(session, caller, Some(register))?,
        entry: door::get(session.conn, caller, register, id)?,
        referrers: uses::entries_of(session, caller, register, id)?,
        records: uses::records_of(session, caller, register, id)?,
    })
}

fn records(records: &[Records]) -> Markup {
    html! {
        section aria-labelledby="records" {
            h2 #records { "Records" }
            ul.card.news {
                @for each in records {
                    @let list = with_query(&format!("/{}", each.process.plural), [("filter", each.condition.as_str())]);
                    li { a.name href=(list) { (capped(each.count, MOST_RECORDS)) " " (inside(each.process.label_plural)) } " " span.quiet { "· " (each.field.label) } }
                }
            }
        }
    }
}

fn referrers(referrers: &[Referrer]) -> Markup {
    html! {
        section aria-labelledby="entries" {
            h2 #entries { "Configuration" }
            ul.card.news {
                @for each in referrers {
                    li { a.name href=(place(each.register, each.id)) dir="auto" { (t(&each.name)) } " " span.quiet { (each.register.label) " · " (label(each)) } }
                }
            }
        }
    }
}

/// The name of the field that refers, with its column when it stands in a table.
fn label(referrer: &Referrer) -> String {
    let (key, column) = referrer.field.split_once('.').unwrap_or((&referrer.field, ""));
    let field = referrer.register.field(key).map_or(key, |field| t(field.label));
    if column.is_empty() { field.to_owned() } else { format!("{field} › {}", column.replace('_', " ")) }
}
