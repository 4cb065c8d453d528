import { Buffer } from "node:buffer";
import { Agent, request } from "../net/undici.ts";
import { InvalidError, messageOf, RefusedError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import { guardedConnect } from "../net/guarded_connect.ts";
import { type Guard, RefusedAddressError } from "../net/guard.ts";

const MOST_REDIRECTS = 5;
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const ALTOGETHER_MS = 120_000;

/** A file that another server gives. Read it, or break it off: else its connection stays. */
export interface FetchedFile {
  breakOff(): void;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly mimeType?: string;
  readonly fileName?: string;
  /** As the server announces it. */
  readonly sizeBytes?: number;
}

export interface FetchMedia {
  /** @throws {RefusedError} If the URL may not be used, or gives no file. */
  (url: string, tenantId: TenantId): Promise<FetchedFile>;
  close(): Promise<void>;
}

/** Fetches files for messages, wherever the guard lets them come from; redirects included. */
export function createFetchMedia({ guard, version, silenceMs = SILENCE_MS }: {
  readonly guard: Guard;
  readonly version: string;
  /** How long a server may say nothing. */
  readonly silenceMs?: number;
}): FetchMedia {
  const agents = new Map<TenantId, Agent>();

  function agentOf(tenantId: TenantId): Agent {
    const agent = agents.get(tenantId) ?? new Agent({
      connect: guardedConnect({ guard, tenantId }, { timeout: CONNECT_MS }),
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      connections: 8,
      pipelining: 1,
    });
    agents.set(tenantId, agent);
    return agent;
  }

  async function ask(url: URL, tenantId: TenantId, signal: AbortSignal) {
    try {
      return await request(url, {
        method: "GET",
        dispatcher: agentOf(tenantId),
        signal,
        headers: { "User-Agent": `Kabar/${version}`, Accept: "*/*" },
      });
    } catch (error) {
      if (signal.aborted) throw unreachable(url, `it took longer than ${ALTOGETHER_MS / 1000} s`);
      const cause = error instanceof AggregateError ? error.errors[0] : error;
      if (cause instanceof RefusedAddressError) throw new RefusedError("MEDIA_URL_REFUSED", cause.message);
      throw unreachable(url, reasonOf(cause));
    }
  }

  async function fetchMedia(text: string, tenantId: TenantId): Promise<FetchedFile> {
    const signal = AbortSignal.timeout(ALTOGETHER_MS);
    let url = checked(() => guard.checkUrl(text, tenantId));
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const { statusCode, headers, body } = await ask(url, tenantId, signal);
      const location = textOf(headers.location);
      if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
        await body.dump();
        const next = URL.parse(location, url);
        if (next === null) throw unreachable(url, "it redirects to what is no URL");
        url = checked(() => guard.checkUrl(next.href, tenantId));
        continue;
      }
      if (statusCode !== 200) {
        await body.dump();
        throw unreachable(url, `it answers ${statusCode}`);
      }
      const sizeBytes = Number(textOf(headers["content-length"]));
      return {
        breakOff: () => void body.on("error", () => {}).destroy(),
        bytes: reading(body, url),
        mimeType: textOf(headers["content-type"]),
        fileName: nameOf(textOf(headers["content-disposition"]), url),
        ...(Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? { sizeBytes } : {}),
      };
    }
    throw unreachable(url, `it redirects more than ${MOST_REDIRECTS} times`);
  }

  return Object.assign(fetchMedia, {
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  });
}

async function* reading(body: AsyncIterable<Uint8Array>, url: URL): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await chunks.next().catch((error) => {
        throw unreachable(url, SILENCES[codeOf(error)] ?? `it broke off (${messageOf(error)})`);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

function checked(check: () => URL): URL {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidError) throw new RefusedError("MEDIA_URL_REFUSED", error.message);
    throw error;
  }
}

/** What the client's errors for waiting in vain mean, in words. @see undici lib/core/errors.js */
const SILENCES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "it cannot be reached",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  UND_ERR_BODY_TIMEOUT: "it stopped in the middle",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function reasonOf(error: unknown): string {
  return SILENCES[codeOf(error)] ?? messageOf(error);
}

/** The address is told without its query, which may hold a key. */
function unreachable(url: URL, why: string): RefusedError {
  return new RefusedError("MEDIA_UNREACHABLE", `Cannot fetch ${url.origin}${url.pathname}: ${why}`);
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** @see RFC 6266, "Content-Disposition Header Field" */
function nameOf(disposition: string | undefined, url: URL): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(disposition ?? "")?.[1];
  const last = url.pathname.split("/").at(-1);
  return decoded(encoded) ?? plainText(plain?.trim()) ?? (last?.includes(".") ? decoded(last) : undefined);
}

/** A header's text comes byte by byte, and many servers write UTF-8 there. */
function plainText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded after all
  }
}
