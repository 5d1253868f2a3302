-- How the last changes of a team ended, and the changes that are under way: ranges, however many records are closed.
CREATE INDEX record_closed_changes_of_team ON record (team, id) WHERE process = 'change' AND phase = 3;
CREATE INDEX record_changes_under_way ON record (id) WHERE process = 'change' AND phase < 3;
CREATE INDEX change_ended_by_category ON change (category, record) WHERE outcome IS NOT NULL;
CREATE INDEX change_ended_by_model ON change (model, record) WHERE outcome IS NOT NULL;
-- The newest of what is linked with a record, without sorting all of it.
DROP INDEX link_back;
CREATE INDEX link_back ON link (to_record, relation, from_record);
