import { Hono } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import { InvalidError, RefusedError } from "../../errors.ts";
import { YEAR_MS } from "../../messages/leaving.ts";
import { readRecipientOf } from "../../messages/recipient.ts";
import type { SendMessage } from "../../messages/request.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { Device } from "../../store/devices.ts";
import type { Messages } from "../../store/messages.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm } from "../http/forms.ts";
import { atOf } from "../local_time.ts";
import { Foreign } from "../parts/foreign.tsx";
import { type Faults, FaultSummary, Field, Form, NO_FAULTS, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Head, Notice, Panel } from "../parts/layout.tsx";
import { jidShown } from "../parts/phone.ts";

const MOST_DEVICES = 200;

export interface NewMessagePageDeps {
  readonly devices: DeviceService;
  readonly sendMessage: SendMessage;
  readonly messageRow: Pick<Messages, "get">;
  readonly countryCode: string;
}

interface MessageValues {
  readonly device: string;
  readonly to: string;
  readonly text: string;
  /** `YYYY-MM-DDTHH:mm` of the reader's zone, or empty. */
  readonly at: string;
}

/** One text, written by hand: at once or for later. */
export function createNewMessagePages(deps: NewMessagePageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const linked = async (tenantId: string) => {
    const { devices } = await deps.devices.list(tenantId, { limit: MOST_DEVICES, offset: 0 });
    return devices.filter(({ kind, jid }) => kind === "whatsapp" && jid !== null);
  };

  /** A message that is to be sent a second time; undefined when it is none of the tenant's. */
  async function before(c: UiContext) {
    const id = c.req.query("again");
    const message = id === undefined ? undefined : await deps.messageRow.get(id);
    return message?.tenantId === c.get("cx").visit.tenant.id ? message : undefined;
  }

  const show = async (c: UiContext, given?: MessageValues, faults: Faults = NO_FAULTS) => {
    const cx = c.get("cx");
    const [devices, message] = await Promise.all([linked(cx.visit.tenant.id), before(c)]);
    const first = message && {
      device: message.deviceId ?? "",
      to: message.to,
      text: "text" in message.content ? message.content.text ?? "" : "",
      at: "",
    };
    return await draw(c, {
      title: cx.t.outgoing.new,
      at: "messages",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <NewMessagePage
          cx={cx}
          devices={devices}
          values={given ?? first ??
            { device: devices[0]?.id ?? "", to: c.req.query("to") ?? "", text: "", at: "" }}
          again={message && jidShown(message.to)}
          faults={faults}
        />
      ),
    });
  };

  routes.get("/messages/new", (c) => show(c));

  routes.post("/messages", async (c) => {
    const cx = c.get("cx");
    const { t, f, visit } = cx;
    const form = await readForm(c, undefined);
    const values = {
      device: form.text("device"),
      to: form.text("to"),
      text: form.asSent("text").replaceAll("\r\n", "\n"),
      at: form.text("at"),
    };
    const sendAt = values.at === "" ? undefined : atOf(values.at, f);
    const faults = new Map<string, string>();
    if (values.device === "") faults.set("device", t.outgoing.noDevice);
    if (!isRecipient(values.to, deps.countryCode)) faults.set("to", t.outgoing.badTo);
    if (values.text.trim() === "" || values.text.length > MOST_TEXT) faults.set("text", t.outgoing.noText);
    if (sendAt !== undefined && !(sendAt > cx.now && sendAt < cx.now + YEAR_MS)) {
      faults.set("at", t.outgoing.atWrong);
    }
    if (faults.size > 0) return await show(c, values, faults);
    const { message } = await deps.sendMessage({
      tenantId: visit.tenant.id,
      device: await deps.devices.get(visit.tenant.id, values.device),
      to: values.to,
      content: { kind: "text", text: values.text },
      idempotencyKey: form.text("once") === "" ? undefined : `ui-${form.text("once").slice(0, 60)}`,
      sendAt,
      wait: false,
    });
    const done = sendAt === undefined ? t.outgoing.didSend : t.outgoing.didSchedule(f.when(sendAt));
    const undo = sendAt === undefined ? undefined : { action: `/ui/messages/${message.id}/cancel` };
    return goTo(c, `/ui/messages/${message.id}`, done, undo);
  });

  return routes;
}

function isRecipient(text: string, countryCode: string): boolean {
  try {
    readRecipientOf(text, "to", countryCode);
    return true;
  } catch (error) {
    if (error instanceof InvalidError || error instanceof RefusedError) return false;
    throw error;
  }
}

function NewMessagePage({ cx, devices, values, again, faults }: {
  readonly cx: Cx;
  readonly devices: readonly Device[];
  readonly values: MessageValues;
  /** Whom a message like this has gone to before. */
  readonly again: string | undefined;
  readonly faults: Faults;
}) {
  const { t, f } = cx;
  const head = (
    <Head
      cx={cx}
      title={t.outgoing.new}
      sub={t.outgoing.newSub}
      crumbs={[{ to: "/ui/messages", label: t.shell.messages }, { label: t.outgoing.new }]}
    />
  );
  if (devices.length === 0) {
    const add = <a class="button main" href="/ui/devices/new">{t.devices.add}</a>;
    return (
      <>
        {head}
        <Panel bare>
          <Empty icon="smartphone" title={t.outgoing.noDevices} action={add}>{t.outgoing.noDevicesWhy}</Empty>
        </Panel>
      </>
    );
  }
  return (
    <>
      {head}
      <FaultSummary cx={cx} faults={faults} />
      {again === undefined ? "" : (
        <Notice tone="warn">
          <Foreign text={t.outgoing.secondTo(again)} max={200} />
        </Notice>
      )}
      <div class="narrow">
        <Panel>
          <Form cx={cx} action="/ui/messages" class="stack">
            <input type="hidden" name="once" value={`message-${crypto.randomUUID()}`} />
            <Field name="device" label={t.outgoing.device} faults={faults}>
              <select {...tied("device", faults)} hx-ignore>
                {devices.map(({ id, label }) => (
                  <option value={id} selected={id === values.device}>
                    {label.slice(0, 60).toWellFormed()}
                  </option>
                ))}
              </select>
            </Field>
            <Field name="to" label={t.outgoing.to} faults={faults}>
              <input
                {...tied("to", faults)}
                value={values.to}
                placeholder="+62 812 3456 789"
                autocomplete="off"
                hx-ignore
              />
            </Field>
            <Field name="text" label={t.outgoing.text} faults={faults}>
              <textarea {...tied("text", faults)} rows={5} hx-ignore>{values.text}</textarea>
            </Field>
            <Field name="at" label={t.outgoing.at} faults={faults} hint={t.outgoing.atHint(f.zone)}>
              <input {...tied("at", faults, true)} type="datetime-local" value={values.at} />
            </Field>
            <div class="row">
              <button class="button main" type="submit">
                <Icon name="send" />
                {t.outgoing.send}
              </button>
              <a class="button" href="/ui/messages">{t.shell.cancel}</a>
            </div>
          </Form>
        </Panel>
      </div>
    </>
  );
}
