//! A list as two-line rows, and what it says where it has none.

use mainstay_desk::records::Row as Found;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::list::{List, number};
use crate::components::{Nothing, TicketRow, button_link, nothing, pages, row_group, rows, ticket_row};
use crate::pages::frame::Frame;
use crate::pages::queue::Asked;
use crate::shown::{Reader, due_chip, lately, priority, status};

impl List {
    /// The list as two-line rows.
    #[must_use]
    pub fn rows_pane(&self, frame: &Frame, token: &str, now: i64) -> Markup {
        html! {
            (self.head(frame, token, self.open.id.is_some()))
            (self.bar())
            @if self.found.is_empty() { (self.empty()) } @else {
                (rows(self.look.compact, &html! {
                    @for (begin, group) in self.sections() {
                        @let body = html! {
                            @for index in begin..begin + group.rows { (self.row(index, frame, now)) }
                        };
                        @if group.name.is_empty() { (body) }
                        @else { (row_group(&group.key, &group.name, &group.counted(), &body)) }
                    }
                    (self.pages())
                }))
                (self.bulk_bar())
            }
        }
    }

    fn row(&self, index: usize, frame: &Frame, now: i64) -> Markup {
        html! { @if let Some(row) = self.found.get(index) { (ticket_row(&self.ticket(index, row, frame, now), now)) } }
    }

    fn ticket(&self, index: usize, row: &Found, frame: &Frame, now: i64) -> TicketRow<'_> {
        let record = &row.record;
        let reader = Reader::new(&self.names, &frame.zone);
        let current = self.open.id == Some(record.id);
        TicketRow {
            number: number(record).into(),
            href: self.row_address(index).into(),
            title: record.value("title").as_text().unwrap_or_default().to_owned().into(),
            priority: priority(record.value("priority")),
            sla: due_chip(record, now),
            person: record.value("requester").as_int().map(|id| reader.person(id)),
            since: lately(record, &frame.zone, now).into(),
            status: status(record.process, record.state),
            unread: false,
            current,
            demo: row.demo,
            left: current && self.open.left,
            pick: !self.offers.is_empty(),
        }
    }

    pub(super) fn pages(&self) -> Markup {
        if self.next.is_none() && self.asked.after.is_empty() {
            return html! {};
        }
        let newer = self.asked.newer().map(|asked| self.place_of(&asked));
        let older = self.next.as_ref().map(|next| self.place_of(&self.asked.older(next)));
        let shown = tf(
            "Page {page} · {n} shown",
            &[("page", &(self.asked.after.len() + 1).to_string()), ("n", &self.found.len().to_string())],
        );
        pages(&shown, newer.as_deref(), older.as_deref())
    }

    /// Nothing there yet, nothing in this view, or nothing left by the conditions: each with the way on.
    pub(super) fn empty(&self) -> Markup {
        let plural = inside(self.process.label_plural);
        let new = format!("/{}/new", self.process.plural);
        let make = |primary| {
            button_link(&new, &tf("New {record}", &[("record", &inside(self.process.label))]), Some("plus"), primary)
        };
        if self.asked.filters.is_empty() && self.asked.view.is_none() {
            return nothing(
                Nothing::Yet,
                &tf("No {records} yet", &[("records", &plural)]),
                t(self.process.purpose),
                &make(true),
                None,
            );
        }
        let everything = Asked { filters: Vec::new(), view: None, by_default: false, ..self.asked.clone() }.first();
        let all =
            button_link(&self.place_of(&everything), &tf("Show all {records}", &[("records", &plural)]), None, false);
        if self.asked.by_default {
            let words = tf("Every one of the {records} that you may see is done.", &[("records", &plural)]);
            return nothing(
                Nothing::Yet,
                &tf("No open {records}", &[("records", &plural)]),
                &words,
                &html! { (make(true)) (all) },
                None,
            );
        }
        if self.asked.filters.is_empty() {
            let title = tf("Nothing waits in “{view}”", &[("view", &self.title)]);
            return nothing(Nothing::Filtered, &title, t("What belongs here appears by itself."), &all, None);
        }
        let cleared =
            Asked { filters: Vec::new(), by_default: self.asked.view.is_none(), ..self.asked.clone() }.first();
        let clear = button_link(&self.place_of(&cleared), t("Clear filters"), Some("x"), true);
        let words = t("Take a condition away above, or clear them all.");
        nothing(Nothing::Filtered, t("The filter hides everything"), words, &html! { (clear) (all) }, None)
    }
}
