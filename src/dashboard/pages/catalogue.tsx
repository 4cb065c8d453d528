import { Hono } from "@hono/hono";
import type { EventType } from "../../events/event.ts";
import { type CatalogueEntry, catalogueEntry } from "../../formats/catalogue.ts";
import { DEFAULT_FORMAT, isFormatName } from "../../formats/mod.ts";
import { NotFoundError } from "../../errors.ts";
import type { Seen } from "../../insight/seen.ts";
import type { Lang } from "../words/words.ts";
import { draw } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { EVENT_TYPES, guideOf, isEventType } from "../parts/guide.tsx";
import { CataloguePage } from "./catalogue_view.tsx";

const FIRST: EventType = "message.received";

/** Entries that somebody looked at: live pages ask for the same one every second. */
const entries = new Map<EventType, CatalogueEntry>();

function entryOf(type: EventType): CatalogueEntry {
  const entry = entries.get(type) ?? catalogueEntry(type);
  entries.set(type, entry);
  return entry;
}

/** The event catalogue, with what of it was seen here. */
export function createCataloguePages({ seen }: { readonly seen: Seen }): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const show = async (c: UiContext, type: EventType, chosen: boolean) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const query = c.req.query("q")?.trim() ?? "";
    const format = c.req.query("format") ?? "";
    const entry = entryOf(type);
    const [counts, lastAt] = await Promise.all([
      seen.counts(tenantId, EVENT_TYPES),
      seen.lastAt(tenantId, type),
    ]);
    return await draw(c, {
      title: chosen ? type : cx.t.shell.catalogue,
      at: "catalogue",
      live: true,
      main: (
        <CataloguePage
          cx={cx}
          entry={entry}
          found={found(query, cx.lang)}
          counts={counts}
          lastAt={lastAt}
          query={query}
          chosen={chosen}
          format={isFormatName(format) ? format : DEFAULT_FORMAT}
          kind={c.req.query("kind")}
        />
      ),
    });
  };

  routes.get("/catalogue", (c) => show(c, FIRST, false));

  routes.get("/catalogue/:name", (c) => {
    const name = c.req.param("name");
    if (!isEventType(name)) throw new NotFoundError("event", name);
    return show(c, name, true);
  });

  return routes;
}

/** Types whose name, explanation or fields hold the text. */
function found(query: string, lang: Lang): readonly EventType[] {
  if (query === "") return EVENT_TYPES;
  const wanted = query.toLowerCase();
  return EVENT_TYPES.filter((type) => {
    const { summary, when, whatToDo } = guideOf(type, lang);
    const fields = entryOf(type).fields.map(({ path }) => path);
    return [type, summary, when, whatToDo, ...fields].some((text) => text.toLowerCase().includes(wanted));
  });
}
