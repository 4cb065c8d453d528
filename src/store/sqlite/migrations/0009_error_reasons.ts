/** Why a message failed, as a word; what was compared by its sentence before is given the word for it. */
export default `
ALTER TABLE message_logs ADD COLUMN error_reason TEXT;
UPDATE message_logs SET error_reason = 'not_on_whatsapp'
  WHERE status = 'failed' AND error_message = 'This number is not on WhatsApp';
UPDATE message_logs SET error_reason = 'unknown_lid'
  WHERE status = 'failed' AND error_message = 'WhatsApp does not know this LID';
`;
