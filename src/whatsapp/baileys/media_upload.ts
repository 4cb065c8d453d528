import {
  DEFAULT_ORIGIN,
  MEDIA_PATH_MAP,
  type WAMediaUploadFunction,
  type WASocket,
} from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import { clientOf, type MediaWay } from "./proxied.ts";

/**
 * Uploads another way than the whole process takes: through a device's proxy, or to media servers whose authority only
 * this process trusts, those of a simulator. Baileys itself has neither.
 */
export function createUpload(socket: WASocket, way: MediaWay): WAMediaUploadFunction {
  return async (path, { mediaType, fileEncSha256B64 }) => {
    const { hosts, auth } = await socket.refreshMediaConn(false);
    const token = fileEncSha256B64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    const search = new URLSearchParams({ auth, token });
    using client = clientOf(way);
    const failures: string[] = [];
    for (const { hostname } of hosts) {
      const address = `https://${hostname}${MEDIA_PATH_MAP[mediaType]}/${
        encodeURIComponent(token)
      }?${search}`;
      try {
        const file = await Deno.open(path);
        const response = await fetch(address, {
          method: "POST",
          body: file.readable,
          headers: { "Content-Type": "application/octet-stream", Origin: DEFAULT_ORIGIN },
          client,
        });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        const { url: mediaUrl, direct_path: directPath } = await response.json();
        return { mediaUrl, directPath };
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    throw new Error(`Cannot upload the file: ${failures.at(-1) ?? "there is no media server"}`);
  };
}
