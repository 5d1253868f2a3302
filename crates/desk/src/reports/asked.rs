//! A report as it was asked for: whose, of what, over which span; and the ways to the facts it follows from.

use super::course::Passage;
use super::group::By;
use super::open::Open;
use super::outcome::{Outcome, Verdict, is_exclusion, known};
use super::period::Period;
use super::periods::{self, Current, Of, Spent};
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
use mainstay_store::Scope;
use mainstay_store::clocks::ClockRow;
use mainstay_store::surveys::{self, Happened};
use serde_json::json;
use std::sync::Arc;

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
    /// What is kept of the period, once something was asked of it.
    current: Option<Arc<Current>>,
}

/// What had become of a clock at the end of the period.
#[derive(Clone, Copy, Debug)]
pub struct Timed {
    pub record: i64,
    /// The agreed amount, as rows of clocks have it.
    pub target: i64,
    pub outcome: Outcome,
    /// Time was excluded from it, then or later.
    pub excluded: bool,
    /// The result without excluded time; the same as the raw one where nothing was excluded. (SLM-20)
    pub adjusted: Option<Verdict>,
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
        let zone = zone(caller, params.zone.as_deref())?;
        let period = Period::read(params.from.as_deref(), params.to.as_deref(), zone, session.now)?;
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
        let reader = Reader::new(caller, process, fields);
        Ok(Self { session, caller, process, period, by, of, filter, filtered, reader, current: None })
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

    /// Whether that condition is about these fields alone.
    #[must_use]
    pub fn filters_by(&self, fields: &[&str]) -> bool {
        self.filtered.iter().all(|field| fields.contains(field))
    }

    /// Whether that condition is about this field too.
    #[must_use]
    pub fn heeds(&self, field: &str) -> bool {
        self.filtered.contains(&field)
    }

    /// Reads these fields of every record too.
    pub fn read_too(&mut self, fields: &[&'static FieldDef]) {
        self.reader = self.reader.and(self.caller, fields);
    }

    /// What is kept of the period, up to now, where anything is.
    fn current(&mut self) -> Result<Option<Arc<Current>>> {
        if let (None, Some(kept)) = (&self.current, self.session.kept.clone()) {
            let current = kept.periods().current(self.session, self.process, &self.period, kept.settled())?;
            self.current = Some(Arc::new(current));
        }
        Ok(self.current.clone())
    }

    /// Whether anything was answered from what is kept of the period.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.current.is_some()
    }

    /// What is read of the records without what is kept, and for what session.
    fn of(&mut self) -> (Of<'_>, &mut Session<'c>) {
        (Of { scope: self.reader.scope(), process: self.process, among: None }, self.session)
    }

    /// Hands every marked record that the filter lets through, as it stood before `at`, to `take`, mark by mark.
    ///
    /// # Errors
    /// The database's.
    pub fn each<M>(&mut self, mut marks: Vec<(i64, M)>, at: i64, mut take: impl FnMut(&Standing, &M)) -> Result<()> {
        marks.sort_by_key(|(record, _)| *record);
        let mut ids: Vec<i64> = marks.iter().map(|(record, _)| *record).collect();
        ids.dedup();
        let current = self.current()?;
        let filter = self.filter.as_ref();
        let mut marks = marks.as_slice();
        // Records come in order.
        let take = |standing: &Standing| {
            let before = marks.iter().take_while(|(record, _)| *record < standing.id).count();
            let rest = &marks[before..];
            let (own, rest) = rest.split_at(rest.iter().take_while(|(record, _)| *record == standing.id).count());
            marks = rest;
            if filter.is_none_or(|f| f.matches(&|key| standing.value(key))) {
                for (_, mark) in own {
                    take(standing, mark);
                }
            }
        };
        // Too many to be kept are read as they come.
        let few = ids.len().saturating_mul(self.reader.bytes()) < periods::MOST_BYTES;
        match current.as_ref().filter(|_| few).and_then(|current| current.facts()) {
            Some(mut facts) => facts.each(self.session, &self.reader, at, &ids, take),
            None => self.reader.each(self.session, &ids, at, take),
        }
    }

    /// The records opened in the period, each with when.
    ///
    /// # Errors
    /// The database's.
    pub fn opened(&mut self) -> Result<Vec<(i64, i64)>> {
        if let Some(mut facts) = self.current()?.as_ref().and_then(|current| current.facts()) {
            return facts.opened(self.session).map(<[_]>::to_vec);
        }
        let period = self.period.clone();
        let (of, session) = self.of();
        of.opened(session, &period)
    }

    /// The records that may have been live at an instant: those that are live, and those that have come to an end since.
    ///
    /// # Errors
    /// The database's.
    pub fn maybe_live(&mut self, at: i64) -> Result<Vec<(i64, ())>> {
        if let Some(mut facts) = self.current()?.as_ref().and_then(|current| current.facts()) {
            return facts.maybe_live(self.session, at).map(<[_]>::to_vec);
        }
        let (of, session) = self.of();
        of.maybe_live(session, at)
    }

    /// What was resolved, closed, withdrawn or opened again in the period, and when.
    ///
    /// # Errors
    /// The database's.
    pub fn passages(&mut self) -> Result<Vec<(i64, (Passage, i64))>> {
        if let Some(mut facts) = self.current()?.as_ref().and_then(|current| current.facts()) {
            return facts.passages(self.session).map(<[_]>::to_vec);
        }
        let period = self.period.clone();
        let (of, session) = self.of();
        of.passages(session, &period)
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
        Ok(surveys::happened(self.session.conn, self.reader.scope(), self.process.key, what, span)?)
    }

    /// The records about which the requester complained in the period: what has to be followed up and is no answer to
    /// the question how it went.
    ///
    /// # Errors
    /// The database's.
    pub fn complaints(&mut self) -> Result<Vec<(i64, i64)>> {
        let span = (self.period.from, self.period.to);
        let all = surveys::followed_up(self.session.conn, self.reader.scope(), self.process.key, span)?;
        let rated = |verb: &str| self.process.survey.is_some_and(|survey| survey.verb == verb);
        Ok(all.into_iter().filter(|(_, cause, _)| !rated(cause)).map(|(id, _, at)| (id, at)).collect())
    }

    /// The instant up to which the period has passed.
    #[must_use]
    pub fn until(&self) -> i64 {
        self.period.to.min(self.session.now + 1)
    }

    /// Where the time of these records went, each up to its instant: what is not known is worked out by `work_out`.
    ///
    /// # Errors
    /// The database's; what `work_out` answers.
    pub fn spent(
        &mut self,
        of: &[(&Standing, i64)],
        work_out: impl Fn(&mut Self, i64, i64) -> Result<Spent>,
    ) -> Result<Vec<Spent>> {
        let Some(current) = self.current()? else {
            return of.iter().map(|(standing, end)| work_out(self, standing.id, *end)).collect();
        };
        // The log tells more to whoever reads what is internal.
        let scope = self.caller.scope.internal_only();
        let known = of.iter().map(|(standing, _)| standing.known());
        let internal = Open::to(self.session, &scope, self.process.key, known)?;
        let mut all = Vec::with_capacity(of.len());
        for (standing, end) in of {
            let key = (standing.id, *end, internal.shows(standing.known()));
            let kept = current.facts().and_then(|mut facts| facts.spent().get(&key).cloned());
            let spent = kept.map_or_else(|| work_out(self, standing.id, *end), Ok)?;
            // What ends now ends a moment later the next time.
            if let Some(mut facts) = current.facts().filter(|_| *end <= self.session.now) {
                facts.spent().insert(key, spent.clone());
            }
            all.push(spent);
        }
        Ok(all)
    }

    /// Hands the clocks of a metric that came to a result in the period or were undecided at its end to `take`, and
    /// perhaps others.
    ///
    /// # Errors
    /// The database's; a clock that cannot be read.
    pub fn clocks(&mut self, metric: Metric, mut take: impl FnMut(&Timed)) -> Result<()> {
        if let Some(mut facts) = self.current()?.as_ref().and_then(|current| current.facts()) {
            return facts.clocks(self.session, metric, take);
        }
        let (period, until) = (self.period.clone(), self.until());
        let (of, session) = self.of();
        for row in of.clocks(session, metric, &period)? {
            take(&Timed::of(session, &row, &records::clock_of(&row)?, until)?);
        }
        Ok(())
    }
}

impl Timed {
    /// What had become of a clock at an instant.
    ///
    /// # Errors
    /// The database's.
    pub fn of(session: &mut Session<'_>, row: &ClockRow, clock: &Clock, at: i64) -> Result<Self> {
        let outcome = Outcome::at(clock.facts(), row.due, at);
        let excluded = clock.facts().iter().any(is_exclusion);
        let adjusted = if excluded { Self::adjusted(session, row, clock, at)? } else { outcome.verdict() };
        Ok(Self { record: row.record, target: row.target, outcome, excluded, adjusted })
    }

    /// Whatever was excluded counts, whenever somebody decided it: that is what the adjusted result is for.
    fn adjusted(session: &mut Session<'_>, row: &ClockRow, clock: &Clock, at: i64) -> Result<Option<Verdict>> {
        let before = Fact::standing(known(clock.facts(), at)).map(|(_, fact)| fact);
        let before = before.filter(|fact| !is_exclusion(fact) && !matches!(fact, Fact::Undone { .. }));
        let facts: Vec<&Fact> = before.chain(clock.facts().iter().filter(|fact| is_exclusion(fact))).collect();
        let Ok(then) = serde_json::from_value::<Clock>(json!({ "metric": clock.metric(), "facts": facts })) else {
            return Ok(None);
        };
        let terms = records::terms_of(session, row)?;
        let reading = then.read(&terms, at);
        Ok(reading.adjusted.and_then(|adjusted| {
            let met = adjusted.state.counts_as_met()?;
            let at = if met { reading.stopped_at } else { adjusted.breached_at }?;
            Some(Verdict { met, at })
        }))
    }
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
