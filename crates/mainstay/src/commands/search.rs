//! `mainstay search`

use crate::failure::Failure;
use crate::installation::{Installation, index_failed};
use crate::progress::Progress;
use crate::settings::Settings;
use mainstay_desk::{Desk, feed};
use mainstay_search::Index;
use std::path::Path;

/// Builds the search index anew from the database.
///
/// # Errors
/// An installation that is not ready; a server that has the index open.
pub async fn rebuild(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::ready(settings).await?;
    let (desk, folder) = (installation.desk.clone(), installation.settings.search.clone());
    let built = tokio::task::spawn_blocking(move || build(&desk, &folder)).await;
    built.map_err(|why| Failure::failed(format!("the index was not built: {why}.")))??;
    installation.close().await;
    Ok(())
}

fn build(desk: &Desk, folder: &Path) -> Result<(), Failure> {
    // A server that runs with the index would go on with the old one.
    match Index::open(folder) {
        Err(why @ mainstay_search::Error::InUse) => return Err(index_failed(folder, &why)),
        _ => std::fs::create_dir_all(folder).map_err(|why| Failure::failed(format!("{}: {why}.", folder.display())))?,
    }
    let total = desk.db().read_blocking(|conn| conn.one::<i64>("SELECT count(*) FROM record", &[]))?;
    let (total, mut done) = (u64::try_from(total).unwrap_or_default(), 0);
    let mut progress = Progress::new("Building the search index", "records");
    let told = std::sync::Mutex::new(&mut progress);
    let (documents, cursor) = feed::documents(desk, |batch| {
        done += batch as u64;
        if let Ok(mut progress) = told.lock() {
            progress.tell(done, Some(total));
        }
    })?;
    let index = Index::rebuilt(folder, documents, cursor).map_err(|why| index_failed(folder, &why))?;
    index.close().map_err(|why| index_failed(folder, &why))?;
    progress.end();
    Ok(())
}
