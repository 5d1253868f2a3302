-- The audit of configuration and accounts reads the log backwards without what happened to records.
CREATE INDEX event_beside_records ON event (id) WHERE subject <> 'record';
