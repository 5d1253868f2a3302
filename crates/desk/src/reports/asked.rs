//! A report as it was asked for: whose, of what, over which span; and the ways to the facts it follows from.

use super::course::{Passage, passage, undoes};
use super::group::{By, Linked};
use super::outcome::{Outcome, Verdict, is_exclusion, known, moved};
use super::period::Period;
use super::standing::{Reader, Standing, has_past};
use super::{Kind, Params};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use jiff::tz::TimeZone;
use mainstay_engine::clock::{Clock, Fact, Metric};
use mainstay_engine::condition::{Context, Resolved};
use mainstay_engine::field::{FieldDef, Kind as Holds};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::clocks::ClockRow;
use mainstay_store::reports::{self, Whose};
use mainstay_store::surveys::{self, Happened};
use mainstay_store::{Column, Filter, Op, Question, Scope};
use serde_json::json;
use std::collections::HashSet;

/// A report as it was asked for.
pub struct Asked<'s, 'c> {
    pub session: &'s mut Session<'c>,
    pub caller: &'s Caller,
    pub process: &'static Process,
    pub period: Period,
    pub by: By,
    /// The number that an ad-hoc report averages.
    pub of: Option<&'static FieldDef>,
    filter: Option<Resolved>,
    /// Keys of the fields that the condition is about.
    filtered: Vec<&'static str>,
    reader: Reader,
    /// The only records that it is about, in order, where it is about few.
    among: Option<Vec<i64>>,
    /// Records of which something becomes another by time alone, each with the instant from which on it may; only of a
    /// period that goes on.
    pub waiting: Vec<(i64, i64)>,
}

/// A clock and what had become of it at the end of the period.
pub struct Timed {
    pub row: ClockRow,
    pub outcome: Outcome,
    /// Time was excluded from it, then or later.
    pub excluded: bool,
    /// The result without excluded time; the same as the raw one where nothing was excluded. (SLM-20)
    pub adjusted: Option<Verdict>,
    /// From when on time alone may make another thing of it; none where only an event can.
    waits: Option<i64>,
}

impl<'s, 'c> Asked<'s, 'c> {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// A period, a grouping or a filter that cannot be read, or that rests on what has no past.
    pub fn read(
        session: &'s mut Session<'c>,
        caller: &'s Caller,
        process: &'static Process,
        kind: &Kind,
        params: &Params,
    ) -> Result<Self> {
        Self::read_of(session, caller, process, kind, params, None)
    }

    /// As [`Self::read`], of another period than that of the parameters.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_of(
        session: &'s mut Session<'c>,
        caller: &'s Caller,
        process: &'static Process,
        kind: &Kind,
        params: &Params,
        period: Option<Period>,
    ) -> Result<Self> {
        let read = || {
            let zone = zone(caller, params.zone.as_deref())?;
            Period::read(params.from.as_deref(), params.to.as_deref(), zone, session.now)
        };
        let period = period.map_or_else(read, Ok)?;
        let by = By::read(session, caller, process, params.group_by.as_deref().unwrap_or(kind.group_by))?;
        let of = params.of.as_deref().map(|key| measured(session, caller, process, key)).transpose()?;
        let mut fields: Vec<&'static FieldDef> = by.field().into_iter().chain(of).collect();
        fields.extend(kind.needs.iter().filter_map(|key| process.field(key)));
        let text = params.filter.as_deref().map(str::trim).filter(|f| !f.is_empty());
        let mut filtered = Vec::new();
        let filter = match text {
            None => None,
            Some(text) => {
                let (condition, checked) = records::read_condition(session, caller, process, text)?;
                for key in condition.fields() {
                    let field = records::readable(session, caller, process, key, "filter")?;
                    has_past(field)?;
                    filtered.push(field.key);
                    fields.push(field);
                }
                // Relative words mean the end of the period, so that they say the same later.
                let context = Context { now: period.to - 1, zone: period.zone.clone(), ..session.context_of(caller) };
                Some(records::of_visible(session, caller, process, checked.resolve(&context))?)
            }
        };
        let reader = Reader::new(caller, process, fields).linked(by.relation());
        let (among, waiting) = (None, Vec::new());
        Ok(Self { session, caller, process, period, by, of, filter, filtered, reader, among, waiting })
    }

    /// The same question as it is asked for everybody: of all records, or of those among some, whose ids are in order,
    /// with these fields and what the links of a relation name. `engine` is whom it is asked for.
    pub fn for_all(
        session: &'s mut Session<'c>,
        engine: &'s Caller,
        process: &'static Process,
        period: Period,
        (fields, relation, of): (Vec<&'static FieldDef>, Option<&'static str>, Option<&'static FieldDef>),
        among: Option<&[i64]>,
    ) -> Self {
        let reader = Reader::new(engine, process, fields).linked(relation);
        let (by, filter, filtered, among) = (By::Whole, None, Vec::new(), among.map(<[i64]>::to_vec));
        let waiting = Vec::new();
        Self { session, caller: engine, process, period, by, of, filter, filtered, reader, among, waiting }
    }

    /// Asks no longer about any but these records, whose ids are in order.
    pub fn look_among(&mut self, ids: Vec<i64>) {
        self.among = Some(ids);
    }

    /// Whom it is asked for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.reader.scope()
    }

    /// The condition that says about which of the visible records it is.
    #[must_use]
    pub fn filter(&self) -> Option<&Resolved> {
        self.filter.as_ref()
    }

    /// The fields that it is about.
    #[must_use]
    pub fn filtered(&self) -> &[&'static str] {
        &self.filtered
    }

    /// Whether that condition is about these fields alone.
    #[must_use]
    pub fn filters_by(&self, fields: &[&str]) -> bool {
        self.filtered.iter().all(|field| fields.contains(field))
    }

    /// Whether the period goes on: what it says depends on the present instant.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.period.to > self.session.now
    }

    /// Which of the records that these values name the reader sees, where rows stand for linked records.
    ///
    /// # Errors
    /// The database's.
    pub fn linked<'a>(&mut self, values: impl Iterator<Item = &'a Value>) -> Result<Option<Linked>> {
        let wanted = self.by.relation().is_some();
        wanted.then(|| Linked::among(self.session, self.caller, values)).transpose()
    }

    /// Reads these fields of every record too.
    pub fn read_too(&mut self, fields: &[&'static FieldDef]) {
        self.reader = self.reader.and(self.caller, fields);
    }

    /// Hands every marked record that the filter lets through, as it stood before `at`, to `take`, mark by mark.
    ///
    /// # Errors
    /// The database's.
    pub fn each<M>(&mut self, mut marks: Vec<(i64, M)>, at: i64, mut take: impl FnMut(&Standing, &M)) -> Result<()> {
        marks.sort_by_key(|(record, _)| *record);
        let mut ids: Vec<i64> = marks.iter().map(|(record, _)| *record).collect();
        ids.dedup();
        let filter = self.filter.as_ref();
        let (now, goes_on, waiting) = (self.session.now, self.goes_on(), &mut self.waiting);
        self.reader.each(self.session, &ids, at, |standing| {
            // Another clock was ahead of this one.
            if goes_on && standing.updated > now {
                waiting.push((i64::MIN, standing.id));
            }
            if filter.is_some_and(|f| !f.matches(&|key| standing.value(key))) {
                return;
            }
            let first = marks.partition_point(|(record, _)| *record < standing.id);
            marks[first..]
                .iter()
                .take_while(|(record, _)| *record == standing.id)
                .for_each(|(_, mark)| take(standing, mark));
        })
    }

    /// The records opened in the period, each with when.
    ///
    /// # Errors
    /// The database's.
    pub fn opened(&mut self) -> Result<Vec<(i64, i64)>> {
        let opened = Column::Record(spine::OPENED.def.key);
        let inside = vec![
            Filter::Is(opened, Op::Ge, self.period.from.into()),
            Filter::Is(opened, Op::Lt, self.period.to.into()),
        ];
        self.ids(Filter::And(inside), opened)
    }

    /// Hands every record that was open or on hold at an instant, with when it was opened, to `take`.
    ///
    /// # Errors
    /// The database's.
    pub fn live(&mut self, at: i64, mut take: impl FnMut(&Standing, i64)) -> Result<()> {
        let marks = self.maybe_live(at)?;
        self.each(marks, at, |standing, ()| {
            let opened = standing.value(spine::OPENED.def.key).as_int().unwrap_or(at);
            if standing.state.phase.is_live() && opened < at {
                take(standing, opened);
            }
        })
    }

    /// The records that may have been live at an instant: those that are live, and those that have come to an end since.
    fn maybe_live(&mut self, at: i64) -> Result<Vec<(i64, ())>> {
        let opened = Column::Record(spine::OPENED.def.key);
        let mut ids: Vec<i64> = self.ids(Filter::Working, opened)?.into_iter().map(|(id, _)| id).collect();
        let whose = Whose { opened_before: Some(at), among: self.among.as_deref() };
        reports::course(self.session.conn, self.reader.scope(), self.process.key, (at, i64::MAX), whose, |event| {
            ids.push(event.record);
            Ok(())
        })?;
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.into_iter().map(|id| (id, ())).collect())
    }

    fn ids(&mut self, filter: Filter, column: Column) -> Result<Vec<(i64, i64)>> {
        let filter = match &self.among {
            None => filter,
            Some(ids) => Filter::Few(ids.clone(), Box::new(filter)),
        };
        let table = Some(records::table(self.process));
        let question = Question { scope: self.reader.scope(), table, filter: &filter };
        let mut found = Vec::new();
        question.columns(self.session.conn, &[column], |id, values| {
            found.push((id, values[0].as_int().unwrap_or_default()));
            Ok(())
        })?;
        Ok(found)
    }

    /// What was resolved, closed, withdrawn or opened again in the period, and when.
    ///
    /// # Errors
    /// The database's.
    pub fn passages(&mut self) -> Result<Vec<(i64, (Passage, i64))>> {
        let (mut found, mut undone) = (Vec::new(), HashSet::new());
        let span = (self.period.from, self.period.to);
        let whose = Whose { opened_before: None, among: self.among.as_deref() };
        reports::course(self.session.conn, self.reader.scope(), self.process.key, span, whose, |event| {
            let taken_back = undoes(&event.changes);
            if !taken_back.is_empty() {
                undone.extend(taken_back.into_iter().map(|taken| (taken, event.id)));
            }
            found
                .extend(passage(self.process, &event.changes).map(|passed| (event.id, event.record, passed, event.at)));
            Ok(())
        })?;
        // What was taken back within the period never was.
        let (ids, mut silent) = (found.iter().map(|(id, ..)| *id).collect::<HashSet<i64>>(), HashSet::new());
        for (taken, by) in undone {
            if ids.contains(&taken) {
                silent.extend([taken, by]);
            }
        }
        let lasting = found.into_iter().filter(|(id, ..)| !silent.contains(id));
        Ok(lasting.map(|(_, record, passed, at)| (record, (passed, at))).collect())
    }

    /// The records resolved in the period, each once, with the last time.
    ///
    /// # Errors
    /// The database's.
    pub fn resolved(&mut self) -> Result<Vec<(i64, i64)>> {
        let mut last: Vec<(i64, i64)> = self
            .passages()?
            .into_iter()
            .filter(|(_, (passed, _))| *passed == Passage::Resolved)
            .map(|(id, (_, at))| (id, at))
            .collect();
        last.sort_unstable_by_key(|(id, at)| (*id, std::cmp::Reverse(*at)));
        last.dedup_by_key(|(id, _)| *id);
        Ok(last)
    }

    /// The records whose requester was asked how it went, or first answered, in the period, each with when.
    ///
    /// # Errors
    /// The database's.
    pub fn surveys(&mut self, what: Happened) -> Result<Vec<(i64, i64)>> {
        let span = (self.period.from, self.period.to);
        let (scope, among) = (self.reader.scope(), self.among.as_deref());
        Ok(surveys::happened(self.session.conn, scope, self.process.key, what, span, among)?)
    }

    /// The records about which the requester complained in the period: what has to be followed up and is no answer to
    /// the question how it went.
    ///
    /// # Errors
    /// The database's.
    pub fn complaints(&mut self) -> Result<Vec<(i64, i64)>> {
        let span = (self.period.from, self.period.to);
        let (scope, among) = (self.reader.scope(), self.among.as_deref());
        let all = surveys::followed_up(self.session.conn, scope, self.process.key, span, among)?;
        let rated = |verb: &str| self.process.survey.is_some_and(|survey| survey.verb == verb);
        Ok(all.into_iter().filter(|(_, cause, _)| !rated(cause)).map(|(id, _, at)| (id, at)).collect())
    }

    /// The instant up to which the period has passed.
    #[must_use]
    pub fn until(&self) -> i64 {
        self.period.to.min(self.session.now + 1)
    }

    /// The clocks of a metric that came to a result in the period or were undecided at its end.
    ///
    /// # Errors
    /// The database's; a clock that cannot be read.
    pub fn clocks(&mut self, metric: Metric) -> Result<Vec<Timed>> {
        let span = (self.period.from, self.period.to);
        let (scope, among) = (self.reader.scope(), self.among.as_deref());
        let rows = reports::clocks(self.session.conn, scope, self.process.key, metric.key(), span, among)?;
        let timed: Vec<Timed> = rows.into_iter().map(|row| self.timed(row)).collect::<Result<_>>()?;
        if self.goes_on() {
            self.waiting.extend(timed.iter().filter_map(|timed| Some((timed.waits?, timed.row.record))));
        }
        Ok(timed)
    }

    /// What had become of a clock at the end of the period.
    ///
    /// # Errors
    /// The database's; a clock that cannot be read.
    pub fn timed(&mut self, row: ClockRow) -> Result<Timed> {
        let at = self.until();
        let clock = records::clock_of(&row)?;
        let outcome = Outcome::at(clock.facts(), row.due, at);
        let excluded = clock.facts().iter().any(is_exclusion);
        let adjusted = if excluded { self.adjusted(&row, &clock, at)? } else { outcome.verdict() };
        let waits = waits(&clock, &row, &outcome, at);
        Ok(Timed { row, outcome, excluded, adjusted, waits })
    }

    /// Whatever was excluded counts, whenever somebody decided it: that is what the adjusted result is for.
    fn adjusted(&mut self, row: &ClockRow, clock: &Clock, at: i64) -> Result<Option<Verdict>> {
        let before = Fact::standing(known(clock.facts(), at)).map(|(_, fact)| fact);
        let before = before.filter(|fact| !is_exclusion(fact) && !matches!(fact, Fact::Undone { .. }));
        let facts: Vec<&Fact> = before.chain(clock.facts().iter().filter(|fact| is_exclusion(fact))).collect();
        let Ok(then) = serde_json::from_value::<Clock>(json!({ "metric": clock.metric(), "facts": facts })) else {
            return Ok(None);
        };
        let terms = records::terms_of(self.session, row)?;
        let reading = then.read(&terms, at);
        Ok(reading.adjusted.and_then(|adjusted| {
            let met = adjusted.state.counts_as_met()?;
            let at = if met { reading.stopped_at } else { adjusted.breached_at }?;
            Some(Verdict { met, at })
        }))
    }
}

/// From when on time alone may make another thing of a clock that is read at an instant.
fn waits(clock: &Clock, row: &ClockRow, outcome: &Outcome, at: i64) -> Option<i64> {
    let facts = clock.facts();
    let over = outcome.cancelled || outcome.stopped.is_some();
    // Another clock was ahead of this one, or excluded time is left out of what still runs.
    if facts.iter().filter_map(moved).any(|moved| moved >= at) || (!over && facts.iter().any(is_exclusion)) {
        return Some(i64::MIN);
    }
    let misses = |due: &i64| *due >= at && Outcome::at(facts, Some(*due), *due + 1).breached.is_some();
    row.due.filter(|due| !over && outcome.breached.is_none() && misses(due))
}

fn zone(caller: &Caller, name: Option<&str>) -> Result<TimeZone> {
    let Some(name) = name.filter(|n| !n.is_empty()) else { return Ok(caller.zone()) };
    let says = "It is the name of a time zone such as Europe/London.";
    let error = FieldError::new("zone", "unknown_zone", says);
    TimeZone::get(name).map_err(|_| Refusal { errors: vec![error], ..Refusal::invalid("unknown_zone", says) }.into())
}

/// A field that can be added up and averaged.
fn measured(session: &Session<'_>, caller: &Caller, process: &'static Process, key: &str) -> Result<&'static FieldDef> {
    let field = records::readable(session, caller, process, key, "of")?;
    if matches!(field.kind, Holds::Number { .. } | Holds::Money { .. } | Holds::Duration) && field.key != "phase" {
        return Ok(field);
    }
    let error = FieldError::new("of", "not_a_number", format!("{} is no number that could be averaged.", field.label));
    Err(Refusal { errors: vec![error.clone()], ..Refusal::invalid("not_a_number", error.detail) }.into())
}
