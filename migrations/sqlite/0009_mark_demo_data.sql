-- What was made up to look around in. Only what has no history yet can become so, and only the history of what is so can
-- be taken out of the log: nobody declares a true thing made up to lose its history.
CREATE TABLE demo (
    subject  TEXT NOT NULL,
    id       BIGINT NOT NULL,
    CONSTRAINT demo_subject_id_key PRIMARY KEY (subject, id)
) WITHOUT ROWID;
CREATE TRIGGER demo_from_birth BEFORE INSERT ON demo
WHEN EXISTS (SELECT 1 FROM event WHERE event.subject = NEW.subject AND event.subject_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'what has a history is no demo data'); END;
CREATE TRIGGER demo_keeps BEFORE UPDATE ON demo
BEGIN SELECT RAISE(ABORT, 'demo data stays what it is'); END;
DROP TRIGGER event_stays;
CREATE TRIGGER event_stays BEFORE DELETE ON event
WHEN NOT EXISTS (SELECT 1 FROM demo WHERE demo.id = OLD.subject_id
    AND demo.subject = CASE OLD.subject WHEN 'account' THEN 'entry' ELSE OLD.subject END)
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
