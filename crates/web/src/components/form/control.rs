//! What an answer is given with. Everything is a native element that works without a script.

use mainstay_markup::html;
use mainstay_words::{sentence, t, tf};
use maud::Markup;

use super::field::{self, Field};
use super::{Choice, Control, EachOf, Picked, PickerKind, TextKind};
use crate::components::{Text, icon_small};

/// The attributes of an `<input>` that differ from kind to kind.
#[derive(Default)]
struct Input<'a> {
    kind: &'a str,
    value: &'a str,
    short: bool,
    autocomplete: Option<&'a str>,
    max_length: Option<u32>,
    min: Option<&'a str>,
    max: Option<&'a str>,
    step: Option<&'a str>,
    mode: Option<&'a str>,
    list: Option<String>,
}

pub(super) fn control(field: &Field) -> Markup {
    html! {
        @match &field.control {
            Control::Text { value, kind, max_length } => (text(field, value, *kind, *max_length)),
            Control::Markdown { value, rows } => (markdown(field, value, *rows)),
            Control::Number { value, min, max, step, unit } => {
                (affixed(&number(field, value, min.as_deref(), max.as_deref(), step), unit.as_deref()))
            }
            Control::Money { value, currencies } => (money(field, value, currencies)),
            Control::Bool { value } => (yes_or_no(field, *value)),
            Control::Date { value } => (input(field, Input { kind: "date", value, short: true, ..Input::default() })),
            Control::DateTime { value, zone } => {
                (affixed(&input(field, Input { kind: "datetime-local", value, ..Input::default() }), Some(zone)))
            }
            Control::Duration { value } => (input(field, Input { kind: "text", value, short: true, autocomplete: Some("off"), ..Input::default() })),
            Control::Select { options, blank } => (select(field, options, blank.as_deref())),
            Control::Radios { options } => (options_of(field, options, "radio")),
            Control::Checks { options } => (options_of(field, options, "checkbox")),
            Control::Tags { value, suggestions } => (tags(field, value, suggestions)),
            Control::Several { values, each } => (several(field, values, *each)),
            Control::Picker { kind, picked, options, source } => (picker(field, *kind, picked.as_ref(), options, source.as_deref())),
            Control::Table { columns, rows } => (table(field, columns, rows)),
            Control::File { multiple, limit } => (file(field, *multiple, limit.as_deref())),
            Control::Computed { value } => { output #(field.id()) .property { (value) } }
        }
    }
}

fn input(field: &Field, input: Input) -> Markup {
    html! {
        input.control.control-short[input.short] #(field.id()) type=(input.kind) name=(field.name) value=(input.value) dir=[(input.kind == "text").then_some("auto")]
            required[field.required] readonly[field.locked] maxlength=[input.max_length] min=[input.min] max=[input.max]
            step=[input.step] inputmode=[input.mode] autocomplete=[input.autocomplete] list=[input.list] autofocus[field.focused]
            aria-invalid=[invalid(field)] aria-describedby=[field.described_by()];
    }
}

fn invalid(field: &Field) -> Option<&'static str> {
    field.error.is_some().then_some("true")
}

fn text(field: &Field, value: &str, kind: TextKind, max_length: Option<u32>) -> Markup {
    let (kind, autocomplete) = match kind {
        TextKind::Plain => ("text", None),
        TextKind::Email => ("email", Some("email")),
        TextKind::Url => ("url", None),
        TextKind::Phone => ("tel", Some("tel")),
        TextKind::Username => ("text", Some("username")),
        TextKind::Password => ("password", Some("current-password")),
        TextKind::NewPassword => ("password", Some("new-password")),
        TextKind::OneTimeCode => ("text", Some("one-time-code")),
        TextKind::Time => ("time", None),
    };
    input(field, Input { kind, value, autocomplete, max_length, ..Input::default() })
}

fn markdown(field: &Field, value: &str, rows: u8) -> Markup {
    html! {
        textarea.control #(field.id()) name=(field.name) rows=(rows) dir="auto" data-markdown required[field.required] readonly[field.locked]
            aria-invalid=[invalid(field)] aria-describedby=[field.described_by()] { (value) }
    }
}

fn number(field: &Field, value: &str, min: Option<&str>, max: Option<&str>, step: &str) -> Markup {
    input(
        field,
        Input {
            kind: "number",
            value,
            short: true,
            min,
            max,
            step: Some(step),
            mode: Some("decimal"),
            ..Input::default()
        },
    )
}

fn affixed(control: &Markup, unit: Option<&str>) -> Markup {
    html! { @match unit { Some(unit) => { div.affix { (control) span.unit { (t(unit)) } } } None => (control) } }
}

fn money(field: &Field, value: &str, currencies: &[Choice]) -> Markup {
    let name = format!("{}_currency", field.name);
    let amount = input(
        field,
        Input {
            kind: "text",
            value,
            mode: Some("decimal"),
            autocomplete: Some("off"),
            short: true,
            ..Input::default()
        },
    );
    html! {
        div.affix {
            @if let [only] = currencies {
                span.unit { (only.label) } input type="hidden" name=(name) value=(only.value);
            } @else {
                select.control.control-currency name=(name) aria-label=(tf("Currency of {label}", &[("label", &t(&field.label))])) disabled[field.locked] { (choices(currencies)) }
            }
            (amount)
        }
    }
}

fn yes_or_no(field: &Field, value: bool) -> Markup {
    html! {
        label.option for=(field.id()) {
            input.check #(field.id()) type="checkbox" name=(field.name) value="true" checked[value] disabled[field.locked] required[field.required]
                aria-invalid=[invalid(field)] aria-describedby=[field.described_by()];
            span.medium { (field::name(field)) }
        }
    }
}

fn select(field: &Field, options: &[Choice], blank: Option<&str>) -> Markup {
    html! {
        select.control #(field.id()) name=(field.name) required[field.required] disabled[field.locked] autofocus[field.focused]
            aria-invalid=[invalid(field)] aria-describedby=[field.described_by()] {
            @if blank.is_some() && field.required {
                // No answer, and so it cannot be chosen.
                option value="" disabled selected[!options.iter().any(|each| each.chosen)] { "Choose" }
            } @else if let Some(blank) = blank { option value="" { (t(blank)) } }
            (choices(options))
        }
    }
}

fn choices(options: &[Choice]) -> Markup {
    html! { @for each in options { option value=(each.value) selected[each.chosen] { (each.label) } } }
}

fn options_of(field: &Field, options: &[Choice], kind: &str) -> Markup {
    html! {
        div.options.options-card {
            @for (index, each) in options.iter().enumerate() {
                // The first carries the id that the error summary leads to.
                @let id = if index == 0 { field.id() } else { format!("{}-{index}", field.id()) };
                label.option for=(id) {
                    input.check #(id) type=(kind) name=(field.name) value=(each.value) checked[each.chosen] disabled[field.locked]
                        required[field.required && kind == "radio"];
                    span dir="auto" { (each.label) @if let Some(help) = &each.help { small { (help) } } }
                }
            }
        }
    }
}

fn tags(field: &Field, value: &str, suggestions: &[Text]) -> Markup {
    let list = format!("{}-list", field.id());
    html! {
        (input(field, Input { kind: "text", value, autocomplete: Some("off"), list: Some(list.clone()), ..Input::default() }))
        datalist #(list) { @for each in suggestions { option value=(each) {} } }
    }
}

fn several(field: &Field, values: &[Text], each: EachOf) -> Markup {
    let (number, unit) = match each {
        EachOf::Percent => (true, Some("%")),
        EachOf::Network => (false, None),
    };
    html! {
        div.several {
            @for (index, value) in values.iter().enumerate() {
                // The first carries the id that the error summary leads to.
                @let id = if index == 0 { field.id() } else { format!("{}-{index}", field.id()) };
                @let label = tf("{label}, number {n}", &[("label", &t(&field.label)), ("n", &(index + 1))]);
                div.affix {
                    label.sr for=(id) { (label) }
                    input.control.control-short[number] #(id) type=(if number { "number" } else { "text" }) name=(field.name) value=(value)
                        min=[number.then_some("1")] max=[number.then_some("99")] step=[number.then_some("1")]
                        inputmode=[number.then_some("numeric")] maxlength=[(!number).then_some("50")] spellcheck=[(!number).then_some("false")]
                        placeholder=[(!number && index == 0).then_some("192.0.2.0/24")] autocomplete="off" readonly[field.locked]
                        aria-invalid=[invalid(field)];
                    @if let Some(unit) = unit { span.unit aria-hidden="true" { (unit) } }
                }
            }
        }
    }
}

fn picker(
    field: &Field,
    kind: PickerKind,
    picked: Option<&Picked>,
    options: &[Picked],
    source: Option<&str>,
) -> Markup {
    let Some(source) = source else {
        let all: Vec<Choice> = options
            .iter()
            .map(|each| {
                Choice::new(each.value.clone(), each.label.clone(), picked.is_some_and(|one| one.value == each.value))
            })
            .collect();
        return select(field, &all, Some("None"));
    };
    let list = format!("{}-list", field.id());
    let value = picked.map_or("", |one| &one.value);
    html! {
        div.affix data-source=(source) {
            (icon_small(picker_icon(kind)))
            (input(field, Input { kind: "text", value, autocomplete: Some("off"), list: Some(list.clone()), ..Input::default() }))
            @if let Some(picked) = picked.filter(|picked| !picked.label.is_empty()) { bdi.unit.clip { (picked.label) } }
        }
        datalist #(list) { @for each in options { option value=(each.value) { (each.label) } } }
    }
}

fn picker_icon(kind: PickerKind) -> &'static str {
    match kind {
        PickerKind::Person => "user-round",
        PickerKind::Team => "users-round",
        PickerKind::Organisation => "building-2",
        PickerKind::Service => "globe",
        PickerKind::Category => "tag",
        PickerKind::Zone => "clock",
        PickerKind::Record => "search",
    }
}

fn table(field: &Field, columns: &[Text], rows: &[Vec<Field>]) -> Markup {
    html! {
        div.field-rows.field-rows-stacks tabindex="0" role="region" aria-label=(field.label) {
            table {
                thead { tr { @for column in columns { th scope="col" { (t(column)) } } td { span.sr { "Remove" } } } }
                tbody {
                    @for (index, row) in rows.iter().enumerate() {
                        tr {
                            @for cell in row { td data-updates-form=[cell.updates_form.then_some("")] { (cell_control(cell)) } }
                            td { button.icon-btn type="submit" formnovalidate name="_remove_row" value={ (field.name) ":" (index) } aria-label=(tf("Remove row {n}", &[("n", &(index + 1))])) { (icon_small("trash-2")) } }
                        }
                    }
                }
            }
        }
        div { (add_row(&field.name)) }
    }
}

/// The button that adds a row to a table.
#[must_use]
pub fn add_row(table: &str) -> Markup {
    html! { button.btn.btn-s type="submit" formnovalidate name="_add_row" value=(table) { (icon_small("plus")) "Add row" } }
}

/// A control whose place says what it asks, with a label for everybody who does not see that.
#[must_use]
pub fn bare_field(field: &Field) -> Markup {
    if !field.control.is_group() {
        return cell_control(field);
    }
    html! {
        fieldset.field { legend.sr { (field.label) } (control(field)) }
        @if let Some(error) = &field.error { p.field-error id={ (field.id()) "-error" } { (icon_small("circle-alert")) (error) } }
    }
}

/// A control in a row: its column names it for the eye, a hidden label for everybody else.
fn cell_control(cell: &Field) -> Markup {
    html! {
        label.sr for=(cell.id()) { (cell.label) }
        @if let Control::Bool { value } = cell.control {
            // The column is its label.
            input.check #(cell.id()) type="checkbox" name=(cell.name) value="true" checked[value] disabled[cell.locked];
        } @else { (control(cell)) }
        @if let Some(error) = &cell.error { p.field-error id={ (cell.id()) "-error" } { (icon_small("circle-alert")) (sentence(error)) } }
    }
}

fn file(field: &Field, multiple: bool, limit: Option<&str>) -> Markup {
    html! {
        input.control #(field.id()) type="file" name=(field.name) multiple[multiple] required[field.required] disabled[field.locked]
            aria-invalid=[invalid(field)] aria-describedby=[field.described_by()];
        @if let Some(limit) = limit { p.field-help { (t(limit)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(control: Control<'static>) -> String {
        super::control(&Field::new("x", "X", control)).into_string()
    }

    fn picked(value: &'static str) -> Picked<'static> {
        Picked { value: value.into(), label: "Network <L2>".into() }
    }

    #[test]
    fn few_records_are_a_list_and_many_a_text_with_suggestions() {
        let few = shown(Control::Picker {
            kind: PickerKind::Team,
            picked: Some(picked("2")),
            options: vec![picked("1"), picked("2")],
            source: None,
        });
        assert!(
            few.contains("<select") && few.contains(r#"<option value="2" selected>Network &lt;L2&gt;</option>"#),
            "{few}"
        );
        let many = shown(Control::Picker {
            kind: PickerKind::Team,
            picked: None,
            options: vec![picked("1")],
            source: Some("/search/team".into()),
        });
        assert!(many.contains(r#"list="field-x-list""#) && many.contains(r#"<datalist id="field-x-list">"#), "{many}");
        assert!(many.contains(r#"data-source="/search/team""#));
    }

    #[test]
    fn what_must_be_answered_offers_no_empty_answer() {
        let ask = |required, chosen: Option<Picked<'static>>| {
            let options = vec![picked("1")];
            let control = Control::Picker { kind: PickerKind::Team, picked: chosen, options, source: None };
            let mut field = Field::new("x", "X", control);
            field.required = required;
            super::control(&field).into_string()
        };
        assert!(ask(false, None).contains(r#"<option value="">None</option>"#));
        let (open, given) = (ask(true, None), ask(true, Some(picked("1"))));
        assert!(open.contains(r#"<option value="" disabled selected>Choose</option>"#), "{open}");
        assert!(given.contains(r#"<option value="" disabled>Choose</option>"#) && !given.contains("None"), "{given}");
    }

    #[test]
    fn one_currency_is_not_asked() {
        let one = shown(Control::Money { value: "12.50".into(), currencies: vec![Choice::new("GBP", "£", true)] });
        assert!(one.contains(r#"type="hidden" name="x_currency" value="GBP""#) && !one.contains("<select"), "{one}");
    }

    #[test]
    fn a_clock_time_names_its_zone() {
        let text = shown(Control::DateTime { value: "2026-11-20T08:52".into(), zone: "London (GMT)".into() });
        assert!(text.contains(r#"type="datetime-local""#) && text.contains("London (GMT)"), "{text}");
    }

    #[test]
    fn rows_can_be_added_and_removed_without_a_script() {
        let row = vec![Field::new(
            "x.0.name",
            "Name",
            Control::Text { value: "a".into(), kind: TextKind::Plain, max_length: None },
        )];
        let text = shown(Control::Table { columns: vec!["Name".into()], rows: vec![row] });
        assert!(
            text.contains(r#"name="_remove_row" value="x:0""#) && text.contains(r#"name="_add_row" value="x""#),
            "{text}"
        );
        assert!(text.contains(r#"<label class="sr" for="field-x.0.name">Name</label>"#));
    }

    #[test]
    fn text_of_a_person_cannot_leave_its_control() {
        let text = shown(Control::Markdown { value: "</textarea><img src=x onerror=alert(1)>".into(), rows: 4 });
        assert!(!text.contains("<img"), "{text}");
    }
}
