-- To version 3, around the making of the tables: what there was of journals stays one ledger, that
-- of the home that fed them last.
ALTER TABLE sources RENAME TO sources_2;
ALTER TABLE ledger RENAME TO ledger_2;
