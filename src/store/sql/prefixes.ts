/** What follows all names that begin so: names hold nothing above `~`. */
export function afterAll(prefix: string): string {
  return `${prefix}~`;
}
