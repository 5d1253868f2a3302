//! Configuration item: what there is, what it is made of and what hangs on it. (ITIL ST 4.3, ISO/IEC 20000-1 8.2.6)

use crate::bundles::{AFFECTS, ARCHIVE_DAYS, LAPSE_DAYS, REMOVE_DAYS};
use crate::registers::{Criticality, ITEM_CLASSES, RELATION_TYPES};
use mainstay_engine::choices;
use mainstay_engine::field::{EntryId, Field, FieldDef, Kind};
use mainstay_engine::process::{
    Asks, Control, Guard, Helps, Lapse, Map, Process, SOURCES, Section, State, closed, done, go, open, paused,
    relation, stay, tab,
};
use mainstay_engine::spine::{ASSIGNEE, ORGANISATION, SERVICE, TEAM, TITLE};
use mainstay_engine::value::Value;

choices! {
    /// Where an item does its work.
    Environment {
        Production = "production" "Production", Staging = "staging" "Staging", Test = "test" "Test",
        Development = "development" "Development",
    }
}

const PLANNED: State = open("planned", "Planned");
const ON_ORDER: State = open("on_order", "On order");
/// It is there and waits for nobody, as an item in use does.
const IN_STOCK: State = done("in_stock", "In stock or built");
const IN_TEST: State = open("in_test", "In test");
/// Nothing is left to do about it, so it stands in no queue; it can be changed at any time.
const LIVE: State = done("live", "Live");
const MAINTENANCE: State = paused("maintenance", "Under maintenance");
const MISSING: State = open("missing", "Missing or stolen");
const RETIRED: State = closed("retired", "Retired");
const DISPOSED: State = closed("disposed", "Disposed of");
const WITHDRAWN: State = closed("withdrawn", "Entered by mistake").void();

pub const DESCRIPTION: Field<String> =
    Field::markdown("description", "Description").help("What it is and what it is for");
pub const CLASS: Field<EntryId> = Field::entry("class", "Class", ITEM_CLASSES.key).required().in_list();
pub const ITEM_OWNER: Field<EntryId> =
    Field::entry("owner", "Owner", "people").help("Answers for what is written here").in_list();
pub const ENVIRONMENT: Field<Environment> = Field::choice("environment", "Environment", Environment::CHOICES);
pub const CRITICALITY: Field<Criticality> = Field::choice("criticality", "Criticality", Criticality::CHOICES)
    .help("How much hangs on it; that of a service stands with the service");
pub const LOCATION: Field<String> = Field::text("location", "Location").help("Site, room, rack or region");
pub const RELEASE: Field<String> = Field::text("version_name", "Version");
pub const SERIAL: Field<String> = Field::text("serial_number", "Serial number");
pub const CORES: Field<i64> =
    Field::number("cores", "Cores", 1, 100_000).help("Of its processors, where licences are counted by them");
pub const ADDRESS: Field<String> = Field::text("address", "Network name or address");
pub const MAKER: Field<String> = Field::text("model_name", "Make and model");
pub const SUPPLIER: Field<EntryId> = Field::entry("supplier", "Supplier", "organisations");
pub const CONTRACT: Field<String> = Field::text("support_contract", "Support contract");
pub const CONTRACT_UNTIL: Field<i64> = Field::date("contract_until", "Support contract until");
pub const WARRANTY: Field<i64> = Field::date("warranty_until", "Warranty until");
pub const SUPPORTED: Field<i64> = Field::date("supported_until", "Supported by its maker until");
pub const REDUNDANCY: Field<Value> = Field::any("redundancy", "What it can do without", Kind::Table(NEEDS))
    .help("Of what it depends on by a relation, so many have to work; without a line it needs each of them");

/// The relation to a licence that it uses. (SAC-16)
pub const LICENSED_BY: &str = "licensed_by";
/// The relation to the asset that it is: what was paid for it and who has it is written there. (SAC-12)
pub const ASSET_OF: &str = "asset";

const NEEDS: &[FieldDef] = &[
    Field::entry("relation", "Relation", RELATION_TYPES.key).required().def,
    Field::entry("class", "To items of the class", ITEM_CLASSES.key).def,
    Field::number("needs", "At least", 1, 1_000).required().def,
];

/// What somebody has linked would point at something that never was. (SAC-13)
const NOTHING_REFERS: Guard = Guard {
    code: "referenced",
    says: "Records or items are linked with it: it is retired or disposed of, not withdrawn.",
    test: |_, facts| facts.related.is_empty() && facts.external.is_empty(),
    beforehand: true,
};
const NO_OPEN_TASK: Guard = Guard {
    code: "open_tasks",
    says: "A task of it is open.",
    test: |_, facts| facts.open_tasks == 0,
    beforehand: true,
};

pub static CONFIGURATION_ITEM: Process = Process {
    key: "configuration_item",
    plural: "configuration-items",
    prefix: "CI",
    label: "Configuration item",
    label_plural: "Configuration items",
    icon: "boxes",
    purpose: "Know what exists, how it hangs together, who answers for it and what fails with it.",
    keeps_things: true,
    table: "configuration_item",
    bundles: &[],
    fields: &[
        DESCRIPTION.def,
        CLASS.def,
        ITEM_OWNER.def,
        ENVIRONMENT.def,
        CRITICALITY.def,
        LOCATION.def,
        RELEASE.def,
        SERIAL.def,
        ADDRESS.def,
        MAKER.def,
        CORES.def,
        SUPPLIER.def,
        CONTRACT.def,
        CONTRACT_UNTIL.def,
        WARRANTY.def,
        SUPPORTED.def,
        REDUNDANCY.def,
    ],
    in_own_words: &[
        TITLE.help("What it is called").def,
        SERVICE.help("The service that it stands for, or that it belongs to").def,
    ],
    sections: &[
        Section {
            label: "What it is",
            fields: &[
                "class",
                "service",
                "environment",
                "criticality",
                "model_name",
                "version_name",
                "serial_number",
                "cores",
            ],
        },
        Section { label: "Whose it is", fields: &["owner", "team", "assignee", "organisation", "restricted"] },
        Section { label: "Where it is", fields: &["location", "address"] },
        Section {
            label: "Who supports it",
            fields: &["supplier", "support_contract", "contract_until", "warranty_until", "supported_until"],
        },
        Section { label: "Words", fields: &["description", "redundancy"] },
    ],
    invitation: None,
    asks_requester: &[],
    questions: &[],
    states: &[PLANNED, ON_ORDER, IN_STOCK, IN_TEST, LIVE, MAINTENANCE, MISSING, RETIRED, DISPOSED, WITHDRAWN],
    transitions: &[
        go("order", "Order", &[PLANNED], ON_ORDER).past("{actor} ordered it"),
        go("receive", "Receive or build", &[PLANNED, ON_ORDER], IN_STOCK)
            .past("{actor} received it")
            .takes(&[SERIAL.def, LOCATION.def])
            .primary(),
        go("test", "Start the test", &[IN_STOCK], IN_TEST)
            .past("{actor} started the test")
            .takes(&[TEAM.def, ASSIGNEE.def])
            .primary(),
        go("go_live", "Go live", &[IN_TEST], LIVE)
            .past("{actor} put it into use")
            .needs(&[ITEM_OWNER.def])
            .takes(&[RELEASE.def, LOCATION.def, ENVIRONMENT.def])
            .primary(),
        go("maintain", "Start maintenance", &[LIVE], MAINTENANCE)
            .past("{actor} started maintenance")
            .asks(Asks::Reason),
        go("end_maintenance", "End maintenance", &[MAINTENANCE], LIVE)
            .past("{actor} ended maintenance")
            .takes(&[RELEASE.def])
            .primary(),
        go("report_missing", "Report it missing", &[LIVE], MISSING)
            .past("{actor} reported it missing")
            .asks(Asks::Reason),
        go("find", "It is found", &[MISSING], LIVE)
            .past("{actor} found it again")
            .takes(&[LOCATION.def])
            .asks(Asks::Reason)
            .primary(),
        go("retire", "Retire", &[LIVE, MISSING], RETIRED)
            .past("{actor} retired it")
            .guards(&[NO_OPEN_TASK])
            .asks(Asks::Reason),
        go("dispose", "Dispose of it", &[IN_STOCK, RETIRED], DISPOSED)
            .past("{actor} disposed of it")
            .guards(&[NO_OPEN_TASK])
            .asks(Asks::Reason),
        go("withdraw", "Entered by mistake", &[PLANNED, ON_ORDER, IN_STOCK], WITHDRAWN)
            .past("{actor} withdrew it, as it was entered by mistake")
            .guards(&[NOTHING_REFERS])
            .asks(Asks::Reason),
        stay("correct", "Correct", &[RETIRED, DISPOSED])
            .past("{actor} corrected it")
            .takes(&[TITLE.def, DESCRIPTION.def, ITEM_OWNER.def, ORGANISATION.def, SERIAL.def, LOCATION.def])
            .asks(Asks::Reason),
    ],
    by_step: &[],
    relations: &[
        relation("related_to", "Related to", "Related to"),
        relation(ASSET_OF, "Asset", "Configuration item").to("asset").single().meant_for(&["asset"]),
        relation(LICENSED_BY, "Licensed by", "Licenses").to("licence").meant_for(&["licence"]),
    ],
    policies: &[LAPSE_DAYS, ARCHIVE_DAYS, REMOVE_DAYS],
    on_reply: &[],
    waits_for: None,
    after_open: None,
    survey: None,
    trouble: None,
    helps: Helps::NOTHING,
    opened_from: &[],
    watch: None,
    costs: None,
    tabs: &[tab("map", "Impact"), tab(SOURCES, "Sources")],
    approvals: None,
    map: Some(Map {
        class: CLASS.def,
        environment: ENVIRONMENT.def,
        needs: REDUNDANCY.def,
        relations: RELATION_TYPES.key,
        of_service: &[CRITICALITY.def],
        control: Some(Control {
            by: "change",
            relation: AFFECTS,
            permits: &["implementation"],
            held: &["live", "maintenance", "missing"],
            live: "live",
            raises: "report_unauthorised",
            found_words: "detected_how",
            found: &["missing"],
        }),
    }),
    lapses: &[
        Lapse {
            until: WARRANTY.def,
            event: "warranty_ends",
            near: "Its warranty ends soon",
            ends: "Its warranty ends on {date}.",
            over: "Its warranty ended on {date}.",
            warn: LAPSE_DAYS.key,
        },
        Lapse {
            until: CONTRACT_UNTIL.def,
            event: "contract_ends",
            near: "Its support contract ends soon",
            ends: "Its support contract ends on {date}.",
            over: "Its support contract ended on {date}.",
            warn: LAPSE_DAYS.key,
        },
        Lapse {
            until: SUPPORTED.def,
            event: "support_ends",
            near: "Its maker stops supporting it soon",
            ends: "Its maker supports it until {date}.",
            over: "Its maker stopped supporting it on {date}.",
            warn: LAPSE_DAYS.key,
        },
    ],
    entitles: None,
    schedule: None,
};
const _: () = CONFIGURATION_ITEM.checked();
