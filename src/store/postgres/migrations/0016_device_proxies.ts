/** Proxies of devices; the URL may be sealed. */
export default `
CREATE TABLE device_proxies (
  device_id TEXT COLLATE "C" PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  url TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  has_credentials BIGINT NOT NULL,
  error TEXT COLLATE "C"
);
`;
