import { Hono } from "@hono/hono";
import type { Child } from "@hono/hono/jsx";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { type TenantId } from "../../ids.ts";
import type { Found } from "../../insight/find.ts";
import type { FoundChat } from "../../insight/find_chats.ts";
import type { Cx } from "../cx.ts";
import { draw } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { Foreign } from "../parts/foreign.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { Empty, Head, Panel } from "../parts/layout.tsx";
import { jidShown } from "../parts/phone.ts";
import { Ago } from "../parts/time.tsx";

const LONGEST = 200;

interface Hit {
  readonly to: string;
  readonly name: string;
  readonly sub?: string;
  readonly at: number | null;
}

/** What the box at the top finds: an exact id leads straight to its page. */
export function createFindPages({ find, findChats }: {
  readonly find: (tenantId: TenantId, text: string) => Promise<Found>;
  readonly findChats: (tenantId: TenantId, text: string) => Promise<readonly FoundChat[]>;
}): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  routes.get("/find", async (c) => {
    const cx = c.get("cx");
    const text = (c.req.query("q") ?? "").trim().slice(0, LONGEST);
    const tenantId = cx.visit.tenant.id;
    const groups = text === ""
      ? []
      : groupsOf(cx, ...await Promise.all([find(tenantId, text), findChats(tenantId, text)]));
    const hits = groups.flatMap(([, some]) => some);
    if (hits.length === 1 && hits[0].to.endsWith(`/${text}`)) return c.redirect(hits[0].to, 303);
    return await draw(c, { title: cx.t.shell.find, main: <FindPage cx={cx} text={text} groups={groups} /> });
  });
  return routes;
}

function groupsOf(
  { t }: Cx,
  found: Found,
  chats: readonly FoundChat[],
): readonly (readonly [name: string, hits: readonly Hit[]])[] {
  const groups = [
    [
      t.shell.devices,
      found.devices.map(({ id, label }) => ({ to: `/ui/devices/${id}`, name: label, at: null })),
    ],
    [
      t.shell.webhooks,
      found.webhooks.map(({ id, url }) => ({
        to: `/ui/webhooks/${id}`,
        name: hostOf(url) ?? url,
        at: null,
      })),
    ],
    [
      t.shell.chats,
      chats.map(({ deviceId, device, chat, messageId, at }) => ({
        to: `/ui/chats?${new URLSearchParams({
          device: deviceId,
          chat,
          ...(messageId !== undefined && { message: messageId, before: `${at + 1_000}.~` }),
        })}`,
        name: jidShown(chat),
        sub: device,
        at,
      })),
    ],
    [
      t.shell.messages,
      found.messages.map(({ id, to, recipientName, content, createdAt }) => ({
        to: `/ui/messages/${id}`,
        name: recipientName ?? jidShown(to),
        sub: "text" in content && typeof content.text === "string" ? content.text : content.kind,
        at: createdAt,
      })),
    ],
    [t.shell.events, found.events.map(({ id, type, at }) => ({ to: `/ui/events/${id}`, name: type, at }))],
    [
      t.shell.deliveries,
      found.deliveries.map(({ number, name, createdAt }) => ({
        to: `/ui/deliveries/${deliveryIdOf(number)}`,
        name,
        at: createdAt,
      })),
    ],
    [
      t.shell.blasts,
      found.blasts.map(({ id, createdAt }) => ({ to: `/ui/blasts/${id}`, name: id, at: createdAt })),
    ],
  ] as const;
  return groups.filter(([, hits]) => hits.length > 0);
}

function FindPage({ cx, text, groups }: {
  readonly cx: Cx;
  readonly text: string;
  readonly groups: readonly (readonly [name: string, hits: readonly Hit[]])[];
}) {
  const { t } = cx;
  const title: Child = text === ""
    ? t.shell.find
    : <Foreign text={t.events.foundFor(text)} max={LONGEST + 40} />;
  return (
    <>
      <Head
        cx={cx}
        title={title}
      />
      {groups.length > 0 ? "" : (
        <Panel bare>
          <Empty icon="search" title={text === "" ? t.shell.find : t.events.foundNothing}>
            {t.events.findHint}
          </Empty>
        </Panel>
      )}
      {groups.map(([name, hits]) => (
        <Panel title={name} bare>
          <ul class="items">
            {hits.map((hit) => (
              <li class="goes">
                <span class="grow">
                  <a class="goes-to" href={hit.to}>
                    <Foreign text={hit.name} max={80} />
                  </a>
                  {hit.sub === undefined ? "" : (
                    <span class="sub small faint cut">
                      <Foreign text={hit.sub} max={120} />
                    </span>
                  )}
                </span>
                {hit.at === null ? "" : <Ago cx={cx} at={hit.at} />}
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}
