-- What is made regularly can be a report, which says what it is for and for whom.
ALTER TABLE export_schedule ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE export_schedule ADD COLUMN audience TEXT NOT NULL DEFAULT '';
ALTER TABLE export_file ADD COLUMN report TEXT;
