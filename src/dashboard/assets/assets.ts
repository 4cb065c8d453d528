import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import htmxSse from "htmx.org/dist/ext/hx-sse.min.js" with { type: "text" };
import icons from "./icons.svg" with { type: "text" };
import inter from "../../look/inter.woff2.base64" with { type: "text" };
import tokens from "../../look/tokens.css" with { type: "text" };
import phone from "./ui_phone.css" with { type: "text" };
import style from "./ui.css" with { type: "text" };
import script from "./ui.js" with { type: "text" };

/** A file that pages load, as it is sent. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Undefined where nothing is gained. */
  readonly gzipped: Uint8Array<ArrayBuffer> | undefined;
}

export type AssetName = "ui.css" | "ui.js" | "htmx.js" | "icons.svg" | "inter.woff2" | "mark.svg";

const MARK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7.5" ' +
  'fill="#0b6b4f"/><g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"><path d="M9.5 7.5v17M9.5 ' +
  '16.5H14l8-7.5M14 16.5l8 7.5"/></g></svg>';

/** Under which every file is asked for: its name with the hash of its bytes, so that it may be kept for ever. */
const urls = new Map<AssetName, string>();
const files = new Map<string, Asset>();

const font = Uint8Array.fromBase64(inter);
add("inter.woff2", "font/woff2", font);
add("icons.svg", "image/svg+xml", icons);
add("mark.svg", "image/svg+xml", MARK);
add("htmx.js", "text/javascript; charset=utf-8", `${htmx}\n${htmxSse}`);
add("ui.js", "text/javascript; charset=utf-8", script);
add(
  "ui.css",
  "text/css; charset=utf-8",
  (tokens + style + phone).replace('url("inter.woff2")', `url("${assetUrl("inter.woff2")}")`),
);

function add(name: AssetName, type: string, content: string | Uint8Array<ArrayBuffer>): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 12);
  const gzipped = name.endsWith(".woff2") ? undefined : new Uint8Array(gzipSync(bytes, { level: 9 }));
  const [stem, ending] = name.split(".");
  const file = `${stem}.${hash}.${ending}`;
  files.set(file, { type, bytes, gzipped });
  urls.set(name, `/ui/a/${file}`);
}

/** Where pages find a file. */
export function assetUrl(name: AssetName): string {
  return urls.get(name) ?? "";
}

/** The file of this name and hash. */
export function assetOf(file: string): Asset | undefined {
  return files.get(file);
}

/** All files, for those that weigh them. */
export function allAssets(): ReadonlyMap<string, Asset> {
  return files;
}
