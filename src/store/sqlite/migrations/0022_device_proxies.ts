/** Proxies of devices; the URL may be sealed. */
export default `
CREATE TABLE device_proxies (
  device_id TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  address TEXT NOT NULL,
  has_credentials INTEGER NOT NULL,
  error TEXT
) STRICT;
`;
