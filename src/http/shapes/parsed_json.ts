/** A receiver's answer as JSON where it is JSON. */
export function parsedIfJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text; // receivers may answer anything
  }
}
