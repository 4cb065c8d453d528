import { assertEquals } from "@std/assert";
import { type Open, testing } from "./contract.ts";
import { aDevice } from "./samples.ts";

const PROXY = {
  url: "socks5://u:p@proxy.example:1080",
  address: "socks5://proxy.example:1080",
  hasCredentials: true,
};

export function deviceProxiesContract(name: string, open: Open): void {
  const test = testing(`${name} device proxies`, open);

  test("are given back, shown without secrets, replaced and taken away", async ({ devices, deviceProxies }) => {
    const [with_, without] = [aDevice(), aDevice()];
    await devices.create(with_);
    await devices.create(without);

    await deviceProxies.set(with_.id, { ...PROXY, url: "http://old.example" });
    await deviceProxies.set(with_.id, PROXY);
    const url = await deviceProxies.url(with_.id);
    const shown = await deviceProxies.shown([with_.id, without.id]);
    await deviceProxies.set(with_.id, null);

    assertEquals([url, await deviceProxies.url(without.id)], [PROXY.url, undefined]);
    assertEquals([...shown], [[with_.id, { address: PROXY.address, hasCredentials: true, error: null }]]);
    assertEquals(await deviceProxies.url(with_.id), undefined);
  });

  test("tell when an outage begins and ends, and no more", async ({ devices, deviceProxies }) => {
    const device = aDevice();
    await devices.create(device);
    const none = await deviceProxies.report(device.id, "gone");
    await deviceProxies.set(device.id, PROXY);

    const news = [];
    for (const error of [null, "gone", "gone", "refused", null, null]) {
      news.push(await deviceProxies.report(device.id, error));
    }

    assertEquals([none, ...news], [false, false, true, false, false, true, false]);
  });

  test("go with their device", async ({ devices, deviceProxies }) => {
    const device = aDevice();
    await devices.create(device);
    await deviceProxies.set(device.id, PROXY);

    await devices.remove(device.id);

    assertEquals(await deviceProxies.url(device.id), undefined);
  });
}
