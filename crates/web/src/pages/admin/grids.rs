//! Tables of entries that read better as what they mean: a week, a matrix, targets by priority.

use mainstay_engine::field::{Choice, FieldDef, Kind};
use mainstay_engine::process::Policy;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::draft::Draft;
use super::rights::areas;
use crate::components::icon_small;
use crate::fields::rows::{RowGiven, cell, columns};

/// Priorities that targets are agreed for.
const PRIORITIES: [&str; 5] = ["1", "2", "3", "4", "5"];

fn first<'a>(row: &'a RowGiven, key: &str) -> &'a str {
    row.get(key).and_then(|given| given.first()).map_or("", String::as_str)
}

fn options(column: &FieldDef) -> &'static [Choice] {
    if let Kind::Choice(options) = column.kind { options } else { &[] }
}

/// A grid under its name, help and error.
pub fn framed(field: &FieldDef, error: Option<&str>, grid: &Markup) -> Markup {
    let id = format!("field-{}", field.key);
    html! {
        fieldset.field id=(id) tabindex="-1" {
            legend.field-label { (field.label) }
            @if !field.help.is_empty() { p.field-help { (field.help) } }
            @if let Some(error) = error { p.field-error { (icon_small("circle-alert")) span { span.sr { "Error: " } (error) } } }
            (grid)
        }
    }
}

/// A control without a visible label.
fn bare(name: &str, label: &str, value: &str, kind: &str, locked: bool) -> Markup {
    let id = format!("field-{name}");
    html! {
        label.sr for=(id) { (label) }
        input.control.control-short id=(id) type=(kind) name=(name) value=(value) readonly[locked]
            min=[(kind == "number").then_some("0")] autocomplete="off";
    }
}

fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// Each day with its hours and room for one stretch more.
pub fn week(field: &FieldDef, draft: &Draft, locked: bool) -> Markup {
    let [day, from, to] = columns(field) else { return Markup::default() };
    let mut spans: Vec<(&str, &str, &str)> = Vec::new();
    for option in options(day) {
        let own = draft.rows(field.key).iter().filter(|row| first(row, day.key) == option.key);
        spans.extend(own.map(|row| (option.key, first(row, from.key), first(row, to.key))));
        if !locked {
            spans.push((option.key, "", ""));
        }
    }
    html! {
        div.field-rows tabindex="0" role="region" aria-label=(field.label) {
            table {
                thead { tr { th scope="col" { "Day" } th scope="col" { "Hours" } } }
                tbody {
                    @for option in options(day) {
                        tr {
                            th scope="row" { (option.label) }
                            td { div.admin-spans {
                                @for (index, span) in spans.iter().enumerate().filter(|(_, span)| span.0 == option.key) {
                                    span.line {
                                        (hidden(&cell(field, index, day), span.0))
                                        (bare(&cell(field, index, from), &tf("{day} from", &[("day", &t(option.label))]), span.1, "text", locked))
                                        "–"
                                        (bare(&cell(field, index, to), &tf("{day} to", &[("day", &t(option.label))]), span.2, "text", locked))
                                    }
                                }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// Priority by impact and urgency.
pub fn matrix(field: &FieldDef, draft: &Draft, locked: bool) -> Markup {
    let [impact, urgency, priority] = columns(field) else { return Markup::default() };
    // What nobody is hit by yet counts as the lowest impact and has no row of its own.
    let rows: Vec<&Choice> =
        options(impact).iter().filter(|i| options(urgency).iter().any(|u| u.key == i.key)).collect();
    let given = |i: &Choice, u: &Choice| {
        let row =
            draft.rows(field.key).iter().find(|r| first(r, impact.key) == i.key && first(r, urgency.key) == u.key);
        row.map_or("", |row| first(row, priority.key))
    };
    let many = options(urgency).len();
    html! {
        div.field-rows tabindex="0" role="region" aria-label=(field.label) {
            table.admin-matrix {
                thead { tr { td { (impact.label) " ↓ " (urgency.label) " →" } @for u in options(urgency) { th scope="col" { (u.label) } } } }
                tbody {
                    @for (r, i) in rows.iter().enumerate() {
                        tr {
                            th scope="row" { (i.label) }
                            @for (c, u) in options(urgency).iter().enumerate() {
                                @let index = r * many + c;
                                td {
                                    (hidden(&cell(field, index, impact), i.key))
                                    (hidden(&cell(field, index, urgency), u.key))
                                    @let label = tf(
                                        "{priority} for impact {impact} and urgency {urgency}",
                                        &[("priority", &t(priority.label)), ("impact", &t(i.label)), ("urgency", &t(u.label))],
                                    );
                                    (bare(&cell(field, index, priority), &label, given(i, u), "number", locked))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Amount and unit by metric and priority; the last line is for records of any priority.
pub fn targets(field: &FieldDef, draft: &Draft, locked: bool) -> Markup {
    let [metric, priority, amount, unit] = columns(field) else { return Markup::default() };
    let lines: Vec<&str> = PRIORITIES.into_iter().chain([""]).collect();
    let found = |m: &Choice, p: &str| {
        draft.rows(field.key).iter().find(|row| first(row, metric.key) == m.key && first(row, priority.key) == p)
    };
    html! {
        div.field-rows.field-rows-stacks tabindex="0" role="region" aria-label=(field.label) {
            table {
                thead { tr { th scope="col" { (priority.label) } @for m in options(metric) { th scope="col" { (m.label) } } } }
                tbody {
                    @for (r, p) in lines.iter().enumerate() {
                        @let line = if p.is_empty() { t("Any other").to_owned() } else { format!("P{p}") };
                        tr {
                            th scope="row" { (line) }
                            @for (c, m) in options(metric).iter().enumerate() {
                                @let index = r * options(metric).len() + c;
                                @let row = found(m, p);
                                td data-label=(t(m.label)) { div.line {
                                    (hidden(&cell(field, index, metric), m.key))
                                    (hidden(&cell(field, index, priority), p))
                                    (bare(&cell(field, index, amount), &tf("{metric} {line}: amount", &[("metric", &t(m.label)), ("line", &line)]), row.map_or("", |row| first(row, amount.key)), "number", locked))
                                    (choice(&cell(field, index, unit), &tf("{metric} {line}: unit", &[("metric", &t(m.label)), ("line", &line)]), options(unit), row.map_or("", |row| first(row, unit.key)), locked))
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn choice(name: &str, label: &str, options: &[Choice], given: &str, locked: bool) -> Markup {
    let id = format!("field-{name}");
    html! {
        label.sr for=(id) { (label) }
        select.control id=(id) name=(name) disabled[locked] {
            @for option in options { option value=(option.key) selected[option.key == given] { (option.label) } }
        }
    }
}

/// A number for each declared policy; an empty one follows the table.
pub fn policies(field: &FieldDef, draft: &Draft, declared: &[Policy], locked: bool) -> Markup {
    let [policy, value] = columns(field) else { return Markup::default() };
    let given = |key: &str| draft.rows(field.key).iter().find(|row| first(row, policy.key) == key);
    html! {
        div.field-rows tabindex="0" role="region" aria-label=(field.label) {
            table {
                thead { tr { th scope="col" { (policy.label) } th scope="col" { (value.label) } th scope="col" { "Unless set" } } }
                tbody {
                    @for (index, each) in declared.iter().enumerate() {
                        tr {
                            th.admin-words scope="row" { (each.label) }
                            td {
                                (hidden(&cell(field, index, policy), each.key))
                                (bare(&cell(field, index, value), each.label, given(each.key).map_or("", |row| first(row, value.key)), "number", locked))
                            }
                            td { (each.default) }
                        }
                    }
                }
            }
        }
    }
}

/// Permissions as boxes, and a line for those with a star.
pub fn permissions(field: &FieldDef, draft: &Draft, locked: bool) -> Markup {
    let given: Vec<&str> = draft.given(field.key).iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    let all = areas();
    let known = |permission: &&str| all.iter().flat_map(|area| &area.rights).any(|right| right.key == *permission);
    let others: Vec<&str> = given.iter().copied().filter(|p| !p.is_empty() && !known(p)).collect();
    let id = format!("field-{}-others", field.key);
    let further = html! {
        div.field {
            label.field-label for=(id) { "Whole areas" }
            input.control id=(id) name=(field.key) value=(others.join(", ")) readonly[locked] autocomplete="off";
            p.field-help { "With a star for all of an area, all that is called so, or everything, as in people.* or *.view or *; separated by commas" }
        }
    };
    html! {
        // What a star gives makes the ticks below it needless.
        @if !others.is_empty() { (further) }
        div.admin-permissions {
            @for area in &all {
                fieldset.options.options-card {
                    legend.field-label { (area.label) }
                    @for right in &area.rights {
                        @let id = format!("field-{}-{}", field.key, right.key);
                        label.option for=(id) title=(right.key) {
                            input.check id=(id) type="checkbox" name=(field.key) value=(right.key) checked[given.contains(&right.key.as_str())] disabled[locked];
                            span { (right.label) }
                        }
                    }
                }
            }
        }
        @if others.is_empty() { (further) }
    }
}
