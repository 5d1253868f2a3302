//! The migrated schema holds exactly what the declarations say, on both databases.

use mainstay_desk::records;
use mainstay_store::testing::both;
use mainstay_store::{ColumnType, Conn, Dialect, Result, SPINE};
use std::collections::BTreeMap;

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
