-- Conflicts of planned records that somebody accepted: with what, what they were then, by whom and why.
CREATE TABLE conflict_accepted (
    record  BIGINT NOT NULL REFERENCES record (id),
    met     TEXT NOT NULL,
    basis   TEXT NOT NULL,
    person  BIGINT NOT NULL REFERENCES entry (id),
    at      BIGINT NOT NULL,
    reason  TEXT NOT NULL,
    PRIMARY KEY (record, met)
);
CREATE INDEX conflict_accepted_by_person ON conflict_accepted (person);

-- Changes that a freeze let pass; and the long ones, which are not found by their start.
ALTER TABLE change ADD COLUMN in_freeze BOOLEAN;
CREATE INDEX change_planned_long ON change (planned_end) WHERE planned_end - planned_start > 259200000;
