/** Deliveries that were given up and are tried once more: few at a time, listed as failed. */
export default `
CREATE INDEX deliveries_recovering ON deliveries (webhook_id) WHERE status = 0 AND round_start < 0;
CREATE INDEX deliveries_recovering_by_tenant ON deliveries (tenant_id) WHERE status = 0 AND round_start < 0;
`;
