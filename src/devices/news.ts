import { messageOf } from "../errors.ts";
import type { EventData, EventDraft } from "../events/event.ts";
import { draftDeviceOf } from "../events/origin.ts";
import type { Device, DeviceChange } from "../store/devices.ts";
import { afterLoss, CALM, type Flapping, type FlappingLimit } from "./flapping.ts";
import { phoneOf } from "../whatsapp/jid.ts";
import { keepTrying, type Trying } from "../async/keep_trying.ts";
import type { SessionDraft, SessionEnd, SessionEvents } from "../whatsapp/session.ts";

export interface NewsDeps {
  readonly update: (change: DeviceChange) => Promise<Device | undefined>;
  readonly publish: (draft: EventDraft) => Promise<unknown>;
  readonly flapping: FlappingLimit;
  readonly trying: Trying;
}

type News = { [T in SessionDraft["type"]]: readonly [type: T, data: EventData[T]] }[SessionDraft["type"]];
/** A device that no phone has linked is nobody on WhatsApp. */
export const NOBODY = { phoneNumber: null, jid: null, lid: null, pushName: null } satisfies DeviceChange;

/** What the world was told last of the connection. */
type Told = "nothing" | "connecting" | "connected" | "disconnected";

/**
 * Tells how a device stands: in its row, and as events. What is told keeps its order and is told again until the store
 * has it; a state that lasts is told once, however often it is tried to change.
 */
export class DeviceNews {
  readonly #deps: NewsDeps;
  #device: Device;
  #told: Told = "nothing";
  #flapping: Flapping = CALM;
  #telling: Promise<void> = Promise.resolve();

  constructor(device: Device, deps: NewsDeps) {
    this.#device = device;
    this.#deps = deps;
  }

  /** The row, as far as it is written. */
  get device(): Device {
    return this.#device;
  }

  /** It is lost again and again. */
  get isUnstable(): boolean {
    return this.#flapping.unstable;
  }

  /** Whose event a session's draft is. Our own address is in it: `publish` moves it to where the event has it. */
  owned(draft: SessionDraft): EventDraft {
    return { ...draft, tenantId: this.#device.tenantId, device: draftDeviceOf(this.#device) };
  }

  /** Resolves when everything told so far is stored. */
  settled(): Promise<void> {
    return this.#telling;
  }

  /** The owner wants it connected. */
  begin(device: Device): void {
    this.#device = device;
    this.#told = "connecting";
    this.#tell({
      status: "connecting",
      wanted: true,
      lastError: null,
      // it was restarted, or a crash has left it so
      ...(device.status === "connected" ? { disconnectedAt: this.#now() } : {}),
    }, ["device.connecting", {}]);
  }

  /** It is tried again, or goes on after pairing. */
  connecting(): void {
    this.#tell({ status: "connecting" });
  }

  qr(code: string, expiresAt: number): void {
    this.#tell({ status: "pairing" }, ["device.qr", { code, expiresAt }]);
  }

  authenticated(): void {
    this.#tell({}, ["device.authenticated", {}]);
  }

  connected(me: Parameters<SessionEvents["connected"]>[0]): void {
    const { jid, lid } = me;
    const phoneNumber = phoneOf(jid);
    const pushName = me.pushName ?? this.#device.pushName;
    const data: EventData["device.connected"] = {
      phoneNumber,
      jid,
      ...(lid === null ? {} : { lid }),
      ...(pushName === null ? {} : { name: pushName }),
    };
    const who = { phoneNumber, jid, lid, pushName };
    this.#told = "connected";
    this.#tell({ status: "connected", connectedAt: this.#now(), lastError: null, ...who }, [
      "device.connected",
      data,
    ]);
  }

  /** The connection is gone, or was not made; it will be tried again. */
  lost({ reason, message }: SessionEnd, { wasConnected }: { readonly wasConnected: boolean }): void {
    const change: DeviceChange = {
      status: "disconnected",
      lastError: message,
      ...(wasConnected ? { disconnectedAt: this.#now() } : {}),
    };
    const isNews = this.#told !== "disconnected";
    this.#told = "disconnected";
    this.#tell(change, isNews ? ["device.disconnected", { reason, message, final: false }] : undefined);
    if (wasConnected) this.#countLoss();
  }

  /** It ended for good by itself: the owner has to act. */
  failed({ reason, message }: SessionEnd): void {
    const unlinked = reason === "logout" || reason === "pairing_expired";
    const change: DeviceChange = {
      status: unlinked ? "needs_pairing" : "failed",
      wanted: false,
      lastError: message,
      disconnectedAt: this.#now(),
      ...(reason === "logout" ? NOBODY : {}),
    };
    this.#told = "nothing";
    this.#tell(change, ["device.disconnected", { reason, message, final: true }]);
  }

  /** The owner ended it. */
  ended({ reason, message }: SessionEnd, change: DeviceChange): void {
    const wasUp = this.#told === "connecting" || this.#told === "connected";
    this.#told = "nothing";
    const isNews = wasUp || reason === "logout";
    this.#tell(change, isNews ? ["device.disconnected", { reason, message, final: true }] : undefined);
  }

  #countLoss(): void {
    const { losses: disconnects, withinMs } = this.#deps.flapping;
    const { flapping, began } = afterLoss(this.#flapping, this.#now(), this.#deps.flapping);
    this.#flapping = flapping;
    if (!began) return;
    const minutes = Math.round(withinMs / 60_000);
    const message = `The connection was lost ${disconnects} times within ${minutes} minutes; ` +
      "the gateway now waits longer before it connects again";
    this.#tell({}, ["device.unstable", { disconnects, withinMs, message }]);
  }

  #tell(change: DeviceChange, news?: News): void {
    const { update, publish, trying } = this.#deps;
    const tell = async () => {
      if (Object.keys(change).length > 0) this.#device = await update(change) ?? this.#device;
      if (news === undefined) return;
      const [type, data] = news;
      await publish(this.owned({ type, data } as SessionDraft)); // the pair is one of a type and its data
    };
    this.#telling = this.#telling.then(() => keepTrying("device", tell, trying)).catch((error) =>
      trying.log.error("device.not_told", { deviceId: this.#device.id, error: messageOf(error) })
    );
  }

  #now(): number {
    return this.#deps.trying.clock.now();
  }
}
