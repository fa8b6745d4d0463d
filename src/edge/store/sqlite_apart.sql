-- To version 3, around the making of the tables: what there was of journals stays one ledger, that
-- of the home that fed them last.
DROP VIEW IF EXISTS live_summaries;
DROP VIEW IF EXISTS latest_records;
DROP VIEW IF EXISTS journals;
DROP VIEW IF EXISTS live_commits;
ALTER TABLE sources RENAME TO sources_2;
ALTER TABLE ledger RENAME TO ledger_2;
