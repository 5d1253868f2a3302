-- The category that a record was opened under stays beside the one that it has now. For records from before this step
-- the present category stands for it.
ALTER TABLE incident ADD COLUMN opening_category BIGINT REFERENCES entry (id);
UPDATE incident SET opening_category = category WHERE category IS NOT NULL;
