import { createHmac } from "node:crypto";
import type { Context } from "@hono/hono";
import { getCookie, setCookie } from "@hono/hono/cookie";
import { sameText } from "../../tenants/known_keys.ts";

const SESSION = "kabar_session";
const YEAR_SECONDS = 31_536_000;
const SESSION_SECONDS = 30 * 86_400;
const FLASH_SECONDS = 30;
const LONGEST_FLASH = 300;
/** Browsers drop cookies above 4 KiB. */
const LONGEST_COOKIE = 3_500;

/** Whether the browser talks TLS, to us or to a proxy before us: a form tells its origin. */
function isSecure(c: Context): boolean {
  const origin = c.req.header("Origin");
  if (origin !== undefined && origin !== "null") return origin.startsWith("https://");
  return c.req.header("X-Forwarded-Proto") === "https" || new URL(c.req.url).protocol === "https:";
}

/** The session's token, if the browser carries one. */
export function sessionTokenOf(c: Context): string | undefined {
  return getCookie(c, SESSION, "secure") ?? getCookie(c, SESSION);
}

/** Gives the browser its session's token, or takes it away. It never leaves `/ui`, so it opens no API. */
export function setSessionToken(c: Context, token: string | undefined): void {
  const secure = isSecure(c);
  const common = { path: "/ui", httpOnly: true, sameSite: "Lax" } as const;
  if (token === undefined) {
    setCookie(c, SESSION, "", { ...common, maxAge: 0 });
    if (secure) setCookie(c, SESSION, "", { ...common, maxAge: 0, secure, prefix: "secure" });
    return;
  }
  setCookie(c, SESSION, token, {
    ...common,
    maxAge: SESSION_SECONDS,
    secure,
    ...(secure && { prefix: "secure" as const }),
  });
}

/** How somebody wants to see the pages; the zone comes from the browser's script. */
export function preferenceOf(c: Context, name: "lang" | "theme" | "zone" | "keys"): string | undefined {
  return getCookie(c, `kabar_${name}`);
}

export function setPreference(c: Context, name: "lang" | "theme" | "keys", value: string): void {
  setCookie(c, `kabar_${name}`, value, {
    path: "/ui",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: YEAR_SECONDS,
  });
}

/** What was done, said once on the next page. */
export interface Flash {
  readonly says: string;
  /** The form that takes it back. */
  readonly undo?: Undo;
}

/** A form that takes something back: its path, and what it carries. */
export interface Undo {
  readonly action: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/**
 * Says on the next page what was done.
 * @param mark The session's form token: nobody else can have put the button that takes it back there.
 */
export function setFlash(c: Context, flash: Flash, mark: string): void {
  const says = flash.says.slice(0, LONGEST_FLASH);
  const whole = JSON.stringify({ says, undo: flash.undo });
  const value = encodeURIComponent(whole).length > LONGEST_COOKIE ? JSON.stringify({ says }) : whole;
  setCookie(c, "kabar_flash", `${sealOf(value, mark)}.${value}`, {
    path: "/ui",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: FLASH_SECONDS,
  });
}

/** What was done, once. Undefined also for what this session did not write. */
export function takeFlash(c: Context, mark: string): Flash | undefined {
  const kept = getCookie(c, "kabar_flash");
  if (kept === undefined) return undefined;
  setCookie(c, "kabar_flash", "", { path: "/ui", maxAge: 0 });
  const end = kept.indexOf(".");
  const value = kept.slice(end + 1);
  return sameText(kept.slice(0, Math.max(0, end)), sealOf(value, mark)) ? JSON.parse(value) : undefined;
}

function sealOf(text: string, mark: string): string {
  return createHmac("sha256", mark).update(text).digest("base64url");
}
