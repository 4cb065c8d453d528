// The simulated WhatsApp network in a process of its own. Prints its port; POST / with one of the commands below.
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { bigHistory, content, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { clockMs, wait } from "./load.ts";

/** What the simulator can be told to do. */
export type Command =
  /** Gives the address and root key of the network. */
  | { readonly do: "where" }
  /** Links whatever shows this QR code to a phone of its own; gives the phone's number. */
  | {
    readonly do: "scan";
    readonly qr: string;
    /** What the phone has to tell of the past. */
    readonly history?: { readonly chats: number; readonly each: number };
  }
  /** Makes a group of a phone and so many others; gives its address. */
  | { readonly do: "group"; readonly phone: string; readonly others: number }
  /** Sends a file of so many bytes to one phone; gives the message's id. */
  | { readonly do: "file"; readonly to: string; readonly bytes: number }
  /** Sends texts to the phones in turn, at most so many a second; each says when it was sent. */
  | {
    readonly do: "send";
    readonly to: readonly string[];
    readonly count: number;
    readonly perSecond: number;
  }
  /** Sends texts to one phone as fast as they go; they are encrypted before the first one leaves. */
  | { readonly do: "burst"; readonly to: string; readonly count: number }
  /** How many messages the contact got since this was asked last. */
  | { readonly do: "got" }
  /** How many devices are connected. */
  | { readonly do: "connected" };

quietLibsignal();
const simulator = await WhatsAppSimulator.start();
const contact = simulator.contact("6289900000001", "Budi");
const phones = new Map<string, VirtualPhone>();
let got = 0;
contact.autoReply = () => {
  got++;
  return undefined;
};

async function perform(command: Command): Promise<unknown> {
  switch (command.do) {
    case "where":
      return {
        url: simulator.url,
        rootKey: simulator.rootKey.toString("hex"),
        contact: contact.number,
        mediaCa: simulator.tlsCaPem,
      };
    case "scan": {
      const number = `62811${String(phones.size + 1).padStart(7, "0")}`;
      const phone = simulator.phone(number, "Bench");
      phones.set(number, phone);
      if (command.history !== undefined) {
        phone.history = bigHistory(command.history.chats, command.history.each);
      }
      await simulator.scanQr(command.qr, phone);
      return number;
    }
    case "send":
      return await send(command.to, command.count, command.perSecond);
    case "burst":
      return await burst(phoneOf(command.to), command.count);
    case "group": {
      const others = Array.from(
        { length: command.others },
        (_, index) => simulator.contact(`62877${String(index).padStart(7, "0")}`),
      );
      return simulator.group("Bench", [phoneOf(command.phone), ...others]).jid;
    }
    case "file":
      return await contact.sendMedia(phoneOf(command.to), "document", new Uint8Array(command.bytes));
    case "got": {
      const count = got;
      got = 0;
      return count;
    }
    case "connected":
      return [...phones.values()].filter((phone) =>
        [...phone.devices.values()].some(({ connection }) => connection !== undefined)
      ).length;
  }
}

async function send(to: readonly string[], count: number, perSecond: number): Promise<number> {
  const startedAt = clockMs();
  for (let index = 0; index < count; index++) {
    const dueAt = startedAt + index * 1_000 / perSecond;
    const waitMs = dueAt - clockMs();
    if (waitMs > 0) await wait(waitMs);
    await contact.send(phoneOf(to[index % to.length]), content.textContent(`sent at ${clockMs()}`));
  }
  return clockMs() - startedAt;
}

async function burst(phone: VirtualPhone, count: number): Promise<number> {
  const ready: (() => void)[] = [];
  for (let index = 0; index < count; index++) {
    const id = simulator.network.messageId();
    for (
      const { device, stanza } of await contact.prepare(phone, content.textContent(`text ${index}`), { id })
    ) {
      ready.push(() => device.deliver(stanza));
    }
  }
  const startedAt = clockMs();
  for (const deliver of ready) deliver();
  return startedAt;
}

function phoneOf(number: string): VirtualPhone {
  const phone = phones.get(number);
  if (phone === undefined) throw new Error(`There is no phone ${number}`);
  return phone;
}

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  try {
    return Response.json(await perform(await request.json()));
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
});
console.log(server.addr.port);
