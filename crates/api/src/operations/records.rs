//! Records of a process: list, open, read, edit, take steps, one by one and in bulk.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{After, Ask, Id, IfMatch, IfNoneMatch, Limit, Nothing, Phrase, Place, cursor};
use crate::written::{Each, Line, Whole};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mainstay_desk::records::{self, Act, Acted, Amend, Bulk, BulkRow, Listing, Opening};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::{Process, Transition, Who};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// Counting ends here: no list is worth walking further for a number.
const MOST_COUNTED: i64 = 1000;
/// Longest reason or public words with a step, in characters.
const LONGEST_WORDS: usize = 65_536;
/// Longest record number, in characters.
const LONGEST_NUMBER: usize = 40;

/// The operations on the records of a process.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (path, tag, names) = (format!("/{}", process.plural), process.label_plural, fields::Names::of(process));
    let one = format!("{path}/{{number}}");
    let mut all = vec![
        Operation::get(&path, move |asker: Asker, State(api): State<Api>, Ask(ask): Ask<ListAsk>| {
            list(api, asker, process, ask)
        })
        .may(process.key, "view")
        .named(format!("list_{}", process.plural), tag, format!("List {}.", process.label_plural.to_lowercase()))
        .asks(parts::filter())
        .asks(parts::query("sort", "A field, with - before it for the greatest first.", &fields::sort_schema(process)))
        .asks(parts::query(
            "fields",
            "Fields of each item, with commas between them; number and version always come.",
            &fields::choose_schema(process),
        ))
        .asks(parts::query(
            "view",
            "The id of a saved view: its condition applies beside filter, its order unless sort is given.",
            &parts::id_schema(),
        ))
        .asks(parts::query(
            "count",
            "Count the records too, up to 1,000; \"only\" counts them and leaves the page empty.",
            &json!({ "type": "string", "enum": ["true", "false", "only"] }),
        ))
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &names.page()),
        Operation::post(
            &path,
            move |asker: Asker, State(api): State<Api>, Ask(Nothing {}): Ask<Nothing>, posted: Posted| {
                open(api, asker, process, posted)
            },
        )
        .may(process.key, "create")
        .named(
            format!("create_{}", process.key),
            tag,
            format!("Open {} {}.", article(process.label), process.label.to_lowercase()),
        )
        .takes(&names.create(), true)
        .gives(201, parts::made("The new record.", &names.record())),
        Operation::get(
            &one,
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(number): Place<String>,
                  Ask(Nothing {}): Ask<Nothing>,
                  held: IfNoneMatch| get(api, asker, process, number, held),
        )
        .may(process.key, "view")
        .named(
            format!("get_{}", process.key),
            tag,
            format!("Read {} {}.", article(process.label), process.label.to_lowercase()),
        )
        .asks(names.number())
        .asks(parts::reference("parameters", "IfNoneMatch"))
        .gives(200, parts::versioned("The record.", &names.record()))
        .gives(304, json!({ "description": "It is still at the version that If-None-Match names." })),
        Operation::patch(
            &one,
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(number): Place<String>,
                  Ask(Nothing {}): Ask<Nothing>,
                  version: IfMatch,
                  posted: Posted| amend(api, asker, process, number, version, posted),
        )
        .may(process.key, "update")
        .named(
            format!("update_{}", process.key),
            tag,
            format!("Edit fields of {} {}.", article(process.label), process.label.to_lowercase()),
        )
        .asks(names.number())
        .takes(&names.patch(), true)
        .gives(200, parts::versioned("The record after it.", &names.record())),
    ];
    all.extend(process.transitions.iter().map(|step| step_operation(process, step)));
    all.extend(of_many(process));
    all
}

/// What is done to many records at once, and taken back.
fn of_many(process: &'static Process) -> [Operation; 2] {
    let (path, tag, names) = (format!("/{}", process.plural), process.label_plural, fields::Names::of(process));
    [
        Operation::post(
            format!("{path}/bulk"),
            move |asker: Asker, State(api): State<Api>, Ask(Nothing {}): Ask<Nothing>, posted: Posted| {
                bulk(api, asker, process, posted)
            },
        )
        .may(process.key, "update")
        .named(
            format!("bulk_{}", process.plural),
            tag,
            "One step, edit, link or watch on many records; each succeeds or is refused by itself. A dry run says so first.",
        )
        .takes(&names.bulk(), true)
        .gives_json(200, "What became of each record.", &parts::reference("schemas", "BulkResult")),
        Operation::posts_to(format!("{path}/bulk/{{id}}/undo"), move |api, asker, run: Id, posted| {
            undo_bulk(api, asker, process, run, posted)
        })
        .may(process.key, "update")
        .named(
            format!("undo_bulk_{}", process.plural),
            tag,
            "Take a bulk run of one's own back a moment later, record by record.",
        )
        .asks(parts::path("id", "The run, as the answer of the bulk request names it.", &parts::id_schema()))
        .gives_json(200, "What became of each record.", &parts::reference("schemas", "BulkResult")),
    ]
}

/// What a step does, in a line. Those of timers and cascades are refused to everybody.
fn summary(step: &Transition) -> String {
    let of_people = step.who.has(Who::STAFF) || step.who.has(Who::REQUESTER);
    if of_people {
        format!("{}.", step.label)
    } else {
        format!("{}: done by the system, refused to everybody.", step.label)
    }
}

fn article(label: &str) -> &'static str {
    if label.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

fn step_operation(process: &'static Process, step: &'static Transition) -> Operation {
    let names = fields::Names::of(process);
    let path = format!("/{}/{{number}}/{}", process.plural, step.verb);
    Operation::post(
        path,
        move |asker: Asker,
              State(api): State<Api>,
              Place(number): Place<String>,
              Ask(Nothing {}): Ask<Nothing>,
              version: IfMatch,
              posted: Posted| { act(api, asker, process, step, number, version, posted) },
    )
    .may(process.key, step.verb)
    .named(format!("{}_{}", step.verb, process.key), process.label_plural, summary(step))
    .asks(names.number())
    .asks(parts::reference("parameters", "IfMatchOptional"))
    .takes(&names.step(step), fields::step_needs_words(step))
    .gives(200, parts::versioned("The record after it.", &names.record()))
}

/// Whether records are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Counting {
    #[default]
    False,
    /// Beside the page.
    True,
    /// Instead of it: who only wants the number need not have the records found and sorted.
    Only,
}

/// What a list is asked for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsk {
    filter: Option<Phrase<4000>>,
    sort: Option<Phrase<100>>,
    fields: Option<Phrase<2000>>,
    view: Option<Id>,
    #[serde(default)]
    count: Counting,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

async fn list(api: Api, asker: Asker, process: &'static Process, ask: ListAsk) -> Result<Answer> {
    asker.read(&api, move |session, caller| page(session, caller, process, ask)).await
}

/// One page of a list.
#[derive(Serialize)]
struct Paged<I> {
    items: I,
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
}

fn page(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    ask: ListAsk,
) -> mainstay_desk::Result<Answer> {
    let chosen = Chosen::of(ask.filter, ask.sort, ask.fields).viewed(session, caller, process, ask.view)?;
    let Chosen { filter, sort, fields } = chosen;
    let listing = Listing { filter, sort, fields, limit: ask.limit.items(), after: ask.after.0 };
    let filter = listing.filter.as_deref();
    let count = (ask.count != Counting::False)
        .then(|| records::count(session, caller, process, filter, MOST_COUNTED))
        .transpose()?;
    if ask.count == Counting::Only {
        return Ok(Answer::ok(&Paged { items: Vec::<()>::new(), next: None::<String>, count }));
    }
    let page = records::list(session, caller, process, &listing)?;
    let line = |row| Line {
        row,
        fields: &page.fields,
        names: &page.names,
        chosen: listing.fields.as_deref(),
        with_process: false,
    };
    Ok(Answer::ok(&Paged { items: Each(&page.rows, line), next: page.next.as_deref().map(cursor), count }))
}

/// What of a list is chosen by its address.
#[derive(Clone, Default)]
pub struct Chosen {
    pub filter: Option<String>,
    pub sort: Option<String>,
    pub fields: Option<Vec<String>>,
}

impl Chosen {
    pub fn of(filter: Option<Phrase<4000>>, sort: Option<Phrase<100>>, fields: Option<Phrase<2000>>) -> Self {
        let fields = fields.map(|list| list.0.split(',').map(str::to_owned).collect());
        let filter = filter.map(|filter| filter.0).filter(|filter| !filter.trim().is_empty());
        Self { filter, sort: sort.map(|sort| sort.0), fields }
    }

    /// Beside the condition of a view, when one was named, and in its order unless another was.
    pub fn viewed(
        self,
        session: &mut Session<'_>,
        caller: &Caller,
        process: &Process,
        view: Option<Id>,
    ) -> mainstay_desk::Result<Self> {
        let Self { filter, sort, fields } = self;
        let listing = Listing { filter, sort, fields, ..Listing::default() };
        let Listing { filter, sort, fields, .. } = listing.through(session, caller, process, view.map(|Id(id)| id))?;
        Ok(Self { filter, sort, fields })
    }
}

async fn get(api: Api, asker: Asker, process: &'static Process, number: String, held: IfNoneMatch) -> Result<Response> {
    let found = asker
        .read(&api, move |session, caller| {
            let view = records::get(session, caller, process, &number)?;
            let version = view.record.version;
            Ok((
                version,
                (!held.holds(version))
                    .then(|| Answer::ok(&Whole { view: &view, made: None, event: None }).version(version)),
            ))
        })
        .await?;
    Ok(match found {
        (_, Some(answer)) => answer.into_response(),
        (version, None) => (StatusCode::NOT_MODIFIED, [("etag", crate::answer::etag(version))]).into_response(),
    })
}

async fn open(api: Api, asker: Asker, process: &'static Process, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let from = members.texts("from", LONGEST_NUMBER).unwrap_or_default();
    let waits = members.texts("waits", LONGEST_NUMBER).unwrap_or_default();
    let opening = Opening { from, waits, values: members.fields()?, ..Opening::default() };
    once(&api, &asker, posted.sameness, move |session, caller| {
        let view = records::open(session, caller, process, &opening)?;
        let number = view.record.value("number").as_text().unwrap_or_default().to_owned();
        let body = Whole { view: &view, made: None, event: None };
        Ok(Answer::created(&body, format!("/{}/{number}", process.plural)).version(view.record.version))
    })
    .await
}

async fn amend(
    api: Api,
    asker: Asker,
    process: &'static Process,
    number: String,
    version: IfMatch,
    posted: Posted,
) -> Result<Answer> {
    let version = version.required()?;
    let mut members = posted.members;
    let reason = members.text("reason", LONGEST_WORDS);
    let amend = Amend { version, reason, values: members.fields()? };
    let answer = asker
        .write(&api, move |session, caller| {
            let Acted { view, event, .. } = records::amend(session, caller, process, &number, &amend)?;
            Ok(Answer::ok(&Whole { view: &view, made: None, event: Some(event) }).version(view.record.version))
        })
        .await?;
    Ok(answer)
}

fn act_of(mut members: Members, version: Option<i64>) -> Result<Act> {
    let reason = members.text("reason", LONGEST_WORDS);
    let comment = members.text("comment", LONGEST_WORDS);
    let link = members.text("link", LONGEST_NUMBER);
    let followers = members.texts("followers", LONGEST_NUMBER).unwrap_or_default();
    Ok(Act { version, reason, comment, link, followers, values: members.fields()? })
}

async fn act(
    api: Api,
    asker: Asker,
    process: &'static Process,
    step: &'static Transition,
    number: String,
    version: IfMatch,
    posted: Posted,
) -> Result<Answer> {
    let act = act_of(posted.members, version.0)?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let acted = records::act(session, caller, process, &number, step.verb, &act)?;
        let body = Whole { view: &acted.view, made: acted.made.as_deref(), event: Some(acted.event) };
        Ok(Answer::ok(&body).version(acted.view.record.version))
    })
    .await
}

async fn bulk(api: Api, asker: Asker, process: &'static Process, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let verb = members.needed("verb", |all, key| all.text(key, 60));
    let numbers = members.needed("numbers", |all, key| all.texts(key, LONGEST_NUMBER));
    let bulk = Bulk {
        verb,
        numbers,
        values: members.object("values").unwrap_or_default(),
        reason: members.text("reason", LONGEST_WORDS),
        comment: members.text("comment", LONGEST_WORDS),
        macro_: members.id("macro"),
        held: members.flag("held").unwrap_or_default(),
        relation: members.text("relation", LONGEST_NUMBER),
        link: members.text("link", LONGEST_NUMBER),
        dry_run: members.flag("dry_run").unwrap_or_default(),
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let done = records::bulk(session, caller, process, &bulk)?;
        let results: Json = done.rows.into_iter().map(bulk_row).collect();
        Ok(Answer::ok(&json!({ "results": results, "run": done.run, "dry_run": bulk.dry_run })))
    })
    .await
}

async fn undo_bulk(api: Api, asker: Asker, process: &'static Process, Id(run): Id, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let done = records::undo_bulk(session, caller, process, run)?;
        let results: Json = done.rows.into_iter().map(bulk_row).collect();
        Ok(Answer::ok(&json!({ "results": results, "run": done.run, "dry_run": false })))
    })
    .await
}

fn bulk_row(row: BulkRow) -> Json {
    match row.refused {
        None => json!({ "number": row.number, "done": true }),
        Some(refusal) => json!({ "number": row.number, "done": false, "problem": Problem::from(refusal).to_json() }),
    }
}
