-- What customers' own fields hold, one row per value, so that lists are filtered and ordered by them from an index. The
-- JSON of the record stays the truth: triggers keep these rows, whoever writes it, also the release before this one.
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
) WITHOUT ROWID;
INSERT INTO custom_value (record, field, position, process, number, text)
SELECT record.id, own.key, 0, record.process,
    CASE own.type WHEN 'integer' THEN own.value WHEN 'true' THEN 1 WHEN 'false' THEN 0 END,
    CASE own.type WHEN 'text' THEN substr(own.value, 1, 200) END
FROM record, json_each(record.custom) AS own
WHERE record.custom IS NOT NULL AND own.type IN ('integer', 'true', 'false', 'text')
UNION ALL
SELECT record.id, own.key, item.key, record.process, NULL, substr(CAST(item.value AS TEXT), 1, 200)
FROM record, json_each(record.custom) AS own,
    json_each(CASE own.type WHEN 'array' THEN own.value ELSE '[]' END) AS item
WHERE record.custom IS NOT NULL;
CREATE INDEX custom_value_by_number ON custom_value (process, field, number, record) WHERE number IS NOT NULL;
CREATE INDEX custom_value_by_text ON custom_value (process, field, text, record) WHERE text IS NOT NULL;

CREATE TRIGGER record_keeps_custom_values AFTER INSERT ON record WHEN NEW.custom IS NOT NULL BEGIN
    INSERT INTO custom_value (record, field, position, process, number, text)
    SELECT NEW.id, own.key, 0, NEW.process,
        CASE own.type WHEN 'integer' THEN own.value WHEN 'true' THEN 1 WHEN 'false' THEN 0 END,
        CASE own.type WHEN 'text' THEN substr(own.value, 1, 200) END
    FROM json_each(NEW.custom) AS own WHERE own.type IN ('integer', 'true', 'false', 'text')
    UNION ALL
    SELECT NEW.id, own.key, item.key, NEW.process, NULL, substr(CAST(item.value AS TEXT), 1, 200)
    FROM json_each(NEW.custom) AS own,
        json_each(CASE own.type WHEN 'array' THEN own.value ELSE '[]' END) AS item;
END;
CREATE TRIGGER record_changes_custom_values AFTER UPDATE OF custom ON record
WHEN OLD.custom IS NOT NEW.custom BEGIN
    DELETE FROM custom_value WHERE record = NEW.id;
    INSERT INTO custom_value (record, field, position, process, number, text)
    SELECT NEW.id, own.key, 0, NEW.process,
        CASE own.type WHEN 'integer' THEN own.value WHEN 'true' THEN 1 WHEN 'false' THEN 0 END,
        CASE own.type WHEN 'text' THEN substr(own.value, 1, 200) END
    FROM json_each(NEW.custom) AS own WHERE own.type IN ('integer', 'true', 'false', 'text')
    UNION ALL
    SELECT NEW.id, own.key, item.key, NEW.process, NULL, substr(CAST(item.value AS TEXT), 1, 200)
    FROM json_each(NEW.custom) AS own,
        json_each(CASE own.type WHEN 'array' THEN own.value ELSE '[]' END) AS item;
END;
