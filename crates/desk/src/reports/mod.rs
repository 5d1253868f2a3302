//! Reports: figures of a period that say the same whenever they are asked for. (GEN-10, SLM-14)
//!
//! They rest on what does not change: when a record was opened, what the event log says happened and when, the facts
//! of clocks. A field by which rows are grouped or filtered is taken as it stood at the end of the period: its present
//! value with every later change taken back. Every figure counts what the caller may see, and names the records
//! behind it.

mod asked;
mod breaches;
mod compliance;
mod counted;
mod course;
mod group;
mod open;
mod ordered;
mod outcome;
mod period;
mod quality;
mod recent;
mod satisfaction;
mod sheet;
mod span;
mod standing;
mod table;
mod tally;
mod team_load;
mod volume;
mod workload;

pub use recent::keep_up;
pub(crate) use recent::{Followed, Kept, follow};
pub use span::Span;
pub use table::{Cell, Chart, Column, Figure, Measure, Report, Row, TOTAL};

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records::{self, Listing, Page};
use asked::Asked;
use breaches::Lines;
use counted::{before, counted};
use group::By;
use mainstay_engine::clock::Metric;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use standing::has_past;
pub(crate) use standing::{PRESENT_ONLY, Reader};
use tally::Emit;

/// What somebody wants to know.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// A day such as `2025-06-01`, which begins in `zone`, or an instant with its offset; without `from` and `to`: last
    /// month.
    pub from: Option<String>,
    /// The end, no longer part of the period.
    pub to: Option<String>,
    /// IANA name; the caller's own without it.
    pub zone: Option<String>,
    /// `month`, `none` or a field's key; the report's own choice without it.
    pub group_by: Option<String>,
    /// Text of the condition language, about records as they stood at the end of the period.
    pub filter: Option<String>,
    /// The number that an ad-hoc report adds up and averages.
    pub of: Option<String>,
    /// Most lines of a list; without it as many as a list has at most.
    pub limit: Option<usize>,
    /// Where the lines before it ended.
    pub after: Option<String>,
}

/// How a report comes to its rows.
enum Work {
    /// What happened, in groups and all together.
    Groups(fn(&mut Asked<'_, '_>, Emit<'_>) -> Result<()>),
    /// What was there and how old it was, in groups; months have nothing in common that could be added up.
    Stock,
    /// The figures of another report, which has this key, each against those of the period before.
    Against(&'static str),
    /// What stands against a limit, month by month, under this heading; for staff, as the limits are.
    Limits(&'static str, fn(&mut Asked<'_, '_>, &Params) -> Result<Lines>),
    /// A list, which may end early.
    List(fn(&mut Asked<'_, '_>, &Params) -> Result<Lines>),
}

/// A report that can be asked for.
pub struct Kind {
    pub key: &'static str,
    pub title: &'static str,
    /// What its figures mean.
    pub definition: &'static str,
    /// The facts that it follows from.
    pub derives_from: &'static str,
    pub columns: &'static [Column],
    /// How its rows are grouped unless asked for otherwise.
    pub group_by: &'static str,
    /// Fields without which it means nothing; a process that lacks one does not offer it.
    needs: &'static [&'static str],
    clocks: bool,
    work: Work,
    /// What it is counted from when the period goes on until now.
    recent: Option<recent::From>,
}

const FROM_LOG: &str =
    "Opening instants and the event log; groups and filters from the log as they stood at the end of the period.";
const FROM_CLOCKS: &str = "The facts of service-level clocks up to the end of the period; groups and filters from the log as they stood there. \
     Adjusted figures also heed exclusions approved later.";
const FROM_LEVELS: &str =
    "Opening instants, the versions of the service levels in force at the end of each month, and the event log.";
const FROM_TEAMS: &str =
    "Opening instants, the versions of the teams in force at the end of each month, and the event log.";

/// Every report.
pub const ALL: &[Kind] = &[
    Kind {
        key: "volume",
        title: "Volume",
        definition: "How much came and went: each figure counts records, each once, to which this happened in the period.",
        derives_from: FROM_LOG,
        columns: volume::VOLUME,
        group_by: "team",
        needs: &[],
        clocks: false,
        work: Work::Groups(volume::volume),
        recent: Some(recent::From::Passages),
    },
    Kind {
        key: "trends",
        title: "Trends",
        definition: "What became more and what became less: records opened and closed, each counted once, against the period before, \
                     which is as long. Both are counted as the volume of their period; each month stands against the one before it.",
        derives_from: FROM_LOG,
        columns: volume::TRENDS,
        group_by: "team",
        needs: &[],
        clocks: false,
        work: Work::Against("volume"),
        recent: None,
    },
    Kind {
        key: "backlog",
        title: "Backlog and age",
        definition: "What was open or on hold at the end of the period and how long ago it was opened; by month: at the end of each month.",
        derives_from: FROM_LOG,
        columns: volume::BACKLOG,
        group_by: "team",
        needs: &["opened"],
        clocks: false,
        work: Work::Stock,
        recent: None,
    },
    Kind {
        key: "response",
        title: "Response compliance",
        definition: "Response targets met ÷ (met + missed). A target belongs to the period in which it was met or missed; \
                     missed ones count while the work is still open, running ones do not count, withdrawn records never do.",
        derives_from: FROM_CLOCKS,
        columns: compliance::COMPLIANCE,
        group_by: "service",
        needs: &[],
        clocks: true,
        work: Work::Groups(compliance::response),
        recent: Some(recent::From::Clocks(Metric::Response)),
    },
    Kind {
        key: "resolution",
        title: "Resolution compliance",
        definition: "Resolution targets met ÷ (met + missed). A target belongs to the period in which it was met or missed; \
                     missed ones count while the work is still open, running ones do not count, withdrawn records never do.",
        derives_from: FROM_CLOCKS,
        columns: compliance::COMPLIANCE,
        group_by: "service",
        needs: &[],
        clocks: true,
        work: Work::Groups(compliance::resolution),
        recent: Some(recent::From::Clocks(Metric::Resolution)),
    },
    Kind {
        key: "times",
        title: "Time to respond and to resolve",
        definition: "Means over the clocks that stopped in the period, by the wall clock: Σ(responded − opened) ÷ n and \
                     Σ(resolved − opened − paused) ÷ n. Withdrawn records do not count.",
        derives_from: FROM_CLOCKS,
        columns: compliance::TIMES,
        group_by: "priority",
        needs: &[],
        clocks: true,
        work: Work::Groups(compliance::times),
        recent: None,
    },
    Kind {
        key: "breaches",
        title: "Missed targets",
        definition: "Every target missed in the period, with where the time went: on hold and for what, and with which team.",
        derives_from: FROM_CLOCKS,
        columns: breaches::BREACHES,
        group_by: "none",
        needs: &["number", "title", "service", "organisation", "priority"],
        clocks: true,
        work: Work::List(breaches::breaches),
        recent: None,
    },
    Kind {
        key: "workload",
        title: "Workload against limits",
        definition: "Records opened in each month under each service level against the limit agreed for a month. A record belongs \
                     to the level that fits it as it stood at the end of the period; levels and limits are those in force at \
                     the end of the month.",
        derives_from: FROM_LEVELS,
        columns: workload::WORKLOAD,
        group_by: "none",
        needs: &[],
        clocks: true,
        work: Work::Limits("Service level and month", workload::workload),
        recent: None,
    },
    Kind {
        key: "team_load",
        title: "Load of teams against limits",
        definition: "Records open or on hold with each team at the end of each month against the limit of the team. Limits are \
                     those in force at the end of the month.",
        derives_from: FROM_TEAMS,
        columns: team_load::TEAM_LOAD,
        group_by: "none",
        needs: &["opened", "team"],
        clocks: false,
        work: Work::Limits("Team and month", team_load::team_load),
        recent: None,
    },
    Kind {
        key: "reopened",
        title: "Reopened",
        definition: "Records opened again ÷ records resolved, each counted once in the period. Withdrawn records do not count.",
        derives_from: FROM_LOG,
        columns: quality::REOPENED,
        group_by: "team",
        needs: &[],
        clocks: false,
        work: Work::Groups(quality::reopened),
        recent: None,
    },
    Kind {
        key: "hops",
        title: "Reassignments",
        definition: "How often records resolved in the period had been handed to another team by its end.",
        derives_from: FROM_LOG,
        columns: quality::HOPS,
        group_by: "team",
        needs: &[quality::HOP_COUNT],
        clocks: false,
        work: Work::Groups(quality::hops),
        recent: None,
    },
    Kind {
        key: "first_contact",
        title: "First-contact resolution",
        definition: "Records resolved in the period by whoever took them first, without reassignment ÷ records resolved.",
        derives_from: FROM_LOG,
        columns: quality::FIRST_CONTACT,
        group_by: "team",
        needs: &[quality::HOP_COUNT, "first_assignee", "assignee"],
        clocks: false,
        work: Work::Groups(quality::first_contact),
        recent: None,
    },
    Kind {
        key: "mismatch",
        title: "Categories changed",
        definition: "Records resolved in the period whose closing category differs from the one at opening ÷ records resolved with both.",
        derives_from: FROM_LOG,
        columns: quality::MISMATCH,
        group_by: "category",
        needs: &[quality::OPENING_CATEGORY, "category", "closing_category"],
        clocks: false,
        work: Work::Groups(quality::mismatch),
        recent: None,
    },
    Kind {
        key: "satisfaction",
        title: "Satisfaction",
        definition: "What requesters answered when they were asked how it went: good means 4 or 5 of 5, bad 1 or 2. An answer belongs to \
                     the period in which it first came and counts as it stood at the end of the period.",
        derives_from: "Who was asked and when the first answer came; answers, groups and filters from the log as they stood at the end of the period.",
        columns: satisfaction::SATISFACTION,
        group_by: "service",
        needs: &[satisfaction::SCORE],
        clocks: false,
        work: Work::Groups(satisfaction::satisfaction),
        recent: None,
    },
    Kind {
        key: "ad_hoc",
        title: "Ad hoc",
        definition: "Records opened in the period by any field under any condition, and the mean and sum of a number.",
        derives_from: FROM_LOG,
        columns: volume::AD_HOC,
        group_by: "state",
        needs: &[],
        clocks: false,
        work: Work::Groups(volume::ad_hoc),
        recent: None,
    },
];

/// A report that a caller may ask for, and how its rows may be grouped: name and label.
pub struct Offer {
    pub process: &'static Process,
    pub kind: &'static Kind,
    pub groups: Vec<(&'static str, &'static str)>,
}

/// The reports that a caller may ask for.
///
/// # Errors
/// No right to reports.
pub fn offers(session: &Session<'_>, caller: &Caller) -> Result<Vec<Offer>> {
    may_read(caller)?;
    let mut all = Vec::new();
    for process in mainstay_processes::ALL.iter().copied().filter(|p| records::may_list(caller, p).is_ok()) {
        let groups = group::choices(session, caller, process);
        let open = ALL.iter().filter(|kind| is_offered(session, caller, process, kind));
        all.extend(open.map(|kind| Offer { process, kind, groups: groups.clone() }));
    }
    Ok(all)
}

/// Runs a report over the records that the caller may see.
///
/// # Errors
/// No right to reports; no such report; parameters that cannot be read; more groups than anybody reads.
pub fn run(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    params: &Params,
) -> Result<Report> {
    Ok(worked_out(session, caller, process, key, params, false)?.0)
}

/// Runs a report; `with_ids`: so that each figure names the records that it counts, and with when each of them was last
/// updated, in the order of their ids, where that is known.
fn worked_out(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    params: &Params,
    with_ids: bool,
) -> Result<(Report, Vec<(i64, i64)>)> {
    let kind = kind(session, caller, process, key)?;
    let before = match kind.work {
        Work::Against(base) => Some(before(session, caller, process, (kind, base), params, with_ids)?),
        _ => None,
    };
    let mut asked = Asked::read(session, caller, process, kind, params)?;
    let kept;
    let mut updated = Vec::new();
    let against = before.as_ref().filter(|_| asked.by != By::Month).map(|before| (before.from, before.to));
    let (rows, total, more, next) = match kind.work {
        Work::Groups(_) | Work::Stock | Work::Against(_) => {
            let (mut tally, from_memory) = counted(&mut asked, before.as_ref().map_or(kind, |b| b.base), with_ids)?;
            kept = from_memory && before.as_ref().is_none_or(|before| before.kept);
            if let Some(before) = before {
                tally = tally.against(before.tally, kind.columns);
            }
            updated = std::mem::take(&mut tally.updated);
            let (rows, total, more) = tally.rows(&mut asked)?;
            let adds_up = matches!(kind.work, Work::Groups(_)) || asked.by != By::Month;
            (rows, adds_up.then_some(total), more, None)
        }
        Work::List(list) | Work::Limits(_, list) => {
            let lines = list(&mut asked, params)?;
            kept = lines.kept;
            (lines.rows, None, lines.more, lines.next)
        }
    };
    let chart = match (&kind.work, asked.by) {
        (Work::List(_), _) => Chart::None,
        (Work::Limits(..), _) => Chart::Bars,
        (_, By::Month) => Chart::Lines,
        _ => Chart::Bars,
    };
    let report = Report {
        key: kind.key,
        title: kind.title,
        definition: kind.definition,
        derives_from: kind.derives_from,
        from: asked.period.from,
        to: asked.period.to,
        zone: asked.period.zone.iana_name().unwrap_or("UTC").to_owned(),
        group_by: asked.by.key().to_owned(),
        group_label: if let Work::Limits(label, _) = kind.work { label } else { asked.by.label() }.to_owned(),
        columns: kind.columns,
        rows,
        total,
        more,
        next,
        chart,
        against,
        kept,
    };
    Ok((report, updated))
}

/// Whether a report could be run, without running it.
///
/// # Errors
/// As [`run`].
pub fn check(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    params: &Params,
) -> Result<()> {
    let kind = kind(session, caller, process, key)?;
    Asked::read(session, caller, process, kind, params)?;
    Ok(())
}

/// Whether the caller may ask for a report at all.
///
/// # Errors
/// No right to reports; no such report.
pub fn may_run(session: &Session<'_>, caller: &Caller, process: &'static Process, key: &str) -> Result<&'static Kind> {
    kind(session, caller, process, key)
}

/// The fields that the condition of a report can be about.
#[must_use]
pub fn asks_about(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Vec<&'static FieldDef> {
    let open = |field: &&'static FieldDef| {
        has_past(field).is_ok() && records::readable(session, caller, process, field.key, "filter").is_ok()
    };
    session.config.fields(process).filter(open).collect()
}

/// The records behind a figure.
pub struct Behind {
    /// One page of them.
    pub page: Page,
    /// How many they are.
    pub count: usize,
    /// By what the rows are grouped, and what that of the figure stands for.
    pub group_by: String,
    pub row: String,
    /// What its column is called.
    pub column: &'static Column,
}

/// One page of exactly the records behind a figure: the one in the row with this key ([`TOTAL`] for all together) and
/// this column.
///
/// # Errors
/// As [`run`]; no such figure; as [`records::list`].
pub fn behind(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    params: &Params,
    (row, column): (&str, &str),
    listing: &Listing,
) -> Result<Behind> {
    let (report, updated) = worked_out(session, caller, process, key, params, true)?;
    let (row, column, cell) = report.place(row, column).ok_or_else(|| Refusal::missing("figure"))?;
    // Of many the database reads each to know which were updated last.
    let known = updated.iter().filter(|(id, _)| cell.records.binary_search(id).is_ok()).copied().collect::<Vec<_>>();
    let page_of = (known.len() == cell.records.len()).then(|| listing.newest(known)).flatten();
    let page = records::list_among(session, caller, process, listing, Some(page_of.as_ref().unwrap_or(&cell.records)))?;
    let (count, row) = (cell.records.len(), row.label.clone());
    Ok(Behind { page, count, row, column, group_by: report.group_by })
}

fn may_read(caller: &Caller) -> Result<()> {
    if caller.rights.may_somewhere("reports", "view") {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not read reports.").into())
}

fn kind(session: &Session<'_>, caller: &Caller, process: &'static Process, key: &str) -> Result<&'static Kind> {
    may_read(caller)?;
    records::may_list(caller, process)?;
    let found = ALL.iter().find(|kind| kind.key == key && is_offered(session, caller, process, kind));
    found.ok_or_else(|| Refusal::missing("report").into())
}

/// A report that rests on what only staff reads is offered to staff only.
fn is_offered(session: &Session<'_>, caller: &Caller, process: &'static Process, kind: &Kind) -> bool {
    let reads = |key: &&str| records::readable(session, caller, process, key, "report").is_ok();
    let staff = caller.is_engine() || caller.rights.is_any_staff();
    if matches!(kind.work, Work::Limits(..)) && !staff {
        return false;
    }
    (!kind.clocks || process.has_clocks()) && kind.needs.iter().all(reads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_says_what_it_counts() {
        for kind in ALL {
            assert!(kind.definition.len() > 40 && kind.derives_from.len() > 40, "{}", kind.key);
            assert_eq!(ALL.iter().filter(|other| other.key == kind.key).count(), 1, "{}", kind.key);
            for column in kind.columns {
                assert!(column.means.ends_with('.'), "{}.{}", kind.key, column.key);
                assert_eq!(
                    kind.columns.iter().filter(|other| other.key == column.key).count(),
                    1,
                    "{}.{}",
                    kind.key,
                    column.key
                );
            }
        }
    }

    #[test]
    fn shares_are_made_of_the_columns_they_name() {
        let named = |columns: &[Column], at: &[usize]| at.iter().map(|n| columns[*n].key).collect::<Vec<_>>();
        for kind in ALL {
            for column in kind.columns {
                if let Measure::Share { part, whole } = column.measure {
                    let says = (named(kind.columns, &[part]), named(kind.columns, whole));
                    let known = match column.key {
                        "compliance" => (vec!["met"], vec!["met", "breached_closed", "breached_open"]),
                        "response_rate" => (vec!["answered"], vec!["asked"]),
                        "good_share" => (vec!["good"], vec!["answered"]),
                        "adjusted_compliance" => (vec!["adjusted_met"], vec!["adjusted_met", "adjusted_breached"]),
                        _ => (vec![kind.columns[1].key], vec!["resolved"]),
                    };
                    assert_eq!(says, known, "{}.{}", kind.key, column.key);
                }
            }
        }
    }
}
