-- The risk of a change: what counted, what people answered, and by which version of which rules.
ALTER TABLE change ADD COLUMN risk_points BIGINT;
ALTER TABLE change ADD COLUMN risk_answers TEXT;
ALTER TABLE change ADD COLUMN risk_because TEXT;
ALTER TABLE change ADD COLUMN risk_rules BIGINT REFERENCES entry (id);
ALTER TABLE change ADD COLUMN risk_version BIGINT;
