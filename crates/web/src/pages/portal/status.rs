//! Services that have trouble: at the top of the first page, which says nothing when all is well, and all on one page.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::troubles::{self, Trouble};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use super::frame::{At, Guest, Room, sheet};
use crate::components::{Banner, Nothing, Weight, banner, button_link, nothing, token_field, when};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// Services that the first page tells of one by one; the others are named in one line.
const FIRST: usize = 3;
/// Names in that line.
const NAMED: usize = 6;

/// What the first page says of services that have trouble: at length of the first, of the others that they have it.
pub fn banners(troubles: &[Trouble], visit: &Visit, zone: &TimeZone) -> Markup {
    // One more is as soon told as named.
    let told = if troubles.len() == FIRST + 1 { FIRST + 1 } else { FIRST.min(troubles.len()) };
    let (first, others) = troubles.split_at(told);
    html! {
        @for trouble in first { (one(trouble, visit, zone)) }
        @if !others.is_empty() { (in_short(others)) }
    }
}

/// The same where somebody is about to report, under words that say what it is to them. Nothing where nothing is known.
pub fn known(troubles: &[Trouble], visit: &Visit, zone: &TimeZone) -> Markup {
    html! {
        @if !troubles.is_empty() {
            section.portal-alike aria-labelledby="known" {
                h2 #known { "We know about this" }
                p.small { "If this is it, you need not report it. If it is something else, just go on." }
                (banners(troubles, visit, zone))
            }
        }
    }
}

fn in_short(others: &[Trouble]) -> Markup {
    let mut names: Vec<&str> = others.iter().take(NAMED).map(|trouble| trouble.name.as_str()).collect();
    if others.len() > NAMED {
        names.push("…");
    }
    banner(&Banner {
        weight: Weight::Warning,
        title: tn(count(others), "{n} more service has trouble", "{n} more services have trouble").into(),
        text: names.join(", ").into(),
        action: Some(button_link("/portal/troubles", "See all", None, false)),
        slim: false,
    })
}

fn count(troubles: &[Trouble]) -> i64 {
    i64::try_from(troubles.len()).unwrap_or(i64::MAX)
}

/// Every service that has trouble now.
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let (guest, troubles) = web.read(&visit, Channel::Portal, load).await?;
    let body = html! {
        @if troubles.is_empty() {
            div.card { (nothing(Nothing::Yet, "Everything works, as far as we know", "When a service has trouble, it is told here.", &html! {}, None)) }
        } @else {
            div.portal-news { @for trouble in &troubles { (one(trouble, &visit, &guest.zone)) } }
        }
    };
    let title = "What does not work now";
    Ok(guest.page(&web, &visit, &At::new(title, Room::Elsewhere), &sheet(title, &body)))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<(Guest, Vec<Trouble>)> {
    Ok((Guest::load(session, caller)?, troubles::now(session, caller)?))
}

fn one(trouble: &Trouble, visit: &Visit, zone: &TimeZone) -> Markup {
    let since = when(trouble.since, zone, visit.now());
    let others = match trouble.affected {
        0 => String::new(),
        many => format!(" {}", tn(many, "{n} person says it hits them too.", "{n} people say it hits them too.")),
    };
    let (text, action) = if trouble.own {
        (
            tf(
                "We know and work on it, since {since}.{others} You need not report it again.",
                &[("since", &since), ("others", &others)],
            ),
            None,
        )
    } else {
        let form = html! {
            form method="post" action={ "/portal/troubles/" (trouble.service) } {
                (token_field(visit.token()))
                button.btn.btn-l type="submit" { "I am affected too" span.sr { ": " (trouble.name) } }
            }
        };
        (tf("We know and work on it, since {since}.{others}", &[("since", &since), ("others", &others)]), Some(form))
    };
    let title = format!("{} {}", trouble.name, t(trouble.plain));
    banner(&Banner { weight: Weight::Warning, title: title.into(), text: text.into(), action, slim: false })
}

/// `POST /portal/troubles/{id}`: the trouble of a service hits the viewer too.
pub async fn hits_me(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| troubles::hits_me(session, caller, id);
    match web.write(&posted.visit, Channel::Portal, work).await {
        Ok(()) => Ok(go_on("/portal", Some(Flash::done("Thank you. We count you in.")))),
        Err(failure) => Ok(go_on("/portal", Some(Flash::failed(failure.for_form()?.detail)))),
    }
}
