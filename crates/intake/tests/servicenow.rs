//! An incident event log of a few dozen rows, imported on both databases.

use mainstay_desk::{Channel, Credential, records};
use mainstay_engine::clock::{Metric, State};
use mainstay_engine::field::{EntryId, Instant};
use mainstay_engine::spine;
use mainstay_intake::import::{Options, Rejected, Report};
use mainstay_intake::servicenow::read_log;
use mainstay_processes::bundles::{OPENING_CATEGORY, PRIORITY_REASON};
use mainstay_processes::operation::incident::{
    CATEGORY, CLOSING_CATEGORY, HOLD_REASON, HOP_COUNT, HoldReason, INCIDENT, REOPEN_COUNT, RESOLUTION, RESTORED,
};
use mainstay_store::EventRow;
use mainstay_testing::{House, at};

const LOG: &str = include_str!("fixtures/log.csv");

async fn import(house: &House, log: &'static str, options: Options) -> (Report, Vec<Rejected>) {
    let desk = house.desk.clone();
    let work = move || {
        let mut rejected = Vec::new();
        let report =
            read_log(&desk, &Credential::Engine, &mut log.as_bytes(), &options, None, &mut |_| {}, &mut |row| {
                rejected.push(row.clone());
                Ok(())
            });
        (report.expect("the log is imported"), rejected)
    };
    tokio::task::spawn_blocking(work).await.expect("the import ends")
}

async fn view(house: &House, number: &str) -> records::View {
    let number = number.to_owned();
    let read = house
        .desk
        .read(&Credential::Engine, Channel::Import, move |s, caller| records::get(s, caller, &INCIDENT, &number));
    read.await.expect("it was imported")
}

async fn history(house: &House, number: &str) -> Vec<EventRow> {
    let number = number.to_owned();
    let read = house.desk.read(&Credential::Engine, Channel::Import, move |s, caller| {
        records::history(s, caller, &INCIDENT, &number, 0, 500)
    });
    read.await.expect("it was imported")
}

fn verbs(history: &[EventRow]) -> Vec<&str> {
    history.iter().map(|event| event.verb.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_a_log_becomes_incidents_with_their_history() {
    for house in House::both().await {
        let (report, _) = import(&house, LOG, Options::default()).await;
        assert_eq!((report.rows, report.made, report.rejected_rows), (31, 5, 6), "{}: {report}", house.kind());

        let first = view(&house, "INC-1").await;
        let record = &first.record;
        assert_eq!(record.state.key, "closed");
        assert_eq!(record.get(&spine::OPENED), Some(Instant(at("2016-02-01T09:00:00Z"))));
        assert_eq!(record.get(&spine::RESOLVED), Some(Instant(at("2016-02-04T11:00:00Z"))));
        assert_eq!(record.get(&RESTORED), record.get(&spine::RESOLVED));
        assert_eq!(record.get(&spine::CLOSED), Some(Instant(at("2016-02-09T11:00:00Z"))));
        assert_eq!(record.get(&spine::UPDATED), record.get(&spine::CLOSED));
        assert_eq!((record.get(&spine::PRIORITY), record.get(&PRIORITY_REASON)), (Some(3), None));
        assert_eq!(record.get(&RESOLUTION).as_deref(), Some("Closed with code 5."));
        assert_eq!(record.get(&CATEGORY), record.get(&CLOSING_CATEGORY));
        let name = |id: Option<EntryId>| id.and_then(|EntryId(id)| first.names.get(&id)).map(String::as_str);
        assert_eq!(name(record.get(&spine::REQUESTER)), Some("Caller 11"));
        assert_eq!(name(record.get(&spine::ASSIGNEE)), Some("Assignee 17"));
        assert_eq!(name(record.get(&spine::TEAM)), Some("Group 70"));
        assert_eq!(record.value("sn_symptom").as_text(), Some("72"));

        let told = history(&house, "INC-1").await;
        let expected =
            ["opened", "updated", "assign", "take", "hold", "resume", "updated", "resolve", "auto_close", "imported"];
        assert_eq!(verbs(&told), expected);
        assert_eq!(told[4].at, at("2016-02-02T09:00:00Z"));
        assert_ne!(told[3].actor, told[2].actor);
        assert!(told[..9].iter().all(|event| event.actor.is_some() && event.channel == "import"));
        let hold: serde_json::Value = serde_json::from_str(&told[4].changes).expect("JSON");
        let changed = |field: &str| hold.as_array().and_then(|c| c.iter().find(|c| c["field"] == field)).cloned();
        assert_eq!(changed("hold_reason").map(|c| c["new"].clone()), Some("requester".into()));
        assert_eq!(
            changed("state").map(|c| (c["old"].clone(), c["new"].clone())),
            Some(("in_progress".into(), "on_hold".into()))
        );
        assert!(changed("team").is_none(), "what did not change is not told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_problems_and_changes_that_a_log_names_are_links_out_of_here() {
    let caused: &'static str = Box::leak(LOG.replace(",14,0000132,?,?,", ",14,0000132,?,0000077,").into_boxed_str());
    assert_ne!(caused, LOG);
    for house in House::both().await {
        import(&house, caused, Options::default()).await;
        let expected = [("caused_by", "Problem 14"), ("fixed_by", "Change 0000132"), ("caused_by", "Change 0000077")];
        let expected = expected.map(|(relation, reference)| (relation.to_owned(), reference.to_owned()));
        let told = history(&house, "INC-3").await;
        let said: Vec<_> = told.iter().filter(|event| event.verb == "linked").map(first_change).collect();
        assert_eq!(said, expected, "told once each, when the log first names them, on {}", house.kind());
        let links = |number: &'static str| {
            house.desk.read(&Credential::Engine, Channel::Import, move |s, c| records::links(s, c, &INCIDENT, number))
        };
        let (inside, mut outside) = links("INC-3").await.expect("it was imported");
        let mut all = expected.to_vec();
        all.sort();
        outside.sort();
        assert!(inside.is_empty() && outside == all, "{outside:?}");
        assert!(links("INC-1").await.expect("it was imported").1.is_empty(), "a question mark names nothing");
    }
}

/// Field and new value of the first change of an event.
fn first_change(event: &EventRow) -> (String, String) {
    let changes: serde_json::Value = serde_json::from_str(&event.changes).expect("JSON");
    let word = |key: &str| changes[0][key].as_str().unwrap_or_default().to_owned();
    (word("field"), word("new"))
}

#[tokio::test(flavor = "multi_thread")]
async fn slm_06_imported_clocks_are_replayed_with_their_pauses_and_breaches() {
    for house in House::both().await {
        import(&house, LOG, Options::default()).await;
        let clock = |view: &records::View, metric| {
            view.clocks.iter().find(|c| c.metric == metric).expect("a clock").reading.clone()
        };
        let hour = 3_600_000;

        let first = view(&house, "INC-1").await;
        let (response, resolution) = (clock(&first, Metric::Response), clock(&first, Metric::Resolution));
        assert_eq!((response.state, response.stopped_at), (State::Met, Some(at("2016-02-01T10:30:00Z"))));
        assert_eq!((resolution.state, resolution.elapsed, resolution.paused), (State::Met, 18 * hour, 8 * hour));

        let third = view(&house, "INC-3").await;
        let (response, resolution) = (clock(&third, Metric::Response), clock(&third, Metric::Resolution));
        assert_eq!((response.state, response.breached_at), (State::BreachedClosed, Some(at("2016-02-01T11:00:00Z"))));
        assert_eq!(
            (resolution.state, resolution.breached_at),
            (State::BreachedClosed, Some(at("2016-02-03T17:00:00Z")))
        );
        assert_eq!(resolution.stopped_at, Some(at("2016-02-08T10:00:00Z")), "resolved again after it was reopened");
        let told = history(&house, "INC-3").await;
        let expected = [
            "opened",
            "assign",
            "response.breached",
            "take",
            "reassign",
            "hold",
            "linked",
            "resolution.breached",
            "resolve",
            "reopen",
            "resolve",
            "linked",
            "auto_close",
            "imported",
        ];
        assert_eq!(verbs(&told), expected);
        assert!(told.windows(2).all(|pair| pair[0].at <= pair[1].at), "in the order in which it happened");
        assert_eq!((third.record.get(&HOP_COUNT), third.record.get(&REOPEN_COUNT)), (Some(1), Some(1)));

        let waiting = view(&house, "INC-4").await;
        assert_eq!(waiting.record.get(&HOLD_REASON), Some(HoldReason::Vendor));
        assert_eq!(
            waiting.record.get(&spine::DUE),
            Some(Instant(at("2025-06-03T16:00:00Z"))),
            "waiting for a vendor does not pause"
        );
        house.advance_to(at("2025-06-03T16:30:00Z")).await;
        let late = view(&house, "INC-4").await;
        assert_eq!(clock(&late, Metric::Resolution).state, State::BreachedOpen);
        assert!(
            verbs(&history(&house, "INC-4").await).contains(&"resolution.breached"),
            "a clock that runs goes on here"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inc_07_a_priority_that_the_matrix_does_not_give_stands_as_an_override() {
    let house = House::sqlite().await;
    import(&house, LOG, Options::default()).await;
    let second = view(&house, "INC-2").await.record;
    assert_eq!((second.get(&spine::PRIORITY), second.value("derived_priority").as_int()), (Some(4), Some(5)));
    assert_eq!(second.get(&PRIORITY_REASON).as_deref(), Some("As in servicenow"));
    assert_eq!(
        second.get(&spine::RESOLVED),
        Some(Instant(at("2016-02-01T12:20:00Z"))),
        "as the log says, not when the state came"
    );
    assert_eq!(second.get(&spine::CLOSED), Some(Instant(at("2016-02-06T13:00:00Z"))), "the closing that the log names");
    assert_eq!(second.get(&CLOSING_CATEGORY), second.get(&CATEGORY), "changed after it was resolved");
    let opening = second.get(&OPENING_CATEGORY);
    assert!(opening.is_some() && opening != second.get(&CATEGORY), "the one it began with is kept");
    assert_eq!(second.value("source").as_text(), Some("phone"));
    assert_eq!(second.value("sn_contact_type").as_text(), Some("IVR"));
    assert_ne!(second.get(&CATEGORY), view(&house, "INC-1").await.record.get(&CATEGORY));
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_rows_that_cannot_be_read_are_told_and_nothing_else_is_lost() {
    let house = House::sqlite().await;
    let (report, rejected) = import(&house, LOG, Options::default()).await;
    let codes: Vec<_> = rejected.iter().map(|row| (row.line, row.code.as_str())).collect();
    let expected = [
        (17, "unknown_state"),
        (26, "missing"),
        (27, "missing"),
        (29, "unknown_level"),
        (31, "cells"),
        (32, "scattered"),
    ];
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(rejected.iter().all(|row| !row.cells.is_empty() && row.columns.len() == 36 && !row.reason.is_empty()));
    assert_eq!(report.samples.len(), 6);
    let third = view(&house, "INC-3").await.record;
    assert_eq!(third.value("sn_location").as_text(), Some("144"), "the next row holds what the rejected one changed");
    let sixth = view(&house, "INC-5").await.record;
    assert_eq!(sixth.get(&spine::PRIORITY), Some(1));
}

/// The log with one more row of incident 0000004.
fn longer() -> &'static str {
    let last = LOG.lines().rfind(|line| line.starts_with("0000004,")).expect("its last row");
    let next = last.replace("Awaiting Vendor", "Active").replace("30/5/2025 09:00", "30/5/2025 10:00");
    Box::leak(LOG.replace(last, &format!("{last}\n{next}")).into_boxed_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_a_second_run_changes_nothing_and_tells_a_longer_history() {
    for house in House::both().await {
        import(&house, LOG, Options::default()).await;
        let before = history(&house, "INC-1").await.len();
        let (again, _) = import(&house, LOG, Options::default()).await;
        assert_eq!((again.made, again.unchanged, again.differing, again.rejected_rows), (0, 5, 0, 6));
        assert!(again.entries.is_empty(), "{again}");
        assert_eq!(history(&house, "INC-1").await.len(), before);
        let (differs, rejected) = import(&house, longer(), Options::default()).await;
        assert_eq!((differs.made, differs.differing), (0, 1), "{differs}");
        assert!(rejected.iter().any(|row| row.code == "differs" && row.cells[0] == "0000004"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_a_dry_run_tells_the_same_and_writes_nothing() {
    for house in House::both().await {
        let (dry, _) = import(&house, LOG, Options { dry_run: true, ..Options::default() }).await;
        let gone = house.desk.read(&Credential::Engine, Channel::Import, |s, caller| {
            records::get(s, caller, &INCIDENT, "INC-1").map(|_| ())
        });
        assert!(gone.await.is_err());
        let (real, _) = import(&house, LOG, Options::default()).await;
        assert_eq!((dry.made, dry.rejected_rows, &dry.reasons), (real.made, real.rejected_rows, &real.reasons));
        assert_eq!(dry.entries, real.entries);
        assert_eq!(view(&house, "INC-1").await.record.version, 1, "numbers were not used up by the dry run");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_a_row_that_lost_its_state_is_history_all_the_same() {
    let house = House::sqlite().await;
    let lost: &'static str = Box::leak(LOG.replace("Asleep", "-100").into_boxed_str());
    assert_ne!(lost, LOG);
    let (report, rejected) = import(&house, lost, Options::default()).await;
    assert_eq!((report.rows, report.made, report.rejected_rows), (31, 5, 5), "{report}");
    assert!(report.to_string().contains("1 row taken without a state (-100)"), "{report}");
    assert!(rejected.iter().all(|row| row.line != 17));
    let verbs_there = history(&house, "INC-3").await;
    let (before, after) = (import_length(LOG).await, verbs_there.len());
    assert_eq!(after, before + 1, "{:?}", verbs(&verbs_there));
}

/// Events of INC-3 when this log is imported.
async fn import_length(log: &'static str) -> usize {
    let house = House::sqlite().await;
    import(&house, log, Options::default()).await;
    history(&house, "INC-3").await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn slm_04_another_calendar_may_count() {
    let house = House::sqlite().await;
    let options = Options { calendar: Some("around-the-clock".into()), ..Options::default() };
    import(&house, LOG, options).await;
    let first = view(&house, "INC-1").await;
    let resolution = first.clocks.iter().find(|c| c.metric == Metric::Resolution).expect("a clock");
    assert_eq!(resolution.reading.state, State::BreachedClosed);
    assert_eq!(resolution.reading.elapsed, 50 * 3_600_000, "three days and two hours without the day of waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_calendar_and_a_caller_without_the_right_are_refused() {
    let house = House::sqlite().await;
    let (desk, agent) = (house.desk.clone(), house.cast.agent);
    let work = move || {
        let run = |credential: &Credential, calendar: Option<&str>| {
            let options = Options { calendar: calendar.map(str::to_owned), ..Options::default() };
            read_log(&desk, credential, &mut LOG.as_bytes(), &options, None, &mut |_| {}, &mut |_| Ok(()))
        };
        let unknown = run(&Credential::Engine, Some("full-moon")).expect_err("no such calendar").to_string();
        assert!(unknown.contains("full-moon"), "{unknown}");
        assert!(run(&Credential::Person(agent), None).is_err(), "an agent may not import");
    };
    tokio::task::spawn_blocking(work).await.expect("it ends");
}
