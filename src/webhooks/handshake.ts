import { Agent, request } from "../net/undici.ts";
import { InvalidError, messageOf } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { Guard } from "../net/guard.ts";
import { guardedConnect } from "../net/guarded_connect.ts";

/** For all of it: who answers a byte now and then would hold a connection for hours. */
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 4_096;

/**
 * Proves that whoever registers a URL also runs it, as receivers of Meta's Cloud API expect: they answer a challenge
 * when the token is theirs. It is sent once, since some receivers take a token only one time.
 * @throws {InvalidError} If the answer is another one; the message names what came back.
 * @see Meta, "Webhooks: Verification Requests"
 */
export type Handshake = (url: string, verifyToken: string, tenantId: TenantId) => Promise<void>;

export function createHandshake({ guard, random = Math.random, timeoutMs = TIMEOUT_MS }: {
  readonly guard: Pick<Guard, "checkUrl" | "lookupFor" | "refusedPeer">;
  readonly random?: () => number;
  readonly timeoutMs?: number;
}): Handshake {
  return async (url, verifyToken, tenantId) => {
    guard.checkUrl(url, tenantId);
    const challenge = String(1_000_000_000 + Math.floor(random() * 1_000_000_000));
    const asked = new URL(url);
    asked.searchParams.set("hub.mode", "subscribe");
    asked.searchParams.set("hub.challenge", challenge);
    asked.searchParams.set("hub.verify_token", verifyToken);
    const agent = new Agent({ connect: guardedConnect({ guard, tenantId }, { timeout: timeoutMs }) });
    try {
      const { status, text } = await answerOf(asked, agent, AbortSignal.timeout(timeoutMs));
      if (status === 200 && text.trim().replace(/^"(.*)"$/, "$1") === challenge) return;
      const shown = JSON.stringify(text.slice(0, 100));
      throw refused(`it answered ${status} with ${shown} instead of 200 with the challenge ${challenge}`);
    } finally {
      await agent.destroy();
    }
  };
}

async function answerOf(
  url: URL,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, method: "GET", signal });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) break;
    }
    return { status: statusCode, text: await new Blob(chunks as BlobPart[]).text() };
  } catch (error) {
    throw refused(signal.aborted ? "it did not answer in time" : messageOf(error));
  }
}

function refused(why: string): InvalidError {
  return new InvalidError("url", `Cannot verify the URL: ${why}`, { kind: "url_unverified" });
}
