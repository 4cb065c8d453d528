/** What messages were asked for under idempotency keys, and the numbers that they are to leave from. */
export default `
ALTER TABLE message_logs ADD COLUMN fingerprint TEXT;
ALTER TABLE message_logs ADD COLUMN sender_phone TEXT;
`;
