-- Problems: the causes behind incidents. What is a known error now is found without walking all of them.
CREATE TABLE problem (
    record            BIGINT PRIMARY KEY REFERENCES record (id),
    symptoms          TEXT,
    found_by          TEXT,
    contact           TEXT,
    owner             BIGINT REFERENCES entry (id),
    impact            TEXT,
    urgency           TEXT,
    derived_priority  BIGINT,
    matrix_version    BIGINT,
    priority_reason   TEXT,
    category          BIGINT REFERENCES entry (id),
    technique         TEXT,
    hypothesis        TEXT,
    tested            TEXT,
    outcome           TEXT,
    whys              TEXT,
    causes            TEXT,
    course            TEXT,
    root_cause        TEXT,
    cause_unknown     BOOLEAN,
    cause_category    TEXT,
    workaround        TEXT,
    no_workaround     BOOLEAN,
    known_error       TEXT,
    no_known_error    TEXT,
    fix_release       TEXT,
    options           TEXT,
    resolution        TEXT,
    closure_code      TEXT,
    evidence          TEXT,
    fix_verified      BOOLEAN,
    cancel_reason     TEXT,
    risk_reason       TEXT,
    risk_owner        BIGINT REFERENCES entry (id),
    review_at         BIGINT,
    major             BOOLEAN,
    review            TEXT,
    prevention        TEXT,
    third_parties     TEXT,
    recurrences       BIGINT
);
CREATE SEQUENCE number_problem;
CREATE INDEX problem_known_error ON problem (known_error, record) WHERE known_error IS NOT NULL;
CREATE INDEX problem_by_owner ON problem (owner) WHERE owner IS NOT NULL;
CREATE INDEX problem_by_risk_owner ON problem (risk_owner) WHERE risk_owner IS NOT NULL;
-- Those that a new incident may be the return of.
CREATE INDEX problem_by_category ON problem (category, record) WHERE category IS NOT NULL;
-- What the problem behind it says how people can go on.
ALTER TABLE incident ADD COLUMN known_workaround TEXT;
