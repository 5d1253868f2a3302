//! Opening a record: the title first, then the sections of its process.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Draft, Opening, Origins};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::{Audience, FieldDef, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{inside, tf, tn};
use maud::Markup;
use serde_json::Value as Json;

use super::alike::{ALIKE, Alike, BLAMED, blame, tells};
use super::frame::{Frame, Place};
use super::items::{self, Items};
use super::queue::number;
use super::record::{Page, Wrong, listed, sections, store, tie};
use crate::address;
use crate::components::{Banner, Choice, Control, Field, banner, field, form_foot, token_field, update_button};
use crate::failure::{Failure, status_of};
use crate::fields::rows::{Turn, turned};
use crate::fields::{Asking, Pickers, UPDATE, as_filled, asked_again, decisive, resolve, values};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// Under this name a form carries the numbers of the records that one is opened from.
pub const FROM: &str = "from";
/// And under this one the numbers of those that wait for it.
const WAITS: &str = "waits";
/// Records named on the page before the rest is only counted.
const MOST_NAMED: usize = 8;

/// What the form shows.
struct Blank {
    frame: Frame,
    fields: Vec<&'static FieldDef>,
    pickers: Pickers,
    /// What the viewer has begun to fill in.
    draft: Option<Form>,
    /// The records that it is opened from.
    origins: Option<Origins>,
    /// Those of them that can wait for it: the question, and who is asked about.
    waits: Option<(&'static str, Vec<(String, String)>)>,
    /// Fields that what is filled in leaves no room for.
    hidden: Vec<&'static str>,
    /// Fields on which others depend.
    decisive: Vec<String>,
    /// What is like it, as far as it is filled in.
    alike: Alike,
    /// The items that it is about.
    items: Option<Items>,
    /// The field in which somebody goes on.
    focused: Option<&'static str>,
}

/// `GET /{plural}/new`
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let from = Form::of(address::pairs(query.as_deref().unwrap_or_default()))?.all(FROM);
    let blank = load(&web, &visit, process, None, from).await?;
    Ok(blank.page(&web, &visit, process, blank.draft.as_ref(), None, StatusCode::OK))
}

/// `POST /{plural}/new`
pub async fn open(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    if let Some(chosen) = items::chosen(&form) {
        let mut blank = load(&web, &visit, process, Some(&chosen), form.all(FROM)).await?;
        blank.focused = Some(spine::SERVICE.def.key);
        return Ok(blank.page(&web, &visit, process, Some(&chosen), None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    if Turn::of(&form).is_some() || form.has(UPDATE) {
        let blank = load(&web, &visit, process, Some(&form), form.all(FROM)).await?;
        let turned = turned(&form, blank.fields.iter().copied()).unwrap_or(form);
        return Ok(blank.page(&web, &visit, process, Some(&turned), None, asked_again(&turned)));
    }
    match write(&web, &visit, process, &form).await.map_err(Failure::for_form) {
        Ok(number) => {
            let flash = Flash::done(format!("{number} is open."));
            Ok(go_on(&format!("/{}/{number}", process.plural), Some(flash)))
        }
        Err(Ok(refusal)) => {
            let blank = load(&web, &visit, process, Some(&form), form.all(FROM)).await?;
            Ok(blank.page(&web, &visit, process, Some(&form), Some(&refusal), status_of(&refusal)))
        }
        Err(Err(failure)) => Err(failure),
    }
}

async fn write(web: &Web, visit: &Visit, process: &'static Process, form: &Form) -> Result<String, Failure> {
    let files = store(web, &form.files, false).await?;
    let form = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let named: Vec<&'static FieldDef> = asked(session, process).filter(|field| listed(&form, field)).collect();
        let mut values = values(named.iter().copied(), &form, &caller.zone());
        // What was left empty is left to rules and models.
        let empty = |value: &Json| value.is_null() || *value == Json::Bool(false) || *value == Json::Array(Vec::new());
        values.retain(|_, value| !empty(value));
        resolve(session, caller, named, &mut values)?;
        let opening = Opening { values, from: form.all(FROM), waits: form.all(WAITS), ..Opening::default() };
        let view = records::open(session, caller, process, &opening)?;
        let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        for file in &files {
            records::attach(session, caller, process, &number, file)?;
        }
        items::link(session, caller, process, &number, &form)?;
        for other in form.all(ALIKE) {
            tie(session, caller, process, &number, &other)?;
        }
        for cause in form.all(BLAMED) {
            blame(session, caller, process, &number, &cause)?;
        }
        if !form.has(FROM) {
            records::forget_draft(session, caller, Draft::New(process))?;
        }
        Ok(number)
    };
    web.write(visit, Channel::Desk, work).await
}

/// The fields that staff fill in when they open a record.
fn asked<'a>(session: &'a Session<'_>, process: &'static Process) -> impl Iterator<Item = &'static FieldDef> + 'a {
    session
        .config
        .fields(process)
        .filter(|field| matches!(field.writer, Writer::Anyone | Writer::Opener | Writer::Staff))
        .filter(|field| !process.has_own_section(field.key))
}

async fn load(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    form: Option<&Form>,
    from: Vec<String>,
) -> Result<Blank, Failure> {
    let form = form.cloned();
    let index = web.desk().search().cloned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        records::may_open(session, caller, process)?;
        let fields: Vec<&'static FieldDef> = asked(session, process).collect();
        let pickers = Pickers::load(session, caller, fields.iter().copied())?;
        let origins = records::origins(session, caller, process, &from)?;
        let waits = origins.as_ref().and_then(|origins| origins.able_to_wait(caller));
        let waits = waits.map(|(waits, able)| (waits.label, able.into_iter().map(named).collect()));
        // What was begun before is another matter than the records in hand.
        let draft = match &origins {
            None => records::draft(session, caller, Draft::New(process))?,
            Some(_) => None,
        };
        let draft = draft.and_then(|row| Form::of(address::pairs(&row.body)).ok());
        let decisive = decisive(session, process);
        let filled = match form.as_ref().or(draft.as_ref()) {
            Some(form) if !decisive.is_empty() => {
                let read = fields.iter().copied().filter(|field| decisive.iter().any(|key| key == field.key));
                as_filled(session, caller, &Record::new(process), read, form)?
            }
            _ => origins.iter().flat_map(|origins| origins.values(process)).fold(
                Record::new(process),
                |mut blank, (field, value)| {
                    blank.put(field, value);
                    blank
                },
            ),
        };
        let hidden = records::hidden(session, &filled);
        let alike = match form.as_ref().or(draft.as_ref()) {
            Some(form) => {
                let telling = fields.iter().copied().filter(|field| tells(field));
                let written = as_filled(session, caller, &Record::new(process), telling, form)?;
                Alike::load(session, caller, index.as_deref(), &written, form)?
            }
            None => Alike::default(),
        };
        let items = Items::load(session, caller, process, form.as_ref().or(draft.as_ref()))?;
        Ok(Blank { frame, fields, pickers, draft, origins, waits, hidden, decisive, alike, items, focused: None })
    };
    let mut blank = web.read(visit, Channel::Desk, work).await?;
    if let Some(items) = &mut blank.items {
        items.ask(web, visit).await?;
    }
    Ok(blank)
}

impl Blank {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        form: Option<&Form>,
        refusal: Option<&Refusal>,
        status: StatusCode,
    ) -> Response {
        let body = html! {
            form.form method="post" action={ "/" (process.plural) "/new" } enctype="multipart/form-data"
                data-draft=[self.origins.is_none().then_some(process.plural)] data-draft-as="new" data-alike=(self.telling()) {
                // The key Enter sends the form by its first button, which must not be one that removes a row.
                button.sr type="submit" tabindex="-1" aria-hidden="true" { "Open" }
                (Wrong { refusal }.summary())
                @if refusal.is_none() && self.draft.is_some() { (Self::begun()) }
                @if let Some(origins) = &self.origins { (Self::from(origins)) }
                @if let Some(question) = self.waiting(form, refusal) { (field(&question)) }
                div #asked .form-parts {
                    @for (label, fields) in self.parts(process, refusal) {
                        section.form-section aria-label=(label) {
                            @if label != "General" { h2 { (label) } }
                            div.form-grid { @for def in &fields { (field(&self.question(process, def, form, refusal))) } }
                        }
                        // Beside the service that may follow from them.
                        @if let Some(items) = self.items.as_ref().filter(|_| fields.iter().any(|def| def.key == spine::SERVICE.def.key)) {
                            (items.section(refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default()))
                        }
                        // Beside the words that it follows from.
                        @if label == "General" { (self.alike.section(process, &self.frame.zone, visit.now())) }
                    }
                }
                div.btn-row { (update_button(UPDATE, "1")) }
                (field(&files()))
                (token_field(visit.token()))
                @for def in &self.fields { input type="hidden" name="_fields" value=(def.key); }
                span.quiet.line data-draft-state hidden { "Draft saved" }
                (form_foot(&tf("Open {process}", &[("process", &inside(process.label))]), Some(&format!("/{}", process.plural))))
            }
            form #begin-anew method="post" action="/drafts" {
                (token_field(visit.token()))
                input type="hidden" name="_of" value={ "new " (process.plural) };
                input type="hidden" name="_back" value={ "/" (process.plural) "/new" };
            }
        };
        let title = tf("New {process}", &[("process", &inside(process.label))]);
        let above = (process.label_plural, format!("/{}", process.plural));
        Page { frame: &self.frame, title: &title, above, place: Place::Process(process.key), status }
            .respond(web, visit, &body)
    }

    /// The names of the controls from which it follows what is like it.
    fn telling(&self) -> String {
        let keys = self.fields.iter().filter(|field| tells(field)).map(|field| field.key);
        keys.collect::<Vec<_>>().join(" ")
    }

    /// Says from which records it is opened, and carries them.
    fn from(origins: &Origins) -> Markup {
        let numbers: Vec<String> = origins.records().iter().map(number).collect();
        let named = numbers.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = numbers.len().saturating_sub(MOST_NAMED);
        let list = if more > 0 { tf("{list} and {n} more", &[("list", &named), ("n", &more)]) } else { named };
        html! {
            (banner(&Banner {
                title: tf("Opened from {list}", &[("list", &list)]).into(),
                text: tn(numbers.len(), "It is linked to it. What it says stands below.", "They are linked to it. What the first one says stands below.").into(),
                slim: true,
                ..Banner::default()
            }))
            @for number in &numbers { input type="hidden" name=(FROM) value=(number); }
        }
    }

    /// Which of them wait for it; none, as long as nobody says so.
    fn waiting(&self, form: Option<&Form>, refusal: Option<&Refusal>) -> Option<Field<'static>> {
        let (label, able) = self.waits.as_ref()?;
        let chosen = form.map(|form| form.all(WAITS)).unwrap_or_default();
        let option = |(number, title): &(String, String)| {
            Choice::new(number.clone(), format!("{number} {title}"), chosen.contains(number))
        };
        let options = able.iter().map(option).collect();
        let mut asked = Field::new(WAITS, *label, Control::Checks { options });
        let error = refusal.and_then(|refusal| refusal.errors.iter().find(|error| error.field == WAITS));
        asked.error = error.map(|error| error.detail.clone().into());
        Some(asked)
    }

    /// Says that the form was begun before, with a way to begin anew.
    fn begun() -> Markup {
        let action = html! {
            button.btn.btn-s type="submit" form="begin-anew" { "Begin anew" }
        };
        html! {
            (banner(&Banner {
                title: "You began this before.".into(),
                text: "It stands here as you left it. Files are not kept.".into(),
                action: Some(action),
                slim: true,
                ..Banner::default()
            }))
        }
    }

    /// Title, requester and the words of the report come first, then the sections without what stands above.
    fn parts(
        &self,
        process: &'static Process,
        refusal: Option<&Refusal>,
    ) -> Vec<(&'static str, Vec<&'static FieldDef>)> {
        // What is missing is asked for, whatever the rest says.
        let named = |key: &str| refusal.is_some_and(|refusal| refusal.errors.iter().any(|error| error.field == key));
        let asked = |field: &FieldDef| !(process.keeps_things && field.key == spine::REQUESTER.def.key);
        let shown = |field: &&'static FieldDef| (asked(field) && !self.hidden.contains(&field.key)) || named(field.key);
        let leads = |field: &FieldDef| {
            let words = field.writer == Writer::Opener && field.audience == Audience::Everyone;
            field.key == spine::TITLE.def.key || field.key == spine::REQUESTER.def.key || words
        };
        let (first, rest): (Vec<&'static FieldDef>, Vec<&'static FieldDef>) =
            self.fields.iter().copied().filter(shown).partition(|field| leads(field));
        let mut parts = vec![("General", first)];
        for (label, fields) in sections(process, &rest) {
            parts.push((if label == "General" { "More" } else { label }, fields));
        }
        parts
    }

    /// What the records that it is opened from say there.
    fn taken_over(&self, process: &'static Process, def: &'static FieldDef) -> Option<Value> {
        let values = self.origins.as_ref()?.values(process);
        values.into_iter().find(|(field, _)| field.key == def.key).map(|(_, value)| value)
    }

    fn question(
        &self,
        process: &'static Process,
        def: &'static FieldDef,
        form: Option<&Form>,
        refusal: Option<&Refusal>,
    ) -> Field<'static> {
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors };
        let asked = if let Some(form) = form {
            asking.sent(def, form)
        } else {
            let own = (def.key == spine::REQUESTER.def.key && process.invitation.is_some())
                .then_some(Value::Int(self.frame.me));
            asking.holding(def, &self.taken_over(process, def).or(own).unwrap_or_default())
        };
        let focused = self.focused == Some(def.key);
        Field { updates_form: self.decisive.iter().any(|key| key == def.key), focused, ..asked }
    }
}

/// A record by its number and title.
fn named(record: &Record) -> (String, String) {
    (number(record), record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned())
}

fn files() -> Field<'static> {
    Field::new(
        "files",
        "Files",
        Control::File { multiple: true, limit: Some("Up to 20 files, 25 MB together.".into()) },
    )
}
