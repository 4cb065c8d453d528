import { z } from "@hono/zod-openapi";

/** An emoji may be several characters that are shown as one, such as a family or a flag. */
function isOneSign(text: string): boolean {
  signs ??= new Intl.Segmenter();
  return [...signs.segment(text)].length <= 1;
}
let signs: Intl.Segmenter | undefined; // making it takes longer than loading everything beside it

/** What one reacts with; empty to take it back. */
export const Emoji = z.string().max(32).refine(isOneSign, "must be one emoji, or empty");
