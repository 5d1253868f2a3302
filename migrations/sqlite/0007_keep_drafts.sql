-- What somebody is writing and has not sent yet: words on a record, or the form of a new one. It is theirs alone.
CREATE TABLE draft (
    person   BIGINT NOT NULL REFERENCES entry (id),
    place    TEXT NOT NULL,
    record   BIGINT REFERENCES record (id),
    body     TEXT NOT NULL,
    updated  BIGINT NOT NULL,
    CONSTRAINT draft_person_place_key PRIMARY KEY (person, place)
) WITHOUT ROWID;
CREATE INDEX draft_by_time ON draft (updated);
-- A reply that can still be taken back: colleagues read it, nobody else does yet.
ALTER TABLE comment ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
