-- The tables of a store. What people read are the views: docs/postgresql.md.
CREATE TABLE IF NOT EXISTS store (key text PRIMARY KEY, value text NOT NULL);

-- The text of each declaration that an entry names, by the whole of its hash.
CREATE TABLE IF NOT EXISTS declarations (hash text PRIMARY KEY, declaration text NOT NULL);

-- The keeper is the home to which journals belong: each has a ledger of its own. Of all other
-- sources it is empty.
CREATE TABLE IF NOT EXISTS sources (
  source text NOT NULL, keeper text NOT NULL, home text, closed_through timestamptz,
  forgotten_through timestamptz, PRIMARY KEY (source, keeper)
);

-- The entry is the whole; hour, kind, commit and declaration are what views need of it.
CREATE TABLE IF NOT EXISTS ledger (
  source text NOT NULL, keeper text NOT NULL, day text COLLATE "C" NOT NULL, number bigint NOT NULL,
  hour timestamptz NOT NULL, kind text NOT NULL, commit_id text NOT NULL, entry text NOT NULL,
  declaration text NOT NULL, PRIMARY KEY (source, day, keeper, number)
);

-- Which declarations the entries of a source were read under.
CREATE TABLE IF NOT EXISTS read_under (
  source text NOT NULL, declaration text NOT NULL, PRIMARY KEY (source, declaration)
);

-- What rows name by a number: sources, series and ids of records, fields. A label is the name of a
-- series for people.
CREATE TABLE IF NOT EXISTS feeds (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS names (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, feed integer NOT NULL,
  name text COLLATE "C" NOT NULL, label text, UNIQUE (feed, name)
);
CREATE TABLE IF NOT EXISTS fields (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, feed integer NOT NULL,
  name text NOT NULL, unit text, form text NOT NULL, step double precision, trace bigint
);

-- A number is never given twice.
CREATE TABLE IF NOT EXISTS commits (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, commit_id text NOT NULL UNIQUE,
  feed integer NOT NULL, hour timestamptz NOT NULL, batch text NOT NULL,
  written_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS commits_hour ON commits (feed, hour);

-- One field of one series in one hour. Of texts there are counts only, as JSON.
CREATE TABLE IF NOT EXISTS summaries (
  commit_number bigint NOT NULL, series bigint NOT NULL, field integer NOT NULL,
  count bigint NOT NULL, sum double precision, min double precision, max double precision,
  first double precision, last double precision, rest bytea, texts text
);
CREATE INDEX IF NOT EXISTS summaries_commit ON summaries (commit_number);
CREATE INDEX IF NOT EXISTS summaries_series ON summaries (series, commit_number);

-- One version of a record: when it was fetched, in an answer of which hash, and what it says.
CREATE TABLE IF NOT EXISTS records (
  commit_number bigint NOT NULL, feed integer NOT NULL, name bigint NOT NULL, time timestamptz,
  updated_at timestamptz, fetched_at timestamptz NOT NULL, hash bytea NOT NULL,
  first_seen_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL, body json NOT NULL
);
CREATE INDEX IF NOT EXISTS records_commit ON records (commit_number);
CREATE INDEX IF NOT EXISTS records_time ON records (feed, time);
CREATE INDEX IF NOT EXISTS records_name ON records (name, last_seen_at);

-- Lines of one run of a program.
CREATE TABLE IF NOT EXISTS runs (
  commit_number bigint NOT NULL, run text NOT NULL, began_at timestamptz NOT NULL,
  fetched_at timestamptz NOT NULL, hash bytea NOT NULL, lines json NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_commit ON runs (commit_number);

-- What stands beside a record, and goes when it is withdrawn.
CREATE TABLE IF NOT EXISTS sides (
  source text NOT NULL, id text COLLATE "C" NOT NULL, updated_at timestamptz,
  fetched_at timestamptz NOT NULL, hash bytea NOT NULL, body text, withdrawn_at timestamptz,
  PRIMARY KEY (source, id)
);

-- Of which shape the views of a source are, and which columns each has, for good.
CREATE TABLE IF NOT EXISTS described (source text PRIMARY KEY, digest text NOT NULL);
CREATE TABLE IF NOT EXISTS described_columns (
  view text NOT NULL, place integer NOT NULL, name text NOT NULL, field text NOT NULL,
  part text NOT NULL, unit text, title text NOT NULL, PRIMARY KEY (view, place)
);
