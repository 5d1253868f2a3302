//! The same questions answered by the oracle.

use super::filters::Filter;
use super::oracle::{Directory, Person, Record, Task};
use super::questions::{Question, sorted};
use super::world::World;
use mainstay_desk::reports::TOTAL;
use std::collections::BTreeMap;

/// What the oracle answers; none where it only knows what must not be said.
pub fn expected(world: &World, at: usize, question: &Question) -> Option<Vec<String>> {
    let me = &world.people[at];
    let refused = |status: u16| vec![format!("refused {status}")];
    let on = |n: &usize, read: &dyn Fn(&Record, bool) -> Vec<String>| {
        let record = &world.records[*n];
        if me.sees(record) { read(record, me.reads_internal(record)) } else { refused(404) }
    };
    let answer = match question {
        Question::List { filter, sort, internal_fields, .. } => {
            let internal = sort.1 || filter.as_ref().is_some_and(Filter::is_internal);
            if (internal || *internal_fields) && !me.is_staff() {
                return Some(refused(422));
            }
            let matching = matching(world, me, filter.as_ref(), internal);
            let mut lines = vec![format!("count {}", count(world, me, filter.as_ref()))];
            lines.extend(
                matching.iter().map(|r| if *internal_fields { with_internal(me, r) } else { r.number.clone() }),
            );
            lines
        }
        Question::Count(filter) => match filter {
            Some(filter) if filter.is_internal() && !me.is_staff() => refused(422),
            filter => vec![format!("count {}", count(world, me, filter.as_ref()))],
        },
        Question::Facet(filter, (field, internal)) => {
            let internal = *internal || filter.as_ref().is_some_and(Filter::is_internal);
            if internal && !me.is_staff() {
                refused(422)
            } else {
                facet(&matching(world, me, filter.as_ref(), internal), field)
            }
        }
        Question::Export(filter) => {
            figures(world, me, filter.as_ref(), me.exports(), &|found| found.iter().map(|r| r.number.clone()).collect())
        }
        Question::Report(filter, group) => figures(world, me, filter.as_ref(), me.reads_reports(), &|found| {
            let total = (!found.is_empty()).then(|| format!("{TOTAL} {}", found.len()));
            facet(found, group).into_iter().chain(total).collect()
        }),
        Question::Behind(filter) => figures(world, me, filter.as_ref(), me.reads_reports(), &|found| {
            found.iter().map(|r| r.number.clone()).collect()
        }),
        Question::Search { has, without } => found_by(world, me, has, without.as_deref()),
        Question::Complete(beginning) => {
            let begins = |r: &&Record| me.sees(r) && r.title.iter().any(|word| word.starts_with(beginning.as_str()));
            world.records.iter().filter(begins).map(|r| r.number.clone()).collect()
        }
        Question::Get(n) => on(n, &|r, internal| {
            let cost = r.cost.clone().unwrap_or("null".into());
            let restricted = if r.restricted { "true" } else { "null" };
            let of = |text: &str| if internal { text.to_owned() } else { "null".into() };
            vec![r.number.clone(), of(&r.diagnosis), of(&cost), of(restricted)]
        }),
        Question::Comments(n) => {
            on(n, &|r, internal| r.said.iter().filter(|s| internal || !s.internal).map(|s| s.words.clone()).collect())
        }
        Question::Files(n) => {
            on(n, &|r, internal| r.files.iter().filter(|f| internal || !f.internal).map(|f| f.name.clone()).collect())
        }
        Question::Download(n, id) => {
            let record = &world.records[*n];
            let file = record.files.iter().find(|f| f.id == *id)?;
            let open = me.sees(record) && (!file.internal || me.reads_internal(record));
            if open { vec!["bytes".into()] } else { refused(404) }
        }
        Question::Links(n) => on(n, &|r, _| {
            let open =
                |(_, number): &&(String, String)| world.records.iter().any(|o| o.number == *number && me.sees(o));
            r.links.iter().filter(open).map(|(relation, number)| format!("{relation} {number}")).collect()
        }),
        Question::Tasks(n) => on(n, &|r, internal| {
            r.tasks.iter().filter(|t| internal || lies_with(world, me, t)).map(|t| t.title.clone()).collect()
        }),
        Question::Watchers(n) => {
            on(n, &|r, internal| r.watchers.iter().filter(|w| internal || **w == me.id).map(i64::to_string).collect())
        }
        Question::History(n) => on(n, &|r, internal| told_of(r, internal)),
        Question::Clocks(n) => on(n, &|_, _| vec!["clocks".into()]),
        Question::People(name) => directory(world, me, name.as_deref()),
        Question::Log => log(world, me),
        Question::Notices => return None,
    };
    Some(sorted(answer))
}

fn matching<'a>(world: &'a World, me: &Person, filter: Option<&Filter>, internal: bool) -> Vec<&'a Record> {
    let open = |r: &&Record| if internal { me.reads_internal(r) } else { me.sees(r) };
    world.records.iter().filter(open).filter(|r| filter.is_none_or(|f| f.holds(r, me))).collect()
}

fn count(world: &World, me: &Person, filter: Option<&Filter>) -> usize {
    matching(world, me, filter, filter.is_some_and(Filter::is_internal)).len()
}

/// What needs a right of its own, over the records that a list gives.
fn figures(
    world: &World,
    me: &Person,
    filter: Option<&Filter>,
    allowed: bool,
    read: &dyn Fn(&[&Record]) -> Vec<String>,
) -> Vec<String> {
    let internal = filter.is_some_and(Filter::is_internal);
    match (allowed, internal && !me.is_staff()) {
        (false, _) => vec!["refused 403".into()],
        (true, true) => vec!["refused 422".into()],
        (true, false) => read(&matching(world, me, filter, internal)),
    }
}

fn with_internal(me: &Person, record: &Record) -> String {
    let (diagnosis, cost) = if me.reads_internal(record) {
        (record.diagnosis.clone(), record.cost.clone().unwrap_or("null".into()))
    } else {
        ("null".into(), "null".into())
    };
    format!("{} {diagnosis} {cost}", record.number)
}

fn tally(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    values.for_each(|value| *times.entry(value).or_default() += 1);
    times.into_iter().map(|(value, times)| format!("{value} {times}")).collect()
}

fn facet(records: &[&Record], field: &str) -> Vec<String> {
    let id = |id: Option<i64>| id.map_or("null".into(), |id| id.to_string());
    tally(records.iter().map(|r| match field {
        "team" => id(r.team),
        "organisation" => id(r.organisation),
        "requester" => id(Some(r.requester)),
        "state" => r.state.clone(),
        _ => id(r.priority),
    }))
}

/// Words by which a person may find a record.
fn words(world: &World, record: &Record, internal: bool) -> Vec<String> {
    let mut words = record.title.to_vec();
    words.push(record.symptoms.clone());
    words.extend(record.colour.clone());
    words.extend(record.said.iter().filter(|s| internal || !s.internal).map(|s| s.words.clone()));
    let mut named = vec![record.requester];
    named.extend(record.assignee);
    if internal {
        words.push(record.diagnosis.clone());
        words.extend(record.cost.clone());
        named.extend(record.watchers.iter().chain(&record.reporters));
    }
    words.extend(world.people.iter().filter(|p| named.contains(&p.id)).flat_map(|p| p.name.clone()));
    words
}

fn found_by(world: &World, me: &Person, has: &[String], without: Option<&str>) -> Vec<String> {
    let fits = |r: &&Record| {
        let words = words(world, r, me.reads_internal(r));
        let all = has.iter().all(|beginning| words.iter().any(|word| word.starts_with(beginning.as_str())));
        all && without.is_none_or(|word| !words.iter().any(|w| w == word))
    };
    let hits: Vec<&Record> = world.records.iter().filter(|r| me.sees(r)).filter(fits).collect();
    let mut lines: Vec<String> = hits.iter().map(|r| r.number.clone()).collect();
    lines.push(format!("count {}", hits.len()));
    lines.extend(tally(hits.iter().map(|r| format!("state {}", r.state))));
    lines.extend(tally(hits.iter().filter_map(|r| r.team).map(|team| format!("team {team}"))));
    lines
}

fn lies_with(world: &World, me: &Person, task: &Task) -> bool {
    let vendor = world.teams.iter().find(|t| Some(t.id) == task.team).and_then(|t| t.vendor);
    task.assignee == Some(me.id)
        || task.team.is_some_and(|team| me.teams.contains(&team))
        || (vendor.is_some() && vendor == me.organisation)
}

fn told_of(record: &Record, internal: bool) -> Vec<String> {
    let told = record.told;
    let all = [
        ("commented true", told.comments),
        ("attached true", told.files),
        ("noted false", told.notes),
        ("attached false", told.internal_files),
    ];
    let open = |(what, times): &&(&str, usize)| *times > 0 && (internal || what.ends_with("true"));
    all.iter().filter(open).map(|(what, times)| format!("{what} {times}")).collect()
}

fn directory(world: &World, me: &Person, name: Option<&str>) -> Vec<String> {
    let of = match me.directory() {
        Directory::Closed => return vec!["refused 403".into()],
        Directory::Whole => None,
        Directory::Of(organisations) => Some(organisations),
    };
    let open = |p: &&Person| of.as_ref().is_none_or(|of| p.organisation.is_some_and(|own| of.contains(&own)));
    let named = |p: &&Person| name.is_none_or(|name| p.name.join(" ").contains(name));
    world.people.iter().filter(open).filter(named).map(|p| p.name.join(" ")).collect()
}

fn log(world: &World, me: &Person) -> Vec<String> {
    let (open, whole) = me.reads_log();
    if !open {
        return vec!["refused 403".into()];
    }
    let records = world.records.iter().filter(|r| me.reads_internal(r)).map(|r| r.number.clone());
    records.chain(whole.then(|| "configuration".to_owned())).collect()
}
