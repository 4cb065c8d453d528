import { z } from "@hono/zod-openapi";
import { isPlain } from "../events/plain_text.ts";
import { suggestionFor } from "./suggest.ts";

/** Of so many unknown names at most something is said. */
const MAX_TOLD = 5;

/** A JSON body that takes these fields and no others; a mistyped one is answered with the name that was meant. */
export function body<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, { error: (issue) => unknownNames(issue, "field", Object.keys(shape)) });
}

/** Query parameters: these and no others. */
export function query<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, { error: (issue) => unknownNames(issue, "parameter", Object.keys(shape)) });
}

/** As `query`, for `/api`, where the key may come as a parameter too. */
export function apiQuery<S extends z.core.$ZodLooseShape>(shape: S) {
  return query({
    ...shape,
    api_key: z.string().optional().openapi({ description: "The API key, when it is not sent as a header." }),
    _: z.string().optional().openapi({ description: "Ignored: what browsers add against caches" }),
  });
}

function unknownNames(
  issue: { readonly code?: string; readonly keys?: readonly string[] },
  noun: string,
  known: readonly string[],
): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  const names = issue.keys ?? [];
  return names.slice(0, MAX_TOLD).map((name) => {
    const meant = suggestionFor(name, known);
    const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    if (meant !== undefined) return `Unknown ${noun} \`${shown}\`: did you mean \`${meant}\`?`;
    if (known.length === 0) return `Unknown ${noun} \`${shown}\`: none is taken here`;
    return `Unknown ${noun} \`${shown}\`: this takes ${known.map((k) => `\`${k}\``).join(", ")}`;
  }).join("; ");
}

/** A name that people read: one line, which the store gives back as it was given. */
export function title() {
  return z.string().trim().min(1).max(100)
    .refine(
      isPlain,
      "must be plain text without control characters, line separators or marks that turn the direction",
    );
}

/** A whole number in a query string. */
export function wholeNumber(range: { readonly min: number; readonly max: number }) {
  const takes = `must be a whole number from ${range.min} to ${range.max}`;
  return z.string().regex(/^\d{1,15}$/, takes).transform(Number)
    .refine((n) => n >= range.min && n <= range.max, takes)
    .openapi({ type: "integer", minimum: range.min, maximum: range.max });
}

/** A text in a query string that counts as not given when it is empty, as forms send it. */
export function filled() {
  return z.string().optional().transform((text) => text === "" ? undefined : text);
}

/** A whole number in a query string; one that is too large stands for the largest, an empty one for none. */
export function clampedNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const takes = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{0,15}$/, takes).optional()
    .transform((text) => text === undefined || text === "" ? undefined : Math.min(max, Number(text)))
    .refine((number) => number === undefined || number >= min, takes)
    .openapi({ type: "integer", minimum: min });
}

/** A comma-separated list in a query string; blanks around its parts do not count. */
export function commaList(description: string) {
  return z.string()
    .transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== ""))
    .openapi({ type: "string", description });
}

/** The id in a path, such as `/v1/webhooks/{id}`. */
export function idParam(description: string, example: string) {
  return z.object({
    id: z.string().openapi({ param: { name: "id", in: "path" }, description, example }),
  });
}
