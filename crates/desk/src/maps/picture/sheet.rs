//! The drawing as a sheet of paper: its title, the instant it shows, the map, what the signs say, and what is left out.
//! Lines and words with their places, for whichever kind of file.

use super::{Drawing, Drawn, Measure, Picture};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::Process;
use mainstay_words::{t, tf, tn};

/// A colour by its red, green and blue.
pub type Ink = (u8, u8, u8);

const BLACK: Ink = (0x14, 0x17, 0x1d);
const GREY: Ink = (0x45, 0x4d, 0x5a);
const LINE: Ink = (0x85, 0x8e, 0x9c);
const WHITE: Ink = (0xff, 0xff, 0xff);
const RED: Ink = (0xb3, 0x26, 0x1e);
const RED_TINT: Ink = (0xfd, 0xee, 0xec);
const AMBER: Ink = (0x8a, 0x4a, 0x06);
const AMBER_TINT: Ink = (0xff, 0xf4, 0xde);
const BLUE: Ink = (0x3b, 0x5b, 0xdb);

/// Size of a box.
const BOX: (i32, i32) = Measure::WIDE.size;
/// Above and below the map.
const HEAD: i32 = 76;
const LEGEND: i32 = 34;
const NOTE: i32 = 20;
const EDGE: i32 = 20;
/// No sheet is narrower: its title and legend have to fit.
const LEAST: i32 = 640;
/// With more lines their words would lie over each other.
const MOST_LABELS: usize = 40;

/// One thing on the sheet; places and lengths are in pixels from the left and the top.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A box with round corners.
    Box {
        at: (i32, i32),
        size: (i32, i32),
        round: i32,
        fill: Ink,
        line: Ink,
        thick: i32,
    },
    /// A curve: start, two handles, end.
    Curve {
        points: [(i32, i32); 4],
        ink: Ink,
        thick: i32,
        dashed: bool,
    },
    /// A filled triangle.
    Arrow {
        points: [(i32, i32); 3],
        ink: Ink,
    },
    Disc {
        at: (i32, i32),
        radius: i32,
        ink: Ink,
    },
    /// Words on a line; `at` is where they begin, or their middle.
    Words {
        at: (i32, i32),
        centred: bool,
        size: i32,
        strong: bool,
        ink: Ink,
        words: String,
    },
}

/// A drawing, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub title: String,
    pub size: (i32, i32),
    pub marks: Vec<Mark>,
}

impl Sheet {
    /// The sheet of a map, with what stands in its head below the title.
    #[must_use]
    pub fn new(process: &'static Process, picture: &Picture, title: &str, below: &str) -> Self {
        let notes = notes(picture);
        let lines = i32::try_from(notes.len()).unwrap_or_default();
        let size = (picture.wide.size.0.max(LEAST), HEAD + picture.wide.size.1 + LEGEND + lines * NOTE + EDGE);
        let mut sheet = Self { title: title.to_owned(), size, marks: Vec::new() };
        sheet.words((EDGE, 34), false, 18, true, BLACK, fitting(title, 18, size.0 - 2 * EDGE));
        sheet.words((EDGE, 56), false, 12, false, GREY, fitting(below, 12, size.0 - 2 * EDGE));
        sheet.map(process, &picture.wide);
        sheet.legend(HEAD + picture.wide.size.1 + LEGEND / 2);
        let first = HEAD + picture.wide.size.1 + LEGEND + NOTE / 2;
        for (y, note) in (first..).step_by(20).zip(notes) {
            sheet.words((EDGE, y), false, 11, false, GREY, note);
        }
        sheet
    }

    fn words(&mut self, at: (i32, i32), centred: bool, size: i32, strong: bool, ink: Ink, words: String) {
        self.marks.push(Mark::Words { at, centred, size, strong, ink, words });
    }

    fn map(&mut self, process: &'static Process, drawing: &Drawing) {
        let down = |(x, y): (i32, i32)| (x, y + HEAD);
        for lane in &drawing.lanes {
            self.words(down((12, lane.span.0 + 30)), false, 11, false, GREY, super::lane_words(lane.lane));
            if lane.rest > 0 {
                let (at, size) = (down(lane.rest_at), BOX);
                self.marks.push(Mark::Box { at, size, round: 9, fill: WHITE, line: WHITE, thick: 1 });
                let words = tn(lane.rest, "and {n} more", "and {n} more");
                self.words((at.0 + BOX.0 / 2, at.1 + 30), true, 12, false, GREY, words);
            }
        }
        for edge in &drawing.edges {
            let (points, (ink, _)) = (edge.curve.map(down), inks(edge.hit));
            let thick = if edge.hit.is_some() { 2 } else { 1 };
            self.marks.push(Mark::Curve { points, ink, thick, dashed: edge.hit == Some(Hit::AtRisk) });
            let (x, y) = points[3];
            let sideways = points[2].1 == y;
            let back = if sideways { [(x + 7, y - 4), (x + 7, y + 4)] } else { [(x - 4, y + 7), (x + 4, y + 7)] };
            self.marks.push(Mark::Arrow { points: [(x, y), back[0], back[1]], ink });
        }
        if drawing.edges.len() <= MOST_LABELS {
            for edge in &drawing.edges {
                let (x, y) = down(edge.middle());
                let words = fitting(t(&edge.label), 10, BOX.0);
                let wide = width(&words, 10) + 6;
                let (at, size) = ((x - wide / 2, y - 7), (wide, 14));
                self.marks.push(Mark::Box { at, size, round: 3, fill: WHITE, line: WHITE, thick: 0 });
                self.words((x, y + 4), true, 10, false, GREY, words);
            }
        }
        for node in &drawing.nodes {
            self.node(process, node, down(node.at));
        }
    }

    fn node(&mut self, process: &'static Process, node: &Drawn, (x, y): (i32, i32)) {
        let (ink, tint) = inks(node.hit);
        let (fill, thick) =
            if node.fails { (tint, 3) } else { (WHITE, if node.home || node.hit.is_some() { 2 } else { 1 }) };
        self.marks.push(Mark::Box { at: (x, y), size: BOX, round: 9, fill, line: ink, thick });
        if node.service {
            let (at, size) = ((x + 9, y + BOX.1 - 3), (BOX.0 - 18, 3));
            self.marks.push(Mark::Box { at, size, round: 1, fill: BLUE, line: BLUE, thick: 0 });
        }
        let room = BOX.0 - 24;
        self.words((x + 12, y + 22), false, 13, true, BLACK, fitting(&node.title, 13, room));
        let state = process.state(&node.state).map_or("", |state| t(state.label));
        let parts = [node.number.as_str(), t(&node.class), state];
        let kind = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        self.words((x + 12, y + 40), false, 11, false, GREY, fitting(&kind, 11, room));
        if let Some(hit) = node.hit {
            self.badge((x + BOX.0 - 4, y + 4), hit);
        }
    }

    fn badge(&mut self, at: (i32, i32), hit: Hit) {
        let sign = if hit == Hit::Impacted { "!" } else { "?" };
        self.marks.push(Mark::Disc { at, radius: 9, ink: inks(Some(hit)).0 });
        self.words((at.0, at.1 + 4), true, 11, true, WHITE, sign.to_owned());
    }

    fn legend(&mut self, y: i32) {
        let mut x = EDGE;
        for (hit, label) in legends() {
            let (points, ink) = ([(x, y), (x + 10, y), (x + 24, y), (x + 34, y)], inks(hit).0);
            let dashed = hit == Some(Hit::AtRisk);
            self.marks.push(Mark::Curve { points, ink, thick: 2, dashed });
            if let Some(hit) = hit {
                self.badge((x + 17, y), hit);
            }
            x = self.named(x + 42, y, label);
        }
        self.marks.push(Mark::Box { at: (x, y - 1), size: (34, 3), round: 1, fill: BLUE, line: BLUE, thick: 0 });
        self.named(x + 42, y, t("Service"));
    }

    /// Words of the legend, and where what follows begins.
    fn named(&mut self, x: i32, y: i32, words: &str) -> i32 {
        self.words((x, y + 4), false, 11, false, GREY, words.to_owned());
        x + width(words, 11) + 24
    }
}

/// What the lines and badges say.
#[must_use]
pub fn legends() -> [(Option<Hit>, &'static str); 3] {
    [
        (Some(Hit::Impacted), t("Impacted")),
        (Some(Hit::AtRisk), t("At risk: it can do without")),
        (None, t("Not affected")),
    ]
}

/// What the drawing does not show.
fn notes(picture: &Picture) -> Vec<String> {
    let mut notes = vec![t("A line leads from what is needed to what depends on it.").to_owned()];
    if let Some(failing) = &picture.failing {
        let all = failing.iter().map(|(number, title)| format!("{number} {title}")).collect::<Vec<_>>().join(", ");
        notes.push(if all.is_empty() {
            t("Nothing fails.").to_owned()
        } else {
            tf("Simulated outage: {items}", &[("items", &all)])
        });
    }
    let many = picture.wide.left_out;
    if many > 0 {
        notes.push(tn(
            many,
            "{n} item has no box; it stands in the tables.",
            "{n} items have no box; they stand in the tables.",
        ));
    }
    if picture.more() {
        notes.push(t("There is more than is shown here.").to_owned());
    }
    if let Some(class) = &picture.class {
        notes.push(tf("Only items of this class: {class}", &[("class", class)]));
    }
    if let Some(environment) = picture.environment {
        let words = [("environment", &t(environment) as &dyn std::fmt::Display)];
        notes.push(tf("Only items of this environment, and those without one: {environment}", &words));
    }
    notes
}

/// Of lines and words, and of what is behind them.
const fn inks(hit: Option<Hit>) -> (Ink, Ink) {
    match hit {
        Some(Hit::Impacted) => (RED, RED_TINT),
        Some(Hit::AtRisk) => (AMBER, AMBER_TINT),
        None => (LINE, WHITE),
    }
}

/// About how wide words are, in pixels: never less than they are in the fonts that sheets are written in.
#[must_use]
pub fn width(words: &str, size: i32) -> i32 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '·' => 340,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 960,
        c if c.is_ascii_uppercase() => 760,
        c if c.is_ascii() => 640,
        c if c < '\u{2e80}' => 780,
        _ => 1_040,
    };
    words.chars().map(of).sum::<i32>() * size / 1_000
}

/// Words that fit into a width, with an ellipsis where they are more.
fn fitting(words: &str, size: i32, most: i32) -> String {
    if width(words, size) <= most {
        return words.to_owned();
    }
    let mut short = words.to_owned();
    while short.pop().is_some() {
        let cut = format!("{}…", short.trim_end());
        if width(&cut, size) <= most {
            return cut;
        }
    }
    String::new()
}
