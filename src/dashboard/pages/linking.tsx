import type { IconName } from "../assets/icon_names.ts";
import { FIRST_QR_MS, NEXT_QR_MS } from "../../whatsapp/settings.ts";
import type { Cx } from "../cx.ts";
import { Do, type Faults, Field, Form, tied } from "../parts/form.tsx";
import { WithCode } from "../parts/guide.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/layout.tsx";
import { QrPicture } from "../parts/qr.tsx";
import type { DeviceFacts } from "./device_facts.ts";

/** How long a code is shown: the first one longer, as a phone has to be found first. */
const secondsOf = (number: number) => (number === 1 ? FIRST_QR_MS : NEXT_QR_MS) / 1_000;

/** How a device is linked with a phone: the steps, the QR code and the code to type side by side. */
export function Linking({ cx, facts, faults, phone, action, alone = false }: {
  readonly cx: Pick<Cx, "t" | "f" | "now" | "csrf">;
  readonly facts: Pick<DeviceFacts, "device" | "qr" | "pairingCode">;
  readonly faults: Faults;
  readonly phone: string;
  /** The forms' path: `/code` and `/start` follow. */
  readonly action: string;
  /** For whoever only holds the phone: nothing about the gateway. */
  readonly alone?: boolean;
}) {
  const { t, f, now } = cx;
  const { device, qr, pairingCode } = facts;
  const left = qr === undefined ? 0 : Math.max(0, Math.ceil((qr.expiresAt - now) / 1_000));
  return (
    <>
      <Steps cx={cx} facts={facts} />
      <div class="link-ways">
        <div class="stack">
          <h3>{t.devices.scan}</h3>
          {qr === undefined
            ? (
              <div class="qr-box">
                <Icon name={device.wanted ? "loader" : "qr-code"} />
                <p class="small">{device.wanted ? t.devices.waitingForQr : t.devices.noCode}</p>
                {device.wanted ? "" : (
                  <Do
                    cx={cx}
                    action={`${action}/start`}
                    label={t.devices.showCode}
                    look="main"
                    icon="qr-code"
                  />
                )}
              </div>
            )
            : (
              <div class="stack" data-count>
                <div class="qr-box shown">
                  <QrPicture code={qr.code} label={t.devices.qrName(device.label)} />
                </div>
                <p class="row small hush">
                  <Icon name="clock" />
                  <span aria-hidden="true" data-until={String(qr.expiresAt)} data-pattern={t.devices.newIn}>
                    {t.devices.newIn.replace("#", String(left))}
                  </span>
                  <span class="qr-place">{t.devices.codeOf(qr.number, qr.total)}</span>
                </p>
                <progress
                  class="progress"
                  max={secondsOf(qr.number)}
                  value={Math.min(left, secondsOf(qr.number))}
                  aria-hidden="true"
                />
              </div>
            )}
        </div>
        <div class="or" aria-hidden="true">
          <span>{t.devices.or}</span>
        </div>
        <div class="stack">
          <h3>{t.devices.type}</h3>
          <Form cx={cx} action={`${action}/code`}>
            <Field name="phone" label={t.devices.phone} faults={faults}>
              <div class="inline">
                <input
                  {...tied("phone", faults)}
                  type="tel"
                  value={phone === "" ? pairingCode === undefined ? "" : `+${pairingCode.phone}` : phone}
                  placeholder="+62 812 3456 789"
                  autocomplete="off"
                />
                <button class="button" type="submit">{t.devices.getCode}</button>
              </div>
            </Field>
          </Form>
          {pairingCode === undefined ? "" : (
            <>
              <p class="big-code">
                <span id="pairing-code">
                  {`${pairingCode.code.slice(0, 4)}-${pairingCode.code.slice(4)}`}
                </span>
                <button
                  class="button bare icon"
                  type="button"
                  data-copy="#pairing-code"
                  aria-label={t.shell.copy}
                  title={t.shell.copy}
                >
                  <Icon name="copy" />
                </button>
              </p>
              <p class="row small hush">
                <Icon name="clock" />
                {t.devices.validUntil(f.clock(pairingCode.expiresAt))}
              </p>
            </>
          )}
          <ol class="how">
            <li>{t.devices.how1}</li>
            <li>{t.devices.how2}</li>
            <li>{t.devices.how3}</li>
          </ol>
        </div>
      </div>
      {alone ? "" : (
        <Notice>
          <WithCode text={t.devices.noPhone} />
        </Notice>
      )}
    </>
  );
}

function Steps({ cx: { t }, facts: { device, qr, pairingCode } }: {
  readonly cx: Pick<Cx, "t">;
  readonly facts: Pick<DeviceFacts, "device" | "qr" | "pairingCode">;
}) {
  const isConfirming = device.status === "connecting" && device.jid !== null;
  const reached = isConfirming ? 2 : qr !== undefined || pairingCode !== undefined ? 1 : 0;
  const steps: readonly { readonly name: string; readonly sub: string; readonly icon: IconName }[] = [
    { name: t.devices.stepShown, sub: t.devices.stepShownSub, icon: "clock" },
    { name: t.devices.stepScan, sub: t.devices.stepScanSub, icon: "qr-code" },
    { name: t.devices.stepConfirm, sub: t.devices.stepConfirmSub, icon: "loader" },
    { name: t.devices.stepConnected, sub: t.devices.stepConnectedSub, icon: "circle-check" },
  ];
  return (
    <ol class="steps">
      {steps.map(({ name, sub, icon }, index) => (
        <li
          class={index < reached ? "done" : index === reached ? "now" : ""}
          aria-current={index === reached ? "step" : undefined}
        >
          <Icon name={index < reached ? "check" : icon} />
          <b>{name}</b>
          <small>{sub}</small>
        </li>
      ))}
    </ol>
  );
}
