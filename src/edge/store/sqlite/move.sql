INSERT INTO ledger (source, keeper, day, number, entry)
SELECT source,
       CASE source WHEN 'daybook' THEN
         coalesce((SELECT home FROM sources_2 WHERE source = 'daybook'), '') ELSE '' END,
       day, number, entry
FROM ledger_2;
INSERT INTO sources (source, keeper, home, closed_through, forgotten_through)
SELECT source, CASE source WHEN 'daybook' THEN coalesce(home, '') ELSE '' END,
       home, closed_through, forgotten_through
FROM sources_2;
DROP TABLE ledger_2;
DROP TABLE sources_2;
