-- What customers' own fields hold, one row per value, so that lists are filtered and ordered by them from an index. The
-- JSON of the record stays the truth: a trigger keeps these rows, whoever writes it, also the release before this one.
CREATE TABLE custom_value (
    record   BIGINT NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    field    TEXT NOT NULL,
    position BIGINT NOT NULL,
    process  TEXT NOT NULL,
    -- Numbers, ids, days and instants; 1 and 0 for true and false.
    number   BIGINT,
    -- The beginning of a text, and the items of a list.
    text     TEXT,
    PRIMARY KEY (record, field, position)
);
CREATE FUNCTION custom_values(id BIGINT, process TEXT, custom JSONB)
RETURNS TABLE (record BIGINT, field TEXT, "position" BIGINT, of_process TEXT, number BIGINT, words TEXT)
LANGUAGE SQL IMMUTABLE AS $$
    SELECT id, own.key, 0::BIGINT, process,
        CASE
            WHEN jsonb_typeof(own.value) = 'boolean' THEN CASE own.value #>> '{}' WHEN 'true' THEN 1 ELSE 0 END
            WHEN own.value #>> '{}' ~ '^-?[0-9]{1,18}$' AND jsonb_typeof(own.value) = 'number'
                THEN CAST(own.value #>> '{}' AS BIGINT)
        END,
        CASE jsonb_typeof(own.value) WHEN 'string' THEN left(own.value #>> '{}', 200) END
    FROM jsonb_each(custom) AS own WHERE jsonb_typeof(own.value) IN ('boolean', 'number', 'string')
    UNION ALL
    SELECT id, own.key, item.place - 1, process, NULL, left(item.value, 200)
    FROM jsonb_each(custom) AS own,
        jsonb_array_elements_text(CASE jsonb_typeof(own.value) WHEN 'array' THEN own.value ELSE '[]' END)
            WITH ORDINALITY AS item (value, place)
$$;
INSERT INTO custom_value (record, field, position, process, number, text)
SELECT kept.* FROM record, LATERAL custom_values(record.id, record.process, record.custom) AS kept
WHERE record.custom IS NOT NULL;
CREATE INDEX custom_value_by_number ON custom_value (process, field, number, record) WHERE number IS NOT NULL;
CREATE INDEX custom_value_by_text ON custom_value (process, field, text, record) WHERE text IS NOT NULL;

CREATE FUNCTION keep_custom_values() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM custom_value WHERE custom_value.record = NEW.id;
    END IF;
    INSERT INTO custom_value (record, field, position, process, number, text)
    SELECT kept.* FROM custom_values(NEW.id, NEW.process, NEW.custom) AS kept;
    RETURN NULL;
END
$$;
CREATE TRIGGER record_keeps_custom_values AFTER INSERT ON record
FOR EACH ROW WHEN (NEW.custom IS NOT NULL) EXECUTE FUNCTION keep_custom_values();
CREATE TRIGGER record_changes_custom_values AFTER UPDATE OF custom ON record
FOR EACH ROW WHEN (OLD.custom IS DISTINCT FROM NEW.custom) EXECUTE FUNCTION keep_custom_values();
