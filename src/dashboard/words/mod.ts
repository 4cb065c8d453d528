import { blasts } from "./blasts.ts";
import { catalogue } from "./catalogue.ts";
import { chats } from "./chats.ts";
import { devices } from "./devices.ts";
import { deliveries } from "./deliveries.ts";
import { door } from "./door.ts";
import { events } from "./events.ts";
import { fleet } from "./fleet.ts";
import { home } from "./home.ts";
import { keys } from "./keys.ts";
import { kinds } from "./kinds.ts";
import { optOuts } from "./opt_outs.ts";
import { outgoing } from "./outgoing.ts";
import { shell } from "./shell.ts";
import { system } from "./system.ts";
import { templates } from "./templates.ts";
import { times } from "./times.ts";
import { tracking } from "./tracking.ts";
import { webhooks } from "./webhooks.ts";
import { type In, inLang, type Lang, LANGS } from "./words.ts";

/** All words, by the page or the part that says them. */
export const TABLES = {
  shell,
  times,
  door,
  devices,
  webhooks,
  deliveries,
  tracking,
  events,
  kinds,
  home,
  system,
  blasts,
  chats,
  catalogue,
  templates,
  keys,
  fleet,
  optOuts,
  outgoing,
} as const;

/** All words in one language. */
export type Words = { readonly [A in keyof typeof TABLES]: In<(typeof TABLES)[A]> };

const BY_LANG = new Map(LANGS.map((lang) => [lang, wordsIn(lang)]));

function wordsIn(lang: Lang): Words {
  return Object.fromEntries(
    Object.entries(TABLES).map(([area, pairs]) => [area, inLang(pairs, lang)]),
  ) as Words;
}

export function wordsOf(lang: Lang): Words {
  return BY_LANG.get(lang) ?? wordsIn(lang);
}
