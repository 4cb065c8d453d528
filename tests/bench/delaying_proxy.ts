// A proxy in a process of its own. Takes a server's port and how long each piece is held back, ms; prints its port.
import { startTcpProxy } from "../support/tcp_proxy.ts";

const proxy = startTcpProxy(Number(Deno.args[0]));
proxy.delayMs = Number(Deno.args[1]);
console.log(proxy.port);
