//! Scenes that are always there: matters in every state at present, and an outage that many feel.

use super::chance::Chance;
use super::changes;
use super::evaluations;
use super::plot::{Beat, Step, act, nothing};
use super::problems::{self, Behind};
use super::stories::{Until, matter, tell};
use crate::caller::Channel;
use serde_json::json;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Tales by their place in the list.
const VPN: usize = 0;
const MAILBOX: usize = 1;
const TERMINALS: usize = 2;
const GATEWAY: usize = 4;
const WI_FI: usize = 6;
const LAPTOP: usize = 8;
const PRINTER: usize = 13;
const FOLDER: usize = 15;
const MAIL_BACK: usize = 17;
const LOSS: usize = 18;

/// Matters that stand in every state right now, several of them the requester's own. Answers the stories of each tale.
pub fn present(
    chance: &mut Chance,
    beats: &mut Vec<Beat>,
    stories: &mut usize,
    now: i64,
) -> BTreeMap<usize, Vec<usize>> {
    let mut told: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let scenes: &[(usize, &str, i64, Until)] = &[
        (FOLDER, "amara", 9 * MINUTE, Until::Reported),
        (PRINTER, "sara", 14 * MINUTE, Until::Reported),
        (LAPTOP, "aisha", 26 * MINUTE, Until::Reported),
        (MAILBOX, "luca", 55 * MINUTE, Until::Assigned),
        (WI_FI, "elif", 70 * MINUTE, Until::Assigned),
        (TERMINALS, "tom", 65 * MINUTE, Until::Taken),
        (GATEWAY, "fatima", 2 * HOUR, Until::Taken),
        (VPN, "amara", 3 * HOUR, Until::Taken),
        (MAIL_BACK, "marco", 5 * HOUR, Until::Taken),
        (MAILBOX, "ben", 74 * HOUR, Until::Taken),
        (WI_FI, "amara", 6 * HOUR, Until::Waiting("requester")),
        (LOSS, "chidi", 7 * HOUR, Until::Waiting("vendor")),
        (LAPTOP, "hana", 8 * HOUR, Until::Waiting("scheduled")),
        (VPN, "aisha", 9 * HOUR, Until::Waiting("requester")),
        (LAPTOP, "amara", 22 * HOUR, Until::Resolved),
        (FOLDER, "diego", 12 * HOUR, Until::Resolved),
    ];
    for (tale, requester, ago, until) in scenes {
        let matter = matter(chance, Some(*tale), Some(requester));
        let story = tell(chance, beats, stories, now - ago, &matter, *until);
        told.entry(*tale).or_default().push(story);
    }
    told
}

/// What the vendor has in hand at present, and what it has done.
pub fn handed_out(chance: &mut Chance, beats: &mut Vec<Beat>, stories: &mut usize, now: i64) {
    for (tale, requester, ago, until) in [
        (LOSS, "sara", 4 * HOUR, Until::Taken),
        (WI_FI, "fatima", 26 * HOUR, Until::Taken),
        (LOSS, "tom", 4 * 24 * HOUR, Until::Resolved),
    ] {
        let matter = matter(chance, Some(tale), Some(requester)).given_to("netco-field-operations");
        tell(chance, beats, stories, now - ago, &matter, until);
    }
}

/// The causes behind them, and behind an outage that is over.
pub fn causes(beats: &mut Vec<Beat>, stories: &mut usize, now: i64, outage: usize, told: &BTreeMap<usize, Vec<usize>>) {
    let of = |tale: usize| told.get(&tale).cloned().unwrap_or_default();
    let printer = of(PRINTER).first().copied().unwrap_or(outage);
    let behind = Behind { outage, drops: of(VPN), slow: of(GATEWAY), mailboxes: of(MAILBOX), printer };
    let gateway = problems::present(beats, stories, now, &behind);
    changes::all(beats, stories, now, gateway);
    evaluations::all(beats, stories, now);
}

/// An outage that several people report: one parent with children and a duplicate. `over`: it is
/// resolved, and the children with it. Answers the parent's story.
pub fn outage(chance: &mut Chance, beats: &mut Vec<Beat>, stories: &mut usize, opened: i64, over: bool) -> usize {
    let first = matter(chance, Some(VPN), Some("hana"));
    let parent = tell(chance, beats, stories, opened, &first, Until::Taken);
    let mut at = opened + 45 * MINUTE;
    let mut push = |story: usize, who: &'static str, channel: Channel, step: Step, after: i64| {
        at += after * MINUTE;
        beats.push(Beat { at, story, who, channel, step });
    };
    push(
        parent,
        "jonas",
        Channel::Desk,
        Step::Act {
            verb: "escalate",
            values: nothing(),
            reason: Some("More than one floor is cut off.".to_owned()),
            comment: None,
            link: None,
        },
        1,
    );
    let title = "Move floor 3 to the second gateway".to_owned();
    push(parent, "jonas", Channel::Desk, Step::AddTask { title, team: "network", minutes: 120 }, 1);
    let linked_from = at;
    for (i, reporter) in ["tom", "sara", "chidi"].into_iter().enumerate() {
        let minutes = i64::try_from(i).unwrap_or_default() * 6;
        let felt = matter(chance, Some(VPN), Some(reporter));
        let child = tell(chance, beats, stories, opened + (8 + minutes) * MINUTE, &felt, Until::Assigned);
        let link = Step::Link { relation: "child_of", to: parent };
        beats.push(Beat {
            at: linked_from + (2 + minutes) * MINUTE,
            story: child,
            who: "jonas",
            channel: Channel::Desk,
            step: link,
        });
    }
    let again = matter(chance, Some(VPN), Some("hana"));
    let twice = tell(chance, beats, stories, opened + 20 * MINUTE, &again, Until::Assigned);
    let merge = Step::Act { verb: "merge", values: nothing(), reason: None, comment: None, link: Some(parent) };
    beats.push(Beat { at: linked_from + 20 * MINUTE, story: twice, who: "jonas", channel: Channel::Desk, step: merge });
    if over {
        finish(beats, parent, linked_from + 40 * MINUTE);
    }
    parent
}

fn finish(beats: &mut Vec<Beat>, parent: usize, at: i64) {
    let values = json!({
        "resolution": "Floor 3 is on gateway 02; gateway 01 was rebuilt.", "resolution_code": "fixed",
        "closing_category": "@categories/vpn", "restored": super::plot::instant(at),
    });
    let beat =
        |minutes: i64, who, step| Beat { at: at + minutes * MINUTE, story: parent, who, channel: Channel::Desk, step };
    beats.push(beat(1, "jonas", Step::FinishTask));
    beats.push(beat(5, "jonas", act("resolve", values)));
    beats.push(beat(95, "hana", act("confirm", nothing())));
}
