-- What is open is often put under headings by its state.
CREATE INDEX record_state_queue ON record (process, state, id) WHERE phase < 2;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('record', 'record_state_queue', '20000 5000 1200 1');
ANALYZE sqlite_schema;
