//! What there is to administer.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_words::t;
use maud::Markup;

use super::desk::{Desk, HOME, Sheet};
use crate::components::{Nothing, Tone, nothing, pill, tile};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// The registers that the viewer may open, those to change first.
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let (desk, open) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        @if open.is_empty() && !desk.audits {
            (nothing(Nothing::Forbidden, "Nothing to administer", "Your roles open none of the registers.", &html! {}, None))
        }
        div.admin-tiles {
            @if desk.installs {
                (card("rocket", "Getting started", "The first steps, ticked by what is there.", "/admin/start", true))
                (card("boxes", "Demo data", "What was made up to look around in, and the way out.", "/admin/demo", true))
            }
            @for (register, manages) in &open { (card(register.icon, register.label_plural, register.help, &format!("/admin/{}", register.key), *manages)) }
            @if open.iter().any(|(register, _)| register.key == registers::ROLES.key) {
                (card("list-checks", "Permissions", "Which role may do what, in one table.", "/admin/permissions", open.iter().any(|(register, manages)| *manages && register.key == registers::ROLES.key)))
            }
            @if desk.audits { (card("history", "Audit", "Who changed configuration and accounts, and when.", "/admin/audit", false)) }
        }
    };
    Ok(desk.page(&web, &visit, &Sheet::new(HOME, body)))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<(Desk, Vec<(&'static Register, bool)>)> {
    let may = |register: &Register, action: &str| caller.rights.may(register.key, action, None);
    let open = registers::ALL.iter().copied().filter(|register| may(register, "manage") || may(register, "view"));
    let open = open.map(|register| (register, may(register, "manage"))).collect();
    Ok((Desk::load(session, caller, None)?, open))
}

fn card(icon: &str, title: &str, help: &str, href: &str, manages: bool) -> Markup {
    html! {
        a.service href=(href) {
            (tile(icon, if manages { Tone::Blue } else { Tone::Plain }))
            span.grow { span { (t(title)) } small { (t(help)) } }
            @if manages { span.sr { "You may change these." } } @else { (pill(Tone::Plain, "Read")) }
        }
    }
}
