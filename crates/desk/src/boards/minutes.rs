//! The minutes of a meeting as they go to each record: a note within the house, in the language of the house.

use super::{Item, Meeting, tallies};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use jiff::Timestamp;
use mainstay_words::{Language, dated, during, t, tf};
use std::fmt::Write as _;

/// Writes what a meeting decided about a record into its conversation.
pub(super) fn write(session: &mut Session<'_>, caller: &Caller, meeting: &Meeting, item: &Item) -> Result<()> {
    let language: Language = session.config.language;
    let zone = caller.zone();
    let words = during(language, || {
        let at = Timestamp::from_millisecond(meeting.row.began.unwrap_or(meeting.row.starts)).unwrap_or_default();
        said(meeting, item, &dated(&at.to_zoned(zone), "%-d %b %Y, %H:%M %Z"))
    });
    records::minute(session, caller, &item.record, &words)
}

/// The decision in words.
#[must_use]
pub(super) fn decision(key: Option<&str>) -> &'static str {
    match key {
        Some("approved") => "Approved",
        Some("refused") => "Refused",
        Some("postponed") => "Postponed",
        Some("discussed") => "Discussed",
        _ => "Not reached",
    }
}

fn said(meeting: &Meeting, item: &Item, at: &str) -> String {
    let name = |id: i64| meeting.names.get(&id).map_or("", String::as_str);
    let present: Vec<&str> = meeting.present().map(name).collect();
    let decided = t(decision(item.row.decision.as_deref()));
    let mut words = format!("**{}, {at}**\n\n", meeting.board.name);
    let line = if item.row.advice {
        tf("Advice of the board: {decision}", &[("decision", &decided)])
    } else {
        tf("Decision of the board: {decision}", &[("decision", &decided)])
    };
    let _ = writeln!(words, "{line}\n");
    if let Some(chair) = meeting.row.chair {
        let _ = writeln!(words, "- {}", tf("In the chair: {name}", &[("name", &name(chair))]));
    }
    let _ = writeln!(words, "- {}", tf("Present: {names}", &[("names", &present.join(", "))]));
    for tally in tallies(meeting, item) {
        let counts = tf(
            "{part}: {granted} of {asked} approve, {refused} refuse, {needed} are needed",
            &[
                ("part", &tally.part),
                ("granted", &tally.granted),
                ("asked", &tally.asked),
                ("refused", &tally.refused),
                ("needed", &tally.needed),
            ],
        );
        let _ = writeln!(words, "- {counts}");
    }
    let voices = item.round.iter().flat_map(|round| &round.parts).flat_map(|part| &part.voices);
    for voice in voices {
        let who = name(voice.voter.unwrap_or(voice.approver));
        let says = match voice.state.as_str() {
            "granted" => tf("{name} approves", &[("name", &who)]),
            "refused" => tf("{name} refuses", &[("name", &who)]),
            _ => continue,
        };
        let why = voice.words.as_deref().map(|words| format!(": {}", words.replace('\n', " "))).unwrap_or_default();
        let _ = writeln!(words, "- {says}{why}");
    }
    if let Some(note) = &item.row.note {
        let _ = writeln!(words, "\n{note}");
    }
    words
}
