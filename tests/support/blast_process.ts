// A process of its own that sends blasts, so that tests can kill it. Arguments: its folder, Qiscus' address, messages a
// second. Prints its own address when it is ready.
import { setUpBlasting } from "./blasting.ts";

const [folder, qiscusUrl, perSecond] = Deno.args;
const server = await setUpBlasting({
  folder,
  env: {
    APP_URL: "https://cb.example",
    QISCUS_BASE_URL: qiscusUrl,
    QISCUS_APP_ID: "app-1",
    QISCUS_SECRET_KEY: "key-1",
    QISCUS_CHANNEL_ID: "4711",
    BLAST_QISCUS_PER_SECOND: perSecond,
    BLAST_QISCUS_CONCURRENCY: "32",
  },
});
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, (request, { remoteAddr }) => server.app.fetch(request, { remoteAddr }));
