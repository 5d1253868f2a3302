//! Figures that are counted from what a node keeps in memory are those that the records themselves give: for
//! everybody, by every grouping, whatever happens to the records.

use crate::browser::Pages;
use crate::client::Stage;
use crate::fields::settings;
use crate::importing::{HEADING, folder, import};
use crate::merging::{made, role};
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

/// One report as it is asked for.
#[derive(Clone)]
struct Wanted {
    process: &'static Process,
    key: &'static str,
    params: Params,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.key, self.params)
    }
}

impl Wanted {
    async fn of(&self, desk: &Desk, person: i64, from_kept: bool) -> Result<Report, String> {
        let Self { process, key, params } = self.clone();
        let run =
            move |session: &mut Session<'_>, caller: &Caller| reports::run(session, caller, process, key, &params);
        answered(desk, person, from_kept, run).await
    }

    /// The numbers of the records behind a figure, page by page.
    async fn behind(&self, desk: &Desk, person: i64, from_kept: bool, place: &(String, String)) -> Vec<String> {
        let (Self { process, key, params }, place) = (self.clone(), place.clone());
        let behind = move |session: &mut Session<'_>, caller: &Caller| {
            let number = |row: &mainstay_desk::records::Row| row.record.value("number").as_text().map(str::to_owned);
            let (mut numbers, mut listing) = (Vec::new(), Listing { limit: 10, ..Listing::default() });
            loop {
                let place = (&*place.0, &*place.1);
                let found = reports::behind(session, caller, process, key, &params, place, &listing)?;
                numbers.extend(found.page.rows.iter().filter_map(number));
                listing.after = found.page.next;
                if listing.after.is_none() {
                    assert_eq!(numbers.len(), found.count, "every one of them, once");
                    return Ok(numbers);
                }
            }
        };
        answered(desk, person, from_kept, behind).await.unwrap_or_else(|code| panic!("{person} {self:?}: {code}"))
    }

    /// Asks both ways; none where that is refused, which it then is both ways.
    async fn compared(&self, desk: &Desk, person: i64) -> Option<Report> {
        match (self.of(desk, person, false).await, self.of(desk, person, true).await) {
            (Ok(slow), Ok(fast)) => {
                assert!(!slow.kept && (fast.kept || WITH_LIMITS.contains(&self.key)), "{person}: {self:?}");
                assert_eq!(seen(&fast), seen(&slow), "{person} asks {self:?}");
                assert_eq!((fast.more, &fast.next), (slow.more, &slow.next), "{person} asks {self:?}");
                Some(fast)
            }
            (Err(slow), Err(fast)) if slow == fast => None,
            (slow, fast) => panic!("{person} {self:?}: {slow:?} but {fast:?}"),
        }
    }

    /// The records behind a figure, both ways.
    async fn led(&self, desk: &Desk, person: i64, place: (String, String)) {
        let slow = self.behind(desk, person, false, &place).await;
        assert_eq!(self.behind(desk, person, true, &place).await, slow, "{person}: {place:?} of {self:?}");
    }
}

/// Asks for every report of what happened lately both ways, and for the records behind its totals. Returns how many
/// answers were compared.
pub async fn both_ways(desk: &Desk, process: &'static Process, person: i64, from: &str) -> usize {
    let mut compared = 0;
    for key in REPORTS {
        for (group, filter) in GROUPS.iter().map(|group| (*group, None)).chain(FILTERED) {
            let wanted = Wanted { process, key, params: asking((from, "2030-01-01"), group, filter) };
            let report = wanted.compared(desk, person).await;
            compared += 1;
            let total = report.and_then(|report| Some((report.columns, report.total?)));
            let Some((columns, total)) = total.filter(|_| group == "none") else { continue };
            for (column, _) in columns.iter().zip(total.cells).filter(|(_, cell)| cell.leads) {
                wanted.led(desk, person, (TOTAL.to_owned(), column.key.to_owned())).await;
                compared += 1;
            }
        }
    }
    compared
}

fn asking((from, to): (&str, &str), group: &str, filter: Option<&str>) -> Params {
    Params {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        group_by: Some(group.to_owned()),
        filter: filter.map(str::to_owned),
        ..Params::default()
    }
}

/// Reports that are lists of limits, of which only parts are kept.
const WITH_LIMITS: [&str; 2] = ["workload", "team_load"];
/// Groups that are kept beside those that always are.
const MORE_GROUPS: [&str; 5] = ["month", "category", "assignee", "related_to", "duplicate_of"];
const MORE_FILTERS: [&str; 3] = ["team in my_teams", "category is not empty and priority <= 3", "phase < 2"];

/// Asks for reports of these periods by chance, so many of each, and for the records behind one of their figures.
/// Returns how many answers were compared.
pub async fn both_ways_by_chance(
    (desk, process): (&Desk, &'static Process),
    person: i64,
    periods: &[(&str, &str)],
    chance: &mut Chance,
    each: usize,
) -> usize {
    let mut compared = 0;
    for period in periods {
        for _ in 0..each {
            let key = chance.pick(reports::ALL).key;
            let group = if chance.per_cent(60) { *chance.pick(&GROUPS) } else { *chance.pick(&MORE_GROUPS) };
            let filter = chance.maybe(40, &MORE_FILTERS).copied();
            let mut wanted = Wanted { process, key, params: asking(*period, group, filter) };
            wanted.params.of = (key == "ad_hoc").then(|| "hop_count".to_owned());
            wanted.params.limit = (key == "breaches").then_some(2);
            while let Some(report) = wanted.compared(desk, person).await {
                compared += 1;
                let rows = report.rows.iter().chain(&report.total);
                let places = rows.flat_map(|row| report.columns.iter().zip(&row.cells).map(move |each| (row, each)));
                let leading: Vec<(String, String)> = places
                    .filter(|(_, (_, cell))| cell.leads)
                    .map(|(row, (column, _))| (row.key.clone(), column.key.to_owned()))
                    .collect();
                if !leading.is_empty()
                    && let Some(place) = chance.maybe(50, &leading)
                {
                    wanted.led(desk, person, place.clone()).await;
                    compared += 1;
                }
                wanted.params.after = report.next;
                if wanted.params.after.is_none() {
                    break;
                }
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
    (number, all): (&str, &[String]),
    chance: &mut Chance,
) -> Option<(String, i64)> {
    let path = format!("incidents/{number}");
    match chance.below(14) {
        // What is linked may be restricted later, and who sees it then changes with it.
        12 => {
            let other = chance.pick(all);
            client.post(&format!("{path}/links"), json!({ "relation": "related_to", "to": other })).await;
            None
        }
        13 => {
            let links = client.get(&format!("{path}/links")).await.body;
            let all = links["items"].as_array().into_iter().flatten();
            let mut out = all.filter(|link| link["relation"] == "related_to" && link["outgoing"] == true);
            let other = out.find_map(|link| link["number"].as_str())?;
            client.delete(&format!("{path}/links/related_to/{other}")).await;
            None
        }
        10 => {
            let body = [
                json!({ "service": *chance.pick(&[cast.email, cast.payments]) }),
                json!({ "restricted": chance.per_cent(70) }),
                json!({ "impact": *chance.pick(&["high", "low"]), "urgency": "medium" }),
            ];
            client.patch(&path, chance.pick(&body).clone()).await;
            None
        }
        11 => {
            let found = clock(client, number, "resolution").await["id"].as_i64()?;
            let now = stage.house.clock.reading();
            let stretch = json!({ "from": instant(now - 7_200_000), "to": instant(now - 1), "reason": "Agreed" });
            client.post(&format!("{path}/clocks/{found}/exclude"), stretch).await;
            None
        }
        which => {
            let (verb, body) = step_of(which, cast, chance);
            let answer = client.post(&format!("{path}/{verb}"), body).await;
            answer.body["event"].as_i64().map(|event| (number.to_owned(), event))
        }
    }
}

/// A step, of ten that there are.
fn step_of(which: usize, cast: &Cast, chance: &mut Chance) -> (&'static str, Json) {
    match which {
        0 | 1 => ("take", json!({})),
        2..=4 => {
            let body = json!({ "resolution_code": "fixed", "resolution": "Restarted", "restored": "2025-06-02T08:00:00Z",
                "closing_category": cast.network_category });
            ("resolve", body)
        }
        5 => ("reopen", json!({ "reason": "Again" })),
        6 => ("hold", json!({ "hold_reason": "vendor" })),
        7 => ("resume", json!({})),
        8 => ("reassign", json!({ "team": *chance.pick(&[cast.network, cast.service_desk]), "reason": "Theirs" })),
        _ => ("cancel", json!({ "cancel_reason": "raised_in_error" })),
    }
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
            done.extend(happen(&stage, &manager, &cast, (&number, &numbers), &mut chance).await);
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

/// A log of another system with one record more, which was opened and resolved in days that are long over.
async fn brought_in(stage: &Stage, folder: &std::path::Path, round: usize) {
    let row = |state: &str, at: &str| {
        format!("INC000{round},{state},2403,8,2/6/2025 01:16,21,{at},Phone,55,170,2,2,3,Desk {}", round % 2)
    };
    let rows = [row("New", "2/6/2025 01:23"), row("Active", "3/6/2025 08:00"), row("Resolved", "4/6/2025 08:53")];
    let log = format!("{HEADING}\n{}\n", rows.join("\n"));
    let report = import(stage, folder, &format!("{round}.csv"), &log, None).await;
    assert_eq!(report.made, 1, "{report}");
}

const SURVEYED: [(&str, i64); 2] = [("survey_every", 1), ("survey_rest_days", 0)];

story!(c_09_gen_10_figures_of_any_period_are_those_of_the_records_whatever_happens_later, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, manager) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.manager).await);
    let hours = business_hours(&admin).await;
    level(&admin, &cast, hours, target("resolution", 4, "hours"), json!({})).await;
    let policies: Vec<Json> = SURVEYED.iter().map(|(key, value)| json!({ "policy": key, "value": value })).collect();
    admin.patch(&settings(&admin).await, json!({ "policies": policies })).await.ok();
    let agent = role(&admin, "Agent").await;
    let mut twins = Vec::new();
    for n in 0..2 {
        let body = json!({ "name": "Ada Twin", "email": format!("ada{n}@bank.example"), "organisation": cast.retail_bank,
            "teams": [cast.service_desk, cast.network], "grants": [{ "role": agent }] });
        twins.push(made(&admin, "people", body).await);
    }
    let mut hands = vec![manager.clone(), stage.sign_in(twins[0]).await, stage.sign_in(twins[1]).await];
    let requester = stage.sign_in(cast.requester).await;
    let (_kept, folder) = folder();
    let mut chance = Chance::new(23);
    let (mut numbers, mut done) = (Vec::new(), Vec::new());
    let asking = [cast.manager, cast.agent, cast.agent_l2, cast.representative, cast.auditor, cast.requester];
    let periods = [("2025-06-01", "2025-06-08"), ("2025-05-20", "2025-06-12T10:00:00Z"), ("2025-06-01", "2030-01-01")];
    let mut compared = 0;
    for round in 0..6 {
        stage.house.advance_to(at(&format!("2025-06-{:02}T09:00:00Z", 3 + round * 4))).await;
        for _ in 0..3 {
            let body = json!({ "service": *chance.pick(&[cast.email, cast.payments]), "requester": cast.requester,
                "impact": "medium", "urgency": "medium", "team": *chance.pick(&[cast.network, cast.service_desk]),
                "category": cast.network_category });
            numbers.push(manager.report(body).await);
        }
        // What was asked for is asked for again after each of these, so it is known and has to follow.
        for after in 0..3 {
            for _ in 0..8 {
                let number = chance.pick(&numbers).clone();
                let hand = chance.pick(&hands).clone();
                done.extend(happen(&stage, &hand, &cast, (&number, &numbers), &mut chance).await);
                if let Some((number, event)) = done.pop_if(|_| chance.per_cent(30)) {
                    manager.post(&format!("incidents/{number}/events/{event}/undo"), json!({})).await;
                }
                if chance.per_cent(20) {
                    requester.post(&format!("incidents/{number}/confirm"), json!({})).await;
                    let rated = json!({ "satisfaction": 1 + chance.below(5) });
                    requester.post(&format!("incidents/{number}/rate"), rated).await;
                }
            }
            match (round, after) {
                (1 | 4, 1) => brought_in(&stage, &folder, round).await,
                (3, 2) => {
                    admin.post(&format!("people/{}/merge", twins[0]), json!({ "other": twins[1] })).await.ok();
                    hands.pop();
                }
                (2 | 5, 0) => {
                    let two = [chance.pick(&numbers).clone(), chance.pick(&numbers).clone()];
                    manager.post(&format!("incidents/{}/merge", two[0]), json!({ "link": two[1] })).await;
                }
                _ => {}
            }
            for person in asking {
                let house = (&stage.house.desk, incidents());
                compared += both_ways_by_chance(house, person, &periods, &mut chance, 3).await;
            }
        }
    }
    assert!(compared > 600, "{compared} answers");
});

story!(c_09_figures_follow_while_several_write_and_several_ask, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, manager) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.manager).await);
    let hours = business_hours(&admin).await;
    level(&admin, &cast, hours, target("resolution", 4, "hours"), json!({})).await;
    let mut numbers = Vec::new();
    for _ in 0..12 {
        let team = json!({ "team": cast.network, "service": cast.email, "requester": cast.requester,
            "impact": "medium", "urgency": "medium", "category": cast.network_category });
        numbers.push(manager.report(team).await);
    }
    stage.house.advance_to(at("2025-06-03T09:00:00Z")).await;
    let periods = [("2025-06-01", "2025-06-03T08:00:00Z"), ("2025-06-01", "2030-01-01")];
    let keys = ["volume", "backlog", "resolution", "first_contact", "breaches"];
    for round in 0..6_u64 {
        let mut busy = tokio::task::JoinSet::new();
        for (n, own) in numbers.chunks(4).enumerate() {
            let (client, own, cast) = (manager.clone(), own.to_vec(), cast.clone());
            let mut chance = Chance::new(round * 10 + n as u64);
            busy.spawn(async move {
                for _ in 0..6 {
                    let number = chance.pick(&own).clone();
                    let (verb, body) = step_of(chance.below(10), &cast, &mut chance);
                    client.post(&format!("incidents/{number}/{verb}"), body).await;
                }
            });
        }
        for key in keys {
            let (desk, person) = (stage.house.desk.clone(), cast.manager);
            busy.spawn(async move {
                for period in periods {
                    for _ in 0..3 {
                        let wanted = Wanted { process: incidents(), key, params: asking(period, "none", None) };
                        wanted.of(&desk, person, true).await.expect("an answer");
                    }
                }
            });
        }
        while let Some(ended) = busy.join_next().await {
            ended.expect("nobody fails");
        }
        for key in keys {
            for period in periods {
                let wanted = Wanted { process: incidents(), key, params: asking(period, "team", None) };
                assert!(wanted.compared(&stage.house.desk, cast.manager).await.is_some(), "{key}");
            }
        }
    }
});

story!(slm_14_missed_targets_are_read_page_by_page, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, manager) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.manager).await);
    let hours = business_hours(&admin).await;
    level(&admin, &cast, hours, target("resolution", 1, "hours"), json!({})).await;
    let mut numbers = Vec::new();
    for _ in 0..5 {
        let body = json!({ "service": cast.email, "requester": cast.requester, "impact": "medium", "urgency": "medium",
            "team": cast.network });
        numbers.push(manager.report(body).await);
    }
    stage.house.advance_to(at("2025-06-04T09:00:00Z")).await;
    for from_kept in [false, true] {
        let mut params = asking(("2025-06-01", "2025-06-04"), "none", None);
        params.limit = Some(3);
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let wanted = Wanted { process: incidents(), key: "breaches", params: params.clone() };
            let report = wanted.of(&stage.house.desk, cast.manager, from_kept).await.expect("a page");
            assert!(report.rows.len() <= 3 && report.more == report.next.is_some());
            found.extend(report.rows.iter().map(|row| row.key.clone()));
            pages += 1;
            params.after = report.next;
            if params.after.is_none() {
                break;
            }
        }
        let all = Wanted {
            process: incidents(),
            key: "breaches",
            params: asking(("2025-06-01", "2025-06-04"), "none", None),
        };
        let all = all.of(&stage.house.desk, cast.manager, false).await.expect("all of them");
        assert_eq!(found, all.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
        assert!(found.len() >= 5 && pages == found.len().div_ceil(3), "{found:?}");
        params.after = Some("elsewhere".to_owned());
        let strange = Wanted { process: incidents(), key: "breaches", params };
        assert_eq!(strange.of(&stage.house.desk, cast.manager, from_kept).await.err().as_deref(), Some("bad_cursor"));
    }
    // The page shows a hundred, and leads on from there.
    let browser = Pages::of(&stage).await.browser(&stage, cast.manager).await;
    let place = "/reports/incidents/breaches?from=2025-06-01&until=2025-06-03";
    let page = browser.get(place).await.text;
    assert!(numbers.iter().all(|number| page.contains(number.as_str())) && !page.contains("rel=\"next\""), "{page}");
    let later = browser.get(&format!("{place}&after=0.0.0")).await.text;
    assert!(later.contains("From the beginning") && later.contains(&numbers[4]), "{later}");
    assert_eq!(browser.get(&format!("{place}&after=x")).await.status.as_u16(), 422);
});

story!(c_09_figures_under_conditions_about_what_is_not_kept_rest_on_the_records, |stage| async move {
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
    assert_eq!(kept("2025-05-10", "2025-06-02", None, "team").await, Ok(true), "it has ended");
    assert_eq!(kept("2025-04-10", "2025-06-03", None, "team").await, Ok(true), "it began long ago");
    assert_eq!(kept("2025-05-10", "2025-06-03", Some("priority = 1"), "team").await, Ok(true), "it is about some");
    let titled = Some("priority = 1 and title contains \"vpn\"");
    assert_eq!(kept("2025-05-10", "2025-06-03", titled, "team").await, Ok(false), "their titles are not kept");
    for group in MORE_GROUPS {
        assert_eq!(kept("2025-05-10", "2025-06-03", None, group).await, Ok(true), "{group}");
    }
});
