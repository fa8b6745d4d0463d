CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('id', lower(hex(randomblob(8)))) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS sources (
  source TEXT PRIMARY KEY, home TEXT, closed_through TEXT, forgotten_through TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger (
  source TEXT NOT NULL, day TEXT NOT NULL, number INTEGER NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (source, day, number)
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

-- An entry is live unless a later one of its source, day and hour replaces it.
CREATE VIEW IF NOT EXISTS live_commits AS
SELECT a.source, a.number, json_extract(a.entry, '$.hour') AS hour,
       json_extract(a.entry, '$.commit') AS commit_id
FROM ledger a
WHERE NOT EXISTS (
  SELECT 1 FROM ledger b
  WHERE b.source = a.source AND b.day = a.day AND b.number > a.number
    AND json_extract(b.entry, '$.hour') = json_extract(a.entry, '$.hour')
    AND json_extract(b.entry, '$.kind') <> 'adds');

CREATE VIEW IF NOT EXISTS live_summaries AS
SELECT s.source, s.hour, s.series, s.body
FROM live_commits c JOIN summaries s ON s.commit_id = c.commit_id;

-- The winning version of each record, with its first and last sighting.
CREATE VIEW IF NOT EXISTS latest_records AS
SELECT source, id, time, updated, min_seen AS first_seen, max_seen AS last_seen, body
FROM (
  SELECT r.source, r.id, r.time, r.updated, r.body,
         min(r.first_seen) OVER every_row AS min_seen,
         max(r.last_seen) OVER every_row AS max_seen,
         row_number() OVER (
           PARTITION BY r.source, r.id
           ORDER BY coalesce(r.updated, '') DESC, r.instant DESC, r.hash DESC, r.body DESC) AS place
  FROM live_commits c JOIN records r ON r.commit_id = c.commit_id
  WINDOW every_row AS (PARTITION BY r.source, r.id)
) WHERE place = 1;
