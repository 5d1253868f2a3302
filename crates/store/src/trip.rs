//! One trip to the server: many statements there, their outcomes back.

use crate::Value;
use crate::insertion::Insertion;
use futures_core::Stream;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, RowStream, Statement};

/// Rows of one statement at most.
const SPREAD: usize = 512;
/// Fewer rows than this go each as a statement of its own.
const FEW: usize = 4;
/// Rows taken off the connection before they are handed on.
const TAKEN: usize = 256;

/// Each sequence is looked up once, not for each number.
const DRAW: &str = "SELECT asked.place, nextval(asked.sequence)
    FROM (SELECT CAST(name AS regclass) AS sequence, count, place
          FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS INT4[])) WITH ORDINALITY AS named (name, count, place)
          OFFSET 0) AS asked, generate_series(1, asked.count)";

/// One thing to send.
pub(crate) enum Step {
    /// Text without values, such as BEGIN.
    Control(String),
    Run(String, Vec<Value>),
    /// An `INSERT` of one row.
    Insert(Arc<Insertion>, Vec<Value>),
    /// The same of many rows.
    Spread(Arc<Insertion>, Vec<Vec<Value>>),
    /// So many numbers of sequences.
    Draw(Vec<(String, usize)>),
    Ask(String, Vec<Value>),
    /// A question that will be asked: its answer is kept for then.
    Foresee(String, Vec<Value>),
}

/// A step whose statement is prepared.
pub(crate) struct Ready {
    pub(crate) step: Step,
    pub(crate) statement: Option<Statement>,
    /// Its text, when that is not the step's own.
    pub(crate) text: Option<String>,
}

pub(crate) enum Outcome {
    /// How many rows changed.
    Count(u64),
    /// Each with the place of its sequence in the question, counted from one.
    Numbers(Vec<(i64, i64)>),
    Rows(Rows),
    All(Vec<Row>),
}

/// Rows on their way.
pub(crate) struct Rows(Pin<Box<RowStream>>);

impl Step {
    /// The text that is prepared for it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let text = match self {
            Self::Control(_) => None,
            Self::Run(sql, _) | Self::Ask(sql, _) | Self::Foresee(sql, _) => Some(sql.as_str()),
            Self::Insert(insertion, _) | Self::Spread(insertion, _) => Some(insertion.sql.as_str()),
            Self::Draw(..) => Some(DRAW),
        };
        text.into_iter()
    }

    /// What to call it when it fails.
    pub(crate) fn says(&self) -> String {
        match self {
            Self::Control(sql) => sql.clone(),
            other => other.texts().collect(),
        }
    }
}

impl Ready {
    pub(crate) fn sql(&self) -> Option<&str> {
        self.text.as_deref().or_else(|| self.step.texts().next())
    }
}

/// Puts rows of the same statement together where only insertions stand between them. Tables go in the order in which
/// their rows point to each other. Numbers are drawn after all else, which is when the lock of the events' is held.
pub(crate) fn arrange(queue: Vec<Step>) -> Vec<Step> {
    let mut steps = Vec::with_capacity(queue.len());
    let (mut rows, mut drawn) = (Vec::new(), Vec::new());
    for step in queue {
        match step {
            Step::Draw(numbers) => drawn.extend(numbers),
            Step::Insert(insertion, values) => rows.push((insertion, values)),
            other => {
                gather(std::mem::take(&mut rows), &mut steps);
                steps.push(other);
            }
        }
    }
    gather(rows, &mut steps);
    if !drawn.is_empty() {
        steps.push(Step::Draw(drawn));
    }
    steps
}

fn gather(rows: Vec<(Arc<Insertion>, Vec<Value>)>, steps: &mut Vec<Step>) {
    if rows.len() < FEW {
        return steps.extend(rows.into_iter().map(|(insertion, values)| Step::Insert(insertion, values)));
    }
    let mut groups: Vec<(Arc<Insertion>, Vec<Vec<Value>>)> = Vec::new();
    for (insertion, values) in rows {
        let same = |(known, _): &&mut (Arc<Insertion>, _)| Arc::ptr_eq(known, &insertion);
        match groups.iter_mut().find(same).filter(|_| insertion.spreads) {
            Some((_, group)) => group.push(values),
            None => groups.push((insertion, vec![values])),
        }
    }
    groups.sort_by_key(|(insertion, _)| insertion.rank());
    for (insertion, mut group) in groups {
        while group.len() >= FEW {
            let some = group.drain(..group.len().min(SPREAD)).collect();
            steps.push(Step::Spread(Arc::clone(&insertion), some));
        }
        steps.extend(group.into_iter().map(|values| Step::Insert(Arc::clone(&insertion), values)));
    }
}

/// Sends all and answers their outcomes, up to the one that failed.
pub(crate) async fn send_all(client: &Client, ready: &[Ready]) -> (Vec<Outcome>, Option<Error>) {
    together(ready.iter().map(|one| Box::pin(send(client, one)) as Flight<'_, _>).collect()).await
}

/// Prepares all and answers the statements, up to the one that failed.
pub(crate) async fn prepare_all(client: &Client, texts: &[&str]) -> (Vec<Statement>, Option<Error>) {
    together(texts.iter().map(|sql| Box::pin(client.prepare(sql)) as Flight<'_, _>).collect()).await
}

async fn send(client: &Client, ready: &Ready) -> Result<Outcome, Error> {
    let Some(statement) = &ready.statement else {
        client.batch_execute(&ready.step.says()).await?;
        return Ok(Outcome::Count(0));
    };
    match &ready.step {
        Step::Control(sql) => client.batch_execute(sql).await.map(|()| Outcome::Count(0)),
        Step::Run(_, values) | Step::Insert(_, values) => {
            client.execute_raw(statement, parameters(values)).await.map(Outcome::Count)
        }
        Step::Spread(_, rows) => client.execute_raw(statement, parameters(&lists(rows))).await.map(Outcome::Count),
        Step::Draw(numbers) => {
            let names: Vec<&str> = numbers.iter().map(|(name, _)| name.as_str()).collect();
            let counts: Vec<i32> = numbers.iter().map(|(_, count)| i32::try_from(*count).unwrap_or(i32::MAX)).collect();
            let drawn = client.query(statement, &[&names, &counts]).await?;
            let pairs = drawn.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
            pairs.collect::<Result<_, Error>>().map(Outcome::Numbers)
        }
        Step::Ask(_, values) => {
            let rows = client.query_raw(statement, parameters(values)).await?;
            Ok(Outcome::Rows(Rows(Box::pin(rows))))
        }
        Step::Foresee(_, values) => {
            let mut rows = Rows(Box::pin(client.query_raw(statement, parameters(values)).await?));
            let mut all = Vec::new();
            while rows.take(&mut all).await? {}
            Ok(Outcome::All(all))
        }
    }
}

/// The values of rows as one list for each column.
fn lists(rows: &[Vec<Value>]) -> Vec<Vec<&Value>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|column| rows.iter().map(|row| &row[column]).collect()).collect()
}

fn parameters<T: ToSql + Sync>(values: &[T]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync))
}

type Flight<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// Sends in order before it waits for the first answer. What could not even be sent keeps back all that follows: a
/// COMMIT must not come after a gap.
async fn together<T>(mut flights: Vec<Flight<'_, T>>) -> (Vec<T>, Option<Error>) {
    let mut landed: Vec<Option<Result<T, Error>>> = Vec::with_capacity(flights.len());
    poll_fn(|cx| {
        for flight in &mut flights {
            let answer = match flight.as_mut().poll(cx) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            };
            let failed = matches!(answer, Some(Err(_)));
            landed.push(answer);
            if failed {
                break;
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(landed.len());
    for (landed, flight) in landed.into_iter().zip(flights) {
        let answer = match landed {
            Some(answer) => answer,
            None => flight.await,
        };
        match answer {
            Ok(answer) => answers.push(answer),
            Err(why) => return (answers, Some(why)),
        }
    }
    (answers, None)
}

impl Rows {
    /// Takes the next rows; false when they are the last.
    pub(crate) async fn take(&mut self, into: &mut Vec<Row>) -> Result<bool, Error> {
        for _ in 0..TAKEN {
            match poll_fn(|cx| self.0.as_mut().poll_next(cx)).await {
                Some(row) => into.push(row?),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
