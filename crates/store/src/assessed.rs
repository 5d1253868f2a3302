//! What the risk of records follows from, without regard to who asks: how earlier ones ended, which are under way, which
//! were begun lately. Each is a short range of an index, however many records there are.

use crate::sql::Sql;
use crate::{Conn, Result, Table};

/// By what records are like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Like<'a> {
    /// Their team.
    Team(i64),
    /// A column of their table with this value.
    Column(&'static str, i64),
    /// A link to this record by a relation.
    Linked(&'a str, i64),
}

/// What became of the last closed records like one: the newest `most` in which `outcome`, a column of the table, says
/// something; each with its id.
///
/// # Errors
/// [`crate::Error::Query`] for a column that the table has not; what the database refuses.
pub fn last(conn: &mut Conn, table: &Table, like: Like<'_>, outcome: &str, most: i64) -> Result<Vec<(i64, String)>> {
    table.kind(outcome)?;
    if let Like::Column(column, _) = like {
        table.kind(column)?;
    }
    let sql = closed(Sql::new(conn.dialect(), ""), table, like, outcome, most);
    conn.fetch(&sql.text, &sql.values)
}

fn closed(mut sql: Sql, table: &Table, like: Like<'_>, outcome: &str, most: i64) -> Sql {
    let (name, process) = (table.name, table.process);
    let (from, order) = match like {
        Like::Team(_) => (format!("record JOIN {name} AS own ON own.record = record.id"), "record.id"),
        Like::Column(..) => (format!("{name} AS own JOIN record ON record.id = own.record"), "own.record"),
        Like::Linked(..) => (
            format!(
                "link JOIN {name} AS own ON own.record = link.from_record JOIN record ON record.id = link.from_record"
            ),
            "link.from_record",
        ),
    };
    // The process is written out, as the indexes of its records name it.
    sql.push(&format!("SELECT record.id, own.{outcome} FROM {from} WHERE record.process = '{process}'"));
    sql.push(&format!(" AND record.phase = 3 AND own.{outcome} IS NOT NULL AND "));
    match like {
        Like::Team(team) => sql.push("record.team = ").bind(team),
        Like::Column(column, value) => sql.push(&format!("own.{column} = ")).bind(value),
        Like::Linked(relation, to) => {
            sql.push("link.to_record = ").bind(to).push(" AND link.relation = ").bind(relation)
        }
    };
    sql.push(&format!(" ORDER BY {order} DESC LIMIT ")).bind(most);
    sql
}

/// The ids of the records of a process that are not closed, behind one, in their order.
///
/// # Errors
/// What the database refuses.
pub fn underway(conn: &mut Conn, table: &Table, after: i64, most: i64) -> Result<Vec<i64>> {
    conn.fetch(&open(table), &[after.into(), most.into()])
}

fn open(table: &Table) -> String {
    let process = table.process;
    format!("SELECT id FROM record WHERE process = '{process}' AND phase < 3 AND id > $1 ORDER BY id LIMIT $2")
}

/// The ids of the records that were begun since an instant, the last first; `began` is a column of the table.
///
/// # Errors
/// [`crate::Error::Query`] for a column that the table has not; what the database refuses.
pub fn begun(conn: &mut Conn, table: &Table, began: &str, since: i64, most: i64) -> Result<Vec<i64>> {
    table.kind(began)?;
    let name = table.name;
    let sql = format!("SELECT record FROM {name} WHERE {began} >= $1 ORDER BY {began} DESC, record DESC LIMIT $2");
    conn.fetch(&sql, &[since.into(), most.into()])
}

/// Hands what some records are linked to by a relation to `take`: record, the other; in the order of the records.
///
/// # Errors
/// What the database refuses.
pub fn linked(conn: &mut Conn, records: &[i64], relation: &str, mut take: impl FnMut(i64, i64)) -> Result<()> {
    let mut sql = Sql::new(conn.dialect(), "SELECT from_record, to_record FROM link WHERE ");
    sql.is_one_of("from_record", records).push(" AND relation = ").bind(relation).push(" ORDER BY from_record");
    conn.each(&sql.text, &sql.values, |(from, to): (i64, i64)| {
        take(from, to);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::both;
    use crate::{Db, Dialect, Error, Value};

    fn table() -> Table {
        let columns = [("category", crate::ColumnType::Int), ("outcome", crate::ColumnType::Text)];
        Table { name: "change", process: "change", columns: columns.to_vec().leak() }
    }

    /// How a database would answer a statement when it has much to read.
    async fn plan(db: &Db, sql: String, values: Vec<Value>) -> String {
        let steps = db.read(move |conn| {
            if conn.dialect() == Dialect::Postgres {
                conn.batch("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")?;
                return Ok(conn.fetch::<String>(&format!("EXPLAIN {sql}"), &values)?.join("; "));
            }
            let rows: Vec<(i64, i64, i64, String)> = conn.fetch(&format!("EXPLAIN QUERY PLAN {sql}"), &values)?;
            Ok::<_, Error>(rows.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
        });
        steps.await.unwrap()
    }

    #[tokio::test]
    async fn earlier_records_and_those_under_way_are_ranges_of_an_index() {
        let asked = [
            (Like::Team(7), "record_closed_changes_of_team"),
            (Like::Column("category", 7), "change_ended_by_category"),
            (Like::Column("model", 7), "change_ended_by_model"),
            (Like::Linked("affects", 7), "link_back"),
        ];
        for db in both() {
            for (like, index) in asked {
                let sql = closed(Sql::new(db.dialect(), ""), &table(), like, "outcome", 20);
                let plan = plan(&db, sql.text, sql.values).await;
                assert!(plan.contains(index), "{like:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort "), "{like:?} is sorted: {plan}");
            }
            let plan = plan(&db, open(&table()), vec![Value::from(7_i64), Value::from(20_i64)]).await;
            assert!(plan.contains("record_changes_under_way"), "{plan}");
        }
    }
}
