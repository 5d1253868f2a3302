//! A narrow table and records for it.

use mainstay_store::testing::Scratch;
use mainstay_store::{ColumnType, Spine, Table, Value, record};

pub const INCIDENT: Table = Table {
    process: "incident",
    name: "incident",
    columns: &[
        ("impact", ColumnType::Text),
        ("symptoms", ColumnType::Text),
        ("category", ColumnType::Int),
        ("flagged", ColumnType::Bool),
    ],
};

pub fn spine(n: i64) -> Spine {
    Spine {
        process: "incident".into(),
        number: format!("INC-{n}"),
        title: format!("Title {n}"),
        state: "new".into(),
        opened: 1000 + n,
        updated: 1000 + n,
        ..Spine::default()
    }
}

pub async fn insert(db: &Scratch, spine: Spine, narrow: Vec<(&'static str, Value)>) -> i64 {
    db.write(move |c| record::insert(c, &INCIDENT, &spine, &narrow)).await.unwrap()
}
