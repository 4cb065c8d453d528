import { assertEquals } from "@std/assert";
import { Hono } from "@hono/hono";
import type { UiEnv } from "../../src/dashboard/http/env.ts";
import { isFollowed, streamParts } from "../../src/dashboard/http/live.ts";

Deno.test("stream follows pages, and neither streams nor files in whatever way it is written", () => {
  const pages = ["/ui", "/ui?x=1", "/ui/", "/ui/webhooks/wh_1?ask=delete", "/ui/chats?chat=62811%40lid"];
  const others = [
    "/ui/live?page=%2Fui",
    "/ui/./live?page=%2Fui",
    "/ui/x/../live?page=%2Fui",
    "/ui/%2e%2e/ui/live?page=%2Fui",
    "/ui/%6Cive?page=%2Fui",
    "/ui//live/../../live",
    "/ui/../v1/webhooks",
    "//evil.example/ui",
    "/ui/a/ui.js",
    "/ui/media/device_a/3EB0",
    "/ui/deliveries.csv?span=month",
    "/ui/events.jsonl",
    "/ui/sign-out",
    "/ui/%ff",
    "/uix",
    "ui",
    "",
  ];

  assertEquals(pages.filter((path) => !isFollowed(path)), []);
  assertEquals(others.filter(isFollowed), []);
});

Deno.test("stream leaves a page as it is while it cannot be drawn, and goes on", async () => {
  const answers = [
    () => Promise.resolve(new Response("", { status: 503 })),
    () => Promise.reject(new Error("away")),
    () => Promise.resolve(new Response("", { status: 404 })),
  ];
  const page = () => answers.shift()?.() ?? Promise.reject(new Error("asked once more"));
  const app = new Hono<UiEnv>();
  app.get("/", (c) => {
    c.set("visit", { tenant: { id: "tnt_a" } } as UiEnv["Variables"]["visit"]);
    return streamParts(c, {
      onNews: () => () => {},
      stopping: new AbortController().signal,
      page,
      pulseMs: 0,
    }, "/ui");
  });

  const { body } = await app.request("/");
  let text = "";
  for await (const bytes of body!) {
    text += new TextDecoder().decode(bytes);
    if (text.includes("event:")) break;
  }

  assertEquals(text, ": open\n\n: not drawn\n\n: not drawn\n\nevent: moved\ndata: \n\n");
});
