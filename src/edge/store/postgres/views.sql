-- An entry is live unless a later one of its ledger, day and hour replaces it.
CREATE OR REPLACE VIEW live_commits AS
SELECT l.source, l.number, l.hour, l.commit_id, c.number AS commit_number, c.feed, l.declaration
FROM (
  SELECT source, number, hour, commit_id, declaration,
         max(CASE WHEN kind <> 'adds' THEN number ELSE 0 END)
           OVER (PARTITION BY source, keeper, day, hour) AS replaced
  FROM ledger
) l JOIN commits c ON c.commit_id = l.commit_id
WHERE l.number >= l.replaced;

-- One field of one series in one hour, from one batch. Of texts there are counts only. The server
-- raises an error where a quotient is too small for any number, and nobody could read the view.
CREATE OR REPLACE VIEW statistics AS
SELECT c.source, c.hour, n.name AS series, n.label, f.name AS field, f.unit, s.count, s.sum, s.min,
       s.max, least(greatest(CASE WHEN abs(s.sum) <= (s.count / 2) * 5e-324::double precision THEN 0
                                  ELSE s.sum / s.count END, s.min), s.max) AS mean,
       s.first, s.last, s.texts, c.commit_id
FROM live_commits c JOIN summaries s ON s.commit_number = c.commit_number
JOIN names n ON n.number = s.series JOIN fields f ON f.number = s.field;

-- The winning version of each record, with its first and last sighting.
CREATE OR REPLACE VIEW latest_records AS
SELECT source, id, time, updated_at, first_seen_at, last_seen_at, body
FROM (
  SELECT c.source, n.name AS id, r.time, r.updated_at, r.body,
         min(r.first_seen_at) OVER every_row AS first_seen_at,
         max(r.last_seen_at) OVER every_row AS last_seen_at,
         row_number() OVER (
           PARTITION BY c.source, r.name
           ORDER BY r.updated_at DESC NULLS LAST, r.fetched_at DESC, r.hash DESC) AS place
  FROM live_commits c JOIN records r ON r.commit_number = c.commit_number
  JOIN names n ON n.number = r.name
  WINDOW every_row AS (PARTITION BY c.source, r.name)
) w WHERE place = 1;

-- The lines of the programs' journals, as they are kept: docs/store.md tells how a list is read.
CREATE OR REPLACE VIEW journals AS
SELECT c.hour, r.run, r.began_at, l.place, l.line
FROM live_commits c JOIN runs r ON r.commit_number = c.commit_number
CROSS JOIN LATERAL json_array_elements(r.lines) WITH ORDINALITY AS l (line, place)
WHERE c.source = 'daybook';
