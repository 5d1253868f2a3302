//! Where boxes stand and how lines between them run.

use super::{BOX, Drawn, Lane, Tie};
use mainstay_engine::graph::Hit;
use std::collections::{BTreeMap, HashMap};

/// Room for the words of the lanes, and around everything.
const LEFT: i32 = 92;
const EDGE: i32 = 20;
/// Between two boxes side by side, two rows of one lane, two lanes.
const BESIDE: i32 = 28;
const BETWEEN_ROWS: i32 = 26;
const BETWEEN_LANES: i32 = 68;
/// Boxes side by side.
const OF_ROW: usize = 4;
/// Boxes of one lane; the rest is a number.
const OF_LANE: usize = 24;
/// How far a line that leads no way up swings out.
const SWING: i32 = 44;

/// Places every box, drops those that have no room, and gives the lanes from the top and the size of it all.
pub(super) fn place(nodes: &mut Vec<Drawn>, ties: &[Tie]) -> (Vec<Lane>, (i32, i32)) {
    let mut lanes: BTreeMap<i32, Vec<Drawn>> = BTreeMap::new();
    for node in nodes.drain(..) {
        lanes.entry(node.lane).or_default().push(node);
    }
    let mut beside: HashMap<i64, Vec<i64>> = HashMap::new();
    for tie in ties {
        beside.entry(tie.needed).or_default().push(tie.dependent);
        beside.entry(tie.dependent).or_default().push(tie.needed);
    }
    let rests = cut(&mut lanes);
    order(&mut lanes, &beside);
    let widest = lanes.iter().map(|(lane, own)| (own.len() + usize::from(rests.contains_key(lane))).min(OF_ROW)).max();
    let widest = px(widest.unwrap_or(1).max(2));
    let width = LEFT + widest * BOX.0 + (widest - 1) * BESIDE + EDGE;
    let (mut all, mut top) = (Vec::new(), EDGE);
    for (lane, mut own) in lanes.into_iter().rev() {
        let rest = rests.get(&lane).copied().unwrap_or_default();
        let places = own.len() + usize::from(rest > 0);
        let at = |n: usize| {
            let (row, column) = (n / OF_ROW, n % OF_ROW);
            let in_row = px((places - row * OF_ROW).min(OF_ROW));
            let left = LEFT + (width - LEFT - EDGE - in_row * BOX.0 - (in_row - 1) * BESIDE) / 2;
            (left + px(column) * (BOX.0 + BESIDE), top + px(row) * (BOX.1 + BETWEEN_ROWS))
        };
        for (n, node) in own.iter_mut().enumerate() {
            node.at = at(n);
        }
        let rest_at = at(own.len());
        let rows = px(places.div_ceil(OF_ROW).max(1));
        let bottom = top + rows * BOX.1 + (rows - 1) * BETWEEN_ROWS;
        all.push(Lane { lane, span: (top, bottom), rest, rest_at });
        top = bottom + BETWEEN_LANES;
        nodes.append(&mut own);
    }
    (all, (width, top - BETWEEN_LANES + EDGE))
}

fn px(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Keeps of each lane what matters most, and counts the rest.
fn cut(lanes: &mut BTreeMap<i32, Vec<Drawn>>) -> HashMap<i32, usize> {
    let mut rests = HashMap::new();
    for (lane, own) in lanes {
        own.sort_by(|one, other| weight(one).cmp(&weight(other)));
        if own.len() > OF_LANE {
            rests.insert(*lane, own.len() - (OF_LANE - 1));
            own.truncate(OF_LANE - 1);
        }
    }
    rests
}

/// Services first, then what is hit worse, then by name.
fn weight(node: &Drawn) -> (bool, bool, &str, i64) {
    (!node.service, node.hit != Some(Hit::Impacted), &node.title, node.id)
}

/// Each lane by where what it hangs on stands in the lanes nearer to the middle, from the middle outwards.
fn order(lanes: &mut BTreeMap<i32, Vec<Drawn>>, beside: &HashMap<i64, Vec<i64>>) {
    let mut stands: HashMap<i64, usize> = HashMap::new();
    let mut outwards: Vec<i32> = lanes.keys().copied().collect();
    outwards.sort_by_key(|lane| (lane.abs(), *lane));
    for lane in outwards {
        let Some(own) = lanes.get_mut(&lane) else { continue };
        own.sort_by_cached_key(|node| {
            let near: Vec<usize> =
                beside.get(&node.id).into_iter().flatten().filter_map(|id| stands.get(id).copied()).collect();
            let mean = near.iter().sum::<usize>().checked_div(near.len()).unwrap_or(usize::MAX);
            (mean, !node.service, node.title.clone(), node.id)
        });
        let count = own.len();
        for (n, node) in own.iter().enumerate() {
            // The middle of its share of the row, in thousandths.
            stands.insert(node.id, (2 * n + 1) * 1_000 / (2 * count));
        }
    }
}

/// The line from what is needed to what depends on it: upwards, or around the side where that one stands no higher.
pub(super) fn curve(needed: (i32, i32), dependent: (i32, i32)) -> [(i32, i32); 4] {
    let (start, end) = ((needed.0 + BOX.0 / 2, needed.1), (dependent.0 + BOX.0 / 2, dependent.1 + BOX.1));
    if end.1 < start.1 {
        let middle = i32::midpoint(start.1, end.1);
        return [start, (start.0, middle), (end.0, middle), end];
    }
    let side = |at: (i32, i32)| (at.0 + BOX.0, at.1 + BOX.1 / 2);
    let (start, end) = (side(needed), side(dependent));
    let far = start.0.max(end.0) + SWING;
    [start, (far, start.1), (far, end.1), end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: i64, lane: i32) -> Drawn {
        let hit = (lane >= 0).then_some(Hit::Impacted);
        let (number, state, class, sign) = (format!("CI-{id}"), "live".into(), "Server".into(), "server".into());
        Drawn { id, at: (0, 0), number, title: format!("item {id:03}"), state, class, sign, hit, service: false, lane }
    }

    fn tie(needed: i64, dependent: i64) -> Tie {
        Tie { needed, dependent, from: dependent, label: "Depends on", to: needed }
    }

    #[test]
    fn no_two_boxes_share_a_place_and_the_same_map_is_drawn_the_same() {
        let ties: Vec<Tie> = (2..60).map(|id| tie(1 + id / 7, id)).collect();
        let given: Vec<Drawn> = (1..60).map(|id| node(id, i32::try_from(id % 5).unwrap_or_default() - 1)).collect();
        let (mut one, mut other) = (given.clone(), given);
        other.reverse();
        let (lanes, size) = place(&mut one, &ties);
        assert_eq!((&lanes, size), (&place(&mut other, &ties).0, place(&mut one.clone(), &ties).1));
        let places = |all: &[Drawn]| all.iter().map(|node| (node.id, node.at)).collect::<BTreeMap<_, _>>();
        assert_eq!(places(&one), places(&other));
        for (n, first) in one.iter().enumerate() {
            assert!(first.at.0 >= LEFT && first.at.0 + BOX.0 <= size.0 && first.at.1 + BOX.1 <= size.1, "{first:?}");
            for second in &one[n + 1..] {
                let (x, y) = ((first.at.0 - second.at.0).abs(), (first.at.1 - second.at.1).abs());
                assert!(x >= BOX.0 || y >= BOX.1, "{first:?} {second:?}");
            }
        }
        assert!(lanes.windows(2).all(|pair| pair[0].lane > pair[1].lane && pair[0].span.1 < pair[1].span.0));
    }

    #[test]
    fn what_has_no_room_is_counted_and_services_keep_theirs() {
        let mut all: Vec<Drawn> = (2..102).map(|id| node(id, 1)).chain([node(1, 0)]).collect();
        all[99].service = true;
        let (lanes, _) = place(&mut all, &[]);
        assert_eq!((lanes[0].rest, all.len()), (77, 24));
        assert!(all.iter().any(|node| node.service));
    }

    #[test]
    fn a_line_leads_up_or_around() {
        assert_eq!(curve((100, 200), (100, 0)), [(188, 200), (188, 126), (188, 126), (188, 52)]);
        let around = curve((100, 0), (100, 200));
        assert!(around[1].0 > 276 && around[0] == (276, 26) && around[3] == (276, 226));
    }
}
