/** A failed delivery's `due_at` tells when it is to be tried again by itself; 0: never. */
export default `
UPDATE deliveries SET due_at = 0 WHERE status = 2;
CREATE INDEX deliveries_stragglers ON deliveries (webhook_id, due_at) WHERE status = 2 AND due_at > 0;
`;
