import { Hono } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import { DAY_MS } from "../../spans.ts";
import { RefusedError } from "../../errors.ts";
import { recipientOf } from "../../messages/recipient.ts";
import { phoneOf } from "../../whatsapp/jid.ts";
import type { ApiKey, KeyScope } from "../../store/api_keys.ts";
import type { Device } from "../../store/devices.ts";
import { FULL_ACCESS, type Keyring } from "../../tenants/keyring.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm, type Sent } from "../http/forms.ts";
import { inZone } from "../local_time.ts";
import { Ask } from "../parts/ask.tsx";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { type Faults, FaultSummary, Field, Form, NO_FAULTS, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Head, Panel } from "../parts/layout.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { KeyOnce } from "./key_once.tsx";

const MOST_DEVICES = 200;
const MAX_NAME = 100;
const MOST_CHATS = 100;
const SCOPES = ["read", "send", "manage"] as const satisfies readonly KeyScope[];

export interface KeyPageDeps {
  readonly keyring: Pick<Keyring, "create" | "list" | "revoke">;
  readonly devices: DeviceService;
  readonly countryCode: string;
}

interface KeyValues {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly devices: readonly string[];
  /** Phone numbers or jids, as they were typed. */
  readonly readChats: string;
  readonly sendChats: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly ends: string;
}

/** Named keys: the list, a new one, and their end. */
export function createKeyPages({ keyring, devices, countryCode }: KeyPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const show = async (
    c: UiContext,
    values: KeyValues = {
      name: "",
      scopes: ["read", "send"],
      devices: [],
      readChats: "",
      sendChats: "",
      ends: "",
    },
    faults: Faults = NO_FAULTS,
  ) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const [keys, known] = await Promise.all([
      keyring.list(tenantId),
      devices.list(tenantId, { limit: MOST_DEVICES, offset: 0 }),
    ]);
    const asked = keys.find(({ id }) => id === c.req.query("revoke"));
    return await draw(c, {
      title: cx.t.shell.keys,
      at: "keys",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <KeysPage
          cx={cx}
          keys={keys}
          devices={known.devices}
          values={values}
          faults={faults}
          asked={asked}
        />
      ),
    });
  };

  routes.get("/keys", (c) => show(c));

  routes.post("/keys", async (c) => {
    const cx = c.get("cx");
    const { t, visit } = cx;
    const values = valuesOf(await readForm(c, undefined));
    const faults = new Map<string, string>();
    if (values.name === "" || values.name.length > MAX_NAME) faults.set("name", t.keys.nameWrong);
    if (values.scopes.length === 0) faults.set("scopes", t.keys.scopesWrong);
    const expiresAt = values.ends === "" ? null : endOf(values.ends, cx);
    if (expiresAt !== null && !(expiresAt > cx.now)) faults.set("ends", t.keys.endsWrong);
    const [readChats, sendChats] = (["readChats", "sendChats"] as const).map((name) => {
      const chats = chatsIn(values[name], countryCode);
      if (chats === undefined) faults.set(name, t.keys.chatsWrong);
      else if (chats !== null && values.scopes.includes("manage")) faults.set("scopes", t.keys.chatsManage);
      return chats ?? null;
    });
    if (faults.size > 0) return await show(c, values, faults);
    const chosen = await Promise.all(values.devices.map((id) => devices.get(visit.tenant.id, id)));
    const { key, text } = await keyring.create(visit.tenant.id, {
      name: values.name,
      scopes: values.scopes,
      deviceIds: chosen.length === 0 ? null : chosen.map(({ id }) => id),
      readChats,
      sendChats,
      expiresAt,
    }, FULL_ACCESS);
    const main = (
      <KeyOnce
        cx={cx}
        title={t.keys.created}
        keyText={text}
        crumbs={[{ to: "/ui/keys", label: t.shell.keys }, { label: <Foreign text={key.name} max={60} /> }]}
        actions={<a class="button main" href="/ui/keys">{t.shell.keys}</a>}
      />
    );
    return await draw(c, { title: t.keys.created, at: "keys", main });
  });

  routes.post("/keys/:id/revoke", async (c) => {
    const { t, visit } = c.get("cx");
    await keyring.revoke(visit.tenant.id, c.req.param("id"));
    return goTo(c, "/ui/keys", t.keys.didRevoke);
  });

  return routes;
}

function valuesOf(form: Sent): KeyValues {
  const wanted = form.all("scopes");
  return {
    name: form.text("name"),
    scopes: SCOPES.filter((scope) => wanted.includes(scope)),
    devices: [...new Set(form.all("devices"))],
    readChats: form.text("readChats"),
    sendChats: form.text("sendChats"),
    ends: form.text("ends"),
  };
}

/** The chats that a text names, one a line or with commas; null: it names none, undefined: one is no address. */
function chatsIn(text: string, countryCode: string): readonly string[] | null | undefined {
  const named = text.split(/[\n,;]/).map((part) => part.trim()).filter((part) => part !== "");
  if (named.length === 0) return null;
  if (named.length > MOST_CHATS) return undefined;
  try {
    return [...new Set(named.map((chat) => recipientOf(chat, "chats", countryCode)))];
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}

/** The end of a day in the reader's zone, epoch ms; NaN when it is no day. */
function endOf(day: string, { f }: Cx): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return NaN;
  const utc = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(utc) ? NaN : inZone(utc + DAY_MS, f);
}

function KeysPage({ cx, keys, devices, values, faults, asked }: {
  readonly cx: Cx;
  readonly keys: readonly ApiKey[];
  readonly devices: readonly Device[];
  readonly values: KeyValues;
  readonly faults: Faults;
  readonly asked: ApiKey | undefined;
}) {
  const { t } = cx;
  return (
    <>
      <Head cx={cx} title={t.shell.keys} sub={t.keys.sub} />
      <FaultSummary cx={cx} faults={faults} />
      {asked === undefined ? "" : (
        <Ask
          cx={cx}
          title={t.keys.askRevoke(asked.name.slice(0, 60))}
          action={`/ui/keys/${asked.id}/revoke`}
          label={t.keys.revoke}
          back="/ui/keys"
        >
          {t.keys.askRevokeWhy}
        </Ask>
      )}
      <Panel bare label={t.shell.keys}>
        {keys.length === 0
          ? <Empty icon="key-round" title={t.keys.emptyTitle}>{t.keys.empty}</Empty>
          : <KeyTable cx={cx} keys={keys} devices={devices} />}
      </Panel>
      <Panel title={t.keys.new} id="new">
        <NewKey cx={cx} devices={devices} values={values} faults={faults} />
      </Panel>
      <Panel title={t.keys.own} actions={<a class="small" href="/ui/settings">{t.shell.settings}</a>}>
        <p class="hush">{t.keys.ownWhy}</p>
      </Panel>
    </>
  );
}

function KeyTable({ cx, keys, devices }: {
  readonly cx: Cx;
  readonly keys: readonly ApiKey[];
  readonly devices: readonly Device[];
}) {
  const { t } = cx;
  const labels = new Map(devices.map(({ id, label }) => [id, label]));
  return (
    <div class="scroll cards">
      <table>
        <thead>
          <tr>
            <th>{t.keys.name}</th>
            <th>{t.keys.scopes}</th>
            <th>{t.keys.devices}</th>
            <th>{t.keys.ends}</th>
            <th>{t.keys.lastUse}</th>
            <th>
              <span class="hide">{t.shell.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ id, name, scopes, deviceIds, readChats, sendChats, expiresAt, lastUsedAt }) => {
            const isOver = expiresAt !== null && expiresAt <= cx.now;
            return (
              <tr>
                <td class="first-column">
                  <Foreign text={name} max={60} />
                  <span class="sub">
                    <ForeignCode text={id} max={40} />
                  </span>
                </td>
                <td class="whole">
                  <span class="row">
                    {scopes.map((scope) => <span class="tag idle">{t.keys[scope]}</span>)}
                  </span>
                </td>
                <td class="whole small">
                  {deviceIds === null
                    ? t.keys.allDevices
                    : (
                      <Foreign text={deviceIds.map((each) => labels.get(each) ?? each).join(", ")} max={80} />
                    )}
                  {([[t.keys.readChats, readChats], [t.keys.sendChats, sendChats]] as const).map((
                    [label, chats],
                  ) =>
                    chats === null ? "" : (
                      <span class="sub">
                        {`${label}: `}
                        <Foreign
                          text={chats.map((chat) =>
                            phoneOf(chat) ?? chat
                          ).join(", ")}
                          max={80}
                        />
                      </span>
                    )
                  )}
                </td>
                <td class={isOver ? "small whole bad" : "small whole"}>
                  <span class="listed faint">{`${t.keys.ends}: `}</span>
                  {isOver ? `${t.keys.over} ` : ""}
                  {expiresAt === null ? t.keys.never : <Clock cx={cx} at={expiresAt} />}
                </td>
                <td class="small whole">
                  <span class="listed faint">{`${t.keys.lastUse}: `}</span>
                  {lastUsedAt === null
                    ? <span class="faint">{t.keys.unused}</span>
                    : <Ago cx={cx} at={lastUsedAt} />}
                </td>
                <td class="num beside-first">
                  <a class="button small danger" href={`/ui/keys?revoke=${id}`}>{t.keys.revoke}</a>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function NewKey({ cx, devices, values, faults }: {
  readonly cx: Cx;
  readonly devices: readonly Device[];
  readonly values: KeyValues;
  readonly faults: Faults;
}) {
  const { t } = cx;
  const why = { read: t.keys.readWhy, send: t.keys.sendWhy, manage: t.keys.manageWhy };
  return (
    <Form cx={cx} action="/ui/keys" class="stack">
      <div class="two">
        <div class="stack">
          <Field name="name" label={t.keys.name} faults={faults}>
            <input {...tied("name", faults)} value={values.name} autocomplete="off" maxlength={MAX_NAME} />
          </Field>
          <Field name="ends" label={t.keys.ends} faults={faults} hint={t.keys.endsHint}>
            <input {...tied("ends", faults, true)} type="date" value={values.ends} />
          </Field>
          <Field name="readChats" label={t.keys.readChats} faults={faults} hint={t.keys.chatsHint}>
            <textarea {...tied("readChats", faults, true)} rows={2}>{values.readChats}</textarea>
          </Field>
          <Field name="sendChats" label={t.keys.sendChats} faults={faults} hint={t.keys.chatsHint}>
            <textarea {...tied("sendChats", faults, true)} rows={2}>{values.sendChats}</textarea>
          </Field>
        </div>
        <div class="stack">
          <fieldset id="scopes" tabindex={-1}>
            <legend class="label">{t.keys.scopes}</legend>
            {faults.has("scopes")
              ? (
                <p class="fault">
                  <Icon name="triangle-alert" />
                  <span>{faults.get("scopes")}</span>
                </p>
              )
              : ""}
            {SCOPES.map((scope) => (
              <label class="choice">
                <input type="checkbox" name="scopes" value={scope} checked={values.scopes.includes(scope)} />
                <span>
                  {t.keys[scope]}
                  <small class="faint">{` ${why[scope]}`}</small>
                </span>
              </label>
            ))}
          </fieldset>
          {devices.length === 0 ? "" : (
            <fieldset>
              <legend class="label">{t.keys.devices}</legend>
              <div class="choices">
                {devices.map(({ id, label }) => (
                  <label class="choice">
                    <input type="checkbox" name="devices" value={id} checked={values.devices.includes(id)} />
                    <Foreign text={label} max={60} />
                  </label>
                ))}
              </div>
              <p class="hint">{t.keys.devicesHint}</p>
            </fieldset>
          )}
        </div>
      </div>
      <div class="row">
        <button class="button main" type="submit">
          <Icon name="plus" />
          {t.shell.create}
        </button>
      </div>
    </Form>
  );
}
