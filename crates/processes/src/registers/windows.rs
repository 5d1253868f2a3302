//! When planned work is not wanted, and when it is meant to be done.

use super::directory::check_zone;
use super::levels::Weekday;
use mainstay_engine::calendar::{Days, Recurrence};
use mainstay_engine::choices;
use mainstay_engine::field::{EntryId, Field, FieldType as _, Instant, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// What a window is for.
    WindowKind { Freeze = "freeze" "Freeze", Maintenance = "maintenance" "Maintenance window" }
}
choices! {
    /// What a freeze does to work that is planned in it.
    FreezeEffect { Block = "block" "It is refused", Warn = "warn" "It is accepted with a reason" }
}
choices! {
    /// How often a window comes.
    Repeats { Once = "once" "Once", Weekly = "weekly" "Every week", Monthly = "monthly" "Every month" }
}
choices! {
    /// Which week of a month.
    MonthWeek { First = "1" "First", Second = "2" "Second", Third = "3" "Third", Fourth = "4" "Fourth", Last = "5" "Last" }
}

pub const WINDOW_KIND: Field<WindowKind> = Field::choice("kind", "Kind", WindowKind::CHOICES).required().in_list();
pub const WINDOW_EFFECT: Field<FreezeEffect> = Field::choice("effect", "Work planned in it", FreezeEffect::CHOICES)
    .help("Of a freeze; empty: it is refused. Emergencies always pass, and are marked");
pub const WINDOW_ROLE: Field<EntryId> =
    Field::entry("authority_role", "Exceptions by the role", "roles").help("Who may allow work in a freeze");
pub const WINDOW_PERSON: Field<EntryId> = Field::entry("authority", "Exceptions by", "people");
pub const WINDOW_SERVICES: Field<Value> =
    Field::any("services", "Only for services", Kind::Refs("services")).help("Empty, as are the next two: for all");
pub const WINDOW_ORGANISATIONS: Field<Value> =
    Field::any("organisations", "Only for organisations", Kind::Refs("organisations"));
pub const WINDOW_ITEMS: Field<Value> =
    Field::any("items", "Only for items", Kind::Tags).help("Numbers of configuration items");
pub const WINDOW_PROCESS: Field<String> = Field::text("process", "Only for process")
    .help("Key of a process; empty: for all whose records have a planned time");
const REPEATS: Field<Repeats> = Field::choice("repeats", "How often", Repeats::CHOICES).required().in_list();
pub(super) const FROM: Field<Instant> =
    Field::instant("from", "From").help("When it begins; of one that comes back: from when on, if not always");
pub(super) const UNTIL: Field<Instant> = Field::instant("until", "Until");
const ZONE: Field<String> =
    Field::text("zone", "Time zone").required().in_list().help("IANA name, such as Europe/London");
pub(super) const WEEKDAYS: Field<Value> = Field::any("days", "Days of the week", Kind::MultiChoice(Weekday::CHOICES))
    .help("Every week, or in a week of each month");
pub(super) const WEEK: Field<MonthWeek> =
    Field::choice("week", "Week of the month", MonthWeek::CHOICES).help("With the days; or a date instead");
pub(super) const DATE: Field<i64> =
    Field::number("date", "Date in the month", 1, 31).help("The 31st is the last day of every month");
pub(super) const AT: Field<String> = Field::text("at", "Begins at").help("Of one that comes back: as 22:00");
pub(super) const HOURS: Field<i64> =
    Field::number("hours", "Hours that it lasts", 1, 744).help("Of one that comes back");

pub static WINDOWS: Register = Register {
    key: "windows",
    label: "Freeze or maintenance window",
    label_plural: "Freezes and maintenance windows",
    icon: "calendar-clock",
    help: "Times in which planned work is not wanted, and times that are meant for it; for everything, or for some services, organisations or items.",
    fields: &[
        WINDOW_KIND.def,
        REPEATS.def,
        ZONE.def,
        FROM.def,
        UNTIL.def,
        WEEKDAYS.def,
        WEEK.def,
        DATE.def,
        AT.def,
        HOURS.def,
        WINDOW_PROCESS.def,
        WINDOW_SERVICES.def,
        WINDOW_ORGANISATIONS.def,
        WINDOW_ITEMS.def,
        WINDOW_EFFECT.def,
        WINDOW_PERSON.def,
        WINDOW_ROLE.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_window),
};

fn check_window(values: &Values) -> Vec<FieldError> {
    let mut errors = check_zone(values);
    if let Err(faults) = recurrence_of(values) {
        errors.extend(faults);
    }
    let process = values.get(WINDOW_PROCESS.def.key).and_then(Value::as_text);
    if process.is_some_and(|key| crate::process(key).is_none_or(|process| process.schedule.is_none())) {
        let says = "Process is the key of one whose records have a planned time, such as change.";
        errors.push(FieldError::new(WINDOW_PROCESS.def.key, "unknown_process", says));
    }
    errors
}

/// The stretches of time that an entry's values describe.
///
/// # Errors
/// What is missing for how often it comes; an end before the beginning.
pub fn recurrence_of(values: &Values) -> Result<Recurrence, Vec<FieldError>> {
    let value = |key: &str| values.get(key).unwrap_or(&Value::Null);
    let instant = |field: &Field<Instant>| value(field.def.key).as_int();
    let (from, until) = (instant(&FROM), instant(&UNTIL));
    let mut errors = Vec::new();
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        errors.push(FieldError::new(UNTIL.def.key, "ends_before_it_starts", "Until lies before From."));
    }
    let listed = value(WEEKDAYS.def.key).as_list();
    let days: [bool; 7] =
        std::array::from_fn(|place| listed.iter().any(|day| day.as_text() == Some(Weekday::ALL[place].key())));
    let none = days.iter().all(|day| !day);
    let week = MonthWeek::from_value(value(WEEK.def.key)).and_then(|week| week.key().parse::<i64>().ok());
    let on = match Repeats::from_value(value(REPEATS.def.key)) {
        Some(Repeats::Weekly) => {
            errors.extend(none.then(|| FieldError::required(&WEEKDAYS.def)));
            Days::Weekly(days)
        }
        Some(Repeats::Monthly) => match (value(DATE.def.key).as_int(), week) {
            (Some(date), None) => Days::MonthlyOn(date),
            (None, Some(week)) => {
                errors.extend(none.then(|| FieldError::required(&WEEKDAYS.def)));
                Days::MonthlyIn { week, days }
            }
            _ => {
                let says = "Every month needs a date, or a week with days of it, and not both.";
                errors.push(FieldError::new(DATE.def.key, "required", says));
                Days::MonthlyOn(1)
            }
        },
        _ => {
            errors.extend(from.is_none().then(|| FieldError::required(&FROM.def)));
            errors.extend(until.is_none().then(|| FieldError::required(&UNTIL.def)));
            Days::Once { from: from.unwrap_or_default(), until: until.unwrap_or_default() }
        }
    };
    let again = !matches!(on, Days::Once { .. });
    let at = value(AT.def.key).as_text().and_then(minutes);
    let hours = value(HOURS.def.key).as_int();
    if again && at.is_none() {
        errors.push(FieldError::new(AT.def.key, "not_a_clock", "Begins at is a time such as 22:00."));
    }
    errors.extend((again && hours.is_none()).then(|| FieldError::required(&HOURS.def)));
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Recurrence {
        days: on,
        zone: value(ZONE.def.key).as_text().unwrap_or("UTC").to_owned(),
        at: at.unwrap_or_default(),
        minutes: hours.unwrap_or_default() * 60,
        first: from,
        last: until,
    })
}

/// Minutes after midnight of a time such as `22:00`.
fn minutes(clock: &str) -> Option<i64> {
    let (hour, minute) = clock.trim().split_once(':')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() == 2);
    let (hour, minute) = (number(hour)?, number(minute)?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(more: &serde_json::Value) -> Vec<String> {
        let mut all = json!({ "kind": "freeze", "zone": "Europe/London" });
        for (key, value) in more.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        let Value::Row(values) = Value::from_plain(&all) else { return Vec::new() };
        check_window(&values).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn chg_15_a_window_says_when_it_is() {
        assert!(faults(&json!({ "repeats": "once", "from": 5, "until": 9 })).is_empty());
        assert_eq!(faults(&json!({ "repeats": "once", "from": 5 })), ["until"]);
        assert_eq!(faults(&json!({ "repeats": "once", "from": 9, "until": 5 })), ["until"]);
        let weekly = json!({ "repeats": "weekly", "days": ["saturday"], "at": "22:00", "hours": 6 });
        assert!(faults(&weekly).is_empty());
        assert_eq!(faults(&json!({ "repeats": "weekly", "at": "22:00", "hours": 6 })), ["days"]);
        assert_eq!(faults(&json!({ "repeats": "weekly", "days": ["monday"], "at": "24:00", "hours": 6 })), ["at"]);
        assert!(faults(&json!({ "repeats": "monthly", "date": 31, "at": "00:00", "hours": 24 })).is_empty());
        assert_eq!(faults(&json!({ "repeats": "monthly", "at": "00:00", "hours": 24 })), ["date"]);
        assert_eq!(
            faults(&json!({ "repeats": "monthly", "date": 3, "week": "1", "at": "00:00", "hours": 24 })),
            ["date"]
        );
        assert_eq!(faults(&json!({ "repeats": "once", "from": 5, "until": 9, "process": "incident" })), ["process"]);
    }
}
