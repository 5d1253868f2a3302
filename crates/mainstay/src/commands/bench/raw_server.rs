//! The limit on a server's database: the same questions asked, and the same rows written, over one bare connection.

use super::raw::{ASKED, COUNT, GROUP, LIST, Limits, NEWEST, ONE, cpu_of_this_thread};
use super::server;
use super::table::{CREATE, count};
use crate::failure::Failure;
use crate::settings::Settings;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

/// Where the rows are written again: tables with the same indexes, and empty, so that the limit is low.
const AGAIN: &str = "bare";

/// A server as it was before anything was measured.
pub struct Bare {
    url: String,
    /// The process of the server, whose CPU counts too.
    process: Option<u32>,
    /// The newest row of each table, as its id or as the id of its record.
    newest: Vec<(String, &'static str, i64)>,
}

impl Bare {
    /// Notes what is there; none for an embedded database.
    ///
    /// # Errors
    /// A server that cannot be read.
    pub async fn of(settings: &Settings, process: Option<u32>) -> Result<Option<Self>, Failure> {
        if settings.database.starts_with("sqlite:") {
            return Ok(None);
        }
        let url = settings.database.clone();
        let client = connect(&url).await?;
        let mut newest = Vec::new();
        let columns = "SELECT table_name::TEXT, min(column_name::TEXT) FROM information_schema.columns
            WHERE table_schema = 'public' AND column_name IN ('id', 'record') AND data_type = 'bigint' GROUP BY 1";
        for row in client.query(columns, &[]).await? {
            let (table, by) = (row.get::<_, String>(0), if row.get::<_, &str>(1) == "id" { "id" } else { "record" });
            let last = client.query_one(&format!("SELECT COALESCE(max({by}), 0) FROM public.\"{table}\""), &[]).await?;
            newest.push((table, by, last.get(0)));
        }
        Ok(Some(Self { url, process, newest }))
    }

    /// Does the same bare, on a runtime of this thread alone so that its CPU can be told.
    ///
    /// # Errors
    /// A server that cannot be read or written.
    pub fn measure(&self) -> Result<Limits, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|why| Failure::failed(format!("threads: {why}.")))?.block_on(self.asked())
    }

    async fn asked(&self) -> Result<Limits, Failure> {
        let client = connect(&self.url).await?;
        let numbers: Vec<String> = client.query(NEWEST, &[]).await?.iter().map(|row| row.get(0)).collect();
        let (one, incident) = (|turn: usize| numbers[turn % numbers.len()].clone(), |_| "incident".to_owned());
        let mut limits = Limits::new();
        limits.insert("API: one incident", self.ask(&client, ONE, one).await?);
        limits.insert("API: 50 filtered and sorted", self.ask(&client, LIST, incident).await?);
        limits.insert("API: counters of queues", self.ask(&client, COUNT, incident).await?);
        if let Some(create) = self.write(&client).await? {
            limits.insert(CREATE, create);
        }
        Ok(limits)
    }

    fn cpu(&self) -> f64 {
        let server = self.process.map(server::cpu_of_family).unwrap_or_default();
        server.as_secs_f64() * 1_000_000.0 + cpu_of_this_thread()
    }

    async fn ask(&self, client: &Client, sql: &str, value: impl Fn(usize) -> String) -> Result<f64, Failure> {
        let statement = client.prepare(sql).await?;
        let before = self.cpu();
        for turn in 0..ASKED {
            std::hint::black_box(client.query(&statement, &[&value(turn)]).await?);
        }
        Ok((self.cpu() - before) / count(ASKED))
    }

    /// Writes what the program wrote, row by row with its grouping; none when it wrote nothing.
    async fn write(&self, client: &Client) -> Result<Option<f64>, Failure> {
        client.batch_execute(&format!("DROP SCHEMA IF EXISTS {AGAIN} CASCADE; CREATE SCHEMA {AGAIN}")).await?;
        let mut written = Vec::new();
        for (table, by, newest) in &self.newest {
            let made = format!("CREATE TABLE {AGAIN}.\"{table}\" (LIKE public.\"{table}\" INCLUDING ALL)");
            client.batch_execute(&made).await?;
            let places = format!("SELECT ctid::TEXT FROM public.\"{table}\" WHERE {by} > $1 ORDER BY {by}");
            let rows: Vec<String> = client.query(&places, &[newest]).await?.iter().map(|row| row.get(0)).collect();
            let insert = format!(
                "INSERT INTO {AGAIN}.\"{table}\" OVERRIDING SYSTEM VALUE SELECT * FROM public.\"{table}\" \
                 WHERE ctid = CAST(CAST($1 AS TEXT) AS TID)"
            );
            written.push((table, client.prepare(&insert).await?, rows));
        }
        let records = written.iter().find(|(table, ..)| *table == "record").map_or(0, |(.., rows)| rows.len());
        let groups = records.div_ceil(GROUP);
        let before = self.cpu();
        for group in 0..groups {
            client.batch_execute("BEGIN").await?;
            for (_, insert, rows) in &written {
                let part = |of: usize| rows.len() * of / groups;
                for place in &rows[part(group)..part(group + 1)] {
                    client.execute(insert, &[place as &(dyn ToSql + Sync)]).await?;
                }
            }
            client.batch_execute("COMMIT").await?;
        }
        let spent = self.cpu() - before;
        client.batch_execute(&format!("DROP SCHEMA {AGAIN} CASCADE")).await?;
        Ok((records > 0).then(|| spent / count(records)))
    }
}

async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, traffic) = tokio_postgres::connect(url, NoTls).await?;
    // Whoever waits for an answer hears that the connection broke.
    tokio::spawn(async move { traffic.await.ok() });
    Ok(client)
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::failed(format!("the bare database: {error}."))
    }
}
