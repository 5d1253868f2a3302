-- What is open or waits for its closing is a small part of all records: lists and counts of it read indexes of that part.
CREATE INDEX record_working_by_update ON record (process, updated, id) WHERE phase < 2;
CREATE INDEX record_working_by_opening ON record (process, opened, id) WHERE phase < 2;
CREATE INDEX record_working_by_requester ON record (requester, updated, id) WHERE phase < 2;
CREATE INDEX record_done_by_update ON record (process, updated, id) WHERE phase = 2;
