//! The condition of an entry: stated in sentences, or in the condition language where no sentence says it.

use mainstay_desk::{Caller, Session};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::VIEWS;
use maud::Markup;
use serde_json::{Map, Value as Json};

use crate::components::{field, icon_small};
use crate::conditions::{Builder, Draft, Within, askable, name_entries, sent_lines};
use crate::form::Form;

/// The field that holds it.
pub const CONDITION: &str = "condition";
/// What the names of its controls begin with.
const PREFIX: &str = "condition.";
/// What is asked anew when an answer changes the questions.
pub const ASKED: &str = "asked";

/// Whether a field of a register holds a condition on the records of one process.
pub fn is_condition(register: &Register, field: &FieldDef) -> bool {
    field.key == CONDITION && register.fields.iter().any(|other| other.key == "process")
}

/// Whether a form only asks for one line more or fewer.
pub fn turns(form: &Form) -> bool {
    ["_add", "_remove"].iter().any(|button| form.has(&format!("{PREFIX}{button}")))
}

/// A condition on its way through a form.
pub struct Stated {
    builder: Builder,
    typed: String,
    personal: bool,
}

impl Stated {
    /// What a form holds, else what an entry says.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        register: &Register,
        process: &'static Process,
        held: &str,
        form: Option<&Form>,
    ) -> mainstay_desk::Result<Self> {
        let fields = askable(session, process);
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let (draft, typed) = match form.filter(|form| form.has(&format!("{PREFIX}lines"))) {
            Some(form) => (sent_lines(form, PREFIX), form.get(CONDITION).unwrap_or_default()),
            None if held.trim().is_empty() => (Draft::default(), ""),
            None => {
                let draft = Draft::of(&[held.to_owned()], &find);
                if draft.rest.is_empty() { (draft, "") } else { (Draft::default(), held) }
            }
        };
        let typed = typed.to_owned();
        let personal = register.key == VIEWS.key;
        Ok(Self { builder: Builder::load(session, caller, process, draft)?, typed, personal })
    }

    /// The sentences under the name of the field, and the language behind them.
    pub fn asked(&self, def: &FieldDef, errors: &[FieldError]) -> Markup {
        let within = Within { prefix: PREFIX, frame: Some(ASKED), personal: self.personal, ..Within::default() };
        let wrong = errors.iter().find(|error| error.field == CONDITION);
        html! {
            fieldset.field.sentences {
                legend.field-label { (def.label) }
                @if !def.help.is_empty() { p.field-help { (def.help) } }
                @if let Some(error) = wrong.filter(|_| self.typed.is_empty()) { p.field-error { (icon_small("circle-alert")) span { span.sr { "Error: " } (error.detail) } } }
                (self.builder.sentences(&within, errors))
                details.sentence-words open[!self.typed.is_empty()] {
                    summary { "In words of your own" }
                    (field(&self.builder.typed(CONDITION, &self.typed, errors)))
                }
            }
        }
    }
}

/// Puts the condition that the sentences and the words of a form come to into the values that it holds.
///
/// # Errors
/// A sentence that cannot be read; the database's.
pub fn conclude(
    session: &mut Session<'_>,
    caller: &Caller,
    form: &Form,
    values: &mut Map<String, Json>,
) -> mainstay_desk::Result<()> {
    let process = values.get("process").and_then(Json::as_str).and_then(mainstay_processes::process);
    let Some(process) = process.filter(|_| form.has(&format!("{PREFIX}lines"))) else { return Ok(()) };
    let fields = askable(session, process);
    let mut draft = sent_lines(form, PREFIX);
    for line in &mut draft.lines {
        name_entries(session, caller, &fields, line)?;
    }
    let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
    let conditions = draft.conditions(&find).map_err(|(line, says)| {
        let error = FieldError::new(&format!("{PREFIX}v.{line}"), "bad_condition", says.clone());
        Refusal { errors: vec![error], ..Refusal::invalid("bad_condition", says) }
    })?;
    let Some(stated) = conditions.into_iter().reduce(Condition::and) else { return Ok(()) };
    let typed = form.filled(CONDITION).unwrap_or_default();
    let whole = match Condition::parse(typed) {
        _ if typed.is_empty() => stated,
        Ok(more) => stated.and(more),
        // The desk says what is wrong with the words.
        Err(_) => return Ok(()),
    };
    values.insert(CONDITION.to_owned(), whole.to_string().into());
    Ok(())
}
