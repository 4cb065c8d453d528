import { examplesOf } from "../../events/examples/mod.ts";
import { DEFAULT_FORMAT, formatOf } from "../../formats/mod.ts";
import type { Cx } from "../cx.ts";
import { Json } from "../parts/code.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { WithCode } from "../parts/guide.tsx";
import { Icon } from "../parts/icon.tsx";
import { Panel } from "../parts/layout.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import type { HomeFacts } from "./home_facts.ts";

/** The way to the first delivery, each step ticked off once it is done, and what a program will get. */
export function FirstSteps({ cx, facts: { devices, webhooks, hasDelivered } }: {
  readonly cx: Cx;
  readonly facts: HomeFacts;
}) {
  const { t } = cx;
  const linked = devices.find(({ status }) => status === "connected");
  const [first] = webhooks;
  const steps = [
    {
      done: linked?.label,
      title: t.home.stepNumber,
      why: t.home.stepNumberWhy,
      to: devices.length === 0 ? "/ui/devices/new" : `/ui/devices/${devices[0].id}`,
      label: t.home.stepNumberDo,
    },
    {
      done: first && (hostOf(first.webhook.url) ?? first.webhook.url),
      title: t.home.stepWebhook,
      why: t.home.stepWebhookWhy,
      to: "/ui/webhooks/new",
      label: t.home.stepWebhookDo,
    },
    {
      done: hasDelivered ? t.home.stepDone : undefined,
      title: t.home.stepDelivered,
      why: t.home.stepDeliveredWhy,
      to: first === undefined ? "/ui/deliveries" : `/ui/webhooks/${first.webhook.id}`,
      label: first === undefined ? t.home.stepDeliveredDo : t.home.stepTestDo,
    },
  ];
  const next = steps.findIndex(({ done }) => done === undefined);
  return (
    <div class="wide-narrow first-run">
      <Panel bare>
        <ol class="first-steps">
          {steps.map(({ done, title, why, to, label }, index) => (
            <li class={index === next ? "now" : done === undefined ? "" : "done"}>
              <span class="step" aria-hidden="true">
                {done === undefined ? cx.f.number(index + 1) : <Icon name="check" />}
              </span>
              <div class="stack tight">
                <h2>{title}</h2>
                <p class="hush">
                  {done === undefined ? <WithCode text={why} /> : <Foreign text={done} max={80} />}
                </p>
                {done === undefined
                  ? (
                    <p>
                      <a class={index === next ? "button main" : "button"} href={to}>{label}</a>
                    </p>
                  )
                  : <span class="hide">{t.home.stepDone}</span>}
              </div>
            </li>
          ))}
        </ol>
      </Panel>
      <div class="stack">
        <Panel
          title={t.home.programGets}
          actions={
            <button class="button small" type="button" data-copy="#first-body" data-script hidden>
              <Icon name="copy" />
              {t.shell.copy}
            </button>
          }
        >
          <Json value={JSON.parse(firstBody())} id="first-body" />
          <p class="small hush">
            {t.home.answerSoon} <a href="/ui/catalogue">{t.home.allEvents}</a>
          </p>
        </Panel>
        <Panel title={t.home.ownMachine}>
          <p class="small hush">{t.home.ownMachineWhy}</p>
          <pre
            class="code"
            id="listen"
          >API_KEY=kbr_… kabar webhook listen --forward http://127.0.0.1:8080</pre>
          <ul class="stack tight small">
            <li class="row">
              <Icon name="book-open" />
              <a href="/docs/guide/first-webhook">{t.home.guideFirst}</a>
            </li>
            <li class="row">
              <Icon name="braces" />
              <a href="/docs">{t.shell.api}</a>
            </li>
          </ul>
        </Panel>
      </div>
    </div>
  );
}

/** The body of a text message, in the format that webhooks have by default. */
function firstBody(): string {
  const [{ event }] = examplesOf("message.received");
  const { says, render } = formatOf(DEFAULT_FORMAT);
  return render(event, says(event)[0] ?? "");
}
