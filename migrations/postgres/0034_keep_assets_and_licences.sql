-- Assets: what was bought, what it is worth and who has it.
CREATE TABLE asset (
    record            BIGINT PRIMARY KEY REFERENCES record (id),
    description       TEXT,
    kind              TEXT,
    held              TEXT,
    inventory_number  TEXT,
    serial_number     TEXT,
    model_name        TEXT,
    custodian         BIGINT REFERENCES entry (id),
    location          TEXT,
    supplier          BIGINT REFERENCES entry (id),
    order_number      TEXT,
    bought_on         BIGINT,
    price             BIGINT,
    life_months       BIGINT,
    written_off_on    BIGINT,
    last_used_on      BIGINT,
    in_stock_since    BIGINT,
    leased_until      BIGINT,
    disposal          TEXT,
    proceeds          BIGINT
);
CREATE SEQUENCE number_asset;
-- What a person has; what came from a supplier.
CREATE INDEX asset_by_custodian ON asset (custodian) WHERE custodian IS NOT NULL;
CREATE INDEX asset_by_supplier ON asset (supplier) WHERE supplier IS NOT NULL;
-- What nobody has used for long.
CREATE INDEX asset_by_last_used_on ON asset (last_used_on, record) WHERE last_used_on IS NOT NULL;

-- Licences: what may be used of a product, by which metric, how much and until when.
CREATE TABLE licence (
    record        BIGINT PRIMARY KEY REFERENCES record (id),
    description   TEXT,
    product       TEXT,
    metric        TEXT,
    quantity      BIGINT,
    valid_from    BIGINT,
    valid_until   BIGINT,
    owner         BIGINT REFERENCES entry (id),
    users         TEXT,
    peak          BIGINT,
    not_counted   TEXT,
    supplier      BIGINT REFERENCES entry (id),
    order_number  TEXT,
    price         BIGINT
);
CREATE SEQUENCE number_licence;
CREATE INDEX licence_by_owner ON licence (owner) WHERE owner IS NOT NULL;
CREATE INDEX licence_by_supplier ON licence (supplier) WHERE supplier IS NOT NULL;
-- By how many cores some of them are counted.
ALTER TABLE configuration_item ADD COLUMN cores BIGINT;
