-- What was made up to look around in. Only what has no history yet can become so, and only the history of what is so can
-- be taken out of the log: nobody declares a true thing made up to lose its history.
CREATE TABLE demo (
    subject  TEXT NOT NULL,
    id       BIGINT NOT NULL,
    CONSTRAINT demo_subject_id_key PRIMARY KEY (subject, id)
);
CREATE FUNCTION refuse_late_demo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        OR EXISTS (SELECT 1 FROM event WHERE event.subject = NEW.subject AND event.subject_id = NEW.id) THEN
        RAISE EXCEPTION 'what has a history is no demo data' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER demo_from_birth BEFORE INSERT OR UPDATE ON demo
    FOR EACH ROW EXECUTE FUNCTION refuse_late_demo();
CREATE FUNCTION refuse_event_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM demo WHERE demo.id = OLD.subject_id
        AND demo.subject = CASE OLD.subject WHEN 'account' THEN 'entry' ELSE OLD.subject END) THEN
        RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER event_keeps ON event;
CREATE TRIGGER event_keeps BEFORE UPDATE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
CREATE TRIGGER event_goes BEFORE DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_event_removal();
