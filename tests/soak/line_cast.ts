// Who takes part in the soak of the WhatsApp side: phones with their devices, people, and a group.
import { type Contact, type Group, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { call } from "../support/process.ts";
import { until } from "../support/until.ts";

const DEVICES = 4;
const CONTACTS = 6;

/** A device of the gateway and the phone that it is linked with. */
export interface Member {
  readonly id: string;
  readonly phone: VirtualPhone;
}

export interface Cast {
  readonly simulator: WhatsAppSimulator;
  readonly contacts: readonly Contact[];
  members: readonly Member[];
  /** With the first phone and some contacts. */
  group: Group;
}

export async function assemble(): Promise<Cast> {
  const simulator = await WhatsAppSimulator.start();
  const contacts = Array.from({ length: CONTACTS }, (_, index) => {
    const addressing = index % 2 === 0 ? "lid" : "pn";
    const contact = simulator.contact(`62819000000${index}`, `Contact ${index}`, { addressing });
    contact.autoReceipts = ["delivered", "read"];
    return contact;
  });
  const phone = simulator.phone("628110000000", "Phone 0");
  const group = simulator.group("Soak", [phone, ...contacts.slice(0, 3)]);
  return { simulator, contacts, members: [], group };
}

/** Links the devices of a gateway that has just begun. */
export async function link(cast: Cast, url: string): Promise<void> {
  const members: Member[] = [];
  for (let index = 0; index < DEVICES; index++) {
    const { body } = await call(url, "POST", "/v1/devices", { label: `Device ${index}` });
    const { id } = body.data;
    const qr = await call(url, "POST", `/v1/devices/${id}/pairing/qr`);
    const phone = cast.simulator.phone(`62811000000${index}`, `Phone ${index}`);
    await cast.simulator.scanQr(qr.body.data.qr, phone);
    members.push({ id, phone });
  }
  cast.members = members;
  await allConnected(cast, url, 60_000);
}

export async function allConnected({ members }: Cast, url: string, timeoutMs: number): Promise<void> {
  for (const { id } of members) {
    const connected = async () =>
      (await call(url, "GET", `/v1/devices/${id}`)).body.data.status === "connected";
    await until(connected, `${id} to be connected`, timeoutMs);
  }
}

/** One of them. */
export function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)];
}

export function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}

/** Waits; sooner when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      done();
    }
    if (signal?.aborted) end();
    signal?.addEventListener("abort", end);
  });
}
