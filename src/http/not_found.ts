import type { OpenAPIHono } from "@hono/zod-openapi";
import type { NotFoundHandler } from "@hono/hono";
import type { HttpEnv } from "./context.ts";
import { answerError, HttpError } from "./errors.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Answers what no route takes: a path that was mistyped with 404, and another method than a path has with 405. */
export function answerNotFound(app: () => OpenAPIHono<HttpEnv>): NotFoundHandler<HttpEnv> {
  return (c) => {
    const { method, path } = c.req;
    const allowed = METHODS.filter((other) => {
      const [found] = app().router.match(other, path);
      return found.some(([[, route]]) => route.method === other); // what is for every method is no route
    });
    if (allowed.length === 0) {
      const message = `Cannot find ${method} ${path}: /docs lists what exists`;
      return answerError(new HttpError(404, "NOT_FOUND", message), c);
    }
    const message = `Cannot ${method} ${path}: it takes ${allowed.join(", ")}`;
    return answerError(
      new HttpError(405, "METHOD_NOT_ALLOWED", message, { headers: { Allow: allowed.join(", ") } }),
      c,
    );
  };
}
