//! All parts on sample data, to look at and to check: `cargo run -p mainstay-web --example gallery -- 4100`.
//!
//! Pages: `/agent`, `/queue`, `/portal`, `/table`, `/form`, `/parts`, `/charts`. Query: `theme=light|dark`,
//! `density=compact`, `dir=rtl`.

mod agent;
mod parts;
mod people;
mod portal;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use mainstay_web::components::Toast;
use mainstay_web::layout::{Density, Nonce, PageHead, Side, Theme, page, respond};
use mainstay_web::{assets, markdown};
use mainstay_words::Language;
use maud::Markup;

/// 20 November 2026, 09:41 UTC.
const NOW: i64 = 1_795_167_660_000;
const MINUTE: i64 = 60_000;

#[derive(Debug, Default, serde::Deserialize)]
struct Look {
    theme: Option<String>,
    density: Option<String>,
    dir: Option<String>,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "4100".to_owned());
    let pages = Router::new()
        .route("/", get(|| async { Redirect::to("/agent") }))
        .route("/{name}", get(show).post(take))
        .merge(assets::router());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, pages).await
}

async fn show(Path(name): Path<String>, Query(look): Query<Look>) -> Response {
    let (title, side, body) = match name.as_str() {
        "agent" => ("INC-4821 VPN drops", Side::Agent, agent::record()),
        "queue" => ("Network · all open", Side::Agent, agent::queue()),
        "portal" => ("Home", Side::Portal, portal::home()),
        "table" => ("Changes", Side::Agent, parts::table()),
        "form" => ("New change", Side::Agent, parts::form()),
        "parts" => ("Parts", Side::Agent, parts::parts()),
        "charts" => ("Dashboard", Side::Agent, parts::charts()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    document(title, side, &look, name == "parts", &body)
}

/// A form that is taken leads back to its page; the one with mistakes is shown again.
async fn take(Path(name): Path<String>) -> Response {
    if name != "form" {
        return Redirect::to(&format!("/{name}")).into_response();
    }
    let mut answer = document("New change", Side::Agent, &Look::default(), false, &parts::form());
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    answer
}

fn document(title: &str, side: Side, look: &Look, toasted: bool, body: &Markup) -> Response {
    let nonce = Nonce::from_random([7; 16]);
    let toast =
        Toast { words: "Priority set to P2".into(), failed: false, undo: Some(("/undo".into(), "token".into())) };
    let head = PageHead {
        title,
        site: "Northwind IT",
        language: if look.dir.as_deref() == Some("rtl") { Language::PSEUDO } else { Language::ENGLISH },
        theme: match look.theme.as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        },
        density: if look.density.as_deref() == Some("compact") { Density::Compact } else { Density::Comfortable },
        folded: None,
        apple: true,
        nonce: &nonce,
        side,
        sensitive: false,
        toasts: if toasted { std::slice::from_ref(&toast) } else { &[] },
        viewing: None,
    };
    respond(StatusCode::OK, &nonce, page(&head, body))
}

fn prose(text: &str) -> Markup {
    markdown::render(text)
}
