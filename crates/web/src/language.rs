//! The language of a request: what the person chose, else what their browser asks for, else the first that is offered.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use mainstay_words::{Language, speak, within};

use crate::web::Web;

/// Answers every request in the language that its browser asks for, until somebody is known to have chosen another.
pub async fn as_asked(State(web): State<Web>, request: Request, next: Next) -> Response {
    let wishes = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = wishes.and_then(|wishes| Language::accepted(wishes, web.languages()));
    let language = accepted.or_else(|| web.languages().first().copied()).unwrap_or_default();
    within(language, next.run(request)).await
}

/// From here on in the language that the person chose, where it is offered still.
pub fn as_chosen(web: &Web, chosen: Option<&str>) {
    if let Some(language) = chosen.and_then(|tag| web.language(tag)) {
        speak(language);
    }
}
