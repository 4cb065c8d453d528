import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { TenantId } from "../../ids.ts";
import { madeOnce } from "../../store/made_once.ts";
import type { Store } from "../../store/store.ts";

/** As long as Meta's are valid. */
const VALID_MS = 5 * 60_000;
const SECRET = "links.secret";

/** Addresses of files that work without a key: some clients send none when they download. */
export interface Links {
  /** Below the address of the Graph endpoints. */
  pathOf(tenantId: TenantId, mediaId: string): Promise<string>;
  /** Whose file it is; undefined when the link is made up or too old. */
  tenantOf(mediaId: string, query: Readonly<Record<string, string>>): Promise<TenantId | undefined>;
}

/** Links are signed by a secret of the store, made once: they work after a restart, and at every gateway. */
export function createLinks(
  { now, settings, alone }: { readonly now: () => number } & Pick<Store, "settings" | "alone">,
): Links {
  let known: Promise<string> | undefined;

  const secret = () => madeOnce(settings, SECRET, () => randomBytes(32).toString("base64url"));

  async function signatureOf(tenantId: string, mediaId: string, expires: string): Promise<Uint8Array> {
    known ??= alone(secret);
    known.catch(() => known = undefined); // the store may take it the next time
    const hmac = createHmac("sha256", Buffer.from(await known, "base64url"));
    return new Uint8Array(hmac.update(JSON.stringify([tenantId, mediaId, expires])).digest());
  }

  return {
    async pathOf(tenantId, mediaId) {
      const expires = String(now() + VALID_MS);
      const signature = Buffer.from(await signatureOf(tenantId, mediaId, expires)).toString("base64url");
      return `/download/${mediaId}?${new URLSearchParams({ tenant: tenantId, expires, signature })}`;
    },
    async tenantOf(mediaId, { tenant = "", expires = "", signature = "" }) {
      const expected = await signatureOf(tenant, mediaId, expires);
      const given = new Uint8Array(Buffer.from(signature, "base64url"));
      const genuine = given.length === expected.length && timingSafeEqual(given, expected);
      return genuine && Number(expires) > now() ? tenant : undefined;
    },
  };
}
