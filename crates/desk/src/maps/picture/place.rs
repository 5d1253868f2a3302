//! Where boxes stand and how lines between them run.

use super::{Drawn, Lane, Measure, Tie};
use mainstay_engine::graph::Hit;
use std::collections::{BTreeMap, HashMap};

/// Places every box, drops those that have no room, and gives the lanes from the top and the size of it all.
pub(super) fn place(nodes: &mut Vec<Drawn>, ties: &[Tie], of: Measure) -> (Vec<Lane>, (i32, i32)) {
    let mut lanes: BTreeMap<i32, Vec<Drawn>> = BTreeMap::new();
    for node in nodes.drain(..) {
        lanes.entry(node.lane).or_default().push(node);
    }
    let mut beside: HashMap<i64, Vec<i64>> = HashMap::new();
    for tie in ties {
        beside.entry(tie.needed).or_default().push(tie.dependent);
        beside.entry(tie.dependent).or_default().push(tie.needed);
    }
    let rests = cut(&mut lanes, of.of_lane);
    order(&mut lanes, &beside);
    let widest =
        lanes.iter().map(|(lane, own)| (own.len() + usize::from(rests.contains_key(lane))).min(of.of_row)).max();
    let widest = px(widest.unwrap_or(1).max(2));
    let width = of.left + widest * of.size.0 + (widest - 1) * of.beside + of.edge;
    let (mut all, mut top) = (Vec::new(), of.edge);
    for (lane, mut own) in lanes.into_iter().rev() {
        let rest = rests.get(&lane).copied().unwrap_or_default();
        let places = own.len() + usize::from(rest > 0);
        let at = |n: usize| {
            let (row, column) = (n / of.of_row, n % of.of_row);
            let in_row = px((places - row * of.of_row).min(of.of_row));
            let left = of.left + (width - of.left - of.edge - in_row * of.size.0 - (in_row - 1) * of.beside) / 2;
            (left + px(column) * (of.size.0 + of.beside), top + px(row) * (of.size.1 + of.between_rows))
        };
        for (n, node) in own.iter_mut().enumerate() {
            node.at = at(n);
        }
        let rest_at = at(own.len());
        let rows = px(places.div_ceil(of.of_row).max(1));
        let bottom = top + rows * of.size.1 + (rows - 1) * of.between_rows;
        all.push(Lane { lane, span: (top, bottom), rest, rest_at });
        top = bottom + of.between_lanes;
        nodes.append(&mut own);
    }
    (all, (width, top - of.between_lanes + of.edge))
}

fn px(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Keeps of each lane what matters most, and counts the rest.
fn cut(lanes: &mut BTreeMap<i32, Vec<Drawn>>, most: usize) -> HashMap<i32, usize> {
    let mut rests = HashMap::new();
    for (lane, own) in lanes {
        own.sort_by(|one, other| weight(one).cmp(&weight(other)));
        if own.len() > most {
            rests.insert(*lane, own.len() - (most - 1));
            own.truncate(most - 1);
        }
    }
    rests
}

/// What fails and services first, then what is hit worse, then by name.
fn weight(node: &Drawn) -> (bool, bool, &str, i64) {
    let first = !(node.home || node.fails || node.service);
    (first, node.hit != Some(Hit::Impacted), &node.title, node.id)
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
pub(super) fn curve(needed: (i32, i32), dependent: (i32, i32), of: Measure) -> [(i32, i32); 4] {
    let (start, end) = ((needed.0 + of.size.0 / 2, needed.1), (dependent.0 + of.size.0 / 2, dependent.1 + of.size.1));
    if end.1 < start.1 {
        let middle = i32::midpoint(start.1, end.1);
        return [start, (start.0, middle), (end.0, middle), end];
    }
    let side = |at: (i32, i32)| (at.0 + of.size.0, at.1 + of.size.1 / 2);
    let (start, end) = (side(needed), side(dependent));
    let far = start.0.max(end.0) + of.swing;
    [start, (far, start.1), (far, end.1), end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: i64, lane: i32) -> Drawn {
        let hit = (lane >= 0).then_some(Hit::Impacted);
        let (number, state, class, sign) = (format!("CI-{id}"), "live".into(), "Server".into(), "server".into());
        let (title, service, home) = (format!("item {id:03}"), false, lane == 0 && id == 1);
        Drawn { id, at: (0, 0), number, title, state, class, sign, hit, service, home, fails: home, lane }
    }

    fn tie(needed: i64, dependent: i64) -> Tie {
        Tie { needed, dependent, from: dependent, label: "Depends on", to: needed }
    }

    #[test]
    fn no_two_boxes_share_a_place_and_the_same_map_is_drawn_the_same() {
        never_shared(Measure::WIDE);
        never_shared(Measure::NARROW);
    }

    fn never_shared(of: Measure) {
        let ties: Vec<Tie> = (2..60).map(|id| tie(1 + id / 7, id)).collect();
        let given: Vec<Drawn> = (1..60).map(|id| node(id, i32::try_from(id % 5).unwrap_or_default() - 1)).collect();
        let (mut one, mut other) = (given.clone(), given);
        other.reverse();
        let (lanes, size) = place(&mut one, &ties, of);
        assert_eq!((&lanes, size), (&place(&mut other, &ties, of).0, place(&mut one.clone(), &ties, of).1));
        let places = |all: &[Drawn]| all.iter().map(|node| (node.id, node.at)).collect::<BTreeMap<_, _>>();
        assert_eq!(places(&one), places(&other));
        for (n, first) in one.iter().enumerate() {
            assert!(
                first.at.0 >= of.left && first.at.0 + of.size.0 <= size.0 && first.at.1 + of.size.1 <= size.1,
                "{first:?}"
            );
            for second in &one[n + 1..] {
                let (x, y) = ((first.at.0 - second.at.0).abs(), (first.at.1 - second.at.1).abs());
                assert!(x >= of.size.0 || y >= of.size.1, "{first:?} {second:?}");
            }
        }
        assert!(lanes.windows(2).all(|pair| pair[0].lane > pair[1].lane && pair[0].span.1 < pair[1].span.0));
    }

    #[test]
    fn what_has_no_room_is_counted_and_services_keep_theirs() {
        let mut all: Vec<Drawn> = (2..102).map(|id| node(id, 1)).chain([node(1, 0)]).collect();
        all[99].service = true;
        let (lanes, _) = place(&mut all, &[], Measure::WIDE);
        assert_eq!((lanes[0].rest, all.len()), (77, 24));
        assert!(all.iter().any(|node| node.service));
    }

    #[test]
    fn a_line_leads_up_or_around() {
        assert_eq!(curve((100, 200), (100, 0), Measure::WIDE), [(184, 200), (184, 126), (184, 126), (184, 52)]);
        let around = curve((100, 0), (100, 200), Measure::WIDE);
        assert!(around[1].0 > 268 && around[0] == (268, 26) && around[3] == (268, 226));
    }
}
