//! `mainstay doctor`

use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::{Settings, without_secret};
use mainstay_desk::doctor;
use mainstay_store::Weight;

/// Looks whether everything is sound and says what is not.
///
/// # Errors
/// Exit code 3 when something is not; 1 when the database cannot be asked.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::open(settings)?;
    let place = without_secret(&installation.settings.database);
    eprintln!("Looking at {place}; with much data this takes minutes.");
    let found = doctor::examine(&installation.desk).await?;
    installation.close().await;
    for finding in &found {
        println!("{:8} {}", word(finding.weight), finding.says);
    }
    match found.iter().filter(|finding| finding.weight > Weight::Note).count() {
        0 => {
            println!("All is well.");
            Ok(())
        }
        faults => Err(Failure::not_ready(format!("the doctor found {faults} faults."))),
    }
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Damage => "DAMAGE",
    }
}
