// Linking a client to a phone: shows it refs for QR codes, and plays the person who scans one or types a code.
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import type { Connection } from "../wire/connection.ts";
import { parseJid, SERVER } from "../wire/jids.ts";
import { LinkedDevice } from "../people/linked_device.ts";
import type { Network } from "../people/network.ts";
import { type BinaryNode, bytes, child, node, unixSeconds } from "../wire/nodes.ts";
import { deviceIdentityProblem, readQr, signCompanion } from "../wire/pairing.ts";
import { CodePairing } from "../wire/pairing_code.ts";
import type { VirtualPhone } from "../people/phone.ts";

const ANSWER_MS = 8_000;

/** A client that waits to be linked. */
interface Linkable {
  readonly connection: Connection;
  readonly refs: readonly string[];
  /** Set once the client asked for a pairing code. */
  code?: { readonly number: string; readonly wrapped: Buffer; readonly ref: Buffer };
  onCodeFinish?: (finish: BinaryNode) => void;
  onSigned?: (answer: BinaryNode) => void;
  onGone?: (error: Error) => void;
  /** The secret that was in the QR code before the registration was refreshed. */
  retired?: Buffer;
  onRefreshed?: (ack: BinaryNode) => void;
}

export class Linking {
  readonly #network: Network;
  readonly #waiting = new Map<Connection, Linkable>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** Every ref that a client shows as a QR code now. */
  get refs(): string[] {
    return [...this.#waiting.values()].flatMap(({ refs }) => refs);
  }

  /** A client without an account connected: gives it refs for `count` QR codes. */
  begin(connection: Connection, count: number): void {
    const refs = Array.from({ length: count }, () => `2@${randomBytes(24).toString("base64url")}`);
    this.#waiting.set(connection, { connection, refs });
    const pairDevice = node("pair-device", {}, refs.map((ref) => node("ref", {}, Buffer.from(ref))));
    const attrs = { from: SERVER, type: "set", id: this.#network.nextId("pair"), xmlns: "md" };
    connection.send(node("iq", attrs, [pairDevice]));
  }

  forget(connection: Connection): void {
    const linkable = this.#waiting.get(connection);
    this.#waiting.delete(connection);
    linkable?.onGone?.(new Error("Cannot link: the client closed the connection"));
  }

  /** The client's answer to `pair-success`. */
  answered(connection: Connection, answer: BinaryNode): void {
    if (child(answer, "pair-device-sign") || answer.attrs.type === "error") {
      this.#waiting.get(connection)?.onSigned?.(answer);
    }
  }

  /**
   * The client's side of linking with a code.
   * @returns The answer's content, or undefined if this client is not waiting to be linked.
   */
  companionSays(connection: Connection, said: BinaryNode): BinaryNode[] | undefined {
    const linkable = this.#waiting.get(connection);
    if (!linkable) return;
    if (said.attrs.stage !== "companion_hello") {
      linkable.onCodeFinish?.(said);
      return [];
    }
    const ref = randomBytes(16);
    const wrapped = bytes(child(said, "link_code_pairing_wrapped_companion_ephemeral_pub"));
    linkable.code = { number: parseJid(said.attrs.jid).user, wrapped, ref };
    return [
      node("link_code_companion_reg", { stage: "companion_hello" }, [node("link_code_pairing_ref", {}, ref)]),
    ];
  }

  /**
   * A person scans the QR code with this phone.
   * @throws {Error} If no client shows this code now, or it does not answer as the protocol says.
   */
  async scanQr(qr: string, phone: VirtualPhone): Promise<LinkedDevice> {
    const content = readQr(qr);
    const linkable = [...this.#waiting.values()].find(({ refs }) => refs.includes(content.ref));
    if (!linkable) {
      throw new Error("Cannot scan: nobody shows this QR code (it expired, or the client is gone)");
    }
    const { connection } = linkable;
    if (this.#network.faults.askPasskey) this.#askPasskey(connection);
    if (this.#network.faults.refreshOnScan) await this.#refresh(linkable, content.advSecret);
    const identity = Buffer.from(connection.payload?.devicePairingData?.eIdent ?? []);
    if (!content.noisePub.equals(connection.clientStatic)) {
      throw new Error("Cannot scan: the noise key differs");
    }
    if (!content.identityPub.equals(identity)) throw new Error("Cannot scan: the identity key differs");
    return await this.#complete(linkable, phone, content.advSecret);
  }

  /**
   * A person types the code that the client shows into this phone; waits for a client that asked for one.
   * @throws {Error} If no client asks, or the code is wrong.
   */
  async enterCode(code: string, phone: VirtualPhone): Promise<LinkedDevice> {
    const linkable = await this.#network.until(
      () => [...this.#waiting.values()].find((waiting) => waiting.code?.number === phone.number),
      "a client that asks for a pairing code",
    );
    const { code: asked } = linkable;
    if (!asked) throw new Error("Cannot enter code: nobody asked for one");
    const { identity } = phone.signal;
    const pairing = new CodePairing(identity, code, asked.wrapped);
    const finished = answerOf(linkable, "onCodeFinish");
    const attrs = {
      from: SERVER,
      type: "link_code_companion_reg",
      id: this.#network.nextId("code"),
      t: unixSeconds(),
    };
    linkable.connection.send(
      node("notification", attrs, [
        node("link_code_companion_reg", { stage: "primary_hello" }, [
          node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, pairing.wrapEphemeral()),
          node("primary_identity_pub", {}, identity.pub),
          node("link_code_pairing_ref", {}, asked.ref),
        ]),
      ]),
    );
    const finish = await finished;
    if (!bytes(child(finish, "link_code_pairing_ref")).equals(asked.ref)) {
      throw new Error("Cannot link: wrong ref");
    }
    const bundle = bytes(child(finish, "link_code_pairing_wrapped_key_bundle"));
    const advSecret = pairing.finish(bundle, bytes(child(finish, "companion_identity_public")));
    return await this.#complete(linkable, phone, advSecret);
  }

  /**
   * Has the client make a new secret, once; a code with the one before cannot be linked any more.
   * @throws {Error} If this is the old secret.
   */
  async #refresh(linkable: Linkable, secret: Buffer): Promise<void> {
    if (linkable.retired === undefined) {
      linkable.retired = secret;
      const acknowledged = answerOf(linkable, "onRefreshed");
      const type = "companion_reg_refresh";
      const attrs = { from: SERVER, type, id: this.#network.nextId("refresh"), t: unixSeconds() };
      linkable.connection.send(node("notification", attrs, [node(type)]));
      await acknowledged;
    }
    if (linkable.retired.equals(secret)) {
      throw new Error("Cannot scan: WhatsApp has retired this QR code; scan the one that is shown next");
    }
  }

  /**
   * The account's owner must prove themselves with a passkey before this client is linked.
   * @see whatsmeow pair-passkey.go `handlePasskeyNotification`
   */
  #askPasskey(connection: Connection): never {
    const type = "passkey_prologue_request";
    const options = {
      challenge: randomBytes(32).toString("base64url"),
      rpId: "whatsapp.com",
      timeout: 600_000,
    };
    const attrs = { from: SERVER, type, id: this.#network.nextId("passkey"), t: unixSeconds() };
    const asked = node("passkey_request_options", {}, Buffer.from(JSON.stringify(options)));
    connection.send(node("notification", attrs, [asked]));
    throw new Error("Cannot scan: WhatsApp asks the account's owner for a passkey");
  }

  /** The client has taken a notification. */
  acknowledged(connection: Connection, ack: BinaryNode): void {
    if (ack.attrs.class === "notification") this.#waiting.get(connection)?.onRefreshed?.(ack);
  }

  async #complete(linkable: Linkable, phone: VirtualPhone, advSecret: Buffer): Promise<LinkedDevice> {
    const { connection } = linkable;
    const device = deviceOf(connection, phone);
    const { identity } = phone.signal;
    const signed = answerOf(linkable, "onSigned");
    connection.send(
      node("iq", {
        from: SERVER,
        type: "set",
        id: this.#network.nextId("pair-success"),
        xmlns: "md",
        t: unixSeconds(),
      }, [
        node("pair-success", {}, [
          node("device-identity", {}, signCompanion(identity, device.identity, advSecret, device.id)),
          node("device", { jid: device.jid, lid: device.lidJid }),
          node("platform", { name: "android" }),
          ...phone.lidMigrated ? [migrated()] : [],
        ]),
      ]),
    );
    const answer = child(child(await signed, "pair-device-sign"), "device-identity");
    const problem = deviceIdentityProblem(bytes(answer), device.identity, identity.pub);
    if (problem) throw new Error(`Cannot link: ${problem}`);
    if (answer?.attrs["key-index"] !== String(device.id)) throw new Error("Cannot link: wrong key index");
    phone.devices.set(device.id, device);
    this.#waiting.delete(connection);
    connection.send(node("stream:error", { code: "515" }));
    connection.close();
    return device;
  }
}

/** @see WhatsApp Web's WAWebHandlePairSuccess */
function migrated(): BinaryNode {
  const props = proto.ClientPairingProps.encode({ isChatDbLidMigrated: true }).finish();
  return node("client-props", {}, Buffer.from(props));
}

function answerOf(
  linkable: Linkable,
  what: "onCodeFinish" | "onSigned" | "onRefreshed",
): Promise<BinaryNode> {
  return new Promise<BinaryNode>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("Cannot link: the client does not answer")), ANSWER_MS);
    linkable[what] = (answer) => (clearTimeout(timer), resolve(answer));
    linkable.onGone = (error) => (clearTimeout(timer), reject(error));
  });
}

function deviceOf(connection: Connection, phone: VirtualPhone): LinkedDevice {
  const data = connection.payload?.devicePairingData;
  if (!data?.eRegid || !data.eIdent || !data.eSkeyId || !data.eSkeyVal || !data.eSkeySig) {
    throw new Error("Cannot link: the client did not state its keys");
  }
  return new LinkedDevice(phone, phone.takeDeviceId(), {
    noiseStatic: connection.clientStatic,
    registrationId: Buffer.from(data.eRegid).readUInt32BE(0),
    identity: Buffer.from(data.eIdent),
    signedPreKey: {
      id: Buffer.from(data.eSkeyId).readUIntBE(0, 3),
      pub: Buffer.from(data.eSkeyVal),
      signature: Buffer.from(data.eSkeySig),
    },
  });
}
