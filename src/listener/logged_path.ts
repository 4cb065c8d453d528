/** A path as it may stand in the log: without its query, which may hold a key, and without what opens a page. */
export function loggedPath(path: string): string {
  const [plain] = path.split("?", 1);
  return plain.startsWith("/pair/") ? "/pair/…" : plain;
}
