// What makes requests is loaded with the first of them: with undici, and Deno's part of HTTP/2 that it asks for.
import { createLate } from "../async/late.ts";
import type { createFetchMedia, FetchMedia } from "../media/fetch.ts";
import type { createQiscusClient, QiscusAccount, QiscusClient } from "../providers/qiscus/client.ts";
import type { Attempts, createAttempts } from "../webhooks/attempt.ts";
import type { createHandshake, Handshake } from "../webhooks/handshake.ts";

export function lazyAttempts(deps: Parameters<typeof createAttempts>[0]): Attempts {
  const attempts = createLate(async () => (await import("../webhooks/attempt.ts")).createAttempts(deps));
  return {
    attempt: (...given) =>
      attempts.now()?.attempt(...given) ?? attempts.loaded().then(({ attempt }) => attempt(...given)),
    close: async () => await (await attempts.loaded()).close(),
  };
}

export function lazyFetchMedia(deps: Parameters<typeof createFetchMedia>[0]): FetchMedia {
  const fetch = createLate(async () => (await import("../media/fetch.ts")).createFetchMedia(deps));
  return Object.assign(
    async (...given: Parameters<FetchMedia>) => await (await fetch.loaded())(...given),
    { close: async () => await (await fetch.loaded()).close() },
  );
}

export function lazyHandshake(deps: Parameters<typeof createHandshake>[0]): Handshake {
  const handshake = createLate(async () => (await import("../webhooks/handshake.ts")).createHandshake(deps));
  return async (...given) => await (await handshake.loaded())(...given);
}

export function lazyQiscusClient(
  account: QiscusAccount,
  deps: Parameters<typeof createQiscusClient>[1],
): QiscusClient {
  const client = createLate(async () =>
    (await import("../providers/qiscus/client.ts")).createQiscusClient(account, deps)
  );
  return {
    account,
    send: async (...given) => await (await client.loaded()).send(...given),
    register: async (...given) => await (await client.loaded()).register(...given),
    config: async () => await (await client.loaded()).config(),
    close: async () => await (await client.loaded()).close(),
  };
}
