import type { Child } from "@hono/hono/jsx";
import { cleaned, signed } from "./foreign.tsx";

/** No more than this is drawn; the rest can be downloaded. */
const LONGEST = 16_384;

/**
 * A parsed JSON value, laid out and coloured. Colours come from the value, not from its text, so that a hostile string
 * is one token like any other.
 */
export function Json({ value, id, tall = false, flat = false }: {
  readonly value: unknown;
  readonly id?: string;
  readonly tall?: boolean;
  readonly flat?: boolean;
}) {
  const budget = { left: LONGEST };
  return (
    <pre
      class={`code${tall ? " tall" : ""}${flat ? " flat" : ""}`}
      id={id}
      tabindex={tall ? 0 : undefined}
      hx-ignore
    >{laidOut(value, "", budget)}{budget.left <= 0 ? "\n…" : ""}</pre>
  );
}

/** Text of a program or a stranger, as it came. */
export function Text({ text, id, tall = false }: {
  readonly text: string;
  readonly id?: string;
  readonly tall?: boolean;
}) {
  return (
    <pre
      class={tall ? "code tall" : "code"}
      id={id}
      tabindex={tall ? 0 : undefined}
      dir="auto"
      hx-ignore
    >{signed(cleaned(text, LONGEST))}</pre>
  );
}

function laidOut(value: unknown, indent: string, budget: { left: number }): Child {
  if (budget.left <= 0) return "";
  if (typeof value === "string") return token("s", JSON.stringify(value.toWellFormed()), budget);
  if (typeof value === "number") return token("n", String(value), budget);
  if (value === null || typeof value !== "object") return token("l", String(value), budget);
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return isList ? "[]" : "{}";
  const inner = `${indent}  `;
  const lines: Child[] = [];
  for (const [index, [name, child]] of entries.entries()) {
    if (budget.left <= 0) break;
    budget.left -= inner.length + 2;
    lines.push(
      "\n",
      inner,
      isList ? "" : [token("k", JSON.stringify(name.toWellFormed()), budget), ": "],
      laidOut(child, inner, budget),
      index < entries.length - 1 ? "," : "",
    );
  }
  return [isList ? "[" : "{", lines, "\n", indent, isList ? "]" : "}"];
}

function token(kind: "k" | "s" | "n" | "l", text: string, budget: { left: number }): Child {
  const shown = text.length > budget.left ? `${text.slice(0, Math.max(0, budget.left))}…` : text;
  budget.left -= text.length;
  return <span class={kind}>{signed(cleaned(shown, LONGEST))}</span>;
}
