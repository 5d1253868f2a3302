//! The list of what was refused, above the form that is shown again with status 422.

use mainstay_markup::html;
use mainstay_words::{sentence, tn};
use maud::Markup;

use crate::components::{Text, icon};

/// A refused answer.
#[derive(Clone, Debug)]
pub struct FieldError<'a> {
    /// Name of the field as in [`super::Field::name`]; none for what concerns the whole form.
    pub field: Option<Text<'a>>,
    /// Why, in a sentence.
    pub message: Text<'a>,
}

/// What was refused, with a link to each field; it takes the focus.
#[must_use]
pub fn error_summary(errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div #error-summary .error-summary role="alert" tabindex="-1" autofocus {
                h2 { (icon("circle-alert")) (tn(errors.len(), "One answer needs another look", "{n} answers need another look")) }
                ul {
                    @for error in errors {
                        li {
                            @match &error.field {
                                Some(field) => { a href={ "#field-" (field) } data-turbo="false" dir="auto" { (sentence(&error.message)) } }
                                None => { span dir="auto" { (sentence(&error.message)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_leads_to_its_field() {
        let errors = [
            FieldError { field: Some("title".into()), message: "Title: fill this in.".into() },
            FieldError { field: None, message: "Somebody changed the record.".into() },
        ];
        let html = error_summary(&errors).into_string();
        assert!(html.contains(r##"href="#field-title""##) && html.contains("2 answers"), "{html}");
        assert!(html.contains("autofocus") && html.contains(r#"tabindex="-1""#));
        assert!(error_summary(&[]).into_string().is_empty());
    }
}
