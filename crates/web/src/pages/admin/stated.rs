//! The conditions of an entry: stated in sentences, or in the condition language where no sentence says it.

use mainstay_desk::{Caller, Session};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::{PROCESS_SETTINGS, VIEWS};
use maud::Markup;

use super::draft::Draft;
use crate::components::{field, icon_small};
use crate::conditions::{Builder as Sentences, Draft as Lines, Within, askable, sent_lines, stated};
use crate::fields::rows::{RowGiven, cell, columns};
use crate::form::Form;

/// What a field or a column that holds one is called.
const CONDITION: &str = "condition";
/// What is asked anew when an answer changes the questions.
pub const ASKED: &str = "asked";

/// Whether a field of a register holds a condition on the records of one process.
pub fn is_condition(register: &Register, field: &FieldDef) -> bool {
    field.key == CONDITION && register.fields.iter().any(|other| other.key == "process")
}

/// Whether each row of a table holds such a condition.
pub fn has_conditions(register: &Register, field: &FieldDef) -> bool {
    columns(field).iter().any(|column| is_condition(register, column))
}

/// The conditions of an entry as its form calls them, with what they say.
pub fn conditions(register: &Register, draft: &Draft) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for field in register.fields {
        if is_condition(register, field) {
            found.push((field.key.to_owned(), draft.text(field.key).to_owned()));
        }
        for column in columns(field).iter().filter(|column| is_condition(register, column)) {
            let text = |row: &RowGiven| row.get(column.key).and_then(|given| given.first().cloned());
            let rows = draft.rows(field.key).iter().enumerate();
            found.extend(rows.map(|(index, row)| (cell(field, index, column), text(row).unwrap_or_default())));
        }
    }
    found
}

/// What the names of the controls of a condition begin with.
fn prefix(name: &str) -> String {
    format!("{name}.")
}

/// Whether a form only asks for one line more or fewer in one of its conditions.
pub fn turns(form: &Form) -> bool {
    form.pairs().any(|(name, _)| name.ends_with("._add") || name.ends_with("._remove"))
}

/// Whether the sentences of a condition speak of anything.
pub fn is_begun(form: &Form, name: &str) -> bool {
    sent_lines(form, &prefix(name)).lines.iter().any(|line| !line.field.is_empty())
}

/// A condition on its way through a form.
pub struct Stated {
    name: String,
    builder: Sentences,
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
        (name, held): (String, String),
        form: Option<&Form>,
    ) -> mainstay_desk::Result<Self> {
        let fields = askable(session, process);
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let prefix = prefix(&name);
        let (draft, typed) = match form.filter(|form| form.has(&format!("{prefix}lines"))) {
            Some(form) => (sent_lines(form, &prefix), held),
            None if held.trim().is_empty() => (Lines::default(), String::new()),
            None => {
                let draft = Lines::of(std::slice::from_ref(&held), &find);
                if draft.rest.is_empty() { (draft, String::new()) } else { (Lines::default(), held) }
            }
        };
        // A view is read by somebody, a step is taken by somebody; a rule is nobody's.
        let personal = [VIEWS.key, PROCESS_SETTINGS.key].contains(&register.key);
        Ok(Self { name, builder: Sentences::load(session, caller, process, draft)?, typed, personal })
    }

    /// Whether it is the condition that a form calls so.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The sentences under the name of the field, and the language behind them.
    pub fn asked(&self, def: &FieldDef, errors: &[FieldError]) -> Markup {
        let prefix = prefix(&self.name);
        let within = Within { prefix: &prefix, frame: Some(ASKED), personal: self.personal, ..Within::default() };
        let wrong = errors.iter().find(|error| error.field == self.name);
        html! {
            fieldset.field.sentences {
                legend.field-label { (def.label) }
                @if !def.help.is_empty() { p.field-help { (def.help) } }
                @if let Some(error) = wrong.filter(|_| self.typed.is_empty()) { p.field-error { (icon_small("circle-alert")) span { span.sr { "Error: " } (error.detail) } } }
                (self.builder.sentences(&within, errors))
                details.sentence-words open[!self.typed.is_empty()] {
                    summary { "In words of your own" }
                    (field(&self.builder.typed(&self.name, &self.typed, errors)))
                }
            }
        }
    }
}

/// The form with what the sentences and the words of each of its conditions come to.
///
/// # Errors
/// A sentence that cannot be read; the database's.
pub fn concluded(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    form: &Form,
) -> mainstay_desk::Result<Form> {
    let mut concluded = form.clone();
    let Some(process) = form.get("process").and_then(mainstay_processes::process) else { return Ok(concluded) };
    for (name, typed) in conditions(register, &Draft::sent(register, form)) {
        if let Some(whole) = conclusion(session, caller, process, form, &name, typed.trim())? {
            concluded = concluded.with(&name, whole.to_string());
        }
    }
    Ok(concluded)
}

/// What sentences and words come to; none where the words alone say it, or say nothing that can be read.
fn conclusion(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    form: &Form,
    name: &str,
    typed: &str,
) -> mainstay_desk::Result<Option<Condition>> {
    let conditions = stated(session, caller, process, form, &prefix(name))?.map_err(|error| {
        let says = error.detail.clone();
        Refusal { errors: vec![error], ..Refusal::invalid("bad_condition", says) }
    })?;
    let Some(stated) = conditions.into_iter().reduce(Condition::and) else { return Ok(None) };
    Ok(match Condition::parse(typed) {
        _ if typed.is_empty() => Some(stated),
        Ok(more) => Some(stated.and(more)),
        // The desk says what is wrong with the words.
        Err(_) => None,
    })
}
