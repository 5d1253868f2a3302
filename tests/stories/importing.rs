//! What other systems export comes in once, with its history, and every row that does not is told.

use crate::client::{Stage, encoded};
use crate::story;
use mainstay_desk::{Credential, Desk};
use mainstay_intake::import::{Options, Report};
use mainstay_intake::mapping::{self, Mapping};
use mainstay_intake::servicenow;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

const ORGANISATIONS: &str = r#"
into = "organisations"
origin = "crm"
key = "Account"
[fields]
name = { column = "Company" }
kind = { column = "Kind", values = { client = "customer", supplier = "vendor" } }
"#;

const COMPANIES: &str = "Account,Company,Kind\n\
    1,Northwind Traders,client\n\
    2,Cable and Co,supplier\n\
    3,Neither of both,partner\n\
    4,,client\n";

const PEOPLE: &str = r#"
into = "people"
origin = "crm"
key = "No"
[fields]
name = { column = "Name" }
email = { column = "Mail" }
organisation = { column = "Company", by = "external_key" }
"#;

const CONTACTS: &str =
    "No,Name,Mail,Company\n1,Nora North,nora@northwind.example,1\n2,Nobody,nobody@nowhere.example,77\n";

/// Imports a file of this text as the command line does.
pub async fn import(stage: &Stage, folder: &Path, name: &str, text: &str, mapping: Option<&'static str>) -> Report {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file is written");
    let desk = stage.house.desk.clone();
    let done = tokio::task::spawn_blocking(move || carry_out(&desk, &path, mapping));
    done.await.expect("the import ends")
}

fn carry_out(desk: &Desk, path: &Path, mapping: Option<&str>) -> Report {
    let (options, by) = (Options::default(), Credential::Engine);
    let report = match mapping {
        Some(text) => {
            let mapping = Mapping::parse(text).expect("a mapping");
            mapping::import_file(desk, &by, path, &mapping, &options, &mut |_| {})
        }
        None => servicenow::import_log(desk, &by, path, &options, &mut |_| {}),
    };
    report.expect("the file is read")
}

fn rejected(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(format!("{name}.rejected.csv"))).unwrap_or_default()
}

pub fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_owned();
    (folder, path)
}

/// One row of an event log.
fn row(number: &str, state: &str, changed: &str) -> String {
    format!("{number},{state},2403,8,29/2/2016 01:16,21,{changed},Phone,55,170,2,2,3,56")
}

pub const HEADING: &str = "number,incident_state,caller_id,opened_by,opened_at,sys_updated_by,sys_updated_at,contact_type,\
    category,subcategory,impact,urgency,priority,assignment_group";

story!(gen_22_the_same_log_twice_makes_nothing_twice_and_tells_each_row_it_rejects, |stage| async move {
    let (_kept, folder) = folder();
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let rows = [
        row("INC0000045", "New", "29/2/2016 01:23"),
        row("INC0000045", "Active", "29/2/2016 08:00"),
        row("INC0000045", "-100", "29/2/2016 08:10"),
        row("INC0000045", "Resolved", "29/2/2016 08:53"),
        row("INC0000046", "New", "31/2/2016 99:99"),
        row("INC0000047", "Active", "1/3/2016 10:00"),
    ];
    let log = format!("{HEADING}\n{}\n", rows.join("\n"));
    let first = import(&stage, &folder, "log.csv", &log, None).await;
    assert_eq!((first.rows, first.made, first.rejected_rows), (6, 2, 1), "{first}");
    let told = rejected(&folder, "log.csv");
    assert!(told.contains("6,not_an_instant") && told.contains("INC0000046"), "{told}");

    let listed = async || admin.get(&format!("incidents?filter={}", encoded("title contains \"0000045\""))).await.ok();
    let found = listed().await;
    let number = found["items"][0]["number"].as_str().expect("it is there").to_owned();
    let record = admin.incident(&number).await;
    assert_eq!((&record["state"], &record["opened"]), (&json!("resolved"), &json!("2016-02-29T01:16:00Z")), "{record}");
    let history = admin.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    let steps: Vec<(&str, &str)> = history["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| (event["verb"].as_str().unwrap_or_default(), event["at"].as_str().unwrap_or_default()))
        .filter(|(verb, _)| !verb.contains('.'))
        .take(5)
        .collect();
    let expected = [
        ("opened", "2016-02-29T01:16:00Z"),
        ("assign", "2016-02-29T01:23:00Z"),
        ("take", "2016-02-29T08:00:00Z"),
        ("updated", "2016-02-29T08:10:00Z"),
        ("resolve", "2016-02-29T08:53:00Z"),
    ];
    assert_eq!(steps, expected, "the row that lost its state keeps the one before it");

    let newest = stage.house.desk.db().read(mainstay_store::events::newest).await.expect("the log");
    let again = import(&stage, &folder, "log.csv", &log, None).await;
    assert_eq!((again.made, again.unchanged, again.rejected_rows), (0, 2, 1), "{again}");
    assert!(again.entries.is_empty(), "{again}");
    let after = stage.house.desk.db().read(mainstay_store::events::newest).await.expect("the log");
    assert_eq!(after, newest, "nothing was written");
    assert_eq!(listed().await, found);
});

story!(gen_22_organisations_and_their_people_come_once_by_a_mapping, |stage| async move {
    let (_kept, folder) = folder();
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let first = import(&stage, &folder, "companies.csv", COMPANIES, Some(ORGANISATIONS)).await;
    assert_eq!((first.rows, first.made, first.rejected_rows), (4, 2, 2), "{first}");
    let told = rejected(&folder, "companies.csv");
    assert!(told.contains("partner") && told.lines().count() == 3, "{told}");
    let listed = async |what: &str| admin.get(what).await.ok()["items"].clone();
    let north = listed("organisations?name=Northwind").await;
    assert_eq!((north.as_array().map(Vec::len), &north[0]["kind"]), (Some(1), &json!("customer")), "{north}");
    assert_eq!(listed("organisations?name=Cable").await[0]["kind"], "vendor");

    let people = import(&stage, &folder, "contacts.csv", CONTACTS, Some(PEOPLE)).await;
    assert_eq!((people.made, people.rejected_rows), (1, 1), "{people}");
    let nora = listed("people?name=Nora").await;
    assert_eq!(nora[0]["organisation"]["name"], "Northwind Traders", "{nora}");

    let again = import(&stage, &folder, "companies.csv", COMPANIES, Some(ORGANISATIONS)).await;
    assert_eq!((again.made, again.unchanged, again.rejected_rows), (0, 2, 2), "{again}");
    assert_eq!(listed("organisations?name=Northwind").await, north);
    let exported: Json = admin.get("organisations/export?format=json").await.ok();
    let names = exported.as_array().into_iter().flatten().filter(|o| o["name"] == "Northwind Traders").count();
    assert_eq!(names, 1, "what comes out is what came in");
});
