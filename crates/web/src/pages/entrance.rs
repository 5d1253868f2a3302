//! Getting in and out: sign-in, sign-out, first administrator, invitations and new passwords.

use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use mainstay_desk::Channel;
use mainstay_desk::auth::links::{self, Errand};
use mainstay_desk::auth::{Claim, Denied, Occasion, Password, cookie, device, policy, sessions};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use crate::address;
use crate::components::{
    Control, Field, FieldError as Wrong, PortalShell, Step, TextKind, error_summary, field, icon_small, portal_shell,
    stepper, token_field,
};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, add_cookie, go_on};
use crate::form::Form;
use crate::layout::Side;
use crate::pages::portal::keep_for;
use crate::session::{Arrival, Posted, Sent};
use crate::viewing::document;
use crate::web::Web;

/// `GET /sign-in`
pub async fn ask(State(web): State<Web>, RawQuery(query): RawQuery, arrival: Arrival) -> Response {
    let pairs = address::pairs(&query.unwrap_or_default());
    let next = address::value(&pairs, "next").and_then(address::own).unwrap_or_default();
    sign_in_page(&web, &arrival, &Going { next, kept: "" }, "", None)
}

/// Where somebody goes once they are signed in, and what they had typed there.
#[derive(Clone, Copy)]
struct Going<'a> {
    next: &'a str,
    kept: &'a str,
}

/// The sign-in in the place of a form whose session had ended; what was typed goes along.
#[must_use]
pub fn ask_again(web: &Web, arrival: &Arrival, next: &str, form: &Form) -> Response {
    let mut response = sign_in_page(web, arrival, &Going { next, kept: &form.typed() }, "", None);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

/// `POST /sign-in`
pub async fn sign_in(State(web): State<Web>, Sent { arrival, form }: Sent) -> Result<Response, Failure> {
    let next = form.get("next").and_then(address::own).unwrap_or_default().to_owned();
    let kept = form.get("kept").unwrap_or_default();
    let going = Going { next: &next, kept };
    let email = form.get("email").unwrap_or_default().to_owned();
    let claim = Claim {
        email: email.clone(),
        password: Password::new(form.get("password").unwrap_or_default()),
        code: form.filled("code").map(str::to_owned),
        from: arrival.visitor.clone(),
    };
    match web.entrance().sign_in(&claim, arrival.now, web.entropy()).await {
        Ok(entered) => {
            if !kept.is_empty() {
                keep_for(&web, entered.session.reveal(), &next, kept).await?;
            }
            let mut response = go_on(if next.is_empty() { "/" } else { &next }, None);
            add_cookie(&mut response, &cookie::keep(cookie::SESSION, entered.session.reveal(), entered.lasts_ms));
            add_cookie(&mut response, &cookie::keep(cookie::DEVICE, &entered.device, device::KNOWN_FOR_MS));
            Ok(response)
        }
        Err(Denied::Failed(error)) => Err(error.into()),
        Err(denied) => {
            let (refusal, wait) = denied.into_refusal()?;
            let mut response = sign_in_page(&web, &arrival, &going, &email, Some(&refusal));
            if let Some(seconds) = wait {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Ok(response)
        }
    }
}

fn sign_in_page(web: &Web, arrival: &Arrival, going: &Going<'_>, email: &str, refusal: Option<&Refusal>) -> Response {
    let text = |name: &'static str, label: &'static str, value: &str, kind| {
        let control = Control::Text { value: value.to_owned().into(), kind, max_length: None };
        let mut asked = Field::new(name, label, control);
        asked.required = true;
        asked
    };
    let mut name = text("email", "E-mail", email, TextKind::Username);
    name.focused = true;
    let mut code = text("code", "One-time code", "", TextKind::OneTimeCode);
    code.required = false;
    code.help = Some("Only if you use an authenticator.".into());
    let body = html! {
        h1 tabindex="-1" { (tf("Sign in to {site}", &[("site", &web.site())])) }
        @if !going.kept.is_empty() { p { "You were signed out meanwhile. Sign in and go on: what you wrote is kept." } }
        form.card.form method="post" action="/sign-in" {
            (summary(refusal))
            input type="hidden" name="next" value=(going.next);
            @if !going.kept.is_empty() { input type="hidden" name="kept" value=(going.kept); }
            (field(&name))
            (field(&text("password", "Password", "", TextKind::Password)))
            (field(&code))
            div.form-foot { button.btn.btn-primary.btn-l type="submit" { "Sign in" } }
        }
        p.quiet { "Forgot your password? Your administrator can send you a link for a new one." }
    };
    outside(web, arrival, refusal.map_or(StatusCode::OK, status_of), "Sign in", &body)
}

/// `POST /sign-out`
pub async fn sign_out(State(web): State<Web>, Posted { visit, .. }: Posted) -> Result<Response, Failure> {
    let digest = visit.live.digest.clone();
    web.desk().db().write(move |conn| sessions::end(conn, &digest)).await.map_err(Failure::from)?;
    Ok(signed_out("You are signed out."))
}

/// The way out: the browser forgets the session, and of its pages it never kept any.
#[must_use]
pub fn signed_out(words: &str) -> Response {
    let mut response = go_on("/sign-in", Some(Flash::done(words)));
    add_cookie(&mut response, &cookie::forget(cookie::SESSION));
    response
}

/// `/set-up/{secret}`: once there has been an administrator it does not exist. Whatever is asked of it then, by whom and
/// from where, is answered like any other address that is no page.
pub async fn set_up(
    State(web): State<Web>,
    Path(secret): Path<String>,
    arrival: Arrival,
    request: Request,
) -> Result<Response, Failure> {
    if web.desk().db().read(links::is_installed).await.map_err(Failure::from)? {
        return Err(Failure::missing());
    }
    match *request.method() {
        Method::GET | Method::HEAD => {
            peek(&web, &secret, Errand::FirstAdministrator, arrival.now).await?;
            Ok(first_page(&web, &arrival, &secret, ["", ""], None))
        }
        Method::POST => make_first(&web, &secret, Sent::from_request(request, &web).await?).await,
        _ => Err(Failure::missing()),
    }
}

async fn make_first(web: &Web, secret: &str, Sent { arrival, form }: Sent) -> Result<Response, Failure> {
    let given = [form.filled("name").unwrap_or_default(), form.filled("email").unwrap_or_default()];
    let password = Password::new(form.get("password").unwrap_or_default());
    let by = Occasion { actor: None, channel: Channel::Desk, now: arrival.now };
    let made = web.entrance().first_administrator(web.desk(), secret, given[0], given[1], &password, by).await;
    match made.map_err(Failure::from).map_err(Failure::for_form) {
        Ok(_) => welcome(web, &arrival, given[1], password).await,
        Err(Ok(refusal)) => Ok(first_page(web, &arrival, secret, given, Some(&refusal))),
        Err(Err(failure)) => Err(failure),
    }
}

/// The first administrator is signed in at once and goes on with the set-up.
async fn welcome(web: &Web, arrival: &Arrival, email: &str, password: Password) -> Result<Response, Failure> {
    let claim = Claim { email: email.to_owned(), password, code: None, from: arrival.visitor.clone() };
    match web.entrance().sign_in(&claim, arrival.now, web.entropy()).await {
        Ok(entered) => {
            let mut response = go_on("/admin/start", None);
            add_cookie(&mut response, &cookie::keep(cookie::SESSION, entered.session.reveal(), entered.lasts_ms));
            add_cookie(&mut response, &cookie::keep(cookie::DEVICE, &entered.device, device::KNOWN_FOR_MS));
            Ok(response)
        }
        Err(_) => Ok(go_on("/sign-in", Some(Flash::done("You are the administrator. Sign in now.")))),
    }
}

fn first_page(web: &Web, arrival: &Arrival, secret: &str, given: [&str; 2], refusal: Option<&Refusal>) -> Response {
    let body = html! {
        div.entrance-steps {
            (stepper("Set-up", &[("Administrator", Step::Now), ("Data", Step::Ahead), ("Make it yours", Step::Ahead)]))
        }
        div.entrance-head {
            h1 tabindex="-1" { (tf("Welcome to {site}", &[("site", &web.site())])) }
            p.quiet { "It begins with you: the first administrator, who invites everybody else." }
        }
        form.card.form method="post" action={ "/set-up/" (secret) } {
            (summary(refusal))
            (field(&line("name", "Your name", given[0], TextKind::Plain, refusal)))
            (field(&line("email", "E-mail", given[1], TextKind::Username, refusal)))
            (field(&new_password(refusal)))
            div.form-foot { button.btn.btn-primary.btn-l type="submit" { "Begin" } }
        }
        ul.entrance-next {
            li { (icon_small("lock")) span { "Your password is kept as a hash that nobody can read back, and this address stops working once you have begun." } }
            li { (icon_small("layers")) span { "Next you choose whether to begin empty or to look around in demo data." } }
        }
    };
    outside(web, arrival, refusal.map_or(StatusCode::OK, status_of), "Set-up", &body)
}

/// `GET /invitation/{secret}`
pub async fn ask_invited(
    State(web): State<Web>,
    Path(secret): Path<String>,
    arrival: Arrival,
) -> Result<Response, Failure> {
    ask_password(&web, &arrival, &secret, Errand::Invitation).await
}

/// `POST /invitation/{secret}`
pub async fn accept(State(web): State<Web>, Path(secret): Path<String>, sent: Sent) -> Result<Response, Failure> {
    set_password(&web, &secret, sent, Errand::Invitation).await
}

/// `GET /password/{secret}`
pub async fn ask_reset(
    State(web): State<Web>,
    Path(secret): Path<String>,
    arrival: Arrival,
) -> Result<Response, Failure> {
    ask_password(&web, &arrival, &secret, Errand::PasswordReset).await
}

/// `POST /password/{secret}`
pub async fn reset(State(web): State<Web>, Path(secret): Path<String>, sent: Sent) -> Result<Response, Failure> {
    set_password(&web, &secret, sent, Errand::PasswordReset).await
}

async fn ask_password(web: &Web, arrival: &Arrival, secret: &str, errand: Errand) -> Result<Response, Failure> {
    peek(web, secret, errand, arrival.now).await?;
    Ok(password_page(web, arrival, secret, errand, None))
}

async fn set_password(web: &Web, secret: &str, sent: Sent, errand: Errand) -> Result<Response, Failure> {
    let Sent { arrival, form } = sent;
    let password = Password::new(form.get("password").unwrap_or_default());
    let by = Occasion { actor: None, channel: Channel::Desk, now: arrival.now };
    let set = web.entrance().password_by_link(secret, errand, &password, by, web.entropy()).await;
    match set.map_err(Failure::from).map_err(Failure::for_form) {
        Ok(_) => Ok(go_on("/sign-in", Some(Flash::done("Your password is set. Sign in with it.")))),
        Err(Ok(refusal)) => Ok(password_page(web, &arrival, secret, errand, Some(&refusal))),
        Err(Err(failure)) => Err(failure),
    }
}

fn password_page(web: &Web, arrival: &Arrival, secret: &str, errand: Errand, refusal: Option<&Refusal>) -> Response {
    let (path, title) = match errand {
        Errand::Invitation => ("invitation", "Welcome"),
        Errand::PasswordReset | Errand::FirstAdministrator => ("password", "New password"),
    };
    let body = html! {
        h1 tabindex="-1" { (t(title)) }
        p { (tf("Choose a password for {site}. Several words in a row are easy to remember and hard to guess.", &[("site", &web.site())])) }
        form.card.form method="post" action={ "/" (path) "/" (secret) } {
            (summary(refusal))
            (field(&new_password(refusal)))
            div.form-foot { button.btn.btn-primary.btn-l type="submit" { "Set password" } }
        }
    };
    outside(web, arrival, refusal.map_or(StatusCode::OK, status_of), title, &body)
}

/// Whether a link is still good; the answer for one that is not is that there is no such page.
async fn peek(web: &Web, secret: &str, errand: Errand, now: i64) -> Result<(), Failure> {
    let (key, secret) = (web.entrance().key().clone(), secret.to_owned());
    let found = web.desk().db().read(move |conn| links::peek(conn, &key, &secret, errand, now)).await;
    Ok(found.map(|_| ())?)
}

/// A page of the frame before sign-in.
fn outside(web: &Web, arrival: &Arrival, status: StatusCode, title: &str, body: &Markup) -> Response {
    let shell = PortalShell { site: web.site().into(), home: "/".into(), ..PortalShell::default() };
    let body = html! { div.entrance { (body) } };
    document(web, arrival, Side::Portal, status, title, &portal_shell(&shell, &body))
}

/// One line of text with the error that belongs to it.
fn line(
    name: &'static str,
    label: &'static str,
    value: &str,
    kind: TextKind,
    refusal: Option<&Refusal>,
) -> Field<'static> {
    let mut asked = Field::new(name, label, Control::Text { value: value.to_owned().into(), kind, max_length: None });
    asked.required = true;
    asked.error = error(refusal, name).map(|error| error.detail.clone().into());
    asked
}

/// The question for a new password.
#[must_use]
pub fn new_password(refusal: Option<&Refusal>) -> Field<'static> {
    let mut asked = line("password", "New password", "", TextKind::NewPassword, refusal);
    asked.help = Some(
        tf(
            "At least {fewest} characters; {better} are better. No other rules.",
            &[("fewest", &policy::FEWEST), ("better", &policy::RECOMMENDED)],
        )
        .into(),
    );
    asked
}

/// The error of a field.
#[must_use]
pub fn error<'a>(refusal: Option<&'a Refusal>, name: &str) -> Option<&'a FieldError> {
    refusal.and_then(|refusal| refusal.errors.iter().find(|error| error.field == name))
}

/// What was refused, above a form.
#[must_use]
pub fn summary(refusal: Option<&Refusal>) -> Markup {
    let Some(refusal) = refusal else { return html! {} };
    let mut wrong: Vec<Wrong<'_>> = refusal
        .errors
        .iter()
        .map(|error| Wrong { field: Some(error.field.as_str().into()), message: error.detail.as_str().into() })
        .collect();
    if wrong.is_empty() {
        wrong.push(Wrong { field: None, message: refusal.detail.as_str().into() });
    }
    error_summary(&wrong)
}

/// A form of one button.
#[must_use]
pub fn button_form(action: &str, token: &str, label: &str, danger: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            (token_field(token))
            button.btn.btn-danger[danger] type="submit" { (label) }
        }
    }
}
