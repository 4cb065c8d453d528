import { MINUTE_MS } from "../spans.ts";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { createHitCounter, type HitCounter } from "../async/hit_counter.ts";
import type { Clock } from "../async/clock.ts";
import { BusyError, RefusedError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { Guard } from "../net/guard.ts";
import type { Wire } from "./attempt.ts";
import { failureOfError, failureOfTimeout } from "./failure.ts";
import type { FailureReason } from "./outcome.ts";

const TIMEOUT_MS = 5_000;
const MOST_A_MINUTE = 10;

/** What stands behind a URL, found out without posting anything. */
export type PreflightResult =
  | {
    readonly ok: true;
    readonly port: number;
    /** The end of the certificate, epoch ms; null without TLS. */
    readonly certificateUntil: number | null;
    readonly durationMs: number;
  }
  | {
    readonly ok: false;
    readonly reason: FailureReason;
    readonly error: string;
    readonly durationMs: number;
  };

/**
 * Looks whether a URL can be reached as a webhook would reach it: the guard's rules, its name, a connection, TLS.
 * @throws {InvalidError} If the tenant may not use the URL.
 * @throws {BusyError} If the tenant asked ten times within a minute.
 * @throws {RefusedError} If requests go through a proxy, behind which nothing can be seen.
 */
export type Preflight = (url: string, tenantId: TenantId) => Promise<PreflightResult>;

export function createPreflight({ guard, wire = {}, clock, asked = createHitCounter(MINUTE_MS, clock.now) }: {
  readonly guard: Pick<Guard, "checkUrl" | "lookupFor" | "refusedPeer">;
  readonly wire?: Wire;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Counts in windows of a minute; left out: here alone. */
  readonly asked?: HitCounter;
}): Preflight {
  function takeTurn(tenantId: TenantId): void {
    const { count, endsAt } = asked.of(tenantId);
    if (count >= MOST_A_MINUTE) {
      const waitS = Math.max(1, Math.ceil((endsAt - clock.now()) / 1_000));
      throw new BusyError(`Cannot look at another URL yet: ${MOST_A_MINUTE} a minute are possible`, waitS);
    }
    asked.add(tenantId);
  }

  return async (text, tenantId) => {
    const url = guard.checkUrl(text, tenantId);
    const isSecure = url.protocol === "https:";
    if (isSecure && wire.proxy !== undefined) {
      const why = "Cannot look behind the URL: requests go through HTTPS_PROXY; send a test instead";
      throw new RefusedError("BEHIND_PROXY", why);
    }
    takeTurn(tenantId);
    const startedAt = performance.now();
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = url.port === "" ? isSecure ? 443 : 80 : Number(url.port);
    const lookup = guard.lookupFor(tenantId);
    return await new Promise((resolve) => {
      const socket: Socket | TLSSocket = isSecure
        ? connectTls({ host, port, lookup, servername: host, ...(wire.ca && { ca: [...wire.ca] }) })
        : connectPlain({ host, port, lookup });
      const durationMs = () => Math.round(performance.now() - startedAt);
      const timer = clock.after(TIMEOUT_MS, () => {
        resolve({ ok: false, ...failureOfTimeout("connecting", TIMEOUT_MS), durationMs: durationMs() });
        socket.destroy();
      });
      socket.once("error", (error) => {
        timer.cancel();
        resolve({ ok: false, ...failureOfError(error, host), durationMs: durationMs() });
        socket.destroy();
      });
      // looked at before anything is said, as a webhook's connection is
      socket.prependOnceListener("connect", () => {
        const refusal = guard.refusedPeer(socket, tenantId);
        if (refusal !== undefined) socket.destroy(refusal);
      });
      socket.once(isSecure ? "secureConnect" : "connect", () => {
        if (socket.destroyed) return; // its error is told
        timer.cancel();
        const until = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : null;
        resolve({ ok: true, port, certificateUntil: until, durationMs: durationMs() });
        socket.destroy();
      });
    });
  };
}
