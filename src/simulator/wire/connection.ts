// One WebSocket from a client: Noise handshake, then nodes both ways, and the knobs that make the line bad.
import { Buffer } from "node:buffer";
import { decodeBinaryNode, encodeBinaryNode, type proto } from "@whiskeysockets/baileys";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { ServerIdentity } from "./certificate.ts";
import type { BinaryNode } from "./nodes.ts";
import { frameOf, NoiseResponder } from "./noise.ts";
import { remember } from "./recent.ts";

const LOG_NODES = 500;
const CLOSE_AFTER_MS = 20;

/** What happens on a connection. */
export interface ConnectionEvents {
  /** The handshake is over; the payload says whether the client wants to pair or to log in. */
  onPayload(connection: Connection, payload: proto.ClientPayload): void;
  onNode(connection: Connection, stanza: BinaryNode): void;
  onClose(connection: Connection): void;
  /** The client sent something that cannot be read; the connection is dropped. */
  onError(connection: Connection, error: unknown): void;
}

export class Connection {
  readonly noise: NoiseResponder;
  clientStatic: Buffer = Buffer.alloc(0);
  payload: proto.ClientPayload | undefined;
  closed = false;
  /** The last 500 nodes, newest last. */
  readonly log: { readonly direction: "in" | "out"; readonly node: BinaryNode }[] = [];
  bytesIn = 0;
  bytesOut = 0;
  /** Knob: delays every node that we send; their order is kept. */
  delayOutMs = 0;
  /** Knob: swallows everything both ways, like a dead peer behind a live TCP connection. */
  blackhole = false;
  readonly #socket: WebSocket;
  readonly #events: ConnectionEvents;
  #outQueue: Promise<void> = Promise.resolve();
  #inQueue: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, identity: ServerIdentity, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.noise = new NoiseResponder(identity);
    socket.on("message", (data: Buffer) => {
      // one after the other: decoding a node is asynchronous
      this.#inQueue = this.#inQueue.then(() => this.#receive(data)).catch((error) => {
        if (!this.closed) this.#events.onError(this, error);
        this.drop();
      });
    });
    socket.on("close", () => this.#ended());
    socket.on("error", () => this.#ended());
  }

  /** Encrypts and sends now, or after `delayOutMs`. */
  send(stanza: BinaryNode): void {
    const sendNow = () => {
      if (this.closed || this.blackhole || !this.noise.ready) return;
      remember(this.log, { direction: "out" as const, node: stanza }, LOG_NODES);
      this.#write(frameOf(this.noise.encrypt(encodeBinaryNode(stanza))));
    };
    if (this.delayOutMs === 0) return sendNow();
    const dueAt = Date.now() + this.delayOutMs;
    const due = () => new Promise<void>((done) => setTimeout(done, Math.max(0, dueAt - Date.now())));
    this.#outQueue = this.#outQueue.then(due).then(sendNow);
  }

  /** Knob: sends the first half of a frame, then cuts the TCP connection. */
  sendHalfAndDrop(stanza: BinaryNode): void {
    const frame = frameOf(this.noise.encrypt(encodeBinaryNode(stanza)));
    this.#socket.send(frame.subarray(0, Math.floor(frame.length / 2)), () => this.drop());
  }

  /** Cuts TCP without a WebSocket close frame. */
  drop(): void {
    this.#socket.terminate();
    this.#ended();
  }

  /** Closes in order, after everything queued has gone out. */
  close(): void {
    const closeSoon = () => void setTimeout(() => this.#socket.close(), CLOSE_AFTER_MS);
    if (this.delayOutMs === 0) closeSoon();
    else this.#outQueue = this.#outQueue.then(closeSoon);
  }

  async #receive(data: Buffer): Promise<void> {
    this.bytesIn += data.length;
    if (this.blackhole || this.closed) return;
    for (const frame of this.noise.frames(data)) {
      if (!this.noise.saidHello) {
        this.#write(frameOf(this.noise.answerHello(frame)));
      } else if (!this.noise.ready) {
        const { clientStatic, payload } = this.noise.acceptFinish(frame);
        this.clientStatic = clientStatic;
        this.payload = payload;
        this.#events.onPayload(this, payload);
      } else {
        const stanza = await decodeBinaryNode(this.noise.decrypt(frame));
        remember(this.log, { direction: "in" as const, node: stanza }, LOG_NODES);
        this.#events.onNode(this, stanza);
      }
    }
  }

  #write(data: Buffer): void {
    if (this.closed || this.blackhole) return;
    this.bytesOut += data.length;
    this.#socket.send(data);
  }

  #ended(): void {
    if (this.closed) return;
    this.closed = true;
    this.#events.onClose(this);
  }
}
