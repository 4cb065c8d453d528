// Uploading to an https media host whose authority only this process trusts. On Deno, Baileys uploads with the global
// `fetch`, which takes no agent or dispatcher; but `sendMessage(…, { upload })` overrides how it uploads.
import { MEDIA_PATH_MAP, type WAMediaUploadFunction, type WASocket } from "@whiskeysockets/baileys";

/** An `upload` for the options of `sendMessage`; close the client after use. */
export function trustingUpload(socket: WASocket, client: Deno.HttpClient): WAMediaUploadFunction {
  return async (file, { mediaType, fileEncSha256B64 }) => {
    const { hosts: [{ hostname }], auth } = await socket.refreshMediaConn(false);
    const token = encodeURIComponent(
      fileEncSha256B64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    );
    const path = MEDIA_PATH_MAP[mediaType];
    const body = await Deno.readFile(file);
    const address = `https://${hostname}${path}/${token}?auth=${encodeURIComponent(auth)}&token=${token}`;
    const response = await fetch(address, { method: "POST", body, client });
    const { url, direct_path } = await response.json();
    return { mediaUrl: url, directPath: direct_path };
  };
}
