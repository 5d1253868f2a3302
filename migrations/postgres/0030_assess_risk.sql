-- The risk of a change: what counted, what people answered, and by which version of which rules.
ALTER TABLE change ADD COLUMN risk_points BIGINT;
ALTER TABLE change ADD COLUMN risk_answers TEXT;
ALTER TABLE change ADD COLUMN risk_because TEXT;
ALTER TABLE change ADD COLUMN risk_rules BIGINT REFERENCES entry (id);
ALTER TABLE change ADD COLUMN risk_version BIGINT;

-- What was begun lately.
CREATE INDEX change_by_actual_start ON change (actual_start, record) WHERE actual_start IS NOT NULL;
