// What is lost when the receiver is down, events keep coming, and the gateway is killed (-9) in the middle of it; and
// whether each chat's messages arrive in order.
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { clockMs, wait } from "./load.ts";
import { ask, startChild } from "./processes.ts";
import { qiscusText } from "./qiscus.ts";
import type { Section } from "./table.ts";

const PER_SECOND = 20;
const CHATS = 7;
/** Twenty more attempts, five seconds apart, and breakers that open for a tenth of their time. */
const env = { WEBHOOK_RETRY_SCALE: "0.1" };
const RETRY = Array.from({ length: 20 }, () => 50);
const PATIENCE_MS = 120_000;

export const loss: Section = {
  name: "loss",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const downMs = quick ? 6_000 : 90_000;
    const { port, url, stop } = await startChild("receiver.ts");
    await stop();
    let gateway = await startGatewayProcess({ dir, env });
    try {
      await call(gateway.url, "POST", "/v1/webhooks", {
        url: `${url}/when`,
        events: ["message.received"],
        format: "device",
        ordering: "chat",
        retry: RETRY,
      });
      const sent: Sent[] = [];
      await post(gateway, sent, downMs / 2);
      await gateway.kill();
      gateway = await startGatewayProcess({ dir, env });
      await post(gateway, sent, downMs / 2);
      await gateway.kill();
      gateway = await startGatewayProcess({ dir, env });
      const receiver = await startChild("receiver.ts", [String(port)]);
      const arrived = await arrivals(receiver.url, sent);
      await receiver.stop();
      const lost = sent.filter(({ id }) => !arrived.includes(id)).length;
      const disordered = disorder(sent, arrived);
      return [{
        what: `receiver down ${downMs / 1_000} s at ${PER_SECOND}/s, two kill -9: lost`,
        measured: `${lost} of ${sent.length}`,
        ratio: null,
        budget: "0",
        isMet: lost === 0,
      }, {
        what: "the same: out of order within a chat",
        measured: `${disordered} of ${sent.length}`,
        ratio: null,
        budget: "0",
        isMet: disordered === 0,
      }];
    } finally {
      await gateway.kill();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

interface Sent {
  readonly id: string;
  readonly chat: number;
}

/** Posts webhooks of Qiscus for so long, and notes those that were answered with 200. */
async function post(gateway: GatewayProcess, sent: Sent[], ms: number): Promise<void> {
  const until = clockMs() + ms;
  while (clockMs() < until) {
    const chat = sent.length % CHATS;
    const id = `wamid.loss.${sent.length}`;
    const response = await fetch(`${gateway.url}/webhooks/qiscus`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: qiscusText(id, `62812000000${chat}`),
    });
    await response.body?.cancel();
    if (response.status === 200) sent.push({ id, chat });
    await wait(1_000 / PER_SECOND);
  }
}

/** The ids in the order in which they arrived first. */
async function arrivals(url: string, sent: readonly Sent[]): Promise<readonly string[]> {
  const arrived = new Set<string>();
  const deadline = clockMs() + PATIENCE_MS;
  while (clockMs() < deadline && sent.some(({ id }) => !arrived.has(id))) {
    await wait(100);
    for (const [body] of await ask<[string, number][]>(`${url}/when`)) {
      arrived.add(JSON.parse(body).data.message_id);
    }
  }
  return [...arrived];
}

/** How many arrived before one of their chat that was sent earlier. */
function disorder(sent: readonly Sent[], arrived: readonly string[]): number {
  const place = new Map(arrived.map((id, index) => [id, index]));
  const latest = new Map<number, number>();
  let count = 0;
  for (const { id, chat } of sent) {
    const at = place.get(id) ?? -1;
    if (at < (latest.get(chat) ?? -1)) count++;
    latest.set(chat, Math.max(at, latest.get(chat) ?? -1));
  }
  return count;
}
