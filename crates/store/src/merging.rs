//! One person instead of two: where the tables name people, and what becomes of it when two entries turn out to be one
//! person. What records and registers hold in declared fields is for whoever knows the declarations; this is the rest.

use crate::{Conn, Json, Result};

/// What becomes of the rows of somebody who turns out to be somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are of the person who stays.
    Moves,
    /// The same; where the person who stays has a row with these columns already, that one remains.
    Once(&'static str),
    /// The same; of two rows with this column the one remains that was written later.
    Newest(&'static str),
    /// They end with the person who leaves.
    Ends,
    /// They say who it was then, or are found by whoever asks for them.
    Stays,
    /// They name entries that are no people, or entries as such.
    Other,
}

/// A column that names entries.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What becomes of its rows.
    pub fate: Fate,
}

const fn place(table: &'static str, column: &'static str, fate: Fate) -> Place {
    Place { table, column, fate }
}

/// Every column that names entries, but those of records and of the processes' own tables that are declared as fields.
pub const PLACES: &[Place] = &[
    place("comment", "author", Fate::Moves),
    place("attachment", "author", Fate::Moves),
    place("task", "assignee", Fate::Moves),
    place("work_time", "person", Fate::Moves),
    place("approval", "approver", Fate::Once("round, part")),
    place("approval", "voter", Fate::Moves),
    place("conflict_accepted", "person", Fate::Moves),
    place("meeting", "chair", Fate::Moves),
    place("meeting_person", "person", Fate::Once("meeting")),
    place("party", "entry", Fate::Once("record, role")),
    place("affected", "person", Fate::Once("record")),
    place("legal_hold", "person", Fate::Moves),
    place("survey", "person", Fate::Moves),
    place("notice", "person", Fate::Once("event")),
    place("draft", "person", Fate::Newest("place")),
    place("begun_form", "person", Fate::Newest("form")),
    place("preference", "person", Fate::Once("name")),
    place("export_schedule", "person", Fate::Moves),
    place("export_file", "person", Fate::Moves),
    place("bulk_run", "person", Fate::Moves),
    place("account", "person", Fate::Ends),
    place("session", "person", Fate::Ends),
    place("secret_link", "person", Fate::Ends),
    // Revoked, and shown with the person who had them.
    place("token", "person", Fate::Stays),
    // Whoever looks as the person is told that they are out of use.
    place("session", "viewed", Fate::Stays),
    // A message finds its recipient when it leaves.
    place("outbox", "recipient", Fate::Stays),
    place("event", "actor", Fate::Stays),
    place("entry_version", "actor", Fate::Stays),
    place("link", "actor", Fate::Stays),
    place("clock", "adjusted_by", Fate::Stays),
    place("entry", "organisation", Fate::Other),
    place("entry_version", "entry", Fate::Other),
    place("entry_reference", "from_entry", Fate::Other),
    place("entry_reference", "to_entry", Fate::Other),
    place("record", "organisation", Fate::Other),
    place("record", "team", Fate::Other),
    place("record", "service", Fate::Other),
    place("task", "team", Fate::Other),
    place("approval_round", "policy", Fate::Other),
    place("meeting", "board", Fate::Other),
    place("sighting", "source", Fate::Other),
    place("parked", "source", Fate::Other),
    place("discrepancy", "source", Fate::Other),
    place("clock", "level", Fate::Other),
    place("clock", "calendar", Fate::Other),
];

impl Place {
    /// Whether its rows go over to the person who stays.
    #[must_use]
    pub fn moves(&self) -> bool {
        matches!(self.fate, Fate::Moves | Fate::Once(_) | Fate::Newest(_))
    }

    /// How many rows name a person, counted no further than `most`.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn count(&self, conn: &mut Conn, person: i64, most: i64) -> Result<i64> {
        let Self { table, column, .. } = self;
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} = $1 LIMIT $2) AS found");
        conn.one(&sql, &[person.into(), most.into()])
    }

    /// Does with the rows of `from` what becomes of them, and answers how many there were.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn carry(&self, conn: &mut Conn, from: i64, to: i64) -> Result<u64> {
        let Self { table, column, .. } = self;
        let both = [from.into(), to.into()];
        let twice = |key: &str| {
            format!(
                "DELETE FROM {table} WHERE {column} = $1 AND ({key}) IN (SELECT {key} FROM {table} WHERE {column} = $2)"
            )
        };
        let gone = match self.fate {
            Fate::Stays | Fate::Other => return Ok(0),
            Fate::Ends => return conn.run(&format!("DELETE FROM {table} WHERE {column} = $1"), &[from.into()]),
            Fate::Moves => 0,
            Fate::Once(key) => conn.run(&twice(key), &both)?,
            Fate::Newest(key) => {
                let older = format!(
                    "DELETE FROM {table} WHERE {column} = $2 AND EXISTS (SELECT 1 FROM {table} AS other
                        WHERE other.{column} = $1 AND other.{key} = {table}.{key} AND other.updated > {table}.updated)"
                );
                conn.run(&older, &both)?;
                conn.run(&twice(key), &both)?
            }
        };
        let moved = conn.run(&format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1"), &both)?;
        Ok(gone + moved)
    }
}

/// A column of records that names a person: of `record` itself, or of the table of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The process's own table; none for a column of `record`.
    pub table: Option<&'static str>,
    /// The column.
    pub column: &'static str,
}

/// What is open is indexed apart from what is over.
const PHASES: [&str; 2] = ["phase < 2", "phase >= 2"];

impl Named {
    /// Its records that name the person `$1`; those that are open, those that are over, or, of an own table, all.
    fn records(self) -> Vec<String> {
        let column = self.column;
        match self.table {
            Some(table) => vec![format!("SELECT record AS id FROM {table} WHERE {column} = $1")],
            None => {
                PHASES.iter().map(|phase| format!("SELECT id FROM record WHERE {column} = $1 AND {phase}")).collect()
            }
        }
    }

    /// How many records name a person, counted no further than `most`.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn count(self, conn: &mut Conn, person: i64, most: i64) -> Result<i64> {
        let all = self.records().join(" UNION ALL ");
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({all}) AS named LIMIT $2) AS found");
        conn.one(&sql, &[person.into(), most.into()])
    }

    /// The records in work that name a person, with their process.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn open(self, conn: &mut Conn, person: i64) -> Result<Vec<(i64, String)>> {
        let all = self.records();
        let sql = format!("SELECT id, process FROM record WHERE phase < 2 AND id IN ({}) ORDER BY id", all[0]);
        conn.fetch(&sql, &[person.into()])
    }

    /// Names `to` wherever `from` is named, and answers in how many records.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn carry(self, conn: &mut Conn, from: i64, to: i64) -> Result<u64> {
        let (column, both) = (self.column, [from.into(), to.into()]);
        let Some(table) = self.table else {
            let mut moved = 0;
            for phase in PHASES {
                moved +=
                    conn.run(&format!("UPDATE record SET {column} = $2 WHERE {column} = $1 AND {phase}"), &both)?;
            }
            return Ok(moved);
        };
        conn.run(&format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1"), &both)
    }
}

/// Gives every record that names a person in one of these columns its next version: whoever holds an older one has it
/// no longer.
///
/// # Errors
/// What the database refuses.
pub fn renew(conn: &mut Conn, columns: &[Named], person: i64) -> Result<()> {
    let all: Vec<String> = columns.iter().flat_map(|column| column.records()).collect();
    if all.is_empty() {
        return Ok(());
    }
    let sql = format!("UPDATE record SET version = version + 1 WHERE id IN ({})", all.join(" UNION "));
    conn.run(&sql, &[person.into()]).map(|_| ())
}

/// A record with its process, whether it is in work, and its fields of the organisation's own.
pub type Custom = (i64, String, bool, String);

/// The records of a process that hold a person in a field of the organisation's own; in order, at most `most`.
///
/// # Errors
/// What the database refuses.
pub fn custom_naming(conn: &mut Conn, process: &str, field: &str, person: i64, most: i64) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT record FROM custom_value WHERE process = $1 AND field = $2 AND number = $3 ORDER BY record LIMIT $4";
    conn.fetch(sql, &[process.into(), field.into(), person.into(), most.into()])
}

/// The records of a process that hold anything in a table of the organisation's own; in order.
///
/// # Errors
/// What the database refuses.
pub fn custom_filled(conn: &mut Conn, process: &str, field: &str) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT record FROM custom_value WHERE process = $1 AND field = $2 AND text IS NOT NULL ORDER BY record";
    conn.fetch(sql, &[process.into(), field.into()])
}

/// The fields of the organisation's own of a record.
///
/// # Errors
/// What the database refuses.
pub fn custom_of(conn: &mut Conn, record: i64) -> Result<Option<Custom>> {
    let sql = "SELECT id, process, phase < 2, custom FROM record WHERE id = $1 AND custom IS NOT NULL";
    let found: Option<(i64, String, bool, Json)> = conn.maybe(sql, &[record.into()])?;
    Ok(found.map(|(id, process, open, custom)| (id, process, open, custom.0)))
}

/// Writes the fields of the organisation's own of a record, which gets its next version.
///
/// # Errors
/// What the database refuses.
pub fn set_custom(conn: &mut Conn, record: i64, custom: &str) -> Result<()> {
    let sql = "UPDATE record SET custom = $2, version = version + 1 WHERE id = $1";
    conn.run(sql, &[record.into(), custom.into()]).map(|_| ())
}

/// The records with a list in a column of a process's own table, and that list; in order.
///
/// # Errors
/// What the database refuses.
pub fn lists(conn: &mut Conn, table: &str, column: &str) -> Result<Vec<Custom>> {
    let sql = format!(
        "SELECT record.id, record.process, record.phase < 2, {table}.{column} FROM {table} JOIN record ON record.id = {table}.record
            WHERE {table}.{column} IS NOT NULL ORDER BY record.id"
    );
    let found: Vec<(i64, String, bool, Json)> = conn.fetch(&sql, &[])?;
    Ok(found.into_iter().map(|(id, process, open, list)| (id, process, open, list.0)).collect())
}

/// Writes such a list of a record, which gets its next version.
///
/// # Errors
/// What the database refuses.
pub fn set_list(conn: &mut Conn, table: &str, column: &str, record: i64, list: &str) -> Result<()> {
    conn.run(&format!("UPDATE {table} SET {column} = $2 WHERE record = $1"), &[record.into(), list.into()])?;
    conn.run("UPDATE record SET version = version + 1 WHERE id = $1", &[record.into()]).map(|_| ())
}

/// Every scheduled export: its id, its process and what it asks for.
///
/// # Errors
/// What the database refuses.
pub fn schedules(conn: &mut Conn) -> Result<Vec<(i64, String, String)>> {
    conn.fetch("SELECT id, process, asked FROM export_schedule ORDER BY id", &[])
}

/// Writes what a scheduled export asks for.
///
/// # Errors
/// What the database refuses.
pub fn set_asked(conn: &mut Conn, schedule: i64, asked: &str) -> Result<()> {
    conn.run("UPDATE export_schedule SET asked = $2 WHERE id = $1", &[schedule.into(), asked.into()]).map(|_| ())
}
