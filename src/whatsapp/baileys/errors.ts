/**
 * The status code that an error of Baileys carries; null when there is none. Answers to questions have it in `data`,
 * everything else where a Boom has it.
 * @see Baileys lib/WABinary/generic-utils.js `assertNodeErrorFree`
 */
export function codeOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("output" in error)) return null;
  if ("data" in error && typeof error.data === "number") return error.data;
  const { output } = error;
  if (typeof output !== "object" || output === null || !("statusCode" in output)) return null;
  return typeof output.statusCode === "number" ? output.statusCode : null;
}
