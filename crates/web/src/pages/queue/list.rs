//! One page of a list and how it looks.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use mainstay_desk::export::Format;
use mainstay_desk::records::{self, Listing, Row as Found, Targets};
use mainstay_desk::{Caller, Session, registers as door};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_processes::registers;
use maud::Markup;

use super::asked::Asked;
use super::words::in_words;
use crate::components::{
    Column, FilterBar, FilterChip, Menu, MenuItem, Nothing, Order, Row, TicketRow, Trigger, ViewHead, button_link,
    data_table, filter_bar, icon_link, menu, nothing, pages, row_group, rows, sla_chip, status_words, ticket_row, time,
    view_head,
};
use crate::pages::frame::{Frame, capped};
use crate::shown::{Reader, due_chip, lately, priority, priority_word, status};

/// Rows of one page.
const ROWS: usize = 50;
/// The number beside the title ends here.
const MOST_COUNTED: i64 = 999;
const HOUR: i64 = 3_600_000;

/// One page of a list.
pub struct List {
    /// The process whose records it holds.
    pub process: &'static Process,
    /// What was asked for.
    pub asked: Asked,
    /// Name of the view, or of the process.
    pub title: String,
    chips: Vec<String>,
    sort: String,
    exports: bool,
    count: i64,
    found: Vec<Found>,
    next: Option<String>,
    names: HashMap<i64, String>,
    targets: Targets,
    fields: Vec<&'static FieldDef>,
}

impl List {
    /// Reads a page of a list as the caller may see it.
    ///
    /// # Errors
    /// A view that is not the caller's to open; a condition or order that cannot be read; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        asked: Asked,
    ) -> mainstay_desk::Result<Self> {
        let (view, mut listing) = plan(session, caller, process, &asked)?;
        // Rows show what every row shows; only a table has columns.
        listing.fields = listing.fields.filter(|_| asked.table);
        let page = records::list(session, caller, process, &listing)?;
        let count = records::count(session, caller, process, listing.filter.as_deref(), MOST_COUNTED + 1)?;
        let mut chips = Vec::with_capacity(asked.filters.len());
        for filter in &asked.filters {
            chips.push(in_words(session, process, filter)?);
        }
        let title = view.map_or_else(|| process.label_plural.to_owned(), |view| view.name);
        Ok(Self {
            process,
            asked,
            title,
            chips,
            sort: listing.sort.unwrap_or_default(),
            exports: caller.rights.may_somewhere(process.key, "export"),
            count,
            found: page.rows,
            next: page.next,
            names: page.names,
            targets: page.targets,
            fields: page.fields,
        })
    }

    /// What this page of the list holds, in short: two that differ hold other records, or others of their states.
    #[must_use]
    pub fn mark(&self) -> String {
        let text = |record: &Record, key: &str| record.value(key).as_int().unwrap_or_default();
        let rows = self.found.iter().map(|row| (row.record.id, row.record.version, text(&row.record, "updated")));
        let numbers = rows.flat_map(|(id, version, updated)| [id, version, updated]);
        // FNV-1a: it need only be the same on every node.
        let mix = |sum: u64, number: i64| {
            number.to_le_bytes().iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
        };
        let sum = numbers.chain([self.count]).fold(0xcbf2_9ce4_8422_2325, mix);
        format!("{sum:016x}")
    }

    /// The address of the list itself.
    #[must_use]
    pub fn here(&self) -> String {
        self.asked.at(&format!("/{}", self.process.plural))
    }

    fn place_of(&self, asked: &Asked) -> String {
        asked.at(&format!("/{}", self.process.plural))
    }

    /// The address of a record beside this list.
    #[must_use]
    pub fn record(&self, number: &str) -> String {
        Asked { table: false, ..self.asked.clone() }.at(&format!("/{}/{number}", self.process.plural))
    }

    /// The addresses of the records before and after one in this page.
    #[must_use]
    pub fn neighbours(&self, id: i64) -> (Option<String>, Option<String>) {
        let at = self.found.iter().position(|row| row.record.id == id);
        let link = |index: Option<usize>| {
            index.and_then(|index| self.found.get(index)).map(|row| self.record(&number(&row.record)))
        };
        at.map_or((None, None), |at| (link(at.checked_sub(1)), link(Some(at + 1))))
    }

    /// The head of the list with its buttons.
    #[must_use]
    pub fn head(&self, beside: bool) -> Markup {
        let other = self.place_of(&self.asked.shown(!self.asked.table));
        let actions = html! {
            @if self.asked.table { (icon_link(&other, "list-todo", "Show as rows")) }
            @else { (icon_link(&other, "table-2", "Show as a table")) }
            (icon_link(&self.filter_page(), "sliders-horizontal", "Filter, or save as a view"))
            @if self.exports && !beside && !self.found.is_empty() { (self.files()) }
        };
        view_head(&ViewHead {
            title: self.title.as_str().into(),
            count: Some(capped(self.count, MOST_COUNTED).into()),
            beside,
            actions: Some(actions),
            ..ViewHead::default()
        })
    }

    /// The list as a file, all its pages.
    fn files(&self) -> Markup {
        let place = Asked { after: Vec::new(), ..self.asked.clone() }.at(&format!("/{}/export", self.process.plural));
        let join = if place.contains('?') { '&' } else { '?' };
        let file = |format: &Format| MenuItem::Download {
            label: format!("As {}", format.key().to_uppercase()).into(),
            href: format!("{place}{join}format={}", format.key()).into(),
        };
        menu(&Menu {
            id: "export".into(),
            trigger: Trigger::Icon { icon: "download", label: "Save as a file".into() },
            items: Format::ALL.iter().map(file).collect(),
            end: true,
            token: "".into(),
        })
    }

    fn filter_page(&self) -> String {
        self.asked.at(&format!("/{}/filter", self.process.plural))
    }

    fn bar(&self) -> Markup {
        let chip = |(index, words): (usize, &String)| FilterChip {
            label: words.clone().into(),
            without: self.place_of(&self.asked.without(index)).into(),
        };
        let orders = orders(self.process);
        let current = orders.iter().find(|(key, _)| *key == self.sort).map_or("other", |(_, label)| label);
        filter_bar(&FilterBar {
            add: self.filter_page().into(),
            chips: self.chips.iter().enumerate().map(chip).collect(),
            sorted_by: current.into(),
            orders: orders
                .iter()
                .map(|(key, label)| MenuItem::Link {
                    label: (*label).into(),
                    href: self.place_of(&self.asked.sorted(key)).into(),
                    icon: None,
                    current: *key == self.sort,
                })
                .collect(),
        })
    }

    /// The list as two-line rows; `current` is the record that is open beside it.
    #[must_use]
    pub fn rows_pane(&self, frame: &Frame, now: i64, current: Option<i64>) -> Markup {
        html! {
            (self.head(current.is_some()))
            (self.bar())
            @if self.found.is_empty() { (self.empty()) } @else {
                (rows(&html! {
                    @for group in self.groups(&frame.zone, now) {
                        @let body = html! { @for row in &group.rows { (ticket_row(&self.ticket(row, &frame.zone, now, current), now)) } };
                        @if group.name.is_empty() { (body) } @else { (row_group(&group.id(), group.name, &group.rows.len().to_string(), &body)) }
                    }
                    (self.pages())
                }))
            }
        }
    }

    fn ticket(&self, row: &Found, zone: &TimeZone, now: i64, current: Option<i64>) -> TicketRow<'_> {
        let record = &row.record;
        let reader = Reader::new(&self.names, zone);
        TicketRow {
            number: number(record).into(),
            href: self.record(&number(record)).into(),
            title: record.value("title").as_text().unwrap_or_default().to_owned().into(),
            priority: priority(record.value("priority")),
            sla: due_chip(record, now),
            person: record.value("requester").as_int().map(|id| reader.person(id)),
            since: lately(record, zone, now).into(),
            status: status(record.process, record.state),
            unread: false,
            current: current == Some(record.id),
            demo: row.demo,
        }
    }

    fn pages(&self) -> Markup {
        if self.next.is_none() && self.asked.after.is_empty() {
            return html! {};
        }
        let newer = self.asked.newer().map(|asked| self.place_of(&asked));
        let older = self.next.as_ref().map(|next| self.place_of(&self.asked.older(next)));
        let shown = format!("Page {} · {} shown", self.asked.after.len() + 1, self.found.len());
        pages(&shown, newer.as_deref(), older.as_deref())
    }

    fn empty(&self) -> Markup {
        let plural = self.process.label_plural.to_lowercase();
        if self.asked.filters.is_empty() && self.asked.view.is_none() {
            let new = format!("/{}/new", self.process.plural);
            let action = button_link(&new, &format!("New {}", self.process.label.to_lowercase()), Some("plus"), true);
            return nothing(Nothing::Yet, &format!("No {plural} yet"), self.process.purpose, &action, None);
        }
        let all = Asked { filters: Vec::new(), view: None, by_default: false, after: Vec::new(), ..self.asked.clone() };
        let action = button_link(&self.place_of(&all), &format!("Show all {plural}"), Some("list-filter"), false);
        let words = if self.chips.is_empty() { "Nothing waits in this view." } else { "The filter hides everything." };
        nothing(Nothing::Filtered, words, "Take a condition away, or look at all records.", &action, None)
    }

    /// The list as a table.
    #[must_use]
    pub fn table(&self, frame: &Frame, now: i64) -> Markup {
        let reader = Reader::new(&self.names, &frame.zone).naming(&self.targets);
        let columns: Vec<Column<'_>> = self.fields.iter().map(|field| self.column(field)).collect();
        let lines: Vec<Row<'_>> = self.found.iter().map(|row| self.line(row, &reader, now)).collect();
        html! {
            (self.bar())
            @if lines.is_empty() { (self.empty()) } @else {
                (data_table(&self.title, &columns, &lines))
                (self.pages())
            }
        }
    }

    fn column(&self, field: &'static FieldDef) -> Column<'_> {
        let key = self.sort.trim_start_matches('-');
        let descending = self.sort.starts_with('-');
        let sorted = (key == field.key).then_some(if descending { Order::Descending } else { Order::Ascending });
        let other = if key == field.key && !descending { format!("-{key}") } else { field.key.to_owned() };
        let sortable =
            !matches!(field.kind, Kind::Tags | Kind::Table(_) | Kind::MultiChoice(_) | Kind::Refs(_) | Kind::Link(_));
        let stored = field.home != mainstay_engine::field::Home::Custom;
        Column {
            label: field.label.into(),
            sort: (sortable && stored).then(|| self.place_of(&self.asked.sorted(&other)).into()),
            sorted,
            amount: matches!(field.kind, Kind::Number { .. } | Kind::Money { .. }) && field.key != "priority",
        }
    }

    fn line(&self, row: &Found, reader: &Reader<'_>, now: i64) -> Row<'_> {
        let record = &row.record;
        let number = number(record);
        let href = self.record(&number);
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
                    html! { span.line.nowrap { @if let Some(shown) = reader.markup(field, value) { (shown) } @else { span.quiet { "–" } } } }
                }
            },
        };
        Row { id: format!("row-{number}").into(), cells: self.fields.iter().map(cell).collect(), select: None }
    }

    fn groups(&self, zone: &TimeZone, now: i64) -> Vec<Group<'_>> {
        let name = |record: &Record| match self.sort.as_str() {
            "due" => due_group(record, zone, now),
            "priority" => priority_group(record),
            _ => "",
        };
        let mut groups: Vec<Group<'_>> = Vec::new();
        for row in &self.found {
            let name = name(&row.record);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.rows.push(row),
                None => groups.push(Group { name, rows: vec![row] }),
            }
        }
        groups.sort_by_key(|group| BY_DUE.iter().position(|name| *name == group.name));
        groups
    }
}

/// Rows under one heading.
struct Group<'a> {
    name: &'static str,
    rows: Vec<&'a Found>,
}

impl Group<'_> {
    fn id(&self) -> String {
        self.name.to_lowercase().replace(' ', "-")
    }
}

/// The headings of a list by due instants, in their order.
const BY_DUE: [&str; 7] = ["Breached", "Breaching soon", "Today", "Later", "Waiting", "Without a target", "Done"];

fn due_group(record: &Record, zone: &TimeZone, now: i64) -> &'static str {
    if !record.state.phase.is_live() {
        return "Done";
    }
    let Some(due) = record.value(spine::DUE.def.key).as_int() else {
        return if record.state.phase == Phase::Paused { "Waiting" } else { "Without a target" };
    };
    let day = |at: i64| jiff::Timestamp::from_millisecond(at).map(|at| at.to_zoned(zone.clone()).date());
    match due - now {
        ..=0 => "Breached",
        1..=HOUR => "Breaching soon",
        _ if day(due).ok() == day(now).ok() => "Today",
        _ => "Later",
    }
}

fn priority_group(record: &Record) -> &'static str {
    record.value(spine::PRIORITY.def.key).as_int().map_or("Without a priority", priority_word)
}

/// The orders that the menu offers.
fn orders(process: &'static Process) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("due", "Due first"),
        ("priority", "Priority"),
        ("-opened", "Newest"),
        ("opened", "Oldest"),
        ("-updated", "Last changed"),
    ];
    all.into_iter().filter(|(key, _)| process.field(key.trim_start_matches('-')).is_some()).collect()
}

/// The number of a record.
#[must_use]
pub fn number(record: &Record) -> String {
    record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned()
}

/// The view that a list begins with, and what its records are asked by, from the page that it says.
///
/// # Errors
/// A view that is not the caller's to open; a condition that cannot be read; the database's.
pub fn plan(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    asked: &Asked,
) -> mainstay_desk::Result<(Option<Entry>, Listing)> {
    let view = asked.view.map(|id| door::get(session.conn, caller, &registers::VIEWS, id)).transpose()?;
    let view = view.filter(|view| view.text("process") == Some(process.key));
    asked.filters.iter().try_for_each(|filter| readable(filter))?;
    let text = |key: &str| view.as_ref().and_then(|view| view.text(key));
    let listing = Listing {
        filter: asked.condition(text("condition")),
        sort: asked.sort.as_deref().or(text("sort")).or(Some("-updated")).map(str::to_owned),
        fields: view.as_ref().map(|view| columns(view.value("columns"))).filter(|columns| !columns.is_empty()),
        limit: ROWS,
        after: asked.after.last().cloned(),
    };
    Ok((view, listing))
}

fn columns(value: &Value) -> Vec<String> {
    value.as_list().iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// A condition must be one by itself, or its parts would mix with those of its neighbours.
fn readable(text: &str) -> mainstay_desk::Result<()> {
    Condition::parse(text).map(|_| ()).map_err(|fault| {
        let errors = vec![FieldError::new("filter", fault.code, fault.says.clone())];
        Refusal {
            errors,
            ..Refusal::invalid("bad_filter", format!("The filter “{text}” cannot be read. {}", fault.says))
        }
        .into()
    })
}
