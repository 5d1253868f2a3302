-- What a source last told of a record, under its own key: the values it told and those of them that it wrote, as JSON.
CREATE TABLE sighting (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source        BIGINT NOT NULL REFERENCES entry (id),
    external_key  TEXT NOT NULL,
    record        BIGINT NOT NULL REFERENCES record (id),
    said          TEXT NOT NULL,
    wrote         TEXT NOT NULL,
    first         BIGINT NOT NULL,
    last          BIGINT NOT NULL,
    CONSTRAINT sighting_source_external_key_key UNIQUE (source, external_key)
);
CREATE INDEX sighting_by_record ON sighting (record);
CREATE INDEX sighting_by_last ON sighting (source, last, id);

-- A row of a source that fits no record or several, until a person says what it is. Candidates are ids of records.
CREATE TABLE parked (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source        BIGINT NOT NULL REFERENCES entry (id),
    external_key  TEXT NOT NULL,
    process       TEXT NOT NULL,
    title         TEXT NOT NULL,
    said          TEXT NOT NULL,
    candidates    TEXT NOT NULL,
    why           TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT,
    first         BIGINT NOT NULL,
    last          BIGINT NOT NULL,
    CONSTRAINT parked_source_external_key_key UNIQUE (source, external_key),
    CONSTRAINT parked_state_known CHECK (state IN ('open', 'ignored'))
);
CREATE INDEX parked_by_state ON parked (process, state, id);

-- By what an item is known again.
CREATE INDEX configuration_item_by_serial_number ON configuration_item (lower(serial_number)) WHERE serial_number IS NOT NULL;
CREATE INDEX configuration_item_by_address ON configuration_item (lower(address)) WHERE address IS NOT NULL;
CREATE INDEX record_by_title_of_items ON record (lower(title)) WHERE process = 'configuration_item';

-- Where what was found is not what is written, in one field of a record: both values as JSON, and what became of it.
CREATE TABLE discrepancy (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    record    BIGINT NOT NULL REFERENCES record (id),
    process   TEXT NOT NULL,
    field     TEXT NOT NULL,
    source    BIGINT NOT NULL REFERENCES entry (id),
    written   TEXT NOT NULL,
    found     TEXT NOT NULL,
    state     TEXT NOT NULL,
    by_number TEXT,
    reason    TEXT,
    first     BIGINT NOT NULL,
    last      BIGINT NOT NULL,
    ended     BIGINT,
    CONSTRAINT discrepancy_state_known CHECK (state IN ('found', 'explained', 'raised', 'corrected_here', 'corrected_there', 'closed'))
);
CREATE INDEX discrepancy_by_state ON discrepancy (process, state, id);
CREATE INDEX discrepancy_by_record ON discrepancy (record);
-- Of one field a source brings up one that goes on.
CREATE UNIQUE INDEX discrepancy_that_goes_on ON discrepancy (record, field, source) WHERE ended IS NULL;
