// Devices' proxies against programs that others have written: microsocks and tinyproxy, where they are installed.
import { assertEquals } from "@std/assert";
import { mediaOf } from "../../src/events/content.ts";
import { freePort, isInstalled } from "../support/programs.ts";
import { until } from "../support/until.ts";
import { watched } from "../support/watched.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const USER = "kasir";
const PASSWORD = "rahasia";

interface PublicProxy {
  readonly scheme: "socks5" | "http";
  /** The arguments with which it listens on a port of loopback and asks for the password. */
  readonly args: (port: number, folder: string) => Promise<readonly string[]>;
}

const PROXIES: Readonly<Record<string, PublicProxy>> = {
  microsocks: {
    scheme: "socks5",
    args: (port) => Promise.resolve(["-i", "127.0.0.1", "-p", String(port), "-u", USER, "-P", PASSWORD]),
  },
  tinyproxy: {
    scheme: "http",
    async args(port, folder) {
      const config =
        `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth ${USER} ${PASSWORD}\nTimeout 600\n`;
      await Deno.writeTextFile(`${folder}/tinyproxy.conf`, config);
      return ["-d", "-c", `${folder}/tinyproxy.conf`];
    },
  },
};

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

for (const [program, { scheme, args }] of Object.entries(PROXIES)) {
  Deno.test({
    name: `a device sends and fetches everything through ${program}, and nothing without it`,
    ignore: !isInstalled(program),
    async fn() {
      const folder = await Deno.makeTempDir();
      const port = freePort();
      const command = new Deno.Command(program, {
        args: [...await args(port, folder)],
        stdout: "piped",
        stderr: "piped",
      });
      const running = watched(command.spawn());
      try {
        await until(() => takesConnections(port), `${program} listens`);
        await using gateway = await startWhatsAppGateway();
        const { id, phone } = await gateway.pair("kasir", {
          proxy: `${scheme}://${USER}:${PASSWORD}@127.0.0.1:${port}`,
        });
        const budi = gateway.simulator.contact(BUDI, "Budi");
        const form = new FormData();
        form.set("to", BUDI);
        form.set("file", new Blob([PNG], { type: "image/png" }), "menu.png");

        const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/image`, form);
        await budi.sendMedia(phone, "image", PNG, { mimetype: "image/png" });
        await until(
          async () => (await gateway.events("message.received")).length === 1,
          "the picture is there",
        );
        const [{ content }] = await gateway.events("message.received");
        const fetched = await gateway.ask("GET", `/v1/devices/${id}/media/${mediaOf(content)?.mediaId}`);
        const shown = async () => (await gateway.ask("GET", `/v1/devices/${id}`)).at("data.proxy.state");
        const whileThere = await shown();
        await running.kill();
        await until(async () => await shown() === "failed", "the proxy has failed");

        assertEquals([sent.status, fetched.status, fetched.bytes], [200, 200, PNG]);
        assertEquals([whileThere, gateway.simulator.connections.size], ["working", 0]);
      } finally {
        await running.kill();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
