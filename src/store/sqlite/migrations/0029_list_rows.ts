/** Which row of its list a message of a blast was made of. */
export default `
ALTER TABLE message_logs ADD COLUMN list_row INTEGER;
`;
