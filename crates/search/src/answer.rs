//! Answering: search and completion over one view of the index.

use std::collections::HashSet;

use tantivy::{DocId, TantivyError};

use crate::facets::Tally;
use crate::number;
use crate::page::Page;
use crate::parse::{Clause, Request};
use crate::plan::{Plan, Planner};
use crate::query::{Hit, Hits, Query, Sort};
use crate::schema::Fields;
use crate::scope::ScopeTerms;
use crate::stream::{HORIZON, Newest, View};
use crate::tokens;

/// Matches that are ranked: the newest so many, and the newest so many of those by title or
/// number. Others follow without a score, newest first.
const RANKED: usize = 1_000;
/// Hits of one page.
const MOST_HITS: usize = 200;
/// Letters of a beginning that are read.
const LONGEST_BEGINNING: usize = 100;
/// Words of a beginning that are looked up.
const MOST_WORDS: usize = 6;

/// The records that satisfy the query as written or, if there are none, nearly so. Only what the
/// caller may read decides which of the two it is.
pub(crate) fn search(view: &View, fields: &Fields, query: &Query, scope: &ScopeTerms) -> tantivy::Result<Hits> {
    let planner = Planner::new(fields, scope);
    let request = Request::parse(&query.text);
    let ranked = query.sort == Sort::Relevance && !request.clauses.is_empty();
    let plan = planner.search(query, std::slice::from_ref(&request), ranked);
    let as_written = read(view, fields, &plan, query, ranked)?;
    if as_written.total > 0 {
        return Ok(as_written);
    }
    let unknown = |clause: &Clause| {
        let mut having = Newest::open(view, fields, &planner.having(clause))?;
        Ok::<_, TantivyError>(having.next().is_none())
    };
    let lenient = request.lenient(unknown)?;
    if lenient.is_empty() {
        return Ok(as_written);
    }
    let plan = planner.search(query, &lenient, ranked);
    let nearly = read(view, fields, &plan, query, ranked)?;
    let corrected = nearly.total > 0;
    Ok(Hits { corrected, ..nearly })
}

fn read(view: &View, fields: &Fields, plan: &Plan, query: &Query, ranked: bool) -> tantivy::Result<Hits> {
    let mut page = Page::new(query.limit.clamp(1, MOST_HITS), query.after);
    let mut tally = Tally::default();
    let mut total = 0;
    let mut matches = Newest::open(view, fields, &plan.matches)?;
    let newest = if ranked { RANKED } else { HORIZON };
    for found in matches.by_ref().take(newest) {
        total += 1;
        tally.add(view, found);
        page.offer(view, found);
    }
    if ranked && total == RANKED {
        let best = offer_best(view, fields, plan, &mut page)?;
        matches.stop_ranking();
        for found in matches.by_ref().take(HORIZON - RANKED) {
            total += 1;
            tally.add(view, found);
            if !best.contains(&(found.segment, found.doc)) {
                page.offer(view, found);
            }
        }
    }
    let next = matches.next();
    let capped = next.is_some();
    if let Some(found) = next.filter(|_| !ranked) {
        page.offer(view, found);
        read_on(view, matches, &mut page, query);
    }
    let (hits, next) = page.finish(view)?;
    let facets = tally.finish(view)?;
    Ok(Hits { hits, total, capped, facets, corrected: false, next })
}

/// Ranks matches by title and number, whatever their age, and says which they were.
fn offer_best(view: &View, fields: &Fields, plan: &Plan, page: &mut Page) -> tantivy::Result<HashSet<(usize, DocId)>> {
    let mut best = HashSet::new();
    for found in Newest::open(view, fields, &plan.best)?.take(RANKED) {
        page.offer(view, found);
        best.insert((found.segment, found.doc));
    }
    Ok(best)
}

/// Fills a page sorted by time from beyond the horizon.
fn read_on(view: &View, mut matches: Newest<'_>, page: &mut Page, query: &Query) {
    if let Some(after) = query.after {
        matches.skip_to(after.opened);
    }
    for found in matches {
        if page.is_settled(found.opened) {
            return;
        }
        page.offer(view, found);
    }
}

/// Records whose number or title begins so: the number itself, then numbers, then titles, each
/// newest first.
pub(crate) fn complete(
    view: &View,
    fields: &Fields,
    beginning: &str,
    scope: &ScopeTerms,
    limit: usize,
) -> tantivy::Result<Vec<Hit>> {
    let beginning: String = beginning.chars().take(LONGEST_BEGINNING).collect();
    let mut words = tokens::fold(&beginning);
    words.truncate(MOST_WORDS);
    let number = number::begun(&beginning).unwrap_or_default();
    let plan = Planner::new(fields, scope).completion(&words, &number);
    let mut page = Page::new(limit.clamp(1, MOST_HITS), None);
    for strands in [&plan.best, &plan.matches] {
        for found in Newest::open(view, fields, strands)?.take(HORIZON) {
            page.offer(view, found);
        }
    }
    Ok(page.finish(view)?.0)
}
