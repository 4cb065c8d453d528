import { assertEquals } from "@std/assert";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { listen } from "../../src/listener/listen.ts";
import { loggedPath } from "../../src/listener/logged_path.ts";
import { until } from "../support/until.ts";

Deno.test("path in the log has no query, and nothing that opens a page", () => {
  const paths = [
    "/v1/devices?x=1",
    "/api/logs/stats?api_key=kbr_secret",
    "/pair/t0ken",
    "/pair/t0ken/code?x",
    "/",
  ];

  assertEquals(paths.map(loggedPath), ["/v1/devices", "/api/logs/stats", "/pair/…", "/pair/…", "/"]);
});

Deno.test("listener logs an answer that broke off without the key in its query", async () => {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { kept: (record) => records.push(record) },
    loggers: [{ category: ["kabar"], sinks: ["kept"] }, { category: ["logtape", "meta"], sinks: [] }],
  });
  const listener = await listen({
    hostname: "127.0.0.1",
    port: 0,
    handle: () => Promise.reject(new Error("the file is gone")),
    connections: { most: 10, mostOfOne: 10, isExempt: () => true },
    onDeaf: () => {},
  });
  try {
    await fetch(`http://127.0.0.1:${listener.port}/api/logs/stats?api_key=kbr_secret`).catch(() => {});
    const [{ properties }] = await until(() => records.length > 0 && records, "the line");

    assertEquals(properties, { path: "/api/logs/stats", error: "the file is gone" });
  } finally {
    const closed = listener.close();
    listener.end();
    await closed;
    await reset();
  }
});
