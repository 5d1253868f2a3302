//! From a question and the caller's rights to queries of the index.

use std::ops::Bound;
use std::slice;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, Occur, Query as EngineQuery, RangeQuery};

use crate::any_of::AnyOfQuery;
use crate::document::ARCHIVE;
use crate::matching::{self, in_title, phrase, starts};
use crate::parse::{Clause, Request};
use crate::query::{Filters, Query};
use crate::schema::Fields;
use crate::scope::{self, Branch, Reach, ScopeTerms};

/// The score of a record asked for by its number: above anything words can reach.
pub(crate) const NUMBER_SCORE: u32 = 1_000_000_000;

type Parts = Vec<(Occur, Box<dyn EngineQuery>)>;

/// One query to read, newest match first.
#[derive(Debug)]
pub(crate) struct Strand {
    pub(crate) query: Box<dyn EngineQuery>,
    pub(crate) rank: Rank,
}

/// What the score of a match is made of.
#[derive(Clone, Debug)]
pub(crate) enum Rank {
    /// The same for all, in thousandths.
    Fixed(u32),
    /// The sum of what these say. They stand apart from the condition because only some matches
    /// are ranked, and the others need not read them.
    Merits(Arc<[Box<dyn EngineQuery>]>),
}

/// The queries that answer a question together.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// All matches, from which total and facets are counted.
    pub(crate) matches: Vec<Strand>,
    /// The part of them that ranks high, read on its own when there are too many to rank all.
    pub(crate) best: Vec<Strand>,
}

/// Turns questions into plans for one caller.
pub(crate) struct Planner<'a> {
    fields: &'a Fields,
    branches: Vec<Branch>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(fields: &'a Fields, scope: &ScopeTerms) -> Self {
        Self { fields, branches: scope.branches(fields) }
    }

    /// Records that satisfy the query in any of these readings of its text.
    pub(crate) fn search(&self, query: &Query, readings: &[Request], ranked: bool) -> Plan {
        let mut plan = Plan::default();
        for branch in &self.branches {
            let conditions = self.conditions(branch, query);
            for reading in readings {
                let words = words(branch, reading);
                let titled = reading.clauses.iter().map(|c| must(in_title(self.fields, c)));
                let titled = clone(&words).into_iter().chain(titled).collect();
                let rank = if ranked { self.rank(branch, reading) } else { Rank::Fixed(0) };
                plan.matches.push(ask(words, &conditions, rank.clone()));
                plan.best.push(ask(titled, &conditions, rank));
                if let Some(number) = &reading.number {
                    let score = if ranked { NUMBER_SCORE } else { 0 };
                    let numbered = || vec![must(self.numbered(number))];
                    plan.matches.push(ask(numbered(), &conditions, Rank::Fixed(score)));
                    plan.best.push(ask(numbered(), &conditions, Rank::Fixed(score)));
                }
            }
        }
        plan
    }

    /// Records whose title has all these words, the last one begun, or whose number begins so.
    pub(crate) fn completion(&self, words: &[String], number: &str) -> Plan {
        let mut plan = Plan::default();
        let (begun, whole) = words.split_last().map_or(("", words), |(l, w)| (l.as_str(), w));
        for branch in &self.branches {
            let mut reach = reach(branch);
            reach.push(self.nothing_archived());
            let title = self.fields.title;
            let mut titled = vec![must(starts(title, begun))];
            titled.extend(whole.iter().map(|w| must(phrase(title.words, slice::from_ref(w)))));
            plan.matches.push(ask(titled, &reach, Rank::Fixed(1)));
            if !number.is_empty() {
                let begins = Term::from_field_text(self.fields.number_starts, number);
                plan.matches.push(ask(vec![must(scope::is(begins))], &reach, Rank::Fixed(2)));
                plan.best.push(ask(vec![must(self.numbered(number))], &reach, Rank::Fixed(3)));
            }
        }
        plan
    }

    /// Records the caller may read that satisfy one condition, whatever else was asked.
    pub(crate) fn having(&self, condition: &Clause) -> Vec<Strand> {
        let having = |branch: &Branch| {
            ask(vec![must(matching::condition(branch.text, condition))], &reach(branch), Rank::Fixed(0))
        };
        self.branches.iter().map(having).collect()
    }

    /// The parts of what the caller may read.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Records of some processes in a part of what the caller may read that hold all these words.
    pub(crate) fn holding(&self, branch: &Branch, processes: &[String], words: &[&str]) -> Strand {
        let held = words.iter().map(|word| must(phrase(branch.text.words, &[(*word).to_owned()]))).collect();
        let mut conditions = reach(branch);
        conditions.push(self.nothing_archived());
        conditions.push(must(scope::one_of_texts(self.fields.process, processes)));
        ask(held, &conditions, Rank::Fixed(0))
    }

    fn rank(&self, branch: &Branch, reading: &Request) -> Rank {
        let clauses = reading.clauses.iter();
        Rank::Merits(clauses.flat_map(|c| matching::merits(self.fields, branch.text, c)).collect())
    }

    fn conditions(&self, branch: &Branch, query: &Query) -> Parts {
        let mut parts = reach(branch);
        if !query.processes.is_empty() {
            parts.push(must(scope::one_of_texts(self.fields.process, &query.processes)));
        }
        parts.extend(self.filters(&query.filters));
        parts.push(if query.filters.archived { must(self.archive()) } else { self.nothing_archived() });
        parts
    }

    fn archive(&self) -> Box<dyn EngineQuery> {
        scope::is(Term::from_field_u64(self.fields.phase, ARCHIVE))
    }

    fn nothing_archived(&self) -> (Occur, Box<dyn EngineQuery>) {
        (Occur::MustNot, Box::new(AnyOfQuery::new(vec![self.archive()])))
    }

    fn filters(&self, filters: &Filters) -> Parts {
        let fields = self.fields;
        let ids = [
            (fields.team, &filters.teams),
            (fields.assignee, &filters.assignees),
            (fields.service, &filters.services),
            (fields.category, &filters.categories),
            (fields.requester, &filters.requesters),
        ];
        // What is archived was closed, whatever the question says of phases.
        let no_phases = Vec::new();
        let phases = if filters.archived { &no_phases } else { &filters.phases };
        let numbers = [(fields.phase, phases), (fields.priority, &filters.priorities)];
        let mut parts = Parts::new();
        if !filters.organisations.is_empty() {
            let organisations = scope::one_of_organisations(fields, &filters.organisations);
            parts.push(must(organisations));
        }
        if !filters.states.is_empty() {
            parts.push(must(scope::one_of_texts(fields.state, &filters.states)));
        }
        for (field, ids) in ids.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            parts.push(must(scope::one_of_ids(field, ids)));
        }
        for (field, numbers) in numbers.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            parts.push(must(scope::one_of_numbers(field, numbers)));
        }
        if filters.opened_from.is_some() || filters.opened_until.is_some() {
            let at = |instant: i64| Term::from_field_i64(fields.opened, instant);
            let from = filters.opened_from.map_or(Bound::Unbounded, |from| Bound::Included(at(from)));
            let until = filters.opened_until.map_or(Bound::Unbounded, |until| Bound::Excluded(at(until)));
            parts.push(must(Box::new(RangeQuery::new(from, until))));
        }
        parts
    }

    fn numbered(&self, number: &str) -> Box<dyn EngineQuery> {
        scope::is(Term::from_field_text(self.fields.number, number))
    }
}

fn words(branch: &Branch, reading: &Request) -> Parts {
    let clauses = reading.clauses.iter();
    let mut parts: Parts = clauses.map(|c| must(matching::condition(branch.text, c))).collect();
    if reading.without.is_empty() {
        return parts;
    }
    let without = reading.without.iter();
    let without = without.map(|words| phrase(branch.text.words, words)).collect();
    // The union never seeks backwards, which an excluded phrase does not stand.
    parts.push((Occur::MustNot, Box::new(AnyOfQuery::new(without))));
    if let Some(other) = &branch.left_to_other {
        parts.push((Occur::MustNot, Box::new(AnyOfQuery::new(vec![other.box_clone()]))));
    }
    parts
}

fn reach(branch: &Branch) -> Parts {
    match &branch.reach {
        Reach::Matching(query) => vec![must(query.box_clone())],
        Reach::Everything => Parts::new(),
        // Such branches are not made; were one, it must find nothing.
        Reach::Nothing => vec![(Occur::MustNot, Box::new(AllQuery))],
    }
}

fn must(query: Box<dyn EngineQuery>) -> (Occur, Box<dyn EngineQuery>) {
    (Occur::Must, query)
}

fn ask(mut parts: Parts, conditions: &Parts, rank: Rank) -> Strand {
    parts.extend(clone(conditions));
    if !parts.iter().any(|(occur, _)| *occur == Occur::Must) {
        parts.push(must(Box::new(AllQuery)));
    }
    Strand { query: Box::new(BooleanQuery::new(parts)), rank }
}

fn clone(parts: &Parts) -> Parts {
    parts.iter().map(|(occur, query)| (*occur, query.box_clone())).collect()
}
