/** What follows all names that begin so: names hold nothing above `~`. */
export function afterAll(prefix: string): string {
  return `${prefix}~`;
}

/** So many ids that begin alike are looked at, of all tenants: the index knows no tenants. */
export const MOST_BEGINNING = 500;

/** The ids of a tenant's own among those that were looked at. */
export function ownIn(
  looked: readonly { readonly id: string; readonly tenant_id: string }[],
  tenantId: string,
  limit: number,
): readonly string[] {
  return looked.filter(({ tenant_id }) => tenant_id === tenantId).slice(0, limit).map(({ id }) => id);
}
