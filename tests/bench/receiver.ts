// A receiver in a process of its own, as receivers usually are: node:http, answers every POST with 200 and counts.
// Paths that begin with /hang are never answered; paths that begin with /when note when each request came. Takes a port
// and an address as arguments, else any free port of 127.0.0.1, and prints the port. GET /count tells how many requests came, GET /when when: [[body, epoch ms], …].
import { createServer } from "node:http";
import { clockMs } from "./load.ts";

let count = 0;
let noted: [body: string, at: number][] = [];

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const path = request.url ?? "/";
  const at = clockMs();
  if (request.method === "GET") {
    response.end(JSON.stringify(path === "/count" ? { count } : noted));
    noted = [];
    return;
  }
  const chunks: Uint8Array[] = [];
  request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  request.on("end", () => {
    count++;
    if (path.startsWith("/hang")) return;
    if (path.startsWith("/when")) {
      noted.push([chunks.map((part) => new TextDecoder().decode(part)).join(""), at]);
    }
    response.end("ok");
  });
});
server.listen(Number(Deno.args[0] ?? 0), Deno.args[1] ?? "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address !== null ? address.port : 0);
});
