//! What sources tell of records: when each was seen last, what was said, and the rows that fit no record.

use crate::sql::Sql;
use crate::{Column, Columns, Conn, Error, Result, Row, Scope, Table, Value, custom};

/// A record as one source knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SightingRow {
    pub id: i64,
    pub source: i64,
    /// Its key there.
    pub external_key: String,
    pub record: i64,
    /// What the source said last: values by field, as a JSON object.
    pub said: String,
    /// Those of the values that it wrote into the record, likewise.
    pub wrote: String,
    /// When it told of it first and last, in epoch milliseconds UTC.
    pub first: i64,
    pub last: i64,
}

const SIGHTING: &str = "id, source, external_key, record, said, wrote, first, last";

impl Row for SightingRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            source: c.get(1)?,
            external_key: c.get(2)?,
            record: c.get(3)?,
            said: c.get(4)?,
            wrote: c.get(5)?,
            first: c.get(6)?,
            last: c.get(7)?,
        })
    }
}

/// A record under its key of a source.
///
/// # Errors
/// The database's.
pub fn by_key(conn: &mut Conn, source: i64, key: &str) -> Result<Option<SightingRow>> {
    let sql = format!("SELECT {SIGHTING} FROM sighting WHERE source = $1 AND external_key = $2");
    conn.maybe(&sql, &[source.into(), key.into()])
}

/// All that sources tell of a record, the first that did so first.
///
/// # Errors
/// The database's.
pub fn of_record(conn: &mut Conn, record: i64) -> Result<Vec<SightingRow>> {
    conn.fetch(&format!("SELECT {SIGHTING} FROM sighting WHERE record = $1 ORDER BY id"), &[record.into()])
}

/// Keeps what a source tells first of a record.
///
/// # Errors
/// [`Error::Conflict`] when it has told of one under that key already.
pub fn insert(conn: &mut Conn, row: &SightingRow) -> Result<i64> {
    let sql = "INSERT INTO sighting (source, external_key, record, said, wrote, first, last)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        row.source.into(),
        row.external_key.as_str().into(),
        row.record.into(),
        row.said.as_str().into(),
        row.wrote.as_str().into(),
        row.first.into(),
        row.last.into(),
    ];
    conn.insert(sql, &values)
}

/// Keeps what a source tells now.
///
/// # Errors
/// [`Error::Conflict`] when its key became one that is taken.
pub fn update(conn: &mut Conn, row: &SightingRow) -> Result<()> {
    let sql = "UPDATE sighting SET external_key = $2, said = $3, wrote = $4, last = $5 WHERE id = $1";
    let values = [
        row.id.into(),
        row.external_key.as_str().into(),
        row.said.as_str().into(),
        row.wrote.as_str().into(),
        row.last.into(),
    ];
    conn.run_later(sql, &values)
}

/// How many records that are not closed a source told of, how many of them not since an instant, and when it told of
/// anything last.
///
/// # Errors
/// The database's.
pub fn counted(conn: &mut Conn, source: i64, since: Option<i64>) -> Result<(i64, i64, Option<i64>)> {
    const LIVE: &str = "SELECT count(*) FROM sighting JOIN record ON record.id = sighting.record
        WHERE sighting.source = $1 AND record.phase < 3";
    let all: i64 = conn.one(LIVE, &[source.into()])?;
    let last = conn.one("SELECT max(last) FROM sighting WHERE source = $1", &[source.into()])?;
    let stale = match since {
        Some(since) => conn.one(&format!("{LIVE} AND sighting.last < $2"), &[source.into(), since.into()])?,
        None => 0,
    };
    Ok((all, stale, last))
}

/// What a source has not told of since an instant, of the records that the caller sees and that are not closed: what it
/// missed longest first.
///
/// # Errors
/// The database's.
pub fn stale(conn: &mut Conn, scope: &Scope, source: i64, since: i64, limit: i64) -> Result<Vec<SightingRow>> {
    let columns: Vec<String> = SIGHTING.split(", ").map(|column| format!("sighting.{column}")).collect();
    let begin = format!(
        "SELECT {} FROM sighting JOIN record ON record.id = sighting.record WHERE record.phase < 3 AND sighting.source = ",
        columns.join(", ")
    );
    let mut sql = Sql::new(conn.dialect(), &begin);
    sql.bind(source).push(" AND sighting.last < ").bind(since).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY sighting.last, sighting.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// A row of a source that waits for a person, or that somebody said to leave aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParkedRow {
    pub id: i64,
    pub source: i64,
    pub external_key: String,
    /// Key of the process that the row is for.
    pub process: String,
    pub title: String,
    /// What the source said: state and values by field, as JSON.
    pub said: String,
    /// Ids of the records that it may be.
    pub candidates: Vec<i64>,
    /// Why it waits: `unmatched`, `ambiguous` or `duplicate`.
    pub why: String,
    /// `open` or `ignored`.
    pub state: String,
    /// Why it was left aside.
    pub reason: Option<String>,
    pub first: i64,
    pub last: i64,
}

const PARKED: &str = "id, source, external_key, process, title, said, candidates, why, state, reason, first, last";

impl Row for ParkedRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        let candidates: String = c.get(6)?;
        Ok(Self {
            id: c.get(0)?,
            source: c.get(1)?,
            external_key: c.get(2)?,
            process: c.get(3)?,
            title: c.get(4)?,
            said: c.get(5)?,
            candidates: serde_json::from_str(&candidates).unwrap_or_default(),
            why: c.get(7)?,
            state: c.get(8)?,
            reason: c.get(9)?,
            first: c.get(10)?,
            last: c.get(11)?,
        })
    }
}

/// The rows of a process in a state after an id, the oldest first.
///
/// # Errors
/// The database's.
pub fn parked(conn: &mut Conn, process: &str, state: &str, after: i64, limit: i64) -> Result<Vec<ParkedRow>> {
    let sql = format!("SELECT {PARKED} FROM parked WHERE process = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4");
    conn.fetch(&sql, &[process.into(), state.into(), after.into(), limit.into()])
}

/// One of them.
///
/// # Errors
/// The database's.
pub fn parked_by_id(conn: &mut Conn, process: &str, id: i64) -> Result<Option<ParkedRow>> {
    let sql = format!("SELECT {PARKED} FROM parked WHERE process = $1 AND id = $2");
    conn.maybe(&sql, &[process.into(), id.into()])
}

/// The row that waits under a key of a source.
///
/// # Errors
/// The database's.
pub fn parked_by_key(conn: &mut Conn, source: i64, key: &str) -> Result<Option<ParkedRow>> {
    let sql = format!("SELECT {PARKED} FROM parked WHERE source = $1 AND external_key = $2");
    conn.maybe(&sql, &[source.into(), key.into()])
}

/// Keeps a row; one with an id takes the place of what was kept under it.
///
/// # Errors
/// [`Error::Conflict`] when one waits under that key already.
pub fn park(conn: &mut Conn, row: &ParkedRow) -> Result<()> {
    let candidates = serde_json::json!(row.candidates).to_string();
    if row.id == 0 {
        let sql = "INSERT INTO parked (source, external_key, process, title, said, candidates, why, state, reason, first, last)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let values = [
            row.source.into(),
            row.external_key.as_str().into(),
            row.process.as_str().into(),
            row.title.as_str().into(),
            row.said.as_str().into(),
            candidates.into(),
            row.why.as_str().into(),
            row.state.as_str().into(),
            row.reason.as_deref().into(),
            row.first.into(),
            row.last.into(),
        ];
        return conn.insert(sql, &values).map(|_| ());
    }
    let sql = "UPDATE parked SET title = $2, said = $3, candidates = $4, why = $5, state = $6, reason = $7, last = $8
        WHERE id = $1";
    let values = [
        row.id.into(),
        row.title.as_str().into(),
        row.said.as_str().into(),
        candidates.into(),
        row.why.as_str().into(),
        row.state.as_str().into(),
        row.reason.as_deref().into(),
        row.last.into(),
    ];
    conn.run(sql, &values).map(|_| ())
}

/// Forgets a row that was settled; false when somebody else did so first.
///
/// # Errors
/// The database's.
pub fn unpark(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("DELETE FROM parked WHERE id = $1", &[id.into()])? > 0)
}

/// Letters outside of A to Z of which every case is looked for.
const CASED: usize = 5;

/// The ways to write a text in small and large letters, with A to Z small: both databases make those small, and differ in
/// all others. With many others, those in which people write.
fn spellings(text: &str) -> Vec<String> {
    let small = text.to_ascii_lowercase();
    let cased = |letter: char| !letter.is_ascii() && (letter.is_lowercase() || letter.is_uppercase());
    let mut all = vec![String::new()];
    if small.chars().filter(|letter| cased(*letter)).count() > CASED {
        let large = small.to_uppercase().to_ascii_lowercase();
        let mut names = String::new();
        for (place, word) in small.to_lowercase().split(' ').enumerate() {
            names.push_str(if place == 0 { "" } else { " " });
            let mut letters = word.chars();
            names.extend(letters.next().into_iter().flat_map(char::to_uppercase).chain(letters));
        }
        let mut sentence = small.to_lowercase();
        if let Some(first) = sentence.chars().next() {
            sentence = first.to_uppercase().chain(sentence.chars().skip(1)).collect();
        }
        all = vec![small.to_lowercase(), large, names.to_ascii_lowercase(), sentence.to_ascii_lowercase(), small];
    } else {
        for letter in small.chars() {
            let other: String =
                if letter.is_lowercase() { letter.to_uppercase().collect() } else { letter.to_lowercase().collect() };
            let more: Vec<String> = if cased(letter) && other != letter.to_string() {
                all.iter().map(|begun| format!("{begun}{other}")).collect()
            } else {
                Vec::new()
            };
            for begun in &mut all {
                begun.push(letter);
            }
            all.extend(more);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The ids of the visible records of a process that are not in these states and hold all these values; text is the same
/// in small and large letters. The lowest first, at most `limit`.
///
/// # Errors
/// A column that there is not.
pub fn alike(
    conn: &mut Conn,
    scope: &Scope,
    table: &'static Table,
    same: &[(Column, Value)],
    void: &[&'static str],
    limit: i64,
) -> Result<Vec<i64>> {
    // The process stands in the text, so that indexes of its records alone serve.
    let begin = format!(
        "SELECT record.id FROM record JOIN {} AS narrow ON narrow.record = record.id WHERE record.process = '{}'",
        table.name, table.process
    );
    let mut sql = Sql::new(conn.dialect(), &begin);
    for (column, value) in same {
        match (column, value) {
            (Column::Custom(key, kind), value) => custom::holds(&mut sql, table.process, key, *kind, value),
            (column, Value::Text(text)) => {
                let written = column.written(sql.dialect, Some(table))?.sql;
                // Said aloud for the partial indexes: SQLite does not see it through the function.
                sql.push(&format!(" AND {written} IS NOT NULL AND {} IN ", sql.dialect.small_ascii(&written)));
                sql.joined(", ", "NULL", spellings(text), |sql, spelling| {
                    sql.bind(spelling);
                });
            }
            (_, Value::Null) => return Err(Error::Query("nothing is alike in what it does not say".into())),
            (column, value) => {
                let written = column.written(sql.dialect, Some(table))?.sql;
                sql.push(&format!(" AND {written} = ")).bind(value.clone());
            }
        }
    }
    for state in void {
        sql.push(" AND record.state <> ").bind(*state);
    }
    sql.push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn a_text_is_looked_for_in_small_and_large_letters_of_every_alphabet() {
        assert_eq!(spellings("SRV-01"), ["srv-01"]);
        assert_eq!(spellings("Münch"), ["mÜnch", "münch"]);
        assert_eq!(spellings("ÄÖ").len(), 4);
        for written in ["Сервер базы", "СЕРВЕР БАЗЫ", "сервер базы", "Сервер Базы"]
        {
            let found = spellings("СЕРВЕР базы");
            assert!(found.contains(&written.to_owned()), "{written} among {found:?}");
        }
    }
}
