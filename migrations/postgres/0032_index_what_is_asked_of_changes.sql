-- How the last changes of a team ended, and the changes that are under way: ranges, however many records are closed.
CREATE INDEX record_closed_changes_of_team ON record (team, id) WHERE process = 'change' AND phase = 3;
CREATE INDEX record_changes_under_way ON record (id) WHERE process = 'change' AND phase < 3;
CREATE INDEX change_ended_by_category ON change (category, record) WHERE outcome IS NOT NULL;
CREATE INDEX change_ended_by_model ON change (model, record) WHERE outcome IS NOT NULL;
-- The newest of what is linked with a record, without sorting all of it.
DROP INDEX link_back;
CREATE INDEX link_back ON link (to_record, relation, from_record);

-- By what an item is known again, in the letters that both databases make small.
DROP INDEX configuration_item_by_serial_number;
DROP INDEX configuration_item_by_address;
DROP INDEX record_by_title_of_items;
CREATE INDEX configuration_item_by_serial_number ON configuration_item (lower(serial_number COLLATE "C")) WHERE serial_number IS NOT NULL;
CREATE INDEX configuration_item_by_address ON configuration_item (lower(address COLLATE "C")) WHERE address IS NOT NULL;
CREATE INDEX record_by_title_of_items ON record (lower(title COLLATE "C")) WHERE process = 'configuration_item';
