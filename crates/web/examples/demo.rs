//! The pages on demo data, to look at: `cargo run -p mainstay-web --example demo -- 4200 FOLDER`.
//!
//! The folder must be empty or hold what this program made before. Everybody's password is printed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use mainstay_desk::auth::sessions::Limits;
use mainstay_desk::auth::{Entrance, InstallationKey, Passwords, SystemEntropy};
use mainstay_desk::{Channel, Clock, Credential, Desk, demo, install};
use mainstay_store::{Blobs, Config, Db};
use mainstay_web::{Web, router};

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the program itself hands the clock down")]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let port = words.next().unwrap_or_else(|| "4200".to_owned());
    let folder = words.next().map_or_else(|| std::env::temp_dir().join("mainstay-demo"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let database = format!("sqlite:{}", folder.join("mainstay.db").display());
    let db = Db::open(&Config { url: database, readers: 4, writers: 1 })?;
    let desk = Desk::new(db, Blobs::open(&folder.join("files"))?, Arc::new(SystemClock), Arc::new(SystemEntropy));
    prepare(&desk).await?;
    let key = desk.db().read(InstallationKey::load).await?;
    let entrance = Entrance::new(desk.db().clone(), Passwords::new(&SystemEntropy, 2), key, Limits::default());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    for way in demo::sign_ins() {
        println!("{:28} {:24} {}", way.email, way.role, demo::PASSWORD);
    }
    println!("{base_url}");
    axum::serve(listener, router(Web::new(desk, entrance, &base_url, "Northwind IT"))).await?;
    Ok(())
}

async fn prepare(desk: &Desk) -> mainstay_desk::Result<()> {
    let now = desk.now();
    if !desk.db().pending().await?.is_empty() {
        desk.db().migrate(now).await?;
    }
    let drawn = InstallationKey::draw(desk.entropy());
    desk.db().write(move |conn| drawn.keep(conn, now)).await?;
    desk.write(&Credential::Engine, Channel::Command, install::install).await?;
    if !demo::is_there(desk).await? {
        demo::fill(desk, &mainstay_store::Watch::default()).await?;
    }
    Ok(())
}
