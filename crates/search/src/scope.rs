//! Who may find what: the caller's rights as conditions of the query.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, Term};

use crate::any_of::AnyOfQuery;
use crate::expand::{self, Terms};
use crate::schema::{Fields, TextField, column};

/// What one grant to staff covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffTerms {
    /// Process keys; `None` covers all.
    pub processes: Option<Vec<String>>,
    /// Organisations; `None` covers all, and records that have none.
    pub organisations: Option<Vec<i64>>,
    /// The holder reads internal text of the records covered.
    pub internal: bool,
    /// The holder sees restricted records it does not work on.
    pub restricted: bool,
}

/// What a caller may read, as the access rules compute it for each request. A record is visible
/// if a staff grant covers it and it is not restricted (or the grant includes restricted records,
/// or the caller or one of its teams is in charge), or if the caller requested it or is named on
/// it. The default sees nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeTerms {
    /// Reads every record, restricted or not, with its internal text.
    pub everything: bool,
    /// Grants to staff; each stands for itself.
    pub staff: Vec<StaffTerms>,
    /// The caller's teams.
    pub teams: Vec<i64>,
    /// The caller.
    pub person: Option<i64>,
    /// Groups that a record may name as a party and the caller belongs to.
    pub parties: Vec<i64>,
    /// The same for records of some processes only.
    pub parties_of_some: Vec<(i64, Vec<String>)>,
}

/// A part of what the caller may read, with the words it may be found by.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) text: TextField,
    pub(crate) reach: Reach,
    /// Records of this branch that another branch answers for with more text: a word excluded by
    /// the query may stand in the part this branch does not read.
    pub(crate) left_to_other: Option<Box<dyn Query>>,
}

/// A set of records.
#[derive(Debug)]
pub(crate) enum Reach {
    Nothing,
    Everything,
    Matching(Box<dyn Query>),
}

impl ScopeTerms {
    /// The readable records by the words they may be found by: at most two parts.
    pub(crate) fn branches(&self, fields: &Fields) -> Vec<Branch> {
        let (internal, public): (Vec<_>, Vec<_>) = self.staff.iter().partition(|g| g.internal);
        let reads_all = if self.everything {
            Reach::Everything
        } else {
            any(internal.into_iter().map(|grant| self.grant(fields, grant)))
        };
        let granted = public.into_iter().map(|grant| self.grant(fields, grant));
        let reads_public = match reads_all {
            Reach::Everything => Reach::Nothing,
            _ => any(granted.chain(self.named(fields))),
        };
        let left_to_other = match &reads_all {
            Reach::Matching(query) => Some(query.box_clone()),
            _ => None,
        };
        let branches = [
            Branch { text: fields.all, reach: reads_all, left_to_other: None },
            Branch { text: fields.public, reach: reads_public, left_to_other },
        ];
        let useful = |branch: &Branch| !matches!(branch.reach, Reach::Nothing);
        branches.into_iter().filter(useful).collect()
    }

    fn grant(&self, fields: &Fields, grant: &StaffTerms) -> Reach {
        let mut covered: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        if let Some(processes) = &grant.processes {
            covered.push((Occur::Must, one_of_texts(fields.process, processes)));
        }
        if let Some(organisations) = &grant.organisations {
            covered.push((Occur::Must, one_of_organisations(fields, organisations)));
        }
        if covered.is_empty() && grant.restricted {
            return Reach::Everything;
        }
        if covered.is_empty() {
            covered.push((Occur::Must, Box::new(AllQuery)));
        }
        if !grant.restricted {
            covered.push((Occur::MustNot, self.restricted_for_others(fields)));
        }
        Reach::Matching(Box::new(BooleanQuery::new(covered)))
    }

    /// Restricted records that neither the caller nor its teams work on.
    fn restricted_for_others(&self, fields: &Fields) -> Box<dyn Query> {
        let restricted = Term::from_field_bool(fields.restricted, true);
        let mut hidden: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, is(restricted))];
        if let Some(person) = self.person {
            let mine = Term::from_field_i64(fields.assignee, person);
            hidden.push((Occur::MustNot, is(mine)));
        }
        if !self.teams.is_empty() {
            hidden.push((Occur::MustNot, one_of_ids(fields.team, &self.teams)));
        }
        Box::new(BooleanQuery::new(hidden))
    }

    /// Records the caller requested or is named on.
    fn named(&self, fields: &Fields) -> Vec<Reach> {
        let parties: Vec<i64> = self.parties.iter().copied().chain(self.person).collect();
        let requested = self.person.map(|person| {
            let mine = Term::from_field_i64(fields.requester, person);
            Reach::Matching(is(mine))
        });
        let named = (!parties.is_empty()).then(|| Reach::Matching(one_of_ids(fields.parties, &parties)));
        let of_some = self.parties_of_some.iter().map(|(party, processes)| {
            let both = [one_of_ids(fields.parties, &[*party]), one_of_texts(fields.process, processes)];
            let both = both.into_iter().map(|query| (Occur::Must, query)).collect();
            Reach::Matching(Box::new(BooleanQuery::new(both)) as Box<dyn Query>)
        });
        requested.into_iter().chain(named).chain(of_some).collect()
    }
}

fn any(parts: impl IntoIterator<Item = Reach>) -> Reach {
    let mut queries = Vec::new();
    for part in parts {
        match part {
            Reach::Nothing => {}
            Reach::Everything => return Reach::Everything,
            Reach::Matching(query) => queries.push(query),
        }
    }
    match queries.len() {
        0 => Reach::Nothing,
        1 => Reach::Matching(queries.remove(0)),
        _ => Reach::Matching(Box::new(AnyOfQuery::new(queries))),
    }
}

/// Records that hold the term.
pub(crate) fn is(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

/// Records whose field is one of these ids; of none, no record.
pub(crate) fn one_of_ids(field: Field, ids: &[i64]) -> Box<dyn Query> {
    let terms = ids.iter().map(|id| Term::from_field_i64(field, *id));
    Box::new(Terms::Listed(field, unique(terms.collect())))
}

/// Records of one of these organisations. A long list is looked up record by record: reading the
/// posting lists of hundreds of organisations costs more than the search they narrow.
pub(crate) fn one_of_organisations(fields: &Fields, organisations: &[i64]) -> Box<dyn Query> {
    if organisations.len() <= expand::LAZY {
        return one_of_ids(fields.organisation, organisations);
    }
    let wanted: Arc<HashSet<i64>> = Arc::new(organisations.iter().copied().collect());
    let predicate = FunctionPredicate::from(move |reader: &SegmentReader| {
        let column = reader.fast_fields().i64(column::ORGANISATION)?;
        let wanted = Arc::clone(&wanted);
        Ok(move |doc: DocId| column.first(doc).is_some_and(|id| wanted.contains(&id)))
    });
    Box::new(DocPredicateQuery::from(predicate))
}

/// Records whose field is one of these numbers; of none, no record.
pub(crate) fn one_of_numbers(field: Field, numbers: &[u64]) -> Box<dyn Query> {
    let terms = numbers.iter().map(|number| Term::from_field_u64(field, *number));
    Box::new(Terms::Listed(field, unique(terms.collect())))
}

/// Records whose field is one of these texts; of none, no record.
pub(crate) fn one_of_texts(field: Field, texts: &[String]) -> Box<dyn Query> {
    let terms = texts.iter().map(|text| Term::from_field_text(field, text));
    Box::new(Terms::Listed(field, unique(terms.collect())))
}

fn unique(mut terms: Vec<Term>) -> Vec<Term> {
    terms.sort_unstable();
    terms.dedup();
    terms
}
