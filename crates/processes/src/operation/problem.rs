//! Problem: find and remove the cause behind incidents, or contain it. (ITIL SO 4.4, ISO/IEC 20000-1 8.6.3)

use crate::bundles::{
    AFFECTS, ARCHIVE_DAYS, CATEGORY, CONTACT, IMPACT, OWNER, PRIORITISED, PRIORITY_REASON, REMOVE_DAYS, SYMPTOMS,
    URGENCY,
};
use crate::operation::incident;
use mainstay_engine::choices;
use mainstay_engine::facts::{Facts, Related};
use mainstay_engine::field::{EntryId, Field, FieldDef, Instant, Kind, Writer};
use mainstay_engine::process::{
    Asks, Cascade, Costs, Delay, Effect, Guard, Helps, OpenedFrom, Phase, Picture, Policy, Process, Section, State,
    StateTimer, Waits, Watch, Who, as_it_is, closed, done, go, hand, open, relation, stay, tab,
};
use mainstay_engine::record::Record;
use mainstay_engine::spine::{ASSIGNEE, PRIORITY, RESOLVED as RESOLVED_AT, RESTRICTED, SERVICE, TEAM, TITLE};
use mainstay_engine::value::Value;

choices! {
    /// What brought the problem to light.
    Origin {
        Reactive = "reactive" "Incidents", Proactive = "proactive" "Proactive work", Supplier = "supplier" "A supplier",
        Test = "test" "A test", Event = "event" "Monitoring",
    }
}
choices! {
    /// Where the cause lies.
    CauseCategory {
        Software = "software" "Software", Hardware = "hardware" "Hardware", Configuration = "configuration" "Configuration",
        Capacity = "capacity" "Capacity", Change = "change" "A change", Supplier = "supplier" "A supplier",
        Process = "process" "A procedure", Training = "training" "Missing knowledge", Other = "other" "Something else",
    }
}
choices! {
    /// How a cause is looked for.
    Technique {
        FiveWhys = "five_whys" "Five whys", Ishikawa = "ishikawa" "Cause and effect (Ishikawa)",
        FaultTree = "fault_tree" "Fault tree", KepnerTregoe = "kepner_tregoe" "Kepner-Tregoe",
        Timeline = "timeline" "Timeline", Pareto = "pareto" "Pareto", Other = "other" "Something else",
    }
}
choices! {
    /// What became of a hypothesis.
    Outcome { Open = "open" "Open", Confirmed = "confirmed" "Confirmed", RuledOut = "ruled_out" "Ruled out" }
}
choices! {
    /// Where a possible cause belongs in a diagram of cause and effect.
    Bone {
        People = "people" "People", Method = "method" "Procedures", Machine = "machine" "Hardware",
        Software = "software" "Software", Supply = "supply" "Suppliers", Surroundings = "surroundings" "Surroundings",
    }
}
choices! {
    /// What the desk may rely on.
    KnownError { Active = "active" "Active", Inactive = "inactive" "Not active any more" }
}
choices! {
    /// How the problem ended.
    ClosureCode {
        Fixed = "fixed" "Fixed", RemovedByChange = "removed_by_change" "Cause removed by another change",
        NotReproducible = "not_reproducible" "Not reproducible",
    }
}
choices! {
    /// Why there was nothing to investigate.
    CancelReason {
        Duplicate = "duplicate" "Duplicate", NotAProblem = "not_a_problem" "Not a problem",
        RaisedInError = "raised_in_error" "Raised in error",
    }
}

/// Nobody touched it for too long. (PRB-18)
const STALLED: &[StateTimer] =
    &[StateTimer { key: "stalled", delay: Delay::Untouched("stalled_days"), verb: None, when: None }];

const NEW: State = open("new", "New").timers(STALLED);
const ASSESSED: State = open("assessed", "Assessed").timers(STALLED);
const INVESTIGATION: State = open("investigation", "Investigation").timers(STALLED);
const KNOWN_ERROR_STATE: State = open("known_error", "Known error").timers(STALLED);
const FIX: State = open("fix_in_progress", "Fix in progress").timers(STALLED);
const RESOLVED: State = done("resolved", "Resolved").timers(&[StateTimer {
    key: "observed",
    delay: Delay::WorkingDays("observe_days"),
    verb: None,
    when: None,
}]);
const RISK_ACCEPTED: State = closed("risk_accepted", "Risk accepted").timers(&[StateTimer {
    key: "review_due",
    delay: Delay::At(REVIEW_AT.def),
    verb: None,
    when: None,
}]);
const CLOSED: State = closed("closed", "Closed");
const CANCELLED: State = closed("cancelled", "Cancelled").void();

const UNSOLVED: &[State] = &[NEW, ASSESSED, INVESTIGATION, KNOWN_ERROR_STATE, FIX];

pub const FOUND_BY: Field<Origin> =
    Field::choice("found_by", "Found by", Origin::CHOICES).help("What brought the problem to light");
pub const TECHNIQUE: Field<Technique> =
    Field::choice("technique", "Technique", Technique::CHOICES).writer(Writer::Transition).internal();
pub const HYPOTHESIS: Field<String> = Field::markdown("hypothesis", "Hypothesis")
    .writer(Writer::Transition)
    .internal()
    .help("What may be the cause, or what was found");
pub const TESTED: Field<String> =
    Field::markdown("tested", "Test").writer(Writer::Transition).internal().help("How it was tried, and what came out");
pub const OUTCOME: Field<Outcome> =
    Field::choice("outcome", "Outcome", Outcome::CHOICES).writer(Writer::Transition).internal();
pub const WHYS: Field<Value> = Field::any("whys", "Five whys", Kind::Table(WHY_COLUMNS)).internal();
pub const CAUSES: Field<Value> = Field::any("causes", "Possible causes", Kind::Table(CAUSE_COLUMNS)).internal();
pub const COURSE: Field<Value> = Field::any("course", "Timeline", Kind::Table(COURSE_COLUMNS)).internal();

const WHY_COLUMNS: &[FieldDef] = &[Field::text("answer", "Because").required().def];
const CAUSE_COLUMNS: &[FieldDef] = &[
    Field::<Bone>::choice("bone", "Where", Bone::CHOICES).required().def,
    Field::text("cause", "Cause").required().def,
    Field::<Outcome>::choice("verdict", "Outcome", Outcome::CHOICES).def,
];
const COURSE_COLUMNS: &[FieldDef] =
    &[Field::instant("at", "Date and time").required().def, Field::text("what", "What happened").required().def];
pub const ROOT_CAUSE: Field<String> =
    Field::markdown("root_cause", "Root cause").internal().help("What has to change so that it never happens again");
pub const CAUSE_UNKNOWN: Field<bool> = Field::bool("cause_unknown", "Cause accepted as unknown").internal();
pub const CAUSE_CATEGORY: Field<CauseCategory> =
    Field::choice("cause_category", "Kind of cause", CauseCategory::CHOICES).internal();
pub const WORKAROUND: Field<String> = Field::markdown("workaround", "Workaround")
    .help("How people can go on until it is fixed; shown on every incident that this problem causes");
pub const NO_WORKAROUND: Field<bool> = Field::bool("no_workaround", "No workaround found");
pub const KNOWN_ERROR: Field<KnownError> =
    Field::choice("known_error", "Known error", KnownError::CHOICES).writer(Writer::Transition).in_list();
pub const NO_KNOWN_ERROR: Field<String> = Field::text("no_known_error", "Why no known error was needed").internal();
pub const FIX_RELEASE: Field<String> = Field::text("fix_release", "Fixed in").help("Release or version with the fix");
pub const OPTIONS: Field<String> =
    Field::markdown("options", "Options").internal().help("Ways to remove the cause, with what each costs and gains");
pub const RESOLUTION: Field<String> =
    Field::markdown("resolution", "Resolution").writer(Writer::Transition).help("What removed the cause?");
pub const CLOSURE_CODE: Field<ClosureCode> =
    Field::choice("closure_code", "Closure code", ClosureCode::CHOICES).writer(Writer::Transition);
pub const EVIDENCE: Field<String> = Field::markdown("evidence", "Evidence")
    .writer(Writer::Transition)
    .internal()
    .help("What shows that it is so: tests, figures, how long nothing happened");
pub const FIX_VERIFIED: Field<bool> = Field::bool("fix_verified", "Fix verified").writer(Writer::Transition).internal();
pub const CANCEL_REASON: Field<CancelReason> =
    Field::choice("cancel_reason", "Reason for cancelling", CancelReason::CHOICES).writer(Writer::Transition);
pub const RISK_REASON: Field<String> =
    Field::markdown("risk_reason", "Why the risk is accepted").writer(Writer::Transition).internal();
pub const RISK_OWNER: Field<EntryId> =
    Field::entry("risk_owner", "Risk accepted by", "people").writer(Writer::Transition).internal();
pub const REVIEW_AT: Field<Instant> = Field::instant("review_at", "Review the risk at").writer(Writer::Transition);
pub const MAJOR: Field<bool> =
    Field::bool("major", "Major problem").help("It stands behind a major incident and is reviewed before it closes");
pub const REVIEW: Field<String> = Field::markdown("review", "Review: what went right and wrong").internal();
pub const PREVENTION: Field<String> = Field::markdown("prevention", "Review: how it is prevented").internal();
pub const THIRD_PARTIES: Field<String> =
    Field::markdown("third_parties", "Review: responsibility of third parties").internal();
pub const RECURRENCES: Field<i64> = Field::number("recurrences", "Came back", 0, i64::MAX).computed();

const FIXED_BY: &str = "fixed_by";
const DUPLICATE_OF: &str = "duplicate_of";

const CAUSE_IS_ANSWERED: Guard = Guard {
    code: "cause_needed",
    says: "Say what the cause is, or accept that it is unknown.",
    test: |problem, _| problem.has(&ROOT_CAUSE) || problem.get(&CAUSE_UNKNOWN) == Some(true),
    beforehand: false,
};
const WORKAROUND_IS_ANSWERED: Guard = Guard {
    code: "workaround_needed",
    says: "Write the workaround down, or say that none was found.",
    test: |problem, _| problem.has(&WORKAROUND) || problem.get(&NO_WORKAROUND) == Some(true),
    beforehand: false,
};
const CHANGE_IS_LINKED: Guard = Guard {
    code: "change_needs_link",
    says: "A fix goes through a change: link it as fixed_by.",
    test: |_, facts| facts.is_linked(FIXED_BY),
    beforehand: true,
};
/// What each way to end a problem has to show. (PRB-08, PRB-09)
const CAUSE_FOR_CODE: Guard = Guard {
    code: "cause_needed",
    says: "Without its root cause a problem is not fixed.",
    test: |problem, _| problem.get(&CLOSURE_CODE) == Some(ClosureCode::NotReproducible) || problem.has(&ROOT_CAUSE),
    beforehand: false,
};
const EVIDENCE_FOR_CODE: Guard = Guard {
    code: "evidence_needed",
    says: "Say what shows that it cannot be reproduced.",
    test: |problem, _| problem.get(&CLOSURE_CODE) != Some(ClosureCode::NotReproducible) || problem.has(&EVIDENCE),
    beforehand: false,
};
const CHANGE_FOR_CODE: Guard = Guard {
    code: "change_needs_link",
    says: "Removed by another change needs that change: link it as fixed_by.",
    test: |problem, facts| {
        problem.get(&CLOSURE_CODE) != Some(ClosureCode::RemovedByChange) || facts.is_linked(FIXED_BY)
    },
    beforehand: false,
};
/// A fix is none while the change that brings it is on its way. (PRB-10, CHG-21)
const CHANGE_IS_DONE: Guard = Guard {
    code: "change_not_closed",
    says: "The change that brings the fix is not closed yet.",
    test: |problem, facts| {
        let waits = |other: &Related| other.outgoing && other.relation == FIXED_BY && other.phase != Phase::Closed;
        problem.get(&CLOSURE_CODE) != Some(ClosureCode::Fixed) || !facts.related.iter().any(waits)
    },
    beforehand: false,
};
const VERIFIED_FOR_CODE: Guard = Guard {
    code: "fix_not_verified",
    says: "A problem is fixed when the fix is verified.",
    test: |problem, _| {
        problem.get(&CLOSURE_CODE) != Some(ClosureCode::Fixed) || problem.get(&FIX_VERIFIED) == Some(true)
    },
    beforehand: false,
};
const OBSERVED: Guard = Guard {
    code: "still_observed",
    says: "It closes when it has not come back for the time of observation.",
    test: |problem, facts| {
        let Some(Instant(resolved)) = problem.get(&RESOLVED_AT) else { return true };
        (facts.working_days)(resolved, facts.policy("observe_days")).is_none_or(|end| facts.now >= end)
    },
    beforehand: true,
};
const REVIEWED_IF_MAJOR: Guard = Guard {
    code: "review_needed",
    says: "A major problem closes with its review: what went right and wrong, and how it is prevented.",
    test: |problem, _| problem.get(&MAJOR) != Some(true) || (problem.has(&REVIEW) && problem.has(&PREVENTION)),
    beforehand: false,
};
/// Whoever closes a problem as fixed says what became of its known error. (PRB-08, PRB-16)
const KNOWN_ERROR_ENDED: Guard = Guard {
    code: "known_error_active",
    says: "Deactivate the known error, or say why none was needed.",
    test: |problem, facts| match problem.get(&KNOWN_ERROR) {
        Some(KnownError::Active) => false,
        Some(KnownError::Inactive) => true,
        None => {
            problem.get(&CLOSURE_CODE) != Some(ClosureCode::Fixed)
                || problem.has(&NO_KNOWN_ERROR)
                || facts.policy("known_error_needed") == 0
        }
    },
    beforehand: false,
};
const NO_OPEN_TASK: Guard = Guard {
    code: "open_tasks",
    says: "It cannot close while a task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};
const DUPLICATE_NAMES_OTHER: Guard = Guard {
    code: "duplicate_needs_link",
    says: "A duplicate is cancelled with the problem that it repeats: name it as link.",
    test: |problem, facts| {
        problem.get(&CANCEL_REASON) != Some(CancelReason::Duplicate) || facts.is_linked(DUPLICATE_OF)
    },
    beforehand: false,
};

pub static PROBLEM: Process = Process {
    key: "problem",
    plural: "problems",
    prefix: "PRB",
    label: "Problem",
    label_plural: "Problems",
    icon: "search-check",
    purpose: "Find and remove the cause behind incidents, or contain it. Restoring the service is the incident's aim.",
    keeps_things: false,
    table: "problem",
    bundles: &[&PRIORITISED],
    fields: &[
        SYMPTOMS.def,
        FOUND_BY.def,
        CONTACT.def,
        OWNER.def,
        CATEGORY.def,
        TECHNIQUE.def,
        HYPOTHESIS.def,
        TESTED.def,
        OUTCOME.def,
        WHYS.def,
        CAUSES.def,
        COURSE.def,
        ROOT_CAUSE.def,
        CAUSE_UNKNOWN.def,
        CAUSE_CATEGORY.def,
        WORKAROUND.def,
        NO_WORKAROUND.def,
        KNOWN_ERROR.def,
        NO_KNOWN_ERROR.def,
        FIX_RELEASE.def,
        OPTIONS.def,
        RESOLUTION.def,
        CLOSURE_CODE.def,
        EVIDENCE.def,
        FIX_VERIFIED.def,
        CANCEL_REASON.def,
        RISK_REASON.def,
        RISK_OWNER.def,
        REVIEW_AT.def,
        MAJOR.def,
        REVIEW.def,
        PREVENTION.def,
        THIRD_PARTIES.def,
        RECURRENCES.def,
    ],
    in_own_words: &[],
    sections: &[
        Section {
            label: "Work",
            fields: &["team", "assignee", "owner", "impact", "urgency", "priority_reason", "category", "major"],
        },
        Section { label: "Affected", fields: &["service", "organisation", "found_by", "contact", "restricted"] },
        Section {
            label: "Cause",
            fields: &[
                "cause_category",
                "cause_unknown",
                "known_error",
                "no_known_error",
                "no_workaround",
                "fix_release",
            ],
        },
        Section {
            label: "Course",
            fields: &["closure_code", "fix_verified", "cancel_reason", "risk_owner", "review_at", "recurrences"],
        },
        Section {
            label: "Investigation",
            fields: &["whys", "causes", "course", "technique", "hypothesis", "tested", "outcome"],
        },
        Section {
            label: "Words",
            fields: &[
                "symptoms",
                "root_cause",
                "workaround",
                "options",
                "resolution",
                "evidence",
                "risk_reason",
                "review",
                "prevention",
                "third_parties",
            ],
        },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[NEW, ASSESSED, INVESTIGATION, KNOWN_ERROR_STATE, FIX, RESOLVED, RISK_ACCEPTED, CLOSED, CANCELLED],
    transitions: &[
        go("assess", "Assess", &[NEW], ASSESSED)
            .past("{actor} assessed it")
            .past_to("{actor} assessed it and gave it to {name}")
            .needs(&[CATEGORY.def, IMPACT.def, URGENCY.def, OWNER.def])
            .takes(&[TEAM.def, ASSIGNEE.def, SERVICE.def])
            .primary(),
        go("investigate", "Investigate", &[ASSESSED], INVESTIGATION)
            .past("{actor} began to investigate it")
            .takes(&[TEAM.def, ASSIGNEE.def])
            .sets(take)
            .responds()
            .primary(),
        stay("raise_known_error", "Raise a known error", &[ASSESSED, INVESTIGATION])
            .past("{actor} raised a known error")
            .when("The desk knows of it already.", |problem| problem.get(&KNOWN_ERROR) != Some(KnownError::Active))
            .takes(&[WORKAROUND.def, NO_WORKAROUND.def])
            .sets(known),
        go("document", "Document as known error", &[INVESTIGATION], KNOWN_ERROR_STATE)
            .past("{actor} documented it as a known error")
            .takes(&[ROOT_CAUSE.def, CAUSE_UNKNOWN.def, CAUSE_CATEGORY.def, WORKAROUND.def, NO_WORKAROUND.def])
            .guards(&[CAUSE_IS_ANSWERED, WORKAROUND_IS_ANSWERED])
            .sets(known)
            .primary(),
        go("fix", "Start the fix", &[KNOWN_ERROR_STATE], FIX)
            .past("{actor} started the fix")
            .guards(&[CHANGE_IS_LINKED])
            .primary(),
        stay("fix_done", "The fix is in", &[FIX]).past("{actor} noted that the fix is in").by(Who::ENGINE),
        go("fix_failed", "The fix failed", &[FIX], KNOWN_ERROR_STATE)
            .past("{actor} noted that the fix failed")
            .by(Who::STAFF.or(Who::ENGINE))
            .asks(Asks::Reason),
        go("resolve", "Resolve", &[INVESTIGATION, FIX], RESOLVED)
            .past("{actor} resolved it")
            .needs(&[CLOSURE_CODE.def, RESOLUTION.def])
            .takes(&[ROOT_CAUSE.def, CAUSE_CATEGORY.def, EVIDENCE.def, FIX_VERIFIED.def, FIX_RELEASE.def])
            .guards(&[CAUSE_FOR_CODE, EVIDENCE_FOR_CODE, CHANGE_FOR_CODE, CHANGE_IS_DONE, VERIFIED_FOR_CODE])
            .effects(&[Effect::Cascade(Cascade {
                relation: incident::CAUSED_BY,
                of: Some("incident"),
                verb: "resolve_with_problem",
                hands_on: &[as_it_is(RESOLUTION.def)],
                chosen: true,
            })])
            .primary(),
        go("accept_risk", "Accept the risk", &[KNOWN_ERROR_STATE], RISK_ACCEPTED)
            .past("{actor} accepted the risk")
            .needs(&[RISK_OWNER.def, RISK_REASON.def, REVIEW_AT.def]),
        stay("review_risk", "Review the risk", &[RISK_ACCEPTED])
            .past("{actor} reviewed the risk")
            .needs(&[RISK_OWNER.def, REVIEW_AT.def])
            .takes(&[RISK_REASON.def])
            .asks(Asks::Reason)
            .primary(),
        stay("log", "Log a finding", UNSOLVED)
            .past("{actor} logged a finding")
            .needs(&[HYPOTHESIS.def, OUTCOME.def])
            .takes(&[TECHNIQUE.def, TESTED.def])
            .renews(&[TECHNIQUE.def, TESTED.def]),
        stay("deactivate", "Deactivate the known error", &[RESOLVED])
            .past("{actor} deactivated the known error")
            .when("There is no active known error.", |problem| problem.get(&KNOWN_ERROR) == Some(KnownError::Active))
            .takes(&[FIX_RELEASE.def])
            .sets(|problem, _| problem.set(&KNOWN_ERROR, KnownError::Inactive)),
        go("close", "Close", &[RESOLVED], CLOSED)
            .past("{actor} closed it")
            .takes(&[NO_KNOWN_ERROR.def, REVIEW.def, PREVENTION.def, THIRD_PARTIES.def])
            .guards(&[OBSERVED, NO_OPEN_TASK, REVIEWED_IF_MAJOR, KNOWN_ERROR_ENDED])
            .primary(),
        go("reopen", "It came back", &[RESOLVED, CLOSED, RISK_ACCEPTED], INVESTIGATION)
            .past("{actor} reopened it, as it came back")
            .asks(Asks::Reason)
            .sets(come_back),
        go("cancel", "Cancel", &[NEW, ASSESSED], CANCELLED)
            .past("{actor} cancelled it")
            .needs(&[CANCEL_REASON.def])
            .links(DUPLICATE_OF)
            .guards(&[DUPLICATE_NAMES_OTHER]),
        stay("override_priority", "Override the priority", UNSOLVED)
            .past("{actor} set the priority by hand")
            .needs(&[PRIORITY.def, PRIORITY_REASON.def]),
        stay("derive_priority", "Follow the matrix again", UNSOLVED)
            .past("{actor} let the priority follow the matrix again")
            .when("Its priority follows the matrix already.", |problem| problem.has(&PRIORITY_REASON))
            .sets(|problem, _| problem.clear(&PRIORITY_REASON)),
        stay("correct", "Correct", &[CLOSED, CANCELLED])
            .past("{actor} corrected it")
            .takes(&[TITLE.def, ROOT_CAUSE.def, CAUSE_CATEGORY.def, CLOSURE_CODE.def, RESOLUTION.def, SERVICE.def])
            .asks(Asks::Reason),
    ],
    by_step: &[],
    relations: &[
        relation(DUPLICATE_OF, "Duplicate of", "Duplicated by").to("problem").single(),
        relation(AFFECTS, "Affects", "Affected by").to("configuration_item").meant_for(&["configuration_item"]),
        relation(FIXED_BY, "Fixed by", "Fixes").to("change"),
        relation("related_to", "Related to", "Related to"),
    ],
    policies: &[
        ARCHIVE_DAYS,
        REMOVE_DAYS,
        Policy {
            key: "observe_days",
            label: "Working days in which a resolved problem is watched before it may close",
            default: 5,
            max: 365,
        },
        Policy {
            key: "watch_days",
            label: "Days after its resolution in which incidents like its own are told as its return; 0: never",
            default: 90,
            max: 3650,
        },
        Policy {
            key: "candidate_days",
            label: "Days back in which incidents are looked through for a cause that they share; 0: never",
            default: 180,
            max: 3650,
        },
        Policy {
            key: "stalled_days",
            label: "Working days without a change after which its owner and the manager are told; 0: never",
            default: 10,
            max: 365,
        },
        Policy {
            key: "known_error_needed",
            label: "What is fixed needs its known error, or a word why not; 0: neither",
            default: 1,
            max: 1,
        },
        Policy {
            key: "hour_of_work",
            label: "What an hour of work costs, in whole units of money",
            default: 80,
            max: 1_000_000,
        },
        Policy {
            key: "hour_of_downtime",
            label: "What an hour costs in which a service does not work, in whole units of money",
            default: 0,
            max: 1_000_000,
        },
    ],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps {
        fields: &[WORKAROUND.def, RESOLUTION.def],
        when: |problem| problem.get(&KNOWN_ERROR) == Some(KnownError::Active) || !problem.state.phase.is_live(),
    },
    opened_from: &[OpenedFrom {
        process: "incident",
        relation: incident::CAUSED_BY,
        copies: &[
            as_it_is(TITLE.def),
            as_it_is(SYMPTOMS.def),
            as_it_is(SERVICE.def),
            as_it_is(CATEGORY.def),
            as_it_is(IMPACT.def),
            as_it_is(URGENCY.def),
            as_it_is(RESTRICTED.def),
            hand(incident::WORKAROUND.def, WORKAROUND.def),
        ],
        shares: &[AFFECTS],
        waits: Some(Waits {
            verb: "hold",
            says: (incident::HOLD_REASON.def, incident::HoldReason::Problem.key()),
            label: "Put on hold until the problem is solved",
        }),
        by_rule: None,
    }],
    watch: Some(Watch {
        process: "incident",
        relation: incident::CAUSED_BY,
        same: &[SERVICE.def, CATEGORY.def],
        days: "watch_days",
        candidates: "candidate_days",
    }),
    costs: Some(Costs {
        relation: incident::CAUSED_BY,
        down: (incident::OUTAGE_START.def, incident::RESTORED.def),
        work: "hour_of_work",
        downtime: "hour_of_downtime",
    }),
    approvals: None,
    tabs: &[
        tab("investigation", "Investigation").pictures(&[
            Picture::Log { verb: "log", fields: &[TECHNIQUE.def, HYPOTHESIS.def, TESTED.def, OUTCOME.def] },
            Picture::Chain { field: WHYS.def, words: "answer" },
            Picture::Fishbone { field: CAUSES.def, branch: "bone", words: "cause", standing: "verdict" },
            Picture::Course { field: COURSE.def, at: "at", words: "what", relation: incident::CAUSED_BY },
            Picture::Pareto { relation: incident::CAUSED_BY, by: &["service", "category", "organisation", "team"] },
            Picture::Cost,
        ]),
        tab("similar", "Similar"),
    ],
    map: None,
    lapses: &[],
    entitles: None,
    schedule: None,
};
const _: () = PROBLEM.checked();

/// Whoever begins to investigate is its assignee, unless somebody is.
fn take(problem: &mut Record, facts: &Facts<'_>) {
    if let (Some(person), false) = (facts.actor.person, problem.has(&ASSIGNEE)) {
        problem.set(&ASSIGNEE, EntryId(person));
    }
}

/// The desk may rely on it from now on; what nobody knows yet is said to be unknown. (PRB-06)
fn known(problem: &mut Record, _: &Facts<'_>) {
    problem.set(&KNOWN_ERROR, KnownError::Active);
    if !problem.has(&ROOT_CAUSE) {
        problem.set(&CAUSE_UNKNOWN, true);
    }
}

/// What was believed to be gone is there: its known error holds again, and the fix was none.
fn come_back(problem: &mut Record, _: &Facts<'_>) {
    problem.set(&RECURRENCES, problem.get(&RECURRENCES).unwrap_or_default() + 1);
    if problem.has(&KNOWN_ERROR) {
        problem.set(&KNOWN_ERROR, KnownError::Active);
    }
    problem.clear(&CLOSURE_CODE);
    problem.clear(&RESOLUTION);
    problem.clear(&FIX_VERIFIED);
}
