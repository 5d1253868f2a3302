//! Change: bring what is wanted in with as little disturbance as possible: assess, authorise, schedule, carry out,
//! review. (ITIL ST 4.2, ISO/IEC 20000-1 8.5.1)

mod evaluated;
mod guards;
mod kinds;
mod review;
mod risk;
mod states;

use crate::bundles::{
    AFFECTS, ARCHIVE_DAYS, CATEGORY, IMPACT, OWNER, PRIORITISED, PRIORITY_REASON, REMOVE_DAYS, SYMPTOMS, URGENCY,
};
use crate::operation::incident;
pub use evaluated::{ADVICE_BUILD, ADVICE_CLOSE, ADVICE_DEPLOY, DESPITE, EVALUATED, EVALUATED_BY, FINAL_REPORT};
use evaluated::{
    BUILD_FOLLOWED, BUILD_REPORTED, CLOSE_FOLLOWED, CLOSE_REPORTED, DEPLOY_FOLLOWED, DEPLOY_REPORTED, evaluated_by,
    is_advised,
};
use guards::{
    ACCEPTED, APPROVED, AUTHORISED, AUTHORISED_BEFORE, AUTHORITY_HOLDS, AUTHORITY_IS_ANOTHER, BACK_OUT_IS_KNOWN,
    BACK_OUT_IS_PLANNED, BACK_OUT_IS_TESTED, DETAILS_DONE, DOCUMENTED, EMERGENCY_IS_ONE, FAILURE_IS_REVIEWED, NORMAL,
    NOT_EARLY, NOT_LATE, PLANNED, PROPOSAL_ACCEPTED, REVIEWED, STILL_APPROVED, TASKS_DONE, TIMES_IN_ORDER, VOUCHED,
    WENT_WELL, WENT_WRONG, is_emergency, is_normal, is_proposal, is_standard,
};
pub use kinds::{Ending, Map, Met, Outcome, Type, Verdict};
use mainstay_engine::field::{EntryId, Field, Instant, Kind, Writer};
use mainstay_engine::process::{
    Approvals, Asks, Cascade, Effect, Helps, InAdvance, Material, OpenedFrom, Policy, Process, Schedule, Section,
    Waits, Who, as_it_is, go, hand, relation, stay, tab,
};
use mainstay_engine::spine::{ASSIGNEE, PRIORITY, RESTRICTED, SERVICE, TEAM, TITLE};
use mainstay_engine::value::Value;
pub use review::{ACTIONS, AGAINST_PLAN, LESSONS, OBJECTIVE, SIDE_EFFECTS};
use review::{REVIEW_WORDS, begin_emergency, end};
pub use risk::{RISK, Risk};
use risk::{RISK_ANSWERS, RISK_BECAUSE, RISK_POINTS, RISK_RULES, RISK_VERSION};
use states::{
    AHEAD, ASSESSMENT, AUTHORISATION, CANCELLED, CLOSED, DETECTED, DRAFT, IMPLEMENTATION, REJECTED, REVIEW, SCHEDULED,
    SUBMITTED,
};
pub use states::{DEPLOYED, IN_PREPARATION, NOT_YET_AUTHORISED, UNDECIDED};

pub const TYPE: Field<Type> = Field::choice("type", "Type", Type::CHOICES).in_list();
pub const WHY: Field<String> = Field::markdown("why", "Reason for the change").help("What is it for?");
pub const BENEFIT: Field<String> = Field::markdown("benefit", "Benefit");
pub const UNDONE: Field<String> = Field::markdown("not_done", "Effect of not doing it");
pub const AFFECTED: Field<Value> = Field::any("affected_services", "Other services affected", Kind::Refs("services"));
pub const IMPLEMENTER: Field<EntryId> = Field::entry("implementer", "Implementer", "people");
pub const RISKS: Field<String> = Field::markdown("risks", "Risks").help("What may go wrong, how likely, and how bad");
pub const CONSEQUENCES: Field<String> =
    Field::markdown("consequences", "Impact on services and customers").help("Who notices what, and for how long");
pub const EFFORT: Field<i64> = Field::number("effort", "Effort in hours", 0, 1_000_000);
pub const FEASIBLE: Field<String> = Field::markdown("feasibility", "Feasibility");
pub const COST: Field<i64> = Field::number("cost", "Cost in whole units of money", 0, 1_000_000_000_000);
pub const CAPACITY: Field<String> = Field::text("capacity", "Effect on capacity");
pub const AVAILABILITY: Field<String> = Field::text("availability", "Effect on availability");
pub const CONTINUITY: Field<String> = Field::text("continuity", "Effect on continuity");
pub const SECURITY: Field<String> = Field::text("security", "Effect on security");
pub const OTHERS: Field<String> =
    Field::text("other_changes", "Other changes and releases").help("Which stand in the way or depend on it, or none");
pub const PLAN: Field<String> = Field::markdown("plan", "Plan");
pub const TESTS: Field<String> = Field::markdown("test_plan", "Tests");
pub const EVIDENCE: Field<String> = Field::markdown("evidence", "Evidence of build and tests");
pub const BACK_OUT: Field<String> =
    Field::markdown("back_out", "Back-out plan").help("How everything becomes as it was");
pub const NO_RETURN: Field<String> = Field::text("point_of_no_return", "Point of no return")
    .help("Until when, or until which step, it can be backed out");
pub const BACK_OUT_TESTED: Field<bool> = Field::bool("back_out_tested", "Back-out was tested");
pub const BACK_OUT_UNTESTED: Field<String> = Field::text("back_out_untested", "Why back-out was not tested");
pub const COMMUNICATION: Field<String> = Field::markdown("communication", "Who is told, and when");
pub const DOWNTIME: Field<i64> = Field::number("downtime", "Downtime in minutes", 0, 1_000_000);
pub const PLANNED_START: Field<Instant> = Field::instant("planned_start", "Planned start").in_list();
pub const PLANNED_END: Field<Instant> = Field::instant("planned_end", "Planned end");
pub const ACTUAL_START: Field<Instant> = Field::instant("actual_start", "Actual start").writer(Writer::Transition);
pub const ACTUAL_END: Field<Instant> = Field::instant("actual_end", "Actual end").writer(Writer::Transition);
/// Work of an emergency that a freeze let pass. (CHG-15)
pub const IN_FREEZE: Field<bool> = Field::bool("in_freeze", "In a freeze").computed();
pub const MODEL: Field<EntryId> =
    Field::entry("model", "Model", "models").help("Plan and tasks for a known kind; a standard change needs one");
pub const THREAT: Field<String> = Field::markdown("emergency_reason", "Why it is an emergency")
    .help("The threat that cannot wait, unless an incident says it");
pub const AUTHORITY: Field<EntryId> =
    Field::entry("authority", "Authorised by word of", "people").writer(Writer::Transition);
pub const AUTHORISED_AT: Field<Instant> =
    Field::instant("authorised_at", "Authorised by word at").writer(Writer::Transition);
pub const PAPERS_DUE: Field<Instant> = Field::instant("papers_due", "Documents due").computed();
pub const MINUTES: Field<String> = Field::markdown("minutes", "Minutes of the board").internal();
pub const UNAUTHORISED: Field<bool> = Field::bool("unauthorised", "Unauthorised").computed();
pub const DETECTED_HOW: Field<String> =
    Field::markdown("detected_how", "What was found, and how").writer(Writer::Transition);
pub const VERDICT: Field<Verdict> = Field::choice("verdict", "Verdict", Verdict::CHOICES).writer(Writer::Transition);
pub const RESULT: Field<Ending> = Field::choice("result", "Result", Ending::CHOICES).computed();
pub const OUTCOME: Field<Outcome> =
    Field::choice("outcome", "Outcome", Outcome::CHOICES).writer(Writer::Transition).in_list();
pub const MAP: Field<Map> = Field::choice("map", "Configuration items", Map::CHOICES).writer(Writer::Transition);
const FIXED_BY: &str = "fixed_by";
/// The relation of a change to the proposal that it carries out a part of.
const DETAIL_OF: &str = "detail_of";

pub static CHANGE: Process = Process {
    key: "change",
    plural: "changes",
    prefix: "CHG",
    label: "Change",
    label_plural: "Changes",
    icon: "git-pull-request-arrow",
    purpose: "Bring wanted changes in safely: assess, authorise, schedule, carry out and review them.",
    keeps_things: false,
    table: "change",
    bundles: &[&PRIORITISED],
    fields: &[
        TYPE.def,
        WHY.def,
        BENEFIT.def,
        UNDONE.def,
        OWNER.def,
        IMPLEMENTER.def,
        CATEGORY.def,
        MODEL.def,
        AFFECTED.def,
        RISK.def,
        RISK_POINTS.def,
        RISK_ANSWERS.def,
        RISK_BECAUSE.def,
        RISK_RULES.def,
        RISK_VERSION.def,
        RISKS.def,
        CONSEQUENCES.def,
        EFFORT.def,
        FEASIBLE.def,
        COST.def,
        CAPACITY.def,
        AVAILABILITY.def,
        CONTINUITY.def,
        SECURITY.def,
        OTHERS.def,
        PLAN.def,
        TESTS.def,
        EVIDENCE.def,
        BACK_OUT.def,
        NO_RETURN.def,
        BACK_OUT_TESTED.def,
        BACK_OUT_UNTESTED.def,
        COMMUNICATION.def,
        DOWNTIME.def,
        PLANNED_START.def,
        PLANNED_END.def,
        ACTUAL_START.def,
        ACTUAL_END.def,
        IN_FREEZE.def,
        THREAT.def,
        AUTHORITY.def,
        AUTHORISED_AT.def,
        PAPERS_DUE.def,
        MINUTES.def,
        UNAUTHORISED.def,
        DETECTED_HOW.def,
        VERDICT.def,
        RESULT.def,
        OUTCOME.def,
        MAP.def,
        OBJECTIVE.def,
        SIDE_EFFECTS.def,
        AGAINST_PLAN.def,
        LESSONS.def,
        ACTIONS.def,
        EVALUATED.def,
        ADVICE_BUILD.def,
        ADVICE_DEPLOY.def,
        ADVICE_CLOSE.def,
        DESPITE.def,
        FINAL_REPORT.def,
    ],
    in_own_words: &[TITLE.help("What is to change, in one line").def, SERVICE.help("The service that it changes").def],
    sections: &[
        Section {
            label: "Work",
            fields: &[
                "type",
                "team",
                "assignee",
                "owner",
                "implementer",
                "impact",
                "urgency",
                "priority_reason",
                "risk",
                "category",
                "model",
            ],
        },
        Section {
            label: "Affected",
            fields: &["service", "affected_services", "organisation", "requester", "restricted"],
        },
        Section {
            label: "Schedule",
            fields: &[
                "planned_start",
                "planned_end",
                "downtime",
                "in_freeze",
                "actual_start",
                "actual_end",
                "papers_due",
            ],
        },
        Section {
            label: "Assessment",
            fields: &["effort", "cost", "capacity", "availability", "continuity", "security", "other_changes"],
        },
        Section { label: "Evaluation", fields: evaluated::SHOWN },
        Section { label: "Back-out", fields: &["point_of_no_return", "back_out_tested", "back_out_untested"] },
        Section {
            label: "Course",
            fields: &[
                "authority",
                "authorised_at",
                "unauthorised",
                "verdict",
                "result",
                "outcome",
                "map",
                "objective_met",
            ],
        },
        Section {
            label: "Words",
            fields: &[
                "why",
                "benefit",
                "not_done",
                "emergency_reason",
                "consequences",
                "risks",
                "feasibility",
                "plan",
                "test_plan",
                "evidence",
                "back_out",
                "communication",
                "minutes",
                "detected_how",
                "side_effects",
                "against_plan",
                "lessons",
                "actions_to_follow",
                "evaluation_report",
            ],
        },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[
        DRAFT,
        SUBMITTED,
        ASSESSMENT,
        AUTHORISATION,
        SCHEDULED,
        IMPLEMENTATION,
        DETECTED,
        REVIEW,
        states::ACCEPTED,
        CLOSED,
        REJECTED,
        CANCELLED,
    ],
    transitions: &[
        go("submit", "Submit", &[DRAFT], SUBMITTED)
            .past("{actor} submitted it")
            .when("Only a normal change is submitted for assessment.", |change| !change.has(&TYPE) || is_normal(change))
            .needs(&[TYPE.def, WHY.def, SERVICE.def, IMPACT.def, URGENCY.def, OWNER.def])
            .takes(&[BENEFIT.def, UNDONE.def, AFFECTED.def])
            .guards(&[NORMAL, PROPOSAL_ACCEPTED])
            .primary(),
        go("schedule_standard", "Schedule", &[DRAFT], SCHEDULED)
            .past("{actor} scheduled it")
            .when("Only a standard change is scheduled without an approval of its own.", is_standard)
            .needs(&[SERVICE.def, PLANNED_START.def, PLANNED_END.def])
            .takes(&[TEAM.def, ASSIGNEE.def, IMPLEMENTER.def])
            .guards(&[VOUCHED, PLANNED, PROPOSAL_ACCEPTED])
            .primary(),
        go("propose", "Ask for a decision", &[DRAFT], AUTHORISATION)
            .past("{actor} asked for a decision")
            .when("Only a proposal is decided on before it is assessed in detail.", is_proposal)
            .needs(&[WHY.def, BENEFIT.def, RISKS.def, COST.def, EFFORT.def, SERVICE.def, OWNER.def])
            .takes(&[UNDONE.def, CONSEQUENCES.def, AFFECTED.def])
            .primary(),
        go("declare_emergency", "Ask for emergency approval", &[DRAFT], AUTHORISATION)
            .past("{actor} asked for emergency approval")
            .when("Only an emergency goes without assessment.", is_emergency)
            .needs(&[WHY.def, SERVICE.def])
            .takes(&[THREAT.def, BACK_OUT.def, TEAM.def, ASSIGNEE.def, IMPLEMENTER.def])
            .renews(&[AUTHORITY.def, AUTHORISED_AT.def])
            .guards(&[EMERGENCY_IS_ONE])
            .primary(),
        go("report_unauthorised", "Report as unauthorised", &[DRAFT], DETECTED)
            .past("{actor} reported it as unauthorised")
            .needs(&[DETECTED_HOW.def, SERVICE.def])
            .takes(&[ACTUAL_START.def])
            .sets(|change, _| change.set(&UNAUTHORISED, true)),
        go("assess", "Begin the assessment", &[SUBMITTED], ASSESSMENT)
            .past("{actor} began the assessment")
            .takes(&[TEAM.def, ASSIGNEE.def, IMPLEMENTER.def])
            .primary(),
        go("request_approval", "Ask for approval", &[ASSESSMENT], AUTHORISATION)
            .past("{actor} asked for approval")
            .needs(&[
                BENEFIT.def,
                RISKS.def,
                CONSEQUENCES.def,
                EFFORT.def,
                FEASIBLE.def,
                COST.def,
                CAPACITY.def,
                AVAILABILITY.def,
                CONTINUITY.def,
                SECURITY.def,
                OTHERS.def,
                PLAN.def,
                TESTS.def,
                PLANNED_START.def,
                PLANNED_END.def,
            ])
            .takes(&[
                RISK_ANSWERS.def,
                BACK_OUT.def,
                NO_RETURN.def,
                BACK_OUT_TESTED.def,
                BACK_OUT_UNTESTED.def,
                IMPLEMENTER.def,
            ])
            .guards(&[PLANNED, BACK_OUT_IS_PLANNED, BACK_OUT_IS_TESTED, PROPOSAL_ACCEPTED])
            .primary(),
        stay("record_authority", "Record a word of authority", &[AUTHORISATION])
            .past("{actor} recorded a word of authority")
            .when("Only an emergency is authorised by word.", is_emergency)
            .needs(&[AUTHORITY.def, AUTHORISED_AT.def])
            .asks(Asks::Reason)
            .guards(&[AUTHORITY_IS_ANOTHER, AUTHORISED_BEFORE]),
        go("schedule", "Schedule", &[AUTHORISATION], SCHEDULED)
            .past("{actor} scheduled it")
            .when("Only a normal change is scheduled once it is approved.", is_normal)
            .takes(&[DESPITE.def])
            .asking_some(DESPITE.def, is_advised)
            .renews(&[DESPITE.def])
            .guards(&[APPROVED, PROPOSAL_ACCEPTED, BUILD_REPORTED, BUILD_FOLLOWED])
            .primary(),
        go("accept", "Accept", &[AUTHORISATION], states::ACCEPTED)
            .past("{actor} accepted it")
            .when("Only a proposal is accepted.", is_proposal)
            .guards(&[ACCEPTED])
            .primary(),
        go("conclude", "Conclude", &[states::ACCEPTED], CLOSED)
            .past("{actor} concluded it")
            .takes(&[LESSONS.def])
            .asks(Asks::Reason)
            .guards(&[DETAILS_DONE])
            .primary(),
        go("start_emergency", "Start the implementation", &[AUTHORISATION], IMPLEMENTATION)
            .past("{actor} started the implementation")
            .when("Only an emergency starts before it is scheduled.", is_emergency)
            .takes(&[BACK_OUT.def, DESPITE.def])
            .asking_some(DESPITE.def, is_advised)
            .renews(&[DESPITE.def])
            .guards(&[AUTHORISED, AUTHORITY_HOLDS, BACK_OUT_IS_KNOWN, DEPLOY_REPORTED, DEPLOY_FOLLOWED])
            .sets(begin_emergency)
            .primary(),
        go("return", "Return to draft", &[SUBMITTED, ASSESSMENT, AUTHORISATION, SCHEDULED], DRAFT)
            .past("{actor} returned it to draft")
            .asks(Asks::Reason),
        go("reject", "Reject", &[SUBMITTED, ASSESSMENT, AUTHORISATION], REJECTED)
            .past("{actor} rejected it")
            .by(Who::STAFF.or(Who::ENGINE))
            .asks(Asks::Reason),
        go("resubmit", "Bring it in again", &[REJECTED], DRAFT).past("{actor} brought it in again").asks(Asks::Reason),
        go("approve_anew", "Approve anew", &[SCHEDULED, states::ACCEPTED], AUTHORISATION)
            .past("{actor} sent it back to be approved anew")
            .by(Who::ENGINE),
        go("start", "Start the implementation", &[SCHEDULED], IMPLEMENTATION)
            .past("{actor} started the implementation")
            .takes(&[DESPITE.def])
            .asking_some(DESPITE.def, is_advised)
            .renews(&[DESPITE.def])
            .guards(&[STILL_APPROVED, NOT_EARLY, NOT_LATE, DEPLOY_REPORTED, DEPLOY_FOLLOWED])
            .sets(|change, facts| change.set(&ACTUAL_START, Instant(facts.now)))
            .primary(),
        go("implement", "Implemented", &[IMPLEMENTATION], REVIEW)
            .past("{actor} implemented it")
            .takes(&[ACTUAL_START.def, ACTUAL_END.def, EVIDENCE.def])
            .guards(&[TASKS_DONE, TIMES_IN_ORDER])
            .sets(|change, facts| end(change, facts, Ending::Implemented))
            .primary(),
        go("part", "Partly done", &[IMPLEMENTATION], REVIEW)
            .past("{actor} did a part of it")
            .takes(&[ACTUAL_START.def, ACTUAL_END.def, EVIDENCE.def])
            .asks(Asks::Reason)
            .guards(&[TIMES_IN_ORDER])
            .sets(|change, facts| end(change, facts, Ending::Partly)),
        go("back_out", "Backed out", &[IMPLEMENTATION], REVIEW)
            .past("{actor} backed it out")
            .takes(&[ACTUAL_START.def, ACTUAL_END.def])
            .asks(Asks::Reason)
            .guards(&[TIMES_IN_ORDER])
            .sets(|change, facts| end(change, facts, Ending::BackedOut)),
        go("judge", "Review it", &[DETECTED], REVIEW)
            .past("{actor} judged it")
            .needs(&[VERDICT.def])
            .asks(Asks::Reason)
            .primary(),
        go("close", "Close", &[REVIEW], CLOSED)
            .past("{actor} closed it")
            .needs(&[OUTCOME.def, MAP.def])
            .takes(REVIEW_WORDS)
            .asking_some(DESPITE.def, is_advised)
            .renews(&[DESPITE.def])
            .guards(&[WENT_WELL, REVIEWED, DOCUMENTED, TASKS_DONE, CLOSE_REPORTED, CLOSE_FOLLOWED])
            .effects(&[Effect::Cascade(Cascade {
                relation: FIXED_BY,
                of: Some("problem"),
                verb: "fix_done",
                hands_on: &[],
                chosen: false,
            })])
            .primary(),
        go("close_failed", "Close as failed", &[REVIEW], CLOSED)
            .past("{actor} closed it as failed")
            .needs(&[OUTCOME.def, MAP.def])
            .takes(REVIEW_WORDS)
            .asking_some(DESPITE.def, is_advised)
            .renews(&[DESPITE.def])
            .guards(&[WENT_WRONG, REVIEWED, DOCUMENTED, CLOSE_REPORTED, CLOSE_FOLLOWED])
            .effects(&[Effect::Cascade(Cascade {
                relation: FIXED_BY,
                of: Some("problem"),
                verb: "fix_failed",
                hands_on: &[],
                chosen: false,
            })]),
        go("cancel", "Cancel", AHEAD, CANCELLED).past("{actor} cancelled it").asks(Asks::Reason),
        stay("override_priority", "Override the priority", AHEAD)
            .past("{actor} set the priority by hand")
            .needs(&[PRIORITY.def, PRIORITY_REASON.def]),
        stay("derive_priority", "Follow the matrix again", AHEAD)
            .past("{actor} let the priority follow the matrix again")
            .when("Its priority follows the matrix already.", |change| change.has(&PRIORITY_REASON))
            .sets(|change, _| change.clear(&PRIORITY_REASON)),
        stay("correct", "Correct", &[CLOSED, CANCELLED])
            .past("{actor} corrected it")
            .takes(&[
                TITLE.def,
                OUTCOME.def,
                ACTUAL_START.def,
                ACTUAL_END.def,
                SERVICE.def,
                CATEGORY.def,
                OBJECTIVE.def,
                SIDE_EFFECTS.def,
                AGAINST_PLAN.def,
                LESSONS.def,
                ACTIONS.def,
            ])
            .asks(Asks::Reason)
            .guards(&[FAILURE_IS_REVIEWED]),
    ],
    by_step: &[TYPE.def],
    relations: &[
        relation("related_to", "Related to", "Related to"),
        relation(DETAIL_OF, "Detail of the proposal", "Proposal of").to("change").single(),
        relation(AFFECTS, "Affects", "Affected by").to("configuration_item").meant_for(&["configuration_item"]),
        evaluated_by(),
    ],
    policies: &[
        ARCHIVE_DAYS,
        REMOVE_DAYS,
        Policy {
            key: "papers_days",
            label: "Working days until an emergency that was begun has to be documented",
            default: 2,
            max: 365,
        },
        Policy {
            key: "suspect_days",
            label: "Days for which a change that was begun is offered as the cause of what happens; 0: never",
            default: 3,
            max: 365,
        },
    ],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[
        OpenedFrom {
            process: "problem",
            relation: FIXED_BY,
            copies: &[
                as_it_is(TITLE.def),
                as_it_is(SERVICE.def),
                as_it_is(CATEGORY.def),
                as_it_is(IMPACT.def),
                as_it_is(URGENCY.def),
                as_it_is(RESTRICTED.def),
                hand(SYMPTOMS.def, WHY.def),
            ],
            shares: &[],
            waits: None,
            by_rule: None,
        },
        OpenedFrom {
            process: "incident",
            relation: FIXED_BY,
            copies: &[
                as_it_is(TITLE.def),
                as_it_is(SERVICE.def),
                as_it_is(CATEGORY.def),
                as_it_is(IMPACT.def),
                as_it_is(URGENCY.def),
                as_it_is(RESTRICTED.def),
                hand(SYMPTOMS.def, WHY.def),
            ],
            shares: &[],
            waits: Some(Waits {
                verb: "hold",
                says: (incident::HOLD_REASON.def, incident::HoldReason::Change.key()),
                label: "Put on hold until the change is done",
            }),
            by_rule: None,
        },
    ],
    watch: None,
    costs: None,
    map: None,
    lapses: &[],
    entitles: None,
    schedule: Some(Schedule {
        start: PLANNED_START.def,
        end: PLANNED_END.def,
        services: AFFECTED.def,
        people: &[IMPLEMENTER.def],
        outage: DOWNTIME.def,
        kind: TYPE.def,
        examined: &["request_approval", "schedule", "schedule_standard", "start"],
        frozen: &["request_approval", "schedule", "schedule_standard", "start"],
        exempt: is_emergency,
        flagged: &["declare_emergency", "start_emergency"],
        flag: IN_FREEZE.def,
        published: &[SCHEDULED, IMPLEMENTATION],
    }),
    approvals: Some(Approvals {
        asked_in: AUTHORISATION,
        held_in: &[SCHEDULED, IMPLEMENTATION, REVIEW, states::ACCEPTED, CLOSED],
        begins: &["start_emergency", "start"],
        refused: "reject",
        voided: "approve_anew",
        material: &[
            Material::Any(SERVICE.def),
            Material::Any(AFFECTED.def),
            Material::Any(PLAN.def),
            Material::Any(BACK_OUT.def),
            Material::Any(PLANNED_START.def),
            Material::Any(PLANNED_END.def),
            Material::Growing(RISK.def),
            Material::Growing(COST.def),
            Material::Growing(DOWNTIME.def),
        ],
        links: &[AFFECTS],
        involved: &[OWNER.def, IMPLEMENTER.def],
        by_word: &[AUTHORITY.def, AUTHORISED_AT.def],
        in_advance: Some(InAdvance {
            applies: is_standard,
            model: MODEL.def,
            outcome: OUTCOME.def,
            failed: &["failed", "backed_out"],
        }),
        assessed: Some(risk::ASSESSED),
    }),
    tabs: &[
        tab("risk", "Risk"),
        tab("conflicts", "Conflicts"),
        tab("approvals", "Approvals"),
        tab("similar", "Similar"),
    ],
};
const _: () = CHANGE.checked();
