/**
 * Fewer indexes of what went out: each is paid for with every message, and one of these again with every receipt. Only
 * messages through Qiscus are asked for by their channel, and what failed has an index of its own.
 */
export default `
DROP INDEX message_logs_by_status;
DROP INDEX message_logs_by_tenant_channel;
DROP INDEX message_logs_by_tenant_channel_status;
CREATE INDEX message_logs_qiscus ON message_logs (tenant_id, id) WHERE channel = 'qiscus';
CREATE INDEX message_logs_qiscus_by_status ON message_logs (tenant_id, status, id) WHERE channel = 'qiscus';
`;
