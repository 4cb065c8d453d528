// Baileys with nothing around it, in a process of its own: keys in memory, messages counted. Prints its port; POST / with
// one of the commands below. Arguments: the network's address and root key.
import { Buffer } from "node:buffer";
import makeWASocket, {
  DisconnectReason,
  initAuthCreds,
  type SignalDataTypeMap,
  type SignalKeyStore,
  WA_CERT_DETAILS,
} from "@whiskeysockets/baileys";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { collectingLogger, statusOf } from "../support/baileys_client.ts";
import { clockMs, perSecond, wait } from "./load.ts";

/** What bare Baileys can be told to do. */
export type BareCommand =
  /** Gives a QR code that can be scanned. */
  | { readonly do: "qr" }
  /** Resolves when the connection is open. */
  | { readonly do: "open" }
  /** Resolves when that many texts were decrypted since this was asked last, and gives the time of the last. */
  | { readonly do: "decrypted"; readonly count: number }
  /** Sends texts, so many at once; gives how many a second. */
  | { readonly do: "send"; readonly to: string; readonly count: number; readonly width: number };

quietLibsignal();
const [url, rootKey] = Deno.args;
(WA_CERT_DETAILS as { PUBLIC_KEY: Uint8Array }).PUBLIC_KEY = Buffer.from(rootKey, "hex");
const creds = initAuthCreds();
const stored = new Map<string, unknown>();
const keys: SignalKeyStore = {
  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
    const found: Record<string, SignalDataTypeMap[T]> = {};
    for (const id of ids) {
      const value = stored.get(`${type}/${id}`);
      if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
    }
    return found;
  },
  set(data) {
    for (const [type, entries] of Object.entries(data)) {
      for (const [id, value] of Object.entries(entries ?? {})) {
        if (value) stored.set(`${type}/${id}`, value);
        else stored.delete(`${type}/${id}`);
      }
    }
  },
};

let qr: string | undefined;
let isOpen = false;
let texts = 0;
let lastAt = 0;
let socket = connect();

function connect() {
  const made = makeWASocket({
    waWebSocketUrl: url,
    auth: { creds, keys },
    logger: collectingLogger().logger,
    browser: ["Ubuntu", "Chrome", "22.04.4"],
    getMessage: () => Promise.resolve(undefined),
  });
  made.ev.on("creds.update", (update) => Object.assign(creds, update));
  made.ev.process((batch) => {
    const change = batch["connection.update"];
    if (change?.qr) qr = change.qr;
    if (change?.connection) isOpen = change.connection === "open";
    const code = statusOf(change?.lastDisconnect?.error);
    if (change?.connection === "close" && code === DisconnectReason.restartRequired) socket = connect();
    const upsert = batch["messages.upsert"];
    if (upsert === undefined) return;
    texts += upsert.messages.filter(({ key, message }) => !key.fromMe && message).length;
    lastAt = clockMs();
  });
  return made;
}

async function perform(command: BareCommand): Promise<unknown> {
  switch (command.do) {
    case "qr":
      while (qr === undefined) await wait(10);
      return qr;
    case "open":
      while (!isOpen || creds.accountSyncCounter === 0) await wait(10);
      return true;
    case "decrypted":
      while (texts < command.count) await wait(2);
      texts = 0;
      return lastAt;
    case "send":
      return await perSecond(
        command.count,
        command.width,
        (index) => socket.sendMessage(command.to, { text: `text ${index}` }),
      );
  }
}

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  try {
    return Response.json(await perform(await request.json()));
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
});
console.log(server.addr.port);
