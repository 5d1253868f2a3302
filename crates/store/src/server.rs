//! What is said to a `PostgreSQL` server on one connection. Statements that nobody waits for are kept and go with the
//! next question or with COMMIT, in one trip.

use crate::conn::Failure;
use crate::insertion::Insertion;
use crate::trip::{Outcome, Ready, Step, prepare_all, send_all};
use crate::wire::Wire;
use crate::{Columns, Row, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio_postgres::Statement;

/// Statements kept prepared per connection; lists with filters make many, so there is an end.
const PREPARED: usize = 512;
/// Statements kept back at most.
const QUEUE: usize = 4096;
/// Rows of answers that are kept for when the same is asked again, at most.
const KNOWN: usize = 2048;
/// Ids drawn at once at most, when nobody said how many are needed.
const DRAW: usize = 256;

type Done<T> = Result<T, Failure>;

/// How far the server knows of the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    Outside,
    /// Its BEGIN is still in the queue.
    Meant,
    Begun,
}

/// Numbers of a sequence drawn in this transaction.
#[derive(Default)]
struct Drawn {
    free: VecDeque<i64>,
    /// So many are asked for and not here yet.
    coming: usize,
    used: usize,
}

/// A connection, its prepared statements, and what was not sent yet.
pub(crate) struct Server {
    pub(crate) wire: Wire,
    prepared: HashMap<String, Statement>,
    insertions: HashMap<String, Option<Arc<Insertion>>>,
    /// Insertions that were given an id as their last value.
    keyed: HashMap<String, Option<Arc<Insertion>>>,
    queue: Vec<Step>,
    transaction: Transaction,
    drawn: HashMap<String, Drawn>,
    /// Answers that stand until something is written.
    known: HashMap<String, Vec<Known>>,
    /// Rows of all of them.
    known_rows: usize,
    /// The transaction sees one moment: every short answer stands.
    one_moment: bool,
}

/// The values of a question, and its answer.
type Known = (Vec<Value>, Arc<Vec<tokio_postgres::Row>>);

impl Server {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            prepared: HashMap::new(),
            insertions: HashMap::new(),
            keyed: HashMap::new(),
            queue: Vec::new(),
            transaction: Transaction::Outside,
            drawn: HashMap::new(),
            known: HashMap::new(),
            known_rows: 0,
            one_moment: false,
        }
    }

    /// Begins a transaction with the first thing that is sent.
    pub(crate) fn begin(&mut self, sql: &str, one_moment: bool) {
        self.queue.clear();
        self.drawn.clear();
        self.forget_answers();
        self.one_moment = one_moment;
        self.queue.push(Step::Control(sql.to_owned()));
        self.transaction = Transaction::Meant;
    }

    /// Sends what is left and ends the transaction. A connection that is lost now leaves its outcome unknown.
    pub(crate) fn commit(&mut self) -> Done<()> {
        let begun = self.transaction == Transaction::Begun;
        let done = if begun { self.send(Some(Step::Control("COMMIT".into()))).map(|_| ()) } else { Ok(()) };
        self.queue.clear();
        self.transaction = Transaction::Outside;
        done
    }

    /// Ends the transaction without keeping anything, and does not wait for it.
    pub(crate) fn rollback(&mut self) {
        self.queue.clear();
        if self.transaction == Transaction::Begun {
            self.wire.post("ROLLBACK");
        }
        self.transaction = Transaction::Outside;
    }

    /// Sets a savepoint, after all that was kept before it: its failure is not one of what follows.
    pub(crate) fn mark(&mut self, savepoint: &str) -> Done<()> {
        if self.queue.iter().any(|step| !matches!(step, Step::Control(_))) {
            self.flush()?;
        }
        self.queue.push(Step::Control(format!("SAVEPOINT {savepoint}")));
        Ok(())
    }

    /// Drops a savepoint after what was kept since has succeeded.
    pub(crate) fn release(&mut self, savepoint: &str) -> Done<()> {
        if matches!(self.queue.last(), Some(Step::Control(last)) if is_mark(last, savepoint)) {
            self.queue.pop();
            return Ok(());
        }
        self.send(Some(Step::Control(format!("RELEASE SAVEPOINT {savepoint}")))).map(|_| ())
    }

    /// Goes back to a savepoint and drops it. Events draw new ids then: the lock that guarded theirs is gone.
    pub(crate) fn undo(&mut self, savepoint: &str) {
        let mark = self.queue.iter().rposition(|step| matches!(step, Step::Control(sql) if is_mark(sql, savepoint)));
        let kept = self.queue.split_off(mark.unwrap_or_default());
        self.forget(&kept);
        self.drawn.remove("event_id_seq");
        if mark.is_some() {
            return;
        }
        // What goes back from a savepoint inside of this one must still go first: the name would be its.
        self.queue = kept.into_iter().filter(|step| matches!(step, Step::Control(_))).collect();
        let back = format!("ROLLBACK TO SAVEPOINT {savepoint}; RELEASE SAVEPOINT {savepoint}");
        self.queue.push(Step::Control(back));
    }

    /// Runs statements without values.
    pub(crate) fn batch(&mut self, sql: &str) -> Done<()> {
        self.beginning()?;
        self.send(Some(Step::Control(sql.to_owned()))).map(|_| ())
    }

    /// Runs a statement and answers how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, values: &[Value]) -> Done<u64> {
        self.beginning()?;
        match self.send(Some(Step::Run(sql.to_owned(), values.to_vec())))? {
            Some(Outcome::Count(changed)) => Ok(changed),
            _ => Ok(0),
        }
    }

    /// Keeps a statement whose outcome nobody waits for.
    pub(crate) fn run_later(&mut self, sql: &str, values: Vec<Value>) -> Done<()> {
        let step = match known(&mut self.insertions, sql, |insertion| insertion) {
            Some(insertion) => Step::Insert(insertion, values),
            None => Step::Run(sql.to_owned(), values),
        };
        self.keep(step)
    }

    /// Keeps an `INSERT` and answers the id that its row will have; none when the statement is of another form.
    pub(crate) fn insert_later(&mut self, sql: &str, values: &[Value]) -> Done<Option<i64>> {
        let Some(insertion) = known(&mut self.keyed, sql, Insertion::with_id) else { return Ok(None) };
        let id = self.id(&insertion.table)?;
        let mut all = Vec::with_capacity(values.len() + 1);
        all.extend_from_slice(values);
        all.push(id.into());
        self.keep(Step::Insert(insertion, all))?;
        Ok(Some(id))
    }

    /// Numbers that were to be drawn by what is dropped do not come.
    fn forget(&mut self, dropped: &[Step]) {
        for step in dropped {
            let Step::Draw(numbers) = step else { continue };
            for (sequence, count) in numbers {
                if let Some(drawn) = self.drawn.get_mut(sequence) {
                    drawn.coming = drawn.coming.saturating_sub(*count);
                }
            }
        }
    }

    fn keep(&mut self, step: Step) -> Done<()> {
        self.beginning()?;
        self.queue.push(step);
        if self.queue.len() < QUEUE { Ok(()) } else { self.flush() }
    }

    /// A write goes out only after its transaction has begun: without one it would be kept at once.
    fn beginning(&mut self) -> Done<()> {
        self.forget_answers();
        if self.transaction == Transaction::Meant { self.flush() } else { Ok(()) }
    }

    fn id(&mut self, table: &str) -> Done<i64> {
        let sequence = format!("{table}_id_seq");
        // Whoever has needed many without saying so needs more.
        let count = self.drawn.get(&sequence).map_or(1, |drawn| drawn.used.clamp(1, DRAW));
        self.number(&sequence, count)
    }

    /// The next number of a sequence; where none was drawn beforehand, so many are drawn now.
    pub(crate) fn number(&mut self, sequence: &str, count: usize) -> Done<i64> {
        loop {
            if let Some(drawn) = self.drawn.get_mut(sequence)
                && let Some(number) = drawn.free.pop_front()
            {
                drawn.used += 1;
                return Ok(number);
            }
            self.expect(sequence, count.max(1));
            self.flush()?;
        }
    }

    /// Sees to it that there are so many numbers of a sequence after the next thing that is sent.
    pub(crate) fn expect(&mut self, sequence: &str, count: usize) {
        let drawn = self.drawn.entry(sequence.to_owned()).or_default();
        let missing = count.saturating_sub(drawn.free.len() + drawn.coming);
        if missing > 0 {
            drawn.coming += missing;
            self.queue.push(Step::Draw(vec![(sequence.to_owned(), missing)]));
        }
    }

    /// Sends all that is kept.
    pub(crate) fn flush(&mut self) -> Done<()> {
        if self.queue.is_empty() { Ok(()) } else { self.send(None).map(|_| ()) }
    }

    /// Asks along with the next thing that is sent; the answer stands until something is written.
    pub(crate) fn foresee(&mut self, (sql, values): (String, Vec<Value>)) {
        if self.answer(&sql, &values).is_none() {
            self.queue.push(Step::Foresee(sql, values));
        }
    }

    fn answer(&self, sql: &str, values: &[Value]) -> Option<Arc<Vec<tokio_postgres::Row>>> {
        let (_, rows) = self.known.get(sql)?.iter().find(|(asked, _)| asked == values)?;
        Some(Arc::clone(rows))
    }

    fn forget_answers(&mut self) {
        self.known.clear();
        self.known_rows = 0;
    }

    fn learn(&mut self, sql: &str, values: &[Value], rows: Arc<Vec<tokio_postgres::Row>>) {
        if self.known_rows > KNOWN {
            self.forget_answers();
        }
        self.known_rows += rows.len() + 1;
        self.known.entry(sql.to_owned()).or_default().push((values.to_vec(), rows));
    }

    /// Asks and hands over each row.
    pub(crate) fn each<T: Row>(
        &mut self,
        sql: &str,
        values: &[Value],
        mut take: impl FnMut(T) -> crate::Result<()>,
    ) -> Done<()> {
        if self.queue.iter().any(|step| matches!(step, Step::Foresee(foreseen, _) if foreseen == sql)) {
            self.flush()?;
        }
        if let Some(rows) = self.answer(sql, values) {
            return Ok(hand_over(&rows, &mut take)?);
        }
        if !self.one_moment && !sql.starts_with("SELECT") {
            // A question that also writes.
            self.forget_answers();
        }
        let Some(Outcome::Rows(mut rows)) = self.send(Some(Step::Ask(sql.to_owned(), values.to_vec())))? else {
            return Ok(());
        };
        let (mut more, mut first) = (true, true);
        while more {
            let mut some = Vec::new();
            let taken = self.wire.wait(async |_| rows.take(&mut some).await);
            more = taken.map_err(|why| Failure::from(self.wire.reason(why)))?;
            let some = Arc::new(some);
            if first && !more && self.one_moment {
                self.learn(sql, values, Arc::clone(&some));
            }
            first = false;
            hand_over(&some, &mut take)?;
        }
        Ok(())
    }

    /// Sends what is kept and one thing more; answers the outcome of that.
    fn send(&mut self, last: Option<Step>) -> Done<Option<Outcome>> {
        let asked = last.is_some();
        let mut steps = crate::trip::arrange(std::mem::take(&mut self.queue));
        steps.extend(last);
        if self.transaction == Transaction::Meant {
            self.transaction = Transaction::Begun;
        }
        let ready = self.ready(steps)?;
        let (mut outcomes, failed) = self.wire.wait(async |client| send_all(client, &ready).await);
        if let Some(why) = failed {
            let failed = &ready[outcomes.len()];
            if let Some(sql) = failed.sql() {
                // Its table may have changed: it is prepared anew next time.
                self.prepared.remove(sql);
            }
            let why = self.wire.reason(why);
            let unsure = outcomes.len() + 1 == ready.len() || why.as_db_error().is_none();
            return Err(Failure { statement: Some(failed.step.says()), unsure, ..Failure::from(why) });
        }
        let last = if asked { outcomes.pop() } else { None };
        for (outcome, sent) in outcomes.into_iter().zip(&ready) {
            match (outcome, &sent.step) {
                (Outcome::Numbers(numbers), Step::Draw(asked)) => self.take_in(asked, &numbers),
                (Outcome::All(rows), Step::Foresee(sql, values)) => self.learn(sql, values, Arc::new(rows)),
                _ => {}
            }
        }
        Ok(last)
    }

    fn take_in(&mut self, asked: &[(String, usize)], numbers: &[(i64, i64)]) {
        for (place, (sequence, count)) in (1..).zip(asked) {
            let drawn = self.drawn.entry(sequence.clone()).or_default();
            drawn.coming = drawn.coming.saturating_sub(*count);
            drawn.free.extend(numbers.iter().filter(|(of, _)| *of == place).map(|(_, number)| number));
        }
    }

    /// Finds the prepared statement of each step. What begins or marks the transaction goes before anything is
    /// prepared: a statement that cannot be spoils the transaction, too.
    fn ready(&mut self, mut steps: Vec<Step>) -> Done<Vec<Ready>> {
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        if steps.iter().any(|step| step.texts().any(|sql| !self.prepared.contains_key(sql))) {
            let marks = steps.iter().take_while(|step| matches!(step, Step::Control(_))).count();
            let marks = if marks == steps.len() { 0 } else { marks };
            for mark in steps.drain(..marks) {
                let ready = [Ready { step: mark, statement: None, text: None }];
                let (_, failed) = self.wire.wait(async |client| send_all(client, &ready).await);
                failed.map_or(Ok(()), |why| Err(Failure::from(self.wire.reason(why))))?;
            }
            self.prepare(&steps)?;
        }
        let ready = steps.into_iter().map(|step| {
            let base = step.texts().next().and_then(|sql| self.prepared.get(sql)).cloned();
            Ready { step, statement: base, text: None }
        });
        let mut ready: Vec<Ready> = ready.collect();
        self.spread(&mut ready)?;
        Ok(ready)
    }

    /// Gives each step that takes lists the statement for that, which is known by the types of the plain one.
    fn spread(&mut self, ready: &mut [Ready]) -> Done<()> {
        for one in ready.iter_mut() {
            if let (Step::Spread(insertion, _), Some(plain)) = (&one.step, &one.statement) {
                one.text = Some(insertion.spread(plain.params()));
            }
        }
        let texts: Vec<String> = ready.iter().filter_map(|one| one.text.clone()).collect();
        self.prepare_texts(texts.iter().map(String::as_str).collect())?;
        for one in ready.iter_mut() {
            if let Some(text) = &one.text {
                one.statement = self.prepared.get(text).cloned();
            }
        }
        Ok(())
    }

    fn prepare(&mut self, steps: &[Step]) -> Done<()> {
        self.prepare_texts(steps.iter().flat_map(Step::texts).collect())
    }

    fn prepare_texts(&mut self, mut texts: Vec<&str>) -> Done<()> {
        texts.retain(|sql| !self.prepared.contains_key(*sql));
        texts.sort_unstable();
        texts.dedup();
        if texts.is_empty() {
            return Ok(());
        }
        let (statements, failed) = self.wire.wait(async |client| prepare_all(client, &texts).await);
        if let Some(why) = failed {
            let statement = texts.get(statements.len()).map(|sql| (*sql).to_owned());
            return Err(Failure { statement, ..Failure::from(self.wire.reason(why)) });
        }
        self.prepared.extend(texts.into_iter().map(str::to_owned).zip(statements));
        Ok(())
    }
}

fn hand_over<T: Row>(rows: &[tokio_postgres::Row], take: &mut impl FnMut(T) -> crate::Result<()>) -> crate::Result<()> {
    rows.iter().try_for_each(|row| take(T::read(&Columns::Postgres(row))?))
}

fn is_mark(sql: &str, savepoint: &str) -> bool {
    sql.strip_prefix("SAVEPOINT ") == Some(savepoint)
}

/// An insertion taken apart, read once.
fn known(
    all: &mut HashMap<String, Option<Arc<Insertion>>>,
    sql: &str,
    as_what: impl FnOnce(Insertion) -> Insertion,
) -> Option<Arc<Insertion>> {
    if let Some(known) = all.get(sql) {
        return known.clone();
    }
    if all.len() >= PREPARED {
        all.clear();
    }
    let insertion = Insertion::read(sql).map(|insertion| Arc::new(as_what(insertion)));
    all.insert(sql.to_owned(), insertion.clone());
    insertion
}
