/** Keys for some chats only. */
export default `
ALTER TABLE api_keys ADD COLUMN read_chats TEXT;
ALTER TABLE api_keys ADD COLUMN send_chats TEXT;
`;
