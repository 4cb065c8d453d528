import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { Ask } from "../parts/ask.tsx";
import { type Faults, Form } from "../parts/form.tsx";
import { Panel } from "../parts/layout.tsx";

/** What is asked before it is done. */
export type Asked = "stop" | "logout" | "delete" | "rename";

/** Asks before something is done to a device, and takes a new name. */
export function Asking({ cx, device, asked, faults }: {
  readonly cx: Cx;
  readonly device: Device;
  readonly asked: Asked;
  readonly faults: Faults;
}) {
  const { t } = cx;
  const { label } = device;
  const to = `/ui/devices/${device.id}`;
  switch (asked) {
    case "stop":
      return (
        <Ask
          cx={cx}
          title={t.devices.askStop(label)}
          action={`${to}/stop`}
          label={t.devices.doStop(label)}
          back={to}
        >
          {t.devices.askStopWhy}
        </Ask>
      );
    case "logout":
      return (
        <Ask
          cx={cx}
          title={t.devices.askLogOut(label)}
          action={`${to}/logout`}
          label={t.devices.doLogOut(label)}
          back={to}
        >
          {t.devices.askLogOutWhy}
        </Ask>
      );
    case "delete":
      return (
        <Ask
          cx={cx}
          title={t.devices.askDelete(label)}
          action={`${to}/delete`}
          label={t.devices.doDelete(label)}
          back={to}
          must={label.trim()}
          mustLabel={t.devices.typeName(label)}
          fault={faults.get("must")}
        >
          {t.devices.askDeleteWhy}
        </Ask>
      );
    case "rename":
      return (
        <Panel title={t.devices.rename}>
          <Form cx={cx} action={`${to}/rename`} class="inline">
            <input
              name="label"
              id="label"
              value={label}
              aria-label={t.devices.name}
              maxlength={100}
              autofocus
            />
            <button class="button main" type="submit">{t.shell.save}</button>
            <a class="button" href={to}>{t.shell.cancel}</a>
          </Form>
        </Panel>
      );
  }
}
