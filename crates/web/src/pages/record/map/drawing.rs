//! The map as SVG: boxes are links, lines say what they mean, and a script can move the view.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use mainstay_desk::maps::picture::{BOX, Drawn, Edge, Picture, lane_words, legends};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::{t, tn};
use maud::Markup;

use crate::components::{icon, icon_drawn};

/// With more lines their words would lie over each other; they stand in the table.
const MOST_LABELS: usize = 40;
/// Letters that fit beside the icon of a box.
const MOST_LETTERS: usize = 16;
const MOST_SMALL: usize = 22;

/// The drawing with its buttons and what its signs say.
pub fn drawing(process: &'static Process, picture: &Picture) -> Markup {
    let svg = svg(process, picture);
    // Another drawing is another element: where somebody has moved this one to stays while the page is refreshed.
    let mut told = DefaultHasher::new();
    svg.0.hash(&mut told);
    html! {
        div.map-frame id=(format!("map-{:x}", told.finish())) data-map {
            div.map-view tabindex="0" role="group" aria-label=(t("Map")) { (svg) }
            div.map-zoom hidden data-map-tools {
                button.icon-btn type="button" data-map-zoom="in" aria-label="Zoom in" { (icon("plus")) }
                button.icon-btn type="button" data-map-zoom="out" aria-label="Zoom out" { (icon("minus")) }
                button.icon-btn type="button" data-map-zoom="fit" aria-label="Show all of it" { (icon("search-check")) }
            }
            (legend())
        }
    }
}

fn svg(process: &'static Process, picture: &Picture) -> Markup {
    let (width, height) = picture.size;
    let name = tn(
        picture.nodes.len(),
        "Map of {n} item; the tables say the same.",
        "Map of {n} items; the tables say the same.",
    );
    html! {
        svg.map viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="group" aria-label=(name) {
            @for lane in &picture.lanes {
                text.map-lane x="12" y=(lane.span.0 + BOX.1 / 2 + 4) { (lane_words(lane.lane)) }
                @if lane.rest > 0 {
                    @let (x, y) = lane.rest_at;
                    rect.map-rest x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx="9" {}
                    text.map-rest-words x=(x + BOX.0 / 2) y=(y + BOX.1 / 2 + 4) text-anchor="middle" { (tn(lane.rest, "and {n} more", "and {n} more")) }
                }
            }
            @for edge in &picture.edges { (line(edge, picture)) }
            @if picture.edges.len() <= MOST_LABELS {
                @for edge in &picture.edges { (words(edge)) }
            }
            @for node in &picture.nodes { (a_box(process, node)) }
        }
    }
}

const fn tone(hit: Option<Hit>) -> &'static str {
    match hit {
        Some(Hit::Impacted) => "map-hit",
        Some(Hit::AtRisk) => "map-risk",
        None => "map-still",
    }
}

/// Beside the colour, a letter that says the same.
const fn sign(hit: Hit) -> &'static str {
    match hit {
        Hit::Impacted => "!",
        Hit::AtRisk => "?",
    }
}

/// What happens to it, in words.
pub fn happens(hit: Option<Hit>) -> &'static str {
    match hit {
        Some(Hit::Impacted) => t("Impacted"),
        Some(Hit::AtRisk) => t("At risk"),
        None => t("Not affected"),
    }
}

/// A relation as one says it: `db-a · Keeps its data on · storage`.
pub fn said(edge: &Edge, picture: &Picture) -> String {
    let title = |id: i64| picture.nodes.iter().find(|node| node.id == id).map_or("", |node| node.title.as_str());
    format!("{} · {} · {}", title(edge.from), t(&edge.label), title(edge.to))
}

fn line(edge: &Edge, picture: &Picture) -> Markup {
    let [(x0, y0), (x1, y1), (x2, y2), (x, y)] = edge.curve;
    // The point lies towards what depends on it: from below, or from the side.
    let head = if y2 == y { format!("M{x} {y}l7 -4v8z") } else { format!("M{x} {y}l-4 7h8z") };
    html! {
        g.map-line.(tone(edge.hit)) data-needed=(edge.needed) data-dependent=(edge.dependent) {
            title { (said(edge, picture)) }
            path.map-way d={ "M" (x0) " " (y0) "C" (x1) " " (y1) " " (x2) " " (y2) " " (x) " " (y) } {}
            path.map-head d=(head) {}
        }
    }
}

fn words(edge: &Edge) -> Markup {
    let (x, y) = edge.middle();
    html! {
        text.map-words x=(x) y=(y + 3) text-anchor="middle" aria-hidden="true" {
            (clipped(t(&edge.label), MOST_SMALL))
        }
    }
}

fn a_box(process: &'static Process, node: &Drawn) -> Markup {
    let (x, y) = node.at;
    let state = process.state(&node.state).map_or("", |state| t(state.label));
    let class = t(&node.class);
    let kind = joined(class, state);
    let parts = [node.title.as_str(), kind.as_str(), happens(node.hit), node.number.as_str()];
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    html! {
        a.map-node.(tone(node.hit)).map-root[node.lane == 0].map-service[node.service]
            href={ "/" (process.plural) "/" (node.number) } data-node=(node.id) {
            // A drawing is named by its title.
            title { (name) }
            @if node.lane == 0 { rect.map-halo x=(x - 5) y=(y - 5) width=(BOX.0 + 10) height=(BOX.1 + 10) rx="13" {} }
            rect.map-box x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx="9" {}
            @if node.service { path.map-mark d={ "M" (x + 9) " " (y + BOX.1) "h" (BOX.0 - 18) } {} }
            rect.map-plate x=(x + 9) y=(y + 10) width="32" height="32" rx="7" {}
            g transform={ "translate(" (x + 16) " " (y + 17) ")" } { (icon_drawn(&node.sign, 18)) }
            text.map-name x=(x + 50) y=(y + 23) { (clipped(&node.title, MOST_LETTERS)) }
            text.map-kind x=(x + 50) y=(y + 39) { (clipped(&kind, MOST_SMALL)) }
            @if let Some(hit) = node.hit {
                circle.map-badge cx=(x + BOX.0 - 4) cy=(y + 4) r="9" {}
                text.map-sign x=(x + BOX.0 - 4) y=(y + 8) text-anchor="middle" aria-hidden="true" { (sign(hit)) }
            }
        }
    }
}

fn joined(class: &str, state: &str) -> String {
    [class, state].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn clipped(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let mut short: String = words.chars().take(most - 1).collect();
    short.push('…');
    short
}

/// What the signs say.
fn legend() -> Markup {
    html! {
        ul.map-legend aria-label="What the signs say" {
            @for (hit, label) in legends() {
                li.map-line.(tone(hit)) {
                    svg viewBox="0 0 34 18" width="34" height="18" aria-hidden="true" {
                        path.map-way d="M0 9h34" {}
                        @if let Some(sign) = hit.map(sign) {
                            circle.map-badge cx="17" cy="9" r="8" {}
                            text.map-sign x="17" y="13" text-anchor="middle" { (sign) }
                        }
                    }
                    (label)
                }
            }
            li { svg viewBox="0 0 34 18" width="34" height="18" aria-hidden="true" { rect.map-box x="1" y="1" width="32" height="16" rx="4" {} path.map-mark d="M5 17h24" {} } "Service" }
            li.quiet { "A line leads from what is needed to what depends on it." }
        }
    }
}
