//! A list as a table with chosen columns.

use mainstay_desk::records::Row as Found;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use maud::Markup;

use super::list::{List, number};
use super::orders::is_sortable;
use crate::components::{Column, Order, Row, data_table, dense, sla_chip, status_words, time};
use crate::pages::frame::Frame;
use crate::shown::{Reader, due_chip, status};

impl List {
    /// The list as a table.
    #[must_use]
    pub fn table(&self, frame: &Frame, now: i64) -> Markup {
        let reader = Reader::new(&self.names, &frame.zone).naming(&self.targets);
        let columns: Vec<Column<'_>> = self.fields.iter().map(|field| self.column(field)).collect();
        let mut lines: Vec<Row<'_>> =
            self.found.iter().enumerate().map(|(index, row)| self.line(index, row, &reader, now)).collect();
        for (begin, group) in self.sections().filter(|(_, group)| !group.name.is_empty()) {
            if let Some(first) = lines.get_mut(begin) {
                first.above = Some((group.name.as_str().into(), group.counted().into()));
            }
        }
        html! {
            (self.bar())
            @if lines.is_empty() { (self.empty()) } @else {
                (dense(self.look.compact, &data_table(&self.title, &columns, &lines)))
                (self.pages())
                (self.bulk_bar())
            }
        }
    }

    fn column(&self, field: &'static FieldDef) -> Column<'_> {
        let (key, descending) = self.look.sorted();
        let sorted = (key == field.key).then_some(if descending { Order::Descending } else { Order::Ascending });
        let other = if key == field.key && !descending { format!("-{key}") } else { field.key.to_owned() };
        Column {
            label: field.label.into(),
            sort: is_sortable(field).then(|| self.place_of(&self.asked.sorted(&other)).into()),
            sorted,
            amount: matches!(field.kind, Kind::Number { .. } | Kind::Money { .. }) && field.key != "priority",
        }
    }

    fn line(&self, index: usize, row: &Found, reader: &Reader<'_>, now: i64) -> Row<'_> {
        let record = &row.record;
        let number = number(record);
        let href = self.row_address(index);
        let cell = |field: &&'static FieldDef| match field.key {
            "number" => html! { a.nowrap href=(href) { bdi { (number) } } },
            "title" => {
                html! { div.title dir="auto" { a href=(href) { (record.value("title").as_text().unwrap_or_default()) } } }
            }
            "state" => html! { span.line.nowrap { (status_words(&status(record.process, record.state))) } },
            "due" => html! { @if let Some(sla) = due_chip(record, now) { (sla_chip(&sla, now)) } },
            key => match (field.kind, record.value(key)) {
                (Kind::Instant, Value::Int(at)) => html! { span.nowrap { (time(*at, reader.zone, now)) } },
                (_, value) => {
                    let words = reader.words(field, value);
                    html! { span.line.nowrap title=[words] { @if let Some(shown) = reader.markup(field, value) { (shown) } @else { span.quiet.none { "–" } } } }
                }
            },
        };
        let pick = (!self.offers.is_empty()).then(|| number.clone().into());
        Row {
            id: format!("row-{number}").into(),
            cells: self.fields.iter().map(cell).collect(),
            select: pick,
            above: None,
        }
    }
}
