//! The map around a record as a drawing: what is hit above it, what it stands on below it, each step a lane of its own.
//! The same answer gives the same drawing. What is drawn from it (pages, files) only puts it into its own words.

mod file;
mod letters;
mod pdf;
mod place;
mod sheet;
mod svg;

pub use file::{Format, file};
pub use sheet::legends;

use super::answer::{Around, Asked, Impact, MOST_HOPS, Reached, Way, around};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::graph::Hit;
use mainstay_engine::process::{Carries, Process};
use mainstay_words::tn;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Records that are asked for each way.
pub const MOST_DRAWN: usize = 200;
/// Steps that are followed unless said otherwise.
pub const USUAL_HOPS: u32 = 10;

/// Size of a box, in pixels.
pub const BOX: (i32, i32) = (176, 52);

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub ways: Vec<Way>,
    pub depth: u32,
    /// Only records of this class, or of those under it, beside the one in question.
    pub class: Option<i64>,
    /// As it was at this instant, in epoch milliseconds UTC.
    pub at: Option<i64>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { ways: vec![Way::Impact, Way::Foundations], depth: USUAL_HOPS, class: None, at: None }
    }
}

/// A record in the drawing.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub id: i64,
    /// Left and top, in pixels.
    pub at: (i32, i32),
    pub number: String,
    pub title: String,
    pub state: String,
    pub class: String,
    /// The icon of its class.
    pub sign: String,
    /// None: it stands below, and nothing happens to it.
    pub hit: Option<Hit>,
    /// It stands for a service.
    pub service: bool,
    /// Steps above the one in question, which is at 0; below it negative.
    pub lane: i32,
}

/// Something that the failure follows, from what is needed to what depends on it.
#[derive(Clone, Debug)]
pub struct Edge {
    pub needed: i64,
    pub dependent: i64,
    /// As one says it: the one that has the relation, its label, the other.
    pub from: i64,
    pub label: String,
    pub to: i64,
    pub hit: Option<Hit>,
    /// A curve: start, two handles, end.
    pub curve: [(i32, i32); 4],
}

impl Edge {
    /// The middle of its line.
    #[must_use]
    pub fn middle(&self) -> (i32, i32) {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = self.curve;
        ((x0 + 3 * (x1 + x2) + x3) / 8, (y0 + 3 * (y1 + y2) + y3) / 8)
    }
}

/// How far a lane lies from the record, in words.
#[must_use]
pub fn lane_words(lane: i32) -> String {
    let steps = lane.unsigned_abs() as usize;
    match lane {
        0 => String::new(),
        1.. => tn(steps, "{n} step up", "{n} steps up"),
        _ => tn(steps, "{n} step down", "{n} steps down"),
    }
}

/// One step away from the record, as far as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub lane: i32,
    /// Top and bottom.
    pub span: (i32, i32),
    /// Records of it that have no box of their own, and where that is said.
    pub rest: usize,
    pub rest_at: (i32, i32),
}

/// The drawing, and the answer that it is made of.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    pub around: Around,
    pub size: (i32, i32),
    pub nodes: Vec<Drawn>,
    pub edges: Vec<Edge>,
    /// From the top.
    pub lanes: Vec<Lane>,
    /// Classes among what was found, by name, before only some of them were asked for.
    pub classes: Vec<(i64, String)>,
    /// The class that was asked for.
    pub class: Option<String>,
}

impl Picture {
    /// Records without a box.
    #[must_use]
    pub fn rest(&self) -> usize {
        self.lanes.iter().map(|lane| lane.rest).sum()
    }

    /// There is more than was asked for.
    #[must_use]
    pub fn more(&self) -> bool {
        [&self.around.up, &self.around.down].into_iter().flatten().any(|answer| answer.more)
    }
}

/// Asks the map around a record and draws it, as far as the caller sees it.
///
/// # Errors
/// As [`super::impact`].
pub fn picture(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    wanted: &Wanted,
) -> Result<Picture> {
    let asked = Asked { way: Way::Impact, depth: wanted.depth.clamp(1, MOST_HOPS), most: MOST_DRAWN, at: wanted.at };
    let mut around = around(session, caller, process, number, (&wanted.ways, asked))?;
    let config = session.config;
    let classes = classes_of(config, &around);
    if let Some(class) = wanted.class {
        for answer in [&mut around.up, &mut around.down].into_iter().flatten() {
            answer.items.retain(|item| item.hops == 0 || item.class.is_some_and(|own| config.under(own, class)));
        }
    }
    let class = wanted.class.and_then(|id| Some(config.classes.get(&id)?.name.clone()));
    let mut picture = Picture { around, classes, class, ..Picture::default() };
    let mut nodes = boxes(config, &picture.around);
    let ties = ties(config, process, &picture.around.links);
    (picture.lanes, picture.size) = place::place(&mut nodes, &ties);
    picture.edges = edges(&nodes, ties);
    picture.nodes = nodes;
    Ok(picture)
}

fn classes_of(config: &Config, around: &Around) -> Vec<(i64, String)> {
    let items = around.up.iter().chain(&around.down).flat_map(|answer| &answer.items);
    let ids: BTreeSet<i64> = items.filter(|item| item.hops > 0).filter_map(|item| item.class).collect();
    let named = |id: i64| Some((id, config.classes.get(&id)?.name.clone()));
    let mut all: Vec<(i64, String)> = ids.into_iter().filter_map(named).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// A box for each record; what lies on a ring is hit, and stands above.
fn boxes(config: &Config, around: &Around) -> Vec<Drawn> {
    let mut all: BTreeMap<i64, Drawn> = BTreeMap::new();
    let mut take = |answer: &Option<Impact>, up: bool| {
        for item in answer.iter().flat_map(|answer| &answer.items) {
            let hops = i32::try_from(item.hops).unwrap_or(i32::MAX);
            all.entry(item.id).or_insert_with(|| a_box(config, item, if up { hops } else { -hops }, up));
        }
    };
    take(&around.up, true);
    take(&around.down, false);
    all.into_values().collect()
}

fn a_box(config: &Config, item: &Reached, lane: i32, up: bool) -> Drawn {
    let class = item.class.and_then(|id| config.classes.get(&id));
    Drawn {
        id: item.id,
        at: (0, 0),
        number: item.number.clone(),
        title: item.title.clone(),
        state: item.state.clone(),
        class: class.map(|class| class.name.clone()).unwrap_or_default(),
        sign: item.class.and_then(|id| config.sign(id)).unwrap_or("boxes").to_owned(),
        hit: up.then_some(item.hit),
        service: class.is_some_and(|class| class.service),
        lane,
    }
}

/// A relation that a failure follows: what is needed, what depends on it, and how one says it.
struct Tie {
    needed: i64,
    dependent: i64,
    from: i64,
    label: &'static str,
    to: i64,
}

fn ties(config: &Config, process: &'static Process, links: &[(i64, &'static str, i64)]) -> Vec<Tie> {
    let tie = |(from, key, to): &(i64, &'static str, i64)| {
        let (from, to) = (*from, *to);
        let (needed, dependent) = match config.carries(process, key) {
            Carries::ToFirst => (to, from),
            Carries::ToSecond => (from, to),
            Carries::Nothing => return None,
        };
        Some(Tie { needed, dependent, from, label: config.relation(process, key)?.label, to })
    };
    links.iter().filter_map(tie).collect()
}

fn edges(nodes: &[Drawn], ties: Vec<Tie>) -> Vec<Edge> {
    // What has no place has no box.
    let placed: HashMap<i64, &Drawn> = nodes.iter().map(|node| (node.id, node)).collect();
    let edge = |tie: Tie| {
        let (needed, dependent) = (placed.get(&tie.needed)?, placed.get(&tie.dependent)?);
        // A failure is passed on to what is hit by what is hit, no worse than either.
        let hit = needed.hit.zip(dependent.hit).map(|(one, other)| one.min(other));
        let Tie { needed: below, dependent: above, from, label, to } = tie;
        let curve = place::curve(needed.at, dependent.at);
        Some(Edge { needed: below, dependent: above, from, label: label.to_owned(), to, hit, curve })
    };
    ties.into_iter().filter_map(edge).collect()
}
