import { assertEquals } from "@std/assert";
import { isFollowed } from "../../src/dashboard/http/live.ts";

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
