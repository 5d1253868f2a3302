-- The person or role as whom a session's person looks; nothing is written for such a session meanwhile.
ALTER TABLE session ADD COLUMN viewed BIGINT REFERENCES entry (id);
