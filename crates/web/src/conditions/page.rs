//! Choosing conditions on a page of its own: sentences, what no sentence says, and words of one's own.

use mainstay_desk::{Caller, Session};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::{Builder, Draft, Within, askable, sent_lines, stated};
use crate::components::{Choice, Control, Field, FieldError as Wrong, error_summary, field};
use crate::form::Form;
use crate::pages::queue::in_words;

/// The name of the words of one's own.
const TYPED: &str = "where";

/// Conditions on their way through a page.
pub struct Chooser {
    builder: Builder,
    /// What no line can say, with its words.
    kept: Vec<(String, String)>,
}

/// Where a page of conditions leads.
pub struct Ways<'a> {
    /// The page itself; what it comes to is answered below it, at `/apply`.
    pub page: &'a str,
    /// Back without a change.
    pub back: &'a str,
    /// What is kept beside the conditions, as hidden values.
    pub carried: &'a Markup,
}

impl Chooser {
    /// What a form holds on its way, else the conditions in force.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        form: &Form,
        filters: &[String],
    ) -> mainstay_desk::Result<Self> {
        let fields = askable(session, process);
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let draft = if form.has("lines") {
            Draft { rest: filters.to_vec(), ..sent_lines(form, "") }
        } else {
            Draft::of(filters, &find)
        };
        let mut kept = Vec::new();
        for filter in &draft.rest {
            kept.push((filter.clone(), in_words(session, process, filter)?));
        }
        Ok(Self { builder: Builder::load(session, caller, process, draft)?, kept })
    }

    /// The same about these fields only.
    #[must_use]
    pub fn about(self, fields: &[&'static FieldDef]) -> Self {
        Self { builder: self.builder.about(fields), ..self }
    }

    /// The form; `typed` are the words of one's own.
    pub fn form(&self, ways: &Ways<'_>, typed: &str, errors: &[FieldError]) -> Markup {
        let wrong: Vec<Wrong<'_>> = errors
            .iter()
            .map(|error| Wrong { field: Some(error.field.as_str().into()), message: error.detail.as_str().into() })
            .collect();
        let asks = Within { rebuild: Some(ways.page), personal: true, ..Within::default() };
        html! {
            turbo-frame #sentences {
                form.form.sentences method="get" action={ (ways.page) "/apply" } {
                    // The key Enter sends the form by its first button, which must not be one that removes a line.
                    button.sr type="submit" tabindex="-1" aria-hidden="true" data-turbo-frame="_top" { "Show" }
                    (error_summary(&wrong))
                    (ways.carried)
                    (self.builder.sentences(&asks, errors))
                    (self.kept())
                    details.sentence-words open[!typed.is_empty()] {
                        summary { "In words of your own" }
                        (field(&self.builder.typed(TYPED, typed, errors)))
                    }
                    button.btn.btn-s.needs-no-script type="submit" formaction=(ways.page) formnovalidate data-update-form { "Update form" }
                    div.form-foot {
                        button.btn.btn-primary type="submit" data-turbo-frame="_top" { "Show" }
                        a.btn.btn-ghost href=(ways.back) data-turbo-frame="_top" { "Cancel" }
                    }
                }
            }
        }
    }

    fn kept(&self) -> Markup {
        if self.kept.is_empty() {
            return html! {};
        }
        let options = self.kept.iter().map(|(text, words)| Choice::new(text.as_str(), words.as_str(), true)).collect();
        field(&Field::new("filter", t("Also in force"), Control::Checks { options }).answered())
    }
}

/// The words of one's own that a form holds.
pub fn typed(form: &Form) -> &str {
    form.filled(TYPED).unwrap_or_default()
}

/// What the sentences and the words of a form come to, each condition for itself; else what is wrong with one.
///
/// # Errors
/// The database's.
pub fn conclude(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    form: &Form,
) -> mainstay_desk::Result<Result<Vec<String>, FieldError>> {
    let mut conditions = match stated(session, caller, process, form, "")? {
        Ok(conditions) => conditions,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if !typed(form).is_empty() {
        match Condition::parse(typed(form)) {
            Ok(condition) => conditions.push(condition),
            Err(fault) => return Ok(Err(FieldError::new(TYPED, fault.code, fault.says))),
        }
    }
    Ok(Ok(conditions.iter().map(ToString::to_string).collect()))
}
