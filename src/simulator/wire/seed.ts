// Secrets that are the same at every start, made from a text: settings of a gateway can be written down once.
import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";

/** Gives `length` secret bytes for a purpose. */
export type Secrets = (purpose: string, length: number) => Buffer;

/** The same secrets for the same text, others for every purpose. For tests only: whoever knows the text knows all. */
export function secretsFrom(seed: string): Secrets {
  return (purpose, length) =>
    Buffer.from(hkdfSync("sha256", Buffer.from(seed), Buffer.from("kabar simulator"), purpose, length));
}
