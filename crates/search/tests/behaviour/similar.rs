//! What is like a record in hand.

use crate::common::{everything, filled, incident};
use mainstay_search::{Document, Index, Likeness, ScopeTerms};

const DAY: i64 = 86_400_000;

fn like(id: i64, title: &str, opened: i64) -> Likeness {
    Likeness {
        id,
        title: title.into(),
        opened,
        now: 200 * DAY,
        since: 20 * DAY,
        processes: vec!["incident".into()],
        limit: 5,
        ..Likeness::default()
    }
}

fn found(index: &Index, like: &Likeness) -> Vec<i64> {
    index.similar(like, &everything()).expect("an answer").into_iter().map(|hit| hit.id).collect()
}

fn at(id: i64, title: &str, opened: i64) -> Document {
    Document { opened, ..incident(id, title) }
}

#[test]
fn rare_words_say_more_than_common_ones() {
    let noise = (100..200).map(|id| at(id, "It does not work since today", 190 * DAY + id));
    let known = [
        at(1, "VPN drops on Wi-Fi since today", 150 * DAY),
        at(2, "Printer does not work since today", 190 * DAY),
        at(3, "VPN drops every twenty minutes on Wi-Fi", 199 * DAY),
    ];
    let index = filled(noise.chain(known));
    assert_eq!(found(&index, &like(3, "VPN drops every twenty minutes on Wi-Fi", 199 * DAY)), [1]);
}

#[test]
fn what_is_old_is_found_by_a_rare_word_and_left_out_beyond_the_past_that_counts() {
    let daily = (100..400).map(|id| at(id, "VPN is slow", 20 * DAY + id * DAY / 3));
    let index = filled(daily.chain([at(1, "VPN error 0x80090327", 30 * DAY), at(2, "VPN error 0x80090327", 10 * DAY)]));
    assert_eq!(found(&index, &like(9, "VPN error 0x80090327 again", 199 * DAY))[0], 1);
    assert!(!found(&index, &like(9, "VPN error 0x80090327 again", 199 * DAY)).contains(&2));
}

#[test]
fn two_common_words_together_reach_further_back_than_each_alone() {
    let spread = |id: i64| 100 * DAY + (id % 1_000) * DAY / 6;
    let one = (1_000..1_590).map(|id| at(id, "scanner offline", spread(id)));
    let other = (2_000..2_590).map(|id| at(id, "badge reader", spread(id)));
    let rest = (3_000..3_590).map(|id| at(id, "something else entirely", spread(id)));
    let index = filled(one.chain(other).chain(rest).chain([at(1, "scanner reader", 60 * DAY)]));
    assert_eq!(found(&index, &like(9, "scanner reader", 199 * DAY))[0], 1);
}

#[test]
fn the_same_service_time_and_category_raise_a_record() {
    let same = Document { service: Some(7), category: Some(8), ..at(1, "mailbox full", 100 * DAY) };
    let index = filled([same, at(2, "mailbox full", 100 * DAY), at(3, "mailbox full", 199 * DAY)]);
    let mine = Likeness { service: Some(7), category: Some(8), ..like(9, "mailbox full", 199 * DAY) };
    assert_eq!(found(&index, &mine), [1, 3, 2]);
}

#[test]
fn nothing_is_like_a_record_without_words() {
    let index = filled([at(1, "mailbox full", 100 * DAY)]);
    for title in ["", "?!", "12345 67"] {
        assert!(found(&index, &like(9, title, 199 * DAY)).is_empty(), "{title}");
    }
    assert!(index.similar(&like(9, "mailbox full", 199 * DAY), &ScopeTerms::default()).expect("an answer").is_empty());
}
