-- Records that may have one cause: proposed, taken, or dismissed with a reason. Members are ids of records, as JSON.
CREATE TABLE candidate (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    process  TEXT NOT NULL,
    state    TEXT NOT NULL,
    why      TEXT NOT NULL,
    members  TEXT NOT NULL,
    reason   TEXT,
    found    BIGINT NOT NULL,
    seen     BIGINT NOT NULL
);
CREATE INDEX candidate_by_state ON candidate (process, state, id);
