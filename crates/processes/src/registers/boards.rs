//! Boards: who meets about what waits for approval, how often, and by which rule it comes on the agenda.

use super::directory::check_zone;
use super::levels::check_condition;
use super::windows::{AT, DATE, FROM, HOURS, UNTIL, WEEK, WEEKDAYS, recurrence_of};
use mainstay_engine::calendar::Recurrence;
use mainstay_engine::choices;
use mainstay_engine::field::{EntryId, Field, FieldType as _};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// How often a board meets by itself.
    Meets { Weekly = "weekly" "Every week", Monthly = "monthly" "Every month" }
}

pub const BOARD_TEAM: Field<EntryId> =
    Field::entry("team", "Team", "teams").required().in_list().help("Its members are those of the team");
pub const BOARD_CHAIR: Field<EntryId> =
    Field::entry("chair", "Chair", "people").in_list().help("Holds its meetings, and takes the minutes");
pub const BOARD_LEAD: Field<i64> = Field::number("lead", "Hours before it starts that the agenda closes", 0, 720)
    .help("What is asked for later waits for the next meeting");
pub const BOARD_MINUTES: Field<i64> = Field::number("minutes", "Minutes for each item", 1, 480);
const MEETS: Field<Meets> =
    Field::choice("repeats", "How often", Meets::CHOICES).in_list().help("Empty: meetings are made singly");
const ZONE: Field<String> =
    Field::text("zone", "Time zone").help("Of the time of day at which it meets, such as Europe/London");

pub static BOARDS: Register = Register {
    key: "boards",
    label: "Board",
    label_plural: "Boards",
    icon: "users-round",
    help: "Who meets about what waits for approval. Its members approve as the policies say; a meeting puts before them what meets the condition, and keeps what was said.",
    fields: &[
        Field::text("process", "Process").required().in_list().help("Key of the process whose records it is for").def,
        BOARD_TEAM.def,
        BOARD_CHAIR.def,
        Field::markdown("condition", "On the agenda when").help("Empty: everything that waits for approval").def,
        BOARD_LEAD.def,
        BOARD_MINUTES.def,
        MEETS.def,
        ZONE.def,
        FROM.def,
        UNTIL.def,
        WEEKDAYS.def,
        WEEK.def,
        DATE.def,
        AT.def,
        HOURS.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_board),
};

fn check_board(values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    errors.extend(check_zone(values));
    if meets(values) {
        errors.extend(values.get(ZONE.def.key).is_none_or(Value::is_blank).then(|| FieldError::required(&ZONE.def)));
        errors.extend(recurrence_of(values).err().unwrap_or_default());
    }
    errors
}

fn meets(values: &Values) -> bool {
    values.get(MEETS.def.key).is_some_and(|value| Meets::from_value(value).is_some())
}

/// When a board meets by itself; none: only when somebody makes a meeting.
#[must_use]
pub fn rhythm_of(values: &Values) -> Option<Recurrence> {
    meets(values).then(|| recurrence_of(values).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(more: &serde_json::Value) -> Vec<String> {
        let mut all = json!({ "process": "change", "team": 7 });
        for (key, value) in more.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        let Value::Row(values) = Value::from_plain(&all) else { return Vec::new() };
        check_board(&values).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn chg_06_a_board_says_when_it_meets_or_leaves_it_open() {
        assert!(faults(&json!({})).is_empty());
        let weekly =
            json!({ "repeats": "weekly", "days": ["tuesday"], "at": "10:00", "hours": 1, "zone": "Europe/London" });
        assert!(faults(&weekly).is_empty());
        assert_eq!(faults(&json!({ "repeats": "weekly", "days": ["tuesday"], "at": "10:00", "hours": 1 })), ["zone"]);
        assert_eq!(faults(&json!({ "repeats": "weekly", "at": "10:00", "hours": 1, "zone": "UTC" })), ["days"]);
        assert_eq!(faults(&json!({ "condition": "type =" })), ["condition"]);
    }
}
