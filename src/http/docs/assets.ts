import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import inter from "../../look/inter.woff2.base64" with { type: "text" };
import tokens from "../../look/tokens.css" with { type: "text" };
import style from "./docs.css" with { type: "text" };

/** A file that pages load. */
export interface Asset {
  /** Holds a hash of the content, so that browsers may keep the file for good. */
  readonly url: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Undefined where nothing is gained. */
  readonly gzipped: Uint8Array<ArrayBuffer> | undefined;
}

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
} as const;

/** A file under the name that its content gives it. */
export function hashed(
  name: `${string}.${keyof typeof TYPES}`,
  content: string | Uint8Array<ArrayBuffer>,
): Asset {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 12);
  const [stem, ending] = name.split(".") as [string, keyof typeof TYPES];
  return {
    url: `/docs/a/${stem}.${hash}.${ending}`,
    type: TYPES[ending],
    bytes,
    gzipped: ending === "woff2" ? undefined : new Uint8Array(gzipSync(bytes)),
  };
}

/** The text's letters, shared with the dashboard. */
export const FONT = hashed("inter.woff2", Uint8Array.fromBase64(inter));

/** The pages' style sheet. */
export const STYLE = hashed("docs.css", tokens + style.replace('url("inter.woff2")', `url("${FONT.url}")`));

/** The mark, for tabs and bookmarks. */
export const MARK = hashed(
  "mark.svg",
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7.5" fill="#0b6b4f"/>' +
    '<path d="M9.5 7.5v17M9.5 16.5h4.5l8-7.5M14 16.5l8 7.5" fill="none" stroke="#fff" stroke-width="3" ' +
    'stroke-linecap="round"/></svg>',
);
