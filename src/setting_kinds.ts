import ipaddr from "ipaddr.js";
import { z } from "zod";

/** How one environment variable is read, and what the documentation says of it. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>;
  /** Completes the sentence "PORT takes …". */
  readonly takes: string;
  /** As the documentation shows it; empty when there is none. */
  readonly fallback: string;
  readonly about: string;
  /** Its value is never shown, not even in an error. */
  readonly secret: boolean;
}

type Kind<T> = { readonly takes: string; readonly schema: z.ZodType<T, string> };

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
export const text: Kind<string> = {
  takes: "text without control characters",
  schema: z.string().refine((value) => !CONTROL.test(value)),
};
export const port: Kind<number> = {
  takes: "a port number from 0 to 65535 (0: any free one)",
  schema: z.string().regex(/^\d{1,5}$/).transform(Number).refine((n) => n <= 65535),
};
export const flag: Kind<boolean> = {
  takes: "`true` or `false`",
  schema: z.enum(["true", "false"]).transform((word) => word === "true"),
};
export const httpUrl: Kind<string> = {
  takes: "an http or https URL",
  schema: z.string().refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)),
};

/** Others are shown the address with a path after it. */
export const baseUrl: Kind<string> = {
  takes: "an http or https URL without a query, and without the path of a receiver such as /webhooks/qiscus",
  schema: httpUrl.schema.refine((value) => {
    const { search, hash, pathname, username, password } = new URL(value);
    return search + hash + username + password === "" && !/\/webhooks?(\/|$)/i.test(pathname);
  }),
};

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    takes: `a whole number from ${min} to ${max}`,
    schema: z.string().regex(/^\d{1,15}$/).transform(Number).refine((n) => n >= min && n <= max),
  };
}

/** Days, or undefined for none. */
export const days: Kind<number | undefined> = {
  takes: "`none` or a whole number of days from 1 to 3650",
  schema: z.string().regex(/^(none|\d{1,4})$/).transform((text) => text === "none" ? undefined : Number(text))
    .refine((n) => n === undefined || (n >= 1 && n <= 3_650)),
};

export const seconds: Kind<number> = {
  takes: "a number of seconds from 0 to 3600",
  schema: z.string().regex(/^\d+(\.\d+)?$/).transform(Number).refine((n) => n <= 3600),
};

export function numberOrAuto(min: number, max: number): Kind<number | "auto"> {
  const { takes, schema } = wholeNumber(min, max);
  return { takes: `\`auto\` or ${takes}`, schema: z.union([z.literal("auto"), schema]) };
}

export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return { takes: words.map((word) => `\`${word}\``).join(" or "), schema: z.enum(words) };
}

/** What a gateway of several can do. */
export const GATEWAY_ROLES = ["http", "devices", "deliveries"] as const;
export type GatewayRole = (typeof GATEWAY_ROLES)[number];

export const roles: Kind<readonly GatewayRole[]> = {
  takes: "one or more of `http`, `devices` and `deliveries`, separated by commas",
  schema: z.string().transform((value) => value.split(",").map((part) => part.trim()))
    .pipe(z.array(z.enum(GATEWAY_ROLES)).min(1)).transform((given) => [...new Set(given)]),
};

export const addressRanges = z.string().transform((value) => value.split(",").map((part) => part.trim()))
  .refine((parts) => parts.every((part) => ipaddr.isValidCIDR(part) || ipaddr.isValid(part)));

export const privateReach: Kind<boolean | readonly string[]> = {
  takes: "`true`, `false`, or a comma-separated list of address ranges such as `10.1.0.0/16`",
  schema: z.union([flag.schema, addressRanges]),
};

export function optional<T>(
  kind: Kind<T>,
  about: string,
  options: { secret?: boolean } = {},
): Setting<T | undefined> {
  return { ...kind, schema: kind.schema.optional(), fallback: "", about, secret: options.secret ?? false };
}

export function setting<T>(kind: Kind<T>, fallback: string, about: string): Setting<T> {
  return { ...kind, schema: z.string().default(fallback).pipe(kind.schema), fallback, about, secret: false };
}

/** A URL that says who connects to which database. */
export function isDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, pathname } = new URL(value);
  return ["postgres:", "postgresql:"].includes(protocol) && username !== "" && pathname.length > 1;
}
