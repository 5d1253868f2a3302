//! How well causes are found, and how fast:
//!
//!     cargo run --release -p mainstay-correlate --example measure -- log incident_event_log.csv
//!     cargo run --release -p mainstay-correlate --example measure -- many 100000
//!
//! `log` reads the public event log that docs/IMPORT.md names, with its column of problems hidden, looks once a day over
//! the 180 days before, and then holds what was proposed against the hidden column. `many` groups made-up reports.

use mainstay_correlate::{DAY_MS, Item, Why, candidates, clusters};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["log", file] => log(&std::fs::read_to_string(file).expect("the log can be read")),
        ["many", count] => many(count.parse().expect("a number")),
        _ => panic!("say log FILE or many COUNT"),
    }
}

/// Days since 1970 of a day, month and year.
fn day(day: i64, month: i64, year: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// An instant as the log writes it: 29/2/2016 01:16.
fn instant(text: &str) -> Option<i64> {
    let parts: Vec<i64> = text.split(['/', ' ', ':']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let [d, m, y, hour, minute] = parts.as_slice() else { return None };
    Some(day(*d, *m, *y) * DAY_MS + (hour * 60 + minute) * 60_000)
}

fn log(text: &str) {
    let mut items: BTreeMap<i64, Item> = BTreeMap::new();
    let mut caused: BTreeMap<i64, String> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells.get(at).and_then(|cell| cell.parse::<i64>().ok());
        let (Some(id), Some(opened)) = (number(0), cells.get(9).and_then(|cell| instant(cell))) else { continue };
        let named = |word: &str, at: usize| {
            number(at).map(|id| {
                format!(
                    "{word}{}",
                    "abcdefghij"
                        .chars()
                        .cycle()
                        .nth(usize::try_from(id % 10).unwrap_or(0))
                        .map_or_else(String::new, |c| format!("{c}{id:x}q"))
                )
            })
        };
        let words: Vec<String> = [named("sub", 17), named("sym", 18)].into_iter().flatten().collect();
        let item = Item {
            id,
            opened,
            text: words.join(" "),
            service: None,
            category: number(16),
            team: number(23),
            fix: number(32),
            urgent: number(22).is_some_and(|priority| priority <= 2),
        };
        items.insert(id, item);
        if let Some(problem) = cells.get(28).filter(|cell| **cell != "?") {
            caused.insert(id, (*problem).to_owned());
        }
    }
    let items: Vec<Item> = items.into_values().collect();
    let mut truth: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (id, problem) in &caused {
        truth.entry(problem).or_default().insert(*id);
    }
    truth.retain(|_, members| members.len() > 1);
    let first = items.iter().map(|item| item.opened).min().unwrap_or_default();
    let last = items.iter().map(|item| item.opened).max().unwrap_or_default();
    // As the product keeps them: what shares a record with an open proposal is that proposal.
    let mut proposed: Vec<(Why, BTreeSet<i64>)> = Vec::new();
    let mut now = first + DAY_MS;
    while now < last + 2 * DAY_MS {
        let past: Vec<Item> =
            items.iter().filter(|item| item.opened <= now && item.opened > now - 180 * DAY_MS).cloned().collect();
        for found in candidates(&past, now) {
            let members: BTreeSet<i64> = found.members.into_iter().collect();
            match proposed.iter_mut().find(|(_, known)| known.intersection(&members).count() * 2 >= members.len()) {
                Some((_, known)) => known.extend(members),
                None => proposed.push((found.why, members)),
            }
        }
        now += DAY_MS;
    }
    println!("incidents {}, with a problem {}, problems with several {}", items.len(), caused.len(), truth.len());
    for why in [None, Some(Why::Burst), Some(Why::Recurrence), Some(Why::Category)] {
        let of: Vec<&BTreeSet<i64>> =
            proposed.iter().filter(|(of, _)| why.is_none_or(|why| why == *of)).map(|(_, members)| members).collect();
        let recovered =
            truth.values().filter(|cause| of.iter().any(|members| members.intersection(cause).count() > 1)).count();
        let labels =
            |members: &&BTreeSet<i64>| -> Vec<&String> { members.iter().filter_map(|id| caused.get(id)).collect() };
        let judged: Vec<Vec<&String>> = of.iter().map(labels).filter(|known| known.len() > 1).collect();
        let right = judged.iter().filter(|known| {
            let most = known.iter().map(|one| known.iter().filter(|other| *other == one).count()).max().unwrap_or(0);
            most > 1 && most * 2 > known.len()
        });
        println!(
            "{}: {} proposals; two incidents of one problem together: {recovered} of {}; most labels agree: {} of {}",
            why.map_or_else(|| "all".to_owned(), |why| format!("{why:?}")),
            of.len(),
            truth.len(),
            right.count(),
            judged.len()
        );
    }
}

fn many(count: i64) {
    const THINGS: [&str; 12] = [
        "mail", "phone", "printer", "badge", "screen", "mouse", "login", "invoice", "gateway", "door", "scanner",
        "desk",
    ];
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let word =
        |n: u64| format!("w{}", n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>());
    let items: Vec<Item> = (0..count)
        .map(|id| {
            // Words as rare as in prose: most are common, some are seldom.
            let mut text = THINGS[usize::try_from(draw(12)).unwrap_or(0)].to_owned();
            for _ in 0..18 {
                let most = [20, 200, 2_000, 20_000][usize::try_from(draw(4)).unwrap_or(0)];
                text.push(' ');
                text.push_str(&word(draw(most)));
            }
            let about = |n: u64| i64::try_from(n).ok();
            Item {
                id,
                opened: id * 180 * DAY_MS / count,
                text,
                service: about(draw(77)),
                category: about(draw(31)),
                team: about(draw(70)),
                fix: None,
                urgent: draw(40) == 0,
            }
        })
        .collect();
    let begun = Instant::now();
    let groups = clusters(&items).len();
    let grouped = begun.elapsed();
    let begun = Instant::now();
    let found = candidates(&items, 180 * DAY_MS).len();
    println!("{count} reports: {groups} groups in {grouped:.1?}; {found} proposals in {:.1?}", begun.elapsed());
}
