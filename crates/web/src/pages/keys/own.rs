//! A person's own keys: which work at all, and what each does.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::shortcuts::{self, Keys, Screen, Shortcut, Use};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;
use serde_json::{Map, Value as Json};

use crate::components::{Choice, Control, Field, TextKind, field, token_field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::around::Around;
use crate::pages::entrance::{error, summary};
use crate::pages::me::{self, SHORTCUTS};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /me/shortcuts`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None).await
}

async fn page(web: &Web, visit: &Visit, refused: Option<(&Form, &Refusal)>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((Around::of_staff(session, caller)?, shortcuts::of(session, caller)?))
    };
    let (around, keys) = web.read(visit, Channel::Desk, load).await?;
    let status = refused.map_or(StatusCode::OK, |(_, refusal)| status_of(refusal));
    Ok(me::page(web, visit, &around, SHORTCUTS, status, &form(&keys, visit, refused)))
}

fn form(keys: &Keys, visit: &Visit, refused: Option<(&Form, &Refusal)>) -> Markup {
    let refusal = refused.map(|(_, refusal)| refusal);
    html! {
        form.form.form-section.asks method="post" action="/me/shortcuts" {
            (token_field(visit.token()))
            (summary(refusal))
            (field(&used(keys, refused)))
            p.field-help { "Mod stands for Ctrl, and on a Mac for ⌘. Keys pressed one after the other have a blank between them, several ways the word “or”." }
            @for screen in Screen::ALL {
                h2 { (t(screen.words())) }
                div.shortcut-fields {
                    @for shortcut in shortcuts::ALL.iter().filter(|each| each.screen == screen) { (field(&key(keys, shortcut, refused))) }
                }
            }
            div.form-foot {
                button.btn.btn-primary type="submit" { "Save shortcuts" }
                @if !keys.is_shipped() { button.btn type="submit" name="_reset" value="1" { "Take those that are shipped" } }
            }
        }
    }
}

fn used(keys: &Keys, refused: Option<(&Form, &Refusal)>) -> Field<'static> {
    let now = refused.and_then(|(form, _)| Use::read(form.get("use")?)).unwrap_or(keys.used);
    let choice = |used: Use| {
        let (label, help) = match used {
            Use::All => ("All of them", None),
            Use::Modified => ("With Ctrl or ⌘", Some("Single letters get in the way of voice control.")),
            Use::Off => ("None", None),
        };
        Choice { help: help.map(Into::into), ..Choice::new(used.key(), label, used == now) }
    };
    let mut asked =
        Field::new("use", "Shortcuts that work", Control::Radios { options: Use::ALL.map(choice).to_vec() });
    asked.required = true;
    asked
}

fn key(keys: &Keys, shortcut: &'static Shortcut, refused: Option<(&Form, &Refusal)>) -> Field<'static> {
    let typed = refused.and_then(|(form, _)| form.get(shortcut.id)).map(str::to_owned);
    let value = typed.unwrap_or_else(|| keys.set_for(shortcut).to_owned());
    let control = Control::Text { value: value.into(), kind: TextKind::Plain, max_length: Some(60) };
    let mut asked = Field::new(shortcut.id, shortcut.words, control);
    asked.error = error(refused.map(|(_, refusal)| refusal), shortcut.id).map(|error| error.detail.clone().into());
    asked
}

/// `POST /me/shortcuts`
pub async fn set(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let (used, wanted) = asked(&form);
    let work = move |session: &mut Session<'_>, caller: &Caller| shortcuts::set(session, caller, used, &wanted);
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(_) => Ok(go_on("/me/shortcuts", Some(Flash::done("Your shortcuts are saved.")))),
        Err(Ok(refusal)) => page(&web, &visit, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

fn asked(form: &Form) -> (Use, Map<String, Json>) {
    let used = form.get("use").and_then(Use::read).unwrap_or_default();
    let own = form.pairs().filter(|(name, _)| *name != "use" && !name.starts_with('_'));
    let own = own.map(|(name, value)| (name.to_owned(), Json::from(value)));
    let wanted = if form.get("_reset").is_some() { Map::new() } else { own.collect() };
    (used, wanted)
}
