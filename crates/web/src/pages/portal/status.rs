//! Services that have trouble, at the top of the first page; nothing when all is well.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::Channel;
use mainstay_desk::troubles::{self, Trouble};
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use super::lines;
use crate::components::{Banner, Weight, banner, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the first page says of services that have trouble.
pub fn banners(troubles: &[Trouble], visit: &Visit, zone: &TimeZone) -> Markup {
    html! { @for trouble in troubles { (one(trouble, visit, zone)) } }
}

fn one(trouble: &Trouble, visit: &Visit, zone: &TimeZone) -> Markup {
    let since = lines::when(trouble.since, zone, visit.now());
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
                button.btn.btn-l type="submit" { "It hits me too" span.sr { ": " (trouble.name) } }
            }
        };
        (tf("We know and work on it, since {since}.{others}", &[("since", &since), ("others", &others)]), Some(form))
    };
    let title = format!("{} {}", trouble.name, t(trouble.plain));
    banner(&Banner { weight: Weight::Warning, title: title.into(), text: text.into(), action, slim: false })
}

/// `POST /portal/troubles/{id}`: the trouble of a service hits the viewer too.
pub async fn hits_me(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        troubles::hits_me(session, caller, id)
    };
    match web.write(&posted.visit, Channel::Portal, work).await {
        Ok(()) => Ok(go_on("/portal", Some(Flash::done("Thank you. We count you in.")))),
        Err(failure) => Ok(go_on("/portal", Some(Flash::failed(failure.for_form()?.detail)))),
    }
}
