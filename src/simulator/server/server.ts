// The WhatsApp server on loopback: takes WebSockets, knows which client is which device, hands stanzas on.
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { proto } from "@whiskeysockets/baileys";
import { SenderKeyMessage } from "@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import { signGroupsNatively } from "../../libsignal/group_signatures.ts";
import { undoFailedDecryptions } from "../../libsignal/failed_decryption.ts";
import { secretsFrom } from "../wire/seed.ts";
import { createServerIdentity, type ServerIdentity } from "../wire/certificate.ts";
import { Connection, type ConnectionEvents } from "../wire/connection.ts";
import type { ContactOptions, Person } from "../people/chat.ts";
import type { Contact } from "../people/contact.ts";
import type { Group, GroupOptions } from "../people/group.ts";
import { SERVER } from "../wire/jids.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import { Linking } from "./linking.ts";
import { MediaHost } from "../wire/media_host.ts";
import { type Faults, type LoginFailure, Network } from "../people/network.ts";
import { type BinaryNode, child, node, unixSeconds } from "../wire/nodes.ts";
import type { VirtualPhone } from "../people/phone.ts";
import { sendAnswer } from "../queries/answers.ts";
import { answer, refuse } from "../queries/query.ts";
import { receiveStanza, type ReceptionOptions } from "./reception.ts";

export interface SimulatorOptions extends ReceptionOptions {
  /** Where to listen; default 127.0.0.1. Clients are given this name too, unless it stands for every address. */
  readonly hostname?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** How many QR codes a client can show before it must connect again; default 6. */
  readonly qrRefs?: number;
  /** Makes the keys of the servers, which are others at every start without it. */
  readonly seed?: string;
}

export class WhatsAppSimulator {
  readonly options: SimulatorOptions;
  readonly network: Network;
  readonly connections = new Set<Connection>();
  readonly #identity: ServerIdentity;
  readonly #linking: Linking;
  readonly #devices = new Map<Connection, LinkedDevice>();
  readonly #http: Server = createServer();
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #hostname: string;
  #port = 0;

  private constructor(options: SimulatorOptions) {
    this.options = { ...options };
    const { hostname = "127.0.0.1" } = options;
    this.#hostname = ["0.0.0.0", "::", "localhost"].includes(hostname) ? "127.0.0.1" : hostname;
    const secrets = options.seed === undefined ? undefined : secretsFrom(options.seed);
    this.#identity = createServerIdentity(secrets);
    this.network = new Network(new MediaHost(hostname, this.#hostname, secrets));
    this.#linking = new Linking(this.network);
  }

  /** Starts the servers: WhatsApp's WebSocket and the media hosts. */
  static async start(options: SimulatorOptions = {}): Promise<WhatsAppSimulator> {
    undoFailedDecryptions(); // phones do not forget their sessions
    signGroupsNatively(SenderKeyMessage); // a text to a group of hundreds would hold the network up for seconds
    const simulator = new WhatsAppSimulator(options);
    await simulator.#listen();
    return simulator;
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.drop();
    this.#webSockets.close();
    await new Promise((done) => this.#http.close(done));
    await this.network.media.stop();
  }

  /** What a client connects to (Baileys' `waWebSocketUrl`). */
  get url(): string {
    return `ws://${this.#hostname}:${this.#port}/ws/chat`;
  }

  /** The public key that a client must take as the root of WhatsApp's certificates: 32 bytes. */
  get rootKey(): Buffer {
    return this.#identity.root.pub;
  }

  /** The authority of the https media host, as PEM. */
  get tlsCaPem(): string {
    return this.network.media.caPem;
  }

  get media(): MediaHost {
    return this.network.media;
  }

  get faults(): Faults {
    return this.network.faults;
  }

  /** Stanzas that nothing here could answer. */
  get unknown(): BinaryNode[] {
    return this.network.unknown;
  }

  /** What clients did against the protocol. */
  get complaints(): string[] {
    return this.network.complaints;
  }

  /** How often each query came, by "xmlns type child". */
  get queries(): ReadonlyMap<string, number> {
    return this.network.queries;
  }

  /** Every ref that a client shows as a QR code now. */
  get refs(): string[] {
    return this.#linking.refs;
  }

  phone(number: string, name?: string): VirtualPhone {
    return this.network.phone(number, name);
  }

  contact(number: string, name?: string, options?: ContactOptions): Contact {
    return this.network.contact(number, name, options);
  }

  /** A group; its first member is the creator. */
  group(subject: string, members: readonly Person[], options?: GroupOptions): Group {
    return this.network.group(subject, members, options);
  }

  scanQr(qr: string, phone: VirtualPhone): Promise<LinkedDevice> {
    return this.#linking.scanQr(qr, phone);
  }

  enterCode(code: string, phone: VirtualPhone): Promise<LinkedDevice> {
    return this.#linking.enterCode(code, phone);
  }

  until<T>(check: () => T | undefined | false, what: string, timeoutMs?: number): Promise<T> {
    return this.network.until(check, what, timeoutMs);
  }

  async #listen(): Promise<void> {
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    const { port = 0, hostname = "127.0.0.1" } = this.options;
    await new Promise<void>((listening, failed) => {
      this.#http.once("error", failed);
      this.#http.listen(port, hostname, listening);
    });
    const address = this.#http.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = this.faults.upgradeStatus;
    if (status !== undefined) {
      socket.on("error", () => {}); // a client that breaks the connection before it has read why
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const connection = new Connection(webSocket, this.#identity, this.#events);
      connection.delayOutMs = this.faults.delayOutMs ?? 0;
      this.connections.add(connection);
    });
  }

  readonly #events: ConnectionEvents = {
    onPayload: (connection, payload) => {
      if (payload.devicePairingData) this.#linking.begin(connection, this.options.qrRefs ?? 6);
      else this.#login(connection, payload);
      this.network.touch();
    },
    onNode: (connection, stanza) => {
      const device = this.#devices.get(connection);
      if (device) receiveStanza(this.network, this.options, connection, device, stanza);
      else this.#onStranger(connection, stanza);
      this.network.touch();
    },
    onClose: (connection) => {
      this.connections.delete(connection);
      this.#linking.forget(connection);
      const device = this.#devices.get(connection);
      this.#devices.delete(connection);
      if (device?.connection === connection) {
        device.connection = undefined;
        device.active = false;
      }
      this.network.touch();
    },
    onError: (_, error) =>
      this.network.complain(`connection: ${error instanceof Error ? error.stack : error}`),
  };

  #login(connection: Connection, payload: proto.ClientPayload): void {
    const device = this.network.findPhone(String(payload.username))?.devices.get(payload.device ?? 0);
    if (!device?.noiseStatic.equals(connection.clientStatic)) return failLogin(connection, { reason: 401 });
    const failure = this.#nextFailure();
    if (failure !== undefined) return failLogin(connection, failure);
    if (device.connection && !device.connection.closed) device.replace();
    device.connection = connection;
    device.active = false;
    device.logins++;
    this.#devices.set(connection, device);
    const about = { props: "27", location: "sim", lid: device.lidJid, display_name: device.phone.name };
    connection.send(node("success", { t: unixSeconds(), ...about }));
    const routing = node("routing_info", {}, Buffer.from([8, 2, 8, 5, device.id]));
    connection.send(node("ib", { from: SERVER }, [node("edge_routing", {}, [routing])]));
  }

  /** How this login is refused, if it is. */
  #nextFailure(): LoginFailure | undefined {
    const { loginFailure } = this.faults;
    if (loginFailure === undefined || typeof loginFailure === "number") {
      return loginFailure === undefined ? undefined : { reason: loginFailure };
    }
    const { times } = loginFailure;
    if (times === 1) delete this.faults.loginFailure;
    else if (times !== undefined) this.faults.loginFailure = { ...loginFailure, times: times - 1 };
    return loginFailure;
  }

  /** A client that is not logged in may link itself and say that it is alive. */
  #onStranger(connection: Connection, stanza: BinaryNode): void {
    if (stanza.tag === "ack") return this.#linking.acknowledged(connection, stanza);
    if (stanza.tag !== "iq") return;
    const { type, xmlns } = stanza.attrs;
    if (type === "result" || type === "error") return this.#linking.answered(connection, stanza);
    const said = child(stanza, "link_code_companion_reg");
    const linking = said && this.#linking.companionSays(connection, said);
    const known = linking ?? (xmlns === "w:p" ? [] : undefined);
    sendAnswer(connection, stanza, known ? answer(...known) : refuse(401, "not-authorized"));
  }
}

function failLogin(connection: Connection, failure: LoginFailure): void {
  const { reason, code, expire, message, url, logoutMessage: { header, subtext, locale } = {} } = failure;
  const texts = {
    logout_message_header: header,
    logout_message_subtext: subtext,
    logout_message_locale: locale,
  };
  connection.send(node("failure", { reason, location: "sim", code, expire, message, url, ...texts }));
  connection.close();
}
