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

  test("prunes what is old, the oldest first", async ({ systemLog }) => {
    for (const n of [1, 2, 3]) await systemLog.write(line(`${n}`, T0 + n));

    const removed = [await systemLog.prune(T0 + 3, 1), await systemLog.prune(T0 + 3, 9)];

    assertEquals(removed, [1, 1]);
    assertEquals((await systemLog.list({}, { limit: 9 })).map(({ message }) => message), ["3"]);
  });
}
