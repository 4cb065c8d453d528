import { messageOf, NotFoundError } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import { createInTurn } from "../async/keyed_lock.ts";
import type { Logger } from "../log.ts";
import type { ChatRead } from "../store/chat_reads.ts";
import type { Credentials } from "../store/credentials.ts";
import type { Device, DeviceChange, Devices, DeviceStatus } from "../store/devices.ts";
import { alreadyLinked } from "./already_linked.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { DEFAULT_POLICY, DeviceLine, type LinePolicy, type ShownQr } from "./line.ts";
import { NOBODY } from "./news.ts";
import { LOGGED_OUT_UNTOLD, sessionEndOf, STOPPED } from "../whatsapp/disconnects.ts";
import { PairingRefusedError } from "../whatsapp/pairing_refused.ts";
import type { PastAnswer, Session, SessionReceipt, Sessions } from "../whatsapp/session.ts";
import { createTurns } from "../async/places.ts";

export interface SupervisorDeps {
  readonly sessions: Sessions;
  readonly devices: Pick<Devices, "get" | "list" | "update" | "remove">;
  readonly credentials: Pick<Credentials, "load" | "clear">;
  readonly publish: (draft: EventDraft) => Promise<unknown>;
  readonly receipts: (device: Device, receipts: readonly SessionReceipt[]) => Promise<void>;
  /** Chats were read, here or on another device of the owner. */
  readonly chatsRead?: (device: Device, reads: readonly ChatRead[]) => Promise<void>;
  /** A phone has handed over a page of the past. */
  readonly pastCame?: (device: Device, answer: PastAnswer) => Promise<void>;
  /** Resolves when events of the past do not get in the way of those of now. */
  readonly roomForPast?: (device: Device) => Promise<void>;
  /** A device has connected: what waits for it can go out. */
  readonly onConnected?: (device: Device) => void;
  /** The gateway stops: nobody waits for a QR code any more. */
  readonly stopping?: AbortSignal;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly policy?: LinePolicy;
}

/** Keeps the devices that their owners want connected, connected. */
export interface Supervisor {
  /**
   * Connects a device and keeps it connected, over restarts too, until it is stopped.
   * @throws {NotFoundError} As all that name a device.
   */
  start(id: DeviceId): Promise<void>;
  /** A stop is a stop, over restarts too. Resolves when the connection has ended. */
  stop(id: DeviceId): Promise<void>;
  restart(id: DeviceId): Promise<void>;
  /** Unlinks the device from the phone, as far as WhatsApp can be reached, and forgets its identity. */
  logout(id: DeviceId): Promise<void>;
  /** Logs the device out and removes it from the store; nothing that is asked of it meanwhile comes in between. */
  remove(id: DeviceId): Promise<void>;
  /** The session of a device that is connected to WhatsApp now. */
  get(id: DeviceId): Session | undefined;
  /** Resolves when every message that a device has told so far is in the inbox; undefined: nothing is on its way. */
  journaled(id: DeviceId): Promise<void> | undefined;
  /** Whose device it is; undefined when it was never started in this run. */
  tenantOf(id: DeviceId): TenantId | undefined;
  /** The number under which a device is connected now, digits; null while it is not. */
  phone(id: DeviceId): string | null;
  /** How the device stands now; undefined when it was never started in this run. */
  status(id: DeviceId): DeviceStatus | undefined;
  /** The QR code that can be scanned now. */
  qr(id: DeviceId): ShownQr | undefined;
  /** The QR code, once there is one; undefined when none comes within `timeoutMs`, or the device connects or ends. */
  waitForQr(id: DeviceId, timeoutMs: number): Promise<ShownQr | undefined>;
  /**
   * A code of 8 characters to type into the phone. `phone` is digits.
   * @throws {PairingRefusedError} If WhatsApp gives none.
   * @throws {RefusedError} If a phone has linked the device already.
   */
  pairingCode(id: DeviceId, phone: string): Promise<string>;
  /** Starts what was wanted when the gateway last ran, a few at a time. Resolves when all have begun. */
  resumeWanted(): Promise<void>;
  /** Instead of that: says of the devices that a crash has left as connected that they are not. */
  leaveWanted(): Promise<void>;
  /** Closes a device's connection, and forgets the device: another gateway goes on with it. */
  release(id: DeviceId): Promise<void>;
  /**
   * The same at once: its connection to WhatsApp is closed when this returns. Nothing more of it can be stored, so
   * nothing is.
   */
  cut(id: DeviceId): void;
  /** Closes every connection because the gateway stops; what is wanted stays wanted. */
  stopAll(): Promise<void>;
}

/** How many devices connect at the same time, and how long each may hold its place. */
const CONNECTING_TOGETHER = 8;
const LONGEST_TURN_MS = 3_000;
/** How long a device that is not connected may take to connect, only to be unlinked. */
const CONNECT_TO_UNLINK_MS = 10_000;
/** How long a session may take to open. */
const OPEN_MS = 20_000;
const PAGE = 500;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { sessions, devices, credentials, publish, receipts, onConnected = () => {}, stopping, log } = deps;
  const { pastCame = () => Promise.resolve(), roomForPast = () => Promise.resolve() } = deps;
  const { chatsRead = () => Promise.resolve() } = deps;
  const { clock = systemClock, random = Math.random, policy = DEFAULT_POLICY } = deps;
  const lines = new Map<DeviceId, DeviceLine>();
  /** With each device, one thing at a time. */
  const inTurn = createInTurn();
  const closing = new AbortController();
  const trying = { signal: closing.signal, clock, random, log };
  const turn = createTurns({ places: CONNECTING_TOGETHER, longestMs: LONGEST_TURN_MS, clock });

  async function read(id: DeviceId): Promise<Device> {
    const device = await devices.get(id);
    if (device === undefined) throw new NotFoundError("device", id);
    return device;
  }

  function lineOf(device: Device): DeviceLine {
    const known = lines.get(device.id);
    if (known !== undefined) return known;
    const update = (change: DeviceChange) => devices.update(device.id, change, clock.now());
    const line = new DeviceLine(device, {
      sessions,
      update,
      publish,
      receipts,
      chatsRead,
      pastCame,
      roomForPast,
      onConnected,
      turn,
      policy,
      trying,
    });
    lines.set(device.id, line);
    return line;
  }

  async function begin(id: DeviceId, options?: { readonly plainName: boolean }): Promise<DeviceLine> {
    const device = await read(id);
    const line = lineOf(device);
    if (!closing.signal.aborted) await line.run(device, options);
    return line;
  }

  async function isLinked({ id, jid }: Device): Promise<boolean> {
    return jid !== null && await credentials.load(id) !== undefined;
  }

  async function halt(id: DeviceId): Promise<void> {
    const device = await read(id);
    if (device.status === "failed" && !device.wanted) return; // it stopped by itself, and why is still to be seen
    const line = lineOf(device);
    await line.halt();
    await line.tellEnd(STOPPED, {
      status: await isLinked(device) ? "disconnected" : "needs_pairing",
      wanted: false,
      ...(device.wanted ? { lastError: null } : {}),
      ...(device.status === "connected" ? { disconnectedAt: clock.now() } : {}),
    });
  }

  async function unlink(id: DeviceId): Promise<void> {
    const device = await read(id);
    const line = lineOf(device);
    // a QR code is shown to one that no phone has linked to the end, whatever was noted meanwhile
    const isKnown = async () => line.qr === undefined && await credentials.load(id) !== undefined;
    let linked = await isKnown();
    if (linked && !line.isConnected) {
      await line.run(device);
      await line.until(() => line.connectedSession ?? line.qr, CONNECT_TO_UNLINK_MS);
      linked = await isKnown(); // the phone may have unlinked it before, which is told by now
    }
    const isTold = !linked || line.isConnected;
    await line.halt((session) => session.logout());
    await credentials.clear(id);
    const end = isTold ? sessionEndOf({ code: 401, paired: true }) : LOGGED_OUT_UNTOLD;
    const lastError = isTold ? null : end.message;
    const change: DeviceChange = { status: "needs_pairing", wanted: false, lastError, ...NOBODY };
    if (linked) await line.tellEnd(end, { ...change, disconnectedAt: clock.now() });
    else await line.tellEnd(STOPPED, change);
  }

  /** Calls `work` with the devices that are wanted, a page at a time. */
  async function eachWanted(work: (device: Device) => Promise<unknown>): Promise<void> {
    const pages: (readonly Device[])[] = [];
    do { // all are listed first: one that ends meanwhile would move those behind it by a place, and one be left out
      const offset = pages.length * PAGE;
      pages.push(await devices.list({ kind: "whatsapp", wanted: true, limit: PAGE, offset }));
    } while (pages.at(-1)?.length === PAGE);
    for (const wanted of pages) await Promise.all(wanted.map(work));
  }

  /** Writes down that a device is not connected, for the time that nobody keeps it so. */
  async function rest({ id, status, jid }: Device): Promise<void> {
    if (!["connected", "connecting", "pairing"].includes(status)) return;
    const at = clock.now();
    await devices.update(id, {
      status: jid === null ? "needs_pairing" : "disconnected",
      ...(status === "connected" ? { disconnectedAt: at } : {}),
    }, at);
  }

  return {
    start: (id) => inTurn(id, async () => void await begin(id)),
    stop: (id) => inTurn(id, () => halt(id)),
    restart: (id) =>
      inTurn(id, async () => {
        await lines.get(id)?.halt();
        await begin(id);
      }),
    logout: (id) => inTurn(id, () => unlink(id)),
    remove: (id) =>
      inTurn(id, async () => {
        await unlink(id);
        await devices.remove(id);
        lines.delete(id);
      }),
    get: (id) => lines.get(id)?.connectedSession,
    journaled: (id) => lines.get(id)?.session?.journaled(),
    tenantOf: (id) => lines.get(id)?.device.tenantId,
    phone: (id) => lines.get(id)?.connectedPhone ?? null,
    status: (id) => lines.get(id)?.device.status,
    qr: (id) => lines.get(id)?.qr,
    async waitForQr(id, timeoutMs) {
      const line = lines.get(id);
      const over = (): ShownQr | "connected" | undefined =>
        line?.qr ?? (line?.isConnected ? "connected" : undefined);
      const found = await line?.until(over, timeoutMs, stopping);
      await line?.settled(); // the row says what is answered
      return found === "connected" ? undefined : found;
    },
    pairingCode: (id, phone) =>
      inTurn(id, async () => {
        const device = await read(id);
        if (await isLinked(device)) throw alreadyLinked(device);
        await lines.get(id)?.halt();
        const line = await begin(id, { plainName: true });
        const session = await line.until(() => line.session, OPEN_MS);
        if (session === undefined) {
          throw new PairingRefusedError(`Cannot pair "${id}": its session did not open`);
        }
        return await session.pairingCode(phone);
      }),
    resumeWanted: () =>
      eachWanted(({ id }) =>
        inTurn(id, async () => {
          const device = await devices.get(id);
          if (device?.wanted) await lineOf(device).run(device); // else somebody has stopped it meanwhile
        }).catch((error) => log.error("device.not_resumed", { deviceId: id, error: messageOf(error) }))
      ),
    leaveWanted: () => eachWanted(rest),
    release: (id) =>
      inTurn(id, async () => {
        const line = lines.get(id);
        if (line === undefined) return;
        await line.halt();
        await Promise.race([line.settled(), clock.wait(LONGEST_TURN_MS)]);
        lines.delete(id);
        await rest(line.device);
      }),
    cut(id) {
      const line = lines.get(id);
      if (line === undefined) return;
      lines.delete(id);
      const ended = line.halt();
      inTurn(id, () => ended).catch((error) =>
        // the next connection of the device waits for it
        log.error("device.not_cut", { deviceId: id, error: messageOf(error) })
      );
    },
    async stopAll() {
      const all = [...lines.values()];
      await Promise.all(all.map((line) => line.halt()));
      await Promise.race([Promise.all(all.map((line) => line.settled())), clock.wait(LONGEST_TURN_MS)]);
      closing.abort();
      await Promise.all(all.map(({ device }) => rest(device)));
    },
  };
}
