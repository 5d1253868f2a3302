-- Reports of a period read what happened in it, not all that is there. An event that resolves, closes or reopens a
-- record says so by the instants that it sets or clears.
CREATE INDEX event_of_course ON event (process, at)
    WHERE subject = 'record' AND (strpos(changes, '"field":"resolved"') > 0 OR strpos(changes, '"field":"closed"') > 0);
CREATE INDEX clock_by_stop ON clock (metric, stopped, started) WHERE stopped IS NOT NULL;
CREATE INDEX clock_by_breach ON clock (metric, breached, started) WHERE breached IS NOT NULL;
