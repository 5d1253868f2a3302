//! Files for spreadsheets hold the list's cells: read again as a spreadsheet reads them, and compared one by one.

use crate::client::{Client, encoded};
use crate::incident::classified;
use crate::probe::PROCESS;
use crate::story;
use mainstay_engine::field::Kind;
use serde_json::{Value as Json, json};
use std::io::{Cursor, Read};

/// Columns that are compared: text of every kind, choices, numbers, names, instants, several values.
const FIELDS: [&str; 11] = [
    "number",
    "title",
    "state",
    "impact",
    "priority",
    "team",
    "requester",
    "opened",
    "workaround",
    "labels",
    "insured",
];

/// The rows of a CSV file, its header first.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

fn plain(xml: &str) -> String {
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    text.into_iter().fold(xml.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

/// What stands between a tag's opening and its end.
fn inside<'x>(xml: &'x str, tag: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{tag}"))?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once(&format!("</{tag}>")).map(|(text, _)| text)
}

/// The first sheet of a workbook, cells by their column letters; what has no cell is empty. Nothing in it may compute.
fn sheet_rows(book: &[u8]) -> Vec<Vec<String>> {
    let shared = part(book, "xl/sharedStrings.xml");
    let shared: Vec<String> =
        shared.split("<si>").skip(1).map(|each| plain(inside(each, "t").unwrap_or_default())).collect();
    let sheet = part(book, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "no cell is a formula");
    let cell = |xml: &str| {
        let value = inside(xml, "v").unwrap_or_default();
        match xml.split('>').next().unwrap_or_default() {
            head if head.contains("t=\"s\"") => shared[value.parse::<usize>().expect("an index")].clone(),
            head if head.contains("t=\"b\"") => (value == "1").to_string(),
            _ => value.to_owned(),
        }
    };
    let row = |xml: &str| {
        let mut cells = vec![String::new(); FIELDS.len()];
        for each in xml.split("<c ").skip(1) {
            let letter = each.trim_start_matches("r=\"").bytes().next().expect("a letter");
            cells[usize::from(letter - b'A')] = cell(each);
        }
        cells
    };
    sheet.split("<row ").skip(1).map(row).collect()
}

/// The list, all pages, as cells for machines or for people.
async fn listed(client: &Client, question: &str, for_people: bool) -> Vec<Vec<String>> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("incidents?{question}&limit=20&fields={}{after}", FIELDS.join(","));
        let page = client.get(&path).await.ok();
        let of_item = |item: &Json| FIELDS.map(|key| cell_of(key, &item[key], for_people)).to_vec();
        rows.extend(page["items"].as_array().expect("items").iter().map(of_item));
        let Some(next) = page["next"].as_str() else { return rows };
        after = format!("&after={next}");
    }
}

fn cell_of(key: &str, value: &Json, for_people: bool) -> String {
    let label = |text: &str| match (key, PROCESS.field(key).map(|field| field.kind)) {
        ("state", _) => PROCESS.state(text).map(|state| state.label.to_owned()),
        (_, Some(Kind::Choice(choices))) => choices.iter().find(|c| c.key == text).map(|c| c.label.to_owned()),
        _ => None,
    };
    match value {
        Json::Null => String::new(),
        Json::String(text) if for_people => label(text).unwrap_or_else(|| text.clone()),
        // A spreadsheet takes what begins so for a formula, unless an apostrophe stands before it.
        Json::String(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join("; "),
        Json::Object(reference) => reference["name"].as_str().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

story!(gen_22_s_06_s_29_csv_and_workbook_hold_the_cells_of_the_list, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    for (name, kind) in [("Labels", "tags"), ("Insured", "bool")] {
        let own = json!({ "name": name, "field": name.to_lowercase(), "process": PROCESS.key, "kind": kind });
        admin.post("custom-fields", own).await.ok();
    }
    let titles = ["=HYPERLINK(\"http://x\")", "Ärger, \"Till\" & <b>", "+44 20", "007", "1e5", "  spaces  between"];
    for n in 0..45 {
        let mut values = classified(&cast, "high", if n % 2 == 0 { "low" } else { "high" });
        values["title"] = json!(titles[n % titles.len()]);
        values["requester"] = if n % 7 == 0 { cast.acme_requester } else { cast.requester }.into();
        if n % 3 == 0 {
            values["workaround"] = json!("First line\nsecond, line; third");
            values["labels"] = json!(["one", "two, three"]);
            values["insured"] = json!(n % 2 == 0);
        }
        agent.report(values).await;
    }
    let representative = stage.sign_in(cast.representative).await;
    let questions = ["sort=-number".to_owned(), format!("sort=title&filter={}", encoded("priority <= 3"))];
    for (client, least) in [(&agent, 20), (&representative, 3)] {
        for question in &questions {
            let ask = async |format: &str| {
                let fields = FIELDS.join(",");
                let answer = client.get(&format!("incidents/export?format={format}&{question}&fields={fields}")).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
                answer
            };
            let mut csv = csv_rows(ask("csv").await.text.trim_start_matches('\u{feff}'));
            assert_eq!(csv.remove(0), FIELDS);
            let list = listed(client, question, false).await;
            assert!(list.len() >= least, "{}", list.len());
            assert_eq!(csv, list, "{question}");
            let mut book = sheet_rows(&ask("xlsx").await.bytes);
            let heads =
                FIELDS.map(|key| PROCESS.field(key).map_or_else(|| own_label(key), |field| field.label.to_owned()));
            assert_eq!(book.remove(0), heads);
            assert_eq!(book, listed(client, question, true).await, "{question}");
        }
    }
});

/// The label of a field of the organisation's own, as it was given.
fn own_label(key: &str) -> String {
    key[..1].to_uppercase() + &key[1..]
}
