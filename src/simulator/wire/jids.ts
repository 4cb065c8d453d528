// Addresses: user[:device]@server.

/** The server part of phone-number jids, and the address of the WhatsApp server itself. */
export const SERVER = "s.whatsapp.net";

/** A parsed address; device 0 is the phone. */
export interface Jid {
  readonly user: string;
  readonly server: string;
  readonly device: number;
}

export function parseJid(jid: string): Jid {
  const at = jid.indexOf("@");
  const [user, device] = jid.slice(0, at).split(":");
  return { user: user.split("_")[0], server: jid.slice(at + 1), device: device ? Number(device) : 0 };
}

export function jidOf(user: string, server: string, device = 0): string {
  return `${user}${device ? `:${device}` : ""}@${server}`;
}
