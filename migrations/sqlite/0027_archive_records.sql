-- When a closed record was archived, and when its words and people's data were removed, in epoch milliseconds UTC.
ALTER TABLE record ADD COLUMN archived BIGINT;
ALTER TABLE record ADD COLUMN removed BIGINT;

-- Lists of what is not archived walk their own index: however large the archive grows, none of it is passed by. What is
-- open or done has its indexes already, and none of it is archived.
DROP INDEX record_by_update;
CREATE INDEX record_by_update ON record (process, updated, id) WHERE archived IS NULL;
CREATE INDEX record_current_by_opening ON record (process, opened, id) WHERE archived IS NULL;
CREATE INDEX record_archived_by_update ON record (process, updated, id) WHERE archived IS NOT NULL;
-- What the rules of retention look for.
CREATE INDEX record_to_archive ON record (process, closed, id) WHERE phase = 3 AND archived IS NULL;
CREATE INDEX record_to_remove ON record (process, archived, id) WHERE archived IS NOT NULL AND removed IS NULL;

-- What must be kept, whatever the rules say: by whom, why, since when, and why not any more.
CREATE TABLE legal_hold (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    record   BIGINT NOT NULL REFERENCES record (id),
    person   BIGINT REFERENCES entry (id),
    reason   TEXT NOT NULL,
    since    BIGINT NOT NULL,
    lifted   BIGINT
);
CREATE UNIQUE INDEX legal_hold_in_force ON legal_hold (record) WHERE lifted IS NULL;
CREATE INDEX legal_hold_by_record ON legal_hold (record);
CREATE INDEX legal_hold_by_person ON legal_hold (person) WHERE person IS NOT NULL;

-- An event stays what it is. Of a record whose words were removed, what was said and who it was can be emptied, and
-- nothing else; what was removed stays so.
DROP TRIGGER event_keeps;
CREATE TRIGGER event_keeps BEFORE UPDATE ON event
WHEN NOT (
    OLD.subject = 'record'
    AND EXISTS (SELECT 1 FROM record WHERE record.id = OLD.subject_id AND record.removed IS NOT NULL)
    AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.channel = OLD.channel AND NEW.subject = OLD.subject
    AND NEW.subject_id = OLD.subject_id AND NEW.process IS OLD.process AND NEW.verb = OLD.verb
    AND NEW.public = OLD.public AND NEW.actor IS NULL AND NEW.reason IS NULL
)
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER record_stays_removed BEFORE UPDATE OF removed ON record
WHEN OLD.removed IS NOT NULL AND NEW.removed IS NOT OLD.removed
BEGIN SELECT RAISE(ABORT, 'what was removed stays so'); END;
CREATE TRIGGER record_removed_unless_held BEFORE UPDATE OF removed ON record
WHEN NEW.removed IS NOT NULL AND (NEW.archived IS NULL
    OR EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.record = NEW.id AND legal_hold.lifted IS NULL))
BEGIN SELECT RAISE(ABORT, 'what is held is not removed'); END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('record', 'record_by_update', '900000 225000 1 1'),
    ('record', 'record_current_by_opening', '900000 225000 1 1'),
    ('record', 'record_archived_by_update', '100000 25000 1 1'),
    ('record', 'record_to_archive', '900000 225000 1 1'),
    ('record', 'record_to_remove', '100000 25000 1 1');
ANALYZE sqlite_schema;
