import { rootCertificates } from "node:tls";
import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";
import type { Wire } from "../webhooks/attempt.ts";

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * How connections to receivers are made, by the settings.
 * @throws {Error} If the file of `WEBHOOK_CA` cannot be read or holds no certificate.
 */
export async function readWire({ WEBHOOK_CA, HTTPS_PROXY, NO_PROXY }: Settings): Promise<Wire> {
  return {
    ...(WEBHOOK_CA !== undefined && { ca: [...rootCertificates, ...await certificatesIn(WEBHOOK_CA)] }),
    ...(HTTPS_PROXY !== undefined && { proxy: HTTPS_PROXY }),
    ...(NO_PROXY !== undefined && { noProxy: NO_PROXY }),
  };
}

async function certificatesIn(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new Error(`WEBHOOK_CA takes a file that can be read, but ${path} cannot: ${messageOf(error)}`);
  }
  const found = text.match(PEM);
  if (found === null) {
    throw new Error(`WEBHOOK_CA takes a file of certificates (PEM), but ${path} holds none`);
  }
  return found;
}
