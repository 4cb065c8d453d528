import { z } from "zod";
import type { SessionFor } from "../../devices/session_for.ts";
import { InvalidError } from "../../errors.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { MessageActions } from "../../messages/actions.ts";
import { foundSome } from "../../messages/mark_read.ts";
import type { NewContent, SendMessage } from "../../messages/request.ts";
import { actedOn, checkDeed, checkSend, type FenceDeps } from "../chat_fence.ts";
import { urlOwnerOf } from "../key_access.ts";
import type { DeviceOf } from "./device_of.ts";
import type { Known, People } from "./people.ts";
import { ChatAddress, DeviceName } from "./reading.ts";
import { type Caller, REACHES_PEOPLE, TELLS_PEOPLE, type Tool, tool } from "./tool.ts";

export interface WritingDeps extends FenceDeps {
  readonly deviceOf: DeviceOf;
  readonly people: People;
  readonly sendMessage: SendMessage;
  readonly messageActions: Pick<MessageActions, "react">;
  readonly sessionFor: SessionFor;
}

const MessageName = z.string().min(1).max(100).describe("A messageId that get_messages gave");
/** What every tool that sends takes. */
const SENDING = {
  device: DeviceName,
  chat: ChatAddress,
  idempotencyKey: z.string().regex(/^[\w.:-]{8,100}$/, "must be 8 to 100 letters, digits or any of . _ : -")
    .describe(
      "Your own id of this message. Repeat it when you repeat the call, and the message is sent once",
    ),
  quotedMessageId: MessageName.optional().describe("The message that this one answers"),
  expectName: z.string().min(1).max(100).optional().describe("Nothing is sent unless the chat has this name"),
  expectKind: z.enum(["person", "group"]).optional().describe(
    "Nothing is sent unless the chat is of this kind",
  ),
};
const CONFIRMED =
  "The answer says whom it went to: compare the name and number with whom you meant. `status` is " +
  "`sent` only once WhatsApp has taken it.";

interface SendInput {
  readonly device: string;
  readonly chat: string;
  readonly idempotencyKey: string;
  readonly quotedMessageId?: string;
  readonly expectName?: string;
  readonly expectKind?: "person" | "group";
}

/** Tools that reach people, for keys with the scope `send`. */
export function writingTools(deps: WritingDeps): readonly Tool[] {
  const { deviceOf, people, sendMessage, messageActions, sessionFor } = deps;

  async function send(input: SendInput, content: NewContent, caller: Caller) {
    const device = await deviceOf(input.device, caller);
    const known = await people.known(device, input.chat);
    await checkSend(caller.access, { device, to: known.chat, quotedId: input.quotedMessageId }, deps);
    checkExpected(known, input);
    const { message, replayed } = await sendMessage({
      tenantId: caller.tenantId,
      device,
      to: known.chat,
      content,
      urlOwner: urlOwnerOf(caller.tenantId, caller.access),
      ...(input.quotedMessageId === undefined ? {} : { quotedId: input.quotedMessageId }),
      // Two assistants that choose one key do not meet.
      idempotencyKey: `mcp:${caller.access.keyId ?? "own"}:${input.idempotencyKey}`,
      wait: true,
    });
    return { device: device.id, ...known, messageId: message.id, status: message.status, repeated: replayed };
  }

  return [
    tool({
      name: "send_text",
      title: "Send a text",
      scope: "send",
      hints: REACHES_PEOPLE,
      description: `Sends a text to one chat. It cannot be unsent. ${CONFIRMED}`,
      input: z.strictObject({ ...SENDING, text: z.string().min(1).max(MOST_TEXT) }),
      run: (input, caller) => send(input, { kind: "text", text: input.text }, caller),
    }),
    tool({
      name: "send_file",
      title: "Send a file",
      scope: "send",
      hints: REACHES_PEOPLE,
      description:
        "Sends an image, video, audio or document, fetched from an https address, to one chat. It cannot be " +
        `unsent. ${CONFIRMED}`,
      input: z.strictObject({
        ...SENDING,
        url: z.url({ protocol: /^https$/, error: "must be an https address" }).max(2_000),
        caption: z.string().min(1).max(4_096).optional(),
        fileName: z.string().min(1).max(200).optional(),
      }),
      run: (input, caller) =>
        send(input, {
          kind: "any",
          file: { from: "url", url: input.url, field: "url" },
          ...(input.caption === undefined ? {} : { caption: input.caption }),
          ...(input.fileName === undefined ? {} : { fileName: input.fileName }),
        }, caller),
    }),
    tool({
      name: "react",
      title: "React to a message",
      scope: "send",
      hints: REACHES_PEOPLE,
      description: "Puts an emoji on a message of a chat; an empty one takes it back.",
      input: z.strictObject({
        device: DeviceName,
        chat: ChatAddress,
        messageId: MessageName,
        emoji: z.string().max(40).regex(/^[^\w\s]*$/u, "must be one emoji, or empty"),
      }),
      async run({ device: name, chat, messageId, emoji }, caller) {
        const device = await deviceOf(name, caller);
        const known = await people.known(device, chat);
        await checkDeed(caller.access, { device, messageId, to: known.chat }, deps);
        const done = await messageActions.react({ device, messageId, to: known.chat, emoji });
        return { device: device.id, ...known, messageId: done.messageId, status: "sent" };
      },
    }),
    tool({
      name: "mark_read",
      title: "Mark messages as read",
      scope: "send",
      hints: TELLS_PEOPLE,
      description: "Tells the authors of messages that they were read. Nothing else marks anything as read.",
      input: z.strictObject({ device: DeviceName, messageIds: z.array(MessageName).min(1).max(100) }),
      async run({ device: name, messageIds }, caller) {
        const device = await deviceOf(name, caller);
        const known = await actedOn(caller.access, messageIds, { device }, deps);
        const session = sessionFor(device);
        const marked = known.length === 0 ? [] : await session.markRead(known);
        foundSome(messageIds, marked);
        return { device: device.id, marked: marked.length };
      },
    }),
  ];
}

function checkExpected({ name, kind }: Known, { expectName, expectKind }: SendInput): void {
  const fold = (text: string) => text.normalize("NFKC").trim().toLowerCase();
  if (expectName !== undefined && (name === null || fold(name) !== fold(expectName))) {
    throw new InvalidError("expectName", "Nothing was sent: the chat does not have the name in `expectName`");
  }
  if (expectKind !== undefined && kind !== expectKind) {
    throw new InvalidError("expectKind", `Nothing was sent: the chat is a ${kind}, not a ${expectKind}`);
  }
}
