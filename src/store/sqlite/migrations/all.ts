import founding from "./0001_founding.ts";
import blasts from "./0004_blasts.ts";
import undoneCounts from "./0005_undone_counts.ts";
import blastRequests from "./0006_blast_requests.ts";
import messageRequests from "./0007_message_requests.ts";
import stragglers from "./0008_stragglers.ts";

/** Every step of the schema, oldest first. A new one goes to the end; a released one never changes. */
export const MIGRATIONS: readonly string[] = [
  founding,
  blasts,
  undoneCounts,
  blastRequests,
  messageRequests,
  stragglers,
];
