// What is said during the soak of the WhatsApp side, by people and by the API, and what each was told.
import { content, type SendOptions } from "../../src/simulator/mod.ts";
import { KEY } from "../support/process.ts";
import { anyOf, between, type Cast, pause } from "./line_cast.ts";

const MEAN_GAP_MS = 500;
const KEEP_ASKING_MS = 120_000;

/** What a person wrote to a device. */
export interface Said {
  readonly waMessageId: string;
  readonly deviceId: string;
  readonly text: string;
}

/** What the API was asked to send. */
export interface Asked {
  readonly text: string;
  readonly deviceId: string;
  readonly to: string;
  /** `lost`: the gateway went away before it answered. */
  answer: "accepted" | "refused" | "lost";
  /** Ours, of an accepted message. */
  messageId: string | undefined;
  httpStatus: number;
  code: string;
}

export interface Talk {
  readonly said: readonly Said[];
  readonly asked: readonly Asked[];
  /** Resolves when nothing is on its way any more. */
  over(): Promise<void>;
}

/** How a message comes: as usual, or with one of the ways in which WhatsApp makes it hard. */
interface Way {
  readonly options: SendOptions;
  /** It comes once more, so. */
  readonly again?: SendOptions;
}

const WAYS: readonly { readonly chance: number; readonly isForGroups: boolean; readonly way: Way }[] = [
  { chance: 0.02, isForGroups: true, way: { options: { corrupt: true } } },
  // only the phone has it, and hands it over when it is asked
  { chance: 0.01, isForGroups: true, way: { options: { unavailable: {} } } },
  { chance: 0.03, isForGroups: false, way: { options: { addressing: "pn" } } },
  { chance: 0.03, isForGroups: false, way: { options: { addressing: "lid", bothAddresses: false } } },
  { chance: 0.02, isForGroups: true, way: { options: { device: { id: 7 } } } },
  // one message under both addresses of its writer
  { chance: 0.02, isForGroups: false, way: { options: { addressing: "lid" }, again: { addressing: "pn" } } },
];

function wayOf(isGroup: boolean): Way {
  let luck = Math.random();
  for (const { chance, isForGroups, way } of WAYS) {
    if (isGroup && !isForGroups) continue;
    if (luck < chance) return way;
    luck -= chance;
  }
  return { options: {} };
}

/** Talks until `signal` aborts. `url` gives the gateway's address, undefined while it is down. */
export function talk(cast: Cast, url: () => string | undefined, signal: AbortSignal): Talk {
  const said: Said[] = [];
  const asked: Asked[] = [];
  const onItsWay = new Set<Promise<void>>();
  const begin = (work: Promise<void>) => {
    onItsWay.add(work);
    work.finally(() => onItsWay.delete(work));
  };

  async function people(): Promise<void> {
    for (let number = 0; !signal.aborted; number++) {
      const member = anyOf(cast.members);
      const text = `in ${number}`;
      const waMessageId = cast.simulator.network.messageId();
      const isGroup = member === cast.members[0] && Math.random() < 0.5;
      const contact = anyOf(isGroup ? cast.group.contacts : cast.contacts);
      said.push({ waMessageId, deviceId: member.id, text });
      const chat = isGroup ? cast.group : member.phone;
      const message = content.textContent(text);
      const way = wayOf(isGroup);
      await contact.send(chat, message, { ...way.options, id: waMessageId });
      if (way.again) await contact.send(chat, message, { ...way.again, id: waMessageId });
      await pause(between(0, 2 * MEAN_GAP_MS), signal);
    }
  }

  async function callers(): Promise<void> {
    for (let number = 0; !signal.aborted; number++) {
      const member = anyOf(cast.members);
      const isGroup = member === cast.members[0] && Math.random() < 0.2;
      const to = isGroup ? cast.group.jid : anyOf(cast.contacts).number;
      const request: Asked = {
        text: `out ${number}`,
        deviceId: member.id,
        to,
        answer: "lost",
        messageId: undefined,
        httpStatus: 0,
        code: "",
      };
      asked.push(request);
      begin(send(request));
      await pause(between(0, 2 * MEAN_GAP_MS), signal);
    }
  }

  /** In one of three ways: waits for the outcome, does not, or asks with a key until there is an answer. */
  async function send(request: Asked): Promise<void> {
    const way = anyOf(["wait", "queue", "key"]);
    const key = way === "key" ? crypto.randomUUID() : undefined;
    const deadline = Date.now() + KEEP_ASKING_MS;
    do {
      const at = url();
      if (at !== undefined && await ask(at, request, { wait: way !== "queue", key })) return;
      await pause(500);
    } while (key !== undefined && Date.now() < deadline);
  }

  const running = [people(), callers()];
  return {
    said,
    asked,
    async over() {
      await Promise.all(running);
      await Promise.all(onItsWay);
    },
  };
}

/** @returns Whether there was an answer. */
async function ask(
  url: string,
  request: Asked,
  { wait, key }: { readonly wait: boolean; readonly key: string | undefined },
): Promise<boolean> {
  const { deviceId, to, text } = request;
  try {
    const response = await fetch(`${url}/v1/devices/${deviceId}/messages/text?wait=${wait}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": KEY,
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify({ to, text }),
    });
    const body = await response.json();
    request.httpStatus = response.status;
    request.answer = response.ok ? "accepted" : "refused";
    request.messageId = body.data?.message_id ?? body.error?.details?.message_id;
    request.code = body.error?.code ?? "";
    return true;
  } catch {
    return false; // the gateway was killed: what became of it is looked up in the end
  }
}
