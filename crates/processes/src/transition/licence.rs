//! Licence: what may be used of a product, by which metric, how much and until when. (ITIL ST 4.3, ISO/IEC 20000-1 8.2.5)

use super::configuration_item::{self, CORES, ENVIRONMENT, Environment, LICENSED_BY};
use crate::bundles::{ARCHIVE_DAYS, LAPSE_DAYS, OWNER, REMOVE_DAYS};
use mainstay_engine::choices;
use mainstay_engine::field::{Field, Kind};
use mainstay_engine::process::{
    Asks, Counts, Entitles, Guard, Helps, Lapse, POSITION, Policy, Process, Section, State, closed, done, go, open,
    relation, stay, tab,
};
use mainstay_engine::spine::{ORGANISATION, TITLE};
use mainstay_engine::value::Value;

choices! {
    /// By what use is counted.
    Metric {
        Install = "install" "Installation", NamedUser = "named_user" "Named user", Device = "device" "Device",
        Core = "core" "Core", Concurrent = "concurrent" "Use at the same time", Subscription = "subscription" "Subscription",
    }
}

const PLANNED: State = open("planned", "Planned");
const ORDERED: State = open("ordered", "On order");
const ACTIVE: State = done("active", "In force");
const ENDED: State = closed("ended", "Ended");
const WITHDRAWN: State = closed("withdrawn", "Entered by mistake").void();

pub const PRODUCT: Field<String> = Field::text("product", "Product")
    .required()
    .help("All licences of one product and metric are one position")
    .in_list();
pub const METRIC: Field<Metric> = Field::choice("metric", "Counted by", Metric::CHOICES).required().in_list();
pub const QUANTITY: Field<i64> = Field::number("quantity", "How many", 0, 100_000_000).required().in_list();
pub const FROM: Field<i64> = Field::date("valid_from", "Valid from");
pub const UNTIL: Field<i64> = Field::date("valid_until", "Valid until").in_list();
pub const USERS: Field<Value> =
    Field::any("users", "Users", Kind::Refs("people")).help("Who is named as a user of it, where people are counted");
pub const PEAK: Field<i64> = Field::number("peak", "Most at the same time", 0, 100_000_000)
    .help("As it was measured, where uses at the same time are counted");
pub const NOT_COUNTED: Field<Value> =
    Field::any("not_counted", "Not counted in", Kind::MultiChoice(Environment::CHOICES))
        .help("Where the contract lets it be used without being counted, such as in test");
pub const PRICE: Field<i64> =
    Field::number("price", "Price", 0, 1_000_000_000_000).help("Of all of them, in whole units of your money");
pub const ORDER: Field<String> = Field::text("order_number", "Order or contract");

pub const COUNT_RETIRED: Policy = Policy {
    key: "count_retired",
    label: "Installations on retired items count as used; 0: they do not, 1: they do",
    default: 0,
    max: 1,
};

/// The relation to what it is an upgrade of.
const UPGRADE_OF: &str = "upgrade_of";

const NOTHING_REFERS: Guard = Guard {
    code: "referenced",
    says: "Records are linked with it: it is ended, not withdrawn.",
    test: |_, facts| facts.related.is_empty() && facts.external.is_empty(),
    beforehand: true,
};

pub static LICENCE: Process = Process {
    key: "licence",
    plural: "licences",
    prefix: "LIC",
    label: "Licence",
    label_plural: "Licences",
    icon: "key-round",
    purpose: "Know what may be used, what is used, and what that leaves or lacks.",
    keeps_things: true,
    table: "licence",
    bundles: &[],
    fields: &[
        configuration_item::DESCRIPTION.def,
        PRODUCT.def,
        METRIC.def,
        QUANTITY.def,
        FROM.def,
        UNTIL.def,
        OWNER.help("Answers for how it is used").def,
        USERS.def,
        PEAK.def,
        NOT_COUNTED.def,
        configuration_item::SUPPLIER.def,
        ORDER.def,
        PRICE.def,
    ],
    in_own_words: &[TITLE.help("What it is called").def, ORGANISATION.help("Who may use it").def],
    sections: &[
        Section {
            label: "What it allows",
            fields: &["product", "metric", "quantity", "valid_from", "valid_until", "not_counted"],
        },
        Section { label: "Whose it is", fields: &["owner", "team", "assignee", "organisation", "restricted"] },
        Section { label: "Who uses it", fields: &["users", "peak"] },
        Section { label: "What it costs", fields: &["supplier", "order_number", "price"] },
        Section { label: "Words", fields: &["description"] },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[PLANNED, ORDERED, ACTIVE, ENDED, WITHDRAWN],
    transitions: &[
        go("order", "Order", &[PLANNED], ORDERED)
            .past("{actor} ordered it")
            .takes(&[configuration_item::SUPPLIER.def, ORDER.def, PRICE.def])
            .primary(),
        go("activate", "Take into force", &[PLANNED, ORDERED], ACTIVE)
            .past("{actor} took it into force")
            .needs(&[OWNER.def])
            .takes(&[FROM.def, UNTIL.def])
            .primary(),
        stay("renew", "Renew", &[ACTIVE])
            .past("{actor} renewed it")
            .takes(&[UNTIL.def, QUANTITY.def, PRICE.def])
            .changes(&[UNTIL.def, QUANTITY.def]),
        go("end", "End", &[ACTIVE], ENDED).past("{actor} ended it").asks(Asks::Reason),
        go("withdraw", "Entered by mistake", &[PLANNED, ORDERED], WITHDRAWN)
            .past("{actor} withdrew it, as it was entered by mistake")
            .guards(&[NOTHING_REFERS])
            .asks(Asks::Reason),
        stay("correct", "Correct", &[ENDED])
            .past("{actor} corrected it")
            .takes(&[TITLE.def, configuration_item::DESCRIPTION.def, ORDER.def, PRICE.def])
            .asks(Asks::Reason),
    ],
    by_step: &[],
    relations: &[
        relation("related_to", "Related to", "Related to"),
        relation(UPGRADE_OF, "Upgrade of", "Upgraded by").to("licence").single(),
    ],
    policies: &[COUNT_RETIRED, LAPSE_DAYS, ARCHIVE_DAYS, REMOVE_DAYS],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[],
    watch: None,
    costs: None,
    tabs: &[tab(POSITION, "Position")],
    approvals: None,
    map: None,
    lapses: &[Lapse {
        until: UNTIL.def,
        event: "licence_ends",
        near: "It ends soon",
        ends: "It is valid until {date}.",
        over: "It ended on {date}.",
        warn: LAPSE_DAYS.key,
    }],
    entitles: Some(Entitles {
        product: PRODUCT.def,
        metric: METRIC.def,
        counts: &[
            (Metric::Install.key(), Counts::Items),
            (Metric::NamedUser.key(), Counts::People),
            (Metric::Device.key(), Counts::Items),
            (Metric::Core.key(), Counts::Size),
            (Metric::Concurrent.key(), Counts::Peak),
            (Metric::Subscription.key(), Counts::Either),
        ],
        quantity: QUANTITY.def,
        from: FROM.def,
        until: UNTIL.def,
        holds_in: ACTIVE.key,
        upgrades: UPGRADE_OF,
        price: PRICE.def,
        people: USERS.def,
        peak: PEAK.def,
        used_by: LICENSED_BY,
        size: CORES.def,
        place: ENVIRONMENT.def,
        not_counted: NOT_COUNTED.def,
        counts_over: COUNT_RETIRED.key,
    }),
    schedule: None,
};
const _: () = LICENCE.checked();
