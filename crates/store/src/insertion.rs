//! `INSERT` statements taken apart, so that rows can be given ids beforehand and sent together.

use tokio_postgres::types::Type;

/// Tables in an order in which what a row points to comes before it. One that others point to needs a place of its own.
const ORDER: &[&str] = &[
    "entry",
    "entry_version",
    "entry_reference",
    "record",
    "task",
    "approval_round",
    "meeting",
    OTHERS,
    "event",
    "comment",
    "attachment",
    "clock",
    "timer",
    "notice",
    "outbox",
];
/// All others, such as the tables of processes.
const OTHERS: &str = "";

/// An `INSERT` of one row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Insertion {
    pub(crate) table: String,
    pub(crate) sql: String,
    /// Several rows may go as one statement.
    pub(crate) spreads: bool,
    rank: usize,
    columns: String,
    places: String,
    tail: String,
    count: usize,
}

impl Insertion {
    /// Takes a statement apart; none when it is not an `INSERT … VALUES` of one row.
    pub(crate) fn read(sql: &str) -> Option<Self> {
        let rest = sql.trim_start().strip_prefix("INSERT INTO ")?;
        let (table, rest) = rest.split_once('(')?;
        let (columns, rest) = rest.split_once(')')?;
        let rest = rest.trim_start().strip_prefix("VALUES")?.trim_start().strip_prefix('(')?;
        let (places, tail) = rest.split_once(')')?;
        // A function call or a second row is not read further.
        if places.contains('(') || tail.trim_start().starts_with(',') || tail.contains("RETURNING") {
            return None;
        }
        let table = table.trim().to_owned();
        Some(Self {
            rank: rank(&table),
            count: highest(places)?,
            sql: sql.to_owned(),
            spreads: !tail.contains("DO UPDATE") && !tail.contains('$'),
            table,
            columns: columns.to_owned(),
            places: places.to_owned(),
            tail: tail.to_owned(),
        })
    }

    /// The same with the row's `id` as one more value, the last.
    pub(crate) fn with_id(self) -> Self {
        let (columns, count) = (format!("{}, id", self.columns), self.count + 1);
        let places = format!("{}, ${count}", self.places);
        let sql = format!("INSERT INTO {} ({columns}) VALUES ({places}){}", self.table, self.tail);
        Self { sql, columns, places, count, ..self }
    }

    /// The statement that takes the rows as one list for each value, whose types are given.
    pub(crate) fn spread(&self, types: &[Type]) -> String {
        let lists: Vec<_> = types.iter().zip(1..).map(|(kind, n)| format!("CAST(${n} AS {}[])", kind.name())).collect();
        let names: Vec<_> = (1..=types.len()).map(|n| format!("v{n}")).collect();
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS given ({}){}",
            self.table,
            self.columns,
            self.places.replace('$', "given.v"),
            lists.join(", "),
            names.join(", "),
            self.tail
        )
    }

    /// Where it stands among others of one run.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }
}

fn rank(table: &str) -> usize {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    place(table).or_else(|| place(OTHERS)).unwrap_or_default()
}

/// The highest placeholder; none when there is no number after a `$`.
fn highest(places: &str) -> Option<usize> {
    places.split('$').skip(1).try_fold(0, |most, rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        Some(most.max(rest[..end].parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::postgres;

    #[test]
    fn one_row_is_given_an_id_and_many_go_as_lists() {
        let sql = "INSERT INTO outbox (event, created, next_at, attempts)\n  VALUES ($1, $2, $2, 0)";
        let insertion = Insertion::read(sql).unwrap().with_id();
        assert_eq!(
            insertion.sql,
            "INSERT INTO outbox (event, created, next_at, attempts, id) VALUES ($1, $2, $2, 0, $3)"
        );
        assert_eq!(
            insertion.spread(&[Type::INT8, Type::TEXT, Type::INT8]),
            "INSERT INTO outbox (event, created, next_at, attempts, id) SELECT given.v1, given.v2, given.v2, 0, given.v3 \
             FROM unnest(CAST($1 AS int8[]), CAST($2 AS text[]), CAST($3 AS int8[])) AS given (v1, v2, v3)"
        );
    }

    #[test]
    fn what_is_not_one_plain_row_is_left_alone() {
        for sql in [
            "UPDATE record SET title = $1",
            "INSERT INTO comment (record) SELECT $2 FROM comment",
            "INSERT INTO setting (key) VALUES ($1), ($2)",
            "INSERT INTO setting (key) VALUES (lower($1))",
            "INSERT INTO entry (key) VALUES ($1) RETURNING id",
        ] {
            assert_eq!(Insertion::read(sql), None, "{sql}");
        }
        let either = "INSERT INTO timer (key) VALUES ($1) ON CONFLICT (key) DO UPDATE SET state = 'waiting'";
        assert!(!Insertion::read(either).unwrap().spreads);
        assert!(Insertion::read("INSERT INTO party (record) VALUES ($1) ON CONFLICT DO NOTHING").unwrap().spreads);
    }

    #[tokio::test]
    async fn what_a_row_points_to_goes_before_it() {
        let sql = "SELECT CAST(conrelid::regclass AS TEXT), CAST(confrelid::regclass AS TEXT) FROM pg_constraint
            WHERE contype = 'f' AND conrelid <> confrelid";
        let references: Vec<(String, String)> = postgres().read(move |c| c.fetch(sql, &[])).await.unwrap();
        assert!(references.len() > 10);
        for (from, to) in references {
            assert!(rank(&to) < rank(&from), "{from} points to {to}");
        }
    }
}
