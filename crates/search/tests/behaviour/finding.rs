//! What people type and what they find.

use std::collections::HashSet;

use crate::common::{everything, filled, found, ids, incident, search, text};
use mainstay_search::{Document, Filters, Index, Query, Sort};

fn sample() -> Index {
    filled([
        incident(1, "Printer offline"),
        Document { text: "The printer is out of paper".into(), ..incident(2, "Toner") },
        incident(3, "Printers on floor two"),
        Document { people: vec!["Zoë Müller".into()], ..incident(4, "Laptop stolen") },
        Document { public_comments: "paper jam in tray two".into(), ..incident(5, "Jam paper") },
        incident(4821, "Mailbox full"),
        Document { number: "CHG-4821".into(), process: "change".into(), ..incident(7, "Patch") },
        Document { number: "CHG-0042".into(), process: "change".into(), ..incident(8, "Rack") },
        incident(9, "Copy of 4821"),
    ])
}

#[test]
fn a_number_is_found_however_it_is_written_and_stands_first() {
    let index = sample();
    for text in ["INC-4821", "inc4821", "inc 4821", " INC-4821 "] {
        assert_eq!(found(&index, text)[0], 4821, "{text}");
    }
    assert_eq!(found(&index, "4821"), [4821, 7, 9]);
    assert_eq!(found(&index, "#4821"), [4821, 7, 9]);
    for text in ["CHG-0042", "chg42", "42", "0042"] {
        assert_eq!(found(&index, text), [8], "{text}");
    }
    let hits = search(&index, &text("CHG-0042"));
    assert_eq!(hits.hits[0].number, "CHG-0042");
}

#[test]
fn all_words_must_stand_somewhere_in_the_record() {
    let index = sample();
    assert_eq!(found(&index, "printer paper"), [2]);
    assert_eq!(found(&index, "PRINTER Offline"), [1]);
    assert!(found(&index, "printer stolen").is_empty());
    assert_eq!(found(&index, "inc printer paper"), [2]);
}

#[test]
fn a_word_in_the_title_counts_most_and_equals_come_newest_first() {
    let index = sample();
    assert_eq!(found(&index, "printer"), [1, 3, 2]);
    let twins = filled([incident(1, "same"), incident(3, "same"), incident(2, "same")]);
    assert_eq!(found(&twins, "same"), [3, 2, 1]);
}

#[test]
fn a_beginning_finds_the_word() {
    let index = sample();
    for beginning in ["sto", "stol", "stole", "lap st", "lap stolen"] {
        assert_eq!(found(&index, beginning), [4], "{beginning}");
    }
    assert_eq!(found(&index, "printers"), [3]);
}

#[test]
fn accents_and_case_do_not_matter() {
    let index = sample();
    for name in ["Zoë", "zoe mueller".split(' ').next().unwrap_or_default(), "MULLER", "Mu\u{308}ller"] {
        assert_eq!(found(&index, name), [4], "{name}");
    }
}

#[test]
fn kno_01_cat_09_spelling_mistakes_are_forgiven_when_nothing_else_fits() {
    let index = sample();
    for wrong in ["pritner offline", "prnter offline", "printeer offline", "prinfer offline"] {
        let hits = search(&index, &text(wrong));
        assert_eq!(ids(&hits), [1], "{wrong}");
        assert!(hits.corrected);
    }
    assert_eq!(found(&index, "maiblox"), [4821], "a swap");
    assert_eq!(found(&index, "lap top"), [4], "a space too many");
    assert!(!search(&index, &text("printer")).corrected);
    assert!(found(&index, "prq").is_empty(), "short words are not bent");
    assert!(found(&index, "4822").is_empty(), "numbers are not bent");
    assert!(found(&index, "qrqntqr").is_empty(), "too far off");
}

#[test]
fn a_phrase_stands_in_a_row_within_one_field() {
    let index = sample();
    assert_eq!(found(&index, "\"paper jam\""), [5]);
    assert_eq!(found(&index, "\"jam paper\""), [5]);
    assert_eq!(found(&index, "\"out of paper\""), [2]);
    assert!(found(&index, "\"toner the\"").is_empty(), "title and text are not one");
    assert_eq!(found(&index, "\"printer\""), [1, 2], "quoted words are whole");
}

#[test]
fn a_dash_excludes() {
    let index = sample();
    assert_eq!(found(&index, "printer -paper"), [1, 3]);
    assert_eq!(found(&index, "paper -\"out of paper\""), [5]);
    assert_eq!(found(&index, "-printer -paper -printers -patch -rack -mailbox -copy"), [4]);
}

#[test]
fn filters_and_processes_narrow() {
    let index = filled((1..=6_i64).map(|id| Document {
        state: if id % 2 == 0 { "new" } else { "closed" }.into(),
        priority: Some(id.cast_unsigned()),
        team: Some(id % 3),
        requester: Some(id % 2),
        opened: id * 10,
        ..incident(id, "disk")
    }));
    let ask = |filters| ids(&search(&index, &Query { filters, ..text("disk") }));
    let none = Filters::default();
    assert_eq!(ask(Filters { states: vec!["new".into()], ..none.clone() }), [6, 4, 2]);
    assert_eq!(ask(Filters { priorities: vec![1, 2, 9], ..none.clone() }), [2, 1]);
    assert_eq!(ask(Filters { teams: vec![0], states: vec!["new".into()], ..none.clone() }), [6]);
    assert!(ask(Filters { services: vec![1], ..none.clone() }).is_empty());
    assert_eq!(ask(Filters { requesters: vec![1], ..none.clone() }), [5, 3, 1]);
    assert_eq!(ask(Filters { opened_from: Some(30), ..none.clone() }), [6, 5, 4, 3], "from is part of the span");
    assert_eq!(ask(Filters { opened_until: Some(30), ..none.clone() }), [2, 1], "its end is not");
    assert_eq!(ask(Filters { opened_from: Some(30), opened_until: Some(50), ..none }), [4, 3]);
    let other = Query { processes: vec!["change".into()], ..text("disk") };
    assert!(search(&index, &other).hits.is_empty());
    let facets = search(&index, &text("")).facets;
    assert_eq!(facets.states, [("closed".into(), 3), ("new".into(), 3)]);
    assert_eq!(facets.teams, [(0, 2), (1, 2), (2, 2)]);
}

#[test]
fn completion_knows_numbers_and_titles() {
    let index = sample();
    let complete = |beginning: &str| -> Vec<i64> {
        let hits = index.complete(beginning, &everything(), 10).expect("an answer");
        hits.iter().map(|hit| hit.id).collect()
    };
    assert_eq!(complete("INC-48"), [4821]);
    assert_eq!(complete("4821"), [4821, 7, 9]);
    assert_eq!(complete("pri"), [3, 1]);
    assert_eq!(complete("printer off"), [1]);
    assert_eq!(complete("chg-"), [8, 7]);
    assert!(complete("paper tray").is_empty(), "comments are not completed");
    assert!(complete("").is_empty());
}

#[test]
fn hostile_input_is_answered_quickly() {
    let index = sample();
    let texts = [
        "\"".repeat(5000),
        "-".repeat(5000),
        "a ".repeat(5000),
        "* OR 1=1 AND (((".into(),
        "title:^2 [a TO z] /.*/ ~9".into(),
        "\u{0}\u{feff}\u{202e}\u{1F600}".into(),
        "aaaaaaaaaaaaaaaa ".repeat(100),
        "\u{300}".repeat(1000),
        "ﷺ".repeat(500),
        "-\"a b\" -\"".into(),
    ];
    for hostile in texts {
        let start = std::time::Instant::now();
        search(&index, &text(&hostile));
        index.complete(&hostile, &everything(), usize::MAX).expect("an answer");
        assert!(start.elapsed().as_secs() < 2, "{hostile:?}");
    }
    let endless = Query { limit: usize::MAX, ..text("printer") };
    assert_eq!(search(&index, &endless).hits.len(), 3);
    assert_eq!(search(&index, &Query { limit: 0, ..text("printer") }).hits.len(), 1);
}

#[test]
fn beyond_the_horizon_totals_are_capped_and_nothing_is_lost() {
    let many = i64::try_from(mainstay_search::HORIZON).expect("small") + 50;
    let common = (2..=many).map(|id| incident(id, if id % 2 == 0 { "daily report" } else { "report" }));
    let first = Document { text: "report".into(), ..incident(1, "needle") };
    let index = filled(common.chain([first]));
    let hits = search(&index, &text("report"));
    assert!(hits.capped);
    assert_eq!(hits.total, mainstay_search::HORIZON);
    assert_eq!(found(&index, "INC-1 report"), [1]);
    assert_eq!(found(&index, "INC-2")[0], 2, "the oldest by number");

    let all_by_time = every_page(&index, Query { sort: Sort::Newest, ..text("report") });
    assert_eq!(all_by_time, (1..=many).rev().collect::<Vec<_>>());

    let mut ranked = every_page(&index, Query { text: "daily".into(), ..text("") });
    ranked.sort_unstable();
    let daily: Vec<i64> = (1..=many).filter(|id| id % 2 == 0).collect();
    assert_eq!(ranked, daily, "ranked or not, each once");
    let ranked = every_page(&index, text("report"));
    assert_eq!(ranked.len(), mainstay_search::HORIZON);
    assert_eq!(ranked.iter().collect::<HashSet<_>>().len(), ranked.len());
}

fn every_page(index: &Index, mut query: Query) -> Vec<i64> {
    let mut seen = Vec::new();
    query.limit = 200;
    loop {
        let hits = search(index, &query);
        seen.extend(ids(&hits));
        query.after = hits.next;
        if query.after.is_none() {
            return seen;
        }
    }
}

#[test]
fn old_title_matches_rank_even_beyond_the_horizon() {
    let many = i64::try_from(mainstay_search::HORIZON).expect("small") + 50;
    let common = (2..=many).map(|id| Document { text: "report".into(), ..incident(id, "daily") });
    let index = filled(common.chain([incident(1, "report")]));
    assert_eq!(found(&index, "report")[0], 1);
}
