/** When and why blasts were paused, went on, or lost a device. */
export default `
CREATE TABLE blast_turns (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  blast_id TEXT NOT NULL REFERENCES blasts (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  cause TEXT NOT NULL,
  by_whom TEXT,
  device_id TEXT,
  reason TEXT
) STRICT;
CREATE INDEX blast_turns_by_blast ON blast_turns (blast_id);
`;
