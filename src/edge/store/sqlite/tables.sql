-- Times in tables are whole numbers: seconds since 1970, or milliseconds where the name ends in _ms.
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

-- What rows name by a number: sources, series and ids of records, fields, lists of fields. A label
-- is the name of a series for people.
CREATE TABLE IF NOT EXISTS feeds (number INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS names (
  number INTEGER PRIMARY KEY, feed INTEGER NOT NULL, name TEXT NOT NULL, label TEXT,
  UNIQUE (feed, name)
);
CREATE TABLE IF NOT EXISTS fields (
  number INTEGER PRIMARY KEY, feed INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT,
  form TEXT NOT NULL, step REAL, trace INTEGER
);
CREATE TABLE IF NOT EXISTS shapes (number INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);

-- A number is never given twice. The rows of a commit have the ids from number << 24 on.
CREATE TABLE IF NOT EXISTS commits (
  number INTEGER PRIMARY KEY AUTOINCREMENT, commit_id TEXT NOT NULL UNIQUE, feed INTEGER NOT NULL,
  hour INTEGER NOT NULL, batch TEXT NOT NULL, written_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS commits_hour ON commits (feed, hour);

-- One field of one series in one hour.
CREATE TABLE IF NOT EXISTS summaries (
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, field INTEGER NOT NULL, count INTEGER NOT NULL,
  sum REAL, min REAL, max REAL, first REAL, last REAL, rest NOT NULL
);

-- The answers that versions of records are of: when each was fetched, in milliseconds after the
-- start of the commit's hour, and the hash of its bytes.
CREATE TABLE IF NOT EXISTS answers (
  commit_number INTEGER NOT NULL, place INTEGER NOT NULL, after_ms INTEGER NOT NULL,
  hash BLOB NOT NULL, PRIMARY KEY (commit_number, place)
) WITHOUT ROWID;

-- One version of a record; first and last are its sightings, in milliseconds after the start of
-- the commit's hour, body is the list of its values.
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, name INTEGER NOT NULL, time_ms INTEGER,
  updated_ms INTEGER, answer INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, shape INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS records_time ON records (feed, time_ms);
CREATE INDEX IF NOT EXISTS records_name ON records (name);

-- Lines of one run of a program, up to 1,000.
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, began_ms INTEGER NOT NULL, answer INTEGER NOT NULL,
  lines TEXT NOT NULL
);
