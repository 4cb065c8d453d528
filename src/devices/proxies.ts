import { InvalidError, messageOf } from "../errors.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Guard } from "../net/guard.ts";
import { kindOf } from "../net/addresses.ts";
import { addressOf, parseProxy, type Proxy, ProxyError, type ResolvedProxy, urlOf } from "../net/proxy.ts";
import type { DeviceProxies, ShownProxy } from "../store/device_proxies.ts";
import type { Devices } from "../store/devices.ts";
import type { SessionEvents, Sessions } from "../whatsapp/session.ts";

const log = logOf("devices");

export interface ProxiesDeps {
  readonly deviceProxies: DeviceProxies;
  readonly devices: Pick<Devices, "get">;
  readonly guard: Pick<Guard, "refusalOf" | "lookupFor">;
  readonly now: () => number;
}

/** Proxies of devices, and where these may be: as for webhooks, a tenant's not at private addresses. */
export interface Proxies {
  /**
   * Reads and checks a proxy's URL.
   * @throws {InvalidError} On `proxy`, without repeating what was given.
   */
  check(tenantId: TenantId, text: string): Proxy;
  save(deviceId: DeviceId, proxy: Proxy | null): Promise<void>;
  shown(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, ShownProxy>>;
  /** Sessions that go through their devices' proxies, or nowhere. */
  through(sessions: Sessions): Sessions;
}

export function createProxies({ deviceProxies, devices, guard, now }: ProxiesDeps): Proxies {
  /** The guard knows URLs; a proxy is a place like any other. */
  function refusalOf({ host, port }: Proxy, tenantId: TenantId): string | undefined {
    const url = URL.parse(`http://${host.includes(":") ? `[${host}]` : host}:${port}`);
    return url === null ? "Its host cannot be read" : guard.refusalOf(url, tenantId);
  }

  /**
   * Looks the proxy's name up, for one connection.
   * @throws {ProxyError} If it may not be used, or has no address.
   */
  async function resolve(proxy: Proxy, tenantId: TenantId): Promise<ResolvedProxy> {
    const refusal = refusalOf(proxy, tenantId);
    if (refusal !== undefined) throw new ProxyError(proxy, refusal);
    if (kindOf(proxy.host) !== undefined) return { ...proxy, address: proxy.host };
    const address = await new Promise<string>((found, failed) =>
      guard.lookupFor(tenantId)(
        proxy.host,
        { all: false },
        (error, address) => error ? failed(new ProxyError(proxy, messageOf(error))) : found(String(address)),
      )
    );
    return { ...proxy, address };
  }

  /** Notes how a connection through the proxy went, and tells it when that is news. */
  async function report(deviceId: DeviceId, error: string | null, events: SessionEvents): Promise<void> {
    const isNews = await deviceProxies.report(deviceId, error);
    if (!isNews || error === null) return;
    const address = (await deviceProxies.shown([deviceId])).get(deviceId)?.address;
    if (address === undefined) return;
    log.warn("device.proxy_failed", { deviceId, address, why: error });
    const data = { proxy: address, message: error, failedAt: now() };
    await events.happened([{ type: "device.proxy_failed", data }]);
  }

  /** The session's events, and what they tell of the proxy. */
  function watched(deviceId: DeviceId, events: SessionEvents): SessionEvents {
    const note = (error: string | null) =>
      void report(deviceId, error, events).catch((cause) =>
        log.error("device.proxy_not_told", { deviceId, error: messageOf(cause) })
      );
    return {
      ...events,
      authenticated() {
        note(null);
        events.authenticated();
      },
      qr(...shown) {
        note(null); // WhatsApp gave it
        events.qr(...shown);
      },
      ended(end) {
        if (end.proxyFailed) note(end.message);
        events.ended(end);
      },
    };
  }

  return {
    check(tenantId, text) {
      const proxy = parseProxy(text);
      const refusal = refusalOf(proxy, tenantId);
      if (refusal !== undefined) {
        const message = `Field \`proxy\` cannot be used: ${refusal}`;
        throw new InvalidError("proxy", message, { kind: "proxy_refused" });
      }
      return proxy;
    },

    save: (deviceId, proxy) =>
      deviceProxies.set(
        deviceId,
        proxy &&
          { url: urlOf(proxy), address: addressOf(proxy), hasCredentials: proxy.credentials !== undefined },
      ),

    shown: deviceProxies.shown,

    through: (sessions) => ({
      async open(deviceId, events, options = {}) {
        const url = await deviceProxies.url(deviceId);
        if (url === undefined) return await sessions.open(deviceId, events, options);
        const device = await devices.get(deviceId);
        const told = watched(deviceId, events);
        try {
          const proxy = await resolve(parseProxy(url), device?.tenantId ?? "");
          return await sessions.open(deviceId, told, { ...options, proxy });
        } catch (error) {
          if (error instanceof ProxyError) await report(deviceId, error.message, events);
          throw error;
        }
      },
    }),
  };
}
