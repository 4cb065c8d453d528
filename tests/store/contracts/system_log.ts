import { assertEquals } from "@std/assert";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

export function systemLogContract(name: string, open: Open): void {
  const test = testing(`${name} system log`, open);

  const line = (message: string, createdAt = T0, level: "info" | "warn" = "info") => ({
    level,
    message,
    metadata: null,
    createdAt,
  });

  test("gives back what was written", async ({ systemLog }) => {
    await systemLog.write({
      level: "warn",
      message: "webhook failing",
      metadata: { failures: 3 },
      createdAt: T0,
    });

    const [found] = await systemLog.list({}, { limit: 1 });

    const { id, ...rest } = found;
    assertEquals(typeof id, "number");
    assertEquals(rest, {
      level: "warn",
      message: "webhook failing",
      metadata: { failures: 3 },
      createdAt: T0,
    });
  });

  test("keeps what comes by the hundred in its order", async ({ systemLog }) => {
    const lines = Array.from({ length: 77 }, (_, n) => ({
      level: n % 2 === 0 ? "info" as const : "warn" as const,
      message: `line ${n}`,
      metadata: n % 3 === 0 ? null : { n },
      createdAt: T0 + n,
    }));

    await Promise.all(lines.map((line) => systemLog.write(line)));

    const found = await systemLog.list({}, { limit: 100 });
    assertEquals(found.map(({ id: _, ...line }) => line), lines.toReversed());
  });

  test("lists what is older than a line, and what has a text in its message or facts", async ({ systemLog }) => {
    const write = (message: string, metadata: Record<string, unknown> | null) =>
      systemLog.write({ level: "warn", message, metadata, createdAt: T0 });
    await write("first", { requestId: "req_01ABC" });
    await write("Second", null);
    await write("third", { note: "of the second" });
    const messages = async (...parameters: Parameters<typeof systemLog.list>) =>
      (await systemLog.list(...parameters)).map(({ message }) => message);
    const [newest] = await systemLog.list({}, { limit: 1 });

    assertEquals(await messages({}, { limit: 9, before: newest.id }), ["Second", "first"]);
    assertEquals(await messages({ text: "req_01abc" }, { limit: 9 }), ["first"]);
    assertEquals(await messages({ text: "second" }, { limit: 9 }), ["third", "Second"]);
    assertEquals(await messages({ text: "second", level: "warn" }, { limit: 9, before: newest.id }), [
      "Second",
    ]);
    assertEquals(await messages({ text: "second", level: "error" }, { limit: 9 }), []);
    assertEquals(await messages({ text: "%" }, { limit: 9 }), []);
  });

  test("lists newest first, by level, page by page", async ({ systemLog }) => {
    await systemLog.write(line("a"));
    await systemLog.write(line("b", T0, "warn"));
    await systemLog.write(line("c"));
    const messages = async (...parameters: Parameters<typeof systemLog.list>) =>
      (await systemLog.list(...parameters)).map(({ message }) => message);

    assertEquals(await messages({}, { limit: 9 }), ["c", "b", "a"]);
    assertEquals(await messages({ level: "info" }, { limit: 9 }), ["c", "a"]);
    assertEquals(await messages({}, { limit: 1, offset: 1 }), ["b"]);
  });

  test("lists what is about a tenant, of a level and with a text too", async ({ systemLog }) => {
    await systemLog.write({ ...line("paused", T0, "warn"), tenantId: "tenant_a" });
    await systemLog.write({ ...line("completed"), tenantId: "tenant_a" });
    await systemLog.write({ ...line("of another"), tenantId: "tenant_b" });
    await systemLog.write(line("of nobody"));
    const messages = async (filter: Parameters<typeof systemLog.list>[0]) =>
      (await systemLog.list({ tenantId: "tenant_a", ...filter }, { limit: 9 })).map(({ message }) => message);

    assertEquals(await messages({}), ["completed", "paused"]);
    assertEquals(await messages({ level: "warn" }), ["paused"]);
    assertEquals(await messages({ text: "p" }), ["completed", "paused"]);
    assertEquals(await messages({ text: "another" }), []);
    assertEquals((await systemLog.list({}, { limit: 9 })).map(({ tenantId }) => tenantId), [
      undefined,
      "tenant_b",
      "tenant_a",
      "tenant_a",
    ]);
  });

  test("gives back one line, and keeps what it is amended with", async ({ systemLog }) => {
    await systemLog.write({ ...line("kept", T0, "warn"), metadata: { raw: "\ud83d halo \u0000" } });
    const [{ id }] = await systemLog.list({}, { limit: 1 });

    const before = await systemLog.get(id);
    await systemLog.amend(id, { ...before?.metadata, events: 1 });
    const after = await systemLog.get(id);

    assertEquals(before?.metadata, { raw: "\ud83d halo \u0000" });
    assertEquals(after, { ...before!, metadata: { raw: "\ud83d halo \u0000", events: 1 } });
    assertEquals(await systemLog.get(id + 1), undefined);
  });

  test("prunes what is old, the oldest first", async ({ systemLog }) => {
    for (const n of [1, 2, 3]) await systemLog.write(line(`${n}`, T0 + n));

    const removed = [await systemLog.prune(T0 + 3, 1), await systemLog.prune(T0 + 3, 9)];

    assertEquals(removed, [1, 1]);
    assertEquals((await systemLog.list({}, { limit: 9 })).map(({ message }) => message), ["3"]);
  });
}
