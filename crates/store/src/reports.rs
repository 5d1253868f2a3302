//! What reports read: a few columns of many records, the events of a span that resolve, close or reopen, what has
//! changed since an instant, and clocks that may have come to a result in a span.

use crate::clocks::{self, ClockRow};
use crate::sql::Sql;
use crate::table::{Column, ColumnType};
use crate::{Columns, Conn, Dialect, Question, Result, Row, Scope, Value};

/// What happened to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    pub id: i64,
    pub record: i64,
    /// Epoch milliseconds UTC.
    pub at: i64,
    /// What changed, as JSON.
    pub changes: String,
}

impl Question<'_> {
    /// Hands the id of every record and these columns of it to `take`, in no order.
    ///
    /// # Errors
    /// [`crate::Error::Query`] for a column no table has; what `take` answers.
    pub fn columns(
        &self,
        conn: &mut Conn,
        columns: &[Column],
        mut take: impl FnMut(i64, Vec<Value>) -> Result<()>,
    ) -> Result<()> {
        let (mut sql, kinds) = self.selecting(conn, columns)?;
        let narrowed = self.narrowed(conn)?;
        self.with(narrowed.as_ref()).tables_and_conditions(&mut sql, columns.iter().any(|c| c.is_narrow()), None)?;
        conn.each(&sql.text, &sql.values, |row| {
            let (id, values) = tidied(row, &kinds);
            take(id, values)
        })
    }

    /// The beginning of a query for the id and these columns, and what the columns hold.
    pub(crate) fn selecting(&self, conn: &Conn, columns: &[Column]) -> Result<(Sql, Vec<ColumnType>)> {
        let mut sql = Sql::new(conn.dialect(), "SELECT record.id");
        let mut kinds = Vec::with_capacity(columns.len());
        for column in columns {
            let written = column.written(conn.dialect(), self.table)?;
            sql.push(", ").push(&written.sql);
            kinds.push(written.kind);
        }
        Ok((sql, kinds))
    }
}

/// A row of an id and columns that hold these kinds.
pub(crate) fn tidied(row: Vec<Value>, kinds: &[ColumnType]) -> (i64, Vec<Value>) {
    let mut values = row.into_iter();
    let id = values.next().and_then(|id| id.as_int()).unwrap_or_default();
    (id, values.zip(kinds).map(|(value, kind)| kind.tidy(value)).collect())
}

/// Whose course is asked for: of every record of the process that is named by no other condition.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whose<'a> {
    /// Of those opened before this instant, in epoch milliseconds UTC.
    pub opened_before: Option<i64>,
    /// Of these records of the process, which are few.
    pub among: Option<&'a [i64]>,
}

/// Hands every event from `from` to before `until` that resolved, closed or reopened a visible record of the process
/// to `take`. Both in epoch milliseconds UTC.
///
/// # Errors
/// What the database refuses; what `take` answers.
pub fn course(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    (from, until): (i64, i64),
    whose: Whose<'_>,
    mut take: impl FnMut(Happening) -> Result<()>,
) -> Result<()> {
    let mut sql = Sql::new(conn.dialect(), "SELECT event.id, event.subject_id, event.at, event.changes FROM event");
    sql.push(" JOIN record ON record.id = event.subject_id WHERE ");
    match whose.among {
        // Without the process, so that the history of each is read instead of everybody's course.
        Some(ids) => sql.is_one_of("event.subject_id", ids),
        None => sql.push("event.process = ").bind(process),
    };
    if let Some(before) = whose.opened_before {
        sql.push(" AND record.opened < ").bind(before);
    }
    sql.push(" AND event.at >= ").bind(from).push(" AND event.at < ").bind(until).push(" AND ");
    let of_course = sql.dialect.is_of_course();
    sql.push(of_course);
    sql.push(" AND ");
    scope.visible(&mut sql);
    conn.each(&sql.text, &sql.values, |(id, record, at, changes)| take(Happening { id, record, at, changes }))
}

/// Hands what changed in these visible records from `at` on to `take`, oldest first, as JSON.
///
/// # Errors
/// What the database refuses; what `take` answers.
pub fn changes_since(
    conn: &mut Conn,
    scope: &Scope,
    records: &[i64],
    at: i64,
    mut take: impl FnMut(i64, &str) -> Result<()>,
) -> Result<()> {
    let mut sql = Sql::new(conn.dialect(), "SELECT event.subject_id, event.changes FROM event");
    sql.push(" JOIN record ON record.id = event.subject_id WHERE event.subject = 'record' AND ");
    sql.is_one_of("event.subject_id", records).push(" AND event.at >= ").bind(at).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY event.id");
    conn.each(&sql.text, &sql.values, |(record, changes): (i64, String)| take(record, &changes))
}

/// The clocks of one metric on visible records of a process that may have come to a result from `from` to before
/// `until`, or were undecided at `until`: what became of them there follows from their facts. With `among` only those
/// on these records, which are few.
///
/// # Errors
/// What the database refuses.
pub fn clocks(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    metric: &str,
    span: (i64, i64),
    among: Option<&[i64]>,
) -> Result<Vec<ClockRow>> {
    let mut found: Vec<ClockRow> = Vec::new();
    for part in Part::ALL {
        let sql = part.asked(conn.dialect(), &clocks::columns(), scope, (process, metric), span, among);
        found.extend(conn.fetch::<ClockRow>(&sql.text, &sql.values)?);
    }
    found.sort_unstable_by_key(|clock| clock.id);
    found.dedup_by_key(|clock| clock.id);
    Ok(found)
}

/// The records of the clocks that [`clocks`] reads, some more than once.
///
/// # Errors
/// What the database refuses.
pub fn records_of_clocks(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    metric: &str,
    span: (i64, i64),
) -> Result<Vec<i64>> {
    let mut found: Vec<i64> = Vec::new();
    for part in Part::ALL {
        let sql = part.asked(conn.dialect(), "clock.record", scope, (process, metric), span, None);
        found.extend(conn.fetch::<i64>(&sql.text, &sql.values)?);
    }
    Ok(found)
}

/// The clocks of one metric on the visible ones among these records.
///
/// # Errors
/// What the database refuses.
pub fn clocks_among(conn: &mut Conn, scope: &Scope, metric: &str, records: &[i64]) -> Result<Vec<ClockRow>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(&clocks::columns()).push(" FROM clock JOIN record ON record.id = clock.record WHERE clock.metric = ");
    sql.bind(metric).push(" AND ").is_one_of("clock.record", records).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY clock.id");
    conn.fetch(&sql.text, &sql.values)
}

/// What happened to the visible ones among these records, which are few, before `until`, record by record and oldest
/// first; internal events only of those whose internal content is open.
///
/// # Errors
/// What the database refuses.
pub fn happenings(conn: &mut Conn, scope: &Scope, records: &[i64], until: i64) -> Result<Vec<Happening>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT event.id, event.subject_id, event.at, event.changes FROM event");
    sql.push(" JOIN record ON record.id = event.subject_id WHERE event.subject = 'record' AND ");
    sql.is_one_of("event.subject_id", records).push(" AND event.at < ").bind(until).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" AND (event.public OR ");
    scope.internal_only().visible(&mut sql);
    sql.push(") ORDER BY event.subject_id, event.id");
    let mut found = Vec::new();
    conn.each(&sql.text, &sql.values, |(id, record, at, changes)| {
        found.push(Happening { id, record, at, changes });
        Ok(())
    })?;
    Ok(found)
}

/// The numbers of records, without regard to who asks: who may read them is asked by whoever shows them.
///
/// # Errors
/// What the database refuses.
pub fn numbers(conn: &mut Conn, records: &[i64]) -> Result<Vec<(i64, String)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id, record.number FROM record WHERE ");
    sql.is_one_of("record.id", records);
    conn.fetch(&sql.text, &sql.values)
}

/// What these records are called, as far as they are visible: number and title.
///
/// # Errors
/// What the database refuses.
pub fn titles(conn: &mut Conn, scope: &Scope, numbers: &[&str]) -> Result<Vec<(String, String)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.number, record.title FROM record WHERE record.number IN ");
    sql.joined(", ", "NULL", numbers, |sql, number| {
        sql.bind(*number);
    });
    sql.push(" AND ");
    scope.visible(&mut sql);
    conn.fetch(&sql.text, &sql.values)
}

/// Which of these records are visible, in order.
///
/// # Errors
/// What the database refuses.
pub fn visible_among(conn: &mut Conn, scope: &Scope, records: &[i64]) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id FROM record WHERE ");
    sql.is_one_of("record.id", records).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id");
    conn.fetch(&sql.text, &sql.values)
}

/// The records of a process that a caller sees whatever their grants: as a party, or because they asked for them.
///
/// # Errors
/// What the database refuses.
pub fn own(conn: &mut Conn, scope: &Scope, process: &str) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id FROM record WHERE record.process = ");
    sql.bind(process).push(" AND ");
    scope.own(&mut sql);
    sql.push(" ORDER BY record.id");
    conn.fetch(&sql.text, &sql.values)
}

/// Each is answered from an index of its own.
#[derive(Clone, Copy)]
enum Part {
    Stopped,
    Breached,
    Live,
    Cancelled,
}

impl Part {
    const ALL: [Self; 4] = [Self::Stopped, Self::Breached, Self::Live, Self::Cancelled];

    fn asked(
        self,
        dialect: Dialect,
        columns: &str,
        scope: &Scope,
        (process, metric): (&str, &str),
        (from, until): (i64, i64),
        among: Option<&[i64]>,
    ) -> Sql {
        let mut sql = Sql::new(dialect, "SELECT ");
        sql.push(columns).push(" FROM clock JOIN record ON record.id = clock.record WHERE clock.metric = ");
        sql.bind(metric).push(" AND clock.started < ").bind(until);
        // Few records are found by their own index, whatever else is known of them.
        let column = |name: &str| if among.is_some() { dialect.without_index(name) } else { name.to_owned() };
        let (stopped, breached, state) = (column("clock.stopped"), column("clock.breached"), column("clock.state"));
        match self {
            Self::Stopped => sql.push(&format!(" AND {stopped} >= ")).bind(from),
            Self::Breached => sql.push(&format!(" AND {breached} >= ")).bind(from),
            Self::Live => sql.push(&format!(" AND {state} IN ('running', 'paused')")),
            Self::Cancelled => sql.push(&format!(" AND {state} = 'cancelled' AND record.closed >= ")).bind(from),
        };
        if let Some(ids) = among {
            sql.push(" AND ").is_one_of("clock.record", ids);
        }
        sql.push(&format!(" AND {} = ", column("record.process"))).bind(process).push(" AND ");
        scope.visible(&mut sql);
        sql
    }
}

/// A clock with what its record says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub clock: ClockRow,
    pub number: String,
    pub priority: Option<i64>,
}

impl Row for Begun {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { clock: ClockRow::read(c)?, number: c.get(17)?, priority: c.get(18)? })
    }
}

/// The clocks of a service level on visible records of a process opened from `from` to before `until`, oldest first, at
/// most `limit`.
///
/// # Errors
/// What the database refuses.
pub fn begun(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    level: i64,
    (from, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Begun>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(&clocks::columns()).push(", record.number, record.priority FROM record");
    sql.push(" JOIN clock ON clock.record = record.id WHERE record.process = ").bind(process);
    sql.push(" AND record.opened >= ").bind(from).push(" AND record.opened < ").bind(until);
    sql.push(" AND clock.level = ").bind(level).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.opened, record.id, clock.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests of queries make scopes")]
mod tests {
    use super::*;
    use crate::testing::{both, sqlite};
    use crate::{Db, Error, Filter};

    /// How a database would answer a statement when it has much to read.
    async fn plan(db: &Db, sql: &'static str) -> String {
        let steps = db.read(move |conn| {
            let sql = sql.replace("{course}", conn.dialect().is_of_course());
            if conn.dialect() == Dialect::Postgres {
                conn.batch("SET LOCAL enable_seqscan = off")?;
                return Ok(conn.fetch::<String>(&format!("EXPLAIN {sql}"), &[])?.join("; "));
            }
            let rows: Vec<(i64, i64, i64, String)> = conn.fetch(&format!("EXPLAIN QUERY PLAN {sql}"), &[])?;
            Ok::<_, Error>(rows.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
        });
        steps.await.unwrap()
    }

    #[tokio::test]
    async fn a_period_is_read_through_its_own_indexes() {
        let course = "SELECT event.changes FROM event JOIN record ON record.id = event.subject_id
            WHERE event.process = 'incident' AND event.at >= 1 AND event.at < 2 AND {course}";
        let stopped = "SELECT clock.facts FROM clock JOIN record ON record.id = clock.record
            WHERE clock.metric = 'response' AND clock.started < 9 AND clock.stopped >= 1 AND record.process = 'incident'";
        let breached = "SELECT clock.facts FROM clock JOIN record ON record.id = clock.record
            WHERE clock.metric = 'response' AND clock.started < 9 AND clock.breached >= 1 AND record.process = 'incident'";
        for db in both() {
            for (sql, index) in [(course, "event_of_course"), (stopped, "clock_by_stop"), (breached, "clock_by_breach")]
            {
                let plan = plan(&db, sql).await;
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
    }

    #[tokio::test]
    async fn few_records_are_read_through_their_own_index_whatever_the_period() {
        // The other database has to have rows before it chooses.
        let db = sqlite();
        for part in Part::ALL {
            let steps = db.read(move |conn| {
                let scope = Scope::system();
                let sql =
                    part.asked(conn.dialect(), "clock.id", &scope, ("incident", "response"), (1, 9), Some(&[4, 5]));
                let steps: Vec<(i64, i64, i64, String)> =
                    conn.fetch(&format!("EXPLAIN QUERY PLAN {}", sql.text), &sql.values)?;
                Ok::<_, Error>(steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
            });
            let plan = steps.await.unwrap();
            assert!(plan.contains("SEARCH clock USING INDEX clock_by_record"), "{plan}");
        }
    }

    #[tokio::test]
    async fn columns_come_in_the_order_asked_for() {
        let db = sqlite();
        db.write(|conn| {
            conn.run(
                "INSERT INTO record (process, number, title, state, phase, restricted, opened, updated, version)
                 VALUES ('incident', 'INC-1', 'Printer', 'new', 0, TRUE, 5, 6, 1)",
                &[],
            )
        })
        .await
        .unwrap();
        let asked = [Column::Record("updated"), Column::Record("restricted"), Column::Record("title")];
        let rows = db
            .read(move |conn| {
                let mut rows = Vec::new();
                let question = Question { scope: &Scope::system(), table: None, filter: &Filter::Always };
                question.columns(conn, &asked, |id, values| {
                    rows.push((id, values));
                    Ok(())
                })?;
                Ok::<_, Error>(rows)
            })
            .await
            .unwrap();
        assert_eq!(rows, vec![(1, vec![Value::Int(6), Value::Bool(true), Value::from("Printer")])]);
    }
}
