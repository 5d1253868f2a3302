//! A field: its name, its help, its control and why it was refused.

use mainstay_markup::html;
use mainstay_words::{sentence, t};
use maud::Markup;

use super::{Control, control};
use crate::components::{Text, icon_small};

/// How much of the line a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// The whole line.
    #[default]
    Full,
    /// Half the line; the whole line on phones.
    Half,
}

/// A field of a form.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the field")]
pub struct Field<'a> {
    /// Name of the value in the form; the control's id is `field-` and this.
    pub name: Text<'a>,
    /// Name for people.
    pub label: Text<'a>,
    /// What to fill in.
    pub help: Option<Text<'a>>,
    /// Why the answer was refused.
    pub error: Option<Text<'a>>,
    /// Must be answered.
    pub required: bool,
    /// Shown, not changed.
    pub locked: bool,
    /// Other questions depend on this one: changing it asks the server for the form again.
    pub updates_form: bool,
    /// Where one begins to write on a page that is there for its form alone.
    pub focused: bool,
    /// Room on the line.
    pub width: Width,
    /// What the answer is given with.
    pub control: Control<'a>,
}

impl<'a> Field<'a> {
    /// A field that is optional, open and takes the whole line.
    pub fn new(name: impl Into<Text<'a>>, label: impl Into<Text<'a>>, control: Control<'a>) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: None,
            error: None,
            required: false,
            locked: false,
            updates_form: false,
            focused: false,
            width: Width::Full,
            control,
        }
    }

    /// The same, whose control always holds an answer: nobody is told that one is not needed.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { required: true, ..self }
    }

    /// Id of the control, which labels and the error summary lead to.
    #[must_use]
    pub fn id(&self) -> String {
        format!("field-{}", self.name)
    }

    /// The ids of help and error, for `aria-describedby`.
    pub(super) fn described_by(&self) -> Option<String> {
        let id = self.id();
        let help = self.help.as_ref().map(|_| format!("{id}-help"));
        let error = self.error.as_ref().map(|_| format!("{id}-error"));
        let both: Vec<String> = help.into_iter().chain(error).collect();
        (!both.is_empty()).then(|| both.join(" "))
    }
}

/// The field with its label, help and error.
#[must_use]
pub fn field(field: &Field) -> Markup {
    let half = field.width == Width::Half;
    let updates = field.updates_form.then_some("");
    if field.control.is_group() {
        return html! {
            fieldset.field.field-half[half] id={ (field.id()) "-group" } data-updates-form=[updates] aria-describedby=[field.described_by()] {
                legend.field-label { (name(field)) }
                (remarks(field))
                (control::control(field))
            }
        };
    }
    html! {
        div.field.field-half[half] data-updates-form=[updates] {
            @if field.control.is_output() {
                span.field-label { (name(field)) }
            } @else if matches!(field.control, Control::Bool { .. }) {
                // The box carries its own label.
            } @else {
                label.field-label for=(field.id()) { (name(field)) }
            }
            (control::control(field))
            (remarks(field))
        }
    }
}

/// The name, marked when an answer is not needed.
pub(super) fn name(field: &Field) -> Markup {
    let optional = !field.required
        && !field.locked
        && !field.control.is_output()
        && !matches!(field.control, Control::Bool { .. });
    html! { span dir="auto" { (field.label) } @if optional { span.optional { "optional" } } }
}

fn remarks(field: &Field) -> Markup {
    let id = field.id();
    html! {
        @if let Some(help) = &field.help { p.field-help id={ (id) "-help" } dir="auto" { (sentence(help)) } }
        @if let Some(error) = &field.error {
            p.field-error id={ (id) "-error" } { (icon_small("circle-alert")) span { span.sr { "Error: " } (sentence(error)) } }
        }
    }
}

/// The buttons under a form: the one that sends it, and the way out, which is never called like the first.
#[must_use]
pub fn form_foot(submit: &str, cancel: Option<&str>) -> Markup {
    let out = if submit.starts_with("Cancel") { "Go back" } else { "Cancel" };
    html! {
        div.form-foot {
            button.btn.btn-primary type="submit" { (t(submit)) }
            @if let Some(href) = cancel { a.btn.btn-ghost href=(href) { (t(out)) } }
        }
    }
}

/// Asks for the form again where there is no script to do it; the address of the form knows it by this name and value.
#[must_use]
pub fn update_button(name: &str, value: &str) -> Markup {
    html! {
        button.btn.btn-s.needs-no-script type="submit" name=(name) value=(value) formnovalidate data-update-form { "Update form" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::form::{Choice, TextKind};

    fn text() -> Control<'static> {
        Control::Text { value: "a\"b".into(), kind: TextKind::Plain, max_length: Some(200) }
    }

    #[test]
    fn help_and_error_are_tied_to_the_control() {
        let mut spec = Field::new("title", "Title", text());
        spec.help = Some("What is wrong?".into());
        spec.error = Some("Fill this in.".into());
        let html = field(&spec).into_string();
        assert!(html.contains(r#"aria-describedby="field-title-help field-title-error""#), "{html}");
        assert!(html.contains(r#"id="field-title-help""#) && html.contains(r#"id="field-title-error""#));
        assert!(html.contains(r#"aria-invalid="true""#) && html.contains(r#"value="a&quot;b""#));
        assert!(html.contains(r#"<label class="field-label" for="field-title">"#));
    }

    #[test]
    fn a_group_of_boxes_is_a_fieldset_with_a_legend() {
        let options = vec![Choice::new("a", "A", true), Choice::new("b", "B", false)];
        let html = field(&Field::new("sites", "Sites", Control::Checks { options })).into_string();
        assert!(html.starts_with("<fieldset") && html.contains("<legend"), "{html}");
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(!html.contains("<label class=\"field-label\""));
    }

    #[test]
    fn the_two_buttons_of_a_form_are_told_apart() {
        assert!(form_foot("Save", Some("/x")).into_string().contains(">Cancel</a>"));
        assert!(form_foot("Cancel", Some("/x")).into_string().contains(">Go back</a>"));
    }

    #[test]
    fn only_optional_answers_are_marked() {
        let mut spec = Field::new("title", "Title", text());
        assert!(field(&spec).into_string().contains("optional"));
        spec.required = true;
        let html = field(&spec).into_string();
        assert!(!html.contains("optional") && html.contains(" required"), "{html}");
    }
}
