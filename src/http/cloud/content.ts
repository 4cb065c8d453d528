import type { MediaKind, Menu } from "../../events/content.ts";
import type { NewCard } from "../../messages/contact_cards.ts";
import type { NewContent } from "../../messages/request.ts";
import type { FileRequest } from "../../media/outgoing.ts";
import { GraphError } from "../graph_errors.ts";
import { type Json, listOf, missing, numberOf, objectOf, optionalText, someOf, textOf } from "./fields.ts";

/** A file as a request names it: by the id of an upload or of a message's file, or by its address. */
export type NamedFile = { readonly id: string } | { readonly link: string };

/** Brings a file that a request names. */
export type BringFile = (file: NamedFile, where: string) => Promise<FileRequest>;

const FILE_KEYS = [
  "id",
  "link",
  "caption",
  "filename",
  "voice",
  "provider",
  "mime_type",
  "sha256",
  "url",
  "animated",
];
const FILE_KINDS: Readonly<Record<string, MediaKind>> = {
  image: "image",
  video: "video",
  audio: "audio",
  document: "document",
  sticker: "sticker",
};

/**
 * The content of a new message, of whatever type but reactions and templates.
 * @throws {GraphError} In Meta's codes: 131008 for what is missing, 100 for what is wrong, 131051 for a type that a
 * linked device cannot show.
 */
export async function contentOf(type: string, body: Json, bring: BringFile): Promise<NewContent> {
  switch (type) {
    case "text": {
      const text = objectOf(body, "text", ["body", "preview_url"]);
      return { kind: "text", text: textOf(text, "body", "text['body']") };
    }
    case "location": {
      const place = objectOf(body, "location", ["latitude", "longitude", "name", "address", "url"]);
      const latitude = numberOf(place, "latitude", "location['latitude']");
      const longitude = numberOf(place, "longitude", "location['longitude']");
      if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
        throw new GraphError(
          131009,
          "Param location must be a place on earth: latitude -90 to 90, longitude -180 to 180",
        );
      }
      const name = optionalText(place, "name", "location['name']");
      const address = optionalText(place, "address", "location['address']");
      return {
        kind: "location",
        latitude,
        longitude,
        ...(name !== undefined && { name }),
        ...(address !== undefined && { address }),
      };
    }
    case "contacts":
      return { kind: "contact", contacts: listOf(body, "contacts").map(cardOf) };
    case "interactive":
      return menuOf(objectOf(body, "interactive"));
    default: {
      const kind = FILE_KINDS[type];
      if (kind === undefined) {
        throw new GraphError(131051, `Messages of the type ${type.slice(0, 40)} cannot be sent`);
      }
      return await fileOf(type, kind, body, bring);
    }
  }
}

async function fileOf(type: string, kind: MediaKind, body: Json, bring: BringFile): Promise<NewContent> {
  const file = objectOf(body, type, FILE_KEYS);
  const caption = optionalText(file, "caption", `${type}['caption']`, 1024);
  const fileName = optionalText(file, "filename", `${type}['filename']`, 255);
  const isVoice = type === "audio" && file.voice === true;
  return {
    kind: isVoice ? "voice" : kind,
    file: await bring(namedFileOf(file, type), type),
    ...(caption !== undefined && { caption }),
    ...(fileName !== undefined && { fileName }),
  };
}

/** @throws {GraphError} If neither an id nor an address is there. */
export function namedFileOf(file: Json, where: string): NamedFile {
  const id = optionalText(file, "id", `${where}['id']`);
  if (id !== undefined && id !== "") return { id };
  const link = optionalText(file, "link", `${where}['link']`);
  if (link === undefined || link === "") throw missing(`${where}['id'] or ${where}['link']`);
  return { link };
}

/** A card of Meta's fields, as a vCard. */
function cardOf(contact: Json, index: number): NewCard {
  const where = `contacts[${index}]`;
  const name = objectOf(contact, "name");
  const displayName = optionalText(name, "formatted_name", `${where}['name']['formatted_name']`) ??
    optionalText(name, "first_name", `${where}['name']['first_name']`);
  if (displayName === undefined || displayName === "") throw missing(`${where}['name']['formatted_name']`);
  const given = optionalText(contact, "vcard", `${where}['vcard']`, 20_000);
  if (given !== undefined && given !== "") return { displayName, vcard: given };
  const org = contact.org === undefined || contact.org === null ? undefined : objectOf(contact, "org");
  const lines = [
    "BEGIN:VCARD",
    "VERSION:3.0",
    `N:${escaped(part(name, "last_name"))};${escaped(part(name, "first_name") || displayName)};${
      parts(name, ["middle_name", "prefix", "suffix"])
    }`,
    `FN:${escaped(displayName)}`,
    ...(org === undefined ? [] : [`ORG:${parts(org, ["company", "department"]).replace(/;$/, "")}`]),
    ...line("TITLE", org === undefined ? "" : part(org, "title")),
    ...line("BDAY", part(contact, "birthday")),
    ...someOf(contact, "phones").map((phone) => {
      const waid = part(phone, "wa_id") || part(phone, "phone").replace(/\D/g, "");
      return `TEL;type=${escaped(part(phone, "type") || "CELL")};waid=${waid.replace(/\D/g, "")}:${
        escaped(part(phone, "phone") || `+${waid}`)
      }`;
    }),
    ...someOf(contact, "emails").map((mail) => `EMAIL:${escaped(part(mail, "email"))}`),
    ...someOf(contact, "urls").map((url) => `URL:${escaped(part(url, "url"))}`),
    ...someOf(contact, "addresses").map((place) =>
      `ADR:;;${parts(place, ["street", "city", "state", "zip", "country"])}`
    ),
    "END:VCARD",
  ];
  return { displayName, vcard: lines.join("\n") };
}

function part(body: Json, name: string): string {
  return optionalText(body, name, name) ?? "";
}

/** Some of its words as a vCard has them: in a row, between semicolons. */
function parts(body: Json, names: readonly string[]): string {
  return names.map((name) => escaped(part(body, name))).join(";");
}

function line(name: string, value: string): readonly string[] {
  return value === "" ? [] : [`${name}:${escaped(value)}`];
}

function escaped(text: string): string {
  return text.replace(/[\\,;]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, " ");
}

const MOST_OPTIONS = 12;

/**
 * Buttons and lists as a poll: the one menu that a linked device can send and every phone can answer. A link becomes a
 * text. What is on a button comes back as the vote.
 */
function menuOf(menu: Json): NewContent {
  const kind = textOf(menu, "type", "interactive['type']");
  const text = textOf(objectOf(menu, "body"), "text", "interactive['body']['text']");
  const question = [headerOf(menu), text, footerOf(menu)].filter((line) => line !== "").join("\n\n");
  const action = objectOf(menu, "action");
  switch (kind) {
    case "button": {
      const buttons = listOf(action, "buttons", "interactive['action']['buttons']");
      return pollOf(question, "buttons", buttons.map((button) => optionOf(objectOf(button, "reply"), 20)));
    }
    case "list": {
      const rows = listOf(action, "sections", "interactive['action']['sections']")
        .flatMap((section) => listOf(section, "rows", "interactive['action']['sections']['rows']"))
        .map((row) => ({
          ...optionOf(row, 24),
          description: optionalText(row, "description", "description", 72) ?? "",
        }));
      const explained = rows.filter(({ description }) => description !== "")
        .map(({ title, description }) => `${title}: ${description}`);
      return pollOf([question, ...explained].join("\n"), "list", rows);
    }
    case "cta_url": {
      const { display_text: label, url } = objectOf(action, "parameters");
      return { kind: "text", text: `${question}\n\n${label}: ${url}` };
    }
    default:
      throw new GraphError(131051, `Interactive messages of the type ${kind.slice(0, 40)} cannot be sent`);
  }
}

interface Option {
  readonly id: string;
  readonly title: string;
}

/** Some clients leave the id out: the title stands for it. */
function optionOf(given: Json, longestTitle: number): Option {
  const title = textOf(given, "title", "title", longestTitle);
  const id = optionalText(given, "id", "id", 256);
  return { id: id === undefined || id === "" ? title : id, title };
}

function pollOf(question: string, kind: Menu["kind"], options: readonly Option[]): NewContent {
  const titles = options.map(({ title }) => title);
  if (titles.length > MOST_OPTIONS) {
    throw new GraphError(
      131009,
      `Param interactive has ${titles.length} choices; ${MOST_OPTIONS} can be sent`,
    );
  }
  if (new Set(titles).size !== titles.length) {
    throw new GraphError(
      131009,
      "Param interactive has the same title twice: an answer could not be told apart",
    );
  }
  if (titles.length === 1) return { kind: "text", text: `${question}\n\n${titles[0]}` };
  const menu = { kind, ids: options.map(({ id }) => id) };
  return { kind: "poll", question, options: titles, selectableCount: 1, menu };
}

function headerOf(menu: Json): string {
  if (menu.header === undefined || menu.header === null) return "";
  const header = objectOf(menu, "header");
  if (header.type !== "text") {
    throw new GraphError(131051, "Only a text can be the header of an interactive message here");
  }
  return textOf(header, "text", "interactive['header']['text']");
}

function footerOf(menu: Json): string {
  if (menu.footer === undefined || menu.footer === null) return "";
  return textOf(objectOf(menu, "footer"), "text", "interactive['footer']['text']", 60);
}
