//! Everything the two databases say differently. All other SQL is written once.

use crate::{Conn, Result, Value};
use std::collections::BTreeMap;

/// Which database a connection speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One file, one writer.
    Sqlite,
    /// A server, many nodes.
    Postgres,
}

impl Dialect {
    /// Ends a query that claims rows, so that two nodes never claim the same one.
    #[must_use]
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The text, or the list as text, under a key of a JSON column; NULL when it is neither. `key` is quoted.
    pub(crate) fn json_text(self, column: &str, key: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "CASE WHEN json_type({column}, '$.\"' || {key} || '\"') IN ('text', 'array') THEN \
                 {column} ->> ('$.\"' || {key} || '\"') END"
            ),
            Self::Postgres => format!(
                "CASE WHEN jsonb_typeof({column} -> CAST({key} AS TEXT)) IN ('string', 'array') THEN \
                 {column} ->> CAST({key} AS TEXT) END"
            ),
        }
    }

    /// The whole number under a key of a JSON column; NULL when it is none.
    pub(crate) fn json_number(self, column: &str, key: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "CASE json_type({column}, '$.\"' || {key} || '\"') WHEN 'integer' THEN \
                 {column} ->> ('$.\"' || {key} || '\"') END"
            ),
            Self::Postgres => {
                let (json, text) =
                    (format!("({column} -> CAST({key} AS TEXT))"), format!("({column} ->> CAST({key} AS TEXT))"));
                format!(
                    "CASE WHEN jsonb_typeof({json}) = 'number' AND {text} ~ '^-?[0-9]{{1,18}}$' \
                     THEN CAST({text} AS BIGINT) END"
                )
            }
        }
    }

    /// The truth value under a key of a JSON column; NULL when it is none.
    pub(crate) fn json_truth(self, column: &str, key: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("CASE json_type({column}, '$.\"' || {key} || '\"') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END")
            }
            Self::Postgres => {
                format!("CASE {column} ->> CAST({key} AS TEXT) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END")
            }
        }
    }

    /// `expression` is one of the ids in the list that `place` stands for (`[1,2]` or `{1,2}`).
    pub(crate) fn one_of(self, expression: &str, place: &str) -> String {
        match self {
            Self::Sqlite => format!("{expression} IN (SELECT value FROM json_each({place}))"),
            Self::Postgres => format!("{expression} = ANY (CAST(CAST({place} AS TEXT) AS BIGINT[]))"),
        }
    }

    /// The JSON list in a text column, or under `key` of a JSON column, has an element equal to one of the texts
    /// that `places` stand for.
    pub(crate) fn list_has_any(self, column: &str, key: Option<&str>, places: &str) -> String {
        match (self, key) {
            (Self::Sqlite, None) => {
                format!("EXISTS (SELECT 1 FROM json_each({column}) AS item WHERE CAST(item.value AS TEXT) IN {places})")
            }
            (Self::Sqlite, Some(key)) => format!(
                "(json_type({column}, '$.\"' || {key} || '\"') = 'array' AND EXISTS (SELECT 1 FROM \
                 json_each({column}, '$.\"' || {key} || '\"') AS item WHERE CAST(item.value AS TEXT) IN {places}))"
            ),
            (Self::Postgres, None) => format!(
                "EXISTS (SELECT 1 FROM jsonb_array_elements_text(CAST({column} AS JSONB)) AS item (value) \
                 WHERE item.value IN {places})"
            ),
            (Self::Postgres, Some(key)) => {
                let list = format!("({column} -> CAST({key} AS TEXT))");
                format!(
                    "EXISTS (SELECT 1 FROM jsonb_array_elements_text(CASE jsonb_typeof({list}) WHEN 'array' THEN {list} \
                     ELSE '[]' END) AS item (value) WHERE item.value IN {places})"
                )
            }
        }
    }

    /// `column` matches a pattern without regard to case (`SQLite`: of ASCII letters only).
    pub(crate) fn like(self, column: &str, place: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} LIKE {place} ESCAPE '\\'"),
            Self::Postgres => format!("{column} ILIKE {place} ESCAPE '\\'"),
        }
    }

    /// A text with A to Z in small letters and all others as they are: what indexes by which records are known again hold.
    pub(crate) fn small_ascii(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("lower({text})"),
            Self::Postgres => format!("lower({text} COLLATE \"C\")"),
        }
    }

    /// The event set or cleared the instant at which its record was resolved or closed: the words of the partial
    /// index `event_of_course`, which serves only a query that repeats them.
    pub(crate) fn is_of_course(self) -> &'static str {
        match self {
            Self::Sqlite => {
                r#"event.subject = 'record' AND (instr(event.changes, '"field":"resolved"') > 0 OR instr(event.changes, '"field":"closed"') > 0)"#
            }
            Self::Postgres => {
                r#"event.subject = 'record' AND (strpos(event.changes, '"field":"resolved"') > 0 OR strpos(event.changes, '"field":"closed"') > 0)"#
            }
        }
    }

    /// A column such that no index is chosen for what is asked of it. `PostgreSQL` knows better by itself.
    pub(crate) fn without_index(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("+{column}"),
            Self::Postgres => column.to_owned(),
        }
    }

    /// Ends a query of rows that the transaction is about to change; `SQLite` has one writer anyway.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE OF record, narrow",
        }
    }

    /// Those of a list of external keys that a record of an origin has. Each is looked up in the index, also by a plan
    /// that was made when there were few records.
    pub(crate) fn external_keys(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT external_key FROM record WHERE origin = $1 AND external_key IN (SELECT value FROM json_each($2))"
            }
            Self::Postgres => {
                "SELECT asked.key FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS asked (key),
                 LATERAL (SELECT 1 FROM record WHERE origin = $1 AND external_key = asked.key LIMIT 1) AS found"
            }
        }
    }

    /// Id, register and name of so many entries: by their ids one by one, or as one list (`{1,2}`).
    pub(crate) fn entry_names(self, ids: usize) -> String {
        match self {
            Self::Sqlite => {
                let places: Vec<_> = (1..=ids).map(|n| format!("${n}")).collect();
                format!("SELECT id, register, name FROM entry WHERE id IN ({})", places.join(", "))
            }
            // One statement for any number, and each looked up in the index as above.
            Self::Postgres => "SELECT found.id, found.register, found.name
                 FROM unnest(CAST(CAST($1 AS TEXT) AS BIGINT[])) AS asked (id),
                 LATERAL (SELECT id, register, name FROM entry WHERE entry.id = asked.id LIMIT 1) AS found"
                .to_owned(),
        }
    }

    pub(crate) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    pub(crate) fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// True when the schema has the table.
pub(crate) fn has_table(conn: &mut Conn, table: &str) -> Result<bool> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = $1",
        Dialect::Postgres => "SELECT to_regclass($1) IS NOT NULL",
    };
    conn.one(sql, &[Value::from(table)])
}

/// A column as the schema has it.
pub(crate) struct Column {
    pub(crate) name: String,
    /// True for truth values, which `SQLite` hands out as numbers.
    pub(crate) truth: bool,
    text: bool,
}

/// The columns of a table in the order of their making.
pub(crate) fn columns(conn: &mut Conn, table: &str) -> Result<Vec<Column>> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => "SELECT name, lower(type) FROM pragma_table_info($1) ORDER BY cid",
        Dialect::Postgres => {
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    let found: Vec<(String, String)> = conn.fetch(sql, &[Value::from(table)])?;
    Ok(found.into_iter().map(|(name, kind)| Column { name, truth: kind == "boolean", text: kind == "text" }).collect())
}

/// Every table of the schema, by name.
pub(crate) fn tables(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        }
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables
             WHERE table_schema = current_schema() ORDER BY name"
        }
    };
    conn.fetch(sql, &[])
}

/// Orders by a column the same on both databases, whatever the language of the server.
pub(crate) fn bytewise(dialect: Dialect, columns: &[Column], name: &str) -> String {
    let text = columns.iter().any(|column| column.name == name && column.text);
    match dialect {
        Dialect::Postgres if text => format!("{name} COLLATE \"C\""),
        _ => name.to_owned(),
    }
}

/// The highest id that each table with ids of its own ever gave out.
pub(crate) fn highest_ids(conn: &mut Conn, tables: &[(&str, &[&str])]) -> Result<BTreeMap<String, i64>> {
    let mut highest = BTreeMap::new();
    for (table, _) in tables.iter().filter(|(_, key)| *key == ["id"]) {
        let id: Option<i64> = match conn.dialect() {
            Dialect::Sqlite => {
                conn.maybe("SELECT seq FROM sqlite_sequence WHERE name = $1 AND seq > 0", &[(*table).into()])?
            }
            Dialect::Postgres => {
                conn.one(&format!("SELECT CASE WHEN is_called THEN last_value END FROM {table}_id_seq"), &[])?
            }
        };
        highest.extend(id.map(|id| ((*table).to_owned(), id)));
    }
    Ok(highest)
}

/// The next record number of each process that has given out any.
pub(crate) fn next_numbers(conn: &mut Conn) -> Result<BTreeMap<String, i64>> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => "SELECT process, next FROM number_block",
        Dialect::Postgres => {
            "SELECT substr(CAST(sequencename AS TEXT), 8), last_value + 1 FROM pg_sequences
             WHERE schemaname = current_schema() AND sequencename LIKE 'number\\_%' AND last_value IS NOT NULL"
        }
    };
    let found: Vec<(String, i64)> = conn.fetch(sql, &[])?;
    Ok(found.into_iter().collect())
}

/// Lets ids and numbers go on from where they were.
pub(crate) fn set_counters(
    conn: &mut Conn,
    ids: &BTreeMap<String, i64>,
    numbers: &BTreeMap<String, i64>,
) -> Result<()> {
    match conn.dialect() {
        Dialect::Sqlite => {
            for (table, id) in ids {
                let values = [table.into(), (*id).into()];
                if conn.run("UPDATE sqlite_sequence SET seq = $2 WHERE name = $1", &values)? == 0 {
                    conn.run("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", &values)?;
                }
            }
            for (process, next) in numbers {
                let sql = "INSERT INTO number_block (process, next) VALUES ($1, $2)";
                conn.run(sql, &[process.into(), (*next).into()])?;
            }
        }
        Dialect::Postgres => {
            let sequences = ids.iter().map(|(table, id)| (format!("{table}_id_seq"), *id));
            let numbers = numbers.iter().map(|(process, next)| (format!("number_{process}"), next - 1));
            for (sequence, last) in sequences.chain(numbers).filter(|(_, last)| *last > 0) {
                conn.one::<i64>(
                    "SELECT setval(CAST(CAST($1 AS TEXT) AS regclass), $2)",
                    &[sequence.into(), last.into()],
                )?;
            }
        }
    }
    Ok(())
}
