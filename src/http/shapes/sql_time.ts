/** A time as SQLite's date functions write it: UTC, `YYYY-MM-DD HH:MM:SS`. */
export function sqlTime(atMs: number): string;
export function sqlTime(atMs: number | null): string | null;
export function sqlTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString().slice(0, 19).replace("T", " ");
}
