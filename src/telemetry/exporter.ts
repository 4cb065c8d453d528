import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { VERSION } from "../version.ts";
import type { Span } from "./spans.ts";

const FLUSH_MS = 1_000;
const MOST_IN_REQUEST = 512;
/** More than these wait for a collector that does not answer; newer ones are dropped. */
const MOST_WAITING = 4_096;
const TIMEOUT_MS = 10_000;
const COMPLAIN_MS = 60_000;

const log = logOf("telemetry");

/** Sends spans to a collector. */
export interface Exporter {
  add(span: Span): void;
  /** Sends what is left, as far as that is quick. */
  stop(): Promise<void>;
}

/**
 * Sends spans over HTTP, some at a time. A collector that is away costs spans and a line in the log a minute, nothing
 * else.
 * @param endpoint Where the collector is; `/v1/traces` is added.
 * @param headers As `OTEL_EXPORTER_OTLP_HEADERS` has them: `name=value,name=value`, URL-encoded.
 * @see OpenTelemetry Protocol 1.x, "OTLP/HTTP"
 */
export function createExporter(
  { endpoint, headers = "", serviceName = "kabar", clock }: {
    readonly endpoint: string;
    readonly headers?: string;
    readonly serviceName?: string;
    readonly clock: Pick<Clock, "now" | "after">;
  },
): Exporter {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const allHeaders = { "content-type": "application/json", ...headersOf(headers) };
  let waiting: Span[] = [];
  let timer: Timer | undefined;
  let sending: Promise<void> | undefined;
  let complainedAt = -Infinity;

  async function send(spans: readonly Span[]): Promise<void> {
    const response = await fetch(url, {
      method: "POST",
      headers: allHeaders,
      body: JSON.stringify(requestOf(serviceName, spans)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const spans = waiting.slice(0, MOST_IN_REQUEST);
      waiting = waiting.slice(MOST_IN_REQUEST);
      try {
        await send(spans);
      } catch (error) {
        if (clock.now() - complainedAt < COMPLAIN_MS) continue;
        complainedAt = clock.now();
        log.warn("spans.lost", { count: spans.length, error: messageOf(error) });
      }
    }
  }

  function flushOnce(): Promise<void> {
    timer?.cancel();
    timer = undefined;
    return sending ??= flush().finally(() => (sending = undefined));
  }

  return {
    add(span) {
      if (waiting.length >= MOST_WAITING) return;
      waiting.push(span);
      if (waiting.length >= MOST_IN_REQUEST) void flushOnce();
      else timer ??= clock.after(FLUSH_MS, () => void flushOnce());
    },
    async stop() {
      await flushOnce();
    },
  };
}

function requestOf(serviceName: string, spans: readonly Span[]) {
  const about = { "service.name": serviceName, "service.version": VERSION };
  const attributes = Object.entries(about).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return {
    resourceSpans: [{
      resource: { attributes },
      scopeSpans: [{ scope: { name: "kabar", version: VERSION }, spans }],
    }],
  };
}

function headersOf(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.trim()).filter((pair) => pair.includes("="));
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
  }));
}
