-- Who may see a record is asked of every one that is counted. Where an index holds what that depends on, counting what
-- is open reads the index alone.
DROP INDEX record_working_by_update;
CREATE INDEX record_working_by_update ON record (process, updated, id, restricted, assignee, team) WHERE phase < 2;
DROP INDEX record_done_by_update;
CREATE INDEX record_done_by_update ON record (process, updated, id, restricted, assignee, team) WHERE phase = 2;
DROP INDEX record_due_queue;
CREATE INDEX record_due_queue ON record (process, due, id, phase, restricted, assignee, team) WHERE phase < 2;
DROP INDEX record_my_work;
CREATE INDEX record_my_work ON record (assignee, updated, id, process, restricted, team) WHERE phase < 2;
DROP INDEX record_team_queue;
CREATE INDEX record_team_queue ON record (team, process, updated, id, restricted, assignee) WHERE phase < 2;

-- The figures of the planner go with an index that is dropped.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('record', 'record_working_by_update', '20000 5000 1 1 1 1 1'),
    ('record', 'record_done_by_update', '5000 1500 1 1 1 1 1'),
    ('record', 'record_due_queue', '20000 5000 1 1 1 1 1 1'),
    ('record', 'record_my_work', '20000 100 1 1 1 1 1'),
    ('record', 'record_team_queue', '20000 600 300 1 1 1 1');
ANALYZE sqlite_schema;
