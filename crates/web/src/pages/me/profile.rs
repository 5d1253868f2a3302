//! Who one is here, and how pages look and speak: colours, density, language, time zone.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::looks::{self, Looks};
use mainstay_desk::{Caller, Channel, Session, profile, writing};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::Language;
use maud::Markup;

use super::PROFILE;
use crate::components::{Choice, Control, Field, Property, absolute, field, properties_plain, token_field, value_text};
use crate::failure::{Failure, status_of};
use crate::fields::zone_picker;
use crate::flash::{Flash, add_cookie, go_on};
use crate::pages::around::Around;
use crate::pages::entrance::{error, summary};
use crate::session::{Posted, Visit};
use crate::viewing::{Folded, Look};
use crate::web::Web;

/// What the directory knows of a person.
struct Known {
    around: Around,
    name: String,
    email: String,
    zone: String,
    language: Option<String>,
}

/// `GET /me`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None, None).await
}

async fn page(web: &Web, visit: &Visit, typed: Option<&str>, refusal: Option<&Refusal>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let person = caller.person.clone();
        Ok(Known {
            around: Around::load(session, caller)?,
            name: person.as_ref().map(|person| person.name.clone()).unwrap_or_default(),
            email: person.as_ref().map(|person| person.email.clone()).unwrap_or_default(),
            language: person.as_ref().and_then(|person| person.language.clone()),
            zone: person.map_or_else(|| "UTC".to_owned(), |person| person.zone),
        })
    };
    let known = web.read(visit, Channel::Desk, load).await?;
    let body = html! {
        (facts(&known, visit))
        (looks_form(visit))
        (language_form(&known, web, visit))
        (zone_form(&known, visit, typed, refusal))
    };
    Ok(super::page(web, visit, &known.around, PROFILE, refusal.map_or(StatusCode::OK, status_of), &body))
}

fn facts(known: &Known, visit: &Visit) -> Markup {
    let zone = jiff::tz::TimeZone::get(&known.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let line = |label: &'static str, value: &str| Property {
        key: label.to_lowercase().replace(' ', "-").into(),
        label: label.into(),
        value: Some(value_text(value)),
        ..Property::default()
    };
    let lines =
        [line("Name", &known.name), line("E-mail", &known.email), line("Your time", &absolute(visit.now(), &zone))];
    html! { section.card.facts aria-label="You" { (properties_plain(&lines, true)) } }
}

fn looks_form(visit: &Visit) -> Markup {
    let look = visit.arrival.look;
    let choice = |value: &'static str, label: &'static str, now: &str| Choice::new(value, label, value == now);
    let themes = [("system", "As the device is set"), ("light", "Light"), ("dark", "Dark")];
    let densities = [("comfortable", "Comfortable"), ("compact", "Compact")];
    let radios = |name: &'static str, label: &'static str, all: &[(&'static str, &'static str)], now: &str| {
        let options = all.iter().map(|(value, label)| choice(value, label, now)).collect();
        let mut asked = Field::new(name, label, Control::Radios { options });
        asked.required = true;
        asked
    };
    html! {
        form.form.form-section method="post" action="/me/looks" {
            h2 { "Looks" }
            (token_field(visit.token()))
            (field(&radios("theme", "Colours", &themes, look.theme_word())))
            (field(&radios("density", "Density", &densities, look.density_word())))
            div.form-foot { button.btn.btn-primary type="submit" { "Save looks" } }
        }
    }
}

/// Every language in its own words, and the browser's wish for whoever has none.
fn language_form(known: &Known, web: &Web, visit: &Visit) -> Markup {
    let chosen = known.language.as_deref().and_then(|tag| web.language(tag));
    let languages = web.languages().iter();
    let mut options = vec![Choice::new("browser", "As the browser asks", chosen.is_none())];
    options.extend(languages.map(|each| Choice::new(each.tag(), each.name(), chosen == Some(*each))));
    let mut language = Field::new("language", "Language", Control::Select { options, blank: None });
    language.required = true;
    html! {
        form.form.form-section method="post" action="/me/language" {
            h2 { "Language" }
            (token_field(visit.token()))
            (field(&language))
            div.form-foot { button.btn.btn-primary type="submit" { "Save language" } }
        }
    }
}

fn zone_form(known: &Known, visit: &Visit, typed: Option<&str>, refusal: Option<&Refusal>) -> Markup {
    let value = typed.unwrap_or(&known.zone).to_owned();
    let mut zone = Field::new("zone", "Time zone", zone_picker(value));
    zone.required = true;
    zone.help = Some("Type a city near you, such as London. Every page and notice shows you times in it.".into());
    zone.error = error(refusal, "zone").map(|error| error.detail.clone().into());
    html! {
        form.form.form-section method="post" action="/me/zone" {
            h2 { "Time zone" }
            (summary(refusal))
            (token_field(visit.token()))
            (field(&zone))
            div.form-foot { button.btn.btn-primary type="submit" { "Save time zone" } }
        }
    }
}

/// `POST /me/looks`: kept with the person, and with the browser for pages before sign-in.
pub async fn looks(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let chosen = Looks::of(form.get("theme").unwrap_or_default(), form.get("density").unwrap_or_default())?;
    let work = move |session: &mut Session<'_>, caller: &Caller| looks::set(session, caller, chosen);
    web.write(&visit, Channel::Desk, work).await?;
    let look = Look { folded: visit.arrival.look.folded, ..Look::of(chosen.theme, chosen.density) };
    let mut response = go_on("/me", Some(Flash::done("Pages look so from now on, on every device.")));
    add_cookie(&mut response, &look.cookie());
    Ok(response)
}

/// `POST /me/panes`, by a script: which panes beside the record are folded away.
pub async fn panes(Posted { visit, form }: Posted) -> Response {
    let folded = Folded { list: form.filled("list").is_some(), rail: form.filled("rail").is_some() };
    let mut response = StatusCode::NO_CONTENT.into_response();
    add_cookie(&mut response, &Look { folded, ..visit.arrival.look }.cookie());
    response
}

/// `POST /me/writing`, by a script: how the person writes from now on.
pub async fn writing(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<StatusCode, Failure> {
    let rich = form.filled("rich").is_some();
    let work = move |session: &mut Session<'_>, caller: &Caller| writing::set(session, caller, rich);
    web.write(&visit, Channel::Desk, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /me/language`
pub async fn language(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let chosen = web.language(form.get("language").unwrap_or_default());
    let tag = chosen.map_or("", Language::tag);
    let work = move |session: &mut Session<'_>, caller: &Caller| profile::set_language(session, caller, tag);
    web.write(&visit, Channel::Desk, work).await?;
    Ok(go_on("/me", Some(Flash::done("Pages speak your language now."))))
}

/// `POST /me/zone`
pub async fn zone(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let typed = form.get("zone").unwrap_or_default().to_owned();
    let zone = typed.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| profile::set_zone(session, caller, &zone);
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(()) => Ok(go_on("/me", Some(Flash::done("Times are shown in your zone now.")))),
        Err(Ok(refusal)) => page(&web, &visit, Some(&typed), Some(&refusal)).await,
        Err(Err(failure)) => Err(failure),
    }
}
