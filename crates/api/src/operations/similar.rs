//! Records like one in hand.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::operations::search::unavailable;
use crate::problem::Result;
use crate::query::{Ask, Place};
use crate::written::{Each, Line};
use axum::extract::State;
use mainstay_desk::records::{self, Similar, SimilarRecords};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Records of one answer, at most and unless said otherwise.
const MOST: usize = 20;
const FEW: usize = 5;

/// The operations on what is like a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let names = fields::Names::of(process);
    vec![
        Operation::get(
            format!("/{}/{{number}}/similar", process.plural),
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<SimilarAsk>| {
                similar(api, asker, process, number, ask)
            },
        )
        .may(process.key, "view")
        .named(
            format!("list_similar_{}", process.plural),
            process.label_plural,
            "Read the records that are most like this one, of any process: by their words, then by service, time, category and team. Those that are linked to it, or were withdrawn, are left out.",
        )
        .asks(names.number())
        .asks(parts::query("limit", "How many at most.", &json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": FEW })))
        .gives_json(200, "The records, the likest first.", &parts::items_of("SimilarRecord")),
    ]
}

/// How many are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SimilarAsk {
    #[serde(default)]
    limit: Few,
}

/// A number from 1 to [`MOST`].
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Few(usize);

impl Default for Few {
    fn default() -> Self {
        Self(FEW)
    }
}

impl TryFrom<String> for Few {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        let few = text.parse().ok().filter(|n| plain && (1..=MOST).contains(n));
        few.map(Self).ok_or_else(|| format!("limit is a number from 1 to {MOST}"))
    }
}

async fn similar(api: Api, asker: Asker, process: &'static Process, number: String, ask: SimilarAsk) -> Result<Answer> {
    let index = api.desk.search().cloned();
    let found = asker.read(&api, move |session, caller| {
        let Some(index) = &index else {
            // Who may not see the record learns nothing of the index.
            records::find(session, caller, process, &number)?;
            return Ok(None);
        };
        records::similar(session, caller, index, process, &number, ask.limit.0).map(|found| Some(shown(&found)))
    });
    found.await?.ok_or_else(unavailable)
}

/// All that were found.
#[derive(Serialize)]
struct Items<I> {
    items: I,
}

/// One of them.
#[derive(Serialize)]
struct Item<'a> {
    record: Line<'a>,
    score: u32,
    helped: Option<Helped<'a>>,
}

/// What helped there.
#[derive(Serialize)]
struct Helped<'a> {
    field: &'a str,
    label: &'a str,
    text: &'a str,
}

fn shown<'a>(found: &'a SimilarRecords) -> Answer {
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let item = |each: &'a Similar| {
        let Similar { row, score, helped } = each;
        Item {
            record: Line { row, fields: &fields, names: &found.names, chosen: None, with_process: true },
            score: *score,
            helped: helped.as_ref().map(|(field, text)| Helped { field: field.key, label: field.label, text }),
        }
    };
    Answer::ok(&Items { items: Each(&found.found, item) })
}
