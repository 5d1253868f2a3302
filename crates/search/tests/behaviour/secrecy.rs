//! Random records, callers and queries: the index against plain reading, and against an index
//! that differs only in what the caller may not read.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{self, ids, put};
use crate::oracle;
use mainstay_search::{Change, Document, Filters, Hits, Index, Likeness, Query, ScopeTerms, Sort, StaffTerms};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const WORDS: &[&str] = &["printer", "printers", "print", "vpn", "mailbox", "mail", "a1", "a12", "offline", "x"];
const STATES: &[&str] = &["new", "active", "closed"];
const PROCESSES: &[&str; 2] = &["incident", "change"];

fn word() -> impl Strategy<Value = &'static str> {
    select(WORDS)
}

fn words(most: usize) -> impl Strategy<Value = String> {
    vec(word(), 0..=most).prop_map(|words| words.join(" "))
}

fn id() -> impl Strategy<Value = i64> {
    1..4_i64
}

fn record(id: i64) -> impl Strategy<Value = Document> {
    let texts = (words(3), words(4), words(2), words(3), vec(words(1), 0..2));
    let people = (option::of(self::id()), option::of(self::id()), option::of(self::id()), vec(self::id(), 0..3));
    let facts = (select(&PROCESSES[..]), select(STATES), option::of(1..4_u64), 0..4_i64, any::<bool>());
    let things = (option::of(self::id()), option::of(self::id()), option::of(self::id()), 0..3_u64);
    (texts, people, facts, things).prop_map(move |(texts, people, facts, things)| {
        let (title, text, public_comments, internal_text, names) = texts;
        let (requester, assignee, team, parties) = people;
        let (process, state, priority, opened, restricted) = facts;
        let (organisation, service, category, phase) = things;
        Document {
            id,
            number: format!("{}-{id}", if process == "incident" { "INC" } else { "CHG" }),
            process: process.into(),
            title,
            text,
            people: names,
            public_comments,
            internal_text,
            organisation,
            team,
            requester,
            assignee,
            parties,
            restricted,
            state: state.into(),
            phase,
            priority,
            service,
            category,
            opened,
        }
    })
}

/// Batches of changes as a feed brings them: new records, changed ones, removals.
fn feed() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = (1..25_i64).prop_flat_map(|id| {
        prop_oneof![
            5 => record(id).prop_map(put),
            1 => Just(Change::Remove(id)),
        ]
    });
    vec(vec(change, 0..20), 1..4)
}

fn grant() -> impl Strategy<Value = StaffTerms> {
    let processes = option::of(subsequence(&PROCESSES[..], 0..=2));
    let organisations = option::of(vec(id(), 0..3));
    (processes, organisations, any::<bool>(), any::<bool>()).prop_map(
        |(processes, organisations, internal, restricted)| StaffTerms {
            processes: processes.map(|keys| keys.into_iter().map(Into::into).collect()),
            organisations,
            internal,
            restricted,
        },
    )
}

fn scope() -> impl Strategy<Value = ScopeTerms> {
    let everything = prop::bool::weighted(0.1);
    let parts = (everything, vec(grant(), 0..3), vec(id(), 0..2), option::of(id()), vec(id(), 0..2));
    parts.prop_map(|(everything, staff, teams, person, parties)| ScopeTerms {
        everything,
        staff,
        teams,
        person,
        parties,
        ..ScopeTerms::default()
    })
}

fn query_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => word().prop_map(String::from),
        2 => (word(), 1..4_usize).prop_map(|(word, length)| word[..length.min(word.len())].into()),
        1 => vec(word(), 1..3).prop_map(|words| format!("\"{}\"", words.join(" "))),
        1 => word().prop_map(|word| format!("-{word}")),
        1 => (word(), word()).prop_map(|(a, b)| format!("-\"{a} {b}\"")),
        1 => (1..25_i64).prop_map(|id| format!("INC-{id}")),
    ];
    prop_oneof![
        8 => vec(piece, 0..4).prop_map(|pieces| pieces.join(" ")),
        1 => (1..25_i64).prop_map(|id| format!("inc{id}")),
        1 => (1..25_i64).prop_map(|id| id.to_string()),
    ]
}

fn filters() -> impl Strategy<Value = Filters> {
    let states = subsequence(STATES, 0..=2);
    let few = || prop_oneof![4 => Just(Vec::new()), 1 => vec(id(), 1..3)];
    let numbers = || prop_oneof![4 => Just(Vec::new()), 1 => vec(0..4_u64, 1..3)];
    let instant = || prop_oneof![4 => Just(None), 1 => (0..100_i64).prop_map(Some)];
    let ids = [few(), few(), few(), few(), few(), few()];
    (states, any::<bool>(), numbers(), numbers(), ids, (instant(), instant())).prop_map(
        |(states, by_state, phases, priorities, ids, (opened_from, opened_until))| {
            let states = states.into_iter().filter(|_| by_state).map(Into::into).collect();
            let [teams, assignees, organisations, services, categories, requesters] = ids;
            Filters {
                states,
                phases,
                priorities,
                teams,
                assignees,
                organisations,
                services,
                categories,
                requesters,
                archived: false,
                opened_from,
                opened_until,
            }
        },
    )
}

fn query() -> impl Strategy<Value = Query> {
    let filters = prop_oneof![2 => Just(Filters::default()), 1 => filters()];
    let processes = prop_oneof![3 => Just(vec![]), 1 => select(&PROCESSES[..]).prop_map(|key| vec![key.into()])];
    let sort = select(&[Sort::Relevance, Sort::Newest][..]);
    (query_text(), processes, filters, sort, 1..12_usize).prop_map(|(text, processes, filters, sort, limit)| Query {
        text,
        processes,
        filters,
        sort,
        limit,
        after: None,
    })
}

/// The index after the feed, and what it should hold.
fn run(feed: &[Vec<Change>]) -> (Index, Vec<Document>) {
    let index = Index::in_memory().expect("an index");
    let mut records = BTreeMap::new();
    for (cursor, batch) in (1..).zip(feed) {
        index.apply(batch, cursor).expect("applied");
        for change in batch {
            match change {
                Change::Put(document) => records.insert(document.id, (**document).clone()),
                Change::Remove(id) => records.remove(id),
            };
        }
    }
    (index, records.into_values().collect())
}

/// Every page of the answer.
fn pages(index: &Index, query: &Query, scope: &ScopeTerms) -> Vec<Hits> {
    let mut query = query.clone();
    let mut pages: Vec<Hits> = Vec::new();
    loop {
        let page = index.search(&query, scope).expect("an answer");
        query.after = page.next;
        pages.push(page);
        if query.after.is_none() {
            return pages;
        }
    }
}

fn counted<T: Ord>(values: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn check_against_oracle(
    index: &Index,
    records: &[Document],
    query: &Query,
    scope: &ScopeTerms,
) -> Result<(), TestCaseError> {
    let expected = oracle::matches(records, query, scope);
    let pages = pages(index, query, scope);
    let first = &pages[0];
    let found: Vec<i64> = pages.iter().flat_map(ids).collect();
    let found_once: BTreeSet<i64> = found.iter().copied().collect();
    prop_assert_eq!(found.len(), found_once.len(), "no record twice");
    if first.corrected {
        prop_assert!(expected.is_empty(), "corrected although {:?} fit", expected);
        let visible = |id: &i64| records.iter().any(|r| r.id == *id && oracle::visible(scope, r));
        prop_assert!(found.iter().all(visible));
        return Ok(());
    }
    let expected_ids: BTreeSet<i64> = expected.iter().map(|record| record.id).collect();
    prop_assert_eq!(&found_once, &expected_ids);
    for page in &pages {
        prop_assert_eq!(page.total, expected.len());
        prop_assert!(!page.capped);
        let facets = &page.facets;
        let states: BTreeMap<_, _> = facets.states.iter().cloned().collect();
        prop_assert_eq!(states, counted(expected.iter().map(|r| r.state.clone())));
        let priorities: BTreeMap<_, _> = facets.priorities.iter().copied().collect();
        prop_assert_eq!(priorities, counted(expected.iter().filter_map(|r| r.priority)));
        let teams: BTreeMap<_, _> = facets.teams.iter().copied().collect();
        prop_assert_eq!(teams, counted(expected.iter().filter_map(|r| r.team)));
    }
    let hits: Vec<_> = pages.iter().flat_map(|page| &page.hits).collect();
    let place = |id: i64| {
        let record = expected.iter().find(|record| record.id == id);
        record.map(|record| (record.opened, record.id))
    };
    for (earlier, later) in hits.iter().zip(hits.iter().skip(1)) {
        let earlier = (earlier.score, place(earlier.id));
        prop_assert!(earlier > (later.score, place(later.id)), "{:?}", hits);
    }
    for hit in hits {
        prop_assert!(expected.iter().any(|r| r.id == hit.id && r.number == hit.number));
    }
    Ok(())
}

/// The feed with everything the caller may not read replaced, keeping what it may.
fn with_other_secrets(feed: &[Vec<Change>], scope: &ScopeTerms, secrets: &str) -> Vec<Vec<Change>> {
    let reads_internal = |record: &Document| {
        let canary = Document { internal_text: "zzcanary".into(), ..record.clone() };
        let query = Query { text: "zzcanary".into(), ..Query::default() };
        !oracle::matches(&[canary], &query, scope).is_empty()
    };
    let replace = |change: &Change| match change {
        Change::Remove(id) => Change::Remove(*id),
        Change::Put(record) if !oracle::visible(scope, record) => put(Document {
            title: secrets.into(),
            text: secrets.into(),
            people: vec![secrets.into()],
            state: "secret".into(),
            priority: Some(9),
            ..(**record).clone()
        }),
        Change::Put(record) if !reads_internal(record) => {
            put(Document { internal_text: secrets.into(), ..(**record).clone() })
        }
        Change::Put(record) => put((**record).clone()),
    };
    feed.iter().map(|batch| batch.iter().map(replace).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn kno_11_gen_09_ism_05_every_search_gives_what_the_caller_may_find_and_no_more(
        feed in feed(),
        asked in vec((query(), scope()), 8),
    ) {
        let (index, records) = run(&feed);
        for (query, scope) in &asked {
            check_against_oracle(&index, &records, query, scope)?;
        }
    }

    #[test]
    fn completion_gives_what_the_caller_may_find_and_no_more(
        feed in feed(),
        asked in vec((prop_oneof![words(2), query_text()], scope()), 8),
    ) {
        let (index, records) = run(&feed);
        for (beginning, scope) in &asked {
            let beginning = beginning.replace(['"'], "").replace(" -", " ");
            let hits = index.complete(&beginning, scope, 100).expect("an answer");
            let found: BTreeSet<i64> = hits.iter().map(|hit| hit.id).collect();
            let expected = records.iter().filter(|r| oracle::completes(&beginning, scope, r));
            prop_assert_eq!(found, expected.map(|r| r.id).collect::<BTreeSet<_>>(), "{}", beginning);
        }
    }

    #[test]
    fn gen_09_brm_09_what_the_caller_may_not_read_changes_no_answer(
        feed in feed(),
        secrets in words(6),
        scope in scope(),
        asked in vec(query(), 8),
    ) {
        let (index, _) = run(&feed);
        let (other, _) = run(&with_other_secrets(&feed, &scope, &secrets));
        for query in &asked {
            prop_assert_eq!(pages(&index, query, &scope), pages(&other, query, &scope));
            let complete = |index: &Index| index.complete(&query.text, &scope, 20).expect("an answer");
            prop_assert_eq!(complete(&index), complete(&other));
            let like = Likeness {
                title: query.text.clone(),
                service: Some(1),
                now: 10,
                processes: PROCESSES.map(Into::into).into(),
                limit: 20,
                ..Likeness::default()
            };
            let similar = |index: &Index| index.similar(&like, &scope).expect("an answer");
            prop_assert_eq!(similar(&index), similar(&other));
        }
    }
}

/// A word that stands only in internal text of a record the caller otherwise sees.
#[test]
fn gen_09_kno_11_an_internal_word_leaves_no_trace_for_its_requester() {
    let record = Document {
        requester: Some(1),
        organisation: Some(1),
        internal_text: "kanarienvogel".into(),
        ..common::incident(1, "printer")
    };
    let index = common::filled([record]);
    let staff = |internal| vec![StaffTerms { internal, ..StaffTerms::default() }];
    let outsiders = [
        ScopeTerms { person: Some(1), ..ScopeTerms::default() },
        ScopeTerms { person: Some(1), staff: staff(false), ..ScopeTerms::default() },
        ScopeTerms {
            person: Some(1),
            staff: vec![StaffTerms { organisations: Some(vec![2]), ..staff(true).remove(0) }],
            ..ScopeTerms::default()
        },
    ];
    for text in ["kanarienvogel", "kan", "kanarien", "kanarienvogek", "kanarien vogel", "\"kanarienvogel\""] {
        for sort in [Sort::Relevance, Sort::Newest] {
            let query = Query { sort, ..common::text(text) };
            for scope in &outsiders {
                let hits = index.search(&query, scope).expect("an answer");
                assert_eq!(hits, Hits::default(), "{text}");
                assert!(index.complete(text, scope, 10).expect("an answer").is_empty());
            }
        }
    }
    let agent = ScopeTerms { staff: staff(true), ..ScopeTerms::default() };
    assert_eq!(index.search(&common::text("kanarienvogel"), &agent).expect("an answer").total, 1);
    let excluded = common::text("printer -kanarienvogel");
    assert_eq!(index.search(&excluded, &outsiders[0]).expect("an answer").total, 1);
    assert_eq!(index.search(&excluded, &agent).expect("an answer").total, 0);
}
