//! Field groups with behaviour that several processes share.

use mainstay_engine::facts::Facts;
use mainstay_engine::field::{EntryId, Field, Instant, Writer};
use mainstay_engine::process::{Bundle, Policy, Survey};
use mainstay_engine::record::Record;
use mainstay_engine::{choices, spine};

choices! {
    /// How far the effect of a failure reaches.
    Impact { High = "high" "High", Medium = "medium" "Medium", Low = "low" "Low", NoneYet = "none_yet" "None yet" }
}
choices! {
    /// How soon the effect becomes unbearable.
    Urgency { High = "high" "High", Medium = "medium" "Medium", Low = "low" "Low" }
}
choices! {
    /// The channel by which a record came.
    Source {
        Manual = "manual" "Desk", Portal = "portal" "Portal", Api = "api" "API", Phone = "phone" "Phone",
        Email = "email" "E-mail", Event = "event" "Monitoring", Chat = "chat" "Chat", Import = "import" "Import",
    }
}

pub const SYMPTOMS: Field<String> = Field::markdown("symptoms", "Description")
    .writer(Writer::Opener)
    .help("What happens, in your own words. What did you expect instead?");
pub const DIAGNOSIS: Field<String> = Field::markdown("diagnosis", "Diagnosis")
    .internal()
    .help("What the technicians found; the requester does not see it.");
pub const SOURCE: Field<Source> = Field::choice("source", "Source", Source::CHOICES);
pub const CONTACT: Field<String> =
    Field::text("contact", "Contact").writer(Writer::Anyone).help("Who to speak to, if it is somebody else");
pub const CALLBACK: Field<String> =
    Field::text("callback", "Call back").writer(Writer::Anyone).help("Where and when we reach you best");
pub const OWNER: Field<EntryId> = Field::entry("owner", "Owner", "people")
    .help("Keeps the matter until the requester is content, whoever works on it");

/// What every piece of work has: words, source, people to speak to.
pub static TICKET: Bundle = Bundle {
    key: "ticket",
    fields: &[SYMPTOMS.def, DIAGNOSIS.def, SOURCE.def, CONTACT.def, CALLBACK.def, OWNER.def],
    derive: None,
    clocks: false,
};

pub const IMPACT: Field<Impact> =
    Field::choice("impact", "Impact", Impact::CHOICES).help("How many people, how much of the service");
pub const URGENCY: Field<Urgency> = Field::choice("urgency", "Urgency", Urgency::CHOICES).help("How soon it hurts");
pub const DERIVED_PRIORITY: Field<i64> =
    Field::number("derived_priority", "Priority by the matrix", 1, 5).computed().internal();
pub const MATRIX_VERSION: Field<i64> =
    Field::number("matrix_version", "Version of the matrix", 1, i64::MAX).computed().internal();
pub const PRIORITY_REASON: Field<String> =
    Field::text("priority_reason", "Reason for the priority").writer(Writer::Transition).internal();

/// Priority follows impact and urgency by the matrix in force at opening, unless a person with
/// the right overrides it with a reason. (ITIL SO 4.2; INC-06, INC-07, GEN-21)
pub static PRIORITISED: Bundle = Bundle {
    key: "prioritised",
    fields: &[IMPACT.def, URGENCY.def, DERIVED_PRIORITY.def, MATRIX_VERSION.def, PRIORITY_REASON.def],
    derive: Some(derive_priority),
    clocks: false,
};

fn derive_priority(record: &mut Record, facts: &Facts<'_>) {
    let (Some(impact), Some(urgency)) = (record.get(&IMPACT), record.get(&URGENCY)) else {
        record.clear(&DERIVED_PRIORITY);
        if !record.has(&PRIORITY_REASON) {
            record.clear(&spine::PRIORITY);
        }
        return;
    };
    // "None yet" is watched like the lowest impact until somebody is hit (decision G-16).
    let row = if impact == Impact::NoneYet { Impact::Low } else { impact };
    let Some(&priority) = facts.matrix.cells.get(&(row.key().to_owned(), urgency.key().to_owned())) else { return };
    record.set(&DERIVED_PRIORITY, priority);
    record.set(&MATRIX_VERSION, facts.matrix.version);
    if !record.has(&PRIORITY_REASON) {
        record.set(&spine::PRIORITY, priority);
    }
}

pub const CATEGORY: Field<EntryId> = Field::entry("category", "Category", "categories");
pub const OPENING_CATEGORY: Field<EntryId> = Field::entry("opening_category", "Opening category", "categories")
    .computed()
    .help("The first category that it was given");
pub const CLOSING_CATEGORY: Field<EntryId> = Field::entry("closing_category", "Closing category", "categories")
    .writer(Writer::Transition)
    .help("What it turned out to be");

/// What it was taken for first, what it is taken for now, and what it turned out to be, apart. (INC-05)
pub static CATEGORISED: Bundle = Bundle {
    key: "categorised",
    fields: &[CATEGORY.def, OPENING_CATEGORY.def, CLOSING_CATEGORY.def],
    derive: Some(keep_opening_category),
    clocks: false,
};

fn keep_opening_category(record: &mut Record, _: &Facts<'_>) {
    if let (Some(category), false) = (record.get(&CATEGORY), record.has(&OPENING_CATEGORY)) {
        record.set(&OPENING_CATEGORY, category);
    }
}

/// Response and resolution clocks run on the record by the service level that its facts select.
pub static SERVICE_LEVELS: Bundle = Bundle { key: "service_levels", fields: &[], derive: None, clocks: true };

pub const SURVEYED: Field<Instant> =
    Field::instant("surveyed", "Asked how it went").computed().help("When the requester was asked");
pub const SATISFACTION: Field<i64> = Field::number("satisfaction", "Satisfaction", 1, 5)
    .writer(Writer::Transition)
    .help("From 1, very bad, to 5, very good; the requester's own answer");
pub const SATISFACTION_WORDS: Field<String> =
    Field::markdown("satisfaction_words", "Words on satisfaction").writer(Writer::Transition);

/// The requester's word on how it went, asked for by rule once it is over. (BRM-05, INC-24)
pub static SATISFIED: Bundle = Bundle {
    key: "satisfied",
    fields: &[SURVEYED.def, SATISFACTION.def, SATISFACTION_WORDS.def],
    derive: None,
    clocks: false,
};

/// How requesters are asked for that word.
pub const SURVEY: Survey = Survey {
    verb: "rate",
    asked: SURVEYED.def,
    score: SATISFACTION.def,
    words: SATISFACTION_WORDS.def,
    scale: &["Very bad", "Bad", "So-so", "Good", "Very good"],
    every: SURVEY_EVERY.key,
    rest: SURVEY_REST_DAYS.key,
};

pub const ARCHIVE_DAYS: Policy = Policy {
    key: "archive_days",
    label: "Days after its closing until a record is archived; 0: never",
    default: 0,
    max: 36_500,
};
pub const REMOVE_DAYS: Policy = Policy {
    key: "remove_days",
    label: "Days after that until words, files and people are removed from it for good; 0: never",
    default: 0,
    max: 36_500,
};

pub const SURVEY_EVERY: Policy = Policy {
    key: "survey_every",
    label: "Ask the requester how it went after one in so many; 0: never",
    default: 1,
    max: 1_000,
};
pub const SURVEY_REST_DAYS: Policy = Policy {
    key: "survey_rest_days",
    label: "Days for which a person is not asked again how it went; 0: no rest",
    default: 7,
    max: 365,
};
pub const RATE_DAYS: Policy = Policy {
    key: "rate_days",
    label: "Working days in which the requester can say how it went, and say it anew",
    default: 10,
    max: 365,
};
pub const LOW_SCORE: Policy = Policy {
    key: "low_score",
    label: "Satisfaction up to which somebody has to follow up; 0: never",
    default: 2,
    max: 5,
};
pub const FOLLOW_UP_DAYS: Policy = Policy {
    key: "follow_up_days",
    label: "Working days until a bad answer or a complaint has to be followed up",
    default: 2,
    max: 365,
};

pub const LAPSE_DAYS: Policy = Policy {
    key: "lapse_days",
    label: "Days before a last day, of a warranty say, on which people are told of it; 0: nobody is told",
    default: 30,
    max: 3_650,
};

/// The relation of a record to the configuration items that it is about.
pub const AFFECTS: &str = "affects";
