// Webhooks of Qiscus into a gateway, persisted before the answer, against a route that only reads the body. The gateway
// and the bare server are processes of their own; the client is the same.
import { startGatewayProcess } from "../support/process.ts";
import { Agent } from "undici";
import { compare, perSecond } from "./load.ts";
import { CpuPerPiece, cpuShown, startChild } from "./processes.ts";
import { ratioRow, type Section } from "./table.ts";

const IN_FLIGHT = 64;

export const qiscus: Section = {
  name: "qiscus",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const gateway = await startGatewayProcess({ dir });
    const bare = await startChild("bare_route.ts");
    const total = quick ? 2_000 : 6_000;
    const cpu = { ours: new CpuPerPiece(gateway.pid), bare: new CpuPerPiece(bare.pid) };
    const load = (url: string, used: CpuPerPiece) => {
      const post = postTo(url);
      return () => used.during(total, () => perSecond(total, IN_FLIGHT, post));
    };
    try {
      await perSecond(total, IN_FLIGHT, postTo(bare.url));
      await perSecond(total, IN_FLIGHT, postTo(gateway.url));
      const compared = await compare(
        quick ? 3 : 5,
        load(bare.url, cpu.bare),
        load(gateway.url, cpu.ours),
      );
      const besides = cpuShown(cpu.ours, cpu.bare);
      return [ratioRow("Qiscus webhook in, persisted before 200", compared, { atLeast: 0.4, besides })];
    } finally {
      await gateway.kill();
      await bare.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

let serial = 0;

/** A text of a customer, as Qiscus tells of it. */
export function qiscusText(id: string, from = "6281234567890"): string {
  return JSON.stringify({
    contacts: [{ profile: { name: "Budi" }, wa_id: from }],
    messages: [{
      id,
      from,
      timestamp: String(Math.floor(Date.now() / 1_000)),
      type: "text",
      text: { body: "Apakah barang ini masih ada? ".repeat(5) },
    }],
  });
}

function postTo(origin: string): () => Promise<void> {
  const agent = new Agent({ connections: IN_FLIGHT, allowH2: false });
  const headers = { "content-type": "application/json" };
  return () =>
    new Promise((resolve, reject) => {
      let status = 0;
      agent.dispatch({
        origin,
        path: "/webhooks/qiscus",
        method: "POST",
        headers,
        body: qiscusText(`wamid.${Date.now()}.${serial++}`),
      }, {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => void (status = statusCode),
        onResponseData: () => {},
        onResponseEnd: () => status === 200 ? resolve() : reject(new Error(`Answered ${status}`)),
        onResponseError: (_controller, error) => reject(error),
      });
    });
}
