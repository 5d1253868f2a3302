//! Import by a mapping, as CSV and as JSON lines, on both databases.

use mainstay_desk::{Channel, Credential, records};
use mainstay_engine::clock::{Metric, State};
use mainstay_engine::field::{EntryId, Instant};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_intake::import::{Options, Rejected, Report};
use mainstay_intake::mapping::{Format, Mapping, import};
use mainstay_processes::operation::incident::{INCIDENT, RESOLUTION};
use mainstay_store::entries;
use mainstay_testing::{House, at};

const PEOPLE: &str = r#"
into = "people"
origin = "hr"
key = "No"
existing = "update"
[fields]
name = { column = "Name" }
email = { column = "Mail" }
phone = { column = "Phone" }
organisation = { column = "Company", create = true, with = { kind = "customer" } }
teams = { column = "Teams", split = ";", by = "name", create = true }
vip = { column = "VIP", default = "no" }
"#;

const STAFF: &str = "No,Name,Mail,Phone,Company,Teams,VIP\n\
    1,One,one@corp.example,11,Corp,Desk;Field,yes\n\
    2,Two,two@corp.example,22,Corp,,\n\
    3,Three,not an address,33,Corp,Desk,\n\
    4,Four,four@corp.example,44,Lost and Found,Desk,perhaps\n\
    2,Two again,two.again@corp.example,22,Corp,,\n";

const TICKETS: &str = r#"
into = "incidents"
origin = "old-desk"
key = "id"
zone = "Europe/Berlin"
dates = ["%d.%m.%Y %H:%M"]
empty = ["-"]
[fields]
title = { column = "subject" }
symptoms = { column = "text" }
requester = { column = "from.email", by = "key", create = true }
team = { column = "group" }
impact = { column = "prio", values = { A = "high", B = "medium" }, otherwise = "low" }
urgency = { constant = "medium" }
source = { column = "channel", default = "email" }
state = { column = "status", values = { open = "in_progress", done = "closed", fixed = "resolved" } }
opened = { column = "created" }
resolved = { column = "solved" }
closed = { column = "closed" }
updated = { column = "changed" }
resolution = { column = "answer" }
[[comments]]
column = "note"
internal = true
"#;

const OLD: &str = r#"{"id": 7, "subject": "No paper", "text": "It says so", "from": {"email": "Ann@corp.example"}, "group": "Service desk", "prio": "B", "status": "done", "created": "03.06.2024 09:00", "solved": "03.06.2024 11:00", "closed": "10.06.2024 11:00", "answer": "Paper", "note": "Third time"}
{"id": 8, "subject": "Slow", "from": {"email": "ann@corp.example"}, "group": "Service desk", "prio": "A", "status": "open", "created": "30.05.2025 10:00", "changed": "30.05.2025 10:10", "answer": "-"}
{"id": 9, "subject": "Wrong group", "from": {"email": "ann@corp.example"}, "group": "Nobody", "prio": "A", "status": "open", "created": "30.05.2025 10:00"}
{"id": 10, "subject": "Wrong way round", "prio": "A", "status": "done", "created": "03.06.2024 09:00", "closed": "02.06.2024 09:00"}
{"id": 11, "prio": "A", "status": "open", "created": "03.06.2024 09:00"}
{"id": 12, "subject": "Odd status", "status": "melted", "created": "03.06.2024 09:00"}
"#;

async fn run(
    house: &House,
    format: Format,
    mapping: &str,
    text: &'static str,
    dry_run: bool,
) -> (Report, Vec<Rejected>) {
    let (desk, mapping) = (house.desk.clone(), Mapping::parse(mapping).expect("a mapping"));
    let work = move || {
        let mut rejected = Vec::new();
        let options = Options { dry_run, ..Options::default() };
        let report = import(
            &desk,
            &Credential::Engine,
            (&mut text.as_bytes(), format, None),
            &mapping,
            &options,
            &mut |_| {},
            &mut |row| {
                rejected.push(row.clone());
                Ok(())
            },
        );
        (report.expect("the file is imported"), rejected)
    };
    tokio::task::spawn_blocking(work).await.expect("the import ends")
}

async fn person(house: &House, email: &'static str) -> Option<Entry> {
    let read = house.desk.read(&Credential::Engine, Channel::Import, move |s, _| {
        Ok(entries::by_key(s.conn, "people", email)?.map(mainstay_desk::config::entry_of))
    });
    read.await.expect("readable")
}

async fn view(house: &House, number: &'static str) -> records::View {
    let read = house
        .desk
        .read(&Credential::Engine, Channel::Import, move |s, caller| records::get(s, caller, &INCIDENT, number));
    read.await.expect("it was imported")
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_people_come_once_and_follow_the_file() {
    for house in House::both().await {
        let (dry, _) = run(&house, Format::Csv, PEOPLE, STAFF, true).await;
        assert_eq!((dry.made, dry.rejected_rows), (2, 3), "{}: {dry}", house.kind());
        assert_eq!(person(&house, "one@corp.example").await, None, "a dry run writes nothing");

        let (first, rejected) = run(&house, Format::Csv, PEOPLE, STAFF, false).await;
        assert_eq!((first.made, first.rejected_rows), (2, 3), "{first}");
        assert_eq!(
            first.entries.values().map(std::collections::BTreeSet::len).sum::<usize>(),
            3,
            "Corp, Desk, Field: {first}"
        );
        let told: Vec<_> = rejected.iter().map(|row| (row.line, row.code.as_str())).collect();
        assert!(
            told.contains(&(4, "not_an_address"))
                && told.contains(&(5, "not_a_bool"))
                && told.contains(&(6, "repeated")),
            "{told:?}"
        );
        let one = person(&house, "one@corp.example").await.expect("made");
        assert!(one.flag("vip") && one.ids("teams").count() == 2 && one.organisation.is_some());

        let (again, _) = run(&house, Format::Csv, PEOPLE, STAFF, false).await;
        assert_eq!((again.made, again.updated, again.unchanged), (0, 0, 2), "{again}");
        let moved = Box::leak(STAFF.replace(",22,Corp,,\n3", ",99,Corp,,\n3").into_boxed_str());
        let (moved, _) = run(&house, Format::Csv, PEOPLE, moved, false).await;
        assert_eq!((moved.made, moved.updated, moved.unchanged), (0, 1, 1), "{moved}");
        assert_eq!(person(&house, "two@corp.example").await.expect("made").text("phone"), Some("99"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_incidents_come_with_what_their_rows_tell_of_the_past() {
    for house in House::both().await {
        let (report, rejected) = run(&house, Format::JsonLines, TICKETS, OLD, false).await;
        assert_eq!((report.rows, report.made, report.rejected_rows), (6, 2, 4), "{}: {report}", house.kind());
        let mut codes: Vec<_> = rejected.iter().map(|row| (row.line, row.code.as_str())).collect();
        codes.sort_unstable();
        assert_eq!(codes, [(3, "unknown_reference"), (4, "out_of_order"), (5, "required"), (6, "unknown_value")]);

        let closed = view(&house, "INC-1").await;
        assert_eq!(closed.record.state.key, "closed");
        assert_eq!(closed.record.get(&spine::OPENED), Some(Instant(at("2024-06-03T07:00:00Z"))));
        assert_eq!(closed.record.get(&spine::RESOLVED), Some(Instant(at("2024-06-03T09:00:00Z"))));
        assert_eq!(closed.record.get(&RESOLUTION).as_deref(), Some("Paper"));
        assert_eq!(
            (closed.record.get(&spine::PRIORITY), closed.record.value("source").as_text()),
            (Some(3), Some("email"))
        );
        let clock = closed.clocks.iter().find(|c| c.metric == Metric::Resolution).expect("a clock");
        // 07:00 UTC is 08:00 in London, before the calendar opens.
        assert_eq!((clock.reading.state, clock.reading.elapsed), (State::Met, 3_600_000));

        let open = view(&house, "INC-2").await.record;
        assert_eq!(
            open.get(&spine::REQUESTER),
            closed.record.get(&spine::REQUESTER),
            "an address is the same in any case"
        );
        assert_eq!(open.get(&spine::TEAM), Some(EntryId(house.cast.service_desk)));
        assert_eq!((open.state.key, open.get(&RESOLUTION)), ("in_progress", None));

        let notes = house.desk.read(&Credential::Engine, Channel::Import, |s, caller| {
            records::comments(s, caller, &INCIDENT, "INC-1", 0, 10)
        });
        let notes = notes.await.expect("readable");
        assert_eq!(
            notes.iter().map(|note| (note.body.as_str(), note.internal)).collect::<Vec<_>>(),
            [("Third time", true)]
        );

        let (again, _) = run(&house, Format::JsonLines, TICKETS, OLD, false).await;
        assert_eq!((again.made, again.unchanged, again.rejected_rows), (0, 2, 4), "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_an_update_edits_live_records_and_leaves_closed_ones() {
    let house = House::sqlite().await;
    run(&house, Format::JsonLines, TICKETS, OLD, false).await;
    let update = Box::leak(format!("existing = \"update\"{TICKETS}").into_boxed_str());
    let renamed =
        Box::leak(OLD.replace("\"Slow\"", "\"Very slow\"").replace("No paper", "No paper at all").into_boxed_str());
    let (report, rejected) = run(&house, Format::JsonLines, update, renamed, false).await;
    assert_eq!((report.made, report.updated, report.differing), (0, 1, 1), "{report}");
    assert!(rejected.iter().any(|row| row.line == 1 && row.code == "differs"));
    assert_eq!(view(&house, "INC-2").await.record.get(&spine::TITLE).as_deref(), Some("Very slow"));
    assert_eq!(view(&house, "INC-1").await.record.get(&spine::TITLE).as_deref(), Some("No paper"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_does_not_fit_is_refused_before_the_first_row() {
    let house = House::sqlite().await;
    let desk = house.desk.clone();
    let work = move || {
        let refuse = |mapping: &str, text: &str| {
            let mapping = Mapping::parse(mapping).expect("TOML");
            let reader: &mut dyn std::io::Read = &mut text.as_bytes();
            let done = import(
                &desk,
                &Credential::Engine,
                (reader, Format::Csv, None),
                &mapping,
                &Options::default(),
                &mut |_| {},
                &mut |_| Ok(()),
            );
            done.expect_err("it does not fit").to_string()
        };
        let columns = refuse(PEOPLE, "No,Name\n1,One\n");
        assert!(columns.contains("no column Mail") && columns.contains("no column Phone"), "{columns}");
        let field = refuse(&PEOPLE.replace("phone =", "fax ="), STAFF);
        assert!(field.contains("no field fax"), "{field}");
    };
    tokio::task::spawn_blocking(work).await.expect("it ends");
}
