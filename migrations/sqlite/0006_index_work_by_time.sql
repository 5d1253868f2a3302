-- What is open or waits for its closing is a small part of all records: lists and counts of it read indexes of that part.
CREATE INDEX record_working_by_update ON record (process, updated, id) WHERE phase < 2;
CREATE INDEX record_working_by_opening ON record (process, opened, id) WHERE phase < 2;
CREATE INDEX record_working_by_requester ON record (requester, updated, id) WHERE phase < 2;
CREATE INDEX record_done_by_update ON record (process, updated, id) WHERE phase = 2;

-- Without figures the planner takes every index for equally selective. These are those of a million records, a fiftieth
-- of them open, so that plans are the same on every installation; whoever runs ANALYZE gets those of their own.
ANALYZE migration;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('record', 'record_by_update', '1000000 250000 1 1'),
    ('record', 'record_by_opening', '1000000 250000 1 1'),
    ('record', 'record_by_requester', '1000000 200 1 1'),
    ('record', 'record_by_organisation', '1000000 50000 1 1'),
    ('record', 'record_by_service', '800000 20000 1 1'),
    ('record', 'record_by_resolution', '900000 30000 1 1'),
    ('record', 'record_team_queue', '20000 600 300 1 1'),
    ('record', 'record_my_work', '20000 100 1 1'),
    ('record', 'record_priority_queue', '20000 5000 1200 1'),
    ('record', 'record_due_queue', '20000 5000 1 1'),
    ('record', 'record_working_by_update', '20000 5000 1 1'),
    ('record', 'record_working_by_opening', '20000 5000 1 1'),
    ('record', 'record_working_by_requester', '20000 10 1 1'),
    ('record', 'record_done_by_update', '5000 1500 1 1'),
    ('party', 'party_back', '500000 20 1');
ANALYZE sqlite_schema;
