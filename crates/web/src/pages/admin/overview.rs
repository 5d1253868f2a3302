//! What there is to administer.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::{
    self, CALENDARS, CATEGORIES, MACROS, MATRICES, ORGANISATIONS, PEOPLE, ROLES, SERVICE_LEVELS, SERVICES,
    SIGN_IN_RULES, TEAMS, TEMPLATES, VIEWS,
};
use mainstay_words::t;
use maud::Markup;

use super::desk::{Desk, HOME, Sheet};
use crate::components::{Nothing, Tone, nothing, pill, tile};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// What belongs together, in the order in which a new house is set up; what stands nowhere else is about work.
static GROUPS: [(&str, &[&Register]); 4] = [
    ("People and rights", &[&PEOPLE, &TEAMS, &ORGANISATIONS, &ROLES, &SIGN_IN_RULES]),
    ("Services and targets", &[&SERVICES, &CATEGORIES, &CALENDARS, &SERVICE_LEVELS, &MATRICES]),
    ("Work", &[]),
    ("Words and lists", &[&TEMPLATES, &MACROS, &VIEWS]),
];

/// The registers that the viewer may open, group by group.
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let (desk, open) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        @if open.is_empty() && !desk.exports {
            (nothing(Nothing::Forbidden, "Nothing to administer", "Your roles open none of the registers.", &html! {}, None))
        }
        @if desk.installs {
            div.admin-tiles {
                (card("rocket", "Getting started", "The first steps, ticked by what is there.", "/admin/start", true))
                (card("boxes", "Demo data", "What was made up to look around in, and the way out.", "/admin/demo", true))
            }
        }
        @for (title, members) in &GROUPS {
            @let all: Vec<_> = open.iter().filter(|(register, _)| belongs(register, members)).collect();
            @if !all.is_empty() {
                section {
                    h2 { (t(title)) }
                    div.admin-tiles {
                        @for (register, manages) in all {
                            (card(register.icon, register.label_plural, register.help, &format!("/admin/{}", register.key), *manages))
                            @if register.key == ROLES.key { (card("list-checks", "Permissions", "Which role may do what, in one table.", "/admin/permissions", *manages)) }
                        }
                    }
                }
            }
        }
        @if desk.exports {
            section {
                h2 { "Oversight" }
                div.admin-tiles {
                    @if desk.audits { (card("history", "Audit", "Who changed configuration and accounts, and when.", "/admin/audit", false)) }
                    (card("clock", "Regular exports", "Which lists and reports go to whom, what for, and whether they came.", "/admin/exports", false))
                }
            }
        }
    };
    Ok(desk.page(&web, &visit, &Sheet::new(HOME, body)))
}

fn belongs(register: &Register, members: &[&Register]) -> bool {
    let is_of = |members: &[&Register]| members.iter().any(|member| member.key == register.key);
    if members.is_empty() { !GROUPS.iter().any(|(_, members)| is_of(members)) } else { is_of(members) }
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
