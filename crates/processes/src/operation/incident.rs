//! Incident: restore the service first, find the cause later. (ITIL SO 4.2, ISO/IEC 20000-1 8.6.1)

use crate::bundles::{
    AFFECTS, ARCHIVE_DAYS, CALLBACK, CATEGORISED, CONTACT, FOLLOW_UP_DAYS, IMPACT, LOW_SCORE, OWNER, PRIORITISED,
    PRIORITY_REASON, RATE_DAYS, REMOVE_DAYS, SATISFACTION, SATISFACTION_WORDS, SATISFIED, SERVICE_LEVELS, SURVEY,
    SURVEY_EVERY, SURVEY_REST_DAYS, SURVEYED, SYMPTOMS, TICKET, URGENCY,
};
pub use crate::bundles::{CATEGORY, CLOSING_CATEGORY};
use crate::operation::problem;
use mainstay_engine::choices;
use mainstay_engine::facts::Facts;
use mainstay_engine::field::{EntryId, Field, Instant, Writer, choice};
use mainstay_engine::process::{
    Asks, Cascade, Delay, Effect, Fill, Guard, Helps, Invitation, OnReply, Policy, Process, Section, State, StateTimer,
    Trouble, Who, as_it_is, ask, closed, done, go, hand, open, paused, relation, stay, tab,
};
use mainstay_engine::record::Record;
use mainstay_engine::spine::{
    ASSIGNEE, CLOSED as CLOSED_AT, ORGANISATION, PRIORITY, REQUESTER, RESOLVED as RESOLVED_AT, RESTRICTED, SERVICE,
    TEAM, TITLE,
};

choices! {
    /// What the work waits for.
    HoldReason {
        Requester = "requester" "The requester", Vendor = "vendor" "A vendor", Change = "change" "A change",
        Problem = "problem" "A problem", Scheduled = "scheduled" "An agreed time",
    }
}
choices! {
    /// How the service came back.
    ResolutionCode {
        Fixed = "fixed" "Fixed", Workaround = "workaround" "Workaround", FixedByChange = "fixed_by_change" "Fixed by a change",
        UserGuidance = "user_guidance" "Explained to the user", NoFault = "no_fault" "No fault found",
        Vendor = "vendor" "Fixed by a vendor", SelfHealed = "self_healed" "Went away by itself",
        WithParent = "with_parent" "Resolved with its parent", WithProblem = "with_problem" "Resolved with its problem", NoReply = "no_reply" "No answer from the requester",
    }
}
choices! {
    /// Why there was nothing to restore.
    CancelReason {
        Duplicate = "duplicate" "Duplicate", NotAnIncident = "not_an_incident" "Not an incident",
        RaisedInError = "raised_in_error" "Raised in error",
    }
}

const NEW: State = open("new", "New").says("We have received it", "Somebody will look at it and assign it.");
const ASSIGNED: State = open("assigned", "Assigned").says("It is with the right team", "A technician will take it up.");
const IN_PROGRESS: State = open("in_progress", "In progress")
    .says("We are working on it", "We will tell you when it works again or when we need you.");
const ON_HOLD: State = paused("on_hold", "On hold")
    .says("We are waiting", "Work goes on as soon as the answer or the agreed time is there.")
    .timers(&[
        StateTimer { key: "resume", delay: Delay::At(RESUME_AT.def), verb: Some("resume"), when: None },
        StateTimer {
            key: "hold_reminder",
            delay: Delay::EachWorkingDays { every: "remind_days", until: "give_up_days" },
            verb: None,
            when: Some((HOLD_REASON.def, HoldReason::Requester.key())),
        },
        StateTimer {
            key: "give_up",
            delay: Delay::WorkingDays("give_up_days"),
            verb: Some("resolve_unanswered"),
            when: Some((HOLD_REASON.def, HoldReason::Requester.key())),
        },
    ]);
const RESOLVED: State = done("resolved", "Resolved")
    .says("We believe it works again", "Please tell us whether it does. Without an answer it closes by itself.")
    .timers(&[
        StateTimer {
            key: "close_warning",
            delay: Delay::WarnWorkingDays { before: "warn_days", of: "auto_close_days" },
            verb: None,
            when: None,
        },
        StateTimer {
            key: "auto_close",
            delay: Delay::WorkingDays("auto_close_days"),
            verb: Some("auto_close"),
            when: None,
        },
    ]);
const CLOSED: State =
    closed("closed", "Closed").says("It is finished", "If it happens again, report it again from here.");
const CANCELLED: State = closed("cancelled", "Cancelled").says("It was withdrawn", "Nothing more will happen.").void();

const LIVE: &[State] = &[NEW, ASSIGNED, IN_PROGRESS, ON_HOLD];

pub const HOLD_REASON: Field<HoldReason> =
    Field::choice("hold_reason", "Waiting for", HoldReason::CHOICES).writer(Writer::Transition);
pub const RESUME_AT: Field<Instant> =
    Field::instant("resume_at", "Resume at").writer(Writer::Transition).help("Work goes on by itself at this time");
pub const WORKAROUND: Field<String> =
    Field::markdown("workaround", "Workaround").help("How people can go on until it is fixed");
pub const KNOWN_WORKAROUND: Field<String> = Field::markdown("known_workaround", "Workaround of the problem")
    .computed()
    .help("How people can go on until its cause is gone");
pub const RESOLUTION: Field<String> =
    Field::markdown("resolution", "Resolution").writer(Writer::Transition).help("What restored the service?");
pub const RESOLUTION_CODE: Field<ResolutionCode> =
    Field::choice("resolution_code", "Resolution code", ResolutionCode::CHOICES).writer(Writer::Transition);
pub const RESTORED: Field<Instant> =
    Field::instant("restored", "Service restored").writer(Writer::Transition).help("When the service worked again");
pub const OUTAGE_START: Field<Instant> =
    Field::instant("outage_start", "Failing since").help("When the failure began, as far as known");
pub const CANCEL_REASON: Field<CancelReason> =
    Field::choice("cancel_reason", "Reason for cancelling", CancelReason::CHOICES).writer(Writer::Transition);
pub const REOPEN_COUNT: Field<i64> = Field::number("reopen_count", "Reopened", 0, i64::MAX).computed();
pub const HOP_COUNT: Field<i64> = Field::number("hop_count", "Reassigned", 0, i64::MAX).computed();
pub const FIRST_ASSIGNEE: Field<EntryId> =
    Field::entry("first_assignee", "First assignee", "people").computed().internal();
pub const ESCALATED: Field<i64> = Field::number("escalated", "Escalated", 0, i64::MAX).computed().internal();
pub const FLAGGED: Field<bool> = Field::bool("flagged", "A child was reopened").computed().internal();
pub const MODEL: Field<EntryId> = Field::entry("model", "Model", "models").help("Steps and tasks for a known kind");

const CHILD_OF: &str = "child_of";
const DUPLICATE_OF: &str = "duplicate_of";
/// To the problem behind it.
pub const CAUSED_BY: &str = "caused_by";

/// What is below it takes the step with it, in the same words.
const WITH_PARENT: Effect = Effect::Cascade(Cascade {
    relation: CHILD_OF,
    of: None,
    verb: "resolve_with_parent",
    hands_on: &[as_it_is(RESOLUTION.def), as_it_is(CLOSING_CATEGORY.def), as_it_is(RESTORED.def)],
    chosen: false,
});

const NO_LIVE_CHILD: Guard = Guard {
    code: "open_children",
    says: "It cannot close while an incident under it is open.",
    test: |_, facts| !facts.has_live_child(CHILD_OF),
    beforehand: true,
};
const NO_OPEN_TASK: Guard = Guard {
    code: "open_tasks",
    says: "It cannot close while a task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};
const ASKED_REQUESTER: Guard = Guard {
    code: "not_asked",
    says: "It does not wait for the requester.",
    beforehand: true,
    test: |incident, _| incident.get(&HOLD_REASON) == Some(HoldReason::Requester),
};
const DUPLICATE_NAMES_OTHER: Guard = Guard {
    code: "duplicate_needs_link",
    says: "A duplicate is cancelled with the incident that it repeats: name it as link.",
    test: |incident, facts| {
        incident.get(&CANCEL_REASON) != Some(CancelReason::Duplicate) || facts.is_linked(DUPLICATE_OF)
    },
    beforehand: false,
};
const CHANGE_IS_LINKED: Guard = Guard {
    code: "change_needs_link",
    says: "Fixed by a change needs the change: link it as fixed_by.",
    test: |incident, facts| {
        incident.get(&RESOLUTION_CODE) != Some(ResolutionCode::FixedByChange) || facts.is_linked("fixed_by")
    },
    beforehand: false,
};
const NAMES_OTHER: Guard = Guard {
    code: "link_needed",
    says: "Name the incident that goes on.",
    test: |_, facts| facts.is_linked(DUPLICATE_OF),
    beforehand: false,
};

const NO_ANSWER: &str = "We asked for something that we need to go on and had no answer.";

const CLASSIFIED: &[mainstay_engine::field::FieldDef] = &[TEAM.def, IMPACT.def, URGENCY.def, CATEGORY.def];

pub static INCIDENT: Process = Process {
    key: "incident",
    plural: "incidents",
    prefix: "INC",
    label: "Incident",
    label_plural: "Incidents",
    icon: "siren",
    purpose: "Restore the agreed service as fast as possible and limit the harm. Finding the cause is the problem's aim.",
    keeps_things: false,
    table: "incident",
    bundles: &[&TICKET, &PRIORITISED, &CATEGORISED, &SERVICE_LEVELS, &SATISFIED],
    fields: &[
        HOLD_REASON.def,
        RESUME_AT.def,
        WORKAROUND.def,
        KNOWN_WORKAROUND.def,
        RESOLUTION.def,
        RESOLUTION_CODE.def,
        RESTORED.def,
        OUTAGE_START.def,
        CANCEL_REASON.def,
        REOPEN_COUNT.def,
        HOP_COUNT.def,
        FIRST_ASSIGNEE.def,
        ESCALATED.def,
        FLAGGED.def,
        MODEL.def,
    ],
    in_own_words: &[],
    sections: &[
        Section {
            label: "Work",
            fields: &[
                "team",
                "assignee",
                "owner",
                "impact",
                "urgency",
                "priority_reason",
                "category",
                "opening_category",
                "closing_category",
            ],
        },
        Section {
            label: "Affected",
            fields: &["service", "organisation", "contact", "callback", "source", "restricted"],
        },
        Section {
            label: "Course",
            fields: &[
                "outage_start",
                "hold_reason",
                "resume_at",
                "restored",
                "resolution_code",
                "cancel_reason",
                "reopen_count",
                "hop_count",
                "escalated",
                "flagged",
                "surveyed",
                "satisfaction",
            ],
        },
        Section {
            label: "Words",
            fields: &["symptoms", "diagnosis", "workaround", "known_workaround", "resolution", "satisfaction_words"],
        },
    ],
    invitation: Some(Invitation { title: "Report a problem", text: "Something is broken or slow", icon: "life-buoy" }),
    asks_requester: &["title", "symptoms", "service", "callback"],
    questions: &[
        ask(
            URGENCY.def,
            "Can you still work?",
            &[choice("high", "No"), choice("medium", "Partly, or only slowly"), choice("low", "Yes")],
        ),
        ask(
            IMPACT.def,
            "Who else is affected?",
            &[choice("low", "Only me, as far as I know"), choice("medium", "My team"), choice("high", "Many people")],
        ),
    ],
    states: &[NEW, ASSIGNED, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED],
    transitions: &[
        go("assign", "Assign", &[NEW], ASSIGNED)
            .past("{actor} assigned it")
            .past_to("{actor} assigned it to {name}")
            .by(Who::STAFF.or(Who::ENGINE))
            .needs(CLASSIFIED)
            .takes(&[ASSIGNEE.def, SERVICE.def])
            .primary(),
        go("take", "Take", &[NEW, ASSIGNED], IN_PROGRESS)
            .past("{actor} took it")
            .needs(CLASSIFIED)
            .sets(take)
            .responds()
            .primary(),
        go("hold", "Put on hold", &[IN_PROGRESS], ON_HOLD)
            .past("{actor} put it on hold")
            .needs(&[HOLD_REASON.def])
            .takes(&[RESUME_AT.def])
            .asks_when(Asks::Comment, |incident| incident.get(&HOLD_REASON) == Some(HoldReason::Requester)),
        go("resume", "Resume", &[ON_HOLD], IN_PROGRESS)
            .past("{actor} went on with it")
            .by(Who::STAFF.or(Who::ENGINE))
            .sets(leave_hold)
            .primary(),
        go("reassign", "Reassign", &[ASSIGNED, IN_PROGRESS, ON_HOLD], ASSIGNED)
            .past("{actor} passed it on")
            .past_to("{actor} passed it on to {name}")
            .needs(&[TEAM.def])
            .takes(&[ASSIGNEE.def])
            .changes(&[TEAM.def, ASSIGNEE.def])
            .renews(&[ASSIGNEE.def])
            .asks(Asks::Reason)
            .sets(hop),
        go("resolve", "Resolve", &[IN_PROGRESS, ON_HOLD], RESOLVED)
            .past("{actor} resolved it")
            .needs(&[RESOLUTION_CODE.def, RESOLUTION.def, CLOSING_CATEGORY.def, RESTORED.def])
            .takes(&[WORKAROUND.def])
            .offers(&[hand(CATEGORY.def, CLOSING_CATEGORY.def)])
            .guards(&[CHANGE_IS_LINKED])
            .sets(leave_hold)
            .effects(&[WITH_PARENT])
            .primary(),
        go("resolve_with_parent", "Resolve with its parent", LIVE, RESOLVED)
            .past("{actor} resolved it with its parent")
            .by(Who::ENGINE)
            .takes(&[RESOLUTION.def, CLOSING_CATEGORY.def, RESTORED.def])
            .sets(resolved_with_parent)
            .effects(&[WITH_PARENT]),
        go("resolve_with_problem", "Resolve with its problem", &[ON_HOLD], RESOLVED)
            .past("{actor} resolved it with its problem")
            .by(Who::ENGINE)
            .when("It does not wait for a problem.", |incident| incident.get(&HOLD_REASON) == Some(HoldReason::Problem))
            .takes(&[RESOLUTION.def])
            .sets(resolved_with_problem)
            .effects(&[WITH_PARENT]),
        go("resolve_unanswered", "Resolve without an answer", &[ON_HOLD], RESOLVED)
            .past("{actor} resolved it without an answer")
            .by(Who::ENGINE)
            .guards(&[ASKED_REQUESTER, NO_LIVE_CHILD, NO_OPEN_TASK])
            .sets(give_up),
        go("reopen", "Reopen", &[RESOLVED], IN_PROGRESS)
            .past("{actor} reopened it")
            .by(Who::STAFF.or(Who::REQUESTER))
            .says("No, it still fails")
            .asks(Asks::Reason)
            .within(RESOLVED_AT.def, "reopen_days")
            .sets(reopen)
            .effects(&[Effect::Flag { relation: CHILD_OF, field: FLAGGED.def }]),
        go("confirm", "Confirm", &[RESOLVED], CLOSED)
            .past("{actor} confirmed that it works again")
            .by(Who::REQUESTER)
            .says("Yes, it works again")
            .guards(&[NO_LIVE_CHILD, NO_OPEN_TASK])
            .primary(),
        go("auto_close", "Close by itself", &[RESOLVED], CLOSED)
            .past("{actor} closed it, as nobody objected")
            .by(Who::ENGINE)
            .guards(&[NO_LIVE_CHILD, NO_OPEN_TASK]),
        go("cancel", "Cancel", &[NEW, ASSIGNED, IN_PROGRESS], CANCELLED)
            .past("{actor} cancelled it")
            .by(Who::STAFF.or(Who::REQUESTER))
            .says("I no longer need this")
            .needs(&[CANCEL_REASON.def])
            .plainly(&[ask(
                CANCEL_REASON.def,
                "Why do you no longer need it?",
                &[
                    choice("not_an_incident", "It works after all, or it was no fault"),
                    choice("raised_in_error", "I sent it by mistake"),
                    choice("duplicate", "I have reported it before"),
                ],
            )])
            .links(DUPLICATE_OF)
            .guards(&[DUPLICATE_NAMES_OTHER]),
        go("merge", "Merge", &[NEW, ASSIGNED, IN_PROGRESS], CANCELLED)
            .past("{actor} merged it into another one")
            .links(DUPLICATE_OF)
            .guards(&[NAMES_OTHER])
            .sets(|incident, _| incident.set(&CANCEL_REASON, CancelReason::Duplicate))
            .effects(&[Effect::Absorb { relation: DUPLICATE_OF }]),
        stay("escalate", "Escalate", LIVE)
            .past("{actor} escalated it")
            .asks(Asks::Reason)
            .sets(|incident, _| incident.set(&ESCALATED, incident.get(&ESCALATED).unwrap_or_default() + 1)),
        stay("override_priority", "Override the priority", LIVE)
            .past("{actor} set the priority by hand")
            .needs(&[PRIORITY.def, PRIORITY_REASON.def]),
        stay("derive_priority", "Follow the matrix again", LIVE)
            .past("{actor} let the priority follow the matrix again")
            .when("Its priority follows the matrix already.", |incident| incident.has(&PRIORITY_REASON))
            .sets(|incident, _| incident.clear(&PRIORITY_REASON)),
        stay("report_again", "Report again", &[RESOLVED, CLOSED])
            .past("{actor} reported it again")
            .by(Who::STAFF.or(Who::REQUESTER))
            .says("It happens again")
            .asks(Asks::Reason)
            .effects(&[Effect::Succeed {
                relation: "recurrence_of",
                copies: &[
                    TITLE.def,
                    SYMPTOMS.def,
                    REQUESTER.def,
                    ORGANISATION.def,
                    SERVICE.def,
                    CATEGORY.def,
                    IMPACT.def,
                    URGENCY.def,
                    TEAM.def,
                    CONTACT.def,
                    CALLBACK.def,
                    RESTRICTED.def,
                ],
            }]),
        stay("rate", "Rate", &[CLOSED])
            .past("{actor} said how it went")
            .by(Who::REQUESTER)
            .says("How did we do?")
            .when("Nobody was asked how this one went.", |incident| incident.has(&SURVEYED))
            .needs(&[SATISFACTION.def])
            .takes(&[SATISFACTION_WORDS.def])
            .within(CLOSED_AT.def, RATE_DAYS.key)
            .effects(&[Effect::FollowUp {
                title: "Speak with the requester: they are not content",
                at_most: Some((SATISFACTION.def, LOW_SCORE.key)),
                days: FOLLOW_UP_DAYS.key,
            }]),
        stay("complain", "Complain", &[NEW, ASSIGNED, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED])
            .past("{actor} complained")
            .by(Who::REQUESTER)
            .says("I want to complain")
            .asks(Asks::Reason)
            .effects(&[Effect::FollowUp {
                title: "Answer the requester's complaint",
                at_most: None,
                days: FOLLOW_UP_DAYS.key,
            }]),
        stay("correct", "Correct", &[CLOSED, CANCELLED])
            .past("{actor} corrected it")
            .takes(&[
                TITLE.def,
                CLOSING_CATEGORY.def,
                RESOLUTION_CODE.def,
                RESOLUTION.def,
                RESTORED.def,
                OUTAGE_START.def,
                SERVICE.def,
            ])
            .asks(Asks::Reason),
    ],
    by_step: &[TEAM.def],
    relations: &[
        relation(CHILD_OF, "Child of", "Parent of").to("incident").single().hands_words(),
        relation(DUPLICATE_OF, "Duplicate of", "Duplicated by").to("incident").single(),
        relation("recurrence_of", "Recurrence of", "Recurred as").to("incident").single(),
        relation(CAUSED_BY, "Caused by", "Caused").meant_for(&["problem"]).hands_words().fills(&[Fill {
            of: "problem",
            from: problem::WORKAROUND.def,
            into: KNOWN_WORKAROUND.def,
            lasting: false,
        }]),
        relation(AFFECTS, "Affects", "Affected by").to("configuration_item").meant_for(&["configuration_item"]),
        relation("fixed_by", "Fixed by", "Fixes"),
        relation("related_to", "Related to", "Related to"),
    ],
    policies: &[
        ARCHIVE_DAYS,
        REMOVE_DAYS,
        Policy {
            key: "reopen_days",
            label: "Working days in which a resolved incident can be reopened",
            default: 5,
            max: 365,
        },
        Policy {
            key: "auto_close_days",
            label: "Working days after which a resolved incident closes by itself; 0: never",
            default: 5,
            max: 365,
        },
        Policy {
            key: "warn_days",
            label: "Working days before closing at which the requester is told",
            default: 1,
            max: 364,
        },
        Policy {
            key: "remind_days",
            label: "Working days after which a requester who was asked is reminded, each time; 0: never",
            default: 3,
            max: 365,
        },
        Policy {
            key: "give_up_days",
            label: "Working days without an answer after which what waits for the requester is resolved; 0: never",
            default: 10,
            max: 365,
        },
        SURVEY_EVERY,
        SURVEY_REST_DAYS,
        RATE_DAYS,
        LOW_SCORE,
        FOLLOW_UP_DAYS,
    ],
    on_reply: &[OnReply { state: ON_HOLD, verb: Some("resume") }, OnReply { state: RESOLVED, verb: None }],
    waits_for: Some(HOLD_REASON.def),
    after_open: Some("assign"),
    survey: Some(SURVEY),
    trouble: Some(Trouble {
        when: "priority = 1 and restricted = false and service is not empty",
        plain: "does not work as it should",
    }),
    helps: Helps::once_done(&[RESOLUTION.def, WORKAROUND.def]),
    opened_from: &[],
    watch: None,
    costs: None,
    approvals: None,
    tabs: &[tab("similar", "Similar")],
    map: None,
    lapses: &[],
    entitles: None,
    schedule: None,
};
const _: () = INCIDENT.checked();

/// Whoever takes it becomes its assignee; the first one ever is remembered for the figures,
/// and keeps the matter when nobody owns it yet.
fn take(incident: &mut Record, facts: &Facts<'_>) {
    let Some(person) = facts.actor.person else { return };
    incident.set(&ASSIGNEE, EntryId(person));
    if !incident.has(&FIRST_ASSIGNEE) {
        incident.set(&FIRST_ASSIGNEE, EntryId(person));
    }
    if !incident.has(&OWNER) {
        incident.set(&OWNER, EntryId(person));
    }
}

fn leave_hold(incident: &mut Record, _: &Facts<'_>) {
    incident.clear(&HOLD_REASON);
    incident.clear(&RESUME_AT);
}

fn hop(incident: &mut Record, facts: &Facts<'_>) {
    leave_hold(incident, facts);
    incident.set(&HOP_COUNT, incident.get(&HOP_COUNT).unwrap_or_default() + 1);
}

fn reopen(incident: &mut Record, _: &Facts<'_>) {
    incident.set(&REOPEN_COUNT, incident.get(&REOPEN_COUNT).unwrap_or_default() + 1);
    incident.clear(&RESOLUTION_CODE);
    incident.clear(&RESOLUTION);
    incident.clear(&CLOSING_CATEGORY);
    incident.clear(&RESTORED);
}

/// Nobody answered: the work ends with what is known, and the requester may still say that it fails.
fn give_up(incident: &mut Record, facts: &Facts<'_>) {
    leave_hold(incident, facts);
    incident.set(&RESOLUTION_CODE, ResolutionCode::NoReply);
    incident.set(&RESOLUTION, NO_ANSWER.to_owned());
    incident.set(&RESTORED, Instant(facts.now));
    if let Some(category) = incident.get(&CATEGORY) {
        incident.set(&CLOSING_CATEGORY, category);
    }
}

fn resolved_with_parent(incident: &mut Record, facts: &Facts<'_>) {
    leave_hold(incident, facts);
    incident.set(&RESOLUTION_CODE, ResolutionCode::WithParent);
}

/// The cause is gone, and with it what it did.
fn resolved_with_problem(incident: &mut Record, facts: &Facts<'_>) {
    leave_hold(incident, facts);
    incident.set(&RESOLUTION_CODE, ResolutionCode::WithProblem);
    incident.set(&RESTORED, Instant(facts.now));
    if let Some(category) = incident.get(&CATEGORY) {
        incident.set(&CLOSING_CATEGORY, category);
    }
}
