import { FROM_HEADER } from "../net/passed_gateways.ts";
import { createHealthAnswers, type HealthDeps } from "./health_answers.ts";
import { traceOf } from "./trace.ts";

/**
 * What is answered while the routes are not loaded yet, as the routes would: those who start a gateway wait for its
 * health alone. Gives undefined for all else.
 */
export function createFirstAnswers(deps: HealthDeps): (request: Request) => Promise<Response | undefined> {
  const { health, ready, apiHealth } = createHealthAnswers(deps);
  const answers: Readonly<Record<string, () => Promise<Response>>> = {
    "/health": () => Promise.resolve(Response.json(health())),
    async "/ready"() {
      const { body, status } = await ready();
      return Response.json(body, { status });
    },
    "/api/health": () => Promise.resolve(Response.json(apiHealth())),
  };
  return async ({ method, url, headers }) => {
    const path = new URL(url).pathname;
    if (method !== "GET" || !Object.hasOwn(answers, path) || headers.has(FROM_HEADER)) return undefined;
    const trace = traceOf({ method, path, given: headers.get("X-Request-Id") }, deps.now);
    const answer = await answers[path]();
    trace.answered(answer);
    return answer;
  };
}
