-- What became of each record of a bulk run, for its summary and to take it back; gone after some days.
CREATE TABLE bulk_run (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   BIGINT REFERENCES entry (id),
    process  TEXT NOT NULL,
    verb     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    undone   BOOLEAN NOT NULL DEFAULT FALSE,
    items    TEXT NOT NULL
);
CREATE INDEX bulk_run_by_time ON bulk_run (at);
