import { GAP, valueOf, variableName, type Variables } from "../../blasts/template_text.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import { cleaned } from "./foreign.tsx";

/**
 * A text whose gaps are filled and marked; one without a value shows its name. What is longer than a message may be is
 * cut.
 */
export function Filled({ text, values }: { readonly text: string; readonly values: Variables }) {
  const parts = [];
  let from = 0;
  let length = 0;
  for (const match of text.matchAll(GAP)) {
    const name = variableName(match[1]);
    const value = valueOf(name, values) ?? "";
    parts.push(cleaned(text.slice(from, match.index), 4_000));
    parts.push(<mark>{cleaned(value === "" ? match[0] : value, 4_000)}</mark>);
    length += match.index - from + value.length;
    from = match.index + match[0].length;
    if (length > MOST_TEXT) return <>{parts}…</>;
  }
  parts.push(cleaned(text.slice(from), 4_000));
  return <>{parts}</>;
}
