/** Who is signed in to the dashboard. */
export default `
CREATE TABLE sign_ins (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  former_token_hash TEXT,
  token_at INTEGER NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  is_operator INTEGER NOT NULL,
  parent_id TEXT REFERENCES sign_ins (id) ON DELETE CASCADE,
  key_mark TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  address TEXT,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_by_former_token ON sign_ins (former_token_hash) WHERE former_token_hash IS NOT NULL;
CREATE INDEX sign_ins_by_tenant ON sign_ins (tenant_id);
CREATE INDEX sign_ins_by_parent ON sign_ins (parent_id) WHERE parent_id IS NOT NULL;
`;
