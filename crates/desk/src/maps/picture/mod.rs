//! The map around a record as a drawing: what is hit above it, what it stands on below it, each step a lane of its own.
//! The same answer gives the same drawing. What is drawn from it (pages, files) only puts it into its own words.

mod file;
mod letters;
mod measure;
mod pdf;
mod place;
mod sheet;
mod svg;

pub use file::{Format, file};
pub use measure::Measure;
pub use sheet::legends;

use super::answer::{Around, Asked, MOST_HOPS, Reached, Way, around};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::{Choice, Kind};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::{Carries, Process};
use mainstay_words::tn;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Records that are asked for each way.
pub const MOST_DRAWN: usize = 200;
/// Steps that are followed unless said otherwise.
pub const USUAL_HOPS: u32 = 10;

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub ways: Vec<Way>,
    pub depth: u32,
    /// Only records of this class, or of those under it, beside the one in question.
    pub class: Option<i64>,
    /// Only records of this environment, and those that have none.
    pub environment: Option<String>,
    /// As it was at this instant, in epoch milliseconds UTC.
    pub at: Option<i64>,
    /// Numbers of the records that fail together; none: the one in question alone.
    pub fails: Option<Vec<String>>,
}

impl Default for Wanted {
    fn default() -> Self {
        let ways = vec![Way::Impact, Way::Foundations];
        Self { ways, depth: USUAL_HOPS, class: None, environment: None, at: None, fails: None }
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
    /// None: nothing happens to it.
    pub hit: Option<Hit>,
    /// It stands for a service.
    pub service: bool,
    /// It is the one in question.
    pub home: bool,
    /// It is one of those that fail.
    pub fails: bool,
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

/// Boxes with their places, and lines between them.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    pub of: Measure,
    pub size: (i32, i32),
    pub nodes: Vec<Drawn>,
    pub edges: Vec<Edge>,
    /// From the top.
    pub lanes: Vec<Lane>,
    /// Records without a box.
    pub left_out: usize,
}

impl Drawing {
    /// Those of some records that `takes` takes, as far as there is room.
    fn new(of: Measure, all: &[Drawn], takes: impl Fn(&Drawn) -> bool, ties: &[Tie]) -> Self {
        let mut nodes: Vec<Drawn> = all.iter().filter(|node| takes(node)).cloned().collect();
        let (lanes, size) = place::place(&mut nodes, ties, of);
        let edges = edges(&nodes, ties, of);
        let left_out = all.len() - nodes.len();
        Self { of, size, nodes, edges, lanes, left_out }
    }
}

/// The drawing, and the answer that it is made of.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    pub around: Around,
    pub wide: Drawing,
    /// For phones: what is hit, and what the record stands on at once.
    pub narrow: Drawing,
    /// Classes among what was found, by name, before only some of them were asked for.
    pub classes: Vec<(i64, String)>,
    /// The class that was asked for.
    pub class: Option<String>,
    /// The environment that was asked for, as it is called.
    pub environment: Option<&'static str>,
    /// What fails, by number and title, where that is said.
    pub failing: Option<Vec<(String, String)>>,
}

impl Picture {
    /// There is more than was asked for.
    #[must_use]
    pub fn more(&self) -> bool {
        [&self.around.up, &self.around.down, &self.around.over].into_iter().flatten().any(|answer| answer.more)
    }
}

/// The environments by which a map is narrowed.
#[must_use]
pub fn environments(process: &'static Process) -> &'static [Choice] {
    match process.map.as_ref().map(|map| map.environment.kind) {
        Some(Kind::Choice(choices)) => choices,
        _ => &[],
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
    let (depth, most) = (wanted.depth.clamp(1, MOST_HOPS), MOST_DRAWN);
    let asked = Asked { way: Way::Impact, depth, most, at: wanted.at, fails: wanted.fails.clone() };
    let mut around = around(session, caller, process, number, (&wanted.ways, &asked))?;
    let config = session.config;
    let classes = classes_of(config, &around);
    let failing = wanted.fails.is_some().then(|| named(&around));
    narrow(config, &mut around, wanted);
    let environment = environments(process).iter().find(|choice| wanted.environment.as_deref() == Some(choice.key));
    let environment = environment.map(|choice| choice.label);
    let class = wanted.class.and_then(|id| Some(config.classes.get(&id)?.name.clone()));
    let ties = ties(config, process, &around.links);
    let nodes = boxes(config, &around, &ties, wanted.ways.contains(&Way::Impact));
    let near = |node: &Drawn| node.home || node.fails || node.hit.is_some() || node.lane == -1;
    let narrow = Drawing::new(Measure::NARROW, &nodes, near, &ties);
    let wide = Drawing::new(Measure::WIDE, &nodes, |_| true, &ties);
    Ok(Picture { around, wide, narrow, classes, class, environment, failing })
}

/// The records that fail, by number and title, in the order in which they were named.
fn named(around: &Around) -> Vec<(String, String)> {
    let items = || around.up.iter().flat_map(|answer| &answer.items);
    let one = |id: &i64| items().find(|item| item.id == *id).map(|item| (item.number.clone(), item.title.clone()));
    around.failing.iter().filter_map(one).collect()
}

/// Leaves only what was asked for beside the record in question and those that fail.
fn narrow(config: &Config, around: &mut Around, wanted: &Wanted) {
    let Around { up, down, over, home, failing, .. } = around;
    let keeps = |item: &Reached| {
        let fits = |class| item.class.is_some_and(|own| config.under(own, class));
        let there = |wanted: &String| item.environment.as_ref().is_none_or(|own| own == wanted);
        let asked = item.id == *home || failing.contains(&item.id);
        asked || (wanted.class.is_none_or(fits) && wanted.environment.as_ref().is_none_or(there))
    };
    for answer in [up, down, over].into_iter().flatten() {
        answer.items.retain(keeps);
    }
}

fn classes_of(config: &Config, around: &Around) -> Vec<(i64, String)> {
    let items = around.up.iter().chain(&around.over).chain(&around.down).flat_map(|answer| &answer.items);
    let ids: BTreeSet<i64> = items.filter(|item| item.id != around.home).filter_map(|item| item.class).collect();
    let named = |id: i64| Some((id, config.classes.get(&id)?.name.clone()));
    let mut all: Vec<(i64, String)> = ids.into_iter().filter_map(named).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// A box for each record. What depends on the one in question stands above it, what lies on a ring, too; what is hit beside
/// that stands one lane above what it is hit by.
fn boxes(config: &Config, around: &Around, ties: &[Tie], upwards: bool) -> Vec<Drawn> {
    let hit: HashMap<i64, Hit> = around.up.iter().flat_map(|up| &up.items).map(|item| (item.id, item.hit)).collect();
    let drawn = |item: &Reached, lane: i32| {
        let hit = hit.get(&item.id).copied();
        Drawn {
            home: item.id == around.home,
            fails: around.failing.contains(&item.id),
            ..a_box(config, item, lane, hit)
        }
    };
    let hops = |item: &Reached| i32::try_from(item.hops).unwrap_or(i32::MAX);
    let mut all: BTreeMap<i64, Drawn> = BTreeMap::new();
    let above = if around.over.is_some() { &around.over } else { &around.up };
    for item in above.iter().flat_map(|answer| &answer.items).filter(|item| upwards || item.id == around.home) {
        all.entry(item.id).or_insert_with(|| drawn(item, hops(item)));
    }
    for item in around.down.iter().flat_map(|answer| &answer.items) {
        all.entry(item.id).or_insert_with(|| drawn(item, -hops(item)));
    }
    for item in around.up.iter().filter(|_| upwards).flat_map(|answer| &answer.items) {
        if all.contains_key(&item.id) {
            continue;
        }
        let below = ties.iter().filter(|tie| tie.dependent == item.id).filter_map(|tie| all.get(&tie.needed));
        let lane = below.map(|node| node.lane + 1).max().unwrap_or_else(|| hops(item));
        all.insert(item.id, drawn(item, lane));
    }
    all.into_values().collect()
}

fn a_box(config: &Config, item: &Reached, lane: i32, hit: Option<Hit>) -> Drawn {
    let class = item.class.and_then(|id| config.classes.get(&id));
    Drawn {
        id: item.id,
        at: (0, 0),
        number: item.number.clone(),
        title: item.title.clone(),
        state: item.state.clone(),
        class: class.map(|class| class.name.clone()).unwrap_or_default(),
        sign: item.class.and_then(|id| config.sign(id)).unwrap_or("boxes").to_owned(),
        hit,
        service: class.is_some_and(|class| class.service),
        home: false,
        fails: false,
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

fn edges(nodes: &[Drawn], ties: &[Tie], of: Measure) -> Vec<Edge> {
    // What has no place has no box.
    let placed: HashMap<i64, &Drawn> = nodes.iter().map(|node| (node.id, node)).collect();
    let edge = |tie: &Tie| {
        let (needed, dependent) = (placed.get(&tie.needed)?, placed.get(&tie.dependent)?);
        // A failure is passed on to what is hit by what is hit, no worse than either.
        let hit = needed.hit.zip(dependent.hit).map(|(one, other)| one.min(other));
        let curve = place::curve(needed.at, dependent.at, of);
        let (needed, dependent, label) = (tie.needed, tie.dependent, tie.label.to_owned());
        Some(Edge { needed, dependent, from: tie.from, label, to: tie.to, hit, curve })
    };
    ties.iter().filter_map(edge).collect()
}
