// A simulator for the tests of one file, and clients that are linked to it.
import { Buffer } from "node:buffer";
import { WA_CERT_DETAILS } from "@whiskeysockets/baileys";
import { assertEquals } from "@std/assert";
import {
  type LinkedDevice,
  type SimulatorOptions,
  type VirtualPhone,
  WhatsAppSimulator,
} from "../../src/simulator/mod.ts";
import { BaileysClient } from "./baileys_client.ts";
import { quietLibsignal } from "./quiet_libsignal.ts";

/** A client, the phone it is linked to, and the server's view of it. */
export interface Linked {
  readonly client: BaileysClient;
  readonly phone: VirtualPhone;
  readonly device: LinkedDevice;
}

/** Makes Baileys take this key as the root of WhatsApp's certificates, in this process. */
export function trustRoot(key: Uint8Array): void {
  // exported and mutable, but typed as a constant
  (WA_CERT_DETAILS as { PUBLIC_KEY: Uint8Array }).PUBLIC_KEY = Buffer.from(key);
}

let numbers = 0;
/** A phone number that nobody else has. */
export function aNumber(): string {
  return `4915${String(++numbers).padStart(8, "0")}`;
}

/** Links a client to a new phone, and waits until it is open and has its history. */
export async function link(
  simulator: WhatsAppSimulator,
  config: NonNullable<ConstructorParameters<typeof BaileysClient>[1]>["config"] = {},
  phone = simulator.phone(aNumber(), "Gateway"),
): Promise<Linked> {
  const client = new BaileysClient(simulator.url, { config });
  const device = await simulator.scanQr(await client.until(() => client.qr, "qr"), phone);
  await client.open();
  await client.until(() => client.auth.creds.accountSyncCounter > 0, "initial sync");
  return { client, phone, device };
}

/** Runs a test with a simulator of its own; afterwards nothing may be unknown to it, and nothing complained about. */
export function withSimulator(
  name: string,
  test: (simulator: WhatsAppSimulator) => Promise<void>,
  options: SimulatorOptions = {},
): void {
  Deno.test(name, async () => {
    silence();
    const simulator = await WhatsAppSimulator.start(options);
    trustRoot(simulator.rootKey);
    try {
      await test(simulator);
      assertEquals(simulator.unknown.map((stanza) => JSON.stringify(stanza)), []);
      assertEquals(simulator.complaints, []);
    } finally {
      await simulator.stop();
    }
  });
}

let silenced = false;
function silence(): void {
  if (silenced) return;
  silenced = true;
  quietLibsignal();
}
