import { newDevice } from "../store/devices.ts";
import { NotFoundError, RefusedError } from "../errors.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import type { Device, Devices, Pacing } from "../store/devices.ts";
import type { ShortLived } from "../store/short_lived.ts";
import type { Proxies } from "./proxies.ts";
import { alreadyLinked } from "./already_linked.ts";
import { parsePhone } from "../whatsapp/jid.ts";
import type { QrPlace } from "../whatsapp/session.ts";
import { createPairingCodes, type PairingCode } from "./pairing_codes.ts";
import { cannotSend } from "./session_for.ts";

/** A QR code to scan: the text that it draws. */
export interface Qr extends QrPlace {
  readonly code: string;
  /** Epoch ms; by then WhatsApp shows the next one. */
  readonly expiresAt: number;
}

/** What keeps the devices' sessions. Starting and stopping is remembered over restarts. */
export interface Lines {
  start(id: DeviceId): Promise<void>;
  stop(id: DeviceId): Promise<void>;
  restart(id: DeviceId): Promise<void>;
  /** Ends the link with the phone and forgets the identity. */
  logout(id: DeviceId): Promise<void>;
  /** Logs it out, and removes it from the store. */
  remove(id: DeviceId): Promise<void>;
  /** The QR that can be scanned now. */
  qr(id: DeviceId): Promise<Qr | undefined>;
  /** The QR, once there is one; undefined when there is none within `timeoutMs` or will be none. The row says why. */
  waitForQr(id: DeviceId, timeoutMs: number): Promise<Qr | undefined>;
  /** A code to type into the phone, 8 characters. */
  pairingCode(id: DeviceId, phone: string): Promise<string>;
}

/** How long WhatsApp takes a pairing code. */
const PAIRING_CODE_MS = 180_000;
const ALIAS = /^[\w.-]{1,100}$/;

export interface DevicesDeps {
  readonly devices: Devices;
  readonly shortLived: Pick<ShortLived, "put" | "get" | "removeAbout">;
  readonly lines: Lines;
  readonly countryCode: string;
  readonly proxies: Pick<Proxies, "check" | "save" | "shown">;
  /** To be told how fast a device is to send. */
  readonly paced: (id: DeviceId, pacing: Pacing | null) => void;
  readonly now: () => number;
}

/** The devices of a tenant, as its users handle them. Everywhere, a device is named by its id or its alias. */
export interface DeviceService {
  /**
   * @throws {ConflictError} If the alias is taken.
   * @throws {InvalidError} If the proxy is none, or may not be used.
   */
  create(
    tenantId: TenantId,
    device: {
      readonly label: string;
      readonly alias?: string;
      readonly pacing?: Pacing | null;
      readonly proxy?: string | null;
    },
  ): Promise<Device>;
  /** @throws {NotFoundError} If it does not exist, or is another tenant's. So do all that name a device. */
  get(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  list(
    tenantId: TenantId,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly devices: readonly Device[]; readonly total: number }>;
  rename(tenantId: TenantId, idOrAlias: string, label: string): Promise<Device>;
  /** Changes what its owner says of it. */
  change(tenantId: TenantId, idOrAlias: string, change: OwnersChange): Promise<Device>;
  /** Proxies of those of these devices that have one. */
  proxiesOf(devices: readonly Device[]): ReturnType<Proxies["shown"]>;
  remove(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  start(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  stop(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  restart(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  logout(tenantId: TenantId, idOrAlias: string): Promise<Device>;
  /**
   * A QR to scan; starts the device when it is not running.
   * @throws {RefusedError} If the device is linked already, or no QR comes within `waitMs`.
   */
  qr(tenantId: TenantId, idOrAlias: string, waitMs: number): Promise<Qr & { readonly device: Device }>;
  /** @throws {InvalidError} If `phone`, given in `field`, is no phone number. */
  pairingCode(
    tenantId: TenantId,
    idOrAlias: string,
    phone: string,
    field?: string,
  ): Promise<PairingCode>;
  /**
   * The code that can be typed now.
   * @throws {RefusedError} If none was asked for lately, or the device is linked.
   */
  currentPairingCode(tenantId: TenantId, idOrAlias: string): Promise<PairingCode>;
}

/** What the owner of a device says of it. */
export interface OwnersChange {
  readonly label?: string;
  readonly pacing?: Pacing | null;
  /** A URL, with user name and password where it wants these. A device that runs connects anew. */
  readonly proxy?: string | null;
}

export function createDeviceService(deps: DevicesDeps): DeviceService {
  const { devices, lines, countryCode, proxies, paced, now } = deps;
  const pairingCodes = createPairingCodes(deps);

  async function get(tenantId: TenantId, idOrAlias: string): Promise<Device> {
    const device = await devices.find(tenantId, idOrAlias);
    if (device === undefined) throw new NotFoundError("device", idOrAlias);
    return device;
  }

  async function line(tenantId: TenantId, idOrAlias: string): Promise<Device> {
    const device = await get(tenantId, idOrAlias);
    if (device.kind === "whatsapp") return device;
    throw cannotSend(device);
  }

  const afterwards = async (device: Device): Promise<Device> => await devices.get(device.id) ?? device;

  /** Refuses what is only for a device that no phone has linked. */
  function unlinked(device: Device): void {
    if (device.jid === null || device.status === "needs_pairing" || device.status === "pairing") return;
    throw alreadyLinked(device);
  }

  const act = (verb: "start" | "stop" | "restart" | "logout") => async (tenantId: TenantId, name: string) => {
    const device = await line(tenantId, name);
    const isRunning = verb === "start" && device.wanted; // it goes on as it is
    if (!isRunning) await pairingCodes.end(device);
    await lines[verb](device.id);
    return await afterwards(device);
  };

  return {
    get,

    async create(tenantId, { label, alias, pacing = null, proxy: proxyUrl = null }) {
      if (alias !== undefined && !ALIAS.test(alias)) throw new TypeError(`Not an alias: ${alias}`);
      const made = newDevice({ tenantId, kind: "whatsapp", label, alias: alias ?? null }, now());
      const device: Device = { ...made, pacing };
      const proxy = proxyUrl === null ? null : proxies.check(tenantId, proxyUrl);
      await devices.create(device);
      if (proxy !== null) await proxies.save(device.id, proxy);
      if (pacing !== null) paced(device.id, pacing);
      return device;
    },

    async list(tenantId, page) {
      const [found, total] = await Promise.all([
        devices.list({ tenantId, ...page }),
        devices.count({ tenantId }),
      ]);
      return { devices: found, total };
    },

    async rename(tenantId, idOrAlias, label) {
      const device = await get(tenantId, idOrAlias);
      return await devices.update(device.id, { label }, now()) ?? device;
    },

    async change(tenantId, idOrAlias, { proxy: proxyUrl, ...change }) {
      const device = await get(tenantId, idOrAlias);
      if (proxyUrl !== undefined && device.kind !== "whatsapp") throw cannotSend(device);
      const proxy = proxyUrl == null ? null : proxies.check(tenantId, proxyUrl);
      const changed = await devices.update(device.id, change, now());
      if (changed === undefined) throw new NotFoundError("device", idOrAlias);
      if (change.pacing !== undefined) paced(device.id, change.pacing);
      if (proxyUrl !== undefined) {
        await proxies.save(device.id, proxy);
        if (device.wanted) {
          await pairingCodes.end(device);
          await lines.restart(device.id);
        }
        return await afterwards(changed);
      }
      return changed;
    },

    proxiesOf: (some) => proxies.shown(some.map(({ id }) => id)),

    async remove(tenantId, idOrAlias) {
      const device = await get(tenantId, idOrAlias);
      await (device.kind === "whatsapp" ? lines.remove(device.id) : devices.remove(device.id));
      return device;
    },

    start: act("start"),
    stop: act("stop"),
    restart: act("restart"),
    logout: act("logout"),

    async qr(tenantId, idOrAlias, waitMs) {
      const device = await line(tenantId, idOrAlias);
      unlinked(device);
      if (!device.wanted) {
        await pairingCodes.end(device);
        await lines.start(device.id);
      }
      const qr = await lines.waitForQr(device.id, waitMs);
      const current = await devices.get(device.id);
      if (current === undefined) throw new NotFoundError("device", idOrAlias);
      if (qr !== undefined) return { ...qr, device: current };
      unlinked(current);
      const within = current.wanted ? ` came within ${waitMs / 1000} s` : " will come";
      throw new RefusedError(
        "NO_QR",
        `Cannot show a QR code for "${device.id}": none${within}; the device is ${current.status}` +
          (current.lastError === null ? "" : ` (${current.lastError})`),
        { device_id: device.id, status: current.status },
      );
    },

    async pairingCode(tenantId, idOrAlias, phone, field = "phone_number") {
      const digits = parsePhone(phone, { countryCode, field });
      const device = await line(tenantId, idOrAlias);
      unlinked(device);
      await pairingCodes.end(device); // the connection begins anew, also when WhatsApp then gives no code
      const code = await lines.pairingCode(device.id, digits);
      const made = { code, phone: digits, expiresAt: now() + PAIRING_CODE_MS };
      await pairingCodes.keep(device, made);
      return made;
    },

    async currentPairingCode(tenantId, idOrAlias) {
      const device = await line(tenantId, idOrAlias);
      unlinked(device);
      const made = await pairingCodes.of(device);
      if (device.wanted && made !== undefined) return made;
      throw new RefusedError(
        "NO_PAIRING_CODE",
        `Cannot show a pairing code for "${device.id}": none is in use; ask for one with the phone's number`,
        { device_id: device.id, status: device.status },
      );
    },
  };
}
