import ipaddr from "ipaddr.js";

/** It is not what the setting takes. */
export const REFUSED = Symbol("refused");

/** Reads what was given for a setting; without zod, which takes longer to load than most commands need in all. */
type Read<T> = (given: string) => T | typeof REFUSED;

/** How one environment variable is read, and what the documentation says of it. */
export interface Setting<T> {
  readonly read: (given: string | undefined) => T | typeof REFUSED;
  /** Completes the sentence "PORT takes …". */
  readonly takes: string;
  /** As the documentation shows it; empty when there is none. */
  readonly fallback: string;
  readonly about: string;
  /** Its value is never shown, not even in an error. */
  readonly secret: boolean;
}

type Kind<T> = { readonly takes: string; readonly read: Read<T> };

/** Texts that fit. */
export function textWhere(fits: (value: string) => boolean): Read<string> {
  return (given) => fits(given) ? given : REFUSED;
}

/** Numbers that are written like this, and fit. */
export function numberWhere(written: RegExp, fits: (value: number) => boolean): Read<number> {
  return (given) => written.test(given) && fits(Number(given)) ? Number(given) : REFUSED;
}

/** What stands between commas. */
export function listed(given: string): readonly string[] {
  return given.split(",").map((part) => part.trim());
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
export const text: Kind<string> = {
  takes: "text without control characters",
  read: textWhere((value) => !CONTROL.test(value)),
};
export const port: Kind<number> = {
  takes: "a port number from 0 to 65535 (0: any free one)",
  read: numberWhere(/^\d{1,5}$/, (n) => n <= 65535),
};
export const flag: Kind<boolean> = {
  takes: "`true` or `false`",
  read: (given) => given === "true" || (given === "false" ? false : REFUSED),
};
const isHttpUrl = (value: string) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
export const httpUrl: Kind<string> = { takes: "an http or https URL", read: textWhere(isHttpUrl) };

/** Others are shown the address with a path after it. */
export const baseUrl: Kind<string> = {
  takes: "an http or https URL without a query, and without the path of a receiver such as /webhooks/qiscus",
  read: textWhere((value) => {
    if (!isHttpUrl(value)) return false;
    const { search, hash, pathname, username, password } = new URL(value);
    return search + hash + username + password === "" && !/\/webhooks?(\/|$)/i.test(pathname);
  }),
};

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    takes: `a whole number from ${min} to ${max}`,
    read: numberWhere(/^\d{1,15}$/, (n) => n >= min && n <= max),
  };
}

/** Days, or undefined for none. */
export const days: Kind<number | undefined> = {
  takes: "`none` or a whole number of days from 1 to 3650",
  read: (given) => given === "none" ? undefined : wholeNumber(1, 3_650).read(given),
};

export const seconds: Kind<number> = {
  takes: "a number of seconds from 0 to 3600",
  read: numberWhere(/^\d+(\.\d+)?$/, (n) => n <= 3600),
};

export function numberOrAuto(min: number, max: number): Kind<number | "auto"> {
  const { takes, read } = wholeNumber(min, max);
  return { takes: `\`auto\` or ${takes}`, read: (given) => given === "auto" ? given : read(given) };
}

export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    takes: words.map((word) => `\`${word}\``).join(" or "),
    read: (given) => words.find((word) => word === given) ?? REFUSED,
  };
}

/** What a gateway of several can do. */
export const GATEWAY_ROLES = ["http", "devices", "deliveries"] as const;
export type GatewayRole = (typeof GATEWAY_ROLES)[number];

export const roles: Kind<readonly GatewayRole[]> = {
  takes: "one or more of `http`, `devices` and `deliveries`, separated by commas",
  read(given) {
    const found = listed(given).map((part) => GATEWAY_ROLES.find((role) => role === part));
    return found.every((role) => role !== undefined) ? [...new Set(found)] : REFUSED;
  },
};

export const addressRanges: Read<readonly string[]> = (given) => {
  const parts = listed(given);
  return parts.every((part) => ipaddr.isValidCIDR(part) || ipaddr.isValid(part)) ? parts : REFUSED;
};

export const privateReach: Kind<boolean | readonly string[]> = {
  takes: "`true`, `false`, or a comma-separated list of address ranges such as `10.1.0.0/16`",
  read(given) {
    const isOpen = flag.read(given);
    return isOpen === REFUSED ? addressRanges(given) : isOpen;
  },
};

export function optional<T>(
  { takes, read }: Kind<T>,
  about: string,
  options: { secret?: boolean } = {},
): Setting<T | undefined> {
  return {
    takes,
    read: (given) => given === undefined ? undefined : read(given),
    fallback: "",
    about,
    secret: options.secret ?? false,
  };
}

export function setting<T>({ takes, read }: Kind<T>, fallback: string, about: string): Setting<T> {
  return { takes, read: (given) => read(given ?? fallback), fallback, about, secret: false };
}

/** A URL that says who connects to which database. */
export function isDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, pathname } = new URL(value);
  return ["postgres:", "postgresql:"].includes(protocol) && username !== "" && pathname.length > 1;
}
