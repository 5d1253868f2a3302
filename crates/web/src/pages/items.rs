//! The items of a map that a record is about, named while it is opened, and the services that stand on them. (INC-04)

use mainstay_desk::maps::{self, Service};
use mainstay_desk::records::{self, Lapsing};
use mainstay_desk::{Caller, Channel, Error, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::record::{hit_pill, lapses_beneath, process_of, tie};
use crate::components::{Control, Field, Picked, PickerKind, Width, field, icon_small};
use crate::failure::Failure;
use crate::form::Form;
use crate::session::Visit;
use crate::web::Web;

/// Before the places of the numbers in a form.
pub const ITEM: &str = "item.";
/// The button that sets the service to one of those that are offered.
const SET: &str = "_set_service";
/// Most items of one form.
const MOST: usize = 20;

/// What the form asks with.
pub struct Items {
    of: &'static Process,
    /// The numbers that were given, with the titles of those that the viewer sees.
    given: Vec<(String, Option<String>)>,
    ids: Vec<i64>,
    /// The service that is set.
    set: Option<i64>,
    /// What stands on them, as far as it was asked for.
    services: Vec<Service>,
    /// Last days of them that are near or past.
    lapses: Vec<Lapsing>,
}

/// The numbers that a form gives.
#[must_use]
pub fn numbers(form: &Form) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in form.names_under(ITEM) {
        let Some(number) = form.filled(name).map(str::to_uppercase) else { continue };
        if !all.contains(&number) && all.len() < MOST {
            all.push(number);
        }
    }
    all
}

/// Whether somebody chose one of the services that are offered, and the form with it.
#[must_use]
pub fn chosen(form: &Form) -> Option<Form> {
    let service = form.filled(SET)?.to_owned();
    Some(form.with(spine::SERVICE.def.key, service))
}

/// Links a new record to the items that its form gives.
///
/// # Errors
/// `invalid_fields`: a number that names no item which the caller may see and link.
pub fn link(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    form: &Form,
) -> mainstay_desk::Result<()> {
    let Some((_, of)) = maps::names_items(process) else { return Ok(()) };
    let mut errors = Vec::new();
    for (at, item) in numbers(form).iter().enumerate() {
        let wrong = |says: String| FieldError::new(&format!("{ITEM}{at}"), "unknown_link", says);
        if process_of(item).is_none_or(|known| known.key != of.key) {
            errors.push(wrong(format!("{item} is no item here. Choose one of those that are suggested.")));
            continue;
        }
        match tie(session, caller, process, number, item) {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => errors.push(wrong(refusal.detail)),
            Err(error) => return Err(error),
        }
    }
    Ok(Refusal::unless_empty(errors)?)
}

impl Items {
    /// Reads what the form names; none where records of the process name no items, or the viewer sees none.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        form: Option<&Form>,
    ) -> mainstay_desk::Result<Option<Self>> {
        let Some((_, of)) = maps::names_items(process) else { return Ok(None) };
        let links = caller.rights.may_somewhere(process.key, "link");
        if !links || !session.config.process(of).enabled || !caller.rights.may_somewhere(of.key, "view") {
            return Ok(None);
        }
        let (mut given, mut ids) = (Vec::new(), Vec::new());
        for number in form.map(numbers).unwrap_or_default() {
            let title = match records::find(session, caller, of, &number) {
                Ok((item, _)) => {
                    ids.push(item.id);
                    Some(item.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned())
                }
                Err(Error::Refused(_)) => None,
                Err(error) => return Err(error),
            };
            given.push((number, title));
        }
        let set = form.and_then(|form| form.number(spine::SERVICE.def.key));
        let lapses = records::lapses_of(session, caller, &ids)?;
        Ok(Some(Self { of, given, ids, set, services: Vec::new(), lapses }))
    }

    /// Asks the map what stands on them, where there is something to ask.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask(&mut self, web: &Web, visit: &Visit) -> Result<(), Failure> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let (of, ids) = (self.of, self.ids.clone());
        let work = move |session: &mut Session<'_>, caller: &Caller| maps::carried_by(session, caller, of, &ids);
        self.services = web.read_map(visit, Channel::Desk, work).await?;
        self.services.retain(|service| Some(service.id) != self.set);
        Ok(())
    }

    /// One control for each item and one for another, and beneath them the services that stand on them.
    #[must_use]
    pub fn section(&self, errors: &[FieldError]) -> Markup {
        let all = self.given.iter().map(|(number, title)| (number.as_str(), title.as_deref())).chain([("", None)]);
        html! {
            section.form-section aria-labelledby="items-title" {
                h2 #items-title { (self.of.label_plural) }
                div.form-grid { @for (at, (number, title)) in all.take(MOST).enumerate() { (field(&self.question(at, number, title, errors))) } }
                (lapses_beneath(&self.lapses))
                @if !self.services.is_empty() {
                    div.card.carried role="group" aria-labelledby="carried-title" {
                        h3 #carried-title .card-title { "Services that these carry" }
                        @for each in &self.services {
                            div.line {
                                (icon_small("globe"))
                                bdi.grow { (each.name) }
                                (hit_pill(each.hit))
                                button.btn.btn-s type="submit" formnovalidate name=(SET) value=(each.id) aria-label=(tf("Set the service to {name}", &[("name", &each.name)])) { "Set" }
                            }
                        }
                    }
                }
            }
        }
    }

    fn question(&self, at: usize, number: &str, title: Option<&str>, errors: &[FieldError]) -> Field<'static> {
        let picked = (!number.is_empty())
            .then(|| Picked { value: number.to_owned().into(), label: title.unwrap_or_default().to_owned().into() });
        let source = Some(format!("/pick/records?of={}", self.of.plural).into());
        let control = Control::Picker { kind: PickerKind::Record, picked, options: Vec::new(), source };
        let name = format!("{ITEM}{at}");
        let label = if at == 0 { t("Item that it is about").to_owned() } else { t("Another item").to_owned() };
        let error = errors.iter().find(|error| error.field == name).map(|error| error.detail.clone().into());
        Field { updates_form: true, width: Width::Half, error, ..Field::new(name, label, control) }
    }
}
