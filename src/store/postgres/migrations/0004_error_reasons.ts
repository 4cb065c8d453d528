/** Why a message failed, as a word. */
export default `
ALTER TABLE message_logs ADD COLUMN error_reason TEXT;
`;
