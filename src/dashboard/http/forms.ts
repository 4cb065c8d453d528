import { createHmac } from "node:crypto";
import { sameText } from "../../tenants/known_keys.ts";
import type { UiContext } from "./env.ts";

/** A form that no page of ours sent, or one of an earlier session. */
export class ForgedFormError extends Error {
  override readonly name = "ForgedFormError";
}

/** What a form holds: the last value of each field, and all of those that may come more than once. */
export interface Sent {
  /** Trimmed; empty when it did not come. */
  text(name: string): string;
  /** As it came, for keys and templates. */
  asSent(name: string): string;
  all(name: string): readonly string[];
  has(name: string): boolean;
  names(): readonly string[];
  file(name: string): File | undefined;
}

/** The token of a session's forms. @param secret What no page and no log shows of the session. */
export function formTokenOf(secret: string): string {
  return createHmac("sha256", secret).update("forms of the dashboard").digest("base64url");
}

/**
 * Refuses what another site sent in a visitor's name. Browsers tell it by `Sec-Fetch-Site`; over plain HTTP to another
 * machine they leave that out, and the origin tells.
 * @param publicOrigin The gateway's own, when a proxy shows it under another name.
 * @throws {ForgedFormError}
 */
export function refuseOtherSites(c: UiContext, publicOrigin: string | undefined): void {
  const site = c.req.header("Sec-Fetch-Site");
  if (site === "same-origin") return;
  const origin = c.req.header("Origin");
  const isOurs = site === undefined && origin !== undefined && URL.canParse(origin) &&
    (origin === publicOrigin || new URL(origin).host === c.req.header("Host"));
  if (!isOurs) throw new ForgedFormError("The form came from another site");
}

/** Reads a form and checks its token. @throws {ForgedFormError} */
export async function readForm(c: UiContext, token: string | undefined): Promise<Sent> {
  const body = await c.req.parseBody({ all: true });
  const valuesOf = (name: string) => {
    const value = Object.hasOwn(body, name) ? body[name] : [];
    return Array.isArray(value) ? value : [value];
  };
  const textsOf = (name: string) => valuesOf(name).filter((value) => typeof value === "string");
  const asSent = (name: string) => textsOf(name).at(-1) ?? "";
  if (token !== undefined && !sameText(asSent("csrf"), token)) {
    throw new ForgedFormError("The form does not carry the session's token");
  }
  return {
    asSent,
    text: (name) => asSent(name).trim(),
    all: textsOf,
    names: () => Object.keys(body),
    has: (name) => valuesOf(name).length > 0,
    file: (name) =>
      valuesOf(name).find((value) => value instanceof File && value.size > 0) as File | undefined,
  };
}

/** Where to go after signing in: a path under `/ui` and nothing else. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !/^\/ui(?:[/?#]|$)/.test(next) || /[\\\s]/.test(next)) return "/ui";
  const url = new URL(next, "http://localhost");
  return url.host === "localhost" && /^\/ui(?:\/|$)/.test(url.pathname) ? url.pathname + url.search : "/ui";
}
