/** Single messages that are to leave later. */
export default `
ALTER TABLE message_logs ADD COLUMN send_at BIGINT;
CREATE INDEX message_logs_scheduled ON message_logs (status, send_at) WHERE status = 'scheduled';
CREATE INDEX message_logs_scheduled_by_tenant ON message_logs (tenant_id, send_at, job_id) WHERE status = 'scheduled';
`;
