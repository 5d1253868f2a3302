//! Asset: what was bought, what it is worth and who has it. What it does and what hangs on it is the matter of its
//! configuration item. (ITIL ST 4.3, ISO/IEC 20000-1 8.2.5)

use super::configuration_item::{self, ASSET_OF, CONFIGURATION_ITEM};
use crate::bundles::{ARCHIVE_DAYS, LAPSE_DAYS, REMOVE_DAYS};
use mainstay_engine::choices;
use mainstay_engine::facts::Facts;
use mainstay_engine::field::{EntryId, Field, Writer};
use mainstay_engine::process::{
    Asks, Bundle, Guard, Helps, Lapse, OpenedFrom, Phase, Process, Section, State, as_it_is, closed, done, go, open,
    paused, relation, stay,
};
use mainstay_engine::record::Record;
use mainstay_engine::spine::{ORGANISATION, RESTRICTED, TITLE};
use mainstay_engine::value::months_after;

choices! {
    /// What it is to the books.
    AssetKind {
        Hardware = "hardware" "Hardware", Software = "software" "Software", Facility = "facility" "Building equipment",
        Other = "other" "Other",
    }
}
choices! {
    /// Whose it is to the books.
    Held { Bought = "bought" "Bought", Leased = "leased" "Leased", Lent = "lent" "Lent to us" }
}
choices! {
    /// Where it went in the end.
    Disposal {
        Sold = "sold" "Sold", Recycled = "recycled" "Recycled", Destroyed = "destroyed" "Destroyed",
        Returned = "returned" "Given back to its owner", Lost = "lost" "Lost or stolen",
    }
}

const PLANNED: State = open("planned", "Planned");
const ORDERED: State = open("ordered", "On order");
const STOCK: State = done("in_stock", "In stock");
const IN_USE: State = done("in_use", "In use");
const REPAIR: State = paused("in_repair", "In repair");
const MISSING: State = open("missing", "Missing or stolen");
const DISPOSED: State = closed("disposed", "Disposed of");
const WITHDRAWN: State = closed("withdrawn", "Entered by mistake").void();

pub const KIND: Field<AssetKind> = Field::choice("kind", "Kind", AssetKind::CHOICES).required().in_list();
pub const HELD: Field<Held> = Field::choice("held", "Held as", Held::CHOICES);
pub const INVENTORY: Field<String> = Field::text("inventory_number", "Inventory number").in_list();
pub const CUSTODIAN: Field<EntryId> =
    Field::entry("custodian", "Custodian", "people").help("Has it and answers for it until it is given back").in_list();
pub const ORDER: Field<String> = Field::text("order_number", "Order or invoice");
pub const BOUGHT: Field<i64> = Field::date("bought_on", "Bought on");
pub const PRICE: Field<i64> = Field::number("price", "Price", 0, MOST_MONEY).help("In whole units of your money");
pub const LIFE: Field<i64> =
    Field::number("life_months", "Written off in months", 1, 600).help("For how long it is worth something");
pub const WRITTEN_OFF: Field<i64> = Field::date("written_off_on", "Written off on").computed();
pub const LAST_USED: Field<i64> = Field::date("last_used_on", "Last used on").help("As far as anybody knows").in_list();
pub const STOCKED: Field<i64> = Field::date("in_stock_since", "In stock since").computed();
pub const LEASED_UNTIL: Field<i64> = Field::date("leased_until", "To be given back by");
pub const DISPOSAL: Field<Disposal> =
    Field::choice("disposal", "Where it went", Disposal::CHOICES).writer(Writer::Transition);
pub const PROCEEDS: Field<i64> = Field::number("proceeds", "Proceeds", 0, MOST_MONEY)
    .writer(Writer::Transition)
    .help("In whole units of your money");

const DAY_MS: i64 = 86_400_000;
const MOST_MONEY: i64 = 1_000_000_000_000;

/// What follows from its age, and since when it lies in stock, in days of UTC.
pub static WORTH: Bundle = Bundle {
    key: "worth",
    fields: &[BOUGHT.def, PRICE.def, LIFE.def, WRITTEN_OFF.def, STOCKED.def],
    derive: Some(derive),
    clocks: false,
};

fn derive(record: &mut Record, facts: &Facts<'_>) {
    if record.state.key != STOCK.key {
        record.clear(&STOCKED);
    } else if !record.has(&STOCKED) {
        record.set(&STOCKED, facts.now.div_euclid(DAY_MS));
    }
    let end = record.get(&BOUGHT).zip(record.get(&LIFE)).and_then(|(day, months)| months_after(day, months));
    match end {
        Some(end) => record.set(&WRITTEN_OFF, end),
        None => record.clear(&WRITTEN_OFF),
    }
}

/// What does its work is taken out of use before what it is made of goes. (SAC-12)
const ITEMS_RETIRED: Guard = Guard {
    code: "item_in_use",
    says: "A configuration item of it is not retired yet.",
    test: |_, facts| {
        let item = |process: &str, relation: &str| process == CONFIGURATION_ITEM.key && relation == ASSET_OF;
        facts.related.iter().all(|r| r.outgoing || !item(&r.process, &r.relation) || r.phase == Phase::Closed)
    },
    beforehand: true,
};
const NO_OPEN_TASK: Guard = Guard {
    code: "open_tasks",
    says: "A task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};
const NOTHING_REFERS: Guard = Guard {
    code: "referenced",
    says: "Records are linked with it: it is disposed of, not withdrawn.",
    test: |_, facts| facts.related.is_empty() && facts.external.is_empty(),
    beforehand: true,
};

pub static ASSET: Process = Process {
    key: "asset",
    plural: "it-assets",
    prefix: "AST",
    label: "Asset",
    label_plural: "Assets",
    icon: "banknote",
    purpose: "Know what was bought, what it is worth and who has it, from the order to its disposal.",
    keeps_things: true,
    table: "asset",
    bundles: &[&WORTH],
    fields: &[
        configuration_item::DESCRIPTION.def,
        KIND.def,
        HELD.def,
        INVENTORY.def,
        configuration_item::SERIAL.def,
        configuration_item::MAKER.def,
        CUSTODIAN.def,
        configuration_item::LOCATION.def,
        configuration_item::SUPPLIER.def,
        ORDER.def,
        LAST_USED.def,
        LEASED_UNTIL.def,
        DISPOSAL.def,
        PROCEEDS.def,
    ],
    in_own_words: &[TITLE.help("What it is called").def, ORGANISATION.help("Whose books it stands in").def],
    sections: &[
        Section { label: "What it is", fields: &["kind", "model_name", "serial_number", "inventory_number"] },
        Section {
            label: "Who has it",
            fields: &["custodian", "location", "last_used_on", "in_stock_since", "team", "assignee", "restricted"],
        },
        Section {
            label: "What it is worth",
            fields: &[
                "organisation",
                "held",
                "bought_on",
                "price",
                "life_months",
                "written_off_on",
                "supplier",
                "order_number",
                "leased_until",
                "disposal",
                "proceeds",
            ],
        },
        Section { label: "Words", fields: &["description"] },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[PLANNED, ORDERED, STOCK, IN_USE, REPAIR, MISSING, DISPOSED, WITHDRAWN],
    transitions: &[
        go("order", "Order", &[PLANNED], ORDERED)
            .past("{actor} ordered it")
            .takes(&[configuration_item::SUPPLIER.def, ORDER.def, PRICE.def])
            .primary(),
        go("receive", "Receive", &[PLANNED, ORDERED], STOCK)
            .past("{actor} received it")
            .takes(&[
                INVENTORY.def,
                configuration_item::SERIAL.def,
                configuration_item::LOCATION.def,
                BOUGHT.def,
                PRICE.def,
                LIFE.def,
            ])
            .primary(),
        go("hand_out", "Hand out", &[STOCK], IN_USE)
            .past("{actor} handed it out")
            .needs(&[CUSTODIAN.def])
            .takes(&[configuration_item::LOCATION.def])
            .primary(),
        go("take_back", "Take back", &[IN_USE], STOCK)
            .past("{actor} took it back")
            .takes(&[configuration_item::LOCATION.def])
            .renews(&[CUSTODIAN.def]),
        go("repair", "Send to repair", &[STOCK, IN_USE], REPAIR).past("{actor} sent it to repair").asks(Asks::Reason),
        go("repaired", "It is repaired", &[REPAIR], STOCK)
            .past("{actor} had it back from repair")
            .takes(&[configuration_item::LOCATION.def])
            .primary(),
        go("report_missing", "Report it missing", &[STOCK, IN_USE], MISSING)
            .past("{actor} reported it missing")
            .asks(Asks::Reason),
        go("find", "It is found", &[MISSING], STOCK)
            .past("{actor} found it again")
            .takes(&[configuration_item::LOCATION.def])
            .asks(Asks::Reason)
            .primary(),
        go("dispose", "Dispose of it", &[STOCK, IN_USE, REPAIR, MISSING], DISPOSED)
            .past("{actor} disposed of it")
            .needs(&[DISPOSAL.def])
            .takes(&[PROCEEDS.def])
            .guards(&[ITEMS_RETIRED, NO_OPEN_TASK])
            .asks(Asks::Reason),
        go("withdraw", "Entered by mistake", &[PLANNED, ORDERED, STOCK], WITHDRAWN)
            .past("{actor} withdrew it, as it was entered by mistake")
            .guards(&[NOTHING_REFERS])
            .asks(Asks::Reason),
        stay("correct", "Correct", &[DISPOSED])
            .past("{actor} corrected it")
            .takes(&[TITLE.def, configuration_item::DESCRIPTION.def, INVENTORY.def, DISPOSAL.def, PROCEEDS.def])
            .asks(Asks::Reason),
    ],
    by_step: &[],
    relations: &[relation("related_to", "Related to", "Related to")],
    policies: &[LAPSE_DAYS, ARCHIVE_DAYS, REMOVE_DAYS],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[OpenedFrom {
        process: "configuration_item",
        relation: ASSET_OF,
        copies: &[
            as_it_is(TITLE.def),
            as_it_is(ORGANISATION.def),
            as_it_is(RESTRICTED.def),
            as_it_is(configuration_item::SERIAL.def),
            as_it_is(configuration_item::MAKER.def),
            as_it_is(configuration_item::LOCATION.def),
            as_it_is(configuration_item::SUPPLIER.def),
        ],
        shares: &[],
        waits: None,
        by_rule: None,
    }],
    watch: None,
    costs: None,
    tabs: &[],
    approvals: None,
    map: None,
    lapses: &[Lapse {
        until: LEASED_UNTIL.def,
        event: "lease_ends",
        near: "It has to be given back soon",
        ends: "It has to be given back by {date}.",
        over: "It was to be given back by {date}.",
        warn: LAPSE_DAYS.key,
    }],
    entitles: None,
    schedule: None,
};
const _: () = ASSET.checked();
