//! Measures the import of an incident event log into a new database: `cargo run --release --example measure -- FILE`.
//! Afterwards it imports the same file again, which must change nothing.

use mainstay_desk::Credential;
use mainstay_intake::import::Options;
use mainstay_intake::servicenow::import_log;
use mainstay_testing::House;
use std::path::PathBuf;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let path = PathBuf::from(arguments.next().expect("the log to import"));
    let house = match arguments.next() {
        Some(kind) if kind == "postgres" => House::postgres().await,
        _ => House::sqlite().await,
    };
    let (desk, kind) = (house.desk.clone(), house.kind());
    let work = move || {
        for dry_run in [true, false, false] {
            let options = Options { dry_run, ..Options::default() };
            let report =
                import_log(&desk, &Credential::Engine, &path, &options, &mut |_| {}).expect("the log is imported");
            println!("{kind}: {report}\n");
        }
    };
    tokio::task::spawn_blocking(work).await.expect("the import ends");
}
