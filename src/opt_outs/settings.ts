import type { Clock } from "../async/clock.ts";
import type { TenantId } from "../ids.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";
import { OPT_OUTS, type OptOuts, type OptOutSettings } from "../store/opt_outs.ts";
import { DEFAULT_SETTINGS, type Reading, readingOf } from "./words.ts";

/** What another gateway changed counts here after so long at the latest, should the news of it be lost. */
const MAX_AGE_MS = 60_000;

interface Known {
  readonly settings: OptOutSettings;
  readonly reading: Reading;
  readonly at: number;
}

/** Tenants' words, remembered: every incoming text is compared with them. */
export interface OptOutWords {
  /** At once where they are known. */
  of(tenantId: TenantId): Known | Promise<Known>;
  save(tenantId: TenantId, settings: OptOutSettings): Promise<void>;
  stop(): void;
}

export function createOptOutWords({ optOuts, news, clock }: {
  readonly optOuts: Pick<OptOuts, "settings" | "saveSettings">;
  readonly news: Pick<News, "hear" | "hearsOthers">;
  readonly clock: Pick<Clock, "now" | "every">;
}): OptOutWords {
  const known = new Map<TenantId, Known>();
  const { now } = clock;
  const stop = hearOrLook({ news, clock }, OPT_OUTS, (id) => {
    if (id === ANYTHING) known.clear();
    else known.delete(id);
  });

  async function read(tenantId: TenantId): Promise<Known> {
    const at = now();
    const settings = await optOuts.settings(tenantId) ?? DEFAULT_SETTINGS;
    const found = { settings, reading: readingOf(settings), at };
    known.set(tenantId, found);
    return found;
  }

  return {
    of(tenantId) {
      const found = known.get(tenantId);
      return found !== undefined && now() - found.at < MAX_AGE_MS ? found : read(tenantId);
    },
    async save(tenantId, settings) {
      await optOuts.saveSettings(tenantId, settings);
      known.delete(tenantId);
    },
    stop,
  };
}
