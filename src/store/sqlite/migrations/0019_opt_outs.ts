/** Who wants no more blasts of a tenant, and the words for it. */
export default `
CREATE TABLE opt_outs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  pn TEXT,
  lid TEXT,
  reason TEXT,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX opt_outs_by_pn ON opt_outs (tenant_id, pn) WHERE pn IS NOT NULL;
CREATE UNIQUE INDEX opt_outs_by_lid ON opt_outs (tenant_id, lid) WHERE lid IS NOT NULL;
CREATE INDEX opt_outs_by_tenant ON opt_outs (tenant_id, number);
CREATE TABLE opt_out_settings (
  tenant_id TEXT PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  value TEXT NOT NULL
) STRICT;
`;
