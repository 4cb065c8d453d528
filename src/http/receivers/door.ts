import type { Context } from "@hono/hono";
import { logOf } from "../../log.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import type { ThisMachine, WhyStranger } from "../this_machine.ts";

const log = logOf("receivers");

/**
 * Admits a request that proves nothing by a signature: one from this machine, or anybody's where `RECEIVERS_OPEN` says
 * so. Looks at the connection and the headers only, so that no body of a stranger is read.
 * @throws {HttpError} 401 for a stranger's, naming the settings that open the receiver; 403 for a web page's.
 */
export type Door = (c: Context<HttpEnv>) => Promise<void>;

export interface DoorDeps {
  readonly thisMachine: Pick<ThisMachine, "strangerOf">;
  /** `RECEIVERS_OPEN`. */
  readonly open: boolean;
  /** Names the receiver in the log. */
  readonly source: string;
  /** What a sender has to do, or the operator to set: completes "Not accepted without a signature: …". */
  readonly remedy: string;
}

export function createDoor({ thisMachine, open, source, remedy }: DoorDeps): Door {
  if (open) return () => Promise.resolve();
  return async (c) => {
    const why = await thisMachine.strangerOf(c);
    if (why === undefined) return;
    log.warn("webhook.refused", { source, why: `${WORDS[why]}, and not signed` });
    if (why === "page") throw new HttpError(403, "FORBIDDEN", "Requests of web pages are not accepted here");
    throw new HttpError(401, "UNAUTHORIZED", `Not accepted without a signature: ${remedy}`);
  };
}

const WORDS: Readonly<Record<WhyStranger, string>> = {
  proxy: "APP_URL or TRUST_PROXY names a proxy",
  remote: "not from this machine",
  page: "a web page's request",
  deputy: "a delivery to another tenant's webhook",
};
