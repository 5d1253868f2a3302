//! Reading matches newest first across the segments of the index.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{EnableScoring, Scorer};
use tantivy::{DocId, Searcher, SegmentReader, TERMINATED};

use crate::matching::FixedStatistics;
use crate::plan::{Rank, Strand};
use crate::schema::{Fields, column};

/// Matches that a search reads: totals, facets and pages by relevance are complete up to here.
/// When there are more they show the newest so many, and the best by title or number.
pub const HORIZON: usize = 2_000;

/// A segment with the columns a search reads.
pub(crate) struct Segment {
    reader: SegmentReader,
    pub(crate) ids: Column<i64>,
    opened: Column<i64>,
    pub(crate) states: Option<StrColumn>,
    pub(crate) priorities: Column<u64>,
    pub(crate) teams: Column<i64>,
    number_heads: Option<StrColumn>,
    number_values: Column<u64>,
}

/// One state of the index, open for reading.
pub(crate) struct View {
    searcher: Searcher,
    pub(crate) segments: Vec<Segment>,
}

impl View {
    pub(crate) fn open(searcher: Searcher) -> tantivy::Result<Self> {
        let segments = searcher.segment_readers().iter().map(Segment::open);
        let segments = segments.collect::<Result<_, _>>()?;
        Ok(Self { searcher, segments })
    }

    pub(crate) fn searcher(&self) -> &Searcher {
        &self.searcher
    }
}

impl Segment {
    fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        Ok(Self {
            ids: columns.i64(column::ID)?,
            opened: columns.i64(column::OPENED)?,
            states: columns.str(column::STATE)?,
            priorities: columns.u64(column::PRIORITY)?,
            teams: columns.i64(column::TEAM)?,
            number_heads: columns.str(column::NUMBER_HEAD)?,
            number_values: columns.u64(column::NUMBER_VALUE)?,
            reader: reader.clone(),
        })
    }

    pub(crate) fn reader(&self) -> &SegmentReader {
        &self.reader
    }

    /// The record's number as it was put.
    pub(crate) fn number(&self, doc: DocId) -> tantivy::Result<String> {
        let mut number = String::new();
        if let Some(heads) = &self.number_heads
            && let Some(head) = heads.term_ords(doc).next()
        {
            heads.ord_to_str(head, &mut number)?;
        }
        if let Some(value) = self.number_values.first(doc) {
            number.push_str(&value.to_string());
        }
        Ok(number)
    }

    fn opened(&self, doc: DocId) -> i64 {
        self.opened.first(doc).unwrap_or(i64::MIN)
    }

    /// The first document opened no later than this.
    fn first_until(&self, opened: i64) -> DocId {
        let (mut low, mut high) = (0, self.reader.max_doc());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.opened(middle) > opened {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// When it was opened.
    pub(crate) opened: i64,
    /// Its segment's place in the view.
    pub(crate) segment: usize,
    /// Its place in the segment.
    pub(crate) doc: DocId,
    /// Its score in thousandths.
    pub(crate) score: u32,
}

/// The place of a match in time order, unique per document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    opened: i64,
    segment: Reverse<usize>,
    doc: Reverse<DocId>,
    stream: usize,
}

struct Stream {
    scorer: Box<dyn Scorer>,
    segment: usize,
    score: Score,
}

enum Score {
    Fixed(u32),
    Sum(Vec<Box<dyn Scorer>>),
}

impl Score {
    fn of(&mut self, doc: DocId) -> u32 {
        match self {
            Self::Fixed(score) => *score,
            Self::Sum(merits) => thousandths(merits.iter_mut().map(|merit| worth(merit, doc)).sum()),
        }
    }
}

fn worth(merit: &mut Box<dyn Scorer>, doc: DocId) -> f32 {
    if merit.doc() < doc {
        merit.seek(doc);
    }
    if merit.doc() == doc { merit.score() } else { 0.0 }
}

/// The matches of several strands, newest first, each document once with its best score.
pub(crate) struct Newest<'a> {
    view: &'a View,
    streams: Vec<Stream>,
    heads: BinaryHeap<Head>,
    ranking: bool,
}

impl<'a> Newest<'a> {
    pub(crate) fn open(view: &'a View, fields: &Fields, strands: &[Strand]) -> tantivy::Result<Self> {
        let statistics = FixedStatistics { title: fields.title.words };
        let mut newest = Self { view, streams: Vec::new(), heads: BinaryHeap::new(), ranking: true };
        let silent = EnableScoring::disabled_from_searcher(&view.searcher);
        let scoring = EnableScoring::enabled_from_statistics_provider(&statistics, &view.searcher);
        for strand in strands {
            let weight = strand.query.weight(silent)?;
            let merits = match &strand.rank {
                Rank::Fixed(_) => Vec::new(),
                Rank::Merits(merits) => merits.iter().map(|m| m.weight(scoring)).collect::<Result<_, _>>()?,
            };
            for (segment, opened) in view.segments.iter().enumerate() {
                let scorer = weight.scorer(&opened.reader, 1.0)?;
                if scorer.doc() == TERMINATED {
                    continue;
                }
                let merits = merits.iter().map(|merit| merit.scorer(&opened.reader, 1.0));
                let score = match strand.rank {
                    Rank::Fixed(score) => Score::Fixed(score),
                    Rank::Merits(_) => Score::Sum(merits.collect::<Result<_, _>>()?),
                };
                newest.streams.push(Stream { scorer, segment, score });
            }
        }
        for stream in 0..newest.streams.len() {
            let head = newest.head(stream);
            newest.heads.extend(head);
        }
        Ok(newest)
    }

    /// Leaves the score of what follows at 0, which saves reading what it would depend on.
    pub(crate) fn stop_ranking(&mut self) {
        self.ranking = false;
    }

    /// Passes over what was opened after this.
    pub(crate) fn skip_to(&mut self, opened: i64) {
        self.heads.clear();
        for place in 0..self.streams.len() {
            let stream = &mut self.streams[place];
            let target = self.view.segments[stream.segment].first_until(opened);
            if stream.scorer.doc() < target {
                stream.scorer.seek(target);
            }
            let head = self.head(place);
            self.heads.extend(head);
        }
    }

    /// The newest living document a stream stands on.
    fn head(&mut self, place: usize) -> Option<Head> {
        let stream = &mut self.streams[place];
        let segment = &self.view.segments[stream.segment];
        let mut doc = stream.scorer.doc();
        while doc != TERMINATED && segment.reader.is_deleted(doc) {
            doc = stream.scorer.advance();
        }
        (doc != TERMINATED).then(|| Head {
            opened: segment.opened(doc),
            segment: Reverse(stream.segment),
            doc: Reverse(doc),
            stream: place,
        })
    }

    /// Takes the score of a stream's document and moves the stream on.
    fn take(&mut self, place: usize) -> u32 {
        let stream = &mut self.streams[place];
        let score = if self.ranking { stream.score.of(stream.scorer.doc()) } else { 0 };
        stream.scorer.advance();
        let next = self.head(place);
        if let Some(mut top) = self.heads.peek_mut() {
            match next {
                Some(next) => *top = next,
                None => drop(PeekMut::pop(top)),
            }
        }
        score
    }
}

impl Iterator for Newest<'_> {
    type Item = Match;

    fn next(&mut self) -> Option<Match> {
        let head = *self.heads.peek()?;
        let mut score = self.take(head.stream);
        while let Some(same) = self.heads.peek()
            && (same.segment, same.doc) == (head.segment, head.doc)
        {
            let stream = same.stream;
            score = score.max(self.take(stream));
        }
        Some(Match { opened: head.opened, segment: head.segment.0, doc: head.doc.0, score })
    }
}

/// Whole numbers, which order and compare without surprises.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
pub(crate) fn thousandths(score: f32) -> u32 {
    (score * 1000.0).round() as u32
}
