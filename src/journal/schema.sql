-- The whole of schema version 1: frozen by the first release, compared with what a file holds whenever it is opened.
CREATE TABLE entries (
  incident INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  entry BLOB NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  "when" TEXT,
  author TEXT NOT NULL,
  session INTEGER NOT NULL,
  schema INTEGER NOT NULL,
  kind TEXT NOT NULL,
  fact TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (incident, seq)
) STRICT;
