//! Records on both databases: what goes in comes back, lists page by key, filters and scopes mean the same.

mod common;
mod scopes;

use common::{INCIDENT, insert, spine};
use mainstay_store::testing::{Scratch, both};
use mainstay_store::{
    Column, ColumnType, Cursor, Error, Filter, Op, Page, Question, Scope, ScopeParts, Sort, Spine, StaffGrant, Value,
    Which, record,
};
use scopes::{scope, system};

/// Entries of any register; their ids count from 1.
async fn entries(db: &Scratch, count: i64) {
    let sql = "INSERT INTO entry (register, key, name, active, version, data, created, updated)
        VALUES ('any', $1, $1, TRUE, 1, '{}', 0, 0)";
    db.write(move |c| (0..count).try_for_each(|n| c.run(sql, &[format!("e{n}").into()]).map(|_| ()))).await.unwrap();
}

const NUMBER: Sort = Sort { column: Column::Record("id"), descending: false };

async fn page(db: &Scratch, filter: Filter, sort: Sort, after: Option<Cursor>, limit: usize) -> Page {
    db.read(move |c| {
        let scope = system();
        let question = Question { scope: &scope, table: Some(&INCIDENT), filter: &filter };
        question.list(c, &["impact", "flagged"], sort, after.as_ref(), limit)
    })
    .await
    .unwrap()
}

async fn ids(db: &Scratch, filter: Filter) -> Vec<i64> {
    page(db, filter, NUMBER, None, 1000).await.rows.iter().map(|row| row.spine.id).collect()
}

async fn seen_ids(db: &Scratch, scope: Scope) -> Vec<i64> {
    db.read(move |c| {
        let question = Question { scope: &scope, table: None, filter: &Filter::Always };
        let page = question.list(c, &[], NUMBER, None, 1000)?;
        Ok::<_, Error>(page.rows.iter().map(|row| row.spine.id).collect())
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_record_comes_back_as_it_went_in() {
    for db in both() {
        entries(&db, 3).await;
        let full = Spine {
            phase: 1,
            requester: Some(1),
            team: Some(2),
            service: Some(3),
            priority: Some(2),
            restricted: true,
            due: Some(5000),
            origin: Some("other".into()),
            external_key: Some("X1".into()),
            custom: Some(r#"{"floor":3}"#.into()),
            ..spine(1)
        };
        let id = insert(&db, full.clone(), vec![("impact", "high".into()), ("flagged", true.into())]).await;
        let found = db.read(move |c| record::load(c, &system(), &INCIDENT, id)).await.unwrap();
        let custom: serde_json::Value = serde_json::from_str(found.spine.custom.as_deref().unwrap()).unwrap();
        assert_eq!(custom, serde_json::json!({"floor": 3}));
        assert_eq!(Spine { custom: full.custom.clone(), ..found.spine.clone() }, Spine { id, version: 1, ..full });
        assert_eq!(found.get("impact"), &Value::from("high"));
        assert_eq!(found.get("flagged"), &Value::Bool(true));
        assert_eq!(found.get("symptoms"), &Value::Null);
        let by_number = db.read(|c| record::load_number(c, &system(), &INCIDENT, "INC-1")).await.unwrap();
        let by_key = db.read(|c| record::find_external(c, &system(), "other", "X1")).await.unwrap();
        assert_eq!((by_number.spine.id, by_key.id), (id, id));
    }
}

#[tokio::test]
async fn a_change_on_an_old_version_is_refused() {
    for db in both() {
        let id = insert(&db, spine(1), vec![]).await;
        let change = move |version| {
            db_update(id, version, vec![("title", Value::from("New"))], vec![("symptoms", "None".into())])
        };
        db.write(change(1)).await.unwrap();
        assert_eq!(db.write(change(1)).await, Err(Error::Stale));
        let found = db.read(move |c| record::load(c, &system(), &INCIDENT, id)).await.unwrap();
        assert_eq!((found.spine.version, found.spine.title.as_str()), (2, "New"));
        assert_eq!(found.get("symptoms"), &Value::from("None"));

        db.write(move |c| record::set_quietly(c, id, &[("due", Value::Int(9))])).await.unwrap();
        let found = db.read(move |c| record::find(c, &system(), id)).await.unwrap();
        assert_eq!((found.version, found.due), (2, Some(9)));
        for forbidden in ["version", "id", "no_such"] {
            let answer = db.write(move |c| record::set_quietly(c, id, &[(forbidden, Value::Int(9))])).await;
            assert!(matches!(answer, Err(Error::Query(_))), "{forbidden}");
        }
    }
}

type Columns = Vec<(&'static str, Value)>;

fn db_update(
    id: i64,
    version: i64,
    spine: Columns,
    narrow: Columns,
) -> impl FnMut(&mut mainstay_store::Conn) -> Result<(), Error> + Send + 'static {
    move |c| record::update(c, &INCIDENT, id, version, &spine, &narrow)
}

#[tokio::test]
async fn pages_join_to_the_whole_list_in_any_order() {
    for db in both() {
        for n in 0..23 {
            let priority = if n % 4 == 0 { None } else { Some(n % 3) };
            let narrow = if n % 5 == 0 { vec![] } else { vec![("impact", format!("i{}", n % 2).into())] };
            insert(&db, Spine { priority, ..spine(n) }, narrow).await;
        }
        for column in [
            Column::Record("updated"),
            Column::Record("priority"),
            Column::Record("title"),
            Column::Record("restricted"),
            Column::Narrow("impact"),
            Column::RecordName("team"),
        ] {
            for descending in [false, true] {
                let sort = Sort { column, descending };
                let whole = page(&db, Filter::Always, sort, None, 100).await;
                assert_eq!((whole.rows.len(), &whole.next), (23, &None));
                let mut joined = Vec::new();
                let mut after = None;
                loop {
                    let part = page(&db, Filter::Always, sort, after, 4).await;
                    joined.extend(part.rows);
                    let Some(next) = part.next else { break };
                    after = Some(next.to_string().parse().unwrap());
                }
                assert_eq!(joined, whole.rows, "{sort:?}");
            }
        }
        let sort = Sort { column: Column::Record("priority"), descending: true };
        let whole = page(&db, Filter::Always, sort, None, 100).await;
        let priorities: Vec<_> = whole.rows.iter().map(|row| row.spine.priority).collect();
        assert_eq!(priorities[0], Some(2));
        assert_eq!(priorities.iter().rposition(Option::is_some), Some(16), "those without a value come last");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    for db in both() {
        insert(&db, spine(1), vec![]).await;
        for text in ["", "x", "i-", "t41-1", "tzz-1", "i1-x", "n-9999999999999999999"] {
            let answer = match text.parse::<Cursor>() {
                Err(error) => error,
                Ok(cursor) => db
                    .read(move |c| {
                        let scope = system();
                        let question = Question { scope: &scope, table: None, filter: &Filter::Always };
                        question.list(c, &[], NUMBER, Some(&cursor), 10)
                    })
                    .await
                    .unwrap_err(),
            };
            assert_eq!(answer, Error::Cursor, "{text}");
        }
    }
}

#[tokio::test]
async fn filters_mean_the_same_on_both_databases() {
    let of = |column, op, value: Value| Filter::Is(Column::Record(column), op, value);
    let impact = Column::Narrow("impact");
    let floor = Column::Custom("floor", ColumnType::Int);
    let vip = Column::Custom("vip", ColumnType::Bool);
    let site = Column::Custom("site", ColumnType::Text);
    let tags = Column::Custom("tags", ColumnType::Text);
    let cases: Vec<(Filter, &[i64])> = vec![
        (Filter::Always, &[1, 2, 3, 4]),
        (Filter::Never, &[]),
        (Filter::And(vec![]), &[1, 2, 3, 4]),
        (Filter::Or(vec![]), &[]),
        (Filter::Working, &[1, 2]),
        (of("priority", Op::Eq, 1.into()), &[1]),
        (of("priority", Op::Ne, 1.into()), &[2, 3, 4]),
        (of("priority", Op::Ge, 2.into()), &[2, 3]),
        (of("priority", Op::Eq, Value::Null), &[4]),
        (Filter::Not(Box::new(of("priority", Op::Ge, 2.into()))), &[1, 4]),
        (Filter::In(Column::Record("priority"), vec![1.into(), 3.into()]), &[1, 3]),
        (Filter::In(impact, vec!["high".into(), "low".into()]), &[1, 3]),
        (Filter::In(impact, vec![]), &[]),
        (Filter::In(Column::Record("id"), vec![]), &[]),
        (Filter::Empty(impact), &[2, 4]),
        (Filter::is(Column::Record("restricted"), true), &[3]),
        (Filter::is(Column::Narrow("flagged"), true), &[2]),
        (Filter::Contains(Column::Record("title"), "PRINT".into()), &[1, 2]),
        (Filter::Contains(Column::Record("title"), "50%".into()), &[3]),
        (Filter::Contains(Column::Record("title"), "_".into()), &[4]),
        (Filter::Contains(Column::Record("title"), "\\".into()), &[4]),
        (Filter::StartsWith(Column::Record("title"), "print".into()), &[1]),
        (Filter::HasAny(Column::Narrow("symptoms"), vec!["b".into(), "z".into()]), &[1]),
        (Filter::HasAny(Column::Narrow("symptoms"), vec![7.into()]), &[2]),
        (Filter::is(floor, 3), &[1]),
        (Filter::Is(floor, Op::Gt, 2.into()), &[1, 2]),
        (Filter::And(vec![Filter::Is(floor, Op::Ge, 3.into()), Filter::Is(floor, Op::Lt, 4.into())]), &[1]),
        (Filter::is(Column::Custom("floor", ColumnType::Text), "3"), &[3]),
        (Filter::In(floor, vec![3.into(), 8.into()]), &[1]),
        (Filter::is(vip, true), &[2]),
        (Filter::Is(vip, Op::Ne, true.into()), &[1, 3, 4]),
        (Filter::Empty(floor), &[3, 4]),
        (Filter::Contains(site, "LIN".into()), &[2]),
        (Filter::StartsWith(site, "ber".into()), &[2]),
        (Filter::HasAny(tags, vec!["y".into()]), &[1]),
        (Filter::Or(vec![Filter::is(floor, 3), Filter::HasAny(tags, vec!["y".into()])]), &[1]),
        (Filter::Or(vec![Filter::is(floor, 3), Filter::is(Column::Record("priority"), 2)]), &[1, 2]),
        (Filter::Not(Box::new(Filter::is(floor, 3))), &[2, 3, 4]),
        (Filter::LinkedTo("caused_by".into(), None), &[1]),
        (Filter::LinkedTo("caused_by".into(), Some(3)), &[]),
        (Filter::LinkedFrom("caused_by".into(), Some(1)), &[2]),
        (Filter::Party(1, Some("watcher".into())), &[4]),
        (Filter::Party(1, Some("reporter".into())), &[]),
        (Filter::is(Column::RecordName("team"), "e1"), &[2]),
    ];
    for db in both() {
        four_records(&db).await;
        for (filter, expected) in &cases {
            assert_eq!(ids(&db, filter.clone()).await, *expected, "{:?} {filter:?}", db.dialect());
        }
    }
}

async fn four_records(db: &Scratch) {
    entries(db, 2).await;
    let json = |text: &str| Some(text.to_owned());
    let one = Spine {
        title: "Printer off".into(),
        priority: Some(1),
        custom: json(r#"{"floor":3,"tags":["x","y"]}"#),
        ..spine(1)
    };
    let two = Spine {
        title: "The printer burns".into(),
        phase: 1,
        priority: Some(2),
        team: Some(2),
        custom: json(r#"{"floor":14,"vip":true,"site":"Berlin","tags":"y"}"#),
        ..spine(2)
    };
    let three = Spine {
        title: "At 50% speed".into(),
        phase: 2,
        priority: Some(3),
        restricted: true,
        custom: json(r#"{"floor":"3","vip":"no"}"#),
        ..spine(3)
    };
    let four = Spine { title: "C:\\temp_files".into(), phase: 3, ..spine(4) };
    insert(db, one, vec![("impact", "high".into()), ("symptoms", r#"["a","b"]"#.into())]).await;
    insert(db, two, vec![("flagged", true.into()), ("symptoms", "[7]".into())]).await;
    insert(db, three, vec![("impact", "low".into())]).await;
    insert(db, four, vec![]).await;
    db.write(|c| mainstay_store::hangings::link(c, 1, "caused_by", 2, None, 0)).await.unwrap();
    db.write(|c| mainstay_store::hangings::join(c, 4, 1, "watcher")).await.unwrap();
}

#[tokio::test]
async fn a_comparison_with_the_wrong_kind_is_a_fault_and_not_a_guess() {
    for db in both() {
        let filter = Filter::is(Column::Record("priority"), "high");
        let answer = db.read(move |c| Question { scope: &system(), table: None, filter: &filter }.count(c, 10)).await;
        assert!(matches!(answer, Err(Error::Query(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn counts_stop_at_their_cap_and_facets_count_values() {
    for db in both() {
        for n in 0..12 {
            let narrow = if n < 3 { vec![] } else { vec![("flagged", (n % 3 == 0).into())] };
            insert(&db, Spine { priority: (n > 0).then_some(n % 2), ..spine(n) }, narrow).await;
        }
        let (all, few, priorities, flags) = db
            .read(|c| {
                let scope = system();
                let question = Question { scope: &scope, table: Some(&INCIDENT), filter: &Filter::Always };
                Ok::<_, Error>((
                    question.count(c, 100)?,
                    question.count(c, 5)?,
                    question.facet(c, Column::Record("priority"), 100)?,
                    question.facet(c, Column::Narrow("flagged"), 100)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!((all, few), (12, 5));
        assert_eq!(priorities, [(Value::Int(1), 6), (Value::Int(0), 5), (Value::Null, 1)]);
        let found = |value| flags.iter().find(|(v, _)| *v == value).map(|(_, n)| *n);
        assert_eq!(
            [found(Value::Bool(true)), found(Value::Bool(false)), found(Value::Null)],
            [Some(3), Some(6), Some(3)]
        );
    }
}

/// What a scope lets through, said once more without SQL.
fn oracle(parts: &ScopeParts, record: &Spine, parties: &[i64]) -> (bool, bool) {
    let covered = |grant: &&StaffGrant| {
        let process = match &grant.processes {
            Which::All => true,
            Which::Only(set) => set.contains(&record.process),
        };
        let organisation = match &grant.organisations {
            Which::All => true,
            Which::Only(set) => record.organisation.is_some_and(|o| set.contains(&o)),
        };
        let assigned = parts.person.is_some() && record.assignee == parts.person;
        let open =
            !record.restricted || grant.restricted || assigned || record.team.is_some_and(|t| parts.teams.contains(&t));
        process && organisation && open
    };
    let internal = parts.everything || parts.staff.iter().any(|g| g.internal && covered(&g));
    let own = parts.person.is_some() && record.requester == parts.person;
    let partakes = parties.iter().any(|p| Some(*p) == parts.person || parts.vendor_organisations.contains(p));
    let visible = parts.everything || own || partakes || parts.staff.iter().any(|g| covered(&g));
    (visible, internal)
}

#[tokio::test]
async fn a_scope_shows_exactly_what_its_parts_say() {
    let grants = |internal, restricted| {
        let only = |key: &str| Which::Only(vec![key.to_owned()]);
        [
            (Which::All, Which::All),
            (only("incident"), Which::All),
            (Which::All, Which::Only(vec![1])),
            (only("incident"), Which::Only(vec![1, 2])),
            (only("nothing"), Which::All),
            (Which::Only(vec![]), Which::Only(vec![])),
        ]
        .map(|(processes, organisations)| StaffGrant { processes, organisations, internal, restricted })
    };
    let mut all = vec![
        ScopeParts::default(),
        ScopeParts { everything: true, ..ScopeParts::default() },
        ScopeParts { person: Some(3), ..ScopeParts::default() },
        ScopeParts { person: Some(4), vendor_organisations: vec![2], ..ScopeParts::default() },
        ScopeParts { vendor_organisations: vec![2], ..ScopeParts::default() },
    ];
    for (internal, restricted) in [(true, true), (true, false), (false, false)] {
        for grant in grants(internal, restricted) {
            all.push(ScopeParts {
                person: Some(3),
                teams: vec![5],
                staff: vec![grant.clone()],
                ..ScopeParts::default()
            });
            let portal = StaffGrant { internal: false, organisations: Which::Only(vec![2]), ..grant.clone() };
            all.push(ScopeParts { person: Some(4), staff: vec![grant, portal], ..ScopeParts::default() });
        }
    }
    for db in both() {
        let records = many_records(&db).await;
        for parts in &all {
            let (visible, internal): (Vec<_>, Vec<_>) =
                records.iter().map(|(r, parties)| oracle(parts, r, parties)).unzip();
            let chosen = |flags: &[bool]| -> Vec<i64> {
                records.iter().zip(flags).filter(|(_, yes)| **yes).map(|((r, _), _)| r.id).collect()
            };
            let made = scope(parts.clone());
            let proofs: Vec<bool> = records.iter().map(|(r, _)| made.see(r).internal()).collect();
            assert_eq!(proofs, internal, "{parts:?}");
            for (record, _) in &records {
                let (visible, internal) = oracle(parts, record, &[]);
                let proof = made.see_by_itself(record).map(|seen| (seen.record(), seen.internal()));
                assert_eq!(proof, visible.then_some((record.id, internal)), "{parts:?}");
                assert_eq!(made.internal_only().see_by_itself(record), None);
            }
            assert_eq!(seen_ids(&db, made.internal_only()).await, chosen(&internal), "internal {parts:?}");
            assert_eq!(seen_ids(&db, made.clone()).await, chosen(&visible), "{parts:?}");
            one_by_one(&db, &made, &records, &visible).await;
        }
    }
}

/// Looking one up answers like the list, and hides whether it exists.
async fn one_by_one(db: &Scratch, scope: &Scope, records: &[(Spine, Vec<i64>)], visible: &[bool]) {
    for ((spine, _), visible) in records.iter().zip(visible).step_by(7) {
        let (id, scope) = (spine.id, scope.clone());
        let found = db.read(move |c| record::find(c, &scope, id)).await;
        assert_eq!(found.is_ok(), *visible);
        assert!(*visible || found == Err(Error::Missing));
    }
}

async fn many_records(db: &Scratch) -> Vec<(Spine, Vec<i64>)> {
    entries(db, 6).await;
    let mut made = Vec::new();
    let choices = [None, Some(1), Some(2)];
    for n in 0..72_usize {
        let record = Spine {
            organisation: choices[n % 3],
            restricted: n % 2 == 1,
            requester: [None, Some(3), Some(4)][n / 3 % 3],
            assignee: (n % 5 == 0).then_some(3),
            team: (n % 4 == 0).then_some(5),
            ..spine(i64::try_from(n).unwrap())
        };
        let parties: Vec<i64> = match n % 11 {
            1 => vec![3],
            2 => vec![2],
            _ => vec![],
        };
        let id = insert(db, record.clone(), vec![]).await;
        let joining = parties.clone();
        db.write(move |c| {
            joining.iter().try_for_each(|e| mainstay_store::hangings::join(c, id, *e, "watcher").map(|_| ()))
        })
        .await
        .unwrap();
        made.push((Spine { id, version: 1, ..record }, parties));
    }
    made
}

#[tokio::test]
async fn a_field_names_one_record_by_its_number_instead_of_the_one_before() {
    use mainstay_store::hangings::{point, pointed};
    for db in both() {
        four_records(&db).await;
        let named = async |number: Option<&'static str>| {
            db.write(move |c| {
                point(c, 4, "cause", number, None, 0)?;
                pointed(c, &[3, 4], &["cause", "caused_by"])
            })
            .await
            .unwrap()
        };
        let cause = |number: &str| vec![(4, "cause".to_owned(), number.to_owned())];
        assert_eq!(named(Some("INC-1")).await, cause("INC-1"));
        assert_eq!(named(Some("INC-2")).await, cause("INC-2"));
        assert_eq!(ids(&db, Filter::LinkedTo("cause".into(), Some(2))).await, [4]);
        assert_eq!(ids(&db, Filter::LinkedFrom("cause".into(), None)).await, [2]);
        assert_eq!(named(Some("INC-99")).await, [], "what is not there is not named");
        assert_eq!(named(None).await, []);
        let numbers = async |scope: Scope| {
            let found = db.read(move |c| record::numbered(c, &scope, &["INC-3", "INC-1", "INC-99"])).await.unwrap();
            let mut numbers: Vec<String> = found.into_iter().map(|spine| spine.number).collect();
            numbers.sort();
            numbers
        };
        assert_eq!(numbers(system()).await, ["INC-1", "INC-3"]);
        assert!(numbers(scope(ScopeParts::default())).await.is_empty(), "who sees nothing finds nothing");
    }
}
