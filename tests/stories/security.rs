//! Failures that products of this kind really had, each kept out by a test that carries the number of its class.

mod access;
mod hostile;
mod isolation;
mod pages;
mod secrets;
mod writing;

use crate::client::{Client, Stage};
use serde_json::{Value as Json, json};

/// The id of the newest event: as long as it stays, nothing was written.
async fn newest(stage: &Stage) -> i64 {
    stage.house.desk.db().read(mainstay_store::events::newest).await.expect("the log")
}

fn id(json: &Json) -> i64 {
    json["id"].as_i64().expect("an id")
}

/// The id of a shipped role.
async fn role(admin: &Client, name: &str) -> i64 {
    let listed = admin.get(&format!("roles?limit=200&name={}", crate::client::encoded(name))).await.ok();
    id(&listed["items"][0])
}

/// Somebody of the bank whose role reaches one organisation only.
async fn bound(stage: &Stage, admin: &Client, role_name: &str, organisation: i64) -> i64 {
    let email = format!("{}.{organisation}@bank.example", role_name.replace(' ', ".").to_lowercase());
    let made = json!({
        "name": format!("{role_name} for {organisation}"), "email": email, "organisation": stage.house.cast.retail_bank,
        "grants": [{ "role": role(admin, role_name).await, "organisation": organisation }],
    });
    id(&admin.post("people", made).await.ok())
}
