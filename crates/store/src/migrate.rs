//! The schema, brought up one numbered step at a time and never edited afterwards.

use crate::dialect::has_table;
use crate::{Conn, Db, Dialect, Error, Result, Value};
use sha2::{Digest, Sha256};

/// One step of the schema, as embedded in the program.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order, from 1 without gaps.
    pub number: i64,
    /// What it does, as a verb phrase.
    pub name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const ALL: &[Migration] = &[
    Migration {
        number: 1,
        name: "create_schema",
        sqlite: include_str!("../../../migrations/sqlite/0001_create_schema.sql"),
        postgres: include_str!("../../../migrations/postgres/0001_create_schema.sql"),
    },
    Migration {
        number: 2,
        name: "index_what_reports_read",
        sqlite: include_str!("../../../migrations/sqlite/0002_index_what_reports_read.sql"),
        postgres: include_str!("../../../migrations/postgres/0002_index_what_reports_read.sql"),
    },
    Migration {
        number: 3,
        name: "index_events_beside_records",
        sqlite: include_str!("../../../migrations/sqlite/0003_index_events_beside_records.sql"),
        postgres: include_str!("../../../migrations/postgres/0003_index_events_beside_records.sql"),
    },
    Migration {
        number: 4,
        name: "keep_opening_category",
        sqlite: include_str!("../../../migrations/sqlite/0004_keep_opening_category.sql"),
        postgres: include_str!("../../../migrations/postgres/0004_keep_opening_category.sql"),
    },
    Migration {
        number: 5,
        name: "drop_hold_comment",
        sqlite: include_str!("../../../migrations/sqlite/0005_drop_hold_comment.sql"),
        postgres: include_str!("../../../migrations/postgres/0005_drop_hold_comment.sql"),
    },
    Migration {
        number: 6,
        name: "index_work_by_time",
        sqlite: include_str!("../../../migrations/sqlite/0006_index_work_by_time.sql"),
        postgres: include_str!("../../../migrations/postgres/0006_index_work_by_time.sql"),
    },
    Migration {
        number: 7,
        name: "keep_drafts",
        sqlite: include_str!("../../../migrations/sqlite/0007_keep_drafts.sql"),
        postgres: include_str!("../../../migrations/postgres/0007_keep_drafts.sql"),
    },
    Migration {
        number: 8,
        name: "ask_how_it_went",
        sqlite: include_str!("../../../migrations/sqlite/0008_ask_how_it_went.sql"),
        postgres: include_str!("../../../migrations/postgres/0008_ask_how_it_went.sql"),
    },
    Migration {
        number: 9,
        name: "mark_demo_data",
        sqlite: include_str!("../../../migrations/sqlite/0009_mark_demo_data.sql"),
        postgres: include_str!("../../../migrations/postgres/0009_mark_demo_data.sql"),
    },
    Migration {
        number: 10,
        name: "remember_copies",
        sqlite: include_str!("../../../migrations/sqlite/0010_remember_copies.sql"),
        postgres: include_str!("../../../migrations/postgres/0010_remember_copies.sql"),
    },
    Migration {
        number: 11,
        name: "keep_bulk_runs",
        sqlite: include_str!("../../../migrations/sqlite/0011_keep_bulk_runs.sql"),
        postgres: include_str!("../../../migrations/postgres/0011_keep_bulk_runs.sql"),
    },
    Migration {
        number: 12,
        name: "choose_and_set_aside",
        sqlite: include_str!("../../../migrations/sqlite/0012_choose_and_set_aside.sql"),
        postgres: include_str!("../../../migrations/postgres/0012_choose_and_set_aside.sql"),
    },
    Migration {
        number: 13,
        name: "count_from_indexes",
        sqlite: include_str!("../../../migrations/sqlite/0013_count_from_indexes.sql"),
        postgres: include_str!("../../../migrations/postgres/0013_count_from_indexes.sql"),
    },
    Migration {
        number: 14,
        name: "look_as_others",
        sqlite: include_str!("../../../migrations/sqlite/0014_look_as_others.sql"),
        postgres: include_str!("../../../migrations/postgres/0014_look_as_others.sql"),
    },
    Migration {
        number: 15,
        name: "order_tasks_and_keep_time",
        sqlite: include_str!("../../../migrations/sqlite/0015_order_tasks_and_keep_time.sql"),
        postgres: include_str!("../../../migrations/postgres/0015_order_tasks_and_keep_time.sql"),
    },
    Migration {
        number: 16,
        name: "schedule_exports",
        sqlite: include_str!("../../../migrations/sqlite/0016_schedule_exports.sql"),
        postgres: include_str!("../../../migrations/postgres/0016_schedule_exports.sql"),
    },
    Migration {
        number: 17,
        name: "index_custom_values",
        sqlite: include_str!("../../../migrations/sqlite/0017_index_custom_values.sql"),
        postgres: include_str!("../../../migrations/postgres/0017_index_custom_values.sql"),
    },
    Migration {
        number: 18,
        name: "search_the_log",
        sqlite: include_str!("../../../migrations/sqlite/0018_search_the_log.sql"),
        postgres: include_str!("../../../migrations/postgres/0018_search_the_log.sql"),
    },
    Migration {
        number: 19,
        name: "index_states_of_work",
        sqlite: include_str!("../../../migrations/sqlite/0019_index_states_of_work.sql"),
        postgres: include_str!("../../../migrations/postgres/0019_index_states_of_work.sql"),
    },
    Migration {
        number: 20,
        name: "write_records_without_a_trigger",
        sqlite: include_str!("../../../migrations/sqlite/0020_write_records_without_a_trigger.sql"),
        postgres: include_str!("../../../migrations/postgres/0020_write_records_without_a_trigger.sql"),
    },
    Migration {
        number: 21,
        name: "schedule_reports",
        sqlite: include_str!("../../../migrations/sqlite/0021_schedule_reports.sql"),
        postgres: include_str!("../../../migrations/postgres/0021_schedule_reports.sql"),
    },
    Migration {
        number: 22,
        name: "find_what_people_did",
        sqlite: include_str!("../../../migrations/sqlite/0022_find_what_people_did.sql"),
        postgres: include_str!("../../../migrations/postgres/0022_find_what_people_did.sql"),
    },
    Migration {
        number: 23,
        name: "find_causes",
        sqlite: include_str!("../../../migrations/sqlite/0023_find_causes.sql"),
        postgres: include_str!("../../../migrations/postgres/0023_find_causes.sql"),
    },
    Migration {
        number: 24,
        name: "approve_changes",
        sqlite: include_str!("../../../migrations/sqlite/0024_approve_changes.sql"),
        postgres: include_str!("../../../migrations/postgres/0024_approve_changes.sql"),
    },
    Migration {
        number: 25,
        name: "map_items",
        sqlite: include_str!("../../../migrations/sqlite/0025_map_items.sql"),
        postgres: include_str!("../../../migrations/postgres/0025_map_items.sql"),
    },
    Migration {
        number: 26,
        name: "propose_causes",
        sqlite: include_str!("../../../migrations/sqlite/0026_propose_causes.sql"),
        postgres: include_str!("../../../migrations/postgres/0026_propose_causes.sql"),
    },
    Migration {
        number: 27,
        name: "archive_records",
        sqlite: include_str!("../../../migrations/sqlite/0027_archive_records.sql"),
        postgres: include_str!("../../../migrations/postgres/0027_archive_records.sql"),
    },
    Migration {
        number: 28,
        name: "plan_without_conflicts",
        sqlite: include_str!("../../../migrations/sqlite/0028_plan_without_conflicts.sql"),
        postgres: include_str!("../../../migrations/postgres/0028_plan_without_conflicts.sql"),
    },
    Migration {
        number: 29,
        name: "feed_items",
        sqlite: include_str!("../../../migrations/sqlite/0029_feed_items.sql"),
        postgres: include_str!("../../../migrations/postgres/0029_feed_items.sql"),
    },
    Migration {
        number: 30,
        name: "assess_risk",
        sqlite: include_str!("../../../migrations/sqlite/0030_assess_risk.sql"),
        postgres: include_str!("../../../migrations/postgres/0030_assess_risk.sql"),
    },
    Migration {
        number: 31,
        name: "hold_meetings",
        sqlite: include_str!("../../../migrations/sqlite/0031_hold_meetings.sql"),
        postgres: include_str!("../../../migrations/postgres/0031_hold_meetings.sql"),
    },
    Migration {
        number: 32,
        name: "index_what_is_asked_of_changes",
        sqlite: include_str!("../../../migrations/sqlite/0032_index_what_is_asked_of_changes.sql"),
        postgres: include_str!("../../../migrations/postgres/0032_index_what_is_asked_of_changes.sql"),
    },
    Migration {
        number: 33,
        name: "warn_of_last_days",
        sqlite: include_str!("../../../migrations/sqlite/0033_warn_of_last_days.sql"),
        postgres: include_str!("../../../migrations/postgres/0033_warn_of_last_days.sql"),
    },
    Migration {
        number: 34,
        name: "keep_assets_and_licences",
        sqlite: include_str!("../../../migrations/sqlite/0034_keep_assets_and_licences.sql"),
        postgres: include_str!("../../../migrations/postgres/0034_keep_assets_and_licences.sql"),
    },
    Migration {
        number: 35,
        name: "evaluate_changes",
        sqlite: include_str!("../../../migrations/sqlite/0035_evaluate_changes.sql"),
        postgres: include_str!("../../../migrations/postgres/0035_evaluate_changes.sql"),
    },
    Migration {
        number: 36,
        name: "capture_baselines",
        sqlite: include_str!("../../../migrations/sqlite/0036_capture_baselines.sql"),
        postgres: include_str!("../../../migrations/postgres/0036_capture_baselines.sql"),
    },
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, at BIGINT NOT NULL)";

/// Any number nobody else locks: nodes that start together migrate one after the other.
const LOCK: &str = "SELECT CAST(1 AS BIGINT) FROM (SELECT pg_advisory_xact_lock(5067889000000001)) AS held";

impl Migration {
    fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    fn digest(&self, dialect: Dialect) -> String {
        crate::hex(&Sha256::digest(self.sql(dialect)))
    }
}

impl Db {
    /// Applies every step the database lacks, each in a transaction of its own, and answers which; `now` is the
    /// instant written beside them.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the database has a step this program does not know, or another text of one it knows.
    pub async fn migrate(&self, now: i64) -> Result<Vec<&'static Migration>> {
        self.migrate_to(i64::MAX, now).await
    }

    /// Applies the steps up to a number and no further: a backup is loaded into the schema it was made of.
    pub(crate) async fn migrate_to(&self, last: i64, now: i64) -> Result<Vec<&'static Migration>> {
        if last < i64::MAX && !ALL.iter().any(|step| step.number == last) {
            return Err(Error::Damaged(format!("this version does not know schema step {last}")));
        }
        let mut applied = Vec::new();
        while let Some(step) = self.write(move |conn| apply_next(conn, ALL, last, now)).await? {
            tracing::info!(number = step.number, name = step.name, "schema step applied");
            applied.push(step);
        }
        Ok(applied)
    }

    /// The steps that [`Db::migrate`] would apply.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn pending(&self) -> Result<Vec<&'static Migration>> {
        self.read(|conn| missing(conn, ALL)).await
    }
}

fn apply_next(conn: &mut Conn, steps: &'static [Migration], last: i64, now: i64) -> Result<Option<&'static Migration>> {
    if conn.dialect() == Dialect::Postgres {
        conn.one::<i64>(LOCK, &[])?;
    }
    conn.batch(TABLE)?;
    let Some(step) = missing(conn, steps)?.into_iter().find(|step| step.number <= last) else { return Ok(None) };
    conn.batch(step.sql(conn.dialect()))?;
    conn.run(
        "INSERT INTO migration (number, name, digest, at) VALUES ($1, $2, $3, $4)",
        &[step.number.into(), step.name.into(), step.digest(conn.dialect()).into(), Value::Int(now)],
    )?;
    Ok(Some(step))
}

fn missing(conn: &mut Conn, steps: &'static [Migration]) -> Result<Vec<&'static Migration>> {
    if !has_table(conn, "migration")? {
        return Ok(steps.iter().collect());
    }
    let applied: Vec<(i64, String, String)> =
        conn.fetch("SELECT number, name, digest FROM migration ORDER BY number", &[])?;
    for (number, name, digest) in &applied {
        let known = steps.iter().find(|step| step.number == *number);
        let Some(known) = known else {
            let why = format!("the database has schema step {number} ({name}), which this version does not know");
            return Err(Error::Damaged(why));
        };
        if known.digest(conn.dialect()) != *digest {
            return Err(Error::Damaged(format!("schema step {number} ({name}) is not the one that was applied")));
        }
    }
    Ok(steps.iter().filter(|step| !applied.iter().any(|(number, ..)| *number == step.number)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{both, both_empty};

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn every_file_is_a_step_in_its_order() {
        let listed: Vec<String> = ALL.iter().map(|step| format!("{:04}_{}.sql", step.number, step.name)).collect();
        assert!(ALL.iter().map(|step| step.number).eq(1..=i64::try_from(ALL.len()).unwrap()));
        for folder in ["sqlite", "postgres"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder);
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            assert_eq!(files, listed);
        }
    }

    #[tokio::test]
    async fn steps_are_applied_once_and_are_then_complete() {
        for db in both_empty() {
            assert_eq!(db.pending().await.unwrap().len(), ALL.len());
            assert_eq!(db.migrate(NOW).await.unwrap().len(), ALL.len());
            assert!(db.migrate(NOW).await.unwrap().is_empty());
            assert!(db.pending().await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn an_edited_or_unknown_step_is_refused() {
        for db in both() {
            db.write(|c| c.run("UPDATE migration SET digest = 'other' WHERE number = 1", &[])).await.unwrap();
            assert!(matches!(db.migrate(NOW).await, Err(Error::Damaged(why)) if why.contains("step 1")));
        }
        for db in both() {
            let later = "INSERT INTO migration (number, name, digest, at) VALUES (9999, 'later', 'x', 0)";
            db.write(move |c| c.run(later, &[])).await.unwrap();
            assert!(matches!(db.pending().await, Err(Error::Damaged(why)) if why.contains("9999")));
        }
    }

    #[tokio::test]
    async fn a_step_that_fails_leaves_nothing_behind() {
        static BROKEN: &[Migration] = &[Migration {
            number: 1,
            name: "half",
            sqlite: "CREATE TABLE half (id BIGINT); CREATE TABL nonsense",
            postgres: "CREATE TABLE half (id BIGINT); CREATE TABL nonsense",
        }];
        for db in both_empty() {
            assert!(db.write(|c| apply_next(c, BROKEN, 1, NOW)).await.is_err());
            assert!(!db.read(|c| has_table(c, "half")).await.unwrap());
        }
    }
}
