-- Meetings of boards about what waits for approval. `open_item` is the record before the meeting now.
CREATE TABLE meeting (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    board    BIGINT NOT NULL REFERENCES entry (id),
    process  TEXT NOT NULL,
    starts   BIGINT NOT NULL,
    ends     BIGINT NOT NULL,
    chair    BIGINT REFERENCES entry (id),
    state    TEXT NOT NULL,
    rhythm   BOOLEAN NOT NULL,
    began    BIGINT,
    ended    BIGINT,
    open_item BIGINT REFERENCES record (id),
    called   BIGINT,
    reason   TEXT,
    version  BIGINT NOT NULL,
    CONSTRAINT meeting_state_known CHECK (state IN ('planned', 'running', 'ended', 'cancelled')),
    CONSTRAINT meeting_board_starts_key UNIQUE (board, starts)
);
CREATE INDEX meeting_by_start ON meeting (starts, id);
CREATE INDEX meeting_by_chair ON meeting (chair) WHERE chair IS NOT NULL;
CREATE INDEX meeting_by_open_item ON meeting (open_item) WHERE open_item IS NOT NULL;

-- Who was there.
CREATE TABLE meeting_person (
    meeting  BIGINT NOT NULL REFERENCES meeting (id),
    person   BIGINT NOT NULL REFERENCES entry (id),
    present  BOOLEAN NOT NULL,
    CONSTRAINT meeting_person_meeting_person_key UNIQUE (meeting, person)
);
CREATE INDEX meeting_person_by_person ON meeting_person (person);

-- What was on the agenda, why not any more, and what was decided about it. Votes are the voices of the round.
CREATE TABLE meeting_item (
    meeting  BIGINT NOT NULL REFERENCES meeting (id),
    record   BIGINT NOT NULL REFERENCES record (id),
    place    BIGINT NOT NULL,
    minutes  BIGINT,
    by_hand  BOOLEAN NOT NULL,
    removed  TEXT,
    round    BIGINT,
    decision TEXT,
    advice   BOOLEAN NOT NULL,
    note     TEXT,
    decided  BIGINT,
    CONSTRAINT meeting_item_decision_known
        CHECK (decision IN ('approved', 'refused', 'postponed', 'discussed', 'not_reached')),
    CONSTRAINT meeting_item_meeting_record_key UNIQUE (meeting, record)
);
CREATE INDEX meeting_item_by_record ON meeting_item (record);

-- What waits for approval, the longest first.
CREATE INDEX approval_round_open ON approval_round (opened, id) WHERE state = 'open';

-- Minutes stay what they are. People who turn out to be one are one there too; of a record whose words were removed,
-- the words leave the minutes as well; what was made up may leave altogether.
CREATE TRIGGER meeting_keeps
BEFORE UPDATE OF board, process, starts, ends, state, rhythm, began, ended, open_item, called, reason, version ON meeting
WHEN OLD.state IN ('ended', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'minutes stay what they are'); END;
CREATE TRIGGER meeting_stays BEFORE DELETE ON meeting
WHEN OLD.state IN ('ended', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM demo WHERE demo.subject = 'entry' AND demo.id = OLD.board)
BEGIN SELECT RAISE(ABORT, 'minutes stay what they are'); END;
CREATE TRIGGER meeting_person_keeps BEFORE UPDATE OF meeting, present ON meeting_person
WHEN EXISTS (SELECT 1 FROM meeting WHERE meeting.id = OLD.meeting AND meeting.state IN ('ended', 'cancelled'))
BEGIN SELECT RAISE(ABORT, 'minutes stay what they are'); END;
CREATE TRIGGER meeting_item_keeps BEFORE UPDATE ON meeting_item
WHEN EXISTS (SELECT 1 FROM meeting WHERE meeting.id = OLD.meeting AND meeting.state IN ('ended', 'cancelled'))
    AND NOT (
        EXISTS (SELECT 1 FROM record WHERE record.id = OLD.record AND record.removed IS NOT NULL)
        AND NEW.meeting = OLD.meeting AND NEW.record = OLD.record AND NEW.place = OLD.place
        AND NEW.decision IS OLD.decision AND NEW.decided IS OLD.decided AND NEW.note IS NULL
    )
BEGIN SELECT RAISE(ABORT, 'minutes stay what they are'); END;
CREATE TRIGGER meeting_item_stays BEFORE DELETE ON meeting_item
WHEN EXISTS (SELECT 1 FROM meeting WHERE meeting.id = OLD.meeting AND meeting.state IN ('ended', 'cancelled'))
    AND NOT EXISTS (SELECT 1 FROM demo WHERE demo.subject = 'record' AND demo.id = OLD.record)
    AND NOT EXISTS (SELECT 1 FROM demo JOIN meeting ON meeting.board = demo.id
        WHERE demo.subject = 'entry' AND meeting.id = OLD.meeting)
BEGIN SELECT RAISE(ABORT, 'minutes stay what they are'); END;
