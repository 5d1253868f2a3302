//! Which role may do what, in one table.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::{Caller, Channel, Session, rights};
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_processes::registers::ROLES;
use maud::Markup;

use super::desk::{Desk, Sheet};
use super::grids::areas;
use crate::components::{Column, Row, icon_small, matrix};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// `GET /admin/permissions`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let (desk, roles) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        p.quiet { "Ticks follow from the roles as they are now, stars included. A role is changed on its own page." }
        @for (key, label, permissions) in areas() {
            section id={ "area-" (key) } { h2 { (label) } (table(label, &permissions, &roles)) }
        }
    };
    let sheet =
        Sheet { above: vec![(ROLES.label_plural, format!("/admin/{}", ROLES.key))], ..Sheet::new("Permissions", body) };
    Ok(desk.page(&web, &visit, &sheet))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<(Desk, Vec<Entry>)> {
    let listing = EntryListing { limit: 200, ..EntryListing::default() };
    Ok((Desk::load(session, caller, Some(&ROLES))?, door::list(session.conn, caller, &ROLES, &listing)?))
}

fn table(label: &str, permissions: &[String], roles: &[Entry]) -> Markup {
    let mut columns = vec![Column { label: "Permission".into(), ..Column::default() }];
    columns.extend(roles.iter().map(|role| Column { label: role.name.as_str().into(), ..Column::default() }));
    let rows: Vec<Row> = permissions
        .iter()
        .map(|permission| {
            let name = html! { code { (permission) } };
            let ticks = roles.iter().map(|role| tick(role, permission));
            Row { cells: std::iter::once(name).chain(ticks).collect(), ..Row::default() }
        })
        .collect();
    matrix(label, &columns, &rows)
}

fn tick(role: &Entry, permission: &str) -> Markup {
    let (area, action) = permission.split_once('.').unwrap_or((permission, ""));
    let granted = role.value("permissions").as_list().iter().filter_map(Value::as_text);
    let may = granted.into_iter().any(|each| rights::matches(each, area, action));
    html! { @if may { span.ink-green { (icon_small("check")) } span.sr { "Yes" } } @else { span.sr { "No" } } }
}
