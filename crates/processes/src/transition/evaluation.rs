//! Evaluation: judge a significant change formally, predicted against required, then actual against predicted, and
//! advise whoever decides on it. (ITIL ST 4.6)

mod measures;

use super::change::{self, CHANGE, EVALUATED_BY, Risk};
use crate::bundles::{ARCHIVE_DAYS, REMOVE_DAYS};
use mainstay_engine::choices;
use mainstay_engine::facts::{Facts, Related};
use mainstay_engine::field::{Field, FieldDef, FieldType as _, Instant, Kind, Writer};
use mainstay_engine::process::{
    Asks, Bundle, ByRule, Cascade, Effect, Guard, Helps, OpenedFrom, Picture, Process, Section, State, as_it_is,
    closed, done, go, hand, open, relation, stay, tab,
};
use mainstay_engine::record::Record;
use mainstay_engine::spine::{ASSIGNEE, ORGANISATION, RESTRICTED, SERVICE, TEAM, TITLE};
use mainstay_engine::value::Value;
use measures::{ACTUAL_COLUMNS, PREDICTED_COLUMNS, SHEET_COLUMNS, are_measured, are_numbers, judge};
pub use measures::{Aspect, Confidence, Verdict, Worse};
use std::collections::BTreeMap;

choices! {
    /// What an evaluation advises whoever decides.
    Advice { Accept = "accept" "Accept", Reject = "reject" "Reject" }
}
choices! {
    /// The authorisations that are ahead until the change is in.
    Ahead { Build = "build" "Building and scheduling", Deploy = "deploy" "Deployment" }
}
choices! {
    /// Before which authorisation a report was issued.
    Gate { Build = "build" "Building and scheduling", Deploy = "deploy" "Deployment", Close = "close" "Closing" }
}

const REQUESTED: State = open("requested", "Requested");
const PLANNED: State = open("planned", "Planned");
const PREDICTED: State = open("predicted", "Predicted evaluated");
const REPORTED: State = open("reported", "Interim report issued");
const MEASURED: State = open("measured", "Actual evaluated");
const FINISHED: State = done("finished", "Final report issued");
const CLOSED: State = closed("closed", "Closed");
const CANCELLED: State = closed("cancelled", "Cancelled").void();

pub const SCOPE: Field<String> =
    Field::markdown("scope", "What is evaluated").help("What the change is to bring, and by what that is seen");
pub const PLAN: Field<String> =
    Field::markdown("plan", "Plan").help("How and when it is predicted and measured, and by whom");
pub const MEASURES: Field<Value> =
    Field::any("measures", "Predicted measures", Kind::Table(PREDICTED_COLUMNS)).writer(Writer::Transition).help(
        "Numbers without their unit. The limit says how far the actual value may lie from the predicted one; where it says which side is worse, on that side only",
    );
pub const ACTUALS: Field<Value> = Field::any("actuals", "Actual measures", Kind::Table(ACTUAL_COLUMNS))
    .writer(Writer::Transition)
    .help("The actual value of every measure that was predicted, without its unit");
pub const SHEET: Field<Value> = Field::any("sheet", "Predicted and actual", Kind::Table(SHEET_COLUMNS)).computed();
pub const RISK_BEFORE: Field<Risk> =
    Field::choice("risk_before", "Risk before", Risk::CHOICES).writer(Writer::Transition).in_list();
pub const RISK_AFTER: Field<Risk> =
    Field::choice("risk_after", "Risk after", Risk::CHOICES).writer(Writer::Transition).in_list();
pub const BEFORE: Field<Ahead> =
    Field::choice("report_before", "Report before", Ahead::CHOICES).writer(Writer::Transition);
pub const REPORT: Field<String> = Field::markdown("report", "Interim report")
    .writer(Writer::Transition)
    .help("What is predicted or found, what that means, and why it is advised so");
pub const RECOMMENDATION: Field<Advice> =
    Field::choice("recommendation", "Recommendation", Advice::CHOICES).writer(Writer::Transition);
pub const REPORTS: Field<Value> = Field::any("reports", "Interim reports", Kind::Table(REPORT_COLUMNS)).computed();
pub const ADVICE_BUILD: Field<Advice> =
    Field::choice("advice_build", "Advice before building", Advice::CHOICES).computed();
pub const ADVICE_DEPLOY: Field<Advice> =
    Field::choice("advice_deploy", "Advice before deployment", Advice::CHOICES).computed();
pub const ADVICE_CLOSE: Field<Advice> =
    Field::choice("advice_close", "Advice before closing", Advice::CHOICES).computed();
pub const EFFECTS: Field<Value> = Field::any("effects", "Unintended effects", Kind::Table(EFFECT_COLUMNS))
    .help("Each with the incident, the problem or the record of the action that follows, linked with the evaluation");
pub const QUALIFICATION: Field<String> = Field::markdown("qualification", "Qualification statement")
    .writer(Writer::Transition)
    .help("Whether the surroundings in which it works are as they have to be");
pub const VALIDATION: Field<String> = Field::markdown("validation", "Validation statement")
    .writer(Writer::Transition)
    .help("Whether it does for its users what it was made for");
pub const CONCLUSION: Field<String> = Field::markdown("conclusion", "Final report")
    .writer(Writer::Transition)
    .help("What deviates, what remains at risk, what is advised; it stands in the review of the change as well");

const REPORT_COLUMNS: &[FieldDef] = &[
    Field::instant("at", "Issued at").def,
    Field::<Gate>::choice("before", "Before", Gate::CHOICES).def,
    Field::<Advice>::choice("advice", "Advice", Advice::CHOICES).def,
    Field::markdown("report", "Report").def,
];
const EFFECT_COLUMNS: &[FieldDef] = &[
    Field::text("effect", "Effect").required().def,
    Field::text("followed_by", "Incident, problem or action").help("A number; empty: open").def,
];

/// Brings the sheet up to what was predicted and measured.
pub static JUDGED: Bundle =
    Bundle { key: "judged", fields: &[MEASURES.def, ACTUALS.def, SHEET.def], derive: Some(judge), clocks: false };

/// The changes that it evaluates.
fn changes<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = &'a Related> {
    facts.related.iter().filter(|r| !r.outgoing && r.relation == EVALUATED_BY && r.process == CHANGE.key)
}

fn is_one_of(change: &Related, states: &[State]) -> bool {
    states.iter().any(|state| state.key == change.state)
}

const CHANGE_IS_LINKED: Guard = Guard {
    code: "change_needed",
    says: "An evaluation is of a change: link the change that it evaluates.",
    test: |_, facts| changes(facts).next().is_some(),
    beforehand: true,
};
/// What is predicted after the decision helps nobody to decide. (EVA-02)
const NOT_AUTHORISED: Guard = Guard {
    code: "authorised",
    says: "The change is authorised: what was predicted stays as it was.",
    test: |_, facts| changes(facts).all(|each| is_one_of(each, change::NOT_YET_AUTHORISED)),
    beforehand: true,
};
/// Whoever approves decides on what they have read. (EVA-02)
const NOT_BEFORE_THE_AUTHORITY: Guard = Guard {
    code: "authorised",
    says: "The change is authorised, or about to be: what was predicted stays as it was.",
    test: |_, facts| changes(facts).all(|each| is_one_of(each, change::IN_PREPARATION)),
    beforehand: true,
};
const NUMBERS: Guard = Guard {
    code: "not_a_number",
    says: "Each measure has a name of its own, and what is predicted and wanted is a number such as 200 or 99.5.",
    test: |evaluation, _| are_numbers(evaluation),
    beforehand: false,
};
const DEPLOYED: Guard = Guard {
    code: "not_deployed",
    says: "Actual values are measured when the change is deployed.",
    test: |_, facts| changes(facts).all(|each| is_one_of(each, change::DEPLOYED)),
    beforehand: true,
};
const ALL_MEASURED: Guard = Guard {
    code: "measure_missing",
    says: "Give one actual value, as a number, for each measure that was predicted, and for no other.",
    test: |evaluation, _| are_measured(evaluation),
    beforehand: false,
};
/// An effect that nobody follows up is an open item. (EVA-05)
const EFFECTS_FOLLOWED: Guard = Guard {
    code: "effect_open",
    says: "An unintended effect is open: name the incident, the problem or the action that follows, and link it.",
    test: |evaluation, facts| {
        let followed = |row: &Value| {
            let number = row.column("followed_by").as_text().unwrap_or_default().trim();
            facts.related.iter().any(|r| r.relation != EVALUATED_BY && r.number.eq_ignore_ascii_case(number))
        };
        evaluation.value(EFFECTS.def.key).as_list().iter().all(followed)
    },
    beforehand: false,
};
const NO_OPEN_TASK: Guard = Guard {
    code: "open_tasks",
    says: "It cannot close while a task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};

pub static EVALUATION: Process = Process {
    key: "evaluation",
    plural: "evaluations",
    prefix: "EVA",
    label: "Evaluation",
    label_plural: "Evaluations",
    icon: "scale",
    purpose: "Judge significant changes: predicted against wanted, then actual against predicted, and advise who decides.",
    keeps_things: false,
    table: "evaluation",
    bundles: &[&JUDGED],
    fields: &[
        SCOPE.def,
        PLAN.def,
        RISK_BEFORE.def,
        RISK_AFTER.def,
        BEFORE.def,
        REPORT.def,
        RECOMMENDATION.def,
        REPORTS.def,
        ADVICE_BUILD.def,
        ADVICE_DEPLOY.def,
        ADVICE_CLOSE.def,
        EFFECTS.def,
        QUALIFICATION.def,
        VALIDATION.def,
        CONCLUSION.def,
    ],
    in_own_words: &[
        TITLE.help("What is evaluated, in one line").def,
        ASSIGNEE.help("The evaluator, who has no part in carrying the change out").def,
    ],
    sections: &[
        Section { label: "Work", fields: &["team", "assignee", "service", "organisation", "restricted"] },
        Section { label: "Risk", fields: &["risk_before", "risk_after"] },
        Section { label: "Advice", fields: &["advice_build", "advice_deploy", "advice_close"] },
        Section { label: "Words", fields: &["scope", "plan", "qualification", "validation", "conclusion"] },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[REQUESTED, PLANNED, PREDICTED, REPORTED, MEASURED, FINISHED, CLOSED, CANCELLED],
    transitions: &[
        go("plan", "Plan", &[REQUESTED], PLANNED)
            .past("{actor} planned it")
            .past_to("{actor} planned it and gave it to {name}")
            .needs(&[ASSIGNEE.def, PLAN.def])
            .takes(&[SCOPE.def, TEAM.def])
            .guards(&[CHANGE_IS_LINKED])
            .primary(),
        go("predict", "Record the prediction", &[PLANNED], PREDICTED)
            .past("{actor} recorded what is predicted")
            .needs(&[MEASURES.def, RISK_BEFORE.def])
            .guards(&[NOT_AUTHORISED, NUMBERS])
            .primary(),
        go("predict_anew", "Predict anew", &[PREDICTED, REPORTED], PREDICTED)
            .past("{actor} predicted anew")
            .needs(&[MEASURES.def, RISK_BEFORE.def])
            .guards(&[NOT_BEFORE_THE_AUTHORITY, NUMBERS])
            .sets(forget),
        go("accept", "Report: accept", &[PREDICTED, REPORTED], REPORTED)
            .past("{actor} issued an interim report that accepts")
            .needs(&[BEFORE.def, REPORT.def])
            .sets(|evaluation, facts| report_ahead(evaluation, facts, Advice::Accept))
            .primary(),
        go("reject", "Report: reject", &[PREDICTED, REPORTED], REPORTED)
            .past("{actor} issued an interim report that rejects")
            .needs(&[BEFORE.def, REPORT.def])
            .sets(|evaluation, facts| report_ahead(evaluation, facts, Advice::Reject))
            .effects(&[Effect::Cascade(Cascade {
                relation: EVALUATED_BY,
                of: Some("change"),
                verb: "approve_anew",
                hands_on: &[],
                chosen: false,
            })]),
        go("measure", "Record the actual values", &[REPORTED], MEASURED)
            .past("{actor} recorded the actual values")
            .needs(&[ACTUALS.def, RISK_AFTER.def])
            .takes(&[EFFECTS.def])
            .offers(&[hand(MEASURES.def, ACTUALS.def)])
            .guards(&[DEPLOYED, ALL_MEASURED])
            .primary(),
        stay("measure_again", "Measure again", &[MEASURED])
            .past("{actor} measured again")
            .needs(&[ACTUALS.def, RISK_AFTER.def])
            .guards(&[ALL_MEASURED]),
        stay("report_closing", "Report before closing", &[MEASURED])
            .past("{actor} issued the interim report before closing")
            .needs(&[RECOMMENDATION.def, REPORT.def])
            .sets(report_closing),
        go("finish", "Issue the final report", &[MEASURED], FINISHED)
            .past("{actor} issued the final report")
            .needs(&[QUALIFICATION.def, VALIDATION.def, CONCLUSION.def])
            .takes(&[EFFECTS.def])
            .primary(),
        go("close", "Close", &[FINISHED], CLOSED)
            .past("{actor} closed it")
            .takes(&[EFFECTS.def])
            .guards(&[EFFECTS_FOLLOWED, NO_OPEN_TASK])
            .primary(),
        go("reopen", "Take up again", &[FINISHED], MEASURED).past("{actor} took it up again").asks(Asks::Reason),
        go("cancel", "Cancel", &[REQUESTED, PLANNED, PREDICTED, REPORTED, MEASURED], CANCELLED)
            .past("{actor} cancelled it")
            .asks(Asks::Reason)
            .sets(forget),
        stay("correct", "Correct", &[CLOSED, CANCELLED])
            .past("{actor} corrected it")
            .takes(&[TITLE.def, SCOPE.def, SERVICE.def, QUALIFICATION.def, VALIDATION.def, CONCLUSION.def])
            .asks(Asks::Reason),
    ],
    by_step: &[],
    relations: &[relation("related_to", "Related to", "Related to")],
    policies: &[ARCHIVE_DAYS, REMOVE_DAYS],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[OpenedFrom {
        process: "change",
        relation: EVALUATED_BY,
        copies: &[
            as_it_is(TITLE.def),
            as_it_is(SERVICE.def),
            as_it_is(ORGANISATION.def),
            as_it_is(RESTRICTED.def),
            hand(change::WHY.def, SCOPE.def),
        ],
        shares: &[],
        waits: None,
        by_rule: Some(ByRule {
            mark: change::EVALUATED.def,
            services: &[SERVICE.def, change::AFFECTED.def],
            asked_in: change::UNDECIDED,
        }),
    }],
    watch: None,
    costs: None,
    approvals: None,
    tabs: &[tab("measures", "Measures")
        .pictures(&[Picture::Measures { field: SHEET.def, from: &[MEASURES.def, ACTUALS.def] }])],
    map: None,
    lapses: &[],
    entitles: None,
    schedule: None,
};
const _: () = EVALUATION.checked();

/// Another prediction, or none, is another matter than the reports were about.
fn forget(evaluation: &mut Record, _: &Facts<'_>) {
    evaluation.clear(&ADVICE_BUILD);
    evaluation.clear(&ADVICE_DEPLOY);
    evaluation.clear(&ADVICE_CLOSE);
}

fn report_ahead(evaluation: &mut Record, facts: &Facts<'_>, advice: Advice) {
    let gate = match evaluation.get(&BEFORE) {
        Some(Ahead::Build) => Gate::Build,
        Some(Ahead::Deploy) => Gate::Deploy,
        None => return,
    };
    evaluation.set(&RECOMMENDATION, advice);
    keep_report(evaluation, facts, gate, advice);
}

fn report_closing(evaluation: &mut Record, facts: &Facts<'_>) {
    if let Some(advice) = evaluation.get(&RECOMMENDATION) {
        keep_report(evaluation, facts, Gate::Close, advice);
    }
}

/// A report stays as it was issued; the newest one before each authorisation is the advice.
fn keep_report(evaluation: &mut Record, facts: &Facts<'_>, gate: Gate, advice: Advice) {
    let row = BTreeMap::from([
        ("at".to_owned(), Instant(facts.now).into_value()),
        ("before".to_owned(), gate.into_value()),
        ("advice".to_owned(), advice.into_value()),
        ("report".to_owned(), evaluation.value(REPORT.def.key).clone()),
    ]);
    let mut reports = evaluation.value(REPORTS.def.key).as_list().to_vec();
    reports.push(Value::Row(row));
    evaluation.set(&REPORTS, Value::List(reports));
    match gate {
        Gate::Build => evaluation.set(&ADVICE_BUILD, advice),
        Gate::Deploy => evaluation.set(&ADVICE_DEPLOY, advice),
        Gate::Close => evaluation.set(&ADVICE_CLOSE, advice),
    }
}
