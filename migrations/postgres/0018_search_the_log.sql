-- The log of configuration and accounts is searched by who, what and where, newest first; a search that finds nothing
-- reads nothing. When somebody last signed in stands there too.
DROP INDEX event_beside_records;
CREATE INDEX event_beside_by_time ON event (at, id) WHERE subject <> 'record';
CREATE INDEX event_beside_by_actor ON event (actor, at, id) WHERE subject <> 'record';
CREATE INDEX event_beside_by_verb ON event (verb, at, id) WHERE subject <> 'record';
CREATE INDEX event_beside_by_area ON event (coalesce(process, subject), at, id) WHERE subject <> 'record';
CREATE INDEX event_of_sign_in ON event (subject_id, at) WHERE subject = 'account' AND verb = 'signed_in';
