//! What the forms of records have in common: the page around them, hidden facts, the summary of what was refused.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_engine::field::FieldDef;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_markup::html;
use maud::Markup;

use crate::components::{FieldError, ViewHead, error_summary, pane, token_field, view_head};
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place};
use crate::session::Visit;
use crate::web::Web;

/// A page with one form.
pub struct Page<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Name of the page.
    pub title: &'a str,
    /// Where one was, with its address.
    pub above: (&'a str, String),
    /// Where it stands in the sidebar.
    pub place: Place,
    /// The status that it is answered with.
    pub status: StatusCode,
}

impl Page<'_> {
    /// The page as an answer.
    #[must_use]
    pub fn respond(&self, web: &Web, visit: &Visit, body: &Markup) -> Response {
        let (label, href) = &self.above;
        let above = vec![((*label).into(), href.as_str().into())];
        let head = view_head(&ViewHead { title: self.title.into(), above, ..ViewHead::default() });
        let at = At::new(self.title, self.place).answered(self.status).of_record();
        self.frame.page(web, visit, &at, &pane(&head, body))
    }
}

/// What was refused, for the top of a form.
pub struct Wrong<'a> {
    /// The refusal; none on the first showing.
    pub refusal: Option<&'a Refusal>,
}

impl Wrong<'_> {
    /// The summary with a link to each field.
    #[must_use]
    pub fn summary(&self) -> Markup {
        let Some(refusal) = self.refusal else { return html! {} };
        if refusal.errors.is_empty() && refusal.why == Why::Conflict {
            return html! {};
        }
        let whole = FieldError { field: None, message: refusal.detail.as_str().into() };
        let mut errors: Vec<FieldError<'_>> = refusal
            .errors
            .iter()
            .map(|error| FieldError { field: Some(error.field.as_str().into()), message: error.detail.as_str().into() })
            .collect();
        if errors.is_empty() {
            errors.push(whole);
        }
        error_summary(&errors)
    }
}

/// Token, version, and the names of the fields that the form asks for: what is not among them stays as it is, and a
/// box that is not ticked is told from one that was not there.
#[must_use]
pub fn hidden<'a>(token: &str, version: i64, fields: impl Iterator<Item = &'a FieldDef>) -> Markup {
    html! {
        (token_field(token))
        input type="hidden" name="version" value=(version);
        @for field in fields { input type="hidden" name="_fields" value=(field.key); }
    }
}

/// Whether a form asked for a field.
#[must_use]
pub fn listed(form: &Form, field: &FieldDef) -> bool {
    form.all("_fields").iter().any(|key| key == field.key)
}
