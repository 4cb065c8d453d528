/** UTC as SQLite's own date functions write and read it: `YYYY-MM-DD HH:MM:SS`. */
export function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
