// A gateway and the WhatsApp network that it is linked to, each a process of its own.
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { perSecond, wait } from "./load.ts";
import { ask, startChild } from "./processes.ts";
import type { Command } from "./simulator.ts";

export interface SimulatorProcess {
  readonly url: string;
  readonly rootKey: string;
  /** The number of the one who writes and is written to. */
  readonly contact: string;
  /** The authority of its media servers, as PEM. */
  readonly mediaCa: string;
  tell<T>(command: Command): Promise<T>;
  stop(): Promise<void>;
}

export async function startSimulator(): Promise<SimulatorProcess> {
  const child = await startChild("simulator.ts");
  const tell = <T>(command: Command) => ask<T>(child.url, command);
  const where = await tell<Omit<SimulatorProcess, "tell" | "stop">>({ do: "where" });
  return { ...where, tell, stop: child.stop };
}

/** Devices that one answer lists. */
const PAGE = 100;

/** A device of the gateway, and the number of its phone. */
export interface PairedDevice {
  readonly id: string;
  readonly number: string;
}

export interface LinkedGateway {
  readonly gateway: GatewayProcess;
  /** @param history What the phone has to tell of the past. */
  pair(history?: { readonly chats: number; readonly each: number }): Promise<PairedDevice>;
  /** Waits until that many devices are connected. */
  connected(count: number, timeoutMs?: number): Promise<void>;
}

export async function startLinkedGateway(
  simulator: SimulatorProcess,
  { dir, env = {} }: { readonly dir: string; readonly env?: Readonly<Record<string, string>> },
): Promise<LinkedGateway> {
  const gateway = await startGatewayProcess({
    dir,
    env: {
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootKey,
      RATE_LIMIT_PER_MINUTE: "1000000",
      ...env,
    },
  });
  const api = (method: string, path: string, body?: unknown) => call(gateway.url, method, path, body);
  return {
    gateway,
    async pair(history) {
      const created = await api("POST", "/v1/devices", { label: "Bench" });
      if (created.status >= 400) throw new Error(`No device: ${JSON.stringify(created.body)}`);
      const id: string = created.body.data.id;
      const qr = await api("POST", `/v1/devices/${id}/pairing/qr`);
      const number = await simulator.tell<string>({ do: "scan", qr: qr.body.data.qr, history });
      await isConnected(id);
      return { id, number };
    },
    async connected(count, timeoutMs = 30_000) {
      const deadline = Date.now() + timeoutMs;
      while (Date.now() < deadline) {
        if (await connectedNow() >= count) return;
        await wait(20);
      }
      throw new Error(`${count} devices are not connected after ${timeoutMs} ms`);
    },
  };

  async function connectedNow(): Promise<number> {
    let connected = 0;
    for (let offset = 0;; offset += PAGE) {
      const { body } = await api("GET", `/v1/devices?limit=${PAGE}&offset=${offset}`);
      const devices: readonly { readonly status: string }[] = body.data.devices;
      connected += devices.filter(({ status }) => status === "connected").length;
      if (devices.length < PAGE) return connected;
    }
  }

  async function isConnected(id: string): Promise<void> {
    for (let looks = 0; looks < 500; looks++) {
      if ((await api("GET", `/v1/devices/${id}`)).body.data.status === "connected") return;
      await wait(20);
    }
    throw new Error(`${id} does not connect`);
  }
}

/** Sends texts through a device, so many at once; gives how many a second. */
export function textsByHttp(
  url: string,
  deviceId: string,
  { to, count, atOnce }: { readonly to: string; readonly count: number; readonly atOnce: number },
): Promise<number> {
  return perSecond(count, atOnce, async (index) => {
    const sent = await call(url, "POST", `/v1/devices/${deviceId}/messages/text`, {
      to,
      text: `text ${index}`,
    });
    if (sent.status !== 200) throw new Error(`Not sent: ${sent.status} ${JSON.stringify(sent.body)}`);
  });
}
