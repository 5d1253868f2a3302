//! By what an answer is narrowed: read from the address, kept in it, shown as chips that take it away again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_desk::feed::Filters;
use mainstay_desk::{Caller, Error, Session, registers as door, retention};
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_words::{dated, tf};
use maud::Markup;

use crate::address;
use crate::components::{Choice, Control, Field, FilterChip, Width, field, icon, icon_small};
use crate::fields::{Asking, Pickers, entry_named};

/// Names of the parts that name an entry.
const ENTRIES: [FieldDef; 6] = [
    spine::TEAM.def,
    spine::ASSIGNEE.def,
    spine::REQUESTER.def,
    spine::ORGANISATION.def,
    spine::SERVICE.def,
    Declared::entry("category", "Category", "categories").def,
];
/// The team has links of its own, with counts.
const LINKED: &str = "team";
/// Asks for what is archived.
pub const ARCHIVED: &str = "archived";
const FROM: &str = "opened_from";
const UNTIL: &str = "opened_to";

/// An entry that narrows the answer.
#[derive(Clone, Debug)]
struct Named {
    field: FieldDef,
    id: i64,
    name: String,
}

/// By what the answer is narrowed, and its order; what cannot be read does not narrow.
#[derive(Clone, Default)]
pub struct Narrowed {
    pub state: Option<String>,
    pub priority: Option<String>,
    pub newest: bool,
    /// Only what is archived; otherwise none of it.
    pub archived: bool,
    process: Option<&'static Process>,
    entries: Vec<Named>,
    from: Option<Date>,
    until: Option<Date>,
}

impl Narrowed {
    /// Reads the parts of an address; an entry counts when the caller may read it.
    ///
    /// # Errors
    /// The database's.
    pub fn read(session: &mut Session<'_>, caller: &Caller, pairs: &[(String, String)]) -> mainstay_desk::Result<Self> {
        let value = |name| address::value(pairs, name).map(str::trim).filter(|value| !value.is_empty());
        let known = |key: &&str| mainstay_processes::ALL.iter().any(|process| process.state(key).is_some());
        let mut entries = Vec::new();
        for field in ENTRIES {
            if let Some(text) = value(field.key) {
                entries.extend(named(session, caller, field, text)?);
            }
        }
        let day = |name| value(name).and_then(|text| text.parse::<Date>().ok());
        Ok(Self {
            state: value("state").filter(known).map(str::to_owned),
            priority: value("priority").filter(|text| text.parse::<u64>().is_ok()).map(str::to_owned),
            newest: value("sort") == Some("newest"),
            archived: value(ARCHIVED).is_some() && retention::reads_archive(caller),
            process: value("process").and_then(mainstay_processes::process),
            entries,
            from: day(FROM),
            until: day(UNTIL),
        })
    }

    /// The process that it is narrowed to.
    #[must_use]
    pub fn processes(&self) -> Vec<String> {
        self.process.iter().map(|process| process.key.to_owned()).collect()
    }

    /// The id that narrows by a field, as text.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<String> {
        self.entries.iter().find(|named| named.field.key == key).map(|named| named.id.to_string())
    }

    /// What the index is asked for; days are those of a zone.
    #[must_use]
    pub fn filters(&self, zone: &TimeZone) -> Filters {
        let ids = |key: &str| self.entries.iter().filter(|n| n.field.key == key).map(|n| n.id).collect();
        let begins = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond());
        Filters {
            states: self.state.iter().cloned().collect(),
            priorities: self.priority.iter().filter_map(|text| text.parse().ok()).collect(),
            teams: ids("team"),
            assignees: ids("assignee"),
            requesters: ids("requester"),
            organisations: ids("organisation"),
            services: ids("service"),
            categories: ids("category"),
            opened_from: self.from.and_then(begins),
            archived: self.archived,
            // The last day is part of the span.
            opened_until: self.until.and_then(|day| begins(day.tomorrow().ok()?)),
            ..Filters::default()
        }
    }

    /// The parts that stand in the address.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut put = |name: &'static str, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        put("state", self.state.clone());
        put("priority", self.priority.clone());
        put("process", self.process.map(|process| process.key.to_owned()));
        for named in &self.entries {
            put(named.field.key, Some(named.id.to_string()));
        }
        put(ARCHIVED, self.archived.then(|| "true".to_owned()));
        put(FROM, self.from.map(|day| day.to_string()));
        put(UNTIL, self.until.map(|day| day.to_string()));
        put("sort", self.newest.then(|| "newest".to_owned()));
        pairs
    }

    /// Whether anything but the order narrows.
    #[must_use]
    pub fn narrows(&self) -> bool {
        self.pairs().iter().any(|(name, _)| *name != "sort")
    }

    /// The address of the same question with one part set or taken away.
    #[must_use]
    pub fn with(&self, text: &str, name: &'static str, value: Option<&str>) -> String {
        let pairs = self.pairs();
        let kept = pairs.iter().filter(|(key, _)| *key != name).map(|(key, value)| (*key, value.as_str()));
        address::with_query("/search", [("q", text)].into_iter().chain(kept).chain(value.map(|value| (name, value))))
    }

    /// What narrows beside state, priority and team, each to be taken away.
    #[must_use]
    pub fn chips(&self, text: &str) -> Vec<FilterChip<'static>> {
        let chip = |name: &'static str, label: String| FilterChip {
            label: label.into(),
            without: self.with(text, name, None).into(),
        };
        let day = |day: Date| dated(day, "%-d %b %Y");
        let process = self.process.map(|process| chip("process", process.label_plural.to_owned()));
        let entries = self.entries.iter().filter(|named| named.field.key != LINKED);
        let entries = entries.map(|named| chip(named.field.key, format!("{}: {}", named.field.label, named.name)));
        let from = self.from.map(|from| chip(FROM, tf("Opened from {from}", &[("from", &day(from))])));
        let until = self.until.map(|until| chip(UNTIL, tf("Opened until {until}", &[("until", &day(until))])));
        process.into_iter().chain(entries).chain(from).chain(until).collect()
    }
}

/// The entry that a part of the address names, with what people call it.
fn named(
    session: &mut Session<'_>,
    caller: &Caller,
    field: FieldDef,
    text: &str,
) -> mainstay_desk::Result<Option<Named>> {
    let Some(register) = field.register().and_then(registers::register) else { return Ok(None) };
    let Some(id) = entry_named(session, caller, register.key, text)? else { return Ok(None) };
    let entry = match door::get(session.conn, caller, register, id) {
        Err(Error::Refused(_)) => return Ok(None),
        other => other?,
    };
    let path = register.key == registers::CATEGORIES.key;
    let name = if path { session.config.category_path(id) } else { entry.name };
    Ok(Some(Named { field, id, name }))
}

/// What the further filters can be set to.
#[derive(Default)]
pub struct Offered {
    pickers: Pickers,
    processes: Vec<&'static Process>,
}

impl Offered {
    /// Reads what the caller can choose from.
    ///
    /// # Errors
    /// The database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        let fields: Vec<FieldDef> = ENTRIES.into_iter().filter(|field| field.key != LINKED).collect();
        let on = |process: &&'static Process| session.config.process(process).enabled;
        let processes: Vec<&'static Process> = mainstay_processes::ALL.iter().copied().filter(on).collect();
        Ok(Self { pickers: Pickers::load(session, caller, &fields)?, processes })
    }

    /// The further filters, folded away until somebody wants them.
    #[must_use]
    pub fn form(&self, by: &Narrowed, zone: &TimeZone) -> Markup {
        let names = by.entries.iter().map(|named| (named.id, named.name.clone())).collect();
        let pickers = self.pickers.clone().knowing(&names);
        let errors: [FieldError; 0] = [];
        let asking = Asking { pickers: &pickers, zone, errors: &errors };
        let shown = |field: &&FieldDef| field.key != LINKED && pickers.offers(field.register().unwrap_or_default());
        let half = |mut field: Field<'static>| {
            (field.width, field.required, field.help) = (Width::Half, false, None);
            field.control = field.control.unless_picked("Any");
            field
        };
        let day = |name: &'static str, label: &'static str, day: Option<Date>| {
            let value = day.map(|day| day.to_string()).unwrap_or_default();
            Field { width: Width::Half, ..Field::new(name, label, Control::Date { value: value.into() }) }
        };
        html! {
            details.more-filters {
                summary.pill.pill-line { (icon("list-filter")) "More filters" }
                div.form-grid {
                    @if self.processes.len() > 1 { (field(&self.process(by))) }
                    @for each in ENTRIES.iter().filter(shown) {
                        (field(&half(asking.field(each, &by.entry(each.key).into_iter().collect::<Vec<_>>()))))
                    }
                    (field(&day(FROM, "Opened from", by.from)))
                    (field(&day(UNTIL, "Opened until", by.until)))
                }
                div.form-foot { button.btn type="submit" { (icon_small("search")) "Show" } }
            }
        }
    }

    fn process(&self, by: &Narrowed) -> Field<'static> {
        let chosen = |process: &Process| by.process.is_some_and(|chosen| chosen.key == process.key);
        let options = self.processes.iter().map(|p| Choice::new(p.key, p.label_plural, chosen(p))).collect();
        let control = Control::Select { options, blank: Some("Any".into()) };
        Field { width: Width::Half, ..Field::new("process", "Process", control) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed() -> Narrowed {
        let service = Named { field: spine::SERVICE.def, id: 7, name: "Email".into() };
        let team = Named { field: spine::TEAM.def, id: 9, name: "Network".into() };
        let (from, until) = ("2025-06-01".parse().ok(), "2025-06-02".parse().ok());
        Narrowed { entries: vec![service, team], from, until, state: Some("new".into()), ..Narrowed::default() }
    }

    #[test]
    fn each_chip_leads_to_the_question_without_it() {
        let chips = narrowed().chips("disk");
        let labels: Vec<&str> = chips.iter().map(|chip| chip.label.as_ref()).collect();
        assert_eq!(labels, ["Service: Email", "Opened from 1 Jun 2025", "Opened until 2 Jun 2025"]);
        let without = "/search?q=disk&state=new&team=9&opened_from=2025-06-01&opened_to=2025-06-02";
        assert_eq!(chips[0].without, without);
    }

    #[test]
    fn days_are_those_of_the_viewer_and_the_last_one_is_part_of_the_span() {
        let zone = TimeZone::get("Asia/Kolkata").expect("a zone");
        let filters = narrowed().filters(&zone);
        let at = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).ok();
        assert_eq!(
            (filters.opened_from, filters.opened_until),
            (at("2025-05-31T18:30:00Z"), at("2025-06-02T18:30:00Z"))
        );
        assert_eq!((filters.services, filters.teams), (vec![7], vec![9]));
    }
}
