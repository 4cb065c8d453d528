/** The words of messages, to search in, and the names that messages carried. */
export default `
CREATE TABLE message_texts (
  number BIGINT PRIMARY KEY REFERENCES inbox (number) ON DELETE CASCADE,
  device_id TEXT COLLATE "C" NOT NULL,
  words TEXT
);
CREATE INDEX message_texts_due ON message_texts (number) WHERE words IS NULL;
CREATE INDEX message_texts_words ON message_texts USING gin (to_tsvector('simple', words)) WHERE words <> '';
CREATE TABLE contact_names (
  device_id TEXT COLLATE "C" NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  person TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  folded TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (device_id, person)
);
CREATE FUNCTION inbox_content_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_texts SET words = NULL WHERE number = new.number;
  RETURN NULL;
END $$;
CREATE TRIGGER inbox_content_came AFTER UPDATE OF payload ON inbox
FOR EACH ROW EXECUTE FUNCTION inbox_content_came();
`;
