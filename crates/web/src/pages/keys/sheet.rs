//! The sheet: what can be done with keys on a screen.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::shortcuts::{self, Keys, Screen, Shortcut, Stroke};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use crate::address;
use crate::components::{ViewHead, button_link, pane, view_head};
use crate::failure::Failure;
use crate::pages::frame::{At, Frame, Place};
use crate::session::Visit;
use crate::web::Web;

/// `GET /shortcuts?on=list record`: those of some screens; without a choice those of all.
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let on = address::value(&pairs, "on").unwrap_or_default().to_owned();
    let load = |session: &mut Session<'_>, caller: &Caller| Frame::load(session, caller);
    let frame = web.read(&visit, Channel::Desk, load).await?;
    let shown = |screen: &Screen| on.is_empty() || on.split_whitespace().any(|word| word == screen.key());
    let change = button_link("/me/shortcuts", "Change them", Some("pencil"), false);
    let head = view_head(&ViewHead { title: TITLE.into(), actions: Some(change), ..ViewHead::default() });
    let body = html! {
        div #shortcut-list .shortcuts {
            @for screen in Screen::ALL.into_iter().rev().filter(shown) { (group(&frame.keys, screen)) }
            @if frame.keys.used != shortcuts::Use::All { p.quiet { "Some shortcuts are switched off in your profile." } }
        }
    };
    Ok(frame.page(&web, &visit, &At::new(TITLE, Place::Elsewhere), &pane(&head, &body)))
}

const TITLE: &str = "Keyboard shortcuts";

fn group(keys: &Keys, screen: Screen) -> Markup {
    let all = shortcuts::ALL.iter().filter(|shortcut| shortcut.screen == screen);
    let live: Vec<(&Shortcut, Vec<Vec<Stroke>>)> =
        all.map(|each| (each, keys.of(each).collect::<Vec<_>>())).filter(|(_, ways)| !ways.is_empty()).collect();
    html! {
        @if !live.is_empty() {
            section aria-label=(t(screen.words())) {
                h2 { (t(screen.words())) }
                @for (shortcut, ways) in &live { (line(shortcut.words, &ways.iter().map(|way| caps_of(way)).collect::<Vec<_>>())) }
                @if screen == Screen::List { (line("Open the row", &[vec!["↵".to_owned()]])) }
            }
        }
    }
}

fn caps_of(way: &[Stroke]) -> Vec<String> {
    way.iter().flat_map(Stroke::caps).collect()
}

fn line(words: &str, ways: &[Vec<String>]) -> Markup {
    html! {
        div.shortcut {
            span.grow { (t(words)) }
            @for (at, way) in ways.iter().enumerate() {
                @if at > 0 { span.quiet { "or" } }
                span.line { @for cap in way { span.kbd { (cap) } } }
            }
        }
    }
}
