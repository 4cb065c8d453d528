import type { Child } from "@hono/hono/jsx";

/** A value as JSON, laid out and coloured. Colours come from the value, so that no text in it can become markup. */
export function Json({ value }: { readonly value: unknown }) {
  return <pre class="code" tabindex={0}>{laidOut(value, "")}</pre>;
}

/** A program or a command, as it is typed. */
export function Code({ text }: { readonly text: string }) {
  return <pre class="code" tabindex={0}>{text}</pre>;
}

function laidOut(value: unknown, indent: string): Child {
  if (typeof value === "string") return <span class="s">{JSON.stringify(value)}</span>;
  if (typeof value === "number") return <span class="n">{String(value)}</span>;
  if (value === null || typeof value !== "object") return <span class="l">{String(value)}</span>;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return isList ? "[]" : "{}";
  const inner = `${indent}  `;
  return [
    isList ? "[" : "{",
    entries.map(([name, child], index) => [
      `\n${inner}`,
      isList ? "" : [<span class="k">{JSON.stringify(name)}</span>, ": "],
      laidOut(child, inner),
      index < entries.length - 1 ? "," : "",
    ]),
    `\n${indent}`,
    isList ? "]" : "}",
  ];
}
