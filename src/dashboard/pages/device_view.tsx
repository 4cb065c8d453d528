import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { deviceStanding } from "../parts/device_state.ts";
import { Do, type Faults, Form } from "../parts/form.tsx";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { Bars, Legend } from "../parts/chart.tsx";
import { Icon } from "../parts/icon.tsx";
import { Facts, Menu, Notice, Panel } from "../parts/layout.tsx";
import { phoneShown } from "../parts/phone.ts";
import { State } from "../parts/state.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { ToCopy } from "../parts/to_copy.tsx";
import type { DeviceFacts } from "./device_facts.ts";
import { Linking } from "./linking.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

/** One device: how it is linked, or how it does and who listens. */
export function OneDevice({ cx, facts, faults, phone }: {
  readonly cx: Cx;
  readonly facts: DeviceFacts;
  readonly faults: Faults;
  readonly phone: string;
}) {
  const { t } = cx;
  const { device, qr } = facts;
  const isLinking = device.kind === "whatsapp" &&
    (qr !== undefined || faults.has("phone") || device.status === "needs_pairing" ||
      device.status === "pairing" || (device.status === "connecting" && device.jid === null));
  return (
    <>
      <Panel
        title={<Foreign text={device.label} max={100} />}
        note={<State standing={deviceStanding(device, t)} />}
        actions={<Actions cx={cx} device={device} />}
        foot={isLinking ? <LinkForOthers cx={cx} facts={facts} /> : undefined}
      >
        {device.lastError === null
          ? ""
          : (
            <Notice tone={device.status === "failed" || device.status === "needs_pairing" ? "bad" : "warn"}>
              <Foreign text={saidIn(device.lastError, cx.lang)} />
            </Notice>
          )}
        {isLinking
          ? (
            <Linking
              cx={cx}
              facts={facts}
              faults={faults}
              phone={phone}
              action={`/ui/devices/${device.id}`}
            />
          )
          : <Health cx={cx} device={device} />}
      </Panel>
      {isLinking ? "" : <ByHour cx={cx} facts={facts} />}
      {isLinking ? "" : <Around cx={cx} facts={facts} />}
    </>
  );
}

function Actions({ cx, device }: { readonly cx: Cx; readonly device: Device }) {
  const { t } = cx;
  const to = `/ui/devices/${device.id}`;
  const isOurs = device.kind === "whatsapp";
  const isLinked = device.jid !== null;
  return (
    <Menu label={t.shell.actions} icon="ellipsis" look="icon small">
      {isOurs && isLinked && device.wanted
        ? (
          <>
            <Do cx={cx} action={`${to}/restart`} label={t.devices.restart} icon="rotate-cw" look="item" />
            <a class="item" href={`${to}?ask=stop`}>
              <Icon name="square" />
              {t.devices.stop}
            </a>
          </>
        )
        : ""}
      {isOurs && isLinked && !device.wanted
        ? <Do cx={cx} action={`${to}/start`} label={t.devices.start} icon="play" look="item" />
        : ""}
      <a class="item" href={`${to}?ask=rename`}>
        <Icon name="pencil" />
        {t.devices.rename}
      </a>
      <hr />
      {isOurs && isLinked
        ? (
          <a class="item bad" href={`${to}?ask=logout`}>
            <Icon name="log-out" />
            {t.devices.logOut}
          </a>
        )
        : ""}
      <a class="item bad" href={`${to}?ask=delete`}>
        <Icon name="trash-2" />
        {t.devices.delete}
      </a>
    </Menu>
  );
}

function LinkForOthers({ cx, facts }: { readonly cx: Cx; readonly facts: DeviceFacts }) {
  const { t, f } = cx;
  const { device, link } = facts;
  const to = `/ui/devices/${device.id}`;
  if (link === undefined) {
    return (
      <>
        <span>{t.devices.somebodyElse}</span>
        <Form cx={cx} action={`${to}/link`}>
          <button class="link row" type="submit">
            <Icon name="link" />
            {t.devices.makeLink}
          </button>
        </Form>
      </>
    );
  }
  return (
    <div class="stack grow">
      <p>{t.devices.linkMade}</p>
      <div class="inline">
        <ToCopy cx={cx} id="pairing-link" value={link.url} label={t.devices.linkMade} />
        <Do cx={cx} action={`${to}/link/end`} label={t.devices.revoke} />
      </div>
      <p>{t.devices.linkUntil(f.clock(link.expiresAt))}</p>
    </div>
  );
}

function Health({ cx, device }: { readonly cx: Cx; readonly device: Device }) {
  const { t } = cx;
  const to = `/ui/devices/${device.id}`;
  const isUp = device.status === "connected";
  return (
    <>
      <Facts
        rows={[
          device.phoneNumber === null ? undefined : [t.devices.number, phoneShown(device.phoneNumber)],
          device.pushName === null
            ? undefined
            : [t.devices.waName, <Foreign text={device.pushName} max={100} />],
          device.connectedAt === null
            ? undefined
            : [isUp ? t.devices.since : t.devices.lostAt, <Ago cx={cx} at={device.connectedAt} />],
          [t.devices.added, <Clock cx={cx} at={device.createdAt} />],
          [t.devices.id, <code>{device.id}</code>],
          device.alias === null ? undefined : [t.devices.alias, <ForeignCode text={device.alias} />],
        ]}
      />
      {device.kind === "whatsapp" && !device.wanted && device.jid !== null
        ? (
          <div class="row">
            <Do cx={cx} action={`${to}/start`} label={t.devices.start} icon="play" look="main" />
          </div>
        )
        : ""}
    </>
  );
}

/** Messages in and out, each bar leading to its events. */
function ByHour({ cx, facts: { device, day } }: { readonly cx: Cx; readonly facts: DeviceFacts }) {
  const { t, f } = cx;
  return (
    <Panel
      title={t.devices.byHour}
      actions={<Legend cx={cx} names={{ first: t.devices.messagesIn, retried: t.devices.messagesOut }} />}
      bare
    >
      <Bars
        cx={cx}
        label={t.devices.byHour}
        height={110}
        bars={day.points.map(({ at, messagesIn, messagesOut }) => ({
          at,
          first: messagesIn,
          retried: messagesOut,
          failed: 0,
          says: t.devices.hourSays(f.when(at), f.number(messagesIn), f.number(messagesOut)),
          to: `/ui/events?device=${device.id}`,
        }))}
      />
    </Panel>
  );
}

function Around({ cx, facts }: { readonly cx: Cx; readonly facts: DeviceFacts }) {
  const { t } = cx;
  const { device, listeners, events } = facts;
  return (
    <div class="two">
      <Panel title={t.devices.listeners} bare={listeners.length > 0}>
        {listeners.length === 0
          ? (
            <>
              <p class="hush">{t.devices.noListeners}</p>
              <p>
                <a href="/ui/webhooks/new">{t.devices.addWebhook}</a>
              </p>
            </>
          )
          : (
            <ul class="items">
              {listeners.map(({ id, url, format }) => (
                <li class="goes">
                  <a class="goes-to cut grow" href={`/ui/webhooks/${id}`} data-id={id}>
                    <Foreign text={hostOf(url)} max={200} />
                  </a>
                  <span class="small faint">{format}</span>
                </li>
              ))}
            </ul>
          )}
      </Panel>
      <Panel
        title={t.devices.lastEvents}
        actions={<a class="small" href={`/ui/events?device=${device.id}`}>{t.devices.allEvents}</a>}
        bare={events.length > 0}
      >
        {events.length === 0 ? <p class="hush">{t.devices.noEvents}</p> : (
          <ul class="items">
            {events.map(({ id, type, at }) => (
              <li class="goes">
                <a class="goes-to grow mono" href={`/ui/events/${id}`} data-id={id}>{type}</a>
                <span class="small faint">
                  <Ago cx={cx} at={at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}
