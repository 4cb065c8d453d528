/** Drafts and links, which are kept for minutes or hours. */
export default `
CREATE TABLE short_lived (
  kind TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  about TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX short_lived_about ON short_lived (kind, about, created_at);
CREATE INDEX short_lived_by_tenant ON short_lived (tenant_id, kind, created_at);
CREATE INDEX short_lived_by_end ON short_lived (expires_at);
`;
