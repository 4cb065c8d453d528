import { Hono } from "@hono/hono";
import { InvalidError, NotFoundError, RefusedError } from "../../errors.ts";
import { personIn } from "../../messages/person.ts";
import type { OptOutWords } from "../../opt_outs/settings.ts";
import { LONGEST_WORD, plainWord, wordOfBoth } from "../../opt_outs/words.ts";
import type { Addresses, OptOut, OptOuts, OptOutSettings } from "../../store/opt_outs.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm, type Sent } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { jidShown } from "../parts/phone.ts";
import { OptOutsPage, type OptOutValues } from "./opt_outs_view.tsx";

const PAGE = 50;
const MOST_WORDS = 50;
const MAX_REASON = 200;
const MAX_ANSWER = 4_096;

export interface OptOutPageDeps {
  readonly optOuts: Pick<OptOuts, "add" | "find" | "list" | "remove">;
  readonly optOutWords: Pick<OptOutWords, "of" | "save">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
  readonly now: () => number;
}

/** Those who want no more blasts: the list, an entry by hand, and the words that people write. */
export function createOptOutPages(deps: OptOutPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { optOuts, optOutWords } = deps;

  /** Undefined: nobody can be meant. */
  function personOf(text: string): Addresses | undefined {
    try {
      return personIn(text, "person", deps.countryCode);
    } catch (error) {
      if (error instanceof InvalidError || error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  const show = async (c: UiContext, given: Partial<OptOutValues> = {}, faults: Faults = NO_FAULTS) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const asked = c.req.query("before") ?? "";
    const before = /^\d{1,15}$/.test(asked) ? Number(asked) : undefined;
    const looked = c.req.query("person")?.trim() ?? "";
    const person = looked === "" ? undefined : personOf(looked);
    const [rows, { settings }, found] = await Promise.all([
      optOuts.list(tenantId, { limit: PAGE + 1, before }),
      optOutWords.of(tenantId),
      person && optOuts.find(tenantId, person),
    ]);
    const all = looked !== "" && person === undefined
      ? new Map([...faults, ["look", cx.t.optOuts.badPerson]])
      : faults;
    return await draw(c, {
      title: cx.t.shell.optOuts,
      at: "opt-outs",
      status: all.size === 0 ? 200 : 422,
      live: before === undefined && looked === "" && c.req.method === "GET" ? true : undefined,
      main: (
        <OptOutsPage
          cx={cx}
          rows={rows.slice(0, PAGE)}
          older={rows.length > PAGE ? rows[PAGE - 1].number : undefined}
          looked={person && { who: shownOf(person), found }}
          lookText={looked}
          values={{ person: "", reason: "", ...valuesOfSettings(settings), ...given }}
          faults={all}
        />
      ),
    });
  };

  routes.get("/opt-outs", (c) => show(c));

  routes.post("/opt-outs", async (c) => {
    const { t, visit } = c.get("cx");
    const form = await readForm(c, undefined);
    const values = { person: form.text("person"), reason: form.text("reason") };
    const person = personOf(values.person);
    const faults = new Map<string, string>();
    if (person === undefined) faults.set("person", t.optOuts.badPerson);
    if (values.reason.length > MAX_REASON) faults.set("reason", t.optOuts.reasonLong);
    if (person === undefined || faults.size > 0) return await show(c, values, faults);
    const reason = values.reason === "" ? null : values.reason;
    const { added } = await optOuts.add(visit.tenant.id, {
      ...person,
      reason,
      source: "api",
      at: deps.now(),
    });
    const who = shownOf(person);
    if (!added) return goTo(c, "/ui/opt-outs", t.optOuts.wasThere(who));
    const undo = { action: "/ui/opt-outs/remove", fields: { person: jidOf(person) } };
    return goTo(c, "/ui/opt-outs", t.optOuts.didAdd(who), undo);
  });

  routes.post("/opt-outs/remove", async (c) => {
    const { t, visit } = c.get("cx");
    const text = (await readForm(c, undefined)).text("person");
    const person = personOf(text);
    const removed = person && await optOuts.remove(visit.tenant.id, person);
    if (removed === undefined) throw new NotFoundError("opt-out", text);
    const fields = { person: jidOf(removed), reason: removed.reason ?? "" };
    return goTo(c, "/ui/opt-outs", t.optOuts.didRemove(shownOf(removed)), { action: "/ui/opt-outs", fields });
  });

  routes.post("/opt-outs/words", async (c) => {
    const { t, visit } = c.get("cx");
    const form = await readForm(c, undefined);
    const settings = settingsIn(form);
    const faults = faultsOf(settings, c.get("cx"));
    if (faults.size > 0) return await show(c, valuesOfSettings(settings), faults);
    await optOutWords.save(visit.tenant.id, settings);
    return goTo(c, "/ui/opt-outs#words", t.optOuts.didSave);
  });

  return routes;
}

function jidOf({ pn, lid }: Addresses): string {
  return pn ?? lid ?? "";
}

/** Who it is, as people read it. */
export function shownOf(person: Addresses | OptOut): string {
  return jidShown(jidOf(person));
}

function settingsIn(form: Sent): OptOutSettings {
  const wordsIn = (name: string) =>
    form.asSent(name).split(/[\r\n]+/).map((word) => word.trim()).filter((word) => word !== "");
  const answerIn = (name: string) => {
    const text = form.asSent(name).replaceAll("\r\n", "\n").trim();
    return text === "" ? null : text;
  };
  return {
    stopWords: wordsIn("stopWords"),
    startWords: wordsIn("startWords"),
    stopAnswer: answerIn("stopAnswer"),
    startAnswer: answerIn("startAnswer"),
  };
}

function faultsOf(settings: OptOutSettings, { t }: Cx): Faults {
  const faults = new Map<string, string>();
  for (const field of ["stopWords", "startWords"] as const) {
    const wrong = settings[field].find((word) => plainWord(word) === "" || word.length > LONGEST_WORD);
    if (wrong !== undefined) faults.set(field, t.optOuts.wordWrong(wrong.slice(0, LONGEST_WORD)));
    if (settings[field].length > MOST_WORDS) faults.set(field, t.optOuts.wordsMany);
  }
  const both = wordOfBoth(settings);
  if (both !== undefined && !faults.has("startWords")) {
    faults.set("startWords", t.optOuts.wordOfBoth(both.slice(0, LONGEST_WORD)));
  }
  for (const field of ["stopAnswer", "startAnswer"] as const) {
    if ((settings[field] ?? "").length > MAX_ANSWER) faults.set(field, t.optOuts.answerLong);
  }
  return faults;
}

function valuesOfSettings(settings: OptOutSettings) {
  return {
    stopWords: settings.stopWords.join("\n"),
    startWords: settings.startWords.join("\n"),
    stopAnswer: settings.stopAnswer ?? "",
    startAnswer: settings.startAnswer ?? "",
  };
}
