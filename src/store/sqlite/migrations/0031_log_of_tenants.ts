/** Whose doings a line of the log is about. */
export default `
ALTER TABLE system_logs ADD COLUMN tenant_id TEXT;
CREATE INDEX system_logs_by_tenant ON system_logs (tenant_id) WHERE tenant_id IS NOT NULL;
CREATE INDEX system_logs_by_tenant_level ON system_logs (tenant_id, level) WHERE tenant_id IS NOT NULL;
`;
