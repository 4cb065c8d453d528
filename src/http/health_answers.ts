import { secondsOf } from "../spans.ts";
import { VERSION } from "../version.ts";

/** Whether the gateway can take work, and what it is that can or cannot: `{ db: true, … }`. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean | string | number>>;
}

export interface HealthDeps {
  readonly readiness: () => Promise<Readiness>;
  readonly startedAt: number;
  readonly now: () => number;
}

/** What those who watch the gateway are told. */
export function createHealthAnswers({ readiness, startedAt, now }: HealthDeps) {
  const uptimeMs = () => now() - startedAt;
  return {
    health: () => ({
      success: true as const,
      status: "alive" as const,
      timestamp: secondsOf(now()),
      uptime: secondsOf(uptimeMs()),
      version: VERSION,
    }),
    async ready() {
      const { ready, checks } = await readiness();
      return { status: ready ? 200 as const : 503 as const, body: { ...checks, ready } };
    },
    apiHealth: () => ({
      success: true as const,
      message: "Kabar is running",
      timestamp: new Date(now()).toISOString(),
      uptime: uptimeMs() / 1000,
      version: VERSION,
    }),
  };
}
