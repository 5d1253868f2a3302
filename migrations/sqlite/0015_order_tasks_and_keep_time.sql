-- Which tasks of a record have to be finished before another.
CREATE TABLE task_wait (
    task     BIGINT NOT NULL REFERENCES task (id),
    awaited  BIGINT NOT NULL REFERENCES task (id),
    CONSTRAINT task_wait_task_awaited_key PRIMARY KEY (task, awaited)
) WITHOUT ROWID;
CREATE INDEX task_wait_back ON task_wait (awaited);

-- Time that somebody has worked on a record; day counts days since 1970-01-01.
CREATE TABLE work_time (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    record   BIGINT NOT NULL REFERENCES record (id),
    person   BIGINT NOT NULL REFERENCES entry (id),
    day      BIGINT NOT NULL,
    minutes  BIGINT NOT NULL,
    note     TEXT,
    at       BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    CONSTRAINT work_time_minutes_known CHECK (minutes BETWEEN 1 AND 1440)
);
CREATE INDEX work_time_by_record ON work_time (record, day, id);
CREATE INDEX work_time_by_person ON work_time (person, day);
