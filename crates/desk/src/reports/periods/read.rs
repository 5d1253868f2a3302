//! What figures of a period rest on, read of every record of a scope or of some of them.

use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::reports::course::{Passage, passage, undoes};
use crate::reports::period::Period;
use mainstay_engine::clock::Metric;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_store::clocks::ClockRow;
use mainstay_store::reports::{self, Whose};
use mainstay_store::{Column, Filter, Op, Question, Scope};
use std::collections::HashSet;

/// Of whose records it is read.
#[derive(Clone, Copy)]
pub struct Of<'a> {
    pub scope: &'a Scope,
    pub process: &'static Process,
    /// Of these only.
    pub among: Option<&'a [i64]>,
}

const OPENED: Column = Column::Record(spine::OPENED.def.key);

impl Of<'_> {
    fn ids(&self, session: &mut Session<'_>, mut also: Vec<Filter>) -> Result<Vec<(i64, i64)>> {
        let these = |ids: &[i64]| Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect());
        also.extend(self.among.map(these));
        let filter = Filter::And(also);
        let question = Question { scope: self.scope, table: Some(records::table(self.process)), filter: &filter };
        let mut found = Vec::new();
        question.columns(session.conn, &[OPENED], |id, values| {
            found.push((id, values[0].as_int().unwrap_or_default()));
            Ok(())
        })?;
        Ok(found)
    }

    /// The records opened in the period, each with when.
    ///
    /// # Errors
    /// The database's.
    pub fn opened(&self, session: &mut Session<'_>, period: &Period) -> Result<Vec<(i64, i64)>> {
        let inside = vec![Filter::Is(OPENED, Op::Ge, period.from.into()), Filter::Is(OPENED, Op::Lt, period.to.into())];
        self.ids(session, inside)
    }

    /// The records that may have been live at an instant: those that are live, and those that have come to an end since.
    ///
    /// # Errors
    /// The database's.
    pub fn maybe_live(&self, session: &mut Session<'_>, at: i64) -> Result<Vec<(i64, ())>> {
        let before = || Filter::Is(OPENED, Op::Lt, at.into());
        let mut ids: Vec<i64> =
            self.ids(session, vec![Filter::Working, before()])?.into_iter().map(|(id, _)| id).collect();
        let (mut ended, process) = (Vec::new(), self.process.key);
        let whose = self.among.map_or(Whose::OpenedBefore(at), Whose::Among);
        reports::course(session.conn, self.scope, process, (at, i64::MAX), whose, |event| {
            ended.push(event.record);
            Ok(())
        })?;
        if self.among.is_some() && !ended.is_empty() {
            let older: HashSet<i64> = self.ids(session, vec![before()])?.into_iter().map(|(id, _)| id).collect();
            ended.retain(|id| older.contains(id));
        }
        ids.append(&mut ended);
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.into_iter().map(|id| (id, ())).collect())
    }

    /// What was resolved, closed, withdrawn or opened again in the period, and when.
    ///
    /// # Errors
    /// The database's.
    pub fn passages(&self, session: &mut Session<'_>, period: &Period) -> Result<Vec<(i64, (Passage, i64))>> {
        let (mut found, mut undone) = (Vec::new(), HashSet::new());
        let span = (period.from, period.to);
        let whose = self.among.map_or(Whose::All, Whose::Among);
        reports::course(session.conn, self.scope, self.process.key, span, whose, |event| {
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

    /// The clocks of a metric that came to a result in the period or were undecided at its end, and perhaps others.
    ///
    /// # Errors
    /// The database's.
    pub fn clocks(&self, session: &mut Session<'_>, metric: Metric, period: &Period) -> Result<Vec<ClockRow>> {
        let (span, process) = ((period.from, period.to), self.process.key);
        Ok(match self.among {
            None => reports::clocks(session.conn, self.scope, process, metric.key(), span)?,
            Some(ids) => reports::clocks_among(session.conn, self.scope, metric.key(), ids)?,
        })
    }
}
