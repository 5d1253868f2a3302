//! One connection to either database, inside one transaction.

use crate::server::Server;
use crate::wire::Wire;
use crate::{Columns, Dialect, Error, Result, Row, Value};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

/// `SQLite` statements kept prepared per connection; lists with filters make many, so there is an end.
const PREPARED: usize = 512;

/// Steps of its machine after which `SQLite` looks at the clock, a fraction of a millisecond.
const PROGRESS: i32 = 10_000;

enum Link {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Server>),
}

/// A connection in the middle of a transaction. A statement that failed spoils the transaction on both databases
/// alike: what follows answers the same error and nothing is kept. Use [`Conn::attempt`] for what may fail.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own to know of a transaction")]
pub struct Conn {
    link: Link,
    spoiled: Option<Error>,
    retry: bool,
    disk_failed: bool,
    newest_event: i64,
    /// Batches of statements run so far, since what they do to the schema counts as no change; on `PostgreSQL`, which
    /// counts nothing, all statements that write, sent or not.
    writes: u64,
    /// The number of each process that was handed out last: what comes next unless somebody else writes, too.
    last_numbers: HashMap<String, i64>,
    pub(crate) horizon_held: bool,
    /// The transaction only reads.
    pub(crate) reads_only: bool,
}

impl Conn {
    pub(crate) fn sqlite(connection: rusqlite::Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Self::new(Link::Sqlite(connection))
    }

    pub(crate) fn postgres(wire: Wire) -> Self {
        Self::new(Link::Postgres(Box::new(Server::new(wire))))
    }

    fn new(link: Link) -> Self {
        Self {
            link,
            spoiled: None,
            retry: false,
            disk_failed: false,
            newest_event: 0,
            writes: 0,
            last_numbers: HashMap::new(),
            horizon_held: false,
            reads_only: false,
        }
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Every row of a query. Placeholders are `$1` to `$n` and stand for `values` in that order.
    ///
    /// # Errors
    /// What the database refuses, see [`Error`].
    pub fn fetch<T: Row>(&mut self, sql: &str, values: &[Value]) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(sql, values, |row| {
            all.push(row);
            Ok(())
        })?;
        Ok(all)
    }

    /// Hands every row of a query to `take` without keeping them all.
    ///
    /// # Errors
    /// What the database refuses, or what `take` answers.
    pub fn each<T: Row>(&mut self, sql: &str, values: &[Value], take: impl FnMut(T) -> Result<()>) -> Result<()> {
        self.sound()?;
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite_each(connection, sql, values, take),
            Link::Postgres(server) => server.each(sql, values, take),
        };
        self.noted(sql, done)
    }

    /// The one row of a query.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; what the database refuses.
    pub fn one<T: Row>(&mut self, sql: &str, values: &[Value]) -> Result<T> {
        self.maybe(sql, values)?.ok_or(Error::Missing)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn maybe<T: Row>(&mut self, sql: &str, values: &[Value]) -> Result<Option<T>> {
        let mut first = None;
        self.each(sql, values, |row| {
            first.get_or_insert(row);
            Ok(())
        })?;
        Ok(first)
    }

    /// Runs a statement and answers how many rows it changed.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        self.sound()?;
        if is_control(sql) {
            return self.noted(sql, Err(Error::Query("its transaction is not its own to end".into()).into()));
        }
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite_run(connection, sql, values),
            Link::Postgres(server) => {
                self.writes += 1;
                server.run(sql, values)
            }
        };
        self.noted(sql, done)
    }

    /// Runs a statement whose outcome nobody waits for: on `PostgreSQL` it goes with the next question or with COMMIT,
    /// and its failure is theirs, or that of the [`Conn::attempt`] around it. [`Conn::settle`] asks for it.
    ///
    /// # Errors
    /// What the database refuses, this or what was kept before.
    pub fn run_later(&mut self, sql: &str, values: &[Value]) -> Result<()> {
        if let Link::Sqlite(_) = self.link {
            return self.run(sql, values).map(|_| ());
        }
        self.writes += 1;
        self.spoken(sql, |server| server.run_later(sql, values.to_vec()))
    }

    /// Runs an `INSERT` of one row into a table whose key is `id`, and answers that. On `PostgreSQL` the id is drawn
    /// beforehand and the row is written as by [`Conn::run_later`]. `SQLite` keeps every page that a statement with
    /// `RETURNING` is about to change in a file of its own, so it is asked for the id afterwards.
    ///
    /// # Errors
    /// What the database refuses, this or what was kept before.
    pub fn insert(&mut self, sql: &str, values: &[Value]) -> Result<i64> {
        if let Link::Sqlite(_) = self.link {
            self.run(sql, values)?;
            return match &self.link {
                Link::Sqlite(connection) => Ok(connection.last_insert_rowid()),
                Link::Postgres(_) => Err(Error::Missing),
            };
        }
        self.writes += 1;
        match self.spoken(sql, |server| server.insert_later(sql, values))? {
            Some(id) => Ok(id),
            None => self.one(&format!("{sql} RETURNING id"), values),
        }
    }

    /// Says that a question will be asked soon: on `PostgreSQL` it goes along with the next one, and its answer is kept
    /// for when it is asked, unless something is written before.
    pub fn foresee(&mut self, question: impl FnOnce() -> (String, Vec<Value>)) {
        if let Link::Postgres(server) = &mut self.link {
            server.foresee(question());
        }
    }

    /// Waits until all that was kept back has succeeded.
    ///
    /// # Errors
    /// What the database refuses of it.
    pub fn settle(&mut self) -> Result<()> {
        self.spoken("", Server::flush)
    }

    /// Says how many rows this transaction will soon insert into a table, so that their ids come with the next thing
    /// asked for. Those of events are drawn under a lock, see [`crate::events::expect`].
    pub fn expect_rows(&mut self, table: &str, count: usize) {
        if let Link::Postgres(server) = &mut self.link {
            server.expect(&format!("{table}_id_seq"), count);
        }
    }

    /// Says how many numbers of a process this transaction will soon give out.
    pub fn expect_numbers(&mut self, process: &str, count: usize) {
        if let Link::Postgres(server) = &mut self.link {
            server.expect(&format!("number_{process}"), count);
        }
    }

    /// Speaks to `PostgreSQL`; nothing to do on `SQLite`.
    fn spoken<T: Default>(
        &mut self,
        sql: &str,
        speak: impl FnOnce(&mut Server) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        self.sound()?;
        if is_control(sql) {
            return self.noted(sql, Err(Error::Query("its transaction is not its own to end".into()).into()));
        }
        let done = match &mut self.link {
            Link::Sqlite(_) => Ok(T::default()),
            Link::Postgres(server) => speak(server),
        };
        self.noted(sql, done)
    }

    /// Runs several statements without values, as a migration does.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        self.sound()?;
        self.writes += 1;
        let done = match &mut self.link {
            Link::Sqlite(connection) => connection.execute_batch(sql).map_err(Failure::from),
            Link::Postgres(server) => server.batch(sql),
        };
        self.noted(sql, done)
    }

    /// Runs `work` so that its failure undoes its own changes only, and the transaction goes on.
    ///
    /// # Errors
    /// What `work` answers, and what the database refuses while setting it up.
    pub fn attempt<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.mark("attempt")?;
        let answer = work(self);
        if answer.is_ok() && self.spoiled.is_none() {
            // What it kept back must have succeeded, too: a failure spoils the transaction like any other.
            let _ = self.release("attempt");
        }
        let swallowed = self.spoiled.clone();
        // Contention cannot be undone in part: there the whole transaction has to run again.
        if (answer.is_err() || swallowed.is_some()) && !self.retry {
            self.undo("attempt")?;
            self.horizon_held = false;
        }
        match swallowed {
            Some(error) if answer.is_ok() => Err(error.into()),
            _ => answer,
        }
    }

    /// As [`Conn::attempt`] for work that rarely fails after it has written: without the savepoint, which on `SQLite`
    /// costs a third of a small write and on `PostgreSQL` a trip to the server. When it does fail so, the whole
    /// transaction must be given up and run again with [`Conn::attempt`], also when it fails as late as at its end.
    ///
    /// # Errors
    /// [`Torn`]. What `work` answers comes inside.
    pub fn attempt_lightly<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<std::result::Result<T, E>, Torn> {
        let (event, written) = (self.newest_event, self.written());
        let answer = match (work(self), self.spoiled.clone()) {
            (Ok(_), Some(swallowed)) => Err(swallowed.into()),
            (answer, _) => answer,
        };
        if answer.is_ok() {
            return Ok(answer);
        }
        // A failed statement ends a transaction of `PostgreSQL`, whatever it was to do.
        let ended = self.dialect() == Dialect::Postgres && self.spoiled.is_some();
        if ended || self.written() != written || self.outside_transaction() {
            return Err(Torn);
        }
        self.forget(event);
        Ok(answer)
    }

    /// Begins or ends the transaction.
    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        self.sound()?;
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite_run(connection, sql, &[]).map(|_| ()),
            Link::Postgres(server) => server.batch(sql),
        };
        self.noted(sql, done)
    }

    /// Begins a transaction on `PostgreSQL`, where it goes with the first thing said in it.
    pub(crate) fn begin(&mut self, sql: &str) {
        if let Link::Postgres(server) = &mut self.link {
            server.begin(sql, self.reads_only);
        }
    }

    /// Means to begin a transaction of `PostgreSQL` that reads, each of its statements for so long at most.
    pub(crate) fn begin_read(&mut self, longest: Option<Duration>) {
        let begin = self.dialect().begin_read();
        match longest {
            Some(longest) => {
                let limit = longest.as_millis().clamp(1, 2_000_000_000);
                self.begin(&format!("{begin}; SET LOCAL statement_timeout = {limit}"));
            }
            None => self.begin(begin),
        }
    }

    /// Ends what `SQLite` is asked when it takes longer than this, from now on.
    pub(crate) fn limit(&mut self, longest: Option<Duration>) -> Result<()> {
        let Link::Sqlite(connection) = &mut self.link else { return Ok(()) };
        let end = longest.map(|longest| Instant::now() + longest);
        connection.progress_handler(PROGRESS, end.map(|end| move || Instant::now() > end))?;
        Ok(())
    }

    /// Ends a transaction of `PostgreSQL` and keeps what it wrote.
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.sound()?;
        let done = match &mut self.link {
            Link::Sqlite(_) => return self.control("COMMIT"),
            Link::Postgres(server) => server.commit(),
        };
        let done = done.map_err(|failure| match failure.error {
            Error::Unavailable(why) if failure.unsure => Failure::from(Error::Uncertain(why)),
            _ => failure,
        });
        self.noted("COMMIT", done)
    }

    fn mark(&mut self, savepoint: &str) -> Result<()> {
        let Link::Postgres(server) = &mut self.link else { return self.control(&format!("SAVEPOINT {savepoint}")) };
        let done = server.mark(savepoint);
        self.noted("SAVEPOINT", done)
    }

    fn release(&mut self, savepoint: &str) -> Result<()> {
        let Link::Postgres(server) = &mut self.link else {
            return self.control(&format!("RELEASE SAVEPOINT {savepoint}"));
        };
        let done = server.release(savepoint);
        self.noted("RELEASE", done)
    }

    /// The next free number of a process, starting at 1; gaps are possible, reuse is not.
    ///
    /// # Errors
    /// [`Error::Query`] on `PostgreSQL` when no sequence `number_<process>` was migrated.
    pub fn next_number(&mut self, process: &str) -> Result<i64> {
        if self.dialect() == Dialect::Postgres {
            let sequence = format!("number_{process}");
            return self.spoken(&sequence, |server| server.number(&sequence, 1));
        }
        if let Some(expected) = self.last_numbers.get(process).map(|last| last + 1) {
            let sql = "UPDATE number_block SET next = next + 1 WHERE process = $1 AND next = $2";
            if self.run(sql, &[process.into(), expected.into()])? > 0 {
                self.last_numbers.insert(process.to_owned(), expected);
                return Ok(expected);
            }
        }
        let values = [Value::from(process)];
        if self.run("UPDATE number_block SET next = next + 1 WHERE process = $1", &values)? == 0 {
            self.run("INSERT INTO number_block (process, next) VALUES ($1, 2)", &values)?;
        }
        let number = self.one("SELECT next - 1 FROM number_block WHERE process = $1", &values)?;
        self.last_numbers.insert(process.to_owned(), number);
        Ok(number)
    }

    /// Remembers the newest event of this transaction for those who wait for commits.
    pub(crate) fn note_event(&mut self, id: i64) {
        self.newest_event = self.newest_event.max(id);
    }

    pub(crate) fn newest_event(&self) -> i64 {
        self.newest_event
    }

    /// What grows with everything that is written.
    pub(crate) fn written(&self) -> u64 {
        match &self.link {
            Link::Sqlite(connection) => connection.total_changes() + self.writes,
            Link::Postgres(_) => self.writes,
        }
    }

    /// Forgets a caller that wrote nothing: its failed statement and the events it was about to write.
    pub(crate) fn forget(&mut self, newest_event: i64) {
        self.spoiled = None;
        self.newest_event = newest_event;
    }

    pub(crate) fn take_newest_event(&mut self) -> i64 {
        std::mem::take(&mut self.newest_event)
    }

    pub(crate) fn spoiled(&self) -> Option<&Error> {
        self.spoiled.as_ref()
    }

    /// True when the failure was contention or a lost connection, so that the work should run again.
    pub(crate) fn wants_retry(&self) -> bool {
        self.retry
    }

    /// True when the disk itself failed, as against being full.
    pub(crate) fn disk_failed(&self) -> bool {
        self.disk_failed
    }

    /// Forgets the last transaction's state.
    pub(crate) fn fresh(&mut self) {
        self.spoiled = None;
        self.retry = false;
        self.disk_failed = false;
        self.newest_event = 0;
        self.horizon_held = false;
    }

    /// Rolls back to a savepoint and drops it, whatever state the transaction is in.
    pub(crate) fn undo(&mut self, savepoint: &str) -> Result<()> {
        self.spoiled = None;
        if let Link::Postgres(server) = &mut self.link {
            server.undo(savepoint);
            return Ok(());
        }
        self.control(&format!("ROLLBACK TO SAVEPOINT {savepoint}"))?;
        self.control(&format!("RELEASE SAVEPOINT {savepoint}"))
    }

    /// Ends the transaction without keeping anything; a connection that cannot even do that is replaced later.
    pub(crate) fn rollback(&mut self) {
        self.spoiled = None;
        if let Link::Postgres(server) = &mut self.link {
            server.rollback();
        } else if !self.outside_transaction() {
            let _ = self.control("ROLLBACK");
        }
        self.spoiled = None;
    }

    /// True when no transaction is open. `PostgreSQL` cannot say; its transactions are never shared by callers.
    pub(crate) fn outside_transaction(&self) -> bool {
        match &self.link {
            Link::Sqlite(connection) => connection.is_autocommit(),
            Link::Postgres(_) => false,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        match &self.link {
            Link::Sqlite(_) => false,
            Link::Postgres(server) => server.wire.is_closed(),
        }
    }

    /// The way to `PostgreSQL` itself.
    pub(crate) fn wire(&mut self) -> Option<&mut Wire> {
        match &mut self.link {
            Link::Sqlite(_) => None,
            Link::Postgres(server) => Some(&mut server.wire),
        }
    }

    fn sound(&self) -> Result<()> {
        self.spoiled.clone().map_or(Ok(()), Err)
    }

    fn noted<T>(&mut self, sql: &str, done: std::result::Result<T, Failure>) -> Result<T> {
        done.map_err(|failure| {
            let sql = failure.statement.as_deref().unwrap_or(sql);
            let error = match failure.error {
                Error::Query(why) => Error::Query(format!("{why} in: {sql}")),
                other => other,
            };
            self.retry |= failure.retry;
            self.disk_failed |= failure.disk;
            self.spoiled = Some(error.clone());
            error
        })
    }
}

/// Work failed after it had written, and nothing marks where it began.
#[derive(Clone, Copy, Debug)]
pub struct Torn;

/// A failed statement.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The same transaction may succeed when run again.
    pub(crate) retry: bool,
    pub(crate) disk: bool,
    /// Which it was, when not the one asked for.
    pub(crate) statement: Option<String>,
    /// The server may have gone on without this one's failure.
    pub(crate) unsure: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry: false, disk: false, statement: None, unsure: false }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let disk = error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure);
        Self { disk, ..Error::from(error).into() }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let contention = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            // A statement prepared before a migration changed its table.
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_SQL_STATEMENT_NAME,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
        ];
        let retry = error.is_closed() || error.code().is_some_and(|code| contention.contains(code));
        Self { retry, ..Error::from(error).into() }
    }
}

fn sqlite_run(connection: &rusqlite::Connection, sql: &str, values: &[Value]) -> std::result::Result<u64, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, sql, values)?;
    Ok(statement.raw_execute()? as u64)
}

fn sqlite_each<T: Row>(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value],
    mut take: impl FnMut(T) -> Result<()>,
) -> std::result::Result<(), Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, sql, values)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        take(T::read(&Columns::Sqlite(row))?)?;
    }
    Ok(())
}

/// `SQLite` counts `$n` as a name in order of first appearance, so each is bound by what it is called; where they
/// stand in order that needs no asking.
fn bind(statement: &mut rusqlite::Statement<'_>, sql: &str, values: &[Value]) -> Result<()> {
    let count = statement.parameter_count();
    if count <= values.len() && in_order(sql) {
        for (index, value) in values[..count].iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        return Ok(());
    }
    for index in 1..=count {
        let name = statement.parameter_name(index).unwrap_or_default();
        let value = name.get(1..).and_then(|n| n.parse::<usize>().ok()).and_then(|n| values.get(n.checked_sub(1)?));
        let Some(value) = value else {
            return Err(Error::Query(format!("no value for the placeholder {name:?}")));
        };
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Whether the placeholders of a statement are `$1`, `$2` and so on, each for the first time in that order.
fn in_order(sql: &str) -> bool {
    let mut newest = 0;
    let bytes = sql.as_bytes();
    memchr::memchr_iter(b'$', bytes).all(|at| {
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit());
        let number =
            digits.fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
        newest += u32::from(number == newest + 1);
        number > 0 && number <= newest
    })
}

fn is_control(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|word| sql.starts_with(word))
}
