// A receiver in a process of its own: answers every POST with 200 as fast as it can and counts. Paths that begin with
// /hang are never answered. Prints its port; GET /count tells how many requests came.
let count = 0;

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
  const path = request.url.slice(request.url.indexOf("/", 8));
  if (path === "/count") return Response.json({ count });
  if (path.startsWith("/hang")) return new Promise<Response>(() => {});
  return request.arrayBuffer().then(() => {
    count++;
    return new Response("ok");
  });
});
console.log(server.addr.port);
