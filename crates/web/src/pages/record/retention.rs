//! What must be kept, whatever the rules of retention say, and what was archived.

use axum::response::Response;
use mainstay_desk::{Caller, Session, retention};
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::entries;
use mainstay_store::retention::HoldRow;
use mainstay_words::{t, tf};
use maud::Markup;

use super::here::{Again, Here, Sent};
use super::sheet::Sheet;
use crate::components::{Banner, Weight, banner, button_link, field, form_foot, token_field, when};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers};
use crate::flash::{Flash, go_on};
use crate::pages::frame::Frame;

const REASON: FieldDef = Declared::text("reason", "Why").required().help("Stands in the history of the record").def;

/// A hold with the name of whoever asked for it.
pub struct Hold {
    row: HoldRow,
    by: Option<String>,
}

impl Hold {
    /// The hold in force on a record that staff sees.
    ///
    /// # Errors
    /// Not the caller's to see; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        sheet: (&'static mainstay_engine::process::Process, &str),
    ) -> mainstay_desk::Result<Option<Self>> {
        let Some(row) = retention::hold(session, caller, sheet.0, sheet.1)? else { return Ok(None) };
        let ids: Vec<i64> = row.person.into_iter().collect();
        let by = entries::names(session.conn, &ids)?.pop().map(|(.., name)| name);
        Ok(Some(Self { row, by }))
    }
}

/// `GET /{plural}/{number}/legal-hold`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        retention::may_hold(session, caller, process, &number)?;
        Ok((frame, Hold::load(session, caller, (process, &number))?))
    };
    let (frame, hold) = here.read(load).await?;
    let pickers = Pickers::default();
    let asking = Asking { pickers: &pickers, zone: &frame.zone, errors: again.errors() };
    let given = again.given(&REASON, Vec::new);
    let (title, words, button) = match &hold {
        Some(_) => ("Lift the legal hold", "From then on the rules of retention apply to it again.", "Lift it"),
        None => ("Put it under legal hold", "Nothing of it is removed until somebody lifts the hold.", "Hold it"),
    };
    let body = html! {
        form.form method="post" action=(here.at("/legal-hold")) {
            (again.summary())
            (token_field(here.visit.token()))
            input type="hidden" name="held" value=(hold.is_none());
            p.quiet { (t(words)) }
            div.form-grid { (field(&asking.field(&REASON, &given))) }
            (form_foot(button, Some(&here.at(""))))
        }
    };
    Ok(here.page(&frame, title, "", again, &body))
}

/// `POST /{plural}/{number}/legal-hold`
pub async fn take(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let held = form.get("held") == Some("true");
    let reason = form.get("reason").unwrap_or_default().to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        retention::set(session, caller, process, &number, held, &reason)
    };
    match here.write(work).await? {
        Ok(()) => {
            let says = if held { "It is under legal hold." } else { "The hold is lifted." };
            Ok(go_on(&here.at(""), Some(Flash::done(says))))
        }
        Err(refusal) => page(&here, Again::of(&form, &refusal)).await,
    }
}

/// Above the record: that it is archived, and that somebody must keep it.
pub fn above(sheet: &Sheet, now: i64) -> Markup {
    let record = &sheet.view.record;
    let at = |key: &str| record.value(key).as_int().map(|at| when(at, &sheet.frame.zone, now));
    let (archived, removed) = (at(spine::ARCHIVED.def.key), at(spine::REMOVED.def.key));
    let archive = archived.map(|at| match removed {
        Some(removed) => tf("Its words, files and people were removed {when}.", &[("when", &removed)]),
        None => tf("Since {when}. It can only be read.", &[("when", &at)]),
    });
    html! {
        @if let Some(text) = archive {
            (banner(&Banner { weight: Weight::Info, title: "It is archived".into(), text: text.into(), action: None, slim: true }))
        }
        @if let Some(hold) = &sheet.hold {
            @let by = hold.by.clone().unwrap_or_else(|| t("Somebody").to_owned());
            @let since = when(hold.row.since, &sheet.frame.zone, now);
            @let text = tf("{name}, {when}: {reason}", &[("name", &by), ("when", &since), ("reason", &hold.row.reason)]);
            @let way = sheet.holds.then(|| button_link(&sheet.beside("/legal-hold"), "Lift…", None, false));
            (banner(&Banner { weight: Weight::Warning, title: "It is under legal hold".into(), text: text.into(), action: way, slim: true }))
        }
    }
}
