import { EXAMPLES } from "../../../src/events/examples/mod.ts";
import { type FormatName, FORMATS } from "../../../src/formats/mod.ts";

/**
 * What a format makes of the examples, a line for each body; how an image is packed does not count.
 * An example that it cannot tell of has a line without a body.
 */
export function said(format: FormatName): readonly string[] {
  const { says, render } = FORMATS[format];
  return EXAMPLES.flatMap(({ kind, event }) => {
    const title = `${event.type} ${kind}`;
    const names = says(event);
    if (names.length === 0) return [`${title}: nothing`];
    return names.map((name) => `${title}: ${withoutImage(render(event, name))}`);
  });
}

function withoutImage(body: string): string {
  return body.replace(/(data:image\/png;base64,)[A-Za-z0-9+/=]+/, "$1...");
}
