// The control API of a simulator, for the tests of one file.
import { assertEquals } from "@std/assert";
import { startControlServer, type WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { BaileysClient } from "./baileys_client.ts";
import { withSimulator } from "./simulated.ts";

/** What the answers show, as far as these tests look. */
export interface Shown {
  readonly id: string;
  readonly ids: readonly string[];
  readonly callId: string;
  readonly jid: string;
  readonly url: string;
  readonly rootKey: string;
  readonly tlsCaPem: string;
  readonly subject: string;
  readonly members: readonly unknown[];
  readonly devices: readonly unknown[];
  readonly error: string;
}

/** Asks the control API. */
export interface Control {
  ask<T = Shown>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: T }>;
}

/** The phone and the contact that `linkOver` makes. */
export const PHONE = "4915100000001";
export const ANNA = "4917200000001";

/** Runs a test with a simulator and its control API. */
export function withControl(
  name: string,
  test: (control: Control, simulator: WhatsAppSimulator) => Promise<void>,
): void {
  withSimulator(`control ${name}`, async (simulator) => {
    const server = startControlServer({ simulator });
    const ask = async (method: string, path: string, body?: unknown) => {
      const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`${server.url}${path}`, { method, body: text });
      const answer = await response.text();
      return { status: response.status, body: answer === "" ? undefined : JSON.parse(answer) };
    };
    try {
      await test({ ask }, simulator);
    } finally {
      await server.stop();
    }
  });
}

/** A client that is linked through the control API, and Anna. */
export async function linkOver({ ask }: Control, url: string): Promise<BaileysClient> {
  const client = new BaileysClient(url);
  await ask("POST", "/phones", { phone: PHONE, name: "Shop" });
  await ask("POST", "/contacts", { phone: `+${ANNA}`, name: "Anna" });
  const scanned = await ask("POST", `/phones/${PHONE}/scan`, {
    qr: await client.until(() => client.qr, "qr"),
  });
  assertEquals([scanned.status, Number(scanned.body.id)], [201, 1]);
  await client.open();
  await client.until(() => client.auth.creds.accountSyncCounter > 0, "initial sync");
  return client;
}
