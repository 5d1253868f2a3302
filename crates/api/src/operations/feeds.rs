//! What other systems tell of records: batches of rows, those that wait for a person, and whose word stands in a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id};
use crate::shape;
use axum::extract::State;
use mainstay_desk::import::{self, Batch, Existing, Told, Verdict};
use mainstay_desk::sources::{self, Deed, FieldSaid, LONGEST_REASON, Parked, Queue, Said, Standing, Word};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_intake::import::ImportError;
use mainstay_intake::mapping::{Fault, MOST, ReadRow, Sent, read_batch};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest CSV text, in characters.
const LONGEST_CSV: usize = 1_000_000;

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Waits {
    #[default]
    Open,
    Ignored,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    state: Waits,
    #[serde(default)]
    after: i64,
}

/// The operations on what sources tell of a process's records, where they do.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if !process.takes_feeds() {
        return Vec::new();
    }
    let names = fields::Names::of(process);
    let at = |rest: &str| format!("/{}/{rest}", process.plural);
    let settles = |verb: &'static str, says: &str| {
        Operation::posts_to(at(&format!("parked/{{id}}/{verb}")), move |api, asker, id: Id, posted| {
            settle(api, asker, process, (id, verb), posted)
        })
        .may(process.key, "import")
        .named(format!("{verb}_parked_{}", process.key), process.label_plural, says)
        .asks(parts::path("id", "The id of the row.", &parts::id_schema()))
        .gives_json(200, "The record that it is now; null where it is none.", &settled_schema())
    };
    let text = |most: usize| json!({ "type": "string", "minLength": 1, "maxLength": most });
    let with = |key: &str, schema: Json| json!({ "type": "object", "required": [key], "additionalProperties": false, "properties": { key: schema } });
    vec![
        Operation::posts(at("feed"), move |api, asker, posted| feed(api, asker, process, posted))
            .may(process.key, "import")
            .named(
                format!("feed_{}", process.key),
                process.label_plural,
                "Take in what a source tells of records, as rows of JSON or as CSV, by the mapping of the source. Each row meets the record that it told of before or that the rules of identification find, becomes one, or waits for a person; of each field the source of the smallest rank is believed, and what a person wrote stays. The same rows again change nothing.",
            )
            .takes(&feed_schema(), true)
            .gives_json(200, "What became of each row, or in a dry run would become of it.", &fed_schema()),
        Operation::get(at("parked"), move |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, process, listed)
        })
        .may(process.key, "import")
        .named(
            format!("list_parked_{}", process.key),
            process.label_plural,
            "List the rows of sources that wait for a person, or that somebody left aside: at most 50, the oldest first.",
        )
        .asks(parts::query("state", "Whether they wait.", &json!({ "enum": ["open", "ignored"], "default": "open" })))
        .asks(parts::query("after", "The next of the page before.", &json!({ "type": "integer" })))
        .gives_json(200, "The rows.", &parked_schema()),
        settles("match", "Say which record a row is. Its source keeps the record under the key of the row from then on.")
            .takes(&with("record", text(40)), true),
        settles("make", "Make a record of a row."),
        settles("ignore", "Leave a row aside, with a reason; it stays so when its source tells of it again.")
            .takes(&with("reason", text(LONGEST_REASON)), true),
        settles("reopen", "Let a row wait again that was left aside."),
        Operation::gets(at("sources"), move |api, asker| standing(api, asker, process))
            .may(process.key, "import")
            .named(
                format!("sources_of_{}", process.key),
                process.label_plural,
                "List the sources that tell of records, with what each has not told of for longer than it may: at most 50 records of each.",
            )
            .gives_json(200, "The sources, the most believed first.", &standing_schema()),
        Operation::gets_of(at("{number}/sources"), move |api, asker, number: String| said(api, asker, process, number))
        .may(process.key, "view")
        .named(
            format!("sources_of_one_{}", process.key),
            process.label_plural,
            "Read what each source says of the record, when it did so last, and whose word stands in each field.",
        )
        .asks(names.number())
        .gives_json(200, "What the sources say.", &said_schema()),
    ]
}

async fn feed(api: Api, asker: Asker, process: &'static Process, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let key = members.needed("source", |all, key| all.text(key, 60));
    let dry_run = members.flag("dry_run").unwrap_or_default();
    let rows = members.objects("rows", MOST);
    let csv = members.text("csv", LONGEST_CSV);
    members.end()?;
    let sent = match (rows, csv) {
        (Some(rows), None) => Sent::Rows(rows),
        (None, Some(csv)) => Sent::Csv(csv),
        _ => {
            let error = FieldError::new("rows", "required", "Send either rows or csv.");
            return Err(
                Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into()
            );
        }
    };
    once(&api, &asker, posted.sameness, move |session, caller| take(session, caller, process, (&key, dry_run), &sent))
        .await
}

fn take(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    (key, dry_run): (&str, bool),
    sent: &Sent,
) -> mainstay_desk::Result<Answer> {
    if !caller.rights.may_somewhere(process.key, "import") {
        let says = format!("You may not import {}.", process.label_plural.to_lowercase());
        return Err(Refusal::forbidden("no_right", says).into());
    }
    let config = session.config;
    let source = sources::source(config, process, key).ok_or_else(|| {
        let error = FieldError::new("source", "unknown_source", format!("There is no source {key} here."));
        Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }
    })?;
    let read = read_batch(session, source, sent).map_err(|error| match error {
        ImportError::Desk(error) => error,
        other => Error::Refused(Refusal::invalid("does_not_fit", other.to_string())),
    })?;
    let items = read.iter().filter_map(|row| row.item.as_ref().ok().cloned()).collect();
    let batch = Batch { items, existing: Existing::Update, dry_run, ..Batch::default() };
    let outcome = import::put_within(session, caller, &batch)?;
    let mut settled = outcome.verdicts.iter().zip(&outcome.told);
    let rows: Vec<Json> = read.iter().map(|row| of_row(row, &mut settled)).collect();
    let count = |what: &str| rows.iter().filter(|row| row["outcome"] == what).count();
    let counts: serde_json::Map<String, Json> =
        OUTCOMES.iter().map(|what| ((*what).to_owned(), count(what).into())).collect();
    Ok(Answer::ok(&json!({ "dry_run": dry_run, "counts": counts, "rows": rows })))
}

const OUTCOMES: [&str; 6] = ["made", "updated", "unchanged", "parked", "closed", "rejected"];

fn of_row<'o>(row: &ReadRow, settled: &mut impl Iterator<Item = (&'o Verdict, &'o Option<Told>)>) -> Json {
    let refused = |code: &str, detail: &str| json!({ "key": row.key, "outcome": "rejected", "number": null, "changed": [], "code": code, "detail": detail });
    let (verdict, told) = match (&row.item, settled) {
        (Err(Fault { code, says }), _) => return refused(code, says),
        (Ok(_), settled) => match settled.next() {
            Some(next) => next,
            None => return refused("not_settled", "Nothing became of it."),
        },
    };
    let (outcome, code, detail) = match verdict {
        Verdict::Made => ("made", None, None),
        Verdict::Updated => ("updated", None, None),
        Verdict::Unchanged => ("unchanged", None, None),
        Verdict::Parked(why) => ("parked", Some((*why).to_owned()), None),
        Verdict::Differs(says) => ("closed", None, Some(says.clone())),
        Verdict::Rejected(refusal) => {
            let error = refusal.errors.first();
            let code = error.map_or(&refusal.code, |error| &error.code);
            let detail = error.map_or(&refusal.detail, |error| &error.detail);
            return refused(code, detail);
        }
    };
    let changed = told.as_ref().map(|told| told.changed.clone()).unwrap_or_default();
    let number = told.as_ref().map(|told| told.number.clone());
    json!({ "key": row.key, "outcome": outcome, "number": number, "changed": changed, "code": code, "detail": detail })
}

async fn list(api: Api, asker: Asker, process: &'static Process, listed: Listed) -> Result<Answer> {
    let state = match listed.state {
        Waits::Open => sources::OPEN,
        Waits::Ignored => sources::IGNORED,
    };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let queue = sources::parked(session, caller, process, state, listed.after)?;
        let items: Json = queue.rows.iter().map(|row| parked(row, &queue)).collect();
        Ok(Answer::ok(&json!({ "items": items, "next": queue.next })))
    };
    asker.read(&api, work).await
}

fn parked(each: &Parked, queue: &Queue) -> Json {
    let value = |field: &&'static mainstay_engine::field::FieldDef| {
        (field.key.to_owned(), shape::value(field, each.draft.value(field.key), &queue.names))
    };
    let says: serde_json::Map<String, Json> = each.fields.iter().map(value).collect();
    let candidate = |record: &mainstay_engine::record::Record| {
        let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
        json!({ "number": text(spine::NUMBER.def.key), "title": text(spine::TITLE.def.key), "state": record.state.key })
    };
    json!({
        "id": each.row.id, "source": { "id": each.row.source, "name": each.source }, "key": each.row.external_key,
        "title": each.row.title, "why": each.row.why, "state": each.row.state, "reason": each.row.reason,
        "says": says, "candidates": each.candidates.iter().map(candidate).collect::<Json>(),
        "first": shape::instant(each.row.first), "last": shape::instant(each.row.last),
    })
}

async fn settle(
    api: Api,
    asker: Asker,
    process: &'static Process,
    (Id(id), verb): (Id, &'static str),
    posted: Posted,
) -> Result<Answer> {
    let mut members = posted.members;
    let deed = match verb {
        "match" => Deed::Match(members.needed("record", |all, key| all.text(key, 40))),
        "ignore" => Deed::Ignore(members.needed("reason", |all, key| all.text(key, LONGEST_REASON))),
        "make" => Deed::Make,
        _ => Deed::Reopen,
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let number = sources::decide(session, caller, process, id, &deed)?;
        Ok(Answer::ok(&json!({ "number": number })))
    })
    .await
}

async fn standing(api: Api, asker: Asker, process: &'static Process) -> Result<Answer> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let all = sources::standing(session, caller, process)?;
        Ok(Answer::ok(&json!({ "items": all.iter().map(stands).collect::<Json>() })))
    };
    asker.read(&api, work).await
}

fn stands(each: &Standing) -> Json {
    let missing = |(record, last): &(mainstay_engine::record::Record, i64)| {
        let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
        json!({ "number": text(spine::NUMBER.def.key), "title": text(spine::TITLE.def.key), "last": shape::instant(*last) })
    };
    json!({
        "id": each.source.id, "name": each.source.name, "key": each.source.key, "records": each.records,
        "missing_count": each.stale, "last": shape::maybe_instant(each.last),
        "missing": each.missing.iter().map(missing).collect::<Json>(),
    })
}

async fn said(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let (all, names) = sources::said_of(session, caller, process, &number)?;
        Ok(Answer::ok(&json!({ "items": all.iter().map(|said| says(said, &names)).collect::<Json>() })))
    };
    asker.read(&api, work).await
}

fn says(said: &Said, names: &shape::Names) -> Json {
    let field = |each: &FieldSaid| {
        let (word, by) = match each.word {
            Word::Own => ("own", None),
            Word::Other(source) => ("other", Some(shape::reference(source, names))),
            Word::Person => ("person", None),
        };
        json!({
            "field": each.field.key, "value": shape::value(each.field, &each.value, names), "agrees": each.agrees,
            "word": word, "by": by,
        })
    };
    json!({
        "source": shape::reference(said.source, names), "key": said.external_key, "first": shape::instant(said.first),
        "last": shape::instant(said.last), "missing": said.missing,
        "fields": said.fields.iter().map(field).collect::<Json>(),
    })
}

fn list_of(items: &Json) -> Json {
    json!({ "type": "array", "items": items })
}

fn instant() -> Json {
    json!({ "type": "string", "format": "date-time" })
}

fn feed_schema() -> Json {
    json!({
        "type": "object", "required": ["source"], "additionalProperties": false,
        "properties": {
            "source": { "type": "string", "maxLength": 60, "description": "The key of the source." },
            "rows": { "type": "array", "maxItems": MOST, "items": { "type": "object" }, "description": "Objects as the source exports them; a column of the mapping may be a path, such as site.name." },
            "csv": { "type": "string", "maxLength": LONGEST_CSV, "description": "A CSV file with its heading, instead of rows." },
            "dry_run": { "type": "boolean", "default": false, "description": "Tell what would happen, and write nothing." },
        },
    })
}

fn fed_schema() -> Json {
    let text = || json!({ "type": ["string", "null"] });
    let counts: serde_json::Map<String, Json> =
        OUTCOMES.iter().map(|what| ((*what).to_owned(), json!({ "type": "integer" }))).collect();
    parts::object(&json!({
        "dry_run": { "type": "boolean" },
        "counts": parts::object(&Json::Object(counts)),
        "rows": list_of(&parts::object(&json!({
            "key": text(), "outcome": { "enum": OUTCOMES }, "number": text(), "changed": list_of(&json!({ "type": "string" })),
            "code": { "type": ["string", "null"], "description": "Why it waits or was rejected." }, "detail": text(),
        }))),
    }))
}

fn parked_schema() -> Json {
    let text = json!({ "type": "string" });
    parts::object(&json!({
        "items": list_of(&parts::object(&json!({
            "id": parts::id_schema(), "source": parts::reference("schemas", "Reference"), "key": text, "title": text,
            "why": { "enum": ["unmatched", "ambiguous", "duplicate"], "description": "It fits no record, fits several, or its source tells of the record it fits under another key." },
            "state": { "enum": ["open", "ignored"] }, "reason": parts::nullable(text.clone()),
            "says": { "type": "object" },
            "candidates": list_of(&parts::object(&json!({ "number": text, "title": text, "state": text }))),
            "first": instant(), "last": instant(),
        }))),
        "next": { "type": ["integer", "null"] },
    }))
}

fn settled_schema() -> Json {
    parts::object(&json!({ "number": { "type": ["string", "null"] } }))
}

fn standing_schema() -> Json {
    let text = json!({ "type": "string" });
    let missing = parts::object(&json!({ "number": text, "title": text, "last": instant() }));
    parts::object(&json!({ "items": list_of(&parts::object(&json!({
        "id": parts::id_schema(), "name": text, "key": text, "records": { "type": "integer" },
        "missing_count": { "type": "integer" }, "last": parts::nullable(instant()), "missing": list_of(&missing),
    }))) }))
}

fn said_schema() -> Json {
    let text = json!({ "type": "string" });
    let reference = parts::reference("schemas", "Reference");
    let field = parts::object(&json!({
        "field": text, "value": {}, "agrees": { "type": "boolean", "description": "The record says the same." },
        "word": { "enum": ["own", "other", "person"], "description": "Whose word stands in the record." },
        "by": parts::nullable(reference.clone()),
    }));
    parts::object(&json!({ "items": list_of(&parts::object(&json!({
        "source": reference, "key": text, "first": instant(), "last": instant(),
        "missing": { "type": "boolean", "description": "Not told of for longer than the source allows." },
        "fields": list_of(&field),
    }))) }))
}
