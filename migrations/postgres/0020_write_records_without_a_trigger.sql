-- Here a trigger that has nothing to do costs nothing: what SQLite does otherwise stays as it is.
SELECT 1;
