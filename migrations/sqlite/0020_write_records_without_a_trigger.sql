-- A trigger on INSERT makes SQLite keep a journal of each statement: of every page of the record and of its indexes that
-- it changes, a fifth of what a new record costs. Whoever inserts one with custom values writes them once more; the one
-- trigger that is left keeps the rows whenever that column is written.
DROP TRIGGER record_keeps_custom_values;
DROP TRIGGER record_changes_custom_values;
CREATE TRIGGER record_keeps_custom_values AFTER UPDATE OF custom ON record BEGIN
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
