import type { DeviceProxies } from "../device_proxies.ts";
import type { Vault } from "../vault.ts";
import { type Database, first, run, send } from "./database.ts";
import { flagOf } from "./rows.ts";
import { DEVICE_PROXY } from "./secret_places.ts";

export function createDeviceProxies(db: Database, vault: Vault): DeviceProxies {
  const { build } = db;
  return {
    async url(deviceId) {
      const row = await db.read(() =>
        first(build.selectFrom("device_proxies").select("url").where("device_id", "=", deviceId).compile())
      );
      return row && vault.open(row.url, DEVICE_PROXY.place(deviceId));
    },
    shown: (deviceIds) =>
      db.read(function* () {
        if (deviceIds.length === 0) return new Map();
        const rows = yield* run(
          build.selectFrom("device_proxies").select(["device_id", "address", "has_credentials", "error"])
            .where("device_id", "in", deviceIds).compile(),
        );
        return new Map(rows.map(({ device_id, address, has_credentials, error }) => [
          device_id,
          { address, hasCredentials: has_credentials === 1, error },
        ]));
      }),
    set: (deviceId, proxy) =>
      db.write(function* () {
        yield* send(build.deleteFrom("device_proxies").where("device_id", "=", deviceId).compile());
        if (proxy === null) return;
        yield* send(
          build.insertInto("device_proxies").values({
            device_id: deviceId,
            url: vault.seal(proxy.url, DEVICE_PROXY.place(deviceId)),
            address: proxy.address,
            has_credentials: flagOf(proxy.hasCredentials),
            error: null,
          }).compile(),
        );
      }, { key: `proxy ${deviceId}` }),
    report: (deviceId, error) =>
      db.write(function* () {
        const known = yield* first(
          build.selectFrom("device_proxies").select("error").where("device_id", "=", deviceId).compile(),
        );
        if (known === undefined || known.error === error) return false;
        yield* send(
          build.updateTable("device_proxies").set({ error }).where("device_id", "=", deviceId).compile(),
        );
        return (known.error === null) !== (error === null);
      }, { key: `proxy ${deviceId}` }),
  };
}
