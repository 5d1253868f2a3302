-- What somebody chose for themselves, by its name; the value is JSON.
CREATE TABLE preference (
    person   BIGINT NOT NULL REFERENCES entry (id),
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    updated  BIGINT NOT NULL,
    CONSTRAINT preference_person_name_key PRIMARY KEY (person, name)
);

-- What somebody has dealt with in their inbox, or put aside until later; kind says in one word why they were told.
ALTER TABLE notice ADD COLUMN kind TEXT NOT NULL DEFAULT 'own';
ALTER TABLE notice ADD COLUMN done_at BIGINT;
ALTER TABLE notice ADD COLUMN snoozed_until BIGINT;
ALTER TABLE notice ADD COLUMN woken_at BIGINT;
CREATE INDEX notice_open ON notice (person, (coalesce(woken_at, created)), id)
    WHERE done_at IS NULL AND snoozed_until IS NULL;
CREATE INDEX notice_aside ON notice (person, snoozed_until) WHERE done_at IS NULL AND snoozed_until IS NOT NULL;
CREATE INDEX notice_done ON notice (person, done_at, id) WHERE done_at IS NOT NULL;
