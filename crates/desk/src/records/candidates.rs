//! What may have one cause: records that came all at once or keep coming back are proposed together, with why. (PRB-03)
//!
//! A proposal is shown as far as its reader sees the records in it, and only where enough of them are left: why they
//! belong together is told from those alone.

use super::list::{Row, badge, shown_row};
use super::open::{Opening, may_open, open as open_record};
use super::rows;
use super::view::{View, names_of};
use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use crate::inbox::{self, Kind as NoticeKind};
use crate::install;
use crate::notify::{self, Reader};
use mainstay_correlate::{self as correlate, DAY_MS, Found, Item, LEAST, Why};
use mainstay_engine::field::{Audience, FieldDef, Kind, Writer};
use mainstay_engine::process::{Process, Watch};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
pub use mainstay_store::candidates::CandidateRow;
use mainstay_store::candidates::{self as store, Compared};
use mainstay_store::notices::{self, NoticeRow};
use mainstay_store::{NewEvent, NewMessage, events, leases, outbox};
use mainstay_words::{during, sentence};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// How often somebody looks.
pub const EVERY: Duration = Duration::from_mins(10);
/// Who looks keeps the right to for so long, in milliseconds: the time of two looks.
const HELD_MS: i64 = 1_200_000;
/// The lease of whoever looks.
const LEASE: &str = "candidates";
/// What the log calls a proposal, and what a notice of one begins with.
const SUBJECT: &str = "candidate";
/// The newest records that are compared.
const MOST_COMPARED: i64 = 100_000;
/// Proposals of one process at a time, and records of one.
const MOST: usize = 50;
const MOST_MEMBERS: usize = 200;
/// A proposal that nothing brings up any more is kept so long, in milliseconds: thirty days.
const KEPT_MS: i64 = 30 * DAY_MS;
/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// Waits for somebody.
pub const OPEN: &str = "open";
/// A record was opened from it.
pub const TAKEN: &str = "taken";
/// Somebody said why it is none.
pub const DISMISSED: &str = "dismissed";

/// A proposal as its reader may see it.
#[derive(Clone)]
pub struct Candidate {
    pub row: CandidateRow,
    /// The records, the oldest first.
    pub records: Vec<Row>,
    /// Words that most of their titles share.
    pub words: Vec<String>,
    /// What all of them are about.
    pub service: Option<i64>,
    pub category: Option<i64>,
}

impl Candidate {
    /// When the first and the last of the records were opened.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        let opened = |row: Option<&Row>| row.and_then(|row| row.record.value(spine::OPENED.def.key).as_int());
        (opened(self.records.first()).unwrap_or_default(), opened(self.records.last()).unwrap_or_default())
    }

    /// Whether they came within the days of a burst.
    #[must_use]
    pub fn at_once(&self) -> bool {
        let (first, last) = self.span();
        last - first <= 7 * DAY_MS
    }
}

/// Proposals with the names of the entries that they refer to.
#[derive(Clone, Default)]
pub struct Candidates {
    pub all: Vec<Candidate>,
    pub names: HashMap<i64, String>,
}

/// A name for a node that looks.
#[must_use]
pub fn holder(desk: &Desk) -> String {
    let mut bytes = [0; 8];
    desk.entropy().fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

fn watch_of(process: &'static Process) -> Result<&'static Watch> {
    process.watch.as_ref().ok_or_else(|| Refusal::missing("page").into())
}

/// The process that a notice about proposals leads to.
#[must_use]
pub fn told_of(reason: &str) -> Option<&'static Process> {
    reason.strip_prefix(SUBJECT)?.strip_prefix(':').and_then(mainstay_processes::process)
}

/// What is compared of a process's records: those that no cause is known of yet.
fn compared(process: &'static Process, watch: &Watch, since: i64) -> Option<Compared<'static>> {
    let of = mainstay_processes::process(watch.process)?;
    let reported = |field: &&FieldDef| {
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone
    };
    let own = |field: &FieldDef| rows::column(field).and_then(store::own_column);
    let relation = of.relation(watch.relation).filter(|_| process.key != of.key)?;
    Some(Compared {
        process: of.key,
        table: rows::table(of),
        void: of.states.iter().filter(|state| state.void).map(|state| state.key).collect(),
        relation: relation.key,
        since,
        among: None,
        words: of.fields().filter(reported).filter_map(own).collect(),
        category: of.field("category").and_then(own),
        limit: MOST_COMPARED,
    })
}

/// Looks through the records of the last months, keeps what is found and tells whoever manages the process. Answers how
/// many proposals are new; none where another node looks.
///
/// # Errors
/// The database's.
pub async fn look(desk: &Desk, holder: &str) -> Result<usize> {
    let holder = holder.to_owned();
    let take = move |session: &mut Session<'_>, _: &Caller| {
        if install::is_copy(session.conn)? {
            return Ok(None);
        }
        Ok(leases::take(session.conn, LEASE, &holder, session.now, session.now + HELD_MS)?)
    };
    let Some(fence) = desk.write(&Credential::Engine, Channel::Engine, take).await? else { return Ok(0) };
    let mut new = 0;
    for process in mainstay_processes::ALL.iter().copied() {
        let Some(watch) = &process.watch else { continue };
        let read = move |session: &mut Session<'_>, caller: &Caller| {
            let here = session.config.process(process);
            let days = here.policies.get(watch.candidates).copied().unwrap_or_default();
            let asked = compared(process, watch, session.now - days * DAY_MS).filter(|_| days > 0 && here.enabled);
            let Some(asked) = asked else { return Ok((Vec::new(), session.now)) };
            Ok((store::compared(session.conn, &caller.scope, &asked)?, session.now))
        };
        let (rows, now) = desk.read_long(&Credential::Engine, Channel::Engine, read).await?;
        let found = tokio::task::spawn_blocking(move || {
            let items: Vec<Item> = rows.into_iter().map(item).collect();
            correlate::candidates(&items, now)
        });
        let found = found.await.unwrap_or_default();
        let keep = move |session: &mut Session<'_>, _: &Caller| {
            leases::check_fence(session.conn, LEASE, fence)?;
            reconcile(session, process, watch, &found)
        };
        new += desk.write(&Credential::Engine, Channel::Engine, keep).await?;
    }
    Ok(new)
}

fn item(row: store::ComparedRow) -> Item {
    Item {
        id: row.id,
        opened: row.opened,
        text: row.text,
        service: row.service,
        category: row.category,
        team: row.team,
        fix: None,
        urgent: row.priority.is_some_and(|priority| priority <= 2),
    }
}

const fn word(why: Why) -> &'static str {
    match why {
        Why::Burst => "burst",
        Why::Recurrence => "recurrence",
        Why::Service => "service",
        Why::Category => "category",
    }
}

/// Brings what is kept in line with what was found. Answers how many proposals are new.
fn reconcile(session: &mut Session<'_>, process: &'static Process, watch: &Watch, found: &[Found]) -> Result<usize> {
    let rows = store::of_process(session.conn, process.key)?;
    let now = session.now;
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    let mut new = Vec::new();
    for found in found.iter().take(MOST) {
        let mut members = found.members.clone();
        members.drain(..members.len().saturating_sub(MOST_MEMBERS));
        let shares = |row: &&CandidateRow| row.members.iter().filter(|id| members.contains(id)).count();
        let known = rows.iter().filter(|row| row.state == OPEN && !seen.contains(&row.id));
        // The same matter as long as half of the smaller one is in both: whoever reads a row acts on that row.
        let same = |row: &&CandidateRow| shares(row) > 0 && shares(row) * 2 >= row.members.len().min(members.len());
        let known = known.filter(same).max_by_key(|row| (shares(row), row.id));
        if let Some(row) = known {
            seen.insert(row.id);
            let row = CandidateRow { why: word(found.why).to_owned(), members, seen: now, ..row.clone() };
            store::put(session.conn, &row, OPEN)?;
        } else if !dismissed(&rows, &members) {
            let row = CandidateRow {
                process: process.key.to_owned(),
                state: OPEN.to_owned(),
                why: word(found.why).to_owned(),
                members,
                found: now,
                seen: now,
                ..CandidateRow::default()
            };
            store::insert(session.conn, &row)?;
            new.push(row);
        }
    }
    for row in rows.iter().filter(|row| row.state == OPEN && !seen.contains(&row.id)) {
        let caller = Caller::engine(Channel::Engine);
        let left = still(session, &caller, process, watch, &row.members)?.len();
        if left < LEAST || now - row.seen > KEPT_MS {
            store::remove(session.conn, row.id)?;
        }
    }
    if !new.is_empty() {
        tell(session, process, watch, &new)?;
    }
    Ok(new.len())
}

/// Whether somebody has said of these that they are none, and they have not grown by half since.
fn dismissed(rows: &[CandidateRow], members: &[i64]) -> bool {
    let known: Vec<&CandidateRow> =
        rows.iter().filter(|row| row.state == DISMISSED && row.members.iter().any(|id| members.contains(id))).collect();
    let most = known.iter().map(|row| row.members.len()).max().unwrap_or_default();
    let fresh = members.iter().filter(|id| known.iter().all(|row| !row.members.contains(id))).count();
    fresh * 2 < most
}

/// Those of some records that the caller sees and that no cause is known of, the oldest first.
fn still(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    watch: &Watch,
    ids: &[i64],
) -> Result<Vec<i64>> {
    let Some(asked) = compared(process, watch, 0).filter(|_| !ids.is_empty()) else { return Ok(Vec::new()) };
    let mut left =
        store::compared(session.conn, &caller.scope, &Compared { among: Some(ids), words: Vec::new(), ..asked })?;
    left.sort_by_key(|row| (row.opened, row.id));
    Ok(left.into_iter().map(|row| row.id).collect())
}

/// Tells whoever manages the process and sees enough of what is new.
fn tell(session: &mut Session<'_>, process: &'static Process, watch: &Watch, new: &[CandidateRow]) -> Result<()> {
    for person in notify::managers(session, process)?.into_iter().collect::<BTreeSet<i64>>() {
        let Some(caller) = Caller::load(session.conn, session.config, person, Channel::Engine, None)? else { continue };
        let mut count = 0;
        for row in new {
            count += usize::from(still(session, &caller, process, watch, &row.members)?.len() >= LEAST);
        }
        let text = match count {
            0 => continue,
            1 => "Records were found that may have one cause.".to_owned(),
            count => format!("{count} groups of records were found that may each have one cause."),
        };
        let reason = format!("{SUBJECT}:{}", process.key);
        let event = inbox::note(session, person, &reason)?;
        let notice = NoticeRow {
            person,
            event: Some(event),
            reason,
            kind: NoticeKind::Team.key().to_owned(),
            text: text.clone(),
            created: session.now,
            ..NoticeRow::default()
        };
        notices::insert(session.conn, &notice)?;
        let reader = Reader::find(session, person)?;
        let message = NewMessage {
            event,
            audience: "manager".into(),
            recipient: Some(person),
            address: None,
            template: "Candidates".into(),
            subject: during(reader.language, || sentence(&text).into_owned()),
            body: String::new(),
            created: session.now,
        };
        outbox::insert(session.conn, &message)?;
    }
    Ok(())
}

/// The proposals of a process in a state, the newest first, as far as the caller may see them.
///
/// # Errors
/// Not staff of the process; the database's.
pub fn list(session: &mut Session<'_>, caller: &Caller, process: &'static Process, state: &str) -> Result<Candidates> {
    let watch = watch_of(process)?;
    may_look(caller, process)?;
    let mut found = Candidates::default();
    for row in store::in_state(session.conn, process.key, state, i64::try_from(MOST).unwrap_or(i64::MAX))? {
        found.all.extend(shown(session, caller, process, watch, row)?);
    }
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().chain(category_of(watch)).collect();
    let records = found.all.iter().flat_map(|each| each.records.iter().map(|row| &row.record));
    found.names = names_of(session.conn, session.config, &fields, records)?;
    Ok(found)
}

fn category_of(watch: &Watch) -> Option<&'static FieldDef> {
    mainstay_processes::process(watch.process).and_then(|of| of.field("category"))
}

fn may_look(caller: &Caller, process: &'static Process) -> Result<()> {
    if caller.rights.is_staff_of(process.key) {
        return Ok(());
    }
    let says = format!("You may not see {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

/// A proposal as the caller may see it; none where too little of it is left.
fn shown(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    watch: &Watch,
    row: CandidateRow,
) -> Result<Option<Candidate>> {
    // What was taken has its cause; what was dismissed may have found one since.
    let ids =
        if row.state == OPEN { still(session, caller, process, watch, &row.members)? } else { row.members.clone() };
    let mut records: Vec<Row> =
        rows::whole_of(session, caller, &ids)?.into_iter().map(|(record, seen)| shown_row(record, seen)).collect();
    if records.len() < LEAST {
        return Ok(None);
    }
    records.sort_by_key(|row| (row.record.value(spine::OPENED.def.key).as_int(), row.record.id));
    badge(session, &mut records)?;
    let titles = records.iter().filter_map(|row| row.record.value(spine::TITLE.def.key).as_text());
    let words = correlate::shared_words(titles);
    let common = |key: &str| {
        let mut values = records.iter().map(|row| row.record.value(key).as_int());
        let first = values.next().flatten()?;
        values.all(|value| value == Some(first)).then_some(first)
    };
    let (service, category) = (common(spine::SERVICE.def.key), common("category"));
    Ok(Some(Candidate { row, records, words, service, category }))
}

/// One proposal that still waits, as the caller may see it.
fn waiting(session: &mut Session<'_>, caller: &Caller, process: &'static Process, id: i64) -> Result<Candidate> {
    let watch = watch_of(process)?;
    may_open(session, caller, process)?;
    let row = store::by_id(session.conn, process.key, id)?;
    let found = row.map(|row| shown(session, caller, process, watch, row)).transpose()?.flatten();
    let found = found.ok_or_else(|| Refusal::missing("candidate"))?;
    if found.row.state == OPEN { Ok(found) } else { Err(gone().into()) }
}

fn gone() -> Refusal {
    Refusal::conflict("not_open", "Somebody has opened or dismissed this candidate already.")
}

/// Opens a record from what is proposed: all that the caller sees of it is linked.
///
/// # Errors
/// No right; not the caller's to see; not open any more; whatever opening refuses.
pub fn open(session: &mut Session<'_>, caller: &Caller, process: &'static Process, id: i64) -> Result<View> {
    let found = waiting(session, caller, process, id)?;
    let number = |row: &Row| row.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    let opening = Opening { from: found.records.iter().map(number).collect(), ..Opening::default() };
    let view = open_record(session, caller, process, &opening)?;
    end(session, caller, &CandidateRow { state: TAKEN.into(), ..found.row }, None)?;
    Ok(view)
}

/// Dismisses what is proposed, with a reason; it stays away until it has grown by half.
///
/// # Errors
/// No right; not the caller's to see; not open any more; no reason.
pub fn dismiss(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    id: i64,
    reason: &str,
) -> Result<CandidateRow> {
    let found = waiting(session, caller, process, id)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let says = format!("Say in up to {LONGEST_REASON} letters why it is none.");
        let error = FieldError::new("reason", "required", says);
        Refusal::unless_empty(vec![error])?;
    }
    let row = CandidateRow { state: DISMISSED.into(), reason: Some(reason.to_owned()), ..found.row };
    end(session, caller, &row, Some(reason))?;
    Ok(row)
}

/// Keeps what became of a proposal, with a line in the log.
fn end(session: &mut Session<'_>, caller: &Caller, row: &CandidateRow, reason: Option<&str>) -> Result<()> {
    if !store::put(session.conn, row, OPEN)? {
        return Err(gone().into());
    }
    let event = NewEvent {
        at: session.now,
        actor: caller.person_id(),
        channel: caller.channel.key().to_owned(),
        subject: SUBJECT.into(),
        subject_id: row.id,
        process: None,
        verb: row.state.clone(),
        public: false,
        changes: "[]".into(),
        reason: reason.map(str::to_owned),
    };
    events::append(session.conn, &event)?;
    Ok(())
}
