//! What has to be so before a change goes on.

use super::{
    ACTIONS, ACTUAL_END, ACTUAL_START, AGAINST_PLAN, AUTHORISED_AT, AUTHORITY, BACK_OUT, BACK_OUT_TESTED,
    BACK_OUT_UNTESTED, CONSEQUENCES, DETAIL_OF, Ending, FIXED_BY, IMPLEMENTER, LESSONS, NO_RETURN, OBJECTIVE, OUTCOME,
    Outcome, PLAN, PLANNED_END, PLANNED_START, RESULT, RISKS, SIDE_EFFECTS, TESTS, THREAT, TYPE, Type, UNAUTHORISED,
};
use crate::bundles::OWNER;
use mainstay_engine::field::Instant;
use mainstay_engine::process::{Guard, Phase};
use mainstay_engine::record::Record;
use mainstay_engine::spine::{ASSIGNEE, REQUESTER};

pub fn is(change: &Record, of: Type) -> bool {
    change.get(&TYPE) == Some(of)
}

pub fn is_normal(change: &Record) -> bool {
    matches!(change.get(&TYPE), Some(Type::Minor | Type::Significant | Type::Major))
}

pub fn is_standard(change: &Record) -> bool {
    is(change, Type::Standard)
}

pub fn is_emergency(change: &Record) -> bool {
    is(change, Type::Emergency)
}

pub fn is_proposal(change: &Record) -> bool {
    is(change, Type::Proposal)
}

fn authority_is_another(change: &Record) -> bool {
    let authority = change.get(&AUTHORITY);
    ![change.get(&REQUESTER), change.get(&OWNER), change.get(&ASSIGNEE), change.get(&IMPLEMENTER)]
        .iter()
        .any(|person| person.is_some() && *person == authority)
}

fn went_wrong(change: &Record) -> bool {
    matches!(change.get(&OUTCOME), Some(Outcome::Failed | Outcome::BackedOut))
}

fn is_reviewed(change: &Record) -> bool {
    let words = [&SIDE_EFFECTS, &AGAINST_PLAN, &LESSONS, &ACTIONS];
    change.has(&OBJECTIVE) && words.into_iter().all(|field| change.has(field))
}

pub const NORMAL: Guard = Guard {
    code: "not_normal",
    says: "Only a normal change is submitted for assessment.",
    test: |change, _| is_normal(change),
    beforehand: false,
};
pub const PLANNED: Guard = Guard {
    code: "ends_before_it_starts",
    says: "The planned end lies before the planned start.",
    test: |change, _| match (change.get(&PLANNED_START), change.get(&PLANNED_END)) {
        (Some(start), Some(end)) => start < end,
        _ => true,
    },
    beforehand: false,
};
pub const BACK_OUT_IS_PLANNED: Guard = Guard {
    code: "back_out_needed",
    says: "Say how it is backed out, and until when that is possible.",
    test: |change, _| change.has(&BACK_OUT) && change.has(&NO_RETURN),
    beforehand: false,
};
pub const BACK_OUT_IS_TESTED: Guard = Guard {
    code: "back_out_untested",
    says: "Test the back-out, or say why it was not tested.",
    test: |change, _| change.get(&BACK_OUT_TESTED) == Some(true) || change.has(&BACK_OUT_UNTESTED),
    beforehand: false,
};
/// In an emergency one line suffices.
pub const BACK_OUT_IS_KNOWN: Guard = Guard {
    code: "back_out_needed",
    says: "Say in one line how it is backed out.",
    test: |change, _| change.has(&BACK_OUT),
    beforehand: false,
};
/// What is proposed waits for whoever decides on it; an emergency does not wait. (CHG-24)
pub const PROPOSAL_ACCEPTED: Guard = Guard {
    code: "proposal_not_accepted",
    says: "It is a detail of a proposal, which has to be accepted first.",
    test: |_, facts| {
        let proposals = facts.related.iter().filter(|other| other.outgoing && other.relation == DETAIL_OF);
        proposals.into_iter().all(|proposal| proposal.phase == Phase::Done)
    },
    beforehand: true,
};
pub const ACCEPTED: Guard =
    Guard { code: "approvals_missing", says: "It is accepted when all required approvals are granted.", ..APPROVED };
pub const DETAILS_DONE: Guard = Guard {
    code: "open_details",
    says: "It is not done while a change that is a detail of it is under way.",
    test: |_, facts| {
        let details = facts.related.iter().filter(|other| !other.outgoing && other.relation == DETAIL_OF);
        details.into_iter().all(|change| change.phase == Phase::Closed)
    },
    beforehand: true,
};
pub const APPROVED: Guard = Guard {
    code: "approvals_missing",
    says: "It is scheduled when all required approvals are granted.",
    test: |_, facts| facts.approved,
    beforehand: true,
};
pub const VOUCHED: Guard = Guard {
    code: "not_by_template",
    says: "A standard change follows a model that is approved in advance, valid today, and done as it says. Make it a normal change.",
    test: |change, facts| (facts.vouched)(change),
    beforehand: false,
};
pub const STILL_APPROVED: Guard = Guard {
    code: "approvals_missing",
    says: "It starts while its approvals, or the model that it follows, stand for it. Return it to draft otherwise.",
    test: |change, facts| facts.approved || (facts.vouched)(change),
    beforehand: true,
};
pub const EMERGENCY_IS_ONE: Guard = Guard {
    code: "no_emergency",
    says: "An emergency answers an incident, linked as fixed by this change, or names the threat that cannot wait.",
    test: |change, facts| {
        change.has(&THREAT)
            || facts.related.iter().any(|other| {
                !other.outgoing && other.relation == FIXED_BY && other.process == "incident" && other.phase.is_live()
            })
    },
    beforehand: false,
};
pub const AUTHORISED: Guard = Guard {
    code: "not_authorised",
    says: "It starts when the emergency is authorised: by its approvals, or by word of somebody who may, with name and time.",
    test: |change, facts| facts.approved || (change.has(&AUTHORITY) && change.has(&AUTHORISED_AT)),
    beforehand: true,
};
pub const AUTHORITY_IS_ANOTHER: Guard = Guard {
    code: "own_record",
    says: "Nobody authorises what they ask for, own or carry out.",
    test: |change, _| authority_is_another(change),
    beforehand: false,
};
/// Whoever authorised it by word has no part in it since.
pub const AUTHORITY_HOLDS: Guard = Guard {
    code: "own_record",
    says: "Nobody authorises what they ask for, own or carry out.",
    test: |change, facts| facts.approved || authority_is_another(change),
    beforehand: true,
};
pub const AUTHORISED_BEFORE: Guard = Guard {
    code: "not_yet",
    says: "It was authorised before now.",
    test: |change, facts| change.get(&AUTHORISED_AT).is_none_or(|Instant(at)| at <= facts.now),
    beforehand: false,
};
pub const NOT_EARLY: Guard = Guard {
    code: "too_early",
    says: "It starts not before its planned start.",
    test: |change, facts| change.get(&PLANNED_START).is_some_and(|Instant(start)| facts.now >= start),
    beforehand: true,
};
pub const NOT_LATE: Guard = Guard {
    code: "window_over",
    says: "Its planned time is over. Plan it anew and have it approved anew.",
    test: |change, facts| change.get(&PLANNED_END).is_some_and(|Instant(end)| facts.now < end),
    beforehand: true,
};
pub const TASKS_DONE: Guard = Guard {
    code: "open_tasks",
    says: "It is not done while a task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};
pub const TIMES_IN_ORDER: Guard = Guard {
    code: "ends_before_it_starts",
    says: "The actual end lies before the actual start.",
    test: |change, _| match (change.get(&ACTUAL_START), change.get(&ACTUAL_END)) {
        (Some(start), Some(end)) => start <= end,
        _ => true,
    },
    beforehand: false,
};
/// Failed, backed out, emergency, unauthorised and major ones are reviewed. (CHG-18)
pub const REVIEWED: Guard = Guard {
    code: "review_needed",
    says: "It closes with its review: whether the objective was met, side effects, plan and reality, lessons, actions.",
    test: |change, _| {
        let heavy = matches!(change.get(&TYPE), Some(Type::Emergency | Type::Major));
        !(went_wrong(change) || heavy || change.get(&UNAUTHORISED) == Some(true)) || is_reviewed(change)
    },
    beforehand: false,
};
/// What turns out to have failed after all is reviewed, too; what was cancelled has nothing to review.
pub const FAILURE_IS_REVIEWED: Guard =
    Guard { test: |change, _| change.state.void || !went_wrong(change) || is_reviewed(change), ..REVIEWED };
pub const DOCUMENTED: Guard = Guard {
    code: "undocumented",
    says: "An emergency closes when it is documented: risks, impact on services, plan, tests and back-out.",
    test: |change, _| {
        !is_emergency(change)
            || change.get(&UNAUTHORISED) == Some(true)
            || [&RISKS, &CONSEQUENCES, &PLAN, &TESTS, &BACK_OUT].into_iter().all(|field| change.has(field))
    },
    beforehand: false,
};
pub const WENT_WELL: Guard = Guard {
    code: "not_successful",
    says: "What failed or was backed out is closed as failed.",
    test: |change, _| {
        matches!(change.get(&OUTCOME), Some(Outcome::Successful | Outcome::WithIssues))
            && change.get(&RESULT) != Some(Ending::BackedOut)
    },
    beforehand: false,
};
pub const WENT_WRONG: Guard = Guard {
    code: "not_failed",
    says: "It is closed as failed when it failed or was backed out.",
    test: |change, _| went_wrong(change),
    beforehand: false,
};
