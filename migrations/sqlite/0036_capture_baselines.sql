-- Baselines: a set of items by a condition or beneath one of them, as it stood at an instant.
CREATE TABLE baseline (
    record       INTEGER PRIMARY KEY REFERENCES record (id),
    description  TEXT,
    owner        BIGINT REFERENCES entry (id),
    chosen_by    TEXT,
    captured_at  BIGINT
);
CREATE INDEX baseline_by_owner ON baseline (owner) WHERE owner IS NOT NULL;

-- Which records belong to the set that a record keeps.
CREATE TABLE captured (
    record  BIGINT NOT NULL REFERENCES record (id),
    item    BIGINT NOT NULL REFERENCES record (id),
    CONSTRAINT captured_pkey PRIMARY KEY (record, item)
);
CREATE INDEX captured_by_item ON captured (item);
