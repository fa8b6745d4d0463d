DROP VIEW IF EXISTS live_summaries;
DROP VIEW IF EXISTS latest_records;
DROP VIEW IF EXISTS journals;
DROP VIEW IF EXISTS live_commits;

-- An entry is live unless a later one of its ledger, day and hour replaces it.
CREATE VIEW live_commits AS
SELECT source, number, hour, commit_id FROM (
  SELECT source, number, hour, commit_id,
         max(CASE WHEN kind <> 'adds' THEN number ELSE 0 END)
           OVER (PARTITION BY source, keeper, day, hour) AS replaced
  FROM (
    SELECT source, keeper, day, number, json_extract(entry, '$.hour') AS hour,
           json_extract(entry, '$.kind') AS kind, json_extract(entry, '$.commit') AS commit_id
    FROM ledger WHERE json_valid(entry)
  )
) WHERE number >= replaced;

-- CROSS JOIN: commits first, then their rows; the other way round takes minutes.
CREATE VIEW live_summaries AS
SELECT c.source, c.hour, s.series, s.body
FROM live_commits c CROSS JOIN summaries s ON s.commit_id = c.commit_id;

-- The winning version of each record, with its first and last sighting. A condition on the source
-- reaches the ledger, since all that is grouped is grouped by it.
CREATE VIEW latest_records AS
SELECT source, id, time, updated, min_seen AS first_seen, max_seen AS last_seen, body
FROM (
  SELECT c.source, r.id, r.time, r.updated, r.body,
         min(r.first_seen) OVER every_row AS min_seen,
         max(r.last_seen) OVER every_row AS max_seen,
         row_number() OVER (
           PARTITION BY c.source, r.id
           ORDER BY coalesce(r.updated, '') DESC, r.instant DESC, r.hash DESC, r.body DESC) AS place
  FROM live_commits c CROSS JOIN records r ON r.commit_id = c.commit_id
  WINDOW every_row AS (PARTITION BY c.source, r.id)
) WHERE place = 1;

-- A line of a journal has one version only.
CREATE VIEW journals AS
SELECT c.hour, r.id, r.time, r.body
FROM live_commits c CROSS JOIN records r ON r.commit_id = c.commit_id
WHERE c.source = 'daybook';
