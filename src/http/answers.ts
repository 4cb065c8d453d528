import { z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { HttpEnv } from "./context.ts";

/** What a route says it needs, for the API document. */
export const TENANT_KEY: Record<string, string[]>[] = [{ bearer: [] }, { apiKey: [] }];
export const API_KEY: Record<string, string[]>[] = [{ apiKey: [] }, { apiKeyQuery: [] }];
export const MASTER_KEY: Record<string, string[]>[] = [{ masterKey: [] }];
export const NO_KEY: Record<string, string[]>[] = [];

const Fault = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string().openapi({ example: "VALIDATION_ERROR" }),
    message: z.string().openapi({ example: "Unknown field `event`: did you mean `events`?" }),
    details: z.unknown().optional(),
  }),
  requestId: z.string(),
}).openapi("Error");

const ApiFault = z.object({
  success: z.literal(false),
  message: z.string(),
  error: z.string().openapi({ description: "The same text as `message`." }),
}).openapi("ApiError");

const MEANINGS = {
  400: "The request is not acceptable; the message names the field",
  401: "The key is missing or wrong",
  403: "The tenant is suspended, or the key's scopes, devices or chats do not allow it",
  404: "Not found, or it belongs to another tenant",
  409: "Conflicts with the current state",
  410: "No longer available",
  413: "The body is too large",
  415: "The body is not JSON",
  416: "The file has nothing of what the header `Range` asks for",
  422: "Valid, but cannot be carried out",
  429: "Too many requests; `Retry-After` says when to try again",
  502: "WhatsApp, or another system that was needed, refused",
  503: "The store cannot take anything now",
  504: "WhatsApp, or another system that was needed, does not answer",
} as const;

type Refusable = keyof typeof MEANINGS;
interface Described<S extends z.ZodType> {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: S } };
}

/** A JSON answer, described. */
export function json<S extends z.ZodType>(description: string, schema: S): Described<S> {
  return { description, content: { "application/json": { schema } } };
}

/** `{success: true, data}`. */
export function dataOf<S extends z.ZodType>(description: string, data: S) {
  return json(description, z.object({ success: z.literal(true), data }));
}

/** `{success: true, data, requestId}`, as `/admin` answers. */
export function adminDataOf<S extends z.ZodType>(description: string, data: S) {
  return json(description, z.object({ success: z.literal(true), data, requestId: z.string() }));
}

/** The refusals that a route of `/v1` or `/admin` may answer with. 401 and 400 go without saying. */
export function refusals<const C extends Refusable>(...codes: readonly C[]) {
  return described([400, 401, ...codes], Fault);
}

/** As `refusals`, in the envelope of `/api`. */
export function apiRefusals<const C extends Refusable>(...codes: readonly C[]) {
  return described([400, 401, ...codes], ApiFault);
}

function described<const C extends Refusable, S extends z.ZodType>(
  codes: readonly C[],
  schema: S,
): { readonly [K in C]: Described<S> } {
  const entries = codes.map((code) => [code, json(MEANINGS[code], schema)] as const);
  return Object.fromEntries(entries) as { [K in C]: Described<S> }; // made from just these codes
}

/** The body of a request as JSON. `required: false`: it may be left out. */
export function jsonBody<S extends z.ZodType>(schema: S, options: { readonly required?: boolean } = {}) {
  return { required: options.required ?? true, content: { "application/json": { schema } } };
}

/** Answers `{success: true, data, requestId}`. */
export function adminAnswer<T>(c: Context<HttpEnv>, data: T) {
  return { success: true as const, data, requestId: c.get("requestId") };
}
