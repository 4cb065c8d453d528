import { RETRY_POLICIES } from "../../webhooks/retry.ts";
import type { Cx } from "../cx.ts";
import { type Faults, Field, tied } from "../parts/form.tsx";
import { Panel } from "../parts/layout.tsx";
import type { WebhookValues } from "./webhook_values.ts";

/** What most leave as it is. */
export function Folded({ cx: { t }, values, faults, isNew }: {
  readonly cx: Cx;
  readonly values: WebhookValues;
  readonly faults: Faults;
  readonly isNew: boolean;
}) {
  const { retry, timeout, headers, secret, recovery } = values;
  const isFaulty = ["retry", "timeout", "headers", "secret"].some((name) => faults.has(name));
  const isSet = retry !== "" || timeout !== "" || headers !== "" || secret !== "" || !recovery;
  return (
    <Panel bare>
      <details class="unfold pad" open={isFaulty || isSet}>
        <summary>{t.webhooks.more}</summary>
        <div class="two pad-y">
          <div class="stack">
            <Field
              name="retry"
              label={t.webhooks.retries}
              faults={faults}
              hint={t.webhooks.retryHint(Object.keys(RETRY_POLICIES).join(", "))}
            >
              <input
                {...tied("retry", faults, true)}
                value={retry}
                placeholder={t.webhooks.asFormat}
                autocomplete="off"
                hx-ignore
              />
            </Field>
            <Field
              name="timeout"
              label={t.webhooks.timeoutSeconds}
              faults={faults}
              hint={t.webhooks.timeoutHint}
            >
              <input
                {...tied("timeout", faults, true)}
                value={timeout}
                inputmode="numeric"
                placeholder={t.webhooks.asFormat}
                autocomplete="off"
                hx-ignore
              />
            </Field>
            <label class="choice">
              <input type="checkbox" name="recovery" value="yes" checked={recovery} />
              <span>
                {t.webhooks.recovery}
                <small class="faint">{` ${t.webhooks.recoveryWhy}`}</small>
              </span>
            </label>
          </div>
          <div class="stack">
            <Field name="headers" label={t.webhooks.headers} faults={faults} hint={t.webhooks.headersHint}>
              <textarea
                {...tied("headers", faults, true)}
                class="mono"
                rows={3}
                placeholder="Authorization: Bearer …"
                spellcheck={false}
                hx-ignore
              >
                {headers}
              </textarea>
            </Field>
            {isNew
              ? (
                <Field
                  name="secret"
                  label={t.webhooks.ownSecret}
                  faults={faults}
                  hint={t.webhooks.ownSecretHint}
                >
                  <input
                    {...tied("secret", faults, true)}
                    class="mono"
                    value={secret}
                    placeholder={t.webhooks.secretMade}
                    autocomplete="off"
                    spellcheck={false}
                    hx-ignore
                  />
                </Field>
              )
              : ""}
          </div>
        </div>
      </details>
    </Panel>
  );
}
