/** The words of messages, to search in, and the names that messages carried. The index follows the table. */
export default `
CREATE TABLE message_texts (
  number INTEGER PRIMARY KEY REFERENCES inbox (number) ON DELETE CASCADE,
  device_id TEXT NOT NULL,
  words TEXT
) STRICT;
CREATE INDEX message_texts_due ON message_texts (number) WHERE words IS NULL;
CREATE TABLE contact_names (
  device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  person TEXT NOT NULL,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (device_id, person)
) WITHOUT ROWID, STRICT;
CREATE VIRTUAL TABLE message_words USING fts5 (
  device_id, words,
  content = 'message_texts', content_rowid = 'number', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER message_texts_added AFTER INSERT ON message_texts WHEN new.words <> '' BEGIN
  INSERT INTO message_words (rowid, device_id, words) VALUES (new.number, new.device_id, new.words);
END;
CREATE TRIGGER message_texts_removed AFTER DELETE ON message_texts WHEN old.words <> '' BEGIN
  INSERT INTO message_words (message_words, rowid, device_id, words)
  VALUES ('delete', old.number, old.device_id, old.words);
END;
CREATE TRIGGER message_texts_taken_out AFTER UPDATE OF words ON message_texts WHEN old.words <> '' BEGIN
  INSERT INTO message_words (message_words, rowid, device_id, words)
  VALUES ('delete', old.number, old.device_id, old.words);
END;
CREATE TRIGGER message_texts_put_in AFTER UPDATE OF words ON message_texts WHEN new.words <> '' BEGIN
  INSERT INTO message_words (rowid, device_id, words) VALUES (new.number, new.device_id, new.words);
END;
CREATE TRIGGER inbox_content_came AFTER UPDATE OF payload ON inbox BEGIN
  UPDATE message_texts SET words = NULL WHERE number = new.number;
END;
`;
