//! The API tokens of a person, for programs that act as them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::access::{self, Access};
use mainstay_desk::auth::tokens::{Drawn, NewToken, Token};
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::PEOPLE;
use mainstay_words::t;
use maud::Markup;

use super::desk::{Desk, Sheet, TOKENS};
use crate::components::{
    Banner, Column, Control, Field, Row, TextKind, Tone, Weight, banner, data_table, field, moment, pill, token_field,
};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::{error, summary};
use crate::session::{Posted, Visit};
use crate::web::Web;

const DAY_MS: i64 = 86_400_000;
/// Days that a token lasts unless asked for otherwise.
const USUAL_DAYS: &str = "365";

struct Purse {
    desk: Desk,
    entry: Entry,
    access: Access,
}

impl Purse {
    fn load(session: &mut Session<'_>, caller: &Caller, id: i64) -> mainstay_desk::Result<Self> {
        Ok(Self {
            desk: Desk::load(session, caller, Some(&PEOPLE))?,
            entry: door::get(session.conn, caller, &PEOPLE, id)?,
            access: access::of(session, caller, id)?,
        })
    }

    fn page(&self, web: &Web, visit: &Visit, form: &Form, made: Option<&str>, refused: Option<&Refusal>) -> Response {
        let body = html! {
            @if let Some(token) = made { (shown(token)) }
            (self.table(visit))
            (self.form(visit, form, refused))
        };
        let status = refused.map_or(StatusCode::OK, status_of);
        let sheet = Sheet { status, ..Sheet::of(&self.desk, &PEOPLE, &self.entry, TOKENS, body) };
        self.desk.page(web, visit, &sheet)
    }

    fn table(&self, visit: &Visit) -> Markup {
        let columns = ["Name", "Scopes", "Made", "Last used", "Until", "State"];
        let columns = columns.map(|label| Column { label: label.into(), ..Column::default() });
        let rows: Vec<Row> = self.access.tokens.iter().map(|token| self.row(visit, token)).collect();
        html! { @if rows.is_empty() { p.quiet { "No token yet" } } @else { (data_table("API tokens", &columns, &rows)) } }
    }

    fn row<'a>(&self, visit: &Visit, token: &'a Token) -> Row<'a> {
        let zone = &self.desk.frame.zone;
        let when = |at: Option<i64>, none: &str| html! { @match at { Some(at) => (moment(at, zone, visit.now())), None => (t(none)) } };
        let over = token.expires.is_some_and(|end| end <= visit.now());
        let state = html! {
            @if token.revoked.is_some() { (pill(Tone::Plain, "Revoked")) }
            @else if over { (pill(Tone::Plain, "Expired")) }
            @else {
                form method="post" action={ "/admin/tokens/" (self.entry.id) "/revoke" } {
                    (token_field(visit.token()))
                    input type="hidden" name="token" value=(token.id);
                    button.btn.btn-s type="submit" { "Revoke" span.sr { " " (token.name) } }
                }
            }
        };
        Row {
            id: format!("token-{}", token.id).into(),
            cells: vec![
                html! { bdi { (token.name) } },
                html! { (token.scopes.join(", ")) },
                when(Some(token.created), ""),
                when(token.used, "Never"),
                when(token.expires, "Revoked"),
                state,
            ],
            ..Row::default()
        }
    }

    fn form(&self, visit: &Visit, form: &Form, refused: Option<&Refusal>) -> Markup {
        let text = |name: &'static str, label: &'static str, help: &'static str, usual: &str| {
            let value = form.get(name).unwrap_or(usual).to_owned();
            let control = Control::Text { value: value.into(), kind: TextKind::Plain, max_length: Some(500) };
            let error = error(refused, name).map(|error| error.detail.clone().into());
            Field { required: true, help: Some(help.into()), error, ..Field::new(name, label, control) }
        };
        let days = Control::Number {
            value: form.get("days").unwrap_or(USUAL_DAYS).to_owned().into(),
            min: Some("1".into()),
            max: Some("3650".into()),
            step: "1".into(),
            unit: Some("days".into()),
        };
        html! {
            form.form.form-section method="post" action={ "/admin/tokens/" (self.entry.id) } data-turbo="false" {
                h2 { "New token" }
                (token_field(visit.token()))
                (summary(refused))
                (field(&text("name", "Name", "What it is for", "")))
                (field(&text("scopes", "Scopes", "Such as read, write, * or people.view, separated by commas", "read")))
                (field(&Field { help: Some("Empty: until it is revoked".into()), ..Field::new("days", "Lasts", days) }))
                div.form-foot { button.btn.btn-primary type="submit" { "Make a token" } }
            }
        }
    }
}

fn shown(token: &str) -> Markup {
    html! {
        (banner(&Banner {
            weight: Weight::Success,
            title: "The token, shown only now".into(),
            text: "Put it into the program that uses it. It cannot be shown again.".into(),
            ..Banner::default()
        }))
        p.admin-secret { label.sr for="token" { "Token" } input.control #token readonly value=(token) autocomplete="off"; }
    }
}

async fn purse(web: &Web, visit: &Visit, id: i64) -> Result<Purse, Failure> {
    web.read(visit, Channel::Desk, move |session, caller| Purse::load(session, caller, id)).await
}

/// `GET /admin/tokens/{id}`
pub async fn show(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    Ok(purse(&web, &visit, id).await?.page(&web, &visit, &Form::default(), None, None))
}

/// `POST /admin/tokens/{id}`
pub async fn make(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let scopes = form.get("scopes").unwrap_or_default().split(',').map(str::trim).filter(|scope| !scope.is_empty());
    let new = NewToken {
        person: id,
        name: form.get("name").unwrap_or_default().to_owned(),
        scopes: scopes.map(str::to_owned).collect(),
        expires: form.number("days").map(|days| visit.now().saturating_add(days.saturating_mul(DAY_MS))),
    };
    let drawn = Drawn::new(web.entrance().key(), web.entropy());
    let secret = drawn.reveal();
    let made = web
        .write(&visit, Channel::Desk, move |session, caller| access::make_token(session, caller, &new, &drawn))
        .await;
    let purse = purse(&web, &visit, id).await?;
    match made {
        Ok(_) => Ok(purse.page(&web, &visit, &Form::default(), Some(&secret), None)),
        Err(failure) => Ok(purse.page(&web, &visit, &form, None, Some(&failure.for_form()?))),
    }
}

/// `POST /admin/tokens/{id}/revoke`
pub async fn revoke(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let token = posted.form.number("token").unwrap_or_default();
    web.write(&posted.visit, Channel::Desk, move |session, caller| access::revoke_token(session, caller, id, token))
        .await?;
    Ok(go_on(&format!("/admin/tokens/{id}"), Some(Flash::done("The token is revoked."))))
}
