//! The page of a failure: in the frame of whoever asked, with what to do next.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use mainstay_desk::view_as::{OVER, READS_ONLY};
use mainstay_desk::{Caller, Channel, Session, records};
use mainstay_engine::refusal::Why;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{sentence, t};
use maud::Markup;

use super::{Failure, PORTAL, conflict_title};
use crate::address::{own, with_query};
use crate::components::{Nothing, PortalShell, button_link, hero, nothing, pane, portal_shell};
use crate::flash::go_on;
use crate::layout::Side;
use crate::pages::entrance::button_form;
use crate::pages::frame::{At, Frame, Place};
use crate::pages::portal::{self, Guest, Room};
use crate::session::{Arrival, RETURN, Visit};
use crate::viewing::document;
use crate::web::Web;

/// Gives every failure that leaves a handler its page.
pub async fn dress(State(web): State<Web>, arrival: Arrival, request: Request, next: Next) -> Response {
    let again = request.method().is_safe().then(|| arrival.place.clone());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Failure>().or_else(|| unread(&response)) {
        Some(Failure::NotStaff) => match in_portal(&web, &arrival, again.as_deref()).await {
            Some(place) => go_on(&place, None),
            None => response,
        },
        Some(failure) => {
            let mut response = shown(&web, &arrival, &failure, again.as_deref()).await;
            if let Some(seconds) = failure.wait() {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        None => response,
    }
}

/// Where the portal has the record that an address of staff names, if the visitor may see it.
async fn in_portal(web: &Web, arrival: &Arrival, place: Option<&str>) -> Option<String> {
    let path = place?.split(['?', '#']).next()?;
    let mut parts = path.trim_start_matches('/').split('/');
    let (plural, number) = (parts.next()?, parts.next()?.to_owned());
    let process = portal::process_of(&number).ok().filter(|process| process.plural == plural)?;
    let live = web.entrance().session(&arrival.visitor, arrival.now).await.ok()?;
    let visit = Visit { arrival: arrival.clone(), live };
    let find = move |session: &mut Session<'_>, caller: &Caller| {
        let (record, _) = records::find(session, caller, process, &number)?;
        Ok(record.value(spine::NUMBER.def.key).as_text().map(portal::place_of))
    };
    web.read(&visit, Channel::Portal, find).await.ok().flatten()
}

/// An address that no handler could read, such as one with a word where a number belongs, is that of no page.
fn unread(response: &Response) -> Option<Failure> {
    let plain =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    (plain && response.status() == StatusCode::BAD_REQUEST).then(Failure::missing)
}

/// Who is shown that something failed, as far as that can still be read.
enum Reader {
    Staff(Box<Frame>),
    Portal(Box<Guest>),
}

/// The page of a failure; `again` is the address that may simply be asked once more.
async fn shown(web: &Web, arrival: &Arrival, failure: &Failure, again: Option<&str>) -> Response {
    let (kind, title, text) = words(failure);
    let reference = failure.status().is_server_error().then(|| reference(web, failure));
    let again = again.filter(|_| reference.is_some()).and_then(own);
    match reader(web, arrival, failure).await {
        Some((visit, Reader::Staff(frame))) => {
            let text = if kind == Nothing::Missing { missing(failure) } else { text };
            let head = html! { h1.sr tabindex="-1" { (t(title)) } };
            let actions = html! { (retry(again)) (ways(&arrival.place, again.is_none())) };
            let body = nothing(kind, title, &text, &actions, reference.as_deref());
            let at = At::new(title, Place::Elsewhere).answered(failure.status());
            frame.page(web, &visit, &at, &pane(&head, &body))
        }
        Some((visit, Reader::Portal(guest))) => {
            let (title, content) = plainly(&guest, failure, again, reference.as_deref());
            let at = portal::At::new(title, Room::Elsewhere).answered(failure.status());
            guest.page(web, &visit, &at, &content)
        }
        None => {
            let looks = failure.refusal().is_some_and(|refusal| [READS_ONLY, OVER].contains(&refusal.code.as_str()));
            let actions = html! {
                @if let Some(token) = arrival.token.as_deref().filter(|_| looks) { (button_form(RETURN, token, "Stop looking as them", false)) }
                (retry(again))
                (button_link("/", "Go to the first page", Some("house"), again.is_none()))
            };
            let body = html! {
                h1.sr tabindex="-1" { (t(title)) }
                (nothing(kind, title, &text, &actions, reference.as_deref()))
            };
            let shell = PortalShell { site: web.site().into(), home: "/".into(), ..PortalShell::default() };
            document(web, arrival, Side::Portal, failure.status(), title, &portal_shell(&shell, &body))
        }
    }
}

/// Whoever is signed in, with their frame; none where that cannot be read, or where the session is what failed.
async fn reader(web: &Web, arrival: &Arrival, failure: &Failure) -> Option<(Visit, Reader)> {
    let session = |refusal: &mainstay_engine::refusal::Refusal| {
        matches!(refusal.why, Why::Unknown | Why::Throttled) || [READS_ONLY, OVER].contains(&refusal.code.as_str())
    };
    arrival.token.as_ref().filter(|_| !failure.refusal().is_some_and(session))?;
    if matches!(failure, Failure::Unavailable) {
        return None;
    }
    let live = web.entrance().session(&arrival.visitor, arrival.now).await.ok()?;
    let arrival = Arrival { viewing: live.viewing.clone(), ..arrival.clone() };
    let asks = arrival.place.strip_prefix(PORTAL).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let visit = Visit { arrival, live };
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        if asks || !caller.rights.is_any_staff() {
            return Ok(Reader::Portal(Box::new(Guest::load(session, caller)?)));
        }
        Ok(Reader::Staff(Box::new(Frame::load(session, caller)?)))
    };
    let channel = if asks { Channel::Portal } else { Channel::Desk };
    let reader = web.read(&visit, channel, load).await.ok()?;
    Some((visit, reader))
}

/// What is said in the portal, in words that ask for no knowledge of the desk; and where to go on.
fn plainly<'a>(guest: &Guest, failure: &Failure, again: Option<&str>, reference: Option<&str>) -> (&'a str, Markup) {
    let requests = html! { (button_link("/portal/requests", "My requests", Some("ticket"), true)) };
    let home = html! { (button_link(PORTAL, "Home", Some("house"), false)) };
    let (kind, title, text) = words(failure);
    let (kind, title, text) = match kind {
        Nothing::Missing => (
            kind,
            "We did not find that",
            t("Perhaps the address is mistyped, or only other people may see it. Search for it, or look among your requests.").to_owned(),
        ),
        Nothing::Forbidden => (
            kind,
            "This is not open to you",
            t("Your account does not go that far. If you need it for your work, tell us what for.").to_owned(),
        ),
        _ => (kind, title, text),
    };
    if reference.is_some() {
        let actions = html! { (retry(again)) (home) };
        let body = nothing(kind, title, &text, &actions, reference);
        return (title, html! { div.portal-page { h1.sr tabindex="-1" { (t(title)) } div.card { (body) } } });
    }
    let invitation = guest.offers.first();
    let body = html! {
        (hero(title, "/portal/search", "", &[]))
        div.portal-page {
            div.card {
                (nothing(kind, "", &text, &html! {
                    (requests)
                    @if let Some((process, invitation)) = invitation {
                        (button_link(&portal::report_place(process), t(invitation.title), Some(invitation.icon), false))
                    }
                    (home)
                }, None))
            }
        }
    };
    (title, body)
}

/// A way to ask for the same once more.
fn retry(again: Option<&str>) -> Markup {
    html! { @if let Some(place) = again { (button_link(place, t("Try again"), None, true)) } }
}

/// What is said of a page that is not there. It is the same whether there is none or it is not the viewer's to see.
fn missing(failure: &Failure) -> String {
    let detail = failure.refusal().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    let hint = "Perhaps the number is mistyped, or only the people involved may see it. Whoever sent you here can add \
                you as a watcher.";
    format!("{} {}", sentence(&detail), t(hint))
}

/// Where to go on from an address that leads nowhere.
fn ways(place: &str, first_choice: bool) -> Markup {
    let path = place.split('?').next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let process = mainstay_processes::ALL.iter().find(|process| process.plural == first);
    html! {
        @if let Some(process) = process {
            (button_link(&format!("/{}", process.plural), process.label_plural, Some("list-todo"), first_choice))
            @if let Some(number) = second {
                (button_link(&with_query("/search", [("q", number)]), "Search for it", Some("search"), false))
            }
        } @else if first == "admin" {
            (button_link("/admin", "Administration", Some("settings"), first_choice))
        } @else {
            (button_link("/", "Go to the first page", Some("house"), first_choice))
        }
    }
}

fn words(failure: &Failure) -> (Nothing, &'static str, String) {
    let detail = failure.refusal().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    match failure.status() {
        StatusCode::NOT_FOUND => {
            let hint = "It may have been moved, or it is not yours to see.";
            (Nothing::Missing, "Nothing here", format!("{} {}", sentence(&detail), t(hint)))
        }
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => (Nothing::Forbidden, "Not allowed", detail),
        StatusCode::CONFLICT => (Nothing::Failed, failure.refusal().map_or("Not possible now", conflict_title), detail),
        StatusCode::TOO_MANY_REQUESTS => (Nothing::Failed, "Too many tries", detail),
        StatusCode::UNPROCESSABLE_ENTITY => (Nothing::Failed, "That did not work", detail),
        StatusCode::PAYLOAD_TOO_LARGE => {
            (Nothing::Failed, "Too large", "What was sent is larger than allowed. Send smaller files.".into())
        }
        StatusCode::INSUFFICIENT_STORAGE => (
            Nothing::Failed,
            "No room to save",
            "The disk of this server is full. Everything can still be read, but nothing can be saved, and what you sent \
             was not. Go back to keep your words, and try again when your administrator has made room."
                .into(),
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            Nothing::Failed,
            "Not available just now",
            "The database does not answer. Wait some seconds and try again; if you sent something, look first whether it \
             arrived."
                .into(),
        ),
        StatusCode::GATEWAY_TIMEOUT => (
            Nothing::Failed,
            "It took too long",
            "What was asked for takes longer to find than one page may. Ask for less: a shorter period, or a filter that \
             fewer records meet."
                .into(),
        ),
        _ => (
            Nothing::Failed,
            "Something went wrong",
            "It was not your fault, and nothing was changed. Try again; if it happens once more, tell us the reference."
                .into(),
        ),
    }
}

/// Logs a failure under a drawn name, which is all that the person learns of it.
fn reference(web: &Web, failure: &Failure) -> String {
    let mut bytes = [0; 6];
    web.entropy().fill(&mut bytes);
    let reference = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    match failure {
        Failure::Failed(why) => tracing::error!(reference, %why, "a page failed"),
        other => tracing::warn!(reference, status = other.status().as_u16(), "a page failed"),
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_desk::Error;
    use mainstay_store::Error as StoreError;

    #[test]
    fn what_is_said_of_a_failure_says_nothing_of_its_cause() {
        let causes = [StoreError::Query, StoreError::Full, StoreError::Unavailable, StoreError::Uncertain];
        for cause in causes {
            let failure = Failure::from(Error::Store(cause("SELECT secret".into())));
            assert!(failure.status().is_server_error() && !words(&failure).2.contains("secret"), "{failure:?}");
        }
    }

    #[test]
    fn only_what_is_worth_another_try_offers_one() {
        assert_eq!(retry(None).into_string(), "");
        assert!(retry(own("/incidents?sort=due")).into_string().contains("href=\"/incidents?sort=due\""));
        assert_eq!(own("//elsewhere.example/incidents"), None);
    }
}
