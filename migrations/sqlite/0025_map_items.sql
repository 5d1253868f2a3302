-- Configuration items: what there is and what hangs on what. How they hang together are links like any other.
CREATE TABLE configuration_item (
    record            INTEGER PRIMARY KEY REFERENCES record (id),
    description       TEXT,
    class             BIGINT REFERENCES entry (id),
    owner             BIGINT REFERENCES entry (id),
    environment       TEXT,
    criticality       TEXT,
    location          TEXT,
    version_name      TEXT,
    serial_number     TEXT,
    address           TEXT,
    model_name        TEXT,
    supplier          BIGINT REFERENCES entry (id),
    support_contract  TEXT,
    warranty_until    BIGINT,
    supported_until   BIGINT,
    redundancy        TEXT
);
-- The items of a class; those that a person answers for; what came from a supplier.
CREATE INDEX configuration_item_by_class ON configuration_item (class, record);
CREATE INDEX configuration_item_by_owner ON configuration_item (owner) WHERE owner IS NOT NULL;
CREATE INDEX configuration_item_by_supplier ON configuration_item (supplier) WHERE supplier IS NOT NULL;
