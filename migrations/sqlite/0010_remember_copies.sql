-- Words and files that came from another record remember which one they were there, so that they can be given back.
ALTER TABLE comment ADD COLUMN origin BIGINT;
ALTER TABLE attachment ADD COLUMN origin BIGINT;
