//! Figures that are counted from what a node keeps in memory are those that the records themselves give: for
//! everybody, by every grouping, whatever happens to the records.

use crate::client::Stage;
use crate::service_levels::{business_hours, clock, level, target};
use crate::visibility::chance::Chance;
use crate::{Client, at, story};
use mainstay_desk::records::Listing;
use mainstay_desk::reports::{self, Figure, Params, Report, TOTAL};
use mainstay_desk::{Caller, Channel, Credential, Desk, Error, Session};
use mainstay_engine::process::Process;
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

const REPORTS: [&str; 3] = ["volume", "response", "resolution"];
const GROUPS: [&str; 6] = ["none", "team", "service", "organisation", "priority", "state"];

/// Of some records: by fields that are kept.
const FILTERED: [(&str, Option<&str>); 2] = [
    ("service", Some("team in my_teams and priority in (2, 3)")),
    ("none", Some("state != \"in_progress\" or service is empty")),
];

/// What people see of a report: each row with its figures, and which of them lead to records.
type Seen = Vec<(String, String, Vec<(Figure, bool)>)>;

fn seen(report: &Report) -> Seen {
    let row = |row: &reports::Row| {
        let cells = row.cells.iter().map(|cell| (cell.figure.clone(), cell.leads)).collect();
        (row.key.clone(), row.label.clone(), cells)
    };
    report.rows.iter().chain(&report.total).map(row).collect()
}

/// A question about figures, answered from the records or from what is kept.
async fn answered<T: Send + 'static>(
    desk: &Desk,
    person: i64,
    from_kept: bool,
    question: impl FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
) -> Result<T, String> {
    let who = Credential::Person(person);
    let answer = if from_kept {
        desk.read_figures(&who, Channel::Api, question).await
    } else {
        desk.read_long(&who, Channel::Api, question).await
    };
    answer.map_err(|error| match error {
        Error::Refused(refusal) => refusal.code.clone(),
        other => panic!("{other}"),
    })
}

/// Asks for every report both ways, and for the records behind its totals. Returns how many answers were compared.
pub async fn both_ways(desk: &Desk, process: &'static Process, person: i64, from: &str) -> usize {
    let mut compared = 0;
    for key in REPORTS {
        for (group, filter) in GROUPS.iter().map(|group| (*group, None)).chain(FILTERED) {
            let params = Params {
                filter: filter.map(str::to_owned),
                from: Some(from.to_owned()),
                to: Some("2030-01-01".to_owned()),
                group_by: Some(group.to_owned()),
                ..Params::default()
            };
            let asked = params.clone();
            let run = move |session: &mut Session<'_>, caller: &Caller| {
                reports::run(session, caller, process, key, &asked).map(|report| (report.kept, report))
            };
            let (slow, fast) =
                (answered(desk, person, false, run.clone()).await, answered(desk, person, true, run).await);
            compared += 1;
            let (slow, fast) = match (slow, fast) {
                (Ok((false, slow)), Ok((true, fast))) => (slow, fast),
                (Err(slow), Err(fast)) if slow == fast => continue,
                (slow, fast) => panic!("{person} {key} by {group}: {slow:?} but {fast:?}"),
            };
            assert_eq!(seen(&fast), seen(&slow), "{person} asks for {key} by {group} since {from}");
            let total = slow.total.expect("a total");
            let leading = slow.columns.iter().zip(total.cells).filter(|(_, cell)| group == "none" && cell.leads);
            for (column, _) in leading {
                let asked = params.clone();
                let behind = move |session: &mut Session<'_>, caller: &Caller| {
                    let listing = Listing { limit: 200, ..Listing::default() };
                    let place = (TOTAL, column.key);
                    let page = reports::behind(session, caller, process, key, &asked, place, &listing)?.page;
                    let number =
                        |row: &mainstay_desk::records::Row| row.record.value("number").as_text().map(str::to_owned);
                    Ok(page.rows.iter().map(number).collect::<Vec<_>>())
                };
                let slow = answered(desk, person, false, behind.clone()).await;
                assert_eq!(answered(desk, person, true, behind).await, slow, "{person}: {key}.{}", column.key);
                compared += 1;
            }
        }
    }
    compared
}

fn incidents() -> &'static Process {
    mainstay_processes::process("incident").expect("declared")
}

/// One of the things that happen to a record; what its state does not allow is refused and changes nothing.
async fn happen(
    stage: &Stage,
    client: &Client,
    cast: &Cast,
    number: &str,
    chance: &mut Chance,
) -> Option<(String, i64)> {
    let path = format!("incidents/{number}");
    let step = |verb: &str, body: Json| (format!("{path}/{verb}"), body);
    let (way, body) = match chance.below(12) {
        0 | 1 => step("take", json!({})),
        2..=4 => {
            let body = json!({ "resolution_code": "fixed", "resolution": "Restarted", "restored": "2025-06-02T08:00:00Z",
                "closing_category": cast.network_category });
            step("resolve", body)
        }
        5 => step("reopen", json!({ "reason": "Again" })),
        6 => step("hold", json!({ "hold_reason": "vendor" })),
        7 => step("resume", json!({})),
        8 => step("reassign", json!({ "team": *chance.pick(&[cast.network, cast.service_desk]), "reason": "Theirs" })),
        9 => step("cancel", json!({ "cancel_reason": "raised_in_error" })),
        10 => {
            let body = [
                json!({ "service": *chance.pick(&[cast.email, cast.payments]) }),
                json!({ "restricted": chance.per_cent(70) }),
                json!({ "impact": *chance.pick(&["high", "low"]), "urgency": "medium" }),
            ];
            client.patch(&path, chance.pick(&body).clone()).await;
            return None;
        }
        _ => {
            let found = clock(client, number, "resolution").await["id"].as_i64()?;
            let now = stage.house.clock.reading();
            let stretch = json!({ "from": instant(now - 7_200_000), "to": instant(now - 1), "reason": "Agreed" });
            client.post(&format!("{path}/clocks/{found}/exclude"), stretch).await;
            return None;
        }
    };
    let answer = client.post(&way, body).await;
    answer.body["event"].as_i64().map(|event| (number.to_owned(), event))
}

fn instant(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).expect("an instant").to_string()
}

story!(c_09_gen_10_figures_of_now_are_those_of_the_records, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, manager) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.manager).await);
    let hours = business_hours(&admin).await;
    level(&admin, &cast, hours, target("resolution", 4, "hours"), json!({})).await;
    let mut chance = Chance::new(20);
    let (mut numbers, mut done) = (Vec::new(), Vec::new());
    let asking = [cast.manager, cast.agent, cast.agent_l2, cast.representative, cast.auditor, cast.requester];
    let mut compared = 0;
    for round in 0..6 {
        stage.house.advance_to(at(&format!("2025-06-{:02}T09:00:00Z", 3 + round * 4))).await;
        for _ in 0..3 {
            let requester = *chance.pick(&[cast.requester, cast.acme_requester]);
            let team = *chance.pick(&[cast.network, cast.service_desk]);
            let body = json!({ "service": *chance.pick(&[cast.email, cast.payments]), "requester": requester,
                "impact": "medium", "urgency": "medium", "team": team, "category": cast.network_category });
            numbers.push(manager.report(body).await);
        }
        for _ in 0..14 {
            let number = chance.pick(&numbers).clone();
            done.extend(happen(&stage, &manager, &cast, &number, &mut chance).await);
            if let Some((number, event)) = done.pop_if(|_| chance.per_cent(30)) {
                manager.post(&format!("incidents/{number}/events/{event}/undo"), json!({})).await;
            }
        }
        for from in ["2025-06-01", "2025-06-10T09:00:00Z"] {
            for person in asking {
                compared += both_ways(&stage.house.desk, incidents(), person, from).await;
            }
        }
    }
    assert!(compared > 1_000, "{compared} answers");
});

story!(c_09_figures_of_a_past_period_and_by_what_is_not_kept_rest_on_the_log, |stage| async move {
    let house = stage.house;
    let kept = async |from: &str, to: &str, filter: Option<&str>, group: &str| {
        let some = |text: &str| Some(text.to_owned());
        let params = Params {
            from: some(from),
            to: some(to),
            filter: filter.map(str::to_owned),
            group_by: some(group),
            ..Params::default()
        };
        let run = move |session: &mut Session<'_>, caller: &Caller| {
            Ok(reports::run(session, caller, incidents(), "volume", &params)?.kept)
        };
        answered(&house.desk, house.cast.manager, true, run).await
    };
    assert_eq!(kept("2025-05-10", "2025-06-03", None, "team").await, Ok(true));
    assert_eq!(kept("2025-05-10", "2025-06-02", None, "team").await, Ok(false), "it has ended");
    assert_eq!(kept("2025-04-10", "2025-06-03", None, "team").await, Ok(false), "it began too early");
    assert_eq!(kept("2025-05-10", "2025-06-03", Some("priority = 1"), "team").await, Ok(true), "it is about some");
    let titled = Some("priority = 1 and title contains \"vpn\"");
    assert_eq!(kept("2025-05-10", "2025-06-03", titled, "team").await, Ok(false), "their titles are not kept");
    for group in ["month", "category", "assignee"] {
        assert_eq!(kept("2025-05-10", "2025-06-03", None, group).await, Ok(false), "{group}");
    }
});
