//! Who holds a role, for which organisation and which process; given and taken there.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::permissions::{Holder, MOST_HOLDERS, hand, holders, may_hand};
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::field::{EntryId, Field as Declared, FieldDef};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::{ORGANISATIONS, PEOPLE, ROLES};
use mainstay_words::{t, tf};
use maud::Markup;

use super::desk::{Desk, Sheet, place};
use super::permissions::PLACE;
use crate::components::{Choice, Column, Control, Field, Row, Width, data_table, field, icon_small, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, json_of, resolve};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::session::{Posted, Visit};
use crate::web::Web;

const PERSON: Declared<EntryId> = Declared::entry("person", "Person", PEOPLE.key).required();
const ORGANISATION: Declared<EntryId> = Declared::entry("organisation", "Only for organisation", ORGANISATIONS.key);
/// What a form of this page names.
const ASKED: [FieldDef; 2] = [PERSON.def, ORGANISATION.def];

struct Held {
    desk: Desk,
    role: Entry,
    holders: Vec<Holder>,
    names: HashMap<i64, String>,
    pickers: Pickers,
}

/// `GET /admin/permissions/{id}`
pub async fn show(State(web): State<Web>, Path(role): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    let held = read(&web, &visit, role).await?;
    Ok(held.page(&web, &visit, &Form::default(), StatusCode::OK, None))
}

async fn read(web: &Web, visit: &Visit, role: i64) -> Result<Held, Failure> {
    web.read(visit, Channel::Desk, move |session, caller| load(session, caller, role)).await
}

fn load(session: &mut Session<'_>, caller: &Caller, role: i64) -> mainstay_desk::Result<Held> {
    Ok(Held {
        desk: Desk::load(session, caller, Some(&ROLES))?,
        role: door::get(session.conn, caller, &ROLES, role)?,
        holders: holders(session, caller, role)?,
        names: session.config.names.clone(),
        pickers: Pickers::load(session, caller, &ASKED)?,
    })
}

/// `POST /admin/permissions/{id}/give`: gives the role to somebody.
pub async fn give(State(web): State<Web>, Path(role): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    turn(&web, role, posted, true).await
}

/// `POST /admin/permissions/{id}/withdraw`: takes the role from somebody.
pub async fn withdraw(State(web): State<Web>, Path(role): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    turn(&web, role, posted, false).await
}

async fn turn(web: &Web, role: i64, posted: Posted, gives: bool) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let sent = form.clone();
    let written = web.write(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
        may_hand(caller)?;
        let holder = named(session, caller, &sent)?;
        hand(session, caller, role, &holder, gives)
    });
    match written.await {
        Ok(_) => {
            let words = if gives { "The role is given" } else { "The role is taken" };
            Ok(go_on(&format!("{PLACE}/{role}"), Some(Flash::done(words))))
        }
        Err(failure) => {
            let refusal = failure.for_form()?;
            let held = read(web, &visit, role).await?;
            Ok(held.page(web, &visit, &form, status_of(&refusal), Some(&refusal)))
        }
    }
}

/// Whom a form names, and for what.
fn named(session: &mut Session<'_>, caller: &Caller, form: &Form) -> mainstay_desk::Result<Holder> {
    let zone = caller.zone();
    let mut values = ASKED.iter().map(|def| (def.key.to_owned(), json_of(def, form, def.key, &zone))).collect();
    resolve(session, caller, &ASKED, &mut values)?;
    let Some(person) = values["person"].as_i64() else {
        let error = FieldError::required(&PERSON.def);
        return Err(Refusal { errors: vec![error], ..Refusal::invalid("person", "Say who is meant.") }.into());
    };
    let process = form.filled("process").map(str::to_owned);
    Ok(Holder { person, name: String::new(), organisation: values["organisation"].as_i64(), process })
}

impl Held {
    fn page(&self, web: &Web, visit: &Visit, form: &Form, status: StatusCode, refused: Option<&Refusal>) -> Response {
        let full = i64::try_from(self.holders.len()).is_ok_and(|shown| shown >= MOST_HOLDERS);
        let body = html! {
            p.quiet { a.link href=(place(&ROLES, self.role.id)) { "The role itself" } }
            @if self.holders.is_empty() { p { "Nobody whom you may see holds it." } } @else { (self.table(visit)) }
            @if full { p.quiet { "Only the first people are shown; everybody stands with their roles under People." } }
            @if self.desk.manages_people { (self.form(visit, form, refused)) }
        };
        let title = t(&self.role.name).to_owned();
        let above = vec![(ROLES.label_plural, format!("/admin/{}", ROLES.key)), ("Permissions", PLACE.to_owned())];
        self.desk.page(web, visit, &Sheet { status, above, ..Sheet::new(&title, body) })
    }

    fn table(&self, visit: &Visit) -> Markup {
        let mut columns = vec!["Person", "For organisation", "For process"];
        if self.desk.manages_people {
            columns.push("Take");
        }
        let columns: Vec<Column> =
            columns.into_iter().map(|label| Column { label: t(label).into(), ..Column::default() }).collect();
        let rows: Vec<Row> = self.holders.iter().map(|holder| self.row(visit, holder)).collect();
        data_table("Who holds it", &columns, &rows)
    }

    fn row<'a>(&self, visit: &Visit, holder: &Holder) -> Row<'a> {
        let person = html! { a.link href=(place(&PEOPLE, holder.person)) dir="auto" { (holder.name) } };
        let organisation = holder.organisation.and_then(|id| self.names.get(&id));
        let process = holder.process.as_deref();
        let label = process.map(|key| mainstay_processes::process(key).map_or(key, |process| t(process.label)));
        let mut cells = vec![
            person,
            html! { @match organisation { Some(name) => { bdi { (name) } } None => { span.quiet { "All" } } } },
            html! { @match label { Some(label) => { (label) } None => { span.quiet { "All" } } } },
        ];
        if self.desk.manages_people {
            let words = tf("Take the role from {person}", &[("person", &holder.name)]);
            cells.push(html! {
                form method="post" action={ (PLACE) "/" (self.role.id) "/withdraw" } {
                    (token_field(visit.token()))
                    input type="hidden" name="person" value=(holder.person);
                    @if let Some(id) = holder.organisation { input type="hidden" name="organisation" value=(id); }
                    @if let Some(key) = process { input type="hidden" name="process" value=(key); }
                    button.icon-btn type="submit" aria-label=(words) title=(words) { (icon_small("trash-2")) }
                }
            });
        }
        Row { cells, ..Row::default() }
    }

    fn form(&self, visit: &Visit, form: &Form, refused: Option<&Refusal>) -> Markup {
        let none = Vec::new();
        let errors = refused.map_or(&none, |refusal| &refusal.errors);
        let asking = Asking { pickers: &self.pickers, zone: &self.desk.frame.zone, errors };
        let given = |key: &str| form.get(key).map(str::to_owned).into_iter().collect::<Vec<_>>();
        let chosen = form.get("process").unwrap_or_default();
        let processes = mainstay_processes::ALL.iter();
        let processes = processes.map(|process| Choice::new(process.key, process.label, process.key == chosen));
        let process = Control::Select { options: processes.collect(), blank: Some("All".into()) };
        let process = Field { width: Width::Half, ..Field::new("process", "Only for process", process) };
        let mut organisation = asking.field(&ORGANISATION.def, &given(ORGANISATION.def.key));
        organisation.control = organisation.control.unless_picked("All");
        html! {
            form.form.admin-form method="post" action={ (PLACE) "/" (self.role.id) "/give" } {
                h2 { "Give the role" }
                (summary(refused))
                (token_field(visit.token()))
                div.form-grid {
                    (field(&Field { width: Width::Full, ..asking.field(&PERSON.def, &given(PERSON.def.key)) }))
                    (field(&organisation))
                    (field(&process))
                }
                div.form-foot { button.btn.btn-primary type="submit" { "Give the role" } }
            }
        }
    }
}
