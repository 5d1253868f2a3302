-- What is open is often put under headings by its state.
CREATE INDEX record_state_queue ON record (process, state, id) WHERE phase < 2;
