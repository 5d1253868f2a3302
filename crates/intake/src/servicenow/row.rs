//! What one row says by itself: its instants and its state.

use super::columns::Columns;
use mainstay_desk::import::Given;
use mainstay_engine::process::{Phase, State};
use mainstay_processes::operation::incident::{HoldReason, INCIDENT};

/// Why a row is rejected: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub says: String,
}

impl Fault {
    pub fn new(code: &'static str, says: impl Into<String>) -> Self {
        Self { code, says: says.into() }
    }
}

/// What the log writes where it has lost the state of a row.
const LOST: &str = "-100";

/// A row in the words of the process.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Epoch milliseconds UTC.
    pub at: i64,
    pub opened: i64,
    pub state: &'static State,
    pub hold: Option<HoldReason>,
}

impl Standing {
    /// Reads it; where the log has lost the state, the one `before` stands on.
    ///
    /// # Errors
    /// A missing or unreadable instant, a state that means nothing here.
    pub fn of(columns: &Columns, cells: &[String], before: Option<&Self>) -> Result<Self, Fault> {
        let needed =
            |name: &str| columns.get(cells, name).ok_or_else(|| Fault::new("missing", format!("{name} is empty.")));
        let at = instant(needed("sys_updated_at")?)?;
        let opened = instant(needed("opened_at")?)?;
        let has_team = columns.get(cells, "assignment_group").is_some();
        let said = needed("state")?;
        if let (LOST, Some(before)) = (said, before) {
            return Ok(Self { at, opened, ..*before });
        }
        let (key, hold) = state(if said == LOST { "New" } else { said }, has_team)?;
        let state =
            INCIDENT.state(key).ok_or_else(|| Fault::new("unknown_state", format!("There is no state {key}.")))?;
        Ok(Self { at, opened, state, hold })
    }

    /// Whether the log has lost the state of a row.
    pub fn is_lost(columns: &Columns, cells: &[String]) -> bool {
        columns.get(cells, "state") == Some(LOST)
    }

    /// Resolved or closed.
    pub fn is_over(&self) -> bool {
        matches!(self.state.phase, Phase::Done | Phase::Closed)
    }
}

/// The state here for a state there. New with a group is what we call assigned: it waits at the right team. Waiting for
/// evidence is waiting for whoever can give it, the requester.
fn state(text: &str, has_team: bool) -> Result<(&'static str, Option<HoldReason>), Fault> {
    Ok(match text {
        "New" if has_team => ("assigned", None),
        "New" => ("new", None),
        "Active" | "In Progress" => ("in_progress", None),
        "Awaiting User Info" | "Awaiting Evidence" | "Awaiting Caller" => ("on_hold", Some(HoldReason::Requester)),
        "Awaiting Problem" => ("on_hold", Some(HoldReason::Problem)),
        "Awaiting Vendor" => ("on_hold", Some(HoldReason::Vendor)),
        "Awaiting Change" => ("on_hold", Some(HoldReason::Change)),
        "Resolved" => ("resolved", None),
        "Closed" => ("closed", None),
        "Canceled" | "Cancelled" => ("cancelled", None),
        _ => return Err(Fault::new("unknown_state", format!("{text} is no state of an incident."))),
    })
}

/// The name of what led from one state to another.
pub fn verb(before: &Standing, after: &Standing, had_team: bool, team_changed: bool) -> &'static str {
    match (before.state.key, after.state.key) {
        (a, b) if a == b && team_changed && had_team => "reassign",
        (a, b) if a == b => "updated",
        (_, "resolved") => "resolve",
        (_, "closed") => "auto_close",
        (_, "cancelled") => "cancel",
        ("resolved" | "closed" | "cancelled", _) => "reopen",
        (_, "on_hold") => "hold",
        ("new", "assigned") => "assign",
        (_, "assigned") => "reassign",
        ("on_hold", "in_progress") => "resume",
        (_, "in_progress") => "take",
        _ => "updated",
    }
}

/// An instant as the log writes it: day/month/year hour:minute, or year-month-day hour:minute:second; UTC.
pub fn instant(text: &str) -> Result<i64, Fault> {
    let wrong = || Fault::new("not_an_instant", format!("{text} is no instant such as 29/2/2016 01:16."));
    let at = civil(text).ok_or_else(wrong)?;
    let zoned = at.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
    Ok(zoned.timestamp().as_millisecond())
}

fn civil(text: &str) -> Option<jiff::civil::DateTime> {
    let (date, time) = text.split_once(' ')?;
    let mut time = time.split(':').map(str::parse::<i8>);
    let (hour, minute) = (time.next()?.ok()?, time.next()?.ok()?);
    let second = time.next().transpose().ok()?.unwrap_or_default();
    let (year, month, day) = if let Some((day, rest)) = date.split_once('/') {
        let (month, year) = rest.split_once('/')?;
        (year, month, day)
    } else {
        let (year, rest) = date.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        (year, month, day)
    };
    let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (time.next().is_none() && year.len() == 4).then_some(())?;
    Some(date.to_datetime(jiff::civil::Time::new(hour, minute, second, 0).ok()?))
}

/// An instant in the form the API takes.
pub fn given_instant(at: i64) -> Given {
    jiff::Timestamp::from_millisecond(at).map_or(Given::NOTHING, |at| Given::text(at.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_day_month_year_in_utc() {
        assert_eq!(instant("29/2/2016 01:16"), Ok(1_456_708_560_000));
        assert_eq!(instant("2016-02-29 01:16:00"), instant("29/2/2016 01:16"));
        for wrong in [
            "29/2/2015 01:16",
            "?",
            "29/2/2016",
            "29/2/2016 25:00",
            "1/13/2016 00:00",
            "1/1/16 00:00",
            "1/1/2016 0:0:0:0",
        ] {
            assert_eq!(instant(wrong).expect_err(wrong).code, "not_an_instant");
        }
    }

    #[test]
    fn states_keep_what_is_waited_for() {
        let read = |text| state(text, true).expect("known");
        assert_eq!(state("New", false), Ok(("new", None)));
        assert_eq!(read("New"), ("assigned", None));
        assert_eq!(read("Awaiting Vendor"), ("on_hold", Some(HoldReason::Vendor)));
        assert_eq!(read("Awaiting Problem"), ("on_hold", Some(HoldReason::Problem)));
        assert_eq!(read("Awaiting User Info"), read("Awaiting Evidence"));
        assert_eq!(state("Asleep", true).expect_err("no state").code, "unknown_state");
    }

    #[test]
    fn steps_have_the_names_of_the_process() {
        let standing = |key| Standing { at: 0, opened: 0, state: INCIDENT.state(key).expect("a state"), hold: None };
        let name = |a, b| verb(&standing(a), &standing(b), true, true);
        assert_eq!(name("assigned", "in_progress"), "take");
        assert_eq!(name("new", "resolved"), "resolve");
        assert_eq!(name("closed", "in_progress"), "reopen");
        assert_eq!(name("on_hold", "in_progress"), "resume");
        assert_eq!(name("in_progress", "in_progress"), "reassign");
        for a in INCIDENT.states {
            for b in INCIDENT.states {
                let name = name(a.key, b.key);
                assert!(name == "updated" || INCIDENT.transition(name).is_some(), "{name}");
            }
        }
    }
}
