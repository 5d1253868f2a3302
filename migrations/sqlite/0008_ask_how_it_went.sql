-- What the requester was asked once it was over, and answered.
ALTER TABLE incident ADD COLUMN surveyed BIGINT;
ALTER TABLE incident ADD COLUMN satisfaction BIGINT;
ALTER TABLE incident ADD COLUMN satisfaction_words TEXT;

-- Who was asked about which record, so that nobody is asked too often, and when the first answer came.
CREATE TABLE survey (
    record    INTEGER PRIMARY KEY REFERENCES record (id),
    process   TEXT NOT NULL,
    person    BIGINT NOT NULL REFERENCES entry (id),
    asked     BIGINT NOT NULL,
    answered  BIGINT
);
CREATE INDEX survey_by_person ON survey (person, asked);
CREATE INDEX survey_by_asking ON survey (process, asked);
CREATE INDEX survey_by_answer ON survey (process, answered) WHERE answered IS NOT NULL;

-- Tasks that a bad answer or a complaint made: they can be finished after the record is closed. cause is the verb.
CREATE TABLE follow_up (
    task     INTEGER PRIMARY KEY REFERENCES task (id),
    record   BIGINT NOT NULL REFERENCES record (id),
    process  TEXT NOT NULL,
    cause    TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX follow_up_by_record ON follow_up (record);
CREATE INDEX follow_up_by_time ON follow_up (process, at);

-- What somebody has begun to write in a form of several steps and not sent yet.
CREATE TABLE begun_form (
    person   BIGINT NOT NULL REFERENCES entry (id),
    form     TEXT NOT NULL,
    data     TEXT NOT NULL,
    updated  BIGINT NOT NULL,
    CONSTRAINT begun_form_person_form_key PRIMARY KEY (person, form)
) WITHOUT ROWID;
CREATE INDEX begun_form_by_update ON begun_form (updated);

-- Who said of a known trouble that it hits them too.
CREATE TABLE affected (
    record  BIGINT NOT NULL REFERENCES record (id),
    person  BIGINT NOT NULL REFERENCES entry (id),
    at      BIGINT NOT NULL,
    CONSTRAINT affected_record_person_key PRIMARY KEY (record, person)
) WITHOUT ROWID;
