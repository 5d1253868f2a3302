//! Service levels and what they count in: calendars, targets, the priority matrix.

use super::directory::check_zone;
use crate::bundles::{Impact, Urgency};
use mainstay_engine::calendar::{self, Calendar};
use mainstay_engine::choices;
use mainstay_engine::field::{Field, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// A day of the week.
    Weekday {
        Monday = "monday" "Monday", Tuesday = "tuesday" "Tuesday", Wednesday = "wednesday" "Wednesday",
        Thursday = "thursday" "Thursday", Friday = "friday" "Friday", Saturday = "saturday" "Saturday", Sunday = "sunday" "Sunday",
    }
}

pub static CALENDARS: Register = Register {
    key: "calendars",
    label: "Calendar",
    label_plural: "Calendars",
    icon: "calendar-check",
    help: "Hours in which service time counts, in one time zone, with holidays and exceptions.",
    fields: &[
        Field::text("zone", "Time zone").required().in_list().help("IANA name, such as Europe/London").def,
        Field::any(
            "hours",
            "Weekly hours",
            Kind::Table(&[
                Field::<Weekday>::choice("day", "Day", Weekday::CHOICES).required().def,
                Field::text("from", "From").required().def,
                Field::text("to", "To").required().def,
            ]),
        )
        .help("From and to as 09:00; the end may be 24:00")
        .def,
        Field::any(
            "holidays",
            "Holidays",
            Kind::Table(&[Field::date("date", "Date").required().def, Field::text("name", "Name").def]),
        )
        .def,
        Field::any(
            "exceptions",
            "Exceptions",
            Kind::Table(&[
                Field::date("date", "Date").required().def,
                Field::text("from", "From").def,
                Field::text("to", "To").def,
            ]),
        )
        .help("Other hours on one date, holiday or not; without from and to: no service")
        .def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: Some(check_calendar),
};

fn check_calendar(values: &Values) -> Vec<FieldError> {
    let mut errors = check_zone(values);
    if errors.is_empty()
        && let Err(faults) = calendar_of(values)
    {
        errors.extend(faults);
    }
    errors
}

/// The calendar that an entry's values describe.
///
/// # Errors
/// Spans that overlap or end before they begin, an unknown zone, no service time at all.
pub fn calendar_of(values: &Values) -> Result<Calendar, Vec<FieldError>> {
    let empty = Value::Null;
    let table = |key: &str| values.get(key).unwrap_or(&empty).as_list();
    let text = |row: &Value, key: &str| row.column(key).as_text().unwrap_or_default().to_owned();
    let mut draft = calendar::Draft::new(values.get("zone").and_then(Value::as_text).unwrap_or_default());
    for row in table("hours") {
        let day = Weekday::ALL.iter().position(|d| d.key() == text(row, "day")).unwrap_or_default();
        draft.weekly(day, &text(row, "from"), &text(row, "to"));
    }
    for row in table("holidays") {
        draft.holiday(row.column("date").as_int().unwrap_or_default(), &text(row, "name"));
    }
    for row in table("exceptions") {
        let date = row.column("date").as_int().unwrap_or_default();
        draft.exception(date, row.column("from").as_text(), row.column("to").as_text());
    }
    draft.finish().map_err(|faults| {
        faults.into_iter().map(|fault| FieldError::new(fault.field, fault.code, fault.says)).collect()
    })
}

choices! {
    /// What a service level measures.
    Metric { Response = "response" "Response", Resolution = "resolution" "Resolution" }
}
choices! {
    /// The unit a target is agreed in.
    TargetUnit { Minutes = "minutes" "Minutes of service time", Hours = "hours" "Hours of service time", WorkingDays = "working_days" "Working days" }
}
choices! {
    /// What a change of priority or service does to a running clock.
    OnChange { Retroactive = "retroactive" "Keep elapsed and paused time", Restart = "restart" "Start again" }
}
choices! {
    /// What reopening does to a stopped clock.
    OnReopen { Resume = "resume" "Go on, resolved time excluded", Restart = "restart" "Start again", CountThrough = "count_through" "Count the resolved time too" }
}

pub static SERVICE_LEVELS: Register = Register {
    key: "service-levels",
    label: "Service level",
    label_plural: "Service levels",
    icon: "clock",
    help: "Targets for records that meet a condition. The first that fits in order counts; the default when none does.",
    fields: &[
        Field::number("position", "Order", 0, 100_000).required().in_list().help("Lower comes first").def,
        Field::text("process", "Process").required().in_list().help("Key of the process it is for").def,
        Field::markdown("condition", "Applies when").help("Empty: always").def,
        Field::bool("fallback", "Default").in_list().help("Applies where no other does").def,
        Field::entry("calendar", "Counts in", "calendars").required().in_list().def,
        Field::any(
            "targets",
            "Targets",
            Kind::Table(&[
                Field::<Metric>::choice("metric", "Metric", Metric::CHOICES).required().def,
                Field::number("priority", "Priority", 1, 5).help("Empty: every priority").def,
                Field::number("amount", "Amount", 1, 1_000_000).required().def,
                Field::<TargetUnit>::choice("unit", "Unit", TargetUnit::CHOICES).required().def,
            ]),
        )
        .required()
        .def,
        Field::number("workload_limit", "Workload limit", 1, 1_000_000)
            .help("Records a month up to which the targets are agreed; empty: none agreed")
            .def,
        Field::any("pause_reasons", "Resolution pauses while waiting for", Kind::Tags)
            .help("Hold reasons; waiting for a vendor does not pause unless it stands here")
            .def,
        Field::any("warn_at", "Warn at per cent", Kind::Tags)
            .help("Of the time that a target gives, from 1 to 99; 50, 75 and 90 when empty")
            .def,
        Field::<OnChange>::choice("on_change", "When priority or service change", OnChange::CHOICES).def,
        Field::<OnReopen>::choice("on_reopen", "When reopened", OnReopen::CHOICES).def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_level),
};

fn check_level(values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    let warn = values.get("warn_at").map(Value::as_list).unwrap_or_default();
    let percent = |v: &Value| v.as_text().and_then(|t| t.parse::<u32>().ok()).is_some_and(|p| (1..100).contains(&p));
    if !warn.iter().all(percent) {
        errors.push(FieldError::new("warn_at", "not_a_percentage", "Warnings are whole per cent between 1 and 99."));
    }
    errors
}

/// A condition that can be read, when there is one.
pub(super) fn check_condition(values: &Values) -> Vec<FieldError> {
    let Some(text) = values.get("condition").and_then(Value::as_text) else { return Vec::new() };
    match mainstay_engine::condition::Condition::parse(text) {
        Ok(_) => Vec::new(),
        Err(fault) => vec![FieldError::new("condition", fault.code, fault.says)],
    }
}

pub static MATRICES: Register = Register {
    key: "priority-matrices",
    label: "Priority matrix",
    label_plural: "Priority matrices",
    icon: "table-2",
    help: "From impact and urgency to priority. Open records keep the version they were opened under.",
    fields: &[
        Field::text("process", "Process").required().in_list().help("Key of the process it is for").def,
        Field::any(
            "cells",
            "Cells",
            Kind::Table(&[
                Field::<Impact>::choice("impact", "Impact", Impact::CHOICES).required().def,
                Field::<Urgency>::choice("urgency", "Urgency", Urgency::CHOICES).required().def,
                Field::number("priority", "Priority", 1, 5).required().def,
            ]),
        )
        .required()
        .def,
    ],
    readable: Readable::Staff,
    key_field: Some("process"),
    check: Some(check_matrix),
};

fn check_matrix(values: &Values) -> Vec<FieldError> {
    let cells = values.get("cells").map(Value::as_list).unwrap_or_default();
    let filled = |impact: &Impact, urgency: &Urgency| {
        cells
            .iter()
            .filter(|c| {
                c.column("impact").as_text() == Some(impact.key())
                    && c.column("urgency").as_text() == Some(urgency.key())
            })
            .count()
    };
    let whole = Impact::ALL
        .iter()
        .filter(|i| **i != Impact::NoneYet)
        .all(|impact| Urgency::ALL.iter().all(|urgency| filled(impact, urgency) == 1));
    if whole {
        Vec::new()
    } else {
        vec![FieldError::new("cells", "incomplete", "Each of the nine cells is needed, once.")]
    }
}
