/** What is pending and what failed is counted without a look at the history. Status 1 is success. */
export default `
CREATE INDEX delivery_counts_undone ON delivery_counts (status, hour, webhook_id, count)
  WHERE count > 0 AND status <> 1;
`;
