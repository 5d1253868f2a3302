//! The migrated schema holds exactly what the declarations say, on both databases.

use mainstay_desk::records;
use mainstay_store::testing::both;
use mainstay_store::{ColumnType, Conn, Dialect, Result, SPINE};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of a table: name to type and whether one may be empty.
type Columns = BTreeMap<String, (String, bool)>;

fn columns(conn: &mut Conn, table: &'static str) -> Result<Columns> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => "SELECT name, lower(type), \"notnull\" = 0 AND pk = 0 FROM pragma_table_info($1)",
        Dialect::Postgres => {
            "SELECT column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1"
        }
    };
    let rows: Vec<(String, String, bool)> = conn.fetch(sql, &[table.into()])?;
    Ok(rows.into_iter().map(|(name, kind, empty)| (name, (kind, empty))).collect())
}

fn declared(columns: impl Iterator<Item = (&'static str, ColumnType, bool)>) -> Columns {
    let word = |kind| match kind {
        ColumnType::Text => "text",
        ColumnType::Int => "bigint",
        ColumnType::Bool => "boolean",
    };
    columns.map(|(name, kind, empty)| (name.to_owned(), (word(kind).to_owned(), empty))).collect()
}

#[tokio::test]
async fn tables_hold_exactly_the_columns_that_are_declared() {
    for db in both() {
        let sqlite = db.dialect() == Dialect::Sqlite;
        let spine = db.read(|c| columns(c, "record")).await.unwrap();
        let mut expected = declared(SPINE.iter().copied());
        if sqlite {
            // The one column type that SQLite numbers by itself.
            expected.insert("id".into(), ("integer".into(), false));
        } else {
            // Text to the program, and checked by the database.
            expected.insert("custom".into(), ("jsonb".into(), true));
        }
        assert_eq!(spine, expected, "record on {:?}", db.dialect());
        for process in mainstay_processes::ALL {
            let table = records::table(process);
            let own = table.columns.iter().map(|(name, kind)| (*name, *kind, true));
            let mut expected = declared(std::iter::once(("record", ColumnType::Int, false)).chain(own));
            let found = db.read(|c| columns(c, table.name)).await.unwrap();
            if sqlite {
                let id = found.get("record").cloned().expect("a key");
                expected.insert("record".into(), (id.0, false));
            }
            assert_eq!(found, expected, "{} on {:?}", table.name, db.dialect());
        }
    }
}

/// Every column of every table in a line: `table.column type`, and whether it may be empty.
const COLUMNS: [&str; 2] = [
    "SELECT t.name || '.' || c.name || ' ' || lower(c.type) || CASE WHEN c.\"notnull\" = 0 AND c.pk = 0 THEN ' or nothing' ELSE '' END
     FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'",
    "SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'YES' THEN ' or nothing' ELSE '' END
     FROM information_schema.columns WHERE table_schema = current_schema()",
];

/// Every index that was created by name: `table.index (columns) WHERE …`, an expression as a question mark.
const INDEXES: [&str; 2] = [
    "SELECT t.name || '.' || l.name || CASE l.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || ' ('
         || (SELECT group_concat(coalesce(i.name, '?'), ', ') FROM pragma_index_info(l.name) i) || ')'
         || CASE l.partial WHEN 1 THEN substr(s.sql, instr(s.sql, ' WHERE ')) ELSE '' END
     FROM sqlite_master t JOIN pragma_index_list(t.name) l JOIN sqlite_master s ON s.name = l.name
     WHERE t.type = 'table' AND l.origin = 'c'",
    "SELECT t.relname || '.' || i.relname || CASE WHEN x.indisunique THEN ' unique' ELSE '' END || ' ('
         || (SELECT string_agg(coalesce(a.attname::text, '?'), ', ' ORDER BY k.place)
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0) || ')'
         || coalesce(' WHERE ' || pg_get_expr(x.indpred, x.indrelid), '')
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
     JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = current_schema()
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u'))",
];

/// What may be there once only: `table (columns)` of primary keys and of `UNIQUE` in a table.
const KEYS: [&str; 2] = [
    "SELECT t.name || ' (' || (SELECT group_concat(c.name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk) c) || ')'
     FROM sqlite_master t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
     UNION SELECT t.name || ' (' || (SELECT group_concat(i.name, ', ') FROM pragma_index_info(l.name) i) || ')'
     FROM sqlite_master t JOIN pragma_index_list(t.name) l WHERE t.type = 'table' AND l.origin IN ('u', 'pk')",
    "SELECT t.relname || ' (' || (SELECT string_agg(a.attname::text, ', ' ORDER BY k.place)
         FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')'
     FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = current_schema() AND c.contype IN ('p', 'u')",
];

/// Without what only one database writes: the names of types, parentheses, casts, cases.
fn alike(line: &str) -> String {
    let mut line = line.to_lowercase().replace(['(', ')'], " ");
    for (own, common) in [
        (" integer", " bigint"),
        (" jsonb", " text"),
        (" bytea", " blob"),
        (" double precision", " real"),
        ("strpos", "instr"),
        ("::text", ""),
        ("::bigint", ""),
        ("!=", "<>"),
    ] {
        line = line.replace(own, common);
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Numbers come from blocks here, and from sequences on the other database.
const ONLY_SQLITE: &str = "number_block";

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_indexes_and_keys() {
    for questions in [COLUMNS, INDEXES, KEYS] {
        let mut found = Vec::new();
        for db in both() {
            let sql = questions[usize::from(db.dialect() == Dialect::Postgres)];
            let lines: Vec<Option<String>> = db.read(move |conn| conn.fetch(sql, &[])).await.unwrap();
            found.push(
                lines
                    .into_iter()
                    .flatten()
                    .map(|line| alike(&line))
                    .filter(|line| !line.starts_with(ONLY_SQLITE))
                    .collect::<BTreeSet<_>>(),
            );
        }
        let [sqlite, postgres] = &found[..] else { panic!("two databases") };
        assert!(sqlite.len() > 20, "{sqlite:?}");
        let only = |of: &BTreeSet<String>, other: &BTreeSet<String>| of.difference(other).cloned().collect::<Vec<_>>();
        assert_eq!(only(sqlite, postgres), only(postgres, sqlite), "what only SQLite has, and only PostgreSQL");
    }
}
