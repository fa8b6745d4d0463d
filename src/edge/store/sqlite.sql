CREATE TABLE IF NOT EXISTS store (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO store VALUES ('id', lower(hex(randomblob(8)))) ON CONFLICT DO NOTHING;
-- Programs of before version 2 write to meta as they open a store: here they fail.
CREATE VIEW IF NOT EXISTS meta AS SELECT key, value FROM store;

-- The text of each declaration that an entry names, by the whole of its hash.
CREATE TABLE IF NOT EXISTS declarations (
  hash TEXT PRIMARY KEY, text TEXT NOT NULL
) WITHOUT ROWID;

-- The keeper is the home to which journals belong: each has a ledger of its own. Of all other
-- sources it is empty.
CREATE TABLE IF NOT EXISTS sources (
  source TEXT NOT NULL, keeper TEXT NOT NULL, home TEXT, closed_through TEXT,
  forgotten_through TEXT, PRIMARY KEY (source, keeper)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger (
  source TEXT NOT NULL, keeper TEXT NOT NULL, day TEXT NOT NULL, number INTEGER NOT NULL,
  entry TEXT NOT NULL, PRIMARY KEY (source, keeper, day, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS summaries (
  commit_id TEXT NOT NULL, series TEXT NOT NULL, source TEXT NOT NULL, hour TEXT NOT NULL,
  batch TEXT NOT NULL, written TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (commit_id, series)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS summaries_hour ON summaries (source, hour, commit_id, batch, written);

CREATE TABLE IF NOT EXISTS records (
  commit_id TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, hour TEXT NOT NULL,
  batch TEXT NOT NULL, written TEXT NOT NULL, body TEXT NOT NULL,
  time TEXT, updated TEXT, instant TEXT NOT NULL, hash TEXT NOT NULL,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
  PRIMARY KEY (commit_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_hour ON records (source, hour, commit_id, batch, written);
CREATE INDEX IF NOT EXISTS records_time ON records (source, time);
CREATE INDEX IF NOT EXISTS records_id ON records (source, id);
