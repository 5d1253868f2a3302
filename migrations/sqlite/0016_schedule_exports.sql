-- Lists that somebody wants as a file again and again, and the files that were made; they are theirs alone.
CREATE TABLE export_schedule (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   BIGINT NOT NULL REFERENCES entry (id),
    name     TEXT NOT NULL,
    process  TEXT NOT NULL,
    asked    TEXT NOT NULL,
    format   TEXT NOT NULL,
    every    TEXT NOT NULL,
    minute   BIGINT NOT NULL,
    paused   BOOLEAN NOT NULL DEFAULT FALSE,
    next_at  BIGINT NOT NULL,
    problem  TEXT,
    created  BIGINT NOT NULL
);
CREATE INDEX export_schedule_by_person ON export_schedule (person, id);
CREATE TABLE export_file (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   BIGINT NOT NULL REFERENCES entry (id),
    process  TEXT NOT NULL,
    name     TEXT NOT NULL,
    format   TEXT NOT NULL,
    lines    BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    digest   TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX export_file_by_person ON export_file (person, id);
CREATE INDEX export_file_by_time ON export_file (at);
CREATE INDEX export_file_by_digest ON export_file (digest);
