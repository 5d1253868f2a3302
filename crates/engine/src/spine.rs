//! The fields that every process shares: columns of `record`.

use crate::field::{EntryId, Field, FieldDef, Instant, Writer};

pub const NUMBER: Field<String> = Field::text("number", "Number").spine().computed().in_list();
pub const TITLE: Field<String> = Field::text("title", "Title")
    .spine()
    .writer(Writer::Anyone)
    .required()
    .in_list()
    .help("What is wrong, in one line");
pub const STATE: Field<String> = Field::text("state", "State").spine().computed().in_list();
pub const PHASE: Field<i64> = Field::number("phase", "Phase", 0, 3).spine().computed();
pub const REQUESTER: Field<EntryId> =
    Field::entry("requester", "Requester", "people").spine().in_list().help("Whose matter it is");
pub const ORGANISATION: Field<EntryId> = Field::entry("organisation", "Organisation", "organisations").spine();
pub const TEAM: Field<EntryId> = Field::entry("team", "Team", "teams").spine().in_list();
pub const ASSIGNEE: Field<EntryId> = Field::entry("assignee", "Assignee", "people").spine().in_list();
pub const SERVICE: Field<EntryId> =
    Field::entry("service", "Service", "services").spine().writer(Writer::Anyone).help("What does not work?");
pub const PRIORITY: Field<i64> =
    Field::number("priority", "Priority", 1, 5).spine().writer(Writer::Transition).in_list();
pub const RESTRICTED: Field<bool> = Field::bool("restricted", "Restricted")
    .spine()
    .internal()
    .help("Only the team, the assignee and the people involved see it");
pub const OPENED: Field<Instant> = Field::instant("opened", "Opened").spine().computed().in_list();
pub const UPDATED: Field<Instant> = Field::instant("updated", "Updated").spine().computed();
pub const DUE: Field<Instant> = Field::instant("due", "Due").spine().computed().in_list();
pub const RESOLVED: Field<Instant> = Field::instant("resolved", "Resolved").spine().computed();
pub const CLOSED: Field<Instant> = Field::instant("closed", "Closed").spine().computed();

pub const ARCHIVED: Field<Instant> = Field::instant("archived", "Archived").spine().computed();
pub const REMOVED: Field<Instant> = Field::instant("removed", "Removed").spine().computed();

/// What says something of work to be done, and nothing of a thing that is kept.
pub const OF_WORK: &[FieldDef] = &[REQUESTER.def, ASSIGNEE.def, PRIORITY.def, OPENED.def, DUE.def];

/// Every spine field, in the order of the columns.
pub const ALL: &[FieldDef] = &[
    NUMBER.def,
    TITLE.def,
    STATE.def,
    PHASE.def,
    REQUESTER.def,
    ORGANISATION.def,
    TEAM.def,
    ASSIGNEE.def,
    SERVICE.def,
    PRIORITY.def,
    RESTRICTED.def,
    OPENED.def,
    UPDATED.def,
    DUE.def,
    RESOLVED.def,
    CLOSED.def,
    ARCHIVED.def,
    REMOVED.def,
];
