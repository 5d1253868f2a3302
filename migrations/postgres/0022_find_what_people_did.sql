-- Two people who turn out to be one are made one by a narrow update of each column that names them, so each has an
-- index by person. What is open has one already; what somebody wrote, solved or owned gets its own here.
CREATE INDEX record_solved_by ON record (assignee) WHERE phase >= 2 AND assignee IS NOT NULL;
CREATE INDEX incident_by_owner ON incident (owner) WHERE owner IS NOT NULL;
CREATE INDEX incident_by_first_assignee ON incident (first_assignee) WHERE first_assignee IS NOT NULL;
CREATE INDEX comment_by_author ON comment (author) WHERE author IS NOT NULL;
CREATE INDEX attachment_by_author ON attachment (author) WHERE author IS NOT NULL;
CREATE INDEX affected_by_person ON affected (person);
