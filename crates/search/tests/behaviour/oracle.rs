//! The same answers by plain reading: no index, no shared code.

use mainstay_search::{Document, Query, ScopeTerms, StaffTerms};

fn covers(grant: &StaffTerms, scope: &ScopeTerms, record: &Document) -> bool {
    let process = grant.processes.as_ref().is_none_or(|keys| keys.contains(&record.process));
    let organisation = grant.organisations.as_ref().is_none_or(|organisations| {
        record.organisation.is_some_and(|organisation| organisations.contains(&organisation))
    });
    let works_on_it = scope.person.is_some() && record.assignee == scope.person
        || record.team.is_some_and(|team| scope.teams.contains(&team));
    process && organisation && (!record.restricted || grant.restricted || works_on_it)
}

fn reads_internal(scope: &ScopeTerms, record: &Document) -> bool {
    let mut grants = scope.staff.iter();
    scope.everything || grants.any(|grant| grant.internal && covers(grant, scope, record))
}

pub fn visible(scope: &ScopeTerms, record: &Document) -> bool {
    let requested = scope.person.is_some() && record.requester == scope.person;
    let named = |party: &i64| scope.person == Some(*party) || scope.parties.contains(party);
    scope.everything
        || requested
        || record.parties.iter().any(named)
        || scope.staff.iter().any(|grant| covers(grant, scope, record))
}

/// Plain words of each section of the record that the caller reads.
fn sections(scope: &ScopeTerms, record: &Document) -> Vec<Vec<String>> {
    let mut texts = vec![&record.number, &record.title, &record.text, &record.public_comments];
    texts.extend(&record.people);
    if reads_internal(scope, record) {
        texts.push(&record.internal_text);
    }
    texts.into_iter().map(|text| words(text)).collect()
}

fn words(text: &str) -> Vec<String> {
    let letters = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    letters.map(str::to_lowercase).collect()
}

/// Whether the record satisfies the text of the query as written. Knows the queries the test
/// makes: words, quoted words, excluded words, and numbers.
fn says(text: &str, scope: &ScopeTerms, record: &Document) -> bool {
    let sections = sections(scope, record);
    let in_a_row =
        |row: &[String]| sections.iter().any(|section| section.windows(row.len()).any(|window| window == row));
    let begins = |start: &String| sections.iter().flatten().any(|word| word.starts_with(start));
    let asked: Vec<&str> = text.split_inclusive(' ').collect();
    let mut holds = true;
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        let (piece, after) = if let Some(quoted) = rest.strip_prefix('"').or(rest.strip_prefix("-\"")) {
            let end = quoted.find('"').expect("closed quotes");
            let length = rest.len() - quoted.len() + end + 1;
            (&rest[..length], rest[length..].trim_start())
        } else {
            rest.split_once(' ').unwrap_or((rest, ""))
        };
        let row = words(piece);
        holds &= if piece.starts_with('-') {
            !in_a_row(&row)
        } else if piece.starts_with('"') {
            in_a_row(&row)
        } else {
            row.iter().enumerate().all(|(place, word)| {
                let last = after.is_empty() && place + 1 == row.len();
                let open = word.len() >= if last { 2 } else { 3 };
                if open { begins(word) } else { in_a_row(std::slice::from_ref(word)) }
            })
        };
        rest = after;
    }
    holds
        || asked.len() == 1 && record.number.replace('-', "").eq_ignore_ascii_case(&text.replace('-', ""))
        || asked.len() == 1 && record.number.rsplit('-').next() == Some(text)
}

fn passes(query: &Query, record: &Document) -> bool {
    fn one_of<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
        wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
    }
    let filters = &query.filters;
    one_of(&query.processes, Some(&record.process))
        && one_of(&filters.states, Some(&record.state))
        && one_of(&filters.phases, Some(&record.phase))
        && one_of(&filters.priorities, record.priority.as_ref())
        && one_of(&filters.teams, record.team.as_ref())
        && one_of(&filters.assignees, record.assignee.as_ref())
        && one_of(&filters.organisations, record.organisation.as_ref())
        && one_of(&filters.services, record.service.as_ref())
        && one_of(&filters.categories, record.category.as_ref())
        && one_of(&filters.requesters, record.requester.as_ref())
        && filters.opened_from.is_none_or(|from| record.opened >= from)
        && filters.opened_until.is_none_or(|until| record.opened < until)
}

pub fn matches<'a>(records: &'a [Document], query: &Query, scope: &ScopeTerms) -> Vec<&'a Document> {
    let records = records.iter();
    let found =
        records.filter(|record| visible(scope, record) && passes(query, record) && says(&query.text, scope, record));
    found.collect()
}

/// Whether completion of these words, the last one begun, gives the record.
pub fn completes(beginning: &str, scope: &ScopeTerms, record: &Document) -> bool {
    let title = words(&record.title);
    let asked = words(beginning);
    let Some((begun, whole)) = asked.split_last() else { return false };
    let titled = whole.iter().all(|word| title.contains(word))
        && title.iter().any(|word| word == begun || begun.len() > 1 && word.starts_with(begun));
    let compact = beginning.replace(['-', ' '], "").to_lowercase();
    let number = record.number.replace('-', "").to_lowercase();
    let digits = record.number.rsplit('-').next().unwrap_or_default();
    visible(scope, record) && (titled || number.starts_with(&compact) || digits.starts_with(&compact))
}
