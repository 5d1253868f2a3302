//! The registers: directory, service levels and rules that the processes stand on.

mod approvals;
mod boards;
mod directory;
mod evaluation;
mod items;
mod levels;
mod risk;
mod rules;
mod sign_in;
mod sources;
mod windows;
mod words;

pub use approvals::{APPROVAL_POLICIES, Asked, Enough, Expiry};
pub use boards::{BOARD_CHAIR, BOARD_LEAD, BOARD_MINUTES, BOARD_TEAM, BOARDS, rhythm_of};
pub use directory::{
    CATEGORIES, Criticality, DEPUTY, DEPUTY_FROM, DEPUTY_UNTIL, EMAIL, FOR_COLLEAGUES, GRANTS, MERGED_INTO,
    ORGANISATIONS, OrganisationKind, PEOPLE, PERSON_LIMIT, PERSON_TEAMS, ROLES, Reach, SERVICES, SKILLS, TEAM_LIMIT,
    TEAMS,
};
pub use evaluation::{EVALUATION_RULES, RULE_CRITICALITY};
pub use items::{
    Carries, ITEM_CLASSES, OF_SERVICES, RELATION_KEY, RELATION_TYPES, SIGN, Sign, UNDER_CONTROL, USED_BY_CHANGE,
};
pub use levels::{CALENDARS, MATRICES, Metric, OnChange, OnReopen, SERVICE_LEVELS, TargetUnit, Weekday, calendar_of};
pub use risk::{RISK_RULES, RISK_RULES_REGISTER, RiskFact, RiskPart};
pub use rules::{
    ASSIGNMENT_RULES, CUSTOM_FIELDS, ColumnKind, CustomKind, MODEL_APPROVER, MODEL_FAILED, MODEL_LIMIT, MODEL_USED,
    MODEL_VALID, MODELS, NOTIFICATION_RULES, PROCESS_SETTINGS, RESERVED, RULE_CALENDAR, RULE_SKILL, Shared, Told,
    VIEWS, is_asked,
};
pub use sign_in::SIGN_IN_RULES;
pub use sources::{
    MATCH_FIELDS, MATCH_RULES, MATCH_SILENT, SOURCE_KEY, SOURCE_MAPPING, SOURCE_RANK, SOURCE_STALE, SOURCE_STANDARD,
    SOURCE_UNMATCHED, SOURCES, Unmatched,
};
pub use windows::{
    FreezeEffect, WINDOW_EFFECT, WINDOW_ITEMS, WINDOW_KIND, WINDOW_ORGANISATIONS, WINDOW_PERSON, WINDOW_PROCESS,
    WINDOW_ROLE, WINDOW_SERVICES, WINDOWS, WindowKind, recurrence_of,
};
pub use words::{MACROS, TEMPLATES, WORDS};

use mainstay_engine::register::Register;

/// Every register, in the order the administration shows them.
pub static ALL: &[&Register] = &[
    &PEOPLE,
    &TEAMS,
    &ORGANISATIONS,
    &ROLES,
    &SERVICES,
    &CATEGORIES,
    &ITEM_CLASSES,
    &RELATION_TYPES,
    &SOURCES,
    &MATCH_RULES,
    &CALENDARS,
    &SERVICE_LEVELS,
    &MATRICES,
    &ASSIGNMENT_RULES,
    &NOTIFICATION_RULES,
    &APPROVAL_POLICIES,
    &BOARDS,
    &RISK_RULES,
    &EVALUATION_RULES,
    &WINDOWS,
    &MODELS,
    &TEMPLATES,
    &MACROS,
    &CUSTOM_FIELDS,
    &PROCESS_SETTINGS,
    &SIGN_IN_RULES,
    &VIEWS,
];

/// The register with this key.
#[must_use]
pub fn register(key: &str) -> Option<&'static Register> {
    ALL.iter().copied().find(|r| r.key == key)
}
