//! The map as SVG: boxes are links that choose what the panel tells, lines say what they mean, and a script can move the
//! view. There is a drawing for desks and one for phones; a window shows one of them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use mainstay_desk::maps::picture::{Drawing, Drawn, Edge, Picture, lane_words, legends};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::{t, tn};
use maud::Markup;

use super::Look;
use crate::components::{icon, icon_drawn};

/// With more lines their words would lie over each other; they stand in the table.
const MOST_LABELS: usize = 40;

/// How a drawing of one size is written.
struct Style {
    /// Its name in ids and classes.
    name: &'static str,
    /// Letters that fit into a box, of its name and below.
    letters: usize,
    small: usize,
    /// Icons, the words of lanes and lines.
    whole: bool,
}

const WIDE: Style = Style { name: "wide", letters: 16, small: 20, whole: true };
const NARROW: Style = Style { name: "narrow", letters: 14, small: 17, whole: false };

/// Both drawings with their buttons, and what their signs say.
pub fn drawings(look: &Look<'_>, at: Option<i64>, picture: &Picture, chosen: i64) -> Markup {
    html! {
        (frame(look, at, &picture.wide, &WIDE, chosen))
        (frame(look, at, &picture.narrow, &NARROW, chosen))
    }
}

fn frame(look: &Look<'_>, at: Option<i64>, drawing: &Drawing, style: &Style, chosen: i64) -> Markup {
    // Another drawing is another element: where somebody has moved this one to stays while the page is refreshed, also
    // when something else fails in it.
    let mut told = DefaultHasher::new();
    drawing.size.hash(&mut told);
    for node in &drawing.nodes {
        (node.id, node.at).hash(&mut told);
    }
    let id = format!("map-{}-{:x}", style.name, told.finish());
    html! {
        div.map-frame.{ "map-" (style.name) } #(id) data-map {
            div.map-stage {
                div.map-view tabindex="0" role="group" aria-label=(t("Map")) { (svg(look, at, drawing, style, chosen)) }
                div.map-zoom hidden data-map-tools {
                    button.icon-btn type="button" data-map-zoom="in" aria-label="Zoom in" { (icon("plus")) }
                    button.icon-btn type="button" data-map-zoom="out" aria-label="Zoom out" { (icon("minus")) }
                    button.icon-btn type="button" data-map-zoom="fit" aria-label="Show all of it" { (icon("search-check")) }
                }
                (overview(drawing))
                @if style.whole { (legend()) }
            }
        }
    }
}

/// All of it, small, with what of it the view shows; a script shows it once the view does not show all.
fn overview(drawing: &Drawing) -> Markup {
    let (width, height) = drawing.size;
    html! {
        svg.map-mini viewBox={ "0 0 " (width) " " (height) } aria-hidden="true" hidden data-map-mini {
            @for node in &drawing.nodes {
                rect.(tone(node.hit)) x=(node.at.0) y=(node.at.1) width=(drawing.of.size.0) height=(drawing.of.size.1) rx="9" {}
            }
            rect.map-mini-view width=(width) height=(height) {}
        }
    }
}

fn svg(look: &Look<'_>, at: Option<i64>, drawing: &Drawing, style: &Style, chosen: i64) -> Markup {
    let ((width, height), size) = (drawing.size, drawing.of.size);
    let name = tn(
        drawing.nodes.len(),
        "Map of {n} item; the tables say the same.",
        "Map of {n} items; the tables say the same.",
    );
    let mut above = None;
    html! {
        svg.map viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="group" aria-label=(name) {
            @for lane in &drawing.lanes {
                @if style.whole {
                    @if let Some(bottom) = above.replace(lane.span.1) {
                        path.map-rule d={ "M12 " (i32::midpoint(bottom, lane.span.0)) "H" (width - 12) } {}
                    }
                    text.map-lane x="12" y=(lane.span.0 + size.1 / 2 + 4) { (lane_words(lane.lane)) }
                }
                @if lane.rest > 0 {
                    @let (x, y) = lane.rest_at;
                    rect.map-rest x=(x) y=(y) width=(size.0) height=(size.1) rx="9" {}
                    text.map-rest-words x=(x + size.0 / 2) y=(y + size.1 / 2 + 4) text-anchor="middle" { (tn(lane.rest, "and {n} more", "and {n} more")) }
                }
            }
            @for edge in &drawing.edges { (line(edge, drawing)) }
            @if style.whole && drawing.edges.len() <= MOST_LABELS {
                @for edge in &drawing.edges { (words(edge)) }
            }
            @for node in &drawing.nodes { (a_box(look, at, (node, node.id == chosen), (size, style))) }
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
pub fn said(edge: &Edge, drawing: &Drawing) -> String {
    let title = |id: i64| drawing.nodes.iter().find(|node| node.id == id).map_or("", |node| node.title.as_str());
    format!("{} · {} · {}", title(edge.from), t(&edge.label), title(edge.to))
}

fn line(edge: &Edge, drawing: &Drawing) -> Markup {
    let [(x0, y0), (x1, y1), (x2, y2), (x, y)] = edge.curve;
    // The point lies towards what depends on it: from below, or from the side.
    let head = if y2 == y { format!("M{x} {y}l7 -4v8z") } else { format!("M{x} {y}l-4 7h8z") };
    html! {
        g.map-line.(tone(edge.hit)) data-needed=(edge.needed) data-dependent=(edge.dependent) {
            title { (said(edge, drawing)) }
            path.map-way d={ "M" (x0) " " (y0) "C" (x1) " " (y1) " " (x2) " " (y2) " " (x) " " (y) } {}
            path.map-head d=(head) {}
        }
    }
}

fn words(edge: &Edge) -> Markup {
    let (x, y) = edge.middle();
    html! {
        text.map-words x=(x) y=(y + 3) text-anchor="middle" aria-hidden="true" {
            (clipped(t(&edge.label), WIDE.small))
        }
    }
}

fn a_box(
    look: &Look<'_>,
    at: Option<i64>,
    (node, chosen): (&Drawn, bool),
    ((width, height), style): ((i32, i32), &Style),
) -> Markup {
    let (x, y) = node.at;
    let process: &'static Process = look.sheet.process();
    let state = process.state(&node.state).map_or("", |state| t(state.label));
    let class = t(&node.class);
    let kind = joined(class, state);
    let happens = if node.fails { t("Fails in this simulation") } else { happens(node.hit) };
    let parts = [node.title.as_str(), kind.as_str(), happens, node.number.as_str()];
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let left = if style.whole { x + 50 } else { x + 10 };
    html! {
        a.map-node.(tone(node.hit)).map-root[node.home].map-fails[node.fails].map-chosen[chosen].map-service[node.service]
            id={ "map-" (style.name) "-" (node.id) } href={ (look.place(at, &look.asked.choosing(&node.number))) "#map-chosen" }
            data-node=(node.id) data-map-switch=(look.place(at, &look.asked.switched(&node.number, look.sheet.number())))
            aria-current=[chosen.then_some("true")] {
            // A drawing is named by its title.
            title { (name) }
            @if node.home || chosen { rect.map-halo x=(x - 5) y=(y - 5) width=(width + 10) height=(height + 10) rx="13" {} }
            rect.map-box x=(x) y=(y) width=(width) height=(height) rx="9" {}
            @if node.service { path.map-mark d={ "M" (x + 9) " " (y + height) "h" (width - 18) } {} }
            @if style.whole {
                rect.map-plate x=(x + 9) y=(y + 10) width="32" height="32" rx="7" {}
                g transform={ "translate(" (x + 16) " " (y + 17) ")" } { (icon_drawn(&node.sign, 18)) }
            }
            text.map-name x=(left) y=(y + 23) { (clipped(&node.title, style.letters)) }
            text.map-kind x=(left) y=(y + 39) { (clipped(if style.whole { &kind } else { class }, style.small)) }
            @if let Some(hit) = node.hit {
                circle.map-badge cx=(x + width - 4) cy=(y + 4) r="9" {}
                text.map-sign x=(x + width - 4) y=(y + 8) text-anchor="middle" aria-hidden="true" { (sign(hit)) }
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
        }
    }
}

/// What else there is to know of it.
pub fn notes() -> Markup {
    html! {
        p.quiet.map-notes {
            "A line leads from what is needed to what depends on it."
            " "
            span hidden data-map-keys { "Arrow keys follow the lines, Enter chooses, the space bar lets an item fail or work again; with Shift, arrow keys move the view." }
        }
    }
}
