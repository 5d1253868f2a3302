//! Fills an index with made-up records and prints how long kinds of queries take.
//!
//! `cargo run --release -p mainstay-search --example measure -- 1000000 /tmp/index`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mainstay_search::{Change, Document, Filters, Index, Query, ScopeTerms, Sort, SourceError, StaffTerms};

const WORDS: u64 = 40_000;
const ORGANISATIONS: u64 = 200;
const TEAMS: u64 = 40;
const PEOPLE: u64 = 20_000;
/// Queries of a kind.
const RUNS: usize = 200;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let records: u64 = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("mainstay-search-measure"), PathBuf::from);
    let index = fill(&folder, records)?;
    println!("{:>8.0} MB on disk", megabytes(&folder)?);
    commits(&index, records)?;
    for (scope_name, scope) in scopes() {
        println!("\n{scope_name:<44} {:>9} {:>9} {:>9} {:>7}", "median", "p95", "most", "hits");
        for (kind, make) in KINDS {
            let mut dice = Dice(7);
            let queries: Vec<Query> = (0..RUNS).map(|_| make(&mut dice)).collect();
            report(&index, kind, &queries, &scope)?;
        }
        completions(&index, &scope)?;
    }
    Ok(())
}

fn fill(folder: &Path, records: u64) -> Result<Index, Failure> {
    if let Ok(index) = Index::open(folder)
        && index.cursor()? == records.cast_signed()
    {
        return Ok(index);
    }
    let start = Instant::now();
    let documents = (0..records).map(|n| Ok::<_, SourceError>(document(n, records)));
    let index = Index::rebuilt(folder, documents, records.cast_signed())?;
    println!("{:>8.1} s to build", start.elapsed().as_secs_f64());
    index.close()?;
    println!("{:>8.1} s with merges", start.elapsed().as_secs_f64());
    drop(index);
    let start = Instant::now();
    let index = Index::open(folder)?;
    println!("{:>8.1} ms to open", start.elapsed().as_secs_f64() * 1000.0);
    Ok(index)
}

/// What a feed does: twenty batches of fifty records, half of them changes to old ones.
fn commits(index: &Index, records: u64) -> Result<(), Failure> {
    let mut times = Vec::new();
    let mut dice = Dice(99);
    for batch in 0..20 {
        let changes: Vec<Change> = (0..50)
            .map(|n| if n % 2 == 0 { dice.below(records) } else { records + batch * 50 + n })
            .map(|n| Change::Put(Box::new(document(n, records))))
            .collect();
        let start = Instant::now();
        index.apply(&changes, records.cast_signed())?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!("{:>8.1} ms per commit of 50, at most {:.1}", ms(times[10]), ms(times[19]));
    Ok(())
}

fn report(index: &Index, kind: &str, queries: &[Query], scope: &ScopeTerms) -> Result<(), Failure> {
    index.search(&queries[0], scope)?;
    let mut times = Vec::new();
    let mut found = 0;
    for query in queries {
        found += index.search(query, scope)?.total;
        times.push(best(|| index.search(query, scope).map(drop))?);
    }
    print_times(kind, times, found / queries.len());
    Ok(())
}

fn completions(index: &Index, scope: &ScopeTerms) -> Result<(), Failure> {
    let mut dice = Dice(11);
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..RUNS {
        let whole = if dice.below(2) == 0 { dice.word() } else { format!("INC-{}", dice.below(99_999)) };
        let length = 1 + usize::try_from(dice.below(whole.len() as u64))?;
        found += index.complete(&whole[..length], scope, 10)?.len();
        times.push(best(|| index.complete(&whole[..length], scope, 10).map(drop))?);
    }
    print_times("completion", times, found / RUNS);
    Ok(())
}

/// The best of three runs, so that a busy machine does not count.
fn best<E>(work: impl Fn() -> Result<(), E>) -> Result<Duration, E> {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

fn print_times(kind: &str, mut times: Vec<Duration>, found: usize) {
    times.sort_unstable();
    let at = |share: usize| ms(times[(times.len() - 1) * share / 100]);
    println!("  {kind:<42} {:>6.2} ms {:>6.2} ms {:>6.2} ms {found:>7}", at(50), at(95), at(100));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "a size to print")]
fn megabytes(folder: &Path) -> Result<f64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            for file in std::fs::read_dir(entry.path())? {
                bytes += file?.metadata()?.len();
            }
        }
    }
    Ok(bytes as f64 / 1e6)
}

type Make = fn(&mut Dice) -> Query;

const KINDS: [(&str, Make); 15] = [
    ("commonest words", |dice| text(common(dice))),
    ("any word", |dice| text(dice.word())),
    ("rare word", |dice| text(rare(dice))),
    ("two common words", |dice| text(format!("{} {}", common(dice), common(dice)))),
    ("common and rare word", |dice| text(format!("{} {}", common(dice), rare(dice)))),
    ("four words", |dice| text((0..4).map(|_| dice.word()).collect::<Vec<_>>().join(" "))),
    ("beginning, three letters", |dice| text(dice.word()[..3].into())),
    ("beginning, five letters", |dice| text(dice.word()[..5].into())),
    ("misspelled", |dice| text(misspelled(dice))),
    ("phrase of two", |dice| text(format!("\"{} {}\"", dice.word(), dice.word()))),
    ("common without common", |dice| text(format!("{} -{}", common(dice), common(dice)))),
    ("number", |dice| text(format!("INC-{}", dice.below(100_000)))),
    ("commonest words, newest first", |dice| Query { sort: Sort::Newest, ..text(common(dice)) }),
    ("any word, filtered", |dice| Query { filters: filters(dice), ..text(dice.word()) }),
    ("no text, filtered", |dice| Query { filters: filters(dice), ..text(String::new()) }),
];

fn text(text: String) -> Query {
    Query { text, limit: 25, ..Query::default() }
}

fn filters(dice: &mut Dice) -> Filters {
    Filters {
        priorities: vec![1 + dice.below(5)],
        teams: vec![dice.id(TEAMS), dice.id(TEAMS)],
        states: vec!["active".into()],
        ..Filters::default()
    }
}

fn common(dice: &mut Dice) -> String {
    word(dice.below(10))
}

fn rare(dice: &mut Dice) -> String {
    word(WORDS / 2 + dice.below(WORDS / 2))
}

fn misspelled(dice: &mut Dice) -> String {
    let mut letters = dice.word().into_bytes();
    let place = 1 + usize::try_from(dice.below(letters.len() as u64 - 1)).unwrap_or(1);
    letters[place] = b'q';
    String::from_utf8(letters).unwrap_or_default()
}

fn scopes() -> Vec<(&'static str, ScopeTerms)> {
    let agent = ScopeTerms {
        staff: vec![StaffTerms { internal: true, ..StaffTerms::default() }],
        teams: vec![3, 7],
        person: Some(42),
        ..ScopeTerms::default()
    };
    let organisations = Some((1..=5).collect());
    let half = Some((1..=100).collect());
    let staff = |organisations, internal| StaffTerms { organisations, internal, ..StaffTerms::default() };
    vec![
        ("everything", ScopeTerms { everything: true, ..ScopeTerms::default() }),
        ("agent for all organisations", agent.clone()),
        (
            "agent for half of them, half internal",
            ScopeTerms {
                staff: vec![staff(half.clone(), true), staff(Some((60..=150).collect()), false)],
                ..agent.clone()
            },
        ),
        ("agent for five organisations", ScopeTerms { staff: vec![staff(organisations, true)], ..agent }),
        ("requester", ScopeTerms { person: Some(42), parties: vec![PARTY], ..ScopeTerms::default() }),
    ]
}

const PARTY: i64 = 1_000_001;

fn document(n: u64, records: u64) -> Document {
    let mut dice = Dice(n.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0xABCD);
    let mut sentence = |words| (0..words).map(|_| dice.word()).collect::<Vec<_>>().join(" ");
    let (title, text, comments, internal) = (sentence(7), sentence(45), sentence(30), sentence(20));
    Document {
        id: n.cast_signed() + 1,
        number: format!("{}-{n}", ["INC", "REQ", "CHG", "PRB"][(n % 4) as usize]),
        process: ["incident", "request", "change", "problem"][(n % 4) as usize].into(),
        title,
        text,
        people: vec![dice.word(), dice.word()],
        public_comments: comments,
        internal_text: internal,
        organisation: Some(dice.id(ORGANISATIONS)),
        team: Some(dice.id(TEAMS)),
        requester: Some(dice.id(PEOPLE)),
        assignee: Some(dice.id(PEOPLE)),
        parties: vec![dice.id(PEOPLE), PARTY - 1 + dice.id(500)],
        restricted: dice.below(100) == 0,
        state: if n + records / 20 > records { "active" } else { "closed" }.into(),
        phase: 0,
        priority: Some(1 + dice.below(5)),
        service: Some(dice.id(100)),
        category: Some(dice.id(300)),
        opened: 1_700_000_000_000 + n.cast_signed() * 60_000 + dice.id(600_000),
    }
}

/// A made-up word; the lower, the commoner.
fn word(rank: u64) -> String {
    let mut dice = Dice(rank ^ 0x5EED);
    let syllables = 3 + dice.below(2);
    let mut word = String::new();
    for _ in 0..syllables {
        for letters in ["bcdfghjklmnprstvw", "aeiou"] {
            let place = usize::try_from(dice.below(letters.len() as u64)).unwrap_or_default();
            word.push_str(&letters[place..=place]);
        }
    }
    word
}

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn id(&mut self, limit: u64) -> i64 {
        1 + self.below(limit).cast_signed()
    }

    /// A word as text has them: the commonest in nearly every record, most in very few.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a die")]
    fn word(&mut self) -> String {
        let share = self.below(1 << 32) as f64 / f64::from(u32::MAX);
        word((WORDS as f64).powf(share) as u64 - 1)
    }
}
