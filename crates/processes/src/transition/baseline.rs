//! Baseline: a set of items as it stood at an instant, approved, to compare with. (ITIL ST 4.3, ISO/IEC 20000-1 8.5.3)

use super::configuration_item::{CONFIGURATION_ITEM, DESCRIPTION};
use crate::bundles::{ARCHIVE_DAYS, OWNER, REMOVE_DAYS};
use mainstay_engine::field::{Field, Instant};
use mainstay_engine::process::{
    Approvals, Asks, Captures, Chooses, Effect, Guard, Helps, Process, Section, State, Who, closed, done, go, open,
    relation, tab,
};
use mainstay_engine::spine::TITLE;

const PREPARED: State = open("prepared", "In preparation");
const CAPTURED: State = open("captured", "Captured");
const APPROVED: State = done("approved", "Approved");
const SUPERSEDED: State = closed("superseded", "Superseded");
const REFUSED: State = closed("refused", "Refused");
const WITHDRAWN: State = closed("withdrawn", "Entered by mistake").void();

pub const CHOSEN_BY: Field<String> = Field::markdown("chosen_by", "Items that meet")
    .help("A condition as in the filter of the list of items, such as environment = \"production\"");
pub const BENEATH: Field<String> = Field::link("beneath", "Beneath")
    .to(CONFIGURATION_ITEM.key)
    .help("An item, mostly a service: with everything that it stands on");
pub const CAPTURED_AT: Field<Instant> = Field::instant("captured_at", "Captured at").computed().in_list();

/// What stands in its place from then on.
const REPLACED_BY: &str = "replaced_by";

const GRANTED: Guard = Guard {
    code: "approvals_missing",
    says: "It counts as approved when all required approvals are granted.",
    test: |_, facts| facts.approved,
    beforehand: true,
};

pub static BASELINE: Process = Process {
    key: "baseline",
    plural: "baselines",
    prefix: "BL",
    label: "Baseline",
    label_plural: "Baselines",
    icon: "camera",
    purpose: "Keep how items stood at an instant, and see exactly what has changed since.",
    keeps_things: true,
    table: "baseline",
    bundles: &[],
    fields: &[DESCRIPTION.def, OWNER.help("Answers for it").def, CHOSEN_BY.def, BENEATH.def, CAPTURED_AT.def],
    in_own_words: &[TITLE.help("What it is for, such as a release").def],
    sections: &[
        Section { label: "What it holds", fields: &["chosen_by", "beneath", "captured_at"] },
        Section { label: "Whose it is", fields: &["owner", "team", "assignee", "organisation", "restricted"] },
        Section { label: "Words", fields: &["description"] },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[PREPARED, CAPTURED, APPROVED, SUPERSEDED, REFUSED, WITHDRAWN],
    transitions: &[
        go("capture", "Capture", &[PREPARED], CAPTURED)
            .past("{actor} captured it")
            .needs(&[OWNER.def])
            .takes(&[CHOSEN_BY.def, BENEATH.def])
            .sets(|baseline, facts| baseline.set(&CAPTURED_AT, Instant(facts.now)))
            .effects(&[Effect::Capture(Captures {
                of: CONFIGURATION_ITEM.key,
                by: &[Chooses::When(CHOSEN_BY.def), Chooses::Beneath(BENEATH.def)],
                at: CAPTURED_AT.def,
            })])
            .primary(),
        go("adopt", "Count as approved", &[CAPTURED], APPROVED)
            .past("{actor} took it as approved")
            .guards(&[GRANTED])
            .primary(),
        go("refuse", "Refuse", &[CAPTURED], REFUSED)
            .past("{actor} refused it")
            .by(Who::STAFF.or(Who::ENGINE))
            .asks(Asks::Reason),
        go("approve_anew", "Approve anew", &[APPROVED], CAPTURED)
            .past("{actor} sent it back to be approved anew")
            .by(Who::ENGINE),
        go("supersede", "Supersede", &[APPROVED], SUPERSEDED)
            .past("{actor} put another in its place")
            .links(REPLACED_BY)
            .primary(),
        go("withdraw", "Entered by mistake", &[PREPARED, CAPTURED], WITHDRAWN)
            .past("{actor} withdrew it, as it was entered by mistake")
            .asks(Asks::Reason),
    ],
    by_step: &[CHOSEN_BY.def, BENEATH.def],
    relations: &[
        relation("related_to", "Related to", "Related to"),
        relation(REPLACED_BY, "Replaced by", "Replaces").to("baseline").single(),
    ],
    policies: &[ARCHIVE_DAYS, REMOVE_DAYS],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[],
    watch: None,
    costs: None,
    tabs: &[tab("items", "Items"), tab("comparison", "Comparison"), tab("approvals", "Approvals")],
    approvals: Some(Approvals {
        asked_in: CAPTURED,
        held_in: &[APPROVED, SUPERSEDED],
        begins: &[],
        refused: "refuse",
        voided: "approve_anew",
        material: &[],
        links: &[],
        involved: &[OWNER.def],
        by_word: &[],
        in_advance: None,
        assessed: None,
    }),
    map: None,
    lapses: &[],
    entitles: None,
    schedule: None,
};
const _: () = BASELINE.checked();
