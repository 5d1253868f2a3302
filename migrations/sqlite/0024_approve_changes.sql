-- Approvals: a round is what was asked of a record once, by one version of a policy, of the record as it was then.
CREATE TABLE approval_round (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    record          BIGINT NOT NULL REFERENCES record (id),
    policy          BIGINT NOT NULL REFERENCES entry (id),
    policy_version  BIGINT NOT NULL,
    record_version  BIGINT NOT NULL,
    state           TEXT NOT NULL,
    opened          BIGINT NOT NULL,
    ended           BIGINT,
    held            BIGINT NOT NULL,
    CONSTRAINT approval_round_state_known CHECK (state IN ('open', 'granted', 'refused', 'void'))
);
CREATE INDEX approval_round_by_record ON approval_round (record, id);
-- A round that still counts; of these a record has one at most.
CREATE UNIQUE INDEX approval_round_in_force ON approval_round (record) WHERE state = 'open' OR state = 'granted';

-- A voice in a round: of whom, in which part of which step, and what they said, or their deputy for them.
CREATE TABLE approval (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    round           BIGINT NOT NULL REFERENCES approval_round (id),
    record          BIGINT NOT NULL REFERENCES record (id),
    step            BIGINT NOT NULL,
    part            BIGINT NOT NULL,
    approver        BIGINT NOT NULL REFERENCES entry (id),
    state           TEXT NOT NULL,
    voter           BIGINT REFERENCES entry (id),
    at              BIGINT,
    record_version  BIGINT,
    words           TEXT,
    CONSTRAINT approval_state_known CHECK (state IN ('waiting', 'open', 'granted', 'refused', 'passed')),
    CONSTRAINT approval_round_part_approver_key UNIQUE (round, part, approver)
);
CREATE INDEX approval_by_record ON approval (record);
CREATE INDEX approval_open ON approval (approver, id) WHERE state = 'open';
CREATE INDEX approval_by_approver ON approval (approver);
CREATE INDEX approval_by_voter ON approval (voter) WHERE voter IS NOT NULL;

-- Changes.
CREATE TABLE change (
    record             INTEGER PRIMARY KEY REFERENCES record (id),
    impact             TEXT,
    urgency            TEXT,
    derived_priority   BIGINT,
    matrix_version     BIGINT,
    priority_reason    TEXT,
    type               TEXT,
    why                TEXT,
    benefit            TEXT,
    not_done           TEXT,
    owner              BIGINT REFERENCES entry (id),
    implementer        BIGINT REFERENCES entry (id),
    category           BIGINT REFERENCES entry (id),
    model              BIGINT REFERENCES entry (id),
    affected_services  TEXT,
    risk               TEXT,
    risks              TEXT,
    consequences       TEXT,
    effort             BIGINT,
    feasibility        TEXT,
    cost               BIGINT,
    capacity           TEXT,
    availability       TEXT,
    continuity         TEXT,
    security           TEXT,
    other_changes      TEXT,
    plan               TEXT,
    test_plan          TEXT,
    evidence           TEXT,
    back_out           TEXT,
    point_of_no_return TEXT,
    back_out_tested    BOOLEAN,
    back_out_untested  TEXT,
    communication      TEXT,
    downtime           BIGINT,
    planned_start      BIGINT,
    planned_end        BIGINT,
    actual_start       BIGINT,
    actual_end         BIGINT,
    emergency_reason   TEXT,
    authority          BIGINT REFERENCES entry (id),
    authorised_at      BIGINT,
    papers_due         BIGINT,
    minutes            TEXT,
    unauthorised       BOOLEAN,
    detected_how       TEXT,
    verdict            TEXT,
    result             TEXT,
    outcome            TEXT,
    map                TEXT,
    objective_met      TEXT,
    side_effects       TEXT,
    against_plan       TEXT,
    lessons            TEXT,
    actions_to_follow  TEXT
);
CREATE INDEX change_by_owner ON change (owner) WHERE owner IS NOT NULL;
CREATE INDEX change_by_implementer ON change (implementer) WHERE implementer IS NOT NULL;
CREATE INDEX change_by_authority ON change (authority) WHERE authority IS NOT NULL;
CREATE INDEX change_by_planned_start ON change (planned_start, record) WHERE planned_start IS NOT NULL;
