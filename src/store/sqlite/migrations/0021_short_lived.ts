/** Drafts and links, which are kept for minutes or hours. */
export default `
CREATE TABLE short_lived (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  about TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX short_lived_about ON short_lived (kind, about, created_at);
CREATE INDEX short_lived_by_tenant ON short_lived (tenant_id, kind, created_at);
CREATE INDEX short_lived_by_end ON short_lived (expires_at);
`;
