/** What phones hand over of the past: on their way in, asked for, and kept as long as if it had just come. */
export default `
ALTER TABLE inbox ADD COLUMN fetched_at INTEGER;
DROP INDEX inbox_by_age;
CREATE INDEX inbox_by_age ON inbox (sent_at) WHERE fetched_at IS NULL;
CREATE INDEX inbox_by_fetch ON inbox (fetched_at) WHERE fetched_at IS NOT NULL;
CREATE INDEX inbox_untold ON inbox (device_id, chat, sent_at) WHERE published = 4;
CREATE TABLE history_pages (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  message_id TEXT NOT NULL,
  payload BLOB NOT NULL,
  came_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX history_pages_by_message ON history_pages (device_id, message_id);
CREATE INDEX history_pages_by_device ON history_pages (device_id, number);
CREATE TABLE history_requests (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  chat TEXT,
  before_at INTEGER,
  count INTEGER,
  since INTEGER,
  question TEXT NOT NULL,
  chats TEXT NOT NULL,
  status TEXT NOT NULL,
  position INTEGER NOT NULL,
  anchor TEXT,
  asked_id TEXT,
  in_chat INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  added INTEGER NOT NULL,
  exhausted INTEGER NOT NULL,
  unanswered INTEGER NOT NULL,
  error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX history_requests_by_device ON history_requests (device_id, number);
CREATE INDEX history_requests_open ON history_requests (device_id) WHERE finished_at IS NULL;
CREATE INDEX history_requests_asked ON history_requests (device_id, asked_id) WHERE asked_id IS NOT NULL;
CREATE INDEX history_requests_by_age ON history_requests (created_at);
`;
