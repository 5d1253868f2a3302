//! By what one signs in, and where one is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::auth::accounts::{self, Totp};
use mainstay_desk::auth::sessions::{self, Live};
use mainstay_desk::auth::{Denied, Password, Secret, cookie};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::SECURITY;
use crate::components::{Control, Field, TextKind, Tone, field, moment_within, pill, qr, token_field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, add_cookie, go_on};
use crate::form::Form;
use crate::pages::around::Around;
use crate::pages::entrance::{button_form, error, new_password, signed_out, summary};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// Which of the page's forms was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Password,
    Codes,
}

/// What the page shows.
struct Doors {
    around: Around,
    zone: TimeZone,
    live: Vec<Live>,
    totp: Totp,
    email: String,
}

/// `GET /me/security`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None).await
}

async fn page(web: &Web, visit: &Visit, refused: Option<(About, &Refusal)>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let me = caller.person_id().unwrap_or_default();
        let account = accounts::of(session.conn, me)?;
        Ok(Doors {
            around: Around::load(session, caller)?,
            zone: caller.zone(),
            live: sessions::list(session.conn, me, session.now)?,
            totp: account.totp,
            email: account.email,
        })
    };
    let doors = web.read(visit, Channel::Desk, load).await?;
    let about = |which: About| refused.filter(|(about, _)| *about == which).map(|(_, refusal)| refusal);
    let body = html! {
        (password_form(visit, about(About::Password)))
        (codes(web, visit, &doors, about(About::Codes)))
        (list(web, visit, &doors))
    };
    let status = refused.map_or(StatusCode::OK, |(_, refusal)| status_of(refusal));
    Ok(super::page(web, visit, &doors.around, SECURITY, status, &body))
}

/// The question for the password that is in force.
fn present(name: &'static str, refusal: Option<&Refusal>) -> Field<'static> {
    let control = Control::Text { value: "".into(), kind: TextKind::Password, max_length: None };
    let mut asked = Field::new(name, "Present password", control);
    asked.required = true;
    asked.error = error(refusal, "current_password").map(|error| error.detail.clone().into());
    asked
}

fn password_form(visit: &Visit, refusal: Option<&Refusal>) -> Markup {
    html! {
        form #password .form.form-section method="post" action="/me/password" {
            h2 { "Password" }
            (summary(refusal))
            (token_field(visit.token()))
            (field(&present("current_password", refusal)))
            (field(&new_password(refusal)))
            div.form-foot { button.btn.btn-primary type="submit" { "Change password" } }
            p.quiet { "You stay signed in here; every other browser has to sign in again." }
        }
    }
}

fn codes(web: &Web, visit: &Visit, doors: &Doors, refusal: Option<&Refusal>) -> Markup {
    let (state, body) = match &doors.totp {
        Totp::Off => (pill(Tone::Plain, "Off"), begin(visit, refusal)),
        Totp::Begun(secret) => {
            let uri = secret.uri(web.site(), &doors.email);
            let shown = html! {
                ol.codes-steps {
                    li { "Scan this picture with your authenticator, or" " " a.link href=(uri) { "open it on this device" } "."
                        @if let Some(picture) = qr(&uri, "The secret below as a QR code") { div { (picture) } }
                    }
                    li { "Without a camera, type this secret: " code { (spaced(&secret.base32())) } }
                    li { "Type the code that the authenticator shows." }
                }
                (confirm(visit, refusal))
            };
            (pill(Tone::Amber, "Begun"), shown)
        }
        Totp::On { .. } | Totp::Damaged => (pill(Tone::Green, "On"), remove(visit, refusal)),
    };
    html! {
        section.form.form-section aria-labelledby="codes" {
            h2 #codes .line { "One-time codes" (state) }
            p.quiet { "A second proof besides the password: a code of six digits from an authenticator." }
            (body)
        }
    }
}

/// Groups of four letters are easier to type.
fn spaced(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn begin(visit: &Visit, refusal: Option<&Refusal>) -> Markup {
    html! {
        form.form method="post" action="/me/codes" {
            (summary(refusal))
            (token_field(visit.token()))
            (field(&present("proof", refusal)))
            div.form-foot { button.btn type="submit" { "Turn on" } }
        }
    }
}

fn confirm(visit: &Visit, refusal: Option<&Refusal>) -> Markup {
    let control = Control::Text { value: "".into(), kind: TextKind::OneTimeCode, max_length: Some(10) };
    let mut code = Field::new("code", "Code", control);
    code.required = true;
    html! {
        form.form method="post" action="/me/codes/confirm" {
            (summary(refusal))
            (token_field(visit.token()))
            (field(&code))
            div.form-foot { button.btn.btn-primary type="submit" { "Confirm" } }
        }
    }
}

fn remove(visit: &Visit, refusal: Option<&Refusal>) -> Markup {
    html! {
        form.form method="post" action="/me/codes/remove" {
            (summary(refusal))
            (token_field(visit.token()))
            (field(&present("proof", refusal)))
            div.form-foot { button.btn.btn-danger type="submit" { "Turn off" } }
        }
    }
}

fn list(web: &Web, visit: &Visit, doors: &Doors) -> Markup {
    let key = web.entrance().key();
    html! {
        section.form-section aria-labelledby="sessions" {
            h2 #sessions { "Where you are signed in" }
            ul.card.news {
                @for live in &doors.live {
                    @let here = live.digest == visit.live.digest;
                    li { div.with-deeds {
                        div {
                            div.clip { bdi { (browser(&live.agent)) } " · " bdi { (live.address) } }
                            div.quiet { "since" " " (moment_within(live.created, &doors.zone, visit.now())) ", " "last seen" " " (moment_within(live.seen, &doors.zone, visit.now())) }
                        }
                        @if here { (pill(Tone::Green, "This browser")) }
                        @else {
                            form method="post" action="/me/sessions/end" {
                                (token_field(visit.token()))
                                input type="hidden" name="session" value=(live.name(key));
                                button.btn.btn-s type="submit" { "End" span.sr { ": " (browser(&live.agent)) } }
                            }
                        }
                    } }
                }
            }
            div.form-foot { (button_form("/me/sessions/end-all", visit.token(), "Sign out everywhere", true)) }
        }
    }
}

/// The name of a browser and its system, as far as its own words tell.
#[must_use]
pub fn browser(agent: &str) -> String {
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let program = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => tf("{program} on {system}", &[("program", &program), ("system", &system)]),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => t("Another program").to_owned(),
    }
}

/// `POST /me/password`
pub async fn password(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let typed = |name: &str| Password::new(form.get(name).unwrap_or_default());
    let (current, new) = (typed("current_password"), typed("password"));
    let visitor = &visit.arrival.visitor;
    let changed = web.entrance().change_password(visitor, &current, &new, visit.now(), web.entropy()).await;
    renewed(&web, &visit, changed, About::Password, "Your password is changed.").await
}

/// `POST /me/codes`
pub async fn begin_codes(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let visitor = &visit.arrival.visitor;
    let begun = web.entrance().begin_totp(visitor, &proof(&form), visit.now(), web.entropy()).await;
    match begun.map_err(Failure::from).map_err(Failure::for_form) {
        Ok(_) => Ok(go_on("/me/security", Some(Flash::done("Now add the secret to your authenticator.")))),
        Err(Ok(refusal)) => page(&web, &visit, Some((About::Codes, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

fn proof(form: &Form) -> Password {
    Password::new(form.get("proof").unwrap_or_default())
}

/// `POST /me/codes/confirm`
pub async fn confirm_codes(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let code = form.get("code").unwrap_or_default();
    let confirmed = web.entrance().confirm_totp(&visit.arrival.visitor, code, visit.now(), web.entropy()).await;
    renewed(&web, &visit, confirmed, About::Codes, "One-time codes are on.").await
}

/// `POST /me/codes/remove`
pub async fn remove_codes(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let visitor = &visit.arrival.visitor;
    let removed = web.entrance().remove_totp(visitor, &proof(&form), visit.now(), web.entropy()).await;
    renewed(&web, &visit, removed, About::Codes, "One-time codes are off.").await
}

/// What changes by what one signs in gives this browser a new secret.
async fn renewed(
    web: &Web,
    visit: &Visit,
    done: Result<Secret, Denied>,
    about: About,
    words: &str,
) -> Result<Response, Failure> {
    match done.map_err(Failure::from).map_err(Failure::for_form) {
        Ok(secret) => {
            let mut response = go_on("/me/security", Some(Flash::done(words)));
            let lasts = web.entrance().limits().absolute_ms;
            add_cookie(&mut response, &cookie::keep(cookie::SESSION, secret.reveal(), lasts));
            Ok(response)
        }
        Err(Ok(refusal)) => page(web, visit, Some((about, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

/// `POST /me/sessions/end`
pub async fn end_session(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let (key, name) = (web.entrance().key().clone(), form.get("session").unwrap_or_default().to_owned());
    let (person, now) = (visit.live.person, visit.now());
    let ended = web.desk().db().write(move |conn| sessions::end_named(conn, &key, person, &name, now)).await?;
    let flash =
        if ended { Flash::done("That session is ended.") } else { Flash::failed("That session had ended already.") };
    Ok(go_on("/me/security", Some(flash)))
}

/// `POST /me/sessions/end-all`
pub async fn end_all(State(web): State<Web>, Posted { visit, .. }: Posted) -> Result<Response, Failure> {
    web.entrance().sign_out_everywhere(visit.live.person, visit.occasion()).await?;
    Ok(signed_out("You are signed out everywhere."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1"), "Safari on iPhone");
        assert_eq!(browser("<script>"), "Another program");
        assert_eq!(spaced("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
