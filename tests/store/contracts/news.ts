import { assertEquals } from "@std/assert";
import { type Open, testing } from "./contract.ts";

export function newsContract(name: string, open: Open): void {
  const test = testing(`${name} news`, open);

  test("reach the listeners of their topic, in order, until these stop", async ({ news }) => {
    const heard: unknown[] = [];
    const stop = news.hear("devices", (id) => heard.push(id));
    const last = Promise.withResolvers<void>();
    news.hear("end", () => last.resolve());

    news.tell("devices", "device_1");
    news.tell("webhooks", "wh_1");
    news.tell("devices", "device_2");
    news.tell("end", "");
    await last.promise;
    stop();
    const afterwards = Promise.withResolvers<void>();
    news.hear("later", () => afterwards.resolve());
    news.tell("devices", "device_3");
    news.tell("later", "");
    await afterwards.promise;

    assertEquals(heard, ["device_1", "device_2"]);
  });

  test("are heard by the others when one listener fails", async ({ news }) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    news.hear("devices", () => {
      throw new Error("a mistake");
    });
    news.hear("devices", resolve);

    news.tell("devices", "device_1");

    assertEquals(await promise, "device_1");
  });
}
