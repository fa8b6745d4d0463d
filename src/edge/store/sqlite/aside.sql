-- To version 4, before the making of the tables: rows were JSON under the names of their commits.
DROP VIEW IF EXISTS live_summaries;
DROP VIEW IF EXISTS latest_records;
DROP VIEW IF EXISTS journals;
DROP VIEW IF EXISTS live_commits;
DROP INDEX IF EXISTS summaries_hour;
DROP INDEX IF EXISTS records_hour;
DROP INDEX IF EXISTS records_time;
DROP INDEX IF EXISTS records_id;
ALTER TABLE summaries RENAME TO summaries_3;
ALTER TABLE records RENAME TO records_3;
