import type { Socket } from "node:net";
import type { buildConnector as Connectors } from "undici";
import { buildConnector } from "./undici.ts";
import type { TenantId } from "../ids.ts";
import type { Guard } from "./guard.ts";

/**
 * Makes connections for an undici client that go only where the guard lets the tenant's URLs go: it chooses the
 * addresses of names, and looks at the other end before anything is sent.
 * @param options As of `buildConnector`.
 * @param made What becomes of a connection before it is used.
 */
export function guardedConnect(
  { guard, tenantId, made = (socket) => socket }: {
    readonly guard: Pick<Guard, "lookupFor" | "refusedPeer">;
    readonly tenantId: TenantId;
    readonly made?: <S extends Socket>(socket: S) => S;
  },
  options: Connectors.BuildOptions,
): Connectors.connector {
  const connect = buildConnector({ ...options, lookup: guard.lookupFor(tenantId) });
  return (target, callback) =>
    connect(target, (error, socket) => {
      if (error) return callback(error, null); // then there is no socket, whatever its type says
      const refusal = guard.refusedPeer(socket!, tenantId);
      if (refusal === undefined) return callback(null, made(socket!));
      socket!.destroy();
      callback(refusal, null);
    });
}
