-- What is asked of the requester on hold is a comment; the column never held anything.
ALTER TABLE incident DROP COLUMN hold_comment;
