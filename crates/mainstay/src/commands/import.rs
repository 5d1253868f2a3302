//! `mainstay import`

use crate::cli::Import;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::{Credential, Desk};
use mainstay_intake::import::{ImportError, Options, Progress, Report};
use mainstay_intake::mapping::{self, Mapping};
use mainstay_intake::servicenow;

/// Imports records from elsewhere.
///
/// # Errors
/// An installation that is not ready; a file that cannot be read; rows that were rejected.
pub async fn run(settings: Settings, import: Import) -> Result<(), Failure> {
    let installation = Installation::ready(settings).await?;
    let desk = installation.desk.clone();
    let done = tokio::task::spawn_blocking(move || carry_out(&desk, &import)).await;
    let report = done.map_err(|why| Failure::failed(format!("the import ended badly: {why}.")))??;
    installation.close().await;
    say(&report);
    match report.rejected_rows {
        0 => Ok(()),
        1 => Err(Failure::failed("one row was rejected; everything else stands.")
            .next("Correct it in the file of rejected rows and import that, or the whole file, again.")),
        rows => Err(Failure::failed(format!("{rows} rows were rejected; everything else stands."))
            .next("Correct them in the file of rejected rows and import that, or the whole file, again.")),
    }
}

fn carry_out(desk: &Desk, import: &Import) -> Result<Report, Failure> {
    let mut bar = progress::Progress::new("Importing", "rows");
    let mut tell = |progress: &Progress| bar.tell(progress.rows, progress.total);
    let report = match import {
        Import::ServicenowLog(log) => {
            let options = Options { dry_run: log.dry_run, calendar: log.calendar.clone() };
            servicenow::import_log(desk, &Credential::Engine, &log.file, &options, &mut tell)
        }
        Import::Csv(csv) => {
            let options = Options { dry_run: csv.dry_run, calendar: None };
            let text = std::fs::read_to_string(&csv.mapping).map_err(|why| {
                Failure::failed(format!("the mapping {} cannot be read: {why}.", csv.mapping.display()))
            })?;
            let mapping = Mapping::parse(&text).map_err(failure)?;
            mapping::import_file(desk, &Credential::Engine, &csv.file, &mapping, &options, &mut tell)
        }
    };
    let report = report.map_err(failure)?;
    bar.tell(report.rows, None);
    bar.end();
    Ok(report)
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Desk(error) => error.into(),
        other => Failure::failed(other.to_string()),
    }
}
