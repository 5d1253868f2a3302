-- Configuration and directory: people, teams, organisations, services, categories, calendars, service levels, roles,
-- views. All are entries of a register; what a register holds is declared in code.
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    register      TEXT NOT NULL,
    key           TEXT NOT NULL,
    name          TEXT NOT NULL,
    active        BOOLEAN NOT NULL,
    organisation  BIGINT REFERENCES entry (id),
    version       BIGINT NOT NULL,
    data          TEXT NOT NULL,
    external_key  TEXT,
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    CONSTRAINT entry_register_key_key UNIQUE (register, key),
    CONSTRAINT entry_register_external_key_key UNIQUE (register, external_key)
);
CREATE INDEX entry_by_name ON entry (register, name, id);
CREATE INDEX entry_by_organisation ON entry (organisation) WHERE organisation IS NOT NULL;

-- What an entry said at each version: records keep to the version they began under.
CREATE TABLE entry_version (
    entry    BIGINT NOT NULL REFERENCES entry (id),
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    actor    BIGINT REFERENCES entry (id),
    name     TEXT NOT NULL,
    active   BOOLEAN NOT NULL,
    data     TEXT NOT NULL,
    CONSTRAINT entry_version_entry_version_key PRIMARY KEY (entry, version)
) WITHOUT ROWID;

CREATE TABLE entry_reference (
    from_entry  BIGINT NOT NULL REFERENCES entry (id),
    field       TEXT NOT NULL,
    to_entry    BIGINT NOT NULL REFERENCES entry (id),
    CONSTRAINT entry_reference_from_entry_field_to_entry_key PRIMARY KEY (from_entry, field, to_entry)
) WITHOUT ROWID;
CREATE INDEX entry_reference_back ON entry_reference (to_entry, field);

-- What every process shares. phase: 0 open, 1 paused, 2 done, 3 closed.
CREATE TABLE record (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    process       TEXT NOT NULL,
    number        TEXT NOT NULL,
    title         TEXT NOT NULL,
    state         TEXT NOT NULL,
    phase         BIGINT NOT NULL,
    requester     BIGINT REFERENCES entry (id),
    organisation  BIGINT REFERENCES entry (id),
    team          BIGINT REFERENCES entry (id),
    assignee      BIGINT REFERENCES entry (id),
    service       BIGINT REFERENCES entry (id),
    priority      BIGINT,
    restricted    BOOLEAN NOT NULL,
    opened        BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    due           BIGINT,
    resolved      BIGINT,
    closed        BIGINT,
    version       BIGINT NOT NULL,
    origin        TEXT,
    external_key  TEXT,
    custom        TEXT,
    CONSTRAINT record_number_key UNIQUE (number),
    CONSTRAINT record_phase_known CHECK (phase BETWEEN 0 AND 3)
);
-- An import that runs twice finds what it made the first time.
CREATE UNIQUE INDEX record_origin_external_key_key ON record (origin, external_key) WHERE origin IS NOT NULL;
-- "All incidents, last change first", its neighbour "newest first", and the feeds of both.
CREATE INDEX record_by_update ON record (process, updated, id);
CREATE INDEX record_by_opening ON record (process, opened, id);
-- The portal: everything I ever asked for; everything my organisation asked for.
CREATE INDEX record_by_requester ON record (requester, updated, id) WHERE requester IS NOT NULL;
CREATE INDEX record_by_organisation ON record (organisation, updated, id) WHERE organisation IS NOT NULL;
-- The page of a service, and trends per service.
CREATE INDEX record_by_service ON record (service, opened, id) WHERE service IS NOT NULL;
-- Work queues hold what is open or paused: small however long the history, so they cost a creation little.
CREATE INDEX record_team_queue ON record (team, process, updated, id) WHERE phase < 2;
CREATE INDEX record_my_work ON record (assignee, updated, id) WHERE phase < 2;
CREATE INDEX record_priority_queue ON record (process, priority, id) WHERE phase < 2;
CREATE INDEX record_due_queue ON record (process, due, id) WHERE phase < 2;
-- "Solved this week by my team" without walking the history of the process.
CREATE INDEX record_by_resolution ON record (team, resolved, id) WHERE resolved IS NOT NULL;

CREATE TABLE incident (
    record            INTEGER PRIMARY KEY REFERENCES record (id),
    impact            TEXT,
    urgency           TEXT,
    derived_priority  BIGINT,
    matrix_version    BIGINT,
    priority_reason   TEXT,
    category          BIGINT REFERENCES entry (id),
    closing_category  BIGINT REFERENCES entry (id),
    hold_reason       TEXT,
    hold_comment      TEXT,
    resume_at         BIGINT,
    source            TEXT,
    contact           TEXT,
    callback          TEXT,
    symptoms          TEXT,
    diagnosis         TEXT,
    workaround        TEXT,
    resolution        TEXT,
    resolution_code   TEXT,
    restored          BIGINT,
    outage_start      BIGINT,
    reopen_count      BIGINT,
    hop_count         BIGINT,
    cancel_reason     TEXT,
    model             BIGINT REFERENCES entry (id),
    flagged           BOOLEAN,
    owner             BIGINT REFERENCES entry (id),
    first_assignee    BIGINT REFERENCES entry (id),
    escalated         BIGINT
);

CREATE TABLE link (
    from_record  BIGINT NOT NULL REFERENCES record (id),
    relation     TEXT NOT NULL,
    to_record    BIGINT NOT NULL REFERENCES record (id),
    at           BIGINT NOT NULL,
    actor        BIGINT REFERENCES entry (id),
    CONSTRAINT link_from_record_relation_to_record_key PRIMARY KEY (from_record, relation, to_record)
) WITHOUT ROWID;
CREATE INDEX link_back ON link (to_record, relation);

CREATE TABLE external_link (
    record     BIGINT NOT NULL REFERENCES record (id),
    relation   TEXT NOT NULL,
    reference  TEXT NOT NULL,
    CONSTRAINT external_link_record_relation_reference_key PRIMARY KEY (record, relation, reference)
) WITHOUT ROWID;
CREATE INDEX external_link_back ON external_link (reference);

-- Who sees a record beyond its own columns: reporter, watcher, a vendor's organisation.
CREATE TABLE party (
    record  BIGINT NOT NULL REFERENCES record (id),
    entry   BIGINT NOT NULL REFERENCES entry (id),
    role    TEXT NOT NULL,
    CONSTRAINT party_record_entry_role_key PRIMARY KEY (record, entry, role)
) WITHOUT ROWID;
CREATE INDEX party_back ON party (entry, record);

-- The spine: who changed what, when and through which channel. Nobody can alter a line.
CREATE TABLE event (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          BIGINT NOT NULL,
    actor       BIGINT REFERENCES entry (id),
    channel     TEXT NOT NULL,
    subject     TEXT NOT NULL,
    subject_id  BIGINT NOT NULL,
    process     TEXT,
    verb        TEXT NOT NULL,
    public      BOOLEAN NOT NULL,
    changes     TEXT NOT NULL,
    reason      TEXT
);
CREATE INDEX event_by_subject ON event (subject, subject_id, id);
CREATE TRIGGER event_keeps BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE comment (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    record    BIGINT NOT NULL REFERENCES record (id),
    at        BIGINT NOT NULL,
    author    BIGINT REFERENCES entry (id),
    internal  BOOLEAN NOT NULL,
    body      TEXT NOT NULL,
    channel   TEXT NOT NULL
);
CREATE INDEX comment_by_record ON comment (record, id);

CREATE TABLE attachment (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    record      BIGINT NOT NULL REFERENCES record (id),
    comment     BIGINT REFERENCES comment (id),
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        BIGINT NOT NULL,
    digest      TEXT NOT NULL,
    internal    BOOLEAN NOT NULL,
    at          BIGINT NOT NULL,
    author      BIGINT REFERENCES entry (id)
);
CREATE INDEX attachment_by_record ON attachment (record, id);
CREATE INDEX attachment_by_digest ON attachment (digest);

CREATE TABLE task (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    record    BIGINT NOT NULL REFERENCES record (id),
    position  BIGINT NOT NULL,
    title     TEXT NOT NULL,
    state     TEXT NOT NULL,
    team      BIGINT REFERENCES entry (id),
    assignee  BIGINT REFERENCES entry (id),
    due       BIGINT,
    done_at   BIGINT,
    version   BIGINT NOT NULL
);
CREATE INDEX task_by_record ON task (record, position, id);
CREATE INDEX task_by_team ON task (team, state) WHERE team IS NOT NULL;
CREATE INDEX task_by_assignee ON task (assignee, state) WHERE assignee IS NOT NULL;

-- A service-level clock, with the versions of level and calendar it counts by. target is in milliseconds.
CREATE TABLE clock (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    record            BIGINT NOT NULL REFERENCES record (id),
    metric            TEXT NOT NULL,
    level             BIGINT NOT NULL REFERENCES entry (id),
    level_version     BIGINT NOT NULL,
    calendar          BIGINT REFERENCES entry (id),
    calendar_version  BIGINT,
    target            BIGINT NOT NULL,
    started           BIGINT NOT NULL,
    due               BIGINT,
    stopped           BIGINT,
    state             TEXT NOT NULL,
    breached          BIGINT,
    facts             TEXT NOT NULL,
    adjusted_at       BIGINT,
    adjusted_by       BIGINT REFERENCES entry (id),
    adjusted_reason   TEXT
);
CREATE INDEX clock_by_record ON clock (record, metric);
CREATE INDEX clock_by_due ON clock (state, due);

CREATE TABLE timer (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    key       TEXT NOT NULL,
    due       BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    record    BIGINT REFERENCES record (id),
    clock     BIGINT REFERENCES clock (id),
    payload   TEXT NOT NULL,
    state     TEXT NOT NULL,
    fired_at  BIGINT,
    CONSTRAINT timer_key_key UNIQUE (key),
    CONSTRAINT timer_state_known CHECK (state IN ('waiting', 'fired', 'cancelled'))
);
CREATE INDEX timer_waiting ON timer (due, id) WHERE state = 'waiting';
CREATE INDEX timer_by_record ON timer (record) WHERE record IS NOT NULL;

CREATE TABLE job (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    run_at        BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    locked_until  BIGINT,
    error         TEXT
);
CREATE INDEX job_by_time ON job (run_at, id);

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event      BIGINT NOT NULL REFERENCES event (id),
    audience   TEXT NOT NULL,
    recipient  BIGINT REFERENCES entry (id),
    address    TEXT,
    template   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    sent       BIGINT,
    attempts   BIGINT NOT NULL,
    error      TEXT
);
CREATE INDEX outbox_unsent ON outbox (next_at, id) WHERE sent IS NULL;

CREATE TABLE notice (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   BIGINT NOT NULL REFERENCES entry (id),
    record   BIGINT REFERENCES record (id),
    event    BIGINT REFERENCES event (id),
    reason   TEXT NOT NULL,
    text     TEXT NOT NULL,
    created  BIGINT NOT NULL,
    read_at  BIGINT
);
CREATE INDEX notice_by_person ON notice (person, read_at, id);

CREATE TABLE account (
    person         INTEGER PRIMARY KEY REFERENCES entry (id),
    password_hash  TEXT,
    totp_secret    TEXT,
    totp_last      BIGINT,
    disabled       BOOLEAN NOT NULL,
    updated        BIGINT NOT NULL
);

CREATE TABLE session (
    digest   TEXT NOT NULL PRIMARY KEY,
    person   BIGINT NOT NULL REFERENCES entry (id),
    created  BIGINT NOT NULL,
    seen     BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    mfa      BOOLEAN NOT NULL,
    address  TEXT NOT NULL,
    agent    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_by_person ON session (person);

CREATE TABLE token (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   BIGINT NOT NULL REFERENCES entry (id),
    name     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    scopes   TEXT NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT,
    used     BIGINT,
    revoked  BIGINT,
    CONSTRAINT token_digest_key UNIQUE (digest)
);
CREATE INDEX token_by_person ON token (person);

-- Links that carry a right: invitation, first administrator, password reset.
CREATE TABLE secret_link (
    digest   TEXT NOT NULL PRIMARY KEY,
    person   BIGINT REFERENCES entry (id),
    purpose  TEXT NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL
) WITHOUT ROWID;

-- Token buckets against guessing and flooding; tokens are thousandths.
CREATE TABLE throttle (
    key     TEXT NOT NULL PRIMARY KEY,
    tokens  BIGINT NOT NULL,
    at      BIGINT NOT NULL
) WITHOUT ROWID;

-- What was answered to a request that may come again. request is a digest.
CREATE TABLE idempotency (
    actor    BIGINT NOT NULL,
    key      TEXT NOT NULL,
    request  TEXT NOT NULL,
    status   BIGINT NOT NULL,
    body     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    CONSTRAINT idempotency_actor_key_key PRIMARY KEY (actor, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (at);

CREATE TABLE setting (
    key      TEXT NOT NULL PRIMARY KEY,
    value    TEXT NOT NULL,
    updated  BIGINT NOT NULL
) WITHOUT ROWID;

-- Who may run a schedule, until when; the fence grows with each holder, so a late one is recognised.
CREATE TABLE lease (
    name    TEXT NOT NULL PRIMARY KEY,
    holder  TEXT NOT NULL,
    fence   BIGINT NOT NULL,
    until   BIGINT NOT NULL
) WITHOUT ROWID;

-- The next record number of each process; one writer, so a row is as good as a sequence.
CREATE TABLE number_block (
    process  TEXT NOT NULL PRIMARY KEY,
    next     BIGINT NOT NULL
) WITHOUT ROWID;
