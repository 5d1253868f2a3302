//! Where a change can stand.

use super::{PAPERS_DUE, PLANNED_END, TYPE};
use mainstay_engine::process::{Delay, State, StateTimer, closed, done, open};

/// Documents of an emergency follow it, and are told of when they are late. (CHG-11)
const PAPERS: StateTimer = StateTimer {
    key: "papers_late",
    delay: Delay::At(PAPERS_DUE.def),
    verb: None,
    when: Some((TYPE.def, "emergency")),
};

pub const DRAFT: State = open("draft", "Draft");
pub const SUBMITTED: State = open("submitted", "Submitted");
pub const ASSESSMENT: State = open("assessment", "Assessment");
pub const AUTHORISATION: State = open("authorisation", "Authorisation");
pub const SCHEDULED: State = open("scheduled", "Scheduled").timers(&[StateTimer {
    key: "not_begun",
    delay: Delay::At(PLANNED_END.def),
    verb: None,
    when: None,
}]);
pub const IMPLEMENTATION: State = open("implementation", "Implementation").timers(&[PAPERS]);
pub const DETECTED: State = open("detected", "Detected");
pub const REVIEW: State = done("review", "Review").timers(&[PAPERS]);
pub const ACCEPTED: State = done("accepted", "Accepted");
pub const CLOSED: State = closed("closed", "Closed");
pub const REJECTED: State = closed("rejected", "Rejected");
pub const CANCELLED: State = closed("cancelled", "Cancelled").void();

/// Before anything was done.
pub const AHEAD: &[State] = &[DRAFT, SUBMITTED, ASSESSMENT, AUTHORISATION, SCHEDULED];

/// Of its states, by what is decided in them: it is made up and weighed; it is not authorised yet; whether it may be
/// made is in question; it is in.
pub const IN_PREPARATION: &[State] = &[DRAFT, SUBMITTED, ASSESSMENT];
pub const NOT_YET_AUTHORISED: &[State] = &[DRAFT, SUBMITTED, ASSESSMENT, AUTHORISATION];
pub const UNDECIDED: &[State] = &[SUBMITTED, ASSESSMENT, AUTHORISATION];
pub const DEPLOYED: &[State] = &[REVIEW, CLOSED];
