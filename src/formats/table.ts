import { FORMATS } from "./mod.ts";

/** The README's table of payload formats, in Markdown: a line for each format in the list. */
export function formatsTable(): string {
  const rows = Object.values(FORMATS).map(({ name, doc, retry }, index) => {
    const waits = retry.waitsMs.map((ms) => `${ms / 1000} s`).join(", ");
    const title = `\`${name}\`${index === 0 ? " (default)" : ""}`;
    return `| ${title} | ${doc.body} | ${doc.signature} | ${waits === "" ? "none" : waits} |`;
  });
  return ["| format | body | signature | retries after |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
