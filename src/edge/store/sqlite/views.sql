DROP VIEW IF EXISTS statistics;
DROP VIEW IF EXISTS live_summaries;
DROP VIEW IF EXISTS latest_records;
DROP VIEW IF EXISTS journals;
DROP VIEW IF EXISTS live_commits;

-- An entry is live unless a later one of its ledger, day and hour replaces it. Its rows have the ids
-- from first_row to before end_row; hour_ms is where instants of rows are counted from.
CREATE VIEW live_commits AS
SELECT l.source, l.number, l.hour, l.commit_id, c.number << 24 AS first_row,
       (c.number + 1) << 24 AS end_row, c.hour * 1000 AS hour_ms
FROM (
  SELECT source, number, hour, commit_id,
         max(CASE WHEN kind <> 'adds' THEN number ELSE 0 END)
           OVER (PARTITION BY source, keeper, day, hour) AS replaced
  FROM (
    SELECT source, keeper, day, number, json_extract(entry, '$.hour') AS hour,
           json_extract(entry, '$.kind') AS kind, json_extract(entry, '$.commit') AS commit_id
    FROM ledger WHERE json_valid(entry)
  )
) l CROSS JOIN commits c ON c.commit_id = l.commit_id
WHERE l.number >= l.replaced;

-- One field of one series in one hour, from one batch. Of texts there are counts only: rest.
-- CROSS JOIN: commits first, then their rows; the other way round takes minutes.
CREATE VIEW statistics AS
SELECT c.source, c.hour, n.name AS series, n.label, f.name AS field, f.unit, s.count, s.sum, s.min,
       s.max, CASE WHEN s.sum IS NOT NULL THEN min(max(s.sum / s.count, s.min), s.max) END AS mean,
       s.first, s.last, CASE f.form WHEN 'texts' THEN s.rest END AS texts, c.commit_id
FROM live_commits c CROSS JOIN summaries s ON s.id >= c.first_row AND s.id < c.end_row
CROSS JOIN names n ON n.number = s.series CROSS JOIN fields f ON f.number = s.field;

-- The same, one series of an hour in a row, its fields as JSON.
CREATE VIEW live_summaries AS
SELECT source, hour, series, label, json_object('fields', json_group_object(field,
         CASE WHEN texts IS NULL
           THEN json_object('unit', unit, 'count', count, 'sum', sum, 'min', min, 'max', max,
                            'mean', mean, 'first', first, 'last', last)
           ELSE json_object('unit', unit, 'count', count, 'texts', json(texts)) END)) AS body
FROM statistics GROUP BY source, hour, commit_id, series;

-- The winning version of each record, with its first and last sighting. A condition on the source
-- reaches the ledger, since all that is grouped is grouped by it.
CREATE VIEW latest_records AS
SELECT w.source, n.name AS id,
       strftime('%Y-%m-%dT%H:%M:%fZ', w.time_ms / 1000.0, 'unixepoch') AS time,
       strftime('%Y-%m-%dT%H:%M:%fZ', w.updated_ms / 1000.0, 'unixepoch') AS updated,
       strftime('%Y-%m-%dT%H:%M:%fZ', w.first_ms / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', w.last_ms / 1000.0, 'unixepoch') AS last_seen,
       (SELECT json_object('values', json_group_object(k.value, v.value))
        FROM shapes h CROSS JOIN json_each(h.names) k CROSS JOIN json_each(w.body) v ON v.key = k.key
        WHERE h.number = w.shape) AS body
FROM (
  SELECT c.source, r.name, r.time_ms, r.updated_ms, r.shape, r.body,
         min(r.first_ms + c.hour_ms) OVER every_row AS first_ms,
         max(r.last_ms + c.hour_ms) OVER every_row AS last_ms,
         row_number() OVER (
           PARTITION BY c.source, r.name
           ORDER BY r.updated_ms DESC NULLS LAST, a.after_ms + c.hour_ms DESC, a.hash DESC,
                    r.body DESC) AS place
  FROM live_commits c CROSS JOIN records r ON r.id >= c.first_row AND r.id < c.end_row
  CROSS JOIN answers a ON a.commit_number = r.id >> 24 AND a.place = r.answer
  WINDOW every_row AS (PARTITION BY c.source, r.name)
) w CROSS JOIN names n ON n.number = w.name WHERE w.place = 1;

-- A line of a journal has one version only. How the lists of a run are read: docs/store.md.
CREATE VIEW journals AS
WITH named AS (
  SELECT c.hour, r.began_ms, l.value AS line, json_array_length(l.value) AS parts,
         replace(r.run, '@',
                 strftime('%Y-%m-%dT%H-%M-%SZ', r.began_ms / 1000, 'unixepoch')) AS run,
         CASE WHEN json_array_length(l.value) < 7 THEN ''
           WHEN json_type(l.value, '$[0]') = 'integer'
           THEN (SELECT name FROM names WHERE number = json_extract(l.value, '$[0]'))
           ELSE json_extract(l.value, '$[0]') END || ' ' AS name
  FROM live_commits c CROSS JOIN runs r ON r.id >= c.first_row AND r.id < c.end_row
  CROSS JOIN json_each(r.lines) l
  WHERE c.source = 'daybook'
), lines AS (
  SELECT *, substr(name, 1, instr(name, ' ') - 1) AS source,
         replace(substr(name, instr(name, ' ') + 1), ' ', '_') AS declaration,
         CASE WHEN parts IN (8, 14) AND json_extract(line, '$[#-1]') GLOB '[0-9]*'
           THEN '[' || json_extract(line, '$[#-1]') || ']' END AS effort
  FROM named
), told AS (
  SELECT hour, run, began_ms, json_extract(line, '$[0]') AS place,
         json_extract(line, '$[1]') AS after_ms,
         CASE WHEN json_type(line, '$[2]') = 'text'
           THEN json_object('event', json_extract(line, '$[2]'))
           ELSE json_extract(line, '$[2]') END AS body
  FROM lines WHERE parts = 3
  UNION ALL
  SELECT hour, run, began_ms, json_extract(line, '$[1]'),
         json_extract(line, CASE WHEN parts < 10 THEN '$[2]' ELSE '$[3]' END),
         json_patch(json_object('event', 'landed', 'source', source,
           'slot', strftime('%Y-%m-%dT%H:%M:%fZ', (began_ms + json_extract(line,
             CASE WHEN parts < 10 THEN '$[3]' ELSE '$[5]' END)) / 1000.0, 'unixepoch'),
           'status', json_extract(line, CASE WHEN parts < 10 THEN '$[4]' ELSE '$[10]' END),
           'bytes', json_extract(line, CASE WHEN parts < 10 THEN '$[5]' ELSE '$[11]' END),
           'snapshots', (
             SELECT group_concat(CASE WHEN s.value LIKE '=%' THEN substr(s.value, 2) ELSE
                      source || '_' ||
                      strftime('%Y-%m-%dT%H-%M-%SZ', began_ms / 1000 + CAST(s.value AS INTEGER),
                               'unixepoch') ||
                      rtrim(substr(s.value, instr(s.value, '_')),
                            replace(substr(s.value, instr(s.value, '_')), '_', '')) ||
                      declaration ||
                      substr(s.value, length(rtrim(s.value, replace(s.value, '_', ''))) + 1) ||
                      CASE WHEN instr(s.value, '.') THEN '' ELSE '.json' END END, ' ')
             FROM json_each('["' || replace(json_extract(line,
               CASE WHEN parts < 10 THEN '$[6]' ELSE '$[12]' END), ' ', '","') || '"]') s)),
           json_object('took', json_extract(effort, '$[0]'), 'wire', json_extract(effort, '$[1]'),
                       'tries', json_extract(effort, '$[2]')))
  FROM lines WHERE parts IN (7, 8, 13, 14)
  UNION ALL
  SELECT hour, run, began_ms, json_extract(line, CASE WHEN parts < 13 THEN '$[1]' ELSE '$[2]' END),
         json_extract(line, CASE WHEN parts < 13 THEN '$[2]' ELSE '$[4]' END) +
           CASE WHEN parts < 13 THEN 0 ELSE json_extract(line, '$[8]') END,
         json_patch(json_object('event', 'outcome', 'source', source,
           'slot', strftime('%Y-%m-%dT%H:%M:%fZ', (began_ms + json_extract(line,
             CASE WHEN parts < 13 THEN '$[3]' ELSE '$[5]' END)) / 1000.0, 'unixepoch'),
           'every', json_extract(line, CASE WHEN parts < 13 THEN '$[4]' ELSE '$[6]' END),
           'started', strftime('%Y-%m-%dT%H:%M:%fZ', (began_ms + json_extract(line,
             CASE WHEN parts < 13 THEN '$[5]' ELSE '$[7]' END)) / 1000.0, 'unixepoch'),
           'ended', strftime('%Y-%m-%dT%H:%M:%fZ', (began_ms + json_extract(line,
             CASE WHEN parts < 13 THEN '$[6]' ELSE '$[8]' END)) / 1000.0, 'unixepoch'),
           'outcome', CASE json_type(line, CASE WHEN parts < 13 THEN '$[7]' ELSE '$[9]' END)
             WHEN 'integer' THEN (SELECT name FROM names WHERE number = json_extract(line,
               CASE WHEN parts < 13 THEN '$[7]' ELSE '$[9]' END))
             ELSE json_extract(line, CASE WHEN parts < 13 THEN '$[7]' ELSE '$[9]' END) END,
           'status', json_extract(line, CASE WHEN parts < 13 THEN '$[8]' ELSE '$[10]' END),
           'bytes', json_extract(line, CASE WHEN parts < 13 THEN '$[9]' ELSE '$[11]' END)),
           json_object('error', CASE WHEN parts = 11 THEN json_extract(line, '$[10]') END))
  FROM lines WHERE parts IN (10, 11, 13, 14)
)
SELECT hour, run || '/' || place AS id,
       strftime('%Y-%m-%dT%H:%M:%fZ', (began_ms + after_ms) / 1000.0, 'unixepoch') AS time,
       json_object('values', json_patch(body,
         json_object('run', run, 'tier', substr(run, 1, instr(run, '-') - 1)))) AS body
FROM told;
