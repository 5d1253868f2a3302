//! How the votes about an item stand, by the policy that asked for them.

use super::{Board, Item, Meeting};
use crate::records::{Part, Round, Standing};
use mainstay_engine::refusal::Refusal;

/// The votes in one part of what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// What the policy calls it.
    pub part: String,
    /// How many are asked, and how many of them have to approve.
    pub asked: usize,
    pub needed: usize,
    pub granted: usize,
    pub refused: usize,
    /// How many of those who have not voted are there.
    pub there: usize,
    /// It is heard and decides nothing.
    pub advisory: bool,
}

impl Tally {
    /// Whether too few are there to decide it in this meeting.
    #[must_use]
    pub const fn lacks_quorum(&self) -> bool {
        self.granted + self.there < self.needed && self.asked >= self.needed + self.refused
    }
}

/// The parts of a round that are the board's to decide: those that ask its team, or else all that are asked now.
fn parts<'a>(board: &Board, round: &'a Round) -> Vec<&'a Part> {
    let own: Vec<&Part> = round.parts.iter().filter(|part| part.team == Some(board.team)).collect();
    if !own.is_empty() {
        return own;
    }
    let asked = |part: &&Part| part.voices.iter().any(|voice| voice.state == "open");
    let now: Vec<&Part> = round.parts.iter().filter(asked).collect();
    if now.is_empty() { round.parts.iter().collect() } else { now }
}

/// How the votes about an item of a meeting stand.
#[must_use]
pub fn tallies(meeting: &Meeting, item: &Item) -> Vec<Tally> {
    let present: Vec<i64> = meeting.present().collect();
    let Some(round) = &item.round else { return Vec::new() };
    let tally = |part: &Part| {
        let count = |state: &str| part.voices.iter().filter(|voice| voice.state == state).count();
        let open = part.voices.iter().filter(|voice| matches!(voice.state.as_str(), "open" | "waiting"));
        Tally {
            part: part.name.clone(),
            asked: part.voices.len(),
            needed: part.needed,
            granted: count("granted"),
            refused: count("refused"),
            there: open.filter(|voice| present.contains(&voice.approver)).count(),
            advisory: part.advisory,
        }
    };
    parts(&meeting.board, round).into_iter().map(tally).collect()
}

/// What the votes have decided, as the word for it, and whether that is advice only.
pub(super) fn outcome(board: &Board, round: Option<&Round>) -> Result<(&'static str, bool), Refusal> {
    let round = round.filter(|round| round.row.state != "void").ok_or_else(|| {
        Refusal::conflict("not_asked", "No approval of it is asked for. Postpone it, or note what was said.")
    })?;
    if round.row.state == "refused" {
        return Ok(("refused", false));
    }
    let all = parts(board, round);
    let advice = all.iter().all(|part| part.advisory);
    let mut decided = "approved";
    for part in all.into_iter().filter(|part| advice || !part.advisory) {
        let refused = part.voices.iter().filter(|voice| voice.state == "refused").count();
        if part.standing == Standing::Granted {
            continue;
        }
        if part.voices.len() < part.needed + refused {
            decided = "refused";
            continue;
        }
        let granted = part.voices.iter().filter(|voice| voice.state == "granted").count();
        let (needed, asked) = (part.needed, part.voices.len());
        let says = format!("No quorum: {granted} of {asked} have approved it, and {needed} are needed.");
        return Err(Refusal::conflict("no_quorum", says));
    }
    Ok((decided, advice))
}

/// Takes out of a round what was said after a meeting.
pub(super) fn as_of(round: &mut Round, ended: i64) {
    let later = round.parts.iter_mut().flat_map(|part| &mut part.voices).filter(|voice| voice.at > Some(ended));
    for voice in later {
        "open".clone_into(&mut voice.state);
        (voice.voter, voice.at, voice.record_version, voice.words) = (None, None, None, None);
    }
}
