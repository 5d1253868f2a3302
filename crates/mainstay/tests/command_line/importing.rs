//! Importing and filling.

use crate::program::{Folder, mainstay};

const HEADING: &str = "number,ident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_by,\
    opened_at,sys_created_by,sys_created_at,sys_updated_by,sys_updated_at,contact_type,location,category,category,u_symptom,\
    cmdb_ci,impact,urgency,priority,assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,rfc,vendor,\
    caused_by,closed_code,resolved_by,resolved_at,closed_at";

fn row(number: &str, state: &str, updated: &str) -> String {
    format!(
        "{number},{state},true,0,0,0,true,2403,8,29/2/2016 01:16,6,29/2/2016 01:23,21,{updated},Phone,143,55,170,72,?,\
         2,2,3,56,?,true,false,Do Not Notify,?,?,?,?,5,149,29/2/2016 11:29,5/3/2016 12:00"
    )
}

#[test]
fn a_log_is_imported_once_and_rejected_rows_are_not_lost() {
    let folder = Folder::new();
    let data = folder.path("data");
    mainstay(&["--data", &data, "init"]).ends(0);
    let rows = [row("INC0000045", "New", "29/2/2016 01:23"), row("INC0000045", "Resolved", "29/2/2016 08:53")];
    let good = folder.write("good.csv", &format!("{HEADING}\n{}\n", rows.join("\n")));
    let import = ["--data", &data, "import", "servicenow-log", &good];
    mainstay(&[&import[..], &["--dry-run"]].concat()).ends(0).out_says("nothing was written");
    mainstay(&import).ends(0).out_says("2 rows read, 0 rejected").out_says("1 made");
    mainstay(&import).ends(0).out_says("0 made, 0 updated, 1 unchanged");
    let bad = folder.write("bad.csv", &format!("{HEADING}\n{}\n", row("INC0000046", "New", "31/2/2016 99:99")));
    mainstay(&["--data", &data, "import", "servicenow-log", &bad]).ends(1).says("one row was rejected");
    assert!(folder.has("bad.csv.rejected.csv"));
    mainstay(&["--data", &data, "import", "servicenow-log", &folder.path("none.csv")]).ends(1).says("none.csv");
}

#[test]
fn a_file_is_imported_by_a_mapping() {
    let folder = Folder::new();
    let data = folder.path("data");
    mainstay(&["--data", &data, "init"]).ends(0);
    let file = folder.write("teams.csv", "Key,Team\n1,Night shift\n2,Day shift\n");
    let mapping = folder
        .write("teams.toml", "into = 'teams'\norigin = 'old'\nkey = 'Key'\n[fields]\nname = { column = 'Team' }\n");
    let import = ["--data", &data, "import", "csv", &file, "--mapping", &mapping];
    mainstay(&import).ends(0).out_says("2 made");
    mainstay(&import).ends(0).out_says("2 unchanged");
    let wrong = folder.write("wrong.toml", "into = 'teems'\norigin = 'old'\nkey = 'Key'\n");
    mainstay(&["--data", &data, "import", "csv", &file, "--mapping", &wrong]).ends(1).says("teems");
}

#[test]
fn bench_fill_makes_as_many_as_asked_and_none_twice() {
    let folder = Folder::new();
    let data = folder.path("data");
    mainstay(&["--data", &data, "init"]).ends(0);
    mainstay(&["--data", &data, "bench", "fill", "700"]).ends(0).says("Filling: 700 in");
    mainstay(&["--data", &data, "bench", "fill", "700"]).ends(0);
    mainstay(&["--data", &data, "search", "rebuild"]).ends(0).says("Building the search index: 700 in");
}
