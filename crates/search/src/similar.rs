//! Records like one that is in hand: by their words first, then by what they are about and when they came.
//!
//! Candidates are the newest records that share a word, read word by word: a rare word reaches far back, a common one
//! only to yesterday, so that the cost is bounded whatever the index holds. How much a word says follows from how often
//! it came among the records that the caller may read, and from nothing else: scores tell nothing of the others.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use tantivy::query::{EnableScoring, Query, Scorer};
use tantivy::{DocId, Term};

use crate::page::Page;
use crate::plan::Planner;
use crate::query::Hit;
use crate::schema::Fields;
use crate::scope::{Branch, ScopeTerms, is};
use crate::stream::{Match, Newest, View, thousandths};
use crate::tokens;

/// Words of a record that are looked up: those of its title, then those of its text.
const MOST_WORDS: usize = 12;
/// A word of the text is looked up from this many letters on.
const LONG_WORD: usize = 5;
/// The newest records of one word, and of two neighbouring common ones, that are compared.
const NEWEST: usize = 60;
/// What a word says that is found in the text of the other record and not in its title.
const IN_TEXT: f32 = 0.6;
/// What a word says that stands in the record's own text and not in its title.
const OF_TEXT: f32 = 0.5;
/// The least part of what its words say that another record has to share.
const LEAST: f32 = 0.34;
/// Among so many records every word is rare by chance.
const FEW: f32 = 20.0;
/// What a word says that every record has.
const EVERYWHERE: f32 = 0.1;
/// After so long, in milliseconds, being near in time says half as much: 3 days.
const HALF_LIFE: f32 = 3.0 * 86_400_000.0;

/// What makes up the score: words, service, time, category, team; their sum is below one.
const WEIGHTS: [f32; 5] = [0.45, 0.20, 0.15, 0.10, 0.05];

/// A record in hand, as others may be like it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// The record itself, which is never found.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Further words of it.
    pub text: String,
    /// Its service.
    pub service: Option<i64>,
    /// Its category.
    pub category: Option<i64>,
    /// Its team.
    pub team: Option<i64>,
    /// When it was opened, in epoch milliseconds UTC.
    pub opened: i64,
    /// Only records opened at this instant or later, in epoch milliseconds UTC.
    pub since: i64,
    /// This instant, in epoch milliseconds UTC.
    pub now: i64,
    /// Keys of the processes to look in.
    pub processes: Vec<String>,
    /// Hits at most.
    pub limit: usize,
}

/// A word of the record in hand.
struct Word {
    text: String,
    /// How much of it counts: words of the title wholly.
    share: f32,
    /// How much it says: nothing when only the record in hand has it.
    says: f32,
    /// More records have it than are compared.
    common: bool,
}

/// The newest matches of a question, and how many records a time like the whole past would bring.
struct Read {
    found: Vec<Match>,
    likely: f32,
}

type Place = (usize, DocId);

/// The records most like one in hand, as far as the caller may read them, the likest first.
pub(crate) fn similar(view: &View, fields: &Fields, like: &Likeness, scope: &ScopeTerms) -> tantivy::Result<Vec<Hit>> {
    let planner = Planner::new(fields, scope);
    let mut best: HashMap<Place, Match> = HashMap::new();
    for branch in planner.branches() {
        let asked = Asked { view, fields, like, planner: &planner, branch };
        for found in asked.answer()? {
            let place = (found.segment, found.doc);
            let held = best.entry(place).or_insert(found);
            held.score = held.score.max(found.score);
        }
    }
    let mut page = Page::new(like.limit.max(1), None);
    for found in best.into_values() {
        page.offer(view, found);
    }
    Ok(page.finish(view)?.0)
}

fn has_word(field: tantivy::schema::Field, word: &str) -> Box<dyn Query> {
    is(Term::from_field_text(field, word))
}

/// The words of a record that may be looked up, each once.
fn looked_up(like: &Likeness) -> Vec<(String, f32)> {
    let telling = |word: &String| word.chars().count() > 1 && !word.bytes().all(|byte| byte.is_ascii_digit());
    let long = |word: &String| word.chars().count() >= LONG_WORD;
    let title = tokens::fold(&like.title).into_iter().map(|word| (word, 1.0));
    let text = tokens::fold(&like.text).into_iter().filter(long).map(|word| (word, OF_TEXT));
    let mut known = BTreeSet::new();
    let words = title.chain(text).filter(|(word, _)| telling(word) && known.insert(word.clone()));
    words.take(MOST_WORDS).collect()
}

/// One record compared with those of one branch.
struct Asked<'a> {
    view: &'a View,
    fields: &'a Fields,
    like: &'a Likeness,
    planner: &'a Planner<'a>,
    branch: &'a Branch,
}

impl Asked<'_> {
    fn answer(&self) -> tantivy::Result<Vec<Match>> {
        let all = self.newest(&[])?.likely;
        let mut candidates: BTreeMap<Place, Match> = BTreeMap::new();
        let mut words = Vec::new();
        for (text, share) in looked_up(self.like) {
            let read = self.newest(&[&text])?;
            // What only the record in hand says, such as a number of a device, is no reason for or against another.
            let says =
                if read.found.is_empty() { 0.0 } else { ((all + FEW) / (read.likely + FEW)).ln().max(EVERYWHERE) };
            words.push(Word { text, share, says, common: read.found.len() == NEWEST });
            candidates.extend(read.found.into_iter().map(|found| ((found.segment, found.doc), found)));
        }
        for pair in words.windows(2).filter(|pair| pair.iter().all(|word| word.common && word.says > 0.0)) {
            let read = self.newest(&[&pair[0].text, &pair[1].text])?;
            candidates.extend(read.found.into_iter().map(|found| ((found.segment, found.doc), found)));
        }
        self.score(&words, &candidates)
    }

    /// The newest other records with all these words.
    fn newest(&self, words: &[&str]) -> tantivy::Result<Read> {
        let strand = self.planner.holding(self.branch, &self.like.processes, words);
        let mut found: Vec<Match> = Vec::new();
        for each in Newest::open(self.view, self.fields, &[strand])? {
            if found.len() == NEWEST || each.opened < self.like.since {
                break;
            }
            if self.view.segments[each.segment].ids.first(each.doc) != Some(self.like.id) {
                found.push(each);
            }
        }
        let seen = f32::from(u16::try_from(found.len()).unwrap_or(u16::MAX));
        let past = |from: i64| span(from, self.like.now).max(1.0);
        let likely = match found.last() {
            Some(oldest) if found.len() == NEWEST => seen * past(self.like.since) / past(oldest.opened),
            _ => seen,
        };
        Ok(Read { found, likely: likely.max(seen).max(1.0) })
    }

    fn score(&self, words: &[Word], candidates: &BTreeMap<Place, Match>) -> tantivy::Result<Vec<Match>> {
        let whole: f32 = words.iter().map(|word| word.share * word.says).sum();
        if whole <= 0.0 {
            return Ok(Vec::new());
        }
        let mut merits = Vec::new();
        for word in words.iter().filter(|word| word.says > 0.0) {
            let worth = word.share * word.says / whole;
            merits.push((has_word(self.fields.title.words, &word.text), worth, Merit::Title));
            merits.push((has_word(self.branch.text.words, &word.text), worth, Merit::Text));
        }
        let about = [
            (self.fields.service, self.like.service, 1),
            (self.fields.category, self.like.category, 3),
            (self.fields.team, self.like.team, 4),
        ];
        for (field, id, weight) in about {
            if let Some(id) = id {
                merits.push((is(Term::from_field_i64(field, id)), WEIGHTS[weight], Merit::About));
            }
        }
        let mut scored = Vec::new();
        for segment in 0..self.view.segments.len() {
            let of_segment = candidates.range((segment, 0)..=(segment, DocId::MAX)).map(|(_, found)| *found);
            let of_segment: Vec<Match> = of_segment.collect();
            if !of_segment.is_empty() {
                self.score_segment(segment, &merits, of_segment, &mut scored)?;
            }
        }
        scored.sort_by_key(|found| Reverse(found.score));
        Ok(scored)
    }

    fn score_segment(
        &self,
        segment: usize,
        merits: &[(Box<dyn Query>, f32, Merit)],
        found: Vec<Match>,
        scored: &mut Vec<Match>,
    ) -> tantivy::Result<()> {
        let silent = EnableScoring::disabled_from_searcher(self.view.searcher());
        let reader = self.view.segments[segment].reader();
        let open = |(query, worth, merit): &(Box<dyn Query>, f32, Merit)| {
            Ok::<_, tantivy::TantivyError>((query.weight(silent)?.scorer(reader, 1.0)?, *worth, *merit))
        };
        let mut merits: Vec<(Box<dyn Scorer>, f32, Merit)> = merits.iter().map(open).collect::<Result<_, _>>()?;
        for each in found {
            let (mut words, mut about, mut titled) = (0.0, 0.0, false);
            for (scorer, worth, merit) in &mut merits {
                let has = has(scorer, each.doc);
                match merit {
                    Merit::Title => {
                        titled = has;
                        words += if has { *worth } else { 0.0 };
                    }
                    // The text holds the title too.
                    Merit::Text => words += if has && !titled { *worth * IN_TEXT } else { 0.0 },
                    Merit::About => about += if has { *worth } else { 0.0 },
                }
            }
            if words >= LEAST {
                let near = 0.5_f32.powf(span(each.opened, self.like.opened) / HALF_LIFE);
                let score = WEIGHTS[0] * words + about + WEIGHTS[2] * near;
                scored.push(Match { score: thousandths(score), ..each });
            }
        }
        Ok(())
    }
}

/// What a condition says about a record that satisfies it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Merit {
    /// A word stands in its title.
    Title,
    /// The same word stands somewhere in it.
    Text,
    /// It is about the same thing, or the same people work on it.
    About,
}

/// Whether a condition holds of a document; asked in the order of documents.
fn has(scorer: &mut Box<dyn Scorer>, doc: DocId) -> bool {
    if scorer.doc() < doc {
        scorer.seek(doc);
    }
    scorer.doc() == doc
}

/// The time between two instants, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a part of a second does not matter here")]
fn span(one: i64, other: i64) -> f32 {
    one.abs_diff(other) as f32
}
