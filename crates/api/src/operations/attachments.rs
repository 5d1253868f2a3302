//! Files on records: sent as they are, kept by their digest, handed out only to be saved.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Sameness, hex, next_chunk, too_large};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{Ask, Id, IdempotencyKey, Phrase, Place};
use crate::shape;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::records::{self, NewAttachment};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The operations on the files of a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (path, tag, names) =
        (format!("/{}/{{number}}/attachments", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(format!("list_{}_attachments", process.key), tag, "List the files that the caller may read.")
            .asks(names.number())
            .gives_json(200, "The files.", &parts::items_of("Attachment")),
        Operation::post(&path, move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<Upload>, key: IdempotencyKey, uri: OriginalUri, request: Request| {
            attach(api, asker, process, number, ask, key, uri, request)
        })
        .may(process.key, "comment")
        .named(format!("attach_to_{}", process.key), tag, "Attach a file: the body is the file itself, at most 25 MiB.")
        .asks(names.number())
        .asks(parts::needed_query("name", "The file's name.", &json!({ "type": "string", "minLength": 1, "maxLength": 255 })))
        .asks(parts::query("internal", "Only staff may read it.", &json!({ "type": "boolean" })))
        .takes_other(json!({ "required": true, "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } } }))
        .gives(201, parts::made("The file.", &parts::reference("schemas", "Attachment"))),
    ]
}

/// What belongs to no single process.
pub fn shared() -> Vec<Operation> {
    let path = "/attachments/{attachment}";
    vec![
        Operation::gets_of(path, move |api, asker, Id(id): Id| download(api, asker, id))
            .may("attachments", "view")
            .named("get_attachment", "Attachments", "Read the bytes of a file. They are never shown inside a page.")
            .asks(parts::path("attachment", "The id of the file.", &parts::id_schema()))
            .gives(
                200,
                json!({
                    "description": "The file.",
                    "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
                }),
            ),
    ]
}

/// What is said of a file beside its bytes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    name: Phrase<255>,
    #[serde(default)]
    internal: bool,
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let rows = records::attachments(session, caller, process, &number)?;
            let names = shape::names_of(session.conn, rows.iter().filter_map(|row| row.author))?;
            Ok(Answer::ok(&json!({ "items": rows.iter().map(|row| shape::attachment(row, &names)).collect::<Json>() })))
        })
        .await
}

#[expect(clippy::too_many_arguments, reason = "one argument for each part of the request")]
async fn attach(
    api: Api,
    asker: Asker,
    process: &'static Process,
    number: String,
    ask: Upload,
    IdempotencyKey(key): IdempotencyKey,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Answer> {
    if ask.name.0.is_empty() {
        return Err(Problem::unreadable("bad_query", "name has 1 to 255 characters."));
    }
    // Nobody's bytes are taken in before it is known that they may come here.
    may_attach(&api, &asker, process, &number, ask.internal).await?;
    let (parts, body) = request.into_parts();
    let media_type = media_type(&parts.headers)?;
    let bytes = taken_in(body, api.limits.attachment).await?;
    let digest = hex(&Sha256::digest(&bytes));
    let sameness = Sameness::of(key, "POST", &uri.to_string(), digest.as_bytes());
    let blob = api.desk.blobs().put(bytes).await?;
    let new =
        NewAttachment { name: ask.name.0, media_type, size: blob.size, digest: blob.digest, internal: ask.internal };
    once(&api, &asker, sameness, move |session, caller| {
        let row = records::attach(session, caller, process, &number, &new)?;
        let names = shape::names_of(session.conn, row.author)?;
        Ok(Answer::created(&shape::attachment(&row, &names), format!("/attachments/{}", row.id)))
    })
    .await
}

async fn may_attach(api: &Api, asker: &Asker, process: &'static Process, number: &str, internal: bool) -> Result<()> {
    let number = number.to_owned();
    let look = move |session: &mut Session<'_>, caller: &Caller| {
        let view = records::get(session, caller, process, &number)?;
        records::not_closed(&view.record)?;
        Ok(view.can)
    };
    let can = asker.read(api, look).await?;
    if can.attach && (!internal || can.note) {
        Ok(())
    } else {
        Err(Refusal::forbidden("no_right", "You may not attach files here.").into())
    }
}

fn media_type(headers: &HeaderMap) -> Result<String> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/octet-stream");
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("multipart/") {
        let says = "Send the file itself as the body, not a form.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_file", says));
    }
    Ok(kind)
}

async fn taken_in(mut body: Body, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = next_chunk(&mut body).await? {
        if (bytes.len() + chunk.len()) as u64 > most {
            return Err(too_large(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.is_empty() {
        return Err(Refusal::invalid("empty_file", "The file is empty.").into());
    }
    Ok(bytes)
}

async fn download(api: Api, asker: Asker, id: i64) -> Result<Response> {
    let row = asker.read(&api, move |session, caller| records::attachment(session, caller, id)).await?;
    let lost = |why| match why {
        mainstay_store::Error::Missing => {
            mainstay_store::Error::Damaged(format!("the bytes of attachment {id} are gone"))
        }
        other => other,
    };
    let bytes = api.desk.blobs().get(&row.digest).await.map_err(lost)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&row.name)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// How a browser is told to save a file under its name (RFC 6266): plain for old clients, encoded for the others.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_30_no_name_breaks_out_of_its_header() {
        for name in ["a\"; filename=evil.html", "a\r\nSet-Cookie: x=1", "ä 漢.txt", "a%22.txt", "\\\\host\\x"] {
            let text = disposition(name);
            assert!(text.is_ascii() && !text.contains(['\r', '\n']), "{text}");
            assert_eq!(text.matches('"').count(), 2, "{text}");
        }
        assert_eq!(disposition("ä b.txt"), "attachment; filename=\"_ b.txt\"; filename*=UTF-8''%C3%A4%20b.txt");
    }
}
