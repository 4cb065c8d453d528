import type { proto } from "@whiskeysockets/baileys";
import type { Content, MessageButton } from "../../../events/content.ts";
import { present } from "../../../events/present.ts";
import { descriptorOf, type MediaPart, mediaPartOf } from "./media.ts";

type Message = proto.IMessage;
type Interactive = proto.Message.IInteractiveMessage;
type Hydrated = proto.Message.TemplateMessage.IHydratedFourRowTemplate;
type FlowButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton;

/** What people see of a message with buttons that a business sends. */
interface Parts {
  readonly name?: string | null;
  readonly text?: string | null;
  readonly header?: string | null;
  readonly footer?: string | null;
  readonly file?: MediaPart;
  readonly buttons?: readonly MessageButton[];
}

/** Where the file of a business message can stand. */
interface WithFile {
  readonly imageMessage?: proto.Message.IImageMessage | null;
  readonly videoMessage?: proto.Message.IVideoMessage | null;
  readonly documentMessage?: proto.Message.IDocumentMessage | null;
}

/**
 * Messages of businesses, with their header, footer, file and buttons.
 * @param mediaId Names the file.
 */
export function businessOf(message: Message, mediaId: string): Content | undefined {
  const parts = partsOf(message);
  if (parts === undefined) return undefined;
  const { name, text, header, footer, file, buttons = [] } = parts;
  return {
    kind: "template",
    name: name ?? "",
    ...present({
      text: text || undefined,
      header: header || undefined,
      footer: footer || undefined,
      media: file && descriptorOf(file, mediaId),
      buttons: buttons.length > 0 ? buttons : undefined,
    }),
  };
}

/** The file of an unwrapped message, also that in the header of a business message; undefined when it has none. */
export function fileOf(message: Message): MediaPart | undefined {
  return mediaPartOf(message) ?? partsOf(message)?.file;
}

function partsOf(message: Message): Parts | undefined {
  const { templateMessage, buttonsMessage, listMessage, interactiveMessage, highlyStructuredMessage } =
    message;
  if (templateMessage) return templateParts(templateMessage);
  if (buttonsMessage) {
    const { contentText, footerText, text, buttons } = buttonsMessage;
    return {
      name: "buttons",
      text: contentText,
      header: text,
      footer: footerText,
      file: fileIn(buttonsMessage),
      buttons: (buttons ?? []).map(({ buttonId, buttonText }): MessageButton => ({
        kind: "reply",
        text: buttonText?.displayText ?? "",
        ...present({ id: buttonId || undefined }),
      })),
    };
  }
  if (listMessage) return listParts(listMessage);
  if (interactiveMessage) return { name: "interactive", ...interactiveParts(interactiveMessage) };
  if (highlyStructuredMessage) {
    const filled = highlyStructuredMessage.hydratedHsm;
    return { ...(filled ? templateParts(filled) : {}), name: highlyStructuredMessage.elementName };
  }
  return undefined;
}

function templateParts(template: proto.Message.ITemplateMessage): Parts {
  const filled = template.hydratedTemplate ?? template.hydratedFourRowTemplate;
  const interactive = template.interactiveMessageTemplate;
  const name = template.templateId || filled?.templateId;
  if (filled) {
    return {
      name,
      text: filled.hydratedContentText,
      header: filled.hydratedTitleText,
      footer: filled.hydratedFooterText,
      file: fileIn(filled),
      buttons: hydratedButtons(filled),
    };
  }
  return interactive ? { name, ...interactiveParts(interactive) } : { name };
}

function hydratedButtons({ hydratedButtons: buttons }: Hydrated): MessageButton[] {
  return (buttons ?? []).map(({ quickReplyButton: reply, urlButton: link, callButton: call }) => {
    if (reply) {
      const id = present({ id: reply.id || undefined });
      return { kind: "reply" as const, text: reply.displayText ?? "", ...id };
    }
    if (link) return { kind: "url" as const, text: link.displayText ?? "", url: link.url ?? "" };
    if (call) {
      return { kind: "call" as const, text: call.displayText ?? "", phoneNumber: call.phoneNumber ?? "" };
    }
    return { kind: "other" as const, text: "" };
  });
}

function listParts({ title, description, buttonText: _, footerText, sections }: proto.Message.IListMessage) {
  const rows = (sections ?? []).flatMap((section) => section.rows ?? []);
  return {
    name: "list",
    text: description || title,
    header: description ? title : undefined,
    footer: footerText,
    buttons: rows.map((row): MessageButton => ({
      kind: "row",
      text: row.title ?? "",
      ...present({ id: row.rowId || undefined, description: row.description || undefined }),
    })),
  };
}

/** Of cards side by side, what their buttons say; words and file of the first stand for those that the whole lacks. */
function interactiveParts({ header, body, footer, ...kind }: Interactive): Parts {
  const cards = (kind.carouselMessage?.cards ?? []).map(interactiveParts);
  const own = {
    text: body?.text || cards.map(({ text }) => text).filter((text) => text).join("\n\n"),
    header: header?.title || header?.subtitle,
    footer: footer?.text,
    file: (header ? fileIn(header) : undefined) ?? cards.find(({ file }) => file)?.file,
  };
  const buttons = (kind.nativeFlowMessage?.buttons ?? []).map(flowButton);
  return { ...own, buttons: [...buttons, ...cards.flatMap((card) => card.buttons ?? [])] };
}

const KINDS: Readonly<Record<string, MessageButton["kind"]>> = {
  quick_reply: "reply",
  cta_url: "url",
  cta_call: "call",
  cta_copy: "copy",
};

function flowButton({ name, buttonParamsJson }: FlowButton): MessageButton {
  const params = paramsIn(buttonParamsJson);
  const word = (key: string) => {
    const value = params[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    kind: KINDS[name ?? ""] ?? "other",
    text: word("display_text") ?? word("title") ?? name ?? "",
    ...present({
      id: word("id"),
      url: word("url"),
      phoneNumber: word("phone_number"),
      code: word("copy_code"),
    }),
  };
}

function paramsIn(json: string | null | undefined): Readonly<Record<string, unknown>> {
  const value = parsed(json);
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {}; // checked
}

/** What a JSON text of another program holds; the text itself when it is none. */
export function parsed(json: string | null | undefined): unknown {
  if (!json) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function fileIn({ imageMessage, videoMessage, documentMessage }: WithFile): MediaPart | undefined {
  if (imageMessage) return { kind: "image", part: imageMessage };
  if (videoMessage) return { kind: "video", part: videoMessage };
  return documentMessage ? { kind: "document", part: documentMessage } : undefined;
}
