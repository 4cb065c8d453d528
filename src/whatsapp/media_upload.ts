import { MEDIA_PATH_MAP, type WAMediaUploadFunction, type WASocket } from "@whiskeysockets/baileys";

/**
 * Uploads to media servers whose authority only this process trusts: those of a simulator. Baileys itself uploads with
 * what the whole process trusts.
 * @param caPem The authority's certificate.
 */
export function createTrustingUpload(socket: WASocket, caPem: string): WAMediaUploadFunction {
  return async (path, { mediaType, fileEncSha256B64 }) => {
    const { hosts: [{ hostname }], auth } = await socket.refreshMediaConn(false);
    const token = fileEncSha256B64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    const address = new URL(`https://${hostname}${MEDIA_PATH_MAP[mediaType]}/${encodeURIComponent(token)}`);
    address.searchParams.set("auth", auth);
    address.searchParams.set("token", token);
    using client = Deno.createHttpClient({ caCerts: [caPem] });
    const file = await Deno.open(path);
    const response = await fetch(address, { method: "POST", body: file.readable, client });
    if (!response.ok) throw new Error(`Cannot upload the file: HTTP ${response.status}`);
    const { url: mediaUrl, direct_path: directPath } = await response.json();
    return { mediaUrl, directPath };
  };
}
