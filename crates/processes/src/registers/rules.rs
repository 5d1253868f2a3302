//! Rules that an organisation sets: who gets work, who is told, models, fields, views.

use super::levels::check_condition;
use mainstay_engine::choices;
use mainstay_engine::condition::{Condition, MAX_TEXT as LONGEST_CONDITION};
use mainstay_engine::field::{EntryId, Field, FieldDef, FieldType as _, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

pub static ASSIGNMENT_RULES: Register = Register {
    key: "assignment-rules",
    label: "Assignment rule",
    label_plural: "Assignment rules",
    icon: "share",
    help: "New records without a team go to the team of the first rule whose condition they meet, at once or when they come to meet it; by skill also to a person of it.",
    fields: &[
        Field::number("position", "Order", 0, 100_000).required().in_list().def,
        Field::text("process", "Process").required().in_list().def,
        Field::markdown("condition", "When").help("Empty: always").def,
        RULE_CALENDAR.def,
        Field::entry("team", "Team", "teams").required().in_list().def,
        RULE_SKILL.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_condition),
};

/// The shift of a rule of assignment.
pub const RULE_CALENDAR: Field<EntryId> =
    Field::entry("calendar", "Only in the hours of", "calendars").help("A shift as a calendar; empty: at any time");
/// Whom a rule of assignment looks for in its team.
pub const RULE_SKILL: Field<String> = Field::text("skill", "Skill")
    .help("Given to whoever in the team has this skill, fewest open records first; nobody beyond their workload limit");

choices! {
    /// Who is told.
    Told {
        Requester = "requester" "Requester and reporters", Assignee = "assignee" "Assignee", Team = "team" "Members of the team",
        Owner = "owner" "Owner, else assignee, else the team", TeamManager = "team_manager" "Manager of the team, else the team, else the managers of the process", Watchers = "watchers" "Watchers",
        Approvers = "approvers" "Whoever is asked to approve, and their deputies",
        Role = "role" "Everybody with a role", Person = "person" "A person", OtherTeam = "other_team" "Members of another team",
    }
}

impl Told {
    /// The field of the rule that says which one, where the audience is none that the record has.
    #[must_use]
    pub const fn named_by(self) -> Option<&'static str> {
        match self {
            Self::Role => Some("role"),
            Self::Person => Some("person"),
            Self::OtherTeam => Some("team"),
            _ => None,
        }
    }
}

pub static NOTIFICATION_RULES: Register = Register {
    key: "notification-rules",
    label: "Notification rule",
    label_plural: "Notification rules",
    icon: "bell",
    help: "Who is told of what, in which words. {number}, {title}, {state}, {reason}, {comment}, {due}, {date}, {percent}, {actor} and {resolution} are filled in.",
    fields: &[
        Field::text("process", "Process").required().in_list().def,
        Field::text("event", "On")
            .required()
            .in_list()
            .help("A verb such as resolve; opened, updated, assigned, commented, replied; response.75, resolution.breached; close_warning; surveyed, follow_up")
            .def,
        Field::markdown("condition", "When").help("Empty: always").def,
        Field::<Told>::choice("audience", "Tell", Told::CHOICES)
            .required()
            .in_list()
            .help("Whoever may not read the record is not told")
            .def,
        Field::entry("role", "Role", "roles").help("Where everybody with a role is told").def,
        Field::entry("person", "Person", "people").help("Where a person is told").def,
        Field::entry("team", "Team", "teams").help("Where another team is told").def,
        Field::text("subject", "Subject").required().def,
        Field::markdown("body", "Words").required().def,
        Field::bool("optional", "May be switched off").help("Whoever is told may do without").def,
    ],
    readable: Readable::Permitted,
    key_field: None,
    check: Some(check_notification),
};

/// A condition that can be read, and whom an audience by name means.
fn check_notification(values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    let audience = values.get("audience").and_then(Told::from_value);
    let unnamed = audience.and_then(Told::named_by).filter(|key| values.get(*key).is_none_or(Value::is_blank));
    errors.extend(unnamed.and_then(|key| NOTIFICATION_RULES.field(key)).map(FieldError::required));
    errors
}

pub static MODELS: Register = Register {
    key: "models",
    label: "Model",
    label_plural: "Models",
    icon: "copy",
    help: "Known kinds of work: values that are set and tasks that are made when the model is applied, and targets of their own. A notification rule whose condition names the model escalates its records.",
    fields: &[
        Field::text("process", "Process").required().in_list().def,
        Field::any(
            "values",
            "Sets",
            Kind::Table(&[Field::text("field", "Field").required().def, Field::text("value", "Value").required().def]),
        )
        .help("Field keys and values; only empty fields are set")
        .def,
        Field::any(
            "tasks",
            "Tasks",
            Kind::Table(&[
                Field::text("title", "Task").required().def,
                Field::entry("team", "Team", "teams").def,
                Field::number("due_minutes", "Due after minutes", 1, 1_000_000).def,
            ]),
        )
        .def,
        Field::entry("service_level", "Own targets", "service-levels").def,
        MODEL_APPROVER.def,
        MODEL_VALID.def,
        MODEL_LIMIT.def,
        MODEL_USED.def,
        MODEL_FAILED.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_model),
};

/// A model with an approver stands for an approval: its records need none of their own. (CHG-09, CHG-10)
pub const MODEL_APPROVER: Field<EntryId> = Field::entry("approver", "Approved in advance by", "people")
    .help("Records that do as the model says need no approval of their own; empty: they do");
pub const MODEL_VALID: Field<i64> =
    Field::date("valid_until", "Approved until").help("The last day on which it stands for an approval");
pub const MODEL_LIMIT: Field<i64> = Field::number("failures_until_retired", "Failures until it is retired", 1, 1000)
    .help("Empty: 2. Whoever takes it back into use approves it anew");
pub const MODEL_USED: Field<i64> = Field::number("used", "Records closed", 0, i64::MAX).computed();
pub const MODEL_FAILED: Field<i64> = Field::number("failed", "Of these failed", 0, i64::MAX).computed();

/// Who approves in advance says until when.
fn check_model(values: &Values) -> Vec<FieldError> {
    let blank = |field: &FieldDef| values.get(field.key).is_none_or(Value::is_blank);
    let open = !blank(&MODEL_APPROVER.def) && blank(&MODEL_VALID.def);
    if open { vec![FieldError::required(&MODEL_VALID.def)] } else { Vec::new() }
}

choices! {
    /// Kinds that a field of an organisation's own can have.
    CustomKind {
        Text = "text" "One line", Markdown = "markdown" "Several lines", Number = "number" "Number", Bool = "bool" "Yes or no",
        Date = "date" "Date", Instant = "instant" "Date and time", Duration = "duration" "Duration", Money = "money" "Money",
        Choice = "choice" "Choice", MultiChoice = "multi_choice" "Several choices", Tags = "tags" "Tags",
        Person = "person" "Person", Team = "team" "Team", Organisation = "organisation" "Organisation", Service = "service" "Service",
        Record = "record" "Link to a record", Table = "table" "Table",
    }
}

choices! {
    /// Kinds that a column of such a table can have.
    ColumnKind {
        Text = "text" "One line", Number = "number" "Number", Bool = "bool" "Yes or no", Date = "date" "Date",
        Instant = "instant" "Date and time", Duration = "duration" "Duration", Money = "money" "Money", Choice = "choice" "Choice",
        Person = "person" "Person", Team = "team" "Team", Organisation = "organisation" "Organisation", Service = "service" "Service",
    }
}

pub static CUSTOM_FIELDS: Register = Register {
    key: "custom-fields",
    label: "Custom field",
    label_plural: "Custom fields",
    icon: "sliders-horizontal",
    help: "Fields of your own: in form, list, filter, API, history and export from the moment they are saved.",
    fields: &[
        Field::text("process", "Process").required().in_list().def,
        Field::text("field", "Key").required().in_list().help("Small letters, digits and _; it never changes").def,
        Field::<CustomKind>::choice("kind", "Kind", CustomKind::CHOICES).required().in_list().def,
        Field::text("help", "Help").def,
        Field::any(
            "choices",
            "Choices",
            Kind::Table(&[Field::text("key", "Key").required().def, Field::text("label", "Label").required().def]),
        )
        .def,
        Field::text("target", "Links to").help("For a link: the process whose records it names; empty: any").def,
        Field::any(
            "columns",
            "Columns",
            Kind::Table(&[
                Field::text("key", "Key").required().def,
                Field::text("label", "Label").required().def,
                Field::<ColumnKind>::choice("kind", "Kind", ColumnKind::CHOICES).required().def,
                Field::any("options", "Options", Kind::Tags).help("For a choice").def,
                Field::bool("required", "Needed").def,
            ]),
        )
        .help("For a table; what has a key keeps it and its kind")
        .def,
        Field::text("currency", "Currency").help("Its three letters, such as EUR; empty: EUR").def,
        Field::any("condition", "Asked only if", Kind::Text { max: LONGEST_CONDITION })
            .help("Empty: of every record. Where it does not hold the field is not shown and holds nothing")
            .def,
        Field::bool("required", "Needed").def,
        Field::bool("internal", "Internal").help("Only staff see it").def,
        Field::bool("requester", "Asked of requesters").def,
        Field::bool("in_list", "Shown in lists").def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: Some(check_custom_field),
};

/// Fields of a custom field that only some kinds have.
const BY_KIND: [(&str, &[CustomKind]); 4] = [
    ("choices", &[CustomKind::Choice, CustomKind::MultiChoice]),
    ("target", &[CustomKind::Record]),
    ("columns", &[CustomKind::Table]),
    ("currency", &[CustomKind::Money, CustomKind::Table]),
];

/// Whether a field of a register is asked for, as far as another says; `kind` is what the entry's own kind is.
#[must_use]
pub fn is_asked(register: &Register, field: &str, kind: &str) -> bool {
    let of_kind = BY_KIND.iter().find(|(key, _)| register.key == CUSTOM_FIELDS.key && *key == field);
    of_kind.is_none_or(|(_, kinds)| CustomKind::from_key(kind).is_some_and(|kind| kinds.contains(&kind)))
}

/// Most columns of a table.
const MOST_COLUMNS: usize = 12;

/// Words that mean something else beside a record's fields.
pub const RESERVED: [&str; 17] = [
    "id",
    "process",
    "version",
    "state_label",
    "plain",
    "next",
    "own",
    "can",
    "actions",
    "clocks",
    "made",
    "reason",
    "comment",
    "link",
    "from",
    "followers",
    "waits",
];

/// A key that no declared field and no other member of a record has; options where the kind needs them.
fn check_custom_field(values: &Values) -> Vec<FieldError> {
    let text = |key: &str| values.get(key).and_then(Value::as_text).unwrap_or_default();
    let (key, mut errors) = (text("field"), Vec::new());
    let Some(process) = crate::process(text("process")) else {
        return vec![FieldError::new("process", "unknown_process", "There is no such process.")];
    };
    if !is_key(key) {
        let says = "Key has at most 60 small letters, digits and _, and begins with a letter.";
        errors.push(FieldError::new("field", "not_a_key", says));
    } else if RESERVED.contains(&key) || process.field(key).is_some() {
        errors.push(FieldError::new("field", "taken", format!("{} has {key} already.", process.label)));
    }
    errors.extend(check_asked_if(key, values));
    let options: Vec<_> = values.get("choices").map(Value::as_list).unwrap_or_default().iter().collect();
    let chooses = [CustomKind::Choice.key(), CustomKind::MultiChoice.key()].contains(&text("kind"));
    let twice = |at: usize| options[..at].iter().any(|o| o.column("key") == options[at].column("key"));
    if chooses && (options.is_empty() || (0..options.len()).any(twice)) {
        errors.push(FieldError::new("choices", "required", "Choices are needed, each key once."));
    }
    if text("kind") == CustomKind::Record.key() {
        errors.extend(check_target(process, key, text("target")));
    } else if text("kind") == CustomKind::Table.key() {
        errors.extend(check_columns(values.get("columns").map(Value::as_list).unwrap_or_default()));
    }
    errors
}

/// A condition that can be read and does not ask for the field itself.
fn check_asked_if(key: &str, values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    let text = values.get("condition").and_then(Value::as_text).unwrap_or_default();
    if Condition::parse(text).is_ok_and(|condition| condition.fields().contains(key)) {
        errors.push(FieldError::new("condition", "ring", "A field cannot depend on itself."));
    }
    errors
}

/// What a link to a record names is kept under the field's key among the links, where relations have theirs.
fn check_target(process: &'static Process, key: &str, target: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if process.relation(key).is_some() {
        errors.push(FieldError::new("field", "taken", format!("{} has links called {key} already.", process.label)));
    }
    if !target.is_empty() && crate::process(target).is_none() {
        errors.push(FieldError::new("target", "unknown_process", format!("There is no process {target}.")));
    }
    errors
}

/// At least one column, each with a key of its own; options where the kind needs them.
fn check_columns(columns: &[Value]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if columns.is_empty() || columns.len() > MOST_COLUMNS {
        let says = format!("A table has 1 to {MOST_COLUMNS} columns.");
        errors.push(FieldError::new("columns", "required", says));
    }
    for (index, column) in columns.iter().enumerate() {
        let key = column.column("key");
        let at = |column: &str| format!("columns.{index}.{column}");
        if !key.as_text().is_some_and(is_key) || columns[..index].iter().any(|other| other.column("key") == key) {
            let says = "A column has a key of its own: at most 60 small letters, digits and _, a letter first.";
            errors.push(FieldError::new(&at("key"), "not_a_key", says));
        }
        let chooses = column.column("kind").as_text() == Some(ColumnKind::Choice.key());
        if chooses && column.column("options").is_blank() {
            errors.push(FieldError::new(&at("options"), "required", "A choice needs options."));
        }
    }
    errors
}

/// At most 60 small letters, digits and `_`, a letter first.
pub(super) fn is_key(key: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    key.len() <= 60 && key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(letters)
}

pub static PROCESS_SETTINGS: Register = Register {
    key: "process-settings",
    label: "Process",
    label_plural: "Processes",
    icon: "settings",
    help: "Which processes are in use, their policies, fields that are mandatory always or in one state, and guards before steps.",
    fields: &[
        Field::text("process", "Process").required().in_list().def,
        Field::bool("disabled", "Switched off")
            .in_list()
            .help("No menus, no new records; what there is stays readable")
            .def,
        Field::any(
            "policies",
            "Policies",
            Kind::Table(&[
                Field::text("policy", "Policy").required().def,
                Field::number("value", "Value", 0, 1_000_000).required().def,
            ]),
        )
        .def,
        Field::any(
            "mandatory",
            "Mandatory fields",
            Kind::Table(&[
                Field::text("field", "Field").required().def,
                Field::text("state", "In state").help("Empty: always").def,
            ]),
        )
        .def,
        Field::any(
            "guards",
            "Guards",
            Kind::Table(&[
                Field::text("step", "Step").required().help("A verb such as resolve").def,
                Field::any("condition", "Only if", Kind::Text { max: LONGEST_CONDITION }).required().def,
                Field::text("says", "Otherwise say").required().def,
            ]),
        )
        .help("A step is refused with its sentence unless the record, as the step would leave it, meets the condition")
        .def,
    ],
    readable: Readable::Everyone,
    key_field: Some("process"),
    check: None,
};

choices! {
    /// For whom a view is.
    Shared { Own = "own" "Only me", Team = "team" "My teams", Everyone = "everyone" "All staff" }
}

choices! {
    /// How a list is shown.
    Shape { Rows = "rows" "Rows", Table = "table" "Table" }
}

choices! {
    /// How closely a list is set.
    Density { Comfortable = "comfortable" "Comfortable", Compact = "compact" "Compact" }
}

pub static VIEWS: Register = Register {
    key: "views",
    label: "View",
    label_plural: "Views",
    icon: "list-filter",
    help: "A named question with its columns and order.",
    fields: &[
        Field::text("process", "Process").required().in_list().def,
        Field::markdown("condition", "Shows").help("Empty: everything").def,
        Field::text("sort", "Sorted by").help("A field, with - before it for the highest first").def,
        Field::any("columns", "Columns", Kind::Tags).def,
        Field::<Shape>::choice("show", "Shown as", Shape::CHOICES).def,
        Field::text("group", "Headings").help("A field whose values stand as headings, or none").def,
        Field::<Density>::choice("density", "Density", Density::CHOICES).help("Empty: as each person likes it").def,
        Field::<Shared>::choice("shared", "For", Shared::CHOICES).required().in_list().def,
        Field::entry("owner", "Owner", "people").def,
        Field::any("teams", "Teams", Kind::Refs("teams")).def,
        Field::number("position", "Order", 0, 100_000).def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_condition),
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(json: &serde_json::Value) -> Vec<String> {
        let Value::Row(values) = Value::from_plain(json) else { return Vec::new() };
        check_custom_field(&values).into_iter().map(|e| e.code).collect()
    }

    #[test]
    fn a_field_of_ones_own_has_a_key_of_its_own() {
        let process = crate::ALL[0].key;
        let keyed = |key: &str| codes(&json!({ "process": process, "field": key, "kind": "text" }));
        assert!(keyed("branch_2").is_empty());
        for odd in ["", "Branch", "2nd", "a-b", "ä", " a", &"a".repeat(61)] {
            assert_eq!(keyed(odd), ["not_a_key"], "{odd:?}");
        }
        for taken in ["title", "number", "actions", "version", "reason"] {
            assert_eq!(keyed(taken), ["taken"], "{taken}");
        }
        assert_eq!(codes(&json!({ "process": "none", "field": "a", "kind": "text" })), ["unknown_process"]);
    }

    #[test]
    fn a_link_has_no_key_of_a_relation_and_a_table_has_columns() {
        let process = crate::ALL[0];
        let link = |key: &str, target: &str| {
            codes(&json!({ "process": process.key, "field": key, "kind": "record", "target": target }))
        };
        assert_eq!(link(process.relations[0].key, process.key), ["taken"]);
        assert_eq!(link("cause", "none"), ["unknown_process"]);
        assert!(link("cause", process.key).is_empty() && link("cause", "").is_empty());
        let table = |columns: serde_json::Value| {
            codes(&json!({ "process": process.key, "field": "parts", "kind": "table", "columns": columns }))
        };
        assert_eq!(table(json!([])), ["required"]);
        assert_eq!(
            table(json!([{ "key": "a", "kind": "choice" }, { "key": "a", "kind": "text" }, { "key": "B" }])),
            ["required", "not_a_key", "not_a_key"]
        );
        assert!(table(json!([{ "key": "a", "kind": "choice", "options": ["x"] }])).is_empty());
    }

    #[test]
    fn a_choice_has_options_each_once() {
        let process = crate::ALL[0].key;
        let with = |options: serde_json::Value| {
            codes(&json!({ "process": process, "field": "a", "kind": "choice", "choices": options }))
        };
        assert_eq!(with(json!([])), ["required"]);
        assert_eq!(with(json!([{ "key": "a", "label": "A" }, { "key": "a", "label": "B" }])), ["required"]);
        assert!(with(json!([{ "key": "a", "label": "A" }, { "key": "b", "label": "B" }])).is_empty());
    }
}
