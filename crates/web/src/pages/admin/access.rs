//! How a person gets in: link, codes, sessions, and an end to it.

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_desk::access::{self, Access};
use mainstay_desk::auth::Secret;
use mainstay_desk::auth::links::Errand;
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::PEOPLE;
use mainstay_words::{tf, tn};
use maud::Markup;

use super::desk::{ACCESS, Desk, Sheet};
use crate::components::{Banner, Tone, Weight, banner, moment_within, pill, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::pages::entrance::button_form;
use crate::pages::me::browser;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The page of a person's ways in.
struct Ways {
    desk: Desk,
    entry: Entry,
    access: Access,
}

impl Ways {
    fn load(session: &mut Session<'_>, caller: &Caller, id: i64) -> mainstay_desk::Result<Self> {
        Ok(Self {
            desk: Desk::load(session, caller, Some(&PEOPLE))?,
            entry: door::get(session.conn, caller, &PEOPLE, id)?,
            access: access::of(session, caller, id)?,
        })
    }

    fn page(&self, web: &Web, visit: &Visit, link: Option<&Link>) -> Response {
        let body = html! {
            @if let Some(link) = link { (link.shown()) }
            section.form-section aria-labelledby="account" {
                h2.line #account { "Account" " " @if self.access.enabled { (pill(Tone::Green, "Enabled")) } @else { (pill(Tone::Red, "Cannot sign in")) } }
                p.quiet { bdi { (self.access.email) } ", " @if self.access.has_password { "with a password" } @else { "no password yet" } }
                p.quiet {
                    @match self.access.last_sign_in {
                        Some(at) => { "Last signed in" " " (moment_within(at, &self.desk.frame.zone, visit.now())) }
                        None => { "Never signed in" }
                    }
                }
                div.btn-row {
                    (self.link_form(visit))
                    @if self.access.enabled { (self.button(visit, "disable", "Disable", true)) } @else { (self.button(visit, "enable", "Enable", false)) }
                }
                p.field-help { "Whoever is disabled is signed out at once; their links and tokens stop working." }
            }
            section.form-section aria-labelledby="codes" {
                h2.line #codes { "One-time codes" " " @if self.access.asks_code { (pill(Tone::Green, "On")) } @else { (pill(Tone::Plain, "Off")) } }
                @if self.access.asks_code {
                    p.quiet { "Turn them off when the authenticator is lost. The person sets up a new one after signing in." }
                    div.btn-row { (self.button(visit, "remove-codes", "Turn off", true)) }
                }
            }
            (self.sessions(visit))
        };
        self.desk.page(web, visit, &Sheet::of(&self.desk, &PEOPLE, &self.entry, ACCESS, body))
    }

    fn button(&self, visit: &Visit, act: &str, label: &str, danger: bool) -> Markup {
        button_form(&format!("/admin/access/{}/{act}", self.entry.id), visit.token(), label, danger)
    }

    /// The answer shows a secret once, so it is a page and no redirect, and no script keeps it.
    fn link_form(&self, visit: &Visit) -> Markup {
        let label =
            if self.access.has_password { "Link to set a new password" } else { "Link to set the first password" };
        html! {
            form method="post" action={ "/admin/access/" (self.entry.id) "/link" } data-turbo="false" {
                (token_field(visit.token()))
                button.btn.btn-primary type="submit" { (label) }
            }
        }
    }

    fn sessions(&self, visit: &Visit) -> Markup {
        let zone = &self.desk.frame.zone;
        html! {
            section.form-section aria-labelledby="sessions" {
                h2 #sessions { "Sessions" }
                @if self.access.sessions.is_empty() {
                    p.quiet { "Signed in nowhere" }
                } @else {
                    ul.card.news {
                        @for live in &self.access.sessions {
                            li {
                                div.clip title=(live.agent) { (browser(&live.agent)) }
                                div.quiet { bdi { (live.address) } ", " "since" " " (moment_within(live.created, zone, visit.now())) ", " "last seen" " " (moment_within(live.seen, zone, visit.now())) }
                            }
                        }
                    }
                    div.btn-row { (self.button(visit, "sign-out", "Sign out everywhere", true)) }
                }
            }
        }
    }
}

/// A link that was just made.
struct Link {
    address: String,
    errand: Errand,
}

impl Link {
    fn shown(&self) -> Markup {
        let hours = self.errand.lasts_ms() / 3_600_000;
        let lasts = if hours < 48 { tn(hours, "one hour", "{n} hours") } else { tn(hours / 24, "{n} day", "{n} days") };
        html! {
            (banner(&Banner {
                weight: Weight::Success,
                title: "The link, shown only now".into(),
                text: tf("Give it to the person and to nobody else. It works once, within {lasts}.", &[("lasts", &lasts)]).into(),
                ..Banner::default()
            }))
            p.admin-secret { label.sr for="link" { "Link" } input.control #link readonly value=(self.address) autocomplete="off"; }
        }
    }
}

/// `GET /admin/access/{id}`
pub async fn show(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    Ok(ways(&web, &visit, id).await?.page(&web, &visit, None))
}

async fn ways(web: &Web, visit: &Visit, id: i64) -> Result<Ways, Failure> {
    web.read(visit, Channel::Desk, move |session, caller| Ways::load(session, caller, id)).await
}

/// `POST /admin/access/{id}/{act}`
pub async fn take(
    State(web): State<Web>,
    Path((id, act)): Path<(i64, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let visit = posted.visit;
    if act == "link" {
        return link(&web, &visit, id).await;
    }
    let work = move |session: &mut Session<'_>, caller: &Caller| -> mainstay_desk::Result<Option<&'static str>> {
        match act.as_str() {
            "disable" => access::disable(session, caller, id)?,
            "enable" => access::enable(session, caller, id)?,
            "remove-codes" => access::remove_codes(session, caller, id)?,
            "sign-out" => {
                access::end_sessions(session, caller, id)?;
            }
            _ => return Ok(None),
        }
        Ok(Some("Done"))
    };
    let place = format!("/admin/access/{id}");
    match web.write(&visit, Channel::Desk, work).await {
        Ok(Some(words)) => Ok(go_on(&place, Some(Flash::done(words)))),
        Ok(None) => Err(Failure::missing()),
        Err(failure) => {
            let says = failure.refusal().map(|refusal| refusal.detail.clone());
            says.map(|says| go_on(&place, Some(Flash::failed(says)))).ok_or(failure)
        }
    }
}

async fn link(web: &Web, visit: &Visit, id: i64) -> Result<Response, Failure> {
    let secret = Secret::draw(web.entropy());
    let (key, drawn) = (web.entrance().key().clone(), secret.clone());
    let made =
        web.write(visit, Channel::Desk, move |session, caller| access::issue_link(session, caller, &key, &drawn, id));
    let errand = match made.await {
        Ok(errand) => errand,
        Err(failure) => {
            let says = failure.refusal().map(|refusal| refusal.detail.clone());
            let back = says.map(|says| go_on(&format!("/admin/access/{id}"), Some(Flash::failed(says))));
            return back.ok_or(failure);
        }
    };
    let room = if errand == Errand::Invitation { "invitation" } else { "password" };
    let address = format!("{}/{room}/{}", web.base_url(), secret.reveal());
    Ok(ways(web, visit, id).await?.page(web, visit, Some(&Link { address, errand })))
}
