/**
 * How far chats were read, and which messages phones do not count as unread. The chat '' stands for all chats of a
 * device: what had come in before reading was noted counts as read.
 */
export default `
ALTER TABLE inbox ADD COLUMN quiet INTEGER;
CREATE TABLE chat_reads (
  device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  up_to INTEGER NOT NULL,
  message_id TEXT,
  marked_unread INTEGER NOT NULL,
  PRIMARY KEY (device_id, chat)
) WITHOUT ROWID, STRICT;
CREATE INDEX chat_reads_by_age ON chat_reads (up_to);
INSERT INTO chat_reads (device_id, chat, up_to, message_id, marked_unread)
  SELECT id, '', (SELECT max(sent_at) FROM inbox WHERE fetched_at IS NULL), NULL, 0 FROM devices
  WHERE EXISTS (SELECT 1 FROM inbox WHERE fetched_at IS NULL)
    AND EXISTS (SELECT 1 FROM inbox WHERE device_id = devices.id);
`;
